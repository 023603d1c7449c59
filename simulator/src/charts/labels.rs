//! The keys of series labels, by report and aggregation.

use placewise_model::{Field, Report, Type};

/// The keys of labels, in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Labels(pub(crate) Vec<String>);

/// The label keys without aggregation; none if the spec does not know them, which makes one series of everything.
pub(crate) fn plain(report: &Report) -> Labels {
    Labels(names(report.labels.as_deref().unwrap_or_default()))
}

/// The label keys of an aggregation; `None` if the report does not have it.
///
/// If the spec knows no labels, they are the fields that define the groups. If the spec says that the report may have more aggregations
/// than listed, each field is one: its value follows the plain labels. An object, array or map adds no label, as in the documented
/// example of one.
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
    if is_scalar(&field.ty) && !labels.contains(&field.name) {
        labels.push(field.name.clone());
    }
    Some(Labels(labels))
}

/// All names that [`aggregated`] accepts.
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

fn names(fields: &[Field]) -> Vec<String> {
    fields.iter().map(|field| field.name.clone()).collect()
}

fn is_scalar(ty: &Type) -> bool {
    !matches!(ty, Type::Array { .. } | Type::Object { .. } | Type::Map { .. } | Type::Json)
}
