//! Rust code: a module per report, one for the platform, one for endpoints, `lib.rs`, and the examples as tests.

mod ast;
mod docs;
mod endpoints;
mod examples;
mod formats;
mod marker;
mod pieces;
mod platform;
mod report;
mod spec;
mod types;

pub(super) use examples::examples;
pub(super) use platform::platform;

use placewise_model::{Model, Report};

use super::banner::{banner, spec_path};

/// The module of one report.
pub(super) fn report(model: &Model, report: &Report) -> String {
    pieces::print(&banner(&spec_path(report)), report::module(model, report))
}
