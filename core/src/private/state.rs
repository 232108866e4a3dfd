use std::marker::PhantomData;

use crate::{App, Connect, StateParts};

/// The fn that makes a state in `omnifn::main!`. Method resolution selects one of two methods, by whether the state has parts.
pub struct StateFunction<C, Arguments>(Option<C>, PhantomData<fn() -> Arguments>);

impl<C, Arguments> std::fmt::Debug for StateFunction<C, Arguments> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StateFunction").finish_non_exhaustive()
    }
}

/// Wraps the fn.
pub fn state_function<Arguments, C: Connect<Arguments>>(connect: C) -> StateFunction<C, Arguments> {
    StateFunction(Some(connect), PhantomData)
}

/// Adds the state to an app.
pub type Add = Box<dyn FnOnce(App) -> App>;

/// The method for a state with parts.
pub trait StateWithParts {
    /// Adds the state and its parts.
    fn omnifn_state(&mut self) -> Add;
}

impl<Arguments: 'static, C: Connect<Arguments>> StateWithParts for &mut &mut StateFunction<C, Arguments>
where
    C::State: StateParts,
{
    fn omnifn_state(&mut self) -> Add {
        let connect = self.0.take();
        Box::new(|app| connect.into_iter().fold(app, |app, connect| app.state_from(connect).parts::<C::State>()))
    }
}

/// The method for any other state.
pub trait StateWithoutParts {
    /// Adds the state.
    fn omnifn_state(&mut self) -> Add;
}

impl<Arguments: 'static, C: Connect<Arguments>> StateWithoutParts for &mut StateFunction<C, Arguments> {
    fn omnifn_state(&mut self) -> Add {
        let connect = self.0.take();
        Box::new(|app| connect.into_iter().fold(app, App::state_from))
    }
}

/// The method for a fn that makes no state. [`state_function`] has already reported that, and one error is enough.
pub trait StateFallback {
    /// Adds nothing.
    fn omnifn_state(&mut self) -> Add;
}

impl<Arguments, C> StateFallback for StateFunction<C, Arguments> {
    fn omnifn_state(&mut self) -> Add {
        Box::new(|app| app)
    }
}
