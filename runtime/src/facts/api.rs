//! The constants of one API: headers, errors, the filter language, formats and assumptions.

use std::fmt;

use super::formats::{Part, RecordsFormat, StatisticsFormat, TimeseriesFormat};
use super::setting::Setting;
use super::vocabulary::{ErrorName, Format, OverrideAt};

/// An API that a client can be built for: the marker type of a generated crate, or [`AnyApi`].
pub trait Api: Copy + Send + Sync + 'static {}

/// An API whose facts are constants. Generated code implements it for one marker type.
pub trait StaticApi: Api {
    /// Its facts.
    const SPEC: &'static ApiSpec;
}

/// Stands for an API known only at run time. Its client sends queries by names; see [`Registry::from_model`](crate::Registry::from_model).
#[derive(Clone, Copy, Debug)]
pub struct AnyApi;

impl Api for AnyApi {}

/// The API of a value, compared by address: two equal specs may have been read at different times.
#[derive(Clone, Copy)]
pub struct ApiRef(pub(crate) &'static ApiSpec);

impl PartialEq for ApiRef {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl fmt::Debug for ApiRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0.name, f)
    }
}

/// The facts that hold for every report of an API.
#[derive(Clone, Copy, Debug)]
pub struct ApiSpec {
    /// Its name, for people.
    pub name: &'static str,
    /// The default user agent: name and version.
    pub user_agent: &'static str,
    /// The permit that every query needs.
    pub permit: &'static str,
    /// Whether a query also needs the permit of its report; none if no page states it.
    pub permit_with_report: Option<bool>,
    /// Request headers.
    pub headers: Headers,
    /// The grammar of the customer header.
    pub customers: CustomerGrammar,
    /// The response headers of the rate limit.
    pub rate_limit: RateLimitHeaders,
    /// Documented error statuses.
    pub errors: &'static [ErrorStatus],
    /// The keys of error bodies.
    pub error_body: ErrorBody,
    /// The filter language.
    pub filter: FilterLanguage,
    /// The records format.
    pub records: RecordsFormat,
    /// The timeseries format.
    pub timeseries: TimeseriesFormat,
    /// The statistics format.
    pub statistics: StatisticsFormat,
    /// The assumptions that the client makes because no page states the fact.
    pub assumptions: &'static [Assumption],
}

impl ApiSpec {
    /// The documented meaning of an error status.
    pub fn error(&self, status: u16) -> Option<&ErrorStatus> {
        self.errors.iter().find(|error| error.status == status)
    }

    /// The assumption with that id.
    pub fn assumption(&self, id: &str) -> Option<&'static Assumption> {
        self.assumptions.iter().find(|assumption| assumption.id == id)
    }

    /// The path of a format's queries.
    pub(crate) const fn path(&self, format: Format) -> Setting<Option<&'static str>> {
        match format {
            Format::Records => self.records.path,
            Format::Timeseries => self.timeseries.path,
            Format::Statistics => self.statistics.path,
        }
    }

    /// The keys of a format's requests.
    pub(crate) fn request_keys(&self, format: Format) -> Vec<(Part, Setting<&'static str>)> {
        match format {
            Format::Records => self.records.request_keys().into(),
            Format::Timeseries => self.timeseries.request_keys().into(),
            Format::Statistics => self.statistics.request_keys().into(),
        }
    }
}

/// The request headers, by purpose.
#[derive(Clone, Copy, Debug)]
pub struct Headers {
    /// Media type of bodies.
    pub content_type: Header,
    /// Name of the client software.
    pub user_agent: Header,
    /// Name of the integrating system.
    pub product_name: Header,
    /// Whether the server rejects a request without that name.
    pub product_name_required: bool,
    /// Name of a part of the integrating system; none if the API has no such header.
    pub subproduct_name: Option<Header>,
    /// The client token.
    pub token: Header,
    /// A user's token.
    pub user_token: Header,
    /// The customers.
    pub customer: Header,
    /// One loyalty club, by its slug.
    pub loyalty_club_slug: Header,
    /// The language of texts.
    pub locale: Header,
}

/// One request header.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// Its only allowed value, or the prefix of a secret (`Bearer `).
    pub value: Option<&'static str>,
}

/// The grammar of the customer header.
#[derive(Clone, Copy, Debug)]
pub struct CustomerGrammar {
    /// Prefix of one id.
    pub id_prefix: &'static str,
    /// Whether several ids have the prefix too.
    pub several_prefixed: Setting<bool>,
    /// Separator of ids.
    pub id_separator: &'static str,
    /// The value for all customers.
    pub all: &'static str,
    /// Separator of filters, all of which must match.
    pub filter_separator: &'static str,
    /// A list must have fewer ids than this.
    pub fewer_than: u32,
}

/// The status and the response headers of the rate limit.
#[derive(Clone, Copy, Debug)]
pub struct RateLimitHeaders {
    /// The status of a rejected request.
    pub status: u16,
    /// Response header: minimum wait in seconds.
    pub retry_after: &'static str,
    /// Response header: the bucket that was charged.
    pub bucket: &'static str,
    /// Response header: tokens left.
    pub remaining: &'static str,
    /// Response header: cost of the request in tokens.
    pub cost: &'static str,
    /// Cost that an aggregation adds to a query, in tokens.
    pub aggregation_cost: Setting<u32>,
    /// Cost that is reserved for a query whose cost is unknown, in tokens, until a larger one is seen.
    pub unknown_cost: Setting<u32>,
}

/// One documented error status.
#[derive(Clone, Copy, Debug)]
pub struct ErrorStatus {
    /// The HTTP status.
    pub status: u16,
    /// Its name.
    pub name: ErrorName,
    /// Its meaning.
    pub description: &'static str,
    /// Advice for the caller.
    pub advice: &'static str,
}

/// The keys of error bodies.
#[derive(Clone, Copy, Debug)]
pub struct ErrorBody {
    /// Key of the message.
    pub message: &'static str,
    /// Key of the tree of invalid parameters.
    pub details: &'static str,
    /// In a leaf of that tree: key of the error's symbol.
    pub symbol: &'static str,
    /// In a leaf of that tree: key of its options.
    pub options: &'static str,
}

/// The filter language: keys of nodes, and the operators.
#[derive(Clone, Copy, Debug)]
pub struct FilterLanguage {
    /// Key of the node type.
    pub type_key: &'static str,
    /// Key of a logical node's children.
    pub operations_key: &'static str,
    /// Key of a comparison's field.
    pub field_key: &'static str,
    /// Key of a comparison's value.
    pub value_key: &'static str,
    /// All operations match.
    pub and: Operator,
    /// Any operation matches.
    pub or: Operator,
    /// Field equals value.
    pub equal: Operator,
    /// Field differs from value.
    pub not_equal: Operator,
    /// Field is greater.
    pub greater_than: Operator,
    /// Field is greater or equal.
    pub greater_or_equal: Operator,
    /// Field is less.
    pub less_than: Operator,
    /// Field is less or equal.
    pub less_or_equal: Operator,
    /// Field is one of the values, or shares an element with them.
    pub one_of: Operator,
    /// Field is none of the values.
    pub none_of: Operator,
}

impl FilterLanguage {
    /// Every operator.
    pub(crate) const fn operators(&self) -> [Operator; 10] {
        [
            self.and,
            self.or,
            self.equal,
            self.not_equal,
            self.greater_than,
            self.greater_or_equal,
            self.less_than,
            self.less_or_equal,
            self.one_of,
            self.none_of,
        ]
    }
}

/// One filter node type.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// Its name on the wire.
    pub name: &'static str,
    /// Cost that each such node adds to a query, in tokens.
    pub cost: Setting<u32>,
}

/// A value that the client assumes because no page states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// Its id.
    pub id: &'static str,
    /// The assumed value, as JSON text.
    pub value: &'static str,
    /// Why this value.
    pub reason: &'static str,
    /// What would settle the question.
    pub settled_by: &'static str,
    /// Where it can be overridden.
    pub override_at: OverrideAt,
}
