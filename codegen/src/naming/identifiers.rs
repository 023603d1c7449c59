//! Makes a valid Rust identifier from any wire name. Wire names are untrusted: they may be empty, keywords or anything else.

use heck::{ToSnakeCase, ToUpperCamelCase};
use placewise_model::{EnumValue, Field};

use super::reserved::IN_MODULES;

/// Words that need `r#` as identifiers; those of [`NO_RAW`] cannot be identifiers at all.
const KEYWORDS: [&str; 47] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum", "extern",
    "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override",
    "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while",
];
const NO_RAW: [&str; 5] = ["self", "Self", "super", "crate", "yield"];

/// What a field's Rust names are made from: the name that the spec gives, or the wire name.
pub(super) fn source(field: &Field) -> &str {
    field.rust_name.as_deref().unwrap_or(&field.name)
}

/// A struct field: `created_at`, `r#type`, `_1st`.
pub fn field(field: &Field) -> String {
    member(source(field))
}

/// A partial report's struct keeps unknown keys in `other`.
fn member(name: &str) -> String {
    match keyword_safe(snake(name)) {
        name if name == "other" => "other_".into(),
        name => name,
    }
}

/// A constant: `CREATED_AT`.
pub fn constant(field: &Field) -> String {
    snake(source(field)).to_ascii_uppercase()
}

/// An enum variant, from the name that the spec gives or from the value.
pub fn value(value: &EnumValue) -> String {
    variant(value.name.as_deref().unwrap_or(&value.value))
}

/// An enum variant: `TheBigProject`. `Unlisted` holds values that the spec does not list.
pub fn variant(wire: &str) -> String {
    match lead(camel(wire), "Unnamed").as_str() {
        "Self" => "Self_".into(),
        "Unlisted" => "Unlisted_".into(),
        name => name.into(),
    }
}

/// Upper camel case that keeps numbers apart: `15-19` becomes `15_19`, not `1519`.
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

/// A type: `ComputedCounts`, or `FilterValue` if the module already has a `Filter`.
pub fn type_name(wire: &str) -> String {
    match lead(ascii(wire).to_upper_camel_case(), "Unnamed") {
        name if IN_MODULES.contains(&name.as_str()) => format!("{name}Value"),
        name => name,
    }
}

pub(super) fn is_keyword(name: &str) -> bool {
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

/// Snake case. Most names already are.
fn snake(wire: &str) -> String {
    let plain = wire.starts_with(|c: char| c.is_ascii_lowercase())
        && wire.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        && !wire.ends_with('_')
        && !wire.contains("__");
    if plain { wire.to_owned() } else { lead(ascii(wire).to_snake_case(), "unnamed") }
}

/// Replaces all but ASCII letters and digits, before the case is set, so that the next letter starts a word.
pub(super) fn ascii(wire: &str) -> String {
    wire.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// Puts an underscore before a leading digit, and replaces an empty name.
pub(super) fn lead(name: String, empty: &str) -> String {
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
    fn any_name_becomes_an_identifier() {
        assert_eq!(member("type"), "r#type");
        assert_eq!(member("self"), "self_");
        assert_eq!(member("1st"), "_1st");
        assert_eq!(member("a b-c.d"), "a_b_c_d");
        assert_eq!(member("日本"), "unnamed");
        assert_eq!(member(""), "unnamed");
        assert_eq!(member("} fn main() {"), "fn_main");
        assert_eq!(variant("the-big-project"), "TheBigProject");
        assert_eq!(variant("unlisted"), "Unlisted_");
        assert_eq!(variant("15-19"), "_15_19");
        assert_eq!(variant("-14"), "_14");
        assert_eq!(variant("80-"), "_80");
        assert_eq!(type_name("filter"), "FilterValue");
        assert_eq!(type_name("日do"), "Do");
        assert_eq!(variant("日self"), "Self_");
    }
}
