//! A value about to be written. Serializing a hundred row types compiles one piece of code per serializer, not a hundred.

use std::{borrow::Cow, fmt};

use serde::ser::{Error as _, Serialize, SerializeMap, SerializeStruct, Serializer};
use serde_json::Value as Json;

use super::map::Other;
use crate::facts::key::Key;

/// A value about to be written, mostly borrowed.
#[derive(Clone, PartialEq)]
pub enum ValueRef<'a> {
    /// Null.
    Null,
    /// A value that may be null but is not.
    Some(Box<ValueRef<'a>>),
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Number(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<ValueRef<'a>>),
    /// An object with free keys.
    Map(Vec<(&'a str, ValueRef<'a>)>),
    /// An object with known keys.
    Object(ObjectRef<'a>),
    /// Any JSON.
    Json(&'a Json),
}

/// An object about to be written: one value per key, and the unknown keys of a struct that keeps them.
#[derive(Clone, PartialEq)]
pub struct ObjectRef<'a> {
    pub(super) name: &'static str,
    pub(super) keys: &'static [Key],
    pub(super) values: Vec<ValueRef<'a>>,
    pub(super) rest: Option<Cow<'a, Other>>,
}

/// The two ways to write an object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Every key, so that each value of a type has the same width. Unknown keys are one value.
    Fixed,
    /// As the server sends it: an optional key is absent if its value is null, and unknown keys stand among the others.
    Wire,
}

impl<'a> ValueRef<'a> {
    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null | Self::Json(Json::Null))
    }

    /// The value as the server would send it. Not generic, so that no user's crate compiles a serializer for it.
    pub(crate) fn to_json(&self) -> Json {
        serde_json::to_value(self.wire()).unwrap_or_default()
    }

    /// The value as the server sends it.
    pub fn wire(&self) -> impl Serialize {
        Written { value: self, form: Form::Wire }
    }

    /// The same value, or its JSON text if it is a list, an object or JSON.
    fn flat(self) -> Self {
        match self {
            Self::Some(inner) => match inner.flat() {
                Self::Null => Self::Null,
                inner => Self::Some(Box::new(inner)),
            },
            value @ (Self::List(_) | Self::Map(_) | Self::Object(_)) => Self::Text(Cow::Owned(value.to_string())),
            Self::Json(json) if !json.is_null() => Self::Text(Cow::Owned(json.to_string())),
            Self::Json(_) => Self::Null,
            value => value,
        }
    }
}

impl<'a> ObjectRef<'a> {
    pub(super) fn new(name: &'static str, keys: &'static [Key]) -> Self {
        Self { name, keys, values: Vec::with_capacity(keys.len()), rest: None }
    }

    /// Lends the value of the next key.
    pub fn put(&mut self, value: ValueRef<'a>) {
        self.values.push(value);
    }

    /// Lends the unknown keys.
    pub fn put_rest(&mut self, rest: &'a Other) {
        self.rest = Some(Cow::Borrowed(rest));
    }

    /// The same of an object that was only kept as text.
    pub(super) fn put_read(&mut self, rest: Other) {
        self.rest = Some(Cow::Owned(rest));
    }

    /// The number of its fields.
    pub(crate) fn width(&self) -> usize {
        self.keys.len() + usize::from(self.rest.is_some())
    }

    /// The name of a field that stands beside the keys of the server: with an underscore if the server has such a key.
    pub(crate) fn beside(&self, name: &'static str, instead: &'static str) -> &'static str {
        beside(self.keys, name, instead)
    }

    /// Writes every field. `flat`: unknown keys are JSON text, and none if there are none.
    pub(crate) fn fields<S: SerializeStruct>(&self, out: &mut S, flat: bool) -> Result<(), S::Error> {
        for (key, value) in self.keys.iter().zip(&self.values) {
            out.serialize_field(key.name, &Written { value, form: Form::Fixed })?;
        }
        match self.rest.as_deref() {
            None => Ok(()),
            Some(rest) if !flat => out.serialize_field(rest_name(self.keys), rest),
            Some(rest) => out.serialize_field(rest_name(self.keys), &rest_text(rest).map_err(S::Error::custom)?),
        }
    }

    fn fixed<S: Serializer>(&self, serializer: S, flat: bool) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct(self.name, self.width())?;
        self.fields(&mut out, flat)?;
        out.end()
    }

    /// The same object with lists, objects and JSON as JSON text.
    pub(crate) fn flat(self) -> Self {
        Self { values: self.values.into_iter().map(ValueRef::flat).collect(), ..self }
    }

    fn wire<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let present = || self.keys.iter().zip(&self.values).filter(|(key, value)| !(key.optional && value.is_null()));
        let mut out = serializer.serialize_map(Some(present().count() + self.rest.as_deref().map_or(0, Other::len)))?;
        for (key, value) in present() {
            out.serialize_entry(key.name, &Written { value, form: Form::Wire })?;
        }
        for (key, json) in self.rest.iter().flat_map(|rest| rest.iter()) {
            out.serialize_entry(key, json)?;
        }
        out.end()
    }
}

/// The JSON text of unknown keys; none if there are none.
fn rest_text(rest: &Other) -> serde_json::Result<Option<String>> {
    (!rest.is_empty()).then(|| serde_json::to_string(rest)).transpose()
}

/// The name under which unknown keys are nested.
pub(super) fn rest_name(keys: &[Key]) -> &'static str {
    beside(keys, "other", "other_")
}

fn beside(keys: &[Key], name: &'static str, instead: &'static str) -> &'static str {
    if keys.iter().any(|key| key.name == name) { instead } else { name }
}

/// A value in one of the two forms.
struct Written<'v, 'a> {
    value: &'v ValueRef<'a>,
    form: Form,
}

impl Serialize for Written<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { value, form } = *self;
        match value {
            ValueRef::Null => serializer.serialize_none(),
            ValueRef::Some(value) => serializer.serialize_some(&Written { value, form }),
            ValueRef::Bool(value) => serializer.serialize_bool(*value),
            ValueRef::Integer(value) => serializer.serialize_i64(*value),
            ValueRef::Number(value) => serializer.serialize_f64(*value),
            ValueRef::Text(text) => serializer.serialize_str(text),
            ValueRef::List(items) => serializer.collect_seq(items.iter().map(|value| Written { value, form })),
            ValueRef::Map(entries) => serializer.collect_map(entries.iter().map(|(key, value)| (key, Written { value, form }))),
            ValueRef::Object(object) if form == Form::Fixed => object.fixed(serializer, false),
            ValueRef::Object(object) => object.wire(serializer),
            ValueRef::Json(json) => json.serialize(serializer),
        }
    }
}

/// Every key of an object, so that each value of a type has the same width.
impl Serialize for ValueRef<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written { value: self, form: Form::Fixed }.serialize(serializer)
    }
}

/// Compact JSON as the server sends it, with text unquoted: fit for a table or a log line.
impl fmt::Display for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Some(value) => value.fmt(f),
            other => f.write_str(&serde_json::to_string(&other.wire()).map_err(|_| fmt::Error)?),
        }
    }
}

/// As `derive` would print the value.
impl fmt::Debug for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("None"),
            Self::Some(value) => f.debug_tuple("Some").field(value).finish(),
            Self::Bool(value) => fmt::Debug::fmt(value, f),
            Self::Integer(value) => fmt::Debug::fmt(value, f),
            Self::Number(value) => fmt::Debug::fmt(value, f),
            Self::Text(text) => fmt::Debug::fmt(text, f),
            Self::List(items) => f.debug_list().entries(items).finish(),
            Self::Map(entries) => f.debug_map().entries(entries.iter().map(|(key, value)| (key, value))).finish(),
            Self::Object(object) => fmt::Debug::fmt(object, f),
            Self::Json(json) => fmt::Debug::fmt(json, f),
        }
    }
}

/// With the names of the wire, and every key.
impl fmt::Debug for ObjectRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct(self.name);
        for (key, value) in self.keys.iter().zip(&self.values) {
            out.field(key.name, value);
        }
        if let Some(rest) = self.rest.as_deref() {
            out.field(rest_name(self.keys), rest);
        }
        out.finish()
    }
}

/// A row as flat columns: lists, objects and unknown keys are JSON text, so that it goes into CSV.
///
/// It serializes as a struct with one field per key. A null, an absent key and no unknown keys are none.
#[derive(Clone, Debug, PartialEq)]
pub struct FlatRow<'a>(ObjectRef<'a>);

impl<'a> FlatRow<'a> {
    pub(super) fn new(object: ObjectRef<'a>) -> Self {
        Self(object.flat())
    }

    /// Names and texts of the columns; a null is empty.
    pub fn columns(&self) -> impl Iterator<Item = (&'static str, String)> {
        let known = self.0.keys.iter().zip(&self.0.values).map(|(key, value)| (key.name, value));
        let known = known.map(|(name, value)| (name, if value.is_null() { String::new() } else { value.to_string() }));
        let rest =
            self.0.rest.as_deref().map(|rest| (rest_name(self.0.keys), rest_text(rest).unwrap_or_default().unwrap_or_default()));
        known.chain(rest)
    }
}

impl Serialize for FlatRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.fixed(serializer, true)
    }
}

/// A row as the server sends it: an optional key is absent if its value is null, and unknown keys stand among the others.
#[derive(Clone, Debug, PartialEq)]
pub struct WireRow<'a>(pub(super) ObjectRef<'a>);

impl Serialize for WireRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.wire(serializer)
    }
}
