//! What each decoder and encoder may cost: `benches/budgets.json`. A run that takes more than 3 % above what is recorded there
//! fails.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    hint::black_box,
    path::{Path, PathBuf},
    process::Command,
};

use omnifn_bench::codecs::{self, Codec};
use serde_json::Value;

use super::{count::Tools, machine};

/// How much more than recorded is too much.
const SLACK: f64 = 1.03;

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("budgets.json")
}

/// Runs one codec so often, for a tool that counts: `omnifn-bench --codec NAME decode|answer COUNT`.
pub(super) fn spin(mut words: impl Iterator<Item = String>) -> Result<(), String> {
    let (Some(name), Some(what), Some(count)) = (words.next(), words.next(), words.next()) else {
        return Err("--codec takes a name, `decode` or `answer`, and a count".to_owned());
    };
    let count: usize = count.parse().map_err(|_| format!("{count:?} is no count"))?;
    let codec = codecs::all().into_iter().find(|codec| codec.name == name).ok_or("no such codec")?;
    // Only what is done here grows with the count; the messages were made before, as many in every run.
    let messages: Vec<_> = (0..LONG).map(|_| codec.message()).collect();
    for message in messages.into_iter().take(count) {
        match what.as_str() {
            "decode" => drop(black_box(codec.decode(message))),
            _ => drop(black_box(codec.answer(message))),
        }
    }
    Ok(())
}

const SHORT: usize = 20;
const LONG: usize = 120;

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
    let mut found = BTreeMap::new();
    let mut over = String::new();
    for codec in codecs::all() {
        let counted = ["decode", "answer"].map(|what| instructions(&codec, what, scratch));
        let [decode, answer] = counted;
        for (what, cost) in [("decode", decode?), ("answer", answer?)] {
            let limit = recorded["instructions"][&codec.name][what].as_f64();
            if limit.is_none_or(|limit| cost > limit * SLACK) {
                let _ = writeln!(over, "  {} {what}: {cost:.0}, recorded {limit:?}", codec.name);
            }
            found.entry(codec.name.clone()).or_insert_with(BTreeMap::new).insert(what, cost.round());
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

fn instructions(codec: &Codec, what: &str, scratch: &Path) -> Result<f64, String> {
    let total = |count: usize| {
        let log = scratch.join("codec.log");
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let status = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", &format!("--log-file={}", log.display())])
            .arg(program)
            .args(["--codec", &codec.name, what, &count.to_string()])
            .status();
        let good = status.is_ok_and(|status| status.success());
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let line = text.lines().find_map(|line| line.split("Collected : ").nth(1));
        let count = line.and_then(|line| line.trim().parse::<u64>().ok());
        count.filter(|_| good).ok_or_else(|| format!("{}: callgrind said: {text}", codec.name))
    };
    let (short, long) = (total(SHORT)?, total(LONG)?);
    Ok(long.saturating_sub(short) as f64 / (LONG - SHORT) as f64)
}
