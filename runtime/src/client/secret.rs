//! Tokens. A token leaves this module only as a header value marked sensitive.

use std::{fmt, sync::Arc};

use reqwest::header::HeaderValue;

use crate::{error::configuration::ConfigurationError, text::secrets::Secrets};

/// A token. No message shows its text, and neither does `Debug`.
#[derive(Clone)]
pub struct Token(Box<str>);

impl Token {
    /// Wraps the text of a token.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into_boxed_str())
    }

    /// The header value, after the prefix.
    pub(super) fn header(&self, what: &'static str, prefix: Option<&str>) -> Result<HeaderValue, ConfigurationError> {
        if self.0.is_empty() {
            return Err(ConfigurationError::new(what, "empty"));
        }
        if self.0.trim() != &*self.0 {
            return Err(ConfigurationError::new(what, "starts or ends with white space; trim it"));
        }
        let text = format!("{}{}", prefix.unwrap_or_default(), self.0);
        let value = HeaderValue::from_str(&text).ok().filter(|_| text.is_ascii());
        let mut value = value.ok_or_else(|| {
            ConfigurationError::new(what, "contains a character that headers cannot carry, such as a line break")
        })?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The secrets and this token.
    pub(super) fn hidden_too(&self, secrets: &Secrets) -> Secrets {
        secrets.with(&self.0)
    }

    /// The texts to hide.
    pub(super) fn secrets<'a>(tokens: impl Iterator<Item = &'a Self>) -> Secrets {
        Secrets::new(tokens.map(|token| &*token.0))
    }
}

/// Where the token of each request comes from, if it may change.
#[derive(Clone)]
pub(super) struct TokenSource(pub(super) Arc<dyn Fn() -> Token + Send + Sync>);

impl TokenSource {
    /// The header value of the token now. Its text is hidden from then on.
    pub(super) fn header(&self, prefix: Option<&str>, secrets: &Secrets) -> Result<HeaderValue, ConfigurationError> {
        let token = (self.0)();
        secrets.add(&token.0);
        token.header("token_source", prefix)
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSource")
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
