//! One row of a report, and its JSON with keys in the order of the spec.

use placewise_model::{Field, Type};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

/// One row: a cell per field of its report (`None` if the key is absent), and the keys that the spec does not know.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Row {
    pub(crate) cells: Vec<Option<Value>>,
    pub(crate) other: Map<String, Value>,
}

impl Row {
    /// Splits a JSON object into cells.
    pub(crate) fn from_object(fields: &[Field], mut object: Map<String, Value>) -> Self {
        let cells = fields.iter().map(|field| object.remove(&field.name)).collect();
        Self { cells, other: object }
    }

    /// The cell at that index; `None` if the key is absent.
    pub(crate) fn cell(&self, index: usize) -> Option<&Value> {
        self.cells.get(index).and_then(Option::as_ref)
    }

    /// The cell of that name, including keys that the spec does not know.
    pub(crate) fn get(&self, fields: &[Field], name: &str) -> Option<&Value> {
        match fields.iter().position(|field| field.name == name) {
            Some(index) => self.cell(index),
            None => self.other.get(name),
        }
    }
}

/// Serializes a row as a JSON object.
pub(crate) struct RowBody<'a> {
    /// One field per cell.
    pub(crate) fields: &'a [&'a Field],
    pub(crate) row: &'a Row,
}

impl Serialize for RowBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (field, cell) in self.fields.iter().zip(&self.row.cells) {
            if let Some(value) = cell {
                map.serialize_entry(&field.name, &Typed { ty: &field.ty, value })?;
            }
        }
        for (key, value) in &self.row.other {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// Serializes a value with object keys in the order of its type.
struct Typed<'a> {
    ty: &'a Type,
    value: &'a Value,
}

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.ty, self.value) {
            (Type::Array { of }, Value::Array(items)) => {
                serializer.collect_seq(items.iter().map(|value| Typed { ty: of, value }))
            }
            (Type::Map { of }, Value::Object(entries)) => {
                serializer.collect_map(entries.iter().map(|(key, value)| (key, Typed { ty: of, value })))
            }
            (Type::Object { fields }, Value::Object(object)) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for field in fields {
                    if let Some(value) = object.get(&field.name) {
                        map.serialize_entry(&field.name, &Typed { ty: &field.ty, value })?;
                    }
                }
                for (key, value) in object.iter().filter(|(key, _)| !fields.iter().any(|field| field.name == **key)) {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
            (_, value) => value.serialize(serializer),
        }
    }
}
