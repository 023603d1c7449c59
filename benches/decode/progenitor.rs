//! The types that cargo-progenitor 0.15.1 writes for a report with the fields of `sendings`, as it wrote them.
#![allow(missing_docs, dead_code, clippy::all)]

///`Pagination`
#[derive(:: serde :: Deserialize, :: serde :: Serialize, Clone, Debug, Default)]
pub struct Pagination {
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub next_page_info: ::std::option::Option<::std::string::String>,
}

///`Report0Page`
#[derive(:: serde :: Deserialize, :: serde :: Serialize, Clone, Debug)]
pub struct Report0Page {
    pub pagination: Pagination,
    pub records: ::std::vec::Vec<Report0Record>,
    pub result_type: ::std::string::String,
}

///`Report0Record`
#[derive(:: serde :: Deserialize, :: serde :: Serialize, Clone, Debug)]
pub struct Report0Record {
    ///The audience_id of the row.
    #[serde(deserialize_with = "::std::option::Option::deserialize")]
    pub audience_id: ::std::option::Option<i64>,
    ///The campaign_id of the row.
    #[serde(deserialize_with = "::std::option::Option::deserialize")]
    pub campaign_id: ::std::option::Option<i64>,
    ///The channel of the row.
    pub channel: Report0RecordChannel,
    ///The clicked_count of the row.
    pub clicked_count: i64,
    pub computed_counts: Report0RecordComputedCounts,
    pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
    ///The delivered_count of the row.
    pub delivered_count: i64,
    ///The delivery_errored_count of the row.
    pub delivery_errored_count: i64,
    ///The dispatches_count of the row.
    pub dispatches_count: i64,
    ///The failed_count of the row.
    pub failed_count: i64,
    ///The id of the row.
    pub id: i64,
    #[serde(deserialize_with = "::std::option::Option::deserialize")]
    pub language: ::std::option::Option<::std::string::String>,
    ///The loyalty_club_id of the row.
    pub loyalty_club_id: i64,
    ///The members_count of the row.
    pub members_count: i64,
    ///The new_count of the row.
    pub new_count: i64,
    ///The opened_count of the row.
    pub opened_count: i64,
    ///The opened_events_count of the row.
    pub opened_events_count: i64,
    ///The reporting_id of the row.
    #[serde(deserialize_with = "::std::option::Option::deserialize")]
    pub reporting_id: ::std::option::Option<i64>,
    pub service_type: ::std::string::String,
    ///The source_app of the row.
    pub source_app: Report0RecordSourceApp,
    ///The source_id of the row.
    #[serde(deserialize_with = "::std::option::Option::deserialize")]
    pub source_id: ::std::option::Option<i64>,
    ///The source_type of the row.
    pub source_type: Report0RecordSourceType,
    pub timeseries_time_ranges: ::std::collections::HashMap<::std::string::String, Report0RecordTimeseriesTimeRangesValue>,
    ///The transiently_failed_count of the row.
    pub transiently_failed_count: i64,
    ///The transmitted_count of the row.
    pub transmitted_count: i64,
}

///The channel of the row.
#[derive(:: serde :: Deserialize, :: serde :: Serialize, Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Report0RecordChannel {
    #[serde(rename = "sms")]
    Sms,
    #[serde(rename = "email")]
    Email,
    #[serde(rename = "push")]
    Push,
}

impl ::std::fmt::Display for Report0RecordChannel {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        match *self {
            Self::Sms => f.write_str("sms"),
            Self::Email => f.write_str("email"),
            Self::Push => f.write_str("push"),
        }
    }
}

impl ::std::str::FromStr for Report0RecordChannel {
    type Err = self::error::ConversionError;
    fn from_str(value: &str) -> ::std::result::Result<Self, self::error::ConversionError> {
        match value {
            "sms" => Ok(Self::Sms),
            "email" => Ok(Self::Email),
            "push" => Ok(Self::Push),
            _ => Err("invalid value".into()),
        }
    }
}

impl ::std::convert::TryFrom<&str> for Report0RecordChannel {
    type Error = self::error::ConversionError;
    fn try_from(value: &str) -> ::std::result::Result<Self, self::error::ConversionError> {
        value.parse()
    }
}

impl ::std::convert::TryFrom<::std::string::String> for Report0RecordChannel {
    type Error = self::error::ConversionError;
    fn try_from(value: ::std::string::String) -> ::std::result::Result<Self, self::error::ConversionError> {
        value.parse()
    }
}

///`Report0RecordComputedCounts`
#[derive(:: serde :: Deserialize, :: serde :: Serialize, Clone, Debug)]
pub struct Report0RecordComputedCounts {
    pub delivered: i64,
    pub en_route: i64,
    pub errored: i64,
    pub failed_to_send: i64,
    pub open_rate: f64,
    pub sent: i64,
}

///The source_app of the row.
#[derive(:: serde :: Deserialize, :: serde :: Serialize, Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Report0RecordSourceApp {
    #[serde(rename = "the-big-project")]
    TheBigProject,
    #[serde(rename = "messages_api")]
    MessagesApi,
}

impl ::std::fmt::Display for Report0RecordSourceApp {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        match *self {
            Self::TheBigProject => f.write_str("the-big-project"),
            Self::MessagesApi => f.write_str("messages_api"),
        }
    }
}

impl ::std::str::FromStr for Report0RecordSourceApp {
    type Err = self::error::ConversionError;
    fn from_str(value: &str) -> ::std::result::Result<Self, self::error::ConversionError> {
        match value {
            "the-big-project" => Ok(Self::TheBigProject),
            "messages_api" => Ok(Self::MessagesApi),
            _ => Err("invalid value".into()),
        }
    }
}

impl ::std::convert::TryFrom<&str> for Report0RecordSourceApp {
    type Error = self::error::ConversionError;
    fn try_from(value: &str) -> ::std::result::Result<Self, self::error::ConversionError> {
        value.parse()
    }
}

impl ::std::convert::TryFrom<::std::string::String> for Report0RecordSourceApp {
    type Error = self::error::ConversionError;
    fn try_from(value: ::std::string::String) -> ::std::result::Result<Self, self::error::ConversionError> {
        value.parse()
    }
}

///The source_type of the row.
#[derive(:: serde :: Deserialize, :: serde :: Serialize, Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Report0RecordSourceType {
    #[serde(rename = "campaigns")]
    Campaigns,
    #[serde(rename = "triggers")]
    Triggers,
    #[serde(rename = "other")]
    Other,
}

impl ::std::fmt::Display for Report0RecordSourceType {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        match *self {
            Self::Campaigns => f.write_str("campaigns"),
            Self::Triggers => f.write_str("triggers"),
            Self::Other => f.write_str("other"),
        }
    }
}

impl ::std::str::FromStr for Report0RecordSourceType {
    type Err = self::error::ConversionError;
    fn from_str(value: &str) -> ::std::result::Result<Self, self::error::ConversionError> {
        match value {
            "campaigns" => Ok(Self::Campaigns),
            "triggers" => Ok(Self::Triggers),
            "other" => Ok(Self::Other),
            _ => Err("invalid value".into()),
        }
    }
}

impl ::std::convert::TryFrom<&str> for Report0RecordSourceType {
    type Error = self::error::ConversionError;
    fn try_from(value: &str) -> ::std::result::Result<Self, self::error::ConversionError> {
        value.parse()
    }
}

impl ::std::convert::TryFrom<::std::string::String> for Report0RecordSourceType {
    type Error = self::error::ConversionError;
    fn try_from(value: ::std::string::String) -> ::std::result::Result<Self, self::error::ConversionError> {
        value.parse()
    }
}

///`Report0RecordTimeseriesTimeRangesValue`
#[derive(:: serde :: Deserialize, :: serde :: Serialize, Clone, Debug)]
pub struct Report0RecordTimeseriesTimeRangesValue {
    pub from: ::chrono::DateTime<::chrono::offset::Utc>,
    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    pub to: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
}

/// Error types.
pub mod error {
    /// Error from a `TryFrom` or `FromStr` implementation.
    pub struct ConversionError(::std::borrow::Cow<'static, str>);
    impl ::std::error::Error for ConversionError {}
    impl ::std::fmt::Display for ConversionError {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> Result<(), ::std::fmt::Error> {
            ::std::fmt::Display::fmt(&self.0, f)
        }
    }

    impl ::std::fmt::Debug for ConversionError {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> Result<(), ::std::fmt::Error> {
            ::std::fmt::Debug::fmt(&self.0, f)
        }
    }

    impl From<&'static str> for ConversionError {
        fn from(value: &'static str) -> Self {
            Self(value.into())
        }
    }

    impl From<String> for ConversionError {
        fn from(value: String) -> Self {
            Self(value.into())
        }
    }
}
