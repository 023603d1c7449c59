//! Secrets. In comes a token; out goes a header value marked sensitive, and nothing else: no text form shows it, and replies are
//! searched for it before they reach an error.

use std::{borrow::Cow, fmt};

use reqwest::header::HeaderValue;

use crate::Error;

/// A token. Its text shows nowhere, not in `Debug` either.
#[derive(Clone)]
pub struct Token(Box<str>);

impl Token {
    /// Wraps the token's text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into_boxed_str())
    }

    /// The value of the header that carries it, behind the given prefix.
    pub(crate) fn header(&self, what: &'static str, prefix: Option<&str>) -> Result<HeaderValue, Error> {
        if self.0.is_empty() {
            return Err(Error::configuration(what, "it is empty"));
        }
        if self.0.trim() != &*self.0 {
            return Err(Error::configuration(what, "it begins or ends with white space; trim it where it is read"));
        }
        let text = format!("{}{}", prefix.unwrap_or_default(), self.0);
        let value = HeaderValue::from_str(&text).ok().filter(|_| text.is_ascii());
        let mut value = value
            .ok_or_else(|| Error::configuration(what, "it has a character that no header can carry, such as a line break"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

impl From<&str> for Token {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Token {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// The text with every secret in it replaced: a server's debug page may repeat the request's headers.
pub(crate) fn hide<'a>(text: &'a str, secrets: &[Token]) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(text);
    for secret in secrets {
        if !secret.0.is_empty() && text.contains(&*secret.0) {
            text = Cow::Owned(text.replace(&*secret.0, "(hidden)"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_nowhere() {
        let token = Token::new("s3cret");
        assert_eq!(format!("{token:?} {:?}", token.header("token", Some("Bearer ")).unwrap()), "Token(hidden) Sensitive");
        for bad in ["s3cret\r\nX-Other: 1", "", " s3cret", "s3cret\n", "s3cret\u{e9}"] {
            let error = Token::new(bad).header("token", None).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"));
        }
        assert_eq!(hide("a s3cret b", &[token]), "a (hidden) b");
    }
}
