//! What generated reporting clients are built on: transport, filters, paging, rate limits, time and errors. This crate knows no report.
//!
//! Users of a generated client find everything here re-exported there, and need not name this crate.
//!
//! Floors, from the ground up:
//!
//! 1. `text`: excerpts for messages, hidden secrets, paths
//! 2. `time`: timestamps, moments, ranges, periods, the clock
//! 3. `facts`: the constants of an API, which generated code fills in
//! 4. `json`: JSON read in place and written again
//! 5. `rate_limit`: the state of the rate limit, and what a request lacked
//! 6. `meta`: what became of a request over all its tries
//! 7. `error`: every error
//! 8. `overrides`: assumptions with the caller's overrides
//! 9. `request`: queries as plain values, their bodies, and the limits checked before sending
//! 10. `decode`: responses
//! 11. `query`: typed queries over the plain values
//! 12. `registry`: reports by name, and APIs described at run time
//! 13. `client`: the client, async and blocking

mod client;
mod decode;
mod error;
mod facts;
mod json;
mod meta;
mod overrides;
mod query;
mod rate_limit;
mod registry;
mod request;
mod text;
mod time;

pub use client::base_url::BaseUrl;
pub use client::builder::ClientBuilder;
pub use client::customers::{CustomerFilter, Customers};
pub use client::history::HistoryQuery;
pub use client::history::kept::HistoryPart;
pub use client::history::outcome::{History, HistoryChart, MissingRange, Unmerged, ZoneSource};
pub use client::history::partial::PartialHistory;
pub use client::limiter::{BucketState, RateLimiter};
pub use client::retry::RetryPolicy;
pub use client::rows::Rows;
pub use client::secret::Token;
pub use client::transport::{HttpRequest, HttpResponse, Sending, Transport};
pub use client::{ApiClient, blocking};
pub use decode::chart::{Buckets, Chart, LocalInstant, LocalTime, Series};
pub use decode::page::{NextPage, Page};
pub use decode::points::{FlatPoint, Point};
pub use decode::response::Response;
pub use decode::warning::Warning;
pub use error::Error;
pub use error::assumption::{AssumedValues, AssumptionError};
pub use error::configuration::{ConfigurationError, ConfigurationProblem};
pub use error::decode::DecodeError;
pub use error::invalid::{Invalid, ParameterError, QueryPart};
pub use error::partial::PartialRows;
pub use error::range::{RangeError, RangeProblem};
pub use error::status::StatusReply;
pub use error::transport::{TransportError, TransportFault, TransportKind};
pub use facts::api::{AnyApi, Api, ApiSpec, Assumption, StaticApi};
pub use facts::endpoint::EndpointInfo;
pub use facts::formats::IntervalInfo;
pub use facts::metric::{Adds, DataLag};
pub use facts::report::{AnyReport, Report};
pub use facts::vocabulary::{Coverage, Filterability, Format, OverrideAt, Provenance};
pub use json::map::{JsonRow, Map, Other};
pub use json::misfit::{Misfit, Misfits};
pub use json::number::Number;
pub use json::object::FromObject;
pub use json::open_enum::UnlistedValue;
pub use json::raw_row::RawRow;
pub use json::text::Text;
pub use json::value_ref::{FlatRow, WireRow};
pub use meta::{GaveUp, Meta};
pub use query::call::{Call, Endpoint};
pub use query::field::{Field, access};
pub use query::filter::Filter;
pub use query::interval::{Auto, HasInterval, Interval};
pub use query::operand::Operand;
pub use query::records::{JsonRecords, Records};
pub use query::report_query::ReportQuery;
pub use query::statistics::{JsonStatistics, Statistics};
pub use query::timeseries::{JsonTimeseries, Timeseries};
pub use query::traits::{Charted, Paged, Query};
pub use rate_limit::{RateLimit, Shortage};
pub use registry::Registry;
pub use registry::report_info::{AggregationInfo, FieldInfo, ReportInfo, ValueInfo};
pub use request::comparison::Comparison;
pub use time::moment::Moment;
pub use time::period::{Period, Unit};
pub use time::range::{IntoTimeRange, TimeRange};
pub use time::timestamp::{Timestamp, TimestampError};

pub use jiff;
pub use jiff::civil::Date;
pub use reqwest;
pub use serde_json::Value as Json;

/// What generated code and the macros are made of. Its names may change in any version; generated crates pin this crate exactly.
#[doc(hidden)]
pub mod machinery {
    pub use crate::client::base_url::BaseUrl;
    pub use crate::client::{ApiClient, blocking};
    pub use crate::facts::api::{
        Api, ApiSpec, Assumption, CustomerGrammar, ErrorBody, ErrorStatus, FilterLanguage, Header, Headers, Operator,
        RateLimitHeaders, StaticApi,
    };
    pub use crate::facts::endpoint::EndpointInfo;
    pub use crate::facts::formats::{AutoInterval, AutoStep, IntervalInfo, RecordsFormat, StatisticsFormat, TimeseriesFormat};
    pub use crate::facts::key::Key;
    pub use crate::facts::metric::{Adds, DataLag};
    pub use crate::facts::report::{Report, ReportSpec};
    pub use crate::facts::setting::Setting;
    pub use crate::facts::vocabulary::{Coverage, ErrorName, Format, OverrideAt, Provenance, TimePoints};
    pub use crate::json::context::DecodeContext;
    pub use crate::json::map::{JsonRow, Map, Other};
    pub use crate::json::mismatch::Mismatch;
    pub use crate::json::object::{FromObject, ObjectReader, debug, deserialize, read_object, read_object_at, serialize};
    pub use crate::json::open_enum::{OpenEnum, UnlistedValue, deserialize as deserialize_enum};
    pub use crate::json::reader::Reader;
    pub use crate::json::text::Text;
    pub use crate::json::value::Value;
    pub use crate::json::value_ref::{FlatRow, ObjectRef, ValueRef, WireRow};
    pub use crate::query::call::{Call, Endpoint};
    pub use crate::query::field::{CanFilter, Field, access};
    pub use crate::query::interval::{Auto, HasInterval, Interval};
    pub use crate::query::operand::{Equatable, ListComparable, Ordered};
    pub use crate::query::records::Records;
    pub use crate::query::statistics::Statistics;
    pub use crate::query::timeseries::Timeseries;
    pub use crate::registry::sample::sample;
    pub use crate::time::period::Period;
    pub use crate::time::range::IntoTimeRange;
    pub use crate::time::timestamp::Timestamp;
    pub use crate::{has_intervals, intervals, object, open_enum, registry};
    pub use jiff::civil::Date;
    pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
    pub use serde_json::Value as Json;
}

/// Compiles the snippets of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
