//! Validates timestamps, and takes from them what they prove (ETSI EN 319 102-1 §5.4, §5.5.4, §5.6.2.3).
//!
//! A timestamp proves something only where it passes as a whole: its signature is intact, its digest is that of
//! what it stands beside, and its authority is one that the caller accepts for timestamps. One that does not is
//! told, and changes nothing.

use crate::clock::Timestamp;
use crate::crypto::key_purpose::KeyPurpose;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::oid::Oid;
use crate::signature::facts::Imprint;
use crate::signature::facts::SignatureFacts;
use crate::signature::facts::TimestampFacts;
use crate::signature::facts::TimestampKind as Kind;
use crate::validation::certificate::AnchoredPath;
use crate::validation::context::ValidationContext;
use crate::validation::document;
use crate::validation::document::Validated;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::Coverage;
use crate::validation::report::ImprintMatch;
use crate::validation::report::Indication;
use crate::validation::report::SignatureReport;
use crate::validation::report::SubIndication;
use crate::validation::report::TimestampKind;
use crate::validation::report::TimestampReport;
use crate::validation::trust_store::Usage;

/// What is proven of when a signature was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Proofs {
    /// It was not made before: its content did not exist, as far as is proven.
    pub(super) not_before: Option<Timestamp>,
    /// It existed then.
    pub(super) not_after: Option<Timestamp>,
}

/// Validates every timestamp of a signature, adds them to its report, and says what they prove.
///
/// The youngest archive timestamps come first: what they cover existed when they were made, so that the
/// authority of an older timestamp may have ended since.
pub(super) fn prove(
    report: &mut SignatureReport,
    facts: &SignatureFacts,
    paths: &mut Vec<AnchoredPath>,
    (around, context): (&[Certificate], &ValidationContext<'_>),
) -> Proofs {
    let count = facts.timestamps.len();
    let mut known_since: Vec<Option<Timestamp>> = vec![None; count];
    let mut reports: Vec<Option<TimestampReport>> = vec![None; count];
    let mut order: Vec<(usize, &TimestampFacts)> = facts.timestamps.iter().enumerate().collect();
    let is_older = |(_, one): &(usize, &TimestampFacts)| {
        (one.kind != Kind::Archive, std::cmp::Reverse(one.time))
    };
    order.sort_by_key(is_older);
    let mut proofs = Proofs::default();
    for (place, stamp) in order {
        let id = format!("{}.T{}", report.id, place.saturating_add(1));
        let within = ValidationContext {
            proven_at: known_since.get(place).copied().flatten(),
            ..*context
        };
        let stamped = validate(&id, stamp, paths, (around, &within));
        match proven(&stamped) {
            Ok(time) => {
                for covered in &stamp.covers {
                    if let Some(known) = known_since.get_mut(*covered) {
                        *known = Some(known.map_or(time, |known| known.min(time)));
                    }
                }
                proofs.take(stamp.kind, time);
            }
            Err(detail) => report.remark(
                Reason::new(ReasonCode::TimestampNotUsed)
                    .with("id", id)
                    .with("detail", detail),
            ),
        }
        if let Some(slot) = reports.get_mut(place) {
            *slot = Some(stamped);
        }
    }
    report.timestamps = reports.into_iter().flatten().collect();
    apply(report, proofs)
}

impl Proofs {
    fn take(&mut self, kind: Kind, time: Timestamp) {
        match kind {
            Kind::Content => {
                let latest = self.not_before.map_or(time, |known| known.max(time));
                self.not_before = Some(latest);
            }
            Kind::Archive | Kind::References | Kind::Signature => {
                let earliest = self.not_after.map_or(time, |known| known.min(time));
                self.not_after = Some(earliest);
            }
            // It stands alone and proves nothing of any signature.
            Kind::Document => {}
        }
    }
}

/// The time that a timestamp proves, or why it proves none.
fn proven(stamped: &TimestampReport) -> Result<Timestamp, &'static str> {
    match (stamped.time, stamped.imprint) {
        (_, Some(ImprintMatch::Mismatch)) => Err("it is about something else"),
        (_, None) => Err("what it covers cannot be put together here"),
        (Some(time), Some(ImprintMatch::Match)) => match stamped.signature.indication {
            Indication::TotalPassed => Ok(time),
            Indication::Indeterminate | Indication::TotalFailed => {
                let sub_indication = stamped.signature.sub_indication;
                Err(sub_indication.map_or("it does not pass", SubIndication::as_str))
            }
        },
        (None, Some(ImprintMatch::Match)) => Err("it holds no time"),
    }
}

fn apply(report: &mut SignatureReport, proofs: Proofs) -> Proofs {
    report.signing_time.not_before = proofs.not_before;
    report.signing_time.best_signature_time = proofs.not_after;
    if let Some(at) = proofs.not_after {
        let reason = Reason::new(ReasonCode::SignatureTimeProven).with("at", at.to_string());
        report.remark(reason);
    }
    if let (Some(not_before), Some(at)) = (proofs.not_before, proofs.not_after)
        && at < not_before
    {
        // ETSI EN 319 102-1 §5.5.4: the order of timestamps has to be that of what they cover.
        let reason = Reason::new(ReasonCode::TimestampOrder)
            .with("notBefore", not_before.to_string())
            .with("at", at.to_string());
        let sub_indication = Some(SubIndication::TimestampOrderFailure);
        report.restrict(Indication::Indeterminate, sub_indication, reason);
    }
    proofs
}

/// Validates a timestamp that was handed in alone: a proof that what it covers existed at its time.
#[must_use]
pub fn validate_alone(
    id: &str,
    facts: &TimestampFacts,
    intermediates: &[Certificate],
    context: &ValidationContext<'_>,
) -> Validated {
    let mut paths = Vec::new();
    let stamped = validate(id, facts, &mut paths, (intermediates, context));
    let mut report = stamped.signature;
    report.coverage = Coverage::Detached;
    report.signing_time.claimed = facts.time;
    if stamped.imprint.is_none() && report.indication != Indication::TotalFailed {
        report.cryptographic.intact = None;
        report.restrict(
            Indication::Indeterminate,
            Some(SubIndication::SignedDataNotFound),
            Reason::new(ReasonCode::ContentWithheld),
        );
    }
    Validated { report, paths }
}

/// Validates one timestamp. The verdict is that on its authority's signature; an imprint of something else is
/// part of it.
pub(super) fn validate(
    id: &str,
    facts: &TimestampFacts,
    paths: &mut Vec<AnchoredPath>,
    (around, context): (&[Certificate], &ValidationContext<'_>),
) -> TimestampReport {
    let mut signature = match (&facts.signature, &facts.malformed) {
        (Some(signature), None) => {
            let usage = Usage::timestamp();
            let context = ValidationContext {
                usage: &usage,
                ..*context
            };
            let validated = document::validate(id, signature, around, &context);
            paths.extend(validated.paths);
            let mut report = validated.report;
            if let Some(authority) = &signature.signer {
                check_authority(&mut report, authority);
                check_time(&mut report, authority, facts.time);
            }
            report
        }
        (_, malformed) => {
            let mut report = SignatureReport::new(id, "timestamp", Coverage::Unknown);
            let detail = malformed.as_deref().unwrap_or("there is no signature");
            report.restrict(
                Indication::TotalFailed,
                Some(SubIndication::FormatFailure),
                Reason::new(ReasonCode::TimestampMalformed).with("detail", detail),
            );
            report
        }
    };
    let imprint = match facts.imprint {
        Imprint::Matches => Some(ImprintMatch::Match),
        Imprint::Differs => Some(ImprintMatch::Mismatch),
        Imprint::Unknown => None,
    };
    if imprint == Some(ImprintMatch::Mismatch) {
        signature.cryptographic.intact = Some(false);
        signature.restrict(
            Indication::TotalFailed,
            Some(SubIndication::HashFailure),
            Reason::new(ReasonCode::TimestampImprintDiffers),
        );
    }
    TimestampReport {
        kind: match facts.kind {
            Kind::Archive => TimestampKind::Archive,
            Kind::Content => TimestampKind::Content,
            Kind::Document => TimestampKind::Document,
            Kind::References => TimestampKind::References,
            Kind::Signature => TimestampKind::Signature,
        },
        time: facts.time,
        imprint,
        signature,
    }
}

/// RFC 3161 §2.3: "The corresponding certificate MUST contain only one instance of the extended key usage field
/// extension […] with `KeyPurposeID` having value: id-kp-timeStamping. This extension MUST be critical."
fn check_authority(report: &mut SignatureReport, authority: &Certificate) {
    let purpose = KeyPurpose::Timestamp.eku();
    let is_purpose = |eku: &Oid| purpose.is_some_and(|purpose| *eku == *purpose);
    let is_alone = |ekus: &[Oid]| matches!(ekus, [only] if is_purpose(only));
    let is_one = authority.extended_key_usage().is_some_and(is_alone)
        && authority.is_extension_critical(extension::EXTENDED_KEY_USAGE);
    if !is_one {
        let subject = authority.subject().to_string();
        report.restrict(
            Indication::Indeterminate,
            Some(SubIndication::ChainConstraintsFailure),
            Reason::new(ReasonCode::TimestampAuthorityPurpose).with("subject", subject),
        );
    }
}

/// An authority that stamps a time at which it had no certificate says what it cannot know.
fn check_time(report: &mut SignatureReport, authority: &Certificate, time: Option<Timestamp>) {
    let about = |code| Reason::new(code).with("subject", authority.subject().to_string());
    if time.is_some_and(|time| time < authority.not_before()) {
        let began = authority.not_before().to_string();
        let reason = about(ReasonCode::CertificateNotYetValid).with("notBefore", began);
        report.restrict(
            Indication::TotalFailed,
            Some(SubIndication::NotYetValid),
            reason,
        );
    }
    if time.is_some_and(|time| time > authority.not_after()) {
        let ended = authority.not_after().to_string();
        let reason = about(ReasonCode::CertificateExpired).with("notAfter", ended);
        report.restrict(
            Indication::TotalFailed,
            Some(SubIndication::Expired),
            reason,
        );
    }
}
