//! What goes into the inverse comes out of the adapter, and the other way round.

#[path = "../../../tests/support/messages.rs"]
mod messages;

use messages::{reply_comes_through, request, request_comes_through, response};
use omnifn_core::{Adapter, Inverse, Payload};
use omnifn_gcp::Gcp;
use proptest::prelude::*;

fn adapter() -> Gcp {
    Gcp::new(&|_: &str| None)
}

proptest! {
    #[test]
    fn a_request_comes_through(request in request()) {
        for shape in Gcp::shapes() {
            request_comes_through(&adapter(), shape, &request);
        }
    }

    #[test]
    fn a_reply_comes_through(response in response()) {
        for shape in Gcp::shapes() {
            reply_comes_through(&adapter(), shape, &response);
        }
    }

    /// Whatever a client writes into its headers, it is a call or an answer, and no panic.
    #[test]
    fn no_header_panics(name in "[a-z-]{1,30}", value in prop::collection::vec(any::<u8>(), 0..64), known in 0..7_usize) {
        const KNOWN: [&str; 6] = [
            "traceparent", "x-cloud-trace-context", "function-execution-id", "x-forwarded-for", "cookie", "host",
        ];
        let name = KNOWN.get(known).map_or(name, |known| (*known).to_owned());
        let hops = |name: &str| (name == "OMNIFN_TRUSTED_HOPS").then(|| "2".to_owned());
        for path in ["/", "http://x/", "*"] {
            let request = http::Request::builder().uri(path).header(name.as_str(), value.as_slice());
            if let Ok(request) = request.body(Payload::default()) {
                let (_, decoded) = Gcp::new(&hops).decode(request);
                prop_assert!(matches!(decoded, omnifn_core::Decoded::Call(_)));
            }
        }
    }
}
