//! The suite over each provider, run once.

use std::sync::OnceLock;

use omnifn::conformance::{Conformance, Report, ShapeReport};
use omnifn_core::Inverse;

use crate::exceptions::{self, EXCEPTIONS};

/// A provider as the suite runs it: its adapter, in one way to set it up.
pub(crate) struct Provider {
    pub(crate) name: &'static str,
    run: fn(&'static str) -> Reports,
    reports: OnceLock<Reports>,
}

/// How the parts of the suite went.
pub(crate) struct Reports {
    pub(crate) shapes: Report,
    pub(crate) requests: Report,
    pub(crate) invocations: Report,
}

/// One shape of one provider, in the table of support.
pub(crate) struct Column<'a> {
    pub(crate) provider: &'static str,
    pub(crate) report: &'a ShapeReport,
}

impl Column<'_> {
    /// The number of the exception for a case.
    pub(crate) fn exception(&self, case: &str) -> Option<usize> {
        exceptions::find(self.provider, self.report.shape, case)
    }
}

/// Every provider.
pub(crate) static PROVIDERS: [Provider; 5] = [
    provider("aws", |name| {
        run(name, Conformance::new(|_| omnifn_aws::Aws::new(&nothing)).context::<omnifn::aws::LambdaContext>())
    }),
    provider("aws, streamed", |name| {
        run(name, Conformance::new(|_| omnifn_aws::Aws::new(&streaming)).context::<omnifn::aws::LambdaContext>())
    }),
    provider("gcp", |name| {
        run(name, Conformance::new(|_| omnifn_gcp::Gcp::new(&nothing)).context::<omnifn::gcp::CloudRunContext>())
    }),
    provider("azure", |name| run(name, Conformance::new(azure).context::<omnifn::azure::AzureContext>())),
    provider("local", |name| {
        run(name, Conformance::new(|_| omnifn_local::Local::new(&nothing)).context::<omnifn::local::LocalContext>())
    }),
];

fn nothing(_: &str) -> Option<String> {
    None
}

fn streaming(name: &str) -> Option<String> {
    (name == "OMNIFN_AWS_STREAMING").then(|| "1".to_owned())
}

/// A host that is set up declares its mode.
fn azure(shape: &str) -> omnifn_azure::Azure {
    let mode = shape.to_owned();
    omnifn_azure::Azure::new(&move |name: &str| (name == "OMNIFN_AZURE_HTTP").then(|| mode.clone()))
}

const fn provider(name: &'static str, run: fn(&'static str) -> Reports) -> Provider {
    Provider { name, run, reports: OnceLock::new() }
}

impl Provider {
    /// Its reports; run once, however many tests look at them.
    pub(crate) fn reports(&self) -> &Reports {
        self.reports.get_or_init(|| (self.run)(self.name))
    }

    /// Its columns in the table of support.
    pub(crate) fn columns(&self) -> impl Iterator<Item = Column<'_>> {
        self.reports().requests.shapes.iter().map(|report| Column { provider: self.name, report })
    }
}

fn run<A: Inverse>(provider: &'static str, suite: Conformance<A>) -> Reports {
    let rows = EXCEPTIONS.iter().filter(|row| row.providers.contains(&provider));
    let suite = rows.fold(suite, |suite, row| suite.except(row.exception));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    Reports {
        shapes: suite.shapes(),
        requests: runtime.block_on(suite.requests()),
        invocations: runtime.block_on(suite.invocations()),
    }
}
