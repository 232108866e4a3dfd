//! A crate that allows nothing, imports nothing, and has names of its own for what is common.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, clippy::all, clippy::pedantic)]
#![no_implicit_prelude]

use ::omnifn::{extract::Path, function, http::Method};
use ::std::string::String as Text;

/// No result.
#[derive(Debug)]
pub struct Result;
/// No option.
#[derive(Debug)]
pub struct Option;
/// No string.
#[derive(Debug)]
pub struct String;
/// Not the standard library.
pub mod std {}
/// Not the core library.
pub mod core {}
/// Not omnifn.
pub mod omnifn {}

impl Result {
    /// Not `Ok`.
    #[must_use]
    pub fn ok() -> (Result, Option, String) {
        (Result, Option, String)
    }
}

/// Greets.
#[function(get = "/hello/{name}")]
pub async fn hello(method: Method, Path(name): Path<Text>) -> Text {
    let _ = (Result::ok(), method);
    name
}

/// Does nothing.
#[function]
async fn nothing() {}

/// Is there on no machine.
#[function(get = "/never")]
#[cfg(any())]
async fn never() -> DoesNotExist {}

/// Is old.
///
/// # Errors
/// None.
#[function(get = "/old")]
#[deprecated]
pub async fn old(arg0: Text) -> ::std::result::Result<Text, ::omnifn::Error> {
    ::std::result::Result::Ok(arg0)
}

mod notes {
    use ::omnifn::function;

    #[function(get = "/notes")]
    pub(crate) async fn list() {}
}

#[allow(deprecated)]
mod program {
    use super::{hello, notes, nothing, old};

    async fn connect() -> ::omnifn::Result<u8> {
        ::std::result::Result::Ok(7)
    }

    pub(crate) fn app() -> ::omnifn::App {
        ::omnifn::app!(hello, notes::list, nothing, old; state = connect)
    }
}

/// A program, but not this one.
#[allow(dead_code)]
mod served {
    ::omnifn::main!(super::hello, super::notes::list);
}

fn main() {
    let app = program::app();
    let names = ::std::iter::Iterator::map(app.specs(), |spec| spec.name);
    ::std::assert!(::std::iter::Iterator::eq(names, ["hello", "list", "nothing", "old"]));
    let _ = hello;
}
