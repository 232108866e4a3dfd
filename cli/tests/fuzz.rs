//! The fuzz target of the notes with random bytes from seeds: binaries of every format, changed at random, are a manifest or an error.
//! A failure names its seed.

use arbitrary::{Arbitrary, Unstructured};

#[path = "../../fuzz/src/json.rs"]
#[allow(missing_docs, unreachable_pub)]
mod json;
#[path = "../../fuzz/src/notes.rs"]
#[allow(missing_docs, unreachable_pub)]
mod notes;
#[path = "../../tests/support/random.rs"]
mod random;

#[test]
fn every_format_is_read() {
    notes::pass_seeds();
}

#[test]
fn no_binary_panics() {
    for seed in 0..random::cases(60_000) as u64 {
        let bytes = random::bytes(seed, 16 + (seed as usize * 7) % 600);
        let read = std::panic::catch_unwind(|| {
            if let Ok(binary) = notes::Binary::arbitrary(&mut Unstructured::new(&bytes)) {
                notes::pass(binary);
            }
        });
        assert!(read.is_ok(), "a panic with the seed {seed}");
    }
}
