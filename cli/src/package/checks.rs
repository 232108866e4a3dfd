//! Whether a binary is fit for the place where it is to run.

use serde::Serialize;

use super::{
    Input,
    elf::{self, Elf, Machine},
    platform::Platform,
};
use omnifn_spec::note::Panic;

use crate::{
    cloud::Cloud,
    error::{Error, Kind, Result},
    model::ProgramNote,
};

/// What was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name, as `omnifn::package::glibc`.
    pub code: &'static str,
    /// What was found.
    pub verdict: Verdict,
    /// The same in words.
    pub words: String,
}

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// All is well.
    Ok,
    /// It runs, and there is something to know.
    Warning,
    /// It is wrong, and `--allow` lets it pass.
    Allowed,
}

/// The names of all checks, behind `omnifn::package::`.
pub(super) const NAMES: [&str; 13] = [
    "platform",
    "architecture",
    "glibc",
    "libraries",
    "provider",
    "http2",
    "debug",
    "panic",
    "size",
    "executable",
    "image",
    "time_zone",
    "notes",
];

/// Reads the name of a check, as `debug` or `omnifn::package::debug`.
///
/// # Errors
/// There is none of that name; the words have all.
pub fn check(text: &str) -> Result<String, String> {
    let name = text.strip_prefix("omnifn::package::").unwrap_or(text);
    match NAMES.contains(&name) {
        true => Ok(name.to_owned()),
        false => Err(format!("no check is called so: there are `{}`", NAMES.join("`, `"))),
    }
}

/// The checks that were made so far, and the failures.
#[derive(Debug)]
pub(crate) struct Checks<'a> {
    allow: &'a [String],
    done: Vec<Check>,
    errors: Vec<Error>,
}

impl<'a> Checks<'a> {
    /// None yet. `allow` are the names of those that may fail.
    pub(crate) fn new(allow: &'a [String]) -> Self {
        Checks { allow, done: Vec::new(), errors: Vec::new() }
    }

    /// Notes what a check found.
    pub(crate) fn note(&mut self, code: &'static str, found: Result<String>) {
        debug_assert!(check(code).is_ok(), "{code} cannot be allowed");
        match found {
            Ok(words) => self.done.push(Check { code, verdict: Verdict::Ok, words }),
            Err(error) if self.allows(code) => {
                self.done.push(Check { code, verdict: Verdict::Allowed, words: error.message });
            }
            Err(error) => self.errors.push(error),
        }
    }

    /// Notes that there is something to know.
    pub(crate) fn warn(&mut self, code: &'static str, words: impl Into<String>) {
        debug_assert!(check(code).is_ok(), "{code} cannot be allowed");
        let verdict = if self.allows(code) { Verdict::Allowed } else { Verdict::Warning };
        self.done.push(Check { code, verdict, words: words.into() });
    }

    /// What was found, or all that is wrong.
    pub(crate) fn finish(self) -> Result<Vec<Check>> {
        match Error::all(self.errors) {
            Some(error) => Err(error),
            None => Ok(self.done),
        }
    }

    fn allows(&self, code: &str) -> bool {
        self.allow.iter().any(|allowed| allowed == code || code.rsplit("::").next() == Some(allowed))
    }
}

/// All that is said of a binary itself: by its ELF, and by its notes.
pub(crate) fn binary(checks: &mut Checks<'_>, bytes: &[u8], input: &Input<'_>, machine: Machine, platform: &Platform) {
    let cloud = input.cloud;
    match elf::read(bytes) {
        Err(error) => checks.note("omnifn::package::platform", Err(error)),
        Ok(elf) => {
            checks.note("omnifn::package::platform", Ok("a program for Linux".to_owned()));
            checks.note("omnifn::package::architecture", architecture(&elf, machine, cloud));
            checks.note("omnifn::package::libraries", libraries(&elf, platform));
            checks.note("omnifn::package::glibc", glibc(&elf, platform));
        }
    }
    let Some(program) = input.program else {
        let words =
            "the program has a `main` of its own: its notes do not record how it was built, nor for which clouds";
        checks.warn("omnifn::package::notes", words);
        return;
    };
    checks.note("omnifn::package::provider", provider(program, cloud));
    if cloud == Cloud::Gcp && input.app.gcp.serves_http2() {
        checks.note("omnifn::package::http2", http2(program));
    }
    checks.note("omnifn::package::debug", debug(program));
    match program.panic {
        Panic::Abort => checks.warn(
            "omnifn::package::panic",
            "it was built with `panic = \"abort\"`: one panic ends the process with all that it is doing, instead of one \
             invocation; take the line out of the profile in Cargo.toml",
        ),
        Panic::Unwind => checks.note("omnifn::package::panic", Ok("a panic ends its own invocation".to_owned())),
    }
}

fn unfit(code: &'static str, message: impl Into<String>) -> Error {
    Error::new(code, message).kind(Kind::Unfit)
}

fn architecture(elf: &Elf, machine: Machine, cloud: Cloud) -> Result<String> {
    if elf.machine == machine {
        return Ok(machine.to_string());
    }
    let words = format!("the binary is for {}, and {} is set to run {machine}", elf.machine, cloud.title());
    let help = match elf.machine {
        Machine::Other(..) => "build it for `x86_64-unknown-linux-musl` or `aarch64-unknown-linux-musl`".to_owned(),
        other if cloud == Cloud::Azure => format!("build it for {machine}: there is no {other} on Azure Functions"),
        other => format!(
            "build it for {machine}, or write `architecture = \"{other}\"` into [package.metadata.omnifn.{}] of Cargo.toml",
            cloud.name()
        ),
    };
    Err(unfit("omnifn::package::architecture", words).caused_by("its ELF header").help(help))
}

/// What every Linux of the clouds has.
const THERE: [&str; 8] = [
    "libc.so.6",
    "libm.so.6",
    "libpthread.so.0",
    "libdl.so.2",
    "librt.so.1",
    "libgcc_s.so.1",
    "libutil.so.1",
    "ld-linux",
];

fn libraries(elf: &Elf, platform: &Platform) -> Result<String> {
    let Some(interpreter) = &elf.interpreter else {
        return Ok("it is linked statically".to_owned());
    };
    let named = if elf.libraries.is_empty() { "none".to_owned() } else { elf.libraries.join(", ") };
    let code = "omnifn::package::libraries";
    let loader = format!("it names the loader {interpreter} and the libraries {named}");
    let statically = "link it statically: `rustup target add x86_64-unknown-linux-musl`, and cargo omnifn builds for that; or \
                      `-C target-feature=+crt-static`";
    if platform.glibc.is_none() {
        let words = format!("the binary is linked dynamically, and {} contains nothing but the program", platform.name);
        return Err(unfit(code, words).caused_by(loader).help(statically));
    }
    let missing: Vec<_> =
        elf.libraries.iter().filter(|library| !THERE.iter().any(|there| library.starts_with(there))).cloned().collect();
    if interpreter.contains("musl") || !missing.is_empty() {
        let what = if missing.is_empty() { interpreter.clone() } else { missing.join(", ") };
        let words = format!("the binary needs {what}, which is not on {}", platform.name);
        let help = "build C libraries in (crates have a feature `vendored` or `bundled` for that), or use a crate of pure Rust";
        let help = if missing.is_empty() { statically } else { help };
        return Err(unfit(code, words).caused_by(loader).help(help));
    }
    Ok(named)
}

fn glibc(elf: &Elf, platform: &Platform) -> Result<String> {
    let (Some(need), Some(there)) = (&elf.glibc, platform.glibc) else {
        return Ok("no symbols of glibc are asked for".to_owned());
    };
    let version = |(major, minor): (u32, u32)| format!("{major}.{minor}");
    if need.version <= there {
        return Ok(format!("{} of {}", need.name, version(there)));
    }
    let words = format!("the binary needs {}, and {} has glibc {}", need.name, platform.name, version(there));
    let cause = match &need.symbols[..] {
        [] => "it was linked on a machine with a newer glibc".to_owned(),
        symbols => {
            format!("it was linked on a machine with a newer glibc, by which it asks for `{}`", symbols.join("`, `"))
        }
    };
    Err(unfit("omnifn::package::glibc", words).caused_by(cause).help(
        "link it statically: `rustup target add x86_64-unknown-linux-musl`, and cargo omnifn builds for that; or build it on an \
         older Linux",
    ))
}

fn provider(program: &ProgramNote, cloud: Cloud) -> Result<String> {
    if program.providers.iter().any(|provider| provider == cloud.name()) {
        return Ok(program.providers.join(", "));
    }
    let words = format!("the binary was not built for {}: it has `{}`", cloud.title(), program.providers.join("`, `"));
    Err(unfit("omnifn::package::provider", words)
        .caused_by(format!("the cargo feature `omnifn/{}` was off", cloud.name()))
        .help(format!(
            "build it with `--no-default-features --features {0}`, where Cargo.toml has `{0} = [\"omnifn/{0}\"]`",
            cloud.name()
        )))
}

fn http2(program: &ProgramNote) -> Result<String> {
    if program.http2 {
        return Ok("it serves HTTP/2".to_owned());
    }
    let words = "requests would be sent by HTTP/2, and the binary serves HTTP/1.1 alone";
    Err(unfit("omnifn::package::http2", words)
        .caused_by("[package.metadata.omnifn.gcp] sets `http2 = true`, but the cargo feature `omnifn/h2c` was off")
        .help("build it with that feature, as by `gcp = [\"omnifn/gcp\", \"omnifn/h2c\"]` in Cargo.toml; or take `http2` out"))
}

fn debug(program: &ProgramNote) -> Result<String> {
    if !program.debug {
        return Ok("a release build".to_owned());
    }
    Err(unfit("omnifn::package::debug", "the binary is a debug build")
        .caused_by("debug assertions are on: it is slow and large")
        .help("build it with `--release`, or let it pass with `--allow debug`"))
}
