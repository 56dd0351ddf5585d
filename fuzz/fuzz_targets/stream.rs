//! Feeds [`properties::stream`] what libFuzzer finds.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::stream(data));
