//! The zip of AWS Lambda: `bootstrap`, and nothing else.

use super::{Input, deploy, entry::Entry, kind::Kind, make::Draft, platform};
use crate::{model::Function, plan::units::units};

/// One zip for all units, or one for each: the same binary, which serves the functions that `OMNIFN_FUNCTION` names.
///
/// A binary for each unit would need a `main` for each in the source, and contain nearly the same: most of what a function is made of is
/// what all are made of.
pub(super) fn drafts<'a>(input: &Input<'a>, bytes: &'a [u8]) -> Vec<Draft<'a>> {
    let app = input.app;
    let zip = |name: &str, functions: Vec<&'a Function>| {
        let name = format!("{name}.zip");
        Draft {
            kind: Kind::Zip,
            name,
            entries: vec![Entry::new("bootstrap", 0o755, bytes)],
            executable: "bootstrap".to_owned(),
            platform: &platform::AWS,
            functions,
            words: Vec::new(),
            deploy: Box::new(|_| deploy::aws(app)),
        }
    };
    if input.split || app.aws.split == Some(true) {
        return units(app).into_iter().map(|unit| zip(unit.label(), unit.functions.clone())).collect();
    }
    vec![zip(&app.name, app.functions.iter().collect())]
}
