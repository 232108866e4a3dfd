//! What each decoder and encoder may cost: `benches/budgets.json`. A run that takes more than 3 % above what is recorded there
//! fails.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    hint::black_box,
    path::{Path, PathBuf},
    process::Command,
};

use omnifn_bench::codecs;
use serde_json::Value;

use super::{count::Tools, machine};

/// How much more than recorded is too much.
const SLACK: f64 = 1.03;

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("budgets.json")
}

/// How often each is done while it is counted.
const TIMES: usize = 20;

const WHATS: [&str; 2] = ["decode", "answer"];

/// Runs each codec, for callgrind, which writes what it has counted whenever [`budget_mark`] is called: `omnifn-bench --codecs`.
pub(super) fn spin() {
    for codec in codecs::all() {
        for what in WHATS {
            let run = |message| match what {
                "decode" => drop(black_box(codec.decode(message))),
                _ => drop(black_box(codec.answer(message))),
            };
            // The first of all fills what is filled once.
            run(codec.message());
            let messages: Vec<_> = (0..TIMES).map(|_| codec.message()).collect();
            budget_mark();
            messages.into_iter().for_each(run);
            budget_mark();
        }
    }
}

#[inline(never)]
fn budget_mark() {
    black_box(());
}

/// Compares with what is recorded, or records. Says how it went.
pub(super) fn check(tools: Tools, record: bool, scratch: &Path) -> Result<(), String> {
    if !tools.valgrind {
        eprintln!("budgets: NOT CHECKED, for valgrind is not there");
        return Ok(());
    }
    let rustc = machine::rustc();
    let recorded: Value = match std::fs::read(file()) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| format!("budgets.json: {error}"))?,
        Err(_) => Value::Null,
    };
    if !record && recorded["rustc"].as_str() != Some(&rustc) {
        eprintln!("budgets: NOT CHECKED, for they are of {}, and this is {rustc}", recorded["rustc"]);
        return Ok(());
    }
    let mut counts = least(scratch)?.into_iter();
    let mut found = BTreeMap::new();
    let mut over = String::new();
    for codec in codecs::all() {
        for what in WHATS {
            let cost = counts.next().ok_or("callgrind counted less than there is")?;
            let limit = recorded["instructions"][&codec.name][what].as_f64();
            if limit.is_none_or(|limit| cost > limit * SLACK) {
                let _ = writeln!(over, "  {} {what}: {cost:.0}, recorded {limit:?}", codec.name);
            }
            found.entry(codec.name.clone()).or_insert_with(BTreeMap::new).insert(what, cost.round() as u64);
        }
    }
    if record {
        let text = serde_json::to_string_pretty(&serde_json::json!({ "rustc": rustc, "instructions": found }));
        let text = text.map_err(|error| error.to_string())?;
        return std::fs::write(file(), text + "\n").map_err(|error| format!("{}: {error}", file().display()));
    }
    if over.is_empty() {
        eprintln!("budgets: {} codecs cost no more than recorded", found.len());
        return Ok(());
    }
    Err(format!("more instructions than recorded in benches/budgets.json, by more than 3 %:\n{over}"))
}

/// How often all are counted.
const ROUNDS: usize = 3;

/// The least that each codec takes: a map has other seeds in each run, and with some it looks further.
fn least(scratch: &Path) -> Result<Vec<f64>, String> {
    let mut least = counted(scratch)?;
    for _ in 1..ROUNDS {
        least.iter_mut().zip(counted(scratch)?).for_each(|(least, count)| *least = least.min(count));
    }
    Ok(least)
}

/// The instructions of each codec, in order: each has been marked before and behind, so every second part is its own.
fn counted(scratch: &Path) -> Result<Vec<f64>, String> {
    let out = scratch.join("codecs");
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--demangle=no", "--dump-before=*budget_mark*"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(program)
        .arg("--codecs")
        // What is in the environment shifts what is behind it.
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    if !output.status.success() {
        return Err(format!("callgrind said: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let total = |part: usize| -> Option<f64> {
        let text = std::fs::read_to_string(out.with_extension(part.to_string())).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")))?;
        line.trim().parse().ok()
    };
    let parts = (1..).map_while(|number: usize| total(number * 2).map(|count| count / TIMES as f64));
    Ok(parts.collect())
}
