//! Escapes text of a page for YAML. The page is untrusted: no text of it can end a scalar or a comment early.

use crate::published::read::{Json, Node, is_space};

/// Words that YAML 1.1 or 1.2 does not read as text, and the spec language's own `field`.
const RESERVED: [&str; 14] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", ".nan", ".inf", "field"];

/// A text as a scalar: plain if that is safe in every position, otherwise in double quotes.
pub(in crate::published) fn scalar(text: &str) -> String {
    let inner =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | ' ' | '(' | ')' | '?' | '+' | '=' | '&');
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(inner)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains("::")
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { quoted(text) }
}

/// A text in double quotes, without control characters.
pub(super) fn quoted(text: &str) -> String {
    escape(&text.chars().filter(|c| !is_space(*c) || *c == ' ').collect::<String>())
}

/// A text in double quotes, valid as JSON and as YAML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c != ' ' && (is_space(c) || matches!(c, '\u{fffe}' | '\u{ffff}')) => {
                out.push_str(&format!("\\u{:04x}", c as u32))
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text inside a comment.
pub(super) fn comment(text: &str) -> String {
    text.chars().filter(|c| !is_space(*c) || *c == ' ').collect()
}

/// YAML parsers reject keys longer than 1024 bytes; this leaves room for escapes.
const KEY: usize = 500;

/// Whether YAML can hold an example.
pub(super) fn can_stand(json: &Json) -> bool {
    match &json.node {
        Node::Array(elements) => elements.iter().all(can_stand),
        Node::Object(members) => members.iter().all(|member| member.key.len() <= KEY && can_stand(&member.value)),
        _ => true,
    }
}

/// An example as JSON, indented by `indent` spaces.
pub(in crate::published) fn json_text(json: &Json, indent: usize) -> String {
    let mut out = String::new();
    self::json(json, indent, &mut out);
    out
}

/// An example as JSON, one key or element per line, indented by `indent` spaces.
pub(super) fn json(json: &Json, indent: usize, out: &mut String) {
    let line = |out: &mut String, indent: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent));
    };
    match &json.node {
        Node::Null => out.push_str("null"),
        Node::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Node::Number(raw) => out.push_str(raw),
        Node::String(text) => out.push_str(&escape(text)),
        Node::Array(elements) if elements.is_empty() => out.push_str("[]"),
        Node::Object(members) if members.is_empty() => out.push_str("{}"),
        Node::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                line(out, indent + 2);
                self::json(element, indent + 2, out);
                out.push_str(if index + 1 < elements.len() { "," } else { "" });
            }
            line(out, indent);
            out.push(']');
        }
        Node::Object(members) => {
            out.push('{');
            for (index, member) in members.iter().enumerate() {
                line(out, indent + 2);
                out.push_str(&escape(&member.key));
                out.push_str(": ");
                self::json(&member.value, indent + 2, out);
                out.push_str(if index + 1 < members.len() { "," } else { "" });
            }
            line(out, indent);
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_quoted_where_needed() {
        for (text, written) in [
            ("sms", "sms"),
            ("the-big-project", "the-big-project"),
            ("Reporting:Api:Report:Sendings", "Reporting:Api:Report:Sendings"),
            ("https://api.example.com/doc-1", "https://api.example.com/doc-1"),
            ("String(ISO 8601 timestamp)", "String(ISO 8601 timestamp)"),
            ("-14", "\"-14\""),
            ("No", "\"No\""),
            ("null", "\"null\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("array[integer]", "\"array[integer]\""),
            ("a\"b\\\u{7}\n", "\"a\\\"b\\\\\""),
            ("", "\"\""),
            ("Å", "\"Å\""),
        ] {
            assert_eq!(scalar(text), written);
        }
    }
}
