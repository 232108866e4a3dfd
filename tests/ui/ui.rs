//! Every mistake that a user can make: one error, at its own token, that contains what to write instead.

use std::{fs, path::Path};

#[test]
fn mistakes() {
    // trybuild checks all cases by one run of cargo as long as none of them has to be linked. So what must compile, in `pass`, is not
    // here: each file is a test target of the package `omnifn`.
    trybuild::TestCases::new().compile_fail("fail/*.rs");
}

#[test]
fn every_file_that_must_compile_is_a_test_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(folder.join("../../Cargo.toml")).expect("the manifest of the workspace");
    for file in fs::read_dir(folder.join("pass")).expect("the folder") {
        let name = file.expect("a file").file_name().into_string().expect("a name in UTF-8");
        assert!(
            manifest.contains(&format!("path = \"tests/ui/pass/{name}\"")),
            "Cargo.toml has no [[test]] for {name}"
        );
    }
}
