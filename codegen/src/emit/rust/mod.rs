//! Rust code: a module per report, one for the platform, one for endpoints, `lib.rs`, and the examples as tests.

mod api_spec;
mod ast;
mod endpoints_module;
mod example_tests;
mod format_facts;
mod lib_and_api;
mod marker;
mod pieces;
mod report_module;
mod rustdoc;
mod structs_and_enums;

pub(crate) use endpoints_module::own as own_endpoints;
pub(super) use example_tests::examples;
pub(super) use lib_and_api::platform;
pub(crate) use marker::{has_row, has_rows};

use placewise_model::{Model, Report};

use super::banner::{banner, spec_path};

/// The module of one report.
pub(super) fn report(model: &Model, report: &Report) -> String {
    pieces::print(&banner(&spec_path(report)), report_module::module(model, report))
}
