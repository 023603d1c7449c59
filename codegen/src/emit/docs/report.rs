//! The page of one report: facts, fields, labels, aggregations, and what examples show. In: the model and the report; out: Markdown.

use placewise_model::{Aggregation, Compute, Coverage, Field, Filterable, Format, Model, Nullable, Report, Type};

use super::{banner, cell, code_cell, examples, paragraphs, provenance, source, table};
use crate::emit::text;
use crate::naming;

/// One report as Markdown.
pub(in crate::emit) fn report(model: &Model, report: &Report) -> String {
    let mut out = banner(&crate::emit::spec_path(report));
    out.push_str(&format!("# {} ({})\n\n", report.name, report.format.word()));
    out.push_str(&paragraphs(report.description.as_deref()));
    out.push_str(&facts(model, report));
    if !report.fields.is_empty() {
        out.push_str("## Fields\n\n");
        out.push_str(&fields(&report.fields, report));
    }
    out.push_str(&unnamed(report));
    out.push_str(&labels(report));
    for defined in naming::defined(report) {
        if let Type::Object { fields: inner } = defined.ty {
            out.push_str(&format!("### Keys of {}\n\n", text::code(&defined.field.name)));
            out.push_str(&returned(inner.iter().map(|field| (field, None))));
        }
    }
    if !report.aggregations.is_empty() || report.more_aggregations {
        out.push_str("## Aggregations\n\n");
    }
    if report.more_aggregations {
        let marker = naming::report(&report.name).marker;
        let range = if report.format == Format::Timeseries { ", from..to" } else { "" };
        let known = if report.aggregations.is_empty() { "No aggregation is known" } else { "There may be more than these" };
        out.push_str(&format!("{known}: any name can be asked for by `{marker}::aggregated_by(\"name\"{range})`.\n\n"));
    }
    for aggregation in &report.aggregations {
        out.push_str(&self::aggregation(report, aggregation));
    }
    out.push_str(&examples::relations(report));
    out.push_str(&examples::examples(report));
    out.push_str(&examples::quirks(report));
    out
}

fn aggregation(report: &Report, aggregation: &Aggregation) -> String {
    let mut out = format!("### {}\n\n", text::code(&aggregation.name));
    out.push_str(&paragraphs(aggregation.description.as_deref()));
    out.push_str(&format!(
        "In Rust: `{}::{}({})`. Known: {}.\n\n",
        naming::report(&report.name).marker,
        naming::aggregation(aggregation).1,
        if report.format == Format::Timeseries { "from..to" } else { "" },
        provenance(aggregation.provenance)
    ));
    if report.format == Format::Timeseries {
        out.push_str(&label_keys(aggregation.labels.as_deref()));
    } else if aggregation.returns.is_empty() {
        out.push_str("What its rows hold is not known.\n\n");
    } else {
        out.push_str(&returned(aggregation.returns.iter().map(|returned| (&returned.field, Some(&returned.compute)))));
    }
    out
}

fn unnamed(report: &Report) -> String {
    if report.unnamed.is_empty() {
        return String::new();
    }
    let rows = report.unnamed.iter().map(|field| {
        let description = if field.description.is_some() { cell(field.description.as_deref()) } else { "Not described.".into() };
        vec![cell(Some(&field.printed)), provenance(field.provenance).into(), description]
    });
    format!(
        "### Fields whose names are not known\n\nThey exist; rows that have them keep them as keys that are not modelled.\n\n{}",
        table(&["type as printed", "known", "description"], rows)
    )
}

fn labels(report: &Report) -> String {
    if report.format != Format::Timeseries {
        return String::new();
    }
    format!("## Labels\n\n{}", label_keys(report.labels.as_deref()))
}

fn label_keys(labels: Option<&[Field]>) -> String {
    match labels {
        None => "The keys of a series' label are not known.\n\n".into(),
        Some([]) => "A series' label has no keys.\n\n".into(),
        Some(labels) => returned(labels.iter().map(|field| (field, None))),
    }
}

fn facts(model: &Model, report: &Report) -> String {
    let known = |value: Option<String>| value.unwrap_or_else(|| "not known".into());
    let sure = provenance(report.provenance);
    let note = if sure == "documented" { String::new() } else { format!(" ({sure})") };
    let marker = naming::report(&report.name).marker;
    let rust = match report.format {
        Format::Records => format!("`{marker}::records()`"),
        Format::Timeseries => format!("`{marker}::series(from..to)`"),
        Format::Statistics => format!("`{marker}::statistics()`"),
    };
    let mut rows = vec![
        ("permit", known(report.permit.as_ref().map(|permit| code_cell(permit) + &note))),
        ("cost in tokens", known(report.cost.map(|cost| cost.to_string() + &note))),
        ("format", format!("[{0}](../formats.md#{0})", report.format.word())),
        ("coverage", coverage(report)),
        ("group", cell(Some(&report.group))),
        ("feature of the crate", code_cell(&report.group)),
    ];
    if report.format == Format::Timeseries {
        let names: Vec<_> = model.intervals(report).map(|interval| code_cell(&interval.name)).collect();
        let of = if report.intervals.is_some() { "" } else { " (all of the format; which of them this report has is not known)" };
        rows.push(("intervals", names.join(", ") + of));
        rows.push(("its data lag behind by", known(report.data_lag.as_deref().map(|lag| cell(Some(lag))))));
    }
    rows.extend([("source", source(report.source.as_deref())), ("in Rust", rust)]);
    table(&["fact", "value"], rows.into_iter().map(|(fact, value)| vec![fact.into(), value]))
}

fn coverage(report: &Report) -> String {
    let means = match report.coverage {
        Coverage::Whole => "its whole page was read, but for what captures lose",
        Coverage::Partial => "only a part of it is known",
        Coverage::NameOnly => "only its name is known",
    };
    format!("{}: {means}", report.coverage.word())
}

fn fields(fields: &[Field], report: &Report) -> String {
    let third = report.fields.iter().find_map(|field| field.column.as_ref()).map(|column| cell(Some(&column.title)));
    let mut head = vec!["field", "type", "null", "filterable"];
    if let Some(third) = &third {
        head.push(third);
    }
    head.extend(["known", "meaning"]);
    let rows = fields.iter().map(|field| {
        let mut row = vec![code_cell(&field.name), type_words(&field.ty), null_words(field), filterable_words(&field.filterable)];
        if third.is_some() {
            row.push(field.column.as_ref().map_or("unknown", |column| column.value.word()).into());
        }
        row.extend([provenance(field.provenance).into(), meaning(field)]);
        row
    });
    table(&head, rows)
}

/// A table of keys: returned fields, labels, keys of objects and of endpoints.
pub(super) fn returned<'a>(fields: impl Iterator<Item = (&'a Field, Option<&'a Compute>)>) -> String {
    let rows = fields.map(|(field, compute)| {
        let mut description = meaning(field);
        if let Some(words) = compute.and_then(compute_words) {
            description.push_str(&words);
        }
        vec![code_cell(&field.name), type_words(&field.ty), null_words(field), provenance(field.provenance).into(), description]
    });
    table(&["key", "type", "null", "known", "meaning"], rows)
}

/// How the simulator works a value out: the page says so only in part.
fn compute_words(compute: &Compute) -> Option<String> {
    Some(match compute {
        Compute::Key => " (Simulated: common to the group.)".into(),
        Compute::Sum(of) => format!(" (Simulated: sum of {}.)", code_cell(of)),
        Compute::Min(of) => format!(" (Simulated: least {}.)", code_cell(of)),
        Compute::Max(of) => format!(" (Simulated: greatest {}.)", code_cell(of)),
        Compute::Collect(of) => format!(" (Simulated: every {}.)", code_cell(of)),
        Compute::Count => " (Simulated: number of rows.)".into(),
        Compute::Same(of) => format!(" (Simulated: the {} that all rows share.)", code_cell(of)),
        Compute::Span(of) => format!(" (Simulated: widest {}.)", code_cell(of)),
        Compute::Unknown => return None,
    })
}

fn meaning(field: &Field) -> String {
    let mut out = if field.description.is_some() { cell(field.description.as_deref()) } else { "Not described.".into() };
    if let Type::Enum(enumeration) = field.ty.innermost() {
        if enumeration.values.is_empty() {
            out.push_str(" Values are not known.");
        } else {
            let values: Vec<String> = enumeration
                .values
                .iter()
                .map(|value| match &value.description {
                    Some(description) => format!("{} ({})", code_cell(&value.value), cell(Some(description))),
                    None => code_cell(&value.value),
                })
                .collect();
            out.push_str(&format!(" Known values: {}.", values.join(", ")));
        }
    }
    if field.optional {
        out.push_str(" Examples lack it.");
    }
    out
}

fn type_words(ty: &Type) -> String {
    text::cell(&text::markdown(&ty.word()))
}

fn null_words(field: &Field) -> String {
    match field.nullable {
        Nullable::Unknown => "not known".into(),
        Nullable::Seen => "seen".into(),
        Nullable::Never => "never".into(),
        Nullable::AssumedNever => "never (assumed)".into(),
    }
}

fn filterable_words(filterable: &Filterable) -> String {
    match filterable {
        Filterable::Yes => "yes".into(),
        Filterable::Example => "yes, by an example".into(),
        Filterable::No => "no".into(),
        Filterable::Unknown => "not known; the server decides".into(),
        Filterable::UnknownStrict => "not known; kept out of filters".into(),
        Filterable::Header(header) => format!("by header {}", code_cell(header)),
    }
}
