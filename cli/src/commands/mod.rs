//! The commands, a file each.

pub mod build;
pub mod check;
pub mod completions;
pub mod cost;
pub mod doctor;
pub mod emit;
pub mod man;
pub mod manifest;
pub mod new;
pub mod package;
pub mod policy;

use crate::{
    cli::{Cli, Command},
    error::Result,
    output::Output,
};

/// Runs the command.
///
/// # Errors
/// Those of the command.
pub fn run(cli: Cli, output: &Output) -> Result<()> {
    match &cli.command {
        Command::New(args) => new::run(args, output),
        Command::Build(args) => build::run(args, output),
        Command::Manifest(args) => manifest::run(args, output),
        Command::Package(args) => package::run(args, output),
        Command::Emit(args) => emit::run(args, output),
        Command::Policy(args) => policy::run(args, output),
        Command::Check(args) => check::run(args, output),
        Command::Cost(args) => cost::run(args, output),
        Command::Doctor(args) => doctor::run(args, output),
        Command::Completions(args) => completions::run(args, output),
        Command::Man(args) => man::run(args, output),
    }
}
