//! A program with one group of reports and without TLS.
