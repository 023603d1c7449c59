//! stub
pub mod finding;
