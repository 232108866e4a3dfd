//! What is made is private, encrypted, and takes no request without TLS, in every format and without being asked for. `checkov` looks at
//! the same texts (`tests/peers/suites/emit_checkov.py`).

use cargo_omnifn::{
    cloud::Cloud::{self, Aws, Azure, Gcp},
    emit::{
        self,
        Format::{self, Bicep, Cloudformation, Sam, Serverless, Terraform},
    },
};
use serde_json::json;

use crate::support;

/// Each resource of a kind has each of these lines: in the text of the format, as often as the line that begins the resource.
const LINES: &[(&[Format], Cloud, &str, &[&str])] = &[
    (
        &[Sam, Cloudformation, Serverless],
        Aws,
        "Type: AWS::S3::Bucket",
        &[
            "SSEAlgorithm: AES256",
            "BlockPublicAcls: true",
            "BlockPublicPolicy: true",
            "IgnorePublicAcls: true",
            "RestrictPublicBuckets: true",
            "Type: AWS::S3::BucketPolicy",
            "Action: \"s3:*\"",
        ],
    ),
    (
        &[Sam, Cloudformation, Serverless],
        Aws,
        "Type: AWS::SQS::Queue",
        &["SqsManagedSseEnabled: true", "Type: AWS::SQS::QueuePolicy", "Action: \"sqs:*\""],
    ),
    (
        &[Sam, Cloudformation, Serverless],
        Aws,
        "Type: AWS::SNS::Topic",
        &["Type: AWS::SNS::TopicPolicy", "Action: sns:Publish"],
    ),
    (&[Sam, Cloudformation], Aws, "Type: AWS::Logs::LogGroup", &["RetentionInDays: 30"]),
    (
        &[Serverless],
        Aws,
        "name: aws",
        &["logRetentionInDays: 30", "blockPublicAccess: true", "serverSideEncryption: AES256"],
    ),
    (
        &[Terraform],
        Aws,
        "resource \"aws_s3_bucket\"",
        &[
            "resource \"aws_s3_bucket_public_access_block\"",
            "block_public_acls = true",
            "block_public_policy = true",
            "ignore_public_acls = true",
            "restrict_public_buckets = true",
            "sse_algorithm = \"AES256\"",
            "resource \"aws_s3_bucket_policy\"",
            "Action = \"s3:*\"",
        ],
    ),
    (
        &[Terraform],
        Aws,
        "resource \"aws_sqs_queue\"",
        &["sqs_managed_sse_enabled = true", "resource \"aws_sqs_queue_policy\"", "Action = \"sqs:*\""],
    ),
    (
        &[Terraform],
        Aws,
        "resource \"aws_sns_topic\"",
        &["resource \"aws_sns_topic_policy\"", "Action = \"sns:Publish\""],
    ),
    (&[Terraform], Aws, "resource \"aws_cloudwatch_log_group\"", &["retention_in_days = 30"]),
    (
        &[Terraform],
        Gcp,
        "resource \"google_storage_bucket\"",
        &["uniform_bucket_level_access = true", "public_access_prevention = \"enforced\""],
    ),
    (
        &[Terraform],
        Azure,
        "resource \"azurerm_storage_account\"",
        &[
            "allow_nested_items_to_be_public = false",
            "shared_access_key_enabled = false",
            "min_tls_version = \"TLS1_2\"",
            "https_traffic_only_enabled = true",
        ],
    ),
    (
        &[Terraform],
        Azure,
        "resource \"azurerm_function_app_flex_consumption\"",
        &[
            "https_only = true",
            "webdeploy_publish_basic_authentication_enabled = false",
            "site_config { minimum_tls_version = \"1.2\"",
        ],
    ),
    (
        &[Terraform],
        Azure,
        "resource \"azurerm_servicebus_namespace\"",
        &["sku = \"Standard\" local_auth_enabled = false minimum_tls_version = \"1.2\""],
    ),
    (
        &[Terraform],
        Azure,
        "resource \"azurerm_eventhub_namespace\"",
        &["capacity = 1 local_authentication_enabled = false minimum_tls_version = \"1.2\""],
    ),
    (
        &[Terraform],
        Azure,
        "resource \"azurerm_cosmosdb_account\"",
        &[
            "local_authentication_disabled = true",
            "access_key_metadata_writes_enabled = false",
            "minimal_tls_version = \"Tls12\"",
        ],
    ),
    (
        &[Bicep],
        Azure,
        " 'Microsoft.Storage/storageAccounts@2023-05-01' = {",
        &[
            "allowBlobPublicAccess: false",
            "allowSharedKeyAccess: false",
            "minimumTlsVersion: 'TLS1_2'",
            "supportsHttpsTrafficOnly: true",
        ],
    ),
    (
        &[Bicep],
        Azure,
        " 'Microsoft.Web/sites@2024-04-01' = {",
        &["httpsOnly: true", "minTlsVersion: '1.2'", "name: 'scm' properties: { allow: false }"],
    ),
    (
        &[Bicep],
        Azure,
        " 'Microsoft.ServiceBus/namespaces@2024-01-01' = {",
        &["sku: { name: 'Standard' } properties: { disableLocalAuth: true minimumTlsVersion: '1.2' }"],
    ),
    (
        &[Bicep],
        Azure,
        " 'Microsoft.EventHub/namespaces@2024-01-01' = {",
        &["capacity: 1 } properties: { disableLocalAuth: true minimumTlsVersion: '1.2' }"],
    ),
    (
        &[Bicep],
        Azure,
        " 'Microsoft.DocumentDB/databaseAccounts@2024-11-15' = {",
        &["disableLocalAuth: true disableKeyBasedMetadataWriteAccess: true minimalTlsVersion: 'Tls12'"],
    ),
];

#[test]
fn every_resource_is_hardened() {
    let mut found = vec![0; LINES.len()];
    for name in support::programs() {
        let mut app = support::program(&name, json!({}), None);
        // Timers of Azure's Flex Consumption know no time zone.
        app.functions.iter_mut().for_each(|function| function.options.time_zone = None);
        for (row, (formats, cloud, begins, lines)) in LINES.iter().enumerate() {
            for format in *formats {
                let files = emit::render(&app, *format, &[*cloud]).unwrap();
                let text: String = files.into_iter().map(|file| file.content + "\n").collect();
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ") + " ";
                let count = |line: &str| text.matches(&format!("{line} ")).count();
                let resources = count(begins);
                found[row] += resources;
                for line in *lines {
                    assert_eq!(count(line), resources, "{name} as {format:?}: {line:?} for each {begins:?}\n{text}");
                }
            }
        }
    }
    for ((_, _, begins, _), found) in LINES.iter().zip(found) {
        assert!(found > 0, "no example has a {begins:?}");
    }
}

/// The condition of each policy that denies requests without TLS.
#[test]
fn each_policy_of_a_resource_only_denies() {
    for name in support::programs() {
        let app = support::program(&name, json!({}), None);
        for format in [Sam, Cloudformation, Serverless, Terraform] {
            let files = emit::render(&app, format, &[Aws]).unwrap();
            let text: String = files.into_iter().map(|file| file.content + "\n").collect();
            let text =
                text.replace(['"', '='], " ").replace("aws:", "").split_whitespace().collect::<Vec<_>>().join(" ");
            let count = |line: &str| text.matches(line).count();
            let denies = count("Sid: DenyWithoutTls Effect: Deny Principal: *")
                + count("Sid DenyWithoutTls Effect Deny Principal *");
            let policies = [
                "BucketPolicy ",
                "QueuePolicy ",
                "TopicPolicy ",
                "_bucket_policy ",
                "_queue_policy ",
                "_topic_policy ",
            ];
            assert_eq!(denies, policies.map(count).iter().sum::<usize>(), "{name} as {format:?}\n{text}");
            assert_eq!(
                count("SecureTransport: false") + count("SecureTransport false"),
                denies,
                "{name} as {format:?}\n{text}"
            );
        }
    }
}
