//! Reads filters from a request; every fault is added at its place in the filter.

use jiff::tz::TimeZone;
use placewise_model::{Field, FilterLanguage, Filterability, Operator, Report, Type};
use serde_json::Value;

use crate::query::faults::{
    BLANK, Faults, INCLUSION, INVALID, Invalid, NOT_A_NUMBER, NOT_A_TIME, NOT_AN_ARRAY, NOT_AN_INTEGER, NOT_AN_OBJECT,
};
use crate::query::filter::{Comparison, Filter};
use crate::typed_value::{TypedValue, ValueSet};

/// The deepest nesting of filter nodes. A limit is undocumented; this one protects the stack and is lower than that of the JSON reader,
/// so that the reply states where the filter is too deep.
const MOST_DEPTH: usize = 48;

/// Reads filters of one report.
pub(crate) struct FilterReader<'a> {
    pub(crate) language: &'a FilterLanguage,
    pub(crate) report: &'a Report,
    pub(crate) zone: &'a TimeZone,
    pub(crate) faults: &'a mut Faults,
    /// Cost of the nodes read so far.
    pub(crate) cost: u32,
}

/// What a node does.
#[derive(Clone, Copy)]
enum NodeKind {
    And,
    Or,
    Field(FieldTest),
}

/// What a node tests of its field.
#[derive(Clone, Copy)]
enum FieldTest {
    Compare(Comparison),
    OneOf(bool),
}

impl FieldTest {
    /// Whether it applies to fields of that type. Arrays can only be searched; other types without scalar values can only be tested for
    /// null.
    fn applies_to(self, ty: &Type) -> bool {
        match self {
            Self::Compare(Comparison::Equal | Comparison::NotEqual) => true,
            Self::Compare(_) => matches!(ty, Type::Integer | Type::Number | Type::Timestamp | Type::Date),
            Self::OneOf(_) => match ty {
                Type::Array { of } => is_scalar(of),
                other => is_scalar(other),
            },
        }
    }
}

impl<'a> FilterReader<'a> {
    /// Reads the node at `path`.
    pub(crate) fn node(&mut self, node: &Value, path: &mut Vec<String>, depth: usize) -> Result<Filter, Invalid> {
        if depth >= MOST_DEPTH {
            return Err(self.faults.add_with(path, INVALID, [("depth", MOST_DEPTH.into())]));
        }
        if !node.is_object() {
            return Err(self.faults.add(path, NOT_AN_OBJECT));
        }
        match self.kind(node, path)? {
            NodeKind::And => self.children(node, path, depth).map(Filter::And),
            NodeKind::Or => self.children(node, path, depth).map(Filter::Or),
            NodeKind::Field(test) => self.field_test(test, node, path),
        }
    }

    fn kinds(&self) -> [(NodeKind, &'a Operator); 10] {
        let l = &self.language.operators;
        let compare = |comparison| NodeKind::Field(FieldTest::Compare(comparison));
        [
            (NodeKind::And, &l.and),
            (NodeKind::Or, &l.or),
            (compare(Comparison::Equal), &l.equal),
            (compare(Comparison::NotEqual), &l.not_equal),
            (compare(Comparison::Greater), &l.greater_than),
            (compare(Comparison::GreaterOrEqual), &l.greater_or_equal),
            (compare(Comparison::Less), &l.less_than),
            (compare(Comparison::LessOrEqual), &l.less_or_equal),
            (NodeKind::Field(FieldTest::OneOf(true)), &l.one_of),
            (NodeKind::Field(FieldTest::OneOf(false)), &l.none_of),
        ]
    }

    /// Reads the node's type and adds its cost.
    fn kind(&mut self, node: &Value, path: &[String]) -> Result<NodeKind, Invalid> {
        let kinds = self.kinds();
        let path = join(path, &self.language.keys.ty);
        let name = match node.get(&self.language.keys.ty) {
            None | Some(Value::Null) => return Err(self.faults.add(&path, BLANK)),
            Some(name) => name.as_str(),
        };
        let Some((kind, operator)) = kinds.iter().find(|(_, operator)| Some(operator.name.as_str()) == name) else {
            return Err(self.faults.not_in(&path, kinds.iter().map(|(_, operator)| operator.name.as_str())));
        };
        self.cost = self.cost.saturating_add(operator.cost.value);
        Ok(*kind)
    }

    /// Reads all children of a logical node, including those after an invalid one. An empty list is refused; whether the server does so is
    /// undocumented.
    fn children(&mut self, node: &Value, path: &mut Vec<String>, depth: usize) -> Result<Vec<Filter>, Invalid> {
        path.push(self.language.keys.operations.clone());
        let children = match node.get(&self.language.keys.operations) {
            Some(Value::Array(nodes)) if !nodes.is_empty() => {
                let children = nodes.iter().enumerate().map(|(index, child)| {
                    path.push(index.to_string());
                    let child = self.node(child, path, depth + 1);
                    path.pop();
                    child
                });
                all(children)
            }
            None | Some(Value::Null | Value::Array(_)) => Err(self.faults.add(path, BLANK)),
            Some(_) => Err(self.faults.add(path, NOT_AN_ARRAY)),
        };
        path.pop();
        children
    }

    /// Reads a node that tests a field.
    fn field_test(&mut self, test: FieldTest, node: &Value, path: &[String]) -> Result<Filter, Invalid> {
        let (index, field) = self.field(node, path)?;
        if !test.applies_to(&field.ty) {
            let applicable = self.kinds().into_iter().filter(|(kind, _)| match kind {
                NodeKind::Field(test) => test.applies_to(&field.ty),
                NodeKind::And | NodeKind::Or => false,
            });
            let path = join(path, &self.language.keys.ty);
            return Err(self.faults.not_in(&path, applicable.map(|(_, operator)| operator.name.as_str())));
        }
        let path = join(path, &self.language.keys.value);
        let Some(value) = node.get(&self.language.keys.value) else { return Err(self.faults.add(&path, BLANK)) };
        match test {
            FieldTest::Compare(comparison @ (Comparison::Equal | Comparison::NotEqual)) if value.is_null() => {
                Ok(Filter::Null { field: index, is: comparison == Comparison::Equal })
            }
            FieldTest::Compare(comparison) => {
                Ok(Filter::Compare { field: index, comparison, value: self.value(&field.ty, value, &path)? })
            }
            FieldTest::OneOf(is) => Ok(Filter::OneOf { field: index, values: self.values(&field.ty, value, &path)?, is }),
        }
    }

    /// Finds the field of a node, and its index.
    fn field(&mut self, node: &Value, path: &[String]) -> Result<(usize, &'a Field), Invalid> {
        let path = join(path, &self.language.keys.field);
        let name = match node.get(&self.language.keys.field) {
            None | Some(Value::Null) => return Err(self.faults.add(&path, BLANK)),
            Some(name) => name.as_str(),
        };
        let found = self.report.fields.iter().enumerate().find(|(_, field)| Some(field.name.as_str()) == name);
        let permitted: Value =
            self.report.fields.iter().filter(|field| is_filterable(field)).map(|field| field.name.as_str()).collect();
        match found {
            Some((index, field)) if is_filterable(field) => Ok((index, field)),
            Some((_, Field { filterable: Filterability::Header(header), .. })) => {
                Err(self.faults.add_with(&path, INCLUSION, [("in", permitted), ("header", header.as_str().into())]))
            }
            _ => Err(self.faults.add_with(&path, INCLUSION, [("in", permitted)])),
        }
    }

    /// Reads the values of a search. A null among them is refused: its meaning is undocumented.
    fn values(&mut self, ty: &Type, value: &Value, path: &[String]) -> Result<ValueSet, Invalid> {
        let Value::Array(values) = value else { return Err(self.faults.add(path, NOT_AN_ARRAY)) };
        let ty = if let Type::Array { of } = ty { of } else { ty };
        let zone = self.zone;
        let read = |(index, value): (usize, &Value)| match TypedValue::read(ty, value, zone) {
            Some(value) => Ok(value.into_owned()),
            None => self.value(ty, value, &join(path, &index.to_string())),
        };
        all(values.iter().enumerate().map(read)).map(ValueSet::new)
    }

    /// Reads a value of the field's type. Enums are open: any string fits.
    fn value(&mut self, ty: &Type, value: &Value, path: &[String]) -> Result<TypedValue<'static>, Invalid> {
        if let Some(value) = TypedValue::read(ty, value, self.zone) {
            return Ok(value.into_owned());
        }
        Err(match ty {
            Type::Integer => self.faults.add(path, NOT_AN_INTEGER),
            Type::Number => self.faults.add(path, NOT_A_NUMBER),
            Type::Timestamp | Type::Date => self.faults.add(path, NOT_A_TIME),
            Type::Boolean => self.faults.add_with(path, INCLUSION, [("in", [true, false].as_slice().into())]),
            Type::String | Type::Enum(_) => self.faults.add(path, INVALID),
            Type::Array { .. } | Type::Object { .. } | Type::Map { .. } | Type::Json => {
                self.faults.add_with(path, INCLUSION, [("in", [Value::Null].as_slice().into())])
            }
        })
    }
}

/// Reads everything, also after an invalid value, so that all faults are added.
fn all<T>(read: impl Iterator<Item = Result<T, Invalid>>) -> Result<Vec<T>, Invalid> {
    let read: Vec<Result<T, Invalid>> = read.collect();
    read.into_iter().collect()
}

/// Whether filters may use a field. They may if nothing is documented, unless the spec's policy is strict.
fn is_filterable(field: &Field) -> bool {
    match &field.filterable {
        Filterability::Yes | Filterability::Example | Filterability::Unknown => true,
        Filterability::No | Filterability::UnknownStrict | Filterability::Header(_) => false,
    }
}

fn is_scalar(ty: &Type) -> bool {
    !matches!(ty, Type::Array { .. } | Type::Object { .. } | Type::Map { .. } | Type::Json)
}

fn join(path: &[String], key: &str) -> Vec<String> {
    path.iter().cloned().chain([key.to_owned()]).collect()
}
