//! Resolves one report: fields, what aggregations return and how it comes from the rows, samples, and quirks with their effect (a
//! field that samples lack becomes optional).

use placewise_model::{Aggregation, Compute, Example, Field, Filterable, Quirk, QuirkKind, Report, Returned, Type};

use super::types::{Context, Written, field, resolve};
use crate::finding::Finding;
use crate::source::{AggregationDef, Doc, FullReturnDef, ReportFile, ReturnDef};
use crate::{printed, suggest};

pub(super) fn report(group: &str, doc: &Doc<ReportFile>, findings: &mut Vec<Finding>) -> Report {
    let file = &doc.value;
    let place = |path: &[&str]| doc.at(path);
    let place_key = |path: &[&str]| doc.at_key(path);
    let context = Context { place: &place, place_key: &place_key, column: file.column.as_deref(), policy: file.filter_policy };
    let mut fields: Vec<Field> = Vec::new();
    for (name, def) in &file.fields {
        fields.push(field(name, def, &["fields", name], true, &context, findings));
    }
    let absent: Vec<&String> =
        file.quirks.iter().filter(|quirk| quirk.kind == QuirkKind::AbsentInSamples).flat_map(|quirk| &quirk.at).collect();
    for field in &mut fields {
        field.optional = absent.contains(&&field.name);
    }
    let resolver = Resolver { doc, fields: &fields, context: &context };
    let mut aggregations: Vec<Aggregation> =
        file.aggregations.iter().map(|(name, def)| resolver.aggregation(name, def, findings)).collect();
    for aggregation in &mut aggregations {
        for returned in &mut aggregation.returns {
            let target = format!("{}.{}", aggregation.name, returned.field.name);
            returned.field.optional |= absent.contains(&&target);
        }
    }
    let examples = file.examples.iter().map(|def| Example {
        name: def.name.clone(),
        source: def.source.clone().or_else(|| file.source.clone()),
        aggregation: def.aggregation.clone(),
        field: def.field.clone(),
        request: def.request.clone(),
        response: def.response.clone(),
    });
    let quirks = file.quirks.iter().map(|def| Quirk { kind: def.kind, at: def.at.clone(), about: def.about.clone() });
    Report {
        name: file.report.clone(),
        group: group.to_owned(),
        format: file.format,
        permit: file.permit.clone(),
        cost: file.cost,
        source: file.source.clone(),
        coverage: file.coverage,
        about: file.about.clone(),
        standing: file.standing,
        aggregations,
        examples: examples.collect(),
        quirks: quirks.collect(),
        fields,
    }
}

struct Resolver<'a> {
    doc: &'a Doc<ReportFile>,
    fields: &'a [Field],
    context: &'a Context<'a>,
}

impl Resolver<'_> {
    fn aggregation(&self, name: &str, def: &AggregationDef, findings: &mut Vec<Finding>) -> Aggregation {
        let by = def.by.clone().unwrap_or_else(|| vec![name.to_owned()]);
        for (at, key) in by.iter().enumerate() {
            let index = at.to_string();
            let path: &[&str] = if def.by.is_some() { &["aggregations", name, "by", &index] } else { &["aggregations", name] };
            self.reference(key, path, "group by", findings);
        }
        let returns = def.returns.iter().map(|(key, def)| self.returned(name, key, def, &by, findings)).collect();
        Aggregation { name: name.to_owned(), by, about: def.about.clone(), standing: def.standing, returns }
    }

    fn returned(&self, aggregation: &str, key: &str, def: &ReturnDef, by: &[String], findings: &mut Vec<Finding>) -> Returned {
        let path = ["aggregations", aggregation, "returns", key];
        let (source, full) = match def {
            ReturnDef::Word(_) => (Some(key), None),
            ReturnDef::Full(full) => (full.field.as_deref(), Some(full.as_ref())),
        };
        let field = match (source, full) {
            (Some(source), full) => self.repeated(key, source, full, &path, findings),
            (None, Some(full)) => self.new_field(key, full, &path, findings),
            (None, None) => self.unknown(key),
        };
        let compute = match full.and_then(|full| full.compute.clone()) {
            Some(compute) => {
                if let Compute::Sum(of)
                | Compute::Min(of)
                | Compute::Max(of)
                | Compute::Collect(of)
                | Compute::Same(of)
                | Compute::Span(of) = &compute
                {
                    self.reference(of, &[&path[..], &["compute"]].concat(), "compute from", findings);
                }
                compute
            }
            None => self.usual_compute(source, by),
        };
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
                    Finding::error("field-and-type", "a returned field either repeats a `field` or has a `type` of its own")
                        .at(self.doc.at_key(path))
                        .help("for another printed type of the same field, write `printed`"),
                );
            }
            field.nullable = full.nullable.unwrap_or(field.nullable);
            field.printed = full.printed.clone().unwrap_or(field.printed);
            field.about = full.about.clone().or(field.about);
            field.standing = full.standing;
        }
        field
    }

    fn new_field(&self, key: &str, full: &FullReturnDef, path: &[&str], findings: &mut Vec<Finding>) -> Field {
        let Some(word) = &full.ty else {
            findings.push(
                Finding::error(
                    "field-or-type",
                    format!("the returned field `{key}` needs a `type`, or the `field` that it repeats"),
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
            about: full.about.clone(),
            standing: full.standing,
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
            about: None,
            standing: Default::default(),
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
