//! `cargo fuzz run path_differential`: paths made from bytes, judged by us and by OpenSSL.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinxin_fuzz::path;
use yinxin_fuzz::seeds;

fuzz_target!(init: seeds::plant(seeds::recipes_of_paths()), |data: &[u8]| path::differential(data));
