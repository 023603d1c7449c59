//! The simulator without a network, behind a transport. With a paused clock, nothing takes time.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use harbour_api::{HttpRequest, HttpResponse, Json, MODEL, Sending, Transport, TransportFault, TransportKind};
use placewise_simulator::{CutOf, Reply, Request, SimulatedApi, Simulator};
use tokio::time::sleep;

/// The headers of responses that the client reads.
const HEADERS: [&str; 5] = ["content-type", "retry-after", "x-bucket", "x-remaining", "x-cost"];

/// Carries requests to a simulated API.
#[derive(Clone)]
pub struct InProcess(pub Arc<SimulatedApi>);

impl Transport for InProcess {
    fn send(&self, request: HttpRequest) -> Sending {
        let target = request.url.query().map_or(String::new(), |query| format!("?{query}"));
        let mut asked = Request::new(request.method.as_str(), &format!("{}{target}", request.url.path()));
        for (name, value) in &request.headers {
            asked = asked.header(name.as_str(), value.as_bytes());
        }
        asked.body = request.body.map(String::into_bytes);
        let reply = self.0.answer(&asked);
        Box::pin(deliver(reply))
    }
}

/// Answers only so many requests.
pub struct Failing {
    pub api: InProcess,
    pub left: AtomicUsize,
}

impl Transport for Failing {
    fn send(&self, request: HttpRequest) -> Sending {
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_ok() { self.api.send(request) } else { Box::pin(async { Ok(HttpResponse::new(503)) }) }
    }
}

/// The bytes of a response's head, roughly.
const HEAD: u64 = 100;

/// Carries a reply out, with what a fault makes of it.
async fn deliver(reply: Reply) -> Result<HttpResponse, TransportFault> {
    sleep(reply.delivery.latency).await;
    let cut = reply.delivery.cut.map(|cut| if cut.of == CutOf::Body { cut.at + HEAD } else { cut.at });
    if cut.is_some_and(|at| at < HEAD) {
        return Err(TransportFault::new(TransportKind::Reset, "cut"));
    }
    let mut response = HttpResponse::new(reply.status);
    for name in HEADERS {
        if let Some(value) = reply.header(name) {
            response = response.header(name, value);
        }
    }
    let end = cut.map_or(reply.body.len(), |at| usize::try_from(at - HEAD).expect("a size").min(reply.body.len()));
    let broken = end < reply.body.len();
    let slow = reply.delivery.slow_body;
    let piece = slow.map_or(usize::MAX, |slow| usize::try_from(slow.piece.get()).expect("a size"));
    let chunks: Vec<Vec<u8>> = reply.body[..end].chunks(piece).map(<[u8]>::to_vec).collect();
    let pause = Duration::from_millis(slow.map_or(0, |slow| slow.pause_ms));
    let chunks = stream::iter(chunks).then(move |chunk| async move {
        sleep(pause).await;
        Ok(chunk)
    });
    let fault = broken.then(|| Err(TransportFault::new(TransportKind::Body, "cut")));
    Ok(response.chunks(Box::pin(chunks.chain(stream::iter(fault)))))
}

/// A simulator of the invented API, with these limits of timeseries.
pub fn simulator(most_time_points: u32, most_data_points: u32, fewer_customers_than: u32) -> Simulator {
    let mut model: Json = serde_json::from_str(MODEL).expect("JSON");
    model["timeseries"]["most_time_points"] = most_time_points.into();
    model["timeseries"]["most_data_points"] = most_data_points.into();
    model["api"]["customers"]["fewer_than"] = fewer_customers_than.into();
    // Their time is that of the row, so that a test can put many of them close together.
    let traffic = model["reports"].as_array_mut().expect("reports").iter_mut().find(|report| report["name"] == "traffic");
    traffic.expect("a report")["simulate"]["events"]["begin"] = "built_at".into();
    Simulator::from_json(&model.to_string()).expect("a model")
}
