//! What `tracing` hears of requests: a span for each call, an event for each try, and no secret.
#![cfg(feature = "tracing")]

mod stub;

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use harbour_api::{Berths, HttpResponse};
use stub::{Step, TOKEN, page_body, refused, scripted};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down what it hears.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<String>>);

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Listener {
    fn line(&self, what: &str, record: impl FnOnce(&mut Fields<'_>)) {
        let mut heard = self.0.lock().unwrap();
        heard.push_str(what);
        record(&mut Fields(&mut heard));
        heard.push('\n');
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "placewise"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.line(span.metadata().name(), |fields| span.record(fields));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.line("span", |fields| values.record(fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.line(event.metadata().level().as_str(), |fields| event.record(fields));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn spans_and_events_say_what_became_of_each_try() {
    let (client, _) = scripted(|_, sent| match sent {
        0 => Step::Reply(page_body(1, Some("next")).header("x-request-id", "r-1")),
        1 => Step::Reply(
            HttpResponse::new(429).header("retry-after", "2").header("x-cost", "3").body(format!("{{\"message\": \"{TOKEN}\"}}")),
        ),
        2 => Step::Reply(page_body(2, None)),
        _ => refused(403, "", ""),
    });
    let client = client.build().unwrap();
    let listener = Listener::default();
    let heard = Arc::clone(&listener.0);
    let _default = tracing::subscriber::set_default(listener);
    client.collect_all(Berths::by_kind()).await.unwrap();
    client.fetch(Berths::by_kind()).await.unwrap_err();
    let heard = heard.lock().unwrap();
    for expected in [
        "request report=\"berths\" page=1\n",
        "DEBUG message=succeeded tries=1 status=200 tokens=4 bytes=",
        "request_id=\"r-1\"",
        "request report=\"berths\" page=2\n",
        "WARN message=failed, will be sent again tries=1 status=429 tokens=3",
        "wait=2.",
        "span tries=2\nspan status=200\nspan tokens=7\n",
        "request report=\"berths\"\n",
        "ERROR message=failed error=report berths: status 403",
    ] {
        assert!(heard.contains(expected), "{expected} not in\n{heard}");
    }
    assert!(!heard.contains(TOKEN) && heard.contains("(hidden)"), "{heard}");
}
