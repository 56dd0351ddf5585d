//! Feeds [`properties::tool_answer`] what libFuzzer finds.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::tool_answer(data));
