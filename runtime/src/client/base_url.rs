//! Where the API is served. In comes an address as text; out comes one that can be asked, or an error before anything is sent.

use std::{borrow::Cow, fmt};

use reqwest::Url;

use crate::Error;

/// The address under which the API is served.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Cow<'static, str>);

impl BaseUrl {
    /// An address of generated code.
    pub const fn from_static(url: &'static str) -> Self {
        Self(Cow::Borrowed(url))
    }

    /// The address as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The address with that path.
    pub(crate) fn join(&self, path: &str, allow_plain_http: bool) -> Result<Url, Error> {
        let fault = |problem: String| Error::configuration("base_url", problem);
        // The parser's own words do not repeat the text, in which a password may stand.
        let base = Url::parse(&self.0).map_err(|error| fault(format!("not an address: {error}")))?;
        if !base.username().is_empty() || base.password().is_some() {
            return Err(fault("it holds a user or a password; the token is set by `token`".into()));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(fault("it holds a query or a fragment; leave both out".into()));
        }
        match base.scheme() {
            "https" => {}
            "http" if allow_plain_http || is_loopback(&base) => {}
            "http" => {
                let problem =
                    "plain http would send the token readable for everyone on the way; use https, or `allow_plain_http(true)`";
                return Err(fault(problem.into()));
            }
            other => return Err(fault(format!("`{other}` is neither https nor http"))),
        }
        let joined = format!("{}/{}", base.as_str().trim_end_matches('/'), path.trim_start_matches('/'));
        Url::parse(&joined).map_err(|error| fault(format!("with the path `{path}` it is not an address: {error}")))
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Without a user and a password, which are refused only when the client is built.
impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The text may be no address at all, so it is cut at the last sign that a password could stand before.
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

impl From<String> for BaseUrl {
    fn from(url: String) -> Self {
        Self(Cow::Owned(url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(base: &str) -> Result<String, String> {
        BaseUrl::from(base).join("/v1/query", false).map(|url| url.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn joins() {
        assert_eq!(join("https://api.example.com").unwrap(), "https://api.example.com/v1/query");
        assert_eq!(join("https://api.example.com/under/").unwrap(), "https://api.example.com/under/v1/query");
        assert_eq!(join("http://127.0.0.1:1234").unwrap(), "http://127.0.0.1:1234/v1/query");
        assert_eq!(join("http://[::1]:1234").unwrap(), "http://[::1]:1234/v1/query");
    }

    #[test]
    fn passwords_do_not_show() {
        let shown = |url: &str| format!("{:?}", BaseUrl::from(url));
        assert_eq!(shown("https://u:hunter2@x/y"), "BaseUrl(\"https://(hidden)@x/y\")");
        for odd in ["u:hunter2@x", "https:\\\\u:hunter2@x", "https://u:hunter2/@p@x", "https:/u:hunter2@x", "hunter2://x@"] {
            assert!(!shown(odd).contains("hunter2"), "{odd}");
        }
        assert_eq!(shown("https://x/y"), "BaseUrl(\"https://x/y\")");
    }

    #[test]
    fn refuses() {
        for bad in [
            "http://api.example.com",
            "https://u:hunter2@x",
            "ftp://x",
            "x",
            "",
            "https://x?a=1",
            "https://x#a",
            "http://127.0.0.1.evil.com",
        ] {
            let error = join(bad).unwrap_err();
            assert!(error.starts_with("base_url: ") && !error.contains("hunter2"), "{error}");
        }
        assert!(BaseUrl::from("http://api.example.com").join("/", true).is_ok());
    }
}
