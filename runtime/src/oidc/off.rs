//! Without the feature `oidc` no sender is verified.

use http::HeaderMap;
use omnifn_core::{Error, ErrorKind, Settings};

/// The verifier of a program without the feature `oidc`, which has no values.
#[derive(Debug)]
pub(crate) enum Verifier {}

impl Verifier {
    /// Returns `None`.
    ///
    /// # Errors
    /// Verification is configured: without it, the events of every sender would be accepted.
    pub(crate) fn configured(settings: &dyn Settings) -> Result<Option<Self>, Error> {
        match settings.get("OMNIFN_OIDC_AUDIENCE") {
            None => Ok(None),
            Some(_) => {
                let words = "OMNIFN_OIDC_AUDIENCE is set, and this program cannot verify tokens: build it with the feature `oidc` of omnifn";
                Err(Error::new(ErrorKind::Config, words))
            }
        }
    }

    pub(crate) fn describe(&self) -> String {
        match *self {}
    }

    pub(crate) async fn verify(&self, _: &HeaderMap) -> Result<(), Error> {
        match *self {}
    }
}
