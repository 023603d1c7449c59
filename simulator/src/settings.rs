//! What the simulator needs of a model beside the reports: zones, statuses, settings. In come a model and the assumptions that the
//! user turned; out comes the model with every setting that rests on them changed, or what is wrong with one.

use jiff::tz::TimeZone;
use placewise_model::{ErrorName, Field, Model, Nullable, Scope, Type};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{StartError, nearest};

/// The zone of that name.
pub(crate) fn find_zone(name: &str) -> Result<TimeZone, StartError> {
    if name == "UTC" {
        return Ok(TimeZone::UTC);
    }
    TimeZone::get(name).map_err(|_| StartError::Zone { name: name.to_owned() })
}

/// The status of an error. Where the model documents none, the status that HTTP itself has for it.
pub(crate) fn status(model: &Model, name: ErrorName) -> u16 {
    let documented = model.api.errors.iter().find(|error| error.name == name);
    documented.map_or_else(
        || match name {
            ErrorName::BadRequest | ErrorName::HeaderMissing | ErrorName::HeaderIncorrect => 400,
            ErrorName::Unauthorized | ErrorName::OauthToken => 401,
            ErrorName::FeatureNotEnabled => 402,
            ErrorName::Forbidden | ErrorName::Firewall => 403,
            ErrorName::NotFound => 404,
            ErrorName::NotPossible => 405,
            ErrorName::InvalidParameters => 422,
            ErrorName::TooManyRequests => model.api.rate_limit.status,
            ErrorName::Maintenance => 503,
        },
        |error| error.status,
    )
}

/// Turns assumptions: every setting that rests on one takes the value. One that concerns types and on which no setting rests says
/// which values are never null: with any other value than the spec's, none of those is sure to be there. Says whether that is so.
pub(crate) fn override_at(model: &mut Model, turned: &[(String, Value)]) -> Result<bool, StartError> {
    if turned.is_empty() {
        return Ok(false);
    }
    let mut parts = Parts::of(model).map_err(StartError::Model)?;
    turned.iter().try_fold(false, |loosened, (id, value)| Ok(turn_one(model, &mut parts, id, value)? || loosened))
}

/// The parts of a model that have settings, as JSON, in which a setting shows by its two keys: so a setting added to the model needs no
/// line here. They are written once for all assumptions.
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

fn turn_one(model: &mut Model, parts: &mut Parts, id: &str, value: &Value) -> Result<bool, StartError> {
    let Some(assumption) = model.assumption(id) else {
        let known = model.assumptions.iter().map(|assumption| assumption.id.as_str());
        return Err(StartError::UnknownAssumption { id: id.to_owned(), nearest: nearest(id, known) });
    };
    let (about_types, same) = (assumption.scope == Scope::Types, assumption.value == *value);
    let (mut turned, mut loosened) = (0, false);
    turned += turn_in(&mut model.api, &mut parts.api, id, value)?;
    turned += turn_in(&mut model.filter, &mut parts.filter, id, value)?;
    turned += turn_in(&mut model.records, &mut parts.records, id, value)?;
    turned += turn_in(&mut model.timeseries, &mut parts.timeseries, id, value)?;
    turned += turn_in(&mut model.statistics, &mut parts.statistics, id, value)?;
    turned += turn_in(&mut model.endpoints, &mut parts.endpoints, id, value)?;
    if turned == 0 && about_types {
        let fields = model.reports.iter_mut().flat_map(|report| report.fields.iter_mut());
        turned += fields.map(|field| loosen(field, same)).sum::<usize>();
        loosened = turned > 0 && !same;
    }
    if turned == 0 {
        return Err(StartError::AssumptionWithoutEffect { id: id.to_owned() });
    }
    for assumption in model.assumptions.iter_mut().filter(|assumption| assumption.id == id) {
        assumption.value = value.clone();
    }
    Ok(loosened)
}

/// Lets a field that is assumed never to be null be so, and the fields inside it, unless only counted; how many those are.
fn loosen(field: &mut Field, only_count: bool) -> usize {
    let assumed = field.nullable == Nullable::AssumedNever;
    if assumed && !only_count {
        field.nullable = Nullable::Unknown;
    }
    let mut inner = &mut field.ty;
    while let Type::Array { of } | Type::Map { of } = inner {
        inner = of;
    }
    let inside = match inner {
        Type::Object { fields } => fields.iter_mut().map(|field| loosen(field, only_count)).sum(),
        _ => 0,
    };
    inside + usize::from(assumed)
}

/// Turns an assumption in one part of the model. A value of the wrong type is found by the model's own reader.
fn turn_in<T: DeserializeOwned>(part: &mut T, json: &mut Value, id: &str, value: &Value) -> Result<usize, StartError> {
    let wrong = |error: serde_json::Error| StartError::AssumptionValue { id: id.to_owned(), what: error.to_string() };
    let turned = set(json, id, value);
    if turned > 0 {
        *part = T::deserialize(&*json).map_err(wrong)?;
    }
    Ok(turned)
}

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
