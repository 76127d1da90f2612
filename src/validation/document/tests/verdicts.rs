//! Which finding leads to which verdict.

use super::City;
use super::NOW;
use super::PASSED;
use super::assert_verdict;
use super::codes;
use super::failed;
use super::undecided;
use crate::clock::Timestamp;
use crate::crypto::public_key::KeyAlgorithm;
use crate::pki::revocation::evidence::Evidence;
use crate::signature::cms::fixtures::CONTENT;
use crate::signature::cms::fixtures::sha_256;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::Fault;
use crate::signature::facts::Integrity;
use crate::signature::facts::SignatureFacts;
use crate::validation::context::RevocationPolicy;
use crate::validation::context::ValidationContext;
use crate::validation::fixture;
use crate::validation::fixture::at;
use crate::validation::reason::ReasonCode;
use crate::validation::report::Indication;
use crate::validation::report::SubIndication;
use crate::validation::timestamp::validate_alone;

#[test]
fn every_finding_of_the_mathematics_has_its_verdict() {
    let city = City::new("");
    let key = KeyAlgorithm::EcP256;
    let of = |integrity: Integrity| {
        let mut facts = SignedData::parse(&city.plain())
            .unwrap()
            .facts(&[])
            .remove(0);
        facts.integrity = integrity;
        let evidence = Evidence::default();
        city.judged_facts(
            &facts,
            (NOW, &evidence, RevocationPolicy::FromTrustStore),
            &["a"],
        )
    };
    use SubIndication as Sub;
    for (integrity, verdict, code, intact) in [
        (
            Integrity::ContentDiffers,
            failed(Sub::HashFailure),
            ReasonCode::DigestMismatch,
            Some(false),
        ),
        (
            Integrity::ValueWrong,
            failed(Sub::SigCryptoFailure),
            ReasonCode::SignatureWrong,
            Some(false),
        ),
        (
            Integrity::ContentMissing,
            undecided(Sub::SignedDataNotFound),
            ReasonCode::ContentWithheld,
            None,
        ),
        (
            Integrity::NoCertificate,
            undecided(Sub::NoSigningCertificateFound),
            ReasonCode::SigningCertificateMissing,
            None,
        ),
        (
            Integrity::AlgorithmUnknown,
            undecided(Sub::CryptoConstraintsFailure),
            ReasonCode::AlgUnknown,
            None,
        ),
        (
            Integrity::BudgetExhausted,
            undecided(Sub::SigConstraintsFailure),
            ReasonCode::FormatLimitExceeded,
            None,
        ),
        (
            Integrity::KeyMismatch { key },
            failed(Sub::FormatFailure),
            ReasonCode::SignatureKeyMismatch,
            None,
        ),
        (
            Integrity::KeyUnsupported { key },
            undecided(Sub::CryptoConstraintsFailure),
            ReasonCode::KeyNotSupported,
            None,
        ),
    ] {
        let report = of(integrity.clone());
        assert_verdict(&report, verdict, code);
        assert_eq!(report.cryptographic.intact, intact, "{integrity:?}");
    }
}

#[test]
fn faults_and_references_have_their_verdicts() {
    let city = City::new("");
    let of = |change: &dyn Fn(&mut SignatureFacts)| {
        let mut facts = SignedData::parse(&city.plain())
            .unwrap()
            .facts(&[])
            .remove(0);
        change(&mut facts);
        let evidence = Evidence::default();
        city.judged_facts(
            &facts,
            (NOW, &evidence, RevocationPolicy::FromTrustStore),
            &["a"],
        )
    };
    let broken = of(&|facts| facts.faults.push(Fault::broken("x", "y")));
    assert_verdict(
        &broken,
        failed(SubIndication::FormatFailure),
        ReasonCode::FormatConflict,
    );
    let unprocessed = of(&|facts| facts.faults.push(Fault::unprocessed("x", "y")));
    let constraints = undecided(SubIndication::SigConstraintsFailure);
    assert_verdict(&unprocessed, constraints, ReasonCode::FormatUnprocessed);
    let irregular = of(&|facts| facts.faults.push(Fault::irregular("x", "y")));
    assert_verdict(&irregular, PASSED, ReasonCode::FormatIrregular);
    let differs = of(&|facts| facts.reference = CertificateReference::Differs);
    assert_verdict(
        &differs,
        constraints,
        ReasonCode::SigningCertificateMismatch,
    );
    let absent = of(&|facts| facts.reference = CertificateReference::Absent);
    assert_verdict(&absent, PASSED, ReasonCode::SigningCertificateNotNamed);
}

#[test]
fn a_broken_counter_signature_is_not_passed_over() {
    let city = City::new("");
    let of = |integrity: Integrity| {
        let facts = || {
            SignedData::parse(&city.plain())
                .unwrap()
                .facts(&[])
                .remove(0)
        };
        let (mut main, mut counter) = (facts(), facts());
        counter.integrity = integrity;
        main.counter_signatures.push(counter);
        let evidence = Evidence::default();
        city.judged_facts(
            &main,
            (NOW, &evidence, RevocationPolicy::FromTrustStore),
            &["a"],
        )
    };
    let good = of(Integrity::Intact);
    assert_eq!(good.indication, Indication::TotalPassed);
    assert_eq!(good.counter_signatures[0].id, "S1.C1");
    let constraints = undecided(SubIndication::SigConstraintsFailure);
    assert_verdict(
        &of(Integrity::ValueWrong),
        constraints,
        ReasonCode::CounterSignatureInvalid,
    );
    // Of one that cannot be decided nothing follows.
    assert_eq!(
        of(Integrity::NoCertificate).indication,
        Indication::TotalPassed
    );
}

#[test]
fn a_timestamp_alone_is_judged_by_itself() {
    let city = City::new("");
    let profile = fixture::profile(&city.trust, &["a", "t"], &["tax", "timestamp"]);
    let usage = fixture::usage("tax");
    let context = ValidationContext::new(&city.trust, &profile, &usage, at(NOW));
    let token = city.token(&sha_256(CONTENT), "20260601000000Z");
    let signed = SignedData::parse(&token).unwrap();
    let judged = |content: Option<&[u8]>| {
        let detached: Vec<_> = content
            .map(|bytes| {
                let needs = signed.timestamp_needs();
                crate::signature::detached::DetachedContent::of_bytes(None, bytes.to_vec(), &needs)
            })
            .into_iter()
            .collect();
        validate_alone("S1", &signed.timestamp(&detached), &[], &context).report
    };
    let good = judged(Some(CONTENT));
    assert_eq!(
        (good.indication, good.sub_indication),
        PASSED,
        "{:?}",
        codes(&good)
    );
    assert_eq!(good.format, "timestamp");
    let time: Option<Timestamp> = Some(at("2026-06-01T00:00:00Z"));
    assert_eq!(good.signing_time.claimed, time);
    assert_verdict(
        &judged(Some(b"x")),
        failed(SubIndication::HashFailure),
        ReasonCode::TimestampImprintDiffers,
    );
    let withheld = judged(None);
    assert_verdict(
        &withheld,
        undecided(SubIndication::SignedDataNotFound),
        ReasonCode::ContentWithheld,
    );
    assert_eq!(withheld.cryptographic.intact, None);
}
