//! No header of a client is its address: that is what the platform's gateway reports, or what the proxies of `OMNIFN_TRUSTED_HOPS` have
//! appended to `X-Forwarded-For`.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use omnifn::prelude::*;
use omnifn_core::{Inverse, Payload, Peer, Settings};
use omnifn_runtime::dispatch::Dispatch;

use crate::support::{block_on, whole};

#[function(any = "/{*_path}")]
async fn who(context: Context) -> String {
    context.client_ip().map_or("unknown".to_owned(), |address| address.to_string())
}

/// The address of the connection, which the gateway reports where it reports any.
const PEER: ([u8; 4], u16) = ([192, 0, 2, 9], 50_000);

/// What clients write to be taken for 6.6.6.6.
const FORGED: [(&str, &str); 20] = [
    ("x-forwarded-for", "6.6.6.6"),
    ("x-forwarded-for", "6.6.6.6, 6.6.6.6"),
    ("x-forwarded-for", "6.6.6.6:443"),
    ("x-forwarded-for", " 6.6.6.6 ,"),
    ("x-forwarded-for", "[::ffff:6.6.6.6]:443"),
    ("forwarded", "for=6.6.6.6;proto=https"),
    ("forwarded", "for=\"[::ffff:6.6.6.6]\", for=6.6.6.6"),
    ("x-real-ip", "6.6.6.6"),
    ("x-client-ip", "6.6.6.6"),
    ("x-azure-clientip", "6.6.6.6"),
    ("x-azure-socketip", "6.6.6.6"),
    ("x-appengine-user-ip", "6.6.6.6"),
    ("x-envoy-external-address", "6.6.6.6"),
    ("x-original-forwarded-for", "6.6.6.6"),
    ("x-cluster-client-ip", "6.6.6.6"),
    ("cf-connecting-ip", "6.6.6.6"),
    ("true-client-ip", "6.6.6.6"),
    ("fastly-client-ip", "6.6.6.6"),
    ("via", "1.1 6.6.6.6"),
    ("x-amzn-vpc-lattice-identity", "SourceIp=6.6.6.6"),
];

/// Asks in each shape. Returns the shape and the address.
fn ask<A: Inverse>(new: &impl Fn(&dyn Settings) -> A, hops: &str, headers: &[(&str, &str)]) -> Vec<(String, String)> {
    let settings = |name: &str| (name == "OMNIFN_TRUSTED_HOPS").then(|| hops.to_owned());
    let mut found = Vec::new();
    for shape in A::shapes() {
        // A host that is set up declares its mode.
        let mode = |name: &str| if name == "OMNIFN_AZURE_HTTP" { Some((*shape).to_owned()) } else { settings(name) };
        let dispatch = Dispatch::new(new(&mode), omnifn::app!(who).router().expect("an app"));
        let mut request = Request::get("/who").header("host", "app.example").body(Bytes::new()).expect("a request");
        request.extensions_mut().insert(Peer(SocketAddr::from(PEER)));
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            request.headers_mut().append(name, HeaderValue::from_str(value).expect("a value"));
        }
        // A load balancer that sends one value for each header does not carry several.
        let Ok(mut message) = dispatch.adapter().write(shape, request) else { continue };
        message.extensions_mut().insert(Peer(SocketAddr::from(PEER)));
        let reply = block_on(async { whole(dispatch.answer(message.map(Payload::Whole)).await).await });
        let response = dispatch.adapter().read(shape, reply).expect("a response");
        assert_eq!(response.status(), 200, "{shape}");
        let text = String::from_utf8(response.into_body().to_vec()).expect("text");
        found.push((format!("{}, {shape}", dispatch.adapter().provider()), text));
    }
    found
}

fn everywhere(hops: &str, headers: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all = ask(&omnifn_aws::Aws::new, hops, headers);
    all.extend(ask(&omnifn_gcp::Gcp::new, hops, headers));
    all.extend(ask(&omnifn_azure::Azure::new, hops, headers));
    all.extend(ask(&omnifn_local::Local::new, hops, headers));
    all
}

/// The address without any header of a client: that of the gateway's own record of it.
fn reported(shape: &str) -> &'static str {
    let has_no_record = ["aws, alb", "aws, vpc-lattice", "gcp, ", "azure, "];
    if has_no_record.iter().any(|start| shape.starts_with(start)) { "unknown" } else { "192.0.2.9" }
}

#[test]
fn without_trusted_hops_no_header_counts() {
    for (shape, found) in everywhere("0", &[]) {
        assert_eq!(found, reported(&shape), "{shape}");
    }
    for hops in ["", "0", "-1", "one", "1.0", "99999999999999999999999"] {
        for (shape, found) in everywhere(hops, &FORGED) {
            assert_eq!(found, reported(&shape), "{shape}, hops {hops:?}");
        }
    }
    for forged in FORGED {
        for (shape, found) in everywhere("0", &[forged]) {
            assert_eq!(found, reported(&shape), "{shape}, {forged:?}");
        }
    }
}

/// The client's own entries are before those of the proxies. Azure's host is a proxy of its own where it passes requests on as they are.
#[test]
fn trusted_proxies_count_from_the_end() {
    let appended = [("x-forwarded-for", "6.6.6.6, 203.0.113.5"), ("x-forwarded-for", "198.51.100.7:4711")];
    let headers: Vec<_> = FORGED.iter().copied().chain(appended).collect();
    for (hops, expected) in [("1", "198.51.100.7"), ("2", "203.0.113.5"), ("999", "unknown")] {
        for (shape, found) in everywhere(hops, &headers) {
            let expected = match (hops, appends_its_peer(&shape)) {
                ("1", true) => "192.0.2.9",
                ("2", true) => "198.51.100.7",
                _ => expected,
            };
            assert_eq!(found, expected, "{shape}, {hops} hops");
        }
    }
}

/// An entry that is not an address is not skipped: the one before it is the client's.
#[test]
fn no_other_entry_stands_in_for_one_that_is_no_address() {
    for entry in
        ["unknown", "_hidden", "", " ", "198.51.100.7:99999", "[198.51.100.7", "198.51.100.256", "127.1", "localhost"]
    {
        let value = format!("6.6.6.6, {entry}");
        for (shape, found) in everywhere("1", &[("x-real-ip", "6.6.6.6"), ("x-forwarded-for", &value)]) {
            let expected = if appends_its_peer(&shape) { "192.0.2.9" } else { "unknown" };
            assert_eq!(found, expected, "{shape}, {entry:?}");
            assert!(found == "unknown" || found.parse::<IpAddr>().is_ok());
        }
    }
}

fn appends_its_peer(shape: &str) -> bool {
    shape.starts_with("azure, proxying")
}
