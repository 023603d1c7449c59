//! What a user of the packaged crates does with rows, names, enums and a shared client.

mod common;
mod enums;
mod formats;
mod json;
mod registry;
mod service;
mod tables;
