//! The tower layer between `lambda_runtime` and the app.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http::{Method, Request};
use lambda_runtime::{BoxFuture, LambdaInvocation, SnapStartResource};
use omnifn_core::{Adapter, Payload};
use tower_layer::Layer;
use tower_service::Service;
use tracing::Level;

use super::reply::{Answer, Client, Reply, ReplyTo};
use crate::{dispatch::Dispatch, log, otel, panic};

/// Answers invocations as raw bytes. As a layer it replaces the service that [`lambda_runtime::Runtime::new`] requires, which would
/// parse and serialize JSON.
pub(super) struct Invocations<A>(pub(super) Arc<Shared<A>>);

/// The state that all workers share.
pub(super) struct Shared<A> {
    pub(super) dispatch: Dispatch<A>,
    pub(super) client: Client,
    /// Whether an invocation was answered since the loop started.
    pub(super) answered: AtomicBool,
    /// Whether the process is shutting down.
    pub(super) stopping: AtomicBool,
}

impl<A> Clone for Invocations<A> {
    fn clone(&self) -> Self {
        Invocations(self.0.clone())
    }
}

impl<A, S> Layer<S> for Invocations<A> {
    type Service = Self;

    fn layer(&self, _replaced: S) -> Self {
        self.clone()
    }
}

impl<A: Adapter> Service<LambdaInvocation> for Invocations<A> {
    type Response = ();
    type Error = lambda_runtime::Error;
    type Future = BoxFuture<'static, Result<(), Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let shared = self.0.clone();
        Box::pin(async move { shared.answer(invocation).await })
    }
}

impl<A: Adapter> SnapStartResource for Shared<A> {
    fn after_restore(&self) -> BoxFuture<'_, Result<(), lambda_runtime::Error>> {
        Box::pin(async {
            match panic::catch(pin!(self.dispatch.router().restore())).await {
                Ok(restored) => restored.map_err(omnifn_core::Error::into_boxed),
                Err(panic) => Err(format!("the restore hook panicked: {panic}").into()),
            }
        })
    }
}

impl<A: Adapter> Shared<A> {
    /// Passes an event to the app, and posts the reply. When this returns, the next event is polled, and the platform may freeze the
    /// process.
    pub(super) async fn answer(&self, invocation: LambdaInvocation) -> Result<(), lambda_runtime::Error> {
        let LambdaInvocation { parts, body, context } = invocation;
        if !parts.status.is_success() {
            return Err(format!("the Runtime API answered {} to `next`", parts.status.as_u16()).into());
        }
        if self.stopping.load(Ordering::Relaxed) {
            // The stop hooks may have closed what the functions need, and the process ends soon.
            return std::future::pending().await;
        }
        let to = match ReplyTo::read(&parts.headers) {
            Ok(to) => to,
            Err(why) => {
                log::warn(format_args!("{why}"));
                return Ok(());
            }
        };
        let mut request = Request::new(Payload::Whole(body));
        *request.method_mut() = Method::POST;
        *request.headers_mut() = parts.headers;
        let reply = match panic::catch(pin!(self.dispatch.answer(request))).await {
            Ok(response) => Reply::from(response),
            Err(panic) => {
                report(Level::ERROR, &to, format_args!("the runtime panicked: {panic}"));
                Reply::failure("Runtime.Panicked", "the runtime panicked; the function's log has the details")
            }
        };
        match self.client.reply(&to, reply).await {
            Ok(answer) => self.settle(&to, answer).await,
            Err(why) => self.fail(&to, "Runtime.ReplyNotSent", &format!("the reply could not be sent: {why}")).await,
        }
        self.answered.store(true, Ordering::Relaxed);
        // The caller has received the reply by now.
        otel::after_invocation(deadline(context.deadline)).await;
        Ok(())
    }

    /// Handles the API's answer to a reply.
    async fn settle(&self, to: &ReplyTo, (status, text): Answer) {
        let (level, message) = match status.as_u16() {
            200..300 => return,
            413 => {
                let message = "the response is larger than Lambda accepts without streaming (6 MiB): make it smaller, stream it \
                               (OMNIFN_AWS_STREAMING=1), or answer with a link to it";
                return self.fail(to, "Function.ResponseSizeTooLarge", message).await;
            }
            410 => (Level::WARN, "410: the invocation had ended before its reply; if it timed out, raise its timeout"),
            403 => (
                Level::ERROR,
                "403: the platform expects no reply to this invocation; it was answered before, or has ended",
            ),
            400 => (Level::ERROR, "400: the platform did not understand the reply; the invocation has failed"),
            other => {
                return report(Level::ERROR, to, format_args!("the Runtime API answered {other} to the reply{text}"));
            }
        };
        report(level, to, format_args!("{message}{text}"));
    }

    /// Fails an invocation with an error of the runtime's own, and logs it.
    async fn fail(&self, to: &ReplyTo, error_type: &'static str, message: &str) {
        report(Level::ERROR, to, format_args!("{message}"));
        // If the API refuses this reply, the platform has ended the invocation itself.
        if let Err(why) = self.client.reply(to, Reply::failure(error_type, message)).await {
            report(Level::ERROR, to, format_args!("the failure could not be reported to the platform: {why}"));
        }
    }
}

/// The deadline of an invocation from its milliseconds since 1970. One in the past means that it is unknown: emulators send those.
fn deadline(millis: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_millis(millis)).filter(|deadline| *deadline > SystemTime::now())
}

fn report(level: Level, to: &ReplyTo, message: std::fmt::Arguments<'_>) {
    log::of_invocation(level, &to.request_id, message);
}
