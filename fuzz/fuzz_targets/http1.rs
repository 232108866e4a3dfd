#![no_main]

/// What comes over a connection is read the same in whatever pieces it comes, and nothing panics. The first two bytes say where it is cut.
fn read(bytes: &[u8]) {
    let Some((at, came)) = bytes.split_first_chunk() else { return };
    let (before, behind) = came.split_at(usize::from(u16::from_le_bytes(*at)).min(came.len()));
    let (whole, is_refused) = omnifn_runtime::requests(&[came]);
    let (cut, is_cut_refused) = omnifn_runtime::requests(&[before, behind]);
    assert_eq!((whole.len(), is_refused), (cut.len(), is_cut_refused));
    for (whole, cut) in whole.iter().zip(&cut) {
        assert_eq!((whole.method(), whole.uri(), whole.headers()), (cut.method(), cut.uri(), cut.headers()));
        assert_eq!(whole.body(), cut.body());
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| read(bytes));
