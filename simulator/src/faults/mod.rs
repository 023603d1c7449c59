//! Ordered faults: the plan, the account of what became of it, and what a fault does to a reply.
//!
//! Errors of a request's own parameters are another thing: `query::faults`.

pub(crate) mod account;
pub(crate) mod delivery;
pub(crate) mod edit;
pub(crate) mod error;
pub(crate) mod plan;
pub(crate) mod random_plan;
