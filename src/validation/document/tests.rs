//! What a signature is worth, with the time that timestamps prove.

mod verdicts;

use super::validate;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::sign::SigningKey;
use crate::pki::issue::IssuingCa;
use crate::pki::issue::crl::CrlProfile;
use crate::pki::issue::crl::RevokedCertificate;
use crate::pki::issue::crl::issue_crl;
use crate::pki::issue::issue_end_entity;
use crate::pki::issue::profile::CertificateProfile;
use crate::pki::issue::profile::EndEntityUsage;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::reason::RevocationReason;
use crate::signature::cms::fixtures::CONTENT;
use crate::signature::cms::fixtures::Parts;
use crate::signature::cms::fixtures::Signer;
use crate::signature::cms::fixtures::attribute;
use crate::signature::cms::fixtures::content_type;
use crate::signature::cms::fixtures::message_digest;
use crate::signature::cms::fixtures::sha_256;
use crate::signature::cms::fixtures::signing_certificate;
use crate::signature::cms::oids;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::facts::SignatureFacts;
use crate::validation::context::RevocationPolicy;
use crate::validation::context::ValidationContext;
use crate::validation::fixture;
use crate::validation::fixture::TAX_EKU;
use crate::validation::fixture::at;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::Indication;
use crate::validation::report::SignatureReport;
use crate::validation::report::SubIndication;
use crate::validation::trust_store::TrustSet;

/// A CA for companies and one for timestamps, both accepted, and a signer and an authority of theirs.
struct City {
    trust: TrustSet,
    ca: IssuingCa,
    tsa_ca: IssuingCa,
    signer: Signer,
    authority: Signer,
}

const USAGES: &str = "[usages.timestamp]\nekus = ['1.3.6.1.5.5.7.3.8']\n[usages.tax]\nekus = ['1.3.6.1.5.5.7.3.4']\n";

impl City {
    /// `revocation` is what the ca.toml of the companies' CA says of it.
    fn new(revocation: &str) -> Self {
        let (ca, tsa_ca) = (fixture::root("CA"), fixture::root("TSA CA"));
        let company = format!("{revocation}\n{USAGES}");
        let trust = fixture::set(&[
            fixture::store("a", &[ca.certificate()], &company),
            fixture::store("t", &[tsa_ca.certificate()], USAGES),
        ]);
        Self {
            trust,
            signer: company_of(&ca, "2026-12-31T00:00:00Z"),
            authority: authority_of(&tsa_ca, KeyPurpose::Timestamp, "2026-12-31T00:00:00Z"),
            ca,
            tsa_ca,
        }
    }

    fn token(&self, imprint: &[u8], time: &str) -> Vec<u8> {
        Parts::token(&self.authority, imprint, time).der(&self.authority.key)
    }

    /// A document with a signature timestamp of a time.
    fn stamped(&self, time: &str) -> Vec<u8> {
        let mut parts = Parts::good(&self.signer);
        let value = parts.signature(&self.signer.key);
        let token = self.token(&sha_256(&value), time);
        parts.value = Some(value);
        parts.signer.unsigned = vec![attribute(oids::SIGNATURE_TIMESTAMP, &[token])];
        parts.der(&self.signer.key)
    }

    fn plain(&self) -> Vec<u8> {
        Parts::good(&self.signer).der(&self.signer.key)
    }

    fn judged(&self, der: &[u8], now: &str) -> SignatureReport {
        self.judged_with(
            der,
            now,
            &Evidence::default(),
            RevocationPolicy::FromTrustStore,
        )
    }

    fn judged_with(
        &self,
        der: &[u8],
        now: &str,
        evidence: &Evidence,
        revocation: RevocationPolicy,
    ) -> SignatureReport {
        let facts = SignedData::parse(der).unwrap().facts(&[]);
        self.judged_facts(&facts[0], (now, evidence, revocation), &["a", "t"])
    }

    fn judged_facts(
        &self,
        facts: &SignatureFacts,
        (now, evidence, revocation): (&str, &Evidence, RevocationPolicy),
        accepted: &[&str],
    ) -> SignatureReport {
        let profile = fixture::profile(&self.trust, accepted, &["tax", "timestamp"]);
        let usage = fixture::usage("tax");
        let context = ValidationContext {
            evidence,
            revocation,
            ..ValidationContext::new(&self.trust, &profile, &usage, at(now))
        };
        validate("S1", facts, &[], &context).report
    }

    /// A list of the companies' CA that revokes the signer at a time.
    fn revoked(&self, when: &str, this_update: &str) -> Vec<u8> {
        let profile = CrlProfile {
            number: 1,
            this_update: at(this_update),
            next_update: at(this_update).plus(std::time::Duration::from_secs(86_400 * 30)),
            revoked: vec![RevokedCertificate {
                serial: self.signer.certificate.serial().clone(),
                at: at(when),
                reason: RevocationReason::KeyCompromise,
            }],
        };
        issue_crl(&self.ca, &profile).unwrap()
    }
}

fn company_of(ca: &IssuingCa, not_after: &str) -> Signer {
    let profile = CertificateProfile {
        not_after: at(not_after),
        ..fixture::particulars("Company")
    };
    let (certificate, key) = fixture::signer(ca, &profile, &[TAX_EKU]);
    Signer { key, certificate }
}

fn authority_of(ca: &IssuingCa, purpose: KeyPurpose, not_after: &str) -> Signer {
    let (key, _) = SigningKey::generate(KeyPurpose::Credential).unwrap();
    let profile = CertificateProfile {
        not_after: at(not_after),
        ..fixture::particulars("TSA")
    };
    let usage = EndEntityUsage::Purpose(purpose);
    let certificate = issue_end_entity(ca, key.public_key(), &profile, &usage).unwrap();
    Signer { key, certificate }
}

fn list(der: Vec<u8>) -> Evidence {
    Evidence::new([Crl::parse_der(der).unwrap()], [])
}

fn codes(report: &SignatureReport) -> Vec<ReasonCode> {
    report.reasons.iter().map(Reason::code).collect()
}

#[track_caller]
fn assert_verdict(
    report: &SignatureReport,
    (indication, sub_indication): (Indication, Option<SubIndication>),
    code: ReasonCode,
) {
    let codes = codes(report);
    assert_eq!(
        (report.indication, report.sub_indication),
        (indication, sub_indication),
        "{codes:?}"
    );
    assert!(codes.contains(&code), "{codes:?}");
}

const PASSED: (Indication, Option<SubIndication>) = (Indication::TotalPassed, None);
const NOW: &str = "2026-06-10T00:00:00Z";

const fn undecided(sub_indication: SubIndication) -> (Indication, Option<SubIndication>) {
    (Indication::Indeterminate, Some(sub_indication))
}

const fn failed(sub_indication: SubIndication) -> (Indication, Option<SubIndication>) {
    (Indication::TotalFailed, Some(sub_indication))
}

#[test]
fn a_signature_of_an_accepted_ca_passes_and_its_timestamp_proves_when() {
    let city = City::new("");
    let plain = city.judged(&city.plain(), NOW);
    assert_eq!(
        (plain.indication, plain.sub_indication),
        PASSED,
        "{:?}",
        codes(&plain)
    );
    assert_eq!(
        plain.signing_time.best_signature_time, None,
        "the present: see `Report`"
    );
    let stamped = city.judged(&city.stamped("20260601000000Z"), NOW);
    assert_verdict(&stamped, PASSED, ReasonCode::SignatureTimeProven);
    let time = at("2026-06-01T00:00:00Z");
    assert_eq!(stamped.signing_time.best_signature_time, Some(time));
    assert_eq!(
        stamped.timestamps[0].signature.indication,
        Indication::TotalPassed
    );
    assert_eq!(stamped.timestamps[0].signature.id, "S1.T1");
}

#[test]
fn an_expired_certificate_needs_a_timestamp_from_before() {
    let mut city = City::new("");
    city.signer = company_of(&city.ca, "2026-06-05T00:00:00Z");
    let expired = undecided(SubIndication::OutOfBoundsNoPoe);
    let plain = city.judged(&city.plain(), NOW);
    assert_verdict(&plain, expired, ReasonCode::CertificateExpired);
    let early = city.judged(&city.stamped("20260601000000Z"), NOW);
    assert_verdict(&early, PASSED, ReasonCode::JudgedAtSignatureTime);
    let late = city.judged(&city.stamped("20260606000000Z"), NOW);
    assert_verdict(&late, expired, ReasonCode::CertificateExpired);
    assert!(
        !codes(&late).contains(&ReasonCode::JudgedAtSignatureTime),
        "judged for now"
    );
    let before_it_began = city.judged(&city.stamped("20200101000000Z"), NOW);
    assert_eq!(
        before_it_began.indication,
        Indication::Indeterminate,
        "nor did its authority exist"
    );
}

#[test]
fn a_time_that_is_proven_and_outside_the_certificates_own_fails() {
    let mut city = City::new("");
    let young = CertificateProfile {
        not_before: at("2026-06-03T00:00:00Z"),
        ..fixture::particulars("Company")
    };
    let (certificate, key) = fixture::signer(&city.ca, &young, &[TAX_EKU]);
    city.signer = Signer { key, certificate };
    let too_old = city.judged(&city.stamped("20260601000000Z"), NOW);
    let not_yet = failed(SubIndication::NotYetValid);
    assert_verdict(&too_old, not_yet, ReasonCode::CertificateNotYetValid);
    let in_time = city.judged(&city.stamped("20260604000000Z"), NOW);
    assert_eq!(in_time.indication, Indication::TotalPassed);

    city.signer = company_of(&city.ca, "2026-06-05T00:00:00Z");
    let of_content = |time: &str| {
        let token = city.token(&sha_256(CONTENT), time);
        let attributes = [
            content_type(oids::DATA),
            message_digest(&sha_256(CONTENT)),
            attribute(oids::CONTENT_TIMESTAMP, &[token]),
        ];
        let parts = Parts::good(&city.signer).with_attributes(&attributes);
        city.judged(&parts.der(&city.signer.key), NOW)
    };
    let expired = failed(SubIndication::Expired);
    assert_verdict(
        &of_content("20260606000000Z"),
        expired,
        ReasonCode::CertificateExpired,
    );
    let undecided = undecided(SubIndication::OutOfBoundsNoPoe);
    assert_verdict(
        &of_content("20260604000000Z"),
        undecided,
        ReasonCode::CertificateExpired,
    );
}

#[test]
fn a_timestamp_that_does_not_pass_proves_nothing() {
    let mut city = City::new("");
    city.signer = company_of(&city.ca, "2026-06-05T00:00:00Z");
    let expired = undecided(SubIndication::OutOfBoundsNoPoe);
    let good = city.stamped("20260601000000Z");
    let facts = SignedData::parse(&good).unwrap().facts(&[]);
    let evidence = Evidence::default();
    let by = (NOW, &evidence, RevocationPolicy::FromTrustStore);
    let unaccepted = city.judged_facts(&facts[0], by, &["a"]);
    assert_verdict(&unaccepted, expired, ReasonCode::TimestampNotUsed);

    let mut other = Parts::good(&city.signer);
    let token = city.token(&sha_256(b"something else"), "20260601000000Z");
    other.signer.unsigned = vec![attribute(oids::SIGNATURE_TIMESTAMP, &[token])];
    let other = city.judged(&other.der(&city.signer.key), NOW);
    assert_verdict(&other, expired, ReasonCode::TimestampNotUsed);
    let stamp = &other.timestamps[0].signature;
    assert_eq!(stamp.cryptographic.intact, Some(false));
    assert_verdict(
        stamp,
        failed(SubIndication::HashFailure),
        ReasonCode::TimestampImprintDiffers,
    );

    let mut malformed = Parts::good(&city.signer);
    malformed.signer.unsigned = vec![attribute(oids::SIGNATURE_TIMESTAMP, &[vec![0x30, 0]])];
    let malformed = city.judged(&malformed.der(&city.signer.key), NOW);
    assert_verdict(&malformed, expired, ReasonCode::TimestampNotUsed);
    let stamp = &malformed.timestamps[0].signature;
    assert_verdict(
        stamp,
        failed(SubIndication::FormatFailure),
        ReasonCode::TimestampMalformed,
    );

    city.authority = authority_of(&city.tsa_ca, KeyPurpose::StatusList, "2026-12-31T00:00:00Z");
    let other_purpose = city.judged(&city.stamped("20260601000000Z"), NOW);
    assert_verdict(&other_purpose, expired, ReasonCode::TimestampNotUsed);
    let stamp = codes(&other_purpose.timestamps[0].signature);
    assert!(
        stamp.contains(&ReasonCode::TimestampAuthorityPurpose),
        "{stamp:?}"
    );

    // Extended key usages that are not critical, or not alone.
    let profile = fixture::particulars("TSA");
    let (certificate, key) = fixture::signer(&city.tsa_ca, &profile, &["1.3.6.1.5.5.7.3.8"]);
    city.authority = Signer { key, certificate };
    let not_critical = city.judged(&city.stamped("20260601000000Z"), NOW);
    assert_verdict(&not_critical, expired, ReasonCode::TimestampNotUsed);
}

#[test]
fn a_timestamp_of_an_authority_that_ended_counts_where_a_later_one_covers_it() {
    // Nobody can say when the older one was made: its key may have been anybody's since.
    let mut city = City::new("");
    city.signer = company_of(&city.ca, "2026-03-01T00:00:00Z");
    city.authority = authority_of(&city.tsa_ca, KeyPurpose::Timestamp, "2026-04-01T00:00:00Z");
    let alone = city.judged(&city.stamped("20260201000000Z"), NOW);
    assert_verdict(
        &alone,
        undecided(SubIndication::OutOfBoundsNoPoe),
        ReasonCode::TimestampNotUsed,
    );

    let facts = |covers: Vec<usize>| {
        let der = city.stamped("20260201000000Z");
        let mut facts = SignedData::parse(&der).unwrap().facts(&[]).remove(0);
        let archive = authority_of(&city.tsa_ca, KeyPurpose::Timestamp, "2026-12-31T00:00:00Z");
        let token = Parts::token(&archive, &[0; 32], "20260315000000Z").der(&archive.key);
        let mut stamp = SignedData::parse(&token).unwrap().timestamp(&[]);
        stamp.kind = crate::signature::facts::TimestampKind::Archive;
        stamp.imprint = crate::signature::facts::Imprint::Matches;
        stamp.covers = covers;
        facts.timestamps.push(stamp);
        facts
    };
    let evidence = Evidence::default();
    let by = (NOW, &evidence, RevocationPolicy::FromTrustStore);
    let covered = city.judged_facts(&facts(vec![0]), by, &["a", "t"]);
    assert_verdict(&covered, PASSED, ReasonCode::JudgedAtSignatureTime);
    assert_eq!(
        covered.signing_time.best_signature_time,
        Some(at("2026-02-01T00:00:00Z"))
    );
    let beside = city.judged_facts(&facts(vec![]), by, &["a", "t"]);
    assert_verdict(
        &beside,
        undecided(SubIndication::OutOfBoundsNoPoe),
        ReasonCode::TimestampNotUsed,
    );
}

#[test]
fn a_revoked_certificate_is_judged_by_when_it_was_used() {
    let city = City::new("revocation = 'required'");
    let evidence = list(city.revoked("2026-06-05T00:00:00Z", "2026-06-09T00:00:00Z"));
    let judged =
        |der: &[u8]| city.judged_with(der, NOW, &evidence, RevocationPolicy::FromTrustStore);
    let revoked = undecided(SubIndication::RevokedNoPoe);
    assert_verdict(
        &judged(&city.plain()),
        revoked,
        ReasonCode::CertificateRevoked,
    );
    let before = judged(&city.stamped("20260601000000Z"));
    assert_verdict(&before, PASSED, ReasonCode::RevokedAfterSigning);
    let after = judged(&city.stamped("20260606000000Z"));
    assert_verdict(&after, revoked, ReasonCode::CertificateRevoked);

    let with_content_of = |time: &str| {
        let token = city.token(&sha_256(CONTENT), time);
        let attributes = [
            content_type(oids::DATA),
            message_digest(&sha_256(CONTENT)),
            signing_certificate(&city.signer.certificate),
            attribute(oids::CONTENT_TIMESTAMP, &[token]),
        ];
        let parts = Parts::good(&city.signer).with_attributes(&attributes);
        judged(&parts.der(&city.signer.key))
    };
    let later = with_content_of("20260606000000Z");
    assert_verdict(
        &later,
        failed(SubIndication::Revoked),
        ReasonCode::SignedAfterRevocation,
    );
    assert_eq!(
        later.signing_time.not_before,
        Some(at("2026-06-06T00:00:00Z"))
    );
    let earlier = with_content_of("20260604000000Z");
    assert_verdict(&earlier, revoked, ReasonCode::CertificateRevoked);
}

#[test]
fn what_a_document_brings_along_counts_even_where_revocation_is_not_asked_for() {
    let city = City::new("revocation = 'required'");
    let mut parts = Parts::good(&city.signer);
    parts.crls = vec![city.revoked("2026-06-05T00:00:00Z", "2026-06-09T00:00:00Z")];
    let der = parts.der(&city.signer.key);
    let none = Evidence::default();
    let judged = city.judged_with(&der, NOW, &none, RevocationPolicy::Skip);
    assert_verdict(
        &judged,
        undecided(SubIndication::RevokedNoPoe),
        ReasonCode::CertificateRevoked,
    );
    let plain = city.judged_with(&city.plain(), NOW, &none, RevocationPolicy::Skip);
    assert_verdict(&plain, PASSED, ReasonCode::RevocationSkipped);
    // Evidence that says nothing against it serves this document.
    let mut parts = Parts::good(&city.signer);
    parts.crls = vec![city.revoked("2026-06-11T00:00:00Z", "2026-06-09T00:00:00Z")];
    let der = parts.der(&city.signer.key);
    let judged = city.judged(&der, NOW);
    assert_eq!(
        (judged.indication, judged.revocation.len()),
        (Indication::TotalPassed, 1)
    );
    assert_verdict(
        &city.judged(&city.plain(), NOW),
        undecided(SubIndication::TryLater),
        ReasonCode::RevocationUnknown,
    );
}

#[test]
fn evidence_from_after_the_end_of_a_certificate_does_not_clear_it_for_the_past() {
    let mut city = City::new("revocation = 'required'");
    city.signer = company_of(&city.ca, "2026-06-05T00:00:00Z");
    let der = city.stamped("20260601000000Z");
    let other = City::new("");
    let clearing = |this_update: &str| {
        let profile = CrlProfile {
            number: 1,
            this_update: at(this_update),
            next_update: at(this_update).plus(std::time::Duration::from_secs(86_400 * 30)),
            revoked: vec![RevokedCertificate {
                serial: other.signer.certificate.serial().clone(),
                at: at("2026-01-01T00:00:00Z"),
                reason: RevocationReason::Unspecified,
            }],
        };
        list(issue_crl(&city.ca, &profile).unwrap())
    };
    let judged = |evidence: &Evidence| {
        city.judged_with(&der, NOW, evidence, RevocationPolicy::FromTrustStore)
    };
    let of_its_life = judged(&clearing("2026-06-03T00:00:00Z"));
    assert_verdict(&of_its_life, PASSED, ReasonCode::JudgedAtSignatureTime);
    let too_late = judged(&clearing("2026-06-09T00:00:00Z"));
    assert_eq!(
        too_late.indication,
        Indication::Indeterminate,
        "{:?}",
        codes(&too_late)
    );
    // And one that ended before the signature was made says nothing of it.
    let too_early = judged(&clearing("2026-04-01T00:00:00Z"));
    assert_eq!(
        too_early.indication,
        Indication::Indeterminate,
        "{:?}",
        codes(&too_early)
    );
}

#[test]
fn content_is_not_younger_than_its_signature() {
    let city = City::new("");
    let token = city.token(&sha_256(CONTENT), "20260605000000Z");
    let attributes = [
        content_type(oids::DATA),
        message_digest(&sha_256(CONTENT)),
        attribute(oids::CONTENT_TIMESTAMP, &[token]),
    ];
    let stamped = |time: &str| {
        let mut parts = Parts::good(&city.signer).with_attributes(&attributes);
        let value = parts.signature(&city.signer.key);
        let token = city.token(&sha_256(&value), time);
        parts.value = Some(value);
        parts.signer.unsigned = vec![attribute(oids::SIGNATURE_TIMESTAMP, &[token])];
        city.judged(&parts.der(&city.signer.key), NOW)
    };
    assert_eq!(
        stamped("20260606000000Z").indication,
        Indication::TotalPassed
    );
    let order = undecided(SubIndication::TimestampOrderFailure);
    assert_verdict(
        &stamped("20260604000000Z"),
        order,
        ReasonCode::TimestampOrder,
    );
}

#[test]
fn a_weak_digest_needs_a_timestamp_from_when_it_was_strong() {
    let mut city = City::new("");
    let long_ago = |name: &str| CertificateProfile {
        not_before: at("2010-01-01T00:00:00Z"),
        not_after: at("2030-01-01T00:00:00Z"),
        ..fixture::particulars(name)
    };
    let (certificate, key) = fixture::signer(&city.ca, &long_ago("Company"), &[TAX_EKU]);
    city.signer = Signer { key, certificate };
    let (key, _) = SigningKey::generate(KeyPurpose::Credential).unwrap();
    let usage = EndEntityUsage::Purpose(KeyPurpose::Timestamp);
    let certificate = issue_end_entity(&city.tsa_ca, key.public_key(), &long_ago("TSA"), &usage);
    city.authority = Signer {
        key,
        certificate: certificate.unwrap(),
    };
    let sha_1 = digest(DigestAlgorithm::Sha1, CONTENT);
    let attributes = [content_type(oids::DATA), message_digest(sha_1.as_bytes())];
    let stamped = |time: &str| {
        let mut parts = Parts::good(&city.signer).with_attributes(&attributes);
        parts.signer.digest =
            crate::signature::cms::fixtures::algorithm(DigestAlgorithm::Sha1.oid());
        let value = parts.signature(&city.signer.key);
        let token = city.token(&sha_256(&value), time);
        parts.value = Some(value);
        parts.signer.unsigned = vec![attribute(oids::SIGNATURE_TIMESTAMP, &[token])];
        city.judged(&parts.der(&city.signer.key), NOW)
    };
    let early = stamped("20130601000000Z");
    assert_eq!(
        early.indication,
        Indication::TotalPassed,
        "{:?}",
        codes(&early)
    );
    let weak = undecided(SubIndication::CryptoConstraintsFailure);
    assert_verdict(
        &stamped("20260601000000Z"),
        weak,
        ReasonCode::AlgorithmTooWeak,
    );
}
