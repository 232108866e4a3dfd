//! The zip of AWS Lambda: `bootstrap`, and nothing else.

use super::{Input, deploy, elf::Machine, entry::Entry, kind::Kind, make::Draft, platform};
use crate::model::Function;

/// One zip for all functions, or one for each: the same binary, of which `OMNIFN_FUNCTION` makes one function.
///
/// A binary for each function would need a `main` for each in the source, and hold nearly the same: what a function is made of
/// is mostly what all are made of.
pub(super) fn drafts<'a>(input: &Input<'a>, machine: Machine, bytes: &'a [u8]) -> Vec<Draft<'a>> {
    let app = input.app;
    let zip = |name: &str, functions: Vec<&'a Function>| {
        let name = format!("{name}.zip");
        let path = input.out.join("aws").join(&name);
        let own = functions.clone();
        Draft {
            kind: Kind::Zip,
            name,
            entries: vec![Entry::new("bootstrap", 0o755, bytes)],
            executable: "bootstrap".to_owned(),
            platform: &platform::AWS,
            functions,
            words: Vec::new(),
            deploy: Box::new(move |size| deploy::aws(app, &own, &path, size, machine)),
        }
    };
    if input.split || app.aws.split == Some(true) {
        return app.functions.iter().map(|function| zip(&function.name, vec![function])).collect();
    }
    vec![zip(&app.name, app.functions.iter().collect())]
}
