//! Which CAs we know, and what each may vouch for: `trust-roots/<ca>/ca.toml` and the PEM files beside it.

mod name;

pub use name::CaId;
pub use name::NameError;
pub use name::Usage;
pub use name::usage_names;
