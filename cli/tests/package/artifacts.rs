//! What is in an artifact, and that it is the same every time.

use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use cargo_omnifn::{
    cli::Cloud,
    error::Kind,
    package::{self, Artifact, Input},
};
use flate2::read::GzDecoder;
use oci_spec::image::{Arch, ImageConfiguration, ImageIndex, ImageManifest, OciLayout};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::binaries::{app, folder, note, package, statically};

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Each file below a folder: its path, its mode and its digest.
fn listed(folder: &Path) -> BTreeMap<String, (u32, String)> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            files.extend(listed(&entry.path()).into_iter().map(|(path, file)| (format!("{name}/{path}"), file)));
        } else {
            let mode = entry.metadata().unwrap().permissions().mode() & 0o7777;
            files.insert(name, (mode, digest(&fs::read(entry.path()).unwrap())));
        }
    }
    files
}

/// The entries of a zip: name, and mode with the kind of file.
fn zipped(path: &Path) -> Vec<(String, u32)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(fs::read(path).unwrap())).unwrap();
    let all = 0..zip.len();
    all.map(|at| {
        let file = zip.by_index(at).unwrap();
        (file.name().unwrap().into_owned(), file.unix_mode().unwrap())
    })
    .collect()
}

fn sums(artifacts: &[Artifact]) -> Vec<&str> {
    artifacts.iter().map(|artifact| artifact.sha256.as_str()).collect()
}

#[test]
fn twice_is_the_same() {
    for cloud in Cloud::ALL {
        let (one, two) = (folder(&format!("once-{}", cloud.name())), folder(&format!("twice-{}", cloud.name())));
        let first = package(cloud, statically(), &one, &app(json!({})), &note()).unwrap();
        let second = package(cloud, statically(), &two, &app(json!({})), &note()).unwrap();
        assert_eq!(sums(&first), sums(&second));
        let without_list = |folder: &Path| {
            let mut files = listed(folder);
            assert!(files.remove(&format!("{}/artifacts.json", cloud.name())).is_some());
            files
        };
        let files = without_list(&one);
        assert_eq!(files, without_list(&two), "byte for byte, and mode for mode");
        // And again in the same place, over what is there.
        let third = package(cloud, statically(), &one, &app(json!({})), &note()).unwrap();
        assert_eq!((sums(&first), files), (sums(&third), without_list(&one)));
    }
}

#[test]
fn the_zip_of_aws_holds_bootstrap_alone() {
    let out = folder("aws");
    let [artifact] = &package(Cloud::Aws, statically(), &out, &app(json!({})), &note()).unwrap()[..] else { panic!() };
    assert_eq!(artifact.path, out.join("aws/triggers.zip"));
    assert_eq!(zipped(&artifact.path), [("bootstrap".to_owned(), 0o100_755)]);
    let bytes = fs::read(&artifact.path).unwrap();
    assert_eq!((artifact.sha256.clone(), artifact.size), (digest(&bytes), bytes.len() as u64));
    assert_eq!(artifact.functions.len(), 8);
    let create = &artifact.deploy[3];
    assert!(create.contains("triggers-settle") && create.contains("OMNIFN_FUNCTION=settle"), "{create}");
    let list: Value = serde_json::from_slice(&fs::read(out.join("aws/artifacts.json")).unwrap()).unwrap();
    assert_eq!(list[0]["sha256"], artifact.sha256);
}

#[test]
fn each_function_can_have_a_zip_of_its_own() {
    let out = folder("split");
    let artifacts = package(Cloud::Aws, statically(), &out, &app(json!({"aws": {"split": true}})), &note()).unwrap();
    assert_eq!(artifacts.len(), 8);
    assert_eq!(artifacts[1].path, out.join("aws/settle.zip"));
    assert_eq!(artifacts[1].functions, ["settle"]);
    assert_eq!(artifacts[1].deploy.len(), 2);
    // Without it there is one again, and what is not made any more is gone.
    package(Cloud::Aws, statically(), &out, &app(json!({})), &note()).unwrap();
    assert_eq!(listed(&out.join("aws")).into_keys().collect::<Vec<_>>(), ["artifacts.json", "triggers.zip"]);
}

#[test]
fn the_app_of_azure_is_a_zip_and_a_folder_of_the_same() {
    let out = folder("azure");
    let artifacts = package(Cloud::Azure, statically(), &out, &app(json!({})), &note()).unwrap();
    assert_eq!(artifacts.iter().map(|artifact| artifact.kind).collect::<Vec<_>>(), ["zip", "folder"]);
    let zipped = zipped(&out.join("azure/triggers.zip"));
    let folder = listed(&out.join("azure/app"));
    let of_folder: Vec<_> = folder.iter().map(|(path, (mode, _))| (path.clone(), 0o100_000 | mode)).collect();
    assert_eq!(zipped, of_folder);
    assert_eq!(folder["omnifn.bin"].0, 0o755);
    assert_eq!(folder["settle/function.json"].0, 0o644);
    assert_eq!(folder.len(), 10, "host.json, eight functions, the executable");
    let zone = artifacts[0].checks.iter().find(|check| check.words.contains("Europe/Berlin")).unwrap();
    assert!(zone.words.contains("WEBSITE_TIME_ZONE"), "{}", zone.words);
}

#[test]
fn the_image_is_what_its_layout_says() {
    let out = folder("gcp");
    let settings = json!({"gcp": {"image": "registry.example/p/triggers", "region": "europe-west1"}});
    let artifacts = package(Cloud::Gcp, statically(), &out, &app(settings), &note()).unwrap();
    let layout = out.join("gcp/image");
    let read = |path: &str| fs::read(layout.join(path)).unwrap();
    assert_eq!(OciLayout::from_reader(&read("oci-layout")[..]).unwrap().image_layout_version(), "1.0.0");
    for (path, (_, sum)) in listed(&layout) {
        if let Some(name) = path.strip_prefix("blobs/sha256/") {
            assert_eq!(name, sum);
        }
    }
    let index = ImageIndex::from_reader(&read("index.json")[..]).unwrap();
    let described = &index.manifests()[0];
    assert_eq!(described.digest().to_string(), format!("sha256:{}", artifacts[0].sha256));
    assert_eq!(described.annotations().as_ref().unwrap()["org.opencontainers.image.ref.name"], "0.1.0");
    let blob = |digest: &str| read(&format!("blobs/sha256/{digest}"));
    let manifest = ImageManifest::from_reader(&blob(described.digest().digest())[..]).unwrap();
    let configuration = ImageConfiguration::from_reader(&blob(manifest.config().digest().digest())[..]).unwrap();
    assert_eq!(*configuration.architecture(), Arch::Amd64);
    let config = configuration.config().as_ref().unwrap();
    assert_eq!(config.entrypoint().as_ref().unwrap(), &["/app/triggers"]);
    assert_eq!(config.user().as_ref().unwrap(), "65532:65532");
    let mut root = BTreeMap::new();
    for (layer, diff) in manifest.layers().iter().zip(configuration.rootfs().diff_ids()) {
        let mut tar = Vec::new();
        GzDecoder::new(&blob(layer.digest().digest())[..]).read_to_end(&mut tar).unwrap();
        assert_eq!(format!("sha256:{}", digest(&tar)), *diff);
        for entry in tar::Archive::new(&tar[..]).entries().unwrap() {
            let entry = entry.unwrap();
            let header = entry.header();
            assert_eq!(header.mtime().unwrap(), 0);
            let path = entry.path().unwrap().to_string_lossy().into_owned();
            root.insert(path, (header.mode().unwrap(), header.uid().unwrap(), header.size().unwrap()));
        }
    }
    assert_eq!(root["app/triggers"], (0o755, 0, fs::metadata(statically()).unwrap().len()));
    assert_eq!((root["tmp/"].0, root["home/nonroot/"].0, root["home/nonroot/"].1), (0o1777, 0o700, 65532));
    assert!(root["etc/ssl/certs/ca-certificates.crt"].2 > 100_000 && root.contains_key("etc/passwd"));
    assert_eq!(listed(&out.join("gcp/source")).into_keys().collect::<Vec<_>>(), ["triggers"]);
    let commands = [&artifacts[0].deploy[..], &artifacts[1].deploy[..]].concat().join("\n");
    assert!(commands.contains("docker://registry.example/p/triggers:0.1.0"), "{commands}");
    let settle = commands.lines().find(|line| line.contains("deploy triggers-settle --source")).unwrap();
    for part in [
        "--no-build --base-image=osonly24 --command=./triggers ",
        " --region=europe-west1 ",
        " --set-env-vars='^;^FUNCTION_TARGET=settle;OMNIFN_TIMEOUT=30' ",
        " --no-allow-unauthenticated",
    ] {
        assert!(settle.contains(part), "{part}: {settle}");
    }
}

#[test]
fn what_is_not_ours_stays() {
    let out = folder("there");
    fs::create_dir_all(out.join("azure/app")).unwrap();
    fs::write(out.join("azure/app/mine.txt"), "mine").unwrap();
    let (app, note) = (app(json!({})), note());
    let error = package(Cloud::Azure, statically(), &out, &app, &note).unwrap_err();
    assert_eq!((error.code, error.kind), ("omnifn::files::there", Kind::Usage));
    assert_eq!(listed(&out.join("azure")).into_keys().collect::<Vec<_>>(), ["app/mine.txt"], "whole or not at all");
    let input = Input {
        cloud: Cloud::Azure,
        app: &app,
        program: Some(&note),
        binary: statically(),
        allow: &[],
        split: false,
        out: &out,
        force: true,
    };
    package::package(&input).unwrap();
    assert!(!out.join("azure/app/mine.txt").exists() && out.join("azure/app/host.json").exists());
}
