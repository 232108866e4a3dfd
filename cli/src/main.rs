//! `cargo omnifn`.

fn main() -> std::process::ExitCode {
    cargo_omnifn::run(std::env::args_os())
}
