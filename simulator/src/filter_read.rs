//! Reading filters. In comes the JSON of a request; out comes a checked filter and what its nodes cost, or faults, each at its
//! place in the request.

use jiff::tz::TimeZone;
use placewise_model::{Field, FilterLanguage, Filterable, Operator, Report, Type};
use serde_json::Value;

use crate::filter::{Filter, Test};
use crate::invalid::{BLANK, Faults, INCLUSION, INVALID, NOT_A_NUMBER, NOT_A_TIME, NOT_AN_ARRAY, NOT_AN_INTEGER, NOT_AN_OBJECT};
use crate::value::Operand;

/// The deepest nesting of nodes that is taken. A limit is not documented; this one keeps a hostile filter off the stack, and stands
/// below the JSON reader's own limit so that the caller is told where the filter is too deep.
pub(crate) const MOST_DEPTH: usize = 48;

/// Reads filters of one report.
pub(crate) struct FilterReader<'a> {
    pub(crate) language: &'a FilterLanguage,
    pub(crate) report: &'a Report,
    pub(crate) zone: &'a TimeZone,
    pub(crate) faults: &'a mut Faults,
    /// What the nodes read so far cost.
    pub(crate) cost: u32,
}

/// What a node type does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    And,
    Or,
    Test(Test),
    Among(bool),
}

impl Kind {
    /// Whether it may be used on a field of that type. Arrays can only be searched, and what has no scalar value only tested for null.
    fn suits(self, ty: &Type) -> bool {
        match self {
            Self::And | Self::Or => false,
            Self::Test(Test::Equal | Test::NotEqual) => true,
            Self::Test(_) => matches!(ty, Type::Integer | Type::Number | Type::Timestamp | Type::Date),
            Self::Among(_) => match ty {
                Type::Array { of } => scalar(of),
                other => scalar(other),
            },
        }
    }
}

impl<'a> FilterReader<'a> {
    /// Reads the node at `path`; none where something is wrong in it.
    pub(crate) fn node(&mut self, node: &Value, path: &mut Vec<String>, depth: usize) -> Option<Filter> {
        if depth >= MOST_DEPTH {
            self.faults.add_with(path, INVALID, [("depth", MOST_DEPTH.into())]);
            return None;
        }
        if !node.is_object() {
            self.faults.add(path, NOT_AN_OBJECT);
            return None;
        }
        let kind = self.kind(node, path)?;
        match kind {
            Kind::And => self.children(node, path, depth).map(Filter::And),
            Kind::Or => self.children(node, path, depth).map(Filter::Or),
            Kind::Test(_) | Kind::Among(_) => self.base(kind, node, path),
        }
    }

    fn kinds(&self) -> [(Kind, &'a Operator); 10] {
        let l = self.language;
        [
            (Kind::And, &l.and),
            (Kind::Or, &l.or),
            (Kind::Test(Test::Equal), &l.equal),
            (Kind::Test(Test::NotEqual), &l.not_equal),
            (Kind::Test(Test::Greater), &l.greater_than),
            (Kind::Test(Test::GreaterOrEqual), &l.greater_or_equal),
            (Kind::Test(Test::Less), &l.less_than),
            (Kind::Test(Test::LessOrEqual), &l.less_or_equal),
            (Kind::Among(true), &l.one_of),
            (Kind::Among(false), &l.none_of),
        ]
    }

    /// Reads the node's type and adds what it costs.
    fn kind(&mut self, node: &Value, path: &[String]) -> Option<Kind> {
        let kinds = self.kinds();
        let path = join(path, &self.language.type_key);
        let name = match node.get(&self.language.type_key) {
            None | Some(Value::Null) => {
                self.faults.add(&path, BLANK);
                return None;
            }
            Some(name) => name.as_str(),
        };
        match kinds.iter().find(|(_, operator)| Some(operator.name.as_str()) == name) {
            Some((kind, operator)) => {
                self.cost = self.cost.saturating_add(operator.cost.value);
                Some(*kind)
            }
            None => {
                self.faults.not_in(&path, kinds.iter().map(|(_, operator)| operator.name.as_str()));
                None
            }
        }
    }

    /// Reads a logical node's children, all of them even where one is wrong. An empty list is refused; whether the server does so is
    /// not documented.
    fn children(&mut self, node: &Value, path: &mut Vec<String>, depth: usize) -> Option<Vec<Filter>> {
        path.push(self.language.operations_key.clone());
        let children = match node.get(&self.language.operations_key) {
            None | Some(Value::Null) => {
                self.faults.add(path, BLANK);
                None
            }
            Some(Value::Array(nodes)) if nodes.is_empty() => {
                self.faults.add(path, BLANK);
                None
            }
            Some(Value::Array(nodes)) => {
                let read: Vec<Option<Filter>> = nodes
                    .iter()
                    .enumerate()
                    .map(|(index, child)| {
                        path.push(index.to_string());
                        let read = self.node(child, path, depth + 1);
                        path.pop();
                        read
                    })
                    .collect();
                read.into_iter().collect()
            }
            Some(_) => {
                self.faults.add(path, NOT_AN_ARRAY);
                None
            }
        };
        path.pop();
        children
    }

    /// Reads a node that looks at a field.
    fn base(&mut self, kind: Kind, node: &Value, path: &[String]) -> Option<Filter> {
        let (index, field) = self.field(node, path)?;
        if !kind.suits(&field.ty) {
            let suitable = self.kinds().into_iter().filter(|(kind, _)| kind.suits(&field.ty));
            let path = join(path, &self.language.type_key);
            self.faults.not_in(&path, suitable.map(|(_, operator)| operator.name.as_str()));
            return None;
        }
        let path = join(path, &self.language.value_key);
        let Some(value) = node.get(&self.language.value_key) else {
            self.faults.add(&path, BLANK);
            return None;
        };
        match kind {
            Kind::Test(test @ (Test::Equal | Test::NotEqual)) if value.is_null() => {
                Some(Filter::Null { field: index, is: test == Test::Equal })
            }
            Kind::Test(test) => Some(Filter::Compare { field: index, test, value: self.operand(&field.ty, value, &path)? }),
            Kind::Among(is) => Some(Filter::Among { field: index, values: self.operands(&field.ty, value, &path)?, is }),
            Kind::And | Kind::Or => None,
        }
    }

    /// Finds the field of a base node.
    fn field(&mut self, node: &Value, path: &[String]) -> Option<(usize, &'a Field)> {
        let path = join(path, &self.language.field_key);
        let name = match node.get(&self.language.field_key) {
            None | Some(Value::Null) => {
                self.faults.add(&path, BLANK);
                return None;
            }
            Some(name) => name.as_str(),
        };
        let found = self.report.fields.iter().enumerate().find(|(_, field)| Some(field.name.as_str()) == name);
        let permitted: Value =
            self.report.fields.iter().filter(|field| filterable(field)).map(|field| field.name.as_str()).collect();
        match found {
            Some((index, field)) if filterable(field) => return Some((index, field)),
            Some((_, Field { filterable: Filterable::Header(header), .. })) => {
                self.faults.add_with(&path, INCLUSION, [("in", permitted), ("header", header.as_str().into())]);
            }
            _ => self.faults.add_with(&path, INCLUSION, [("in", permitted)]),
        }
        None
    }

    /// Reads the values of a search. A null among them is refused: what it would mean is not documented.
    fn operands(&mut self, ty: &Type, value: &Value, path: &[String]) -> Option<Vec<Operand<'static>>> {
        let Value::Array(values) = value else {
            self.faults.add(path, NOT_AN_ARRAY);
            return None;
        };
        let ty = if let Type::Array { of } = ty { of } else { ty };
        let read: Vec<_> =
            values.iter().enumerate().map(|(index, value)| self.operand(ty, value, &join(path, &index.to_string()))).collect();
        read.into_iter().collect()
    }

    /// Reads a value of the field's type. Enumerations are open: any text is one.
    fn operand(&mut self, ty: &Type, value: &Value, path: &[String]) -> Option<Operand<'static>> {
        if let Some(operand) = Operand::read(ty, value, self.zone) {
            return Some(operand.into_owned());
        }
        match ty {
            Type::Integer => self.faults.add(path, NOT_AN_INTEGER),
            Type::Number => self.faults.add(path, NOT_A_NUMBER),
            Type::Timestamp | Type::Date => self.faults.add(path, NOT_A_TIME),
            Type::Boolean => self.faults.add_with(path, INCLUSION, [("in", [true, false].as_slice().into())]),
            Type::String | Type::Enum(_) => self.faults.add(path, INVALID),
            Type::Array { .. } | Type::Object { .. } | Type::Map { .. } | Type::Json => {
                self.faults.add_with(path, INCLUSION, [("in", [Value::Null].as_slice().into())]);
            }
        }
        None
    }
}

/// Whether the simulator lets a field stand in filters. Where nothing is documented it does, unless the spec's policy is strict.
fn filterable(field: &Field) -> bool {
    match &field.filterable {
        Filterable::Yes | Filterable::Example | Filterable::Unknown => true,
        Filterable::No | Filterable::UnknownStrict | Filterable::Header(_) => false,
    }
}

fn scalar(ty: &Type) -> bool {
    !matches!(ty, Type::Array { .. } | Type::Object { .. } | Type::Map { .. } | Type::Json)
}

fn join(path: &[String], key: &str) -> Vec<String> {
    path.iter().cloned().chain([key.to_owned()]).collect()
}
