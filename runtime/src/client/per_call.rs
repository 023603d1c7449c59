//! Headers for one call or a few: clones of a client that send more, or something else, than it does.

use std::sync::Arc;

use reqwest::header::{HeaderName, HeaderValue};

use super::customers::{header_name, header_value};
use super::{ApiClient, inner::Inner, secret::Token};
use crate::error::{Error, configuration::ConfigurationError};
use crate::facts::api::{Api, Headers};

/// Headers that HTTP itself needs, and those of proxies.
const OF_HTTP: [&str; 12] = [
    "host",
    "connection",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "accept-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "keep-alive",
    "proxy-authorization",
];

impl<A: Api> ApiClient<A> {
    /// The same client with a further request header, for one call or a few: the id of a trace, for example. No message shows its value.
    ///
    /// ```
    /// # use harbour_api::{Client, Customers};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = Client::builder().base_url("https://harbour.invalid").token("secret").customers(Customers::all());
    /// let client = builder.build()?;
    /// let traced = client.with_header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// A configuration error if HTTP cannot carry the header, or if it is one that the client sets: those of tokens and customers, the type
    /// of the body, and what HTTP itself needs.
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self, Error> {
        let (name, value) = own_header(&self.spec().headers, name, value)?;
        Ok(self.with(|inner| {
            inner.headers.insert(name, value);
        }))
    }

    /// The same client with the token of another user.
    ///
    /// # Errors
    ///
    /// A configuration error if a header cannot carry the token.
    pub fn with_user_token(&self, token: impl Into<Token>) -> Result<Self, Error> {
        let (token, header) = (token.into(), &self.spec().headers.user_token);
        let (name, value) = (header_name(header)?, token.header("user_token", header.value)?);
        Ok(self.with(|inner| {
            inner.headers.insert(name, value);
            inner.hide(&token);
        }))
    }

    /// The same client with texts in another language.
    ///
    /// # Errors
    ///
    /// A configuration error if a header cannot carry the tag.
    pub fn with_locale(&self, tag: &str) -> Result<Self, Error> {
        if tag.trim().is_empty() {
            return Err(Error::configuration("locale", "empty"));
        }
        let (name, value) = (header_name(&self.spec().headers.locale)?, header_value("locale", tag)?);
        Ok(self.with(|inner| {
            inner.headers.insert(name, value);
        }))
    }
}

impl Inner {
    /// Hides a token in texts of the server from now on.
    fn hide(&mut self, token: &Token) {
        self.secrets = Arc::new(token.hidden_too(&self.secrets));
    }
}

/// A header of the caller's own.
fn own_header(spec: &Headers, name: &str, value: &str) -> Result<(HeaderName, HeaderValue), ConfigurationError> {
    let refused = |problem: String| ConfigurationError::new("header", problem);
    let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused(format!("{name:?} is not a header name")))?;
    let is = |name: &str| known.as_str().eq_ignore_ascii_case(name);
    let setter = [
        (spec.token.name, "`ClientBuilder::token`"),
        (spec.user_token.name, "`with_user_token`"),
        (spec.customer.name, "`with_customers`"),
        (spec.loyalty_club_slug.name, "`with_customers`"),
        (spec.content_type.name, "the client itself"),
    ]
    .into_iter()
    .chain(OF_HTTP.map(|name| (name, "the client itself")))
    .find(|(of_client, _)| is(of_client));
    if let Some((name, setter)) = setter {
        return Err(refused(format!("`{name}` is set by {setter}")));
    }
    // The value may be secret, and must not stand in a message about itself.
    let mut value = HeaderValue::from_str(value)
        .ok()
        .filter(|_| value.is_ascii())
        .ok_or_else(|| refused(format!("the value of `{known}` is not one that headers can carry; use printable ASCII only")))?;
    value.set_sensitive(true);
    Ok((known, value))
}
