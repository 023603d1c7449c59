//! The pages that hold for every report: index, platform, filters. In: the model; out: path and text of each page, those of the other
//! modules among them.

use placewise_model::{Model, Provenance, Tristate};

use super::{assumptions, banner, cell, code_cell, coverage, endpoints, formats, paragraphs, provenance, setting, source, table};
use crate::emit::text;

/// Path and text of each page.
pub(in crate::emit) fn platform(model: &Model) -> Vec<(String, String)> {
    vec![
        ("docs/README.md".into(), index(model)),
        ("docs/platform.md".into(), about_platform(model)),
        ("docs/filters.md".into(), filters(model)),
        ("docs/formats.md".into(), formats::page(model)),
        ("docs/endpoints.md".into(), endpoints::page(model)),
        ("docs/coverage.md".into(), coverage::page(model)),
        ("docs/assumptions.md".into(), assumptions::page(model)),
    ]
}

fn index(model: &Model) -> String {
    let mut out = banner("spec");
    out.push_str(&format!("# {}\n\n", text::markdown(&model.api.name)));
    out.push_str(&paragraphs(model.api.description.as_deref()));
    for (page, description) in [
        ("[Platform](platform.md)", "hosts, headers, permits, rate limit, errors"),
        ("[Formats](formats.md)", "records, timeseries and statistics: what is sent, what comes back, limits"),
        ("[Filters](filters.md)", "nodes and what each costs"),
        ("[Endpoints](endpoints.md)", "what can be called beside the queries of reports"),
        ("[Coverage](coverage.md)", "how much is known of every report, endpoint, format and example"),
        ("[Assumptions](assumptions.md)", "what no page says, and how to turn it"),
    ] {
        out.push_str(&format!("- {page}: {description}\n"));
    }
    out.push_str("\n## Reports\n\n");
    for group in &model.api.groups {
        out.push_str(&format!("### {}\n\n", text::markdown(&group.name)));
        let known = if group.provenance == Provenance::Documented {
            String::new()
        } else {
            format!("({})\n\n", provenance(group.provenance))
        };
        out.push_str(&paragraphs(group.description.as_deref()));
        out.push_str(&known);
        let reports = model.reports.iter().filter(|report| report.group == group.name);
        let rows: Vec<_> = reports
            .map(|report| {
                vec![
                    format!("[{0}](reports/{0}.md)", report.name),
                    report.format.word().into(),
                    report.coverage.word().into(),
                    cell(report.description.as_deref().map(text::summary).as_deref()),
                ]
            })
            .collect();
        if rows.is_empty() {
            out.push_str("No report of this group is known yet.\n\n");
        } else {
            out.push_str(&table(&["report", "format", "coverage", "description"], rows));
        }
    }
    out
}

fn about_platform(model: &Model) -> String {
    let api = &model.api;
    let mut out = banner("spec/api.yaml");
    out.push_str("# Platform\n\n## Hosts\n\n");
    let hosts = api.hosts.iter().map(|(name, host)| {
        vec![
            code_cell(name),
            code_cell(&host.url),
            provenance(host.provenance).into(),
            cell(host.description.as_deref()),
            source(host.source.as_deref()),
        ]
    });
    out.push_str(&table(&["host", "address", "known", "description", "source"], hosts));
    out.push_str("## Headers\n\n");
    let headers = api.headers.all().into_iter().map(|(_, header)| {
        let required = match header.required {
            Tristate::Yes => "yes",
            Tristate::No => "no",
            Tristate::Unknown => "not known",
        };
        let example = header.example.as_deref().map(code_cell).unwrap_or_default();
        vec![
            code_cell(&header.name),
            required.into(),
            example,
            provenance(header.provenance).into(),
            cell(header.description.as_deref()),
            source(header.source.as_deref()),
        ]
    });
    out.push_str(&table(&["header", "required", "example", "known", "description", "source"], headers));
    out.push_str("## Customers\n\n");
    out.push_str(&paragraphs(api.customers.description.as_deref()));
    out.push_str("## Permits\n\n");
    out.push_str(&format!(
        "Every query needs {} beside the report's own permit: {}. Source: {}\n\n",
        text::code(&api.permit.name),
        setting(&api.permit.with_report, ""),
        source(api.permit.source.as_deref())
    ));
    out.push_str(&rate_limit(model));
    out.push_str("## Errors\n\n");
    let errors = api.errors.iter().map(|error| {
        vec![
            error.status.to_string(),
            cell(Some(&error.description)),
            cell(Some(&error.advice)),
            provenance(error.provenance).into(),
            source(error.source.as_deref()),
        ]
    });
    out.push_str(&table(&["status", "meaning", "what to do", "known", "source"], errors));
    out.push_str(&paragraphs(api.error_body.description.as_deref()));
    out.push_str(&symbols(model));
    out.push_str(&notes(model));
    out
}

/// What leaves of the tree of invalid parameters may say.
fn symbols(model: &Model) -> String {
    let symbols = &model.api.error_body.symbols;
    if symbols.is_empty() {
        return String::new();
    }
    let rows = symbols.iter().map(|(symbol, known)| {
        let options: Vec<String> = known.options.iter().map(|option| text::code(option)).collect();
        vec![code_cell(symbol), text::cell(&options.join(", ")), provenance(known.provenance).into()]
    });
    format!("Symbols known, of an open set:\n\n{}", table(&["symbol", "options", "known"], rows))
}

/// Rules that queries have no part in.
fn notes(model: &Model) -> String {
    if model.api.notes.is_empty() {
        return String::new();
    }
    let rows = model.api.notes.iter().map(|(name, note)| {
        let known = format!("{}, {}", note.coverage.word(), provenance(note.provenance));
        vec![text::cell(&text::markdown(name)), cell(Some(&note.description)), known, source(note.source.as_deref())]
    });
    format!("## Further rules\n\n{}", table(&["rule", "description", "known", "source"], rows))
}

fn rate_limit(model: &Model) -> String {
    let limit = &model.api.rate_limit;
    let mut out = String::from("## Rate limit\n\n");
    out.push_str(&paragraphs(limit.description.as_deref()));
    let rows = [
        ("status of a refusal", limit.status.to_string()),
        ("header: seconds to wait", code_cell(&limit.retry_after)),
        ("header: bucket", code_cell(&limit.bucket)),
        ("header: tokens left", code_cell(&limit.remaining)),
        ("header: tokens taken", code_cell(&limit.cost)),
        ("bucket of one customer", setting(&limit.one_customer, "")),
        ("bucket of several customers", setting(&limit.several_customers, "")),
        ("capacity", setting(&limit.capacity, "")),
        ("tokens added a second", setting(&limit.refill, "")),
        ("tokens that an aggregation adds", setting(&limit.aggregation_cost, "")),
        ("tokens of a report whose cost is not known (simulator)", setting(&limit.unknown_cost, "")),
        ("headers on every response", setting(&limit.on_every_response, "")),
        ("source", source(limit.source.as_deref())),
    ];
    out.push_str(&table(&["fact", "value"], rows.map(|(fact, value)| vec![fact.into(), value])));
    out
}

fn filters(model: &Model) -> String {
    let filter = &model.filter;
    let mut out = banner("spec/filters.yaml");
    out.push_str("# Filters\n\n");
    out.push_str(&paragraphs(filter.description.as_deref()));
    out.push_str(&format!("Source: {}\n\n", source(filter.source.as_deref())));
    let rust = ["&", "|", ".eq(…)", ".ne(…)", ".gt(…)", ".ge(…)", ".lt(…)", ".le(…)", ".one_of([…])", ".none_of([…])"];
    let rows = filter.operators().into_iter().zip(rust).map(|((_, operator), rust)| {
        vec![
            code_cell(&operator.name),
            code_cell(rust),
            setting(&operator.cost, ""),
            provenance(operator.provenance).into(),
            cell(operator.description.as_deref()),
        ]
    });
    out.push_str(&table(&["node type", "in Rust", "tokens", "known", "meaning"], rows));
    let keys = [
        ("node type", &filter.type_key),
        ("children of a logical node", &filter.operations_key),
        ("field", &filter.field_key),
        ("value", &filter.value_key),
    ];
    out.push_str(&table(&["what", "key"], keys.map(|(what, key)| vec![what.into(), code_cell(key)])));
    out
}
