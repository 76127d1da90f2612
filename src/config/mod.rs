//! The configuration: one TOML file whose mistakes are all reported at once.
