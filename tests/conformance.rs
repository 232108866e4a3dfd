//! One behavioural suite over every provider and every shape in which it sends HTTP requests: what a function sees, what
//! its caller gets back, and what happens when something goes wrong are the same everywhere. Nothing is skipped: what a
//! shape cannot carry stands in one table, `conformance/exceptions.rs`, with the reason.

#[path = "conformance/cases.rs"]
mod cases;
#[path = "conformance/context.rs"]
mod context;
#[path = "conformance/exceptions.rs"]
mod exceptions;
#[path = "conformance/expect.rs"]
mod expect;
#[path = "conformance/functions.rs"]
mod functions;
#[path = "conformance/harness.rs"]
mod harness;
#[path = "conformance/invocations.rs"]
mod invocations;
#[path = "conformance/layer.rs"]
mod layer;
#[path = "conformance/replies.rs"]
mod replies;
#[path = "conformance/suite.rs"]
mod suite;
#[path = "conformance/support.rs"]
mod support;

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use exceptions::EXCEPTIONS;
use suite::{Column, PROVIDERS};

/// Every case passes on every shape of the provider except for the listed exceptions, each of which is needed.
fn check(provider: &str) {
    let provider = PROVIDERS.iter().find(|known| known.name == provider).expect("a provider of the table");
    let mut report = String::new();
    for Column { provider, shape, cells } in provider.columns() {
        for cell in cells {
            let verdict = match (&cell.outcome, cell.exception.map(|i| &EXCEPTIONS[i])) {
                (Ok(()), None) => continue,
                (Err(why), Some(exception)) if why.contains(exception.shows) => continue,
                (Err(why), Some(exception)) => format!("fails, but without {:?}: {why}", exception.shows),
                (Err(why), None) => why.clone(),
                (Ok(()), Some(exception)) => format!("holds: the exception is not needed ({})", exception.reason),
            };
            writeln!(report, "{provider}, {shape}, {}: {verdict}", cell.name).expect("a string takes all");
        }
    }
    assert!(report.is_empty(), "not as on every provider:\n{report}");
}

#[test]
fn aws() {
    check("aws");
}

#[test]
fn aws_streamed() {
    check("aws, streamed");
}

#[test]
fn gcp() {
    check("gcp");
}

#[test]
fn azure() {
    check("azure");
}

#[test]
fn local() {
    check("local");
}

#[test]
fn each_case_has_a_name_of_its_own() {
    let names: Vec<_> = cases::all().into_iter().map(|case| case.name).collect();
    assert!(names.len() >= 100, "{} cases", names.len());
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}

/// A slip of the pen in the table would be an exception for nothing.
#[test]
fn each_exception_is_about_a_case_and_a_shape() {
    let names: BTreeSet<_> = cases::all().into_iter().map(|case| case.name).collect();
    for exception in EXCEPTIONS {
        for provider in exception.providers {
            let provider = PROVIDERS.iter().find(|known| known.name == *provider).expect(provider);
            for shape in exception.shapes {
                assert!(provider.shapes().contains(shape), "{} has no shape {shape}", provider.name);
            }
        }
        for case in exception.cases {
            assert!(names.contains(*case), "there is no case {case:?}");
        }
    }
}

#[test]
fn the_table_of_support_is_up_to_date() {
    let columns: Vec<_> = PROVIDERS.iter().flat_map(|provider| provider.columns()).collect();
    let table = support::table(&columns).expect("a string takes all");
    for (path, table) in [("SUPPORT.md", table), ("cli/src/support/http.json", support::json(&columns))] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if std::env::var_os("OMNIFN_BLESS").is_some() {
            std::fs::write(&file, &table).expect("the file can be written");
        }
        let written = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(written == table, "{path} is out of date; OMNIFN_BLESS=1 cargo test --test conformance writes it anew");
    }
}
