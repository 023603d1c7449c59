//! JSON Schema of a report's responses, for validators and other languages.
//!
//! The layout of statistics is not documented, so their schema accepts any object.

use placewise_model::{Adds, Coverage, Field, Format, Model, Report, Type};
use serde_json::{Map, Value, json};

use super::markdown;

/// The schema of a report's responses.
pub(super) fn schema(model: &Model, report: &Report) -> Value {
    let mut defs = Map::new();
    match report.format {
        Format::Records => records(model, report, &mut defs),
        Format::Timeseries => timeseries(model, report, &mut defs),
        Format::Statistics => {
            defs.insert("statistics".into(), json!({ "type": "object" }));
        }
    }
    let any: Vec<Value> = defs.keys().map(|key| json!({ "$ref": format!("#/$defs/{}", pointer(key)) })).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Responses of the report {}", report.name),
        "anyOf": any,
        "$defs": defs,
    })
}

fn records(model: &Model, report: &Report, defs: &mut Map<String, Value>) {
    let whole = report.coverage == Coverage::Whole;
    let any_row = || json!({ "type": "object" });
    let fields: Vec<&Field> = report.fields.iter().collect();
    let own = if report.coverage == Coverage::NameOnly { any_row() } else { row(&fields, report.description.as_deref(), whole) };
    defs.insert("records".into(), response(model, own));
    for aggregation in &report.aggregations {
        let fields: Vec<&Field> = aggregation.returns.iter().map(|returned| &returned.field).collect();
        let rows = if fields.is_empty() { any_row() } else { row(&fields, aggregation.description.as_deref(), whole) };
        defs.insert(format!("by {}", aggregation.name), response(model, rows));
    }
    if report.more_aggregations {
        defs.insert("by another".into(), response(model, any_row()));
    }
}

fn timeseries(model: &Model, report: &Report, defs: &mut Map<String, Value>) {
    defs.insert("series".into(), chart(model, report, report.labels.as_deref(), report.description.as_deref()));
    for aggregation in &report.aggregations {
        let labels = chart(model, report, aggregation.labels.as_deref(), aggregation.description.as_deref());
        defs.insert(format!("by {}", aggregation.name), labels);
    }
    if report.more_aggregations {
        defs.insert("by another".into(), chart(model, report, None, None));
    }
}

/// A response of the timeseries format. Labels accept any object if their keys are not known. Examples lack the number of data points.
fn chart(model: &Model, report: &Report, labels: Option<&[Field]>, description: Option<&str>) -> Value {
    let format = &model.timeseries;
    let mut values = json!({ "type": "array", "items": { "type": ["number", "null"] } });
    if let Some(adds) = &report.adds {
        values["description"] = adds.sentence().into();
    }
    let label =
        labels.map_or_else(|| json!({ "type": "object" }), |labels| row(&labels.iter().collect::<Vec<_>>(), description, false));
    let series = json!({
        "type": "object",
        "properties": {
            (&format.response.label): label,
            (&format.response.values): values,
            (&format.response.series_zone): { "type": "string" },
        },
        "required": [format.response.label, format.response.values],
    });
    let intervals: Vec<&str> = format.intervals.iter().map(|interval| interval.name.as_str()).collect();
    let properties = json!({
        (&format.response.interval): { "type": "string", "examples": intervals },
        (&format.response.zone): { "type": "string" },
        (&format.response.buckets): { "type": "array", "items": { "type": "string" } },
        (&format.response.series): { "type": "array", "items": series },
        (&format.response.data_points): { "type": "integer", "minimum": 0 },
        (&format.response.result_type): { "const": format.response.result_type_value },
    });
    let required = [
        &format.response.interval,
        &format.response.zone,
        &format.response.buckets,
        &format.response.series,
        &format.response.result_type,
    ];
    json!({ "type": "object", "properties": properties, "required": required })
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
    let next = json!({ (&records.response.next): { "type": ["string", "null"] } });
    let properties = json!({
        (&records.response.rows): { "type": "array", "items": row },
        (&records.response.pagination): { "type": "object", "properties": next, "required": [records.response.next] },
        (&records.response.result_type): { "const": records.response.result_type_value },
    });
    json!({ "type": "object", "properties": properties, "required": [records.response.rows, records.response.pagination, records.response.result_type] })
}

fn row(fields: &[&Field], description: Option<&str>, closed: bool) -> Value {
    let mut out = object(fields, closed);
    if let (Some(description), Some(object)) = (description, out.as_object_mut()) {
        object.insert("description".into(), markdown::paragraphs(description).join("\n\n").into());
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
    let adds = field.adds.as_ref().map(Adds::sentence);
    let texts: Vec<String> = field.description.iter().flat_map(|text| markdown::paragraphs(text)).chain(adds).collect();
    if let (false, Some(object)) = (texts.is_empty(), out.as_object_mut()) {
        object.insert("description".into(), texts.join("\n\n").into());
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
        // Open: the known values are examples, and other values are valid.
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
