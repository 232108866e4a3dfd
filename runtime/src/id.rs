use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// An invocation id for a platform that gives none: 32 hexadecimal digits, random for each process and counted within.
pub(crate) fn generate() -> [u8; 32] {
    static SEEDS: OnceLock<(u64, u64)> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    // The standard library seeds the state from the operating system.
    let seed = || RandomState::new().build_hasher().finish();
    let (high, low) = *SEEDS.get_or_init(|| (seed(), seed()));
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut digits = [0; 32];
    let text = format!("{:016x}{:016x}", spread(high, count), spread(low, count));
    digits.copy_from_slice(text.as_bytes());
    digits
}

/// One of the numbers that follow a seed, each its own: the steps of SplitMix64 (<https://doi.org/10.1145/2714064.2660195>).
fn spread(seed: u64, count: u64) -> u64 {
    let mut number = seed.wrapping_add(count.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_the_same() {
        let ids: std::collections::HashSet<_> = (0..10_000).map(|_| generate()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().flatten().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')));
    }
}
