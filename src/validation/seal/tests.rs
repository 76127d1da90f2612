//! What a seal makes of a verdict.

use crate::pki::issue::IssuingCa;
use crate::pki::issue::issue_end_entity;
use crate::pki::issue::profile::CertificateProfile;
use crate::pki::issue::profile::EndEntityUsage;
use crate::signature::cms::fixtures::Parts as TokenParts;
use crate::signature::cms::fixtures::Signer;
use crate::signature::cms::fixtures::sha_256;
use crate::signature::facts::Integrity;
use crate::signature::facts::SignatureFacts;
use crate::signature::seal::fixtures::Listed;
use crate::signature::seal::fixtures::Parts;
use crate::signature::seal::fixtures::bits;
use crate::signature::seal::fixtures::content;
use crate::signature::seal::fixtures::generalized;
use crate::signature::seal::fixtures::sm2_key;
use crate::signature::seal::parse::SealSignature;
use crate::validation::constraint::Constraint;
use crate::validation::context::ValidationContext;
use crate::validation::document;
use crate::validation::document::Validated;
use crate::validation::fixture;
use crate::validation::fixture::TAX_EKU;
use crate::validation::fixture::at;
use crate::validation::reason::ReasonCode;
use crate::validation::report::Indication;
use crate::validation::report::Outcome;
use crate::validation::report::SignatureReport;
use crate::validation::report::SubIndication;
use crate::validation::trust_store::TrustSet;

const NOW: &str = "2026-09-01T00:00:00Z";
const TIMESTAMPS: &str = "[usages.timestamp]\nekus = ['1.3.6.1.5.5.7.3.8']\n";

/// A CA that the caller accepts and one that it does not, a signer and the maker of a seal.
struct City {
    trust: TrustSet,
    other_ca: IssuingCa,
    tsa: Signer,
    signer: Signer,
    maker: Signer,
}

impl City {
    fn new() -> Self {
        let (ca, other_ca, tsa_ca) = (
            fixture::root("CA"),
            fixture::root("Other CA"),
            fixture::root("TSA CA"),
        );
        let trust = fixture::set(&[
            fixture::store("a", &[ca.certificate()], ""),
            fixture::store("b", &[other_ca.certificate()], ""),
            fixture::store("t", &[tsa_ca.certificate()], TIMESTAMPS),
        ]);
        Self {
            trust,
            tsa: authority(&tsa_ca),
            signer: person(&ca, "某公司", 1),
            maker: person(&ca, "印章制作单位", 2),
            other_ca,
        }
    }

    fn good(&self, version: u8) -> Parts {
        Parts::good(version, &self.signer, &self.maker)
    }

    fn facts(&self, parts: &Parts) -> SignatureFacts {
        let der = parts.der(&self.signer.key, &self.maker.key);
        SealSignature::parse(&der).unwrap().facts(&content())
    }

    fn judged(&self, parts: &Parts) -> SignatureReport {
        self.judged_facts(&self.facts(parts)).report
    }

    fn judged_facts(&self, facts: &SignatureFacts) -> Validated {
        let profile = fixture::profile(&self.trust, &["a", "t"], &["tax", "timestamp"]);
        let usage = fixture::usage("tax");
        let context = ValidationContext::new(&self.trust, &profile, &usage, at(NOW));
        document::validate("S1", facts, &[], &context)
    }

    /// Stamps the signature's value at a time.
    fn stamped(&self, mut parts: Parts, time: &str) -> Parts {
        let value = parts.signature(&self.signer.key, &self.maker.key);
        let token = TokenParts::token(&self.tsa, &sha_256(&value), time);
        parts.value = Some(value);
        parts.timestamp = Some(token.der(&self.tsa.key));
        parts
    }
}

fn person(ca: &IssuingCa, name: &str, seed: u8) -> Signer {
    let key = sm2_key(seed);
    let profile = CertificateProfile {
        not_before: at("2020-01-01T00:00:00Z"),
        ..fixture::particulars(name)
    };
    let usage = EndEntityUsage::Signer(vec![fixture::oid(TAX_EKU)]);
    let certificate = issue_end_entity(ca, key.public_key(), &profile, &usage).unwrap();
    Signer { key, certificate }
}

fn authority(ca: &IssuingCa) -> Signer {
    use crate::crypto::key_purpose::KeyPurpose;
    let (key, _) = crate::crypto::sign::SigningKey::generate(KeyPurpose::Timestamp).unwrap();
    let usage = EndEntityUsage::Purpose(KeyPurpose::Timestamp);
    let profile = fixture::particulars("TSA");
    let certificate = issue_end_entity(ca, key.public_key(), &profile, &usage).unwrap();
    Signer { key, certificate }
}

/// The one reason that weighs, with the verdict.
fn finding(report: &SignatureReport) -> (Indication, Option<SubIndication>, Vec<ReasonCode>) {
    use crate::validation::reason::Severity;
    let errors = report.reasons.iter().map(|reason| reason.code());
    let errors = errors.filter(|code| code.severity() == Severity::Error);
    (report.indication, report.sub_indication, errors.collect())
}

#[track_caller]
fn assert_found(
    report: &SignatureReport,
    indication: Indication,
    sub_indication: Option<SubIndication>,
    code: ReasonCode,
) {
    let expected = (indication, sub_indication, vec![code]);
    assert_eq!(finding(report), expected, "{:#?}", report.reasons);
}

fn outcome(report: &SignatureReport) -> Outcome {
    let mut report = report.clone();
    report.add_constraints();
    let mut rows = report.constraints.iter();
    let row = rows.find(|row| row.constraint == Constraint::Seal);
    row.unwrap().outcome
}

#[test]
fn a_good_seal_passes_and_is_told() {
    let city = City::new();
    for version in [1, 4, 5] {
        let validated = city.judged_facts(&city.facts(&city.good(version)));
        let report = &validated.report;
        assert_eq!(finding(report), (Indication::TotalPassed, None, Vec::new()));
        assert_eq!(validated.paths.len(), 2, "signer's and maker's");
        assert_eq!(outcome(report), Outcome::Passed);
        let seal = report.seal.as_ref().unwrap();
        assert_eq!(seal.version, u32::from(version));
        assert_eq!(seal.id, "44190000000001");
        assert_eq!(seal.name, "某公司公章");
        assert_eq!(seal.maker.as_deref(), Some("CN=印章制作单位"));
        assert_eq!(seal.valid_from, at("2025-01-01T00:00:00Z"));
        assert_eq!(seal.valid_until, at("2030-01-01T00:00:00Z"));
        assert!(seal.signer_listed);
        let json = serde_json::to_value(report).unwrap();
        let again: SignatureReport = serde_json::from_value(json).unwrap();
        assert_eq!(again.seal, report.seal);
    }
}

#[test]
fn a_signature_without_a_seal_says_nothing_of_one() {
    let city = City::new();
    let mut facts = city.facts(&city.good(4));
    facts.seal = None;
    let report = city.judged_facts(&facts).report;
    assert_eq!(report.indication, Indication::TotalPassed);
    assert_eq!(outcome(&report), Outcome::NotChecked);
    let json = serde_json::to_value(&report).unwrap();
    assert!(json.get("seal").is_none());
}

#[test]
fn a_seal_that_its_maker_did_not_sign_fails() {
    let city = City::new();
    for version in [1, 4, 5] {
        let mut parts = city.good(version);
        let message = parts.maker_message();
        parts.maker_value = Some(city.signer.key.sign_der(&message).unwrap());
        let report = city.judged(&parts);
        let sub_indication = Some(SubIndication::SigCryptoFailure);
        let code = ReasonCode::SealMakerSignatureWrong;
        assert_found(&report, Indication::TotalFailed, sub_indication, code);
        assert_eq!(
            report.cryptographic.intact,
            Some(true),
            "the signature's own"
        );
        assert_eq!(outcome(&report), Outcome::Failed);
    }
}

#[test]
fn a_maker_signature_that_cannot_be_computed_leaves_it_undecided() {
    use Indication::Indeterminate;
    let city = City::new();
    let key = city.maker.certificate.public_key().algorithm();
    for (integrity, indication, sub_indication) in [
        (
            Integrity::AlgorithmUnknown,
            Indeterminate,
            SubIndication::CryptoConstraintsFailure,
        ),
        (
            Integrity::KeyUnsupported { key },
            Indeterminate,
            SubIndication::CryptoConstraintsFailure,
        ),
        (
            Integrity::KeyMismatch { key },
            Indication::TotalFailed,
            SubIndication::FormatFailure,
        ),
        (
            Integrity::NoCertificate,
            Indeterminate,
            SubIndication::NoSigningCertificateFound,
        ),
    ] {
        let mut facts = city.facts(&city.good(4));
        facts.seal.as_mut().unwrap().maker_integrity = integrity;
        let report = city.judged_facts(&facts).report;
        let code = ReasonCode::SealMakerUndecided;
        assert_found(&report, indication, Some(sub_indication), code);
    }
}

#[test]
fn a_maker_who_is_not_accepted_leaves_it_undecided() {
    let mut city = City::new();
    let unknown = fixture::root("Unknown CA");
    let code = ReasonCode::SealMakerNotTrusted;
    city.maker = person(&unknown, "无名", 2);
    let report = city.judged(&city.good(4));
    let sub_indication = Some(SubIndication::NoCertificateChainFound);
    assert_found(&report, Indication::Indeterminate, sub_indication, code);
    assert_eq!(outcome(&report), Outcome::Indeterminate);
    let told = report.reasons.iter().find(|reason| reason.code() == code);
    assert_eq!(told.unwrap().params()["detail"], "CA_UNKNOWN");

    city.maker = person(&city.other_ca, "别处", 2);
    let report = city.judged(&city.good(4));
    let sub_indication = Some(SubIndication::ChainConstraintsFailure);
    assert_found(&report, Indication::Indeterminate, sub_indication, code);
}

#[test]
fn a_maker_whose_certificate_cannot_be_read_is_told() {
    let city = City::new();
    let mut facts = city.facts(&city.good(4));
    let seal = facts.seal.as_mut().unwrap();
    (seal.maker, seal.maker_integrity) = (None, Integrity::NoCertificate);
    let report = city.judged_facts(&facts).report;
    assert_eq!(report.indication, Indication::Indeterminate);
    assert_eq!(report.seal.unwrap().maker, None);
}

#[test]
fn a_signer_who_is_not_listed_may_not_use_the_seal() {
    let city = City::new();
    for version in [1, 4, 5] {
        let mut parts = city.good(version);
        parts.listed = Listed::Certificates(vec![city.maker.certificate.der().to_vec()]);
        let report = city.judged(&parts);
        let code = ReasonCode::SealSignerNotListed;
        assert_found(&report, Indication::TotalFailed, None, code);
        assert!(!report.seal.unwrap().signer_listed);
    }
}

/// A seal of these years, used at a time.
fn of_years(city: &City, from: &str, until: &str, used: &str) -> Parts {
    let mut parts = city.good(4);
    parts.times = [from, from, until].map(|year| generalized(&format!("{year}0101000000Z")));
    parts.time = generalized(&format!("{used}000000Z"));
    parts
}

#[test]
fn a_seal_is_used_within_its_validity_by_the_time_that_is_claimed() {
    let city = City::new();
    for (used, expected) in [
        ("20241231", Some(ReasonCode::SealNotYetValid)),
        ("20250101", None),
        ("20260101", None),
        ("20260102", Some(ReasonCode::SealExpired)),
    ] {
        let report = city.judged(&of_years(&city, "2025", "2026", used));
        match expected {
            None => assert_eq!(report.indication, Indication::TotalPassed, "{used}"),
            Some(code) => assert_found(&report, Indication::TotalFailed, None, code),
        }
    }
}

#[test]
fn a_time_that_is_proven_counts_more_than_one_that_is_claimed() {
    let city = City::new();
    let of = |used: &str, proven: &str| {
        let parts = of_years(&city, "2025", "2026", used);
        city.judged(&city.stamped(parts, &format!("{proven}000000Z")))
    };
    let report = of("20250601", "20250602");
    assert_eq!(report.indication, Indication::TotalPassed);
    let report = of("20260601", "20250602");
    assert_eq!(report.indication, Indication::TotalPassed, "it existed");

    let report = of("20260601", "20260602");
    let code = ReasonCode::SealExpired;
    assert_found(&report, Indication::TotalFailed, None, code);

    let report = of("20250601", "20260602");
    let sub_indication = Some(SubIndication::OutOfBoundsNoPoe);
    let code = ReasonCode::SealUseNotProven;
    assert_found(&report, Indication::Indeterminate, sub_indication, code);
}

#[test]
fn without_any_time_the_present_counts() {
    let city = City::new();
    let mut facts = city.facts(&of_years(&city, "2025", "2026", "20250601"));
    facts.claimed_at = None;
    let report = city.judged_facts(&facts).report;
    let sub_indication = Some(SubIndication::OutOfBoundsNoPoe);
    let code = ReasonCode::SealUseNotProven;
    assert_found(&report, Indication::Indeterminate, sub_indication, code);
}

#[test]
fn content_that_is_younger_than_the_seal_was_sealed_after_its_end() {
    let city = City::new();
    let mut parts = city.good(1);
    parts.times = ["2025", "2025", "2026"].map(|year| generalized(&format!("{year}0101000000Z")));
    let covered = sha_256(crate::signature::seal::fixtures::CONTENT);
    let token = TokenParts::token(&city.tsa, &covered, "20260601000000Z");
    parts.time = bits(&token.der(&city.tsa.key));
    let report = city.judged(&parts);
    let code = ReasonCode::SealExpired;
    assert_found(&report, Indication::TotalFailed, None, code);
}
