//! `cargo fuzz run pdf_document`: PDFs, and what is done to one that is signed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinxin_fuzz::pdf;
use yinxin_fuzz::seeds;

fuzz_target!(init: seeds::plant(pdf::seeds()), |data: &[u8]| pdf::read(data));
