#![allow(dead_code)]

use omnifn::prelude::*;

#[derive(Clone, FromRef)]
struct AppState {
    #[from_ref(ignore)]
    greeting: String,
}

fn main() {}
