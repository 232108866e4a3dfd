#![no_main]

libfuzzer_sys::fuzz_target!(|events: omnifn_fuzz::cloud_events::Events<'_>| omnifn_fuzz::cloud_events::pass(events));
