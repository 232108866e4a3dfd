//! A binary keeps its notes, whatever is left out of it; `.ci/run packages` runs this test. The other linkers, and `strip -s`, are in `tests/peers/suites/notes.py`.

#[path = "support/cargo.rs"]
mod cargo;

use std::fs;

use cargo_omnifn::notes;

#[test]
#[ignore = "builds a release with fat LTO: `.ci/run packages`"]
fn notes_are_kept_through_fat_lto_and_strip() {
    let crate_folder = cargo::root().join("cli/tests/kept");
    let target = cargo::target_dir().join("kept");
    // The versions that are here already.
    let lock = crate_folder.join("Cargo.lock");
    fs::copy(cargo::root().join("Cargo.lock"), &lock).unwrap();
    let mut command = cargo::cargo(&crate_folder, &["build", "--release", "--features", "azure"]);
    cargo::run({
        command.env("CARGO_TARGET_DIR", &target).env_remove("RUSTFLAGS");
        command
    });
    fs::remove_file(&lock).unwrap();

    let binary = target.join("release").join(format!("kept{}", std::env::consts::EXE_SUFFIX));
    let manifest = notes::read(&binary).unwrap();
    let program = manifest.program.unwrap();
    assert_eq!(
        (&program.functions[..], &program.providers[..]),
        (&["hello".to_owned(), "settle".to_owned()][..], &["azure".to_owned()][..])
    );
    assert_eq!((program.package.as_str(), program.version.as_str(), program.debug), ("kept", "1.2.3", false));
    let names: Vec<_> = manifest.functions.iter().map(|function| function.name.as_str()).collect();
    // Those that the program does not have are left, too.
    assert_eq!(names, ["hello", "settle", "never_called", "unused"]);
    assert_eq!(manifest.functions[1].location.module, "parts");
    assert_eq!(manifest.functions[1].grants.len(), 2);
}
