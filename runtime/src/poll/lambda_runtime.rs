//! The loop of the crate `lambda_runtime`: the one place that knows it.

use std::{
    future::Future,
    mem,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use ::lambda_runtime::{
    LambdaEvent, LambdaInvocation, Runtime, service_fn,
    tower::{Layer, Service},
};
use omnifn_core::{Adapter, Error, ErrorKind};

use super::{
    answer::answer,
    backoff::Backoff,
    client::{Client, RuntimeApi},
    message::ReplyTo,
};
use crate::{dispatch::Dispatch, env, log, panic};

/// Answers events, as many at once as `AWS_LAMBDA_MAX_CONCURRENCY` says, which that crate reads itself. Where its loop
/// ends, it is begun anew after a pause.
pub(super) async fn run<A: Adapter>(
    api: Arc<RuntimeApi>,
    dispatch: Arc<Dispatch<A>>,
    snap_start: bool,
) -> Result<(), Error> {
    has_its_settings()?;
    let answered = Arc::new(AtomicBool::new(false));
    let mut backoff = Backoff::default();
    loop {
        let answers = Answers {
            api: api.clone(),
            dispatch: dispatch.clone(),
            answered: answered.clone(),
            client: Slot::default(),
        };
        let running = async { Runtime::new(service_fn(never)).layer(answers).run_concurrent().await };
        let why = match panic::catch(pin!(running)).await {
            Ok(Ok(())) => "the loop of `lambda_runtime` ended".to_owned(),
            Ok(Err(error)) => format!("the loop of `lambda_runtime` ended: {error}"),
            Err(message) => format!("the loop of `lambda_runtime` panicked: {message}"),
        };
        if snap_start {
            // Begun anew it would ask to be restored once more.
            return Err(Error::new(ErrorKind::Config, why));
        }
        if answered.swap(false, Ordering::Relaxed) {
            backoff.reset();
        }
        backoff.wait(why).await;
    }
}

/// What that crate panics without.
fn has_its_settings() -> Result<(), Error> {
    let memory = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";
    for name in ["AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", memory] {
        let value = env::var(name);
        if value.is_none() || (name == memory && value.is_some_and(|value| value.parse::<i32>().is_err())) {
            let words = format!(
                "{name} is missing or not what it should be, and the loop of `lambda_runtime` cannot run without it; \
                 omnifn's own loop can: OMNIFN_AWS_LOOP=own"
            );
            return Err(Error::new(ErrorKind::Config, words));
        }
    }
    Ok(())
}

/// The handler that its constructor asks for. The layer puts [`Answers`] in its place.
async fn never(_: LambdaEvent<()>) -> Result<(), ::lambda_runtime::Error> {
    Err("this handler has no events".into())
}

/// Answers whole invocations, posting by our own client.
struct Answers<A> {
    api: Arc<RuntimeApi>,
    dispatch: Arc<Dispatch<A>>,
    /// Whether an invocation came through since it was asked last.
    answered: Arc<AtomicBool>,
    client: Slot,
}

/// A client between two invocations: gone while one uses it.
type Slot = Arc<Mutex<Option<Client>>>;

impl<A> Clone for Answers<A> {
    fn clone(&self) -> Self {
        Answers {
            api: self.api.clone(),
            dispatch: self.dispatch.clone(),
            answered: self.answered.clone(),
            // Each worker has a connection of its own.
            client: Slot::default(),
        }
    }
}

impl<A, S> Layer<S> for Answers<A> {
    type Service = Self;

    fn layer(&self, _never: S) -> Self {
        self.clone()
    }
}

impl<A: Adapter> Service<LambdaInvocation> for Answers<A> {
    type Response = ();
    type Error = ::lambda_runtime::Error;
    type Future = Pin<Box<dyn Future<Output = Result<(), Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let Answers { api, dispatch, answered, client: slot } = self.clone_for_call();
        Box::pin(async move {
            let LambdaInvocation { parts, body, .. } = invocation;
            match ReplyTo::read(&parts.headers) {
                Ok(to) => {
                    let mut client = take(&slot).unwrap_or_else(|| Client::new(api));
                    answer(&dispatch, &mut client, &to, parts.headers, body).await;
                    put(&slot, client);
                    answered.store(true, Ordering::Relaxed);
                }
                Err(why) => log::warn(format_args!("{why}")),
            }
            Ok(())
        })
    }
}

impl<A> Answers<A> {
    /// The same with the same connection.
    fn clone_for_call(&self) -> Self {
        Answers { client: self.client.clone(), ..self.clone() }
    }
}

fn take(slot: &Slot) -> Option<Client> {
    mem::take(&mut *slot.lock().unwrap_or_else(PoisonError::into_inner))
}

fn put(slot: &Slot, client: Client) {
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(client);
}
