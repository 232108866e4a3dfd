#![no_main]

libfuzzer_sys::fuzz_target!(|message: omnifn_fuzz::Message<'_>| {
    omnifn_fuzz::pass(omnifn_local::Local::new(&omnifn_fuzz::private), message);
});
