//! What the clouds' services hold at most: each number with the page that says it.

use std::fmt;

use serde::Serialize;

use crate::cloud::Cloud;

/// When the pages were read.
pub const READ: &str = "2026-11-25";

/// A limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Whose it is.
    #[serde(serialize_with = "name")]
    pub cloud: Cloud,
    /// The service.
    pub service: &'static str,
    /// What is limited.
    pub what: &'static str,
    /// The number.
    pub value: u32,
    /// Of what it is a number.
    pub unit: Unit,
    /// The page.
    pub source: &'static str,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Mebibytes.
    MiB,
    /// Kibibytes.
    KiB,
    /// Megabytes.
    MB,
    /// Things.
    Count,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            Unit::Seconds => write!(f, "{} s", self.value),
            Unit::MiB => write!(f, "{} MiB", self.value),
            Unit::KiB => write!(f, "{} KiB", self.value),
            Unit::MB => write!(f, "{} MB", self.value),
            Unit::Count => write!(f, "{}", self.value),
        }
    }
}

macro_rules! limits {
    ($($name:ident = $cloud:ident $service:literal, $what:literal: $value:literal $unit:ident, $source:literal;)+) => {
        $(
            #[doc = concat!($service, ", ", $what, ".")]
            pub const $name: Limit = Limit {
                cloud: Cloud::$cloud, service: $service, what: $what, value: $value, unit: Unit::$unit, source: $source,
            };
        )+
        /// All of them.
        pub const ALL: &[Limit] = &[$($name),+];
    };
}

limits! {
    AWS_MEMORY_MIN = Aws "Lambda", "smallest memory": 128 MiB, "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";
    AWS_MEMORY_MAX = Aws "Lambda", "largest memory": 10240 MiB, "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";
    AWS_TIMEOUT = Aws "Lambda", "longest invocation": 900 Seconds, "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";
    AWS_INSTANCES = Aws "Lambda", "instances at once in an account, unless raised": 1000 Count, "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";
    AWS_SYNC_PAYLOAD = Aws "Lambda", "largest request, and largest reply that is not streamed": 6144 KiB, "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html";
    AWS_ASYNC_PAYLOAD = Aws "Lambda", "largest event (S3, SNS, EventBridge, Scheduler)": 1024 KiB, "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html";
    AWS_ASYNC_ATTEMPTS = Aws "Lambda", "most attempts of an event (S3, SNS, EventBridge, Scheduler)": 3 Count, "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html";
    AWS_HTTP_API_TIMEOUT = Aws "API Gateway", "longest wait of an HTTP API": 30 Seconds, "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html";
    AWS_SQS_BATCH = Aws "SQS", "largest batch": 10000 Count, "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html";
    AWS_SQS_FIFO_BATCH = Aws "SQS", "largest batch of a FIFO queue": 10 Count, "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html";
    AWS_SQS_MESSAGE = Aws "SQS", "largest message": 1024 KiB, "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html";
    AWS_STREAM_BATCH = Aws "Kinesis, DynamoDB", "largest batch": 10000 Count, "https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html";
    AWS_STREAM_RETRIES = Aws "Kinesis, DynamoDB", "most retries of a batch, where they are counted": 10000 Count, "https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html";
    AWS_BATCH_WINDOW = Aws "Lambda", "longest wait for a full batch": 300 Seconds, "https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html";

    GCP_MEMORY_MIN = Gcp "Cloud Run", "smallest memory (first generation)": 128 MiB, "https://cloud.google.com/run/docs/configuring/services/memory-limits";
    GCP_MEMORY_MIN_GEN2 = Gcp "Cloud Run", "smallest memory of the second generation": 512 MiB, "https://cloud.google.com/run/docs/configuring/services/memory-limits";
    GCP_MEMORY_MAX = Gcp "Cloud Run", "largest memory": 32768 MiB, "https://cloud.google.com/run/docs/configuring/services/memory-limits";
    GCP_TIMEOUT = Gcp "Cloud Run", "longest request": 3600 Seconds, "https://cloud.google.com/run/docs/configuring/request-timeout";
    GCP_CONCURRENCY = Gcp "Cloud Run", "most requests at once in an instance": 1000 Count, "https://cloud.google.com/run/docs/about-concurrency";
    GCP_CONCURRENCY_DEFAULT = Gcp "Cloud Run", "default number of concurrent requests in an instance": 80 Count, "https://cloud.google.com/run/docs/about-concurrency";
    GCP_HTTP1_BODY = Gcp "Cloud Run", "largest request over HTTP/1.1": 32768 KiB, "https://cloud.google.com/run/quotas";
    GCP_PUSH_DEADLINE = Gcp "Pub/Sub", "longest wait for an answer": 600 Seconds, "https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions";
    GCP_DEAD_LETTER_MIN = Gcp "Pub/Sub", "fewest attempts before a dead letter": 5 Count, "https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions";
    GCP_DEAD_LETTER_MAX = Gcp "Pub/Sub", "most attempts before a dead letter": 100 Count, "https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions";
    GCP_MESSAGE = Gcp "Pub/Sub", "largest message": 10 MB, "https://cloud.google.com/pubsub/quotas";
    GCP_EVENTARC_EVENT = Gcp "Eventarc", "largest event": 512 KiB, "https://cloud.google.com/eventarc/docs/quotas";
    GCP_SCHEDULER_DEADLINE = Gcp "Cloud Scheduler", "longest wait for an answer": 1800 Seconds, "https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs";
    GCP_SCHEDULER_RETRIES = Gcp "Cloud Scheduler", "most retries of a tick": 5 Count, "https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs";

    AZURE_MEMORY_SMALL = Azure "Flex Consumption", "small instance": 512 MiB, "https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan";
    AZURE_MEMORY_MEDIUM = Azure "Flex Consumption", "default instance, the middle one": 2048 MiB, "https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan";
    AZURE_MEMORY_MAX = Azure "Flex Consumption", "large instance": 4096 MiB, "https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan";
    AZURE_INSTANCES = Azure "Flex Consumption", "most instances of an app": 1000 Count, "https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan";
    AZURE_CONCURRENCY_MAX = Azure "Flex Consumption", "most requests at once in an instance": 1000 Count, "https://learn.microsoft.com/azure/azure-functions/functions-concurrency";
    AZURE_CONCURRENCY = Azure "Flex Consumption", "default number of concurrent requests in the default instance": 16 Count, "https://learn.microsoft.com/azure/azure-functions/functions-concurrency";
    AZURE_HTTP_TIMEOUT = Azure "Azure Functions", "longest wait for the answer to a request": 230 Seconds, "https://learn.microsoft.com/azure/azure-functions/functions-scale";
    AZURE_TIMEOUT_DEFAULT = Azure "Flex Consumption", "default timeout of an invocation; there is no maximum": 1800 Seconds, "https://learn.microsoft.com/azure/azure-functions/functions-scale";
    AZURE_STORAGE_QUEUE_BATCH = Azure "Storage queues", "most messages that are fetched at once": 32 Count, "https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue";
    AZURE_BLOB_ATTEMPTS = Azure "blob trigger", "attempts of a blob": 5 Count, "https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-blob-trigger";
    AZURE_SERVICE_BUS_LOCK = Azure "Service Bus", "longest lock of a message": 300 Seconds, "https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas";
    AZURE_SERVICE_BUS_MESSAGE = Azure "Service Bus", "largest message (standard tier)": 256 KiB, "https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas";
    AZURE_EVENT_GRID_WAIT = Azure "Event Grid", "longest wait for an answer": 30 Seconds, "https://learn.microsoft.com/azure/event-grid/delivery-and-retry";
    AZURE_EVENT_GRID_ATTEMPTS = Azure "Event Grid", "most attempts": 30 Count, "https://learn.microsoft.com/azure/event-grid/delivery-and-retry";
}

fn name<S: serde::Serializer>(cloud: &Cloud, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(cloud.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_names_the_page_of_its_own_cloud() {
        for limit in ALL {
            let hosts: &[&str] = match limit.cloud {
                Cloud::Aws => &["https://docs.aws.amazon.com/"],
                Cloud::Gcp => &["https://cloud.google.com/"],
                Cloud::Azure => &["https://learn.microsoft.com/"],
            };
            assert!(hosts.iter().any(|host| limit.source.starts_with(host)), "{limit:?}");
            assert!(limit.value > 0, "{limit:?}");
        }
        assert_eq!(READ.len(), 10);
    }
}
