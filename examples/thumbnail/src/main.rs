//! Smaller pictures of those that are uploaded: `cargo run -p thumbnail`.

use thumbnail::{connect, uploads};

omnifn::main!(uploads::thumbnail; state = connect);
