//! What was checked, and with what outcome: said of a check only if it was really run.

use std::sync::LazyLock;

use serde::Deserialize;
use serde::Serialize;
use serde::Serializer;
use serde_json::value::RawValue;

use crate::validation::constraint::Basis;
use crate::validation::constraint::CONSTRAINTS;
use crate::validation::constraint::Constraint;
use crate::validation::constraint::Scope;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::reason::Severity;
use crate::validation::report::CERTIFICATE_FORMAT;
use crate::validation::report::CredentialCondition;
use crate::validation::report::Findings;
use crate::validation::report::Indication;
use crate::validation::report::Modifications;
use crate::validation::report::Report;
use crate::validation::report::SignatureReport;
use crate::validation::report::SigningCertificateReference;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was run, and nothing was found.
    Passed,
    /// It was run, and what was found refuses the signature.
    Failed,
    /// It was run, or should have been, and nothing can be said for certain.
    Indeterminate,
    /// It was not run: there was nothing to check, or something before it was in the way.
    NotChecked,
}

impl Outcome {
    const ALL: [Self; 4] = [
        Self::Passed,
        Self::Failed,
        Self::Indeterminate,
        Self::NotChecked,
    ];

    /// Its place in [`Self::ALL`].
    const fn place(self) -> usize {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Indeterminate => 2,
            Self::NotChecked => 3,
        }
    }

    /// The word for it in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Indeterminate => "indeterminate",
            Self::NotChecked => "not-checked",
        }
    }
}

/// One check and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConstraintReport {
    /// What was checked.
    pub constraint: Constraint,
    /// How it ended.
    pub outcome: Outcome,
    /// The reasons that belong to it.
    #[serde(default)]
    pub reasons: Vec<ReasonCode>,
}

/// The JSON forms of all checks without reasons, by the places of check and outcome: most have none, and half of a
/// report is made of them.
static WITHOUT_REASONS: LazyLock<Vec<[Option<Box<RawValue>>; 4]>> = LazyLock::new(|| {
    let written = |constraint, outcome| {
        let json = ConstraintJson::new(constraint, outcome, &[]);
        serde_json::value::to_raw_value(&json).ok()
    };
    let all = CONSTRAINTS.iter().map(|entry| entry.constraint);
    all.map(|constraint| Outcome::ALL.map(|outcome| written(constraint, outcome)))
        .collect()
});

/// The JSON form: names from the table beside what is read back.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConstraintJson<'a> {
    constraint: Constraint,
    name: &'static str,
    name_zh: &'static str,
    clause: &'static str,
    basis: Basis,
    outcome: Outcome,
    #[serde(skip_serializing_if = "<[ReasonCode]>::is_empty")]
    reasons: &'a [ReasonCode],
}

impl<'a> ConstraintJson<'a> {
    const fn new(constraint: Constraint, outcome: Outcome, reasons: &'a [ReasonCode]) -> Self {
        let entry = constraint.entry();
        Self {
            constraint,
            name: entry.name,
            name_zh: entry.name_zh,
            clause: entry.clause,
            basis: entry.basis,
            outcome,
            reasons,
        }
    }
}

impl Serialize for ConstraintReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = WITHOUT_REASONS.get(self.constraint.place());
        let written = written.and_then(|row| row.get(self.outcome.place())?.as_ref());
        match written.filter(|_| self.reasons.is_empty()) {
            Some(written) => written.serialize(serializer),
            None => ConstraintJson::new(self.constraint, self.outcome, &self.reasons)
                .serialize(serializer),
        }
    }
}

impl Report {
    /// Adds to the report, and to everything signed in it, what was checked.
    pub fn add_constraints(&mut self) {
        let found = Found {
            reasons: &self.reasons,
            findings: &self.findings,
        };
        let constraints = found.table(Scope::Document, |constraint| self.ran(constraint, &found));
        self.constraints = constraints;
        self.signatures
            .iter_mut()
            .for_each(SignatureReport::add_constraints);
    }

    /// Whether a check of the whole was run to its end, provided that it found nothing.
    fn ran(&self, constraint: Constraint, found: &Found<'_>) -> Outcome {
        let lacking = [
            ReasonCode::ContentDigestNeeded,
            ReasonCode::ContentItselfNeeded,
        ];
        if constraint == Constraint::Submission && found.has(&lacking) {
            return Outcome::Indeterminate;
        }
        let credential = self.credential.as_ref();
        let passed = match constraint {
            Constraint::Submission => true,
            Constraint::SignaturePresence => self
                .signatures
                .iter()
                .any(|signature| signature.format != CERTIFICATE_FORMAT),
            Constraint::CredentialIssuer => credential.is_some_and(|one| one.issuer.is_some()),
            Constraint::CredentialContent => credential.is_some(),
            Constraint::CredentialState => {
                credential.is_some_and(|one| one.state == Some(CredentialCondition::Valid))
            }
            Constraint::ExpectedSigner => self.findings.met.contains(&constraint),
            Constraint::Format
            | Constraint::SigningCertificate
            | Constraint::CertificateReference
            | Constraint::ContentDigest
            | Constraint::DocumentModifications
            | Constraint::SignatureValue
            | Constraint::CertificationPath
            | Constraint::CaRecognition
            | Constraint::CertificatePurpose
            | Constraint::CertificateValidity
            | Constraint::Revocation
            | Constraint::AlgorithmStrength
            | Constraint::SignerIdentity
            | Constraint::Timestamps
            | Constraint::CounterSignatures
            | Constraint::Seal => false,
        };
        outcome_of(passed)
    }
}

impl SignatureReport {
    /// Adds what was checked, to timestamps and counter-signatures as well.
    pub(in crate::validation) fn add_constraints(&mut self) {
        for counter in &mut self.counter_signatures {
            counter.add_constraints();
        }
        for stamp in &mut self.timestamps {
            stamp.signature.add_constraints();
            if stamp.imprint.is_none() {
                // Its signature holds, but whether it is about what it stands beside was not decided.
                stamp.signature.leave_open(Constraint::ContentDigest);
            }
        }
        let found = Found {
            reasons: &self.reasons,
            findings: &self.findings,
        };
        let ran = Ran {
            report: self,
            found: &found,
        };
        let constraints = found.table(Scope::Signature, |constraint| ran.outcome(constraint));
        self.constraints = constraints;
    }
}

impl SignatureReport {
    fn leave_open(&mut self, constraint: Constraint) {
        for row in &mut self.constraints {
            if row.constraint == constraint && row.outcome == Outcome::Passed {
                row.outcome = Outcome::NotChecked;
            }
        }
    }
}

const fn outcome_of(passed: bool) -> Outcome {
    match passed {
        true => Outcome::Passed,
        false => Outcome::NotChecked,
    }
}

/// What was found.
struct Found<'a> {
    reasons: &'a [Reason],
    findings: &'a Findings,
}

impl Found<'_> {
    fn table(&self, scope: Scope, ran: impl Fn(Constraint) -> Outcome) -> Vec<ConstraintReport> {
        let rows = CONSTRAINTS.iter().filter(|entry| entry.scope == scope);
        rows.map(|entry| {
            let constraint = entry.constraint;
            let reasons = self.reasons.iter().map(Reason::code);
            let mut reasons: Vec<_> = reasons
                .filter(|code| code.constraint() == constraint)
                .collect();
            reasons.dedup();
            ConstraintReport {
                constraint,
                outcome: self.broken(constraint).unwrap_or_else(|| ran(constraint)),
                reasons,
            }
        })
        .collect()
    }

    /// What errors made of a check; none where there are none.
    fn broken(&self, constraint: Constraint) -> Option<Outcome> {
        let is_error = |code: ReasonCode| {
            code.constraint() == constraint && code.severity() == Severity::Error
        };
        let findings = self
            .findings
            .broken
            .iter()
            .filter(|(code, _)| is_error(*code));
        let worst = findings.map(|(_, indication)| *indication).max();
        match worst {
            Some(Indication::TotalFailed) => Some(Outcome::Failed),
            Some(Indication::Indeterminate | Indication::TotalPassed) => {
                Some(Outcome::Indeterminate)
            }
            None => {
                let mut told = self.reasons.iter().map(Reason::code);
                told.any(is_error).then_some(Outcome::Indeterminate)
            }
        }
    }

    fn has(&self, codes: &[ReasonCode]) -> bool {
        let mut told = self.reasons.iter();
        told.any(|reason| codes.contains(&reason.code()))
    }
}

/// Which checks of a signature were run to their end, provided that they found nothing.
struct Ran<'a> {
    report: &'a SignatureReport,
    found: &'a Found<'a>,
}

impl Ran<'_> {
    fn outcome(&self, constraint: Constraint) -> Outcome {
        let report = self.report;
        let is_signature = report.format != CERTIFICATE_FORMAT;
        let passed = match constraint {
            // A reader has read it, else there would be a finding.
            Constraint::Format => true,
            Constraint::SigningCertificate => is_signature && report.signer.is_some(),
            Constraint::CertificateReference => {
                report.signing_certificate_reference == Some(SigningCertificateReference::Match)
            }
            Constraint::ContentDigest | Constraint::SignatureValue => {
                report.cryptographic.intact == Some(true)
            }
            Constraint::DocumentModifications => {
                let known = [Some(Modifications::None), Some(Modifications::Permitted)];
                known.contains(&report.modifications_after)
            }
            Constraint::CertificationPath => self.is_anchored(),
            Constraint::CertificateValidity => self.has_valid_path(),
            Constraint::CaRecognition => self.has_valid_path(),
            Constraint::CertificatePurpose => self.is_accepted(),
            Constraint::AlgorithmStrength => {
                self.is_accepted() && self.found.broken(Constraint::SignatureValue).is_none()
            }
            Constraint::Revocation => {
                let skipped = [
                    ReasonCode::RevocationNotChecked,
                    ReasonCode::RevocationSkipped,
                ];
                self.is_accepted() && !report.revocation.is_empty() && !self.found.has(&skipped)
            }
            Constraint::SignerIdentity => {
                let doubtful = [
                    ReasonCode::SignerUsccInvalid,
                    ReasonCode::SignerIdentityAmbiguous,
                ];
                if self.found.has(&doubtful) {
                    return Outcome::Indeterminate;
                }
                let signer = report.signer.as_ref();
                signer.is_some_and(|signer| signer.uscc.is_some())
            }
            Constraint::Timestamps => {
                if self.found.has(&[ReasonCode::TimestampNotUsed]) {
                    return Outcome::Indeterminate;
                }
                !report.timestamps.is_empty()
            }
            Constraint::CounterSignatures => return counter_signatures(report),
            Constraint::Seal => report.seal.is_some(),
            Constraint::Submission
            | Constraint::SignaturePresence
            | Constraint::ExpectedSigner
            | Constraint::CredentialIssuer
            | Constraint::CredentialContent
            | Constraint::CredentialState => false,
        };
        outcome_of(passed)
    }

    /// Whether a path was found that leads to an anchor of a known CA, and nothing but dates stands against it:
    /// those are looked at last.
    fn is_anchored(&self) -> bool {
        let leads_up = self.report.path.len() > 1 && self.report.ca.is_some();
        leads_up && self.found.broken(Constraint::CertificationPath).is_none()
    }

    fn has_valid_path(&self) -> bool {
        self.is_anchored() && self.found.broken(Constraint::CertificateValidity).is_none()
    }

    /// What the CA's rules ask of a certificate is looked at once the CA counts for the caller.
    fn is_accepted(&self) -> bool {
        self.has_valid_path() && self.found.broken(Constraint::CaRecognition).is_none()
    }
}

fn counter_signatures(report: &SignatureReport) -> Outcome {
    let worst = report.counter_signatures.iter();
    match worst.map(|counter| counter.indication).max() {
        None => Outcome::NotChecked,
        Some(Indication::TotalPassed) => Outcome::Passed,
        Some(Indication::Indeterminate | Indication::TotalFailed) => Outcome::Indeterminate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::Sha256;
    use crate::validation::report::CaRef;
    use crate::validation::report::Coverage;
    use crate::validation::report::ImprintMatch;
    use crate::validation::report::PathElement;
    use crate::validation::report::Signer;
    use crate::validation::report::SubIndication;
    use crate::validation::report::TimestampKind;
    use crate::validation::report::TimestampReport;

    fn signature() -> SignatureReport {
        SignatureReport::new("S1", "CAdES-BASELINE-B", Coverage::WholeDocument)
    }

    /// One that passed everything up to a recognised CA.
    fn passed() -> SignatureReport {
        let mut report = signature();
        report.cryptographic.intact = Some(true);
        report.signer = Some(Signer {
            subject: "CN=a".to_owned(),
            serial: "1".to_owned(),
            uscc: None,
            uscc_source: None,
        });
        report.ca = Some(CaRef {
            id: "a".to_owned(),
            name: "A".to_owned(),
            name_zh: "甲".to_owned(),
        });
        let element = |subject: &str| PathElement {
            subject: subject.to_owned(),
            sha256: Sha256([1; 32]),
        };
        report.path = vec![element("CN=a"), element("CN=ca")];
        report
    }

    fn outcome(report: &SignatureReport, constraint: Constraint) -> Outcome {
        let mut report = report.clone();
        report.add_constraints();
        let mut rows = report.constraints.iter();
        let row = rows.find(|row| row.constraint == constraint);
        row.unwrap().outcome
    }

    #[test]
    fn what_was_run_and_found_nothing_is_passed() {
        let report = passed();
        for constraint in [
            Constraint::Format,
            Constraint::SigningCertificate,
            Constraint::ContentDigest,
            Constraint::SignatureValue,
            Constraint::CertificationPath,
            Constraint::CaRecognition,
            Constraint::CertificatePurpose,
            Constraint::CertificateValidity,
            Constraint::AlgorithmStrength,
        ] {
            assert_eq!(
                outcome(&report, constraint),
                Outcome::Passed,
                "{constraint}"
            );
        }
        for constraint in [
            Constraint::CertificateReference,
            Constraint::Revocation,
            Constraint::Timestamps,
            Constraint::CounterSignatures,
            Constraint::SignerIdentity,
        ] {
            assert_eq!(
                outcome(&report, constraint),
                Outcome::NotChecked,
                "{constraint}"
            );
        }
    }

    #[test]
    fn without_a_certificate_nothing_of_its_path_was_checked() {
        let mut report = signature();
        report.restrict(
            Indication::Indeterminate,
            Some(SubIndication::NoSigningCertificateFound),
            Reason::new(ReasonCode::SigningCertificateMissing),
        );
        let found = outcome(&report, Constraint::SigningCertificate);
        assert_eq!(found, Outcome::Indeterminate);
        for constraint in [
            Constraint::SignatureValue,
            Constraint::CertificationPath,
            Constraint::CaRecognition,
            Constraint::CertificateValidity,
            Constraint::Revocation,
            Constraint::AlgorithmStrength,
        ] {
            assert_eq!(
                outcome(&report, constraint),
                Outcome::NotChecked,
                "{constraint}"
            );
        }
    }

    #[test]
    fn content_that_was_changed_fails_and_leaves_the_value_open() {
        let mut report = passed();
        report.cryptographic.intact = Some(false);
        report.restrict(
            Indication::TotalFailed,
            Some(SubIndication::HashFailure),
            Reason::new(ReasonCode::DigestMismatch),
        );
        assert_eq!(outcome(&report, Constraint::ContentDigest), Outcome::Failed);
        let value = outcome(&report, Constraint::SignatureValue);
        assert_eq!(value, Outcome::NotChecked);
        let path = outcome(&report, Constraint::CertificationPath);
        assert_eq!(path, Outcome::Passed);
    }

    #[test]
    fn a_ca_that_does_not_count_hides_what_comes_after_it() {
        let mut report = passed();
        report.restrict(
            Indication::Indeterminate,
            Some(SubIndication::ChainConstraintsFailure),
            Reason::new(ReasonCode::CaNotRecognised),
        );
        let recognised = outcome(&report, Constraint::CaRecognition);
        assert_eq!(recognised, Outcome::Indeterminate);
        let path = outcome(&report, Constraint::CertificationPath);
        assert_eq!(path, Outcome::Passed);
        for constraint in [
            Constraint::CertificatePurpose,
            Constraint::AlgorithmStrength,
            Constraint::Revocation,
        ] {
            assert_eq!(
                outcome(&report, constraint),
                Outcome::NotChecked,
                "{constraint}"
            );
        }
    }

    #[test]
    fn what_is_only_told_breaks_nothing() {
        let mut report = passed();
        report.remark(Reason::new(ReasonCode::DemoTrust));
        let recognised = outcome(&report, Constraint::CaRecognition);
        assert_eq!(recognised, Outcome::Passed);
        report.remark(Reason::new(ReasonCode::TimestampNotUsed));
        let stamps = outcome(&report, Constraint::Timestamps);
        assert_eq!(stamps, Outcome::Indeterminate);
    }

    #[test]
    fn a_timestamp_of_something_that_is_not_at_hand_has_no_digest_that_was_checked() {
        let mut report = passed();
        let stamp = |imprint| TimestampReport {
            kind: TimestampKind::Archive,
            time: None,
            imprint,
            signature: passed(),
        };
        report.timestamps = vec![stamp(None), stamp(Some(ImprintMatch::Match))];
        report.add_constraints();
        let outcomes = report.timestamps.iter().map(|stamp| {
            let mut rows = stamp.signature.constraints.iter();
            let row = rows.find(|row| row.constraint == Constraint::ContentDigest);
            row.unwrap().outcome
        });
        let expected = [Outcome::NotChecked, Outcome::Passed];
        assert_eq!(outcomes.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_was_written_before_is_what_would_be_written() {
        for entry in CONSTRAINTS {
            for outcome in Outcome::ALL {
                let constraint = entry.constraint;
                let row = ConstraintReport {
                    constraint,
                    outcome,
                    reasons: Vec::new(),
                };
                let written = ConstraintJson::new(constraint, outcome, &[]);
                assert_eq!(
                    serde_json::to_string(&row).unwrap(),
                    serde_json::to_string(&written).unwrap()
                );
                let json = serde_json::to_value(&row).unwrap();
                assert_eq!(json["outcome"], outcome.as_str());
                assert_eq!(
                    serde_json::from_value::<ConstraintReport>(json).unwrap(),
                    row
                );
            }
        }
    }

    #[test]
    fn a_row_has_its_names_and_reads_back() {
        let row = ConstraintReport {
            constraint: Constraint::Format,
            outcome: Outcome::NotChecked,
            reasons: vec![ReasonCode::FormatIrregular],
        };
        let json = serde_json::to_value(&row).unwrap();
        assert_eq!(json["constraint"], "format");
        assert_eq!(json["outcome"], "not-checked");
        assert_eq!(json["nameZh"], "签名格式正确");
        assert_eq!(
            serde_json::from_value::<ConstraintReport>(json).unwrap(),
            row
        );
    }
}
