use std::{
    future::{Future, ready},
    pin::Pin,
};

use crate::{Error, StateMap};

/// What runs once more, each once: one that runs all, with what it needs behind it. An app that has none is without that.
#[derive(Default)]
pub(crate) struct Hooks(Option<Run>);

type Run = Box<dyn for<'s> FnOnce(&'s StateMap) -> BoxFuture<'s> + Send>;
pub(crate) type BoxFuture<'f> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'f>>;

impl Hooks {
    /// Adds one, behind those that are there.
    pub(super) fn add(&mut self, hook: impl FnOnce(&StateMap) -> BoxFuture<'static> + Send + 'static) {
        let before = std::mem::take(self);
        self.0 = Some(Box::new(move |state| {
            Box::pin(async move {
                let result = before.run(state).await;
                result.and(hook(state).await)
            })
        }));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Runs each, whatever becomes of the others.
    ///
    /// # Errors
    /// The first one's that failed.
    pub(crate) fn run(self, state: &StateMap) -> BoxFuture<'_> {
        match self.0 {
            Some(run) => run(state),
            None => Box::pin(ready(Ok(()))),
        }
    }
}
