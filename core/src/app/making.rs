use std::{future::Future, pin::Pin};

use crate::{Env, Error, StateMap};

/// What of the state is not given, but made when the program starts.
#[derive(Default)]
pub(super) struct Making {
    start: Vec<Start>,
    parts: Vec<Part>,
    /// The way to make it. By a pointer, which the first of both sets: an app whose state is given needs no code for more.
    run: Option<Run>,
}

type Run = for<'e> fn(Making, StateMap, &'e Env) -> BoxFuture<'e, Result<StateMap, Error>>;
type BoxFuture<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

/// Makes a state, and says how it is inserted.
pub(super) type Start = Box<dyn FnOnce(&Env) -> BoxFuture<'static, Result<Insert, Error>> + Send>;
pub(super) type Insert = Box<dyn FnOnce(&mut StateMap) + Send>;
/// Makes a state of a part of another.
pub(super) type Part = Box<dyn FnOnce(&mut StateMap) -> Result<(), Error> + Send>;

impl Making {
    pub(super) fn add_start(&mut self, start: Start) {
        self.start.push(start);
        self.run = Some(run);
    }

    pub(super) fn add_part(&mut self, part: Part) {
        self.parts.push(part);
        self.run = Some(run);
    }

    /// What makes it of this, and of the state that is given; `None` where nothing is to be made.
    pub(super) fn run(&self) -> Option<Run> {
        self.run
    }
}

fn run(making: Making, given: StateMap, env: &Env) -> BoxFuture<'_, Result<StateMap, Error>> {
    Box::pin(async move {
        let mut state = StateMap::default();
        for start in making.start {
            start(env).await?(&mut state);
        }
        state.add_missing(given);
        for part in making.parts {
            part(&mut state)?;
        }
        Ok(state)
    })
}
