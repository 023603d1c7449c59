//! What the generated tests of the documentation's examples call. In come the crate's own API, queries and the JSON of examples; each helper
//! sends a request over a socket and compares what went over the wire, or hands an answer to the client and compares what it writes back.

pub use placewise_reporting as api;

#[path = "exchange.rs"]
mod exchange;
pub use exchange::{chart, request, request_contains, rows, value};
