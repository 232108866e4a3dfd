//! The functions, each with its log group and its role.

use super::{PLACE, arn, function, secrets};
use crate::{
    emit::{
        aws::{Front, LOG_DAYS, Plan, Planned},
        hcl::{Block, Body, Value, literal, raw, template},
        words,
    },
    model::ResourceKind,
    plan::{names::ident, variables},
    policy::{Holder, Role, statements},
};

pub(super) fn functions(plan: &Plan<'_>) -> Body {
    let mut body = Body::default();
    for planned in &plan.units {
        let id = ident(planned.unit.label());
        body.add(
            Block::resource("aws_cloudwatch_log_group", &id)
                .about(format!("What {} writes.", words::of_all(&planned.unit.functions)))
                .set("name", format!("/aws/lambda/{}", planned.name))
                .set("retention_in_days", LOG_DAYS),
        );
        role(&mut body, &planned.role);
        body.add(lambda(plan, planned, &id));
        retries(plan, planned, &mut body);
    }
    for secret in secrets(plan) {
        body.add(
            Block::data("aws_secretsmanager_secret_version", &ident(secret)).set("secret_id", plan.secret(secret)),
        );
    }
    body
}

fn lambda(plan: &Plan<'_>, planned: &Planned<'_>, id: &str) -> Block {
    let package = plan.package(planned);
    let file = package.rsplit('/').next().unwrap_or(&package);
    let path = format!("${{var.packages}}/{}", literal(file));
    Block::resource("aws_lambda_function", id)
        .about(words::of_all(&planned.unit.functions))
        .set("function_name", planned.name.as_str())
        .set("filename", template(path.clone()))
        .set("source_code_hash", raw(format!("filebase64sha256(\"{path}\")")))
        .set("runtime", "provided.al2023")
        .set("handler", "bootstrap")
        .set("architectures", Value::List(vec![plan.architecture().into()]))
        .set("memory_size", planned.memory)
        .set("timeout", planned.timeout)
        .set_some("reserved_concurrent_executions", planned.reserved)
        .set("role", raw(format!("aws_iam_role.{id}.arn")))
        .block(Block::new("environment", &[]).set("variables", Value::Map(environment(plan, planned))))
        .block(
            Block::new("logging_config", &[])
                .set("log_format", "JSON")
                .set("log_group", raw(format!("aws_cloudwatch_log_group.{id}.name"))),
        )
        .set("depends_on", raw(format!("[aws_iam_role_policy.{id}]")))
}

fn environment(plan: &Plan<'_>, planned: &Planned<'_>) -> Vec<(String, Value)> {
    let unit = &planned.unit;
    let selected = unit.selected().map(|names| ("OMNIFN_FUNCTION".to_owned(), names.into()));
    let mut all: Vec<(String, Value)> = selected.into_iter().collect();
    if unit.serves_http() && plan.front == (Front::FunctionUrl { streams: true }) {
        all.push(("OMNIFN_AWS_STREAMING".to_owned(), "1".into()));
    }
    let told = ["OMNIFN_FUNCTION", "OMNIFN_AWS_STREAMING"];
    let own = unit.environment().into_iter().filter(|(name, _)| !told.contains(name));
    all.extend(own.map(|(name, value)| (name.to_owned(), value.into())));
    let places = variables::aws(plan.app, unit, &PLACE, "${data.aws_partition.current.dns_suffix}");
    all.extend(places.into_iter().map(|(name, value)| (name, template(value))));
    all.extend(unit.secrets().into_iter().map(|name| {
        (name.to_owned(), raw(format!("data.aws_secretsmanager_secret_version.{}.secret_string", ident(name))))
    }));
    all
}

/// What becomes of events that fail, where Lambda is only handed them.
fn retries(plan: &Plan<'_>, planned: &Planned<'_>, body: &mut Body) {
    let Some(retries) = &planned.retries else { return };
    let mut block = Block::resource("aws_lambda_function_event_invoke_config", &ident(planned.unit.label()))
        .about(format!("What becomes of an event that fails in {}.", words::of_all(&planned.unit.functions)))
        .set("function_name", raw(format!("{}.function_name", function(planned.unit.label()))))
        .set_some("maximum_retry_attempts", retries.again);
    if let Some(dead) = &planned.function.options.dead_letter {
        let queue = arn(plan.app, &plan.app.resource(ResourceKind::Queue, dead));
        block = block.block(
            Block::new("destination_config", &[]).block(Block::new("on_failure", &[]).set("destination", queue)),
        );
    }
    body.add(block);
}

/// A role with its one policy; a comment in each statement gives its reason.
pub(super) fn role(body: &mut Body, role: &Role) {
    let (id, service) = match role.holder {
        Holder::Function => (ident(&role.unit), "lambda.amazonaws.com"),
        Holder::Schedule => (ident(&format!("{}-schedule", role.unit)), "scheduler.amazonaws.com"),
    };
    let mut trust = Block::new("statement", &[]).set("actions", Value::List(vec!["sts:AssumeRole".into()])).block(
        Block::new("principals", &[]).set("type", "Service").set("identifiers", Value::List(vec![service.into()])),
    );
    if role.holder == Holder::Schedule {
        trust = trust.block(
            Block::new("condition", &[])
                .about("Nobody else's schedule can use it.")
                .set("test", "StringEquals")
                .set("variable", "aws:SourceAccount")
                .set("values", Value::List(vec![raw("local.account")])),
        );
    }
    body.add(Block::data("aws_iam_policy_document", &format!("{id}_trust")).block(trust));
    body.add(
        Block::resource("aws_iam_role", &id)
            .set("name_prefix", crate::plan::names::fit(&format!("{}-", role.unit), 38))
            .set("assume_role_policy", raw(format!("data.aws_iam_policy_document.{id}_trust.json"))),
    );
    let allowed = statements(&role.permissions).into_iter().map(|statement| {
        let on = statement.on.map_or_else(|| "*".into(), |arn| template(arn.write(&PLACE)));
        let mut block = Block::new("statement", &[]);
        for reason in statement.why {
            block = block.about(format!("For {reason}."));
        }
        block
            .set("actions", Value::List(statement.actions.into_iter().map(Value::from).collect()))
            .set("resources", Value::List(vec![on]))
    });
    body.add(Block::data("aws_iam_policy_document", &id).blocks(allowed));
    body.add(
        Block::resource("aws_iam_role_policy", &id)
            .set("role", raw(format!("aws_iam_role.{id}.id")))
            .set("policy", raw(format!("data.aws_iam_policy_document.{id}.json"))),
    );
}
