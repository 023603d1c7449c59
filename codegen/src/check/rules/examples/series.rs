//! Checks that a timeseries example has the form that formats.yaml describes, with the report's label keys.

use placewise_model::{Coverage, Example, Field, TimeseriesFormat};
use serde_json::{Map, Value};

use super::checker::{Checker, did_you_mean, misspelled};
use crate::check::text_forms::is_timestamp;
use crate::finding::codes;

const FORM: &str = "see formats.yaml for the keys of a response";

impl Checker<'_> {
    pub(super) fn series(&mut self, example: &Example, response: &Value, path: &[String], format: &TimeseriesFormat) {
        let Some(entries) = response.as_object() else {
            self.say(codes::EXAMPLE_SHAPE, "the example is not an object".into(), path, FORM);
            return;
        };
        let known = [
            &format.response.interval,
            &format.response.zone,
            &format.response.buckets,
            &format.response.series,
            &format.response.data_points,
            &format.response.result_type,
        ];
        let missing: Vec<&str> = known.iter().map(|key| key.as_str()).filter(|key| !entries.contains_key(*key)).collect();
        let extra = entries.keys().filter(|key| !known.contains(key)).map(String::as_str);
        let pairs = misspelled(extra.clone(), &missing);
        for key in extra {
            let path = [path, &[key.to_owned()]].concat();
            self.say(codes::EXAMPLE_KEY, format!("the format has no key `{key}`"), &path, &did_you_mean(key, &pairs, FORM));
        }
        if example.coverage == Coverage::Whole {
            // Some published examples lack the number of data points.
            let needed = |key: &&str| *key != format.response.data_points && pairs.iter().all(|(_, meant)| meant != key);
            for key in missing.iter().copied().filter(needed) {
                self.say(codes::EXAMPLE_KEY, format!("the example lacks `{key}`"), path, FORM);
            }
        }
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

    fn fixed_words(&mut self, entries: &Map<String, Value>, path: &[String], format: &TimeseriesFormat) {
        if let Some(word) = entries.get(&format.response.result_type).filter(|word| **word != *format.response.result_type_value)
        {
            let path = [path, std::slice::from_ref(&format.response.result_type)].concat();
            self.say(
                codes::EXAMPLE_SHAPE,
                format!("the result type is {word}, not \"{}\"", format.response.result_type_value),
                &path,
                FORM,
            );
        }
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
        let known = [&format.response.label, &format.response.values, &format.response.series_zone];
        let missing: Vec<&str> = known.iter().map(|key| key.as_str()).filter(|key| !entries.contains_key(*key)).collect();
        let extra = entries.keys().filter(|key| !known.contains(key)).map(String::as_str);
        let pairs = misspelled(extra.clone(), &missing);
        let meant = |key: &str| pairs.iter().any(|(_, meant)| *meant == key);
        for key in extra {
            let path = [path, &[key.to_owned()]].concat();
            self.say(
                codes::EXAMPLE_KEY,
                format!("the series of the format have no key `{key}`"),
                &path,
                &did_you_mean(key, &pairs, FORM),
            );
        }
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
