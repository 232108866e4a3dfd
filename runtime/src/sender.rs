//! Verifies the senders of events over HTTP: by the configured secret in a header, or by an OIDC token.

use http::{HeaderMap, HeaderName, HeaderValue};
use omnifn_core::{Error, ErrorKind, Settings};
use subtle::ConstantTimeEq as _;

use crate::oidc::Verifier;

/// The header with the secret: a delivery property of an Event Grid subscription, for example.
pub(crate) const SECRET: HeaderName = HeaderName::from_static("x-omnifn-delivery-secret");

/// The senders that are configured. At least one kind of them is.
#[derive(Debug)]
pub(crate) struct Senders {
    secret: Option<HeaderValue>,
    verifier: Option<Verifier>,
}

impl Senders {
    /// Reads `OMNIFN_DELIVERY_SECRET`, and the settings of OIDC. `None` if senders are not verified.
    ///
    /// # Errors
    /// The secret is blank or cannot be in a header, or the settings of OIDC are incomplete.
    pub(crate) fn configured(settings: &dyn Settings) -> Result<Option<Self>, Error> {
        let secret = settings.get("OMNIFN_DELIVERY_SECRET").map(|text| {
            let mut value = HeaderValue::try_from(text.trim()).ok().filter(|value| !value.is_empty());
            value.iter_mut().for_each(|value| value.set_sensitive(true));
            value.ok_or_else(|| {
                let words = format!(
                    "invalid value for OMNIFN_DELIVERY_SECRET: expected characters that are valid in a header, because senders put it into the \
                     header `{SECRET}`"
                );
                Error::new(ErrorKind::Config, words)
            })
        });
        let (secret, verifier) = (secret.transpose()?, Verifier::configured(settings)?);
        Ok((secret.is_some() || verifier.is_some()).then_some(Senders { secret, verifier }))
    }

    /// Describes whose deliveries are accepted.
    pub(crate) fn describe(&self) -> String {
        let secret = self.secret.as_ref().map(|_| format!("a posted event needs the secret in the header `{SECRET}`"));
        let token = self.verifier.as_ref().map(Verifier::describe);
        secret.into_iter().chain(token).collect::<Vec<_>>().join(", or ")
    }

    /// Verifies the sender of a delivery.
    ///
    /// # Errors
    /// As of [`Verifier::verify`]; 401 if the secret is missing or another one, and no token could be there instead.
    pub(crate) async fn verify(&self, headers: &HeaderMap) -> Result<(), Error> {
        let sent = headers.get(SECRET).map(HeaderValue::as_bytes);
        if let (Some(secret), Some(sent)) = (&self.secret, sent)
            && bool::from(secret.as_bytes().ct_eq(sent))
        {
            return Ok(());
        }
        match &self.verifier {
            Some(verifier) => verifier.verify(headers).await,
            None => Err(Error::status(401, format!("this endpoint needs its secret in the header `{SECRET}`"))),
        }
    }
}

#[cfg(test)]
impl From<Verifier> for Senders {
    fn from(verifier: Verifier) -> Self {
        Senders { secret: None, verifier: Some(verifier) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_secret_is_the_whole_value_of_one_header() {
        let settings = |name: &str| (name == "OMNIFN_DELIVERY_SECRET").then(|| " hunter2 ".to_owned());
        let senders = Senders::configured(&settings).unwrap().unwrap();
        for (sent, accepted) in
            [("hunter2", true), ("hunter", false), ("hunter22", false), ("Hunter2", false), ("", false)]
        {
            let headers = HeaderMap::from_iter([(SECRET, HeaderValue::from_static(sent))]);
            assert_eq!(senders.verify(&headers).await.is_ok(), accepted, "{sent}");
        }
        assert_eq!(senders.verify(&HeaderMap::new()).await.unwrap_err().status_code(), 401);
        assert!(!senders.describe().contains("hunter2"));
        for blank in [" ", "\u{0}", "a\nb"] {
            assert!(Senders::configured(&|_: &str| Some(blank.to_owned())).is_err(), "{blank:?}");
        }
        assert!(Senders::configured(&|_: &str| None).unwrap().is_none());
    }
}
