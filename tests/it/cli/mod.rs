//! The real binary, run as people and scripts run it.
#![expect(clippy::indexing_slicing, reason = "a failing test should panic")]

mod audit;
pub(crate) mod binary;
mod callers;
mod demo;
mod evidence;
mod files;
mod installation;
mod kill;
mod operate;
mod receipt;
mod texts;
mod verify;
mod walk_through;
