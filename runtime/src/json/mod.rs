//! JSON read in place and written again, without a tree in between. Nothing the server sent gets lost silently.

pub(crate) mod context;

pub(crate) mod exact;
pub(crate) mod map;
pub(crate) mod misfit;
pub(crate) mod mismatch;
pub(crate) mod number;
pub(crate) mod object;
pub(crate) mod open_enum;
pub(crate) mod raw_row;
pub(crate) mod reader;
pub(crate) mod scan;
pub(crate) mod short_text;
pub(crate) mod text;
pub(crate) mod times;
pub(crate) mod value;
pub(crate) mod value_ref;
