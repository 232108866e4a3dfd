//! The fns that run once: at the start of a program, when it is restored from a snapshot, and at shutdown.

use std::{any::Any, future::Future, pin::Pin};

use crate::{Env, Error, FromEnv, StateMap};

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// An async fn that makes a state: `async fn connect(…) -> Result<T, E>`, with up to two of [`Env`] and
/// [`Config`](crate::Config) as its arguments.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a valid function that creates the state",
    label = "not an `async fn(…) -> Result<T, E>`",
    note = "it takes up to two arguments, `Env` and `Config<T>`, its state is `Clone + Send + Sync`, and its error converts into `omnifn::Error`"
)]
pub trait Connect<Arguments>: Send + 'static {
    /// The type of the state.
    type State: Any + Clone + Send + Sync;

    /// Creates the state.
    fn connect(self, env: &Env) -> BoxFuture<Result<Self::State, Error>>;
}

/// A hook: `async fn(…) -> ()` or `-> Result<(), E>`, with the app's state as its argument, or with none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a valid hook",
    label = "not an `async fn(State) -> Result<(), E>`",
    note = "it takes the app's state or nothing, and returns nothing or a `Result<(), E>`"
)]
pub trait Hook<Arguments>: Send + 'static {
    /// Runs the hook.
    fn run(self, state: &StateMap) -> BoxFuture<Result<(), Error>>;
}

/// The return value of a [`Hook`].
pub trait Done {
    /// Converts the value into a result.
    fn done(self) -> Result<(), Error>;
}

impl Done for () {
    fn done(self) -> Result<(), Error> {
        Ok(())
    }
}

impl<E: Into<Error>> Done for Result<(), E> {
    fn done(self) -> Result<(), Error> {
        self.map_err(Into::into)
    }
}

macro_rules! connect {
    ($($argument:ident),*) => {
        impl<F, Fut, T, E, $($argument),*> Connect<($($argument,)*)> for F
        where
            F: FnOnce($($argument),*) -> Fut + Send + 'static,
            Fut: Future<Output = Result<T, E>> + Send + 'static,
            T: Any + Clone + Send + Sync,
            E: Into<Error>,
            $($argument: FromEnv,)*
        {
            type State = T;

            #[allow(non_snake_case, reason = "a type and its value have one name here")]
            fn connect(self, env: &Env) -> BoxFuture<Result<T, Error>> {
                let arguments = <($($argument,)*)>::from_env(env);
                let started = arguments.map(|($($argument,)*)| self($($argument),*));
                Box::pin(async move { started?.await.map_err(Into::into) })
            }
        }
    };
}

connect!();
connect!(A);
connect!(A, B);

impl<F, Fut> Hook<()> for F
where
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future<Output: Done> + Send + 'static,
{
    fn run(self, _: &StateMap) -> BoxFuture<Result<(), Error>> {
        let running = self();
        Box::pin(async move { running.await.done() })
    }
}

impl<F, Fut, S> Hook<(S,)> for F
where
    F: FnOnce(S) -> Fut + Send + 'static,
    Fut: Future<Output: Done> + Send + 'static,
    S: Any + Clone,
{
    fn run(self, state: &StateMap) -> BoxFuture<Result<(), Error>> {
        let running = state.require::<S>().map(self);
        Box::pin(async move { running?.await.done() })
    }
}
