//! Where one note ends and the next begins: as in ELF, also elsewhere.

use object::Endianness;
use omnifn_spec::note::{FUNCTION, OWNER, PROGRAM};

use super::section::Section;

/// A note of ours.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Note<'d> {
    pub(super) kind: u32,
    pub(super) content: &'d [u8],
}

/// Adds the notes of a section that are ours, or says where it is broken.
pub(super) fn notes<'d>(section: &Section<'d>, notes: &mut Vec<Note<'d>>) -> Result<(), String> {
    let mut at = 0;
    let most = super::MOST + 1;
    while notes.len() < most
        && let Some((word, _)) = section.data.get(at..).and_then(|rest| rest.split_first_chunk::<4>())
    {
        // What a linker puts between two parts of a section.
        if word == &[0; 4] {
            at += 4;
            continue;
        }
        let truncated = || format!("the note at byte {at} is cut off: the section has {} bytes", section.data.len());
        let (note, length) = note(&section.data[at..], section.endianness).ok_or_else(truncated)?;
        notes.extend(note);
        at += length;
    }
    Ok(())
}

/// The first note, where it is ours, and its length with the padding. `None` where there is less than it says.
fn note(data: &[u8], endianness: Endianness) -> Option<(Option<Note<'_>>, usize)> {
    let number = |at: usize| {
        let bytes = *data.get(at..at.checked_add(4)?)?.first_chunk::<4>()?;
        Some(match endianness {
            Endianness::Little => u32::from_le_bytes(bytes),
            Endianness::Big => u32::from_be_bytes(bytes),
        })
    };
    let (owner_length, length, kind) = (number(0)? as usize, number(4)? as usize, number(8)?);
    let owner = data.get(12..12_usize.checked_add(owner_length)?)?;
    let start = 12_usize.checked_add(owner_length)?.checked_next_multiple_of(4)?;
    let end = start.checked_add(length)?;
    let content = data.get(start..end)?;
    let ours = owner == OWNER && matches!(kind, FUNCTION | PROGRAM);
    Some((ours.then_some(Note { kind, content }), end.checked_next_multiple_of(4)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(owner: &[u8], kind: u32, content: &[u8], big: bool) -> Vec<u8> {
        let number = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let mut bytes = [number(owner.len() as u32), number(content.len() as u32), number(kind)].concat();
        for part in [owner, content] {
            bytes.extend(part);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        bytes
    }

    fn read(data: &[u8], big: bool) -> Result<Vec<(u32, Vec<u8>)>, String> {
        let endianness = if big { Endianness::Big } else { Endianness::Little };
        let mut found = Vec::new();
        notes(&Section { data, endianness }, &mut found)?;
        Ok(found.into_iter().map(|note| (note.kind, note.content.to_vec())).collect())
    }

    #[test]
    fn several_in_one_section_in_either_order_of_bytes() {
        for big in [false, true] {
            let mut bytes = framed(b"GNU\0", 1, b"1234567", big);
            bytes.extend(framed(OWNER, FUNCTION, b"{}", big));
            bytes.extend([0; 8]);
            bytes.extend(framed(OWNER, 99, b"later", big));
            bytes.extend(framed(b"OMNIFN", FUNCTION, b"no end", big));
            bytes.extend(framed(OWNER, PROGRAM, b"", big));
            bytes.extend([0; 3]);
            assert_eq!(read(&bytes, big).unwrap(), [(FUNCTION, b"{}".to_vec()), (PROGRAM, Vec::new())]);
        }
    }

    #[test]
    fn what_is_cut_off_is_told() {
        let whole = framed(OWNER, FUNCTION, b"{\"v\":1}", false);
        for length in 4..whole.len() - 1 {
            let error = read(&whole[..length], false).unwrap_err();
            assert!(error.contains("the note at byte 0 is cut off"), "{length}: {error}");
        }
        // The padding of the last one may be missing.
        assert_eq!(read(&whole[..whole.len() - 1], false).unwrap().len(), 1);
        let mut two = whole.clone();
        two.extend([7, 0, 0, 0, 255, 255, 255, 255, 1, 0, 0, 0]);
        assert!(read(&two, false).unwrap_err().contains(&format!("at byte {}", whole.len())));
    }
}
