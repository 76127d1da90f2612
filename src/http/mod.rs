//! The JSON API, the pages and the operational endpoints.

mod extract;
mod language;
mod metrics;
mod middleware;
mod openapi;
pub mod pages;
pub mod problem;
mod public_limit;
mod site;
