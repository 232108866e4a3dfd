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
pub struct StateMap(Vec<Entry>);

struct Entry {
    id: TypeId,
    name: &'static str,
    value: Box<dyn Any + Send + Sync>,
    /// The name of the state that it is a part of, where it was taken for one.
    part_of: Option<&'static str>,
}

impl StateMap {
    /// Adds a value, which replaces an earlier one of the same type.
    pub fn insert<T: Any + Send + Sync>(&mut self, value: T) {
        let id = TypeId::of::<T>();
        self.0.retain(|entry| entry.id != id);
        self.0.push(Entry { id, name: type_name::<T>(), value: Box::new(value), part_of: None });
    }

    /// Adds those values whose types are missing here.
    pub(crate) fn add_missing(&mut self, other: StateMap) {
        for entry in other.0 {
            if self.of(entry.id).is_none() {
                self.0.push(entry);
            }
        }
    }

    /// Adds the parts of a state, behind what was given by itself.
    ///
    /// # Errors
    /// Another state has a part of that type: the type, and the other state.
    pub(crate) fn add_parts(
        &mut self,
        parts: StateMap,
        whole: &'static str,
    ) -> Result<(), (&'static str, &'static str)> {
        for part in parts.0 {
            match self.of(part.id).map(|there| there.part_of) {
                None => self.0.push(Entry { part_of: Some(whole), ..part }),
                Some(None) => {}
                Some(Some(other)) if other == whole => {}
                Some(Some(other)) => return Err((part.name, other)),
            }
        }
        Ok(())
    }

    fn of(&self, id: TypeId) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.id == id)
    }

    /// Returns a clone of the value of type `T`.
    ///
    /// # Errors
    /// The app has no such state; the error explains how to provide it.
    pub fn require<T: Any + Clone>(&self) -> Result<T, Error> {
        self.get().cloned().ok_or_else(|| Error::new(ErrorKind::Config, self.missing(type_name::<T>())))
    }

    /// Explains how to provide a state whose type is missing here.
    pub(crate) fn missing(&self, name: &str) -> String {
        let given = match self.0.iter().map(|entry| entry.name).collect::<Vec<_>>() {
            none if none.is_empty() => String::new(),
            names => format!(", only of `{}`", names.join("`, `")),
        };
        format!(
            "no state of type `{name}` was provided{given}: write `omnifn::main!(…; state = connect)`, where `connect` makes \
             one, or `App::state`"
        )
    }

    /// Returns whether there is a value of a type.
    pub(crate) fn has(&self, id: TypeId) -> bool {
        self.of(id).is_some()
    }

    /// The value of type `T`.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.of(TypeId::of::<T>())?.value.downcast_ref()
    }
}

impl fmt::Debug for StateMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|entry| entry.name)).finish()
    }
}
