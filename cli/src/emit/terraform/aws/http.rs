//! What stands in front of the functions of HTTP requests: one HTTP API for all units, or a URL for each.

use super::function;
use crate::{
    emit::{
        aws::{Front, Plan, Planned, Source, routes, stack},
        hcl::{Block, Body, raw, template},
        words,
    },
    plan::names::ident,
};

pub(super) fn http(plan: &Plan<'_>) -> Body {
    let mut body = Body::default();
    let mut functions = functions(plan).peekable();
    if functions.peek().is_none() {
        return body;
    }
    match plan.front {
        Front::HttpApi => api(plan, &mut body),
        Front::FunctionUrl { streams } => functions.for_each(|planned| url(planned, streams, &mut body)),
    }
    body
}

pub(super) fn outputs(plan: &Plan<'_>) -> Body {
    let mut body = Body::default();
    match plan.front {
        Front::HttpApi if functions(plan).next().is_some() => {
            body.add(Block::new("output", &["http_url"]).set("value", raw("aws_apigatewayv2_api.http.api_endpoint")));
        }
        Front::HttpApi => {}
        Front::FunctionUrl { .. } => {
            for planned in functions(plan) {
                let id = ident(planned.unit.label());
                let url = raw(format!("aws_lambda_function_url.{id}.function_url"));
                body.add(Block::new("output", &[&format!("{id}_url")]).set("value", url));
            }
        }
    }
    body
}

fn functions<'p, 'a>(plan: &'p Plan<'a>) -> impl Iterator<Item = &'p Planned<'a>> {
    plan.units.iter().filter(|planned| matches!(planned.source, Source::Http))
}

fn api(plan: &Plan<'_>, body: &mut Body) {
    body.add(Block::resource("aws_apigatewayv2_api", "http").set("name", stack(plan.app)).set("protocol_type", "HTTP"));
    body.add(
        Block::resource("aws_apigatewayv2_stage", "http")
            .set("api_id", raw("aws_apigatewayv2_api.http.id"))
            .set("name", "$default")
            .set("auto_deploy", true),
    );
    let all = routes(plan.units.iter().map(|planned| &planned.unit));
    for planned in functions(plan) {
        let (id, lambda) = (ident(planned.unit.label()), function(planned.unit.label()));
        body.add(
            Block::resource("aws_apigatewayv2_integration", &id)
                .about(words::of_all(&planned.unit.functions))
                .set("api_id", raw("aws_apigatewayv2_api.http.id"))
                .set("integration_type", "AWS_PROXY")
                .set("integration_uri", raw(format!("{lambda}.arn")))
                .set("payload_format_version", "2.0"),
        );
        body.add(
            Block::resource("aws_lambda_permission", &id)
                .set("function_name", raw(format!("{lambda}.function_name")))
                .set("action", "lambda:InvokeFunction")
                .set("principal", "apigateway.amazonaws.com")
                .set("source_arn", template("${aws_apigatewayv2_api.http.execution_arn}/*")),
        );
        let auth = if planned.unit.is_public() { "NONE" } else { "AWS_IAM" };
        let own = all.iter().filter(|route| route.unit == planned.unit.id);
        for (number, route) in own.enumerate() {
            body.add(
                Block::resource("aws_apigatewayv2_route", &format!("{id}_{}", number + 1))
                    .set("api_id", raw("aws_apigatewayv2_api.http.id"))
                    .set("route_key", route.key())
                    .set("authorization_type", auth)
                    .set("target", template(format!("integrations/${{aws_apigatewayv2_integration.{id}.id}}"))),
            );
        }
    }
}

/// A URL. What everyone may call needs two permissions since October 2025:
/// [the contract](https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html).
fn url(planned: &Planned<'_>, streams: bool, body: &mut Body) {
    let (id, lambda) = (ident(planned.unit.label()), function(planned.unit.label()));
    let is_public = planned.unit.is_public();
    body.add(
        Block::resource("aws_lambda_function_url", &id)
            .about(words::of_all(&planned.unit.functions))
            .set("function_name", raw(format!("{lambda}.function_name")))
            .set("authorization_type", if is_public { "NONE" } else { "AWS_IAM" })
            .set("invoke_mode", if streams { "RESPONSE_STREAM" } else { "BUFFERED" }),
    );
    if !is_public {
        return;
    }
    let permission = |name: String, action: &str| {
        Block::resource("aws_lambda_permission", &name)
            .set("function_name", raw(format!("{lambda}.function_name")))
            .set("action", action)
            .set("principal", "*")
    };
    body.add(permission(format!("{id}_url"), "lambda:InvokeFunctionUrl").set("function_url_auth_type", "NONE"));
    body.add(permission(id, "lambda:InvokeFunction").set("invoked_via_function_url", true));
}
