//! Text of the spec as Markdown that shows exactly that text.
//!
//! The spec is untrusted: its text can contain Markdown, HTML, Rust or terminal controls. Only backticks keep their meaning.

/// The paragraphs of a text. Blank lines separate them; other white space becomes one space.
pub fn paragraphs(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    text.split("\n\n").map(fold).filter(|paragraph| !paragraph.is_empty()).collect()
}

/// The first sentence, or the whole text if it has no full stop.
pub fn summary(text: &str) -> String {
    let whole = fold(text);
    match whole.find(". ") {
        Some(at) => whole[..=at].to_owned(),
        None => whole,
    }
}

fn fold(text: &str) -> String {
    // Most texts are one plain line already.
    let plain = text.bytes().all(|b| (0x20..0x7f).contains(&b)) && !text.contains("  ") && text.trim() == text;
    if plain {
        return text.to_owned();
    }
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !invisible(*c))
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Characters that change the direction of text or are invisible. They mislead readers, and rustc rejects some of them.
pub fn invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// One paragraph as Markdown. Code between single backticks stays code; everything else shows as written.
pub fn markdown(text: &str) -> String {
    let text = fold(text);
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text.as_str();
    while let Some(open) = rest.find('`') {
        let (before, after) = rest.split_at(open);
        escape(before, out.is_empty(), &mut out);
        match after[1..].find('`') {
            Some(0) | None => {
                out.push_str("\\`");
                rest = &after[1..];
            }
            Some(length) => {
                out.push_str(&after[..length + 2]);
                rest = &after[length + 2..];
            }
        }
    }
    escape(rest, out.is_empty(), &mut out);
    out
}

/// A wire name or value as Markdown code, whatever it contains.
pub fn code(text: &str) -> String {
    let text: String = text.chars().filter(|c| !invisible(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let fence = "`".repeat(longest_ticks(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A block of code that nothing in it can end.
pub fn code_block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_ticks(text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n\n", text.trim_end())
}

fn longest_ticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Markdown for a table cell. A bar would end the cell, even in code.
pub fn cell(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut escaped = false;
    for c in markdown.chars() {
        if c == '|' && !escaped {
            out.push('\\');
        }
        out.push(c);
        escaped = c == '\\' && !escaped;
    }
    out
}

fn escape(text: &str, at_start: bool, out: &mut String) {
    let mut previous = None;
    let mut chars = text.chars().peekable();
    if at_start {
        // These open a heading, a list or a quote at the start of a line.
        let digits = text.chars().take_while(char::is_ascii_digit).count();
        if digits > 0 && text[digits..].starts_with(['.', ')']) {
            out.push_str(&text[..digits]);
            out.push('\\');
            chars = text[digits..].chars().peekable();
        } else if text.starts_with(['#', '-', '+', '=']) || (text.starts_with(':') && !text.starts_with(":/")) {
            out.push('\\');
        }
    }
    while let Some(c) = chars.next() {
        let inside_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '_' if inside_word(previous) && inside_word(chars.peek().copied()) => out.push('_'),
            '\\' | '*' | '_' | '[' | ']' | '~' | '^' | '|' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // A bare URL would become a link.
            ':' if chars.peek() == Some(&'/') => out.push_str("&#58;"),
            '@' if inside_word(previous) => out.push_str("&#64;"),
            _ => out.push(c),
        }
        previous = Some(c);
    }
}

/// Whether a word at the start of a line opens a list, a heading, a fence or similar.
fn opens_structure(word: &str) -> bool {
    let digits = word.chars().take_while(char::is_ascii_digit).count();
    word.starts_with(['-', '+', '*', '#', '=', '>', '~', '|', ':'])
        || word.starts_with("```")
        || (digits > 0 && word[digits..].starts_with(['.', ')']))
}

/// Breaks a text at spaces into lines of at most `width` characters.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width && !opens_structure(word) {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_shown_not_obeyed() {
        assert_eq!(markdown("<script>alert(1)</script>"), "&lt;script&gt;alert(1)&lt;/script&gt;");
        assert_eq!(markdown("*/ ]]> #![x] `a|b` `"), "\\*/ \\]\\]&gt; #!\\[x\\] `a|b` \\`");
        assert_eq!(markdown("# not a heading"), "\\# not a heading");
        assert_eq!(markdown("1. not a list"), "1\\. not a list");
        assert_eq!(markdown("snake_case and _emphasis_"), "snake_case and \\_emphasis\\_");
        assert_eq!(markdown("see https://evil.example"), "see https&#58;//evil.example");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(cell("`a|b`"), "`a\\|b`");
        assert_eq!(cell(&markdown("a | b")), "a \\| b");
        assert_eq!(cell(&markdown("a \\| b")), "a \\\\\\| b");
        assert_eq!(wrap("one - two # three 1. four", 5), ["one -", "two #", "three 1.", "four"]);
        assert_eq!(markdown(":/"), "&#58;/");
        assert_eq!(markdown(": not a definition"), "\\: not a definition");
        assert_eq!(markdown("~ tilde"), "\\~ tilde");
        assert_eq!(markdown("x^2^ and ~3~"), "x\\^2\\^ and \\~3\\~");
        assert_eq!(markdown("a\u{202e}b\u{7}c"), "ab c");
    }

    #[test]
    fn paragraphs_and_summaries() {
        assert_eq!(paragraphs("one\ntwo\n\nthree"), ["one two", "three"]);
        assert_eq!(summary("One. Two."), "One.");
        assert_eq!(summary("No full stop"), "No full stop");
    }
}
