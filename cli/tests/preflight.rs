//! What is missing is reported before anything is compiled, and not after minutes of it.

#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

/// A crate in a folder of its own, beside another crate.
fn shop(name: &str, dependencies: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("preflight-{name}"));
    let _ = fs::remove_dir_all(&folder);
    for (package, more) in [("shop", dependencies), ("beside", "")] {
        let folder = folder.join(package);
        fs::create_dir_all(folder.join("src")).unwrap();
        let manifest = format!(
            "[package]\nname = \"{package}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[features]\naws = []\ngcp = []\n[workspace]\n{more}"
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        fs::write(folder.join("src/main.rs"), "compile_error!(\"it was compiled\");\n").unwrap();
        fs::write(folder.join("src/lib.rs"), "").unwrap();
    }
    folder.join("shop")
}

/// A toolchain without any target for Linux, but with cargo.
fn toolchain(folder: &Path, targets: &[&str]) -> PathBuf {
    let bin = folder.join("bin");
    let sysroot = folder.join("sysroot");
    fs::create_dir_all(&bin).unwrap();
    for target in targets {
        fs::create_dir_all(sysroot.join("lib/rustlib").join(target).join("lib")).unwrap();
    }
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n-vV) printf 'rustc 1.95.0\\nrelease: 1.95.0\\nhost: riscv64gc-unknown-none-elf\\n' ;;\n\
         '--print sysroot') echo {0} ;;\n'--print target-libdir --target '*) echo {0}/lib/rustlib/$4/lib ;;\n*) exit 1 ;;\nesac\n",
        sysroot.display()
    );
    fs::write(bin.join("rustc"), script).unwrap();
    fs::set_permissions(bin.join("rustc"), fs::Permissions::from_mode(0o755)).unwrap();
    bin
}

fn omnifn(crate_folder: &Path, path: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-omnifn"))
        .args(arguments)
        .current_dir(crate_folder)
        .env("CARGO", env!("CARGO"))
        .env("PATH", path)
        .env_remove("RUSTC")
        .env_remove("CARGO_BUILD_TARGET")
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_is_missing_is_reported_for_all_clouds_before_the_first_build() {
    let shop = shop("tools", "");
    let without_target = toolchain(&shop, &[]);
    for command in ["build", "package"] {
        let (is_ok, words) = omnifn(&shop, &without_target, &[command, "--target", "gcp,azure"]);
        assert!(!is_ok && !words.contains("Compiling") && !words.contains("it was compiled"), "{command}: {words}");
        // Both clouds, each with its own reason.
        assert!(
            words.contains("has no feature `azure`") || words.contains("azure = [\"omnifn/azure\"]"),
            "{command}: {words}"
        );
        if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            continue;
        }
        assert!(words.contains("rustup target add x86_64-unknown-linux-musl"), "{command}: {words}");
    }
    // The target is there, and nothing links for it.
    let without_linker = toolchain(&shop, &["x86_64-unknown-linux-musl"]);
    let (is_ok, words) = omnifn(&shop, &without_linker, &["build", "--target", "aws"]);
    assert!(!is_ok && !words.contains("Compiling") && !words.contains("it was compiled"), "{words}");
    assert!(words.contains("a program for aws cannot be built here") && words.contains("can be linked for"), "{words}");
}

/// The build of an image sees the folder of Cargo.lock, and nothing beside it.
#[test]
fn a_dockerfile_is_refused_where_a_crate_is_outside_of_the_workspace() {
    let inside = shop("inside", "");
    let outside = shop("outside", "[dependencies]\nbeside = { path = \"../beside\" }\n");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/thumbnail.json");
    let path = std::env::var_os("PATH").unwrap();
    let run = |folder: &Path| {
        let arguments =
            ["emit", "dockerfile", "--out", "out", "--target", "gcp", "--manifest", manifest.to_str().unwrap()];
        // The manifest is of another package: the settings are those of the package that is named.
        let named = ["--manifest-path", "Cargo.toml"];
        omnifn(folder, Path::new(&path), &[&arguments[..], &named[..]].concat())
    };
    let (is_ok, words) = run(&inside);
    assert!(is_ok && inside.join("out/Dockerfile").is_file(), "{words}");
    let (is_ok, words) = run(&outside);
    assert!(!is_ok && !outside.join("out").exists(), "{words}");
    assert!(words.contains("omnifn::emit::outside") && words.contains("`beside` of `shop`, in "), "{words}");
    assert!(words.contains("help: move them into the workspace's folder"), "{words}");
}
