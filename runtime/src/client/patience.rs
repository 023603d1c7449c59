//! Timeouts that count only the time in which the server is waited for.
//!
//! A task that nobody ran, because its thread was busy or its future was not polled, notices a timeout late. The answer may have been there
//! all along, so a late timeout starts again, once: a thread that is always busy must not wait for ever.

use std::{future::Future, future::poll_fn, pin::pin, task::Poll, time::Duration};

use tokio::time::{Instant, sleep, sleep_until};

/// Longer timeouts than this mean "never", and cannot overflow a clock.
pub(super) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A timer that is later than this was not looked after.
const LATE: Duration = Duration::from_millis(50);

/// How long one call may still wait.
pub(super) struct Patience {
    /// For one answer, or one part of it.
    read: Duration,
    /// In all.
    left: Duration,
}

/// The wait took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expired {
    Read(Duration),
    Total,
}

/// A timeout, as it can be set.
pub(super) fn clamped(timeout: Duration) -> Duration {
    timeout.min(LONGEST)
}

impl Patience {
    pub(super) fn new(read: Duration, total: Duration) -> Self {
        Self { read: clamped(read), left: clamped(total) }
    }

    /// Time that the call may still take.
    pub(super) fn left(&self) -> Duration {
        self.left
    }

    /// Waits for the server.
    pub(super) async fn wait<T>(&mut self, future: impl Future<Output = T>) -> Result<T, Expired> {
        let window = self.read.min(self.left);
        let mut future = pin!(future);
        // The future's own timers, such as that for connecting, start before this one, so they end first if they are no longer.
        if let Poll::Ready(answer) = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await {
            return Ok(answer);
        }
        let start = Instant::now();
        let mut timer = pin!(sleep(window));
        let mut again = true;
        let answer = poll_fn(|cx| {
            loop {
                if let Poll::Ready(answer) = future.as_mut().poll(cx) {
                    return Poll::Ready(Some(answer));
                }
                if timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                let now = Instant::now();
                let late = now.saturating_duration_since(timer.deadline()) > LATE.max(window / 64);
                if !late || !std::mem::take(&mut again) {
                    return Poll::Ready(None);
                }
                timer.set(sleep_until(now + window));
            }
        });
        let answer = answer.await;
        self.left = self.left.saturating_sub(start.elapsed().min(window));
        answer.ok_or(if self.left.is_zero() { Expired::Total } else { Expired::Read(self.read) })
    }

    /// Waits before the next try.
    pub(super) async fn rest(&mut self, wait: Duration) {
        sleep(wait).await;
        self.rested(wait);
    }

    /// So much time was spent waiting for something other than the server.
    pub(super) fn rested(&mut self, wait: Duration) {
        self.left = self.left.saturating_sub(wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};
    use tokio::time::advance;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn only_awaited_time_counts() {
        let mut patience = Patience::new(SECOND, 10 * SECOND);
        assert_eq!(patience.wait(sleep(SECOND / 2)).await, Ok(()));
        assert_eq!(patience.left(), 19 * SECOND / 2);
        // Nobody looks for 30 s; the answer comes half a second after that.
        let mut waiting = pin!(patience.wait(sleep(61 * SECOND / 2)));
        assert!(poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx).is_pending())).await);
        advance(30 * SECOND).await;
        assert_eq!(waiting.await, Ok(()));
        let mut patience = Patience::new(SECOND, 10 * SECOND);
        assert_eq!(patience.wait(pending::<()>()).await, Err(Expired::Read(SECOND)));
        assert_eq!(patience.wait(ready(3)).await, Ok(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_that_is_always_seen_late_ends_too() {
        let mut patience = Patience::new(SECOND, 2 * SECOND);
        for expired in [Expired::Read(SECOND), Expired::Total] {
            let mut waiting = pin!(patience.wait(pending::<()>()));
            for _ in 0..2 {
                assert!(poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx).is_pending())).await);
                advance(30 * SECOND).await;
            }
            assert_eq!(poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx))).await, Poll::Ready(Err(expired)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_ends_at_its_timeout() {
        let mut patience = Patience::new(Duration::MAX, Duration::MAX);
        assert_eq!(patience.wait(sleep(100 * SECOND)).await, Ok(()));
        let mut patience = Patience::new(SECOND, 3 * SECOND);
        patience.rest(SECOND).await;
        for _ in 0..2 {
            assert!(patience.left() > Duration::ZERO);
            assert_eq!(patience.wait(sleep(SECOND * 9 / 10)).await, Ok(()));
        }
        assert_eq!(patience.wait(sleep(SECOND)).await, Err(Expired::Total));
    }
}
