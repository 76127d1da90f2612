//! `cargo fuzz run jws_document`: signed documents in JSON and compact serialisation.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinxin_fuzz::jws_document;
use yinxin_fuzz::seeds;

fuzz_target!(init: seeds::plant(jws_document::seeds()), |data: &[u8]| jws_document::facts(data));
