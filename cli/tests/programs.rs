//! The notes of the examples' programs: they are what the functions say of themselves at run time, and what `programs/*.json` holds,
//! which the other tests start from. `OMNIFN_BLESS=1 cargo test -p cargo-omnifn --test programs -- --ignored` writes those files.
//!
//! The notes of functions are in this test's own binary, too. Those of the whole programs are in binaries of their own, which have to be
//! built first: `.ci/run packages` does that.

#[path = "support/cargo.rs"]
mod cargo;

use std::{collections::BTreeSet, fs, path::PathBuf, sync::OnceLock};

use cargo_omnifn::{
    model::FunctionNote,
    notes::{self, Manifest},
};
use omnifn::App;
use serde::Serialize as _;
use serde_json::Value;

const PROGRAMS: [&str; 6] = ["api", "chatbot", "checkout", "ingest", "thumbnail", "triggers"];

/// The functions of a program, as its `main.rs` has them.
fn app(program: &str) -> App {
    match program {
        "api" => {
            use api::{attachments, export, notes, session};
            omnifn::app!(
                notes::create,
                notes::list,
                notes::read,
                notes::update,
                notes::delete,
                attachments::attach,
                attachments::download,
                export::export,
                session::home,
                session::login,
                session::whoami
            )
        }
        "chatbot" => omnifn::app!(chatbot::slack::command, chatbot::github::webhook),
        "checkout" => omnifn::app!(checkout::price::price, checkout::members::sign_up),
        "ingest" => omnifn::app!(ingest::readings::take, ingest::devices::read, ingest::devices::forget),
        "thumbnail" => omnifn::app!(thumbnail::uploads::thumbnail),
        _ => {
            use triggers::*;
            omnifn::app!(welcome, settle, announce, measure, index, nightly, placed, balance)
        }
    }
}

/// The binary of a program, as cargo builds it for this machine.
fn binary(program: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        let packages = PROGRAMS.iter().flat_map(|name| ["--package", name]);
        let arguments: Vec<_> = ["build", "--locked", "--bins"].into_iter().chain(packages).collect();
        cargo::run({
            let mut command = cargo::cargo(cargo::root(), &arguments);
            // What is compiled already is taken from there, and the binaries that other tests run stay as they are.
            command.env("CARGO_BUILD_BUILD_DIR", cargo::target_dir());
            command.env("CARGO_TARGET_DIR", cargo::target_dir().join("programs"));
            command
        });
        cargo::target_dir().join("programs/debug")
    });
    folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}

fn manifest(program: &str) -> Manifest {
    notes::read(&binary(program)).unwrap_or_else(|error| panic!("{program}: {error}: {}", error.causes.join(": ")))
}

/// The functions of a program, as they describe themselves at run time.
fn specs(program: &str) -> Vec<String> {
    app(program).specs().map(|spec| spec.to_json()).collect()
}

#[test]
fn a_function_says_the_same_when_it_runs() {
    let this = std::env::current_exe().unwrap();
    let (bytes, notes) = (fs::read(&this).unwrap(), notes::read(&this).unwrap());
    for program in PROGRAMS {
        let file = cargo::root().join(format!("cli/tests/programs/{program}.json"));
        let file: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        let said = specs(program);
        let ran: Vec<Value> = said.iter().map(|json| serde_json::from_str(json).unwrap()).collect();
        assert_eq!(file["functions"], Value::from(ran.clone()), "{program}");
        for (json, function) in said.iter().zip(ran) {
            let function: FunctionNote = serde_json::from_value(function).unwrap();
            assert!(notes.functions.contains(&function), "{program}: {json}");
            let json = json.as_bytes();
            assert!(bytes.windows(json.len()).any(|window| window == json), "{program}: {function:?}");
        }
    }
}

#[test]
#[ignore = "builds the examples: `.ci/run packages`"]
fn a_program_says_the_same_when_it_runs() {
    for program in PROGRAMS {
        let Manifest { program: Some(note), functions } = manifest(program) else { panic!("{program}: no program") };
        let specs = specs(program);
        let ran: Vec<FunctionNote> = specs.iter().map(|json| serde_json::from_str(json).unwrap()).collect();
        assert_eq!(functions, ran, "{program}");
        assert_eq!(note.functions, ran.iter().map(|function| function.name.clone()).collect::<Vec<_>>(), "{program}");
        assert_eq!((note.package.as_str(), &note.providers[..]), (program, &["local".to_owned()][..]));
        // Byte for byte: nothing was added to the notes on their way.
        let bytes = fs::read(binary(program)).unwrap();
        for json in specs {
            let json = json.as_bytes();
            assert!(
                bytes.windows(json.len()).any(|window| window == json),
                "{program}: {}",
                String::from_utf8_lossy(json)
            );
        }
    }
}

#[test]
#[ignore = "builds the examples: `.ci/run packages`"]
fn the_files_that_the_other_tests_start_from_say_the_same() {
    let folder = cargo::root().join("cli/tests/programs");
    let there: BTreeSet<_> =
        fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(there, PROGRAMS.iter().map(|name| format!("{name}.json")).collect());
    for program in PROGRAMS {
        let mut found = Vec::new();
        let form = serde_json::ser::PrettyFormatter::with_indent(b" ");
        manifest(program).serialize(&mut serde_json::Serializer::with_formatter(&mut found, form)).unwrap();
        let found = String::from_utf8(found).unwrap();
        let path = folder.join(format!("{program}.json"));
        if std::env::var_os("OMNIFN_BLESS").is_some() {
            fs::write(&path, &found).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap();
        assert!(expected == found, "{}: expected\n{expected}\nfound\n{found}", path.display());
    }
}
