//! The resources that are made with the functions, and the parameters for those that are there already.

use super::{Plan, id_of, sub};
use crate::{
    emit::yaml::{Map, Yaml, map},
    model::{Class, Function, Resource, ResourceKind},
    plan::arn::{Name, Place},
};

/// How long dead letters wait to be looked at, in seconds: the most that SQS keeps.
pub(in crate::emit) const DEAD_LETTERS: u32 = 14 * 24 * 60 * 60;

/// Each resource that is made, under its name in the text. `notifications` gives those of a bucket, and the permission that has to be
/// there before them, where the format writes them with the bucket.
pub(in crate::emit) fn made(plan: &Plan<'_>, notifications: impl Fn(&Resource) -> Option<(Map, String)>) -> Map {
    let made = plan.app.all_resources().into_iter().filter(|resource| resource.create);
    made.fold(Map::default(), |all, resource| {
        let id = id_of(&resource);
        let body = match resource.kind {
            ResourceKind::Queue => queue(plan, &resource),
            ResourceKind::Topic => typed("AWS::SNS::Topic", named("TopicName", &resource)),
            ResourceKind::Stream => {
                let mode = map! { "StreamMode" => "ON_DEMAND" };
                typed("AWS::Kinesis::Stream", named("Name", &resource).with("StreamModeDetails", mode))
            }
            ResourceKind::Table => table(plan, &resource),
            ResourceKind::Bucket => bucket(plan, &resource, notifications(&resource)),
        };
        let body = Yaml::from(body);
        let body = if resource.kind == ResourceKind::Table { body.noted(TABLE) } else { body };
        all.with(id, body).and(tls_only(plan, &resource))
    })
}

/// The policy of a bucket, queue, or topic that denies every request without TLS. It allows nothing: who may do what is in the roles.
/// The rest of what AWS has takes no request without TLS. The statements are those of AWS's own guides, for
/// [S3](https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html),
/// [SQS](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html), and
/// [SNS](https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html).
fn tls_only(plan: &Plan<'_>, resource: &Resource) -> Map {
    let own = || Yaml::from(map! { "Ref" => id_of(resource) });
    let (kind, of, action) = match resource.kind {
        ResourceKind::Bucket => ("AWS::S3::BucketPolicy", ("Bucket", own()), "s3:*"),
        ResourceKind::Queue => ("AWS::SQS::QueuePolicy", ("Queues", vec![own()].into()), "sqs:*"),
        // A topic's policy takes no `sns:*`.
        ResourceKind::Topic => ("AWS::SNS::TopicPolicy", ("Topics", vec![own()].into()), "sns:Publish"),
        ResourceKind::Stream | ResourceKind::Table => return Map::default(),
    };
    let arn = plan.arn(resource);
    let on = match resource.kind {
        ResourceKind::Bucket => {
            let objects = map! { "Fn::Join" => vec![Yaml::from("/"), vec![arn.clone(), "*".into()].into()] };
            Yaml::from(vec![arn, objects.into()])
        }
        _ => arn,
    };
    let statement = map! {
        "Sid" => "DenyWithoutTls",
        "Effect" => "Deny",
        "Principal" => "*",
        "Action" => action,
        "Resource" => on,
        "Condition" => map! { "Bool" => map! { "aws:SecureTransport" => "false" } },
    };
    let document = map! { "Version" => "2012-10-17", "Statement" => vec![statement] };
    let (key, value) = of;
    map! { format!("{}Policy", id_of(resource)) => typed(kind, map! { key => value, "PolicyDocument" => document }) }
}

/// What has to be given when the text is deployed.
pub(in crate::emit) fn parameters(plan: &Plan<'_>) -> Map {
    let tables = plan.app.all_resources().into_iter().filter(|resource| resource.kind == ResourceKind::Table);
    tables.fold(Map::default(), |all, table| {
        let (id, name) = (id_of(&table), &table.name);
        if table.create {
            let words = format!("The attribute of the table {name} that is its key");
            all.with(format!("{id}Key"), map! { "Type" => "String", "Default" => "id", "Description" => words })
        } else if functions_of(plan, &table, Class::Changes).next().is_some() {
            let words = format!("The ARN of the stream of the table {name}, which is there already");
            all.with(format!("{id}StreamArn"), map! { "Type" => "String", "Description" => words })
        } else {
            all
        }
    })
}

fn typed(kind: &str, properties: Map) -> Map {
    map! { "Type" => kind, "Properties" => properties }
}

/// One that holds data is not deleted with the stack; it is, where the stack never came to be.
fn kept(kind: &str, properties: Map) -> Map {
    map! {
        "Type" => kind,
        "DeletionPolicy" => "RetainExceptOnCreate",
        "UpdateReplacePolicy" => "Retain",
        "Properties" => properties,
    }
}

fn named(key: &str, resource: &Resource) -> Map {
    map! { key => resource.name.as_str() }
}

/// The functions of a class that are started by a resource.
fn functions_of<'a>(plan: &'a Plan<'_>, resource: &'a Resource, class: Class) -> impl Iterator<Item = &'a Function> {
    plan.app.functions.iter().filter(move |function| {
        function.trigger.class() == class && function.trigger.source() == Some(&resource.logical)
    })
}

/// A queue. A message that is read stays unseen for six times as long as its function may take, as Lambda's documentation advises, so that
/// it is not read again while Lambda still tries.
fn queue(plan: &Plan<'_>, queue: &Resource) -> Map {
    let readers: Vec<_> = functions_of(plan, queue, Class::Queue).collect();
    let unseen = readers.iter().map(|function| plan.unseen(function)).max();
    let redrive = readers.iter().find_map(|function| {
        let dead = plan.app.resource(ResourceKind::Queue, function.options.dead_letter.as_deref()?);
        let attempts = function.options.attempts.unwrap_or(super::ATTEMPTS).clamp(1, 1000);
        Some(map! { "deadLetterTargetArn" => plan.arn(&dead), "maxReceiveCount" => attempts })
    });
    let is_fifo = queue.name.ends_with(".fifo");
    let dead = plan.app.functions.iter().any(|function| function.options.dead_letter.as_ref() == Some(&queue.logical));
    let properties = named("QueueName", queue)
        .maybe("FifoQueue", is_fifo.then_some(true))
        .maybe("ContentBasedDeduplication", is_fifo.then_some(true))
        .with("SqsManagedSseEnabled", true)
        .maybe("MessageRetentionPeriod", dead.then_some(DEAD_LETTERS))
        .maybe("VisibilityTimeout", unseen)
        .maybe("RedrivePolicy", redrive);
    typed("AWS::SQS::Queue", properties)
}

/// A table, whose key is a parameter. It has a stream where a function hears of its changes. Without a word on encryption, DynamoDB encrypts it
/// with a key that DynamoDB owns, which is free.
fn table(plan: &Plan<'_>, table: &Resource) -> Map {
    let key: Yaml = map! { "Ref" => format!("{}Key", id_of(table)) }.into();
    let changes = functions_of(plan, table, Class::Changes).next().is_some();
    let stream = changes.then(|| map! { "StreamViewType" => "NEW_AND_OLD_IMAGES" });
    let properties = named("TableName", table)
        .with("BillingMode", "PAY_PER_REQUEST")
        .with("AttributeDefinitions", vec![map! { "AttributeName" => key.clone(), "AttributeType" => "S" }])
        .with("KeySchema", vec![map! { "AttributeName" => key, "KeyType" => "HASH" }])
        .maybe("StreamSpecification", stream);
    kept("AWS::DynamoDB::Table", properties)
}

/// The comment above a table.
pub(in crate::emit) const TABLE: &str = "Encrypted at rest with a key that DynamoDB owns: its default.";

fn bucket(plan: &Plan<'_>, bucket: &Resource, notifications: Option<(Map, String)>) -> Map {
    let rule = map! { "ServerSideEncryptionByDefault" => map! { "SSEAlgorithm" => "AES256" } };
    let properties = map! {
        "BucketName" => sub(Name::of(plan.app, bucket).write(&Place::CLOUDFORMATION)),
        "BucketEncryption" => map! { "ServerSideEncryptionConfiguration" => vec![rule] },
        "PublicAccessBlockConfiguration" => map! {
            "BlockPublicAcls" => true,
            "BlockPublicPolicy" => true,
            "IgnorePublicAcls" => true,
            "RestrictPublicBuckets" => true,
        },
    };
    let is_heard = functions_of(plan, bucket, Class::Storage).next().is_some();
    if is_heard && !plan.notifies(bucket) {
        let bridge = map! { "EventBridgeConfiguration" => map! { "EventBridgeEnabled" => true } };
        return kept("AWS::S3::Bucket", properties.with("NotificationConfiguration", bridge));
    }
    match notifications {
        None => kept("AWS::S3::Bucket", properties),
        // S3 tries them when the bucket is made.
        Some((notifications, permission)) => {
            let properties = properties.with("NotificationConfiguration", notifications);
            map! { "DependsOn" => permission }.and(kept("AWS::S3::Bucket", properties))
        }
    }
}
