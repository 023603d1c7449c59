//! The pages that are not about one report.

use placewise_model::Model;

use super::{assumptions_page, coverage_page, endpoints_page, filters_page, formats_page, index_page, platform_page};

/// Path and text of each page.
pub(in crate::emit) fn pages(model: &Model) -> Vec<(String, String)> {
    vec![
        ("docs/README.md".into(), index_page::page(model)),
        ("docs/platform.md".into(), platform_page::page(model)),
        ("docs/filters.md".into(), filters_page::page(model)),
        ("docs/formats.md".into(), formats_page::page(model)),
        ("docs/endpoints.md".into(), endpoints_page::page(model)),
        ("docs/coverage.md".into(), coverage_page::page(model)),
        ("docs/assumptions.md".into(), assumptions_page::page(model)),
    ]
}
