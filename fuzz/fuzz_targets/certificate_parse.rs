//! `cargo fuzz run certificate_parse`: certificates in DER and PEM.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinxin_fuzz::certificate;
use yinxin_fuzz::seeds;

fuzz_target!(init: seeds::plant(seeds::certificates()), |data: &[u8]| certificate::parse(data));
