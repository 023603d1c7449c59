//! Resolves what the rows of an aggregation and the labels of series are made of: fields of the report once more, or new ones, and how
//! a returned value comes from the rows. In: definitions as written and the report's fields; out: fields, and findings at references
//! that lead nowhere.

use indexmap::IndexMap;
use placewise_model::{Aggregation, Compute, Field, Filterable, Format, Returned, Type};

use super::types::{Context, Written, resolve};
use crate::finding::Finding;
use crate::source::{AggregationDef, Doc, FullReturnDef, ReportFile, ReturnDef};
use crate::{printed, suggest};

/// Follows what the keys of a report's rows and labels refer to.
pub(super) struct Resolver<'a> {
    pub(super) doc: &'a Doc<ReportFile>,
    pub(super) fields: &'a [Field],
    pub(super) context: &'a Context<'a>,
}

impl Resolver<'_> {
    pub(super) fn aggregation(&self, name: &str, def: &AggregationDef, findings: &mut Vec<Finding>) -> Aggregation {
        let labels = def.labels.as_ref().map(|defs| self.labels(&["aggregations", name, "labels"], defs, findings));
        let by = self.by(name, def, labels.as_deref(), findings);
        let returns = def.returns.iter().map(|(key, def)| self.returned(name, key, def, &by, findings)).collect();
        Aggregation {
            name: name.to_owned(),
            by,
            description: def.description.clone(),
            provenance: def.provenance,
            returns,
            labels,
        }
    }

    /// What a group has in common: of rows the field named like the aggregation if nothing is said, of series the fields of its label.
    fn by(&self, name: &str, def: &AggregationDef, labels: Option<&[Field]>, findings: &mut Vec<Finding>) -> Vec<String> {
        if let Some(by) = &def.by {
            for (at, key) in by.iter().enumerate() {
                self.reference(key, &["aggregations", name, "by", &at.to_string()], "group by", findings);
            }
            return by.clone();
        }
        if self.doc.value.format == Format::Timeseries {
            return labels.unwrap_or_default().iter().filter_map(|label| label.same_as.clone()).collect();
        }
        self.reference(name, &["aggregations", name], "group by", findings);
        vec![name.to_owned()]
    }

    /// The keys of a series' label.
    pub(super) fn labels(&self, path: &[&str], defs: &IndexMap<String, ReturnDef>, findings: &mut Vec<Finding>) -> Vec<Field> {
        let mut labels = Vec::new();
        for (key, def) in defs {
            let path = [path, &[key]].concat();
            if let ReturnDef::Full(full) = def
                && full.compute.is_some()
            {
                findings.push(
                    Finding::error("compute-of-label", format!("the label's key `{key}` is not computed from rows"))
                        .at(self.doc.at_key(&[&path[..], &["compute"]].concat()))
                        .help("remove `compute`"),
                );
            }
            labels.push(self.key(key, def, &path, findings));
        }
        labels
    }

    /// A key of a row or a label: a field of the report once more, or a new one.
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
        let field = self.key(key, def, &path, findings);
        let (source, compute) = match def {
            ReturnDef::Word(_) => (Some(key), None),
            ReturnDef::Full(full) => (full.field.as_deref(), full.compute.clone()),
        };
        if let Some(of) = compute.as_ref().and_then(computed_from) {
            self.reference(of, &[&path[..], &["compute"]].concat(), "compute from", findings);
        }
        let compute = compute.unwrap_or_else(|| self.usual_compute(source, by));
        Returned { field, compute }
    }

    /// A repeated field is the group's key, or the sum of a count, or whatever all rows of the group agree on.
    fn usual_compute(&self, source: Option<&str>, by: &[String]) -> Compute {
        let Some(field) = source.and_then(|source| self.fields.iter().find(|field| field.name == source)) else {
            return Compute::Unknown;
        };
        if by.contains(&field.name) {
            Compute::Key
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
        let Some(base) = self.reference(source, &at, "repeat", findings) else { return self.unknown(key) };
        let mut field = Field {
            name: key.to_owned(),
            same_as: Some(source.to_owned()),
            filterable: Filterable::Unknown,
            column: None,
            ..base.clone()
        };
        if let Some(full) = full {
            if full.ty.is_some() || !full.values.is_empty() || !full.fields.is_empty() {
                findings.push(
                    Finding::error(
                        "field-and-type",
                        format!("a {} either repeats a `field` or has a `type` of its own", what(path)),
                    )
                    .at(self.doc.at_key(path))
                    .help("for another printed type of the same field, write `printed`"),
                );
            }
            field.nullable = full.nullable.unwrap_or(field.nullable);
            field.printed = full.printed.clone().unwrap_or(field.printed);
            field.description = full.description.clone().or(field.description);
            field.provenance = full.provenance;
        }
        field
    }

    fn new_field(&self, key: &str, full: &FullReturnDef, path: &[&str], findings: &mut Vec<Finding>) -> Field {
        let Some(word) = &full.ty else {
            findings.push(
                Finding::error(
                    "field-or-type",
                    format!("the {} `{key}` needs a `type`, or the `field` that it repeats", what(path)),
                )
                .at(self.doc.at_key(path)),
            );
            return self.unknown(key);
        };
        let written = Written { word, values: &full.values, fields: &full.fields, path: path.to_vec() };
        let ty = resolve(&written, self.context, findings);
        Field {
            ty,
            printed: full.printed.clone().unwrap_or_else(|| printed::usually(word)),
            nullable: full.nullable.unwrap_or_default(),
            description: full.description.clone(),
            provenance: full.provenance,
            ..self.unknown(key)
        }
    }

    /// Stands in for what could not be resolved, beside its finding.
    fn unknown(&self, key: &str) -> Field {
        Field {
            name: key.to_owned(),
            ty: Type::Json,
            printed: printed::usually("json"),
            nullable: Default::default(),
            optional: false,
            filterable: Filterable::Unknown,
            column: None,
            description: None,
            provenance: Default::default(),
            same_as: None,
        }
    }

    fn reference(&self, name: &str, path: &[&str], what: &str, findings: &mut Vec<Finding>) -> Option<&Field> {
        let found = self.fields.iter().find(|field| field.name == name);
        if found.is_none() {
            let known: Vec<&str> = self.fields.iter().map(|field| field.name.as_str()).collect();
            let place = if path.len() == 2 { self.doc.at_key(path) } else { self.doc.at(path) };
            let finding = Finding::error("dangling-reference", format!("the report has no field `{name}` to {what}")).at(place);
            findings.push(suggest::help(finding, name, &known));
        }
        found
    }
}

/// What the key at the end of a path is, for people.
fn what(path: &[&str]) -> &'static str {
    if path.iter().rev().nth(1) == Some(&"labels") { "label's key" } else { "returned field" }
}

/// The field that a value is computed from.
fn computed_from(compute: &Compute) -> Option<&str> {
    match compute {
        Compute::Sum(of) | Compute::Min(of) | Compute::Max(of) | Compute::Collect(of) | Compute::Same(of) | Compute::Span(of) => {
            Some(of)
        }
        Compute::Key | Compute::Count | Compute::Unknown => None,
    }
}
