//! The Rust name of each thing in the spec. Two wire names may get the same Rust name; a rule reports that.

mod defined_types;
mod identifiers;
mod items;
mod query_names;
mod reserved;

pub use defined_types::{Defined, LABEL, ROW, defined, defined_in, defined_name};
pub use identifiers::{constant, field, type_name, value, variant};
pub use items::{EndpointNames, ReportNames, aggregation, endpoint, interval, report, test};
pub use query_names::QueryNames;
pub use reserved::{FOREIGN, REEXPORTED, is_device_name};
