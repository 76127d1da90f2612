//! What happens to every request, outermost first: identified, traced, counted, given security headers,
//! its problem written for the reader, its panics caught, its time limited.

mod observe;
mod rate;
mod render_problem;
mod request_id;
mod room;
mod security_headers;
mod surround;
mod time_limit;

pub(in crate::http) use rate::limit_callers;
pub(in crate::http) use rate::limit_everybody;
pub(in crate::http) use render_problem::panic_to_problem;
pub(in crate::http) use render_problem::prefers_lines;
pub(in crate::http) use render_problem::prefers_page;
pub(in crate::http) use render_problem::wants_page;
pub(in crate::http) use request_id::RequestId;
pub(in crate::http) use room::Room;
pub(in crate::http) use room::admit;
pub(in crate::http) use security_headers::allow_any_origin;
pub(in crate::http) use surround::Surroundings;
pub(in crate::http) use surround::surround;
