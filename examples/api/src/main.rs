//! Notes over HTTP: `cargo run -p api`.

use api::{attachments, connect, export, notes, session};

omnifn::main!(
    notes::create, notes::list, notes::read, notes::update, notes::delete,
    attachments::attach, attachments::download, export::export,
    session::home, session::login, session::whoami;
    state = connect
);
