//! JSON Schema of a report's rows, for whoever reads the answers in another language and for validators that we did not write. In: one
//! report; out: a schema of a response, of the plain query and of each aggregation.

use placewise_model::{Coverage, Field, Model, Report, Type};
use serde_json::{Map, Value, json};

/// The schema of a report's responses.
pub(super) fn schema(model: &Model, report: &Report) -> Value {
    let whole = report.coverage == Coverage::Whole;
    let mut defs = Map::new();
    let fields: Vec<&Field> = report.fields.iter().collect();
    defs.insert("records".into(), response(model, row(&fields, report.about.as_deref(), whole)));
    for aggregation in &report.aggregations {
        let fields: Vec<&Field> = aggregation.returns.iter().map(|returned| &returned.field).collect();
        defs.insert(format!("by {}", aggregation.name), response(model, row(&fields, aggregation.about.as_deref(), whole)));
    }
    let any: Vec<Value> = defs.keys().map(|key| json!({ "$ref": format!("#/$defs/{}", pointer(key)) })).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Responses of the report {}", report.name),
        "anyOf": any,
        "$defs": defs,
    })
}

/// A key inside a JSON pointer inside a URI fragment.
fn pointer(key: &str) -> String {
    let mut out = String::new();
    for byte in key.bytes() {
        match byte {
            b'~' => out.push_str("~0"),
            b'/' => out.push_str("~1"),
            b if b.is_ascii_alphanumeric() || b"-._".contains(&b) => out.push(char::from(b)),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

fn response(model: &Model, row: Value) -> Value {
    let records = &model.records;
    let mut properties = Map::new();
    properties.insert(records.rows_key.clone(), json!({ "type": "array", "items": row }));
    let mut pagination = Map::new();
    pagination.insert(records.next_key.clone(), json!({ "type": ["string", "null"] }));
    properties.insert(
        records.pagination_key.clone(),
        json!({ "type": "object", "properties": pagination, "required": [records.next_key] }),
    );
    properties.insert(records.result_type_key.clone(), json!({ "const": records.result_type }));
    json!({ "type": "object", "properties": properties, "required": [records.rows_key, records.pagination_key, records.result_type_key] })
}

fn row(fields: &[&Field], about: Option<&str>, closed: bool) -> Value {
    let mut out = object(fields, closed);
    if let (Some(about), Some(object)) = (about, out.as_object_mut()) {
        object.insert("description".into(), super::text::paragraphs(about).join("\n\n").into());
    }
    out
}

fn object(fields: &[&Field], closed: bool) -> Value {
    let properties: Map<String, Value> = fields.iter().map(|field| (field.name.clone(), value(field))).collect();
    let required: Vec<&str> = fields.iter().filter(|field| !field.optional).map(|field| field.name.as_str()).collect();
    let mut out = json!({ "type": "object", "properties": properties, "required": required });
    if let (true, Some(object)) = (closed, out.as_object_mut()) {
        object.insert("additionalProperties".into(), false.into());
    }
    out
}

fn value(field: &Field) -> Value {
    let mut out = of_type(&field.ty);
    if field.nullable.possible()
        && let Some(ty) = out.get_mut("type")
    {
        *ty = json!([ty.clone(), "null"]);
    }
    if let (Some(about), Some(object)) = (&field.about, out.as_object_mut()) {
        object.insert("description".into(), super::text::paragraphs(about).join("\n\n").into());
    }
    out
}

fn of_type(ty: &Type) -> Value {
    match ty {
        Type::Integer => json!({ "type": "integer" }),
        Type::Number => json!({ "type": "number" }),
        Type::String | Type::Timestamp => json!({ "type": "string" }),
        Type::Boolean => json!({ "type": "boolean" }),
        Type::Date => json!({ "type": "string", "format": "date" }),
        // Open: known values are examples, and no other is wrong.
        Type::Enum(enumeration) if enumeration.values.is_empty() => json!({ "type": "string" }),
        Type::Enum(enumeration) => {
            json!({ "type": "string", "examples": enumeration.values.iter().map(|value| value.value.as_str()).collect::<Vec<_>>() })
        }
        Type::Array { of } => json!({ "type": "array", "items": of_type(of) }),
        Type::Object { fields } => object(&fields.iter().collect::<Vec<_>>(), false),
        Type::Map { of } => json!({ "type": "object", "additionalProperties": of_type(of) }),
        Type::Json => json!({}),
    }
}
