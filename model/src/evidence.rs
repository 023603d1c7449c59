//! Evidence about assumptions: what exchanges with the real API showed, and the exchanges themselves without secrets.
//!
//! `placewise settle` writes it, and `cargo codegen settle` reads it. A file is data from outside, so [`Evidence::parse`] checks everything
//! that a reader relies on: ids, indices, sizes, and that only a refuted assumption has a value.

use std::collections::BTreeSet;
use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::printable::is_printable;

/// The version of the format that this code reads and writes.
pub const EVIDENCE_VERSION: u32 = 1;

/// The largest file that is read: 64 MiB.
pub const MOST_EVIDENCE_BYTES: usize = 64 << 20;

/// The most entries of each list.
const MOST_ENTRIES: usize = 20_000;

/// The longest text, apart from bodies.
const MOST_TEXT: usize = 4096;

/// What exchanges with an API showed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The version of the format: [`EVIDENCE_VERSION`].
    pub version: u32,
    /// The API's name in the model that was used.
    pub api: String,
    /// The host that was asked, without path, user or password.
    pub host: String,
    /// The date on which it was made, such as `2025-04-30`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<String>,
    /// What became of assumptions, in the model's order.
    #[serde(default)]
    pub settled: Vec<Settled>,
    /// Facts of the spec that the server contradicts.
    #[serde(default)]
    pub facts: Vec<SeenFact>,
    /// Assumptions that nothing was asked about.
    #[serde(default)]
    pub unprobed: Vec<Unprobed>,
    /// The exchanges, oldest first.
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
}

/// What became of an assumption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The server does what is assumed.
    Holds,
    /// The server does something else.
    Refuted,
    /// The exchanges do not decide it.
    CannotTell,
}

/// The verdict on one assumption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// The assumption's id.
    pub assumption: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The value that was assumed when the exchanges were made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumed: Option<Value>,
    /// For a refuted assumption: the value that the exchanges show, if they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// What showed it, in a sentence.
    pub by: String,
    /// The indices of the exchanges that showed it.
    #[serde(default)]
    pub exchanges: Vec<usize>,
}

/// A fact of the spec that the server contradicts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenFact {
    /// Its id: `reports/sendings/cost`, `reports/sendings/fields/channel/filterable`.
    pub fact: String,
    /// What the spec states; null if it states nothing.
    pub stated: Value,
    /// What the server showed.
    pub seen: Value,
    /// How often it was seen.
    pub hits: u32,
    /// The indices of the exchanges that showed it.
    #[serde(default)]
    pub exchanges: Vec<usize>,
}

/// An assumption that nothing was asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unprobed {
    /// The assumption's id.
    pub assumption: String,
    /// Why nothing was asked.
    pub reason: String,
}

/// A request and its reply, without secrets. Customers are numbered from 1 and cursors are named `cursor-1`, the same throughout the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The HTTP method.
    pub method: String,
    /// The path, without query string.
    pub path: String,
    /// Request headers that are no secrets, by lowercase name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, String>,
    /// The JSON body of the request, or the parameters of its query string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The HTTP status of the reply.
    pub status: u16,
    /// Headers of the reply that are no secrets, by lowercase name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub reply_headers: IndexMap<String, String>,
    /// The JSON body of the reply; none if it was empty, no JSON or too large.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Value>,
    /// Whether lists of the reply were cut, so that it has the layout of the original and not its length.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// When the request was sent: milliseconds since the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
    /// Milliseconds until the reply was complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took: Option<u64>,
}

/// Why a file is no evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceError(String);

impl fmt::Display for EvidenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EvidenceError {}

impl Evidence {
    /// Evidence without content.
    pub fn new(api: &str, host: &str) -> Self {
        Self { version: EVIDENCE_VERSION, api: api.to_owned(), host: host.to_owned(), ..Self::default() }
    }

    /// Reads a file and checks it.
    ///
    /// # Errors
    /// The first thing that is wrong: JSON, version, an id, an index, a size.
    pub fn parse(json: &[u8]) -> Result<Self, EvidenceError> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        if json.len() > MOST_EVIDENCE_BYTES {
            return wrong(format!("it has {} bytes; at most {MOST_EVIDENCE_BYTES} are read", json.len()));
        }
        let unreadable = |error: serde_json::Error| EvidenceError(printable(&error.to_string()));
        let Version { version } = serde_json::from_slice(json).map_err(unreadable)?;
        if version != EVIDENCE_VERSION {
            return wrong(format!("its version is {version}; this program reads version {EVIDENCE_VERSION}"));
        }
        let evidence: Self = serde_json::from_slice(json).map_err(unreadable)?;
        evidence.check()?;
        Ok(evidence)
    }

    /// The file as text.
    ///
    /// # Errors
    /// Those of `serde_json`.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// What this evidence says about an assumption.
    pub fn settled(&self, assumption: &str) -> Option<&Settled> {
        self.settled.iter().find(|settled| settled.assumption == assumption)
    }

    fn check(&self) -> Result<(), EvidenceError> {
        let lengths = [self.settled.len(), self.facts.len(), self.unprobed.len(), self.exchanges.len()];
        if lengths.iter().any(|length| *length > MOST_ENTRIES) {
            return wrong(format!("a list has more than {MOST_ENTRIES} entries"));
        }
        text("api", &self.api)?;
        text("host", &self.host)?;
        text("made", self.made.as_deref().unwrap_or_default())?;
        let mut ids = BTreeSet::new();
        let named = self.settled.iter().map(|settled| &settled.assumption);
        for id in named.chain(self.unprobed.iter().map(|unprobed| &unprobed.assumption)) {
            is_id(id)?;
            if !ids.insert(id) {
                return wrong(format!("`{id}` is named twice"));
            }
        }
        for settled in &self.settled {
            text("by", &settled.by)?;
            if settled.value.is_some() && settled.verdict != Verdict::Refuted {
                return wrong(format!("`{}` has a value, but only a refuted assumption has one", settled.assumption));
            }
            self.check_indices(&settled.assumption, &settled.exchanges)?;
        }
        for unprobed in &self.unprobed {
            text("reason", &unprobed.reason)?;
        }
        for fact in &self.facts {
            if !fact.fact.split('/').all(is_part) {
                return wrong(format!("`{}` is no id of a fact", printable(&fact.fact)));
            }
            self.check_indices(&fact.fact, &fact.exchanges)?;
        }
        self.exchanges.iter().enumerate().try_for_each(|(index, exchange)| {
            exchange.check().map_err(|EvidenceError(problem)| EvidenceError(format!("exchange {index}: {problem}")))
        })
    }

    fn check_indices(&self, of: &str, exchanges: &[usize]) -> Result<(), EvidenceError> {
        match exchanges.iter().find(|index| **index >= self.exchanges.len()) {
            Some(index) => wrong(format!("`{of}` refers to exchange {index}, but there are {}", self.exchanges.len())),
            None => Ok(()),
        }
    }
}

impl Exchange {
    fn check(&self) -> Result<(), EvidenceError> {
        if !(100..=999).contains(&self.status) {
            return wrong(format!("{} is no HTTP status", self.status));
        }
        if self.method.is_empty() || !self.method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return wrong("its method is not upper-case letters".into());
        }
        if !self.path.starts_with('/') || self.path.contains(['?', '#', ' ']) {
            return wrong("its path does not start with `/`, or has a query string".into());
        }
        text("path", &self.path)?;
        for (name, value) in self.headers.iter().chain(&self.reply_headers) {
            if name.is_empty() || name.chars().any(|c| c.is_ascii_uppercase()) {
                return wrong(format!("the header `{}` is not in lower case", printable(name)));
            }
            text("a header", name)?;
            text("a header", value)?;
        }
        Ok(())
    }
}

fn wrong<T>(problem: String) -> Result<T, EvidenceError> {
    Err(EvidenceError(problem))
}

fn printable(text: &str) -> String {
    text.chars().take(200).map(|c| if is_printable(c) { c } else { '\u{fffd}' }).collect()
}

/// Text that is shown to people: one line of moderate length.
fn text(what: &str, text: &str) -> Result<(), EvidenceError> {
    if text.len() > MOST_TEXT {
        return wrong(format!("the text of `{what}` is longer than {MOST_TEXT} bytes"));
    }
    if text.chars().all(is_printable) { Ok(()) } else { wrong(format!("the text of `{what}` has control characters")) }
}

fn is_id(id: &str) -> Result<(), EvidenceError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !id.is_empty() && id.len() <= 100 && id.chars().all(fits) {
        return Ok(());
    }
    wrong(format!("`{}` is no id of an assumption", printable(id)))
}

fn is_part(part: &str) -> bool {
    !part.is_empty() && part.len() <= 200 && part.chars().all(|c| is_printable(c) && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn evidence() -> Evidence {
        let exchange = Exchange {
            method: "POST".into(),
            path: "/ask".into(),
            body: Some(json!({ "what": "tides" })),
            status: 200,
            reply_headers: [("x-cost".to_owned(), "2".to_owned())].into_iter().collect(),
            reply: Some(json!({ "lines": [] })),
            at: Some(0),
            took: Some(7),
            ..Exchange::default()
        };
        let settled = Settled {
            assumption: "cursor-key".into(),
            verdict: Verdict::Refuted,
            assumed: Some("at".into()),
            value: Some("next".into()),
            by: "Only `next` leads to another page.".into(),
            exchanges: vec![0],
        };
        let fact = SeenFact { fact: "reports/tides/cost".into(), stated: 1.into(), seen: 2.into(), hits: 2, exchanges: vec![0] };
        let unprobed = Unprobed { assumption: "tell-path".into(), reason: "The path is not known.".into() };
        Evidence {
            made: Some("2025-04-30".into()),
            settled: vec![settled],
            facts: vec![fact],
            unprobed: vec![unprobed],
            exchanges: vec![exchange],
            ..Evidence::new("Harbour Office", "harbour.test")
        }
    }

    fn problem(change: impl Fn(&mut Value)) -> String {
        let mut json = serde_json::to_value(evidence()).expect("JSON");
        change(&mut json);
        Evidence::parse(json.to_string().as_bytes()).map_or_else(|error| error.to_string(), |_| "none".into())
    }

    #[test]
    fn what_is_written_is_read_back() {
        let written = evidence().to_json().expect("JSON");
        assert_eq!(Evidence::parse(written.as_bytes()), Ok(evidence()));
        assert_eq!(evidence().settled("cursor-key").map(|settled| settled.verdict), Some(Verdict::Refuted));
    }

    #[test]
    fn what_a_reader_relies_on_is_checked() {
        type Change = fn(&mut Value);
        let cases: [(Change, &str); 12] = [
            (|json| json["version"] = 2.into(), "its version is 2"),
            (|json| json["more"] = 2.into(), "unknown field `more`"),
            (|json| json["settled"][0]["exchanges"] = json!([1]), "refers to exchange 1"),
            (|json| json["facts"][0]["exchanges"] = json!([7]), "refers to exchange 7"),
            (|json| json["settled"][0]["verdict"] = "holds".into(), "only a refuted assumption has one"),
            (|json| json["settled"][0]["assumption"] = "../up".into(), "no id of an assumption"),
            (|json| json["unprobed"][0]["assumption"] = "cursor-key".into(), "named twice"),
            (|json| json["facts"][0]["fact"] = "reports//cost".into(), "no id of a fact"),
            (|json| json["settled"][0]["by"] = "a\u{1b}[1m".into(), "control characters"),
            (|json| json["exchanges"][0]["path"] = "/ask?token=1".into(), "query string"),
            (|json| json["exchanges"][0]["status"] = 7.into(), "no HTTP status"),
            (|json| json["exchanges"][0]["headers"] = json!({ "X-Cost": "1" }), "not in lower case"),
        ];
        for (change, expected) in cases {
            let problem = problem(change);
            assert!(problem.contains(expected), "{problem}");
        }
        assert!(Evidence::parse(b"{").is_err() && Evidence::parse(b"[]").is_err() && Evidence::parse(b"").is_err());
        let large = vec![b' '; MOST_EVIDENCE_BYTES + 1];
        assert!(Evidence::parse(&large).is_err_and(|error| error.to_string().contains("bytes")));
    }
}
