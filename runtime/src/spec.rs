//! The facts of one API as constants. Generated code fills these in; the rest of this crate reads them and knows nothing else about
//! any API. In and out: plain data, all of it `'static`.

use crate::{RecordsFormat, StatisticsFormat, TimeseriesFormat};

/// An API that a client can be made for. Implemented by one marker type of generated code.
pub trait Api: Copy + Send + Sync + 'static {
    /// Everything the runtime must be told.
    const SPEC: &'static ApiSpec;
}

/// What holds for every report of an API.
#[derive(Clone, Copy, Debug)]
pub struct ApiSpec {
    /// Its name, for people.
    pub name: &'static str,
    /// How the client names itself when the caller does not: name and version.
    pub user_agent: &'static str,
    /// The permit that every query needs besides the report's own.
    pub permit: &'static str,
    /// Request headers.
    pub headers: Headers,
    /// How the header for customers is written.
    pub customers: CustomerGrammar,
    /// Names of the rate limit's response headers.
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
    /// What the client takes as given because no page says it.
    pub assumptions: &'static [Assumption],
}

impl ApiSpec {
    /// What is documented about an error status.
    pub fn error(&self, status: u16) -> Option<&ErrorStatus> {
        self.errors.iter().find(|error| error.status == status)
    }

    /// The assumption of that id.
    pub fn assumption(&self, id: &str) -> Option<&'static Assumption> {
        self.assumptions.iter().find(|assumption| assumption.id == id)
    }
}

/// The request headers, by what they are for.
#[derive(Clone, Copy, Debug)]
pub struct Headers {
    /// The media type of bodies.
    pub content_type: Header,
    /// Names the client software.
    pub user_agent: Header,
    /// Names the integrating system.
    pub product_name: Header,
    /// Names a part of the integrating system; none where the API has no such header.
    pub subproduct_name: Option<Header>,
    /// Carries the client token.
    pub token: Header,
    /// Carries a user's token.
    pub user_token: Header,
    /// Chooses customers.
    pub customer: Header,
    /// Chooses one loyalty club by its slug.
    pub loyalty_club_slug: Header,
    /// Chooses the language of texts.
    pub locale: Header,
}

/// One request header.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// Its one allowed value, or what stands before a secret (`Bearer `).
    pub value: Option<&'static str>,
}

/// How the value of the customer header is written.
#[derive(Clone, Copy, Debug)]
pub struct CustomerGrammar {
    /// What stands before one id.
    pub id_prefix: &'static str,
    /// Whether that stands before several ids too.
    pub several_prefixed: Setting<bool>,
    /// What stands between ids.
    pub id_separator: &'static str,
    /// The whole value that means all customers.
    pub all: &'static str,
    /// What stands between filters that must all hold.
    pub filter_separator: &'static str,
    /// A list of ids must be shorter than this.
    pub fewer_than: u32,
}

/// The rate limit as responses show it.
#[derive(Clone, Copy, Debug)]
pub struct RateLimitHeaders {
    /// The status of a refused request.
    pub status: u16,
    /// Response header: least seconds to wait.
    pub retry_after: &'static str,
    /// Response header: which bucket paid.
    pub bucket: &'static str,
    /// Response header: tokens left.
    pub remaining: &'static str,
    /// Response header: tokens that the request took.
    pub cost: &'static str,
    /// Tokens that an aggregation adds to a query.
    pub aggregation_cost: Setting<u32>,
}

/// One documented error status.
#[derive(Clone, Copy, Debug)]
pub struct ErrorStatus {
    /// The HTTP status.
    pub status: u16,
    /// What it stands for.
    pub name: ErrorName,
    /// What it means.
    pub description: &'static str,
    /// What the caller can do.
    pub advice: &'static str,
}

/// What an error status stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorName {
    /// The request cannot be parsed.
    BadRequest,
    /// The token is not accepted.
    Unauthorized,
    /// The feature is not enabled for the club.
    FeatureNotEnabled,
    /// The token lacks a permit.
    Forbidden,
    /// The thing asked for does not exist.
    NotFound,
    /// The action is not possible.
    NotPossible,
    /// Parameters are invalid.
    InvalidParameters,
    /// The rate limit is used up.
    TooManyRequests,
    /// The firewall refused.
    Firewall,
    /// The action's OAuth token is invalid.
    OauthToken,
    /// A required header is missing.
    HeaderMissing,
    /// A header is wrong.
    HeaderIncorrect,
    /// The API is in maintenance.
    Maintenance,
}

/// The keys of error bodies.
#[derive(Clone, Copy, Debug)]
pub struct ErrorBody {
    /// The key of the message.
    pub message: &'static str,
    /// The key of the tree of invalid parameters.
    pub details: &'static str,
    /// In a leaf of that tree: the key of the error's symbol.
    pub symbol: &'static str,
    /// In a leaf of that tree: the key of its options.
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
    /// All operations hold.
    pub and: Operator,
    /// Any operation holds.
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
    /// Tokens that each node of it adds to a query.
    pub cost: Setting<u32>,
}

/// Something the client takes as given because no page says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// Its name.
    pub id: &'static str,
    /// What is taken as given, as JSON text.
    pub value: &'static str,
    /// Why this value.
    pub reason: &'static str,
    /// What would settle it.
    pub settled_by: &'static str,
    /// Where it can be turned.
    pub override_at: OverrideAt,
}

/// Where an assumption can be turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OverrideAt {
    /// When a client is built, by [`assume`](crate::ClientBuilder::assume).
    Client,
    /// In the description of the API that the types are made from: they are what rests on it.
    Spec,
}

/// A value that may rest on a named assumption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value to use.
    pub value: T,
    /// The assumption it comes from; none when a page states it.
    pub assumption: Option<&'static str>,
}

impl<T> Setting<T> {
    /// A value that a page states.
    pub const fn stated(value: T) -> Self {
        Self { value, assumption: None }
    }

    /// A value that rests on the assumption of that id.
    pub const fn assumed(value: T, id: &'static str) -> Self {
        Self { value, assumption: Some(id) }
    }
}
