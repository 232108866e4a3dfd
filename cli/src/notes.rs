//! The notes that `#[function]` and `omnifn::main!` left in a binary.

use std::path::Path;

use crate::{
    error::{Error, Result},
    model::{FunctionNote, ProgramNote},
};

/// What a binary says of itself.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    /// What `omnifn::main!` wrote; none where the program has a `main` of its own.
    pub program: Option<ProgramNote>,
    /// Every function in the binary, also those that the program does not have.
    pub functions: Vec<FunctionNote>,
}

/// Reads a binary's notes.
///
/// # Errors
/// It cannot be read, is no binary, or holds no notes.
pub fn read(path: &Path) -> Result<Manifest> {
    Err(Error::new("omnifn::notes", format!("{} holds no notes", path.display())))
}
