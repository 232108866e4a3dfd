//! Signed webhooks: verifies the HMAC-SHA256 signatures of Slack, GitHub and Stripe.
//!
//! ```
//! use omnifn::{prelude::*, webhook::Webhook};
//!
//! #[function(post = "/github/webhook")]
//! async fn hook(ctx: Context, State(github): State<Webhook>, headers: HeaderMap, body: Bytes) -> Result<String> {
//!     github.verify(&headers, &body, ctx.now())?;
//!     Ok(format!("{} bytes of GitHub", body.len()))
//! }
//!
//! async fn connect(env: Env) -> Result<Webhook> {
//!     Ok(Webhook::github(env.secret("GITHUB_WEBHOOK_SECRET")?))
//! }
//! # let _ = omnifn::app!(hook; state = connect);
//! ```

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderName, HeaderValue};
use omnifn_core::{Error, Secret};
use sha2::Sha256;

/// How old a signed request may be, and how far its clock may be ahead, by default. Slack and Stripe recommend this.
pub const WINDOW: Duration = Duration::from_secs(5 * 60);

/// A sender of webhooks, and the secret that it signs with.
#[derive(Debug, Clone)]
pub struct Webhook {
    scheme: Scheme,
    secrets: Vec<Secret>,
    window: Duration,
}

#[derive(Debug, Clone, Copy)]
enum Scheme {
    Slack,
    GitHub,
    Stripe,
}

const SLACK_SIGNATURE: HeaderName = HeaderName::from_static("x-slack-signature");
const SLACK_TIMESTAMP: HeaderName = HeaderName::from_static("x-slack-request-timestamp");
const GITHUB_SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature-256");
const STRIPE_SIGNATURE: HeaderName = HeaderName::from_static("stripe-signature");

impl Webhook {
    /// Verifies signatures as Slack makes them: <https://docs.slack.dev/authentication/verifying-requests-from-slack>.
    pub fn slack(signing_secret: impl Into<Secret>) -> Self {
        Webhook::new(Scheme::Slack, signing_secret)
    }

    /// Verifies signatures as GitHub makes them: <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>. GitHub
    /// does not sign the time, so an old request can be replayed: accept each `X-GitHub-Delivery` once.
    pub fn github(secret: impl Into<Secret>) -> Self {
        Webhook::new(Scheme::GitHub, secret)
    }

    /// Verifies signatures as Stripe makes them: <https://docs.stripe.com/webhooks#verify-manually>.
    pub fn stripe(endpoint_secret: impl Into<Secret>) -> Self {
        Webhook::new(Scheme::Stripe, endpoint_secret)
    }

    fn new(scheme: Scheme, secret: impl Into<Secret>) -> Self {
        Webhook { scheme, secrets: vec![secret.into()], window: WINDOW }
    }

    /// Also accepts signatures by another secret, such as the old one while secrets are rotated.
    pub fn or_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// Sets how old a request may be, and how far its clock may be ahead. The default is [`WINDOW`].
    pub fn with_window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Checks that the sender signed this body recently. Signatures are compared in constant time.
    ///
    /// # Errors
    /// The error is a 401 if the signature is missing, wrong or too old. Without a secret, no request is accepted.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8], now: SystemTime) -> Result<(), Error> {
        let Signed { timestamp, signatures } = self.signed(headers)?;
        let parts = self.parts(timestamp, body);
        let is_right = self.secrets.iter().filter(|secret| !secret.is_empty()).any(|secret| {
            signatures
                .iter()
                .filter_map(|signature| unhex(signature))
                .any(|signature| mac(secret, &parts).is_some_and(|mac| mac.verify_slice(&signature).is_ok()))
        });
        if !is_right {
            return Err(denied("the signature is not right"));
        }
        // The time is read from the signed data, because nothing else is trusted.
        match self.scheme {
            Scheme::GitHub => Ok(()),
            _ if is_fresh(timestamp, now, self.window) => Ok(()),
            _ => Err(denied("the request is too old")),
        }
    }

    /// Returns the headers that the sender would send, for tests.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use omnifn::webhook::Webhook;
    ///
    /// let (webhook, now) = (Webhook::slack("hunter2"), SystemTime::now());
    /// assert!(webhook.verify(&webhook.sign(b"a body", now), b"a body", now).is_ok());
    /// assert!(webhook.verify(&webhook.sign(b"a body", now), b"another", now).is_err());
    /// ```
    pub fn sign(&self, body: &[u8], now: SystemTime) -> HeaderMap {
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().to_string();
        let parts = self.parts(&seconds, body);
        let mac = self.secrets.first().and_then(|secret| mac(secret, &parts));
        let signature = mac.map(|mac| hex(&mac.finalize().into_bytes())).unwrap_or_default();
        let headers = match self.scheme {
            Scheme::Slack => vec![(SLACK_TIMESTAMP, seconds.clone()), (SLACK_SIGNATURE, format!("v0={signature}"))],
            Scheme::GitHub => vec![(GITHUB_SIGNATURE, format!("sha256={signature}"))],
            Scheme::Stripe => vec![(STRIPE_SIGNATURE, format!("t={seconds},v1={signature}"))],
        };
        headers.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?))).collect()
    }

    fn signed<'h>(&self, headers: &'h HeaderMap) -> Result<Signed<'h>, Error> {
        let text = |name: &HeaderName| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.ok_or_else(|| denied(format!("the header `{name}` is missing")))
        };
        Ok(match self.scheme {
            Scheme::Slack => Signed {
                timestamp: text(&SLACK_TIMESTAMP)?,
                signatures: text(&SLACK_SIGNATURE)?.strip_prefix("v0=").into_iter().collect(),
            },
            Scheme::GitHub => Signed {
                timestamp: "",
                signatures: text(&GITHUB_SIGNATURE)?.strip_prefix("sha256=").into_iter().collect(),
            },
            Scheme::Stripe => {
                let fields = || text(&STRIPE_SIGNATURE).into_iter().flat_map(|text| text.split(',')).map(str::trim);
                text(&STRIPE_SIGNATURE)?;
                Signed {
                    timestamp: fields().find_map(|field| field.strip_prefix("t=")).unwrap_or_default(),
                    // There are several while a secret is rotated.
                    signatures: fields().filter_map(|field| field.strip_prefix("v1=")).take(8).collect(),
                }
            }
        })
    }

    /// Returns the parts that are signed, in order.
    fn parts<'p>(&self, timestamp: &'p str, body: &'p [u8]) -> Vec<&'p [u8]> {
        match self.scheme {
            Scheme::Slack => vec![b"v0:", timestamp.as_bytes(), b":", body],
            Scheme::GitHub => vec![body],
            Scheme::Stripe => vec![timestamp.as_bytes(), b".", body],
        }
    }
}

struct Signed<'h> {
    timestamp: &'h str,
    signatures: Vec<&'h str>,
}

fn denied(words: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::status(401, words)
}

fn is_fresh(timestamp: &str, now: SystemTime, window: Duration) -> bool {
    let signed = timestamp.parse().ok().and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
    let apart = signed.map(|signed| now.duration_since(signed).unwrap_or_else(|ahead| ahead.duration()));
    apart.is_some_and(|apart| apart <= window)
}

fn mac(secret: &Secret, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    // HMAC accepts a key of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() == 64)?;
    Some(digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}
