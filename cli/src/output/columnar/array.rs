//! A column that is being filled, and the Arrow array that it becomes.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, ListArray};
use arrow_buffer::{NullBufferBuilder, OffsetBuffer};
use arrow_schema::{ArrowError, DataType};

use super::kind::{Kind, Value};

/// A value that a column cannot hold.
pub(super) struct Misfit;

/// A column that is being filled.
pub(super) struct Filling {
    kind: Kind,
    builder: Builder,
}

enum Builder {
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Number(Float64Builder),
    Date(Date32Builder),
    Micros(TimestampMicrosecondBuilder),
    Text(StringBuilder),
    List { lengths: Vec<usize>, valid: NullBufferBuilder, items: Box<Filling> },
}

impl Filling {
    pub(super) fn new(kind: Kind) -> Self {
        let builder = match &kind {
            Kind::Boolean => Builder::Boolean(BooleanBuilder::new()),
            Kind::Integer => Builder::Integer(Int64Builder::new()),
            Kind::Number => Builder::Number(Float64Builder::new()),
            Kind::Date => Builder::Date(Date32Builder::new()),
            Kind::Local | Kind::Instant => Builder::Micros(TimestampMicrosecondBuilder::new().with_data_type(kind.data_type())),
            Kind::Text | Kind::Json => Builder::Text(StringBuilder::new()),
            Kind::List(items) => Builder::List {
                lengths: Vec::new(),
                valid: NullBufferBuilder::new(0),
                items: Box::new(Self::new((**items).clone())),
            },
        };
        Self { kind, builder }
    }

    pub(super) const fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Adds a value. `null` and no value are both null.
    pub(super) fn push(&mut self, json: Option<&str>) -> Result<(), Misfit> {
        let value = match json.filter(|json| *json != "null") {
            None => None,
            Some(json) => Some(self.kind.read(json).ok_or(Misfit)?),
        };
        match (&mut self.builder, value) {
            (Builder::Boolean(builder), None) => builder.append_null(),
            (Builder::Boolean(builder), Some(Value::Boolean(value))) => builder.append_value(value),
            (Builder::Integer(builder), None) => builder.append_null(),
            (Builder::Integer(builder), Some(Value::Integer(value))) => builder.append_value(value),
            (Builder::Number(builder), None) => builder.append_null(),
            (Builder::Number(builder), Some(Value::Number(value))) => builder.append_value(value),
            (Builder::Date(builder), None) => builder.append_null(),
            (Builder::Date(builder), Some(Value::Date(value))) => builder.append_value(value),
            (Builder::Micros(builder), None) => builder.append_null(),
            (Builder::Micros(builder), Some(Value::Micros(value))) => builder.append_value(value),
            (Builder::Text(builder), None) => builder.append_null(),
            (Builder::Text(builder), Some(Value::Text(value))) => builder.append_value(value),
            (Builder::List { lengths, valid, .. }, None) => {
                lengths.push(0);
                valid.append_null();
            }
            (Builder::List { lengths, valid, items }, Some(Value::List(values))) => {
                lengths.push(values.len());
                valid.append_non_null();
                values.into_iter().try_for_each(|value| items.push(Some(value)))?;
            }
            _ => return Err(Misfit),
        }
        Ok(())
    }

    /// The array of the values so far. The column is empty afterwards.
    pub(super) fn take(&mut self) -> Result<ArrayRef, ArrowError> {
        Ok(match &mut self.builder {
            Builder::Boolean(builder) => Arc::new(builder.finish()),
            Builder::Integer(builder) => Arc::new(builder.finish()),
            Builder::Number(builder) => Arc::new(builder.finish()),
            Builder::Date(builder) => Arc::new(builder.finish()),
            Builder::Micros(builder) => Arc::new(builder.finish()),
            Builder::Text(builder) => Arc::new(builder.finish()),
            Builder::List { lengths, valid, items } => {
                let DataType::List(field) = self.kind.data_type() else {
                    return Err(ArrowError::SchemaError("a list has no type of its items".into()));
                };
                let offsets = OffsetBuffer::from_lengths(std::mem::take(lengths));
                Arc::new(ListArray::try_new(field, offsets, items.take()?, valid.finish())?)
            }
        })
    }
}
