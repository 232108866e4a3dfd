//! A function for each kind of trigger: `cargo run -p triggers` prints a command that calls each of them.

use triggers::*;

omnifn::main!(welcome, settle, announce, measure, index, nightly, placed, balance);
