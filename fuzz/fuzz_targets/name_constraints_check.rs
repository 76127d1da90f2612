//! `cargo fuzz run name_constraints_check`: names below name constraints.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinxin_fuzz::name_constraints;
use yinxin_fuzz::seeds;

fuzz_target!(init: seeds::plant(seeds::name_constraints()), |data: &[u8]| name_constraints::check(data));
