//! A YAML file that is edited by byte range, one edit at a time: each keeps all other bytes and is parsed again before the next. New text
//! takes the layout of its neighbours: flow or block, indentation, and the column where values start.

use std::ops::Range;

use super::written::{Written, key_text};
use indexmap::IndexMap;

use crate::finding::{Edit, FileId, Finding, Place, apply};
use crate::source::yaml_tree::{self, Key, Kind, Node};

/// Levels are indented by this much where no neighbour shows another depth.
const INDENT: usize = 2;

pub(crate) struct YamlFile {
    file: FileId,
    pub text: String,
    pub tree: Node,
    newline: &'static str,
}

/// A mapping's entry.
struct Entry<'a> {
    key: &'a Key,
    value: &'a Node,
}

impl YamlFile {
    /// Parses a file that has no duplicate keys and no other fault of structure.
    pub fn parse(file: FileId, text: &str) -> Result<Self, Vec<Finding>> {
        match yaml_tree::parse(file, text) {
            (Some(tree), findings) if findings.is_empty() => {
                let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
                Ok(Self { file, text: text.to_owned(), tree, newline })
            }
            (_, findings) => Err(findings),
        }
    }

    /// The value at a path. An alias has no inside: editing there would change the anchor's value too.
    pub fn node(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(&self.tree, |node, part| {
            let next = match &node.kind {
                Kind::Sequence(items) => part.parse::<usize>().ok().and_then(|at| items.get(at))?,
                _ => node.get(part)?.1,
            };
            // The inside of an alias stands at its anchor, which comes earlier.
            (node.span().start <= next.span().start).then_some(next)
        })
    }

    /// A scalar's text.
    pub fn scalar(&self, path: &[&str]) -> Option<&str> {
        match &self.node(path)?.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The keys of a mapping.
    pub fn keys(&self, path: &[&str]) -> Vec<String> {
        match self.node(path).map(|node| &node.kind) {
            Some(Kind::Mapping(entries)) => entries.iter().map(|(key, _)| key.text.to_string()).collect(),
            _ => Vec::new(),
        }
    }

    /// The number of elements of a list.
    pub fn len(&self, path: &[&str]) -> usize {
        match self.node(path).map(|node| &node.kind) {
            Some(Kind::Sequence(items)) => items.len(),
            _ => 0,
        }
    }

    /// A value as it would be written on one line.
    pub fn shown(&self, path: &[&str]) -> Option<String> {
        self.node(path).map(|node| Written::of(node, &self.text).flow())
    }

    /// The bytes of a value.
    pub fn source(&self, path: &[&str]) -> Option<&str> {
        self.text.get(self.node(path)?.span())
    }

    /// Replaces a value.
    pub fn set(&mut self, path: &[&str], value: &str) -> bool {
        let Some(span) = self.node(path).map(Node::span) else { return false };
        // A block of text has the line breaks after it, and lacks its `|`.
        let end = self.text[..span.end].trim_end().len().max(span.start);
        let before = self.key_end(path).and_then(|key| self.text.get(key..span.start)).unwrap_or_default();
        let style = before.trim_start().strip_prefix(':').map(str::trim_start).filter(|rest| rest.starts_with(['|', '>']));
        self.edit(span.start - style.map_or(0, str::len)..end, value)
    }

    /// Gives a mapping's entry another key.
    pub fn rename(&mut self, path: &[&str], key: &str) -> bool {
        let span = path.split_last().and_then(|(last, parent)| Some(self.node(parent)?.get(last)?.0.span()));
        span.is_some_and(|span| self.edit(span, &key_text(key)))
    }

    /// Adds an entry to a mapping, or replaces its value. `order` lists keys as they should follow each other; a key whose
    /// predecessors are all missing comes first.
    pub fn put(&mut self, path: &[&str], key: &str, value: &Written, order: &[&str]) -> bool {
        if self.node(&[path, &[key]].concat()).is_some() {
            return self.set(&[path, &[key]].concat(), &value.flow());
        }
        let Some(node) = self.node(path) else { return false };
        let Kind::Mapping(entries) = &node.kind else { return false };
        let Some(before) = order.iter().position(|known| *known == key) else { return false };
        let previous = order[..before].iter().rev().find_map(|known| entries.iter().find(|(have, _)| *have.text == **known));
        let previous = previous.map(|(key, value)| Entry { key, value });
        let (span, text) = if entries.is_empty() {
            (node.span(), format!("{{ {}: {} }}", key_text(key), value.flow()))
        } else if self.is_flow(node) {
            self.flow_entry(entries, previous.as_ref(), &format!("{}: {}", key_text(key), value.flow()))
        } else {
            self.block_entry(path, entries, previous.as_ref(), key, value)
        };
        self.edit(span, &text)
    }

    /// The steps to a value of which a path names a list's element by its text.
    pub fn resolved(&self, path: &[String]) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for step in path {
            let above: Vec<&str> = out.iter().map(String::as_str).collect();
            let item = |at: &usize| self.scalar(&[&above[..], &[&at.to_string()]].concat()) == Some(step);
            let index = (0..self.len(&above)).find(item);
            out.push(index.map_or(step.clone(), |index| index.to_string()));
        }
        out
    }

    /// Removes a mapping's entry or a list's element. The last one leaves `{}` or `[]`.
    pub fn remove(&mut self, path: &[&str]) -> bool {
        let Some((last, parent)) = path.split_last() else { return false };
        let Some(node) = self.node(parent) else { return false };
        if self.node(path).is_none() {
            return false;
        }
        let (spans, at, empty): (Vec<Range<usize>>, _, _) = match &node.kind {
            Kind::Mapping(entries) => {
                let spans = entries.iter().map(|(key, value)| key.span().start..self.end(key.span().end, value)).collect();
                (spans, entries.iter().position(|(key, _)| *key.text == **last), "{}")
            }
            Kind::Sequence(items) => {
                let spans = items.iter().map(|item| item.span().start..self.end(item.span().start, item)).collect();
                (spans, last.parse().ok(), "[]")
            }
            Kind::Scalar { .. } => return false,
        };
        let Some((at, own)) = at.and_then(|at| Some((at, spans.get(at)?.clone()))) else { return false };
        if spans.len() == 1 {
            return self.empty(parent, own, empty);
        }
        let span = if self.is_flow(node) || !self.starts_line(own.start, matches!(node.kind, Kind::Sequence(_))) {
            match spans.get(at + 1) {
                Some(next) if at == 0 => own.start..next.start,
                _ if at == 0 => return false,
                _ => spans[at - 1].end..own.end,
            }
        } else {
            self.line_start(own.start)..self.next_line(own.end)
        };
        self.edit(span, "")
    }

    /// Empties a collection, whose only element has these bytes. Comments above that element stay.
    fn empty(&mut self, path: &[&str], own: Range<usize>, empty: &str) -> bool {
        let Some(node) = self.node(path) else { return false };
        if self.is_flow(node) {
            return self.edit(node.span(), empty);
        }
        let Some(key) = self.key_end(path) else { return false };
        let Some(colon) = self.text[key..].find(':').map(|at| key + at + 1) else { return false };
        let between = self.text.get(colon..self.line_start(own.start)).unwrap_or_default().trim_end();
        let replacement = format!(" {empty}{between}");
        self.edit(colon..own.end, &replacement)
    }

    /// Inserts an element into a list before the one at `index`, or at the end.
    pub fn insert_item(&mut self, path: &[&str], index: usize, value: &str) -> bool {
        let value = value.replace('\n', self.newline);
        let Some(node) = self.node(path) else { return false };
        let Kind::Sequence(items) = &node.kind else { return false };
        let previous = index.checked_sub(1).and_then(|at| items.get(at)).map(|item| self.end(item.span().start, item));
        let (at, text) = match (items.first(), previous) {
            (None, _) => return self.set(path, &format!("[{value}]")),
            (Some(first), None) if self.is_flow(node) => (first.span().start, format!("{value}, ")),
            (Some(first), previous) if self.is_flow(node) => {
                let at = previous.unwrap_or(first.span().start);
                (at, format!("{}{value}", self.comma(first.span().start)))
            }
            (Some(first), None) => {
                let start = self.line_start(first.span().start);
                (start, format!("{}- {value}{}", self.indent_of(first.span().start), self.newline))
            }
            (Some(first), Some(end)) => {
                (self.line_end(end), format!("{}{}- {value}", self.newline, self.indent_of(first.span().start)))
            }
        };
        self.edit(at..at, &text)
    }

    /// The column of the dashes of a block list.
    pub fn dash_column(&self, path: &[&str]) -> Option<usize> {
        let node = self.node(path)?;
        let Kind::Sequence(items) = &node.kind else { return None };
        let first = items.first().filter(|_| !self.is_flow(node))?;
        Some(self.indent_of(first.span().start).len())
    }

    /// The indentation of the line on which a value starts.
    pub fn indent_at(&self, path: &[&str]) -> Option<usize> {
        Some(self.indent_of(self.node(path)?.span().start).len())
    }

    /// Adds a section of lines to the file, apart from its neighbours. `order` lists the file's keys.
    pub fn insert_section(&mut self, key: &str, lines: &str, order: &[&str]) -> bool {
        let Kind::Mapping(entries) = &self.tree.kind else { return false };
        if self.is_flow(&self.tree) {
            return false;
        }
        let Some(before) = order.iter().position(|known| *known == key) else { return false };
        let previous = order[..before].iter().rev().find_map(|known| entries.iter().find(|(have, _)| *have.text == **known));
        let Some((key, value)) = previous else { return false };
        let at = self.line_end(self.end(key.span().end, value));
        let lines = lines.trim_end().replace('\n', self.newline);
        self.edit(at..at, &format!("{0}{0}{lines}", self.newline))
    }

    fn flow_entry(&self, entries: &IndexMap<Key, Node>, previous: Option<&Entry<'_>>, entry: &str) -> (Range<usize>, String) {
        let first = entries.first().map_or(0, |(key, _)| key.span().start);
        match previous {
            Some(previous) => {
                let at = self.end(previous.key.span().end, previous.value);
                (at..at, format!("{}{entry}", self.comma(first)))
            }
            None => (first..first, format!("{entry}, ")),
        }
    }

    fn block_entry(
        &self,
        path: &[&str],
        entries: &IndexMap<Key, Node>,
        previous: Option<&Entry<'_>>,
        key: &str,
        value: &Written,
    ) -> (Range<usize>, String) {
        let first = entries.first().map_or(0, |(key, _)| key.span().start);
        let column = first - self.line_start(first);
        let outer = path.split_last().and_then(|(_, parent)| self.node(parent)).and_then(|node| match &node.kind {
            Kind::Mapping(entries) => entries.first().map(|(key, _)| key.span().start),
            _ => None,
        });
        let outer = outer.map(|start| start - self.line_start(start)).filter(|outer| *outer < column);
        let depth = outer.map_or(INDENT, |outer| column - outer);
        let near = self.neighbour(entries, previous);
        let lines =
            value.entry(key, column, depth, near.as_ref().is_some_and(|near| near.block), near.map_or(0, |near| near.width));
        // Sections of a file stand apart.
        let apart = if path.is_empty() && lines.len() > 1 { self.newline } else { "" };
        let lines = lines.join(self.newline);
        match previous {
            Some(previous) => {
                let at = self.line_end(self.end(previous.key.span().end, previous.value));
                (at..at, format!("{}{apart}{lines}", self.newline))
            }
            // After the line of the mapping's own key, so that a comment above the first entry stays with it.
            None if !path.is_empty() && self.starts_line(first, false) => {
                let above = self.line_end(self.key_end(path).unwrap_or(first));
                (above..above, format!("{}{lines}", self.newline))
            }
            None => {
                let rest = lines.trim_start().to_owned();
                (first..first, format!("{rest}{}{}", self.newline, " ".repeat(column)))
            }
        }
    }

    /// The layout of the entry nearest to a new one.
    fn neighbour(&self, entries: &IndexMap<Key, Node>, previous: Option<&Entry<'_>>) -> Option<Layout> {
        let at = previous.and_then(|previous| entries.iter().position(|(key, _)| key.text == previous.key.text)).unwrap_or(0);
        let leaf = |value: &Node| match &value.kind {
            Kind::Mapping(inner) => {
                !inner.iter().any(|(_, value)| matches!(value.kind, Kind::Mapping(_)) && !self.is_flow(value))
            }
            _ => true,
        };
        let near = entries[..=at].iter().rev().chain(&entries[at + 1..]).find(|(_, value)| leaf(value));
        let between = |(key, value): (&Key, &Node)| &self.text[key.span().end..value.span().start.max(key.span().end)];
        let aligned = entries.iter().any(|entry| between(entry).ends_with("  ") && !between(entry).contains('\n'));
        near.map(|(key, value)| {
            // Of one scalar alone, nothing tells whether its value stands in a column.
            let column = aligned || !matches!(value.kind, Kind::Scalar { .. });
            let same_line = column && !between((key, value)).contains('\n');
            Layout {
                block: matches!(value.kind, Kind::Mapping(_)) && !self.is_flow(value),
                width: if same_line { value.span().start.saturating_sub(key.span().start + 1) } else { 0 },
            }
        })
    }

    /// A comma and the space before the next element: a line break where the first element has a line of its own.
    fn comma(&self, first: usize) -> String {
        if self.starts_line(first, false) { format!(",{}{}", self.newline, self.indent_of(first)) } else { ", ".into() }
    }

    fn is_flow(&self, node: &Node) -> bool {
        self.text.get(node.span()).is_some_and(|text| text.starts_with(['{', '[']))
    }

    /// The end of a value whose key or self starts before `after`; the parser places an absent value anywhere behind its key.
    fn end(&self, after: usize, value: &Node) -> usize {
        let span = value.span();
        if matches!(&value.kind, Kind::Scalar { text, plain: true } if text.is_empty()) {
            let colon = self.text[after..].find(':').map_or(0, |at| at + 1);
            return after + if self.text[after..].trim_start().starts_with(':') { colon } else { 0 };
        }
        self.text[..span.end.min(self.text.len())].trim_end().len().max(after)
    }

    fn key_end(&self, path: &[&str]) -> Option<usize> {
        let (last, parent) = path.split_last()?;
        self.node(parent)?.get(last).map(|(key, _)| key.span().end)
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |at| at + 1)
    }

    /// The end of the line, before its line break.
    fn line_end(&self, at: usize) -> usize {
        let end = self.text[at..].find('\n').map_or(self.text.len(), |found| at + found);
        if self.text[at..end].ends_with('\r') { end - 1 } else { end }
    }

    fn next_line(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |found| at + found + 1)
    }

    fn indent_of(&self, at: usize) -> &str {
        let line = &self.text[self.line_start(at)..at];
        &line[..line.len() - line.trim_start_matches(' ').len()]
    }

    /// Whether only space stands before it on its line; a list's element also has its dash there.
    fn starts_line(&self, at: usize, dash: bool) -> bool {
        let before = self.text[self.line_start(at)..at].trim();
        before.is_empty() || (dash && before == "-")
    }

    /// Applies one edit, unless the result is no longer YAML.
    fn edit(&mut self, span: Range<usize>, replacement: &str) -> bool {
        let edit = Edit { place: Place { file: self.file, span }, replacement: replacement.to_owned() };
        let Some(next) = apply(&self.text, &[edit]).ok().and_then(|text| Self::parse(self.file, &text).ok()) else {
            return false;
        };
        (self.text, self.tree) = (next.text, next.tree);
        true
    }
}

/// How an entry is laid out.
struct Layout {
    /// Its mapping is in block form.
    block: bool,
    /// From the key's start to the value's, less the space between them.
    width: usize,
}
