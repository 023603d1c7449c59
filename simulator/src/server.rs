//! The HTTP side: a thread with its own runtime, a loopback port, a log of what was asked. In comes a service; out comes a handle
//! that stops everything when it is dropped. Answers are worked out on threads of their own, so that one that takes long, such as the
//! first of a large report, holds up no other.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header::HeaderName};
use axum::response::Response;
use placewise_model::ErrorName;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::error::StartError;
use crate::reply::Reply;
use crate::service::{Ask, Service};

/// The largest request body that is read. No limit is documented; a filter of a megabyte is a mistake.
const MOST_BODY: usize = 1 << 20;
/// How many requests are remembered, the latest ones.
const MOST_REMEMBERED: usize = 10_000;

/// One request that the simulator answered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Asked {
    /// The HTTP method.
    pub method: String,
    /// The path, without a query.
    pub path: String,
    /// The query string, where there was one.
    pub query: Option<String>,
    /// Those of the model's headers that were there, by their names in the model; never a token.
    pub headers: BTreeMap<String, String>,
    /// The body, where it was JSON.
    pub body: Option<Value>,
    /// The status of the answer.
    pub status: u16,
    /// Tokens that it took.
    pub cost: u32,
}

/// A running simulator. Dropping it stops it.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    service: Service,
    log: Mutex<VecDeque<Asked>>,
}

impl Server {
    pub(crate) fn start(service: Service, port: u16) -> Result<Self, StartError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(StartError::Bind)?;
        listener.set_nonblocking(true).map_err(StartError::Bind)?;
        let address = listener.local_addr().map_err(StartError::Bind)?;
        let shared = Arc::new(Shared { service, log: Mutex::default() });
        let router = Router::new().fallback(handle).with_state(Arc::clone(&shared));
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = mpsc::channel();
        // The runtime lives and ends on its own thread, so that a simulator can be started and dropped inside another runtime.
        let run = move || {
            let result = run(listener, router, stopped, &ready);
            // Nobody listens any more where the server had started.
            let _ = ready.send(result);
        };
        let thread = std::thread::Builder::new().name("placewise-simulator".into()).spawn(run).map_err(StartError::Bind)?;
        // The thread always sends before it ends.
        started.recv().unwrap_or(Ok(())).map_err(StartError::Bind)?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// The base address, without a trailing slash.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What was asked so far, the oldest first; of very many only the latest.
    pub fn requests(&self) -> Vec<Asked> {
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Rate-limit tokens spent so far.
    pub fn spent(&self) -> u64 {
        self.shared.service.limiter.spent()
    }

    /// Refuses the next request with that error, whatever it asks; called again, the one after it too. For errors that nothing in
    /// a request brings about, such as maintenance.
    pub fn refuse_next(&self, error: ErrorName) {
        self.shared.service.refusals.lock().unwrap_or_else(PoisonError::into_inner).push_back(error);
    }

    /// Stops the server and waits until the port is free.
    pub fn stop(self) {}
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It fails only where the thread has ended by itself.
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

/// Serves until told to stop. Says through `ready` that it serves; what it returns before that is why it does not.
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
        // Open connections do not hold up the stop: they end with the runtime. A dropped sender stops too.
        let _ = stopped.await;
        Ok(())
    });
    // An answer that is still being worked out has nobody left who waits for it.
    runtime.shutdown_background();
    result
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // A body that cannot be read to its end has no caller left to care how it is refused.
    let body = to_bytes(body, MOST_BODY).await.ok();
    let answer = move || {
        let ask = Ask {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query(),
            headers: &parts.headers,
            body: body.as_deref(),
        };
        let reply = shared.service.answer(&ask);
        shared.remember(&ask, &reply);
        respond(reply)
    };
    // It fails only where the answer itself came to no end.
    tokio::task::spawn_blocking(answer).await.unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

impl Shared {
    fn remember(&self, ask: &Ask<'_>, reply: &Reply) {
        let asked = Asked {
            method: ask.method.to_owned(),
            path: ask.path.to_owned(),
            query: ask.query.map(str::to_owned),
            headers: self.open_headers(ask.headers),
            body: ask.body.and_then(|body| serde_json::from_slice(body).ok()),
            status: reply.status,
            cost: reply.cost,
        };
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() == MOST_REMEMBERED {
            log.pop_front();
        }
        log.push_back(asked);
    }

    /// The headers that the model names, but those that carry secrets.
    fn open_headers(&self, given: &HeaderMap) -> BTreeMap<String, String> {
        let named = &self.service.model.api.headers;
        let secret = |name: &str| [&named.token, &named.user_token].iter().any(|header| header.name.eq_ignore_ascii_case(name));
        let open = named.all().into_iter().map(|(_, header)| &header.name).filter(|name| !secret(name));
        open.filter_map(|name| Some((name.clone(), given.get(name)?.to_str().ok()?.to_owned()))).collect()
    }
}

/// Turns an answer into HTTP. Names and values come from the model, so one that HTTP does not allow is left out.
fn respond(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
