//! What is compared with what, on which work.

use super::{
    drive::{Run, Work},
    events,
    subject::{Subject, named},
};

/// One function on several subjects.
#[derive(Debug)]
pub(super) struct Case {
    /// Its name in tables and in budgets.
    pub(super) name: &'static str,
    /// What its function does.
    pub(super) title: &'static str,
    /// What ratios are to.
    pub(super) base: &'static str,
    /// Those that are measured.
    pub(super) subjects: Vec<&'static str>,
    /// Those of them whose replies are not the others', for they read nothing.
    pub(super) mute: &'static [&'static str],
    /// The work.
    pub(super) work: Work,
    /// Two numbers of invocations for exact counts.
    pub(super) lengths: (usize, usize),
    /// Whether the smoke run has it.
    pub(super) smoke: bool,
}

/// All of them.
pub(super) fn all() -> Vec<Case> {
    let case = |name, title, base, subjects: &[&'static str], work| Case {
        name,
        title,
        base,
        subjects: subjects.to_vec(),
        mute: &[],
        work,
        lengths: (100, 600),
        smoke: false,
    };
    vec![
        Case {
            mute: &["lambda-runtime", "hyper-loop"],
            smoke: true,
            ..case(
                "aws-hello",
                "AWS Lambda: a request of an HTTP API, 2 kB (`lambda-runtime` and `hyper-loop` do not read it)",
                "lambda-http",
                &[
                    "omnifn aws",
                    "omnifn aws, by hand",
                    "lambda-http",
                    "lambda-http-axum",
                    "lambda-runtime",
                    "lambda-runtime-typed",
                    "hyper-loop",
                ],
                Work::Event(events::http_api()),
            )
        },
        Case {
            lengths: (20, 100),
            ..case(
                "aws-base64",
                "AWS Lambda: a body of 75 kB, 100 kB in base64",
                "lambda-http",
                &["omnifn aws", "lambda-http"],
                Work::Event(events::http_api_base64(75_000)),
            )
        },
        Case {
            lengths: (20, 100),
            ..case(
                "aws-echo",
                "AWS Lambda: the same body comes back",
                "lambda-http echo",
                &["omnifn aws echo", "lambda-http echo"],
                Work::Event(events::http_api_base64(75_000)),
            )
        },
        case(
            "aws-queue",
            "AWS Lambda: a batch of ten messages of SQS",
            "lambda-runtime-sqs",
            &["omnifn aws queue", "lambda-runtime-sqs"],
            Work::Event(events::sqs(10)),
        ),
        Case {
            smoke: true,
            ..case(
                "http-hello",
                "Google Cloud Run and local: a request",
                "hyper-server",
                &["omnifn gcp", "omnifn local", "hyper-server", "axum-server"],
                Work::Request(events::http()),
            )
        },
        case(
            "gcp-storage",
            "Google Cloud: a CloudEvent of a bucket, binary mode",
            "axum-cloudevent",
            &["omnifn gcp storage", "axum-cloudevent"],
            Work::Request(events::stored()),
        ),
        case(
            "azure-hello",
            "Azure Functions: a request in the envelope of the host",
            "axum-azure",
            &["omnifn azure", "axum-azure"],
            Work::Request(events::azure()),
        ),
    ]
}

/// How a subject is run.
pub(super) fn run_of(subject: &Subject, pinned: bool) -> Run {
    Run {
        command: vec![subject.program().display().to_string()],
        variables: subject.variable.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        pinned,
    }
}

impl Case {
    /// Its subjects.
    pub(super) fn subjects(&self) -> Result<Vec<&'static Subject>, String> {
        self.subjects.iter().map(|name| named(name)).collect()
    }
}
