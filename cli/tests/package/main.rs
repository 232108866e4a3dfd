//! `cargo omnifn package`: what is made, that it is the same every time, that what is unfit is named, and that each artifact answers.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "the other suites use the rest")]
mod programs;
#[path = "../support/cargo.rs"]
mod cargo;

mod answers;
mod artifacts;
mod azure;
mod binaries;
mod command;
mod list;
mod unfit;
