//! The thread behind a blocking client. It keeps running between calls, so it notices connections that the server closes.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use tokio::runtime::{self, Handle};
use tokio::sync::oneshot;

use super::trace;
use crate::error::Error;

/// A thread with an async runtime. It ends when this is dropped.
pub(super) struct Engine {
    runtime: Handle,
    _stop: oneshot::Sender<()>,
}

impl Engine {
    pub(super) fn start() -> Result<Self, Error> {
        let failed = |error| Error::configuration("blocking", format!("cannot start a thread for requests: {error}"));
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (stop, stopped) = oneshot::channel();
        let handle = runtime.handle().clone();
        let work = move || {
            let _ = runtime.block_on(stopped);
        };
        thread::Builder::new().name("placewise-client".into()).spawn(work).map_err(failed)?;
        Ok(Self { runtime: handle, _stop: stop })
    }

    /// Runs a future on the engine's thread and blocks this one.
    pub(super) fn run<T: Send + 'static>(&self, future: impl Future<Output = T> + Send + 'static) -> T {
        match self.wait(self.runtime.spawn(trace::in_span_of_caller(future))) {
            Ok(value) => value,
            // The engine outlives the call, so nothing cancels it.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Blocks this thread until a future is ready that only waits for tasks. Tasks that it starts run on the engine's thread.
    pub(super) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        let _entered = self.runtime.enter();
        let mut future = pin!(future);
        let unpark = Arc::new(Unpark { thread: thread::current(), woken: AtomicBool::new(false) });
        let waker = Waker::from(Arc::clone(&unpark));
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return value;
            }
            // Other code on this thread may use up the token of `unpark`, and `park` may return without one.
            while !unpark.woken.swap(false, Ordering::Acquire) {
                thread::park();
            }
        }
    }
}

struct Unpark {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    #[test]
    fn a_wakeup_is_not_lost_to_other_code_that_parks_the_thread() {
        let mut polls = 0;
        let second_time = poll_fn(|cx| {
            polls += 1;
            if polls == 2 {
                return Poll::Ready(polls);
            }
            cx.waker().wake_by_ref();
            thread::park();
            Poll::Pending
        });
        assert_eq!(Engine::start().unwrap().wait(second_time), 2);
    }
}
