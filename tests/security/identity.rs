//! The id of an invocation is the platform's or omnifn's, never a client's: it is in every log line, and functions use it as a key.

use http::Request;
use omnifn_azure::Azure;
use omnifn_core::{Adapter, Decoded, Invocation, Payload};
use omnifn_gcp::{CloudRunContext, Gcp};
use omnifn_local::Local;

const CLAIMED: &str = "11111111-1111-1111-1111-111111111111";
const OF_THE_HOST: &str = "8c5b0b1e-7d0d-4a52-8f0a-2f4f5f0b7a11";

/// The headers of all platforms that could name an invocation.
const NAMES: [&str; 8] = [
    "function-execution-id",
    "lambda-runtime-aws-request-id",
    "x-amzn-requestid",
    "x-azure-functions-invocationid",
    "x-cloud-trace-context",
    "x-correlation-id",
    "x-ms-invocation-id",
    "x-request-id",
];

fn invocation<A: Adapter>(adapter: &A, headers: &[(&str, &str)]) -> Invocation {
    let mut request =
        Request::get("/api/notes").header("host", "example.com").header("x-forwarded-host", "example.com");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    match adapter.decode(request.body(Payload::default()).expect("a request")).1 {
        Decoded::Call(call) => call.invocation,
        other => panic!("this is no call: {other:?}"),
    }
}

fn azure(mode: &'static str) -> Azure {
    Azure::new(&move |name: &str| (name == "OMNIFN_AZURE_HTTP" && !mode.is_empty()).then(|| mode.to_owned()))
}

#[test]
fn no_header_of_a_client_names_the_invocation() {
    let all = NAMES.map(|name| (name, CLAIMED));
    assert_eq!(invocation(&Gcp::new(&|_: &str| None), &all).id, None);
    assert_eq!(invocation(&Local::new(&|_: &str| None), &all).id, None);
    // It is unknown which header is the host's.
    assert_eq!(invocation(&azure(""), &all).id, None);
    // Each mode has one header that the host writes, and only that counts.
    let others = |host: &str| all.iter().copied().filter(|(name, _)| *name != host).collect::<Vec<_>>();
    for (mode, header) in [("proxying", "x-ms-invocation-id"), ("forwarding", "x-azure-functions-invocationid")] {
        assert_eq!(invocation(&azure(mode), &others(header)).id, None, "{mode}");
        let with_host = [others(header), vec![(header, OF_THE_HOST)]].concat();
        assert_eq!(invocation(&azure(mode), &with_host).id.as_deref(), Some(OF_THE_HOST), "{mode}");
    }
    // To a request that it forwards, the host adds its value after those of the client.
    let header = "x-azure-functions-invocationid";
    for values in
        [vec![(header, CLAIMED), (header, OF_THE_HOST)], vec![(header, &*format!("{CLAIMED}, {OF_THE_HOST}"))]]
    {
        assert_eq!(invocation(&azure("forwarding"), &values).id.as_deref(), Some(OF_THE_HOST));
    }
}

/// A claim of a caller is kept under a name that marks it as a claim.
#[test]
fn a_claimed_id_is_kept_apart() {
    for (value, kept) in
        [("r4uoqjlnaqos", true), ("a\" severity=ERROR", false), ("", false), (&*"x".repeat(129), false)]
    {
        let invocation = invocation(&Gcp::new(&|_: &str| None), &[("function-execution-id", value)]);
        let context = invocation.provider.as_deref().and_then(|context| context.downcast_ref::<CloudRunContext>());
        let claimed = context.expect("a context").claimed_execution_id.as_deref();
        assert_eq!((invocation.id, claimed), (None, kept.then_some(value)));
    }
}
