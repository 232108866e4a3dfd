//! Functions of the program, of a crate that it depends on, and of a module that nobody calls.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]
#![allow(clippy::unused_async, reason = "they do nothing")]

use omnifn::prelude::*;

/// Nobody calls it, and it is in no program.
mod never_called {
    use omnifn::prelude::*;

    #[function(queue = "nobody", secret = "NEVER")]
    async fn never_called(message: Message<String>) {
        drop(message);
    }
}

#[function(get = "/hello/{name}", visibility = "public", memory = 128)]
async fn hello(Path(name): Path<String>) -> String {
    format!("Hello, {name}!")
}

omnifn::main!(hello, parts::settle);
