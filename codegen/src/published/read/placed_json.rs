//! An example of a published page as a tree that keeps the page's key order, its numbers as printed, and the place of every key.

use std::ops::Range;

/// A JSON value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Json {
    /// The value.
    pub node: Node,
    /// Its bytes in the page.
    pub span: Range<usize>,
}

/// A JSON value without its place.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as printed.
    Number(String),
    /// Text.
    String(String),
    /// A list.
    Array(Vec<Json>),
    /// An object, in page order.
    Object(Vec<Member>),
}

/// One key of an object and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The key.
    pub key: String,
    /// The key's bytes in the page.
    pub span: Range<usize>,
    /// The value.
    pub value: Json,
}

impl Json {
    /// The members of an object; empty for other values.
    pub fn members(&self) -> &[Member] {
        match &self.node {
            Node::Object(members) => members,
            _ => &[],
        }
    }

    /// The elements of a list; empty for other values.
    pub fn elements(&self) -> &[Json] {
        match &self.node {
            Node::Array(elements) => elements,
            _ => &[],
        }
    }

    /// The value under a key of an object.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.members().iter().find(|member| member.key == key).map(|member| &member.value)
    }

    /// Replaces the bytes of the value and of everything in it.
    pub(super) fn replace_spans(&mut self, replaced: &dyn Fn(Range<usize>) -> Range<usize>) {
        self.span = replaced(self.span.clone());
        match &mut self.node {
            Node::Array(elements) => elements.iter_mut().for_each(|element| element.replace_spans(replaced)),
            Node::Object(members) => {
                for member in members {
                    member.span = replaced(member.span.clone());
                    member.value.replace_spans(replaced);
                }
            }
            _ => {}
        }
    }

    /// The value at a path of keys and positions, or the nearest value around it.
    pub fn nearest(&self, path: &[impl AsRef<str>]) -> &Json {
        let Some((step, rest)) = path.split_first() else { return self };
        let inner = match &self.node {
            Node::Array(elements) => step.as_ref().parse::<usize>().ok().and_then(|index| elements.get(index)),
            _ => self.get(step.as_ref()),
        };
        inner.map_or(self, |inner| inner.nearest(rest))
    }

    /// The value as a `serde_json` value.
    pub fn to_value(&self) -> serde_json::Value {
        match &self.node {
            Node::Null => serde_json::Value::Null,
            Node::Bool(value) => (*value).into(),
            Node::Number(raw) => serde_json::from_str(raw).unwrap_or_default(),
            Node::String(text) => text.as_str().into(),
            Node::Array(elements) => elements.iter().map(Self::to_value).collect(),
            Node::Object(members) => members.iter().map(|member| (member.key.clone(), member.value.to_value())).collect(),
        }
    }
}

/// What was repaired to read an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Repair {
    /// It has no outer braces.
    Braces,
    /// It has typographic quotes.
    Quotes,
    /// It has a stray comma.
    Commas,
    /// It abbreviates with `...`.
    Ellipsis,
    /// It has comments.
    Comments,
    /// It has a key twice.
    Twice,
}

impl Repair {
    /// The words after "it has".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Braces => "no outer braces",
            Self::Quotes => "typographic quotes",
            Self::Commas => "a stray comma",
            Self::Ellipsis => "an ellipsis",
            Self::Comments => "comments",
            Self::Twice => "a key twice",
        }
    }
}
