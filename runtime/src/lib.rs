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
//! 5. `rate_limit`: the state of the rate limit
//! 6. `error`: every error
//! 7. `overrides`: assumptions with the caller's overrides
//! 8. `request`: queries as plain values, their bodies, and the limits checked before sending
//! 9. `decode`: responses
//! 10. `query`: typed queries over the plain values
//! 11. `client`: the client, async and blocking

mod client;
mod decode;
mod error;
mod facts;
mod json;
mod overrides;
mod query;
mod rate_limit;
mod request;
mod text;
mod time;

pub use client::base_url::BaseUrl;
pub use client::builder::ClientBuilder;
pub use client::customers::{CustomerFilter, Customers};
pub use client::rows::Rows;
pub use client::secret::Token;
pub use client::{Client, blocking};
pub use decode::chart::{Buckets, Chart, LocalTime, Series};
pub use decode::page::{NextPage, Page};
pub use decode::response::Response;
pub use decode::warning::Warning;
pub use error::assumption::{AssumedValues, AssumptionError};
pub use error::configuration::ConfigurationError;
pub use error::decode::DecodeError;
pub use error::invalid::{Invalid, ParameterError};
pub use error::range::{RangeError, RangeProblem};
pub use error::status::StatusReply;
pub use error::transport::{TransportError, TransportKind};
pub use error::{Error, PartialRows};
pub use facts::api::{
    Api, ApiSpec, Assumption, CustomerGrammar, ErrorBody, ErrorStatus, FilterLanguage, Header, Headers, Operator,
    RateLimitHeaders,
};
pub use facts::endpoint::EndpointInfo;
pub use facts::formats::{AutoInterval, AutoStep, IntervalInfo, RecordsFormat, StatisticsFormat, TimeseriesFormat};
pub use facts::report::{FieldInfo, Report, ReportInfo, TypeWord};
pub use facts::setting::Setting;
pub use facts::vocabulary::{Coverage, ErrorName, Filterability, Format, OverrideAt, Provenance, TimePoints};
pub use json::context::DecodeContext;
pub use json::key::Key;
pub use json::mismatch::Mismatch;
pub use json::number::Number;
pub use json::object::{FromObject, JsonRow, ObjectReader, ObjectWriter, Other};
pub use json::open_enum::OpenEnum;
pub use json::value::{Map, Value};
pub use json::value_ref::ValueRef;
pub use query::call::{Call, Endpoint};
pub use query::field::{CanFilter, Field, access};
pub use query::filter::Filter;
pub use query::interval::{Auto, HasInterval, Interval};
pub use query::operand::{Equatable, ListComparable, Operand, Ordered};
pub use query::records::{JsonRecords, Records};
pub use query::report_query::{AnyReport, ReportQuery};
pub use query::statistics::{JsonStatistics, Statistics};
pub use query::timeseries::{JsonTimeseries, Timeseries};
pub use query::traits::{Paged, Query};
pub use rate_limit::RateLimit;
pub use request::filter::NonFinite;
pub use time::moment::Moment;
pub use time::period::{Period, Unit};
pub use time::range::TimeRange;
pub use time::timestamp::{Timestamp, TimestampError};

pub use jiff;
pub use jiff::civil::Date;
pub use serde_json::Value as Json;

/// What the macros expand to; not for other use.
#[doc(hidden)]
pub mod __private {
    pub use crate::json::{
        object::{debug, deserialize, read_object, serialize},
        open_enum::deserialize as open_enum,
    };
    pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
}
