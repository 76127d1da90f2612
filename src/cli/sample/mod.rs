//! Sample data for demonstrations: invented companies in Dongguan.
//!
//! Nothing here is real, and what could be mistaken for real says so: organisation codes begin with
//! `YX`, which was never allotted; people are called 示例人 (“sample person”) and a number; streets are
//! 示例路 (“sample road”); numbers of registrations carry the word 样 (“sample”).

pub mod companies;
mod names;
