//! `cargo omnifn man`

use crate::{error::Result, output::Output};

/// Write the manual's pages.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs it.
///
/// # Errors
/// As it says.
pub fn run(args: &Args, output: &Output) -> Result<()> {
    let _ = (args, output);
    Ok(())
}
