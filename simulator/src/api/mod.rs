//! The simulated API: a request in, a reply out. No HTTP library is involved.

pub(crate) mod endpoint_request;
pub(crate) mod faulty_reply;
pub(crate) mod headers;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod request_log;
pub(crate) mod route;
pub(crate) mod simulated_api;
