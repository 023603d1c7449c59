//! The pages that hold for every report: index, platform, filters, assumptions.

use placewise_model::{Concerns, Model, Tristate};

use super::{banner, cell, code_cell, paragraphs, setting, source, standing, table};
use crate::emit::text;

/// Path and text of each page.
pub(in crate::emit) fn platform(model: &Model) -> Vec<(String, String)> {
    vec![
        ("docs/README.md".into(), index(model)),
        ("docs/platform.md".into(), about_platform(model)),
        ("docs/filters.md".into(), filters(model)),
        ("docs/assumptions.md".into(), assumptions(model)),
    ]
}

fn index(model: &Model) -> String {
    let mut out = banner("spec");
    out.push_str(&format!("# {}\n\n", text::markdown(&model.api.name)));
    out.push_str(&paragraphs(model.api.about.as_deref()));
    out.push_str("- [Platform](platform.md): hosts, headers, permits, rate limit, errors, the records format\n");
    out.push_str("- [Filters](filters.md): nodes and what each costs\n- [Assumptions](assumptions.md): what no page says\n\n");
    out.push_str("## Reports and how much of each is known\n\n");
    let rows = model.reports.iter().map(|report| {
        vec![
            format!("[{0}](reports/{0}.md)", report.name),
            report.group.clone(),
            report.format.word().into(),
            report.coverage.word().into(),
            report.cost.map_or_else(|| "not known".into(), |cost| cost.to_string()),
            report.fields.len().to_string(),
            report.aggregations.len().to_string(),
            source(report.source.as_deref()),
        ]
    });
    out.push_str(&table(&["report", "group", "format", "coverage", "cost", "fields", "aggregations", "source"], rows));
    out
}

fn about_platform(model: &Model) -> String {
    let api = &model.api;
    let mut out = banner("spec/api.yaml, spec/formats.yaml and spec/endpoints.yaml");
    out.push_str("# Platform\n\n## Hosts\n\n");
    let hosts = api.hosts.iter().map(|(name, host)| {
        vec![
            code_cell(name),
            code_cell(&host.url),
            standing(host.standing).into(),
            cell(host.about.as_deref()),
            source(host.source.as_deref()),
        ]
    });
    out.push_str(&table(&["host", "address", "known", "about", "source"], hosts));
    out.push_str("## Headers\n\n");
    let headers = api.headers.all().into_iter().map(|(_, header)| {
        let required = match header.required {
            Tristate::Yes => "yes",
            Tristate::No => "no",
            Tristate::Unknown => "not documented",
        };
        let example = header.example.as_deref().map(code_cell).unwrap_or_default();
        vec![
            code_cell(&header.name),
            required.into(),
            example,
            standing(header.standing).into(),
            cell(header.about.as_deref()),
            source(header.source.as_deref()),
        ]
    });
    out.push_str(&table(&["header", "required", "example", "known", "about", "source"], headers));
    out.push_str("## Customers\n\n");
    out.push_str(&paragraphs(api.customers.about.as_deref()));
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
            cell(Some(&error.about)),
            cell(Some(&error.advice)),
            standing(error.standing).into(),
            source(error.source.as_deref()),
        ]
    });
    out.push_str(&table(&["status", "meaning", "what to do", "known", "source"], errors));
    out.push_str(&paragraphs(api.error_body.about.as_deref()));
    out.push_str(&records(model));
    out
}

fn rate_limit(model: &Model) -> String {
    let limit = &model.api.rate_limit;
    let mut out = String::from("## Rate limit\n\n");
    out.push_str(&paragraphs(limit.about.as_deref()));
    let rows = [
        ("status of a refusal", limit.status.to_string()),
        ("header: seconds to wait", code_cell(&limit.retry_after)),
        ("header: bucket", code_cell(&limit.bucket)),
        ("header: tokens left", code_cell(&limit.remaining)),
        ("header: tokens taken", code_cell(&limit.cost)),
        ("bucket of one customer", code_cell(&limit.one_customer)),
        ("bucket of several customers", code_cell(&limit.several_customers)),
        ("capacity", setting(&limit.capacity, "")),
        ("tokens added a second", setting(&limit.refill, "")),
        ("headers on every response", setting(&limit.on_every_response, "")),
        ("source", source(limit.source.as_deref())),
    ];
    out.push_str(&table(&["fact", "value"], rows.map(|(fact, value)| vec![fact.into(), value])));
    out
}

fn records(model: &Model) -> String {
    let records = &model.records;
    let mut out = String::from("## Records\n\n");
    out.push_str(&paragraphs(records.about.as_deref()));
    let rows = [
        ("request key: report", setting(&records.report_key, "")),
        ("request key: filter", setting(&records.filter_key, "")),
        ("request key: aggregation", setting(&records.aggregation_key, "")),
        ("request key: cursor", setting(&records.cursor_key, "")),
        ("request key: page size", setting(&records.page_size_key, "")),
        ("rows in a page if none is asked for", setting(&records.default_page_size, "")),
        ("most rows in a page", setting(&records.most_page_size, "")),
        ("response key: rows", code_cell(&records.rows_key)),
        ("response key: cursor", code_cell(&format!("{}.{}", records.pagination_key, records.next_key))),
        ("a null cursor ends", setting(&records.null_cursor_ends, "")),
        ("response key: format", format!("{} = {}", code_cell(&records.result_type_key), code_cell(&records.result_type))),
        ("zone of timestamps without one", setting(&records.zoneless_timestamps_in, "")),
        ("source", source(records.source.as_deref())),
    ];
    out.push_str(&table(&["fact", "value"], rows.map(|(fact, value)| vec![fact.into(), value])));
    out.push_str("## Endpoints\n\n");
    let rows = model.endpoints.iter().map(|endpoint| {
        let path = endpoint.path.as_ref().map_or_else(|| "not known".into(), |path| setting(path, ""));
        vec![
            code_cell(&endpoint.name),
            endpoint.method.clone(),
            path,
            standing(endpoint.standing).into(),
            cell(endpoint.about.as_deref()),
            source(endpoint.source.as_deref()),
        ]
    });
    out.push_str(&table(&["endpoint", "method", "path", "known", "about", "source"], rows));
    out
}

fn filters(model: &Model) -> String {
    let filter = &model.filter;
    let mut out = banner("spec/filters.yaml");
    out.push_str("# Filters\n\n");
    out.push_str(&paragraphs(filter.about.as_deref()));
    out.push_str(&format!("Source: {}\n\n", source(filter.source.as_deref())));
    let rust = ["&", "|", ".eq(…)", ".ne(…)", ".gt(…)", ".ge(…)", ".lt(…)", ".le(…)", ".one_of([…])", ".none_of([…])"];
    let rows = filter.operators().into_iter().zip(rust).map(|((_, operator), rust)| {
        vec![
            code_cell(&operator.name),
            code_cell(rust),
            setting(&operator.cost, ""),
            standing(operator.standing).into(),
            cell(operator.about.as_deref()),
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

fn assumptions(model: &Model) -> String {
    let mut out = banner("spec/assumptions.yaml");
    out.push_str("# Assumptions\n\nWhat no page says and something must take as given. Those of the client can be turned when it is built:\n");
    out.push_str("`Client::builder().assume(\"id\", value)`.\n\n");
    for assumption in &model.assumptions {
        out.push_str(&format!("## {}\n\n", text::markdown(&assumption.id)));
        let concerns = match assumption.concerns {
            Concerns::Client => "the client, which can be told otherwise",
            Concerns::Simulator => "the simulator only",
            Concerns::Types => "the generated types; edit the spec to turn it",
        };
        out.push_str(&format!("- Value: {}\n- Concerns: {concerns}\n", text::code(&assumption.value.to_string())));
        out.push_str(&format!("- Why: {}\n", text::markdown(&assumption.why)));
        out.push_str(&format!("- What would settle it: {}\n\n", text::markdown(&assumption.settle)));
    }
    out
}
