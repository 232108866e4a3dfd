//! Where omnifn has another name.
#![allow(unreachable_pub, reason = "a module of a user's library is written so")]

mod framework {
    pub use omnifn as functions;
}

mod here {
    use crate::framework::functions::{App, function};

    // `::omnifn` is not meant here.
    #[function(get = "/a", crate = crate::framework::functions)]
    pub async fn inner(text: String) -> String {
        text
    }

    pub fn app() -> App {
        crate::framework::functions::app!(inner)
    }
}

#[omnifn::function(crate = ::omnifn)]
async fn outer() {}

fn main() {
    assert_eq!(here::app().function(outer {}).specs().map(|spec| spec.name).collect::<Vec<_>>(), ["inner", "outer"]);
}
