#![allow(dead_code)]

use omnifn::prelude::*;

#[derive(Clone, FromRef)]
struct AppState {
    greeting: String,
    farewell: String,
}

fn main() {}
