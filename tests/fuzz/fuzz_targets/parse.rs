//! `longlink_fuzz::parse` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| longlink_fuzz::parse(input));
