//! Timestamps and dates as JSON values.

use std::borrow::Cow;

use jiff::civil::Date;

use super::value::{Value, text};
use super::{context::DecodeContext, mismatch::Mismatch, reader::Reader, value_ref::ValueRef};
use crate::time::{iso::date_text, iso::take_date, timestamp::Timestamp};

impl Value for Timestamp {
    fn read(json: &str, _: &mut DecodeContext) -> Result<Self, Mismatch> {
        let expected = "an ISO 8601 timestamp";
        Timestamp::parse(&text(json, expected)?).map_err(|_| Mismatch::new(expected, json))
    }

    fn read_at(reader: &mut Reader<'_>, _: &mut DecodeContext) -> Option<Self> {
        Timestamp::parse(&reader.string()?).ok()
    }

    fn made_up() -> Self {
        Self::from(jiff::civil::date(2026, 1, 1).at(12, 0, 0, 0))
    }

    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::Text(Cow::Owned(self.to_string()))
    }
}

impl Value for Date {
    fn read(json: &str, _: &mut DecodeContext) -> Result<Self, Mismatch> {
        let expected = "an ISO 8601 date";
        match take_date(&text(json, expected)?) {
            Some((date, "")) => Ok(date),
            _ => Err(Mismatch::new(expected, json)),
        }
    }

    fn made_up() -> Self {
        jiff::civil::date(2026, 1, 1)
    }

    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::Text(Cow::Owned(date_text(*self)))
    }
}
