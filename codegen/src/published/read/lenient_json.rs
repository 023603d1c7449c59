//! Parses the examples of a published page: strictly first, then leniently, recording each repair (typographic quotes, missing outer
//! braces, stray commas, `...`).

use super::lines::is_space;
use super::placed_json::{Json, Member, Node, Repair};

/// Deeper nesting is rejected; the spec's YAML has the same kind of limit.
const DEPTH: usize = 40;

/// A parsed example.
#[derive(Debug)]
pub(super) struct Parsed {
    pub json: Json,
    pub repaired: Vec<Repair>,
}

/// Why an example could not be read.
#[derive(Debug)]
pub(super) struct Failure {
    /// The byte where parsing stopped.
    pub at: usize,
}

/// Parses the example that starts at `from` and ends before `to`; both must be character boundaries.
pub(super) fn parse(text: &str, from: usize, to: usize) -> Result<Parsed, Failure> {
    let read = |strict: bool| {
        let mut parser = Parser { text: &text[..to], at: from, depth: 0, strict, repaired: Vec::new() };
        parser.space();
        let braceless = parser.peek().is_some_and(is_quote);
        let node = match (braceless, strict) {
            (true, true) => None,
            (true, false) => parser.braceless(),
            (false, _) => parser.value(),
        };
        match node {
            Some(json) => {
                parser.repaired.sort();
                parser.repaired.dedup();
                Ok(Parsed { json, repaired: parser.repaired })
            }
            None => Err(Failure { at: parser.at }),
        }
    };
    read(true).or_else(|_| read(false))
}

fn is_quote(c: char) -> bool {
    c == '"' || is_typographic(c)
}

fn is_typographic(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‟' | '″')
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    strict: bool,
    repaired: Vec<Repair>,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    /// Skips layout and, in lenient mode, `...` and comments. Browsers copy indentation as no-break spaces.
    fn space(&mut self) {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches(is_space).len();
            if self.strict {
                return;
            }
            let rest = self.rest();
            let (length, repair) = if rest.starts_with("...") {
                (rest.len() - rest.trim_start_matches('.').len(), Repair::Ellipsis)
            } else if rest.starts_with('…') {
                ('…'.len_utf8(), Repair::Ellipsis)
            } else if rest.starts_with("//") {
                (rest.find('\n').unwrap_or(rest.len()), Repair::Comments)
            } else {
                return;
            };
            self.at += length;
            self.repaired.push(repair);
        }
    }

    fn value(&mut self) -> Option<Json> {
        self.space();
        let start = self.at;
        let node = match self.peek()? {
            '{' => self.nested(Self::object)?,
            '[' => self.nested(Self::array)?,
            c if is_quote(c) => Node::String(self.string()?),
            c if c == '-' || c.is_ascii_digit() => self.number()?,
            _ => self.word()?,
        };
        Some(Json { node, span: start..self.at })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<Node>) -> Option<Node> {
        if self.depth >= DEPTH {
            return None;
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn word(&mut self) -> Option<Node> {
        for (word, node) in [("null", Node::Null), ("true", Node::Bool(true)), ("false", Node::Bool(false))] {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Some(node);
            }
        }
        None
    }

    fn number(&mut self) -> Option<Node> {
        let rest = self.rest();
        let end = rest.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let raw = rest[..end].to_owned();
        serde_json::from_str::<serde_json::Number>(&raw).ok()?;
        self.at += end;
        Some(Node::Number(raw))
    }

    fn object(&mut self) -> Option<Node> {
        self.at += 1;
        let members = self.members()?;
        self.eat('}').then_some(Node::Object(members))
    }

    /// The members of an object, up to its closing brace.
    fn members(&mut self) -> Option<Vec<Member>> {
        let mut members = Members::default();
        loop {
            self.space();
            if !self.peek().is_some_and(is_quote) {
                break;
            }
            let start = self.at;
            let key = self.string()?;
            let span = start..self.at;
            self.space();
            if !self.eat(':') {
                return None;
            }
            let value = self.value()?;
            if members.add(Member { key, span, value }) {
                self.repaired.push(Repair::Twice);
            }
            self.space();
            if !self.eat(',') {
                break;
            }
            self.trailing_comma('}')?;
        }
        Some(members.list)
    }

    fn array(&mut self) -> Option<Node> {
        self.at += 1;
        let mut elements = Vec::new();
        loop {
            self.space();
            if self.eat(']') {
                break;
            }
            elements.push(self.value()?);
            self.space();
            if self.eat(']') {
                break;
            }
            if !self.eat(',') {
                return None;
            }
            self.trailing_comma(']')?;
        }
        Some(Node::Array(elements))
    }

    /// After a comma: a closing bracket here makes the comma stray.
    fn trailing_comma(&mut self, close: char) -> Option<()> {
        self.space();
        if self.peek() == Some(close) {
            if self.strict {
                return None;
            }
            self.repaired.push(Repair::Commas);
        }
        Some(())
    }

    /// An object without its outer braces.
    fn braceless(&mut self) -> Option<Json> {
        let start = self.at;
        let members = self.members()?;
        if members.is_empty() {
            return None;
        }
        self.repaired.push(Repair::Braces);
        // `members` looked past the last value for a comma.
        let end = members.last().map_or(self.at, |last| last.value.span.end);
        self.at = end;
        Some(Json { node: Node::Object(members), span: start..end })
    }

    fn string(&mut self) -> Option<String> {
        let open = self.peek()?;
        let from = self.at + open.len_utf8();
        let mut escaped = false;
        for (offset, c) in self.text[from..].char_indices() {
            let end = from + offset;
            if c == '\n' || c == '\r' {
                break;
            }
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == '"' || (!self.strict && is_typographic(c) && self.closes(open, end + c.len_utf8())) {
                if is_typographic(open) || is_typographic(c) {
                    self.repaired.push(Repair::Quotes);
                }
                let inner = &self.text[from..end];
                let decoded = serde_json::from_str(&format!("\"{inner}\"")).ok();
                self.at = end + c.len_utf8();
                return if self.strict { decoded } else { Some(decoded.unwrap_or_else(|| inner.replace("\\_", "_"))) };
            }
        }
        None
    }

    /// Whether a typographic quote ends a string: always if one started it, otherwise only before JSON punctuation.
    fn closes(&self, open: char, after: usize) -> bool {
        let rest = self.text[after..].trim_start_matches([' ', '\t']);
        is_typographic(open) || rest.starts_with([':', ',', '}', ']', '\r', '\n'])
    }
}

/// The members of an object so far; a repeated key replaces the first, as in JSON parsers.
#[derive(Default)]
struct Members {
    list: Vec<Member>,
    index: std::collections::HashMap<String, usize>,
}

impl Members {
    fn add(&mut self, member: Member) -> bool {
        if let Some(&at) = self.index.get(&member.key) {
            self.list[at] = member;
            return true;
        }
        self.index.insert(member.key.clone(), self.list.len());
        self.list.push(member);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (serde_json::Value, Vec<Repair>) {
        let parsed = parse(text, 0, text.len()).unwrap();
        (parsed.json.to_value(), parsed.repaired)
    }

    #[test]
    fn strict_json_needs_no_repair() {
        let text = r#"{"a": [1, -2.50, "x\u00e9\n“quoted”, and more", null, true], "b": {}}"#;
        assert_eq!(read(text), (serde_json::from_str(text).unwrap(), vec![]));
    }

    #[test]
    fn each_repair_is_recorded() {
        assert_eq!(
            read("\"a\":{\n“to\":null\n},\n\"b\": 1"),
            (serde_json::json!({"a": {"to": null}, "b": 1}), vec![Repair::Braces, Repair::Quotes])
        );
        assert_eq!(
            read("{\"a”: “b”, \"c\": [1, ...],}"),
            (serde_json::json!({"a": "b", "c": [1]}), vec![Repair::Quotes, Repair::Commas, Repair::Ellipsis])
        );
        assert_eq!(read("{\"a\": 1, // one\n \"a\": 2}"), (serde_json::json!({"a": 2}), vec![Repair::Comments, Repair::Twice]));
        assert_eq!(read("{\u{a0}\"a\": 1}"), (serde_json::json!({"a": 1}), vec![]));
    }

    #[test]
    fn other_text_fails() {
        for text in ["", "{", "{\"a\"}", "{\"a\": 1", "[1 2]", "{\"a\": 1e999}", "“", &"[".repeat(100_000)] {
            assert!(parse(text, 0, text.len()).is_err(), "{}", &text[..text.len().min(20)]);
        }
    }
}
