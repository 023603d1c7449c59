//! Connections that end or close when a fault says so.
//!
//! Only the connection knows how many bytes of a response, its head included, have been sent.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

use crate::api::simulated_api::SimulatedApi;
use crate::faults::plan::{Cut, CutHow, CutOf};

/// The end of a response's head.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// Accepts connections that faults can end.
pub(crate) struct FaultyListener(pub(crate) TcpListener);

impl Listener for FaultyListener {
    type Io = FaultyStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (FaultyStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (FaultyStream { stream, orders: Orders::default(), idle: None }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A fault that is met once the connection ends. Dropped before, it says why it was not met.
pub(crate) struct Pending {
    pub(crate) api: Arc<SimulatedApi>,
    pub(crate) fault: Option<usize>,
    pub(crate) otherwise: String,
}

impl Pending {
    fn met(mut self) {
        self.fault.take().into_iter().for_each(|index| self.api.faults.met(index));
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let otherwise = std::mem::take(&mut self.otherwise);
        self.fault.take().into_iter().for_each(|index| self.api.faults.missed(index, otherwise.clone()));
    }
}

/// What ends a connection.
pub(crate) enum Ending {
    Cut(Cut),
    Idle(Duration),
}

/// The response that a connection sends, and how the connection ends. Shared with the handler of its requests.
#[derive(Clone, Default)]
pub(crate) struct Orders(Arc<Mutex<Response>>);

#[derive(Default)]
struct Response {
    ending: Option<(Ending, Pending)>,
    /// Bytes sent.
    sent: u64,
    /// Length of the head, once it was sent or is about to be.
    head: Option<u64>,
    /// The last bytes sent of a head.
    tail: Vec<u8>,
}

impl Orders {
    /// Starts a response.
    pub(crate) fn start(&self, ending: Option<(Ending, Pending)>) {
        *self.response() = Response { ending, ..Response::default() };
    }

    fn response(&self) -> MutexGuard<'_, Response> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connected<IncomingStream<'_, FaultyListener>> for Orders {
    fn connect_info(stream: IncomingStream<'_, FaultyListener>) -> Self {
        stream.io().orders.clone()
    }
}

impl Response {
    /// How many of the bytes may be sent before a cut; `None` for all.
    fn before_cut(&mut self, bytes: &[u8]) -> Option<usize> {
        let Some((Ending::Cut(Cut { at, of, .. }), _)) = self.ending else { return None };
        let start = match of {
            CutOf::Response => 0,
            CutOf::Body => self.head_length(bytes)?,
        };
        let left = start.saturating_add(at).saturating_sub(self.sent);
        usize::try_from(left).ok().filter(|left| *left < bytes.len())
    }

    /// Length of the head if it ends within these bytes or before.
    fn head_length(&mut self, bytes: &[u8]) -> Option<u64> {
        if self.head.is_none() {
            let seen = [&self.tail, bytes].concat();
            let end = seen.windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD)? + END_OF_HEAD.len();
            self.head = Some(self.sent + (end - self.tail.len()) as u64);
        }
        self.head
    }

    fn sent(&mut self, bytes: &[u8]) {
        self.sent += bytes.len() as u64;
        let kept = END_OF_HEAD.len() - 1;
        self.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(kept)..]);
        self.tail.drain(..self.tail.len().saturating_sub(kept));
    }

    /// The idle time after which the connection closes.
    fn idle(&self) -> Option<Duration> {
        match &self.ending {
            Some((Ending::Idle(time), _)) if self.sent > 0 => Some(*time),
            _ => None,
        }
    }
}

/// A connection.
pub(crate) struct FaultyStream {
    stream: TcpStream,
    orders: Orders,
    /// Ends when the connection has been idle for long enough.
    idle: Option<Pin<Box<Sleep>>>,
}

impl FaultyStream {
    /// The error that makes the server drop the connection.
    fn cut(&self, how: CutHow) -> io::Error {
        if how == CutHow::Reset {
            // Zero does not block, and `set_zero_linger` is newer than the oldest tokio that this package accepts.
            #[allow(deprecated)]
            let _ = self.stream.set_linger(Some(Duration::ZERO));
        }
        io::ErrorKind::ConnectionAborted.into()
    }
}

impl AsyncRead for FaultyStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let Some(idle) = self.idle.as_mut() else { return read };
        if read.is_ready() {
            self.idle = None;
            return read;
        }
        ready!(idle.as_mut().poll(cx));
        self.idle = None;
        if let Some((_, pending)) = self.orders.response().ending.take() {
            pending.met();
        }
        // As if the client had closed the connection: the server closes it too.
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for FaultyStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let most = self.orders.response().before_cut(bytes);
        if most == Some(0)
            && let Some((Ending::Cut(cut), pending)) = self.orders.response().ending.take()
        {
            pending.met();
            return Poll::Ready(Err(self.cut(cut.how)));
        }
        let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[..most.unwrap_or(bytes.len())]))?;
        let idle = {
            let mut response = self.orders.response();
            response.sent(&bytes[..sent]);
            response.idle()
        };
        self.idle = idle.map(|time| Box::pin(sleep(time)));
        // Nobody reads until something arrives, so the end of the idle time has to wake the reader.
        if self.idle.as_mut().is_some_and(|idle| idle.as_mut().poll(cx).is_ready()) {
            cx.waker().wake_by_ref();
        }
        Poll::Ready(Ok(sent))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
