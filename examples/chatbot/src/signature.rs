//! Signatures of webhooks: HMAC with SHA-256.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, Mac};
use omnifn::prelude::*;
use sha2::Sha256;

/// How old a signed request may be, and how far its clock may be ahead: what Slack asks for.
pub const WINDOW: Duration = Duration::from_secs(5 * 60);

/// The signature of the parts, one behind the other.
pub fn sign(secret: &str, parts: &[&[u8]]) -> String {
    let bytes = mac(secret, parts).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Checks a signature in hexadecimal, in constant time.
///
/// # Errors
/// 401 where it is not that of the parts, or there is no secret to check it with.
pub fn verify(secret: &str, parts: &[&[u8]], signature: &str) -> Result<()> {
    let given = unhex(signature).unwrap_or_default();
    let is_right = !secret.is_empty() && mac(secret, parts).is_some_and(|mac| mac.verify_slice(&given).is_ok());
    if is_right { Ok(()) } else { Err(Error::status(401, "the signature is not right")) }
}

/// Checks that a request was signed lately, so that nobody sends an old one again.
///
/// # Errors
/// 401 where it was not.
pub fn fresh(timestamp: &str, now: SystemTime) -> Result<()> {
    let signed = timestamp.parse().ok().and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
    let apart = signed.map(|signed| now.duration_since(signed).unwrap_or_else(|ahead| ahead.duration()));
    if apart.is_some_and(|apart| apart <= WINDOW) { Ok(()) } else { Err(Error::status(401, "the request is too old")) }
}

fn mac(secret: &str, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    // A key of any length will do.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}
