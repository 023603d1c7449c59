//! An HTTP server on a loopback port.
//!
//! It runs on its own thread with its own tokio runtime. Replies are computed on further threads, so a slow one, such as the first of a large
//! report, delays no other.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header::HeaderName};
use axum::response::Response;
use placewise_model::ErrorName;
use tokio::sync::oneshot;

use crate::api::reply::Reply;
use crate::api::request::Request;
use crate::api::request_log::RecordedRequest;
use crate::api::simulated_api::SimulatedApi;
use crate::setup::simulator::Simulator;
use crate::start_error::StartError;

/// The largest request body in bytes. A limit is undocumented.
const MOST_BODY: usize = 1 << 20;

/// A running simulator. Dropping it stops the server.
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
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(StartError::Bind)?;
        listener.set_nonblocking(true).map_err(StartError::Bind)?;
        let address = listener.local_addr().map_err(StartError::Bind)?;
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
        let thread = std::thread::Builder::new().name("placewise-simulator".into()).spawn(run).map_err(StartError::Bind)?;
        // The thread always sends before it ends.
        started.recv().unwrap_or(Ok(())).map_err(StartError::Bind)?;
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

    /// Stops the server and waits until the port is free.
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
        tokio::spawn(async move { axum::serve(listener, router).await });
        let _ = ready.send(Ok(()));
        // Open connections end with the runtime and do not delay the stop. A dropped sender stops too.
        let _ = stopped.await;
        Ok(())
    });
    // Nobody waits any longer for a reply that is still being computed.
    runtime.shutdown_background();
    result
}

async fn handle(State(api): State<Arc<SimulatedApi>>, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut request = Request::new(parts.method.as_str(), parts.uri.path());
    request.query = parts.uri.query().map(str::to_owned);
    request.headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
    // A body that breaks off also counts as too large; its sender is gone.
    request.body = to_bytes(body, MOST_BODY).await.ok().map(Vec::from);
    let answer = move || response(api.answer(&request));
    // This fails only if computing the reply panics.
    tokio::task::spawn_blocking(answer).await.unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// Converts a reply. Header names and values come from the model; those that HTTP does not allow are omitted.
fn response(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
