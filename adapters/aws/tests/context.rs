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

/// The fields of a Lambda authorizer are read in one way, whichever payload format carries them.
#[test]
fn fields_of_a_lambda_authorizer_with_each_payload() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Fields {
        tenant: String,
        seats: u32,
        admin: bool,
        region: Option<String>,
    }
    let v1 = |version: &str, authorizer: &str| {
        let context =
            r#""domainName":"a.execute-api.eu-west-1.amazonaws.com","accountId":"123456789012","stage":"prod""#;
        format!(
            r#"{{{version}"httpMethod":"GET","path":"/","stageVariables":{{"color":"blue"}},
                "requestContext":{{{context},"authorizer":{authorizer}}}}}"#
        )
    };
    let v2 = |authorizer: &str| event(&format!(r#""authorizer":{authorizer}"#));
    let texts = r#"{"principalId":"p","tenant":"tea & co","seats":"7","admin":"true","region":null}"#;
    let typed = r#"{"lambda":{"tenant":"tea & co","seats":7,"admin":true,"region":null}}"#;
    for event in [v1("", texts), v1(r#""version":"1.0","#, texts), v2(typed)] {
        let invocation = invocation(&|_: &str| None, &[], &event);
        let lambda = lambda(&invocation);
        let expected = Fields { tenant: "tea & co".to_owned(), seats: 7, admin: true, region: None };
        assert_eq!(lambda.authorizer_fields().expect("the fields fit"), Some(expected), "{event}");
        assert_eq!(lambda.authorizer_field("seats").as_deref(), Some("7"), "{event}");
        assert_eq!((lambda.authorizer_field("region"), lambda.authorizer_field("none")), (None, None));
        assert_eq!(lambda.claim("tenant"), None);
        let error = lambda.authorizer_fields::<std::collections::BTreeMap<String, u8>>().expect_err("they do not fit");
        assert!(error.to_string().starts_with("the fields of the authorizer do not fit: "), "{error}");
    }
    let invocation = invocation(&|_: &str| None, &[], &v1("", texts));
    let lambda = lambda(&invocation);
    assert_eq!((lambda.account_id(), lambda.stage_variable("color").as_deref()), (Some("123456789012"), Some("blue")));
    assert_eq!((lambda.stage_variable("none"), lambda.shape()), (None, Some(Shape::RestV1)));
}

#[test]
fn claims_as_a_type() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Claims {
        sub: String,
        exp: u64,
    }
    let expected = Claims { sub: "1234".to_owned(), exp: 1_773_119_783 };
    for authorizer in [
        r#"{"jwt":{"claims":{"sub":"1234","exp":"1773119783"},"scopes":["a"]}}"#,
        r#"{"claims":{"sub":"1234","exp":1773119783},"scopes":null}"#,
    ] {
        let invocation = invocation(&|_: &str| None, &[], &event(&format!(r#""authorizer":{authorizer}"#)));
        assert_eq!(lambda(&invocation).claims().expect("the claims fit").as_ref(), Some(&expected), "{authorizer}");
        assert_eq!(lambda(&invocation).authorizer_field("sub"), None, "a claim is no field of a Lambda authorizer");
    }
    let invocation = invocation(&|_: &str| None, &[], &event(r#""authorizer":{"lambda":{"sub":"x","exp":1}}"#));
    assert_eq!(lambda(&invocation).claims::<Claims>().expect("no token"), None);
}
