//! The one naming layer: which Rust name each thing of the spec gets. In: wire names, which are untrusted and may be anything; out:
//! identifiers that are always valid Rust. Names that fall together are not resolved here: a rule reports them.

use heck::{ToSnakeCase, ToUpperCamelCase};
use placewise_model::{Aggregation, EnumValue, Field, Period, Report, Type};

mod taken;

use taken::{HANDED_ON, MODULES, TAKEN};

/// Words that no identifier may be; those of [`NO_RAW`] cannot even be raw.
const KEYWORDS: [&str; 47] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum", "extern",
    "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override",
    "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while",
];
const NO_RAW: [&str; 5] = ["self", "Self", "super", "crate", "yield"];

/// The struct of a series' label when nothing is aggregated.
pub const LABEL: &str = "Label";

/// Field of a struct: `created_at`, `r#type`, `_1st`. `other` holds what a partial report does not model.
pub fn field(wire: &str) -> String {
    match keyword_safe(snake(wire)) {
        name if name == "other" => "other_".into(),
        name => name,
    }
}

/// Constant: `CREATED_AT`. `FIELDS` is the module's own.
pub fn constant(wire: &str) -> String {
    match snake(wire).to_ascii_uppercase() {
        name if name == "FIELDS" => "FIELDS_".into(),
        name => name,
    }
}

/// Variant of an enumeration: the name that the spec gives, or made of the value.
pub fn value(value: &EnumValue) -> String {
    variant(value.name.as_deref().unwrap_or(&value.value))
}

/// Variant of an enumeration: `TheBigProject`. `Unlisted` holds what the spec does not list.
pub fn variant(wire: &str) -> String {
    match lead(camel(wire), "Unnamed").as_str() {
        "Self" => "Self_".into(),
        "Unlisted" => "Unlisted_".into(),
        name => name.into(),
    }
}

/// Camel case that keeps numbers apart: `15-19` is `15_19`, not `1519`.
fn camel(wire: &str) -> String {
    let mut out = String::new();
    for word in ascii(wire).to_snake_case().split('_') {
        let camel = word.to_upper_camel_case();
        if out.ends_with(|c: char| c.is_ascii_digit()) && camel.starts_with(|c: char| c.is_ascii_digit()) {
            out.push('_');
        }
        out.push_str(&camel);
    }
    out
}

/// Type: `ComputedCounts`; `RecordValue` where the module has the plain name already.
pub fn type_name(wire: &str) -> String {
    match lead(ascii(wire).to_upper_camel_case(), "Unnamed") {
        name if TAKEN.contains(&name.as_str()) => format!("{name}Value"),
        name => name,
    }
}

/// What a report is called in Rust.
pub struct ReportNames {
    /// The module and its file: `sendings`.
    pub module: String,
    /// The marker type: `Sendings`.
    pub marker: String,
}

/// Names of a report. A rule keeps report names to `[a-z][a-z0-9_]*`.
pub fn report(name: &str) -> ReportNames {
    let module = match name.to_snake_case() {
        name if MODULES.contains(&name.as_str()) || is_keyword(&name) => format!("{name}_report"),
        name => name,
    };
    let marker = match lead(name.to_upper_camel_case(), "Unnamed") {
        name if TAKEN.contains(&name.as_str()) || HANDED_ON.contains(&name.as_str()) => format!("{name}Report"),
        name => name,
    };
    ReportNames { module, marker }
}

/// What an endpoint is called in Rust.
pub struct EndpointNames {
    /// The marker type: `ListPlaces`.
    pub marker: String,
    /// The struct of what is sent, where its keys are known.
    pub request: String,
    /// The struct of what comes back, where its keys are known.
    pub reply: String,
}

/// Names of an endpoint, inside the module that holds all endpoints. A rule keeps their names to `[a-z][a-z0-9_]*`.
pub fn endpoint(name: &str) -> EndpointNames {
    let bare = lead(ascii(name).to_upper_camel_case(), "Unnamed");
    let marker = if TAKEN.contains(&bare.as_str()) { format!("{bare}Endpoint") } else { bare };
    EndpointNames { request: format!("{marker}Request"), reply: format!("{marker}Reply"), marker }
}

/// The type of an interval, named by the length of its buckets: `Minutes5`, `Hour`.
pub fn interval(bucket_length: Period) -> String {
    let unit = bucket_length.unit.word().to_upper_camel_case();
    if bucket_length.count == 1 { unit } else { format!("{unit}s{}", bucket_length.count) }
}

/// The test of an example: its number keeps tests of equal names apart.
pub fn test(index: usize, name: &str, what: &str) -> String {
    let words = ascii(name).to_snake_case();
    let words: String = words.chars().take(60).collect();
    format!("example_{}_{}_{what}", index + 1, lead(words, "unnamed").trim_start_matches('_'))
}

/// The rows or labels of an aggregation: `ByCampaignId`, and the method that asks for them.
pub fn aggregation(aggregation: &Aggregation) -> (String, String) {
    let bare = ascii(aggregation.name.strip_prefix("by_").unwrap_or(&aggregation.name));
    (
        format!("By{}", lead(bare.to_upper_camel_case(), "Unnamed").trim_start_matches('_')),
        format!("by_{}", lead(bare.to_snake_case(), "unnamed").trim_start_matches('_')),
    )
}

/// A type that the module defines, found while walking a report.
pub struct Defined<'a> {
    /// Its Rust name.
    pub name: String,
    /// The field that it belongs to.
    pub field: &'a Field,
    /// Path of wire names from the report, for findings.
    pub path: Vec<&'a str>,
    /// The enumeration or object itself.
    pub ty: &'a Type,
}

/// Every type that a report's module defines for its fields, for the new returned fields of its aggregations and for the new keys of its
/// labels, outer before inner.
pub fn defined(report: &Report) -> Vec<Defined<'_>> {
    let mut out = Vec::new();
    for field in &report.fields {
        walk(field, "", vec!["fields", &field.name], &mut out);
    }
    for label in report.labels.iter().flatten().filter(|label| label.same_as.is_none()) {
        walk(label, LABEL, vec!["labels", &label.name], &mut out);
    }
    for aggregation in &report.aggregations {
        let (rows, _) = self::aggregation(aggregation);
        for returned in aggregation.returns.iter().filter(|returned| returned.field.same_as.is_none()) {
            walk(&returned.field, &rows, vec!["aggregations", &aggregation.name, "returns", &returned.field.name], &mut out);
        }
        for label in aggregation.labels.iter().flatten().filter(|label| label.same_as.is_none()) {
            walk(label, &rows, vec!["aggregations", &aggregation.name, "labels", &label.name], &mut out);
        }
    }
    out
}

/// Every type that the fields of an endpoint's request or reply define, outer before inner; `prefix` is the struct they stand in.
pub fn defined_in<'a>(fields: &'a [Field], prefix: &str) -> Vec<Defined<'a>> {
    let mut out = Vec::new();
    for field in fields {
        walk(field, prefix, vec![&field.name], &mut out);
    }
    out
}

fn walk<'a>(field: &'a Field, prefix: &str, path: Vec<&'a str>, out: &mut Vec<Defined<'a>>) {
    let ty = field.ty.innermost();
    if !matches!(ty, Type::Enum(_) | Type::Object { .. }) {
        return;
    }
    let name = defined_name(field, prefix);
    out.push(Defined { name: name.clone(), field, path: path.clone(), ty });
    if let Type::Object { fields } = ty {
        for inner in fields {
            walk(inner, &name, [&path[..], &["fields", &inner.name]].concat(), out);
        }
    }
}

/// The Rust name of the enumeration or object that a field holds: an element of `ranges` is a `Range`.
pub fn defined_name(field: &Field, prefix: &str) -> String {
    let wire = field.same_as.as_deref().unwrap_or(&field.name);
    let collection = matches!(field.ty, Type::Array { .. } | Type::Map { .. });
    let wire = match wire.strip_suffix('s') {
        Some(one) if collection && !one.ends_with(['s', 'u', 'i']) && !one.is_empty() => one,
        _ => wire,
    };
    if prefix.is_empty() { type_name(wire) } else { type_name(&format!("{prefix} {wire}")) }
}

fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name) || NO_RAW.contains(&name)
}

fn keyword_safe(name: String) -> String {
    if NO_RAW.contains(&name.as_str()) {
        format!("{name}_")
    } else if KEYWORDS.contains(&name.as_str()) {
        format!("r#{name}")
    } else {
        name
    }
}

/// Most names are snake case already.
fn snake(wire: &str) -> String {
    let plain = wire.starts_with(|c: char| c.is_ascii_lowercase())
        && wire.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        && !wire.ends_with('_')
        && !wire.contains("__");
    if plain { wire.to_owned() } else { lead(ascii(wire).to_snake_case(), "unnamed") }
}

/// Keeps ASCII letters and digits, before the case is set: a letter after one that falls away begins a word.
fn ascii(wire: &str) -> String {
    wire.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// A name that starts with a digit gets an underscore before it; one of which nothing is left is called `empty`.
fn lead(name: String, empty: &str) -> String {
    let name = name.trim_matches('_');
    match name.chars().next() {
        None => empty.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("_{name}"),
        Some(_) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_become_identifiers() {
        assert_eq!(field("type"), "r#type");
        assert_eq!(field("self"), "self_");
        assert_eq!(field("1st"), "_1st");
        assert_eq!(field("a b-c.d"), "a_b_c_d");
        assert_eq!(field("日本"), "unnamed");
        assert_eq!(field(""), "unnamed");
        assert_eq!(field("} fn main() {"), "fn_main");
        assert_eq!(variant("the-big-project"), "TheBigProject");
        assert_eq!(variant("unlisted"), "Unlisted_");
        assert_eq!(variant("15-19"), "_15_19");
        assert_eq!(variant("-14"), "_14");
        assert_eq!(variant("80-"), "_80");
        assert_eq!(constant("fields"), "FIELDS_");
        assert_eq!(type_name("record"), "RecordValue");
        assert_eq!(type_name("日do"), "Do");
        assert_eq!(variant("日self"), "Self_");
    }
}
