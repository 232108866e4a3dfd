#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

mod notes {
    use omnifn::prelude::*;

    #[function(get = "/notes")]
    pub async fn list() {}
}

#[function(get = "/tasks")]
async fn list() {}

omnifn::main!(notes::list, list);
