//! The page of the platform: hosts, headers, customers, permits, rate limit, errors and further rules.

use placewise_model::{Api, Model, Tristate};

use super::field_tables::PROVENANCE;
use super::phrases::{banner, cell, code_cell, paragraphs, setting, source};
use super::table::{
    Column::{Shown, Usually, Varying},
    facts, table,
};
use crate::emit::markdown;

pub(super) fn page(model: &Model) -> String {
    let api = &model.api;
    let mut out = banner("spec/api.yaml");
    out.push_str(&format!("# Platform\n\n{}{}", hosts(api), headers(api)));
    out.push_str(&format!("## Customers\n\n{}", paragraphs(api.customers.description.as_deref())));
    let pattern = api.permit.of_report.as_deref();
    let pattern = pattern.map(|text| format!(", which is {}", markdown::code(text))).unwrap_or_default();
    out.push_str(&format!(
        "## Permits\n\nEvery query needs the permit {}. Whether it also needs the permit of its report{pattern}: {}. Source: {}\n\n",
        markdown::code(&api.permit.name),
        setting(&api.permit.with_report, ""),
        source(api.permit.source.as_deref())
    ));
    out.push_str(&rate_limit(api));
    out.push_str(&errors(api));
    out.push_str(&notes(api));
    out
}

fn hosts(api: &Api) -> String {
    let rows = api.hosts.iter().map(|(name, host)| {
        vec![
            code_cell(name),
            cell(host.description.as_deref()),
            code_cell(&host.url),
            host.provenance.describe().into(),
            source(host.source.as_deref()),
        ]
    });
    let columns = [Shown("host"), Varying("meaning"), Shown("URL"), PROVENANCE, Usually("source", "not known")];
    format!("## Hosts\n\n{}", table("host", &columns, rows))
}

fn headers(api: &Api) -> String {
    let rows = api.headers.all().into_iter().map(|(_, header)| {
        vec![
            code_cell(&header.name),
            cell(header.description.as_deref()),
            if header.required == Tristate::Unknown { "not documented" } else { header.required.word() }.into(),
            header.example.as_deref().map(code_cell).unwrap_or_default(),
            header.provenance.describe().into(),
            source(header.source.as_deref()),
        ]
    });
    let columns = [
        Shown("header"),
        Varying("meaning"),
        Usually("required", "not documented"),
        Varying("example"),
        PROVENANCE,
        Usually("source", "not known"),
    ];
    format!("## Headers\n\n{}", table("header", &columns, rows))
}

fn rate_limit(api: &Api) -> String {
    let limit = &api.rate_limit;
    let headers = [
        (&limit.retry_after, "minimum of seconds to wait"),
        (&limit.bucket, "bucket that paid"),
        (&limit.remaining, "tokens left; can be negative"),
        (&limit.cost, "cost of this request in tokens"),
    ];
    let headers = headers.map(|(name, meaning)| vec![code_cell(name), meaning.into()]);
    format!(
        "## Rate limit\n\n{}{}{}",
        paragraphs(limit.description.as_deref()),
        table("header", &[Shown("response header"), Shown("meaning")], headers),
        facts([
            ("these headers come with every response", setting(&limit.on_every_response, "")),
            ("status of a rejected request", limit.status.to_string()),
            ("bucket of one customer", setting(&limit.one_customer, "")),
            ("bucket of several customers", setting(&limit.several_customers, "")),
            ("tokens in a full bucket", setting(&limit.capacity, "")),
            ("tokens added per second", setting(&limit.refill, "")),
            ("tokens that an aggregation adds", setting(&limit.aggregation_cost, "")),
            ("tokens of a report whose cost is not known", setting(&limit.unknown_cost, "")),
            ("source", source(limit.source.as_deref())),
        ])
    )
}

fn errors(api: &Api) -> String {
    let rows = api.errors.iter().map(|error| {
        vec![
            error.status.to_string(),
            cell(Some(&error.description)),
            cell(Some(&error.advice)),
            error.provenance.describe().into(),
            source(error.source.as_deref()),
        ]
    });
    let columns = [Shown("status"), Shown("meaning"), Shown("what to do"), PROVENANCE, Usually("source", "not known")];
    let mut out = format!("## Errors\n\n{}", table("status", &columns, rows));
    if api.error_body.description.is_some() {
        out.push_str(&paragraphs(api.error_body.description.as_deref()));
    }
    let symbols = &api.error_body.symbols;
    if !symbols.is_empty() {
        let rows = symbols.iter().map(|(symbol, known)| {
            let options: Vec<String> = known.options.iter().map(|option| markdown::code(option)).collect();
            vec![code_cell(symbol), markdown::cell(&options.join(", ")), known.provenance.describe().into()]
        });
        let columns = [Shown("symbol"), Varying("options"), PROVENANCE];
        out.push_str(&format!("These symbols are known; there are more.\n\n{}", table("symbol", &columns, rows)));
    }
    out
}

fn notes(api: &Api) -> String {
    if api.notes.is_empty() {
        return String::new();
    }
    let rows = api.notes.iter().map(|(name, note)| {
        vec![
            cell(Some(name)),
            cell(Some(&note.description)),
            note.coverage.word().into(),
            note.provenance.describe().into(),
            source(note.source.as_deref()),
        ]
    });
    let columns = [Shown("rule"), Shown("meaning"), Varying("coverage"), PROVENANCE, Usually("source", "not known")];
    format!("## Further rules\n\n{}", table("rule", &columns, rows))
}
