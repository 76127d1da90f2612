//! What each finding about a certificate does to the verdict.

mod law;
mod limits;
mod strength;

use super::*;
use crate::clock::Timestamp;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::sign::SigningKey;
use crate::pki::issue::IssuingCa;
use crate::pki::issue::issue_end_entity;
use crate::pki::issue::profile::CertificateProfile;
use crate::pki::issue::profile::EndEntityUsage;
use crate::pki::issue::profile::ORGANISATION_CODE_EXTENSION;
use crate::pki::issue::profile::ORGANISATION_IDENTIFIER;
use crate::validation::context::RevocationPolicy;
use crate::validation::fixture;
use crate::validation::fixture::TAX_EKU;
use crate::validation::fixture::at;
use crate::validation::fixture::now;
use crate::validation::fixture::particulars;
use crate::validation::profile::TrustProfile;
use crate::validation::trust_store::TrustSet;

/// The verdict for `tax` with everything known and `accepted` accepted.
fn outcome(
    trust: &TrustSet,
    accepted: &[&str],
    end_entity: &Certificate,
    intermediates: &[Certificate],
) -> SignerOutcome {
    let profile = fixture::profile(trust, accepted, &["tax"]);
    under(trust, &profile, now(), end_entity, intermediates)
}

fn under(
    trust: &TrustSet,
    profile: &TrustProfile,
    at: Timestamp,
    end_entity: &Certificate,
    intermediates: &[Certificate],
) -> SignerOutcome {
    let usage = fixture::usage("tax");
    let context = ValidationContext::new(trust, profile, &usage, at);
    validate_signer(end_entity, intermediates, &context)
}

fn codes(outcome: &SignerOutcome) -> Vec<ReasonCode> {
    outcome.reasons.iter().map(Reason::code).collect()
}

#[track_caller]
fn assert_passed(outcome: &SignerOutcome) {
    assert_eq!(
        outcome.indication,
        Indication::TotalPassed,
        "{:?}",
        outcome.reasons
    );
    assert_eq!(outcome.sub_indication, None);
    assert!(outcome.validated.is_some());
}

/// Refused with these reasons beside the remark that revocation was not examined.
#[track_caller]
fn assert_refused(outcome: &SignerOutcome, sub_indication: SubIndication, expected: &[ReasonCode]) {
    assert_eq!(outcome.indication, Indication::Indeterminate);
    assert_eq!(
        outcome.sub_indication,
        Some(sub_indication),
        "{:?}",
        outcome.reasons
    );
    let mut found = codes(outcome);
    found.retain(|code| *code != ReasonCode::RevocationNotChecked);
    assert_eq!(found, expected);
}

/// One CA that is accepted, and a certificate of it that passes.
struct Plain {
    ca: IssuingCa,
    trust: TrustSet,
    end_entity: Certificate,
}

fn plain(more: &str) -> Plain {
    let ca = fixture::root("Root");
    let trust = fixture::set(&[fixture::store("a", &[ca.certificate()], more)]);
    let (end_entity, _) = fixture::signer(&ca, &particulars("Company"), &[TAX_EKU]);
    Plain {
        ca,
        trust,
        end_entity,
    }
}

#[test]
fn an_accepted_ca_passes_and_is_named() {
    let Plain {
        trust,
        end_entity,
        ca,
    } = plain("");
    let outcome = outcome(&trust, &["a"], &end_entity, &[]);
    assert_passed(&outcome);
    assert_eq!(codes(&outcome), [ReasonCode::RevocationNotChecked]);
    assert_eq!(outcome.ca.as_ref().unwrap().name_zh, "机构a");
    assert_eq!(outcome.signer.subject, "CN=Company");
    assert_eq!(outcome.signer.serial, end_entity.serial().to_string());
    let path: Vec<_> = outcome.path.iter().map(|element| element.sha256).collect();
    assert_eq!(path, [end_entity.sha256(), ca.certificate().sha256()]);
}

#[test]
fn an_intermediate_is_found_in_any_order_among_strangers() {
    let Plain { ca, trust, .. } = plain("");
    let middle = fixture::intermediate(&ca, &particulars("Middle"));
    let lower = fixture::intermediate(&middle, &particulars("Lower"));
    let (end_entity, _) = fixture::signer(&lower, &particulars("Company"), &[TAX_EKU]);
    let stranger = fixture::root("Stranger").certificate().clone();
    let offered = [
        stranger,
        middle.certificate().clone(),
        lower.certificate().clone(),
    ];
    let found = outcome(&trust, &["a"], &end_entity, &offered);
    assert_passed(&found);
    assert_eq!(found.path.len(), 4);

    let without = outcome(&trust, &["a"], &end_entity, &[lower.certificate().clone()]);
    assert_refused(
        &without,
        SubIndication::NoCertificateChainFound,
        &[ReasonCode::CaUnknown],
    );
    let issuer = without.reasons[0].params()["issuer"].as_str().unwrap();
    assert_eq!(issuer, "CN=Middle", "names who is missing");
}

#[test]
fn unknown_unrecognised_and_unpermitted_are_told_apart() {
    let Plain {
        trust,
        end_entity,
        ca,
    } = plain("");
    let unrecognised = outcome(&trust, &[], &end_entity, &[]);
    assert_refused(
        &unrecognised,
        SubIndication::ChainConstraintsFailure,
        &[ReasonCode::CaNotRecognised],
    );
    assert_eq!(
        unrecognised.reasons.last().unwrap().message_zh(),
        "“bank-x”未认可电子认证机构“机构a”。"
    );
    assert_eq!(unrecognised.ca.unwrap().id, "a");

    let other_usage = fixture::profile(&trust, &["a"], &["banking"]);
    let unpermitted = under(&trust, &other_usage, now(), &end_entity, &[]);
    assert_refused(
        &unpermitted,
        SubIndication::ChainConstraintsFailure,
        &[ReasonCode::UsageNotPermitted],
    );

    let no_usages = fixture::set(&[fixture::store("a", &[ca.certificate()], "[usages]")]);
    let web_root = outcome(&no_usages, &["a"], &end_entity, &[]);
    assert_refused(
        &web_root,
        SubIndication::ChainConstraintsFailure,
        &[ReasonCode::UsageNotPermitted],
    );

    let other = fixture::root("Other");
    let (stranger, _) = fixture::signer(&other, &particulars("Company"), &[TAX_EKU]);
    let unknown = outcome(&trust, &["a"], &stranger, &[]);
    assert_refused(
        &unknown,
        SubIndication::NoCertificateChainFound,
        &[ReasonCode::CaUnknown],
    );
    assert!(unknown.ca.is_none());
}

#[test]
fn a_new_anchor_is_inert_until_it_is_pinned() {
    let (old, new) = (fixture::root("Old"), fixture::root("New"));
    let before = fixture::set(&[fixture::store("a", &[old.certificate()], "")]);
    let profile = fixture::profile(&before, &["a"], &["tax"]);
    let both = [old.certificate(), new.certificate()];
    let after = fixture::set(&[fixture::store("a", &both, "")]);
    let (end_entity, _) = fixture::signer(&new, &particulars("Company"), &[TAX_EKU]);
    assert_refused(
        &under(&after, &profile, now(), &end_entity, &[]),
        SubIndication::ChainConstraintsFailure,
        &[ReasonCode::AnchorNotRecognised],
    );
    assert_passed(&outcome(&after, &["a"], &end_entity, &[]));
}

#[test]
fn a_usage_demands_what_its_rule_says() {
    let rule = "[usages.tax]\nekus = ['1.2.3', '1.2.4']\npolicies = ['1.2.5']\n";
    let Plain { ca, trust, .. } = plain(rule);
    let with = |ekus: &[&str], policies: &[&str]| {
        let profile = CertificateProfile {
            policies: policies.iter().map(|text| fixture::oid(text)).collect(),
            ..particulars("Company")
        };
        let (end_entity, _) = fixture::signer(&ca, &profile, ekus);
        outcome(&trust, &["a"], &end_entity, &[])
    };
    assert_passed(&with(&["1.2.4"], &["1.2.5", "1.2.6"]));
    assert_eq!(with(&["1.2.4"], &["1.2.5"]).policies, ["1.2.5"]);
    let constraints = SubIndication::ChainConstraintsFailure;
    let purpose = with(&["1.2.9"], &["1.2.5"]);
    assert_refused(&purpose, constraints, &[ReasonCode::KeyPurposeMismatch]);
    assert_eq!(purpose.reasons[0].params()["found"], "1.2.9");
    assert_refused(
        &with(&[], &["1.2.5"]),
        constraints,
        &[ReasonCode::KeyPurposeMismatch],
    );
    // anyExtendedKeyUsage stands for nothing in particular.
    let any = with(&["2.5.29.37.0"], &["1.2.5"]);
    assert_refused(&any, constraints, &[ReasonCode::KeyPurposeMismatch]);
    assert_refused(
        &with(&["1.2.9"], &["1.2.6"]),
        constraints,
        &[
            ReasonCode::KeyPurposeMismatch,
            ReasonCode::CertificatePolicyMissing,
        ],
    );
}

#[test]
fn a_receipt_key_does_not_sign_credentials() {
    let eku = KeyPurpose::Credential.eku().unwrap();
    let Plain { ca, trust, .. } = plain(&format!("[usages.tax]\nekus = ['{eku}']\n"));
    for (purpose, passes) in [(KeyPurpose::Credential, true), (KeyPurpose::Receipt, false)] {
        let (key, _) = SigningKey::generate(purpose).unwrap();
        let usage = EndEntityUsage::Purpose(purpose);
        let end_entity =
            issue_end_entity(&ca, key.public_key(), &particulars("Key"), &usage).unwrap();
        let outcome = outcome(&trust, &["a"], &end_entity, &[]);
        assert_eq!(
            outcome.indication == Indication::TotalPassed,
            passes,
            "{purpose:?}"
        );
    }
}

#[test]
fn dates_of_a_certificate_are_out_of_bounds_on_both_sides() {
    let Plain {
        trust,
        end_entity,
        ca,
    } = plain("");
    let profile = fixture::profile(&trust, &["a"], &["tax"]);
    for (time, code) in [
        ("2027-01-01T00:00:00Z", ReasonCode::CertificateExpired),
        ("2024-12-31T23:59:59Z", ReasonCode::CertificateNotYetValid),
    ] {
        let outcome = under(&trust, &profile, at(time), &end_entity, &[]);
        assert_refused(&outcome, SubIndication::OutOfBoundsNoPoe, &[code]);
        assert_eq!(
            outcome.ca.as_ref().unwrap().id,
            "a",
            "still says whose it is"
        );
        assert_eq!(outcome.path.len(), 2);
        assert!(outcome.validated.is_none());
    }
    for time in ["2025-01-01T00:00:00Z", "2026-12-31T00:00:00Z"] {
        assert_passed(&under(&trust, &profile, at(time), &end_entity, &[]));
    }

    let ended = CertificateProfile {
        not_after: at("2026-02-01T00:00:00Z"),
        ..particulars("Middle")
    };
    let middle = fixture::intermediate(&ca, &ended);
    let in_time = CertificateProfile {
        not_after: at("2026-01-31T00:00:00Z"),
        ..particulars("Company")
    };
    let (end_entity, _) = fixture::signer(&middle, &in_time, &[TAX_EKU]);
    let offered = [middle.certificate().clone()];
    let both = outcome(&trust, &["a"], &end_entity, &offered);
    assert_refused(
        &both,
        SubIndication::OutOfBoundsNoPoe,
        &[ReasonCode::CertificateExpired],
    );
}

#[test]
fn an_expired_certificate_of_an_unrecognised_ca_says_both() {
    let Plain {
        trust, end_entity, ..
    } = plain("");
    let profile = fixture::profile(&trust, &[], &["tax"]);
    assert_refused(
        &under(
            &trust,
            &profile,
            at("2030-01-01T00:00:00Z"),
            &end_entity,
            &[],
        ),
        SubIndication::ChainConstraintsFailure,
        &[ReasonCode::CaNotRecognised, ReasonCode::CertificateExpired],
    );
}

#[test]
fn a_ca_is_believed_from_and_to_its_dates() {
    let constraints = SubIndication::ChainConstraintsFailure;
    let Plain {
        trust, end_entity, ..
    } = plain("valid-from = '2026-06-02'");
    let early = outcome(&trust, &["a"], &end_entity, &[]);
    assert_refused(&early, constraints, &[ReasonCode::CaNotYetValid]);

    // The certificate was issued on 1 January 2025; it is judged on 1 June 2026.
    for (distrust_after, signed_at, passes) in [
        ("2026-06-01", "2026-06-01T00:00:00Z", true),
        ("2026-05-31", "2026-06-01T00:00:00Z", false),
        // A signature that is proven to be older stands …
        ("2026-05-31", "2026-05-31T23:59:59Z", true),
        ("2025-01-01", "2025-01-01T12:00:00Z", true),
        // … but a certificate issued afterwards has no older signatures, whatever a proof says.
        ("2024-12-31", "2024-12-31T12:00:00Z", false),
    ] {
        let Plain {
            trust, end_entity, ..
        } = plain(&format!("distrust-after = '{distrust_after}'"));
        let profile = fixture::profile(&trust, &["a"], &["tax"]);
        let usage = fixture::usage("tax");
        let context = ValidationContext {
            proven_at: Some(at(signed_at)),
            ..ValidationContext::new(&trust, &profile, &usage, now())
        };
        let outcome = validate_signer(&end_entity, &[], &context);
        match passes {
            true => assert_passed(&outcome),
            false => assert_refused(&outcome, constraints, &[ReasonCode::CaDistrusted]),
        }
    }
}

#[test]
fn without_revocation_evidence_nothing_passes_where_it_is_required() {
    let Plain {
        trust, end_entity, ..
    } = plain("revocation = 'required'");
    let outcome = outcome(&trust, &["a"], &end_entity, &[]);
    assert_refused(
        &outcome,
        SubIndication::TryLater,
        &[ReasonCode::RevocationUnknown],
    );
    assert_eq!(outcome.reasons[0].params()["retryAfterSeconds"], 300);

    let profile = fixture::profile(&trust, &["a"], &["tax"]);
    let usage = fixture::usage("tax");
    let context = ValidationContext {
        revocation: RevocationPolicy::Skip,
        ..ValidationContext::new(&trust, &profile, &usage, now())
    };
    let skipped = validate_signer(&end_entity, &[], &context);
    assert_passed(&skipped);
    assert_eq!(codes(&skipped), [ReasonCode::RevocationSkipped]);
}

#[test]
fn a_demonstration_ca_always_says_so() {
    let Plain {
        trust, end_entity, ..
    } = plain("demo = true");
    for accepted in [&["a"][..], &[]] {
        let outcome = outcome(&trust, accepted, &end_entity, &[]);
        assert!(codes(&outcome).contains(&ReasonCode::DemoTrust));
    }
}

#[test]
fn the_company_comes_only_from_where_the_ca_says() {
    const USCC: &str = "91350211M000100Y43";
    let valid = crate::identifier::uscc::Uscc::with_check(&USCC[..17]).unwrap();
    let text = valid.to_string();
    let identity = |attribute: Option<&str>, extension: Option<&str>| {
        let mut profile = particulars("Company");
        if let Some(value) = attribute {
            profile
                .subject
                .push((ORGANISATION_IDENTIFIER, value.to_owned()));
        }
        if let Some(value) = extension {
            let oid = fixture::oid(ORGANISATION_CODE_EXTENSION);
            profile.identity.push((oid, value.to_owned()));
        }
        profile
    };
    let more = "identity-oids = ['1.2.156.10260.4.1.4', '2.5.4.97']";
    let check = |more: &str, profile: &CertificateProfile| {
        let Plain { ca, trust, .. } = plain(more);
        let (end_entity, _) = fixture::signer(&ca, profile, &[TAX_EKU]);
        let outcome = outcome(&trust, &["a"], &end_entity, &[]);
        assert_passed(&outcome);
        let mut remarks = codes(&outcome);
        remarks.retain(|code| *code != ReasonCode::RevocationNotChecked);
        (outcome.signer.uscc, outcome.signer.uscc_source, remarks)
    };
    let prefixed = format!("NTRCN-{text}");
    let both = identity(Some(&prefixed), Some(&text));
    let (uscc, source, remarks) = check(more, &both);
    assert_eq!(uscc.as_ref(), Some(&valid));
    assert_eq!(source.as_deref(), Some("1.2.156.10260.4.1.4"));
    assert_eq!(remarks, []);

    let (uscc, source, _) = check(more, &identity(Some(&prefixed), None));
    assert_eq!(uscc.as_ref(), Some(&valid));
    assert_eq!(source.as_deref(), Some("2.5.4.97"));

    // Not named in ca.toml: not taken.
    let (uscc, source, remarks) = check("", &both);
    assert_eq!((uscc, source, remarks), (None, None, vec![]));

    // The prefix belongs to organizationIdentifier alone.
    let (uscc, _, remarks) = check(more, &identity(None, Some(&prefixed)));
    assert_eq!((uscc, remarks), (None, vec![ReasonCode::SignerUsccInvalid]));

    // A wrong check character.
    let mut wrong: String = text[..17].to_owned();
    wrong.push(if text.ends_with('0') { '1' } else { '0' });
    let (uscc, _, remarks) = check(more, &identity(None, Some(&wrong)));
    assert_eq!((uscc, remarks), (None, vec![ReasonCode::SignerUsccInvalid]));

    // Two different companies.
    let other = crate::identifier::uscc::Uscc::with_check("91441900MA4UJ1234").unwrap();
    let (uscc, _, remarks) = check(
        more,
        &identity(Some(&format!("NTRCN-{other}")), Some(&text)),
    );
    assert_eq!(
        (uscc, remarks),
        (None, vec![ReasonCode::SignerIdentityAmbiguous])
    );
}

#[test]
fn a_ca_certificate_is_no_signer_and_an_anchor_no_document() {
    let Plain { ca, trust, .. } = plain("");
    let middle = fixture::intermediate(&ca, &particulars("Middle"));
    let constraints = SubIndication::ChainConstraintsFailure;
    assert_refused(
        &outcome(&trust, &["a"], middle.certificate(), &[]),
        constraints,
        &[
            ReasonCode::SignerIsACa,
            ReasonCode::SignerKeyUsage,
            ReasonCode::KeyPurposeMismatch,
        ],
    );
    for accepted in [&["a"][..], &[]] {
        let itself = outcome(&trust, accepted, ca.certificate(), &[]);
        assert_refused(&itself, constraints, &[ReasonCode::PathAnchorItself]);
        assert_eq!(itself.ca.unwrap().id, "a");
    }
}

#[test]
fn a_forged_issuer_is_not_believed_by_its_name() {
    let Plain { trust, .. } = plain("");
    let forger = fixture::root("Root");
    let (end_entity, _) = fixture::signer(&forger, &particulars("Company"), &[TAX_EKU]);
    let outcome = outcome(&trust, &["a"], &end_entity, &[]);
    assert_refused(
        &outcome,
        SubIndication::CertificateChainGeneralFailure,
        &[ReasonCode::PathSignatureWrong],
    );
    assert!(outcome.validated.is_none());
}

#[test]
fn of_two_cas_with_one_key_the_one_whose_rules_fit_counts() {
    let (ca, twin) = fixture::root_and_twin("Shared");
    let stores = [
        fixture::store("a", &[ca.certificate()], "[usages.tax]\nekus = ['1.2.3']\n"),
        fixture::store("b", &[&twin], "[usages.tax]\nekus = ['1.2.4']\n"),
    ];
    let trust = fixture::set(&stores);
    for (eku, name) in [("1.2.3", "a"), ("1.2.4", "b")] {
        let (end_entity, _) = fixture::signer(&ca, &particulars("Company"), &[eku]);
        let outcome = outcome(&trust, &["a", "b"], &end_entity, &[]);
        assert_passed(&outcome);
        assert_eq!(outcome.ca.unwrap().id, name);
    }
}

#[test]
fn a_certificate_alone_has_nothing_intact() {
    let Plain {
        trust, end_entity, ..
    } = plain("");
    let report = outcome(&trust, &["a"], &end_entity, &[]).into_certificate_report("C1");
    assert_eq!(report.format, "certificate");
    assert_eq!(report.cryptographic.intact, None);
    assert_eq!(report.indication, Indication::TotalPassed);
    assert_eq!(
        report.reasons.last().unwrap().code(),
        ReasonCode::CertificateOnly
    );
    let unknown = outcome(&trust, &[], &end_entity, &[]).into_certificate_report("C1");
    assert_eq!(
        unknown.sub_indication,
        Some(SubIndication::ChainConstraintsFailure)
    );
}
