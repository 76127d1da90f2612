//! `cargo fuzz run general_names_parse`: lists of general names (RFC 5280 §4.2.1.6).
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinxin_fuzz::general_names;
use yinxin_fuzz::seeds;

fuzz_target!(init: seeds::plant(seeds::general_names()), |data: &[u8]| general_names::parse(data));
