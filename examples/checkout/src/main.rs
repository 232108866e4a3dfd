//! The price of a cart, and the sign-up of members: `cargo run -p checkout`.

omnifn::main!(checkout::price::price, checkout::members::sign_up);
