//! The linker for a target of another machine.

use std::{env, fs, path::Path};

use super::target;

/// The variable that names the linker for a target, and its value, where cargo would take one that cannot do it: the system's own, for musl
/// on another machine. Rust's own linker can, for that target brings all else that is linked.
///
/// `None` where it is not needed, or where the user has said something for this target already.
pub(super) fn of(target: &str, folder: &Path) -> Option<(String, &'static str)> {
    let architecture = target.strip_suffix("-unknown-linux-musl")?;
    if target::is_own(architecture) {
        return None;
    }
    (!is_set(target, folder)).then(|| (variable(target), "rust-lld"))
}

/// Whether the user has said something about how this target is linked.
pub(super) fn is_set(target: &str, folder: &Path) -> bool {
    env::var_os(variable(target)).is_some() || is_configured(target, folder)
}

fn variable(target: &str) -> String {
    format!("CARGO_TARGET_{}_LINKER", target.to_uppercase().replace('-', "_"))
}

/// Whether one of cargo's configuration files speaks of the target.
fn is_configured(target: &str, folder: &Path) -> bool {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let home = env::var_os("CARGO_HOME").map(Into::into).or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let folders = folder.ancestors().map(|folder| folder.join(".cargo")).chain(home);
    let mut files = folders.flat_map(|folder| [folder.join("config.toml"), folder.join("config")]);
    files.any(|file| fs::read_to_string(file).is_ok_and(|text| text.contains(target)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rusts_own_linker_links_for_another_machine() {
        let other = if env::consts::ARCH == "aarch64" { "x86_64" } else { "aarch64" };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = of(&format!("{other}-unknown-linux-musl"), folder);
        let variable = format!("CARGO_TARGET_{}_UNKNOWN_LINUX_MUSL_LINKER", other.to_uppercase());
        if env::var_os(&variable).is_none() {
            assert_eq!(found, Some((variable, "rust-lld")));
        }
        assert_eq!(of(&format!("{other}-unknown-linux-gnu"), folder), None);
    }
}
