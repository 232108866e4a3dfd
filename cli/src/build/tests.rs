use super::*;

fn project(features: &[&str]) -> Project {
    // This very package: it is one that is there.
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let cargo =
        CargoArgs { manifest_path: Some(manifest), package: Some("cargo-omnifn".to_owned()), ..CargoArgs::default() };
    let mut project = Project::find(&cargo).unwrap();
    project.features = features.iter().map(|feature| (*feature).to_owned()).collect();
    project
}

fn words(project: &Project, cloud: Option<Cloud>, target: Option<&str>, cargo: &CargoArgs) -> String {
    let told = told(&command(project, cloud, target, cargo));
    let (before, after) = told.split_once(&project.manifest.display().to_string()).unwrap();
    assert_eq!(before.trim(), "cargo build --manifest-path");
    after.trim().to_owned()
}

#[test]
fn what_cargo_is_called_with() {
    let there = project(&["aws", "local"]);
    let bin = "--package cargo-omnifn --bin cargo-omnifn";
    assert_eq!(
        words(&there, Some(Cloud::Aws), Some("x86_64-unknown-linux-gnu"), &CargoArgs::default()),
        format!("{bin} --no-default-features --features aws --profile release --target x86_64-unknown-linux-gnu")
    );
    let cargo = CargoArgs {
        features: vec!["extra".to_owned(), "more".to_owned()],
        profile: Some("tiny".to_owned()),
        locked: true,
        offline: true,
        flags: vec!["--timings".to_owned(), "--target=a".to_owned()],
        ..CargoArgs::default()
    };
    assert_eq!(
        words(&there, Some(Cloud::Aws), Some("b"), &cargo),
        format!(
            "{bin} --no-default-features --features aws,extra,more --profile tiny --locked --offline --timings --target=a"
        )
    );
    // For this machine: as cargo would, with the feature that makes a program of it.
    assert_eq!(words(&there, None, None, &CargoArgs::default()), format!("{bin} --features local"));
    assert_eq!(words(&project(&["default", "local"]), None, None, &CargoArgs::default()), bin);
}

#[test]
fn panic_stays_as_the_user_has_it() {
    let command = command(&project(&["aws"]), Some(Cloud::Aws), None, &CargoArgs::default());
    assert!(command.get_envs().all(|(name, _)| !name.to_string_lossy().contains("RUSTFLAGS")));
    assert!(!told(&command).contains("panic"));
}

#[test]
fn a_package_without_the_feature_is_told_the_line_to_add() {
    let error = build(
        &project(&["local"]),
        Some(Cloud::Gcp),
        None,
        &CargoArgs::default(),
        &Output::new(&crate::args::Global { json: false, quiet: true, color: crate::args::Color::Never }),
    );
    let error = error.unwrap_err();
    assert_eq!((error.code, error.kind), ("omnifn::build::feature", Kind::Usage));
    assert!(error.help.unwrap().ends_with("gcp = [\"omnifn/gcp\"]"));
    assert_eq!(error.causes, ["it has `local`"]);
}
