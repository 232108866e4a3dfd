//! CloudFormation, SAM, and the Serverless Framework's resources: `{{resolve:…}}` is replaced by a parameter or a secret, wherever it
//! stands in a value, and nothing escapes it.
//! ([Dynamic references](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html).)

use crate::{
    error::{Error, Result},
    model::App,
};

/// Checks a text in which nothing is meant to be replaced.
///
/// # Errors
/// It contains a dynamic reference.
pub(crate) fn check(app: &App, text: &str) -> Result<()> {
    match text.contains("{{resolve:") {
        false => Ok(()),
        true => Err(refused(app, text)),
    }
}

fn refused(app: &App, text: &str) -> Error {
    super::refused(app, text, "contains `{{resolve:`, which CloudFormation replaces by a parameter or a secret")
}
