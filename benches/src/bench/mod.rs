//! The parts of the bench.

mod bars;
mod case;
mod clouds;
mod count;
mod drive;
mod events;
mod framework;
mod lambda;
mod load;
mod machine;
mod measure;
mod plot;
mod process;
mod reply;
mod report;
mod scaling;
mod size;
mod stats;
mod subject;
mod table;
mod wire;

use std::collections::BTreeSet;

use count::Tools;
use measure::Effort;
use subject::Subject;

const USAGE: &str = "cargo run --release -p omnifn-bench -- [--smoke] [--only CASE,…] [--rounds N] [--no-build]
  --smoke     two cases, a few rounds; writes nothing
  --only      these cases alone (aws-hello, aws-base64, aws-echo, aws-queue, http-hello, gcp-storage, azure-hello, clouds,
              scaling, frameworks); writes nothing
  --rounds    how often each subject has its turn
  --no-build  the programs are there already";

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Options {
    smoke: bool,
    only: Vec<String>,
    rounds: usize,
    build: bool,
}

impl Options {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Options { smoke: false, only: Vec::new(), rounds: 7, build: true };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--smoke" => options.smoke = true,
                "--no-build" => options.build = false,
                "--only" => options.only = words.next().unwrap_or_default().split(',').map(str::to_owned).collect(),
                "--rounds" => {
                    options.rounds = words.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0).ok_or(USAGE)?
                }
                _ => return Err(format!("{word:?} came\n{USAGE}")),
            }
        }
        Ok(options)
    }

    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }
}

pub(crate) fn run(words: impl Iterator<Item = String>) -> Result<(), String> {
    let options = Options::read(words)?;
    process::pin(process::Core::Meter);
    process::open_many();
    let mut cases = case::all();
    cases.retain(|case| options.wants(case.name) && (case.smoke || !options.smoke));
    if options.smoke {
        let few = ["omnifn aws", "lambda-http", "omnifn local", "hyper-server"];
        cases.iter_mut().for_each(|case| case.subjects.retain(|name| few.contains(name)));
    }
    let mut needed: BTreeSet<&str> = cases.iter().flat_map(|case| case.subjects.iter().copied()).collect();
    if !options.smoke {
        needed.extend(subject::FOR_SIZE);
    }
    if !options.smoke && options.wants("clouds") {
        needed.extend(clouds::SUBJECTS);
    }
    let scaling = !options.smoke && options.wants("scaling");
    if scaling {
        needed.extend(scaling::SUBJECTS);
    }
    let subjects: Vec<&'static Subject> = subject::ALL.iter().filter(|subject| needed.contains(subject.name)).collect();
    if options.build {
        build(&subjects)?;
    }
    let is_there = |name: &&str| subject::named(name).is_ok_and(|subject| subject.size().is_some());
    cases.iter_mut().for_each(|case| case.subjects.retain(is_there));
    let scratch = std::env::temp_dir().join(format!("omnifn-bench-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    let effort = match options.smoke {
        true => Effort { rounds: 1, invocations: 200, tools: Tools::find() },
        false => Effort { rounds: options.rounds, invocations: 3000, tools: Tools::find() },
    };
    let done = report::report(&options, &cases, &subjects, effort, scaling, &scratch);
    let _ = std::fs::remove_dir_all(&scratch);
    done
}

fn build(subjects: &[&Subject]) -> Result<(), String> {
    // On all cores.
    process::unpin();
    for subject in subjects {
        eprintln!("building {}", subject.name);
        subject.build()?;
    }
    process::pin(process::Core::Meter);
    Ok(())
}
