//! `cargo fuzz run sd_jwt_parse`: presentations of SD-JWT VC.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinxin_fuzz::sd_jwt;
use yinxin_fuzz::seeds;

fuzz_target!(init: seeds::plant(seeds::presentations()), |data: &[u8]| sd_jwt::parse(data));
