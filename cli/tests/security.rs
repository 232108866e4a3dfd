//! Binaries and manifests of strangers: what they say is refused where it could become another command or another line, and what is
//! shown is only text.

#[path = "security/defaults.rs"]
mod defaults;
#[path = "support/formats.rs"]
mod formats;
#[path = "security/hardening.rs"]
mod hardening;
#[allow(dead_code, reason = "other suites use the rest")]
mod support;
#[path = "security/values.rs"]
mod values;

use std::{path::PathBuf, process::Command};

use cargo_omnifn::notes;
use object::{Architecture, BinaryFormat, Endianness, SectionKind, write::Object};
use serde_json::{Value, json};

fn function() -> Value {
    json!({"v": 1, "name": "hello", "trigger": {"kind": "queue", "source": "jobs"}, "module": "shop", "file": "src/main.rs", "line": 3})
}

fn program() -> Value {
    json!({"v": 1, "program": ["hello"], "crate": "shop", "version": "1.2.3", "omnifn": "0.1.0", "providers": ["local"],
        "panic": "unwind", "debug": true})
}

fn binary(notes: &[(u32, &Value)]) -> Vec<u8> {
    let mut data = Vec::new();
    for (kind, content) in notes {
        let content = content.to_string();
        data.extend([7, content.len() as u32, *kind].map(u32::to_le_bytes).concat());
        for part in [b"OMNIFN\0".as_slice(), content.as_bytes()] {
            data.extend(part);
            data.resize(data.len().next_multiple_of(4), 0);
        }
    }
    let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let section = object.add_section(Vec::new(), b".note.omnifn".to_vec(), SectionKind::Note);
    object.append_section_data(section, &data, 4);
    object.write().unwrap()
}

/// A file that is removed when it is dropped.
struct File(PathBuf);

impl File {
    fn new(name: &str, content: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("omnifn-security-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        File(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// Texts that a note may not contain: their place, the text, and the code of the error.
const HOSTILE: [(&str, &str); 21] = [
    ("/program/version", "1.0.0;touch$IFS/tmp/pwned"),
    ("/program/version", "1.0.0 && id"),
    ("/program/version", "$(id)"),
    ("/program/version", ""),
    ("/program/version", "1"),
    ("/program/version", "1.0.0\n$ rm -rf ~"),
    ("/program/omnifn", "0.1.0;id"),
    ("/program/omnifn", "0.1.0 --git https://evil.example"),
    ("/program/providers/0", "local; id"),
    ("/program/program/0", "hello\u{1b}[2J"),
    ("/program/crate", "shop;id"),
    ("/function/name", "hello;id"),
    ("/function/secrets/0", "KEY=x;id"),
    ("/function/file", "src/main.rs\nerror: forged"),
    ("/function/file", "src/\u{85}main.rs"),
    ("/function/file", "src/\u{9b}31mmain.rs"),
    ("/function/file", "src/\u{202e}sr.niam"),
    ("/function/file", "src/\u{2067}main.rs"),
    ("/function/module", "shop\u{2028}::orders"),
    ("/function/trigger/source", "jobs\u{1b}]0;title\u{7}"),
    ("/function/trigger/source", "jobs\u{200f}"),
];

fn is_clean(text: &str) -> bool {
    let is_hostile = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    !text.contains(is_hostile)
}

#[test]
fn hostile_notes_are_refused_and_shown_as_text() {
    for (place, text) in HOSTILE {
        let mut whole = json!({"function": function(), "program": program()});
        whole["function"]["secrets"] = json!(["KEY"]);
        *whole.pointer_mut(place).unwrap() = json!(text);
        let (function, program) = (&whole["function"], &whole["program"]);
        let binary = binary(&[(1, function), (2, program)]);
        let error = notes::parse(&binary, "shop").expect_err(text);
        assert_eq!(error.code, "omnifn::notes::name", "{place} {text:?}: {error}");

        let binary = File::new("hostile", &binary);
        let manifest = json!({"program": program, "functions": [function]});
        let manifest = File::new("hostile.json", manifest.to_string().as_bytes());
        let (binary, manifest) = (binary.0.to_str().unwrap(), manifest.0.to_str().unwrap());
        for arguments in [
            &["manifest", binary][..],
            &["manifest", binary, "--json"],
            &["package", "--binary", binary, "--target", "gcp"],
            &["check", "--manifest", manifest],
            &["check", "--manifest", manifest, "--json"],
        ] {
            let output = Command::new(env!("CARGO_BIN_EXE_cargo-omnifn"))
                .args(arguments)
                .current_dir(std::env::temp_dir())
                .output()
                .unwrap();
            assert!(!output.status.success(), "{place} {text:?} {arguments:?}");
            let shown = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
            assert!(is_clean(&shown) && shown.contains("omnifn::notes::name"), "{place} {arguments:?}: {shown:?}");
            assert!(!shown.lines().any(|line| line.starts_with("error: forged")), "{shown}");
        }
    }
}

/// A help text that contains the version of another omnifn is a command.
#[test]
fn a_hostile_version_is_no_word_of_the_help() {
    for (version, is_named) in [("7.0.1", true), ("7.0.1; touch /tmp/pwned", false)] {
        let (mut function, mut program) = (function(), program());
        (function["v"], program["v"], program["omnifn"]) = (json!(2), json!(2), json!(version));
        let error = notes::parse(&binary(&[(1, &function), (2, &program)]), "shop").unwrap_err();
        assert_eq!(error.code, "omnifn::notes::version");
        assert_eq!(error.help.unwrap().contains(version), is_named, "{version}");
    }
}

#[test]
fn two_program_notes_are_one_or_an_error() {
    let (function, one) = (function(), program());
    let same = notes::parse(&binary(&[(1, &function), (2, &one), (2, &one)]), "shop").unwrap();
    assert_eq!(same.program.unwrap().version, "1.2.3");
    for (field, value) in [("version", json!("1.2.4")), ("panic", json!("abort")), ("program", json!([]))] {
        let mut other = one.clone();
        other[field] = value;
        for notes in [[(1, &function), (2, &one), (2, &other)], [(2, &other), (1, &function), (2, &one)]] {
            let error = notes::parse(&binary(&notes), "shop").unwrap_err();
            assert_eq!(error.code, "omnifn::notes::several", "{field}");
            assert!(error.help.is_some() && error.message.contains("two programs"), "{error}");
        }
    }
}
