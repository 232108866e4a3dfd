use omnifn::prelude::*;

#[derive(Clone, FromRef)]
enum AppState {
    Open,
}

fn main() {
    let _ = AppState::Open;
}
