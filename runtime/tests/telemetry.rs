//! What `tracing` hears of requests: a span for each call, an event for each try, and no secret.
#![cfg(feature = "tracing")]

mod stub;

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use harbour_api::{Berths, HttpResponse, blocking};
use stub::{Step, TOKEN, page_body, refused, scripted};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Instrument as _, Metadata, Subscriber, info_span};
use tracing_core::span::Current;

/// Writes down what it hears, with the span in which it hears it.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    text: String,
    /// The spans so far; the id of the first is 1.
    spans: Vec<&'static Metadata<'static>>,
    /// Those that were entered.
    entered: Vec<u64>,
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Heard {
    fn line(&mut self, what: &str, record: impl FnOnce(&mut Fields<'_>)) {
        if let Some((_, outer)) = self.current() {
            self.text.push_str(outer.name());
            self.text.push('>');
        }
        self.text.push_str(what);
        record(&mut Fields(&mut self.text));
        self.text.push('\n');
    }

    fn current(&self) -> Option<(u64, &'static Metadata<'static>)> {
        let id = *self.entered.last()?;
        Some((id, self.spans[id as usize - 1]))
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        ["placewise", "telemetry"].contains(&metadata.target())
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut heard = self.0.lock().unwrap();
        heard.line(span.metadata().name(), |fields| span.record(fields));
        heard.spans.push(span.metadata());
        Id::from_u64(heard.spans.len() as u64)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.0.lock().unwrap().line("recorded", |fields| values.record(fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.0.lock().unwrap().line(event.metadata().level().as_str(), |fields| event.record(fields));
    }

    fn enter(&self, span: &Id) {
        self.0.lock().unwrap().entered.push(span.into_u64());
    }

    fn exit(&self, _: &Id) {
        self.0.lock().unwrap().entered.pop();
    }

    fn current_span(&self) -> Current {
        let current = self.0.lock().unwrap().current();
        current.map_or_else(Current::none, |(id, metadata)| Current::new(Id::from_u64(id), metadata))
    }
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
    let caller = info_span!("caller");
    client.collect_all(Berths::by_kind()).instrument(caller).await.unwrap();
    client.fetch(Berths::by_kind()).await.unwrap_err();
    let heard = &heard.lock().unwrap().text;
    for expected in [
        // Pages are fetched in tasks of their own, in the span of who takes the rows.
        "\ncaller>request report=\"berths\" page=1\n",
        "\nrequest>DEBUG message=succeeded tries=1 status=200 tokens=4 bytes=",
        "request_id=\"r-1\"",
        "\ncaller>request report=\"berths\" page=2\n",
        "\nrequest>WARN message=failed, will be sent again tries=1 status=429 tokens=3",
        "wait=2.",
        "\nrequest>DEBUG message=held by the rate limiter wait=",
        "\ncaller>recorded tries=2\ncaller>recorded status=200\ncaller>recorded tokens=7\n",
        "\nrequest report=\"berths\"\n",
        "\nrequest>ERROR message=failed error=report berths: status 403",
    ] {
        assert!(heard.contains(expected), "{expected} not in\n{heard}");
    }
    assert!(!heard.contains(TOKEN) && heard.contains("(hidden)"), "{heard}");
}

#[test]
fn a_scoped_subscriber_hears_a_blocking_client_too() {
    let answer = |body: &harbour_api::Json, _| Step::Reply(page_body(1, body["after"].is_null().then_some("next")));
    let client = blocking::ApiClient::new(scripted(answer).0.build().unwrap()).unwrap();
    let listener = Listener::default();
    let heard = Arc::clone(&listener.0);
    tracing::subscriber::with_default(listener, || {
        client.fetch(Berths::by_kind()).unwrap();
        assert_eq!(client.stream(Berths::by_kind()).count(), 2);
    });
    let heard = &heard.lock().unwrap().text;
    assert_eq!(heard.matches("\nrequest>DEBUG message=succeeded").count(), 3, "{heard}");
}
