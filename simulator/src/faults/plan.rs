//! A plan of faults, as written in JSON.
//!
//! All texts and bodies in a plan are the test's own; they are no facts of the API.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use placewise_model::{ErrorName, Format};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Faults that a simulator adds to its replies. [`Simulator::faults`](crate::Simulator::faults) orders them.
///
/// A request meets at most one fault: the first of the plan that is due. A fault counts all requests that match [`on`](Fault::on), also those
/// that met another fault.
///
/// ```
/// use placewise_simulator::FaultPlan;
///
/// let plan = FaultPlan::from_json(r#"{"faults": [
///     {"on": {"report": "sendings", "page": "next"}, "do": [{"cut": {"at": 100, "of": "body"}}]},
///     {"nth": 3, "times": 2, "do": [{"reply": {"status": 429, "retry_after": {"text": "1"}}}]}
/// ]}"#)?;
/// assert_eq!(plan.faults.len(), 2);
/// # Ok::<(), placewise_simulator::FaultPlanError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FaultPlan {
    /// Seed of [`chance`](Fault::chance).
    #[serde(default)]
    pub seed: u64,
    /// The faults; an earlier one takes precedence.
    pub faults: Vec<Fault>,
}

/// One ordered fault: which requests meet it, and what they get.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Fault {
    /// A name for the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The requests that it counts. Default: all.
    pub on: Matching,
    /// The first of these requests that meets it. Default: 1.
    pub nth: NonZeroU64,
    /// After the first, only every so many requests meet it. Default: each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<NonZeroU64>,
    /// Probability that a request which could meet it does, above 0 and up to 1. Default: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chance: Option<f64>,
    /// Number of requests that are to meet it. Default: 1, or no limit with `every` or `chance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<NonZeroU64>,
    /// Whether it is fine if no request meets it. Default: no.
    pub optional: bool,
    /// What happens to the reply, in this order.
    #[serde(rename = "do")]
    pub effects: Vec<Effect>,
}

impl Default for Fault {
    fn default() -> Self {
        Self {
            name: None,
            on: Matching::default(),
            nth: NonZeroU64::MIN,
            every: None,
            chance: None,
            times: None,
            optional: false,
            effects: Vec::new(),
        }
    }
}

impl Fault {
    /// Number of requests that meet it; `None` without a limit.
    pub(crate) fn ordered(&self) -> Option<u64> {
        let once = (self.every.is_none() && self.chance.is_none()).then_some(NonZeroU64::MIN);
        self.times.or(once).map(NonZeroU64::get)
    }
}

/// Which requests match. Each key narrows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Matching {
    /// The report that the request names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    /// The endpoint, by its name in the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The format of the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Whether a records query has a cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PagePosition>,
    /// The value of the header that names customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
}

/// The position of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PagePosition {
    /// Without a cursor.
    First,
    /// With a cursor.
    Next,
}

/// What a fault does. In JSON each is an object with one key: `{"latency_ms": 200}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effect {
    /// Refuses the request with an error of the API, by name. It costs nothing.
    Refuse(ErrorName),
    /// Replaces the reply.
    Reply(FixedReply),
    /// Replaces or adds headers; null drops one.
    Headers(BTreeMap<String, Option<String>>),
    /// Sets a value in the JSON of the body; adds the last key if it is missing.
    Set(SetValue),
    /// Removes a value from the JSON of the body: a JSON Pointer in which `*` is every item.
    Remove(String),
    /// Encodes the body in another way than its headers say.
    Encode(Encoding),
    /// Ends the body after so many bytes. The HTTP response is complete.
    TruncateBody(u64),
    /// Makes the body giant. The server streams it.
    Giant(Giant),
    /// Replaces the cursor of a page.
    Next(Next),
    /// Makes pages endless: each has a fresh cursor. Order it with `"every": 1`.
    Endless(EndlessRows),
    /// Waits before the first byte of the response, in milliseconds.
    LatencyMs(u64),
    /// Sends the body slowly.
    SlowBody(SlowBody),
    /// Ends the connection within the response.
    Cut(Cut),
    /// Closes the connection, without having said so, once it was idle for so many milliseconds after the response.
    CloseIdleMs(u64),
}

/// A reply in place of the API's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FixedReply {
    /// HTTP status.
    pub status: u16,
    /// The header that says when to try again. Default: absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfter>,
    /// Whether the request costs what it would have. Default: no.
    #[serde(default)]
    pub charged: bool,
    /// Whether it has the headers of the rate limit, with what the bucket holds. Default: no.
    #[serde(default)]
    pub limit_headers: bool,
    /// Further headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Body as JSON; adds the media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// Body as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// When to try again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RetryAfter {
    /// This text: seconds, a fraction, a list or nonsense.
    Text(String),
    /// An HTTP date so many seconds after the simulator's time; negative ones are past.
    DateInS(i64),
}

/// A value and its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SetValue {
    /// A JSON Pointer in which `*` is every item.
    pub at: String,
    /// The value.
    pub to: Value,
}

/// An encoding that JSON does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8 with a byte order mark.
    Utf8Bom,
    /// UTF-16 with a byte order mark, low bytes first.
    Utf16Le,
    /// UTF-16 with a byte order mark, high bytes first.
    Utf16Be,
}

/// A giant body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Giant {
    /// Bytes to add at least.
    pub bytes: NonZeroU64,
    /// What they are.
    pub of: GiantPart,
}

/// What makes a body giant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GiantPart {
    /// Spaces.
    Padding,
    /// Distinct unknown keys in the first row.
    Keys,
    /// Copies of the first row.
    Rows,
}

/// The cursor that a page gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Next {
    /// The one that it was asked with.
    Asked,
    /// That of an earlier page, from 2: a loop.
    Page(NonZeroU64),
    /// This text.
    Text(String),
    /// None, although more rows follow.
    End,
}

/// The rows of endless pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndlessRows {
    /// None.
    Empty,
    /// A whole page; after the last row the first one follows.
    Full,
}

/// A body in pieces with pauses between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SlowBody {
    /// Bytes of a piece.
    pub piece: NonZeroU64,
    /// Milliseconds between two pieces.
    pub pause_ms: u64,
    /// Number of pauses. Default: between all pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<NonZeroU64>,
}

/// The end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Cut {
    /// Bytes that are sent.
    pub at: u64,
    /// What they are counted in. Default: the response.
    #[serde(default)]
    pub of: CutOf,
    /// How it ends. Default: by a reset.
    #[serde(default)]
    pub how: CutHow,
}

/// What the bytes before a cut are counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CutOf {
    /// The response with its head; at 0 nothing is sent.
    #[default]
    Response,
    /// The body.
    Body,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CutHow {
    /// TCP reset. Bytes that its peer has not read may get lost.
    #[default]
    Reset,
    /// Like a normal end.
    Close,
}
