//! The OIDC tokens with which a platform signs its deliveries: Pub/Sub push, Eventarc, and Cloud Scheduler send those of a service
//! account, Event Grid those of Microsoft Entra.
//!
//! A token is accepted if its signature, issuer, audience, and times are valid, and if it names one of the configured senders. The sender
//! is checked because anyone with an account at the issuer can obtain a token for any audience.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, Uri, header::AUTHORIZATION};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{Jwk, JwkSet},
};
use omnifn_core::{Error, ErrorKind, Settings, names};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::{sync::Mutex, time::timeout};

/// The time after which keys are fetched again.
const KEYS_LIFETIME: Duration = Duration::from_secs(3600);

/// The shortest time between two fetches, so that tokens with invented key ids cause no traffic.
const FETCH_PAUSE: Duration = Duration::from_secs(60);

/// The shortest time between two fetches as long as none has succeeded.
const RETRY_PAUSE: Duration = Duration::from_secs(2);

/// The timeout of a fetch.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// The largest document that is read from the issuer, in bytes.
const DOCUMENT_LIMIT: usize = 1024 * 1024;

const GOOGLE: &str = "https://accounts.google.com";

/// Verifies the token of a delivery.
#[derive(Debug)]
pub(crate) struct Verifier {
    issuer: String,
    audiences: Vec<String>,
    senders: Vec<String>,
    /// The address of the keys, if it is configured instead of discovered.
    keys_uri: Option<String>,
    keys: Mutex<Keys>,
    client: Client<Connector, Empty<Bytes>>,
}

type Connector = hyper_rustls::HttpsConnector<HttpConnector>;

/// The issuer's keys, by their ids.
#[derive(Debug, Default)]
struct Keys {
    by_id: BTreeMap<String, Jwk>,
    fetched: Option<Instant>,
    tried: Option<Instant>,
}

/// The claims of a token that are checked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Claims {
    email: Option<String>,
    email_verified: Option<bool>,
    azp: Option<String>,
    appid: Option<String>,
    sub: Option<String>,
}

impl Verifier {
    /// Creates the verifier that the settings configure; `None` if `OMNIFN_OIDC_AUDIENCE` is unset.
    ///
    /// # Errors
    /// A setting is missing, or the system's root certificates cannot be loaded.
    pub(crate) fn configured(settings: &dyn Settings) -> Result<Option<Self>, Error> {
        let list = |name: &str| {
            let value = settings.get(name).unwrap_or_default();
            names(&value).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let (audiences, senders) = (list("OMNIFN_OIDC_AUDIENCE"), list("OMNIFN_OIDC_SENDER"));
        if audiences.is_empty() {
            let others = ["OMNIFN_OIDC_SENDER", "OMNIFN_OIDC_ISSUER", "OMNIFN_OIDC_KEYS"];
            return match others.into_iter().find(|name| settings.get(name).is_some()) {
                None => Ok(None),
                Some(name) => {
                    let words = format!(
                        "{name} is set without OMNIFN_OIDC_AUDIENCE: set the audience of the tokens, or neither"
                    );
                    Err(Error::new(ErrorKind::Config, words))
                }
            };
        }
        if senders.is_empty() {
            let words = "OMNIFN_OIDC_AUDIENCE is set without OMNIFN_OIDC_SENDER: name the accounts that deliver events, because anyone \
                         can obtain a token for any audience. A sender is the e-mail address of a service account, or the id of an \
                         application (`azp`, `appid`) or subject (`sub`); several are separated by commas";
            return Err(Error::new(ErrorKind::Config, words));
        }
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
            .map_err(|error| {
                Error::new(ErrorKind::Config, "the system's root certificates cannot be loaded").with_source(error)
            })?;
        Ok(Some(Verifier {
            issuer: settings.get("OMNIFN_OIDC_ISSUER").unwrap_or_else(|| GOOGLE.to_owned()),
            audiences,
            senders,
            keys_uri: settings.get("OMNIFN_OIDC_KEYS"),
            keys: Mutex::default(),
            client: Client::builder(TokioExecutor::new()).build(connector.https_or_http().enable_http1().build()),
        }))
    }

    /// Describes whose deliveries are accepted.
    pub(crate) fn describe(&self) -> String {
        format!(
            "a posted event needs a token of {} for {} from {}",
            self.issuer,
            self.audiences.join(" or "),
            self.senders.join(" or ")
        )
    }

    /// Verifies the sender of a delivery.
    ///
    /// # Errors
    /// 401 if the token is missing or not valid, 403 if its sender is another one, 503 if the issuer's keys cannot be fetched. The reason
    /// is only logged.
    pub(crate) async fn verify(&self, headers: &HeaderMap) -> Result<(), Error> {
        let refused = |reason: String| Error::status(401, "this endpoint needs a valid OIDC token").with_source(reason);
        let token = token(headers).ok_or_else(|| refused("no `Authorization: Bearer` header".to_owned()))?;
        let head = decode_header(token).map_err(|error| refused(error.to_string()))?;
        let id = head.kid.ok_or_else(|| refused("the token has no key id".to_owned()))?;
        let key =
            self.key(&id).await?.ok_or_else(|| refused("the issuer has no key with the token's key id".to_owned()))?;
        let key = DecodingKey::from_jwk(&key).map_err(|error| refused(error.to_string()))?;
        // Only signatures with a private key: a token "signed" with a public key as a secret is not valid.
        let algorithm = match head.alg {
            algorithm @ (Algorithm::RS256 | Algorithm::ES256) => algorithm,
            other => return Err(refused(format!("the token is signed with {other:?}, expected RS256 or ES256"))),
        };
        let mut validation = Validation::new(algorithm);
        validation.set_audience(&self.audiences);
        validation.set_required_spec_claims(&["exp", "aud", "iss"]);
        validation.validate_nbf = true;
        match self.issuer.as_str() {
            // Google writes its issuer in both ways.
            GOOGLE => validation.set_issuer(&[GOOGLE, "accounts.google.com"]),
            issuer => validation.set_issuer(&[issuer]),
        }
        let claims = decode::<Claims>(token, &key, &validation).map_err(|error| refused(error.to_string()))?.claims;
        match self.is_sender(&claims) {
            true => Ok(()),
            false => Err(Error::status(403, "this sender may not deliver events")
                .with_source("the token's `email`, `azp`, `appid`, and `sub` are not in OMNIFN_OIDC_SENDER")),
        }
    }

    fn is_sender(&self, claims: &Claims) -> bool {
        let email = claims.email.as_ref().filter(|_| claims.email_verified == Some(true));
        let names = [email, claims.azp.as_ref(), claims.appid.as_ref(), claims.sub.as_ref()];
        names.into_iter().flatten().any(|name| self.senders.contains(name))
    }

    /// Returns the key of this id. Keys are cached, and fetched again when they are old or the id is unknown.
    async fn key(&self, id: &str) -> Result<Option<Jwk>, Error> {
        let mut keys = self.keys.lock().await;
        let is_fresh = keys.fetched.is_some_and(|at| at.elapsed() < KEYS_LIFETIME);
        // Without keys no event is accepted, so the next attempt is made soon.
        let pause = if keys.fetched.is_some() { FETCH_PAUSE } else { RETRY_PAUSE };
        let may_fetch = keys.tried.is_none_or(|at| at.elapsed() >= pause);
        if (is_fresh && keys.by_id.contains_key(id)) || !may_fetch {
            return match keys.fetched {
                Some(_) => Ok(keys.by_id.get(id).cloned()),
                None => Err(unavailable("the last attempt failed a moment ago")),
            };
        }
        keys.tried = Some(Instant::now());
        match self.fetch_keys().await {
            Ok(set) => {
                let named = set.keys.into_iter().filter_map(|key| Some((key.common.key_id.clone()?, key)));
                keys.by_id = named.collect();
                keys.fetched = Some(Instant::now());
            }
            // The old keys are still better than none.
            Err(error) if keys.fetched.is_some() => crate::log::warn(format_args!("{error}")),
            Err(error) => return Err(error),
        }
        Ok(keys.by_id.get(id).cloned())
    }

    async fn fetch_keys(&self) -> Result<JwkSet, Error> {
        #[derive(Deserialize)]
        struct Discovery {
            issuer: String,
            jwks_uri: String,
        }
        let uri = match &self.keys_uri {
            Some(uri) => uri.clone(),
            None => {
                let issuer = self.issuer.trim_end_matches('/');
                let found: Discovery = self.fetch(&format!("{issuer}/.well-known/openid-configuration")).await?;
                if found.issuer.trim_end_matches('/') != issuer {
                    return Err(unavailable("the issuer's configuration names another issuer"));
                }
                found.jwks_uri
            }
        };
        self.fetch(&uri).await
    }

    async fn fetch<T: DeserializeOwned>(&self, uri: &str) -> Result<T, Error> {
        let parsed: Uri = uri.parse().map_err(|_| unavailable(format!("{uri:?} is not a valid address")))?;
        let is_local = matches!(parsed.host(), Some("127.0.0.1" | "[::1]" | "localhost"));
        if parsed.scheme_str() != Some("https") && !is_local {
            return Err(unavailable(format!("{uri:?} is not an https address")));
        }
        let fetching = async {
            let response = self.client.get(parsed).await.map_err(|error| unavailable(error.to_string()))?;
            if !response.status().is_success() {
                return Err(unavailable(format!("{uri} answered {}", response.status())));
            }
            let body =
                Limited::new(response.into_body(), DOCUMENT_LIMIT).collect().await.map_err(unavailable)?.to_bytes();
            serde_json::from_slice(&body).map_err(|error| unavailable(format!("{uri}: {error}")))
        };
        timeout(FETCH_TIMEOUT, fetching).await.map_err(|_| unavailable(format!("{uri} did not answer in time")))?
    }
}

fn unavailable(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::status(503, "the OIDC issuer's keys cannot be fetched").with_source(reason)
}

/// Returns the token of a request.
fn token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().filter(|_| values.next().is_none())?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests;
