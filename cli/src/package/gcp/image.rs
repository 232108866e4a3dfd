//! An OCI image layout: <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>.

use std::collections::{BTreeMap, HashMap};

use oci_spec::{
    OciSpecError,
    image::{
        Arch, Config, ConfigBuilder, Descriptor, DescriptorBuilder, HistoryBuilder, ImageConfiguration,
        ImageConfigurationBuilder, ImageIndexBuilder, ImageManifestBuilder, MediaType, OciLayoutBuilder, Os,
        PlatformBuilder, RootFsBuilder, Sha256Digest,
    },
};
use serde::Serialize;
use serde_json::Value;

use super::{
    super::{
        elf::Machine,
        entry::{Entry, sha256},
    },
    root::{self, Layer},
};

/// What an image says of itself.
pub(super) struct About<'a> {
    /// What it is called.
    pub(super) title: &'a str,
    /// The version of the package.
    pub(super) version: &'a str,
    /// The version as a tag.
    pub(super) tag: &'a str,
    /// Its architecture.
    pub(super) machine: Machine,
}

/// The files of a layout whose image runs this program.
pub(super) fn write(about: &About<'_>, name: &str, program: &[u8]) -> Result<Vec<Entry<'static>>, OciSpecError> {
    let layers = [root::base()?, root::program(name, program)?];
    let mut blobs = Blobs::default();
    let config = blobs.json(MediaType::ImageConfig, &configuration(about, name, &layers)?)?;
    let mut descriptors = Vec::with_capacity(layers.len());
    for layer in layers {
        descriptors.push(blobs.add(MediaType::ImageLayerGzip, layer.packed)?);
    }
    let manifest = ImageManifestBuilder::default()
        .schema_version(2_u32)
        .media_type(MediaType::ImageManifest)
        .config(config)
        .layers(descriptors)
        .annotations(labels(about))
        .build()?;
    let mut manifest = blobs.json(MediaType::ImageManifest, &manifest)?;
    manifest.set_platform(Some(PlatformBuilder::default().os(Os::Linux).architecture(arch(about.machine)).build()?));
    let name = ("org.opencontainers.image.ref.name".to_owned(), about.tag.to_owned());
    manifest.set_annotations(Some(HashMap::from([name])));
    let index = ImageIndexBuilder::default()
        .schema_version(2_u32)
        .media_type(MediaType::ImageIndex)
        .manifests(vec![manifest])
        .build()?;
    let layout = OciLayoutBuilder::default().image_layout_version("1.0.0").build()?;
    let mut files = blobs.files;
    files.push(Entry::new("index.json", 0o644, json(&index)?));
    files.push(Entry::new("oci-layout", 0o644, json(&layout)?));
    Ok(files)
}

/// How an architecture is called in images.
pub(super) fn arch(machine: Machine) -> Arch {
    match machine {
        Machine::Arm64 => Arch::ARM64,
        Machine::X86_64 => Arch::Amd64,
        Machine::Other(number, _) => Arch::Other(format!("elf-{number}")),
    }
}

fn configuration(about: &About<'_>, name: &str, layers: &[Layer]) -> Result<ImageConfiguration, OciSpecError> {
    let said = ["its surroundings", "the program"];
    let history = said
        .map(|what| HistoryBuilder::default().created(EPOCH).created_by("cargo omnifn package").comment(what).build());
    let digests = layers.iter().map(|layer| format!("sha256:{}", layer.tar)).collect::<Vec<_>>();
    ImageConfigurationBuilder::default()
        .created(EPOCH)
        .architecture(arch(about.machine))
        .os(Os::Linux)
        .config(config(about, name)?)
        .rootfs(RootFsBuilder::default().typ("layers").diff_ids(digests).build()?)
        .history(history.into_iter().collect::<Result<Vec<_>, _>>()?)
        .build()
}

/// No image has a time of its own, so that the same program is the same image.
const EPOCH: &str = "1970-01-01T00:00:00Z";

fn config(about: &About<'_>, name: &str) -> Result<Config, OciSpecError> {
    ConfigBuilder::default()
        .user(format!("{0}:{0}", root::USER))
        .exposed_ports(vec!["8080/tcp".to_owned()])
        .env(vec![
            "PATH=/app".to_owned(),
            "HOME=/home/nonroot".to_owned(),
            // What Knative and Cloud Run set themselves; elsewhere it is how the program knows where it is.
            "PORT=8080".to_owned(),
            format!("SSL_CERT_FILE=/{}", root::CERTIFICATES),
        ])
        .entrypoint(vec![format!("/app/{name}")])
        .working_dir("/home/nonroot")
        .labels(labels(about))
        .stop_signal("SIGTERM")
        .build()
}

fn labels(about: &About<'_>) -> HashMap<String, String> {
    let label = |key: &str, value: &str| (format!("org.opencontainers.image.{key}"), value.to_owned());
    HashMap::from([label("title", about.title), label("version", about.version)])
}

#[derive(Default)]
struct Blobs {
    files: Vec<Entry<'static>>,
}

impl Blobs {
    fn add(&mut self, kind: MediaType, content: Vec<u8>) -> Result<Descriptor, OciSpecError> {
        let digest = sha256(&content);
        let descriptor = DescriptorBuilder::default()
            .media_type(kind)
            .size(content.len() as u64)
            .digest(digest.parse::<Sha256Digest>()?)
            .build()?;
        self.files.push(Entry::new(format!("blobs/sha256/{digest}"), 0o644, content));
        Ok(descriptor)
    }

    fn json(&mut self, kind: MediaType, value: &impl Serialize) -> Result<Descriptor, OciSpecError> {
        self.add(kind, json(value)?)
    }
}

/// JSON whose keys are sorted: the types of `oci-spec` hold maps that have no order.
fn json(value: &impl Serialize) -> Result<Vec<u8>, OciSpecError> {
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Sorted {
        Object(BTreeMap<String, Sorted>),
        List(Vec<Sorted>),
        Other(Value),
    }
    fn sorted(value: Value) -> Sorted {
        match value {
            Value::Object(map) => Sorted::Object(map.into_iter().map(|(key, value)| (key, sorted(value))).collect()),
            Value::Array(list) => Sorted::List(list.into_iter().map(sorted).collect()),
            other => Sorted::Other(other),
        }
    }
    Ok(serde_json::to_vec(&sorted(serde_json::to_value(value)?))?)
}
