//! Overrides of assumptions: changes every setting of the model that depends on one.

use placewise_model::{Field, Model, Nullable, Scope, Type, nearest};
use serde_json::Value;

use crate::start_error::StartError;

/// Applies overrides and returns whether they make assumed non-null fields nullable.
///
/// An assumption about types that no setting depends on states which fields are never null; overriding it with another value makes those
/// fields nullable.
pub(crate) fn apply_overrides(model: &mut Model, overrides: &[(String, Value)]) -> Result<bool, StartError> {
    overrides.iter().try_fold(false, |nullable, (id, value)| Ok(apply(model, id, value)? || nullable))
}

fn apply(model: &mut Model, id: &str, value: &Value) -> Result<bool, StartError> {
    let Some(assumption) = model.assumption(id) else {
        let known = model.assumptions.iter().map(|assumption| assumption.id.as_str());
        return Err(StartError::UnknownAssumption { id: id.to_owned(), nearest: nearest(id, known).map(str::to_owned) });
    };
    let (types, unchanged) = (assumption.scope == Scope::Types, assumption.value == *value);
    let wrong = |error: serde_json::Error| StartError::AssumptionValue { id: id.to_owned(), problem: error.to_string() };
    let (mut changed, mut nullable) = (model.assume(id, value).map_err(wrong)?, false);
    if changed == 0 && types {
        let fields = model.reports.iter_mut().flat_map(|report| report.fields.iter_mut());
        changed += fields.map(|field| make_nullable(field, unchanged)).sum::<usize>();
        nullable = changed > 0 && !unchanged;
    }
    if changed == 0 {
        return Err(StartError::AssumptionWithoutEffect { id: id.to_owned() });
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
