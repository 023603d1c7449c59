//! A query or a call as a plain value. The typed queries are thin shells over it.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::filter::FilterNode;
use crate::{
    error::subject::Subject,
    facts::api::{ApiRef, ApiSpec},
    facts::endpoint::EndpointInfo,
    facts::report::ReportSpec,
    facts::setting::Setting,
    facts::vocabulary::Format,
    time::range::TimeRange,
};

/// A query or a call, without types.
#[derive(Clone, Debug, PartialEq)]
pub struct QuerySpec {
    pub(crate) api: ApiRef,
    pub(crate) subject: Subject,
    pub(crate) aggregation: Option<Cow<'static, str>>,
    pub(crate) filter: Option<FilterNode>,
    /// The caller's own keys. They overwrite others.
    pub(crate) with: Vec<(Cow<'static, str>, Json)>,
    pub(crate) kind: QueryKind,
}

/// A query of a report, or a call of an endpoint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum QueryKind {
    Report(&'static ReportSpec, FormatSpec),
    Call(Box<CallSpec>),
}

/// What a format adds to a query.
#[derive(Clone, Debug, PartialEq)]
pub enum FormatSpec {
    Records {
        page_size: Option<u32>,
        cursor: Option<String>,
        /// Whether rows are read as the spec defines them, not as a type that the caller chose.
        own_rows: bool,
    },
    Timeseries {
        range: TimeRange,
        interval: Option<IntervalChoice>,
    },
    Statistics {
        range: Option<TimeRange>,
    },
}

/// The interval that a query names.
#[derive(Clone, Debug, PartialEq)]
pub enum IntervalChoice {
    Auto,
    Named(Cow<'static, str>),
}

/// What a call of an endpoint adds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CallSpec {
    pub(crate) info: &'static EndpointInfo,
    /// Key and value of the report's name.
    pub(crate) report: Option<(Setting<&'static str>, &'static str)>,
    /// Key and value of a field's name.
    pub(crate) field: Option<(Setting<&'static str>, &'static str)>,
    /// A query, and whether the endpoint takes its body.
    pub(crate) query: Option<(QuerySpec, Setting<bool>)>,
    /// The caller's own body.
    pub(crate) body: Option<Json>,
}

impl QuerySpec {
    pub(crate) const fn new(
        api: ApiRef,
        report: &'static ReportSpec,
        aggregation: Option<Cow<'static, str>>,
        format: FormatSpec,
    ) -> Self {
        let subject = Subject { report: report.name, endpoint: None };
        Self { api, subject, aggregation, filter: None, with: Vec::new(), kind: QueryKind::Report(report, format) }
    }

    pub(crate) fn call(api: ApiRef, info: &'static EndpointInfo) -> Self {
        let call = CallSpec { info, report: None, field: None, query: None, body: None };
        let subject = Subject { report: "", endpoint: Some(info.name) };
        Self { api, subject, aggregation: None, filter: None, with: Vec::new(), kind: QueryKind::Call(Box::new(call)) }
    }

    /// Adds a filter, which must match as well.
    pub(crate) fn add_filter(&mut self, node: FilterNode) {
        self.filter = Some(match self.filter.take() {
            Some(before) => before.and(node),
            None => node,
        });
    }

    /// The cursor of the page to start at.
    pub(crate) fn cursor(&self) -> Option<&str> {
        match &self.kind {
            QueryKind::Report(_, FormatSpec::Records { cursor, .. }) => cursor.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn set_cursor(&mut self, next: String) {
        if let QueryKind::Report(_, FormatSpec::Records { cursor, .. }) = &mut self.kind {
            *cursor = Some(next);
        }
    }

    /// The same timeseries over another range.
    pub(crate) fn set_range(&mut self, other: TimeRange) {
        if let QueryKind::Report(_, FormatSpec::Timeseries { range, .. }) = &mut self.kind {
            *range = other;
        }
    }

    /// Whether sending it twice has no other effect than sending it once.
    pub(crate) fn only_reads(&self) -> bool {
        match &self.kind {
            QueryKind::Report(..) => true,
            QueryKind::Call(call) => call.info.only_reads,
        }
    }

    /// The path of the request.
    pub(crate) fn path(&self, spec: &ApiSpec) -> Setting<Option<&'static str>> {
        match &self.kind {
            QueryKind::Report(_, format) => spec.path(format.format()),
            QueryKind::Call(call) => call.info.path,
        }
    }
}

impl FormatSpec {
    pub(crate) const fn format(&self) -> Format {
        match self {
            Self::Records { .. } => Format::Records,
            Self::Timeseries { .. } => Format::Timeseries,
            Self::Statistics { .. } => Format::Statistics,
        }
    }
}

impl CallSpec {
    /// A body that is not an object, so it takes no further keys.
    pub(crate) fn bare_body(&self) -> Option<&Json> {
        self.body.as_ref().filter(|body| !body.is_object())
    }

    /// Whether the keys go into the URL, because the method has no body.
    pub(crate) fn in_url(&self) -> bool {
        matches!(self.info.method, "GET" | "HEAD")
    }
}
