//! The points of a chart: one value each, with its bucket and its label, as tables and data frames want them.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::chart::{Buckets, Chart, Series};
use crate::{json::number::Number, json::object::FromObject, time::timestamp::Timestamp};

/// One value of a chart.
///
/// It serializes as a struct: `bucket`, the fields of the label, `value`, and after the bucket its `zone` if the chart's buckets are local. A
/// field that the label has too ends in an underscore here.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub struct Point<'a, Label> {
    /// The start of the bucket. It has no offset if the chart's buckets are local.
    pub bucket: Timestamp,
    /// The time zone of the series, if the chart's buckets are local.
    pub zone: Option<&'a str>,
    /// The label of the series.
    pub label: &'a Label,
    /// The value; none where the server has no value.
    pub value: Option<Number>,
    local: bool,
}

/// A point as flat columns: lists, objects and unknown keys of the label are JSON text.
#[derive(Debug, PartialEq)]
pub struct FlatPoint<'a, Label>(Point<'a, Label>);

// A point holds a reference to its label, so it is `Copy` for any label.
impl<Label> Clone for Point<'_, Label> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Label> Copy for Point<'_, Label> {}

impl<Label> Chart<Label> {
    /// Every value with its bucket and its label, series by series.
    pub fn points(&self) -> impl Iterator<Item = Point<'_, Label>> {
        self.series.iter().flat_map(|series| series.points(&self.buckets))
    }
}

impl<Label> Series<Label> {
    fn points<'a>(&'a self, buckets: &'a Buckets) -> impl Iterator<Item = Point<'a, Label>> {
        let local = matches!(buckets, Buckets::Local(_));
        let point = move |(bucket, value): (Timestamp, &Option<Number>)| {
            let zone = self.zone.as_deref();
            Point { bucket, zone, label: &self.label, value: *value, local }
        };
        buckets.starts().zip(&self.values).map(point)
    }
}

impl<'a, Label: FromObject> Point<'a, Label> {
    /// The point as flat columns, for CSV.
    pub fn flat(self) -> FlatPoint<'a, Label> {
        FlatPoint(self)
    }

    fn write<S: Serializer>(&self, serializer: S, flat: bool) -> Result<S::Ok, S::Error> {
        let mut label = self.label.object_ref();
        if flat {
            label = label.flat();
        }
        let mut out = serializer.serialize_struct("Point", label.width() + 2 + usize::from(self.local))?;
        out.serialize_field(label.beside("bucket", "bucket_"), &self.bucket.to_string())?;
        if self.local {
            out.serialize_field(label.beside("zone", "zone_"), &self.zone)?;
        }
        label.fields(&mut out, flat)?;
        out.serialize_field(label.beside("value", "value_"), &self.value)?;
        out.end()
    }
}

impl<Label: FromObject> Serialize for Point<'_, Label> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.write(serializer, false)
    }
}

impl<Label: FromObject> Serialize for FlatPoint<'_, Label> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer, true)
    }
}
