//! `placewise query` and `placewise plan` as an analyst runs them, on the invented harbour: no report is known to the program.

mod answers;
mod charts;
mod columnar;
mod files;
mod limiter;
mod scripted;
mod support;
