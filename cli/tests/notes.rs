//! Notes in binaries of every format, and in what is none.

use std::{fs, path::Path};

use cargo_omnifn::{error::Error, notes};
use object::{
    Architecture, BinaryFormat, Endianness, SectionKind,
    write::{Object, StandardSegment},
};
use omnifn::prelude::*;

const FUNCTION: &str = r#"{"v":1,"name":"hello","trigger":{"kind":"queue","source":"jobs"},"module":"shop","file":"src/main.rs","line":3}"#;
const PROGRAM: &str = r#"{"v":1,"program":["hello"],"crate":"shop","version":"1.2.3","omnifn":"0.1.0","providers":["local"],"panic":"unwind","debug":true}"#;

/// A function of this very test, whose binary has no `omnifn::main!`.
#[function(queue = "jobs", memory = 256, writes = "table:notes")]
async fn in_this_test(message: Message<String>) {
    drop(message);
}

fn note(owner: &[u8], kind: u32, content: &str, endianness: Endianness) -> Vec<u8> {
    let number = |number: u32| match endianness {
        Endianness::Little => number.to_le_bytes(),
        Endianness::Big => number.to_be_bytes(),
    };
    let mut bytes = [number(owner.len() as u32), number(content.len() as u32), number(kind)].concat();
    for part in [owner, content.as_bytes()] {
        bytes.extend(part);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

/// The notes of a function and of its program, with others between them.
fn two_notes(endianness: Endianness) -> Vec<u8> {
    let ours = |kind, content| note(b"OMNIFN\0", kind, content, endianness);
    [note(b"GNU\0", 3, "someone else's", endianness), ours(1, FUNCTION), vec![0; 4], ours(7, "later"), ours(2, PROGRAM)]
        .concat()
}

const FORMATS: [(BinaryFormat, Architecture, Endianness, &str); 8] = [
    (BinaryFormat::Elf, Architecture::X86_64, Endianness::Little, ".note.omnifn"),
    (BinaryFormat::Elf, Architecture::Aarch64, Endianness::Little, ".note.omnifn"),
    (BinaryFormat::Elf, Architecture::I386, Endianness::Little, ".note.omnifn"),
    (BinaryFormat::Elf, Architecture::PowerPc, Endianness::Big, ".note.omnifn"),
    (BinaryFormat::Elf, Architecture::S390x, Endianness::Big, ".note.omnifn"),
    (BinaryFormat::MachO, Architecture::Aarch64, Endianness::Little, "__omnifn"),
    (BinaryFormat::Coff, Architecture::X86_64, Endianness::Little, ".omnifn"),
    (BinaryFormat::Coff, Architecture::Aarch64, Endianness::Little, ".omnifn"),
];

fn binary(
    (format, architecture, endianness, name): (BinaryFormat, Architecture, Endianness, &str),
    data: &[u8],
) -> Vec<u8> {
    let mut object = Object::new(format, architecture, endianness);
    let kind = if format == BinaryFormat::Elf { SectionKind::Note } else { SectionKind::ReadOnlyData };
    let segment = object.segment_name(StandardSegment::Data).to_vec();
    let section = object.add_section(segment, name.as_bytes().to_vec(), kind);
    object.append_section_data(section, data, 4);
    object.write().unwrap()
}

fn elf(data: &[u8]) -> Vec<u8> {
    binary(FORMATS[0], data)
}

fn refused(binary: &[u8]) -> Error {
    notes::parse(binary, "shop").expect_err("notes")
}

#[test]
fn every_format_in_either_order_of_bytes() {
    for format in FORMATS {
        let binary = binary(format, &two_notes(format.2));
        let manifest =
            notes::parse(&binary, "shop").unwrap_or_else(|error| panic!("{format:?}: {error} {:?}", error.causes));
        assert_eq!(manifest.functions.len(), 1, "{format:?}");
        assert_eq!(manifest.functions[0].name, "hello");
        assert_eq!(manifest.program.unwrap().version, "1.2.3");
    }
}

#[test]
fn this_binary_also_without_its_table_of_sections() {
    let mut bytes = fs::read(std::env::current_exe().unwrap()).unwrap();
    let manifest = notes::parse(&bytes, "this").unwrap();
    assert_eq!(manifest.program, None);
    let found = manifest.functions.iter().find(|function| function.name == "in_this_test").unwrap();
    let spec = <in_this_test as omnifn::Function>::SPEC;
    assert_eq!(serde_json::from_str::<cargo_omnifn::model::FunctionNote>(&spec.to_json()).unwrap(), *found);
    if cfg!(all(target_os = "linux", target_pointer_width = "64")) {
        // e_shoff, e_shnum and e_shstrndx of the header.
        bytes[0x28..0x30].fill(0);
        bytes[0x3c..0x40].fill(0);
        assert_eq!(notes::parse(&bytes, "this").unwrap(), manifest);
    }
}

#[test]
fn what_is_wrong_is_named() {
    let ours = |kind, content: &str| note(b"OMNIFN\0", kind, content, Endianness::Little);
    let error = notes::read(Path::new("no/such/file")).unwrap_err();
    assert_eq!(error.code, "omnifn::notes::unreadable");
    assert_eq!(refused(b"#!/bin/sh\n").code, "omnifn::notes::no_binary");
    assert_eq!(refused(b"").code, "omnifn::notes::no_binary");
    assert_eq!(refused(&elf(b"")).code, "omnifn::notes::none");
    assert_eq!(refused(&elf(&note(b"GNU\0", 1, FUNCTION, Endianness::Little))).code, "omnifn::notes::none");

    let whole = ours(1, FUNCTION);
    let error = refused(&elf(&whole[..whole.len() - 8]));
    assert_eq!(error.code, "omnifn::notes::broken");
    assert!(error.causes[0].contains("cut off"), "{:?}", error.causes);
    for content in ["{", "[]", r#"{"v":1}"#, r#"{"v":"1"}"#, "\u{0}"] {
        assert_eq!(refused(&elf(&ours(1, content))).code, "omnifn::notes::broken", "{content}");
    }

    // A program of a function whose note is gone, or of which there are two.
    let error = refused(&elf(&ours(2, PROGRAM)));
    assert_eq!(error.code, "omnifn::notes::missing");
    assert!(error.message.contains("`hello`"));
    let elsewhere = |module: &str| ours(1, &FUNCTION.replace("\"shop\"", &format!("{module:?}")));
    let error = refused(&elf(&[ours(2, PROGRAM), elsewhere("a"), elsewhere("b")].concat()));
    assert_eq!(error.code, "omnifn::notes::ambiguous");
    // That of the program's own package is meant.
    let manifest =
        notes::parse(&elf(&[elsewhere("a"), elsewhere("shop::b"), ours(2, PROGRAM)].concat()), "shop").unwrap();
    assert_eq!(
        manifest.functions.iter().map(|function| &function.location.module[..]).collect::<Vec<_>>(),
        ["shop::b", "a"]
    );
}

/// Names become those of files: none leads out of a folder.
#[test]
fn names_are_names() {
    let ours = |kind, content: &str| note(b"OMNIFN\0", kind, content, Endianness::Little);
    for bad in ["../ab", "/ab", "a/b", "a.b", "", "2a", "..", &"a".repeat(64)] {
        let error = refused(&elf(&ours(1, &FUNCTION.replace("hello", bad))));
        assert_eq!(error.code, "omnifn::notes::name", "{bad}");
        assert!(error.message.contains(&format!("a function {bad:?}")) && error.help.is_some(), "{error}");
    }
    for bad in ["../ab", "/tmp/ab", "a b", ""] {
        let program = PROGRAM.replace("\"shop\"", &format!("{bad:?}"));
        let error = refused(&elf(&[ours(1, FUNCTION), ours(2, &program)].concat()));
        assert_eq!(error.code, "omnifn::notes::name", "{bad}");
        assert!(error.message.contains(&format!("a package {bad:?}")), "{error}");
    }
}

#[test]
fn another_version_says_which_command_reads_it() {
    let ours = |kind, content: &str| note(b"OMNIFN\0", kind, content, Endianness::Little);
    let later = |text: &str| text.replace("\"v\":1", "\"v\":2").replace("0.1.0", "7.0.1");
    let error = refused(&elf(&[ours(1, &later(FUNCTION)), ours(2, &later(PROGRAM))].concat()));
    assert_eq!(error.code, "omnifn::notes::version");
    assert!(error.message.contains("version 2") && error.message.contains("reads version 1"), "{error}");
    assert!(error.help.unwrap().contains("cargo-omnifn --version 7.0.1"));
    assert!(refused(&elf(&ours(1, &later(FUNCTION)))).help.unwrap().contains("Cargo.lock"));
}

/// An ELF file of 64 bits with headers of programs alone: each is a segment of notes, from and to these bytes behind them.
fn segments(headers: &[(u64, u64)], data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
    bytes.resize(16, 0);
    bytes.extend([2_u16, 62].map(u16::to_le_bytes).concat()); // ET_EXEC, EM_X86_64
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend([0_u64, 64, 0].map(u64::to_le_bytes).concat()); // e_phoff is 64
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend([64, 56, headers.len() as u16, 0, 0, 0].map(u16::to_le_bytes).concat());
    let start = 64 + 56 * headers.len() as u64;
    for (from, to) in headers {
        bytes.extend([4_u32, 4].map(u32::to_le_bytes).concat()); // PT_NOTE, PF_R
        bytes.extend([start + from, 0, 0, to - from, to - from, 4].map(u64::to_le_bytes).concat());
    }
    bytes.extend(data);
    bytes
}

/// Files that are made to be read for long: thousands of headers over the same bytes, thousands of functions.
#[test]
fn no_file_is_read_for_long() {
    let ours = |kind, content: &str| note(b"OMNIFN\0", kind, content, Endianness::Little);
    let started = std::time::Instant::now();
    let two = two_notes(Endianness::Little);
    let manifest = notes::parse(&segments(&[(0, two.len() as u64)], &two), "shop").unwrap();
    assert_eq!(manifest.functions.len(), 1);
    // 60 000 times the same segment, of other owners' notes and ours: a megabyte is read once.
    let mut data = two.clone();
    while data.len() < 1 << 20 {
        data.extend(note(b"GNU\0", 3, &"x".repeat(4096), Endianness::Little));
    }
    let whole = (0, data.len() as u64);
    let same = notes::parse(&segments(&vec![whole; 60_000], &data), "shop").unwrap();
    assert_eq!(same, manifest);
    // Each a little shorter at its end: all lie in the first.
    let nested: Vec<_> = (0..60_000).map(|at| (0, whole.1 - at)).collect();
    assert_eq!(notes::parse(&segments(&nested, &data), "shop").unwrap(), manifest);
    // Each ends a little later, and none lies in another.
    let sliding: Vec<_> = (0..60_000).map(|at| (at * 4, whole.1 - 240_000 + at * 4)).collect();
    assert_eq!(refused(&segments(&sliding, &data)).code, "omnifn::notes::many");
    // 30 000 functions.
    let named = |at: usize| ours(1, &FUNCTION.replace("hello", &format!("f{at}")));
    let many: Vec<u8> = (0..30_000).flat_map(named).collect();
    let error = refused(&elf(&many));
    assert_eq!(error.code, "omnifn::notes::many");
    assert!(error.message.contains("more than 4096 notes") && error.help.is_some(), "{error}");
    let as_many_as_can_be: Vec<u8> = (0..4096).flat_map(named).collect();
    assert_eq!(notes::parse(&elf(&as_many_as_can_be), "shop").unwrap().functions.len(), 4096);
    assert_eq!(refused(&elf(&vec![0; 17 << 20])).code, "omnifn::notes::many");
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

/// Whatever is read, it is notes or an error, and no panic.
#[test]
fn no_bytes_panic() {
    let mut seed: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below.max(1) as u64) as usize
    };
    let wholes: Vec<_> = FORMATS.iter().map(|format| binary(*format, &two_notes(format.2))).collect();
    for whole in &wholes {
        for length in 0..whole.len() {
            drop(notes::parse(&whole[..length], "cut off"));
        }
        for _ in 0..5000 {
            let mut bytes = whole.clone();
            for _ in 0..=random(8) {
                let at = random(bytes.len());
                bytes[at] = [0, 1, 0x7f, 0x80, 0xff, random(256) as u8][random(6)];
            }
            bytes.truncate(bytes.len() - random(20));
            drop(notes::parse(&bytes, "changed"));
        }
    }
    for _ in 0..5000 {
        let start = &wholes[random(wholes.len())];
        let mut bytes = start[..random(64).min(start.len())].to_vec();
        bytes.extend((0..random(400)).map(|_| random(256) as u8));
        drop(notes::parse(&bytes, "by chance"));
    }
    // The notes themselves, whatever they say of their lengths.
    for _ in 0..20_000 {
        let mut data = two_notes(Endianness::Little);
        let at = random(data.len());
        data[at] = random(256) as u8;
        data.truncate(random(data.len() + 1));
        drop(notes::parse(&elf(&data), "lengths"));
    }
}
