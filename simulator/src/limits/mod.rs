//! What a token may query, and how much.

pub(crate) mod permits;
pub(crate) mod rate_limit;
