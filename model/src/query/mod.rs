//! Queries as plain values, and the only printer of them: JSON body, curl and Rust.
//!
//! Pages, help texts and messages show a query through [`Query`], so the three forms always agree.

mod curl;
mod example;
mod filter;
mod printed;
mod rust;

pub use curl::Target;
pub use filter::{Comparison, Filter};
pub use printed::Query;
pub use rust::{RustNames, rust_method, rust_operator};
