//! Names of reports, endpoints, aggregations, intervals and tests.

use heck::{ToSnakeCase, ToUpperCamelCase};
use placewise_model::{Aggregation, Period, Report};

use super::identifiers::{ascii, is_keyword, lead};
use super::reserved::{IN_MODULES, MODULES, OWN, REEXPORTED, is_device_name};

/// The Rust names of a report.
pub struct ReportNames {
    /// The module and its file: `sendings`.
    pub module: String,
    /// The marker type: `Sendings`.
    pub marker: String,
}

/// The Rust names of a report, from the name that the spec gives or from the wire name. Both are `[a-z][a-z0-9_]*`.
pub fn report(report: &Report) -> ReportNames {
    let name = report.rust_name.as_ref().unwrap_or(&report.name);
    let module = match name.to_snake_case() {
        name if MODULES.contains(&name.as_str()) || is_keyword(&name) || is_device_name(&name) => format!("{name}_report"),
        name => name,
    };
    let marker = match lead(name.to_upper_camel_case(), "Unnamed") {
        name if [IN_MODULES, REEXPORTED, OWN].iter().any(|list| list.contains(&name.as_str())) => format!("{name}Report"),
        name => name,
    };
    ReportNames { module, marker }
}

/// The Rust names of an endpoint.
pub struct EndpointNames {
    /// The marker type: `ListPlaces`.
    pub marker: String,
    /// The request struct, if its keys are known.
    pub request: String,
    /// The reply struct, if its keys are known.
    pub reply: String,
}

/// The Rust names of an endpoint, in the module of all endpoints. A rule restricts endpoint names to `[a-z][a-z0-9_]*`.
pub fn endpoint(name: &str) -> EndpointNames {
    let bare = lead(ascii(name).to_upper_camel_case(), "Unnamed");
    let marker = if IN_MODULES.contains(&bare.as_str()) { format!("{bare}Endpoint") } else { bare };
    EndpointNames { request: format!("{marker}Request"), reply: format!("{marker}Reply"), marker }
}

/// The type of an interval, named after its bucket length: `Minutes5`, `Hour`.
pub fn interval(bucket_length: Period) -> String {
    let unit = bucket_length.unit.word().to_upper_camel_case();
    if bucket_length.count == 1 { unit } else { format!("{unit}s{}", bucket_length.count) }
}

/// The test function of an example. The number distinguishes examples with equal names.
pub fn test(index: usize, name: &str, what: &str) -> String {
    let words = ascii(name).to_snake_case();
    let words: String = words.chars().take(60).collect();
    format!("example_{}_{}_{what}", index + 1, lead(words, "unnamed").trim_start_matches('_'))
}

/// The struct of an aggregation's rows or labels, `ByCampaignId`, and the method that requests them, `by_campaign_id`.
pub fn aggregation(aggregation: &Aggregation) -> (String, String) {
    let name = aggregation.rust_name.as_ref().unwrap_or(&aggregation.name);
    let bare = ascii(name.strip_prefix("by_").unwrap_or(name));
    (
        format!("By{}", lead(bare.to_upper_camel_case(), "Unnamed").trim_start_matches('_')),
        format!("by_{}", lead(bare.to_snake_case(), "unnamed").trim_start_matches('_')),
    )
}
