//! The checks of RFC 5280 §6.1.2 to §6.1.5 over a path whose names and signatures are established.

use crate::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::name_constraints::Comparisons;
use crate::pki::name_constraints::NameConstraintError;
use crate::pki::name_constraints::NameConstraints;
use crate::pki::name_constraints::NameConstraintsState;
use crate::pki::path::Budget;
use crate::pki::path::Spending;
use crate::pki::path::error::PathError;
use crate::pki::path::error::Role;
use crate::pki::path::policy;
use crate::pki::path::policy::PathInputs;
use crate::pki::path::policy::PolicyRefusal;
use crate::pki::trust_anchor::TrustAnchor;

/// What a path is checked by, beside itself.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) at: Timestamp,
    pub(super) inputs: &'a PathInputs,
    pub(super) budget: Budget,
    pub(super) spending: &'a Spending,
}

/// Checks `path`, the end entity first, below `anchor`.
///
/// [`crate::pki::path::build`] has established for each certificate that the one above it (the anchor for the
/// last) has its issuer's name and key: §6.1.3 (a)(1) and (a)(4). Dates come after everything else, so
/// that a path which fails by them alone is told from one that never was in order.
pub(super) fn check(
    path: &[&Certificate],
    anchor: &TrustAnchor,
    terms: Terms<'_>,
) -> Result<(), PathError> {
    let Some((end_entity, issuers)) = path.split_first() else {
        return Err(PathError::NoPath(None));
    };
    let mut remaining = check_anchor(anchor.certificate(), terms.inputs.max_path_length)?;
    for issuer in issuers.iter().rev() {
        remaining = check_issuer(issuer, remaining)?;
    }
    check_end_entity(end_entity)?;
    check_names(path, anchor.certificate(), terms)?;
    check_policies(path, anchor.certificate(), terms.inputs)?;
    for issuer in issuers.iter().rev() {
        validity(issuer, terms.at).map_err(|dates| dates.error(Role::Issuer, issuer, terms.at))?;
    }
    validity(end_entity, terms.at)
        .map_err(|dates| dates.error(Role::EndEntity, end_entity, terms.at))
}

/// How many more non-self-issued intermediate certificates may follow; `None`: any number.
type MaxPathLength = Option<u32>;

/// What the anchor's certificate restricts, in the spirit of RFC 5937 §3. An anchor of version 1 or 2
/// cannot say that it is a CA; that somebody made it an anchor says it.
fn check_anchor(anchor: &Certificate, asked: MaxPathLength) -> Result<MaxPathLength, PathError> {
    let constraints = anchor.basic_constraints();
    if anchor.version() >= 3 && !constraints.is_some_and(|constraints| constraints.is_ca) {
        let serial = anchor.serial().clone();
        return Err(PathError::NotACa { serial });
    }
    check_key_cert_sign(anchor)?;
    check_critical_extensions(anchor)?;
    let own = constraints.and_then(|constraints| constraints.max_path_length);
    Ok(smaller(asked, own))
}

fn smaller(one: MaxPathLength, other: MaxPathLength) -> MaxPathLength {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
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
    // (n), then (o)
    check_key_cert_sign(issuer)?;
    check_critical_extensions(issuer)?;
    // (m)
    Ok(smaller(remaining, constraints.max_path_length))
}

/// §6.1.5 (f). Name constraints have a meaning in CA certificates only, which may stand at the end of a path
/// too.
fn check_end_entity(end_entity: &Certificate) -> Result<(), PathError> {
    let is_ca = end_entity
        .basic_constraints()
        .is_some_and(|constraints| constraints.is_ca);
    if !is_ca && end_entity.is_extension_critical(extension::NAME_CONSTRAINTS) {
        let serial = end_entity.serial().clone();
        return Err(PathError::NameConstraintsInEndEntity { serial });
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

/// §6.1.3 (b), (c) and §6.1.4 (g), from the anchor down. Self-issued certificates may have any name, unless
/// one is the end entity's.
fn check_names(
    path: &[&Certificate],
    anchor: &Certificate,
    terms: Terms<'_>,
) -> Result<(), PathError> {
    let has_constraints = |certificate: &&Certificate| {
        certificate
            .extension_value(extension::NAME_CONSTRAINTS)
            .is_some()
    };
    let issuers = path.iter().skip(1).copied();
    if !issuers.chain([anchor]).any(|above| has_constraints(&above)) {
        return Ok(());
    }
    let left = terms.budget.name_comparisons;
    let mut comparisons = Comparisons::new(left.saturating_sub(terms.spending.name_comparisons()));
    let checked = walk_names(path, anchor, &mut comparisons);
    terms.spending.compared(terms.budget, comparisons.used())?;
    match checked {
        Err(PathError::NameConstraints {
            cause: NameConstraintError::ComparisonsExhausted(_),
            ..
        }) => Err(terms.spending.exhausted()),
        other => other,
    }
}

fn walk_names(
    path: &[&Certificate],
    anchor: &Certificate,
    comparisons: &mut Comparisons,
) -> Result<(), PathError> {
    let mut state = NameConstraintsState::new();
    constrain_names(&mut state, anchor)?;
    for (place, certificate) in path.iter().enumerate().rev() {
        if place == 0 || !certificate.is_self_issued() {
            state
                .check(certificate, comparisons)
                .map_err(|cause| PathError::NameConstraints {
                    serial: certificate.serial().clone(),
                    cause,
                })?;
        }
        if place > 0 {
            constrain_names(&mut state, certificate)?;
        }
    }
    Ok(())
}

fn constrain_names(
    state: &mut NameConstraintsState,
    issuer: &Certificate,
) -> Result<(), PathError> {
    let own = NameConstraints::of(issuer).map_err(|cause| PathError::NameConstraintsMalformed {
        serial: issuer.serial().clone(),
        cause,
    })?;
    if let Some(own) = own {
        state.add(own);
    }
    Ok(())
}

/// §6.1.3 (d) to (f), §6.1.4 (a), (b), (h) to (j), §6.1.5 (a), (b), (g).
fn check_policies(
    path: &[&Certificate],
    anchor: &Certificate,
    inputs: &PathInputs,
) -> Result<(), PathError> {
    if !policy::may_refuse(path, anchor, inputs) {
        return Ok(());
    }
    match policy::process(path, anchor, inputs) {
        Ok(_policies) => Ok(()),
        Err(PolicyRefusal::NoneLeft) => Err(PathError::PolicyRequired),
        Err(PolicyRefusal::MapsAnyPolicy(place)) => Err(match path.get(place) {
            Some(certificate) => PathError::PolicyMapping {
                serial: certificate.serial().clone(),
            },
            None => PathError::PolicyRequired,
        }),
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
