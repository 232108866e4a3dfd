//! What carries the requests and events of a function to it.

use crate::{
    cloud::Cloud,
    model::{App, Class, Function},
    plan::azure::{self, Carrier},
};

/// What carries a function's requests or events to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub title: &'static str,
    /// The form, as EVENTS.md and SUPPORT.md call it.
    pub shape: &'static str,
    /// Which one it is.
    pub kind: Kind,
}

/// A service, where what holds depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// HTTP in front of Lambda.
    HttpApi,
    /// Lambda's own address.
    FunctionUrl,
    /// Requests to a container, or through the Functions host.
    Http,
    /// SQS.
    Sqs,
    /// Kinesis or DynamoDB's streams.
    AwsStream,
    /// Kafka that Lambda polls.
    Kafka,
    /// Brokers of Amazon MQ that Lambda polls.
    AmazonMq,
    /// Lambda's own API, whose caller waits for the result.
    Invoke,
    /// Lambda's queue of events: SNS, S3, EventBridge, Scheduler.
    Async,
    /// A push of Pub/Sub.
    PubSub,
    /// Eventarc.
    Eventarc,
    /// Cloud Scheduler.
    CloudScheduler,
    /// Storage queues.
    StorageQueue,
    /// Service Bus.
    ServiceBus,
    /// Event Hubs.
    EventHubs,
    /// A blob trigger, which Event Grid tells of new blobs.
    Blob,
    /// Event Grid itself.
    EventGrid,
    /// A timer of the Functions host.
    Timer,
    /// Cosmos DB.
    Cosmos,
}

/// What carries this function there: what its `service` says, where that is one of this cloud's, else the cloud's usual one.
pub fn service(app: &App, function: &Function, cloud: Cloud) -> Service {
    let wanted = function.options.service.as_deref().unwrap_or_default();
    let batches = function.options.batch_size.unwrap_or(1) > 1;
    let (title, shape, kind) = match (cloud, function.trigger.class()) {
        (Cloud::Aws, Class::Http) => match app.aws.http.as_deref() {
            Some("function-url") => ("Lambda function URL", "function-url", Kind::FunctionUrl),
            _ => ("API Gateway HTTP API", "http-api-v2", Kind::HttpApi),
        },
        (Cloud::Aws, Class::Queue) => match (wanted, function.trigger.source()) {
            ("activemq", _) => ("ActiveMQ", "activemq", Kind::AmazonMq),
            ("rabbitmq", _) => ("RabbitMQ", "rabbitmq", Kind::AmazonMq),
            (_, Some(source)) if source.ends_with(".fifo") => ("SQS, FIFO", "sqs-fifo", Kind::Sqs),
            _ => ("SQS", "sqs", Kind::Sqs),
        },
        (Cloud::Aws, Class::Topic) => ("SNS", "sns", Kind::Async),
        (Cloud::Aws, Class::Stream) => match wanted {
            "kafka" => ("Kafka", "kafka", Kind::Kafka),
            "iot" | "iot-rule" => ("IoT rule", "iot-rule", Kind::Async),
            "cloudwatch-logs" => ("CloudWatch Logs", "cloudwatch-logs", Kind::Async),
            _ => ("Kinesis", "kinesis", Kind::AwsStream),
        },
        (Cloud::Aws, Class::Storage) => match wanted {
            "eventbridge" => ("S3 through EventBridge", "s3-eventbridge", Kind::Async),
            _ => ("S3", "s3", Kind::Async),
        },
        (Cloud::Aws, Class::Schedule) => ("EventBridge Scheduler", "eventbridge-schedule", Kind::Async),
        (Cloud::Aws, Class::Event) => ("EventBridge", "eventbridge", Kind::Async),
        (Cloud::Aws, Class::Invoke) => ("direct invocation", "invoke", Kind::Invoke),
        (Cloud::Aws, Class::Changes) => match wanted {
            "documentdb" => ("DocumentDB", "documentdb", Kind::AwsStream),
            _ => ("DynamoDB streams", "dynamodb", Kind::AwsStream),
        },

        (Cloud::Gcp, Class::Http | Class::Invoke) => ("Cloud Run", "http/1.1", Kind::Http),
        (Cloud::Gcp, Class::Queue | Class::Topic | Class::Stream) => ("Pub/Sub push", "pubsub", Kind::PubSub),
        // Eventarc has no dead letters; the bucket's own notifications have.
        (Cloud::Gcp, Class::Storage) if function.options.dead_letter.is_some() => {
            ("Cloud Storage through Pub/Sub", "pubsub-notification", Kind::PubSub)
        }
        (Cloud::Gcp, Class::Storage) => ("Cloud Storage through Eventarc", "eventarc", Kind::Eventarc),
        (Cloud::Gcp, Class::Schedule) => ("Cloud Scheduler", "scheduler", Kind::CloudScheduler),
        (Cloud::Gcp, Class::Event) => ("Eventarc", "cloudevent", Kind::Eventarc),
        (Cloud::Gcp, Class::Changes) => ("Firestore through Eventarc", "firestore", Kind::Eventarc),

        (Cloud::Azure, Class::Http | Class::Invoke) => ("Functions host, proxying", "proxying", Kind::Http),
        (Cloud::Azure, Class::Queue) => match (wanted, batches) {
            ("storage-queue", _) => ("Storage queue", "storage-queue", Kind::StorageQueue),
            (_, true) => ("Service Bus queue, in batches", "service-bus-many", Kind::ServiceBus),
            (_, false) => ("Service Bus queue", "service-bus", Kind::ServiceBus),
        },
        (Cloud::Azure, Class::Topic) => match (wanted, batches) {
            ("event-grid", _) => ("Event Grid", "event-grid", Kind::EventGrid),
            (_, true) => ("Service Bus topic, in batches", "service-bus-many", Kind::ServiceBus),
            (_, false) => ("Service Bus topic", "service-bus", Kind::ServiceBus),
        },
        (Cloud::Azure, Class::Stream) if batches => ("Event Hubs, in batches", "event-hub-many", Kind::EventHubs),
        (Cloud::Azure, Class::Stream) => ("Event Hubs", "event-hub", Kind::EventHubs),
        (Cloud::Azure, Class::Storage) if azure::carrier(function) == Carrier::Blob => {
            ("blob trigger", "blob", Kind::Blob)
        }
        (Cloud::Azure, Class::Storage) => ("Blob Storage through Event Grid", "event-grid", Kind::EventGrid),
        (Cloud::Azure, Class::Schedule) => ("the host's timer", "timer", Kind::Timer),
        (Cloud::Azure, Class::Event) => ("Event Grid", "event-grid-cloudevent", Kind::EventGrid),
        (Cloud::Azure, Class::Changes) => ("Cosmos DB", "cosmos", Kind::Cosmos),
    };
    Service { title, shape, kind }
}
