//! The closed vocabularies of the spec: every value is one word there and one variant here.

use serde::{Deserialize, Serialize};

/// Declares an enumeration whose variants are words of the spec.
macro_rules! vocabulary {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$of])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in the spec.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

vocabulary! {
    /// How well a fact is known.
    #[derive(Default)]
    pub enum Provenance {
        /// A page states it.
        #[default]
        Documented = "documented",
        /// Seen only in an example payload.
        Example = "example",
        /// Inferred from what a page says.
        Inferred = "inferred",
        /// Assumed, because something must be; see the assumptions.
        Assumed = "assumed",
        /// Not known.
        Unknown = "unknown",
    }
}

impl Provenance {
    /// How well a fact is known, for people.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Example => "seen in an example only",
            Self::Inferred => "inferred",
            Self::Assumed => "assumed",
            Self::Unknown => "not documented",
        }
    }
}

vocabulary! {
    /// How much of a page the spec covers.
    #[derive(Default)]
    pub enum Coverage {
        /// The complete page.
        #[default]
        Whole = "whole",
        /// A part of the page; rows keep keys that the spec does not list.
        Partial = "partial",
        /// Only the name; rows are JSON objects.
        NameOnly = "name-only",
    }
}

impl Coverage {
    /// The default of examples and endpoints.
    pub(crate) const fn whole() -> Self {
        Self::Whole
    }

    /// What the documentation of a report, an endpoint or a format is based on, for people.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Whole => {
                "based on the complete documentation page, except for details that captures omit, such as column icons"
            }
            Self::Partial => "based on part of the documentation page",
            Self::NameOnly => "only the name is known",
        }
    }
}

vocabulary! {
    /// What values of a metric may be added up over.
    pub enum Dimension {
        /// The values of several customers.
        Customers = "customers",
        /// The values of successive times. Rows of records have no such times.
        Time = "time",
        /// The values of series with different labels, or of rows that differ in what they are grouped by.
        Labels = "labels",
    }
}

vocabulary! {
    /// The format of a report's responses.
    pub enum Format {
        /// Rows, one page at a time.
        Records = "records",
        /// Series of values over time buckets.
        Timeseries = "timeseries",
        /// Figures whose layout is not documented.
        Statistics = "statistics",
    }
}

vocabulary! {
    /// Yes, no, or not known.
    #[derive(Default)]
    pub enum Tristate {
        /// Yes.
        Yes = "yes",
        /// No.
        No = "no",
        /// Not known.
        #[default]
        Unknown = "unknown",
    }
}

vocabulary! {
    /// Whether a value can be JSON null.
    #[derive(Default)]
    pub enum Nullable {
        /// Not documented; treated as nullable.
        #[default]
        Unknown = "unknown",
        /// A page or an example shows null.
        Seen = "seen",
        /// A page says that it is never null.
        Never = "never",
        /// No example shows null; treated as present under the assumption `never-null`.
        AssumedNever = "assumed-never",
    }
}

impl Nullable {
    /// Whether the decoder must accept null.
    pub const fn possible(self) -> bool {
        matches!(self, Self::Unknown | Self::Seen)
    }

    /// Whether a value can be null, for people.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Unknown => "not documented",
            Self::Seen => "yes",
            Self::Never => "never",
            Self::AssumedNever => "never (assumed)",
        }
    }
}

vocabulary! {
    /// What a key of a request body carries.
    pub enum RequestKey {
        /// The name of the report.
        Report = "report",
        /// The filter.
        Filter = "filter",
        /// The name of the aggregation.
        Aggregation = "aggregation",
        /// The cursor of the requested page.
        Cursor = "cursor",
        /// The rows per page.
        PageSize = "page_size",
        /// The name of the interval.
        Interval = "interval",
        /// The start of the range.
        From = "from",
        /// The end of the range.
        To = "to",
    }
}

impl RequestKey {
    /// What the key carries, for people.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Report => "name of the report",
            Self::Filter => "filter",
            Self::Aggregation => "name of the aggregation",
            Self::Cursor => "cursor of the requested page",
            Self::PageSize => "rows per page",
            Self::Interval => "name of the interval",
            Self::From => "start of the range",
            Self::To => "end of the range",
        }
    }
}

vocabulary! {
    /// How the time points of a range are counted.
    pub enum TimePoints {
        /// The length of the range divided by the length of a bucket, rounded up.
        Length = "length",
        /// The buckets that the range touches, including the one that holds its end.
        Buckets = "buckets",
    }
}

vocabulary! {
    /// What the server does with a range that begins before the retention of its interval.
    pub enum BeyondRetention {
        /// It rejects the request.
        Refused = "refused",
        /// It responds with what is left.
        Empty = "empty",
    }
}

vocabulary! {
    /// What an error status stands for.
    pub enum ErrorName {
        /// The request cannot be parsed.
        BadRequest = "bad-request",
        /// The token is not accepted.
        Unauthorized = "unauthorized",
        /// The feature is not enabled for the club.
        FeatureNotEnabled = "feature-not-enabled",
        /// The token lacks a permit.
        Forbidden = "forbidden",
        /// The requested resource does not exist.
        NotFound = "not-found",
        /// The action is not possible.
        NotPossible = "not-possible",
        /// Parameters are invalid.
        InvalidParameters = "invalid-parameters",
        /// The rate limit is exceeded.
        TooManyRequests = "too-many-requests",
        /// The firewall blocked the request.
        Firewall = "firewall",
        /// The action's OAuth token is invalid.
        OauthToken = "oauth-token",
        /// A required header is missing.
        HeaderMissing = "header-missing",
        /// A header is wrong.
        HeaderIncorrect = "header-incorrect",
        /// The API is in maintenance.
        Maintenance = "maintenance",
    }
}

vocabulary! {
    /// What an assumption affects.
    pub enum Scope {
        /// The client: it can be overridden when the client is built.
        Client = "client",
        /// Only the simulator: numbers and behavior that the real server decides.
        Simulator = "simulator",
        /// The generated types: it is changed in the spec.
        Types = "types",
    }
}

vocabulary! {
    /// What kind of contradiction a quirk records.
    pub enum QuirkKind {
        /// The table lists it; the examples lack it. The client treats the key as optional.
        AbsentInExamples = "absent-in-examples",
        /// The examples have it; no table lists it.
        OnlyInExamples = "only-in-examples",
        /// Timestamps in examples have no zone.
        Zoneless = "zoneless",
        /// The type column and the text disagree.
        TypeDisagrees = "type-disagrees",
        /// The type is an enumeration, but no value is listed.
        NoValues = "no-values",
        /// The example is not valid JSON as printed.
        BrokenExample = "broken-example",
        /// The response of the example does not match its request.
        ExampleDisagrees = "example-disagrees",
    }
}
