//! All cases over all shapes of all providers.

use std::sync::OnceLock;

use omnifn_core::Inverse;

use crate::{cases, exceptions, harness};

/// One shape of one provider, and how each case went.
pub(crate) struct Column {
    pub(crate) provider: &'static str,
    pub(crate) shape: &'static str,
    pub(crate) cells: Vec<Cell>,
}

/// How a case went.
pub(crate) struct Cell {
    pub(crate) name: String,
    pub(crate) outcome: Result<(), String>,
    /// The exception that stands in the table, by its number.
    pub(crate) exception: Option<usize>,
}

/// A provider as the suite runs it: its adapter, in one way to set it up.
pub(crate) struct Provider {
    pub(crate) name: &'static str,
    shapes: fn() -> &'static [&'static str],
    run: fn(&'static str) -> Vec<Column>,
    columns: OnceLock<Vec<Column>>,
}

/// Every provider.
pub(crate) static PROVIDERS: [Provider; 5] = [
    provider("aws", omnifn_aws::Aws::shapes, |name| columns(name, || omnifn_aws::Aws::new(&nothing))),
    provider("aws, streamed", omnifn_aws::Aws::shapes, |name| columns(name, || omnifn_aws::Aws::new(&streaming))),
    provider("gcp", omnifn_gcp::Gcp::shapes, |name| columns(name, || omnifn_gcp::Gcp::new(&nothing))),
    provider("azure", omnifn_azure::Azure::shapes, |name| columns(name, || omnifn_azure::Azure::new(&nothing))),
    provider("local", omnifn_local::Local::shapes, |name| columns(name, || omnifn_local::Local::new(&nothing))),
];

fn nothing(_: &str) -> Option<String> {
    None
}

fn streaming(name: &str) -> Option<String> {
    (name == "OMNIFN_AWS_STREAMING").then(|| "1".to_owned())
}

const fn provider(
    name: &'static str,
    shapes: fn() -> &'static [&'static str],
    run: fn(&'static str) -> Vec<Column>,
) -> Provider {
    Provider { name, shapes, run, columns: OnceLock::new() }
}

impl Provider {
    /// The shapes in which it sends requests.
    pub(crate) fn shapes(&self) -> &'static [&'static str] {
        (self.shapes)()
    }

    /// Its columns; run once, however many tests look at them.
    pub(crate) fn columns(&self) -> &[Column] {
        self.columns.get_or_init(|| (self.run)(self.name))
    }
}

fn columns<A: Inverse>(provider: &'static str, new: fn() -> A) -> Vec<Column> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let column = |shape: &&'static str| {
        let cells = cases::all().into_iter().map(|case| {
            let outcome = runtime.block_on(harness::run(new, shape, &case));
            let exception = exceptions::find(provider, shape, &case.name);
            Cell { name: case.name, outcome, exception }
        });
        Column { provider, shape, cells: cells.collect() }
    };
    A::shapes().iter().map(column).collect()
}
