//! What the loader reads: the segment `PT_DYNAMIC`, and what it points to. The table of sections is for debuggers, and may be gone.

use object::{
    Endianness, elf, pod,
    read::{
        StringTable,
        elf::{Dyn as _, FileHeader, ProgramHeader as _},
    },
};

use super::{Need, number, text};

/// How many versions of symbols are read at most; a program asks for some dozens.
const MOST: usize = 1 << 16;

/// What a program names.
#[derive(Debug, Default)]
pub(super) struct Dynamic {
    /// The shared libraries.
    pub(super) libraries: Vec<String>,
    /// The newest version of glibc's symbols that it cannot do without, and its index in the table of versions.
    pub(super) glibc: Option<(Need, u16)>,
}

/// Reads it; `None` where there is no such segment, or nothing in it.
///
/// # Errors
/// What it points to is not in the file.
pub(super) fn read<'data, H: FileHeader<Endian = Endianness>>(
    segments: &'data [H::ProgramHeader],
    endian: Endianness,
    bytes: &'data [u8],
) -> Result<Option<Dynamic>, &'static str> {
    let mut tables = segments.iter().filter_map(|segment| segment.dynamic(endian, bytes).transpose());
    let table = tables.next().transpose().map_err(|_| "the dynamic table is not in the file")?;
    let Some(table) = table.filter(|table| !table.is_empty()) else { return Ok(None) };
    let entries: Vec<_> = table
        .iter()
        .map(|entry| (entry.tag(endian), entry.val(endian)))
        .take_while(|(tag, _)| *tag != elf::DT_NULL)
        .collect();
    let value = |wanted| entries.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| *value);
    let needed: Vec<_> = entries.iter().filter(|(tag, _)| *tag == elf::DT_NEEDED).map(|(_, at)| *at).collect();
    let versions = value(elf::DT_VERNEED);
    if needed.is_empty() && versions.is_none() {
        return Ok(Some(Dynamic::default()));
    }
    let address = value(elf::DT_STRTAB).ok_or("no table of strings is named")?;
    let strings = at::<H>(segments, endian, bytes, address).ok_or("the table of strings is not in the file")?;
    let strings = StringTable::new(strings, 0, value(elf::DT_STRSZ).unwrap_or(u64::MAX).min(strings.len() as u64));
    let string = |at: u64| -> Result<String, &'static str> {
        let bytes = u32::try_from(at).ok().and_then(|at| strings.get(at).ok());
        bytes.map(text).ok_or("a name is not in the table of strings")
    };
    let libraries = needed.into_iter().map(string).collect::<Result<_, _>>()?;
    let glibc = match versions {
        None => None,
        Some(address) => {
            let needs = at::<H>(segments, endian, bytes, address).ok_or("the versions are not in the file")?;
            newest(needs, value(elf::DT_VERNEEDNUM).unwrap_or(u64::MAX), endian, string)?
        }
    };
    Ok(Some(Dynamic { libraries, glibc }))
}

/// What the file has from an address on, as far as its segment goes.
fn at<'data, H: FileHeader<Endian = Endianness>>(
    segments: &[H::ProgramHeader],
    endian: Endianness,
    bytes: &'data [u8],
    address: u64,
) -> Option<&'data [u8]> {
    let loaded = segments.iter().filter(|segment| segment.p_type(endian) == elf::PT_LOAD);
    let mut found = loaded.filter_map(|segment| {
        let from = usize::try_from(address.checked_sub(segment.p_vaddr(endian).into())?).ok()?;
        segment.data(endian, bytes).ok()?.get(from..).filter(|rest| !rest.is_empty())
    });
    found.next()
}

/// The newest version that is asked for, and is not asked for weakly: without those the loader goes on.
fn newest(
    needs: &[u8],
    count: u64,
    endian: Endianness,
    string: impl Fn(u64) -> Result<String, &'static str>,
) -> Result<Option<(Need, u16)>, &'static str> {
    let cut = "the versions are cut off";
    let mut newest: Option<(Need, u16)> = None;
    let (mut at, mut read) = (0_usize, 0_usize);
    for _ in 0..count {
        let need: &elf::Verneed<Endianness> = part(needs, at).ok_or(cut)?;
        let mut version_at = at.saturating_add(need.vn_aux.get(endian) as usize);
        for _ in 0..need.vn_cnt.get(endian) {
            read += 1;
            (read <= MOST).then_some(()).ok_or("there are too many versions")?;
            let version: &elf::Vernaux<Endianness> = part(needs, version_at).ok_or(cut)?;
            let name = string(version.vna_name.get(endian).into())?;
            let is_weak = (version.vna_flags.get(endian) & elf::VER_FLG_WEAK) == elf::VER_FLG_WEAK;
            if let Some(number) = (!is_weak).then(|| number(&name)).flatten()
                && newest.as_ref().is_none_or(|(newest, _)| newest.version < number)
            {
                let need = Need { version: number, name, symbols: Vec::new() };
                newest = Some((need, version.vna_other.get(endian).0));
            }
            version_at = version_at.saturating_add(version.vna_next.get(endian) as usize);
        }
        match need.vn_next.get(endian) as usize {
            0 => break,
            next => at = at.saturating_add(next),
        }
    }
    Ok(newest)
}

fn part<T: pod::Pod>(bytes: &[u8], at: usize) -> Option<&T> {
    pod::from_bytes(bytes.get(at..)?).ok().map(|(part, _)| part)
}
