//! Feeds [`properties::request_params`] what libFuzzer finds.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::request_params(data));
