//! Zips whose bytes follow from their entries alone.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _, Write as _},
};

use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter, result::ZipResult, write::SimpleFileOptions};

use super::entry::{Entry, Stored};

/// A zip of these entries, in the order of their paths.
///
/// Every entry is of 1980-01-01, the first day that a zip can name, and made by Unix, for only then its mode counts.
pub(crate) fn write(entries: &[Entry<'_>]) -> ZipResult<Vec<u8>> {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_by(|a, b| a.path.cmp(&b.path));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in sorted {
        let options = SimpleFileOptions::default()
            .system(System::Unix)
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(9))
            .last_modified_time(DateTime::default())
            .unix_permissions(entry.mode);
        zip.start_file(&entry.path, options)?;
        zip.write_all(&entry.content)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// The content of a zip.
pub(crate) fn read(bytes: &[u8]) -> ZipResult<BTreeMap<String, Stored>> {
    let mut zip = ZipArchive::new(Cursor::new(bytes))?;
    let mut entries = BTreeMap::new();
    for at in 0..zip.len() {
        let mut file = zip.by_index(at)?;
        let mut content = Vec::new();
        file.read_to_end(&mut content)?;
        entries.insert(file.name()?.into_owned(), Stored { mode: file.unix_mode().unwrap_or(0) & 0o7777, content });
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_entries_in_any_order_are_the_same_bytes() {
        let a = Entry::new("a/function.json", 0o644, b"{}".to_vec());
        let b = Entry::new("bootstrap", 0o755, vec![7; 100_000]);
        let one = write(&[a.clone(), b.clone()]).unwrap();
        assert_eq!(one, write(&[b, a]).unwrap());
        let read = read(&one).unwrap();
        assert_eq!(read["bootstrap"], Stored { mode: 0o755, content: vec![7; 100_000] });
        assert_eq!(read["a/function.json"].mode, 0o644);
    }

    #[test]
    fn entries_are_of_unix_and_of_1980() {
        let zip = write(&[Entry::new("bootstrap", 0o755, b"x".to_vec())]).unwrap();
        let central = zip.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        assert_eq!(zip[central + 5], 3, "made by Unix");
        assert_eq!(zip[central + 12..central + 16], [0, 0, 0x21, 0], "1980-01-01 00:00:00");
        assert_eq!(zip[central + 38..central + 42], (0o100755_u32 << 16).to_le_bytes(), "a file, 0755");
    }
}
