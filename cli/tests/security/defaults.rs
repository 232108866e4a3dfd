//! What is generated without being asked for: rules that match a source, leases that no other function can write, files that stay where
//! they were asked for.

use std::{
    fs,
    path::{Path, PathBuf},
};

use cargo_omnifn::{
    cloud::Cloud,
    emit::{self, Format},
    files::{self, File, MARK},
    model::App,
    package::{self, Input},
    policy::azure,
    support::{Verdict, check},
};
use serde_json::{Value, json};
use yaml_rust2::{Yaml, YamlLoader};

use crate::support;

fn note(name: &str, declared: Value) -> Value {
    let mut note = json!({"v": 1, "name": name, "module": "shop", "line": 7, "file": "src/lib.rs"});
    note.as_object_mut().unwrap().extend(declared.as_object().unwrap().clone());
    note
}

fn text(app: &App, format: Format, cloud: Cloud) -> String {
    emit::render(app, format, &[cloud]).unwrap().into_iter().map(|file| file.content).collect()
}

fn placed(source: Option<&str>) -> App {
    let mut declared = json!({"trigger": {"kind": "event", "source": "order.placed"}});
    if let Some(source) = source {
        declared["options"] = json!({"source": source});
    }
    support::app("shop", json!([note("placed", declared)]), json!({}), None)
}

/// The first value below a key.
fn find<'y>(value: &'y Yaml, key: &str) -> Option<&'y Yaml> {
    match value {
        Yaml::Hash(map) => {
            let own = map.iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value);
            own.or_else(|| map.iter().find_map(|(_, value)| find(value, key)))
        }
        Yaml::Array(list) => list.iter().find_map(|value| find(value, key)),
        _ => None,
    }
}

#[test]
fn a_rule_matches_the_declared_source() {
    const SOURCE: &str = "com.shop/orders?a=${b}";
    let app = placed(Some(SOURCE));
    for (format, key) in
        [(Format::Sam, "Pattern"), (Format::Cloudformation, "EventPattern"), (Format::Serverless, "pattern")]
    {
        for (app, has_source) in [(&app, true), (&placed(None), false)] {
            let text = text(app, format, Cloud::Aws);
            let yaml = YamlLoader::load_from_str(&text).unwrap();
            let pattern = find(&yaml[0], key).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(pattern["detail-type"][0].as_str(), Some("order.placed"), "{text}");
            let source = pattern["source"][0].as_str().map(|source| source.replace("\\${", "${"));
            assert_eq!(source.as_deref(), has_source.then_some(SOURCE), "{text}");
        }
    }
    let terraform = text(&app, Format::Terraform, Cloud::Aws);
    assert!(terraform.contains("source        = [\"com.shop/orders?a=$${b}\"]\n"), "{terraform}");
    let knative = text(&app, Format::Knative, Cloud::Gcp);
    assert!(
        knative.contains("- exact:\n        type: order.placed\n        source: \"com.shop/orders?a=${b}\"\n"),
        "{knative}"
    );
    let bicep = text(&app, Format::Bicep, Cloud::Azure);
    let words: Vec<_> = bicep.split_whitespace().collect();
    let filter = "{ operatorType: 'StringIn' key: 'source' values: [ 'com.shop/orders?a=\\${b}' ] }";
    assert!(words.join(" ").contains(filter), "{bicep}");
    let terraform = text(&app, Format::Terraform, Cloud::Azure);
    let words: Vec<_> = terraform.split_whitespace().collect();
    let filter = "advanced_filter { string_in { key = \"source\" values = [\"com.shop/orders?a=$${b}\"] } }";
    assert!(words.join(" ").contains(filter), "{terraform}");
}

/// `check` recommends a source on AWS, and reports where a platform does not filter by it.
#[test]
fn check_knows_the_source() {
    let found = |app: &App, cloud| {
        let cells = check(app, &[cloud]).unwrap();
        let mut findings = cells.into_iter().flat_map(|cell| cell.findings);
        findings.find(|finding| finding.why.contains("source`") || finding.why.contains("`source")).map(|it| it.verdict)
    };
    let (with, without) = (placed(Some("shop")), placed(None));
    assert_eq!(found(&without, Cloud::Aws), Some(Verdict::Ok));
    assert_eq!(found(&with, Cloud::Aws), None);
    assert_eq!(found(&with, Cloud::Gcp), Some(Verdict::Degraded));
    assert_eq!(found(&without, Cloud::Gcp), None);
    assert_eq!(found(&with, Cloud::Azure), None);
}

/// A function that could write the leases of another could make it miss changes.
#[test]
fn each_change_feed_has_leases_of_its_own() {
    let on = |table: &str| json!({"trigger": {"kind": "changes", "source": table}});
    let app =
        support::app("shop", json!([note("forget", on("accounts")), note("Copy", on("accounts"))]), json!({}), None);
    let texts = package::azure::texts(&app).unwrap();
    let bicep = text(&app, Format::Bicep, Cloud::Azure);
    let terraform = text(&app, Format::Terraform, Cloud::Azure);
    for (function, id) in [("forget", "leases_forget"), ("Copy", "leases_copy")] {
        let leases = format!("leases-{function}");
        let (_, json) = texts.iter().find(|(path, _)| path.ends_with(&format!("/{function}/function.json"))).unwrap();
        let json: Value = serde_json::from_str(json).unwrap();
        assert_eq!(json["bindings"][0]["leaseContainerName"], *leases);
        assert!(bicep.contains(&format!("resource {id} ")) && bicep.contains(&format!("name: '{leases}'")), "{bicep}");
        assert!(bicep.contains(&format!("/colls/{leases}'")), "{bicep}");
        assert!(terraform.contains(&format!("\"azurerm_cosmosdb_sql_container\" \"{id}\"")), "{terraform}");
        assert!(terraform.contains(&format!("/colls/{leases}\"")), "{terraform}");
    }
    let writers = azure::assignments(&app).unwrap();
    let writers: Vec<_> = writers.into_iter().filter(|it| matches!(it.on, azure::On::Leases(..))).collect();
    assert_eq!(writers.len(), 2, "{writers:?}");
    assert!(writers[0].who != writers[1].who && writers[0].on != writers[1].on, "{writers:?}");
}

/// Folders that are removed when they are dropped: one for the files, and one beside it.
#[cfg(unix)]
struct Folders {
    out: PathBuf,
    outside: PathBuf,
}

#[cfg(unix)]
impl Folders {
    fn new(name: &str) -> Self {
        let [out, outside] = ["out", "outside"]
            .map(|part| std::env::temp_dir().join(format!("omnifn-links-{name}-{}-{part}", std::process::id())));
        for folder in [&out, &outside] {
            let _ = fs::remove_dir_all(folder);
            fs::create_dir_all(folder).unwrap();
        }
        Folders { out, outside }
    }

    fn link(&self, path: &str, to: &Path) {
        let path = self.out.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(to, path).unwrap();
    }

    /// Nothing was written outside, and nothing of the command's own stays inside.
    fn assert_untouched(&self, what: &str) {
        let names =
            |folder: &Path| -> Vec<_> { fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name()).collect() };
        assert_eq!(names(&self.outside), Vec::<std::ffi::OsString>::new(), "{what}");
        assert!(!names(&self.out).iter().any(|name| name.to_string_lossy().starts_with(".omnifn")), "{what}");
    }
}

#[cfg(unix)]
impl Drop for Folders {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.out);
        let _ = fs::remove_dir_all(&self.outside);
    }
}

#[cfg(unix)]
#[test]
fn emit_follows_no_link_out_of_its_folder() {
    let generated =
        || [File::new("terraform/aws/main.tf", format!("# {MARK}\n")), File::new("top.tf", format!("# {MARK}\n"))];
    for (link, is_file) in
        [("terraform", false), ("terraform/aws", false), ("terraform/aws/main.tf", true), ("top.tf", true)]
    {
        for force in [false, true] {
            let folders = Folders::new("emit");
            let to = if is_file { folders.outside.join("target") } else { folders.outside.clone() };
            folders.link(link, &to);
            let error = files::write_all(&folders.out, &generated(), force).expect_err(link);
            assert!(error.message.contains(link) && error.help.is_some(), "{error}");
            assert!(is_file || error.message.contains("is a symbolic link"), "{error}");
            folders.assert_untouched(link);
        }
    }
    // The folder itself may be a link: that is the one that was named.
    let folders = Folders::new("emit-self");
    folders.link("named", &folders.outside);
    files::write_all(&folders.out.join("named"), &generated(), false).unwrap();
    assert!(folders.outside.join("terraform/aws/main.tf").is_file());
}

#[cfg(unix)]
#[test]
fn package_follows_no_link_out_of_its_folder() {
    let app = placed(None);
    for cloud in Cloud::ALL {
        for force in [false, true] {
            let folders = Folders::new("package");
            folders.link(cloud.name(), &folders.outside);
            let binary = folders.out.join("program");
            fs::write(&binary, "no program").unwrap();
            let input = Input {
                cloud,
                app: &app,
                program: None,
                binary: &binary,
                allow: &[],
                split: false,
                out: &folders.out,
                force,
            };
            let error = package::package(&input).expect_err(cloud.name());
            assert_eq!(error.code, "omnifn::files::link", "{error}");
            assert!(error.message.contains(cloud.name()) && error.help.is_some(), "{error}");
            folders.assert_untouched(cloud.name());
        }
    }
}
