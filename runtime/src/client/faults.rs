//! Tells the failures of reqwest apart. Its own questions do not: a certificate is a "connect" error, and so is a timeout.

use std::{error::Error as StdError, io};

use crate::error::transport::{TransportFault, TransportKind};

/// A failure before the head of the response.
pub(super) fn of_request(error: reqwest::Error) -> TransportFault {
    fault(kind(&error), error)
}

/// A failure while the body arrives.
pub(super) fn of_body(error: reqwest::Error) -> TransportFault {
    fault(if error.is_timeout() { TransportKind::Timeout } else { TransportKind::Body }, error)
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
            // Without a source, the server spoke before it was asked. Otherwise it is an I/O error, or one of HTTP/2.
            error => Some(error.source().map_or(TransportKind::NotHttp, |_| TransportKind::Reset)),
        };
    }
    error.downcast_ref::<io::Error>().map(|_| TransportKind::Reset)
}
