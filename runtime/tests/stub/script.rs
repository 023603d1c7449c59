//! A server without a network: a function answers each request. With a paused clock, time passes only where the client waits.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use harbour_api::{
    Client, ClientBuilder, Customers, HttpRequest, HttpResponse, Sending, Transport, TransportFault, TransportKind,
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{NOW, TOKEN};

/// What becomes of a request.
pub enum Step {
    Reply(HttpResponse),
    After(Duration, HttpResponse),
    Fault(TransportKind),
    Silence,
}

/// The requests so far: when each came, and its body.
pub type Log = Arc<Mutex<Vec<(Instant, Value)>>>;

type Answer = dyn Fn(&Value, usize) -> Step + Send + Sync;

struct Script {
    answer: Box<Answer>,
    log: Log,
}

impl Transport for Script {
    fn send(&self, request: HttpRequest) -> Sending {
        let body = request.body.as_deref().map_or(Value::Null, |body| serde_json::from_str(body).expect("JSON"));
        let mut log = self.log.lock().expect("a log");
        let step = (self.answer)(&body, log.len());
        log.push((Instant::now(), body));
        Box::pin(async move {
            match step {
                Step::Reply(response) => Ok(response),
                Step::After(wait, response) => {
                    sleep(wait).await;
                    Ok(response)
                }
                Step::Fault(kind) => Err(TransportFault::new(kind, "scripted")),
                Step::Silence => pending().await,
            }
        })
    }
}

/// A client of a server that answers the body and the number of a request, with the default retries.
pub fn scripted(answer: impl Fn(&Value, usize) -> Step + Send + Sync + 'static) -> (ClientBuilder<Client>, Log) {
    let log = Log::default();
    let script = Script { answer: Box::new(answer), log: Arc::clone(&log) };
    let builder = Client::builder().base_url("http://127.0.0.1").token(TOKEN).customers(Customers::all()).transport(script);
    (builder.clock(|| NOW.parse().expect("a time")), log)
}

/// A success with this body.
pub fn ok(body: &Value) -> HttpResponse {
    HttpResponse::new(200).body(body.to_string())
}

/// An error status, with a header if the value is not empty.
pub fn refused(status: u16, name: &'static str, value: &str) -> Step {
    let response = HttpResponse::new(status);
    Step::Reply(if value.is_empty() { response } else { response.header(name, value) })
}

/// A page of one row `{"berths": n}`.
pub fn page_body(count: i64, next: Option<&str>) -> HttpResponse {
    ok(&json!({"lines": [{"berths": count}], "more": {"at": next}})).header("x-cost", "4")
}
