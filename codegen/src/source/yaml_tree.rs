//! Parses YAML into a tree with the place of every key and value. The parser only supplies events with byte ranges, so duplicate keys,
//! tags, depth and alias bombs are rejected here.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};
use std::ops::Range;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span};
use indexmap::IndexMap;
use serde_json::Value;

use super::{scalars, yaml_slips};
use crate::finding::{Code, FileId, Finding, Place, codes};

/// The deepest nesting. It protects every recursion over the tree from a stack overflow.
const MAX_DEPTH: usize = 48;
/// The most nodes that aliases may add to one file.
const MAX_ALIASED_NODES: usize = 10_000;
/// Reading stops after this many findings in one file. Nobody reads more, and a file of 50 MB could have millions.
const MAX_FINDINGS: usize = 1_000;

const KEY: &str = "write `key: value`; put text that starts with `{` or `[` in double quotes";

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    start: u32,
    end: u32,
    /// The value.
    pub kind: Kind,
}

/// A value without its place.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Text. A plain scalar may also be a number, a boolean or null.
    Scalar {
        /// The text, with escapes resolved.
        text: Box<str>,
        /// Whether it was not quoted.
        plain: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values, in file order.
    Mapping(IndexMap<Key, Node>),
}

/// A mapping's key and its place. Keys are equal if their texts are.
#[derive(Clone, Debug)]
pub struct Key {
    start: u32,
    end: u32,
    /// The key's text.
    pub text: Box<str>,
}

impl Key {
    /// The bytes of the key.
    pub fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl Node {
    /// The bytes of the value.
    pub fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The key and its value.
    pub fn get(&self, key: &str) -> Option<(&Key, &Node)> {
        match &self.kind {
            Kind::Mapping(entries) => entries.get_key_value(key),
            _ => None,
        }
    }

    /// The value at an index or key.
    fn step(&self, part: &str) -> Option<(Option<&Key>, &Node)> {
        match &self.kind {
            Kind::Sequence(items) => part.parse::<usize>().ok().and_then(|at| items.get(at)).map(|node| (None, node)),
            _ => self.get(part).map(|(key, node)| (Some(key), node)),
        }
    }

    /// The last node along a path that exists, its key, and whether the path ends there.
    fn follow(&self, path: &[impl AsRef<str>]) -> (&Node, Option<&Key>, bool) {
        let (mut node, mut last_key) = (self, None);
        for part in path {
            let Some((key, next)) = node.step(part.as_ref()) else { return (node, last_key, false) };
            (node, last_key) = (next, key);
        }
        (node, last_key, true)
    }

    /// The place of the value at a path: a scalar itself, or the key of any other or empty value. Falls back to the nearest existing ancestor.
    pub fn find(&self, path: &[impl AsRef<str>]) -> Range<usize> {
        match self.follow(path) {
            (Node { kind: Kind::Scalar { text, plain: true }, .. }, Some(key), _) if text.is_empty() => key.span(),
            (node @ Node { kind: Kind::Scalar { .. }, .. }, ..) | (node, None, _) => node.span(),
            (_, Some(key), _) => key.span(),
        }
    }

    /// Whether there is a value at a path.
    pub fn has(&self, path: &[impl AsRef<str>]) -> bool {
        self.follow(path).2
    }

    /// The place of the key at the end of a path.
    pub fn find_key(&self, path: &[impl AsRef<str>]) -> Range<usize> {
        let (node, key, _) = self.follow(path);
        key.map_or_else(|| node.span(), Key::span)
    }

    /// The value as JSON, by the core schema of YAML 1.2.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Scalar { text, plain: false } => Value::String(text.to_string()),
            Kind::Scalar { text, plain: true } => scalars::plain(text),
            Kind::Sequence(items) => items.iter().map(Node::to_json).collect(),
            Kind::Mapping(entries) => entries.iter().map(|(key, node)| (key.text.to_string(), node.to_json())).collect(),
        }
    }

    fn count(&self) -> usize {
        1 + match &self.kind {
            Kind::Scalar { .. } => 0,
            Kind::Sequence(items) => items.iter().map(Node::count).sum(),
            Kind::Mapping(entries) => entries.values().map(Node::count).sum(),
        }
    }
}

/// Parses one file. Returns no tree unless the text is YAML with exactly one document.
pub fn parse(file: FileId, text: &str) -> (Option<Node>, Vec<Finding>) {
    let mut options = Options::default();
    options.emit_comments = false;
    let (findings, stack, anchors, unused) = Default::default();
    let mut builder = Builder { file, text, findings, stack, root: None, anchors, aliased: 0, unused };
    if u32::try_from(text.len()).is_err() {
        builder.fail(codes::YAML_TOO_LARGE, "the file is larger than 4 GiB", 0..0, "split it");
        return (None, builder.findings);
    }
    if let Some(conflict) = yaml_slips::conflict(file, text) {
        return (None, vec![conflict]);
    }
    for event in Parser::new_from_str_with_options(text, options) {
        let proceed = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                let open = builder.stack.last().map(|open| open.start as usize);
                // After a first slip, where the parser gives up says little.
                if builder.findings.is_empty() {
                    builder.findings.push(yaml_slips::syntax(file, text, error.kind(), error.marker(), open));
                }
                false
            }
        };
        if !proceed {
            return (None, builder.findings);
        }
    }
    if builder.root.is_none() && builder.findings.is_empty() {
        builder.fail(codes::YAML_EMPTY, "the file is empty", 0..0, "write the keys of its schema, or remove the file");
    }
    for span in std::mem::take(&mut builder.unused).into_values() {
        let help = "put text that starts with `&` in double quotes";
        builder.fail(codes::YAML_ANCHOR, "no alias refers to the anchor of this value", span, help);
    }
    (builder.root, builder.findings)
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    findings: Vec<Finding>,
    stack: Vec<Open>,
    root: Option<Node>,
    /// Anchored nodes; `None` while the node is still open.
    anchors: HashMap<usize, Option<Node>>,
    aliased: usize,
    /// The anchors that no alias refers to yet, with the places of their values.
    unused: BTreeMap<usize, Range<usize>>,
}

struct Open {
    start: u32,
    anchor: usize,
    kind: Kind,
    /// In a mapping: the key whose value comes next.
    key: Option<Key>,
}

impl Builder<'_> {
    fn fail(&mut self, code: Code, message: impl Into<String>, span: Range<usize>, help: &str) {
        self.findings.push(Finding::new(code, message).at(Place { file: self.file, span }).help(help));
    }

    /// Handles one event. Returns false to stop.
    fn event(&mut self, event: Event<'_>, span: Span) -> bool {
        if self.findings.len() >= MAX_FINDINGS {
            return false;
        }
        let range = span.byte_range().unwrap_or(0..0);
        if matches!(event, Event::Scalar(.., Some(_)) | Event::SequenceStart(.., Some(_)) | Event::MappingStart(.., Some(_))) {
            let help = "remove it, or put text that starts with `!` in double quotes";
            self.fail(codes::YAML_TAG, "the spec language has no tags", range.clone(), help);
        }
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                let message = "a spec file holds one document; this starts a second one";
                self.fail(codes::YAML_DOCUMENTS, message, range, "remove the line `---`");
                return false;
            }
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                if plain
                    && !self.waits_for_key()
                    && let Some(why) = scalars::complaint(&text)
                {
                    let help = "write a number in digits, or put text in double quotes";
                    self.fail(codes::YAML_NUMBER, format!("`{text}` {why}"), range.clone(), help);
                }
                // The parser calls a value that is not there `~`.
                let text = if plain && range.is_empty() { "".into() } else { text };
                let kind = Kind::Scalar { text: text.into(), plain };
                return self.add(Node { start: range.start as u32, end: range.end as u32, kind }, anchor);
            }
            Event::SequenceStart(_, anchor, _) => return self.open(range, anchor, Kind::Sequence(Vec::new())),
            Event::MappingStart(_, anchor, _) => return self.open(range, anchor, Kind::Mapping(IndexMap::new())),
            Event::SequenceEnd | Event::MappingEnd => return self.close(range),
            Event::Alias(id) => return self.alias(id, range),
            _ => {}
        }
        true
    }

    fn open(&mut self, range: Range<usize>, anchor: usize, kind: Kind) -> bool {
        if self.stack.len() >= MAX_DEPTH {
            let span = range.start..range.start + 1;
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            self.fail(codes::YAML_DEPTH, message, span, "nest less; no part of a spec needs that");
            return false;
        }
        if self.waits_for_key() {
            self.fail(codes::YAML_KEY, "a key must be text", range.start..range.start + 1, KEY);
            return false;
        }
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        self.stack.push(Open { start: range.start as u32, anchor, kind, key: None });
        true
    }

    fn close(&mut self, range: Range<usize>) -> bool {
        let Some(open) = self.stack.pop() else { return false };
        // A block collection's end event is at the next token; trim the space before it.
        let start = open.start as usize;
        let end = start + self.text.get(start..range.end).map_or(0, |text| text.trim_end().len());
        self.add(Node { start: open.start, end: end as u32, kind: open.kind }, open.anchor)
    }

    fn alias(&mut self, id: usize, range: Range<usize>) -> bool {
        match self.anchors.get(&id) {
            Some(Some(node)) => {
                self.unused.remove(&id);
                self.aliased += node.count();
                if self.aliased > MAX_ALIASED_NODES {
                    let message = format!("aliases add more than {MAX_ALIASED_NODES} values to this file");
                    self.fail(codes::YAML_ALIASES, message, range, "write the values out");
                    return false;
                }
                let mut node = node.clone();
                (node.start, node.end) = (range.start as u32, range.end as u32);
                self.add(node, 0)
            }
            Some(None) => {
                self.fail(codes::YAML_ALIASES, "this alias refers to a value that contains it", range, "write the values out");
                false
            }
            None => {
                let help = "put text that starts with `*` in double quotes";
                self.fail(codes::YAML_ALIASES, "no anchor precedes this alias", range, help);
                false
            }
        }
    }

    fn waits_for_key(&self) -> bool {
        self.stack.last().is_some_and(|open| matches!(open.kind, Kind::Mapping(_)) && open.key.is_none())
    }

    fn add(&mut self, node: Node, anchor: usize) -> bool {
        if self.waits_for_key() {
            return self.add_key(node);
        }
        if anchor != 0 {
            self.unused.entry(anchor).or_insert_with(|| node.span());
            self.anchors.insert(anchor, Some(node.clone()));
        }
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(open) => match (&mut open.kind, open.key.take()) {
                (Kind::Sequence(items), _) => items.push(node),
                // The first of two equal keys counts; the second has a finding.
                (Kind::Mapping(entries), Some(key)) if !entries.contains_key(&key) => {
                    entries.insert(key, node);
                }
                _ => {}
            },
        }
        true
    }

    fn add_key(&mut self, node: Node) -> bool {
        let span = node.span();
        let Kind::Scalar { text, .. } = node.kind else {
            self.fail(codes::YAML_KEY, "a key must be text", span, KEY);
            return false;
        };
        let key = Key { start: node.start, end: node.end, text };
        let Some(open) = self.stack.last_mut() else { return false };
        let first = match &open.kind {
            Kind::Mapping(entries) => entries.get_key_value(&key).map(|(first, _)| first.span()),
            _ => None,
        };
        if let Some(first) = first {
            let finding = Finding::new(codes::DUPLICATE_KEY, format!("duplicate key `{}`", key.text))
                .at(Place { file: self.file, span })
                .related(Place { file: self.file, span: first }, "first here")
                .help("remove or rename one of them");
            self.findings.push(finding);
        }
        open.key = Some(key);
        true
    }
}
