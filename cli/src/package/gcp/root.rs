//! The root of an image: the program, and the little beside it that a program looks for.

use std::io::{self, Write as _};

use base64_simd::STANDARD;
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

/// The user that the program runs as: `nonroot`.
pub(super) const USER: u64 = 65532;

/// Where the roots of trust are.
pub(super) const CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";

/// A layer, packed and not.
pub(super) struct Layer {
    /// The tar, compressed with gzip.
    pub(super) packed: Vec<u8>,
    /// The digest of the tar itself.
    pub(super) tar: String,
}

/// What the program looks for: the roots of trust, users and groups, how names are looked up, a home, and a folder for what is passing.
pub(super) fn base() -> io::Result<Layer> {
    layer(|tar| {
        folder(tar, "etc", 0o755, 0)?;
        file(tar, "etc/group", 0o644, b"root:x:0:\nnonroot:x:65532:\n")?;
        file(tar, "etc/nsswitch.conf", 0o644, b"hosts: files dns\n")?;
        let users: &[u8] = b"root:x:0:0:root:/root:/sbin/nologin\n\
            nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n";
        file(tar, "etc/passwd", 0o644, users)?;
        folder(tar, "etc/ssl", 0o755, 0)?;
        folder(tar, "etc/ssl/certs", 0o755, 0)?;
        file(tar, CERTIFICATES, 0o644, certificates().as_bytes())?;
        folder(tar, "home", 0o755, 0)?;
        folder(tar, "home/nonroot", 0o700, USER)?;
        folder(tar, "tmp", 0o1777, 0)
    })
}

/// The program.
pub(super) fn program(name: &str, content: &[u8]) -> io::Result<Layer> {
    layer(|tar| {
        folder(tar, "app", 0o755, 0)?;
        file(tar, &format!("app/{name}"), 0o755, content)
    })
}

fn layer(write: impl FnOnce(&mut Builder<Vec<u8>>) -> io::Result<()>) -> io::Result<Layer> {
    let mut tar = Builder::new(Vec::new());
    write(&mut tar)?;
    let tar = tar.into_inner()?;
    let mut packed = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    packed.write_all(&tar)?;
    Ok(Layer { packed: packed.finish()?, tar: super::super::entry::sha256(&tar) })
}

fn file(tar: &mut Builder<Vec<u8>>, path: &str, mode: u32, content: &[u8]) -> io::Result<()> {
    append(tar, path, EntryType::Regular, mode, 0, content)
}

fn folder(tar: &mut Builder<Vec<u8>>, path: &str, mode: u32, owner: u64) -> io::Result<()> {
    append(tar, &format!("{path}/"), EntryType::Directory, mode, owner, b"")
}

fn append(
    tar: &mut Builder<Vec<u8>>,
    path: &str,
    kind: EntryType,
    mode: u32,
    owner: u64,
    content: &[u8],
) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(owner);
    header.set_gid(owner);
    header.set_mtime(0);
    header.set_size(content.len() as u64);
    tar.append_data(&mut header, path, content)
}

/// Mozilla's roots of trust, as the crate `webpki-root-certs` has them, in the form that TLS libraries read.
fn certificates() -> String {
    let mut text = String::new();
    for certificate in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        let base64 = STANDARD.encode_to_string(certificate);
        for line in base64.as_bytes().chunks(64) {
            text.extend(line.iter().map(|byte| char::from(*byte)));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}
