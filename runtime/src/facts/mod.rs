//! The facts of one API as constants. Generated code fills them in; this crate knows nothing else about any API.

pub(crate) mod api;
pub(crate) mod endpoint;
pub(crate) mod formats;
pub(crate) mod key;
pub(crate) mod metric;
pub(crate) mod report;
pub(crate) mod setting;
pub(crate) mod vocabulary;
