//! An HTTP server on a loopback port.
//!
//! It runs on its own thread with its own tokio runtime. Replies are computed on further threads, so a slow one, such as the first of a large
//! report, delays no other.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use axum::response::Response;
use futures_util::stream;
use placewise_model::{ErrorName, Model};
use tokio::sync::oneshot;

use crate::api::reply::Reply;
use crate::api::request::Request;
use crate::api::request_log::RecordedRequest;
use crate::api::simulated_api::SimulatedApi;
use crate::faults::account::{FaultAccount, UnmetFaults};
use crate::faults::delivery::Delivery;
use crate::http::wire::{Ending, FaultyListener, Orders, Pending};
use crate::setup::simulator::Simulator;
use crate::start_error::StartError;

/// The largest request body in bytes. A limit is undocumented.
const MOST_BODY: usize = 1 << 20;

/// The largest part of a body in bytes that is made at once.
const MOST_PART: usize = 1 << 16;

/// A running simulator. Dropping it stops the server, and panics if an ordered fault was never met and nobody called
/// [`check_faults`](Self::check_faults).
pub struct Server {
    address: SocketAddr,
    api: Arc<SimulatedApi>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts the server on its own thread.
    ///
    /// # Errors
    /// As [`build`](Self::build), and if the port is not available.
    pub fn start(self) -> Result<Server, StartError> {
        let port = self.port;
        Server::start(self.build()?, port)
    }
}

impl Server {
    fn start(api: SimulatedApi, port: u16) -> Result<Self, StartError> {
        let failure = |error| StartError::Bind { port, error };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failure)?;
        listener.set_nonblocking(true).map_err(failure)?;
        let address = listener.local_addr().map_err(failure)?;
        let api = Arc::new(api);
        let router = Router::new().fallback(handle).with_state(Arc::clone(&api));
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = mpsc::channel();
        // The runtime starts and ends on its own thread, so a simulator can start and stop inside another runtime.
        let run = move || {
            let result = run(listener, router, stopped, &ready);
            // After a successful start nobody receives this.
            let _ = ready.send(result);
        };
        let thread = std::thread::Builder::new().name("placewise-simulator".into()).spawn(run).map_err(failure)?;
        // The thread always sends before it ends.
        started.recv().unwrap_or(Ok(())).map_err(failure)?;
        Ok(Self { address, api, stop: Some(stop), thread: Some(thread) })
    }

    /// Base URL without a trailing slash.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The requests so far; see [`SimulatedApi::requests`].
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.api.requests()
    }

    /// Rate-limit tokens spent so far.
    pub fn spent(&self) -> u64 {
        self.api.spent()
    }

    /// Rate-limit tokens that others took so far; see [`Simulator::drain`].
    pub fn drained(&self) -> u64 {
        self.api.drained()
    }

    /// Refuses the next request with that error; see [`SimulatedApi::refuse_next`].
    pub fn refuse_next(&self, error: ErrorName) {
        self.api.refuse_next(error);
    }

    /// The model; see [`SimulatedApi::model`].
    pub fn model(&self) -> &Model {
        self.api.model()
    }

    /// The account of the ordered faults; see [`SimulatedApi::faults`].
    pub fn faults(&self) -> Vec<FaultAccount> {
        self.api.faults()
    }

    /// Checks that each ordered fault was met; see [`SimulatedApi::check_faults`].
    ///
    /// # Errors
    /// The faults that no request met.
    pub fn check_faults(&self) -> Result<(), UnmetFaults> {
        self.api.check_faults()
    }

    /// Stops the server and waits until the port is free. Panics as dropping it does.
    pub fn stop(self) {}
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // This fails only if the thread has already ended.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // The API may end on another thread, where a panic would fail no test.
        self.api.faults.end();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Serves until stopped. Sends to `ready` once it serves; an error returned before that is why it does not.
fn run(
    listener: TcpListener,
    router: Router,
    stopped: oneshot::Receiver<()>,
    ready: &mpsc::Sender<io::Result<()>>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        tokio::spawn(async move {
            axum::serve(FaultyListener(listener), router.into_make_service_with_connect_info::<Orders>()).await
        });
        let _ = ready.send(Ok(()));
        // Open connections end with the runtime and do not delay the stop. A dropped sender stops too.
        let _ = stopped.await;
        Ok(())
    });
    // Nobody waits any longer for a reply that is still being computed.
    runtime.shutdown_background();
    result
}

async fn handle(
    State(api): State<Arc<SimulatedApi>>,
    ConnectInfo(orders): ConnectInfo<Orders>,
    request: axum::extract::Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut request = Request::new(parts.method.as_str(), parts.uri.path());
    request.query = parts.uri.query().map(str::to_owned);
    request.headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
    // A body that breaks off also counts as too large; its sender is gone.
    request.body = to_bytes(body, MOST_BODY).await.ok().map(Vec::from);
    let answering = Arc::clone(&api);
    let answer = move || answering.answer_undelivered(&request);
    // This fails only if computing the reply panics.
    let Ok((reply, fault)) = tokio::task::spawn_blocking(answer).await else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        return response;
    };
    let latency = reply.delivery.latency;
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    orders.start(ending(&reply.delivery, api, fault));
    response(reply)
}

/// What ends the connection within or after the response. A fault without such an end is met by now.
fn ending(delivery: &Delivery, api: Arc<SimulatedApi>, fault: Option<usize>) -> Option<(Ending, Pending)> {
    let (ending, otherwise) = match (delivery.cut, delivery.close_idle) {
        (Some(cut), _) => (Ending::Cut(cut), format!("the response ended before byte {}", cut.at)),
        (_, Some(time)) => (Ending::Idle(time), format!("the connection was not idle for {} ms", time.as_millis())),
        _ => {
            fault.into_iter().for_each(|index| api.faults.met(index));
            return None;
        }
    };
    Some((ending, Pending { api, fault, otherwise }))
}

/// Converts a reply. Header names and values come from the model or a fault plan; those that HTTP does not allow are omitted.
fn response(reply: Reply) -> Response {
    let Reply { status, headers, .. } = &reply;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes())) {
            response.headers_mut().insert(name, value);
        }
    }
    let length = reply.length();
    *response.body_mut() = if reply.delivery.slow_body.is_some() || length > reply.body.len() as u64 {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
        streamed(reply)
    } else {
        Body::from(reply.body)
    };
    response
}

/// A body in parts, with pauses between them if it is slow.
fn streamed(reply: Reply) -> Body {
    let slow = reply.delivery.slow_body;
    let piece = slow.map_or(MOST_PART, |slow| usize::try_from(slow.piece.get()).unwrap_or(usize::MAX).min(MOST_PART));
    let parts = stream::unfold((reply, 0_u64, 0_u64), move |(reply, from, pauses)| async move {
        let part = reply.part(from, piece);
        if part.is_empty() {
            return None;
        }
        let mut next = pauses;
        if let Some(slow) = slow.filter(|slow| from > 0 && slow.times.is_none_or(|times| pauses < times.get())) {
            tokio::time::sleep(Duration::from_millis(slow.pause_ms)).await;
            next += 1;
        }
        let end = from + part.len() as u64;
        Some((Ok::<_, Infallible>(part), (reply, end, next)))
    });
    Body::from_stream(parts)
}
