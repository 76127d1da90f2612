//! `cargo fuzz run cms_verify`: signed documents of CMS and GM/T 0010, and timestamp tokens.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinxin_fuzz::cms;
use yinxin_fuzz::seeds;

fuzz_target!(init: seeds::plant(cms::seeds()), |data: &[u8]| cms::verify(data));
