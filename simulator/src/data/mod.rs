//! Rows and events of every report: generated, derived from another report, or provided by the user.

pub(crate) mod aggregate;
pub(crate) mod counting_modes;
pub(crate) mod derive_rows;
pub(crate) mod events;
pub(crate) mod field_roles;
pub(crate) mod generate_rows;
pub(crate) mod given_rows;
pub(crate) mod json_rows;
pub(crate) mod relations;
pub(crate) mod report_data;
pub(crate) mod row;
pub(crate) mod simulate_sources;
pub(crate) mod time_ranges;
