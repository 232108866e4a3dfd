use std::path::{Path, PathBuf};

use super::{
    Buildable, Check, Machine, Report, State,
    tools::{ZIGBUILD, install},
};
use crate::{cloud::Cloud, project::Project};

/// What Rust there is, and what links for its targets.
#[derive(Debug, Default)]
pub(super) struct Rust {
    host: String,
    /// How to get one that is new enough, where there is none.
    get: Option<String>,
    /// Each installed target that can be linked for, with what links it.
    targets: Vec<(String, String)>,
    /// How to get each of the others.
    missing: Vec<(String, String)>,
}

/// What gets Rust.
const INSTALL: &str = "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh";

/// The oldest Rust that omnifn builds with.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");

pub(super) fn examine(
    machine: &dyn Machine,
    project: Option<&Project>,
    clouds: &[(Cloud, &'static str)],
    report: &mut Report,
) -> Rust {
    let Some(version) = machine.run("rustc", &["-vV"]) else {
        report.checks.push(Check {
            group: "toolchain",
            name: "rustc".to_owned(),
            state: State::Missing,
            detail: "not found".to_owned(),
            purpose: "builds programs",
            clouds: vec![],
            get: Some(INSTALL.to_owned()),
        });
        return Rust { get: Some(INSTALL.to_owned()), ..Rust::default() };
    };
    let field =
        |name: &str| version.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).unwrap_or_default();
    let (release, host) = (field("release:"), field("host:").to_owned());
    let needed = [Some(OLDEST), project.and_then(|project| project.rust_version.as_deref())];
    let needed = needed.into_iter().flatten().max_by_key(|version| numbers(version)).unwrap_or(OLDEST);
    let is_fit = numbers(release) >= numbers(needed);
    let get = (!is_fit).then(|| "rustup update stable".to_owned());
    let has_rustup = machine.find("rustup").is_some();
    report.checks.push(Check {
        group: "toolchain",
        name: "rustc".to_owned(),
        state: if is_fit { State::Found } else { State::Missing },
        detail: if is_fit { release.to_owned() } else { format!("{release}, and {needed} is needed") },
        purpose: "builds programs",
        clouds: vec![],
        get: get.clone(),
    });
    let sysroot = PathBuf::from(machine.run("rustc", &["--print", "sysroot"]).unwrap_or_default().trim());
    let linkers = Linkers::examine(machine, &sysroot, &host);
    linkers.report(machine, clouds, report);
    let mut rust = Rust { host, get, ..Rust::default() };
    for (target, clouds) in targets(clouds) {
        rust.target(machine, &sysroot, &linkers, has_rustup, target, clouds, report);
    }
    // One target of an architecture is enough.
    for check in report.checks.iter_mut().filter(|check| check.group == "targets" && check.state == State::Missing) {
        let architecture = check.name.split('-').next().unwrap_or_default();
        if rust.targets.iter().any(|(target, _)| target.starts_with(architecture)) {
            check.state = State::Optional;
        }
    }
    rust
}

/// The targets that the clouds' programs are built for, the one that fits every image first.
fn targets(clouds: &[(Cloud, &'static str)]) -> Vec<(String, Vec<&'static str>)> {
    let mut targets: Vec<(String, Vec<&'static str>)> = Vec::new();
    for libc in ["musl", "gnu"] {
        for architecture in ["x86_64", "aarch64"] {
            let own: Vec<_> =
                clouds.iter().filter(|(_, of)| *of == architecture).map(|(cloud, _)| cloud.name()).collect();
            if !own.is_empty() {
                targets.push((format!("{architecture}-unknown-linux-{libc}"), own));
            }
        }
    }
    targets
}

impl Rust {
    #[allow(clippy::too_many_arguments, reason = "what was found before, and where it goes")]
    fn target(
        &mut self,
        machine: &dyn Machine,
        sysroot: &Path,
        linkers: &Linkers,
        has_rustup: bool,
        target: String,
        clouds: Vec<&'static str>,
        report: &mut Report,
    ) {
        let is_static = target.ends_with("musl");
        let is_installed = machine.exists(&sysroot.join("lib/rustlib").join(&target).join("lib"));
        let linker = linkers.of(&target, &self.host);
        let add =
            if has_rustup { format!("rustup target add {target}") } else { format!("install Rust's target {target}") };
        let (state, detail, get) = match (is_installed, &linker) {
            (true, Some(linker)) => (State::Found, format!("linked by {linker}"), None),
            (true, None) => {
                (State::Missing, "nothing links for it".to_owned(), Some(linkers.how(machine, &target, &self.host)))
            }
            (false, _) => (State::Missing, "not installed".to_owned(), Some(add)),
        };
        match (linker, &get) {
            (Some(linker), None) => self.targets.push((target.clone(), linker)),
            (_, Some(get)) => self.missing.push((target.clone(), get.clone())),
            (None, None) => {}
        }
        let purpose = if is_static {
            "a program that runs on every image"
        } else {
            "a program for images with a glibc as new as this machine's"
        };
        report.checks.push(Check { group: "targets", name: target, state, detail, purpose, clouds, get });
    }

    /// Whether a cloud's program can be built.
    pub(super) fn buildable(&self, cloud: Cloud, architecture: &str, project: Option<&Project>) -> Buildable {
        let fits = |target: &str| target.starts_with(architecture);
        let way = self.targets.iter().find(|(target, _)| fits(target));
        let mut why_not = Vec::new();
        let mut get = None;
        if let Some(rust) = &self.get {
            why_not.push("there is no Rust that is new enough".to_owned());
            get = Some(rust.clone());
        } else if way.is_none() {
            why_not.push(format!("there is no target of Linux on {architecture} that can be linked for"));
            get = self.missing.iter().find(|(target, _)| fits(target)).map(|(_, get)| get.clone());
        }
        if project.is_some_and(|project| project.features.iter().all(|feature| feature != cloud.name())) {
            why_not.push(format!("the package has no feature `{}`", cloud.name()));
            get =
                get.or_else(|| Some(format!("add to [features] of Cargo.toml: {0} = [\"omnifn/{0}\"]", cloud.name())));
        }
        let by = way.filter(|_| why_not.is_empty()).map(|(target, linker)| format!("{target}, linked by {linker}"));
        Buildable { cloud: cloud.name(), can_build: why_not.is_empty(), by, why_not, get }
    }
}

/// What links.
#[derive(Debug, Default)]
struct Linkers {
    cc: Option<PathBuf>,
    cross: Option<PathBuf>,
    lld: Option<PathBuf>,
    musl: Option<PathBuf>,
    zigbuild: Option<PathBuf>,
}

const CROSS: &str = "aarch64-linux-gnu-gcc";

impl Linkers {
    fn examine(machine: &dyn Machine, sysroot: &Path, host: &str) -> Self {
        let own = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
        Linkers {
            cc: machine.find("cc"),
            cross: machine.find(CROSS),
            lld: machine.exists(&own).then_some(own).or_else(|| machine.find("rust-lld")),
            musl: machine.find("musl-gcc"),
            zigbuild: machine.find("cargo-zigbuild"),
        }
    }

    /// What links for a target: Rust brings all that a musl program needs but the linker.
    fn of(&self, target: &str, host: &str) -> Option<String> {
        let named = |path: &Option<PathBuf>, name: &str| path.as_ref().map(|_| name.to_owned());
        let is_own_machine = target.split('-').next() == host.split('-').next() && host.contains("linux");
        let cc = if is_own_machine {
            named(&self.cc, "cc")
        } else if target.starts_with("aarch64") {
            named(&self.cross, CROSS)
        } else {
            None
        };
        let lld = if target.ends_with("musl") { named(&self.lld, "rust-lld") } else { None };
        cc.or(lld).or_else(|| named(&self.zigbuild, "cargo-zigbuild"))
    }

    /// How to get something that links for a target.
    fn how(&self, machine: &dyn Machine, target: &str, host: &str) -> String {
        let is_own_machine = target.split('-').next() == host.split('-').next() && host.contains("linux");
        match (is_own_machine, target.starts_with("aarch64")) {
            (true, _) => install(machine, "gcc"),
            (false, true) if host.contains("linux") => install(machine, "gcc-aarch64-linux-gnu"),
            _ => ZIGBUILD.to_owned(),
        }
    }

    fn report(&self, machine: &dyn Machine, clouds: &[(Cloud, &'static str)], report: &mut Report) {
        let arm: Vec<_> = clouds.iter().filter(|(_, of)| *of == "aarch64").map(|(cloud, _)| cloud.name()).collect();
        let mut check = |name: &str,
                         found: &Option<PathBuf>,
                         purpose: &'static str,
                         clouds: Vec<&'static str>,
                         get: String| {
            let (state, detail, get) = match found {
                Some(path) => (State::Found, path.display().to_string(), None),
                None => (State::Optional, "not found".to_owned(), Some(get)),
            };
            report.checks.push(Check { group: "linkers", name: name.to_owned(), state, detail, purpose, clouds, get });
        };
        check("cc", &self.cc, "links for this machine's architecture, and compiles C", vec![], install(machine, "gcc"));
        let lld = "links programs without C for musl targets of every architecture";
        check("rust-lld", &self.lld, lld, vec![], "rustup update stable".to_owned());
        check("musl-gcc", &self.musl, "compiles C for musl targets", vec![], install(machine, "musl-tools"));
        if !arm.is_empty() {
            let cross = "links for arm64, and compiles C for it";
            check(CROSS, &self.cross, cross, arm, install(machine, "gcc-aarch64-linux-gnu"));
        }
        let zigbuild = "links, and compiles C, for every target and every glibc";
        check("cargo-zigbuild", &self.zigbuild, zigbuild, vec![], ZIGBUILD.to_owned());
    }
}

/// The numbers of a version: those of `1.95.0-nightly` are 1, 95 and 0.
fn numbers(version: &str) -> Vec<u32> {
    let digits = version.split(['-', '+', ' ']).next().unwrap_or_default();
    let mut numbers: Vec<_> = digits.split('.').map_while(|number| number.parse().ok()).collect();
    // `1.90` is `1.90.0`.
    numbers.resize(3, 0);
    numbers
}
