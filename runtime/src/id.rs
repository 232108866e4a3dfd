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
    let digit = |place: u32| char::from(b"0123456789abcdef"[(number >> (4 * place)) as usize & 0xf]);
    (0..32).rev().map(digit).collect()
}
