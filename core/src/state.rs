use std::{
    any::{Any, TypeId, type_name},
    fmt,
};

use crate::{Error, ErrorKind};

/// The values that the functions of an app share, one of each type.
///
/// ```
/// use omnifn_core::StateMap;
///
/// let mut state = StateMap::default();
/// state.insert(7_u32);
/// assert_eq!(state.get::<u32>(), Some(&7));
/// assert_eq!(state.get::<u64>(), None);
/// ```
#[derive(Default)]
pub struct StateMap(Vec<(TypeId, &'static str, Box<dyn Any + Send + Sync>)>);

impl StateMap {
    /// Adds a value; one of the same type that was there before is replaced.
    pub fn insert<T: Any + Send + Sync>(&mut self, value: T) {
        self.0.retain(|(id, ..)| *id != TypeId::of::<T>());
        self.0.push((TypeId::of::<T>(), type_name::<T>(), Box::new(value)));
    }

    /// These values and, of the types that are missing here, those.
    pub(crate) fn over(mut self, other: StateMap) -> StateMap {
        let missing = other.0.into_iter().filter(|(id, ..)| !self.0.iter().any(|(mine, ..)| mine == id));
        let missing: Vec<_> = missing.collect();
        self.0.extend(missing);
        self
    }

    /// A clone of the value of type `T`.
    ///
    /// # Errors
    /// There is none, and the error says how to give one.
    pub fn require<T: Any + Clone>(&self) -> Result<T, Error> {
        self.get().cloned().ok_or_else(|| {
            let name = type_name::<T>();
            let words = format!(
                "no state of type `{name}` was given: write `omnifn::main!(…; state = connect)`, where `connect` makes one, \
                 or `App::state`"
            );
            Error::new(ErrorKind::Config, words)
        })
    }

    /// The value of type `T`.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.iter().find(|(id, ..)| *id == TypeId::of::<T>())?.2.downcast_ref()
    }
}

impl fmt::Debug for StateMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(_, name, _)| name)).finish()
    }
}
