//! The services of AWS that wait for a function's result, with the types of `aws_lambda_events`.

use aws_lambda_events::event::{
    apigw::{
        ApiGatewayCustomAuthorizerPolicy, ApiGatewayCustomAuthorizerRequestTypeRequest,
        ApiGatewayCustomAuthorizerResponse, ApiGatewayV2CustomAuthorizerSimpleResponse,
        ApiGatewayV2CustomAuthorizerV2Request,
    },
    appsync::AppSyncDirectResolverEvent,
    bedrock_agent_runtime::AgentEvent,
    cloudformation::provider::{CloudFormationCustomResourceRequest, CloudFormationCustomResourceResponse},
    cognito::{CognitoEventUserPoolsPreSignup, CognitoEventUserPoolsPreTokenGenV2},
    firehose::{KinesisFirehoseEvent, KinesisFirehoseResponse, KinesisFirehoseResponseRecord},
    iam::{IamPolicyEffect, IamPolicyStatement},
    s3::batch_job::{S3BatchJobEvent, S3BatchJobResponse, S3BatchJobResult},
};
use omnifn::{prelude::*, testing::Testing};
use serde_json::{Value, json};

use crate::fixtures;

#[derive(Debug, FunctionError)]
#[fault(name = "NotInvited")]
struct NotInvited;

impl std::fmt::Display for NotInvited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("this shop is for members")
    }
}

impl std::error::Error for NotInvited {}

/// A trigger of a Cognito user pool returns the event that it received, with its response filled in.
#[function(invoke)]
async fn sign_up(
    Json(mut event): Json<CognitoEventUserPoolsPreSignup>,
) -> Result<Json<CognitoEventUserPoolsPreSignup>, NotInvited> {
    let email = event.request.user_attributes.get("email").map(String::as_str).unwrap_or_default();
    if email.ends_with("@example.org") {
        return Err(NotInvited);
    }
    event.response.auto_confirm_user = true;
    Ok(Json(event))
}

#[function(invoke)]
async fn claims(Json(event): Json<CognitoEventUserPoolsPreTokenGenV2>) -> Json<CognitoEventUserPoolsPreTokenGenV2> {
    Json(event)
}

/// An authorizer of a REST API returns a policy.
#[function(invoke)]
async fn authorize(
    Json(request): Json<ApiGatewayCustomAuthorizerRequestTypeRequest>,
) -> Json<ApiGatewayCustomAuthorizerResponse> {
    let mut statement = IamPolicyStatement::default();
    statement.action = vec!["execute-api:Invoke".to_owned()];
    statement.resource = request.method_arn.into_iter().collect();
    statement.effect =
        if request.headers.contains_key("X-Denied") { IamPolicyEffect::Deny } else { IamPolicyEffect::Allow };
    let mut policy = ApiGatewayCustomAuthorizerPolicy::default();
    policy.version = Some("2012-10-17".to_owned());
    policy.statement = vec![statement];
    let mut response = ApiGatewayCustomAuthorizerResponse::default();
    response.principal_id = Some("me".to_owned());
    response.policy_document = policy;
    Json(response)
}

/// An authorizer of an HTTP API may return a yes or a no.
#[function(invoke)]
async fn allow(
    Json(request): Json<ApiGatewayV2CustomAuthorizerV2Request>,
) -> Json<ApiGatewayV2CustomAuthorizerSimpleResponse> {
    let mut response = ApiGatewayV2CustomAuthorizerSimpleResponse::default();
    response.is_authorized = request.headers.contains_key("header1");
    response.context = json!({"user": "me"});
    Json(response)
}

/// A custom resource of CloudFormation behind the CDK's provider framework, which waits for the result.
#[function(invoke)]
async fn resource(
    Json(request): Json<CloudFormationCustomResourceRequest>,
) -> Result<Json<CloudFormationCustomResourceResponse>> {
    let mut response = CloudFormationCustomResourceResponse::default();
    response.physical_resource_id = match request {
        CloudFormationCustomResourceRequest::Create(_) => Some("created".to_owned()),
        CloudFormationCustomResourceRequest::Update(update) => Some(update.physical_resource_id),
        CloudFormationCustomResourceRequest::Delete(delete) => Some(delete.physical_resource_id),
        _ => bail!("there is no such request"),
    };
    Ok(Json(response))
}

/// A transformation of Firehose returns each record.
#[function(invoke)]
async fn transform(Json(event): Json<KinesisFirehoseEvent>) -> Json<KinesisFirehoseResponse> {
    let mut response = KinesisFirehoseResponse::default();
    response.records = event
        .records
        .into_iter()
        .map(|record| {
            let mut done = KinesisFirehoseResponseRecord::default();
            done.record_id = record.record_id;
            done.result = Some("Ok".to_owned());
            done.data.0 = record.data.0.to_ascii_uppercase();
            done
        })
        .collect();
    Json(response)
}

/// A task of S3 Batch Operations.
#[function(invoke)]
async fn each_object(Json(event): Json<S3BatchJobEvent>) -> Json<S3BatchJobResponse> {
    let mut response = S3BatchJobResponse::default();
    response.invocation_schema_version = event.invocation_schema_version;
    response.treat_missing_keys_as = Some("PermanentFailure".to_owned());
    response.invocation_id = event.invocation_id;
    response.results = event
        .tasks
        .into_iter()
        .map(|task| {
            let mut result = S3BatchJobResult::default();
            result.task_id = task.task_id;
            result.result_code = Some("Succeeded".to_owned());
            result.result_string = task.s3_key;
            result
        })
        .collect();
    Json(response)
}

/// A resolver of AppSync.
#[function(invoke)]
async fn greet(Json(event): Json<AppSyncDirectResolverEvent>) -> Json<Value> {
    Json(json!({"field": event.info.field_name, "input": event.arguments.unwrap_or_default()["input"]}))
}

/// A resolver of AppSync with a batch: the event is a list, and so is the result.
#[function(invoke)]
async fn greet_all(Json(events): Json<Vec<AppSyncDirectResolverEvent>>) -> Json<Vec<String>> {
    Json(events.into_iter().map(|event| event.info.field_name).collect())
}

/// An action group of an agent of Bedrock.
#[function(invoke)]
async fn act(Json(event): Json<AgentEvent>) -> Json<Value> {
    Json(json!({
        "messageVersion": "1.0",
        "response": {
            "actionGroup": event.action_group,
            "apiPath": event.api_path,
            "httpMethod": event.http_method,
            "httpStatusCode": 200,
            "responseBody": {"application/json": {"body": "{}"}},
        },
    }))
}

fn app() -> App {
    omnifn::app!(sign_up, claims, authorize, allow, resource, transform, each_object, greet, greet_all, act)
}

/// Invokes a function as the service does.
async fn invoke(function: &'static str, event: String) -> Value {
    let lambda = Testing::new(move || app().only(function)).lambda().expect("a port");
    let result = lambda.invoke(event).await.unwrap_or_else(|error| panic!("{function}: {error}"));
    serde_json::from_slice(&result).expect("JSON")
}

#[tokio::test]
async fn cognito() {
    let event = fixtures::named("cognito-event-userpools-presignup");
    let result = invoke("sign_up", event.clone()).await;
    let event: Value = serde_json::from_str(&event).expect("JSON");
    assert_eq!(result["response"]["autoConfirmUser"], true);
    // Cognito requires the rest of its event unchanged.
    for key in ["version", "triggerSource", "region", "userPoolId", "userName", "request"] {
        assert_eq!(result[key], event[key], "{key}");
    }
    let lambda = Testing::new(|| app().only("sign_up")).lambda().expect("a port");
    let mut event = event;
    event["request"]["userAttributes"]["email"] = "a@example.org".into();
    let error = lambda.invoke(event.to_string()).await.expect_err("a failure");
    // Cognito shows the message to the user.
    assert_eq!((&*error.error_type, &*error.error_message), ("NotInvited", "this shop is for members"));
    let result = invoke("claims", fixtures::named("cognito-event-userpools-pretokengen-v2")).await;
    assert!(result["response"].get("claimsAndScopeOverrideDetails").is_some(), "{result}");
}

#[tokio::test]
async fn authorizers() {
    let event = fixtures::named("apigw-custom-auth-request-type-request");
    let result = invoke("authorize", event.clone()).await;
    let arn = &serde_json::from_str::<Value>(&event).expect("JSON")["methodArn"];
    assert_eq!(result["principalId"], "me");
    let statement = &result["policyDocument"]["Statement"][0];
    assert_eq!((&statement["Effect"], &statement["Resource"][0]), (&json!("Allow"), arn));
    let result = invoke("allow", fixtures::named("apigw-v2-custom-authorizer-v2-request")).await;
    assert_eq!(result, json!({"isAuthorized": true, "context": {"user": "me"}}));
}

#[tokio::test]
async fn custom_resources() {
    for (kind, id) in [("create", "created"), ("update", "custom-resource-id"), ("delete", "custom-resource-id")] {
        let event = fixtures::named(&format!("cloudformation-custom-resource-provider-{kind}-request"));
        let expected = match serde_json::from_str::<Value>(&event).expect("JSON")["PhysicalResourceId"].as_str() {
            Some(id) => id.to_owned(),
            None => id.to_owned(),
        };
        assert_eq!(invoke("resource", event).await["PhysicalResourceId"], expected, "{kind}");
    }
}

#[tokio::test]
async fn firehose() {
    let result = invoke("transform", fixtures::named("kinesis-firehose-event")).await;
    let records = result["records"].as_array().expect("records");
    assert!(!records.is_empty());
    assert!(records.iter().all(|record| record["result"] == "Ok" && record["recordId"].is_string()), "{result}");
}

#[tokio::test]
async fn s3_batch_operations() {
    // The example of https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html.
    let event = json!({
        "invocationSchemaVersion": "1.0",
        "invocationId": "YXNkbGZqYWRmaiBhc2RmdW9hZHNmZGpmaGFzbGtkaGZza2RmaAo",
        "job": {"id": "f3cc4f60-61f6-4a2b-8a21-d07600c373ce"},
        "tasks": [{
            "taskId": "dGFza2lkZ29lc2hlcmUK",
            "s3Key": "customerImage1.jpg",
            "s3VersionId": "1",
            "s3BucketArn": "arn:aws:s3:us-east-1:0123456788:amzn-s3-demo-bucket",
        }],
    });
    let result = invoke("each_object", event.to_string()).await;
    let expected = json!({
        "invocationSchemaVersion": "1.0",
        "treatMissingKeysAs": "PermanentFailure",
        "invocationId": "YXNkbGZqYWRmaiBhc2RmdW9hZHNmZGpmaGFzbGtkaGZza2RmaAo",
        "results": [{
            "taskId": "dGFza2lkZ29lc2hlcmUK", "resultCode": "Succeeded", "resultString": "customerImage1.jpg",
        }],
    });
    assert_eq!(result, expected);
}

#[tokio::test]
async fn appsync() {
    let event = fixtures::named("appsync-direct-resolver");
    assert_eq!(invoke("greet", event.clone()).await, json!({"field": "greet", "input": "foo"}));
    assert_eq!(invoke("greet_all", format!("[{event},{event}]")).await, json!(["greet", "greet"]));
}

#[tokio::test]
async fn bedrock() {
    for name in ["", "-without-parameters", "-without-request-body"] {
        let event = fixtures::named(&format!("bedrock-agent-runtime-event{name}"));
        let result = invoke("act", event.clone()).await;
        let event: Value = serde_json::from_str(&event).expect("JSON");
        assert_eq!(result["response"]["apiPath"], event["apiPath"], "{name}");
    }
}
