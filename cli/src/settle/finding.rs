//! A conclusion about one setting, with the exchanges that it rests on.

use placewise_model::Verdict;
use serde_json::Value;

/// A conclusion about one setting.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    pub verdict: Verdict,
    /// The value that the exchanges show, if what is assumed is refuted.
    pub value: Option<Value>,
    pub by: String,
    pub exchanges: Vec<usize>,
}

impl Finding {
    pub(crate) fn holds(by: impl Into<String>, exchanges: impl IntoIterator<Item = usize>) -> Self {
        Self { verdict: Verdict::Holds, value: None, by: by.into(), exchanges: few(exchanges) }
    }

    pub(crate) fn refuted(value: Option<Value>, by: impl Into<String>, exchanges: impl IntoIterator<Item = usize>) -> Self {
        Self { verdict: Verdict::Refuted, value, by: by.into(), exchanges: few(exchanges) }
    }

    pub(crate) fn cannot_tell(by: impl Into<String>, exchanges: impl IntoIterator<Item = usize>) -> Self {
        Self { verdict: Verdict::CannotTell, value: None, by: by.into(), exchanges: few(exchanges) }
    }

    /// The verdict of a measured value: all measurements must agree.
    pub(crate) fn measured(assumed: &Value, seen: &[(Value, usize)], what: &str) -> Option<Self> {
        let (first, _) = seen.first()?;
        let indices = || seen.iter().map(|(_, index)| *index);
        if let Some((other, _)) = seen.iter().find(|(value, _)| value != first) {
            return Some(Self::cannot_tell(format!("{what} is sometimes {first} and sometimes {other}."), indices()));
        }
        let by = format!("{what} is {first}.");
        Some(if first == assumed { Self::holds(by, indices()) } else { Self::refuted(Some(first.clone()), by, indices()) })
    }
}

/// The first few of many indices, ascending.
fn few(exchanges: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut all: Vec<usize> = exchanges.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(12);
    all
}
