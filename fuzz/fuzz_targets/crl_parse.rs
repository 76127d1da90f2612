//! `cargo fuzz run crl_parse`: certificate revocation lists.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinxin_fuzz::crl;
use yinxin_fuzz::seeds;

fuzz_target!(init: seeds::plant(seeds::crls()), |data: &[u8]| crl::parse(data));
