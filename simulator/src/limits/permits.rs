//! Tokens and their permits. Tokens are secrets: no message and no `Debug` output contains one.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

/// What a token may query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permits(Option<BTreeSet<String>>);

impl Permits {
    /// Everything.
    pub const fn all() -> Self {
        Self(None)
    }

    /// Nothing.
    pub const fn none() -> Self {
        Self(Some(BTreeSet::new()))
    }

    /// The permits of these names, as the API spells them.
    pub fn of<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Self {
        Self(Some(names.into_iter().map(Into::into).collect()))
    }

    /// Whether they include a permit.
    pub(crate) fn include(&self, name: &str) -> bool {
        self.0.as_ref().is_none_or(|names| names.contains(name))
    }
}

/// All known tokens.
#[derive(Clone, Default)]
pub(crate) struct Tokens(HashMap<String, Permits>);

impl Tokens {
    pub(crate) fn add(&mut self, token: String, permits: Permits) {
        self.0.insert(token, permits);
    }

    /// The permits of a token. If no token is known, every token has all permits.
    pub(crate) fn permits(&self, token: &str) -> Option<Permits> {
        if self.0.is_empty() { Some(Permits::all()) } else { self.0.get(token).cloned() }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} token(s)", self.0.len())
    }
}
