//! Names that generated code cannot give to anything else. A test compares the lists with the runtime's exports.

/// Types that every generated module has: its imports, the prelude and its own fixed items.
#[rustfmt::skip]
pub(super) const IN_MODULES: &[&str] = &[
    "Access", "Api", "Array", "Box", "Call", "Clone", "Copy", "Coverage", "Date", "Debug", "Default", "Drop", "Endpoint",
    "EndpointInfo", "Eq", "Err", "Field", "FieldInfo", "Filter", "Filterability", "Format", "From", "FromObject",
    "HasInterval", "Hash", "Into", "Json", "JsonRow", "Label", "Map", "None", "Ok", "Option", "Ord", "Other", "PartialEq",
    "PartialOrd", "Provenance", "Records", "Report", "ReportInfo", "Result", "Row", "Self", "Send", "Setting", "Sized",
    "Some", "Statistics", "String", "Sync", "TimeRange", "Timeseries", "Timestamp", "Unlisted", "Vec",
];

/// Further types at the root of the generated crate: its own, and the runtime's that it re-exports.
#[rustfmt::skip]
pub(super) const IN_CRATE: &[&str] = &[
    "AnyReport", "ApiSpec", "AssumedValues", "Assumption", "AssumptionError", "Auto", "AutoInterval", "AutoStep", "BaseUrl",
    "Buckets", "CanFilter", "Chart", "Client", "ClientBuilder", "ConfigurationError", "CustomerFilter", "CustomerGrammar",
    "Customers", "DecodeContext", "DecodeError", "Equatable", "Error", "ErrorBody", "ErrorName", "ErrorStatus",
    "FilterLanguage", "Header", "Headers", "Host", "Interval", "IntervalInfo", "Invalid", "JsonRecords", "JsonStatistics",
    "JsonTimeseries", "Key", "ListComparable", "LocalTime", "Mismatch", "Moment", "NextPage", "NonFinite", "Number",
    "ObjectReader", "ObjectWriter", "OpenEnum", "Operand", "Operator", "Ordered", "OverrideAt", "Page", "Paged",
    "ParameterError", "PartialRows", "Period", "Query", "RangeError", "RangeProblem", "RateLimit", "RateLimitHeaders",
    "RecordsFormat", "ReportQuery", "ReportingApi", "Response", "Rows", "Series", "StatisticsFormat", "StatusReply",
    "TimePoints", "TimeseriesFormat", "TimestampError", "Token", "TransportError", "TransportKind", "TypeWord", "Unit",
    "Value", "ValueRef", "Warning",
];

/// Modules and functions at the root of the generated crate: its own, the runtime's that it re-exports, and the roots of paths.
#[rustfmt::skip]
pub(super) const MODULES: &[&str] = &[
    "access", "alloc", "api", "blocking", "core", "endpoints", "interval", "jiff", "lib", "mod", "placewise_runtime", "std",
];

#[cfg(test)]
mod tests {
    use syn::{Item, UseTree, Visibility};

    use super::*;

    /// Names that the generated crate defines itself.
    const OWN: [&str; 2] = ["Host", "ReportingApi"];

    fn collect(tree: &UseTree, out: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => collect(&path.tree, out),
            UseTree::Name(name) => out.push(name.ident.to_string()),
            UseTree::Rename(rename) => out.push(rename.rename.to_string()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| collect(tree, out)),
            UseTree::Glob(_) => panic!("a glob hides what is exported"),
        }
    }

    /// The public names at the runtime's root, except macros, which have a namespace of their own.
    fn exports() -> Vec<String> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime/src/lib.rs");
        let file = syn::parse_file(&std::fs::read_to_string(path).expect("readable")).expect("Rust");
        let mut names = Vec::new();
        for item in &file.items {
            match item {
                Item::Use(item) if matches!(item.vis, Visibility::Public(_)) => collect(&item.tree, &mut names),
                Item::Mod(item) if matches!(item.vis, Visibility::Public(_)) => names.push(item.ident.to_string()),
                _ => {}
            }
        }
        names.retain(|name| name != "__private");
        names
    }

    #[test]
    fn the_lists_hold_what_the_runtime_exports() {
        let exports = exports();
        assert!(exports.len() > 50, "{exports:?}");
        let reserved = |name: &str| [IN_MODULES, IN_CRATE, MODULES].iter().any(|list| list.contains(&name));
        let missing: Vec<_> = exports.iter().filter(|name| !reserved(name)).collect();
        assert!(missing.is_empty(), "add these exports of the runtime to naming/reserved.rs: {missing:?}");
        let stale: Vec<_> =
            IN_CRATE.iter().filter(|name| !OWN.contains(name) && exports.iter().all(|export| export != *name)).collect();
        assert!(stale.is_empty(), "remove these from naming/reserved.rs; the runtime does not export them: {stale:?}");
    }
}
