#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

use std::rc::Rc;

#[function(get = "/a")]
async fn hello() -> String {
    let name = Rc::new(String::new());
    std::future::ready(()).await;
    name.to_string()
}

fn main() {}
