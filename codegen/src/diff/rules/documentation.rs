//! What changes texts, or what only the simulator and readers go by. No program notices.

use crate::diff::change::Class::Documentation;
use crate::diff::differences::Turn;
use crate::diff::rule::{ADDED, ANY, CHANGED, ONE_SIDED, REMOVED, REORDERED, Rule};

const ALL_TURNS: &[Turn] = &[Turn::Added, Turn::Removed, Turn::Changed, Turn::Reordered];

pub(super) static RULES: &[Rule] = &[
    Rule::new("order", Documentation, REORDERED, &["**"])
        .says("{it} is in another order", "Pages, structs and columns follow the order. Nothing refers to a position."),
    Rule::new(
        "description",
        Documentation,
        ANY,
        &["**/description", "**/advice", "**/reason", "**/settled_by", "**/title", "api/api"],
    )
    .says("the {key} of {it} is worded otherwise", "Documentation and messages have other words."),
    Rule::new("source", Documentation, ANY, &["**/source"])
        .says("{it} has the page {new} instead of {old}", "Documentation links to another page."),
    Rule::new("provenance", Documentation, ANY, &["**/provenance", "**/assumed"]).says(
        "how well {it} is known: {new} instead of {old}",
        "Documentation tells how well a fact is known, and errors name the assumptions that a request depends on.",
    ),
    Rule::new(
        "format-coverage",
        Documentation,
        CHANGED,
        &["formats/?/coverage", "filters/coverage", "api/notes/*/coverage", "**/examples/*/coverage"],
    )
    .says("{it} is known otherwise: {new} instead of {old}", "Documentation tells how much of a page is known."),
    Rule::new("printed", Documentation, ANY, &["**/printed", "**/column", "**/column/?", "**/deprecated", "reports/*/unnamed"])
        .says(
            "the page of {it} has the {key} {new} instead of {old}",
            "Documentation repeats what a page prints beside a field.",
        ),
    Rule::new("example-added", Documentation, ADDED, &["reports/*/examples/*"])
        .mirror("example-removed")
        .says("{it} is new", "Examples are documentation and tests of the crate itself."),
    Rule::new("example-removed", Documentation, REMOVED, &["reports/*/examples/*"])
        .mirror("example-added")
        .says("{it} is gone", "Examples are documentation and tests of the crate itself."),
    Rule::new(
        "example",
        Documentation,
        ANY,
        &["reports/*/examples/*/?", "api/headers/?/example", "formats/timeseries/response/example_zone"],
    )
    .says("the {key} of {it} is another", "Examples are documentation and tests of the crate itself."),
    Rule::new("quirk", Documentation, ALL_TURNS, &["reports/*/quirks/*", "reports/*/quirks/*/?"])
        .says("{it} is another", "What a quirk changes of a field is a difference of that field."),
    Rule::new("note", Documentation, ONE_SIDED, &["api/notes/*", "api/notes/*/?"])
        .says("{it} is another", "Notes are for readers."),
    Rule::new(
        "symbol",
        Documentation,
        ANY,
        &["api/error_body/symbols/*", "api/error_body/symbols/*/?", "api/error_body/invalid_parameters"],
    )
    .says("{it} is another", "The client hands symbols and messages of errors on as they are."),
    Rule::new(
        "simulation",
        Documentation,
        ANY,
        &["reports/*/simulate", "reports/*/relations", "reports/**/compute", "reports/*/aggregations/*/by"],
    )
    .says("the simulator makes the {key} of {it} otherwise", "Only the simulator reads it."),
    Rule::new("beyond-retention", Documentation, ANY, &["formats/timeseries/beyond_retention"]).says(
        "a range that starts before the retention of its interval is {new} instead of {old}",
        "The client refuses such a range before it is sent.",
    ),
    Rule::new("bucket-name", Documentation, ANY, &["api/rate_limit/one_customer", "api/rate_limit/several_customers"])
        .says("the {key} bucket is called {new} instead of {old}", "The client takes the name of a bucket from the response."),
    Rule::new("permit-form", Documentation, ANY, &["api/permit/of_report"])
        .says("the pattern of permits is {new} instead of {old}", "Only `check` reads it: each report has its own permit."),
    Rule::new("endpoint-group", Documentation, ANY, &["endpoints/*/group"])
        .says("{it} is in the group {new} instead of {old}", "The site's group of an endpoint is no feature."),
    Rule::new("assumed-value", Documentation, ANY, &["assumptions/*", "assumptions/*/value", "assumptions/*/scope"]).says(
        "the value of {it} is {new} instead of {old}",
        "What the client does by it is a difference of the fact that depends on it.",
    ),
    Rule::new("approximate", Documentation, CHANGED, &["reports/*/data_lag/approximate"])
        .says("whether the data lag of {it} is approximate: {new} instead of {old}", "A program waits the same time."),
    Rule::new(
        "not-in-code",
        Documentation,
        ANY,
        &[
            "reports/**/type",
            "endpoints/**/type",
            "reports/**/nullable",
            "endpoints/**/nullable",
            "reports/**/optional",
            "endpoints/**/optional",
            "reports/**/filterable",
            "endpoints/**/filterable",
            "reports/**/same_as",
            "reports/**/name",
            "**/values/*/name",
            "reports/*/coverage",
            "endpoints/*/coverage",
            "reports/**/labels",
            "reports/*/more_aggregations",
            "**/values",
            "reports/*/cost",
            "reports/*/permit",
            "endpoints/*/cost",
            "endpoints/*/only_reads",
        ],
    )
    .says("the {key} of {it} is {new} instead of {old}", "No item of the crate depends on it here, and no request or response."),
];
