//! `cargo run --release -p omnifn-bench`: omnifn beside its peers, as tables. See `benches/README.md`.

mod bench;

use std::process::ExitCode;

fn main() -> ExitCode {
    match bench::run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("omnifn-bench: {why}");
            ExitCode::FAILURE
        }
    }
}
