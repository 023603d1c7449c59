//! Checks that a timeseries example has the form that formats.yaml describes, with the report's label keys.

use placewise_model::{Coverage, Example, Field, TimeseriesFormat};
use serde_json::{Map, Value};

use super::checker::{Checker, Form};
use super::rows::FORM;
use crate::check::text_forms::{is_timestamp, is_zone, zone_help};
use crate::finding::codes;

impl Checker<'_> {
    pub(super) fn series(&mut self, example: &Example, response: &Value, path: &[String], format: &TimeseriesFormat) {
        let Some(entries) = response.as_object() else {
            self.say(codes::EXAMPLE_SHAPE, "the example is not an object".into(), path, FORM);
            return;
        };
        let keys = &format.response;
        let known: [&str; 6] = [&keys.interval, &keys.zone, &keys.buckets, &keys.series, &keys.data_points, &keys.result_type];
        // Some published examples lack the number of data points.
        let optional: [&str; 1] = [&keys.data_points];
        let form = Form { code: codes::EXAMPLE_KEY, of: "the format", keys: &known, optional: &optional, help: FORM };
        self.form(entries, &form, self.cut, path);
        self.fixed_words(entries, path, format);
        let buckets = self.buckets(entries, path, format);
        let points = self.all_series(example, entries, path, format, buckets);
        if let (Some(points), Some(stated)) = (points, entries.get(&format.response.data_points))
            && example.coverage == Coverage::Whole
            && stated.as_u64() != Some(points)
        {
            let path = [path, std::slice::from_ref(&format.response.data_points)].concat();
            let message = format!("the example states {stated} data points, but has {points} values that are not null");
            self.say(codes::EXAMPLE_SHAPE, message, &path, "correct the example, or write `coverage: partial` if it is cut");
        }
    }

    /// A zone is one of the database, or the word for several zones.
    fn zone(&mut self, entries: &Map<String, Value>, key: &str, path: &[String], format: &TimeseriesFormat) {
        let zone = entries.get(key).and_then(Value::as_str);
        if let Some(zone) = zone.filter(|zone| *zone != format.response.local_zone && !is_zone(zone)) {
            let path = [path, &[key.to_owned()]].concat();
            self.say(codes::EXAMPLE_SHAPE, format!("`{zone}` is not a time zone"), &path, &zone_help(zone));
        }
    }

    fn fixed_words(&mut self, entries: &Map<String, Value>, path: &[String], format: &TimeseriesFormat) {
        self.zone(entries, &format.response.zone, path, format);
        self.result_type(entries, &format.response.result_type, &format.response.result_type_value, path);
        let interval = entries.get(&format.response.interval);
        if let Some(name) = interval.filter(|name| name.as_str().is_none_or(|name| format.interval(name).is_none())) {
            let path = [path, std::slice::from_ref(&format.response.interval)].concat();
            self.say(codes::EXAMPLE_SHAPE, format!("formats.yaml has no interval {name}"), &path, FORM);
        }
    }

    /// The number of buckets, if it can be read.
    fn buckets(&mut self, entries: &Map<String, Value>, path: &[String], format: &TimeseriesFormat) -> Option<usize> {
        let value = entries.get(&format.response.buckets)?;
        let path = [path, std::slice::from_ref(&format.response.buckets)].concat();
        let Some(buckets) = value.as_array() else {
            self.say(codes::EXAMPLE_SHAPE, "the time buckets are not a list".into(), &path, FORM);
            return None;
        };
        for (index, bucket) in buckets.iter().enumerate() {
            if !bucket.as_str().is_some_and(is_timestamp) {
                let path = [&path[..], &[index.to_string()]].concat();
                self.say(
                    codes::EXAMPLE_SHAPE,
                    format!("{bucket} is not a time bucket"),
                    &path,
                    "write a date and a time, in ISO 8601",
                );
            }
        }
        Some(buckets.len())
    }

    /// Checks every series. Returns the number of values that are not null, if it can be counted.
    fn all_series(
        &mut self,
        example: &Example,
        entries: &Map<String, Value>,
        path: &[String],
        format: &TimeseriesFormat,
        buckets: Option<usize>,
    ) -> Option<u64> {
        let value = entries.get(&format.response.series)?;
        let path = [path, std::slice::from_ref(&format.response.series)].concat();
        let Some(series) = value.as_array() else {
            self.say(codes::EXAMPLE_SHAPE, "the series are not a list".into(), &path, FORM);
            return None;
        };
        let mut points = Some(0);
        for (index, one) in series.iter().enumerate() {
            let path = [&path[..], &[index.to_string()]].concat();
            let found = self.one_series(example, one, &path, format, buckets);
            points = points.zip(found).map(|(points, found)| points + found);
        }
        points
    }

    fn one_series(
        &mut self,
        example: &Example,
        one: &Value,
        path: &[String],
        format: &TimeseriesFormat,
        buckets: Option<usize>,
    ) -> Option<u64> {
        let Some(entries) = one.as_object() else {
            self.say(codes::EXAMPLE_SHAPE, "a series of the example is not an object".into(), path, FORM);
            return None;
        };
        let keys = &format.response;
        let known: [&str; 3] = [&keys.label, &keys.values, &keys.series_zone];
        // What lacks a label or values has another finding.
        let form = Form { code: codes::EXAMPLE_KEY, of: "a series of the format", keys: &known, optional: &known, help: FORM };
        let misspelled = self.form(entries, &form, self.cut, path);
        let meant = |key: &str| misspelled.contains(&key);
        self.zone(entries, &keys.series_zone, path, format);
        match entries.get(&format.response.label) {
            Some(Value::Object(label)) => {
                let path = [path, std::slice::from_ref(&format.response.label)].concat();
                self.label(example, label, &path);
            }
            None if meant(&format.response.label) => {}
            _ => self.say(codes::EXAMPLE_SHAPE, "a series of the example has no label".into(), path, FORM),
        }
        let values = entries.get(&format.response.values).and_then(Value::as_array);
        let Some(values) = values else {
            if meant(&format.response.values) {
                return None;
            }
            self.say(codes::EXAMPLE_SHAPE, "a series of the example has no list of values".into(), path, FORM);
            return None;
        };
        let path = [path, std::slice::from_ref(&format.response.values)].concat();
        self.values(example, values, &path, buckets)
    }

    fn label(&mut self, example: &Example, label: &Map<String, Value>, path: &[String]) {
        let (prefix, fields) = match &example.aggregation {
            None => (String::new(), self.report.labels.as_ref()),
            Some(name) => (format!("{name}."), self.report.aggregation(name).and_then(|found| found.labels.as_ref())),
        };
        self.compares(example);
        // If the keys of a label are unknown, any key is fine.
        if let Some(fields) = fields {
            self.keys(label, &fields.iter().collect::<Vec<&Field>>(), &prefix, path);
        }
    }

    fn values(&mut self, example: &Example, values: &[Value], path: &[String], buckets: Option<usize>) -> Option<u64> {
        for (index, value) in values.iter().enumerate().filter(|(_, value)| !value.is_number() && !value.is_null()) {
            let path = [path, &[index.to_string()]].concat();
            self.say(codes::EXAMPLE_TYPE, format!("{value} is not a value of a series"), &path, "write a number or null");
        }
        if let Some(buckets) = buckets.filter(|buckets| *buckets != values.len() && example.coverage == Coverage::Whole) {
            let message = format!("the series has {} values for {buckets} time buckets", values.len());
            self.say(codes::EXAMPLE_SHAPE, message, path, "correct the example, or write `coverage: partial` if it is cut");
            return None;
        }
        u64::try_from(values.iter().filter(|value| !value.is_null()).count()).ok()
    }
}
