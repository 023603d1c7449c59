//! What the old client reads of what the new API sends.

use placewise_model::{Field, Type};

/// Whether the old client reads every value that the new API sends as a field.
pub(super) fn reads(old: &Type, new: &Type) -> bool {
    match (old, new) {
        (Type::Json, _) | (Type::Number, Type::Integer) => true,
        (Type::String | Type::Enum(_), Type::String | Type::Enum(_) | Type::Timestamp | Type::Date) => true,
        (Type::Array { of: old }, Type::Array { of: new }) | (Type::Map { of: old }, Type::Map { of: new }) => reads(old, new),
        (Type::Map { of }, Type::Object { fields }) => fields.iter().all(|field| reads(of, &field.ty)),
        // Their fields are facts of their own.
        (Type::Object { .. }, Type::Object { .. }) => true,
        (old, new) => old == new,
    }
}

/// Whether the old client fails without the field.
pub(super) const fn needs(field: &Field) -> bool {
    !field.nullable.possible() && !field.optional
}
