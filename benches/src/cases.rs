//! Which programs are compared on which work.

use crate::{drive::Work, events};

/// The same function in several programs.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// The programs: omnifn's, then the equal-work peer, then the references.
    pub(crate) programs: Vec<&'static str>,
    pub(crate) work: Work,
    /// Two numbers of invocations, whose difference is counted exactly.
    pub(crate) lengths: (usize, usize),
}

/// Returns whether there is a case of this name.
pub(crate) fn is_case(name: &str) -> bool {
    all().iter().any(|case| case.name == name)
}

/// Returns all cases.
pub(crate) fn all() -> Vec<Case> {
    let case = |name, title, programs: &[&'static str], work| Case {
        name,
        title,
        programs: programs.to_vec(),
        work,
        lengths: (100, 600),
    };
    let lambda = ["omnifn, AWS HTTP", "lambda_http + axum, AWS HTTP", "plain lambda_http"];
    vec![
        case(
            "aws-http",
            "AWS Lambda: an HTTP API request",
            &[&lambda[..], &["raw lambda_runtime"]].concat(),
            Work::Event(events::http_api()),
        ),
        Case {
            lengths: (20, 100),
            ..case(
                "aws-base64",
                "AWS Lambda: an HTTP API request with a binary body of 75 kB",
                &lambda,
                Work::Event(events::http_api_base64(75_000)),
            )
        },
        case(
            "aws-sqs",
            "AWS Lambda: a batch of ten SQS messages",
            &["omnifn, AWS SQS", "lambda_runtime, AWS SQS"],
            Work::Event(events::sqs(10)),
        ),
        case(
            "cloud-run-http",
            "Google Cloud Run: an HTTP request",
            &["omnifn, Cloud Run HTTP", "axum + tower_http, HTTP", "omnifn, local HTTP", "bare axum", "bare hyper"],
            Work::Request(events::http()),
        ),
        case(
            "cloud-run-cloudevent",
            "Google Cloud Run: a CloudEvent of Cloud Storage",
            &["omnifn, Cloud Run CloudEvent", "axum + tower_http, CloudEvent"],
            Work::Request(events::stored()),
        ),
        case(
            "azure-http",
            "Azure Functions: an HTTP request in the host's envelope",
            &["omnifn, Azure HTTP", "axum + tower_http, Azure"],
            Work::Request(events::azure()),
        ),
    ]
}
