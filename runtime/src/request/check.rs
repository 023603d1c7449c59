//! Checks before sending: the query must make sense and keep the documented limits.

use super::range_check::{check_limits, check_order};
use super::spec::{CallSpec, FormatSpec, QueryKind, QuerySpec};
use crate::{error::Error, facts::setting::Setting, overrides::Overrides, time::clock::Clock};

impl QuerySpec {
    /// Rejects what the server would reject.
    pub(crate) fn check(&self, overrides: &Overrides, clock: &Clock) -> Result<(), Error> {
        self.check_api(overrides)?;
        self.check_report()?;
        let (info, format) = match &self.kind {
            QueryKind::Report(info, format) => (*info, format),
            QueryKind::Call(call) => return self.check_call(call, overrides),
        };
        match format {
            FormatSpec::Records { page_size: Some(0), .. } => {
                Err(Error::configuration("page_size", "must be at least 1; pages without rows would never end"))
            }
            FormatSpec::Timeseries { range, interval } => check_limits(info, *range, interval.as_ref(), overrides, clock),
            FormatSpec::Statistics { range: Some(range) } => check_order(info.name, *range),
            FormatSpec::Records { .. } | FormatSpec::Statistics { range: None } => Ok(()),
        }
    }

    /// A client of another API would send names that its server does not know. Only a query by names can be such a query.
    pub(crate) fn check_api(&self, overrides: &Overrides) -> Result<(), Error> {
        let (own, client) = (self.api.0, overrides.spec);
        if std::ptr::eq(own, client) {
            return Ok(());
        }
        let subject = self.subject;
        let problem = match (own.name, client.name) {
            (own, client) if own == client => {
                format!(
                    "{subject} was found in another copy of the spec of `{own}`; build the client from that registry's `spec()`"
                )
            }
            (own, client) => format!("{subject} belongs to the API `{own}`, the client to `{client}`"),
        };
        Err(Error::configuration("query", problem))
    }

    /// A report has one format: the response to a query in another could not be decoded. A filter has one report.
    pub(crate) fn check_report(&self) -> Result<(), Error> {
        let QueryKind::Report(report, format) = &self.kind else { return Ok(()) };
        if format.format() != report.format {
            let (has, used) = (report.format.word(), format.format().word());
            let problem = format!("{} is a {has} report; query it as {has}, not as {used}", self.subject);
            return Err(Error::configuration("format", problem));
        }
        self.filter.as_ref().map_or(Ok(()), |filter| filter.check(report))
    }

    fn check_call(&self, call: &CallSpec, overrides: &Overrides) -> Result<(), Error> {
        let refuse = |problem: &str| Err(Error::configuration("call", format!("{}: {problem}", self.subject)));
        let more = !self.with.is_empty() || call.report.is_some() || call.query.is_some();
        if call.bare_body().is_some() && (more || call.in_url()) {
            return refuse("only an object has keys; pass an object to `body`");
        }
        if let (Some((report, _)), Some((field, _))) = (call.report, call.field) {
            let (report_key, field_key) = (overrides.get(report), overrides.get(field));
            if report_key == field_key {
                let name = |key: Setting<&str>| key.assumption.map_or(String::new(), |id| format!(" (assumption `{id}`)"));
                let (report, field) = (name(report), name(field));
                return refuse(&format!(
                    "the names of the report{report} and of the field{field} would have the same key `{report_key}`"
                ));
            }
        }
        let Some((query, whole)) = &call.query else { return Ok(()) };
        if !overrides.get(*whole) && self.with.is_empty() {
            return refuse("an override says that the body is not that of a query; add it with `body` or `with`");
        }
        query.check_api(overrides)?;
        query.check_report()?;
        match query.kind {
            // Whether an export has the limits of a query is unknown, so only the order of the range is checked.
            QueryKind::Report(info, FormatSpec::Timeseries { range, .. }) => check_order(info.name, range),
            _ => Ok(()),
        }
    }
}
