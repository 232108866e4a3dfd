//! Queues, topics, streams, tables and buckets that the functions name.

use super::{PLACE, arn, id_of, kind_of};
use crate::{
    emit::{
        aws::{DEAD_LETTERS, Plan, TABLE},
        hcl::{Block, Body, Value, raw, raws, template},
    },
    model::{Class, Function, Resource, ResourceKind},
    plan::arn::Name,
};

pub(super) fn resources(plan: &Plan<'_>) -> Body {
    let mut body = Body::default();
    for resource in plan.app.all_resources().into_iter().filter(|resource| resource.create) {
        let words = format!("The {} `{}`.", resource.kind.name(), resource.logical);
        let id = id_of(&resource);
        let block = match resource.kind {
            ResourceKind::Queue => queue(plan, &resource),
            ResourceKind::Topic => Block::resource("aws_sns_topic", &id).set("name", resource.name.as_str()),
            ResourceKind::Stream => Block::resource("aws_kinesis_stream", &id)
                .set("name", resource.name.as_str())
                .block(Block::new("stream_mode_details", &[]).set("stream_mode", "ON_DEMAND")),
            ResourceKind::Table => table(plan, &resource),
            ResourceKind::Bucket => {
                let name = Name::of(plan.app, &resource).write(&PLACE);
                Block::resource("aws_s3_bucket", &id).set("bucket", template(name))
            }
        };
        body.add(block.about(words));
        if resource.kind == ResourceKind::Bucket {
            private(&id, &mut body);
        }
        body.add_some(tls_only(&resource));
    }
    body
}

/// Adds the resources that block public access to a bucket, and encrypt its objects with S3's own keys.
fn private(id: &str, body: &mut Body) {
    let of_bucket = |kind: &str| Block::resource(kind, id).set("bucket", raw(format!("aws_s3_bucket.{id}.id")));
    body.add(
        of_bucket("aws_s3_bucket_public_access_block")
            .set("block_public_acls", true)
            .set("block_public_policy", true)
            .set("ignore_public_acls", true)
            .set("restrict_public_buckets", true),
    );
    let algorithm = Block::new("apply_server_side_encryption_by_default", &[]).set("sse_algorithm", "AES256");
    body.add(
        of_bucket("aws_s3_bucket_server_side_encryption_configuration").block(Block::new("rule", &[]).block(algorithm)),
    );
}

/// The policy of a bucket, queue, or topic that denies every request without TLS, as in CloudFormation.
fn tls_only(resource: &Resource) -> Option<Block> {
    let id = id_of(resource);
    let own = |attribute: &str| raw(format!("{}.{id}.{attribute}", kind_of(resource.kind)));
    let (kind, key, value, action) = match resource.kind {
        ResourceKind::Bucket => ("aws_s3_bucket_policy", "bucket", own("id"), "s3:*"),
        ResourceKind::Queue => ("aws_sqs_queue_policy", "queue_url", own("id"), "sqs:*"),
        // A topic's policy takes no `sns:*`.
        ResourceKind::Topic => ("aws_sns_topic_policy", "arn", own("arn"), "sns:Publish"),
        ResourceKind::Stream | ResourceKind::Table => return None,
    };
    let on = match resource.kind {
        ResourceKind::Bucket => Value::List(vec![own("arn"), template(format!("${{aws_s3_bucket.{id}.arn}}/*"))]),
        _ => own("arn"),
    };
    let map = |entries: Vec<(&str, Value)>| {
        Value::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    };
    let statement = map(vec![
        ("Sid", "DenyWithoutTls".into()),
        ("Effect", "Deny".into()),
        ("Principal", "*".into()),
        ("Action", action.into()),
        ("Resource", on),
        ("Condition", map(vec![("Bool", map(vec![("aws:SecureTransport", "false".into())]))])),
    ]);
    let document = map(vec![("Version", "2012-10-17".into()), ("Statement", Value::List(vec![statement]))]);
    let block = Block::resource(kind, &id)
        .about("No request without TLS.")
        .set(key, value)
        .set("policy", Value::Call("jsonencode", Box::new(document)));
    // S3 changes one setting of a bucket at a time.
    let is_bucket = resource.kind == ResourceKind::Bucket;
    Some(if is_bucket {
        block.set("depends_on", raws([format!("aws_s3_bucket_public_access_block.{id}")]))
    } else {
        block
    })
}

/// The resources of a kind that are made.
pub(super) fn made(plan: &Plan<'_>, kind: ResourceKind) -> Vec<Resource> {
    plan.app.all_resources().into_iter().filter(|resource| resource.kind == kind && resource.create).collect()
}

/// The tables that are there already, and whose changes start functions.
pub(super) fn tables_with_streams_that_are_there(plan: &Plan<'_>) -> Vec<Resource> {
    let tables = plan.app.all_resources().into_iter().filter(|it| it.kind == ResourceKind::Table && !it.create);
    tables.filter(|table| functions_of(plan, table, Class::Changes).next().is_some()).collect()
}

/// The functions of a class that are started by a resource.
fn functions_of<'a>(plan: &'a Plan<'_>, resource: &'a Resource, class: Class) -> impl Iterator<Item = &'a Function> {
    plan.app.functions.iter().filter(move |function| {
        function.trigger.class() == class && function.trigger.source() == Some(&resource.logical)
    })
}

/// A queue. A message that is read stays unseen for six times as long as its function may take, as Lambda's documentation advises.
fn queue(plan: &Plan<'_>, queue: &Resource) -> Block {
    let readers: Vec<_> = functions_of(plan, queue, Class::Queue).collect();
    let is_fifo = queue.name.ends_with(".fifo").then_some(true);
    let is_for_dead =
        plan.app.functions.iter().any(|function| function.options.dead_letter.as_ref() == Some(&queue.logical));
    let mut block = Block::resource("aws_sqs_queue", &id_of(queue))
        .set("name", queue.name.as_str())
        .set_some("fifo_queue", is_fifo)
        .set_some("content_based_deduplication", is_fifo)
        .set("sqs_managed_sse_enabled", true)
        .set_some("message_retention_seconds", is_for_dead.then_some(DEAD_LETTERS))
        .set_some("visibility_timeout_seconds", readers.iter().map(|function| plan.unseen(function)).max());
    let redrive = readers.iter().find_map(|function| {
        let dead = plan.app.resource(ResourceKind::Queue, function.options.dead_letter.as_deref()?);
        let attempts = function.options.attempts.unwrap_or(5).clamp(1, 1000);
        Some(Value::Map(vec![
            ("deadLetterTargetArn".to_owned(), arn(plan.app, &dead)),
            ("maxReceiveCount".to_owned(), attempts.into()),
        ]))
    });
    if let Some(redrive) = redrive {
        block = block.set("redrive_policy", Value::Call("jsonencode", Box::new(redrive)));
    }
    block
}

/// A table, whose key is a variable. It has a stream where a function hears of its changes.
fn table(plan: &Plan<'_>, table: &Resource) -> Block {
    let id = id_of(table);
    let mut block = Block::resource("aws_dynamodb_table", &id)
        .about(TABLE)
        .set("name", table.name.as_str())
        .set("billing_mode", "PAY_PER_REQUEST")
        .set("hash_key", raw(format!("var.{id}_key")));
    if functions_of(plan, table, Class::Changes).next().is_some() {
        block = block.set("stream_enabled", true).set("stream_view_type", "NEW_AND_OLD_IMAGES");
    }
    block
        .block(Block::new("attribute", &[]).set("name", raw(format!("var.{id}_key"))).set("type", "S"))
        // Terraform would else delete what it holds with it.
        .block(Block::new("lifecycle", &[]).set("prevent_destroy", true))
}
