//! Prices of carts, and who may become a member: `cargo run -p checkout`.

omnifn::main!(checkout::price::price, checkout::members::sign_up);
