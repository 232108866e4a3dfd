//! An image layout, read again: every digest and size, and the root that its layers make.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
};

use flate2::read::GzDecoder;
use oci_spec::image::{Descriptor, ImageConfiguration, ImageIndex, ImageManifest, MediaType, OciLayout};

use super::super::entry::{Stored, sha256};

/// An image as its layout has it.
#[derive(Debug)]
pub(super) struct Image {
    /// The digest of its manifest.
    pub(super) digest: String,
    /// How it is run.
    pub(super) configuration: ImageConfiguration,
    /// The files and folders of its root.
    pub(super) root: BTreeMap<String, Stored>,
}

/// Reads a layout of one image.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(files: &BTreeMap<String, Stored>) -> Result<Image, String> {
    let layout = OciLayout::from_reader(file(files, "oci-layout")?).map_err(|e| format!("oci-layout: {e}"))?;
    if layout.image_layout_version() != "1.0.0" {
        return Err(format!("oci-layout: version {}", layout.image_layout_version()));
    }
    let index = ImageIndex::from_reader(file(files, "index.json")?).map_err(|e| format!("index.json: {e}"))?;
    let [one] = &index.manifests()[..] else {
        return Err(format!("index.json names {} images, and there should be one", index.manifests().len()));
    };
    let manifest = blob(files, one)?;
    let manifest = ImageManifest::from_reader(manifest).map_err(|e| format!("the manifest: {e}"))?;
    let configuration = blob(files, manifest.config())?;
    let configuration =
        ImageConfiguration::from_reader(configuration).map_err(|e| format!("the configuration: {e}"))?;
    let platform = one.platform().as_ref().ok_or("index.json does not name the platform")?;
    if platform.architecture() != configuration.architecture() || platform.os() != configuration.os() {
        return Err("index.json and the configuration name different platforms".to_owned());
    }
    let digests = configuration.rootfs().diff_ids();
    if digests.len() != manifest.layers().len() {
        return Err(format!("{} layers, and {} digests of them", manifest.layers().len(), digests.len()));
    }
    let mut root = BTreeMap::new();
    for (layer, digest) in manifest.layers().iter().zip(digests) {
        unpack(blob(files, layer)?, layer, digest, &mut root)?;
    }
    Ok(Image { digest: one.digest().to_string(), configuration, root })
}

fn unpack(packed: &[u8], layer: &Descriptor, digest: &str, root: &mut BTreeMap<String, Stored>) -> Result<(), String> {
    let wrong = |e: std::io::Error| format!("the layer {}: {e}", layer.digest());
    if *layer.media_type() != MediaType::ImageLayerGzip {
        return Err(format!("a layer of the type {}", layer.media_type()));
    }
    let mut tar = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut tar).map_err(wrong)?;
    if format!("sha256:{}", sha256(&tar)) != digest {
        return Err(format!("the layer {} does not have the content of {digest}", layer.digest()));
    }
    let mut tar = tar::Archive::new(Cursor::new(tar));
    for entry in tar.entries().map_err(wrong)? {
        let mut entry = entry.map_err(wrong)?;
        let path = entry.path().map_err(wrong)?.to_string_lossy().trim_end_matches('/').to_owned();
        let mode = entry.header().mode().map_err(wrong)?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(wrong)?;
        root.insert(path, Stored { mode, content });
    }
    Ok(())
}

fn blob<'f>(files: &'f BTreeMap<String, Stored>, descriptor: &Descriptor) -> Result<&'f [u8], String> {
    let (digest, size) = (descriptor.digest(), descriptor.size());
    let content = file(files, &format!("blobs/sha256/{}", digest.digest()))?;
    if sha256(content) != digest.digest() || content.len() as u64 != size {
        return Err(format!("the blob {digest} has other content"));
    }
    Ok(content)
}

fn file<'f>(files: &'f BTreeMap<String, Stored>, path: &str) -> Result<&'f [u8], String> {
    files.get(path).map(|file| &file.content[..]).ok_or_else(|| format!("{path} is missing"))
}
