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
