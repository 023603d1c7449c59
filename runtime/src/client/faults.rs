//! Tells the failures of reqwest apart. Its own questions do not: a certificate is a "connect" error, and so is a timeout.

use std::{error::Error as StdError, io};

use crate::error::transport::{TransportFault, TransportKind};

/// A failure before the head of the response, of a client that trusts these certificates.
pub(super) fn of_request(error: reqwest::Error, trusted: &str) -> TransportFault {
    let advice = sources(&error).find_map(|error| certificate_advice(error, trusted));
    fault(kind(&error), error).advising(advice)
}

/// A failure while the body arrives.
pub(super) fn of_body(error: reqwest::Error) -> TransportFault {
    let broken = |error: &(dyn StdError + 'static)| {
        let cut = |error: &io::Error| error.kind() == io::ErrorKind::UnexpectedEof;
        error.is::<hyper::Error>() || error.downcast_ref().is_some_and(cut)
    };
    let kind = match error.is_timeout() {
        true => TransportKind::Timeout,
        // The connection is in order, and the body is not what it claims to be. It would not be when it is sent again.
        false if error.is_decode() && !sources(&error).any(broken) => TransportKind::Encoding,
        false => TransportKind::Body,
    };
    fault(kind, error)
}

fn fault(kind: TransportKind, error: reqwest::Error) -> TransportFault {
    // The URL may hold something that must not reach a log.
    TransportFault::new(kind, error.without_url())
}

fn kind(error: &reqwest::Error) -> TransportKind {
    if error.is_builder() {
        return TransportKind::Request;
    }
    if let Some(kind) = sources(error).find_map(of_tls) {
        return kind;
    }
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => TransportKind::ConnectTimeout,
        (true, false) if sources(error).any(asks_for_password) => TransportKind::ProxyAuthorization,
        (true, false) => TransportKind::Connect,
        (false, true) => TransportKind::Timeout,
        (false, false) => sources(error).find_map(of_connection).unwrap_or(TransportKind::Request),
    }
}

fn sources<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(error.source(), |error| inside(*error))
}

/// The source of an I/O error skips the error inside it.
fn inside<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inside) => Some(inside),
        None => error.source(),
    }
}

#[cfg(feature = "tls")]
fn of_tls(error: &(dyn StdError + 'static)) -> Option<TransportKind> {
    match error.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => Some(TransportKind::Certificate),
        _ => Some(TransportKind::Tls),
    }
}

#[cfg(feature = "tls")]
fn certificate_advice(error: &(dyn StdError + 'static), trusted: &str) -> Option<String> {
    use rustls::CertificateError as Problem;
    let rustls::Error::InvalidCertificate(problem) = error.downcast_ref::<rustls::Error>()? else { return None };
    Some(match problem {
        Problem::Expired | Problem::ExpiredContext { .. } | Problem::NotValidYet | Problem::NotValidYetContext { .. } => {
            "the server's certificate is not trusted: it is not valid at this time; check this machine's clock, or have the server's \
             certificate renewed"
                .into()
        }
        Problem::NotValidForName | Problem::NotValidForNameContext { .. } => {
            "the server's certificate is not trusted: it is for another host; check the host of the base URL".into()
        }
        _ => format!(
            "the server's certificate is not trusted by {trusted}; check the base URL, or add the CA's certificate with `http`: \
             `.http(move |http| http.tls_certs_merge([certificate.clone()]))`"
        ),
    })
}

#[cfg(not(feature = "tls"))]
fn certificate_advice(_: &(dyn StdError + 'static), _: &str) -> Option<String> {
    None
}

/// Text of another protocol, read as the head of a frame of HTTP/2. The error's type would be one more package.
fn no_http2(error: &(dyn StdError + 'static)) -> bool {
    error.to_string() == "connection error detected: frame with invalid size"
}

/// Hyper-util's error for a tunnel has no public type.
fn asks_for_password(error: &(dyn StdError + 'static)) -> bool {
    error.to_string() == "tunnel error: proxy authorization required"
}

#[cfg(not(feature = "tls"))]
fn of_tls(_: &(dyn StdError + 'static)) -> Option<TransportKind> {
    None
}

/// The connection stood, and the server sent nothing, or no HTTP.
fn of_connection(error: &(dyn StdError + 'static)) -> Option<TransportKind> {
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return match error {
            error if error.is_parse() => Some(TransportKind::NotHttp),
            error if error.is_incomplete_message() || error.is_canceled() || error.is_closed() => Some(TransportKind::Reset),
            error if error.source().is_some_and(no_http2) => Some(TransportKind::NotHttp),
            // Without a source, the server spoke before it was asked. Otherwise it is an I/O error, or one of HTTP/2.
            error => Some(error.source().map_or(TransportKind::NotHttp, |_| TransportKind::Reset)),
        };
    }
    error.downcast_ref::<io::Error>().map(|_| TransportKind::Reset)
}
