//! What breaks in operation: every type compiles and every request is understood, but a job stops, or goes wrong in silence.

use serde_json::Value;

use super::pairs::is_removed;
use super::quantities::{COSTS, LIMITS, PERMITS, RETENTIONS, costs, lengths, numbers};
use crate::diff::change::Class::Operation;
use crate::diff::differences::Turn;
use crate::diff::rule::{ANY, CHANGED, ONE_SIDED, Pair, REMOVED, Rule};
use crate::diff::side::Side;
use crate::diff::witness;

pub(super) static RULES: &[Rule] = &[
    Rule::new("cost-raised", Operation, ANY, COSTS)
        .when(|pair| costs(pair).is_some_and(|(old, new)| new > old))
        .mirror("cost-lowered")
        .request(witness::cost)
        .says(
            "the {key} of {it} rises from {old} to {new} tokens",
            "A job that just fits its budget of tokens stops before its end.",
        ),
    Rule::new("permit-needed", Operation, ANY, PERMITS)
        .when(|pair| pair.difference.new.is_some())
        .mirror("permit-dropped")
        .request(witness::permit)
        .says("{it} needs the permit {new} instead of {old}", "The server answers 403 to a token without the permit."),
    Rule::new("permit-too", Operation, CHANGED, &["api/permit/with_report"])
        .when(|pair| pair.difference.new == Some(Value::Bool(true)))
        .mirror("permit-not-too")
        .request(witness::any_query)
        .says(
            "a query needs the general permit together with that of its report",
            "The server answers 403 to a token that has only the report's own permit.",
        ),
    Rule::new("retention-shortened", Operation, CHANGED, RETENTIONS)
        .when(|pair| lengths(pair).is_some_and(|(old, new)| new < old))
        .mirror("retention-lengthened")
        .request(witness::retention)
        .says("data of {it} are kept for {new} instead of {old}", "A job that reads further back finds nothing, or is refused."),
    Rule::new(
        "interval-refused",
        Operation,
        ONE_SIDED,
        &["formats/timeseries/intervals/*", "reports/*/intervals/*", "reports/*/intervals"],
    )
    .when(lost_interval)
    .mirror("interval-added")
    .request(witness::interval)
    .says("the API does not serve {it} any more", "The server refuses a query at an interval that the report does not offer."),
    Rule::new("filter-refused", Operation, CHANGED, &["reports/*/fields/*/filterable"])
        .when(|pair| {
            let may = |side: &Side<'_>| side.field(&pair.difference.path).map(|field| field.filterable.clone());
            let refuses = |filterable: &placewise_model::Filterability| !filterable.may_filter() && !filterable.is_unknown();
            may(pair.old).is_some_and(|old| old.may_filter()) && may(pair.new).is_some_and(|new| refuses(&new))
        })
        .mirror("filter-added")
        .request(witness::filter)
        .says("the API refuses filters by {it}", "A job that filters by the field is refused with 422."),
    Rule::new("limit-lowered", Operation, CHANGED, LIMITS)
        .when(|pair| numbers(pair).is_some_and(|(old, new)| new < old))
        .mirror("limit-raised")
        .request(witness::limit)
        .says("{key} falls from {old} to {new}", "A job that uses all of the old limit is refused, cut short or slowed down."),
    Rule::new("points-counted", Operation, CHANGED, &["formats/timeseries/time_points"])
        .not_shown("whether a range has one point more depends on when it starts")
        .says(
            "time points are counted by {new} instead of {old}",
            "A range that was just short enough may have one time point more than allowed.",
        ),
    Rule::new("auto-interval", Operation, ANY, &["formats/timeseries/auto/steps", "formats/timeseries/auto/otherwise"])
        .not_shown("no request fails: buckets are of another length")
        .says(
            "the server chooses intervals by other steps",
            "A chart whose interval the server chooses has other buckets, and its values another meaning.",
        ),
    Rule::new("interval-other-length", Operation, CHANGED, &["formats/timeseries/intervals/*/bucket_length"])
        .not_shown("no request fails: buckets are of another length")
        .says("buckets of {it} last {new} instead of {old}", "Values of other buckets have another meaning."),
    Rule::new("lag-raised", Operation, ANY, &["reports/*/data_lag", "reports/*/data_lag/period"])
        .when(|pair| lengths(pair).is_none_or(|(old, new)| new > old) && pair.difference.turn != Turn::Removed)
        .mirror("lag-lowered")
        .not_shown("no request fails: data come later")
        .says(
            "data of {it} come later: {new} instead of {old}",
            "A job that runs right after midnight misses data of the day before.",
        ),
    Rule::new("additivity-narrowed", Operation, ONE_SIDED, &["reports/**/adds", "reports/**/adds/over/*"])
        .when(is_removed)
        .mirror("additivity-widened")
        .not_shown("no request fails: a sum over what does not add up is a wrong number")
        .says(
            "values of {it} do not add up over {old} any more",
            "A job that adds them up writes wrong numbers, and the new client refuses to.",
        ),
    Rule::new("grouping", Operation, CHANGED, &["reports/*/aggregations/*/by"])
        .when(|pair| pair.difference.old.as_ref().and_then(Value::as_array).is_some_and(|by| !by.is_empty()))
        .not_shown("no request fails: rows stand for other groups")
        .says(
            "{it} groups by {new} instead of {old}",
            "Its rows stand for other groups, so a job that takes them for the old ones writes wrong numbers.",
        ),
    Rule::new("zone-of-times", Operation, CHANGED, &["formats/records/zoneless_timestamps_in"])
        .not_shown("no request fails: the same text is another instant")
        .says("timestamps without a zone are in {new} instead of {old}", "A job that converts them shifts every time."),
    Rule::new("limit-told-seldom", Operation, CHANGED, &["api/rate_limit/on_every_response"])
        .when(|pair| pair.difference.new == Some(Value::Bool(false)))
        .mirror("limit-told-always")
        .request(witness::rate_header)
        .says(
            "only refusals tell the level of the rate limit",
            "The client paces itself by what each response tells, and runs into refusals without.",
        ),
    Rule::new("assumption-removed", Operation, REMOVED, &["assumptions/*"])
        .when(|pair| scope(pair.old, pair) == Some("client"))
        .mirror("assumption-added")
        .not_shown("only a program built with the new crate fails, when it builds its client")
        .says("{it} is gone", "A client that overrides an assumption which does not exist is refused when it is built."),
    Rule::new("assumption-scope", Operation, CHANGED, &["assumptions/*/scope"])
        .when(|pair| pair.text().0 == Some("client"))
        .mirror("assumption-opened")
        .not_shown("only a program built with the new crate fails, when it builds its client")
        .says("{it} concerns {new} instead of {old}", "A client cannot override it any more."),
    Rule::new("retry-lost", Operation, REMOVED, &["endpoints/*/only_reads"])
        .mirror("retry-gained")
        .not_shown("only a server that fails once shows it")
        .says("a call of {it} may change something", "The client does not send it again after a failure."),
];

/// Whether any interval that the old side offers there is not offered by the new one.
fn lost_interval(pair: &Pair<'_>) -> bool {
    match pair.reports() {
        Some((old, new)) => {
            let offered: Vec<&str> = pair.new.model.intervals(new).map(|interval| interval.name.as_str()).collect();
            pair.old.model.intervals(old).any(|interval| !offered.contains(&interval.name.as_str()))
                && (pair.difference.turn == Turn::Removed || pair.key() == "intervals")
        }
        None => pair.difference.turn == Turn::Removed,
    }
}

fn scope<'a>(side: &'a Side<'_>, pair: &Pair<'_>) -> Option<&'a str> {
    side.model.assumption(pair.step(1)).map(|assumption| assumption.scope.word())
}
