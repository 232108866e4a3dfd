use std::{
    future::{Future, ready},
    pin::Pin,
};

use crate::{Error, StateMap};

/// What runs once more, each once.
#[derive(Default)]
pub(crate) struct Hooks {
    hooks: Vec<Hook>,
    /// The way to run them. By a pointer, which the first one sets: an app that has none needs no code for it.
    run: Option<Run>,
}

type Hook = Box<dyn FnOnce(&StateMap) -> BoxFuture<'static> + Send>;
type Run = for<'s> fn(Vec<Hook>, &'s StateMap) -> BoxFuture<'s>;
pub(crate) type BoxFuture<'f> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'f>>;

impl Hooks {
    pub(super) fn add(&mut self, hook: Hook) {
        self.hooks.push(hook);
        self.run = Some(run);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.hooks.is_empty()
    }

    /// Runs each, whatever becomes of the others.
    ///
    /// # Errors
    /// The first one's that failed.
    pub(crate) fn run(self, state: &StateMap) -> BoxFuture<'_> {
        match self.run {
            Some(run) => run(self.hooks, state),
            None => Box::pin(ready(Ok(()))),
        }
    }
}

fn run(hooks: Vec<Hook>, state: &StateMap) -> BoxFuture<'_> {
    Box::pin(async move {
        let mut result = Ok(());
        for hook in hooks {
            result = result.and(hook(state).await);
        }
        result
    })
}
