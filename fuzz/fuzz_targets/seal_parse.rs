//! `cargo fuzz run seal_parse`: electronic seals, and signatures made with them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinxin_fuzz::seal;
use yinxin_fuzz::seeds;

fuzz_target!(init: seeds::plant(seal::seeds()), |data: &[u8]| seal::parse(data));
