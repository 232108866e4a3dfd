async fn hello() {}

omnifn::main!(hello);
