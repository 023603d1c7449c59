//! The characters of a text node, each with the byte of the file that it comes from.

use std::ops::Range;

/// The longest name of a character reference.
const REFERENCE: usize = 40;

/// Pairs decoded text with the bytes of the file: `a &amp; b` has been decoded to `a & b`, and line ends to line feeds.
pub(super) fn characters<'d>(decoded: &'d str, html: &'d str, span: Range<usize>) -> impl Iterator<Item = (char, usize)> + 'd {
    let raw = html.get(span.clone()).unwrap_or_default();
    let mut at = 0;
    decoded.chars().map(move |c| {
        let rest = &raw[at..];
        let from = at;
        let next = rest.chars().next();
        at += match next {
            Some('&') if c != '&' || rest[1..].starts_with(|next: char| next == '#' || next.is_ascii_alphabetic()) => {
                reference(rest, c)
            }
            Some('\r') if c == '\n' && rest[1..].starts_with('\n') => 2,
            Some(next) => next.len_utf8(),
            None => 0,
        };
        (c, span.start + from)
    })
}

/// The length of the reference that the text starts with.
fn reference(text: &str, c: char) -> usize {
    let name = text.bytes().skip(1).take(REFERENCE).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').count();
    match text.as_bytes().get(1 + name) {
        Some(b';') => name + 2,
        // `&` before a word that is no reference.
        _ if c == '&' => 1,
        _ => 1 + name,
    }
}
