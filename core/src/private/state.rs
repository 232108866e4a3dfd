use std::marker::PhantomData;

use crate::{App, Connect, StateParts};

/// The fn that makes a state in `omnifn::main!`. Method resolution selects one of two methods, by whether the state has parts.
pub struct Made<C, Arguments>(Option<C>, PhantomData<fn() -> Arguments>);

impl<C, Arguments> std::fmt::Debug for Made<C, Arguments> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Made").finish_non_exhaustive()
    }
}

/// Wraps the fn.
pub fn made<Arguments, C: Connect<Arguments>>(connect: C) -> Made<C, Arguments> {
    Made(Some(connect), PhantomData)
}

/// Adds the state to an app.
pub type Add = Box<dyn FnOnce(App) -> App>;

/// The method for a state with parts.
pub trait ViaParts {
    /// Adds the state and its parts.
    fn omnifn_state(&mut self) -> Add;
}

impl<Arguments: 'static, C: Connect<Arguments>> ViaParts for &mut &mut Made<C, Arguments>
where
    C::State: StateParts,
{
    fn omnifn_state(&mut self) -> Add {
        let connect = self.0.take();
        Box::new(|app| connect.into_iter().fold(app, |app, connect| app.state_from(connect).parts::<C::State>()))
    }
}

/// The method for any other state.
pub trait ViaWhole {
    /// Adds the state.
    fn omnifn_state(&mut self) -> Add;
}

impl<Arguments: 'static, C: Connect<Arguments>> ViaWhole for &mut Made<C, Arguments> {
    fn omnifn_state(&mut self) -> Add {
        let connect = self.0.take();
        Box::new(|app| connect.into_iter().fold(app, App::state_from))
    }
}

/// The method for a fn that makes no state. [`made`] has already reported that, and one error is enough.
pub trait ViaNothing {
    /// Adds nothing.
    fn omnifn_state(&mut self) -> Add;
}

impl<Arguments, C> ViaNothing for Made<C, Arguments> {
    fn omnifn_state(&mut self) -> Add {
        Box::new(|app| app)
    }
}
