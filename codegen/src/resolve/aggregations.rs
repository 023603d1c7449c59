//! Resolves aggregations and labels: which fields they repeat, which are new, and how the simulator computes each.

use std::collections::HashMap;

use indexmap::IndexMap;
use placewise_model::{Adds, Aggregation, Compute, Field, Filterability, Format, Returned, Type};

use super::fields_and_types::{Context, Written, resolve};
use super::metric;
use crate::finding::{Finding, codes, dangling};
use crate::source::{AggregationDef, FullReturnDef, GroupingDef, GroupingWord, ReportFile, ReturnDef, usual_print};

/// Resolves the keys of aggregated rows and of labels.
pub(super) struct Resolver<'a> {
    pub(super) fields: &'a [Field],
    /// The index of each by name.
    pub(super) index: HashMap<&'a str, usize>,
    pub(super) context: &'a Context<'a, ReportFile>,
}

impl Resolver<'_> {
    pub(super) fn aggregation(&self, name: &str, def: &AggregationDef, findings: &mut Vec<Finding>) -> Aggregation {
        let labels = def.labels.as_ref().map(|defs| self.labels(&["aggregations", name, "labels"], defs, findings));
        let by = self.by(name, def, labels.as_deref(), findings);
        let returns = def.returns.iter().map(|(key, def)| self.returned(name, key, def, &by, findings)).collect();
        Aggregation {
            name: name.to_owned(),
            rust_name: def.name.clone(),
            by,
            description: def.description.clone(),
            provenance: def.provenance,
            returns,
            labels,
        }
    }

    /// The fields to group by. By default, rows group by the field with the aggregation's name and series by the fields of their label.
    fn by(&self, name: &str, def: &AggregationDef, labels: Option<&[Field]>, findings: &mut Vec<Finding>) -> Vec<String> {
        match &def.by {
            Some(GroupingDef::Fields(by)) => {
                for (at, key) in by.iter().enumerate() {
                    self.reference(key, &["aggregations", name, "by", &at.to_string()], findings);
                }
                return by.clone();
            }
            Some(GroupingDef::Word(GroupingWord::Unknown)) => return Vec::new(),
            None if self.context.doc.lost(&["aggregations", name, "by"]) => return Vec::new(),
            None => {}
        }
        if self.context.doc.value.format == Format::Timeseries {
            return labels.unwrap_or_default().iter().filter_map(|label| label.same_as.clone()).collect();
        }
        self.reference(name, &["aggregations", name], findings);
        vec![name.to_owned()]
    }

    /// The keys of a label.
    pub(super) fn labels(&self, path: &[&str], defs: &IndexMap<String, ReturnDef>, findings: &mut Vec<Finding>) -> Vec<Field> {
        let mut labels = Vec::new();
        for (key, def) in defs {
            let path = [path, &[key]].concat();
            if let ReturnDef::Full(full) = def
                && full.compute.is_some()
                && self.context.doc.value.format == Format::Timeseries
            {
                findings.push(
                    Finding::new(
                        codes::COMPUTE_OF_LABEL,
                        format!("the label key `{key}` has `compute`, but labels are not computed"),
                    )
                    .at(self.context.doc.at_key(&[&path[..], &["compute"]].concat()))
                    .help("remove `compute`"),
                );
            }
            labels.push(self.key(key, def, &path, findings));
        }
        labels
    }

    /// A key of a row or a label: a repeated field of the report, or a new one.
    fn key(&self, key: &str, def: &ReturnDef, path: &[&str], findings: &mut Vec<Finding>) -> Field {
        match def {
            ReturnDef::Word(_) => self.repeated(key, key, None, path, findings),
            ReturnDef::Full(full) => match &full.field {
                Some(source) => self.repeated(key, source, Some(full), path, findings),
                None => self.new_field(key, full, path, findings),
            },
        }
    }

    fn returned(&self, aggregation: &str, key: &str, def: &ReturnDef, by: &[String], findings: &mut Vec<Finding>) -> Returned {
        let path = ["aggregations", aggregation, "returns", key];
        let mut field = self.key(key, def, &path, findings);
        let (source, compute) = match def {
            ReturnDef::Word(_) => (Some(key), None),
            ReturnDef::Full(full) => (full.field.as_deref(), full.compute.clone()),
        };
        if let Some((how, of)) = compute.as_ref().and_then(computed_from) {
            self.reference(of, &[&path[..], &["compute", how]].concat(), findings);
        }
        let compute = compute.unwrap_or_else(|| self.usual_compute(source, by));
        // What rows are grouped by is no metric there.
        if compute == Compute::Key {
            field.adds = None;
        }
        Returned { field, compute }
    }

    /// A repeated field is the group's key, a sum if it is a number, or else the common value of the rows. What never adds up has no sum.
    fn usual_compute(&self, source: Option<&str>, by: &[String]) -> Compute {
        let Some(field) = source.and_then(|source| self.field(source)) else {
            return Compute::Unknown;
        };
        if by.contains(&field.name) {
            Compute::Key
        } else if field.adds.as_ref().is_some_and(Adds::is_never) {
            Compute::Unknown
        } else if matches!(field.ty, Type::Integer | Type::Number) {
            Compute::Sum(field.name.clone())
        } else {
            Compute::Same(field.name.clone())
        }
    }

    fn repeated(
        &self,
        key: &str,
        source: &str,
        full: Option<&FullReturnDef>,
        path: &[&str],
        findings: &mut Vec<Finding>,
    ) -> Field {
        let at = if full.is_some() { [path, &["field"]].concat() } else { path.to_vec() };
        let Some(base) = self.reference(source, &at, findings) else { return self.unknown(key) };
        let mut field = Field {
            name: key.to_owned(),
            // Under its own key, a repeated field has the same name in code too.
            rust_name: full.and_then(|full| full.name.clone()).or_else(|| base.rust_name.clone().filter(|_| key == source)),
            same_as: Some(source.to_owned()),
            filterable: Filterability::Unknown,
            column: None,
            deprecated: false,
            ..base.clone()
        };
        if let Some(full) = full {
            if full.ty.is_some() || !full.values.is_empty() || !full.fields.is_empty() {
                findings.push(
                    Finding::new(
                        codes::FIELD_AND_TYPE,
                        format!("a {} repeats a `field` or has its own `type`, not both", what(path)),
                    )
                    .at(self.context.doc.at_key(path))
                    .help("remove one of them; if the page prints another type for the same field, write `printed`"),
                );
            }
            field.nullable = full.nullable.unwrap_or(field.nullable);
            field.printed = full.printed.clone().unwrap_or(field.printed);
            if let Some(adds) = &full.adds {
                field.adds = metric::adds(adds);
            }
            field.description = full.description.clone().or(field.description);
            field.provenance = full.provenance;
        }
        field
    }

    fn new_field(&self, key: &str, full: &FullReturnDef, path: &[&str], findings: &mut Vec<Finding>) -> Field {
        let Some(word) = &full.ty else {
            findings.push(
                Finding::new(
                    codes::FIELD_OR_TYPE,
                    format!("the {} `{key}` has neither a `type` nor a `field` that it repeats", what(path)),
                )
                .at(self.context.doc.at_key(path))
                .help("write one of them"),
            );
            return Field { description: full.description.clone(), ..self.unknown(key) };
        };
        let written = Written { word, values: &full.values, fields: &full.fields, path: path.to_vec() };
        let ty = resolve(&written, self.context, findings);
        Field {
            rust_name: full.name.clone(),
            ty,
            printed: full.printed.clone().unwrap_or_else(|| usual_print(word)),
            nullable: full.nullable.unwrap_or_default(),
            adds: full.adds.as_ref().and_then(metric::adds),
            description: full.description.clone(),
            provenance: full.provenance,
            same_as: None,
            ..self.unknown(key)
        }
    }

    /// A placeholder for a key that has a finding. It counts as repeated, so that nobody misses its description.
    fn unknown(&self, key: &str) -> Field {
        Field {
            name: key.to_owned(),
            rust_name: None,
            ty: Type::Json,
            printed: usual_print("json"),
            nullable: Default::default(),
            optional: false,
            filterable: Filterability::Unknown,
            column: None,
            deprecated: false,
            adds: None,
            description: None,
            provenance: Default::default(),
            same_as: Some(key.to_owned()),
        }
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.index.get(name).and_then(|at| self.fields.get(*at))
    }

    fn reference(&self, name: &str, path: &[&str], findings: &mut Vec<Finding>) -> Option<&Field> {
        let found = self.field(name);
        if found.is_none() {
            let known: Vec<&str> = self.fields.iter().map(|field| field.name.as_str()).collect();
            let place = if path.len() == 2 { self.context.doc.at_key(path) } else { self.context.doc.at(path) };
            findings.push(dangling(format!("the report has no field `{name}`"), place, name, &known));
        }
        found
    }
}

/// The kind of key at the end of a path, for people.
fn what(path: &[&str]) -> &'static str {
    if path.iter().rev().nth(1) == Some(&"labels") { "label key" } else { "returned field" }
}

/// How a value is computed, as written, and the field that it is computed from.
pub(crate) fn computed_from(compute: &Compute) -> Option<(&'static str, &str)> {
    Some(match compute {
        Compute::Sum(of) => ("sum", of),
        Compute::Min(of) => ("min", of),
        Compute::Max(of) => ("max", of),
        Compute::Collect(of) => ("collect", of),
        Compute::Same(of) => ("same", of),
        Compute::Span(of) => ("span", of),
        Compute::Key | Compute::Count | Compute::Unknown => return None,
    })
}
