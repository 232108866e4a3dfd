//! Never built: the tests read its Cargo.toml.

fn main() {}
