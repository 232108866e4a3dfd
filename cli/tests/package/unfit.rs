//! What is wrong with a binary is named: with a code, its cause and what to do.

use cargo_omnifn::{
    cloud::Cloud,
    error::{Error, Kind},
    model::App,
    package::{Artifact, Verdict},
};
use omnifn_spec::note::Panic;
use serde_json::json;

use crate::binaries::{allowing, app, dynamically, folder, note, package, statically};

/// The one failure of a package, and all that it says.
fn refused(packaged: Result<Vec<Artifact>, Error>, code: &str) -> String {
    let error = packaged.unwrap_err();
    let codes: Vec<_> = std::iter::once(&error).chain(&error.more).map(|error| error.code).collect();
    assert_eq!(codes, [format!("omnifn::package::{code}")]);
    assert_eq!(error.kind, Kind::Unfit);
    assert!(!error.causes.is_empty() || error.help.is_some(), "{error}: no cause and no help");
    format!("{error}; {}; {}", error.causes.join("; "), error.help.as_deref().unwrap_or_default())
}

/// Writes a binary that was tampered with.
fn doctored(name: &str, bytes: &[u8]) -> (std::path::PathBuf, std::path::PathBuf) {
    let folder = folder(name);
    let path = folder.join("binary");
    std::fs::write(&path, bytes).unwrap();
    (path, folder.join("out"))
}

#[test]
fn another_architecture() {
    let mut bytes = std::fs::read(statically()).unwrap();
    bytes[18..20].copy_from_slice(&183_u16.to_le_bytes()); // e_machine: EM_AARCH64
    let (binary, out) = doctored("architecture", &bytes);
    let said = refused(package(Cloud::Aws, &binary, &out, &app(json!({})), &note()), "architecture");
    assert!(said.contains("for arm64") && said.contains(r#"architecture = "arm64""#), "{said}");
    assert!(!out.join("aws/triggers.zip").exists(), "nothing unfit is written");
    let arm = app(json!({"aws": {"architecture": "arm64"}}));
    let artifacts = package(Cloud::Aws, &binary, &out, &arm, &note()).unwrap();
    assert_eq!(artifacts[0].architecture, "arm64");
    bytes[18..20].copy_from_slice(&243_u16.to_le_bytes()); // EM_RISCV
    std::fs::write(&binary, &bytes).unwrap();
    let said = refused(package(Cloud::Azure, &binary, &out, &app(json!({})), &note()), "architecture");
    assert!(said.contains("ELF machine 243"), "{said}");
    let mut arm = app(json!({}));
    arm.azure.architecture = Some("arm64".to_owned());
    let error = package(Cloud::Azure, &binary, &out, &arm, &note());
    assert_eq!(error.unwrap_err().code, "omnifn::settings");
}

#[test]
fn a_newer_glibc() {
    let mut bytes = dynamically();
    let at: Vec<_> = bytes.windows(9).enumerate().filter(|(_, w)| w == b"GLIBC_2.3").map(|(at, _)| at).collect();
    assert!(!at.is_empty(), "the tests are linked with glibc");
    at.iter().for_each(|at| bytes[at + 6] = b'9');
    let (binary, out) = doctored("glibc", &bytes);
    for cloud in [Cloud::Aws, Cloud::Azure] {
        let said = refused(package(cloud, &binary, &out, &app(json!({})), &note()), "glibc");
        assert!(said.contains("GLIBC_9.3") && said.contains("rustup target add"), "{said}");
        assert!(said.contains("asks for `"), "the symbols are named: {said}");
    }
    let artifacts = allowing(&["glibc"], Cloud::Aws, &binary, &out, &app(json!({})), &note()).unwrap();
    let check = artifacts[0].checks.iter().find(|check| check.code.ends_with("glibc")).unwrap();
    assert_eq!(check.verdict, Verdict::Allowed);
}

#[test]
fn an_image_holds_the_program_alone() {
    let (binary, out) = doctored("dynamic", &dynamically());
    let said = refused(package(Cloud::Gcp, &binary, &out, &app(json!({})), &note()), "libraries");
    assert!(said.contains("the image contains nothing but the program") && said.contains("libc.so.6"), "{said}");
    // By the user's word, the deploy without build is left: Ubuntu has the libraries.
    let made = allowing(&["libraries", "glibc"], Cloud::Gcp, &binary, &out, &app(json!({})), &note()).unwrap();
    assert_eq!(made.iter().map(|artifact| artifact.kind).collect::<Vec<_>>(), ["folder"]);
}

#[test]
fn a_library_that_is_not_there() {
    let mut bytes = dynamically();
    let at: Vec<_> = bytes.windows(10).enumerate().filter(|(_, w)| w == b"libc.so.6\0").map(|(at, _)| at).collect();
    at.iter().for_each(|at| bytes[at + 3] = b'x');
    let (binary, out) = doctored("library", &bytes);
    let made = allowing(&["glibc"], Cloud::Aws, &binary, &out, &app(json!({})), &note());
    let said = refused(made, "libraries");
    assert!(said.contains("needs libx.so.6"), "{said}");
}

/// Strippers take the table of sections away; the loader reads another one.
#[test]
fn a_binary_without_its_table_of_sections() {
    let without = |bytes: &mut Vec<u8>| {
        // e_shoff, e_shnum and e_shstrndx of the header.
        bytes[0x28..0x30].fill(0);
        bytes[0x3c..0x40].fill(0);
    };
    let mut bytes = dynamically();
    for name in [&b"GLIBC_2.3"[..], b"libc.so.6\0"] {
        let at: Vec<_> = bytes.windows(name.len()).enumerate().filter(|(_, w)| *w == name).map(|(at, _)| at).collect();
        at.iter()
            .for_each(|at| bytes[at + if name[0] == b'G' { 6 } else { 3 }] = if name[0] == b'G' { b'9' } else { b'x' });
    }
    without(&mut bytes);
    let (binary, out) = doctored("sections", &bytes);
    let said = refused(allowing(&["libraries"], Cloud::Aws, &binary, &out, &app(json!({})), &note()), "glibc");
    assert!(said.contains("GLIBC_9.3"), "{said}");
    let said = refused(allowing(&["glibc"], Cloud::Aws, &binary, &out, &app(json!({})), &note()), "libraries");
    assert!(said.contains("needs libx.so.6"), "{said}");
    // One that names a loader, and has no table for it, or one that leads nowhere.
    let header = |wanted: u32| {
        let start = u64::from_le_bytes(bytes[0x20..0x28].try_into().unwrap()) as usize;
        let count = u16::from_le_bytes(bytes[0x38..0x3a].try_into().unwrap()) as usize;
        let mut all = (0..count).map(|at| start + at * 56);
        all.find(|at| bytes[*at..at + 4] == wanted.to_le_bytes()).unwrap()
    };
    let at = header(2);
    for (field, value) in [(at..at + 4, 0_u32), (at + 8..at + 12, u32::MAX), (at + 32..at + 36, 7)] {
        let mut broken = bytes.clone();
        broken[field.clone()].copy_from_slice(&value.to_le_bytes());
        std::fs::write(&binary, &broken).unwrap();
        let said = refused(package(Cloud::Aws, &binary, &out, &app(json!({})), &note()), "platform");
        assert!(said.contains("damaged"), "{field:?}: {said}");
    }
    // A static one has nothing to name, with and without its sections.
    let mut bytes = std::fs::read(statically()).unwrap();
    without(&mut bytes);
    std::fs::write(&binary, &bytes).unwrap();
    package(Cloud::Gcp, &binary, &out, &app(json!({})), &note()).unwrap();
}

#[test]
fn a_debug_build() {
    let mut debug = note();
    debug.debug = true;
    let out = folder("debug");
    for cloud in Cloud::ALL {
        let said = refused(package(cloud, statically(), &out, &app(json!({})), &debug), "debug");
        assert!(said.contains("--release") && said.contains("--allow debug"), "{said}");
        for allow in ["debug", "omnifn::package::debug"] {
            assert!(allowing(&[allow], cloud, statically(), &out, &app(json!({})), &debug).is_ok());
        }
    }
}

#[test]
fn abort_is_warned_of() {
    let mut abort = note();
    abort.panic = Panic::Abort;
    let found = |allow: &[&str]| {
        let artifacts = allowing(allow, Cloud::Aws, statically(), &folder("abort"), &app(json!({})), &abort).unwrap();
        let check = artifacts[0].checks.iter().find(|check| check.code == "omnifn::package::panic").unwrap();
        check.verdict
    };
    assert_eq!(found(&[]), Verdict::Warning);
    assert_eq!(found(&["panic"]), Verdict::Allowed);
}

#[test]
fn another_clouds_build() {
    let mut only = note();
    only.providers = vec!["gcp".to_owned()];
    let said = refused(package(Cloud::Aws, statically(), &folder("provider"), &app(json!({})), &only), "provider");
    assert!(said.contains("--features aws") && said.contains("`gcp`"), "{said}");
}

#[test]
fn http2_that_the_program_does_not_serve() {
    let app = app(json!({"gcp": {"http2": true}}));
    let mut served = note();
    let said = refused(package(Cloud::Gcp, statically(), &folder("http2"), &app, &served), "http2");
    assert!(said.contains("`omnifn/h2c`") && said.contains("`http2 = true`"), "{said}");
    package(Cloud::Aws, statically(), &folder("http2-aws"), &app, &served).unwrap();
    served.http2 = true;
    package(Cloud::Gcp, statically(), &folder("http2-served"), &app, &served).unwrap();
}

#[test]
fn no_program_for_linux() {
    for (name, bytes, words) in [
        ("text", &b"#!/bin/sh\n"[..], "no ELF file"),
        ("windows", b"MZ\0\0", "no ELF file"),
        ("cut", &dynamically()[..64], "damaged"),
    ] {
        let (binary, out) = doctored(name, bytes);
        let said = refused(package(Cloud::Aws, &binary, &out, &app(json!({})), &note()), "platform");
        assert!(said.contains(words), "{said}");
    }
    let mut bytes = dynamically();
    bytes[7] = 9; // FreeBSD
    let (binary, out) = doctored("freebsd", &bytes);
    let said = refused(package(Cloud::Aws, &binary, &out, &app(json!({})), &note()), "platform");
    assert!(said.contains("another system"), "{said}");
    bytes[7] = 0;
    bytes[24..32].fill(0); // a shared library has no entry
    std::fs::write(&binary, &bytes).unwrap();
    let said = refused(package(Cloud::Aws, &binary, &out, &app(json!({})), &note()), "platform");
    assert!(said.contains("no executable"), "{said}");
}

/// Nothing is written outside of `--out`, whatever a program or a function is called.
#[test]
fn no_name_leads_out_of_the_folder() {
    let here = folder("outside");
    let absolute = here.join("absolute");
    for bad in ["../../escaped", "../ab", "a/b", absolute.to_str().unwrap()] {
        let out = here.join("out");
        let named = App { name: bad.to_owned(), ..app(json!({})) };
        let error = package(Cloud::Aws, statically(), &out, &named, &note()).unwrap_err();
        assert_eq!((error.code, error.kind), ("omnifn::package::name", Kind::Usage), "{bad}");
        assert!(error.message.contains(bad) && error.help.is_some(), "{error}");
        let mut split = app(json!({"aws": {"split": true}}));
        split.functions[1].name = bad.to_owned();
        for cloud in [Cloud::Aws, Cloud::Azure] {
            let error = package(cloud, statically(), &out, &split, &note()).unwrap_err();
            assert_eq!(error.code, "omnifn::package::name", "{bad}");
        }
        assert_eq!(std::fs::read_dir(&here).unwrap().count(), 0, "{bad}: nothing is on disk");
    }
    // On Azure, files are called as units are within a text, whose names have letters, digits, and `_` alone.
    let mut all = app(json!({}));
    all.name = "../../escaped".to_owned();
    all.functions.retain(|function| function.name == "welcome");
    all.functions[0].name = "../a b".to_owned();
    let named = App { units: serde_json::from_value(json!({"http": "per-function"})).unwrap(), ..all };
    let artifacts = package(Cloud::Azure, statically(), &here.join("out"), &named, &note()).unwrap();
    assert_eq!(artifacts[0].path, here.join("out/azure/a_b.zip"));
    assert_eq!(std::fs::read_dir(&here).unwrap().count(), 1, "only the folder that was named");
}

#[test]
fn a_binary_that_is_too_large() {
    let mut bytes = std::fs::read(statically()).unwrap();
    bytes.resize(251 << 20, 0);
    let (binary, out) = doctored("large", &bytes);
    let said = refused(package(Cloud::Aws, &binary, &out, &app(json!({})), &note()), "size");
    assert!(said.contains("251.0 MiB unpacked") && said.contains("250.0 MiB"), "{said}");
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let mut bytes = dynamically();
    bytes[18..20].copy_from_slice(&183_u16.to_le_bytes());
    let (binary, out) = doctored("all", &bytes);
    let mut bad = note();
    bad.debug = true;
    bad.providers = vec!["local".to_owned()];
    let error = allowing(&["glibc"], Cloud::Gcp, &binary, &out, &app(json!({})), &bad).unwrap_err();
    let mut codes: Vec<_> = std::iter::once(&error).chain(&error.more).map(|error| error.code).collect();
    codes.sort_unstable();
    let expected = ["architecture", "debug", "libraries", "provider"].map(|code| format!("omnifn::package::{code}"));
    assert_eq!(codes, expected, "each once, though two artifacts are made of it");
}
