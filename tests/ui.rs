//! Every mistake that a user can make: one error, at its own token, that says what to write instead.

use std::{fs, path::Path};

#[test]
fn mistakes() {
    // trybuild checks all cases by one run of cargo as long as none of them has to be linked. So what must compile, in `ui/pass`, is
    // not here: each file is a test target of its own.
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}

#[test]
fn every_file_that_must_compile_is_a_test_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("the manifest");
    for file in fs::read_dir(root.join("tests/ui/pass")).expect("the folder") {
        let name = file.expect("a file").file_name().into_string().expect("a name in UTF-8");
        assert!(manifest.contains(&format!("path = \"tests/ui/pass/{name}\"")), "Cargo.toml has no [[test]] for {name}");
    }
}
