//! The words that the spec language shares with this crate.

/// The format of a report's responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Rows in pages, with a cursor to the next page.
    Records,
    /// Series of values over time buckets.
    Timeseries,
    /// Figures, in a response whose format is undocumented.
    Statistics,
}

impl Format {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Timeseries => "timeseries",
            Self::Statistics => "statistics",
        }
    }
}

/// How the time points of a range are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimePoints {
    /// The length of the range divided by that of a bucket, rounded up.
    Length,
    /// The number of buckets that the range touches, including the one that holds its end.
    Buckets,
}

impl TimePoints {
    /// The value that overrides an assumption with it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Buckets => "buckets",
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Length => Self::Buckets,
            Self::Buckets => Self::Length,
        }
    }
}

/// How much of a page is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Coverage {
    /// Everything on the page.
    Whole,
    /// A part of the page; rows keep unknown keys.
    Partial,
    /// Only the name; rows are JSON objects.
    NameOnly,
}

/// Whether a filter may use a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Filterability {
    /// Filterable.
    Yes,
    /// Not documented, but an example request filters the field.
    Example,
    /// Not filterable.
    No,
    /// Not documented; the server decides.
    Unknown,
    /// Not documented; the spec forbids filters on the field for that reason.
    UnknownStrict,
    /// Filtered with this request header instead.
    Header(&'static str),
}

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provenance {
    /// A page states it.
    Documented,
    /// Seen only in an example payload.
    Example,
    /// Inferred from a page that does not state it.
    Inferred,
    /// Assumed, because the client needs a value.
    Assumed,
    /// Unknown.
    Unknown,
}

/// The meaning of an error status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorName {
    /// The server cannot parse the request.
    BadRequest,
    /// The server does not accept the token.
    Unauthorized,
    /// The feature is not enabled for the club.
    FeatureNotEnabled,
    /// The token lacks a permit.
    Forbidden,
    /// The requested thing does not exist.
    NotFound,
    /// The action is not possible.
    NotPossible,
    /// Parameters are invalid.
    InvalidParameters,
    /// The rate limit is used up.
    TooManyRequests,
    /// The firewall rejected the request.
    Firewall,
    /// The action's OAuth token is invalid.
    OauthToken,
    /// A required header is missing.
    HeaderMissing,
    /// A header has a wrong value.
    HeaderIncorrect,
    /// The API is in maintenance.
    Maintenance,
}

/// Where an assumption can be overridden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OverrideAt {
    /// When building a client, with [`assume`](crate::ClientBuilder::assume).
    Client,
    /// In the spec that the types are generated from.
    Spec,
}
