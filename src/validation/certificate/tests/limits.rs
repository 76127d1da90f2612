//! What a caller asks of a CA that it recognises, beyond the CA's own rules.

use std::time::Duration;

use super::*;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::pki::issue::crl::CrlProfile;
use crate::pki::issue::crl::RevokedCertificate;
use crate::pki::issue::crl::issue_crl;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::reason::RevocationReason;
use crate::validation::limits::Limits;

const POLICY: &str = "1.2.156.7";

/// The verdict of a caller that accepts the CA under `limits`.
fn limited(limits: Limits, end_entity: &Certificate, trust: &TrustSet) -> SignerOutcome {
    let mut profile = fixture::profile(trust, &["a"], &["tax"]);
    for row in &mut profile.rows {
        row.limits = limits.clone();
    }
    under(trust, &profile, now(), end_entity, &[])
}

fn algorithms(name: &str) -> Limits {
    Limits {
        algorithms: vec![SignatureAlgorithm::from_name(name).unwrap()],
        ..Limits::default()
    }
}

#[test]
fn only_the_algorithms_that_the_caller_names_count() {
    let Plain {
        trust, end_entity, ..
    } = plain("");
    assert_passed(&limited(
        algorithms("ECDSA-P256-SHA256"),
        &end_entity,
        &trust,
    ));
    assert_refused(
        &limited(algorithms("SM2-SM3"), &end_entity, &trust),
        SubIndication::CryptoConstraintsFailure,
        &[ReasonCode::LimitAlgorithm],
    );
}

#[test]
fn every_key_of_the_path_is_as_strong_as_the_caller_asks() {
    let Plain {
        trust, end_entity, ..
    } = plain("");
    let bits = |bits| Limits {
        minimum_key_bits: Some(bits),
        ..Limits::default()
    };
    assert_passed(&limited(bits(3072), &end_entity, &trust));
    assert_refused(
        &limited(bits(3073), &end_entity, &trust),
        SubIndication::CryptoConstraintsFailure,
        &[ReasonCode::LimitKeyBits, ReasonCode::LimitKeyBits],
    );
}

#[test]
fn the_certificate_names_a_policy_that_the_caller_asks_for() {
    let Plain {
        ca,
        trust,
        end_entity,
    } = plain("");
    let policy = Limits {
        policies: vec![fixture::oid("1.2.3"), fixture::oid(POLICY)],
        ..Limits::default()
    };
    assert_refused(
        &limited(policy.clone(), &end_entity, &trust),
        SubIndication::ChainConstraintsFailure,
        &[ReasonCode::LimitPolicy],
    );
    let mut named = particulars("Company");
    named.policies = vec![fixture::oid(POLICY)];
    let (named, _) = fixture::signer(&ca, &named, &[TAX_EKU]);
    assert_passed(&limited(policy, &named, &trust));
}

#[test]
fn evidence_is_as_young_as_the_caller_asks() {
    let ca = fixture::root("Root");
    let (required, any_age) = ("revocation = 'required'", Limits::default());
    let trust = fixture::set(&[fixture::store("a", &[ca.certificate()], required)]);
    let (end_entity, _) = fixture::signer(&ca, &particulars("Company"), &[TAX_EKU]);
    let two_hours_old = CrlProfile {
        number: 1,
        this_update: now().minus(Duration::from_secs(7200)),
        next_update: now().plus(Duration::from_secs(7200)),
        revoked: vec![RevokedCertificate {
            serial: fixture::signer(&ca, &particulars("Other"), &[TAX_EKU])
                .0
                .serial()
                .clone(),
            at: at("2026-01-01T00:00:00Z"),
            reason: RevocationReason::Unspecified,
        }],
    };
    let crl = Crl::parse_der(issue_crl(&ca, &two_hours_old).unwrap()).unwrap();
    let evidence = Evidence::new([crl], []);
    let judged = |limits: &Limits| {
        let mut profile = fixture::profile(&trust, &["a"], &["tax"]);
        for row in &mut profile.rows {
            row.limits = limits.clone();
        }
        let usage = fixture::usage("tax");
        let context = ValidationContext {
            evidence: &evidence,
            ..ValidationContext::new(&trust, &profile, &usage, now())
        };
        validate_signer(&end_entity, &[], &context)
    };
    let age = |seconds| Limits {
        maximum_evidence_age: Some(Duration::from_secs(seconds)),
        ..Limits::default()
    };
    assert_passed(&judged(&any_age));
    assert_passed(&judged(&age(7200)));
    let refused = judged(&age(7199));
    assert_eq!(refused.sub_indication, Some(SubIndication::TryLater));
    assert!(
        codes(&refused).contains(&ReasonCode::LimitEvidenceAge),
        "{:?}",
        refused.reasons
    );
}

#[test]
fn the_digest_of_a_profile_covers_its_limits() {
    let Plain { trust, .. } = plain("");
    let digest = |limits: Limits| {
        let profile = fixture::profile(&trust, &["a"], &["tax"]);
        let mut rows = profile.rows.clone();
        for row in &mut rows {
            row.limits = limits.clone();
        }
        let parts = crate::validation::profile::ProfileParts {
            name: profile.name,
            caller: profile.caller,
            purpose: profile.purpose,
            version: profile.version,
            rows,
            signer_usage: profile.signer_usage,
            issuer_usage: profile.issuer_usage,
            on_stale: profile.on_stale,
        };
        TrustProfile::build(parts, &trust).digest
    };
    assert_eq!(
        digest(Limits::default()),
        fixture::profile(&trust, &["a"], &["tax"]).digest
    );
    assert_ne!(digest(Limits::default()), digest(algorithms("SM2-SM3")));
}
