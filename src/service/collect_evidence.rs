//! Collects what a signed document needs to be judged by itself later: the certificates of the paths of everybody who
//! signed or timestamped it, and what says that none below the anchor is revoked (ETSI EN 319 142-1 §6.3, level LT).
//!
//! Nothing is fetched: the evidence is that at hand and that in the document. It is chosen by the check that verdicts
//! rest on, so that no more is taken than counts.

use std::collections::HashSet;

use crate::credential::sd_jwt_vc::validate::StatusFinding;
use crate::crypto::digest::Sha256;
use crate::pki::certificate::Certificate;
use crate::pki::name::DistinguishedName;
use crate::pki::revocation::check::RevocationChecker;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::evidence::ReceivedResponse;
use crate::pki::revocation::freshness::FreshnessPolicy;
use crate::pki::revocation::freshness::LaterEvidence;
use crate::pki::revocation::ocsp::OcspResponse;
use crate::pki::revocation::status::CertificateStatus;
use crate::pki::revocation::status::EvidenceUsed;
use crate::service::judge::Judging;
use crate::service::judge::judge;
use crate::service::open::Content;
use crate::service::open::Document;
use crate::signature::facts::SignatureFacts;
use crate::signature::facts::TimestampFacts;
use crate::signature::pdf::document::PdfFacts;

/// What a document needs.
#[derive(Debug)]
pub struct CollectedEvidence {
    /// The certificates of all paths, the anchors' too.
    pub certificates: Vec<Certificate>,
    /// What says that they are not revoked, or that they are.
    pub evidence: Evidence,
}

/// Why a document cannot be given what it needs.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// Nothing at hand tells of a certificate below an anchor.
    #[error("no evidence at hand tells whether the certificate {serial} of {subject} is revoked")]
    NoEvidence {
        /// Whose it is.
        subject: DistinguishedName,
        /// Its serial number.
        serial: String,
    },
    /// Somebody's certificate leads to no anchor.
    #[error("no certification path leads from the certificate of {0} to a trust anchor")]
    NoPath(DistinguishedName),
    /// There is no signature and no timestamp, or one of which nobody can say whose it is.
    #[error("a signature or timestamp is missing, or says not whose it is")]
    NoSigner,
    /// It is no PDF that can be read.
    #[error("this is no PDF that can be read")]
    NotAPdf,
}

/// Collects what `document` needs, by what it is judged by.
///
/// # Errors
/// [`CollectError`], which names the certificate that something is missing for.
pub fn collect_evidence(
    document: &Document,
    judging: &Judging<'_>,
) -> Result<CollectedEvidence, CollectError> {
    let Content::Pdf(Ok(facts)) = document.content() else {
        return Err(CollectError::NotAPdf);
    };
    // A PDF has no status of its own to be asked for.
    let status = StatusFinding::Unavailable {
        retry_after_seconds: 0,
    };
    let paths = judge(document, judging, status).paths;
    for signer in signers(facts)? {
        if !paths.iter().any(|path| path.path.end_entity() == signer) {
            return Err(CollectError::NoPath(signer.subject().clone()));
        }
    }
    let around: Vec<Certificate> = facts
        .certificates
        .iter()
        .chain(judging.intermediates)
        .cloned()
        .collect();
    let at_hand = [judging.evidence, &facts.evidence];
    let freshness = FreshnessPolicy::at(judging.now).with_later_evidence(LaterEvidence::Accept);
    let checker = RevocationChecker::new(&at_hand, &around, freshness);
    let mut certificates: Vec<Certificate> = Vec::new();
    let mut used = HashSet::new();
    for path in paths.iter().map(|anchored| &anchored.path) {
        let on_path = path.certificates();
        for (certificate, status) in on_path.iter().zip(checker.check(path)) {
            let says = evidence_of(status).ok_or_else(|| CollectError::NoEvidence {
                subject: certificate.subject().clone(),
                serial: certificate.serial().to_string(),
            })?;
            used.extend(says.into_iter().map(|evidence| evidence.sha256));
        }
        let anchor = std::iter::once(path.anchor().certificate());
        for certificate in on_path.iter().chain(anchor) {
            if !certificates.contains(certificate) {
                certificates.push(certificate.clone());
            }
        }
    }
    Ok(CollectedEvidence {
        certificates,
        evidence: chosen(at_hand, &used),
    })
}

/// Whoever signed or timestamped, perhaps more than once.
fn signers(facts: &PdfFacts) -> Result<Vec<&Certificate>, CollectError> {
    let own = facts.signatures.iter().map(Some);
    let stamped = facts
        .signatures
        .iter()
        .flat_map(|signature| &signature.timestamps);
    let stamps = stamped.chain(&facts.timestamps);
    let authorities = stamps.map(|stamp: &TimestampFacts| stamp.signature.as_deref());
    let signers: Result<Vec<&Certificate>, CollectError> = own
        .chain(authorities)
        .map(|facts: Option<&SignatureFacts>| {
            let signer = facts.and_then(|facts| facts.signer.as_ref());
            signer.ok_or(CollectError::NoSigner)
        })
        .collect();
    signers.and_then(|signers| match signers.is_empty() {
        true => Err(CollectError::NoSigner),
        false => Ok(signers),
    })
}

/// What a status rests on; none where there is none.
fn evidence_of(status: CertificateStatus) -> Option<Vec<EvidenceUsed>> {
    match status {
        CertificateStatus::Good { evidence } => Some(evidence),
        CertificateStatus::OnHold { evidence, .. }
        | CertificateStatus::Revoked { evidence, .. } => Some(vec![evidence]),
        CertificateStatus::Undetermined { .. } => None,
    }
}

/// That of what is at hand whose digest is among `used`.
fn chosen(at_hand: [&Evidence; 2], used: &HashSet<Sha256>) -> Evidence {
    let crls = at_hand.iter().flat_map(|evidence| evidence.crls());
    let responses = at_hand.iter().flat_map(|evidence| evidence.responses());
    Evidence::new(
        crls.filter(|crl| used.contains(&crl.sha256())).cloned(),
        responses
            .filter(|response| used.contains(&response.sha256()))
            .map(|response| ReceivedResponse::from(OcspResponse::Basic(response.clone()))),
    )
}
