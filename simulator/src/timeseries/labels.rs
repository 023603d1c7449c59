//! What the series of a query are labelled with. In come a report and the name of an aggregation; out come the label's keys, or
//! nothing where the report cannot be aggregated so.

use placewise_model::{Field, Report, Type};

/// The keys of labels, in the order in which they stand.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Labels(pub(crate) Vec<String>);

/// The labels without aggregation. Where the spec does not know them there are none, and there is one series of everything.
pub(crate) fn plain(report: &Report) -> Labels {
    Labels(names(report.labels.as_deref().unwrap_or_default()))
}

/// The labels of an aggregation. One of which the spec knows no labels has the fields that its groups have in common. Where the spec
/// says that a report may know more aggregations than listed, any field is taken as one: its values then stand beside the plain
/// labels. A field with keys of its own groups nothing: in the documented example of one the labels are the plain ones.
pub(crate) fn aggregated(report: &Report, name: &str) -> Option<Labels> {
    if let Some(aggregation) = report.aggregation(name) {
        return Some(match &aggregation.labels {
            Some(labels) => Labels(names(labels)),
            None => {
                let by = aggregation.by.iter().map(String::as_str).chain([name]);
                let mut labels: Vec<String> = by.filter(|name| report.field(name).is_some()).map(str::to_owned).collect();
                labels.dedup();
                Labels(labels)
            }
        });
    }
    let field = report.field(name).filter(|_| report.more_aggregations)?;
    let Labels(mut labels) = plain(report);
    if groups(&field.ty) && !labels.contains(&field.name) {
        labels.push(field.name.clone());
    }
    Some(Labels(labels))
}

/// All names that [`aggregated`] takes.
pub(crate) fn known(report: &Report) -> Vec<&str> {
    let aggregations = report.aggregations.iter().map(|aggregation| aggregation.name.as_str());
    let fields = report.fields.iter().filter(|_| report.more_aggregations).map(|field| field.name.as_str());
    let mut known: Vec<&str> = aggregations.collect();
    fields.for_each(|name| {
        if !known.contains(&name) {
            known.push(name);
        }
    });
    known
}

/// The fields of a report's events: its own and those that only labels have.
pub(crate) fn event_fields(report: &Report) -> Vec<Field> {
    let mut fields = report.fields.clone();
    let labels = report.labels.iter().chain(report.aggregations.iter().filter_map(|aggregation| aggregation.labels.as_ref()));
    for label in labels.flatten() {
        if !fields.iter().any(|field| field.name == label.name) {
            fields.push(label.clone());
        }
    }
    fields
}

fn names(fields: &[Field]) -> Vec<String> {
    fields.iter().map(|field| field.name.clone()).collect()
}

fn groups(ty: &Type) -> bool {
    !matches!(ty, Type::Array { .. } | Type::Object { .. } | Type::Map { .. } | Type::Json)
}
