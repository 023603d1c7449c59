//! The forms of names, links and HTTP tokens.

use crate::finding::{Finding, Place};

/// Whether a name can be a module, a file and a feature.
pub(super) fn is_plain_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 64
        && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// Help for a name that is not plain.
pub(super) const PLAIN_NAME: &str =
    "use lower-case letters, digits and underscores, start with a letter, and use at most 64 characters";

/// Whether a text is an HTTP token, as header names and methods are.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Reports a source that is not a link: https and printable ASCII, without characters that end a Markdown link or an HTML attribute.
pub(super) fn check_link(source: Option<&str>, place: impl Fn() -> Place, findings: &mut Vec<Finding>) {
    if let Some(text) = source.filter(|text| !is_link(text)) {
        let finding = Finding::error("bad-link", format!("`{text}` is not an https link"));
        findings.push(finding.at(place()).help("write the page's address, such as `https://example.com/doc-1`"));
    }
}

fn is_link(text: &str) -> bool {
    text.strip_prefix("https://").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&*+,;=%".contains(&b))
    })
}
