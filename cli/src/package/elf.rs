//! What an executable asks of the machine that it is to run on.

mod dynamic;

use std::fmt;

use object::{
    Endianness, FileKind, SymbolIndex, elf,
    read::elf::{FileHeader, ProgramHeader as _, Sym as _},
};

use crate::error::{Error, Kind, Result};

/// What is read of an ELF file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Elf {
    /// Its architecture.
    pub(crate) machine: Machine,
    /// The loader that it names; none is needed by one that is linked statically.
    pub(crate) interpreter: Option<String>,
    /// The shared libraries that it names.
    pub(crate) libraries: Vec<String>,
    /// The newest version of glibc's symbols that it cannot do without.
    pub(crate) glibc: Option<Need>,
}

/// An architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Machine {
    /// 64 bits, as Graviton.
    Arm64,
    /// 64 bits, as Intel and AMD.
    X86_64,
    /// Another one, by its number in the file, and its bits.
    Other(u16, u8),
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Machine::Arm64 => f.write_str("arm64"),
            Machine::X86_64 => f.write_str("x86_64"),
            Machine::Other(number, bits) => write!(f, "another architecture (ELF machine {number}, {bits} bits)"),
        }
    }
}

/// A version of glibc's symbols.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Need {
    /// The version; beyond all that there are, where its name is not understood.
    pub(crate) version: (u32, u32),
    /// As the file names it.
    pub(crate) name: String,
    /// Some of the symbols that ask for it.
    pub(crate) symbols: Vec<String>,
}

/// Reads an executable.
///
/// # Errors
/// The binary is not built for Linux.
pub(crate) fn read(bytes: &[u8]) -> Result<Elf> {
    match FileKind::parse(bytes) {
        Ok(FileKind::Elf64) => parse::<elf::FileHeader64<Endianness>>(bytes),
        Ok(FileKind::Elf32) => parse::<elf::FileHeader32<Endianness>>(bytes),
        Ok(FileKind::MachO32 | FileKind::MachO64 | FileKind::MachOFat32 | FileKind::MachOFat64) => {
            Err(platform("it is a program for macOS (Mach-O)"))
        }
        Ok(FileKind::Pe32 | FileKind::Pe64 | FileKind::Coff | FileKind::CoffBig) => {
            Err(platform("it is a program for Windows (PE)"))
        }
        _ => Err(platform("it is no ELF file")),
    }
}

fn platform(what: impl Into<String>) -> Error {
    Error::new("omnifn::package::platform", format!("the binary is no program for Linux: {}", what.into()))
        .kind(Kind::Unfit)
        .help("build it for a Linux target, as `x86_64-unknown-linux-musl`")
}

fn parse<H: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Result<Elf> {
    let elf = parts::<H>(bytes).map_err(|error| platform("it is a damaged ELF file").caused_by(error))?;
    let (header, elf) = elf;
    let abi = header.os_abi;
    if abi != elf::ELFOSABI_NONE && abi != elf::ELFOSABI_GNU {
        return Err(platform(format!("it is an ELF file for another system (ABI {})", abi.0)));
    }
    if !header.is_executable {
        return Err(platform("it is an ELF file, and no executable"));
    }
    Ok(elf)
}

struct Head {
    os_abi: elf::OsAbi,
    is_executable: bool,
}

fn parts<H: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Result<(Head, Elf), Box<dyn std::error::Error>> {
    let header = H::parse(bytes)?;
    let endian = header.endian()?;
    let kind = header.e_type(endian);
    let segments = header.program_headers(endian, bytes)?;
    let interpreter = segments.iter().find_map(|segment| segment.interpreter(endian, bytes).transpose()).transpose()?;
    let starts = header.e_entry(endian).into() != 0;
    let head = Head {
        os_abi: header.e_ident().os_abi,
        is_executable: starts && (kind == elf::ET_EXEC || kind == elf::ET_DYN),
    };
    let bits = if header.is_class_64() { 64 } else { 32 };
    let machine = match (header.e_machine(endian), bits, header.is_little_endian()) {
        (elf::EM_AARCH64, 64, true) => Machine::Arm64,
        (elf::EM_X86_64, 64, true) => Machine::X86_64,
        (other, ..) => Machine::Other(other.0, bits),
    };
    // A program that names a loader tells it more in a table; without it, nothing can be said of what the program needs.
    let dynamic = match dynamic::read::<H>(segments, endian, bytes)? {
        None if interpreter.is_some() => return Err("it names a loader, and has no table of what it needs".into()),
        dynamic => dynamic.unwrap_or_default(),
    };
    let glibc = dynamic.glibc.map(|(need, index)| {
        let symbols = symbols::<H>(header, endian, bytes, index).unwrap_or_default();
        Need { symbols, ..need }
    });
    Ok((head, Elf { machine, interpreter: interpreter.map(text), libraries: dynamic.libraries, glibc }))
}

/// Some of the symbols of a version, as far as the table of sections says where they are: words for people, and no check.
fn symbols<H: FileHeader<Endian = Endianness>>(
    header: &H,
    endian: Endianness,
    bytes: &[u8],
    index: u16,
) -> object::read::Result<Vec<String>> {
    let sections = header.sections(endian, bytes)?;
    let Some(versions) = sections.versions(endian, bytes)? else { return Ok(Vec::new()) };
    let symbols = sections.symbols(endian, bytes, elf::SHT_DYNSYM)?;
    let asking = symbols.iter().enumerate().filter(|(at, symbol)| {
        symbol.is_undefined(endian) && versions.version_index(endian, SymbolIndex(*at)).index().0 == index
    });
    asking.map(|(_, symbol)| symbol.name(endian, symbols.strings()).map(text)).take(3).collect()
}

/// `GLIBC_2.34` as a number; none where the name is of another library, or of glibc's own.
fn number(name: &str) -> Option<(u32, u32)> {
    let version = name.strip_prefix("GLIBC_")?;
    match version {
        "PRIVATE" => None,
        // What a linker writes for relocations in the short form.
        "ABI_DT_RELR" => Some((2, 36)),
        _ => {
            let mut parts = version.split('.').map(|part| part.parse().ok());
            let number = parts.next().flatten().zip(parts.next().flatten());
            Some(number.unwrap_or((u32::MAX, 0)))
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_glibc() {
        assert_eq!(number("GLIBC_2.34"), Some((2, 34)));
        assert_eq!(number("GLIBC_2.2.5"), Some((2, 2)));
        assert_eq!(number("GLIBC_ABI_DT_RELR"), Some((2, 36)));
        assert_eq!(number("GLIBC_ABI_NEW"), Some((u32::MAX, 0)));
        assert_eq!(number("GLIBC_PRIVATE"), None);
        assert_eq!(number("GCC_3.0"), None);
    }

    #[test]
    fn what_is_no_program_for_linux_is_named() {
        let said = |bytes: &[u8]| read(bytes).unwrap_err().message;
        assert!(said(b"").contains("no ELF file"));
        assert!(said(&[0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]).contains("macOS"));
        assert!(said(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0").contains("damaged"));
    }
}
