//! Simulates a reporting API from its [`Model`].
//!
//! [`Simulator::build`] returns the API as a function from a [`Request`] to a [`Reply`]; `Simulator::start` (feature `http`, on by
//! default) serves it on a loopback port. Rows are generated from the fields or provided by the user; timeseries count events derived from
//! those rows, so the two agree.
//!
//! The simulator shares no code with the client: each is an independent reading of the same spec and tests the other. It knows no
//! particular report. Comments mark its choices as "undocumented" where the documentation is silent; override those that the model
//! names as assumptions with [`Simulator::assume`].
//!
//! Floors, from the ground up:
//!
//! 1. `excerpt`, `random`, `typed_value`, `time_buckets`: one file each, independent of the floors above
//! 2. `faults`: fault plans and their account
//! 3. `start_error`: why a simulator does not start
//! 4. `data`: rows and events, generated, derived or provided
//! 5. `limits`: permits and the rate limit
//! 6. `query`: reading customers, filters and queries from a request, and refusing them
//! 7. `charts`: timeseries queries and their series
//! 8. `api`: a request in, a reply out
//! 9. `setup`: the builder
//! 10. `http`: the server
#![warn(missing_docs)]

mod api;
mod charts;
mod data;
mod excerpt;
mod faults;
#[cfg(feature = "http")]
mod http;
mod limits;
mod query;
mod random;
mod setup;
mod start_error;
mod time_buckets;
mod typed_value;

pub use api::reply::{Reply, Returned};
pub use api::request::Request;
pub use api::request_log::RecordedRequest;
pub use api::simulated_api::SimulatedApi;
pub use faults::account::{FaultAccount, UnmetFaults};
pub use faults::delivery::Delivery;
pub use faults::error::FaultPlanError;
pub use faults::plan::{
    Cut, CutHow, CutOf, Effect, Encoding, EndlessRows, Fault, FaultPlan, FixedReply, Giant, GiantPart, Matching, Next,
    PagePosition, RetryAfter, SetValue, SlowBody,
};
#[cfg(feature = "http")]
pub use http::server::Server;
pub use limits::permits::Permits;
pub use limits::rate_limit::ManualClock;
pub use setup::simulator::Simulator;
pub use start_error::{DataProblem, StartError};

pub use jiff::Timestamp;
pub use placewise_model::{ErrorName, Format, Model};
pub use serde_json::Value as Json;

/// Compiles the snippets of the README.
#[cfg(all(doctest, feature = "http"))]
#[doc = include_str!("../README.md")]
struct Readme;
