//! The helpers that the generated tests of documented examples call.

pub use placewise_reporting as api;

#[path = "exchange.rs"]
mod exchange;
pub use exchange::{Outcome, chart, request, request_contains, rows, value};
