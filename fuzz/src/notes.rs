//! Binaries of every format, of which nothing is certain, are read for their notes: these are a manifest or an error.

use arbitrary::Arbitrary;
use cargo_omnifn::notes;
use serde_json::{Value, json};

use crate::json;

/// A binary.
#[derive(Debug, Arbitrary)]
pub struct Binary<'a> {
    format: u8,
    notes: Vec<Note<'a>>,
    /// Overwritten bytes.
    edits: Vec<(u32, Bytes<'a>)>,
    cut: Option<u16>,
}

#[derive(Debug, Arbitrary)]
enum Note<'a> {
    Function(Vec<json::Edit<'a>>),
    Program(Vec<json::Edit<'a>>),
    /// Of any owner, type, and content.
    Any(&'a [u8], u32, &'a [u8]),
    /// Bytes between notes.
    Bytes(&'a [u8]),
}

#[derive(Debug, Arbitrary)]
enum Bytes<'a> {
    Zero,
    Ones,
    Word(u32),
    Long(u64),
    Any(&'a [u8]),
}

/// How a binary begins, and whether its numbers are big-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Elf {
        is_64: bool,
        is_big: bool,
    },
    /// ELF with segments alone.
    Segments,
    MachO {
        is_64: bool,
        is_big: bool,
    },
    Coff,
    Pe {
        is_64: bool,
    },
}

/// Every format that is read.
pub const FORMATS: [Format; 12] = [
    Format::Elf { is_64: true, is_big: false },
    Format::Elf { is_64: true, is_big: true },
    Format::Elf { is_64: false, is_big: false },
    Format::Elf { is_64: false, is_big: true },
    Format::Segments,
    Format::MachO { is_64: true, is_big: false },
    Format::MachO { is_64: true, is_big: true },
    Format::MachO { is_64: false, is_big: false },
    Format::MachO { is_64: false, is_big: true },
    Format::Coff,
    Format::Pe { is_64: true },
    Format::Pe { is_64: false },
];

/// Reads a binary's notes.
pub fn pass(binary: Binary<'_>) {
    let format = FORMATS[usize::from(binary.format) % FORMATS.len()];
    let mut data = Vec::new();
    for note in &binary.notes {
        match note {
            Note::Function(edits) => data.extend(framed(format, b"OMNIFN\0", 1, &edited(function(), edits))),
            Note::Program(edits) => data.extend(framed(format, b"OMNIFN\0", 2, &edited(program(), edits))),
            Note::Any(owner, kind, content) => data.extend(framed(format, owner, *kind, content)),
            Note::Bytes(bytes) => data.extend(*bytes),
        }
    }
    let mut file = write(format, &data);
    for (at, bytes) in &binary.edits {
        let bytes: &[u8] = match bytes {
            Bytes::Zero => &[0],
            Bytes::Ones => &[0xff; 4],
            Bytes::Word(word) => &word.to_le_bytes(),
            Bytes::Long(long) => &long.to_le_bytes(),
            Bytes::Any(bytes) => bytes,
        };
        let at = *at as usize % file.len();
        file.iter_mut().skip(at).zip(bytes).for_each(|(old, new)| *old = *new);
    }
    if let Some(length) = binary.cut {
        file.truncate(usize::from(length));
    }
    if let Err(error) = notes::parse(&file, "a binary") {
        assert!(!error.message.is_empty() && !error.code.is_empty());
    }
}

/// Checks that a binary of each format is read where nothing is wrong with it.
pub fn pass_seeds() {
    for format in FORMATS {
        let content = |value: Value| value.to_string().into_bytes();
        let data =
            [framed(format, b"OMNIFN\0", 1, &content(function())), framed(format, b"OMNIFN\0", 2, &content(program()))];
        let manifest = notes::parse(&write(format, &data.concat()), "a binary");
        let manifest = manifest.unwrap_or_else(|error| panic!("{format:?}: {error} {:?}", error.causes));
        assert_eq!((manifest.functions.len(), manifest.program.is_some()), (1, true), "{format:?}");
    }
}

fn function() -> Value {
    json!({"v": 1, "name": "hello", "trigger": {"kind": "queue", "source": "jobs"}, "module": "shop", "file": "src/main.rs",
        "line": 3, "secrets": ["KEY"], "memory": 256})
}

fn program() -> Value {
    json!({"v": 1, "program": ["hello"], "crate": "shop", "version": "1.2.3", "omnifn": "0.1.0", "providers": ["local"],
        "panic": "unwind", "debug": true})
}

fn edited(mut value: Value, edits: &[json::Edit<'_>]) -> Vec<u8> {
    edits.iter().for_each(|edit| edit.apply(&mut value));
    value.to_string().into_bytes()
}

impl Format {
    fn is_big(self) -> bool {
        matches!(self, Format::Elf { is_big: true, .. } | Format::MachO { is_big: true, .. })
    }
}

/// A note, as it is in every format.
pub fn framed(format: Format, owner: &[u8], kind: u32, content: &[u8]) -> Vec<u8> {
    let mut out = Writer::new(format.is_big());
    out.words(&[owner.len() as u32, content.len() as u32, kind]);
    for part in [owner, content] {
        out.bytes.extend(part);
        out.bytes.resize(out.bytes.len().next_multiple_of(4), 0);
    }
    out.bytes
}

/// Numbers in either order of bytes.
struct Writer {
    bytes: Vec<u8>,
    is_big: bool,
}

impl Writer {
    fn new(is_big: bool) -> Self {
        Writer { bytes: Vec::new(), is_big }
    }

    fn put<const N: usize>(&mut self, little: [u8; N]) {
        match self.is_big {
            true => self.bytes.extend(little.iter().rev()),
            false => self.bytes.extend(little),
        }
    }

    fn halves(&mut self, numbers: &[u16]) {
        numbers.iter().for_each(|number| self.put(number.to_le_bytes()));
    }

    fn words(&mut self, numbers: &[u32]) {
        numbers.iter().for_each(|number| self.put(number.to_le_bytes()));
    }

    /// Numbers as wide as the format's addresses.
    fn addresses(&mut self, numbers: &[u64], is_64: bool) {
        for number in numbers {
            if is_64 { self.put(number.to_le_bytes()) } else { self.put((*number as u32).to_le_bytes()) }
        }
    }

    fn name<const N: usize>(&mut self, name: &[u8]) {
        let mut field = [0; N];
        field[..name.len()].copy_from_slice(name);
        self.bytes.extend(field);
    }
}

/// A file of this format with one section of notes, and nothing else.
pub fn write(format: Format, notes: &[u8]) -> Vec<u8> {
    let length = notes.len() as u64;
    let mut out = Writer::new(format.is_big());
    match format {
        Format::Elf { is_64, is_big } => {
            const NAMES: &[u8] = b"\0.note.omnifn\0.shstrtab\0";
            let header = if is_64 { 64 } else { 52 };
            let names = header + length;
            let table = (names + NAMES.len() as u64).next_multiple_of(8);
            elf_header(&mut out, is_64, [0, table], [0, 3]);
            out.bytes.extend(notes);
            out.bytes.extend(NAMES);
            out.bytes.resize(table as usize, 0);
            let sections = [(0, 0, 0, 0), (1, 7, header, length), (14, 3, names, NAMES.len() as u64)];
            for (name, kind, offset, size) in sections {
                out.words(&[name, kind]);
                out.addresses(&[0, 0, offset, size], is_64);
                out.words(&[0, 0]);
                out.addresses(&[4, 0], is_64);
            }
            debug_assert_eq!(out.is_big, is_big);
        }
        Format::Segments => {
            elf_header(&mut out, true, [64, 0], [1, 0]);
            out.words(&[4, 4]);
            out.addresses(&[64 + 56, 0, 0, length, length, 4], true);
            out.bytes.extend(notes);
        }
        Format::MachO { is_64, .. } => {
            let (command, section) = if is_64 { (72, 80) } else { (56, 68) };
            let offset = if is_64 { 32 } else { 28 } + command + section;
            out.words(&[if is_64 { 0xfeed_facf } else { 0xfeed_face }, if is_64 { 0x0100_000c } else { 12 }, 0, 2, 1]);
            out.words(&[command + section, 0]);
            out.words(if is_64 { &[0] } else { &[] });
            out.words(&[if is_64 { 0x19 } else { 1 }, command + section]);
            out.name::<16>(b"__DATA");
            out.addresses(&[0, length, u64::from(offset), length], is_64);
            out.words(&[3, 3, 1, 0]);
            out.name::<16>(b"__omnifn");
            out.name::<16>(b"__DATA");
            out.addresses(&[0, length], is_64);
            out.words(&[offset, 2, 0, 0, 0, 0, 0]);
            out.words(if is_64 { &[0] } else { &[] });
            out.bytes.extend(notes);
        }
        Format::Coff => coff(&mut out, 0, 0x8664, |_| {}, notes),
        Format::Pe { is_64 } => {
            out.bytes.extend(b"MZ");
            out.bytes.resize(60, 0);
            out.words(&[64]);
            out.bytes.extend(b"PE\0\0");
            let size = if is_64 { 112 } else { 96 };
            let optional = |out: &mut Writer| {
                let start = out.bytes.len();
                out.halves(&[if is_64 { 0x20b } else { 0x10b }]);
                out.bytes.resize(start + 32, 0);
                // The alignment of sections, and the number of directories: none.
                out.words(&[4096, 4]);
                out.bytes.resize(start + size, 0);
            };
            coff(&mut out, size as u16, if is_64 { 0x8664 } else { 0x14c }, optional, notes);
        }
    }
    out.bytes
}

fn elf_header(out: &mut Writer, is_64: bool, tables: [u64; 2], counts: [u16; 2]) {
    out.bytes.extend(b"\x7fELF");
    out.bytes.extend([if is_64 { 2 } else { 1 }, if out.is_big { 2 } else { 1 }, 1]);
    out.bytes.resize(16, 0);
    out.halves(&[2, if is_64 { 62 } else { 3 }]);
    out.words(&[1]);
    out.addresses(&[0, tables[0], tables[1]], is_64);
    out.words(&[0]);
    let sizes: [u16; 3] = if is_64 { [64, 56, 64] } else { [52, 32, 40] };
    // The names are in the last section.
    out.halves(&[sizes[0], sizes[1], counts[0], sizes[2], counts[1], counts[1].saturating_sub(1)]);
}

fn coff(out: &mut Writer, optional: u16, machine: u16, write_optional: impl FnOnce(&mut Writer), notes: &[u8]) {
    out.halves(&[machine, 1]);
    out.words(&[0, 0, 0]);
    out.halves(&[optional, 2]);
    write_optional(out);
    let offset = out.bytes.len() as u32 + 40;
    out.name::<8>(b".omnifn");
    out.words(&[notes.len() as u32, 0, notes.len() as u32, offset, 0, 0, 0, 0x4000_0040]);
    out.bytes.extend(notes);
}
