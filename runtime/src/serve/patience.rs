//! Patience with slow clients, and its end.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    task::unconstrained,
    time::{Instant, Sleep, sleep, sleep_until},
};

/// A wait that has an end, and costs nothing where there is no wait. Its timer outlives it: the next wait, which begins with the next
/// request, most often, sets it again only when it has run out.
#[derive(Debug)]
pub(super) struct Wait {
    pub(super) patience: Duration,
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Wait {
    pub(super) fn new(patience: Duration) -> Self {
        Wait { patience, since: None, timer: None }
    }

    /// Nothing came: is it over?
    pub(super) fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(until) = self.since.get_or_insert_with(Instant::now).checked_add(self.patience) else { return false };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        loop {
            // Where the task has used up what tokio lets it do at once, there is still an end.
            if pin!(unconstrained(timer.as_mut())).poll(cx).is_pending() {
                return false;
            }
            if timer.deadline() >= until {
                return true;
            }
            timer.as_mut().reset(until);
        }
    }

    pub(super) fn end(&mut self) {
        self.since = None;
    }
}

/// A connection that waits for nothing may wait so long: longer than the balancers in front keep theirs, so that it is they who close.
const IDLE: Duration = Duration::from_secs(650);

/// The patience with a connection between two requests. It reads no clock for each: a time that a request came in is followed by
/// another whole one, so that in the end it is up to twice as long.
#[derive(Debug, Default)]
pub(super) struct Idle {
    timer: Option<Pin<Box<Sleep>>>,
    was_busy: bool,
}

impl Idle {
    /// A request came.
    pub(super) fn end(&mut self) {
        self.was_busy = true;
    }

    /// Nothing came: is it over? Always asked by the same task, which the timer wakes.
    pub(super) fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let is_new = self.timer.is_none();
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(IDLE)));
        if !is_new && !timer.is_elapsed() {
            return false;
        }
        if !is_new {
            if !std::mem::take(&mut self.was_busy) {
                return true;
            }
            timer.as_mut().reset(Instant::now() + IDLE);
        }
        matches!(timer.as_mut().poll(cx), Poll::Ready(()))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::advance;

    use super::*;

    /// Whether it is over when so much more time has passed.
    async fn after(time: Duration, mut is_over: impl FnMut(&mut Context<'_>) -> bool) -> bool {
        advance(time).await;
        poll_fn(|cx| Poll::Ready(is_over(cx))).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_is_as_long_as_it_says() {
        let (mut wait, second) = (Wait::new(Duration::from_secs(30)), Duration::from_secs(1));
        for _ in 0..3 {
            assert!(!after(Duration::ZERO, |cx| wait.is_over(cx)).await);
            assert!(!after(29 * second, |cx| wait.is_over(cx)).await);
            wait.end();
            assert!(!after(29 * second, |cx| wait.is_over(cx)).await);
            assert!(!after(29 * second, |cx| wait.is_over(cx)).await);
            assert!(after(2 * second, |cx| wait.is_over(cx)).await);
            wait.end();
        }
        assert!(!after(second, |cx| Wait::new(Duration::MAX).is_over(cx)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_idle_for_so_long_at_least() {
        let (mut idle, second) = (Idle::default(), Duration::from_secs(1));
        for _ in 0..3 {
            assert!(!after(Duration::ZERO, |cx| idle.is_over(cx)).await);
            assert!(!after(IDLE - second, |cx| idle.is_over(cx)).await);
            idle.end();
            // There was a request just before.
            assert!(!after(2 * second, |cx| idle.is_over(cx)).await);
            idle.end();
        }
        assert!(!after(IDLE + second, |cx| idle.is_over(cx)).await);
        assert!(after(IDLE + second, |cx| idle.is_over(cx)).await);
    }
}
