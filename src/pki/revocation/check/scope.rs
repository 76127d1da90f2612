//! Whether a CRL is about a certificate, and for which reasons (RFC 5280 §6.3.3 (b) and (d)).

use crate::pki::certificate::Certificate;
use crate::pki::general_name::GeneralName;
use crate::pki::name::DistinguishedName;
use crate::pki::revocation::crl::CoveredCertificates;
use crate::pki::revocation::crl::CoveredIssuers;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::crl::IssuingDistributionPoint;
use crate::pki::revocation::distribution_point::DistributionPoint;
use crate::pki::revocation::reason::ReasonSet;
use crate::pki::revocation::undetermined::ScopeMismatch;

/// What `crl` covers of `certificate`, which points to it by `point`; none if it is not of the issuer that
/// the point calls for (§6.3.3 (b)(1), its names).
pub(super) fn scope(
    crl: &Crl,
    point: &DistributionPoint,
    certificate: &Certificate,
) -> Option<Result<ReasonSet, ScopeMismatch>> {
    let is_of_issuer = match point.crl_issuer() {
        [] => crl.issuer().matches(certificate.issuer()),
        _ => point
            .crl_issuer_names()
            .any(|issuer| issuer.matches(crl.issuer())),
    };
    is_of_issuer.then(|| coverage(crl, point, certificate))
}

fn coverage(
    crl: &Crl,
    point: &DistributionPoint,
    certificate: &Certificate,
) -> Result<ReasonSet, ScopeMismatch> {
    let idp = crl.issuing_distribution_point();
    // (b)(1)
    let is_indirect = idp.is_some_and(|idp| idp.issuers() == CoveredIssuers::Any);
    if !point.crl_issuer().is_empty() && !is_indirect {
        return Err(ScopeMismatch::NotIndirect);
    }
    // (b)(2)
    if let Some(idp) = idp {
        check_name(idp, point, crl.issuer(), certificate.issuer())?;
        check_kind(idp.certificates(), certificate)?;
    }
    // (d)
    let by_point = point.reasons().unwrap_or(ReasonSet::ALL);
    let by_crl = idp
        .and_then(IssuingDistributionPoint::only_some_reasons)
        .unwrap_or(ReasonSet::ALL);
    let reasons = by_point.intersection(by_crl);
    match reasons.is_empty() {
        true => Err(ScopeMismatch::NoReasons),
        false => Ok(reasons),
    }
}

/// §6.3.3 (b)(2)(i).
fn check_name(
    idp: &IssuingDistributionPoint,
    point: &DistributionPoint,
    crl_issuer: &DistinguishedName,
    certificate_issuer: &DistinguishedName,
) -> Result<(), ScopeMismatch> {
    let Some(name) = idp.name() else {
        return Ok(());
    };
    let of_crl = name.in_full([crl_issuer].into_iter());
    let wanted: Vec<GeneralName> = match point.name() {
        // A relative name stands behind the CRL issuer's, or the certificate issuer's where the point
        // names none (§4.2.1.13).
        Some(name) if point.crl_issuer().is_empty() => {
            name.in_full([certificate_issuer].into_iter())
        }
        Some(name) => name.in_full(point.crl_issuer_names()),
        None => point.crl_issuer().to_vec(),
    };
    let is_named = of_crl
        .iter()
        .any(|one| wanted.iter().any(|other| one.matches(other)));
    match is_named {
        true => Ok(()),
        false => Err(ScopeMismatch::DistributionPoint),
    }
}

/// §6.3.3 (b)(2)(ii) to (iv).
fn check_kind(
    covered: CoveredCertificates,
    certificate: &Certificate,
) -> Result<(), ScopeMismatch> {
    let is_ca = certificate
        .basic_constraints()
        .is_some_and(|constraints| constraints.is_ca);
    match (covered, is_ca) {
        (CoveredCertificates::All, _)
        | (CoveredCertificates::Ca, true)
        | (CoveredCertificates::User, false) => Ok(()),
        (CoveredCertificates::Attribute, _) => Err(ScopeMismatch::AttributeCertificatesOnly),
        (CoveredCertificates::Ca, false) => Err(ScopeMismatch::CaCertificatesOnly),
        (CoveredCertificates::User, true) => Err(ScopeMismatch::UserCertificatesOnly),
    }
}
