//! `cargo fuzz run ocsp_response_parse`: OCSP responses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinxin_fuzz::ocsp;
use yinxin_fuzz::seeds;

fuzz_target!(init: seeds::plant(seeds::ocsp_responses()), |data: &[u8]| ocsp::parse(data));
