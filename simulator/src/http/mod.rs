//! Serving the simulated API over HTTP.

pub(crate) mod server;
mod wire;
