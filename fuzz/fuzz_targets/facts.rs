#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wayfare_fuzz_checks::facts(data));
