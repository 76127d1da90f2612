//! The checks of RFC 5280 §6.1.3 to §6.1.5 over a path whose names and signatures are established.

use crate::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::path::error::PathError;
use crate::pki::path::error::Role;
use crate::pki::trust_anchor::TrustAnchor;

/// Checks `path`, the end entity first, below `anchor`.
///
/// [`crate::pki::path::build`] has established for each certificate that the one above it (the anchor for the
/// last) has its issuer's name and key: §6.1.3 (a)(1) and (a)(4). Dates come after everything else, so
/// that a path which fails by them alone is told from one that never was in order.
pub(super) fn check(
    path: &[&Certificate],
    anchor: &TrustAnchor,
    at: Timestamp,
) -> Result<(), PathError> {
    let Some((end_entity, issuers)) = path.split_first() else {
        return Err(PathError::NoPath(None));
    };
    let mut remaining = check_anchor(anchor.certificate())?;
    for issuer in issuers.iter().rev() {
        remaining = check_issuer(issuer, remaining)?;
    }
    check_end_entity(end_entity)?;
    for issuer in issuers.iter().rev() {
        validity(issuer, at).map_err(|dates| dates.error(Role::Issuer, issuer, at))?;
    }
    validity(end_entity, at).map_err(|dates| dates.error(Role::EndEntity, end_entity, at))
}

/// How many more non-self-issued intermediate certificates may follow; `None`: any number.
type MaxPathLength = Option<u32>;

/// What the anchor's certificate restricts, in the spirit of RFC 5937 §3. An anchor of version 1 or 2
/// cannot say that it is a CA; that somebody made it an anchor says it.
fn check_anchor(anchor: &Certificate) -> Result<MaxPathLength, PathError> {
    let constraints = anchor.basic_constraints();
    if anchor.version() >= 3 && !constraints.is_some_and(|constraints| constraints.is_ca) {
        let serial = anchor.serial().clone();
        return Err(PathError::NotACa { serial });
    }
    check_key_cert_sign(anchor)?;
    check_constraints_supported(anchor)?;
    check_critical_extensions(anchor)?;
    Ok(constraints.and_then(|constraints| constraints.max_path_length))
}

/// §6.1.4, for a certificate that is not the end entity's.
fn check_issuer(
    issuer: &Certificate,
    remaining: MaxPathLength,
) -> Result<MaxPathLength, PathError> {
    // (k): version 1 and 2 cannot say that they are a CA, and nothing else tells us.
    let constraints = issuer
        .basic_constraints()
        .filter(|constraints| constraints.is_ca)
        .ok_or_else(|| PathError::NotACa {
            serial: issuer.serial().clone(),
        })?;
    // (l)
    let remaining = match remaining {
        Some(left) if !issuer.is_self_issued() => {
            let serial = || issuer.serial().clone();
            Some(
                left.checked_sub(1)
                    .ok_or_else(|| PathError::PathLength { serial: serial() })?,
            )
        }
        unchanged => unchanged,
    };
    // (n), then (g) to (j) as far as they are refused, then (o)
    check_key_cert_sign(issuer)?;
    check_constraints_supported(issuer)?;
    check_critical_extensions(issuer)?;
    // (m)
    Ok(match (remaining, constraints.max_path_length) {
        (Some(left), Some(own)) => Some(left.min(own)),
        (left, own) => left.or(own),
    })
}

/// §6.1.5 (f). Name and policy constraints have a meaning in CA certificates only; in an end entity's
/// they are extensions that we do not process, which matters if they are critical.
fn check_end_entity(end_entity: &Certificate) -> Result<(), PathError> {
    let serial = || end_entity.serial().clone();
    if end_entity.is_extension_critical(extension::NAME_CONSTRAINTS) {
        return Err(PathError::NameConstraintsUnsupported { serial: serial() });
    }
    if POLICY_CONSTRAINTS
        .iter()
        .any(|oid| end_entity.is_extension_critical(oid))
    {
        return Err(PathError::PolicyConstraintsUnsupported { serial: serial() });
    }
    check_critical_extensions(end_entity)
}

/// §6.1.4 (n).
fn check_key_cert_sign(issuer: &Certificate) -> Result<(), PathError> {
    match issuer.key_usage() {
        Some(usage) if !usage.key_cert_sign() => Err(PathError::KeyUsage {
            serial: issuer.serial().clone(),
        }),
        Some(_) | None => Ok(()),
    }
}

const POLICY_CONSTRAINTS: [&str; 2] =
    [extension::POLICY_CONSTRAINTS, extension::INHIBIT_ANY_POLICY];

/// Refuses constraints on what may follow that are not evaluated yet, critical or not.
fn check_constraints_supported(issuer: &Certificate) -> Result<(), PathError> {
    let serial = || issuer.serial().clone();
    let has = |oid: &str| issuer.extension_value(oid).is_some();
    if has(extension::NAME_CONSTRAINTS) {
        return Err(PathError::NameConstraintsUnsupported { serial: serial() });
    }
    if POLICY_CONSTRAINTS.iter().any(|oid| has(oid)) {
        return Err(PathError::PolicyConstraintsUnsupported { serial: serial() });
    }
    Ok(())
}

/// §6.1.4 (o), §6.1.5 (f).
fn check_critical_extensions(certificate: &Certificate) -> Result<(), PathError> {
    match certificate.unhandled_critical().first() {
        Some(oid) => Err(PathError::UnknownCriticalExtension {
            serial: certificate.serial().clone(),
            oid: oid.clone(),
        }),
        None => Ok(()),
    }
}

/// On which side of the validity period a time lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutOfDates {
    After,
    Before,
}

/// §6.1.3 (a)(2). Both ends of the period belong to it (§4.1.2.5), and it is given in seconds: a time
/// within its last second is not after it.
pub(super) fn validity(certificate: &Certificate, at: Timestamp) -> Result<(), OutOfDates> {
    let at = at.as_unix_seconds();
    if at < certificate.not_before().as_unix_seconds() {
        Err(OutOfDates::Before)
    } else if at > certificate.not_after().as_unix_seconds() {
        Err(OutOfDates::After)
    } else {
        Ok(())
    }
}

impl OutOfDates {
    fn error(self, role: Role, certificate: &Certificate, at: Timestamp) -> PathError {
        let serial = certificate.serial().clone();
        match self {
            Self::After => PathError::Expired {
                role,
                serial,
                not_after: certificate.not_after(),
                at,
            },
            Self::Before => PathError::NotYetValid {
                role,
                serial,
                not_before: certificate.not_before(),
                at,
            },
        }
    }
}
