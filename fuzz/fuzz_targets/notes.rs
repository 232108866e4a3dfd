#![no_main]

libfuzzer_sys::fuzz_target!(|binary: omnifn_fuzz::notes::Binary<'_>| omnifn_fuzz::notes::pass(binary));
