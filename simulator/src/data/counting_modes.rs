//! Counting modes: a field that states by which of several fields a tally counts the same rows.
//!
//! The tally names its modes in one field. A timeseries of the same rows with a field of that name counts every event once per mode if
//! a query refers to the field, and once in total otherwise. This is the simulator's own reading.

use placewise_model::{Field, Model, Report, Simulate, Type};

/// The field of counting modes and its values.
#[derive(Clone, Debug)]
pub(crate) struct CountingModes {
    /// Index of the field among those of the events.
    pub(crate) field: usize,
    pub(crate) names: Vec<String>,
}

impl CountingModes {
    /// The modes of a timeseries, if nothing else fills the field; of several tallies those of the first. `known_values` are those of the
    /// tally's field with that index.
    pub(crate) fn of(model: &Model, report: &Report, known_values: impl Fn(&Report, usize) -> Vec<String>) -> Option<Self> {
        let (mut source, mut steps) = (report, Vec::new());
        while let Some(Simulate::Events { of, take, .. }) = &source.simulate {
            steps.push((source, take));
            source = model.report(of)?;
        }
        model.reports.iter().find_map(|tally| {
            let Some(Simulate::Tally { of, by, .. }) = &tally.simulate else { return None };
            let field = index_of(report, by)?;
            let unfilled = steps.iter().all(|(report, take)| is_open(report.field(by)) && !take.contains_key(by));
            if *of != source.name || source.field(by).is_some() || !unfilled {
                return None;
            }
            let names = known_values(tally, index_of(tally, by)?);
            (!names.is_empty()).then_some(Self { field, names })
        })
    }
}

fn index_of(report: &Report, name: &str) -> Option<usize> {
    report.fields.iter().position(|field| field.name == name)
}

/// Whether the spec lists no values for the field.
fn is_open(field: Option<&Field>) -> bool {
    match field.map(|field| &field.ty) {
        Some(Type::Enum(known)) => known.values.is_empty(),
        ty => ty.is_none_or(|ty| *ty == Type::String),
    }
}
