//! Checks that a value of an example fits its field's type, and collects timestamps without a time zone.

use placewise_model::{EnumType, Field, Nullable, QuirkKind, Type, nearest};
use serde_json::Value;

use super::checker::Checker;
use crate::check::text_forms::{is_date, is_timestamp};
use crate::finding::{Finding, codes, shortened};

impl Checker<'_> {
    pub(super) fn value(&mut self, field: &Field, ty: &Type, value: &Value, path: &[String], target: &str) {
        let fits = match (ty, value) {
            (_, Value::Null) => {
                if matches!(field.nullable, Nullable::Never | Nullable::AssumedNever) {
                    let message = format!("`{}` is null in the example, but its field is never null", field.name);
                    self.say(codes::EXAMPLE_NULL, message, path, "write `nullable: seen`");
                } else if field.nullable == Nullable::Unknown {
                    let message =
                        format!("the example has null for `{}`, which the spec does not know to be possible", field.name);
                    self.say(codes::EXAMPLE_SETTLES, message, path, "write `nullable: seen` at the field");
                }
                true
            }
            (Type::Integer, value) => value.is_i64() || value.is_u64(),
            (Type::Number, value) => value.is_number(),
            (Type::Enum(enumeration), Value::String(text)) => {
                self.listed(field, enumeration, text, path, target);
                true
            }
            (Type::String, value) => value.is_string(),
            (Type::Boolean, value) => value.is_boolean(),
            (Type::Timestamp, Value::String(text)) => self.timestamp(text, path, target),
            (Type::Date, Value::String(text)) => is_date(text),
            (Type::Json, _) => true,
            (Type::Array { of }, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(field, of, item, &[path, &[index.to_string()]].concat(), target);
                }
                true
            }
            (Type::Map { of }, Value::Object(entries)) => {
                for (key, item) in entries {
                    self.value(field, of, item, &[path, std::slice::from_ref(key)].concat(), target);
                }
                true
            }
            (Type::Object { fields }, Value::Object(entries)) => {
                self.inner_keys(field, entries, fields, path);
                for inner in fields {
                    if let Some(item) = entries.get(&inner.name) {
                        self.value(inner, &inner.ty, item, &[path, std::slice::from_ref(&inner.name)].concat(), target);
                    }
                }
                true
            }
            _ => false,
        };
        if !fits {
            let message = format!("`{}` is `{}` in the example, which is not of type {}", field.name, short(value), ty.word());
            let help = match (ty, value) {
                (Type::Date, Value::String(_)) => "write a date of the calendar, such as `2025-02-28`",
                (Type::Timestamp, Value::String(_)) => "write a date and a time in ISO 8601, such as `2025-02-28T10:00:00Z`",
                _ => "correct the value or the type; if the page contradicts itself, choose a wider type and add a quirk",
            };
            self.say(codes::EXAMPLE_TYPE, message, path, help);
        }
    }

    /// Whether a filter can compare a field of that type with a value.
    pub(super) fn is_comparable(ty: &Type, value: &Value) -> bool {
        match (ty.innermost(), value) {
            (_, Value::Null) => true,
            (Type::Integer, value) => value.is_i64() || value.is_u64(),
            (Type::Number, value) => value.is_number(),
            (Type::String | Type::Enum(_), value) => value.is_string(),
            (Type::Boolean, value) => value.is_boolean(),
            (Type::Timestamp, value) => value.as_str().is_some_and(is_timestamp),
            (Type::Date, value) => value.as_str().is_some_and(is_date),
            (Type::Json | Type::Object { .. } | Type::Array { .. } | Type::Map { .. }, _) => true,
        }
    }

    /// Reports a value that the table does not list. The client reads it all the same.
    fn listed(&mut self, field: &Field, enumeration: &EnumType, text: &str, path: &[String], target: &str) {
        let known = || enumeration.values.iter().map(|value| value.value.as_str());
        let excuses = |kind| matches!(kind, QuirkKind::ExampleDisagrees | QuirkKind::BrokenExample);
        let quirk = self.report.quirks.iter().any(|quirk| excuses(quirk.kind) && quirk.at.iter().any(|at| at == target));
        if enumeration.values.is_empty() || quirk || known().any(|value| value == text) {
            return;
        }
        let message =
            format!("`{}` is `{}` in the example, which is not among its values", field.name, short(&Value::from(text)));
        let help = match nearest(text, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "add it to `values` with `provenance: example`, or add a quirk `example-disagrees`".into(),
        };
        self.findings.push((path.to_vec(), Finding::new(codes::EXAMPLE_VALUE, message).help(help)));
    }

    fn timestamp(&mut self, text: &str, path: &[String], target: &str) -> bool {
        let Some((_, time)) = text.split_once('T').filter(|_| is_timestamp(text)) else { return false };
        if time.ends_with('Z') || time.contains(['+', '-']) {
            return true;
        }
        self.zoneless.push(target.to_owned());
        let quirk =
            self.report.quirks.iter().any(|quirk| quirk.kind == QuirkKind::Zoneless && quirk.at.iter().any(|at| at == target));
        if !quirk {
            self.unexcused.push((path.to_vec(), target.to_owned()));
        }
        true
    }
}

/// The start of a value, for messages.
fn short(value: &Value) -> String {
    shortened(&value.to_string(), 40)
}
