//! The base URL of the API. It is checked when the client is built.

use std::{borrow::Cow, fmt};

use reqwest::Url;

use crate::error::configuration::ConfigurationError;

/// The base URL of the API.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Cow<'static, str>);

impl BaseUrl {
    /// A URL of generated code.
    pub const fn from_static(url: &'static str) -> Self {
        Self(Cow::Borrowed(url))
    }

    /// The URL as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL with this path.
    pub(crate) fn join(&self, path: &str, allow_plain_http: bool) -> Result<Url, ConfigurationError> {
        let fault = |problem: String| ConfigurationError::new("base_url", problem);
        // The parser's message does not repeat the text, which may hold a password.
        let base =
            Url::parse(&self.0).map_err(|error| fault(format!("not a URL: {error}; write it with its scheme, `https://…`")))?;
        if !base.username().is_empty() || base.password().is_some() {
            return Err(fault("remove the user and the password; set the token with `token`".into()));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(fault("remove the query and the fragment".into()));
        }
        match base.scheme() {
            "https" if cfg!(feature = "tls") => {}
            // Such a client could be built, but every request would fail to connect.
            "https" => {
                return Err(fault("the feature `tls` is off: enable it, or use an http:// address of this machine".into()));
            }
            "http" if allow_plain_http || is_loopback(&base) => {}
            "http" => {
                let problem = "plain http exposes the token to the network; use https or `allow_plain_http(true)`";
                return Err(fault(problem.into()));
            }
            other => return Err(fault(format!("unsupported scheme `{other}`; use https"))),
        }
        let joined = format!("{}/{}", base.as_str().trim_end_matches('/'), path.trim_start_matches('/'));
        Url::parse(&joined).map_err(|error| fault(format!("not a URL with the path `{path}`: {error}")))
    }
}

/// Whether the host is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let host = host.strip_suffix('.').unwrap_or(host);
    let address = host.parse::<std::net::IpAddr>();
    // RFC 6761 reserves all names below `localhost` for this machine.
    host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Without user and password, which are rejected only when the client is built.
impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The text may not be a URL, so everything before the last `@` may be a password.
        let Some((before, host)) = self.0.rsplit_once('@') else { return write!(f, "BaseUrl({:?})", self.0) };
        let scheme = ["https://", "http://"].into_iter().find(|scheme| before.starts_with(scheme)).unwrap_or_default();
        write!(f, "BaseUrl({:?})", format!("{scheme}(hidden)@{host}"))
    }
}

impl From<&str> for BaseUrl {
    fn from(url: &str) -> Self {
        Self(Cow::Owned(url.to_owned()))
    }
}

impl From<&String> for BaseUrl {
    fn from(url: &String) -> Self {
        Self::from(url.as_str())
    }
}

impl From<String> for BaseUrl {
    fn from(url: String) -> Self {
        Self(Cow::Owned(url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_many_names() {
        let loopback = |host: &str| is_loopback(&Url::parse(&format!("http://{host}:1/")).unwrap());
        for host in ["localhost", "LOCALHOST.", "api.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"] {
            assert!(loopback(host), "{host}");
        }
        for host in ["0.0.0.0", "[::]", "localhost.example", "notlocalhost", "128.0.0.1", "[::ffff:128.0.0.1]"] {
            assert!(!loopback(host), "{host}");
        }
    }
}
