//! What a client can be asked, without the types of any report. In come a report or an endpoint, an aggregation, a filter and what the
//! format adds; out go the request's path and body, what it costs, and the assumptions that it rests on. The typed faces are thin shells
//! over the one plain value here, [`Ask`].

use std::{borrow::Cow, fmt};

use serde_json::Value as Json;

use crate::{
    Api, ApiSpec, Error, Format, Record, ReportInfo, Setting, TimeRange,
    call::Calling,
    client::transport::{Core, Received},
    draft::{Draft, Request},
    error::Resting,
    filter::Node,
    settings::Settings,
};

/// What an error is description: a report, an endpoint, or an endpoint asked about a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The report; empty where none is asked about.
    pub(crate) report: &'static str,
    /// The endpoint, where it is not the one of the report's format.
    pub(crate) endpoint: Option<&'static str>,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { report, endpoint: None } => write!(f, "report {report}"),
            Self { report: "", endpoint: Some(endpoint) } => write!(f, "endpoint {endpoint}"),
            Self { report, endpoint: Some(endpoint) } => write!(f, "endpoint {endpoint}, report {report}"),
        }
    }
}

/// What is asked, without types.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    pub(crate) asked: Asked,
    /// The format of the report's answers; none where it is no query of a report.
    pub(crate) format: Option<Format>,
    /// What it costs before any filter.
    pub(crate) cost: Option<u32>,
    pub(crate) aggregation: Option<Cow<'static, str>>,
    pub(crate) filter: Option<Node>,
    /// Keys of the caller's own, which stand last.
    pub(crate) with: Vec<(Cow<'static, str>, Json)>,
    pub(crate) kind: Kind,
}

/// What a format or an endpoint adds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Records {
        page_size: Option<u32>,
        cursor: Option<String>,
        /// The report whose rows are read as the description has them; none where the caller reads them as something else.
        rows_of: Option<&'static ReportInfo>,
    },
    Timeseries {
        info: &'static ReportInfo,
        range: TimeRange,
        interval: Option<Chosen>,
    },
    Statistics {
        range: Option<TimeRange>,
    },
    Call(Box<Calling>),
}

/// An interval that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Chosen {
    Auto,
    Named(Cow<'static, str>),
}

impl Ask {
    pub(crate) const fn new(info: &'static ReportInfo, aggregation: Option<Cow<'static, str>>, kind: Kind) -> Self {
        let asked = Asked { report: info.name, endpoint: None };
        Self { asked, format: Some(info.format), cost: info.cost, aggregation, filter: None, with: Vec::new(), kind }
    }

    /// Another filter that must hold as well.
    pub(crate) fn add(&mut self, node: Node) {
        self.filter = Some(match self.filter.take() {
            Some(before) => before.and(node),
            None => node,
        });
    }

    /// The cursor of the page that it starts at.
    pub(crate) fn cursor(&self) -> Option<&str> {
        match &self.kind {
            Kind::Records { cursor, .. } => cursor.as_deref(),
            _ => None,
        }
    }

    /// The keys that are sent, asking for the page after the cursor.
    pub(crate) fn draft<'s>(&self, settings: &'s Settings, cursor: Option<&str>) -> Draft<'s> {
        let mut draft = Draft::new(settings);
        let ApiSpec { records, timeseries, statistics, .. } = settings.spec;
        match &self.kind {
            Kind::Records { page_size, .. } => {
                self.common(&mut draft, records.path, [records.report_key, records.filter_key, records.aggregation_key]);
                draft.put(records.page_size_key, *page_size);
                draft.put(records.cursor_key, cursor);
            }
            Kind::Timeseries { range, interval, .. } => {
                let keys = timeseries;
                self.common(&mut draft, keys.path, [keys.report_key, keys.filter_key, keys.aggregation_key]);
                let interval = interval.as_ref().map(|interval| match interval {
                    Chosen::Auto => keys.auto.name,
                    Chosen::Named(name) => name,
                });
                draft.put(keys.interval_key, interval);
                draft.put(keys.from_key, Some(range.from.to_string()));
                draft.put(keys.to_key, Some(range.to.to_string()));
                let names = [keys.interval_key, keys.from_key, keys.to_key].map(|key| settings.get(key));
                draft.rests_on(keys.time_points.assumption, &names.each_ref().map(|name| &**name));
            }
            Kind::Statistics { range } => {
                let keys = [statistics.report_key, statistics.filter_key, statistics.aggregation_key];
                self.common(&mut draft, statistics.path, keys);
                draft.put(statistics.from_key, range.map(|range| range.from.to_string()));
                draft.put(statistics.to_key, range.map(|range| range.to.to_string()));
            }
            Kind::Call(calling) => calling.draft(&mut draft),
        }
        draft.body.extend(self.with.iter().map(|(key, json)| (key.clone().into_owned(), json.clone())));
        draft
    }

    /// What every format has: report, filter, aggregation.
    fn common(
        &self,
        draft: &mut Draft<'_>,
        path: Setting<Option<&'static str>>,
        [report, filter, aggregation]: [Setting<&'static str>; 3],
    ) {
        draft.put(report, Some(self.asked.report));
        draft.report_at(path, report);
        draft.put(filter, self.filter.as_ref().map(|filter| filter.to_json(draft.settings)));
        draft.put(aggregation, self.aggregation.as_deref());
    }

    /// The body that is sent for the first page.
    pub(crate) fn body(&self, settings: &Settings) -> Json {
        match &self.kind {
            Kind::Call(calling) if calling.bare_body().is_some() => calling.bare_body().cloned().unwrap_or_default(),
            _ => Json::Object(self.draft(settings, self.cursor()).body),
        }
    }

    /// The path that is asked.
    pub(crate) fn path(&self, spec: &ApiSpec) -> Setting<Option<&'static str>> {
        match &self.kind {
            Kind::Records { .. } => spec.records.path,
            Kind::Timeseries { .. } => spec.timeseries.path,
            Kind::Statistics { .. } => spec.statistics.path,
            Kind::Call(calling) => calling.info.path,
        }
    }

    /// The request for the page after the cursor.
    pub(crate) fn request(&self, settings: &Settings, cursor: Option<&str>) -> Result<Request, Error> {
        if let Kind::Call(calling) = &self.kind {
            return calling.request(self, settings);
        }
        let path = self.path(settings.spec);
        let draft = self.draft(settings, cursor);
        let target = settings.get(path).ok_or_else(|| self.no_path(path, settings))?.into_owned();
        let keys = draft.body.keys().cloned().collect();
        let body = Some(Json::Object(draft.body).to_string());
        Ok(Request { method: "POST", path: target, body, path_id: path.assumption, keys, used: draft.used })
    }

    /// Nothing can be sent where no path is known.
    pub(crate) fn no_path(&self, path: Setting<Option<&'static str>>, settings: &Settings) -> Error {
        let rests = settings.resting(path.assumption);
        let override_at = match &rests {
            Some(Resting { assumption, .. }) => {
                let id = assumption.id;
                format!("rests on the assumption `{id}`; set it by `.assume(\"{id}\", \"/…\")` when building the client")
            }
            None => "has to be added to the description that the client is made from".into(),
        };
        let problem = format!("{}: the path to ask is not known. It {override_at}", self.asked);
        Error::configuration_resting("path", problem, rests.into_iter().collect())
    }

    /// Tokens that it takes; none where not known.
    pub(crate) fn cost(&self, settings: &Settings) -> Option<u32> {
        let filter = self.filter.as_ref().map_or(0, |filter| filter.cost(settings));
        let aggregation = self.aggregation.as_ref().map_or(0, |_| settings.get(settings.spec.rate_limit.aggregation_cost));
        self.cost.map(|cost| cost.saturating_add(filter).saturating_add(aggregation))
    }

    /// The assumptions in that cost.
    pub(crate) fn cost_rests(&self, settings: &Settings) -> Vec<Resting> {
        let mut ids: Vec<&'static str> = Vec::new();
        if let Some(filter) = &self.filter {
            filter.operators(&settings.spec.filter, &mut |operator| {
                ids.extend(operator.cost.assumption.filter(|id| !ids.contains(id)));
            });
        }
        ids.extend(self.aggregation.as_ref().and(settings.spec.rate_limit.aggregation_cost.assumption));
        ids.into_iter().filter_map(|id| settings.resting(Some(id))).collect()
    }

    /// A report has one format; asked for in another, its answer could not be read.
    pub(crate) fn check_format(&self) -> Result<(), Error> {
        let asked = match self.kind {
            Kind::Records { .. } => Format::Records,
            Kind::Timeseries { .. } => Format::Timeseries,
            Kind::Statistics { .. } => Format::Statistics,
            Kind::Call(_) => return Ok(()),
        };
        match self.format.filter(|format| *format != asked) {
            None => Ok(()),
            Some(has) => {
                let problem = format!("{} is one of {}; it cannot be asked for {}", self.asked, has.word(), asked.word());
                Err(Error::configuration("format", problem))
            }
        }
    }

    /// What can be told to be wrong before anything is sent.
    pub(crate) fn check(&self, core: &Core) -> Result<(), Error> {
        if let Some(filter) = &self.filter {
            filter.check()?;
        }
        self.check_format()?;
        match &self.kind {
            Kind::Records { page_size: Some(0), .. } => {
                Err(Error::configuration("page_size", "a page of no rows would never end; ask for at least one"))
            }
            Kind::Records { .. } => Ok(()),
            Kind::Timeseries { info, range, interval } => {
                crate::timeseries::judge(info, *range, interval.as_ref(), &core.settings, &core.clock)
            }
            Kind::Statistics { range: Some(range) } => crate::timeseries::judge_order(self.asked.report, *range),
            Kind::Statistics { range: None } => Ok(()),
            Kind::Call(calling) => calling.check(self, &core.settings),
        }
    }
}

/// Something that a client of the API `A` can be asked for: [`Records`](crate::Records), [`Timeseries`](crate::Timeseries),
/// [`Statistics`](crate::Statistics), a [`Call`](crate::Call), or their like for names learnt at run time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a query for this client",
    label = "not a query of this API",
    note = "queries begin at a report (`Report::records()`, `Report::series(range)`, `Report::statistics()`, or one of its aggregations) \
            or at an endpoint"
)]
pub trait Query<A: Api>: sealed::Asks {
    /// What comes back: a page, a chart or a response.
    type Answer;

    /// Reads it.
    #[doc(hidden)]
    fn read(core: &Core, ask: &Ask, received: Received) -> Result<Self::Answer, Error>;
}

/// A query whose answer comes in pages of rows: [`Records`](crate::Records) and [`JsonRecords`](crate::JsonRecords).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not come in pages of rows",
    label = "cannot be read row by row",
    note = "timeseries, statistics and calls of endpoints have one answer: use `fetch`"
)]
pub trait Paged<A: Api>: Query<A> {
    /// What each row is read as.
    type Row: Record;
}

pub(crate) mod sealed {
    /// Keeps queries to this crate's own, and their plain value out of sight.
    pub trait Asks: Clone {
        /// The plain value.
        fn ask(&self) -> &super::Ask;
    }
}

/// What every typed query is beside its own methods: a plain value inside, which is all that it compares and prints.
macro_rules! shell {
    ($name:ident) => {
        impl<R: $crate::Report, Read> $name<R, Read> {
            /// What is known of the report.
            pub fn report(&self) -> &'static $crate::ReportInfo {
                R::INFO
            }

            /// Rate-limit tokens that each request takes: those of the report, the filter and the aggregation. None where the report's cost is not known.
            pub fn cost(&self) -> Option<u32> {
                self.ask.cost(&$crate::settings::Settings::untouched(<R::Api as $crate::Api>::SPEC))
            }

            /// The body that is sent (for the first page, where there are several), with every assumption as the API's description has it.
            pub fn body(&self) -> $crate::Json {
                self.ask.body(&$crate::settings::Settings::untouched(<R::Api as $crate::Api>::SPEC))
            }
        }

        impl<R, Read> Clone for $name<R, Read> {
            fn clone(&self) -> Self {
                Self { ask: self.ask.clone(), marker: ::std::marker::PhantomData }
            }
        }

        impl<R, Read> PartialEq for $name<R, Read> {
            fn eq(&self, other: &Self) -> bool {
                self.ask == other.ask
            }
        }

        impl<R, Read> ::std::fmt::Debug for $name<R, Read> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.ask).finish()
            }
        }

        impl<R, Read> $crate::query::sealed::Asks for $name<R, Read> {
            fn ask(&self) -> &$crate::query::Ask {
                &self.ask
            }
        }
    };
}
pub(crate) use shell;
