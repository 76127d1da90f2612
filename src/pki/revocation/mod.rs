//! Whether certificates are revoked: CRLs (RFC 5280 §5, §6.3) and OCSP (RFC 6960).
//!
//! * [`crl`] and [`ocsp`] read what comes from outside, and say nothing about trust.
//! * [`evidence::Evidence`] holds it, [`check::RevocationChecker`] asks it about a certification path, and
//!   [`status::CertificateStatus`] is the answer; [`undetermined`] says why there is none.
//! * [`freshness::FreshnessPolicy`] says what is of now.
//! * [`distribution_point`] and [`location`] say where certificates have their evidence. Fetching it is for
//!   others: nothing here performs I/O.

pub mod check;
pub mod crl;
pub mod distribution_point;
pub mod evidence;
mod extension;
pub mod freshness;
pub mod location;
pub mod ocsp;
pub mod reason;
mod signed;
pub mod status;
pub mod undetermined;
