//! Facts that may depend on an assumption.
//!
//! The spec writes the value, or `{ assumed: <id> }`; JSON of the model has the value, or `{ value, assumption }`.

use serde::de::{DeserializeOwned, Error};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A value, and the assumption that it depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value to use.
    pub value: T,
    /// The id of the assumption that it comes from; none if a page states it.
    pub assumption: Option<String>,
}

impl<T: Serialize> Serialize for Setting<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(assumption) = &self.assumption else { return self.value.serialize(serializer) };
        let mut form = serializer.serialize_struct("Setting", 2)?;
        form.serialize_field("value", &self.value)?;
        form.serialize_field("assumption", assumption)?;
        form.end()
    }
}

// An untagged enum would hide why a value does not fit.
impl<'de, T: DeserializeOwned> Deserialize<'de> for Setting<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (value, assumption) = match Value::deserialize(deserializer)? {
            Value::Object(mut form) => {
                let assumption = form.remove("assumption").and_then(|id| id.as_str().map(str::to_owned));
                (form.remove("value").unwrap_or_default(), assumption)
            }
            stated => (stated, None),
        };
        Ok(Self { value: T::deserialize(value).map_err(D::Error::custom)?, assumption })
    }
}

#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Setting<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Setting_for_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let reference = schemars::json_schema!({
            "description": "The name of an assumption in `assumptions.yaml` that holds the value.",
            "type": "object",
            "properties": { "assumed": { "type": "string" } },
            "required": ["assumed"],
            "additionalProperties": false
        });
        let stated = generator.subschema_for::<T>();
        schemars::json_schema!({
            "description": "A value, or the name of the assumption that holds it.",
            "anyOf": [reference, stated]
        })
    }
}
