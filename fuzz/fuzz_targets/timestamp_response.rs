//! `cargo fuzz run timestamp_response`: answers of timestamp authorities.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinxin_fuzz::seeds;
use yinxin_fuzz::timestamp;

fuzz_target!(init: seeds::plant(timestamp::responses()), |data: &[u8]| timestamp::response(data));
