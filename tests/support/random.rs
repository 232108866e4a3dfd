//! Random bytes from a seed, for tests that must fail again as they failed once.

/// How many cases a test tries: `OMNIFN_CASES`, or else this many.
pub(crate) fn cases(default: usize) -> usize {
    std::env::var("OMNIFN_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default)
}

/// Bytes that depend on the seed alone (SplitMix64).
pub(crate) fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x2545_f491_4f6c_dd1d);
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend((mixed ^ (mixed >> 31)).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
