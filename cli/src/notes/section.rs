//! Where notes are in a binary of any format.

use object::{
    Endianness, FileKind, Object as _, ObjectSection as _,
    elf::{FileHeader32, FileHeader64, PT_NOTE},
    read::{
        Result,
        elf::{FileHeader, ProgramHeader as _},
    },
};

/// Bytes that may hold notes.
#[derive(Debug)]
pub(super) struct Section<'d> {
    pub(super) data: &'d [u8],
    pub(super) endianness: Endianness,
}

/// ELF, Mach-O, COFF.
const NAMES: [&[u8]; 3] = [b".note.omnifn", b"__omnifn", b".omnifn"];

/// The sections of notes. Of an ELF file without a table of sections, all segments of notes.
pub(super) fn find(data: &[u8]) -> Result<Vec<Section<'_>>> {
    let file = object::File::parse(data)?;
    let mut found = Vec::new();
    for section in file.sections() {
        if section.name_bytes().is_ok_and(|name| NAMES.contains(&name)) {
            found.push(Section { data: section.data()?, endianness: file.endianness() });
        }
    }
    if found.is_empty() {
        match FileKind::parse(data)? {
            FileKind::Elf32 => segments::<FileHeader32<Endianness>>(data, &mut found)?,
            FileKind::Elf64 => segments::<FileHeader64<Endianness>>(data, &mut found)?,
            _ => {}
        }
    }
    Ok(once(found))
}

/// None that lies in another one: tables of thousands of entries may name the same bytes, and each would be read again.
fn once(mut found: Vec<Section<'_>>) -> Vec<Section<'_>> {
    let start = |section: &Section<'_>| section.data.as_ptr().addr();
    // The longest first of those that begin together.
    found.sort_by_key(|section| (start(section), usize::MAX - section.data.len()));
    let mut read_to = 0;
    found.retain(|section| {
        let end = start(section).saturating_add(section.data.len());
        let is_new = !section.data.is_empty() && end > read_to;
        read_to = read_to.max(end);
        is_new
    });
    found
}

fn segments<'d, H: FileHeader<Endian = Endianness>>(data: &'d [u8], found: &mut Vec<Section<'d>>) -> Result<()> {
    let header = H::parse(data)?;
    let endianness = header.endian()?;
    for segment in header.program_headers(endianness, data)? {
        if segment.p_type(endianness) == PT_NOTE
            && let Ok(data) = segment.data(endianness, data)
        {
            found.push(Section { data, endianness });
        }
    }
    Ok(())
}
