//! What the program says about reports, profiles and a connection, on the invented harbour.

mod completions;
mod doctor;
mod profiles;
mod reports;
#[path = "../query/support.rs"]
#[allow(dead_code, reason = "every test uses its own part")]
mod support;
