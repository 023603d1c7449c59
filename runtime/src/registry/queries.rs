//! Queries of a report known only at run time.

use super::report_info::ReportInfo;
use crate::facts::report::AnyReport;
use crate::facts::vocabulary::Format;
use crate::query::records::JsonRecords;
use crate::query::report_query::{ReportQuery, Unranged};
use crate::query::statistics::JsonStatistics;
use crate::query::timeseries::{JsonTimeseries, over};
use crate::request::spec::{FormatSpec, QuerySpec};
use crate::{error::Error, facts::formats::RecordsFormat, facts::formats::StatisticsFormat, time::range::IntoTimeRange};

impl ReportInfo {
    /// Queries the rows of a records report. Rows are JSON objects; [`rows_as`](crate::Records::rows_as) reads them as another type.
    ///
    /// # Errors
    ///
    /// A configuration error if the report has another format.
    pub fn records(&self) -> Result<JsonRecords, Error> {
        self.query(RecordsFormat::START)
    }

    /// Queries the series of a timeseries report over a range of time. Labels are JSON objects.
    ///
    /// # Errors
    ///
    /// A configuration error if the report has another format.
    pub fn series(&self, range: impl IntoTimeRange) -> Result<JsonTimeseries, Error> {
        self.query(over(range.into_time_range()))
    }

    /// Queries the figures of a statistics report. Their format is undocumented.
    ///
    /// # Errors
    ///
    /// A configuration error if the report has another format.
    pub fn statistics(&self) -> Result<JsonStatistics, Error> {
        self.query(StatisticsFormat::START)
    }

    fn query<F, T>(&self, start: FormatSpec) -> Result<ReportQuery<F, AnyReport, T>, Error> {
        let (has, used) = (self.format, start.format());
        if has != used {
            let (name, word, has, used) = (self.name, has.word(), method(has), method(used));
            let problem = format!("report {name} is a {word} report; call `{has}` instead of `{used}`");
            return Err(Error::configuration("format", problem));
        }
        Ok(ReportQuery::of(QuerySpec::new(self.api, self.spec, None, start)))
    }
}

const fn method(format: Format) -> &'static str {
    match format {
        Format::Records => "records()",
        Format::Timeseries => "series(range)",
        Format::Statistics => "statistics()",
    }
}
