//! What breaks on the wire: the old client and the new API do not understand each other.

use super::pairs::{NULLABILITY, READ_FIELDS, is_for_filters, is_removed, is_request, loses, null_breaks};
use crate::diff::change::Class::Wire;
use crate::diff::reading::{needs, reads};
use crate::diff::rule::{ADDED, ANY, CHANGED, ONE_SIDED, Pair, REMOVED, Rule};
use crate::diff::witness;

pub(super) static RULES: &[Rule] = &[
    Rule::new("report-refused", Wire, REMOVED, &["reports/*"])
        .mirror("report-added")
        .request(witness::any_query)
        .says("the API does not serve {it} any more", "The server refuses a name that it does not know."),
    Rule::new("report-other-format", Wire, CHANGED, &["reports/*/format"]).request(witness::any_query).says(
        "{it} is served in the format {new} instead of {old}",
        "Formats have endpoints, request keys and responses of their own.",
    ),
    Rule::new("aggregation-refused", Wire, REMOVED, &["reports/*/aggregations/*"])
        .mirror("aggregation-added")
        .request(witness::aggregation)
        .says("the API does not serve {it} any more", "The server refuses an aggregation that it does not know."),
    Rule::new("field-missing", Wire, REMOVED, READ_FIELDS)
        .when(|pair| pair.old.field(&pair.difference.path).is_some_and(needs) && !is_for_filters(pair))
        .mirror("field-added")
        .request(witness::rows)
        .says(
            "responses lack {it}, which clients require",
            "The old client fails on a row without a key that was never null. A key that may be null may also be absent.",
        ),
    Rule::new("field-unreadable", Wire, CHANGED, &["reports/**/type", "endpoints/**/type"])
        .when(|pair| match (pair.old.field(&pair.difference.path), pair.new.field(&pair.difference.path)) {
            (Some(old), Some(new)) if is_request(pair) => !reads(&new.ty, &old.ty),
            (Some(old), Some(new)) => !reads(&old.ty, &new.ty) && !is_for_filters(pair),
            _ => false,
        })
        .request(witness::rows)
        .says("{it} is sent as {new} instead of {old}", "The old client cannot read the values of the new type."),
    Rule::new("field-null", Wire, CHANGED, NULLABILITY)
        .when(null_breaks)
        .mirror("field-nullability")
        .request(witness::rows)
        .says("{it} may be null or absent", "The old client fails where a value that was always there is null or absent."),
    Rule::new("value-renamed", Wire, REMOVED, &["**/values/*"])
        .when(|pair| !loses(pair) && pair.old.field(&pair.difference.path).is_some())
        .not_shown("no request fails: rows have a value that the old client does not list")
        .says("{it} has another text on the wire", "The variant stays, but the old client sends and expects the old text."),
    Rule::new("request-key-renamed", Wire, ANY, &["formats/?/request/?"])
        .request(witness::request_key)
        .says("the request key {key} of {it} is {new} instead of {old}", "The server ignores or refuses the old key."),
    Rule::new("response-key-renamed", Wire, ANY, &["formats/?/response/?"])
        .when(|pair| pair.key() != "example_zone")
        .request(witness::response_key)
        .says("the response key {key} of {it} is {new} instead of {old}", "The old client does not find what it reads."),
    Rule::new("cursor-end", Wire, CHANGED, &["formats/records/null_cursor_ends", "formats/records/empty_cursor_ends"])
        .not_shown("no single request fails: the old client stops too early, or never")
        .says(
            "the end of pages is marked otherwise: {key} is {new} instead of {old}",
            "The client reads pages until the cursor says that there are no more.",
        ),
    Rule::new("auto-renamed", Wire, CHANGED, &["formats/timeseries/auto/name"])
        .not_shown("the old client names it only where a caller does")
        .says(
            "the interval that the server chooses is called {new} instead of {old}",
            "The server refuses an interval that it does not know.",
        ),
    Rule::new("header-renamed", Wire, ANY, &["api/headers/?/name", "api/headers/?/value"])
        .request(witness::with_header)
        .says("the {key} of {it} is {new} instead of {old}", "The server does not see what the old client sends."),
    Rule::new("header-required", Wire, CHANGED, &["api/headers/?/required"])
        .when(|pair| {
            pair.text().1 == Some("yes")
                && ["product_name", "subproduct_name", "loyalty_club_slug", "locale"].contains(&pair.step(2))
        })
        .mirror("header-optional")
        .request(witness::without_header)
        .says("{it} is required", "The server refuses requests without it. The client always sends the other headers."),
    Rule::new("header-removed", Wire, REMOVED, &["api/headers/?"])
        .mirror("header-added")
        .not_shown("the simulator, like any server, ignores a header that it does not know")
        .says("{it} is gone", "The client refuses to send a header that the API does not have."),
    Rule::new("customers-grammar", Wire, ANY, &["api/customers/?"])
        .when(|pair| ["id_prefix", "several_prefixed", "id_separator", "all", "filter_separator"].contains(&pair.key()))
        .request(witness::customers)
        .says(
            "the {key} of customers is {new} instead of {old}",
            "The server does not understand which customers the old client means.",
        ),
    Rule::new(
        "limit-header-renamed",
        Wire,
        CHANGED,
        &["api/rate_limit/bucket", "api/rate_limit/remaining", "api/rate_limit/cost"],
    )
    .request(witness::rate_header)
    .says(
        "the response header {key} of the rate limit is {new} instead of {old}",
        "The old client does not learn what a request cost.",
    ),
    Rule::new("limit-refusal", Wire, CHANGED, &["api/rate_limit/status", "api/rate_limit/retry_after"])
        .not_shown("only a server that refuses shows it, and no request alone makes it refuse")
        .says(
            "a refusal by the rate limit has the {key} {new} instead of {old}",
            "The old client does not know when to try again.",
        ),
    Rule::new(
        "error-key-renamed",
        Wire,
        CHANGED,
        &["api/error_body/message", "api/error_body/details", "api/error_body/symbol", "api/error_body/options"],
    )
    .not_shown("the request fails either way, with less said")
    .says("the key {key} of error bodies is {new} instead of {old}", "The old client does not find why the server refused."),
    Rule::new("error-meaning", Wire, CHANGED, &["api/errors/*/name"])
        .not_shown("the request fails either way, by another name")
        .says("{it} means {new} instead of {old}", "Programs decide by the name of an error what to do."),
    Rule::new("error-removed", Wire, REMOVED, &["api/errors/*"])
        .mirror("error-added")
        .not_shown("the request fails either way, by another name")
        .says("{it} is gone", "The client has no name for the status any more."),
    Rule::new("filter-key-renamed", Wire, CHANGED, &["filters/keys/?"])
        .request(witness::filter_key)
        .says("the key {key} of filter nodes is {new} instead of {old}", "The server refuses every filter of the old client."),
    Rule::new("operator-renamed", Wire, CHANGED, &["filters/operators/?/name"])
        .request(witness::operator_name)
        .says("{it} is called {new} instead of {old}", "The server refuses an operator that it does not know."),
    Rule::new("endpoint-refused", Wire, REMOVED, &["endpoints/*"])
        .mirror("endpoint-added")
        .request(witness::endpoint)
        .says("the API does not serve {it} any more", "The server answers 404."),
    Rule::new("endpoint-moved", Wire, ANY, &["endpoints/*/path", "endpoints/*/method"])
        .when(|pair| pair.difference.old.is_some())
        .request(witness::endpoint)
        .says("the {key} of {it} is {new} instead of {old}", "The server answers 404 or 405 where the endpoint was."),
    Rule::new("format-moved", Wire, CHANGED, &["formats/?/endpoint"]).request(witness::format_query).says(
        "queries in the format {it} go to the endpoint {new} instead of {old}",
        "The server answers 404, or refuses the report there.",
    ),
    Rule::new("host-moved", Wire, CHANGED, &["api/hosts/*/url"])
        .not_shown("a program shows it only on the host itself")
        .says("{it} is at {new} instead of {old}", "The old client sends its requests to the old address."),
    Rule::new("endpoint-carries", Wire, ANY, &["endpoints/*/carries", "endpoints/*/carries/**"])
        .when(|pair| pair.key() != "assumed" && !is_still_known(pair))
        .request(witness::endpoint)
        .says(
            "requests to {it} carry {new} as {key} instead of {old}",
            "The server does not find what the old client sends, or refuses it.",
        ),
    Rule::new("request-key-required", Wire, ADDED, &["endpoints/*/request/*", "endpoints/*/request/**/fields/*"])
        .when(|pair| pair.new.field(&pair.difference.path).is_some_and(needs))
        .mirror("request-key-refused")
        .not_shown("the simulator accepts a request without it, because no page says what the server does")
        .says("{it} is required", "The server refuses a request without it."),
    Rule::new("request-key-refused", Wire, ONE_SIDED, &["endpoints/*/request/*", "endpoints/*/request/**/fields/*"])
        .when(|pair| is_removed(pair) && !is_carried(pair))
        .mirror("request-key-required")
        .request(witness::endpoint)
        .says("{it} is gone", "The server ignores or refuses a key that it does not know."),
];

/// Whether a key that calls do not fill in any more is still one of the request.
fn is_still_known(pair: &Pair<'_>) -> bool {
    let key = pair.text().0.filter(|_| is_removed(pair));
    let endpoint = pair.new.model.endpoint(pair.step(1));
    endpoint.is_some_and(|endpoint| endpoint.request.iter().any(|field| Some(field.name.as_str()) == key))
}

/// Whether calls fill in a key that is not one of the request any more.
fn is_carried(pair: &Pair<'_>) -> bool {
    let endpoint = pair.new.model.endpoint(pair.step(1));
    endpoint.is_some_and(|endpoint| {
        let carries = &endpoint.carries;
        carries.report.iter().chain(&carries.field).any(|key| key.value == pair.key())
    })
}
