//! What a function can learn of Lambda and of the gateway.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use omnifn_aws::{Aws, LambdaContext, Shape};
use omnifn_core::{Adapter, Decoded, Invocation, Payload, Settings};

const HEAD: [(&str, &str); 7] = [
    ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
    ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:123456789012:function:notes:live"),
    ("lambda-runtime-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"),
    ("lambda-runtime-client-context", "{\"client\":{\"app_title\":\"notes\"}"),
    ("lambda-runtime-cognito-identity", "{\"cognitoIdentityId\":\"x\"}"),
    ("lambda-runtime-aws-tenant-id", "blue"),
    ("lambda-runtime-deadline-ms", "1577836799999"),
];

fn environment(name: &str) -> Option<String> {
    let value = match name {
        "AWS_LAMBDA_FUNCTION_NAME" => "notes",
        "AWS_LAMBDA_FUNCTION_VERSION" => "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE" => "512",
        "AWS_LAMBDA_LOG_GROUP_NAME" => "/aws/lambda/notes",
        "AWS_LAMBDA_LOG_STREAM_NAME" => "2026/03/10/[$LATEST]0123",
        _ => return None,
    };
    Some(value.to_owned())
}

fn invocation(settings: &dyn Settings, head: &[(&'static str, &'static str)], event: &str) -> Invocation {
    let mut request = Request::new(Payload::Whole(Bytes::copy_from_slice(event.as_bytes())));
    let head = head.iter().map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)));
    *request.headers_mut() = head.collect::<HeaderMap>();
    match Aws::new(settings).decode(request).1 {
        Decoded::Call(call) => call.invocation,
        other => panic!("{other:?}"),
    }
}

fn lambda(invocation: &Invocation) -> &LambdaContext {
    invocation.provider.as_deref().and_then(|context| context.downcast_ref()).expect("Lambda's context")
}

fn event(context: &str) -> String {
    format!(r#"{{"rawPath":"/","requestContext":{{"http":{{"method":"GET"}},{context}}}}}"#)
}

#[test]
fn all_of_it() {
    let event = event(
        r#""requestId":"JKJaXmPLvHcESHA=","stage":"pr\u006fd","authorizer":{"jwt":{"claims":{"sub":"1234","exp":1773119783,"none":null},"scopes":["a"]}}"#,
    );
    let invocation = invocation(&environment, &HEAD, &event);
    let lambda = lambda(&invocation);
    assert_eq!(lambda.request_id(), Some("8476a536-e9f4-11e8-9739-2dfe598c3fcd"));
    assert_eq!(lambda.request_id(), invocation.id.as_deref());
    assert_eq!(lambda.invoked_function_arn(), Some("arn:aws:lambda:eu-west-1:123456789012:function:notes:live"));
    assert_eq!(lambda.function_name(), Some("notes"));
    assert_eq!(lambda.function_version(), Some("$LATEST"));
    assert_eq!(invocation.version.as_deref(), Some("$LATEST"));
    assert_eq!(lambda.memory_mb(), Some(512));
    assert_eq!(lambda.log_group(), Some("/aws/lambda/notes"));
    assert_eq!(lambda.log_stream(), Some("2026/03/10/[$LATEST]0123"));
    assert_eq!(lambda.xray_trace_id(), Some("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"));
    // No JSON, as it is cut off: that is the affair of who reads it.
    assert_eq!(lambda.client_context(), Some("{\"client\":{\"app_title\":\"notes\"}"));
    assert_eq!(lambda.cognito_identity(), Some("{\"cognitoIdentityId\":\"x\"}"));
    assert_eq!(lambda.tenant_id(), Some("blue"));
    assert_eq!(lambda.shape(), Some(Shape::HttpApiV2));
    assert_eq!(lambda.stage(), Some("prod"));
    assert_eq!(lambda.api_request_id(), Some("JKJaXmPLvHcESHA="));
    assert!(lambda.authorizer().is_some_and(|json| json.starts_with(r#"{"jwt":{"claims":"#)));
    assert_eq!(lambda.claim("sub").as_deref(), Some("1234"));
    assert_eq!(lambda.claim("exp").as_deref(), Some("1773119783"));
    assert_eq!(lambda.claim("none"), None);
    assert_eq!(lambda.claim("scopes"), None);
    assert_eq!(invocation.deadline, None, "the last millisecond of 2019");
}

#[test]
fn nothing_of_it() {
    let invocation = invocation(&|_: &str| None, &[], &event(r#""stage":null"#));
    let lambda = lambda(&invocation);
    let texts = [
        lambda.request_id(),
        lambda.invoked_function_arn(),
        lambda.function_name(),
        lambda.function_version(),
        lambda.log_group(),
        lambda.log_stream(),
        lambda.xray_trace_id(),
        lambda.client_context(),
        lambda.cognito_identity(),
        lambda.tenant_id(),
        lambda.stage(),
        lambda.api_request_id(),
        lambda.authorizer(),
    ];
    assert_eq!(texts, [None; 13]);
    assert_eq!((lambda.memory_mb(), lambda.claim("sub")), (None, None));
    assert_eq!((invocation.id.as_deref(), invocation.version.as_deref(), invocation.trace), (None, None, None));
}

/// A claim is what a token says. What a Lambda authorizer adds has no rule, and none is made up: it is in the JSON.
#[test]
fn claims_of_each_authorizer() {
    for (authorizer, claim) in [
        (r#"{"claims":{"sub":"cognito"}}"#, Some("cognito")),
        (r#"{"claims":null}"#, None),
        (r#"{"lambda":{"sub":"not verified"}}"#, None),
        (r#"{"sub":"not verified","principalId":"x"}"#, None),
        (r#"{"jwt":"x"}"#, None),
        (r#"{"iam":{"userId":"x"}}"#, None),
        ("[1]", None),
    ] {
        let invocation = invocation(&|_: &str| None, &[], &event(&format!(r#""authorizer":{authorizer}"#)));
        assert_eq!(lambda(&invocation).authorizer(), Some(authorizer));
        assert_eq!(lambda(&invocation).claim("sub").as_deref(), claim, "{authorizer}");
    }
}
