//! Feeds [`properties::param_headers`] what libFuzzer finds.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::param_headers(data));
