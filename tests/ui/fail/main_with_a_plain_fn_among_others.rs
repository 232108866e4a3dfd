mod notes {
    pub async fn list() {}
}

#[omnifn::function(get = "/hello")]
async fn hello() {}

omnifn::main!(hello, notes::list);
