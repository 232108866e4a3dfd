//! Signed webhooks: verifies the HMAC-SHA256 signatures of Slack, GitHub and Stripe.
//!
//! ```
//! use omnifn::{prelude::*, webhook::Webhook};
//!
//! #[function(post = "/github/webhook")]
//! async fn hook(ctx: Context, State(github): State<Webhook>, request: Request) -> Result<String> {
//!     let request = github.verify_request(request, ctx.now()).await?;
//!     Ok(format!("{} bytes of GitHub", request.body().len()))
//! }
//!
//! async fn connect(env: Env) -> Result<Webhook> {
//!     Ok(Webhook::github(env.secret("GITHUB_WEBHOOK_SECRET")?))
//! }
//! # let _ = omnifn::app!(hook; state = connect);
//! ```

use std::{
    error::Error as StdError,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{RequestExt as _, extract::Request};
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _, digest::CtOutput};
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body_util::{BodyExt as _, LengthLimitError};
use omnifn_core::{Error, ErrorKind, Secret};
use sha2::Sha256;

/// The default of the largest difference between the time of a signed request and the clock, in both directions. Slack and Stripe recommend this.
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

    /// Verifies signatures as GitHub makes them: <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>.
    ///
    /// GitHub signs the body and nothing else. An old request can be replayed, with any time and any headers: `X-GitHub-Delivery` and
    /// `X-GitHub-Event` are not signed. To process an event once, use a key from the body, such as the id of an issue and its
    /// `updated_at`.
    pub fn github(secret: impl Into<Secret>) -> Self {
        Webhook::new(Scheme::GitHub, secret)
    }

    /// Verifies signatures as Stripe makes them: <https://docs.stripe.com/webhooks#verify-manually>.
    pub fn stripe(endpoint_secret: impl Into<Secret>) -> Self {
        Webhook::new(Scheme::Stripe, endpoint_secret)
    }

    fn new(scheme: Scheme, secret: impl Into<Secret>) -> Self {
        Webhook { scheme, secrets: Vec::new(), window: WINDOW }.or_secret(secret)
    }

    /// Also accepts signatures by another secret, such as the old one while secrets are rotated. A blank secret is never accepted.
    pub fn or_secret(mut self, secret: impl Into<Secret>) -> Self {
        let secret = secret.into();
        // Anyone can sign with a secret that is empty or consists of white space.
        if !secret.expose().chars().all(|c| c.is_whitespace() || c.is_control()) {
            self.secrets.push(secret);
        }
        self
    }

    /// Sets how old a request may be, and how far its clock may be ahead. The default is [`WINDOW`].
    pub fn with_window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Reads a request's body while checking that the sender signed it recently, and returns the request with its body.
    ///
    /// The headers are checked first: a request without a signature, or with an old one, is refused before its body is read. The body
    /// is read up to the function's limit ([`App::body_limit`](crate::App::body_limit)).
    ///
    /// # Errors
    /// The error is a 401 as for [`Webhook::verify`], a 413 if the body is too large, and a 400 if it cannot be read.
    pub async fn verify_request(&self, request: Request, now: SystemTime) -> Result<http::Request<Bytes>, Error> {
        let signed = self.signed(request.headers(), now)?;
        let mut macs = self.macs(&signed.prefix);
        let (head, body) = request.with_limited_body().into_parts();
        let body = body.map_frame(|frame| {
            if let Some(data) = frame.data_ref() {
                macs.iter_mut().for_each(|mac| mac.update(data));
            }
            frame
        });
        let body = body.collect().await.map_err(unreadable)?.to_bytes();
        signed.check(macs)?;
        Ok(http::Request::from_parts(head, body))
    }

    /// Checks that the sender signed this body recently. Signatures are compared in constant time.
    ///
    /// # Errors
    /// The error is a 401 if the signature is missing, wrong or too old. Without a secret, no request is accepted.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8], now: SystemTime) -> Result<(), Error> {
        let signed = self.signed(headers, now)?;
        let mut macs = self.macs(&signed.prefix);
        macs.iter_mut().for_each(|mac| mac.update(body));
        signed.check(macs)
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
        let mac = self.macs(&self.prefix(&seconds)).into_iter().next();
        let signature = mac.map(|mac| hex::encode(mac.chain_update(body).finalize().into_bytes())).unwrap_or_default();
        let headers = match self.scheme {
            Scheme::Slack => vec![(SLACK_TIMESTAMP, seconds.clone()), (SLACK_SIGNATURE, format!("v0={signature}"))],
            Scheme::GitHub => vec![(GITHUB_SIGNATURE, format!("sha256={signature}"))],
            Scheme::Stripe => vec![(STRIPE_SIGNATURE, format!("t={seconds},v1={signature}"))],
        };
        headers.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?))).collect()
    }

    /// Reads the signature from the headers, and checks all that can be checked without the body.
    fn signed(&self, headers: &HeaderMap, now: SystemTime) -> Result<Signed, Error> {
        if self.secrets.is_empty() {
            return Err(denied("no signature can be verified, because the secret of this webhook is not set"));
        }
        let text = |name: &HeaderName| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.ok_or_else(|| denied(format!("the header `{name}` is missing")))
        };
        let (timestamp, signatures): (_, Vec<_>) = match self.scheme {
            Scheme::Slack => {
                (text(&SLACK_TIMESTAMP)?, text(&SLACK_SIGNATURE)?.strip_prefix("v0=").into_iter().collect())
            }
            Scheme::GitHub => ("", text(&GITHUB_SIGNATURE)?.strip_prefix("sha256=").into_iter().collect()),
            Scheme::Stripe => {
                let fields = || text(&STRIPE_SIGNATURE).into_iter().flat_map(|text| text.split(',')).map(str::trim);
                text(&STRIPE_SIGNATURE)?;
                let timestamp = fields().find_map(|field| field.strip_prefix("t=")).unwrap_or_default();
                // There are several while a secret is rotated.
                (timestamp, fields().filter_map(|field| field.strip_prefix("v1=")).take(8).collect())
            }
        };
        // The time is signed as well. A forged one is found by the signature.
        if !matches!(self.scheme, Scheme::GitHub) && !is_fresh(timestamp, now, self.window) {
            return Err(denied("the request is too old, or its timestamp is not valid"));
        }
        let signatures: Vec<_> = signatures.into_iter().filter_map(unhex).collect();
        if signatures.is_empty() {
            return Err(wrong());
        }
        Ok(Signed { prefix: self.prefix(timestamp), signatures })
    }

    /// Returns what is signed before the body.
    fn prefix(&self, timestamp: &str) -> String {
        match self.scheme {
            Scheme::Slack => format!("v0:{timestamp}:"),
            Scheme::GitHub => String::new(),
            Scheme::Stripe => format!("{timestamp}."),
        }
    }

    /// Begins a MAC with each secret.
    fn macs(&self, prefix: &str) -> Vec<Hmac<Sha256>> {
        // HMAC accepts a key of any length.
        let keyed = self.secrets.iter().filter_map(|secret| Hmac::new_from_slice(secret.expose().as_bytes()).ok());
        keyed.map(|mac: Hmac<Sha256>| mac.chain_update(prefix)).collect()
    }
}

/// The signatures of a request whose body has not been read.
struct Signed {
    prefix: String,
    signatures: Vec<CtOutput<Hmac<Sha256>>>,
}

impl Signed {
    /// Compares each MAC of the whole body with each signature, in constant time.
    fn check(&self, macs: Vec<Hmac<Sha256>>) -> Result<(), Error> {
        let is_right = macs.into_iter().any(|mac| self.signatures.contains(&mac.finalize()));
        if is_right { Ok(()) } else { Err(wrong()) }
    }
}

fn denied(words: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::status(401, words)
}

fn wrong() -> Error {
    denied("invalid signature")
}

fn unreadable(error: axum::Error) -> Error {
    let mut causes = std::iter::successors(Some(&error as &(dyn StdError + 'static)), |&error| error.source());
    let unread = if causes.any(|cause| cause.is::<LengthLimitError>()) {
        Error::new(ErrorKind::TooLarge, "the request's body is larger than the limit")
    } else {
        Error::new(ErrorKind::BrokenBody, "the request's body cannot be read")
    };
    unread.with_source(error)
}

fn is_fresh(timestamp: &str, now: SystemTime, window: Duration) -> bool {
    let signed = timestamp.parse().ok().and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
    let apart = signed.map(|signed| now.duration_since(signed).unwrap_or_else(|ahead| ahead.duration()));
    apart.is_some_and(|apart| apart <= window)
}

fn unhex(text: &str) -> Option<CtOutput<Hmac<Sha256>>> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(CtOutput::new(bytes.into()))
}
