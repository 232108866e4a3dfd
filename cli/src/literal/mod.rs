//! Values that stay what they are: each reader of a text replaces something in values, and here is what it replaces, how a value is
//! written so that it is not replaced, and what is refused because that reader has no way to write it. One file for each reader.
//!
//! What is meant to be replaced is written by the modules of the formats, and never made of a value: a secret is declared as one
//! (`secret = "KEY"`, `secrets = ["KEY"]`), and becomes the reference that its cloud reads.

pub(crate) mod azure;
pub(crate) mod bicep;
pub(crate) mod cloudformation;
pub(crate) mod gcloud;
pub(crate) mod kubernetes;
pub(crate) mod path;
pub(crate) mod serverless;
pub(crate) mod terraform;

use crate::{
    error::{Error, Kind},
    model::App,
};

/// A value that a reader would replace, and that it has no other way to write.
fn refused(app: &App, text: &str, why: &str) -> Error {
    let place = app.place_of(text).unwrap_or_else(|| "a value".to_owned());
    Error::new("omnifn::emit::value", format!("{place}: {text:?} {why}")).kind(Kind::Impossible).help(
        "write a value without it. If it is a reference to a secret, declare the secret instead: `secrets = [\"KEY\"]` in \
         [package.metadata.omnifn], or `secret = \"KEY\"` in the attribute; `name` in [package.metadata.omnifn.resources.\"secret:KEY\"] \
         names the one in the cloud",
    )
}
