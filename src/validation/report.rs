//! The report: the one answer to "what is this worth?", with its one JSON form (DESIGN.md §4).
//!
//! A report starts from what the signatures alone give and is from then on only restricted:
//! [`Report::restrict`] worsens or keeps a verdict, nothing improves it. The shape follows the
//! signature validation report of ETSI EN 319 102-1 §5.1.3; ids, times and digests are ours.

mod constraint;
mod credential;
mod diagnostic;
mod document;
mod indication;
mod revision;
mod seal;
mod simple;
mod timestamp;

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::identifier::uscc::Uscc;
use crate::validation::constraint::Constraint;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::trust_store::CaId;

pub use constraint::ConstraintReport;
pub use constraint::Outcome;
pub use credential::CredentialCondition;
pub use credential::CredentialIssuer;
pub use credential::CredentialReport;
pub use credential::StatusInfo;
pub use diagnostic::AttributeDetail;
pub use diagnostic::CertificateDetail;
pub use diagnostic::Diagnostics;
pub use diagnostic::EvidenceDetail;
pub use document::DocumentInfo;
pub use document::OriginalInfo;
pub use indication::Indication;
pub use indication::SubIndication;
pub use revision::ChangeName;
pub use revision::ChangeReport;
pub use revision::RevisionReport;
pub use revision::RevisionTimestamp;
pub use seal::SealReport;
pub use simple::simple;
pub use timestamp::ImprintMatch;
pub use timestamp::TimestampKind;
pub use timestamp::TimestampReport;

/// The `format` of what is reported on a certificate that was submitted alone.
pub const CERTIFICATE_FORMAT: &str = "certificate";

/// The verdict on one document, with everything it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The verdict on the whole.
    pub indication: Indication,
    /// ETSI's refinement; none where the verdict comes from a rule of our own.
    pub sub_indication: Option<SubIndication>,
    /// What was submitted.
    pub document: DocumentInfo,
    /// Content that stands apart from its signature and was handed in with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub originals: Vec<OriginalInfo>,
    /// Each signature with its own verdict, in the order of the document.
    pub signatures: Vec<SignatureReport>,
    /// The revisions of a document that has more than one, the first first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<RevisionReport>,
    /// The credential that the document is, if it is one.
    pub credential: Option<CredentialReport>,
    /// Under which trust profile it was judged.
    pub policy: PolicyRef,
    /// What was checked of the whole, and with what outcome; only of a detailed report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<ConstraintReport>,
    /// Reasons that concern the whole; those of a signature stand there.
    pub reasons: Vec<Reason>,
    /// When it was judged, by the clock.
    pub validated_at: Timestamp,
    /// The signed receipt, a compact JWS; none on the command line.
    pub receipt: Option<String>,
    /// The signed content that lies inside the document, in base64; only if it was asked for and is intact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_content: Option<String>,
    /// What each reason that was found of the whole made of the verdict.
    #[serde(skip)]
    pub findings: Findings,
}

/// How the verdicts of several signatures make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overall {
    /// The worst counts.
    #[default]
    All,
    /// The best counts.
    Any,
}

impl Report {
    /// A report whose verdict is that of its signatures taken together.
    ///
    /// Without any signature it is `INDETERMINATE` with `NO_SIGNATURE_FOUND` (DESIGN.md §4). What has no
    /// better proof of existence is known to exist since `validated_at`, the time by the clock, whatever
    /// time it was judged for.
    #[must_use]
    pub fn from_signatures(
        document: DocumentInfo,
        mut signatures: Vec<SignatureReport>,
        overall: Overall,
        policy: PolicyRef,
        validated_at: Timestamp,
    ) -> Self {
        for signature in &mut signatures {
            if signature.format != CERTIFICATE_FORMAT {
                signature.signing_time.exists_at(validated_at);
            }
        }
        let ranked = signatures.iter();
        let decisive = match overall {
            // `min_by_key` and this fold both keep the first of equals.
            Overall::All => ranked.reduce(|worst, next| {
                if next.indication > worst.indication {
                    next
                } else {
                    worst
                }
            }),
            Overall::Any => ranked.min_by_key(|signature| signature.indication),
        };
        let (indication, sub_indication, reasons) = match decisive {
            Some(signature) => (signature.indication, signature.sub_indication, Vec::new()),
            None => {
                let reason = Reason::new(ReasonCode::NoSignatureFound);
                (Indication::Indeterminate, None, vec![reason])
            }
        };
        Self {
            indication,
            sub_indication,
            document,
            originals: Vec::new(),
            signatures,
            revisions: Vec::new(),
            credential: None,
            policy,
            constraints: Vec::new(),
            reasons,
            validated_at,
            receipt: None,
            signed_content: None,
            findings: Findings::default(),
        }
    }

    /// Worsens the verdict to `indication`, or keeps it where it is as bad already; adds the reason
    /// either way. The sub-indication of the first finding that reached the worst verdict stays.
    pub fn restrict(
        &mut self,
        indication: Indication,
        sub_indication: Option<SubIndication>,
        reason: Reason,
    ) {
        restrict(
            (&mut self.indication, &mut self.sub_indication),
            (indication, sub_indication),
        );
        self.findings.add(reason.code(), indication);
        self.reasons.push(reason);
    }

    /// Adds a reason that leaves the verdict as it is.
    pub fn remark(&mut self, reason: Reason) {
        self.reasons.push(reason);
    }

    /// Notes that a check of the whole was run and found nothing, where the report would not show it.
    pub fn met(&mut self, constraint: Constraint) {
        self.findings.met.push(constraint);
    }

    /// Every reason of the report and its signatures, those that weigh most first.
    #[must_use]
    pub fn all_reasons(&self) -> Vec<&Reason> {
        let of_signatures = self
            .signatures
            .iter()
            .flat_map(|signature| &signature.reasons);
        let mut reasons: Vec<&Reason> = self.reasons.iter().chain(of_signatures).collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.severity()));
        reasons
    }

    /// Whether nothing speaks against relying on the document.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.indication == Indication::TotalPassed
    }
}

/// What reasons made of a verdict, in the order in which they were found, and what was found to be as it should
/// be. Not part of what is reported.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    broken: Vec<(ReasonCode, Indication)>,
    met: Vec<Constraint>,
}

impl Findings {
    fn add(&mut self, code: ReasonCode, indication: Indication) {
        self.broken.push((code, indication));
    }
}

/// Two reports that say the same are the same, however they came about.
impl PartialEq for Findings {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Findings {}

/// The rule of [`Report::restrict`] on a verdict alone.
fn restrict(
    (indication, sub_indication): (&mut Indication, &mut Option<SubIndication>),
    (worse, refined): (Indication, Option<SubIndication>),
) {
    if worse > *indication {
        *indication = worse;
        *sub_indication = refined;
    }
}

/// The verdict on one signature, or on a certificate submitted alone (`format` `certificate`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignatureReport {
    /// Its name inside this report: `S1`, `S2` ….
    pub id: String,
    /// Its form, for example `SD-JWT-VC`, `JWS`, `certificate`.
    pub format: String,
    /// The verdict on it.
    pub indication: Indication,
    /// ETSI's refinement of the verdict.
    pub sub_indication: Option<SubIndication>,
    /// What the mathematics says.
    pub cryptographic: Cryptographic,
    /// How much of the document it covers.
    pub coverage: Coverage,
    /// What was done to the document after it was signed; only known of PDF.
    pub modifications_after: Option<Modifications>,
    /// What that was, one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes_after: Vec<ChangeReport>,
    /// Whose certificate it is.
    pub signer: Option<Signer>,
    /// The known CA that its path leads to, recognised or not.
    pub ca: Option<CaRef>,
    /// What is known of when it was made.
    pub signing_time: SigningTime,
    /// The certification path, end entity first, trust anchor last, as far as one was found.
    pub path: Vec<PathElement>,
    /// Certificate policies for which the path is valid, in the trust anchor's terms (RFC 5280 §6.1.6); where no
    /// path is valid, those that the certificate names. Dotted OIDs.
    pub policies: Vec<String>,
    /// Which revocation evidence was used.
    pub revocation: Vec<RevocationInfo>,
    /// Certificates that were tried on the way up and fell, in the order of trying.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<TriedCandidate>,
    /// How many more fell than are listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tried_more: usize,
    /// Whether what was signed names the certificate that verifies it; none where nothing was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_certificate_reference: Option<SigningCertificateReference>,
    /// Timestamps in and around it, each with its own verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timestamps: Vec<TimestampReport>,
    /// Signatures over its value, each with its own verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counter_signatures: Vec<Self>,
    /// The electronic seal that it was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<SealReport>,
    /// What was checked, and with what outcome; only of a detailed report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<ConstraintReport>,
    /// Why the verdict is what it is.
    pub reasons: Vec<Reason>,
    /// Everything that was read; only of a diagnostic report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnostics: Option<Box<Diagnostics>>,
    /// What each reason made of the verdict.
    #[serde(skip)]
    pub findings: Findings,
}

impl SignatureReport {
    /// A report of which nothing is known yet but its form; it passes until restricted.
    #[must_use]
    pub fn new(id: &str, format: &str, coverage: Coverage) -> Self {
        Self {
            id: id.to_owned(),
            format: format.to_owned(),
            indication: Indication::TotalPassed,
            sub_indication: None,
            cryptographic: Cryptographic::default(),
            coverage,
            modifications_after: None,
            changes_after: Vec::new(),
            signer: None,
            ca: None,
            signing_time: SigningTime::default(),
            path: Vec::new(),
            policies: Vec::new(),
            revocation: Vec::new(),
            tried: Vec::new(),
            tried_more: 0,
            signing_certificate_reference: None,
            timestamps: Vec::new(),
            counter_signatures: Vec::new(),
            seal: None,
            constraints: Vec::new(),
            reasons: Vec::new(),
            diagnostics: None,
            findings: Findings::default(),
        }
    }

    /// As [`Report::restrict`], for this signature alone.
    pub fn restrict(
        &mut self,
        indication: Indication,
        sub_indication: Option<SubIndication>,
        reason: Reason,
    ) {
        restrict(
            (&mut self.indication, &mut self.sub_indication),
            (indication, sub_indication),
        );
        self.findings.add(reason.code(), indication);
        self.reasons.push(reason);
    }

    /// Adds a reason that leaves the verdict as it is.
    pub fn remark(&mut self, reason: Reason) {
        self.reasons.push(reason);
    }
}

/// Whether what was signed names the certificate that verifies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SigningCertificateReference {
    /// No certificate is named.
    Absent,
    /// It is named.
    Match,
    /// Another one is named.
    Mismatch,
}

/// What the mathematics of a signature says, whatever anybody thinks of its algorithm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cryptographic {
    /// Whether the signature fits content and key; none where that could not be computed.
    pub intact: Option<bool>,
    /// Its algorithm by our table's name, for example `ECDSA-P256-SHA256`.
    pub signature_algorithm: Option<String>,
    /// The digest inside it, for example `SHA-256`.
    pub digest_algorithm: Option<String>,
}

/// How much of the document a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// All of it.
    WholeDocument,
    /// All of an earlier revision.
    Revision,
    /// Some of it.
    Partial,
    /// Content that stands elsewhere.
    Detached,
    /// Not decidable.
    Unknown,
}

/// What was done to a PDF after it was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Modifications {
    /// Nothing.
    None,
    /// What the signer allowed.
    Permitted,
    /// More than the signer allowed.
    Forbidden,
    /// Not decidable.
    Unknown,
}

/// The holder of the signing certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signer {
    /// Its name in RFC 4514 form.
    pub subject: String,
    /// The certificate's serial number in lower-case hex.
    pub serial: String,
    /// The company, only through an OID that the CA's `ca.toml` names, check characters verified.
    pub uscc: Option<Uscc>,
    /// That OID.
    pub uscc_source: Option<String>,
}

/// A CA of the trust store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaRef {
    /// The name of its folder.
    pub id: String,
    /// Its name in English.
    pub name: String,
    /// Its name in Chinese.
    pub name_zh: String,
}

/// What is known of when a signature was made (ETSI EN 319 102-1 §3.1, "best signature time").
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SigningTime {
    /// What the signer says; proves nothing.
    pub claimed: Option<Timestamp>,
    /// It was not made before this, by a content timestamp.
    pub not_before: Option<Timestamp>,
    /// It existed at this time: by a timestamp, else by our having seen it now.
    pub best_signature_time: Option<Timestamp>,
}

impl SigningTime {
    /// The current time is the first proof of existence (ETSI EN 319 102-1 §5.5), unless there is a
    /// better one.
    fn exists_at(&mut self, now: Timestamp) {
        self.best_signature_time.get_or_insert(now);
    }
}

/// One certificate of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathElement {
    /// Its subject in RFC 4514 form.
    pub subject: String,
    /// The digest of its DER form.
    pub sha256: Sha256,
}

/// A certificate that might have stood above another one in a path, and why no valid path leads through it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TriedCandidate {
    /// Its subject in RFC 4514 form.
    pub subject: String,
    /// The digest of its DER form.
    pub sha256: Sha256,
    /// Why the path through it, or ending at it, was not accepted.
    pub reason: Reason,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands the field over by reference"
)]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// One piece of revocation evidence that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevocationInfo {
    /// Of which certificate.
    pub certificate: Sha256,
    /// What kind of evidence.
    pub source: RevocationSource,
    /// The digest of its DER form; none in reports of releases that did not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256>,
    /// When it was made.
    pub this_update: Timestamp,
    /// When the next is due.
    pub next_update: Option<Timestamp>,
    /// How old it was when used, in seconds.
    pub age_seconds: u64,
}

/// Kinds of revocation evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RevocationSource {
    /// A certificate revocation list (RFC 5280 §5).
    #[serde(rename = "CRL")]
    Crl,
    /// An answer of an OCSP responder (RFC 6960).
    #[serde(rename = "OCSP")]
    Ocsp,
    /// A status list.
    #[serde(rename = "STATUS-LIST")]
    StatusList,
}

impl fmt::Display for RevocationSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Crl => "CRL",
            Self::Ocsp => "OCSP",
            Self::StatusList => "STATUS-LIST",
        })
    }
}

/// The trust profile that a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyRef {
    /// Who asked.
    pub caller: String,
    /// What for.
    pub purpose: String,
    /// The profile's name.
    pub profile: String,
    /// Its version.
    pub version: u64,
    /// The digest of its canonical JSON form.
    pub digest: Sha256,
    /// The CAs that the request narrowed it to; none where it is the caller's whole one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub narrowed_to: Vec<CaId>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn policy() -> PolicyRef {
        PolicyRef {
            caller: "bank-x".to_owned(),
            purpose: "account-opening".to_owned(),
            profile: "bank-x/account-opening".to_owned(),
            version: 7,
            digest: Sha256([7; 32]),
            narrowed_to: Vec::new(),
        }
    }

    fn signature(indication: Indication, sub_indication: Option<SubIndication>) -> SignatureReport {
        SignatureReport {
            indication,
            sub_indication,
            ..SignatureReport::new("S1", "JWS", Coverage::WholeDocument)
        }
    }

    fn report_of(signatures: Vec<SignatureReport>, overall: Overall) -> Report {
        let document = DocumentInfo::of_bytes("JWS", None, Some("x.jws".to_owned()), b"abc");
        let now = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
        Report::from_signatures(document, signatures, overall, policy(), now)
    }

    fn reason() -> Reason {
        Reason::new(ReasonCode::CredentialSuspended)
    }

    fn any_indication() -> impl Strategy<Value = Indication> {
        prop::sample::select(Indication::ALL.to_vec())
    }

    fn any_sub_indication() -> impl Strategy<Value = Option<SubIndication>> {
        prop::option::of(prop::sample::select(SubIndication::ALL.to_vec()))
    }

    #[test]
    fn restrict_never_improves_over_all_pairs() {
        for from in Indication::ALL {
            for to in Indication::ALL {
                let mut report = report_of(vec![signature(from, None)], Overall::All);
                report.restrict(to, Some(SubIndication::TryLater), reason());
                assert_eq!(report.indication, from.max(to));
                assert_eq!(report.reasons, [reason()]);
            }
        }
    }

    proptest! {
        #[test]
        fn any_sequence_of_restrictions_only_worsens(
            steps in prop::collection::vec((any_indication(), any_sub_indication()), 0..12)
        ) {
            let mut report = report_of(vec![signature(Indication::TotalPassed, None)], Overall::All);
            for (number, (indication, sub_indication)) in steps.iter().enumerate() {
                let before = report.clone();
                report.restrict(*indication, *sub_indication, reason());
                prop_assert!(report.indication >= before.indication);
                prop_assert_eq!(report.reasons.len(), number + 1);
                if report.indication == before.indication {
                    prop_assert_eq!(report.sub_indication, before.sub_indication);
                }
                prop_assert!(!report.passed() || report.sub_indication.is_none());
            }
            let worst = steps.iter().map(|(indication, _)| *indication).max();
            prop_assert_eq!(report.indication, worst.unwrap_or(Indication::TotalPassed));
        }

        #[test]
        fn all_takes_the_worst_signature_and_any_the_best(
            verdicts in prop::collection::vec(any_indication(), 1..6)
        ) {
            let signatures = || verdicts.iter().map(|verdict| signature(*verdict, None)).collect();
            let worst = verdicts.iter().copied().max().unwrap();
            let best = verdicts.iter().copied().min().unwrap();
            prop_assert_eq!(report_of(signatures(), Overall::All).indication, worst);
            prop_assert_eq!(report_of(signatures(), Overall::Any).indication, best);
        }
    }

    #[test]
    fn the_first_finding_that_is_worst_keeps_its_sub_indication() {
        let first = signature(Indication::Indeterminate, Some(SubIndication::TryLater));
        let second = signature(
            Indication::Indeterminate,
            Some(SubIndication::ChainConstraintsFailure),
        );
        let mut report = report_of(vec![first, second], Overall::All);
        assert_eq!(report.sub_indication, Some(SubIndication::TryLater));

        report.restrict(Indication::TotalFailed, None, reason());
        assert_eq!(report.sub_indication, None);
        report.restrict(
            Indication::Indeterminate,
            Some(SubIndication::TryLater),
            reason(),
        );
        assert_eq!(report.indication, Indication::TotalFailed);
        assert_eq!(report.sub_indication, None);
    }

    #[test]
    fn without_signatures_nothing_is_decided() {
        for overall in [Overall::All, Overall::Any] {
            let report = report_of(Vec::new(), overall);
            assert_eq!(report.indication, Indication::Indeterminate);
            assert_eq!(report.sub_indication, None);
            assert_eq!(report.reasons, [Reason::new(ReasonCode::NoSignatureFound)]);
        }
    }

    #[test]
    fn json_is_the_documented_form_and_reads_back() {
        let mut signature = signature(Indication::TotalPassed, None);
        signature.cryptographic = Cryptographic {
            intact: Some(true),
            signature_algorithm: Some("ECDSA-P256-SHA256".to_owned()),
            digest_algorithm: Some("SHA-256".to_owned()),
        };
        signature.path = vec![PathElement {
            subject: "CN=a".to_owned(),
            sha256: Sha256([1; 32]),
        }];
        let mut report = report_of(vec![signature], Overall::All);
        report.document.digests.remove("sm3");
        report.credential = Some(CredentialReport {
            id: Some("id".to_owned()),
            vct: "v".to_owned(),
            issuer: None,
            state: Some(CredentialCondition::Valid),
            claims: json!({"name": "某公司"}).into(),
            withheld: vec!["capital".to_owned()],
            status: Some(StatusInfo {
                uri: "u".to_owned(),
                index: 7,
                age_seconds: Some(3),
            }),
            holder_bound: false,
        });
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(
            json,
            json!({
                "indication": "TOTAL-PASSED", "subIndication": null,
                "document": {"format": "JWS", "mediaType": null, "name": "x.jws", "size": 3, "seen": true,
                    "digests": {"sha256":
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}},
                "signatures": [{"id": "S1", "format": "JWS", "indication": "TOTAL-PASSED",
                    "subIndication": null,
                    "cryptographic": {"intact": true, "signatureAlgorithm": "ECDSA-P256-SHA256",
                        "digestAlgorithm": "SHA-256"},
                    "coverage": "whole-document", "modificationsAfter": null, "signer": null, "ca": null,
                    "signingTime": {"claimed": null, "notBefore": null,
                        "bestSignatureTime": "2026-01-02T03:04:05Z"},
                    "path": [{"subject": "CN=a", "sha256": "01".repeat(32)}], "policies": [],
                    "revocation": [], "reasons": []}],
                "credential": {"id": "id", "vct": "v", "issuer": null, "state": "valid",
                    "claims": {"name": "某公司"}, "withheld": ["capital"],
                    "status": {"uri": "u", "index": 7, "ageSeconds": 3}, "holderBound": false},
                "policy": {"caller": "bank-x", "purpose": "account-opening",
                    "profile": "bank-x/account-opening", "version": 7, "digest": "07".repeat(32)},
                "reasons": [], "validatedAt": "2026-01-02T03:04:05Z", "receipt": null
            })
        );
        assert_eq!(serde_json::from_value::<Report>(json).unwrap(), report);
    }

    #[test]
    fn what_is_seen_now_exists_now_unless_something_better_is_known() {
        let earlier = Timestamp::parse("2025-01-01T00:00:00Z").unwrap();
        let mut stamped = signature(Indication::TotalPassed, None);
        stamped.signing_time.best_signature_time = Some(earlier);
        let mut alone = signature(Indication::TotalPassed, None);
        alone.format = CERTIFICATE_FORMAT.to_owned();
        let plain = signature(Indication::TotalPassed, None);
        let report = report_of(vec![stamped, plain, alone], Overall::All);
        let times = report
            .signatures
            .iter()
            .map(|s| s.signing_time.best_signature_time);
        let expected = [Some(earlier), Some(report.validated_at), None];
        assert_eq!(times.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_weightiest_reasons_come_first() {
        let mut inner = signature(Indication::TotalPassed, None);
        inner.remark(Reason::new(ReasonCode::DemoTrust));
        let mut report = report_of(vec![inner], Overall::All);
        report.remark(Reason::new(ReasonCode::PastValidationTime));
        report.restrict(Indication::Indeterminate, None, reason());
        let codes: Vec<ReasonCode> = report.all_reasons().iter().map(|r| r.code()).collect();
        assert_eq!(
            codes,
            [
                ReasonCode::CredentialSuspended,
                ReasonCode::PastValidationTime,
                ReasonCode::DemoTrust
            ]
        );
    }
}
