//! The frame of a program, and the queries that it sends.

use placewise_model::{Format, Interval, Report, Retention, Unit};

use crate::diff::change::{Witness, WitnessKind};
use crate::diff::rule::Pair;
use crate::naming;

/// A program in the making. `K` in its lines stands for the crate.
#[derive(Default)]
pub(super) struct Program {
    /// Calls on the builder of the client.
    pub builder: Vec<String>,
    /// Statements before the request.
    pub before: Vec<String>,
    /// The statements of the request and what follows; one of them breaks.
    pub steps: Vec<String>,
    /// Which of them breaks.
    pub breaks: usize,
}

impl Program {
    pub fn with(before: Vec<String>) -> Self {
        Self { before, ..Self::default() }
    }

    /// A statement that breaks.
    pub fn breaks(mut self, statement: impl Into<String>) -> Self {
        self.breaks = self.steps.len();
        self.steps.push(statement.into());
        self
    }

    pub fn step(mut self, statement: impl Into<String>) -> Self {
        self.steps.push(statement.into());
        self
    }

    /// Ends with an error if a condition holds.
    pub fn unless(self, condition: &str, message: &str) -> Self {
        self.breaks(format!("if {condition} {{")).step(format!("    return Err({message:?}.into());")).step("}")
    }

    pub fn witness(self, krate: &str) -> Witness {
        let mut lines = vec!["fn main() -> Result<(), Box<dyn std::error::Error>> {".to_owned()];
        lines.push("    let client = K::blocking::Client::builder()".into());
        let product = [".product_name(\"witness\")".to_owned()];
        let own = if self.builder.is_empty() { &product[..] } else { &self.builder };
        for call in [".base_url(std::env::var(\"PLACEWISE_URL\")?)", ".token(\"demo\")"] {
            lines.push(format!("        {call}"));
        }
        lines.extend(own.iter().map(|call| format!("        {call}")));
        if !own.iter().any(|call| call.starts_with(".customers")) {
            lines.push("        .customers(K::Customers::all())".into());
        }
        lines.push("        .build()?;".into());
        lines.extend(self.before.iter().map(|line| format!("    {line}")));
        let line = lines.len() + self.breaks + 1;
        lines.extend(self.steps.iter().map(|line| format!("    {line}")));
        lines.extend(["    Ok(())".into(), "}".into(), String::new()]);
        Witness { kind: WitnessKind::Run, program: lines.join("\n").replace("K::", &format!("{krate}::")), line }
    }
}

/// A query of a report: statements before it, and the expression.
pub(super) struct Query {
    pub before: Vec<String>,
    pub call: String,
}

/// The query of a report that takes the least: no filter, and two buckets of an interval that both sides offer.
pub(super) fn query(pair: &Pair<'_>, report: &Report, call: Option<&str>) -> Option<Query> {
    let marker = naming::report(report).marker;
    match report.format {
        Format::Records => {
            let call = call.unwrap_or("records");
            Some(Query { before: Vec::new(), call: format!("K::{marker}::{call}()") })
        }
        Format::Statistics => {
            let call = call.unwrap_or("statistics");
            Some(Query { before: Vec::new(), call: format!("K::{marker}::{call}()") })
        }
        Format::Timeseries => {
            let new = pair.new.model.report(&report.name);
            let offered = |interval: &&Interval| {
                new.is_none_or(|new| pair.new.model.intervals(new).any(|other| other.name == interval.name))
            };
            let common = pair.old.model.intervals(report).filter(offered).last();
            let interval = common.or_else(|| pair.old.model.intervals(report).last())?;
            Some(series(&marker, call, interval, 0, minutes(interval) * 2))
        }
    }
}

/// A query of a chart that ends some minutes ago and lasts some.
pub(super) fn series(marker: &str, call: Option<&str>, interval: &Interval, ago: u64, length: u64) -> Query {
    let back = |minutes: u64| match minutes {
        0 => String::new(),
        minutes => format!(" - K::jiff::SignedDuration::from_mins({minutes})"),
    };
    let before = vec![format!("let to = K::jiff::Timestamp::now(){};", back(ago)), format!("let from = to{};", back(length))];
    let (call, ty) = (call.unwrap_or("series"), naming::interval(interval.bucket_length));
    Query { before, call: format!("K::{marker}::{call}(from..to).interval(K::interval::{ty})") }
}

pub(super) fn unit_minutes(unit: Unit) -> u64 {
    match unit {
        Unit::Minute => 1,
        Unit::Hour => 60,
        Unit::Day => 24 * 60,
        Unit::Week => 7 * 24 * 60,
        Unit::Month => 31 * 24 * 60,
        Unit::Year => 366 * 24 * 60,
    }
}

/// The length of a bucket, at most.
pub(super) fn minutes(interval: &Interval) -> u64 {
    unit_minutes(interval.bucket_length.unit) * u64::from(interval.bucket_length.count)
}

pub(super) fn retained_minutes(retention: Retention) -> Option<u64> {
    retention.0.map(|period| unit_minutes(period.unit) * u64::from(period.count))
}

pub(super) fn fetch(pair: &Pair<'_>, query: Query) -> Witness {
    Program::with(query.before).breaks(format!("client.fetch({})?;", query.call)).witness(pair.crate_name)
}

/// A report that both sides have, with known rows if there is one.
pub(super) fn usual_report<'a>(pair: &'a Pair<'_>) -> Option<&'a Report> {
    of_format(pair, Format::Records).or_else(|| of_format(pair, Format::Timeseries))
}

pub(super) fn of_format<'a>(pair: &'a Pair<'_>, format: Format) -> Option<&'a Report> {
    let same = |report: &&Report| pair.new.model.report(&report.name).is_some_and(|new| new.format == format);
    let reports = || pair.old.model.reports.iter().filter(|report| report.format == format).filter(same);
    // An aggregation and a filter tell more of the format.
    reports().max_by_key(|report| {
        (
            std::cmp::Reverse(report.coverage),
            report.aggregations.len().min(1),
            report.fields.iter().filter(|field| field.filterable.may_filter()).count().min(1),
        )
    })
}
