//! Resolves one report.
//!
//! A quirk takes effect here: a field that examples lack becomes optional.

use placewise_model::{Aggregation, Coverage, Example, Field, QuirkKind, Report};

use super::aggregations::Resolver;
use super::fields_and_types::{Context, field};
use super::metric;
use crate::finding::Finding;
use crate::source::{Doc, ReportFile, YesNo};

pub(super) fn report(group: &str, doc: &Doc<ReportFile>, findings: &mut Vec<Finding>) -> Report {
    let file = &doc.value;
    let context = Context { doc, column: file.column.as_deref(), policy: file.filter_policy };
    let mut fields: Vec<Field> = Vec::new();
    for (name, def) in &file.fields {
        fields.push(field(name, def, &["fields", name], true, &context, findings));
    }
    let absent: Vec<&String> =
        file.quirks.iter().filter(|quirk| quirk.kind == QuirkKind::AbsentInExamples).flat_map(|quirk| &quirk.at).collect();
    for field in &mut fields {
        field.optional = absent.contains(&&field.name);
    }
    let index = fields.iter().enumerate().map(|(at, field)| (field.name.as_str(), at)).collect();
    let resolver = Resolver { fields: &fields, index, context: &context };
    let mut aggregations: Vec<Aggregation> =
        file.aggregations.iter().map(|(name, def)| resolver.aggregation(name, def, findings)).collect();
    for aggregation in &mut aggregations {
        for returned in &mut aggregation.returns {
            let target = format!("{}.{}", aggregation.name, returned.field.name);
            returned.field.optional |= absent.contains(&&target);
        }
    }
    let labels = file.labels.as_ref().map(|defs| resolver.labels(&["labels"], defs, findings));
    let more = file.more_aggregations.map_or(file.coverage != Coverage::Whole, |word| word == YesNo::Yes);
    Report {
        name: file.report.clone(),
        rust_name: file.name.clone(),
        group: group.to_owned(),
        format: file.format,
        permit: file.permit.clone(),
        cost: file.cost,
        source: file.source.clone(),
        coverage: file.coverage,
        description: file.description.clone(),
        provenance: file.provenance,
        intervals: file.intervals.clone(),
        data_lag: file.data_lag.as_ref().and_then(metric::data_lag),
        adds: file.adds.as_ref().and_then(metric::adds),
        unnamed: file.unnamed.clone(),
        labels,
        aggregations,
        more_aggregations: more,
        relations: file.relations.clone(),
        simulate: file.simulate.clone(),
        examples: file.examples.iter().map(|of| example(of, file)).collect(),
        quirks: file.quirks.clone(),
        rust_query: None,
        fields,
    }
}

/// An example is on the report's page unless it names another. The page of a name-only example is not known.
fn example(example: &Example, file: &ReportFile) -> Example {
    let page = || file.source.clone().filter(|_| example.coverage != Coverage::NameOnly);
    Example { source: example.source.clone().or_else(page), ..example.clone() }
}
