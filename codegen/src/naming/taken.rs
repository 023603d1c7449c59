//! Names that generated code cannot give to anything else: what the crate and its modules have already. In: nothing but these lists; a test
//! reads the runtime's exports and compares, so that a new one is not forgotten.

/// Type names that a module has already: what it imports, the prelude, and its own fixed items.
pub(super) const TAKEN: &[&str] = &[
    "Access",
    "Api",
    "Array",
    "Box",
    "Call",
    "Clone",
    "Copy",
    "Coverage",
    "Date",
    "Debug",
    "Default",
    "Drop",
    "Endpoint",
    "EndpointInfo",
    "Eq",
    "Err",
    "Field",
    "FieldInfo",
    "Filter",
    "Filterable",
    "Format",
    "From",
    "HasInterval",
    "Hash",
    "Into",
    "Json",
    "JsonRow",
    "Label",
    "Map",
    "None",
    "Ok",
    "Option",
    "Ord",
    "Other",
    "PartialEq",
    "PartialOrd",
    "Provenance",
    "Record",
    "Records",
    "Report",
    "ReportInfo",
    "Result",
    "Self",
    "Send",
    "Setting",
    "Sized",
    "Some",
    "Statistics",
    "String",
    "Sync",
    "TimeRange",
    "Timeseries",
    "Timestamp",
    "Unlisted",
    "Vec",
];

/// Modules that the crate has already: its own, those of the runtime that it hands on, and the roots of paths.
pub(super) const MODULES: &[&str] =
    &["access", "alloc", "api", "blocking", "core", "endpoints", "interval", "jiff", "lib", "mod", "placewise_runtime", "std"];

/// Types that the crate has already beside [`TAKEN`]: its own, and those of the runtime that it hands on.
pub(super) const HANDED_ON: &[&str] = &[
    "ApiSpec",
    "Assumption",
    "AssumptionError",
    "Auto",
    "AutoInterval",
    "AutoStep",
    "BaseUrl",
    "Buckets",
    "CanFilter",
    "Cell",
    "Chart",
    "Client",
    "ClientBuilder",
    "ConfigurationError",
    "CustomerFilter",
    "CustomerGrammar",
    "Customers",
    "DecodeError",
    "Equatable",
    "Error",
    "ErrorBody",
    "ErrorName",
    "ErrorStatus",
    "FilterLanguage",
    "Header",
    "Headers",
    "Host",
    "Interval",
    "IntervalInfo",
    "Invalid",
    "JsonRecords",
    "JsonStatistics",
    "JsonTimeseries",
    "Key",
    "ListComparable",
    "LocalTime",
    "Mismatch",
    "Moment",
    "NonFinite",
    "Number",
    "OpenEnum",
    "Operand",
    "Operator",
    "Ordered",
    "OverrideAt",
    "Page",
    "Paged",
    "ParameterError",
    "Partial",
    "Period",
    "Query",
    "RangeError",
    "RangeProblem",
    "RateLimit",
    "RateLimitHeaders",
    "Reading",
    "RecordsFormat",
    "ReportingApi",
    "Response",
    "Rests",
    "RowReader",
    "RowWriter",
    "Rows",
    "Series",
    "StatisticsFormat",
    "StatusReply",
    "TimePoints",
    "TimeseriesFormat",
    "TimestampError",
    "Token",
    "TransportError",
    "TransportKind",
    "TypeWord",
    "Unit",
    "Value",
    "Warning",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Every name that the runtime exports, as its lib.rs says.
    fn exports(tree: &syn::UseTree, out: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => exports(&path.tree, out),
            syn::UseTree::Name(name) => out.push(name.ident.to_string()),
            syn::UseTree::Rename(rename) => out.push(rename.rename.to_string()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| exports(tree, out)),
            syn::UseTree::Glob(_) => panic!("a glob hides what is exported"),
        }
    }

    #[test]
    fn no_export_of_the_runtime_is_forgotten() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime/src/lib.rs");
        let source = std::fs::read_to_string(path).expect("the runtime is there");
        let file = syn::parse_file(&source).expect("Rust");
        let mut names = Vec::new();
        for item in &file.items {
            match item {
                syn::Item::Use(item) if matches!(item.vis, syn::Visibility::Public(_)) => exports(&item.tree, &mut names),
                syn::Item::Mod(item) if matches!(item.vis, syn::Visibility::Public(_)) => names.push(item.ident.to_string()),
                _ => {}
            }
        }
        assert!(names.len() > 50, "{names:?}");
        // Functions share a name with no type and no module; `__private` is no name that a report can get.
        const FUNCTIONS: [&str; 1] = ["field"];
        let known = |name: &str| {
            TAKEN.contains(&name) || HANDED_ON.contains(&name) || MODULES.contains(&name) || FUNCTIONS.contains(&name)
        };
        let forgotten: Vec<_> = names.iter().filter(|name| !known(name) && *name != "__private").collect();
        assert!(forgotten.is_empty(), "add to the lists of naming/taken.rs: {forgotten:?}");
        let own = ["Host", "ReportingApi"];
        let stale: Vec<_> =
            HANDED_ON.iter().filter(|name| !own.contains(name) && !names.iter().any(|export| export == *name)).collect();
        assert!(stale.is_empty(), "the runtime does not export these any more: {stale:?}");
    }
}
