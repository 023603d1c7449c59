//! What a report says about its numbers, as written: `adds: [customers, time]` and `data_lag: ~15 minutes`, or mappings with the provenance.

use std::borrow::Cow;

use placewise_model::{Dimension, Provenance};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// Over what values add up: `never`, `unknown`, or a list of `customers`, `time` and `labels`; with a provenance: `{ over, provenance }`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AddsDef {
    /// One word.
    Word(AddsWord),
    /// The dimensions.
    Over(Vec<Dimension>),
    /// A mapping with the provenance.
    Full(FullAddsDef),
}

/// Whether values add up, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AddsWord {
    /// They never add up, as a count of distinct things does not.
    Never,
    /// Not known, although it is known of the repeated field.
    Unknown,
}

/// Over what values add up, and how this is known.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FullAddsDef {
    /// `never`, or a list of `customers`, `time` and `labels`.
    pub over: OverDef,
    /// How this is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// Over what values add up.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OverDef {
    /// One word.
    Word(NeverWord),
    /// The dimensions.
    Over(Vec<Dimension>),
}

/// That values never add up.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NeverWord {
    /// They never add up.
    Never,
}

/// A data lag: `~15 minutes`, or `{ value: ~15 minutes, provenance }`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum DataLagDef {
    /// As the page prints it.
    Plain(String),
    /// A mapping with the provenance.
    Full {
        /// The lag.
        value: String,
        /// How it is known.
        #[serde(default)]
        provenance: Provenance,
    },
}

const PATTERN: &str = "^~?[1-9][0-9]{0,5} (minute|hour|day|week|month|year)s?$";
const FORM: &str = "A length of time, with `~` before it if it is approximate: `~15 minutes`, `1 hour`.";

// One schema for both forms, so that a wrong text is told the form that it lacks.
impl JsonSchema for DataLagDef {
    fn schema_name() -> Cow<'static, str> {
        "DataLagDef".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let provenance = generator.subschema_for::<Provenance>();
        json_schema!({
            "description": FORM,
            "type": ["string", "object"],
            "pattern": PATTERN,
            "properties": {
                "value": { "description": FORM, "type": "string", "pattern": PATTERN },
                "provenance": provenance
            },
            "required": ["value"],
            "additionalProperties": false
        })
    }
}
