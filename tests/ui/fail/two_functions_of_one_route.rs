#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/notes/{id}")]
async fn read(Path(id): Path<u64>) {}

#[function(get = "/notes/{note}", put = "/notes/{note}")]
async fn show(Path(note): Path<u64>) {}

omnifn::main!(read, show);
