//! Rule: examples and tables agree, or a quirk says where they do not. Examples become tests of the client, so an unnoticed contradiction
//! would be a client that fails on the documented response.

mod checker;
mod request;
mod rows;
mod rule;
mod series;
mod values;

pub(crate) use rule::{RULE, judge_examples};
