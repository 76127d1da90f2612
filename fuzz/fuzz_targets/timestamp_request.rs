//! `cargo fuzz run timestamp_request`: requests for timestamps.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinxin_fuzz::seeds;
use yinxin_fuzz::timestamp;

fuzz_target!(init: seeds::plant(timestamp::requests()), |data: &[u8]| timestamp::request(data));
