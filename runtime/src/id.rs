use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// An invocation id for a platform that gives none: 32 hexadecimal digits, random for each process and counted within.
pub(crate) fn generate() -> String {
    static SEEDS: OnceLock<(RandomState, RandomState)> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    // The standard library seeds the state from the operating system.
    let (high, low) = SEEDS.get_or_init(|| (RandomState::new(), RandomState::new()));
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let number = u128::from(high.hash_one(count)) << 64 | u128::from(low.hash_one(count));
    let digits: [u8; 32] = std::array::from_fn(|at| b"0123456789abcdef"[(number >> (124 - 4 * at)) as usize & 0xf]);
    String::from_utf8(digits.to_vec()).unwrap_or_default()
}
