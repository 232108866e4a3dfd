#![doc = include_str!("../README.md")]
//!
//! # As a library
//!
//! What there is to know of a program stands in its binary, as notes that `#[function]` and `omnifn::main!` wrote ([`notes`]);
//! `[package.metadata.omnifn]` lays names, sizes and regions over it, for each stage ([`overlay`]). The two together are the
//! [`model`], and all commands ([`commands`]) start from there. Nothing here deploys: what is printed is the command that does.

pub mod args;
pub mod build;
pub mod cli;
pub mod cloud;
pub mod commands;
pub mod cost;
pub mod cron;
pub mod doctor;
pub mod emit;
pub mod error;
pub mod files;
pub(crate) mod literal;
pub mod load;
pub mod model;
pub mod notes;
pub mod output;
pub mod overlay;
pub mod package;
pub(crate) mod plan;
pub mod policy;
pub mod project;
mod shell;
pub mod support;
mod table;
pub mod template;
mod text;
mod usage;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser as _;

/// Runs the command that the arguments name, and reports what went wrong.
///
/// Exit codes: 0 done, 1 it failed, 2 the arguments are wrong, 3 a cloud cannot do what a function asks for, 4 an artifact is not fit
/// to be deployed.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = cli::without_subcommand_name(arguments);
    let cli = match cli::Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return usage::tell(&error, &arguments),
    };
    let output = output::Output::new(&cli.global);
    match cli.run(&output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !error.told {
                output.error(&error);
            }
            error.exit_code()
        }
    }
}
