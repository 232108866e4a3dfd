use std::{
    collections::BTreeMap,
    ops::{Deref, DerefMut},
};

use omnifn_spec::{Owned, Spec};
use serde::Serialize;

use super::FunctionNote;

/// A function as a stage has it: what the source declares, with the settings that apply instead, and the variables that it gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Function {
    /// The declaration.
    #[serde(flatten)]
    pub spec: Spec<Owned>,
    /// Variables that it gets.
    pub environment: BTreeMap<String, String>,
    /// The key of each variable in `[package.metadata.omnifn]`.
    #[serde(skip)]
    pub(crate) environment_keys: BTreeMap<String, String>,
}

impl Deref for Function {
    type Target = Spec<Owned>;

    fn deref(&self) -> &Spec<Owned> {
        &self.spec
    }
}

impl DerefMut for Function {
    fn deref_mut(&mut self) -> &mut Spec<Owned> {
        &mut self.spec
    }
}

impl From<FunctionNote> for Function {
    fn from(note: FunctionNote) -> Self {
        Function { spec: note.declared, environment: BTreeMap::new(), environment_keys: BTreeMap::new() }
    }
}
