//! What only adds: nothing that worked stops.

use serde_json::Value;

use super::pairs::READ_FIELDS;
use super::quantities::{COSTS, LIMITS, PERMITS, RETENTIONS, costs, lengths, numbers};
use crate::diff::change::Class::Additive;
use crate::diff::differences::Turn;
use crate::diff::rule::{ADDED, ANY, CHANGED, REMOVED, Rule};
use crate::diff::side::Side;

pub(super) static RULES: &[Rule] = &[
    Rule::new("report-added", Additive, ADDED, &["reports/*"])
        .mirror("report-removed")
        .says("{it} is new", "The crate gains a type and a module. Names that two globs import clash, which Cargo's reference calls minor."),
    Rule::new("group-added", Additive, ADDED, &["api/groups/*"])
        .mirror("group-removed")
        .says("{it} is new", "The crate gains a feature."),
    Rule::new("field-added", Additive, ADDED, READ_FIELDS)
        .mirror("field-removed")
        .says("{it} is new", "Structs of responses may grow, and the old client ignores keys that it does not know. A program that read the key from `other` reads the member instead."),
    Rule::new("value-added", Additive, ADDED, &["**/values/*", "**/values"])
        .mirror("value-removed")
        .says("{it} is new", "Enums are open: code that compares values as documented treats it as before. A `match` meets the variant where it met `Unlisted`."),
    Rule::new("aggregation-added", Additive, ADDED, &["reports/*/aggregations/*"])
        .mirror("aggregation-removed")
        .says("{it} is new", "The report gains a method. It goes before one of a user's own trait, which Cargo's reference leaves to judgment."),
    Rule::new("aggregations-opened", Additive, CHANGED, &["reports/*/more_aggregations"])
        .when(|pair| pair.difference.new == Some(Value::Bool(true)))
        .mirror("aggregations-closed")
        .says("{it} may have aggregations beyond those listed", "The report gains the method `aggregated_by`."),
    Rule::new(
        "interval-added",
        Additive,
        ANY,
        &["formats/timeseries/intervals/*", "reports/*/intervals/*", "reports/*/intervals"],
    )
    .when(|pair| pair.difference.turn == Turn::Added || pair.key() == "intervals")
    .mirror("interval-removed")
    .says("{it} is new", "Queries at the interval compile."),
    Rule::new("host-added", Additive, ADDED, &["api/hosts/*"])
        .mirror("host-removed")
        .says("{it} is new", "`Host` is `#[non_exhaustive]`."),
    Rule::new("endpoint-added", Additive, ADDED, &["endpoints/*"])
        .mirror("endpoint-removed")
        .says("{it} is new", "The module `endpoints` gains a type."),
    Rule::new("filter-added", Additive, CHANGED, &["reports/**/filterable"])
        .when(|pair| {
            let may = |side: &Side<'_>| side.field(&pair.difference.path).is_some_and(|field| field.filterable.may_filter());
            !may(pair.old) && may(pair.new)
        })
        .mirror("filter-removed")
        .says("filters by {it} compile", "The field gains filter methods. Only a program that writes the type of its constant, such as `access::NotFilterable`, does not compile."),
    Rule::new("constant-added", Additive, ADDED, &["reports/*/cost", "reports/*/permit"])
        .mirror("constant-removed")
        .says("the {key} of {it} is known", "The report gains the constant `COST` or `PERMIT`."),
    Rule::new("cost-lowered", Additive, ANY, COSTS)
        .when(|pair| costs(pair).is_some_and(|(old, new)| new < old))
        .mirror("cost-raised")
        .says("the {key} of {it} falls from {old} to {new} tokens", "The same budget pays for more."),
    Rule::new("permit-dropped", Additive, REMOVED, PERMITS)
        .mirror("permit-needed")
        .says("{it} needs no permit that is known", "A token with the permit is still accepted."),
    Rule::new("permit-not-too", Additive, CHANGED, &["api/permit/with_report"])
        .when(|pair| pair.difference.new == Some(Value::Bool(false)))
        .mirror("permit-too")
        .says("a query does not need the general permit", "A token with both permits is still accepted."),
    Rule::new("retention-lengthened", Additive, CHANGED, RETENTIONS)
        .when(|pair| lengths(pair).is_some_and(|(old, new)| new >= old))
        .mirror("retention-shortened")
        .says("data of {it} are kept for {new} instead of {old}", "Queries reach further back."),
    Rule::new("limit-raised", Additive, CHANGED, LIMITS)
        .when(|pair| numbers(pair).is_some_and(|(old, new)| new > old))
        .mirror("limit-lowered")
        .says("{key} rises from {old} to {new}", "What was within the old limit is within the new one."),
    Rule::new("lag-lowered", Additive, ANY, &["reports/*/data_lag", "reports/*/data_lag/period"])
        .when(|pair| lengths(pair).is_some_and(|(old, new)| new <= old) || pair.difference.turn == Turn::Removed)
        .mirror("lag-raised")
        .says("data of {it} come sooner, or how late they come is not known", "No job waits too short."),
    Rule::new("additivity-widened", Additive, ADDED, &["reports/**/adds", "reports/**/adds/over/*"])
        .mirror("additivity-narrowed")
        .says(
            "it is known over what values of {it} add up",
            "A history of several customers can be added up where it could not.",
        ),
    Rule::new("header-added", Additive, ADDED, &["api/headers/?"])
        .mirror("header-removed")
        .says("{it} is new", "The client sends it where a caller sets it."),
    Rule::new("header-optional", Additive, CHANGED, &["api/headers/?/required"])
        .mirror("header-required")
        .says("whether {it} is required: {new} instead of {old}", "A request with the header is still accepted."),
    Rule::new("error-added", Additive, ADDED, &["api/errors/*"])
        .mirror("error-removed")
        .says("{it} is new", "The client gives the status a name. Code that matches `Error::Status` misses it then, and `Error::status()` does not."),
    Rule::new("limit-told-always", Additive, CHANGED, &["api/rate_limit/on_every_response"])
        .when(|pair| pair.difference.new == Some(Value::Bool(true)))
        .mirror("limit-told-seldom")
        .says("every response tells the level of the rate limit", "The client paces itself better."),
    Rule::new("path-known", Additive, ANY, &["endpoints/*/path"])
        .when(|pair| pair.difference.old.is_none())
        .mirror("endpoint-moved")
        .says("the path of {it} is known: {new}", "A call needs no `.assume(…)` for its path."),
    Rule::new("retry-gained", Additive, ADDED, &["endpoints/*/only_reads"])
        .mirror("retry-lost")
        .says("a call of {it} only reads", "The client sends it again after a failure."),
    Rule::new("assumption-added", Additive, ADDED, &["assumptions/*"])
        .mirror("assumption-removed")
        .says("{it} is new", "A client can override it."),
    Rule::new("assumption-opened", Additive, CHANGED, &["assumptions/*/scope"])
        .when(|pair| pair.text().0 != Some("client"))
        .mirror("assumption-scope")
        .says("{it} concerns {new} instead of {old}", "No client could override it before."),
    Rule::new("coverage-changed", Additive, CHANGED, &["reports/*/coverage", "endpoints/*/coverage"]).mirror("rows-typed").says(
        "{it} is documented otherwise: {new} instead of {old}",
        "No item of the crate is lost; rows may gain the member `other`.",
    ),
];
