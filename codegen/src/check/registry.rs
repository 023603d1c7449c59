//! The list of all rules.

use super::rule::Rule;
use super::rules::{
    additivity, coverage, descriptions, endpoints, examples, formats, groups, headers_and_limits, keys_of_other_formats,
    nested_keys, nulls, permits, platform, quirks, references, relations, report_files, rust_names, simulate, sources, values,
};

/// All rules.
pub const RULES: &[Rule] = &[
    additivity::RULE,
    descriptions::RULE,
    descriptions::ENDPOINTS,
    descriptions::PLATFORM,
    coverage::RULE,
    endpoints::RULE,
    keys_of_other_formats::RULE,
    formats::RULE,
    groups::RULE,
    headers_and_limits::RULE,
    nested_keys::RULE,
    nested_keys::ENDPOINTS,
    nulls::RULE,
    nulls::TYPES,
    permits::RULE,
    report_files::RULE,
    platform::RULE,
    quirks::RULE,
    references::RULE,
    relations::RULE,
    rust_names::RULE,
    rust_names::ENDPOINTS,
    examples::RULE,
    simulate::RULE,
    sources::RULE,
    values::RULE,
    values::ENDPOINTS,
];
