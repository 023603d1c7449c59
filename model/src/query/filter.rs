//! A filter as a tree, and its JSON.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use crate::field::Field;
use crate::filter_language::{FilterLanguage, Operator};

/// A filter of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter<'a> {
    /// All children hold.
    All(Vec<Filter<'a>>),
    /// One comparison.
    Compare(Comparison<'a>),
}

/// One comparison of a field with a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison<'a> {
    /// The field.
    pub field: &'a Field,
    /// The operator's key in the spec: `equal`.
    pub operator: &'static str,
    /// The value on the wire.
    pub value: Value,
}

/// A filter's JSON, with keys in the documented order on every platform.
pub(super) struct FilterBody<'a>(pub(super) &'a Filter<'a>, pub(super) &'a FilterLanguage);

impl Filter<'_> {
    /// The JSON of the filter, indented.
    pub fn pretty_json(&self, language: &FilterLanguage) -> String {
        // Neither the names nor the values of a filter can fail to serialize.
        serde_json::to_string_pretty(&FilterBody(self, language)).unwrap_or_default()
    }

    /// The operator's key in the spec.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::All(_) => "and",
            Self::Compare(comparison) => comparison.operator,
        }
    }
}

fn operator<'a>(language: &'a FilterLanguage, key: &str) -> Option<&'a Operator> {
    language.operators().into_iter().find_map(|(known, operator)| (known == key).then_some(operator))
}

impl Serialize for FilterBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(filter, language) = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(&language.type_key, operator(language, filter.key()).map_or("", |operator| &operator.name))?;
        match filter {
            Filter::All(children) => {
                let children: Vec<_> = children.iter().map(|child| FilterBody(child, language)).collect();
                map.serialize_entry(&language.operations_key, &children)?;
            }
            Filter::Compare(comparison) => {
                map.serialize_entry(&language.field_key, &comparison.field.name)?;
                map.serialize_entry(&language.value_key, &comparison.value)?;
            }
        }
        map.end()
    }
}
