//! A request that failed before a whole response arrived.

use std::{error::Error as StdError, fmt};

use super::subject::Subject;
use crate::meta::Meta;

/// A request that failed before a whole response arrived.
#[derive(Debug)]
pub struct TransportError {
    subject: Subject,
    fault: TransportFault,
    pub(crate) meta: Box<Meta>,
}

/// The kind of a transport failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportKind {
    /// No connection to the server.
    Connect,
    /// The proxy asks for a user and a password.
    ProxyAuthorization,
    /// No connection within the connect timeout.
    ConnectTimeout,
    /// The server's certificate is not trusted.
    Certificate,
    /// The TLS handshake failed for another reason than the certificate.
    Tls,
    /// The server sent something else than HTTP.
    NotHttp,
    /// The server sent nothing within the read timeout.
    Timeout,
    /// The timeout of the call passed.
    TotalTimeout,
    /// The connection was closed or reset before a response arrived.
    Reset,
    /// The connection broke during the response.
    Body,
    /// The body is not in the encoding that its `Content-Encoding` names.
    Encoding,
    /// The request could not be built or sent.
    Request,
}

impl TransportKind {
    /// Whether the same request may succeed later.
    pub(crate) const fn is_retryable(self) -> bool {
        match self {
            Self::Connect | Self::ConnectTimeout | Self::Timeout | Self::TotalTimeout | Self::Reset | Self::Body => true,
            Self::ProxyAuthorization | Self::Certificate | Self::Tls | Self::NotHttp | Self::Encoding | Self::Request => false,
        }
    }

    /// Whether the server cannot have seen the request.
    pub(crate) const fn never_sent(self) -> bool {
        matches!(self, Self::Connect | Self::ConnectTimeout)
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::Connect => "no connection to the server; check the base URL and the network",
            Self::ProxyAuthorization => {
                "the proxy asks for a user and a password (status 407); put them into its URL, as in `http://user:password@host`, in the \
                 environment or with `http`"
            }
            Self::ConnectTimeout => {
                "no connection to the server within the connect timeout; check the base URL, the network and firewalls, or raise \
                 `connect_timeout` and `read_timeout`"
            }
            Self::Certificate => {
                "the server's certificate is not trusted; check the base URL and this machine's clock, or add the CA's certificate with `http`"
            }
            Self::Tls => "the TLS handshake failed; check that the base URL's host and port serve https",
            Self::NotHttp => "the server does not speak HTTP; check the scheme and the port of the base URL",
            Self::Timeout => "the request timed out; request smaller pages or raise `read_timeout`",
            Self::TotalTimeout => "the call passed its timeout; request smaller pages or raise `timeout`",
            Self::Reset => "the server closed the connection before it answered; retry",
            Self::Body => "the connection broke during the response; retry",
            Self::Encoding => {
                "the body is not in the encoding that its header `Content-Encoding` names; check the base URL, and proxies on the way"
            }
            Self::Request => "the request could not be sent",
        }
    }
}

/// Why a [`Transport`](crate::Transport) got no response.
#[derive(Debug)]
pub struct TransportFault {
    kind: TransportKind,
    proxy: Option<Box<str>>,
    /// What to do in this case, if more is known than the kind.
    advice: Option<Box<str>>,
    source: Box<dyn StdError + Send + Sync>,
}

impl TransportFault {
    /// A fault of this kind.
    pub fn new(kind: TransportKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind, proxy: None, advice: None, source: source.into() }
    }

    /// The same fault of a request that went through a proxy, named without its password.
    #[must_use]
    pub fn through(self, proxy: Option<impl Into<Box<str>>>) -> Self {
        Self { proxy: proxy.map(Into::into), ..self }
    }

    pub(crate) fn advising(self, advice: Option<impl Into<Box<str>>>) -> Self {
        Self { advice: advice.map(Into::into), ..self }
    }
}

impl TransportError {
    pub(crate) fn new(subject: Subject, fault: TransportFault) -> Self {
        Self { subject, fault, meta: Box::default() }
    }

    /// The kind of the failure.
    pub fn kind(&self) -> TransportKind {
        self.fault.kind
    }

    /// The proxy that the request went through, as far as the environment names it.
    pub fn proxy(&self) -> Option<&str> {
        self.fault.proxy.as_deref()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.fault.advice.as_deref().unwrap_or(self.fault.kind.advice()))?;
        match self.proxy() {
            Some(proxy) => write!(f, " (through the proxy {proxy}, which the environment sets)"),
            None => Ok(()),
        }
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.fault.source)
    }
}
