//! The shape of the house, as far as a machine can see it: what ARCHITECTURE.md calls invariants.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

const ADAPTERS: [&str; 4] = ["aws", "azure", "gcp", "local"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder whose names end so, as paths from the root.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A line of code outside of comments and tests.
struct Line {
    place: String,
    code: String,
}

/// The lines of code below a folder, without comments and without what stands behind `#[cfg(test)]`.
fn code(folder: &str) -> Vec<Line> {
    let is_tests = |path: &PathBuf| path.ends_with("tests.rs") || path.iter().any(|part| part == "tests");
    let files = files(folder, ".rs").into_iter().filter(|path| !is_tests(path));
    let lines = files.flat_map(|path| {
        let text = read(&path);
        let code = text.lines().enumerate().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
        let code = code.filter(|(_, line)| !line.trim_start().starts_with("//"));
        let code = code.map(|(i, line)| Line {
            place: format!("{}:{}", path.display(), i + 1),
            code: line.split(" // ").next().unwrap_or_default().to_owned(),
        });
        code.collect::<Vec<_>>()
    });
    lines.collect()
}

/// The source folders of the crates that must be pure, or must not panic.
fn adapters() -> impl Iterator<Item = String> {
    ADAPTERS.iter().map(|name| format!("adapters/{name}/src"))
}

fn none(what: &str, found: impl IntoIterator<Item = String>) {
    let found: Vec<_> = found.into_iter().collect();
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn spec_core_and_macros_name_no_provider() {
    /// Standards and examples that cannot be described without the name of their provider.
    const ALLOWED: &[(&str, &str)] = &[
        ("core/src/trace.rs", "AWS X-Ray header"),
        ("core/src/trace.rs", "Google's `X-Cloud-Trace-Context` header"),
        ("core/src/adapter.rs", "A Lambda invocation is itself an HTTP message"),
    ];
    let names = |word: &str| {
        let word = word.to_lowercase();
        word == "aws"
            || ["lambda", "azure", "gcp", "google", "cloudrun", "knative"].iter().any(|name| word.contains(name))
    };
    let mut used = BTreeSet::new();
    let mut found = Vec::new();
    for path in ["core/src", "macros/src", "spec/src"].into_iter().flat_map(|folder| files(folder, ".rs")) {
        for (i, line) in read(&path).lines().enumerate() {
            if !line.split(|c: char| !c.is_alphanumeric()).any(names) {
                continue;
            }
            match ALLOWED.iter().position(|(file, words)| path.ends_with(file) && line.contains(words)) {
                Some(i) => drop(used.insert(i)),
                None => found.push(format!("{}:{}: {}", path.display(), i + 1, line.trim())),
            }
        }
    }
    none("a provider is named", found);
    none(
        "not needed any more",
        ALLOWED.iter().enumerate().filter(|(i, _)| !used.contains(i)).map(|(_, a)| format!("{a:?}")),
    );
}

#[test]
fn only_the_runtime_touches_the_world() {
    const WORLD: [&str; 16] = [
        "std::env",
        "env::var",
        "TcpListener",
        "TcpStream",
        "UdpSocket",
        "ToSocketAddrs",
        "std::fs",
        "process::exit",
        "process::Command",
        "std::thread",
        "Instant::now",
        "SystemTime::now",
        "println!",
        "eprintln!",
        "print!(",
        "tokio",
    ];
    // The macros run while a program is compiled, and are not a part of it.
    let folders = ["core/src", "spec/src", "src"].map(str::to_owned).into_iter().chain(adapters());
    let lines = folders.flat_map(|folder| code(&folder)).filter(|line| !line.place.starts_with("src/providers.rs"));
    none(
        "I/O, clock or environment outside of the runtime",
        lines.flat_map(|line| {
            let words = WORLD.iter().find(|words| line.code.contains(**words));
            words.map(|words| format!("{}: {words}", line.place))
        }),
    );
}

#[test]
fn nothing_panics_by_design() {
    const PANICS: [&str; 9] = [
        ".unwrap()",
        ".expect(",
        ".unwrap_err()",
        ".expect_err(",
        "panic!(",
        "unreachable!(",
        "todo!(",
        "unimplemented!(",
        "assert!(",
    ];
    let folders =
        ["core/src", "macros/src", "runtime/src", "spec/src", "src"].map(str::to_owned).into_iter().chain(adapters());
    // What checks functions and providers fails a test as every assertion does.
    let is_of_tests = |line: &Line| ["src/testing", "src/conformance"].iter().any(|path| line.place.starts_with(path));
    let lines = folders.flat_map(|folder| code(&folder)).filter(|line| !is_of_tests(line));
    none(
        "can panic",
        lines.flat_map(|line| {
            let words = PANICS
                .iter()
                .find(|words| line.code.contains(**words) && !line.code.contains(&format!("debug_{words}")))
                // What the compiler evaluates fails the build.
                .filter(|_| !line.code.contains("const _: () ="));
            words.map(|words| format!("{}: {words}: {}", line.place, line.code.trim()))
        }),
    );
}

#[test]
fn siblings_have_the_same_files() {
    let top = |name: &str| {
        let found = files(&format!("adapters/{name}/src"), ".rs").into_iter();
        let found =
            found.map(|path| path.strip_prefix(format!("adapters/{name}")).unwrap().to_string_lossy().into_owned());
        // What is below, such as `src/http/`, has a file for each service that the provider has.
        found.filter(|path| path.matches('/').count() == 1).collect::<Vec<_>>()
    };
    let first = top(ADAPTERS[0]);
    for file in ["context", "detect", "events", "http", "inverse", "lib", "log"].map(|name| format!("src/{name}.rs")) {
        assert!(first.contains(&file), "adapters/{}/{file}", ADAPTERS[0]);
    }
    for name in ADAPTERS {
        assert_eq!(top(name), first, "adapters/{name}");
        assert!(root().join(format!("adapters/{name}/tests/vectors.rs")).exists(), "adapters/{name}/tests/vectors.rs");
    }
}

#[test]
fn every_golden_vector_is_whole_and_used() {
    const PARTS: [&str; 6] = ["settings.json", "function.json", "in.json", "call.json", "reply.json", "out.json"];
    for name in ADAPTERS {
        let fixtures = root().join(format!("adapters/{name}/fixtures"));
        for folder in fs::read_dir(&fixtures).unwrap_or_else(|e| panic!("{}: {e}", fixtures.display())) {
            let folder = folder.unwrap().path();
            let trigger = folder.file_name().unwrap().to_string_lossy().into_owned();
            let runner = read(&PathBuf::from(format!("adapters/{name}/tests/vectors.rs")));
            assert!(
                runner.contains(&format!("fixtures/{trigger}")),
                "adapters/{name}/tests/vectors.rs does not run {trigger}"
            );
            for case in fs::read_dir(&folder).unwrap().map(|case| case.unwrap().path()) {
                let parts: BTreeSet<_> = fs::read_dir(&case)
                    .unwrap_or_else(|e| panic!("{}: {e}", case.display()))
                    .map(|part| part.unwrap().file_name().to_string_lossy().into_owned())
                    .collect();
                let case = case.strip_prefix(root()).unwrap();
                none(
                    &format!("{}: no part of a golden vector", case.display()),
                    parts.iter().filter(|part| !PARTS.contains(&part.as_str())).cloned(),
                );
                assert!(parts.contains("in.json"), "{}: no in.json", case.display());
                assert!(parts.contains("call.json") || parts.contains("out.json"), "{}: shows nothing", case.display());
                for part in &parts {
                    let json: Result<Value, _> = serde_json::from_str(&read(&case.join(part)));
                    assert!(json.is_ok_and(|json| json.is_object()), "{}/{part}: no JSON object", case.display());
                }
            }
        }
    }
}

/// A file that is fit for strangers names no place where it was made.
#[test]
fn the_project_speaks_only_of_itself() {
    let folders = [
        "core",
        "macros",
        "runtime",
        "adapters",
        "src",
        "examples",
        "tests",
        "benches",
        "fuzz/src",
        "fuzz/fuzz_targets",
    ];
    let paths =
        folders.into_iter().filter(|folder| root().join(folder).exists()).flat_map(|folder| files(folder, ".rs"));
    let paths = paths.chain(
        fs::read_dir(root())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "md")),
    );
    none(
        "a place on one machine",
        paths.filter(|path| !path.ends_with("tests/shape.rs")).flat_map(|path| {
            let text = read(&path);
            let found = ["/work/", "/root/", "/home/", "/tmp/target"].into_iter().find(|words| text.contains(words));
            found.map(|words| format!("{}: {words}", path.display()))
        }),
    );
}

/// Runs cargo without the network.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).arg("--offline").current_dir(root()).output().unwrap();
    assert!(output.status.success(), "cargo {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The normal dependencies that each package of the workspace names itself.
fn direct() -> BTreeMap<String, BTreeSet<String>> {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--format-version=1", "--no-deps"])).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let normal = |package: &Value| {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        dependencies.filter(|dependency| dependency["kind"].is_null()).map(name).collect()
    };
    packages.map(|package| (name(package), normal(package))).collect()
}

#[test]
fn crates_depend_only_on_what_is_below_them() {
    let direct = direct();
    let ours = |package: &str| {
        direct[package].iter().filter(|name| name.starts_with("omnifn")).map(String::as_str).collect::<Vec<_>>()
    };
    assert_eq!(ours("omnifn-spec"), [""; 0]);
    for name in ["omnifn-core", "omnifn-macros", "cargo-omnifn"] {
        assert_eq!(ours(name), ["omnifn-spec"], "{name}");
    }
    assert_eq!(ours("omnifn-runtime"), ["omnifn-core"]);
    for name in ADAPTERS {
        assert_eq!(ours(&format!("omnifn-{name}")), ["omnifn-core"], "adapters/{name}");
    }
}

/// The crates that a package is built of, each with the features that it has then.
fn built_of(package: &str, features: &str) -> BTreeMap<String, BTreeSet<String>> {
    let what = ["tree", "--package", package, "--no-default-features", "--features", features];
    let how = ["--edges", "normal", "--prefix", "none", "--no-dedupe", "--format", "{p}|{f}"];
    let text = cargo(&[&what[..], &how].concat());
    let lines = text.lines().filter_map(|line| line.trim_end_matches(" (*)").split_once('|'));
    let name = |package: &str| package.split(' ').next().unwrap_or_default().to_owned();
    lines.map(|(package, features)| (name(package), features.split(',').map(str::to_owned).collect())).collect()
}

#[test]
fn core_macros_and_adapters_are_built_without_io() {
    const IO: [&str; 8] = ["tokio", "hyper", "hyper-util", "mio", "socket2", "lambda_runtime", "reqwest", "getrandom"];
    let packages = ADAPTERS.map(|name| format!("omnifn-{name}"));
    for package in packages.iter().map(String::as_str).chain(["omnifn-spec", "omnifn-core", "omnifn-macros"]) {
        let crates = built_of(package, "");
        assert!(crates.contains_key(package));
        none(
            &format!("{package} is built of"),
            IO.iter().filter(|name| crates.contains_key(**name)).map(|name| (*name).to_owned()),
        );
    }
}

#[test]
fn one_provider_is_built_without_the_others() {
    // Crates, and features of crates.
    let lambda: &[&str] = &["lambda_runtime", "lambda_runtime_api_client", "hyper/client"];
    let table: [(&str, &[&str]); 4] = [
        ("aws", &["hyper-util/server", "hyper/http2", "h2"]),
        ("gcp", &[lambda, &["hyper/http2", "h2"]].concat()),
        ("azure", &[lambda, &["hyper/http2", "h2"]].concat()),
        ("local", &[lambda, &["hyper/http2", "h2"]].concat()),
    ];
    for (feature, absent) in table {
        let crates = built_of("omnifn", feature);
        println!("{feature}: {} crates", crates.len());
        let found = ADAPTERS.into_iter().filter(|name| crates.contains_key(&format!("omnifn-{name}")));
        assert_eq!(found.collect::<Vec<_>>(), [feature]);
        let is_there = |what: &str| match what.split_once('/') {
            Some((name, feature)) => crates.get(name).is_some_and(|features| features.contains(feature)),
            None => crates.contains_key(what),
        };
        none(
            &format!("`{feature}` alone is built with"),
            absent.iter().filter(|what| is_there(what)).map(|what| (*what).to_owned()),
        );
    }
    assert!(
        built_of("omnifn", "").keys().all(|name| !ADAPTERS.iter().any(|adapter| *name == format!("omnifn-{adapter}")))
    );
}

/// A Rust toolchain alone compiles a program for another architecture: nothing that is compiled by default needs a C compiler.
#[test]
fn no_default_dependency_compiles_c() {
    let features = ADAPTERS.join(",");
    let what = ["tree", "--package", "omnifn", "--no-default-features", "--features", &features];
    let how = ["--edges", "normal,build", "--target", "aarch64-unknown-linux-musl", "--prefix", "none", "--no-dedupe"];
    let tree = cargo(&[&what[..], &how, &["--format", "{p}"]].concat());
    let crates: BTreeSet<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains("omnifn-aws") && crates.contains("tokio"), "{crates:?}");
    let compiles_c = |name: &&str| {
        // Bindings to the kernel, written in Rust.
        let bindings = ["linux-raw-sys"];
        ["cc", "cmake", "pkg-config", "bindgen", "ring"].contains(name)
            || (name.ends_with("-sys") && !bindings.contains(name))
    };
    none("compiles C", crates.into_iter().filter(compiles_c).map(str::to_owned));
}
