//! What every reader of a page makes: facts with their places, and findings with the ids of facts.

use crate::finding::{Finding, Place};

/// A fact and where the page states it.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    /// The fact.
    pub value: T,
    /// The bytes that state it.
    pub place: Place,
    /// Their line, from 1.
    pub line: usize,
}

/// A finding, and the fact that it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct FactFinding {
    /// The fact's id: `reports/sendings/fields/channel/values`. It depends on neither line nor wording.
    pub fact: String,
    /// The finding; its code is the kind of difference.
    pub finding: Finding,
}

/// The id of a fact: the steps of its path, with `/` between them. A `/` inside a step is escaped as in JSON pointers.
pub fn fact_id(steps: &[impl AsRef<str>]) -> String {
    let steps: Vec<String> = steps.iter().map(|step| step.as_ref().replace('~', "~0").replace('/', "~1")).collect();
    steps.join("/")
}
