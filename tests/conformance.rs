//! The public suite `omnifn::conformance` over omnifn's own providers and every shape in which they send HTTP requests: what a function sees,
//! what its caller gets back, and what happens when something goes wrong are the same everywhere. Nothing is skipped: what a shape cannot
//! carry is in one table, `conformance/exceptions.rs`, with the reason.

#[path = "conformance/exceptions.rs"]
mod exceptions;
#[path = "conformance/invocations.rs"]
mod invocations;
#[path = "conformance/suite.rs"]
mod suite;
#[path = "conformance/support.rs"]
mod support;

use std::{collections::BTreeSet, path::Path};

use exceptions::EXCEPTIONS;
use suite::PROVIDERS;

/// Every case passes on every shape of the provider except for the listed exceptions, each of which is needed.
fn check(provider: &str) {
    let provider = PROVIDERS.iter().find(|known| known.name == provider).expect("a provider of the table");
    for report in [&provider.reports().requests, &provider.reports().invocations, &provider.reports().shapes] {
        report.assert();
    }
    assert!(!provider.reports().requests.shapes.is_empty() && !provider.reports().invocations.shapes.is_empty());
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

/// The names of the cases.
fn cases() -> Vec<&'static str> {
    let shape = PROVIDERS[0].reports().requests.shapes.first().expect("a shape");
    shape.cases.iter().map(|case| &*case.name).collect()
}

#[test]
fn each_case_has_a_name_of_its_own() {
    let names = cases();
    assert!(names.len() >= 100, "{} cases", names.len());
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}

/// A slip of the pen in the table would be an exception for nothing.
#[test]
fn each_exception_is_about_a_case_and_a_shape() {
    let names: BTreeSet<_> = cases().into_iter().collect();
    for row in EXCEPTIONS {
        for provider in row.providers {
            let provider = PROVIDERS.iter().find(|known| known.name == *provider).expect(provider);
            let known = &provider.reports().requests.shapes;
            for shape in row.exception.shapes {
                assert!(known.iter().any(|known| known.shape == *shape), "{} has no shape {shape}", provider.name);
            }
        }
        for case in row.exception.cases {
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
