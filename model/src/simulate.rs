//! What a simulator must know of a report beside its fields: how values of one row hang together, and where its data come from. In and
//! out: plain data; nothing else relies on it.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::Provenance;

/// How values of one row hang together. A simulator keeps it; nothing else relies on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// What holds.
    pub rule: RelationRule,
    /// Where that is known from.
    pub description: String,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// What holds between values of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum RelationRule {
    /// The parts add up to the whole.
    AddsUp {
        /// Numbers that nothing is counted twice in.
        parts: Vec<String>,
        /// Their sum.
        to: String,
    },
    /// No number is greater than the one before it: a funnel.
    NeverGrows(Vec<String>),
    /// One truth value is true when any of others is.
    Any {
        /// The others.
        of: Vec<String>,
        /// The one.
        is: String,
    },
}

/// How a simulator makes the data of a report so that they agree with those of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Simulate {
    /// Records: for each row of another records report, up to so many rows.
    Each {
        /// The other report.
        of: String,
        /// Fields whose value comes from it: from the first of its fields that is not null, as text where the field is one.
        take: IndexMap<String, Vec<String>>,
        /// The most rows for each.
        most: u32,
    },
    /// Records: the rows of another records report added up, one row for each distinct value of the fields not added.
    Summary {
        /// The other report.
        of: String,
        /// The fields that are added; the others have the same names there.
        sum: Vec<String>,
    },
    /// Records: the rows of another records report counted, for each customer, by the values of several of its fields.
    Tally {
        /// The other report.
        of: String,
        /// The field that names what is counted by. Its values are fields of the other report; those that are not are made up.
        by: String,
        /// The field that holds the value counted.
        value: String,
        /// The field that holds the count.
        count: String,
    },
    /// Timeseries: events that come from the rows of a records report, or those of another timeseries.
    Events {
        /// The other report.
        of: String,
        /// Fields that have another name there. Those of the same name are taken as they are.
        #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
        take: IndexMap<String, String>,
        /// The field there that tells how many events a row has; one event where left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        count: Option<String>,
        /// The field there that tells when they begin; any time in the past where left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        begin: Option<String>,
        /// The field here whose first value means that something came and whose second that it went. Of what went, no row is left there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        direction: Option<String>,
        /// Whether values are levels (all that came and did not go until the end of the bucket) and not what happened in the bucket.
        #[serde(default)]
        running: bool,
    },
}
