//! How the simulator generates data: relations between the values of a row, and reports derived from others.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::vocabulary::Provenance;

/// A relation between the values of a row. Only the simulator relies on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// The rule.
    pub rule: RelationRule,
    /// The evidence for it.
    pub description: String,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// A rule for the values of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum RelationRule {
    /// The parts add up to the whole.
    AddsUp {
        /// Numbers that do not overlap.
        parts: Vec<String>,
        /// Their sum.
        to: String,
    },
    /// No number is greater than the one before it, as in a funnel.
    NeverGrows(Vec<String>),
    /// A boolean is true if any of others is.
    Any {
        /// The others.
        of: Vec<String>,
        /// The boolean.
        is: String,
    },
}

/// How the simulator derives the data of a report from another report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Simulate {
    /// Records: up to `most` rows per row of another records report.
    Each {
        /// The other report.
        of: String,
        /// The fields copied from it. The first source field that is not null counts; it becomes text if the target is text.
        take: IndexMap<String, Vec<String>>,
        /// The maximum of rows per row.
        most: u32,
    },
    /// Records: the rows of another records report, summed by the distinct values of the other fields.
    Summary {
        /// The other report.
        of: String,
        /// The fields to sum; the others have the same names there.
        sum: Vec<String>,
    },
    /// Records: the rows of another records report, counted per customer by the values of several fields.
    Tally {
        /// The other report.
        of: String,
        /// The field that names what is counted. Its values are fields of the other report; the simulator invents the rest.
        by: String,
        /// The field that holds the counted value.
        value: String,
        /// The field that holds the count.
        count: String,
    },
    /// Timeseries: events from the rows of a records report, or from another timeseries.
    Events {
        /// The other report.
        of: String,
        /// Fields that have another name there. Fields of the same name need no entry.
        #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
        take: IndexMap<String, String>,
        /// The field there with the number of events per row; if absent, one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        count: Option<String>,
        /// The field there with the start of the events; if absent, any time in the past.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        begin: Option<String>,
        /// The field here whose first value means added and whose second means removed. What was removed has no row there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        direction: Option<String>,
        /// Whether values are levels at the end of a bucket, not changes within it.
        #[serde(default)]
        running: bool,
    },
}
