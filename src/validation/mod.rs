//! Facts, a trust profile and a time become a verdict and a report (ETSI EN 319 102-1).
//!
//! Does not know who calls: the caller has become a [`profile::TrustProfile`] before.
