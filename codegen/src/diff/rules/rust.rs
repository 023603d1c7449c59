//! What breaks Rust users. A rule here claims a difference only if the crate lost an item by it: `surface` knows.

use super::pairs::{NULLABILITY, READ_FIELDS, is_removed, loses};
use crate::diff::change::Class::Rust;
use crate::diff::rule::{ANY, CHANGED, ONE_SIDED, REMOVED, Rule};

pub(super) const SIGNATURE: Rule = Rule::new("signature", Rust, CHANGED, &[]).says(
    "the crate's items for {it} are gone or have other types",
    "Items of the crate changed by what differs elsewhere, such as two names that would collide.",
);

pub(super) static RULES: &[Rule] = &[
    Rule::new("report-removed", Rust, REMOVED, &["reports/*"])
        .mirror("report-added")
        .says("{it} is gone", "Its type and its module are gone from the crate."),
    Rule::new("report-format", Rust, CHANGED, &["reports/*/format"])
        .says("{it} has the format {new} instead of {old}", "Each format has queries and rows of its own."),
    Rule::new("report-group", Rust, CHANGED, &["reports/*/group"])
        .when(|_| true)
        .not_shown("features are named in Cargo.toml, not in a program")
        .says("{it} is under the feature {new} instead of {old}", "A program that enables features one by one lacks the report."),
    Rule::new("group-removed", Rust, REMOVED, &["api/groups/*"])
        .when(|_| true)
        .mirror("group-added")
        .not_shown("features are named in Cargo.toml, not in a program")
        .says("{it} is gone", "Cargo rejects a dependency that enables a feature which does not exist."),
    Rule::new("rust-name", Rust, ANY, &["reports/**/name"])
        .says("the name in code of {it} changes from {old} to {new}", "Only the Rust name differs. Nothing changes on the wire."),
    Rule::new("field-removed", Rust, REMOVED, READ_FIELDS)
        .mirror("field-added")
        .says("{it} is gone", "The member of the struct and the constant for filters are gone."),
    Rule::new("field-type", Rust, CHANGED, &["reports/**/type", "endpoints/**/type"])
        .says("{it} is {new} instead of {old}", "The member of the struct and the constant for filters have another type."),
    Rule::new("field-nullability", Rust, CHANGED, NULLABILITY).says(
        "the {key} of {it} is {new} instead of {old}",
        "Code that reads a member does not compile once it is an `Option`, or is none any more.",
    ),
    Rule::new("field-repeats", Rust, ANY, &["reports/**/same_as"]).says(
        "{it} repeats {new} instead of {old}",
        "A repeated field has the type of the report's field; any other has its own.",
    ),
    Rule::new("filter-removed", Rust, CHANGED, &["reports/**/filterable"]).mirror("filter-added").says(
        "filters by {it} do not compile: its filterability is {new} instead of {old}",
        "A field that filters do not accept has no filter methods.",
    ),
    Rule::new("value-removed", Rust, REMOVED, &["**/values/*", "**/values"])
        .mirror("value-added")
        .says("{it} is gone", "Its variant is gone. `Unlisted` still holds the text."),
    Rule::new("aggregation-removed", Rust, REMOVED, &["reports/*/aggregations/*"])
        .mirror("aggregation-added")
        .says("{it} is gone", "Its method and its rows are gone."),
    Rule::new("aggregations-closed", Rust, CHANGED, &["reports/*/more_aggregations"])
        .mirror("aggregations-opened")
        .says("{it} has no aggregations but those listed", "The method `aggregated_by` for other names is gone."),
    Rule::new("rows-typed", Rust, ANY, ROWS)
        .when(|pair| loses(pair) && !(is_removed(pair) && pair.shape.last().is_some_and(|step| step == "*")))
        .mirror("coverage-changed")
        .says("the rows of {it} have another type", "Rows are `JsonRow` if no key is known, and have `other` if not all are."),
    Rule::new(
        "interval-removed",
        Rust,
        ONE_SIDED,
        &["formats/timeseries/intervals/*", "reports/*/intervals/*", "reports/*/intervals"],
    )
    .mirror("interval-added")
    .says("{it} is gone", "A query at an interval that the report does not offer does not compile."),
    Rule::new("interval-length", Rust, CHANGED, &["formats/timeseries/intervals/*/bucket_length"]).says(
        "the buckets of {it} last {new} instead of {old}",
        "The type of an interval is named after the length of its buckets.",
    ),
    Rule::new("host-removed", Rust, REMOVED, &["api/hosts/*"])
        .mirror("host-added")
        .says("{it} is gone", "The variant of `Host` is gone."),
    Rule::new("endpoint-removed", Rust, REMOVED, &["endpoints/*"])
        .mirror("endpoint-added")
        .says("{it} is gone", "Its type in `endpoints` is gone."),
    Rule::new("request-key", Rust, ONE_SIDED, &["endpoints/*/request/*", "endpoints/*/request/**/fields/*"])
        .says("{it} appears or disappears", "Callers build the request as a literal, which names every key."),
    Rule::new("request-source", Rust, ANY, &["endpoints/*/carries", "endpoints/*/carries/**"])
        .mirror("endpoint-carries")
        .says("a call of {it} takes other arguments", "What a call takes of a report decides the arguments of `of`."),
    Rule::new("constant-removed", Rust, REMOVED, &["reports/*/cost", "reports/*/permit"])
        .mirror("constant-added")
        .says("the {key} of {it} is not known any more", "The constant `COST` or `PERMIT` is gone."),
];

/// What decides the type of rows, labels and responses.
const ROWS: &[&str] =
    &["reports/*/coverage", "endpoints/*/coverage", "reports/**/labels", "reports/**/returns/*", "endpoints/*/response/*"];
