//! What `tracing` hears of a request: a span for the call, and an event for each try. They hold the errors' messages, the request's id and
//! the bucket: text of the server, bounded and with secrets hidden, as in errors.

#[cfg(feature = "tracing")]
mod on {
    use std::{fmt::Display, future::Future, path::Path, time::Duration};

    use tracing::instrument::WithSubscriber as _;
    use tracing::{Instrument as _, Level, Span, event, field, span};

    use crate::{error::Error, error::subject::Subject, meta::Meta};

    /// The span of a call.
    pub(in crate::client) struct Call(Span);

    impl Call {
        pub(in crate::client) fn start(subject: Subject, page: Option<u64>) -> Self {
            Self(span!(
                target: "placewise",
                Level::INFO,
                "request",
                report = subject.report,
                endpoint = subject.endpoint,
                page,
                status = field::Empty,
                tries = field::Empty,
                tokens = field::Empty,
            ))
        }

        /// Runs the call in its span.
        pub(in crate::client) async fn run<T>(&self, call: impl Future<Output = T>) -> T {
            call.instrument(self.0.clone()).await
        }

        /// What became of it.
        pub(in crate::client) fn ended(&self, meta: &Meta) {
            self.0.record("tries", meta.tries);
            if let Some(status) = meta.status {
                self.0.record("status", status);
            }
            if let Some(tokens) = meta.tokens {
                self.0.record("tokens", tokens);
            }
        }
    }

    /// Runs all requests of a history in one span.
    pub(in crate::client) async fn history<T>(report: &'static str, requests: impl Future<Output = T>) -> T {
        requests.instrument(span!(target: "placewise", Level::INFO, "history", report)).await
    }

    /// Work of another task or thread, in the span of who asked for it, and heard by their subscriber.
    pub(in crate::client) fn in_span_of_caller<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
        work.in_current_span().with_current_subscriber()
    }

    /// A try that succeeded.
    pub(in crate::client) fn succeeded(meta: &Meta) {
        let Meta { tries, status, tokens, bytes, .. } = meta;
        let (bucket, request_id) = (meta.bucket.as_deref(), meta.request_id.as_deref());
        event!(target: "placewise", Level::DEBUG, tries, status, tokens, bytes, bucket, request_id, "succeeded");
    }

    /// A try that failed, and the wait before the next.
    pub(in crate::client) fn waits(meta: &Meta, error: &Error, wait: Duration) {
        let Meta { tries, status, tokens, .. } = meta;
        let (bucket, request_id) = (meta.bucket.as_deref(), meta.request_id.as_deref());
        let wait = wait.as_secs_f64();
        event!(target: "placewise", Level::WARN, tries, status, tokens, bucket, request_id, wait, %error, "failed, will be sent again");
    }

    /// A call that the limiter holds, probably for so many seconds.
    pub(in crate::client) fn held(seconds: f64) {
        event!(target: "placewise", Level::DEBUG, wait = seconds, "held by the rate limiter");
    }

    /// The limiter's file is of no use.
    pub(in crate::client) fn limiter_file(path: &Path, problem: &dyn Display) {
        let file = path.display();
        event!(target: "placewise", Level::WARN, %file, %problem, "the rate limiter cannot use its file");
    }

    /// A call that failed.
    pub(in crate::client) fn failed(error: &Error) {
        event!(target: "placewise", Level::ERROR, %error, "failed");
    }
}

#[cfg(not(feature = "tracing"))]
mod on {
    use std::{fmt::Display, future::Future, path::Path, time::Duration};

    use crate::{error::Error, error::subject::Subject, meta::Meta};

    pub(in crate::client) struct Call;

    impl Call {
        pub(in crate::client) fn start(_: Subject, _: Option<u64>) -> Self {
            Self
        }

        pub(in crate::client) async fn run<T>(&self, call: impl Future<Output = T>) -> T {
            call.await
        }

        pub(in crate::client) fn ended(&self, _: &Meta) {}
    }

    pub(in crate::client) async fn history<T>(_: &'static str, requests: impl Future<Output = T>) -> T {
        requests.await
    }

    pub(in crate::client) fn in_span_of_caller<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
        work
    }

    pub(in crate::client) fn succeeded(_: &Meta) {}

    pub(in crate::client) fn waits(_: &Meta, _: &Error, _: Duration) {}

    pub(in crate::client) fn held(_: f64) {}

    pub(in crate::client) fn limiter_file(_: &Path, _: &dyn Display) {}

    pub(in crate::client) fn failed(_: &Error) {}
}

pub(super) use on::{Call, failed, held, history, in_span_of_caller, limiter_file, succeeded, waits};
