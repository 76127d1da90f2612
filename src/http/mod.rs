//! The JSON API, the pages and the operational endpoints: extract, one call of `service`, render.
//!
//! [`router`](router::router) is the readable list of what is served and by what each route is limited;
//! [`serve`](serve::serve) runs it. An error of any layer below becomes a problem in one place
//! ([`problem`]), and a verdict is never one. A request passes the `gate`, which knows its address, its
//! client certificate ([`tls`]) and the limits; whoever authenticates its caller admits it there. A route for
//! callers stands behind `middleware::limit_callers`. Authentication is a type: a handler that does something for
//! a caller cannot be written without one.
//!
//! # What never happens here
//! * A rule. What a caller may do, and what a document is worth, is for `service` and below.
//! * A cause, a query or a body in an answer that should not hold it: callers get a reference to the log.
//! * A company's or person's name, a key or a document in the log or in a metric.
//! * Anything on a page that the browser would fetch from elsewhere, or run from inside the page.

mod api;
mod caller_limit;
pub mod client_authorities;
mod extract;
mod forwarded_certificate;
mod gate;
pub mod language;
mod listener;
mod metrics;
mod middleware;
mod openapi;
mod operations;
pub mod pages;
pub mod problem;
mod protocol;
mod public_limit;
pub mod router;
pub mod serve;
mod site;
pub mod state;
mod streamed;
pub mod tls;
mod token_bucket;
