//! One function of each kind: `cargo run -p triggers`, and the list that it prints has a command for each.

use triggers::*;

omnifn::main!(welcome, settle, announce, measure, index, nightly, placed, balance);
