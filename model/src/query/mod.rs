//! Queries as plain values, and the only printer of them: JSON body, curl and Rust.
//!
//! Pages, help texts, messages and generated tests show a query through [`Query`], so the three forms always agree.

mod body;
mod curl;
mod example;
mod rust;

pub use body::Query;
pub use curl::Target;
pub use rust::{RustNames, rust_method, rust_operator};
