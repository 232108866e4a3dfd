//! Thumbnails of uploaded pictures: `cargo run -p thumbnail`.

use thumbnail::{connect, uploads};

omnifn::main!(uploads::thumbnail; state = connect);
