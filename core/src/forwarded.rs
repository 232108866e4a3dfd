//! `X-Forwarded-For`, as far as it can be trusted.

use core::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderValue};

use crate::Settings;

/// The number of proxies in front of the app that append to `X-Forwarded-For`: the setting `OMNIFN_TRUSTED_HOPS`. Zero, and
/// so no trust, if it is unset or not a number.
pub fn trusted_hops(settings: &dyn Settings) -> usize {
    settings.get("OMNIFN_TRUSTED_HOPS").and_then(|hops| hops.trim().parse().ok()).unwrap_or(0)
}

/// The address that the outermost of `hops` trusted proxies saw: everything before it was written by the sender and is not
/// trusted. A port that a proxy adds to it is left out.
///
/// ```
/// use omnifn_core::forwarded::client_ip;
///
/// let mut headers = http::HeaderMap::new();
/// headers.append("x-forwarded-for", "10.9.9.9, 203.0.113.7".parse().unwrap());
/// headers.append("x-forwarded-for", "198.51.100.2:443".parse().unwrap());
/// assert_eq!(client_ip(&headers, 0), None);
/// assert_eq!(client_ip(&headers, 1), Some([198, 51, 100, 2].into()));
/// assert_eq!(client_ip(&headers, 2), Some([203, 0, 113, 7].into()));
/// assert_eq!(client_ip(&headers, 4), None);
/// ```
pub fn client_ip(headers: &HeaderMap, hops: usize) -> Option<IpAddr> {
    let fields = headers.get_all("x-forwarded-for").iter().rev().map(HeaderValue::as_bytes);
    let mut addresses = fields.flat_map(|field| field.rsplit(|byte| *byte == b','));
    let text = std::str::from_utf8(addresses.nth(hops.checked_sub(1)?)?).ok()?.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}
