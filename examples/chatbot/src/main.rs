//! A chat bot that answers webhooks: `cargo run -p chatbot`.

use chatbot::{connect, github, slack};

omnifn::main!(slack::command, github::webhook; state = connect);
