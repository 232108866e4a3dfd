//! `cargo run --release -p omnifn-bench` measures omnifn beside its peers. See `benches/README.md`.

mod bars;
mod cases;
mod count;
mod drive;
mod events;
mod load;
mod measure;
mod plot;
mod process;
mod programs;
mod reply;
mod report;
mod runtime_api;
mod wire;

use std::{collections::BTreeSet, path::PathBuf, process::ExitCode};

use cases::Case;
use count::Tools;
use load::Server;
use measure::Effort;
use programs::{Program, Role};

const USAGE: &str = "usage: omnifn-bench [--smoke] [--only CASE,…] [--rounds N] [--profile NAME] [--no-build] [--build SET]
  --smoke         two cases in few rounds, with programs built in the profile `quick`; writes no files
  --only CASE,…   these cases alone: aws-http, aws-base64, aws-sqs, cloud-run-http, cloud-run-cloudevent, azure-http, throughput;
                  writes no files
  --rounds N      how often each program is measured (default: 7)
  --profile NAME  the cargo profile of the measured programs (default: release)
  --callgrind DIR keeps callgrind's output there; with --profile named, it has the names of functions
  --no-build      measures the programs that are already built
  --build SET     only builds programs: all, omnifn, or peers";

/// The command line.
#[derive(Debug)]
struct Options {
    smoke: bool,
    only: Vec<String>,
    rounds: usize,
    profile: Option<String>,
    /// The folder in which callgrind's output is kept.
    callgrind: Option<PathBuf>,
    build: bool,
    /// Which programs to build instead of measuring.
    build_only: Option<String>,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Options {
            smoke: false,
            only: Vec::new(),
            rounds: 7,
            profile: None,
            callgrind: None,
            build: true,
            build_only: None,
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--smoke" => options.smoke = true,
                "--no-build" => options.build = false,
                "--only" => options.only = arguments.next().ok_or(USAGE)?.split(',').map(str::to_owned).collect(),
                "--build" => {
                    let set = arguments.next().filter(|set| ["all", "omnifn", "peers"].contains(&set.as_str()));
                    options.build_only = Some(set.ok_or(USAGE)?);
                }
                "--callgrind" => options.callgrind = Some(arguments.next().ok_or(USAGE)?.into()),
                "--profile" => options.profile = Some(arguments.next().ok_or(USAGE)?),
                "--rounds" => {
                    let rounds = arguments.next().and_then(|rounds| rounds.parse().ok());
                    options.rounds = rounds.filter(|rounds| *rounds > 0).ok_or(USAGE)?;
                }
                _ => return Err(format!("unexpected argument {argument:?}\n{USAGE}")),
            }
        }
        if let Some(unknown) = options.only.iter().find(|name| *name != "throughput" && !cases::is_case(name)) {
            return Err(format!("unknown case {unknown:?}\n{USAGE}"));
        }
        Ok(options)
    }

    fn includes(&self, case: &str) -> bool {
        match self.only.is_empty() {
            true => !self.smoke || ["aws-http", "cloud-run-http"].contains(&case),
            false => self.only.iter().any(|name| name == case),
        }
    }
}

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("omnifn-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<(), String> {
    let mut cases = cases::all();
    cases.retain(|case| options.includes(case.name));
    if options.smoke {
        cases.iter_mut().for_each(|case| case.programs.truncate(2));
    }
    let servers = if options.includes("throughput") { load::servers() } else { Vec::new() };
    let profile = options.profile.as_deref().unwrap_or(if options.smoke { "quick" } else { "release" });
    programs::use_profile(profile);
    if let Some(set) = options.build_only {
        let is_wanted = |program: &&Program| set == "all" || (set == "omnifn") == (program.role == Role::Omnifn);
        return programs::ALL.iter().filter(is_wanted).try_for_each(Program::build);
    }
    if options.build {
        needed(&cases, &servers).into_iter().try_for_each(|program| program.build())?;
    }
    if let Some(folder) = &options.callgrind {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        count::keep_profiles(folder.clone());
    }
    process::pin(process::Core::Meter);
    let scratch = std::env::temp_dir().join(format!("omnifn-bench-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    let effort = match options.smoke {
        true => Effort { rounds: 1, invocations: 200, tools: Tools::find() },
        false => Effort { rounds: options.rounds, invocations: 3000, tools: Tools::find() },
    };
    let is_complete = !options.smoke && options.only.is_empty() && profile == "release";
    let result = report::report(&cases, &servers, effort, is_complete, &scratch);
    let _ = std::fs::remove_dir_all(&scratch);
    result
}

fn needed(cases: &[Case], servers: &[Server]) -> Vec<&'static Program> {
    let of_cases = cases.iter().flat_map(|case| case.programs.iter().copied());
    let names: BTreeSet<&str> = of_cases.chain(servers.iter().filter_map(|server| server.program)).collect();
    programs::ALL.iter().filter(|program| names.contains(program.name)).collect()
}
