//! Who may ask what: tokens, each with its permits. In comes the token of a request; out come its permits, or nothing. Tokens are
//! secrets even here: they stand in no message and in no `Debug` output.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

/// What a token may ask.
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

    /// What these permits, by their names on the wire, open.
    pub fn of<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Self {
        Self(Some(names.into_iter().map(Into::into).collect()))
    }

    /// Whether the permit is among them.
    pub(crate) fn include(&self, name: &str) -> bool {
        self.0.as_ref().is_none_or(|names| names.contains(name))
    }
}

/// All tokens that the simulator knows.
#[derive(Clone, Default)]
pub(crate) struct Tokens(HashMap<String, Permits>);

impl Tokens {
    pub(crate) fn add(&mut self, token: String, permits: Permits) {
        self.0.insert(token, permits);
    }

    /// The permits of a token. Where no token was named, any will do and may ask everything.
    pub(crate) fn permits(&self, token: &str) -> Option<Permits> {
        if self.0.is_empty() { Some(Permits::all()) } else { self.0.get(token).cloned() }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} token(s)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stay_secret() {
        let mut tokens = Tokens::default();
        assert_eq!(tokens.permits("anything"), Some(Permits::all()));
        tokens.add("hush".into(), Permits::of(["A"]));
        assert_eq!(format!("{tokens:?}"), "1 token(s)");
        assert_eq!(tokens.permits("anything"), None);
        assert!(tokens.permits("hush").is_some_and(|permits| permits.include("A") && !permits.include("B")));
        assert!(!Permits::none().include("A"));
    }
}
