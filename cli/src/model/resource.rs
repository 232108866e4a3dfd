use serde::Serialize;

use super::ResourceKind;

/// A resource as a stage has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Resource {
    /// What kind of thing it is.
    pub kind: ResourceKind,
    /// Its name in the source.
    pub logical: String,
    /// Its name in this stage.
    pub name: String,
    /// Whether it is made with the functions; else it is there already.
    pub create: bool,
}
