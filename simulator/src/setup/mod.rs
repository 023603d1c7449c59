//! From the user's settings to a simulated API.

pub(crate) mod build;
pub(crate) mod overrides;
pub(crate) mod simulator;
