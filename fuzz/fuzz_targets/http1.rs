#![no_main]

/// What comes over a connection is read the same in whatever pieces it comes, and nothing panics.
fn read(came: &[u8], at: usize) {
    let (whole, is_refused) = omnifn_runtime::requests(&[came]);
    let (before, behind) = came.split_at(at.min(came.len()));
    let (cut, is_cut_refused) = omnifn_runtime::requests(&[before, behind]);
    assert_eq!((whole.len(), is_refused), (cut.len(), is_cut_refused));
    for (whole, cut) in whole.iter().zip(&cut) {
        assert_eq!((whole.method(), whole.uri(), whole.headers()), (cut.method(), cut.uri(), cut.headers()));
        assert_eq!(whole.body(), cut.body());
    }
}

libfuzzer_sys::fuzz_target!(|message: (&[u8], u16)| read(message.0, message.1.into()));
