//! Feeds [`properties::uri_template`] what libFuzzer finds.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::uri_template(data));
