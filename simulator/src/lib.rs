//! An in-process HTTP server that behaves as the description of a reporting API says. In comes a [`Model`](placewise_model::Model);
//! out comes a server on a loopback port that checks requests, filters, aggregates, pages and limits as the model tells, over rows
//! that are made up from the fields or brought by the user. Timeseries count events that come from such rows, so that they agree
//! with them. What endpoints answer whose replies no page shows, the user gives.
//!
//! It shares no code with the client: the two are independent readings of one description, and each is a test of the other. Nothing
//! about a particular report stands here. Where the documentation is silent the server must still do something; each such choice
//! is marked in the code as not documented, and where the model names it as an assumption it can be turned with
//! [`Simulator::assume`].
#![warn(missing_docs)]

mod access;
mod aggregate;
mod answers;
mod body;
mod builder;
mod customers;
mod data;
mod error;
mod filter;
mod filter_read;
mod generate;
mod invalid;
mod limit;
mod page;
mod prepare;
mod query;
mod random;
mod reply;
mod request;
mod route;
mod row;
mod server;
mod service;
mod settings;
mod tables;
mod timeseries;
mod value;

pub use access::Permits;
pub use builder::Simulator;
pub use error::{DataProblem, StartError};
pub use limit::ManualClock;
pub use server::{Asked, Server};
