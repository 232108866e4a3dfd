//! What stands in front of the functions of HTTP requests: one HTTP API for all units, or a URL for each.

use crate::emit::{
    aws::{Front, Plan, Planned, Source, get, routes},
    yaml::{Map, Yaml, map},
};

/// The resources, and where the functions are then.
pub(super) fn resources(plan: &Plan<'_>) -> (Map, Map) {
    let functions: Vec<_> = plan.units.iter().filter(|planned| matches!(planned.source, Source::Http)).collect();
    match plan.front {
        _ if functions.is_empty() => (Map::default(), Map::default()),
        Front::HttpApi => {
            (api(plan, &functions), map! { "HttpApiUrl" => map! { "Value" => get("HttpApi", "ApiEndpoint") } })
        }
        Front::FunctionUrl { streams } => {
            let (mut resources, mut outputs) = (Map::default(), Map::default());
            for planned in functions {
                resources = resources.and(url(planned, streams));
                outputs =
                    outputs.with(planned.id("Url"), map! { "Value" => get(&planned.id("FunctionUrl"), "FunctionUrl") });
            }
            (resources, outputs)
        }
    }
}

fn api(plan: &Plan<'_>, functions: &[&Planned<'_>]) -> Map {
    let api = || map! { "Ref" => "HttpApi" };
    let mut all = map! {
        "HttpApi" => typed("AWS::ApiGatewayV2::Api", map! { "Name" => plan.app.name.as_str(), "ProtocolType" => "HTTP" }),
        "HttpApiStage" => typed("AWS::ApiGatewayV2::Stage", map! { "ApiId" => api(), "StageName" => "$default", "AutoDeploy" => true }),
    };
    for planned in functions {
        let integration = map! {
            "ApiId" => api(),
            "IntegrationType" => "AWS_PROXY",
            "IntegrationUri" => get(&planned.id("Function"), "Arn"),
            "PayloadFormatVersion" => "2.0",
        };
        let source =
            map! { "Fn::Sub" => "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${HttpApi}/*" };
        let permission = map! {
            "FunctionName" => map! { "Ref" => planned.id("Function") },
            "Action" => "lambda:InvokeFunction",
            "Principal" => "apigateway.amazonaws.com",
            "SourceArn" => source,
        };
        all = all
            .with(planned.id("Integration"), typed("AWS::ApiGatewayV2::Integration", integration))
            .with(planned.id("Permission"), typed("AWS::Lambda::Permission", permission));
        let own = routes(plan.units.iter().map(|planned| &planned.unit))
            .into_iter()
            .filter(|route| route.unit == planned.unit.id);
        for (number, route) in own.enumerate() {
            let integration = planned.id("Integration");
            let auth = if planned.unit.is_public() { "NONE" } else { "AWS_IAM" };
            let route = map! {
                "ApiId" => api(),
                "RouteKey" => route.key(),
                "AuthorizationType" => auth,
                "Target" => map! { "Fn::Sub" => format!("integrations/${{{integration}}}") },
            };
            all = all.with(planned.id(&format!("Route{}", number + 1)), typed("AWS::ApiGatewayV2::Route", route));
        }
    }
    all
}

/// A URL. What everyone may call needs two permissions since October 2025:
/// [the contract](https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html).
fn url(planned: &Planned<'_>, streams: bool) -> Map {
    let function: Yaml = map! { "Ref" => planned.id("Function") }.into();
    let is_public = planned.unit.is_public();
    let auth = if is_public { "NONE" } else { "AWS_IAM" };
    let mode = if streams { "RESPONSE_STREAM" } else { "BUFFERED" };
    let url =
        map! { "TargetFunctionArn" => get(&planned.id("Function"), "Arn"), "AuthType" => auth, "InvokeMode" => mode };
    let all = map! { planned.id("FunctionUrl") => typed("AWS::Lambda::Url", url) };
    if !is_public {
        return all;
    }
    let asks = map! {
        "FunctionName" => function.clone(),
        "Action" => "lambda:InvokeFunctionUrl",
        "Principal" => "*",
        "FunctionUrlAuthType" => "NONE",
    };
    let calls = map! {
        "FunctionName" => function,
        "Action" => "lambda:InvokeFunction",
        "Principal" => "*",
        "InvokedViaFunctionUrl" => true,
    };
    all.with(planned.id("UrlPermission"), typed("AWS::Lambda::Permission", asks))
        .with(planned.id("Permission"), typed("AWS::Lambda::Permission", calls))
}

fn typed(kind: &str, properties: Map) -> Map {
    map! { "Type" => kind, "Properties" => properties }
}
