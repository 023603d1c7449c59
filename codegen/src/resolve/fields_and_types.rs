//! Resolves fields and their type words: `integer`, `array[T]`, `map[string]T`.

use indexmap::IndexMap;
use placewise_model::{Column, EnumType, EnumValue, Field, Filterability, Type, nearest};

use super::metric;
use crate::finding::{Finding, codes, suggest};
use crate::source::{Doc, FieldDef, FilterPolicy, FilterableDef, FilterableWord, ValueDef, YesNo, usual_print};

const SCALARS: [&str; 9] = ["integer", "number", "string", "boolean", "timestamp", "date", "enum", "object", "json"];
/// A hostile type word could nest without end.
const MAX_NESTING: usize = 8;

/// The parts of a type as written, and their path.
pub(super) struct Written<'a> {
    pub(super) word: &'a str,
    pub(super) values: &'a [ValueDef],
    pub(super) fields: &'a IndexMap<String, FieldDef>,
    pub(super) path: Vec<&'a str>,
}

/// What the fields of a report share.
pub(super) struct Context<'a, T> {
    pub(super) doc: &'a Doc<T>,
    pub(super) column: Option<&'a str>,
    pub(super) policy: FilterPolicy,
}

/// Resolves a field of a row (`top`) or of an object.
pub(super) fn field<T>(
    name: &str,
    def: &FieldDef,
    path: &[&str],
    top: bool,
    context: &Context<'_, T>,
    findings: &mut Vec<Finding>,
) -> Field {
    let written = Written { word: &def.ty, values: &def.values, fields: &def.fields, path: path.to_vec() };
    let ty = resolve(&written, context, findings);
    let printed = def.printed.clone().unwrap_or_else(|| usual_print(&def.ty));
    Field {
        name: name.to_owned(),
        rust_name: def.name.clone(),
        ty,
        printed,
        nullable: def.nullable,
        optional: false,
        filterable: if top { filterable(&def.filterable, context.policy) } else { Filterability::Unknown },
        column: def
            .column_title
            .as_deref()
            .or(context.column)
            .filter(|_| top)
            .map(|title| Column { title: title.to_owned(), value: def.column }),
        deprecated: def.deprecated == Some(YesNo::Yes),
        adds: def.adds.as_ref().and_then(metric::adds),
        description: def.description.clone(),
        provenance: def.provenance,
        same_as: None,
    }
}

fn filterable(def: &FilterableDef, policy: FilterPolicy) -> Filterability {
    match def {
        FilterableDef::Header(reference) => Filterability::Header(reference.header.clone()),
        FilterableDef::Word(FilterableWord::Yes) => Filterability::Yes,
        FilterableDef::Word(FilterableWord::No) => Filterability::No,
        FilterableDef::Word(FilterableWord::Example) => Filterability::Example,
        FilterableDef::Word(FilterableWord::Refused) => Filterability::UnknownStrict,
        FilterableDef::Word(FilterableWord::Unknown) if policy == FilterPolicy::Strict => Filterability::UnknownStrict,
        FilterableDef::Word(FilterableWord::Unknown) => Filterability::Unknown,
    }
}

/// Resolves a type. A type with a finding becomes `json`, so that the rest can be resolved.
pub(super) fn resolve<T>(written: &Written<'_>, context: &Context<'_, T>, findings: &mut Vec<Finding>) -> Type {
    let at = |part: &str| context.doc.at(&[&written.path[..], &[part]].concat());
    let Some((wrappers, word)) = unwrap(written.word) else {
        let finding = Finding::new(codes::UNKNOWN_TYPE, format!("`{}` is not a type", written.word)).at(at("type"));
        findings.push(finding.help(known_types()));
        return Type::Json;
    };
    let inner = match word {
        "integer" => Type::Integer,
        "number" => Type::Number,
        "string" if !written.values.is_empty() => Type::Enum(EnumType { values: values(written.values) }),
        "string" => Type::String,
        "boolean" => Type::Boolean,
        "timestamp" => Type::Timestamp,
        "date" => Type::Date,
        "enum" => Type::Enum(EnumType { values: values(written.values) }),
        "json" => Type::Json,
        "object" => Type::Object { fields: object(written, context, findings) },
        other => {
            let finding = Finding::new(codes::UNKNOWN_TYPE, format!("`{other}` is not a type")).at(at("type"));
            findings.push(match nearest(other, SCALARS) {
                Some(_) => suggest(finding, other, &SCALARS),
                None => finding.help(known_types()),
            });
            Type::Json
        }
    };
    let lost = |part: &str| context.doc.lost(&[&written.path[..], &[part]].concat());
    // An unreadable type says nothing about what belongs to it.
    let known = SCALARS.contains(&word) && !lost("type");
    let has_values = !written.values.is_empty() || context.doc.lost_within(&[&written.path[..], &["values"]].concat());
    if known && has_values && !matches!(word, "enum" | "string") {
        let finding = Finding::new(codes::VALUES_OF_WHAT, format!("`values` belong to an enum, not to `{word}`"));
        findings.push(finding.at(at("values")).help("remove `values`, or write `type: enum`"));
    }
    if known && !written.fields.is_empty() && word != "object" {
        let finding = Finding::new(codes::FIELDS_OF_WHAT, format!("`fields` belong to an object, not to `{word}`"));
        findings.push(finding.at(at("fields")).help("remove `fields`, or write `type: object`"));
    }
    if word == "object" && written.fields.is_empty() && !lost("fields") {
        findings.push(
            Finding::new(codes::OBJECT_WITHOUT_FIELDS, "an object has no `fields`")
                .at(at("type"))
                .help("list its fields; if its keys are not known, write `json`, or `map[string]T` if its values have one type"),
        );
    }
    wrappers.into_iter().rev().fold(inner, |of, wrapper| match wrapper {
        Wrapper::Array => Type::Array { of: Box::new(of) },
        Wrapper::Map => Type::Map { of: Box::new(of) },
    })
}

fn known_types() -> String {
    format!("the types are {}, \"array[T]\" and \"map[string]T\"", SCALARS.join(", "))
}

fn object<T>(written: &Written<'_>, context: &Context<'_, T>, findings: &mut Vec<Finding>) -> Vec<Field> {
    let mut fields = Vec::new();
    for (name, def) in written.fields {
        let path = [&written.path[..], &["fields", name]].concat();
        if name.is_empty() {
            let finding = Finding::new(codes::EMPTY_NAME, "a field has no name").at(context.doc.at_key(&path));
            findings.push(finding.help("write its name on the wire"));
        }
        fields.push(field(name, def, &path, false, context, findings));
    }
    fields
}

fn values(defs: &[ValueDef]) -> Vec<EnumValue> {
    let resolve = |def: &ValueDef| match def {
        ValueDef::Plain(value) => EnumValue { value: value.clone(), ..EnumValue::default() },
        ValueDef::Full(full) => full.clone(),
    };
    defs.iter().map(resolve).collect()
}

#[derive(Clone, Copy)]
enum Wrapper {
    Array,
    Map,
}

/// Splits `array[map[string]integer]` into its wrappers, outermost first, and the word inside.
fn unwrap(mut word: &str) -> Option<(Vec<Wrapper>, &str)> {
    let mut wrappers = Vec::new();
    loop {
        word = word.trim();
        if wrappers.len() > MAX_NESTING {
            return None;
        }
        if let Some(rest) = word.strip_prefix("array[") {
            word = rest.strip_suffix(']')?;
            wrappers.push(Wrapper::Array);
        } else if let Some(rest) = word.strip_prefix("map[string]") {
            word = rest;
            wrappers.push(Wrapper::Map);
        } else {
            return Some((wrappers, word));
        }
    }
}
