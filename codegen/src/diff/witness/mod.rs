//! Programs that send the smallest request which meets a change. Compiled against the old crate, they succeed with the old API and fail with
//! the new one.
//!
//! Floors, from the ground up:
//!
//! 1. `program`: the frame, and queries
//! 2. `requests`: names, keys and values
//! 3. `limits`: costs, permits and limits

mod limits;
mod program;
mod requests;

pub(super) use limits::{cost, limit, permit, retention};
pub(super) use requests::{
    aggregation, any_query, customers, endpoint, filter, filter_key, format_query, interval, operator_name, rate_header,
    request_key, response_key, rows, with_header, without_header,
};
