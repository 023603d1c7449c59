//! Rule: a quirk names fields that exist and contradicts what their tables say; an enum without values has a quirk. Whether examples show
//! a quirk, the rule for examples judges.

use placewise_model::{EnumValue, Field, Format, Provenance, QuirkKind, Report, Type};

use crate::check::rule::Rule;
use crate::finding::{Finding, codes, dangling};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile, usual_print};

pub(crate) const RULE: Rule = Rule::Report(check);

fn check(report: &Report, doc: &Doc<ReportFile>, _: &UncheckedModel, findings: &mut Vec<Finding>) {
    for (index, quirk) in report.quirks.iter().enumerate() {
        for (place, name) in quirk.at.iter().enumerate() {
            let at = doc.at(&["quirks", &index.to_string(), "at", &place.to_string()]);
            let field = match target(report, name) {
                Ok(field) => field,
                Err((what, name, known)) => {
                    findings.push(dangling(format!("the report has no {what} `{name}`"), at, name, &known));
                    continue;
                }
            };
            if let Some((why, help)) = stale(quirk.kind, field) {
                let message = format!("the quirk `{}` does not apply to `{name}`, {why}", quirk.kind.word());
                findings.push(Finding::new(codes::STALE_QUIRK, message).at(at).help(help));
            }
        }
    }
    no_values(report, doc, findings);
}

/// The field that a quirk names: one of the report, or `aggregation.field` with a returned field or label key.
fn target<'a>(report: &'a Report, name: &'a str) -> Result<&'a Field, (&'static str, &'a str, Vec<&'a str>)> {
    if let Some(field) = report.field(name) {
        return Ok(field);
    }
    let names = |fields: &[&'a Field]| fields.iter().map(|field| field.name.as_str()).collect();
    let Some((aggregation, inner)) = name.split_once('.') else {
        return Err(("field", name, names(&report.fields.iter().collect::<Vec<_>>())));
    };
    let Some(found) = report.aggregation(aggregation) else {
        return Err(("aggregation", aggregation, report.aggregations.iter().map(|a| a.name.as_str()).collect()));
    };
    let returns = found.returns.iter().map(|returned| &returned.field);
    let fields: Vec<&Field> = returns.chain(found.labels.iter().flatten()).collect();
    let what = if report.format == Format::Timeseries { "label key" } else { "returned field" };
    fields.iter().find(|field| field.name == inner).copied().ok_or_else(|| (what, inner, names(&fields)))
}

/// Why the table does not contradict what a quirk says, and what to do.
fn stale(kind: QuirkKind, field: &Field) -> Option<(&'static str, &'static str)> {
    let scalar = !matches!(field.ty, Type::Array { .. } | Type::Map { .. } | Type::Object { .. } | Type::Json);
    match kind {
        QuirkKind::NoValues if matches!(&field.ty, Type::Enum(of) if of.values.iter().any(of_page)) => {
            Some(("which has values", "remove it from the quirk, or write `provenance: example` at values that no page lists"))
        }
        QuirkKind::TypeDisagrees if scalar && field.printed == usual_print(&field.ty.word()) => {
            Some(("whose printed type is the usual one", "write the type of the page as `printed`, or remove it from the quirk"))
        }
        QuirkKind::OnlyInExamples if field.provenance == Provenance::Documented => {
            Some(("which is documented", "write `provenance: example` at the field, or remove it from the quirk"))
        }
        _ => None,
    }
}

/// Values that were only seen are not on the page.
fn of_page(value: &EnumValue) -> bool {
    value.provenance != Provenance::Example
}

/// A list of values is easily forgotten, so a page without one needs a quirk.
fn no_values(report: &Report, doc: &Doc<ReportFile>, findings: &mut Vec<Finding>) {
    let excused = |name: &str| {
        let all = report.quirks.iter().filter(|quirk| quirk.kind == QuirkKind::NoValues);
        // A quirk that names no field may mean this one.
        let names = |at: &String| at == name || (report.field(at).is_none() && !at.contains('.'));
        all.flat_map(|quirk| &quirk.at).any(names) || doc.lost_within(&["quirks"])
    };
    for field in &report.fields {
        let path = ["fields", field.name.as_str()];
        let is_open = matches!(field.ty.innermost(), Type::Enum(of) if of.values.is_empty());
        if is_open && !excused(&field.name) && !doc.lost_within(&[&path[..], &["values"]].concat()) {
            let finding = Finding::new(codes::NO_VALUES, format!("the enum `{}` has no `values`", field.name));
            findings.push(finding.at(doc.at_key(&path)).help(format!(
                "list its values; if the page lists none, add the quirk `{{ kind: no-values, at: [{}], description: … }}`",
                field.name
            )));
        }
    }
}
