//! Overrides of assumptions: changes every setting of the model that depends on one.

use placewise_model::{Field, Model, Nullable, Scope, Type, nearest};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::start_error::StartError;

/// Applies overrides and returns whether they make assumed non-null fields nullable.
///
/// An assumption about types that no setting depends on states which fields are never null; overriding it with another value makes those
/// fields nullable.
pub(crate) fn apply_overrides(model: &mut Model, overrides: &[(String, Value)]) -> Result<bool, StartError> {
    if overrides.is_empty() {
        return Ok(false);
    }
    let mut parts = Parts::of(model).map_err(StartError::Model)?;
    overrides.iter().try_fold(false, |nullable, (id, value)| Ok(apply(model, &mut parts, id, value)? || nullable))
}

/// The parts of a model that have settings, as JSON. A setting is any object with `assumption` and `value`, so new ones need no code here.
struct Parts {
    api: Value,
    filter: Value,
    records: Value,
    timeseries: Value,
    statistics: Value,
    endpoints: Value,
}

impl Parts {
    fn of(model: &Model) -> Result<Self, serde_json::Error> {
        Ok(Self {
            api: serde_json::to_value(&model.api)?,
            filter: serde_json::to_value(&model.filter)?,
            records: serde_json::to_value(&model.records)?,
            timeseries: serde_json::to_value(&model.timeseries)?,
            statistics: serde_json::to_value(&model.statistics)?,
            endpoints: serde_json::to_value(&model.endpoints)?,
        })
    }
}

fn apply(model: &mut Model, parts: &mut Parts, id: &str, value: &Value) -> Result<bool, StartError> {
    let Some(assumption) = model.assumption(id) else {
        let known = model.assumptions.iter().map(|assumption| assumption.id.as_str());
        return Err(StartError::UnknownAssumption { id: id.to_owned(), nearest: nearest(id, known).map(str::to_owned) });
    };
    let (types, unchanged) = (assumption.scope == Scope::Types, assumption.value == *value);
    let (mut changed, mut nullable) = (0, false);
    changed += apply_to(&mut model.api, &mut parts.api, id, value)?;
    changed += apply_to(&mut model.filter, &mut parts.filter, id, value)?;
    changed += apply_to(&mut model.records, &mut parts.records, id, value)?;
    changed += apply_to(&mut model.timeseries, &mut parts.timeseries, id, value)?;
    changed += apply_to(&mut model.statistics, &mut parts.statistics, id, value)?;
    changed += apply_to(&mut model.endpoints, &mut parts.endpoints, id, value)?;
    if changed == 0 && types {
        let fields = model.reports.iter_mut().flat_map(|report| report.fields.iter_mut());
        changed += fields.map(|field| make_nullable(field, unchanged)).sum::<usize>();
        nullable = changed > 0 && !unchanged;
    }
    if changed == 0 {
        return Err(StartError::AssumptionWithoutEffect { id: id.to_owned() });
    }
    for assumption in model.assumptions.iter_mut().filter(|assumption| assumption.id == id) {
        assumption.value = value.clone();
    }
    Ok(nullable)
}

/// Makes a field that is assumed to be never null nullable, and those inside it, unless `only_count`; returns their number.
fn make_nullable(field: &mut Field, only_count: bool) -> usize {
    let assumed = field.nullable == Nullable::AssumedNever;
    if assumed && !only_count {
        field.nullable = Nullable::Unknown;
    }
    let mut inner = &mut field.ty;
    while let Type::Array { of } | Type::Map { of } = inner {
        inner = of;
    }
    let inside = match inner {
        Type::Object { fields } => fields.iter_mut().map(|field| make_nullable(field, only_count)).sum(),
        _ => 0,
    };
    inside + usize::from(assumed)
}

/// Applies an override to one part of the model. Deserializing finds values of the wrong type.
fn apply_to<T: DeserializeOwned>(part: &mut T, json: &mut Value, id: &str, value: &Value) -> Result<usize, StartError> {
    let wrong = |error: serde_json::Error| StartError::AssumptionValue { id: id.to_owned(), problem: error.to_string() };
    let changed = set(json, id, value);
    if changed > 0 {
        *part = T::deserialize(&*json).map_err(wrong)?;
    }
    Ok(changed)
}

/// Sets the value of every setting that depends on the assumption; returns their number.
fn set(json: &mut Value, id: &str, value: &Value) -> usize {
    match json {
        Value::Object(object) if object.get("assumption").and_then(Value::as_str) == Some(id) && object.contains_key("value") => {
            object.insert("value".to_owned(), value.clone());
            1
        }
        Value::Object(object) => object.values_mut().map(|inner| set(inner, id, value)).sum(),
        Value::Array(items) => items.iter_mut().map(|inner| set(inner, id, value)).sum(),
        _ => 0,
    }
}
