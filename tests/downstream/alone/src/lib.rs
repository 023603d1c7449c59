//! Empty: the tests are what there is.
