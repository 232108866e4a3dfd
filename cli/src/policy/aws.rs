//! What the roles of a unit need on AWS.

use crate::{
    model::{App, Class, Function, Grant, ResourceKind, Trigger, Verb},
    plan::units::Unit,
};

use super::{Arn, Holder, Permission, Reason, ReasonKind, Role, add};

/// That of the unit, with what its functions need, then that of its schedule.
pub(super) fn roles(app: &App, unit: &Unit<'_>) -> Vec<Role> {
    let role = |holder, permissions| Role {
        unit: unit.label().to_owned(),
        functions: unit.functions.iter().map(|function| function.name.clone()).collect(),
        holder,
        permissions,
    };
    let mut permissions = Vec::new();
    logs(&mut permissions, app, unit);
    for function in &unit.functions {
        trigger(&mut permissions, app, function);
        dead_letters(&mut permissions, app, function);
        for grant in &function.grants {
            granted(&mut permissions, app, function, grant);
        }
    }
    let mut roles = vec![role(Holder::Function, permissions)];
    if let [function] = unit.functions[..]
        && let Some(words) = words_of_schedule(function)
    {
        let why = Reason::new(ReasonKind::Trigger, words, function);
        let mut calls = Vec::new();
        add(&mut calls, Some(Arn::of_unit(app, unit)), &["lambda:InvokeFunction"], &why);
        roles.push(role(Holder::Schedule, calls));
    }
    roles
}

/// The log group is made by the text, so that no function can make others.
fn logs(all: &mut Vec<Permission>, app: &App, unit: &Unit<'_>) {
    let why = Reason::new(ReasonKind::Logs, format!("`{}` writes its log", unit.label()), unit.functions[0]);
    add(all, Some(Arn::of_log(app, unit)), &["logs:CreateLogStream", "logs:PutLogEvents"], &why);
}

/// What Lambda reads for the function, in the function's name. Where events are pushed, nobody reads.
fn trigger(all: &mut Vec<Permission>, app: &App, function: &Function) {
    let Some((kind, source)) = function.trigger.resource() else { return };
    let class = function.trigger.class();
    let why = Reason::new(ReasonKind::Trigger, format!("{} = \"{source}\"", class.key()), function);
    let arn = Arn::of(app, &app.resource(kind, source));
    match class {
        Class::Queue => {
            add(all, Some(arn), &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], &why);
        }
        Class::Stream => {
            let reads = [
                "kinesis:DescribeStream",
                "kinesis:DescribeStreamSummary",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:ListShards",
            ];
            add(all, Some(arn), &reads, &why);
        }
        Class::Changes => {
            let reads = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];
            add(all, Some(arn.below("/stream/*")), &reads, &why);
            // IAM knows no resource for it, though a guide shows it with one; it names streams, and shows nothing of them:
            // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
            add(all, None, &["dynamodb:ListStreams"], &why);
        }
        Class::Http | Class::Topic | Class::Storage | Class::Schedule | Class::Event | Class::Invoke => {}
    }
}

/// A queue moves its dead letters by itself; those of all others are sent in the function's name.
fn dead_letters(all: &mut Vec<Permission>, app: &App, function: &Function) {
    let Some(queue) = function.options.dead_letter.as_deref() else { return };
    if matches!(function.trigger.class(), Class::Queue | Class::Http | Class::Invoke) {
        return;
    }
    let why = Reason::new(ReasonKind::DeadLetter, format!("dead_letter = \"{queue}\""), function);
    let arn = Arn::of(app, &app.resource(ResourceKind::Queue, queue));
    add(all, Some(arn), &["sqs:SendMessage"], &why);
}

fn granted(all: &mut Vec<Permission>, app: &App, function: &Function, grant: &Grant) {
    let why = Reason::new(ReasonKind::Grant, grant.to_string(), function);
    let arn = || Arn::of(app, &app.resource(grant.kind, &grant.name));
    let mut allow = |arn: Arn, actions: &[&'static str]| add(all, Some(arn), actions, &why);
    let verb = grant.verb;
    let is = |part: Verb| verb == part || part.is_part_of(verb);
    match grant.kind {
        ResourceKind::Bucket => {
            if is(Verb::Gets) {
                allow(arn().below("/*"), &["s3:GetObject"]);
            }
            if is(Verb::Lists) {
                allow(arn(), &["s3:ListBucket"]);
            }
            if is(Verb::Puts) {
                allow(arn().below("/*"), &["s3:PutObject", "s3:AbortMultipartUpload"]);
            }
            if is(Verb::Deletes) {
                allow(arn().below("/*"), &["s3:DeleteObject"]);
            }
        }
        ResourceKind::Table => {
            if is(Verb::Gets) {
                allow(arn(), &["dynamodb:GetItem", "dynamodb:BatchGetItem"]);
            }
            if is(Verb::Lists) {
                allow(arn(), &["dynamodb:Query", "dynamodb:Scan"]);
                allow(arn().below("/index/*"), &["dynamodb:Query", "dynamodb:Scan"]);
            }
            if is(Verb::Puts) {
                allow(arn(), &["dynamodb:PutItem", "dynamodb:UpdateItem"]);
            }
            if is(Verb::Deletes) {
                allow(arn(), &["dynamodb:DeleteItem"]);
            }
            // It puts and deletes.
            if verb == Verb::Writes {
                allow(arn(), &["dynamodb:BatchWriteItem"]);
            }
        }
        // `#[function]` refuses all but `publishes` on these.
        ResourceKind::Queue => allow(arn(), &["sqs:SendMessage"]),
        ResourceKind::Topic => allow(arn(), &["sns:Publish"]),
        ResourceKind::Stream => allow(arn(), &["kinesis:PutRecord", "kinesis:PutRecords"]),
    }
}

fn words_of_schedule(function: &Function) -> Option<String> {
    match &function.trigger {
        Trigger::Schedule(source) => Some(format!("schedule = \"{source}\"")),
        _ => None,
    }
}
