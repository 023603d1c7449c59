//! Finds invisible and look-alike characters in names and values of a spec file. Written as an escape, such as `"\u200b"`, they are meant.
//!
//! Each finding's text is cleaned in the tree, so that nothing else is reported for it. Quotation marks of prose are odd in names and values,
//! but not in examples, which quote texts of the server.

use super::yaml_tree::{Kind, Node};
use crate::finding::{FileId, Finding, Place, codes, escape, invisible, latin, odd_in_name};

/// Keys whose values are prose.
const PROSE: [&str; 6] = ["description", "reason", "settled_by", "settled", "advice", "title"];
/// The longest quoted text.
const SHOWN: usize = 60;

/// Reports such characters, and removes them from the tree.
pub(super) fn report(file: FileId, text: &str, tree: &mut Node) -> Vec<Finding> {
    let mut findings = Vec::new();
    walk(file, text, tree, false, &mut findings);
    findings
}

/// What is odd about a character, in words.
type Odd = fn(char) -> Option<&'static str>;

/// `data`: whether it is quoted from the server.
fn walk(file: FileId, text: &str, node: &mut Node, data: bool, findings: &mut Vec<Finding>) {
    let place = Place { file, span: node.span() };
    match &mut node.kind {
        Kind::Scalar { text: value, .. } => check("value", text, &place, value, data, findings),
        Kind::Sequence(items) => items.iter_mut().for_each(|item| walk(file, text, item, data, findings)),
        Kind::Mapping(entries) => {
            // A key is found by its text, so it cannot change where it is.
            for (mut key, mut value) in std::mem::take(entries) {
                let place = Place { file, span: key.span() };
                check("key", text, &place, &mut key.text, data, findings);
                let examples = &*key.text == "examples" && matches!(value.kind, Kind::Sequence(_));
                if !(PROSE.contains(&&*key.text) && matches!(value.kind, Kind::Scalar { .. })) {
                    walk(file, text, &mut value, data || examples, findings);
                }
                entries.insert(key, value);
            }
        }
    }
}

fn check(what: &str, text: &str, place: &Place, value: &mut Box<str>, data: bool, findings: &mut Vec<Finding>) {
    // An alias stands elsewhere than its value, and an escape is not the character.
    let written = text.get(place.span.clone()).unwrap_or_default();
    let mut say = |value: &str, at: usize, c: char, odd: Odd, name: &str| {
        let shown: String = value.chars().take(SHOWN).collect();
        let escaped = format!("\\u{:04x}", u32::from(c));
        let start = place.span.start + at;
        findings.push(
            Finding::new(codes::INVISIBLE_CHARACTER, format!("the {what} `{}` has {name}, `{escaped}`", escape(&shown, odd)))
                .at(Place { file: place.file, span: start..start + c.len_utf8() })
                .label("here")
                .help(format!("type the {what} again; if the character is meant, write `\"{escaped}\"` in quotes")),
        );
    };
    let odd: Odd = if data { invisible } else { odd_in_name };
    if let Some((at, c, name)) = written.char_indices().find_map(|(at, c)| Some((at, c, odd(c)?))) {
        say(value, at, c, odd, name);
        *value = value.chars().filter_map(|c| plain(c, odd)).collect::<String>().trim().into();
    } else if let Some((at, c)) = impostor(written).filter(|_| !data) {
        say(value, at, c, |c| latin(c).map(|_| ""), "a letter that only looks like a Latin one");
        *value = value.chars().map(|c| latin(c).unwrap_or(c)).collect();
    } else if what == "key" && !data && !value.trim().is_empty() && value.trim().len() < value.len() {
        let message = format!("the key {value:?} begins or ends with a space");
        findings.push(Finding::new(codes::INVISIBLE_CHARACTER, message).at(place.clone()).help("remove the space"));
        *value = value.trim().into();
    }
}

/// The first letter of a word that looks like a Latin one beside letters that are Latin.
fn impostor(text: &str) -> Option<(usize, char)> {
    let is_mixed = |word: &str| word.contains(|c: char| c.is_ascii_alphabetic()) && word.contains(|c| latin(c).is_some());
    let mut start = 0;
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_') {
        if is_mixed(word) {
            return word.char_indices().find(|(_, c)| latin(*c).is_some()).map(|(at, c)| (start + at, c));
        }
        start += word.len();
    }
    None
}

/// The character that a person sees or means.
fn plain(c: char, odd: Odd) -> Option<char> {
    match (c, odd(c)) {
        (c, None) => Some(c),
        ('\u{2018}'..='\u{201b}', _) => Some('\''),
        ('\u{201c}'..='\u{201f}', _) => Some('"'),
        (_, Some("a space of another kind" | "a line end of another kind")) => Some(' '),
        (_, Some("a hyphen of another kind")) => Some('-'),
        (_, Some(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::yaml_tree;

    fn found(yaml: &str) -> (Vec<String>, String) {
        let (tree, findings) = yaml_tree::parse(FileId(0), yaml);
        let mut tree = tree.unwrap_or_else(|| panic!("{findings:?}"));
        let findings = report(FileId(0), yaml, &mut tree);
        (findings.into_iter().map(|finding| finding.message).collect(), tree.to_json().to_string())
    }

    #[test]
    fn names_and_values_are_reported_escaped_and_cleaned() {
        let (messages, json) = found("fields:\n  cus\u{200b}tomer: { type: in\u{ad}teger, values: [a\u{a0}b, x\u{2011}y] }\n");
        assert_eq!(
            messages,
            [
                r"the key `cus\u200btomer` has a character without width, `\u200b`",
                r"the value `in\u00adteger` has a soft hyphen, `\u00ad`",
                r"the value `a\u00a0b` has a space of another kind, `\u00a0`",
                r"the value `x\u2011y` has a hyphen of another kind, `\u2011`",
            ]
        );
        assert_eq!(json, r#"{"fields":{"customer":{"type":"integer","values":["a b","x-y"]}}}"#);
    }

    #[test]
    fn quotation_marks_of_prose_are_odd_in_names_but_not_in_examples() {
        let (messages, json) = found("fields: { owner\u{2019}s: {} }\nexamples:\n  - response: { \u{201c}a\u{201d}: b\u{ad} }\n");
        let expected =
            [r"the key `owner\u2019s` has a curly quotation mark, `\u2019`", r"the value `b\u00ad` has a soft hyphen, `\u00ad`"];
        assert_eq!(messages, expected);
        assert_eq!(json, "{\"fields\":{\"owner's\":{}},\"examples\":[{\"response\":{\"\u{201c}a\u{201d}\":\"b\"}}]}");
        assert_eq!(found("permit: \"a\u{85}b\"\n").0, [r"the value `a\u0085b` has a control character, `\u0085`"]);
    }

    #[test]
    fn a_letter_of_another_alphabet_is_odd_only_beside_latin_ones() {
        let (messages, json) = found("fields: { l\u{430}nguage: { values: [\u{43e}\u{43d}, \"\u{3bc}s\"] }, \"host \": {} }\n");
        let expected = [
            r"the key `l\u0430nguage` has a letter that only looks like a Latin one, `\u0430`",
            "the key \"host \" begins or ends with a space",
        ];
        assert_eq!(messages, expected);
        assert_eq!(json, "{\"fields\":{\"language\":{\"values\":[\"\u{43e}\u{43d}\",\"\u{3bc}s\"]},\"host\":{}}}");
    }

    #[test]
    fn prose_and_escapes_are_meant() {
        assert_eq!(found("description: 5\u{a0}m\nreason: a\u{2011}b\nvalue: \"\\u200b\"\n").0, [""; 0]);
        assert_eq!(found("description: { a: b\u{a0}c }\n").0.len(), 1, "a field may have that name");
    }
}
