//! Queries as plain values, and the only printer of them: JSON body, curl, Rust and command line.
//!
//! Pages, help texts, messages and generated tests show a query through [`Query`], so the forms always agree.

mod body;
mod command;
mod curl;
mod example;
mod infix;
mod rust;

pub use body::Query;
pub use command::shell_option;
pub use curl::Target;
pub use rust::{RustNames, rust_method, rust_operator};
