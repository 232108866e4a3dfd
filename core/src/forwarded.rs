//! `X-Forwarded-For`, as far as it can be trusted.

use core::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};

use crate::{Settings, headers, whole_number};

/// How many proxies stand in front of the app and append to `X-Forwarded-For`: the setting `OMNIFN_TRUSTED_HOPS`. Zero, and
/// so no trust, where it is unset or no number.
pub fn trusted_hops(settings: &dyn Settings) -> usize {
    whole_number(settings, "OMNIFN_TRUSTED_HOPS").and_then(|hops| hops.try_into().ok()).unwrap_or(0)
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
    const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
    let behind = hops.checked_sub(1)?;
    let addresses = headers::joined(headers, &FORWARDED_FOR, b",")?;
    let address = addresses.rsplit(|byte| *byte == b',').nth(behind)?;
    read(address.trim_ascii())
}

fn read(address: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(address).ok()?;
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}
