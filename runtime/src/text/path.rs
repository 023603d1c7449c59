//! Paths of endpoints, which may hold placeholders like `{id}`.

/// Whether the text is a path that a URL keeps as it is.
pub(crate) fn is_path(path: &str) -> bool {
    let plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !matches!(letter, '#' | '\\');
    path.starts_with('/') && path.chars().all(plain) && !has_dots(path) && has_whole_names(path)
}

/// Whether a segment of the path is `.` or `..`, percent-encoded or not: both lead to another path.
pub(crate) fn has_dots(path: &str) -> bool {
    let segments = path.split('?').next().unwrap_or_default().split('/');
    let mut decoded = segments.map(|segment| segment.replace("%2e", ".").replace("%2E", "."));
    decoded.any(|segment| matches!(&*segment, "." | ".."))
}

/// Whether every brace belongs to a placeholder like `{id}`.
fn has_whole_names(path: &str) -> bool {
    let mut parts = path.split('{');
    let before = parts.next().unwrap_or_default();
    let whole = |part: &str| part.split_once('}').is_some_and(|(name, after)| !name.is_empty() && !after.contains('}'));
    !before.contains('}') && parts.all(whole)
}

/// Percent-encodes every byte that has a meaning in a URL.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
