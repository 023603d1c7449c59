//! Rows of the documentation's samples, for users' tests.

use serde_json::Value as Json;

use super::{Registry, parse};
use crate::facts::{report::Report, vocabulary::Format};
use crate::json::{context::DecodeContext, object::FromObject, object::read_object};

/// The first row or label of the first sample of a report or its aggregation. Made up from the types if there is none.
pub fn sample<R: Report, T: FromObject>(registry: &Registry, aggregation: Option<&str>) -> T {
    let row = registry.sample(R::SPEC.name, R::SPEC.format, aggregation);
    let row = row.and_then(|row| read_object(&row.to_string(), &mut DecodeContext::default()).ok());
    row.unwrap_or_else(T::made_up)
}

impl Registry {
    fn sample(&self, report: &str, format: Format, aggregation: Option<&str>) -> Option<Json> {
        let (records, timeseries) = (&self.spec.records, &self.spec.timeseries);
        let model = parse(self.model).ok()?;
        let report = model.get("reports")?.as_array()?.iter().find(|of| of["name"].as_str() == Some(report))?;
        let examples = report.get("examples")?.as_array()?.iter();
        let mut examples = examples.filter(|of| of["field"].is_null() && of["aggregation"].as_str() == aggregation);
        let row = examples.find_map(|of| match format {
            Format::Records => of["response"].get(records.rows_key)?.get(0),
            Format::Timeseries => of["response"].get(timeseries.series_key)?.get(0)?.get(timeseries.label_key),
            Format::Statistics => of.get("response").filter(|response| response.is_object()),
        });
        row.cloned()
    }
}
