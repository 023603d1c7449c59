//! Names that generated code cannot give to anything else. A test compares the lists with the runtime's exports.

/// Types that every generated module has: its imports, the prelude and its own fixed items.
#[rustfmt::skip]
pub(super) const IN_MODULES: &[&str] = &[
    "Access", "Adds", "Api", "Array", "Box", "Call", "Clone", "Copy", "Coverage", "DataLag", "Date", "Debug", "Default", "Drop", "Endpoint",
    "EndpointInfo", "Eq", "Err", "Field", "Filter", "Format", "From", "FromObject", "HasInterval", "Hash", "Into",
    "IntoTimeRange", "Json", "JsonRow", "Label", "Map", "None", "Ok", "Option", "Ord", "Other", "PartialEq", "PartialOrd",
    "Period", "Provenance", "Records", "Report", "ReportSpec", "Result", "Row", "Self", "Send", "Setting", "Sized", "Some", "Statistics", "String",
    "Sync", "Text", "TimeRange", "Timeseries", "Timestamp", "Unlisted", "Vec",
];

/// What the generated crate re-exports of the runtime: names that its users write.
#[rustfmt::skip]
pub const REEXPORTED: &[&str] = &[
    "Adds", "AggregationInfo", "AnyApi", "AnyReport", "Api", "ApiClient", "ApiSpec", "AssumedValues", "Assumption", "AssumptionError",
    "Auto", "BaseUrl", "BucketState", "Buckets", "Call", "Chart", "Charted", "ClientBuilder", "Comparison", "ConfigurationError",
    "ConfigurationProblem", "Coverage", "CustomerFilter", "Customers", "DataLag", "Date", "DecodeError", "Endpoint", "EndpointInfo",
    "Error", "Field", "FieldInfo", "Filter", "Filterability", "FlatPoint", "FlatRow", "Format", "FromObject", "GaveUp", "HasInterval",
    "History", "HistoryChart", "HistoryPart", "HistoryQuery", "HttpRequest", "HttpResponse", "Interval", "IntervalInfo", "IntoTimeRange", "Invalid",
    "Json", "JsonRecords", "JsonRow", "JsonStatistics", "JsonTimeseries", "LocalInstant", "LocalTime", "Map", "Meta", "Misfit",
    "Misfits", "MissingRange", "Moment", "NextPage", "Number", "Operand", "Other", "OverrideAt", "Page", "Paged", "ParameterError",
    "PartialHistory", "PartialRows", "Period", "Point", "Provenance", "Query", "QueryPart", "RangeError", "RangeProblem", "RateLimit",
    "RateLimiter", "RawRow", "Records", "Registry", "Report", "ReportInfo", "ReportQuery", "Response", "RetryPolicy", "Rows", "Sending",
    "Series", "Shortage", "StaticApi", "Statistics", "StatusReply", "Text", "TimeRange", "Timeseries", "Timestamp", "TimestampError", "Token",
    "Transport", "TransportError", "TransportFault", "TransportKind", "Unit", "UnlistedValue", "Unmerged", "ValueInfo", "Warning",
    "WireRow", "ZoneSource", "access", "jiff", "object", "reqwest",
];

/// Those of them that come from other crates, whose documentation is not repeated.
pub const FOREIGN: [&str; 4] = ["Date", "Json", "jiff", "reqwest"];

/// Types that the generated crate defines at its root.
pub(super) const OWN: &[&str] = &["Client", "Host", "ReportingApi"];

/// Modules at the root of the generated crate: its own, the runtime's that it re-exports, and the roots of paths.
#[rustfmt::skip]
pub(super) const MODULES: &[&str] = &[
    "access", "alloc", "api", "blocking", "core", "endpoints", "interval", "jiff", "lib", "mod", "placewise_runtime", "reqwest", "std",
];

/// Whether Windows keeps a name for a device: no file may have it, with any extension.
pub fn is_device_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let numbered = name.strip_prefix("com").or_else(|| name.strip_prefix("lpt"));
    matches!(name.as_str(), "con" | "prn" | "aux" | "nul")
        || numbered.is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']))
}

#[cfg(test)]
mod tests {
    use syn::{Item, UseTree, Visibility};

    use super::*;

    fn collect(tree: &UseTree, out: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => collect(&path.tree, out),
            UseTree::Name(name) => out.push(name.ident.to_string()),
            UseTree::Rename(rename) => out.push(rename.rename.to_string()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| collect(tree, out)),
            UseTree::Glob(_) => panic!("a glob hides what is exported"),
        }
    }

    /// The public names at the runtime's root, and those of its hidden module.
    fn exports() -> (Vec<String>, Vec<String>) {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime/src/lib.rs");
        let file = syn::parse_file(&std::fs::read_to_string(path).expect("readable")).expect("Rust");
        let public = |items: &[Item]| {
            let mut names = Vec::new();
            for item in items {
                match item {
                    Item::Use(item) if matches!(item.vis, Visibility::Public(_)) => collect(&item.tree, &mut names),
                    _ => {}
                }
            }
            names
        };
        let hidden = file.items.iter().find_map(|item| match item {
            Item::Mod(module) if module.ident == "machinery" => module.content.as_ref().map(|(_, items)| public(items)),
            _ => None,
        });
        (public(&file.items), hidden.expect("the module `machinery`"))
    }

    #[test]
    fn the_generated_crate_reexports_what_the_runtime_shows() {
        let (mut shown, _) = exports();
        // The generated crate has a module `blocking` of its own, and the macro has no `use` in the runtime.
        shown.retain(|name| name != "blocking");
        shown.push("object".into());
        shown.sort();
        assert_eq!(shown, REEXPORTED);
    }

    #[test]
    fn no_import_of_a_generated_module_can_be_a_name_of_the_spec() {
        let (_, hidden) = exports();
        let types = hidden.iter().filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()));
        let free: Vec<_> =
            types.filter(|name| !IN_MODULES.contains(&name.as_str()) && !PLATFORM.contains(&name.as_str())).collect();
        assert!(free.is_empty(), "add what report modules import to naming/reserved.rs: {free:?}");
    }

    /// What only the macros and the platform module name.
    #[rustfmt::skip]
    const PLATFORM: &[&str] = &[
        "ApiClient", "ApiSpec", "Assumption", "Auto", "AutoInterval", "AutoStep", "BaseUrl", "CanFilter", "CustomerGrammar",
        "DecodeContext", "Deserialize", "Deserializer", "Equatable", "ErrorBody", "ErrorName", "ErrorStatus",
        "FilterLanguage", "FlatRow", "Header", "Headers", "Interval", "IntervalInfo", "Key", "ListComparable", "Mismatch",
        "ObjectReader", "ObjectRef", "OpenEnum", "Operator", "Ordered", "OverrideAt",
        "RateLimitHeaders", "Reader", "RecordsFormat", "Serialize", "Serializer", "StaticApi", "StatisticsFormat", "TimePoints",
        "TimeseriesFormat", "UnlistedValue", "Value", "ValueRef", "WireRow",
    ];
}
