//! What the figures were measured on.

use std::process::Command;

fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().next().map(|line| line.trim().to_owned())
}

/// The machine and the versions of what measures.
pub(super) fn described() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name));
    let cores = super::process::cores();
    let tools = [
        ("rustc", "--version"),
        ("valgrind", "--version"),
        ("strace", "--version"),
        ("node", "--version"),
        ("python3", "--version"),
    ];
    let tools = tools.iter().map(|(tool, ask)| {
        let version = said(tool, &[ask]).unwrap_or_else(|| "not there".to_owned());
        if version.starts_with(tool) || version.to_lowercase().starts_with("python") {
            version
        } else {
            format!("{tool} {version}")
        }
    });
    let kernel = said("uname", &["-sr"]).unwrap_or_default();
    format!("{}, {cores} cores, {kernel}; {}", model.unwrap_or("a machine"), tools.collect::<Vec<_>>().join("; "))
}

/// The compiler's version.
pub(super) fn rustc() -> String {
    said("rustc", &["--version"]).unwrap_or_default()
}
