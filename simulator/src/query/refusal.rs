//! Why the API refuses a request.

use placewise_model::ErrorName;

use crate::limits::rate_limit::Charge;
use crate::query::faults::Faults;

/// Why a request is refused.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// A named error and its message.
    Error(ErrorName, String),
    /// The body is not a JSON object, and why. The documented reply has an empty body.
    NotJson(String),
    /// The endpoint has other methods: these.
    Method(String),
    /// The body is too large for the simulator. Undocumented; the status is that of HTTP.
    TooLarge,
    /// Parameters are invalid.
    Invalid(Faults),
    /// The token bucket is empty.
    RateLimited(Charge),
}
