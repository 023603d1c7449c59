//! What generated reporting clients stand on: transport, authorization, filters, paging, rate limits, time and errors. In come the facts
//! of an API as constants ([`ApiSpec`], [`ReportInfo`]) and plain structs with a list of their wire names ([`record!`], [`open_enum!`]);
//! out come typed queries, streams of rows and errors that say what to do. This crate knows no report and no fact of any API.
//!
//! Users of a generated client find everything here re-exported there and do not name this crate.

pub mod blocking;
mod call;
mod cell;
mod client;
mod draft;
mod error;
mod field;
mod filter;
mod formats;
mod mismatch;
mod open_enum;
mod query;
mod record;
mod records;
mod report;
mod scan;
mod settings;
mod spec;
mod statistics;
mod text;
mod timeseries;
mod timestamp;
mod value;

pub use call::{Call, Endpoint, EndpointInfo};
pub use cell::{Cell, RowWriter};
pub use client::{BaseUrl, Client, ClientBuilder, CustomerFilter, Customers, Page, RateLimit, Response, Rows, Token, Warning};
pub use error::{
    AssumptionError, ConfigurationError, DecodeError, Error, Invalid, ParameterError, Partial, RangeError, RangeProblem, Rests,
    StatusReply, TransportError, TransportKind,
};
pub use field::{CanFilter, Equatable, Field, ListComparable, NonFinite, Operand, Ordered, access, field};
pub use filter::Filter;
pub use formats::{
    AutoInterval, AutoStep, Format, IntervalInfo, Period, RecordsFormat, StatisticsFormat, TimePoints, TimeseriesFormat, Unit,
};
pub use mismatch::Mismatch;
pub use open_enum::OpenEnum;
pub use query::{Paged, Query};
pub use record::{JsonRow, Key, Other, Reading, Record, RowReader};
pub use records::{JsonRecords, Records};
pub use report::{Coverage, FieldInfo, Filterable, Provenance, Report, ReportInfo, TypeWord};
pub use spec::{
    Api, ApiSpec, Assumption, CustomerGrammar, ErrorBody, ErrorName, ErrorStatus, FilterLanguage, Header, Headers, Operator,
    OverrideAt, RateLimitHeaders, Setting,
};
pub use statistics::{JsonStatistics, Statistics};
pub use timeseries::{
    Auto, Buckets, Chart, HasInterval, Interval, JsonTimeseries, LocalTime, Moment, Number, Series, TimeRange, Timeseries,
};
pub use timestamp::{Timestamp, TimestampError};
pub use value::{Map, Value};

pub use jiff;
pub use jiff::civil::Date;
pub use serde_json::Value as Json;

/// What the macros expand to; not for other use.
#[doc(hidden)]
pub mod __private {
    pub use crate::{
        open_enum::deserialize as open_enum,
        record::{debug, deserialize, read_record, serialize},
    };
    pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
}
