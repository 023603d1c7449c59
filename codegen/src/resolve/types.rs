//! The words for types: `integer`, `array[T]`, `map[string]T` and so on. In: a type word with the values and fields written beside
//! it; out: the model's type, the way a page usually prints it, and findings.

use indexmap::IndexMap;
use placewise_model::{Column, EnumType, EnumValue, Field, Filterable, Provenance, Type};

use crate::finding::{Finding, Place};
use crate::source::{FieldDef, FilterPolicy, FilterableDef, FilterableWord, ValueDef};
use crate::{printed, suggest};

const SCALARS: [&str; 9] = ["integer", "number", "string", "boolean", "timestamp", "date", "enum", "object", "json"];
/// Type words nest; this keeps a hostile one from nesting without end.
const MAX_NESTING: usize = 8;

/// Where the parts of a type stand.
pub(super) struct Written<'a> {
    pub(super) word: &'a str,
    pub(super) values: &'a [ValueDef],
    pub(super) fields: &'a IndexMap<String, FieldDef>,
    pub(super) path: Vec<&'a str>,
}

/// What every field of a report needs besides its own words.
pub(super) struct Context<'a> {
    pub(super) place: &'a dyn Fn(&[&str]) -> Place,
    pub(super) place_key: &'a dyn Fn(&[&str]) -> Place,
    pub(super) column: Option<&'a str>,
    pub(super) policy: FilterPolicy,
}

/// Resolves a field of a row (`top`) or of an object.
pub(super) fn field(
    name: &str,
    def: &FieldDef,
    path: &[&str],
    top: bool,
    context: &Context<'_>,
    findings: &mut Vec<Finding>,
) -> Field {
    let written = Written { word: &def.ty, values: &def.values, fields: &def.fields, path: path.to_vec() };
    let ty = resolve(&written, context, findings);
    let printed = def.printed.clone().unwrap_or_else(|| printed::usually(&def.ty));
    Field {
        name: name.to_owned(),
        ty,
        printed,
        nullable: def.nullable,
        optional: false,
        filterable: if top { filterable(&def.filterable, context.policy) } else { Filterable::Unknown },
        column: context.column.filter(|_| top).map(|title| Column { title: title.to_owned(), value: def.column }),
        description: def.description.clone(),
        provenance: def.provenance,
        same_as: None,
    }
}

fn filterable(def: &FilterableDef, policy: FilterPolicy) -> Filterable {
    match def {
        FilterableDef::Header(reference) => Filterable::Header(reference.header.clone()),
        FilterableDef::Word(FilterableWord::Yes) => Filterable::Yes,
        FilterableDef::Word(FilterableWord::No) => Filterable::No,
        FilterableDef::Word(FilterableWord::Example) => Filterable::Example,
        FilterableDef::Word(FilterableWord::Unknown) if policy == FilterPolicy::Strict => Filterable::UnknownStrict,
        FilterableDef::Word(FilterableWord::Unknown) => Filterable::Unknown,
    }
}

/// Resolves a type. What cannot be resolved becomes `json` beside its finding, so that the rest can go on.
pub(super) fn resolve(written: &Written<'_>, context: &Context<'_>, findings: &mut Vec<Finding>) -> Type {
    let at = |part: &str| (context.place)(&[&written.path[..], &[part]].concat());
    let Some((wrappers, word)) = unwrap(written.word) else {
        let finding = Finding::error("unknown-type", format!("`{}` is not a type", written.word)).at(at("type"));
        findings.push(finding.help(format!("types are {}, array[T] and map[string]T", SCALARS.join(", "))));
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
            let finding = Finding::error("unknown-type", format!("`{other}` is not a type")).at(at("type"));
            findings.push(suggest::help(finding, other, &SCALARS));
            Type::Json
        }
    };
    let known = SCALARS.contains(&word);
    if known && !written.values.is_empty() && !matches!(word, "enum" | "string") {
        findings.push(Finding::error("values-of-what", format!("`values` belong to an enum, not to `{word}`")).at(at("values")));
    }
    if known && !written.fields.is_empty() && word != "object" {
        findings
            .push(Finding::error("fields-of-what", format!("`fields` belong to an object, not to `{word}`")).at(at("fields")));
    }
    if word == "object" && written.fields.is_empty() {
        findings.push(
            Finding::error("object-without-fields", "an object lists its `fields`")
                .at(at("type"))
                .help("an object whose keys are not known is `json`, or `map[string]T` where the values are alike"),
        );
    }
    wrappers.into_iter().rev().fold(inner, |of, wrapper| match wrapper {
        Wrapper::Array => Type::Array { of: Box::new(of) },
        Wrapper::Map => Type::Map { of: Box::new(of) },
    })
}

fn object(written: &Written<'_>, context: &Context<'_>, findings: &mut Vec<Finding>) -> Vec<Field> {
    let mut fields = Vec::new();
    for (name, def) in written.fields {
        let path = [&written.path[..], &["fields", name]].concat();
        if name.is_empty() {
            findings.push(Finding::error("empty-name", "a field needs a name").at((context.place_key)(&path)));
        }
        fields.push(field(name, def, &path, false, context, findings));
    }
    fields
}

fn values(defs: &[ValueDef]) -> Vec<EnumValue> {
    let resolve = |def: &ValueDef| match def {
        ValueDef::Plain(value) => {
            EnumValue { value: value.clone(), name: None, description: None, provenance: Provenance::Documented }
        }
        ValueDef::Full(full) => EnumValue {
            value: full.value.clone(),
            name: full.name.clone(),
            description: full.description.clone(),
            provenance: full.provenance,
        },
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
