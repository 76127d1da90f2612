//! One CRL: what it says, when it says it, and when it may not.

use std::time::Duration;

use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::certificate::fixtures::extension as encode_extension;
use crate::pki::certificate::fixtures::sequence;
use crate::pki::der;
use crate::pki::path::PathValidator;
use crate::pki::revocation::check::RevocationBudget;
use crate::pki::revocation::check::RevocationChecker;
use crate::pki::revocation::check::fixtures::CERT_SIGN;
use crate::pki::revocation::check::fixtures::Holder;
use crate::pki::revocation::check::fixtures::SERIAL;
use crate::pki::revocation::check::fixtures::Says;
use crate::pki::revocation::check::fixtures::anchors;
use crate::pki::revocation::check::fixtures::at;
use crate::pki::revocation::check::fixtures::crl_problem;
use crate::pki::revocation::check::fixtures::lists;
use crate::pki::revocation::check::fixtures::now;
use crate::pki::revocation::check::fixtures::obstacles;
use crate::pki::revocation::check::fixtures::path;
use crate::pki::revocation::check::fixtures::status;
use crate::pki::revocation::check::fixtures::status_with;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::crl::CrlFlaw;
use crate::pki::revocation::crl::fixtures::CRL_NUMBER;
use crate::pki::revocation::crl::fixtures::CrlParts;
use crate::pki::revocation::crl::fixtures::INVALIDITY_DATE;
use crate::pki::revocation::crl::fixtures::entry;
use crate::pki::revocation::crl::fixtures::number;
use crate::pki::revocation::crl::fixtures::reason;
use crate::pki::revocation::crl::fixtures::utc_time;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::freshness::FreshnessPolicy;
use crate::pki::revocation::freshness::LaterEvidence;
use crate::pki::revocation::freshness::StalePolicy;
use crate::pki::revocation::reason::RevocationReason;
use crate::pki::revocation::status::CertificateStatus;
use crate::pki::revocation::status::Currency;
use crate::pki::revocation::status::EvidenceKind;
use crate::pki::revocation::undetermined::CrlProblem;
use crate::pki::revocation::undetermined::SignerProblem;
use crate::pki::revocation::undetermined::UndeterminedReason;

fn town() -> (Holder, Certificate) {
    let root = Holder::root("Root");
    let end_entity = root.end_entity();
    (root, end_entity)
}

/// The status by one CRL of the root's.
fn by(make: impl FnOnce(&Holder) -> Crl) -> CertificateStatus {
    let (root, end_entity) = town();
    let crl = make(&root);
    status(&root.path(&end_entity), &lists(&[crl]))
}

#[test]
fn who_is_not_listed_is_good() {
    let (root, end_entity) = town();
    let crl = root.crl(|parts| parts.entries = Some(vec![entry(&[SERIAL + 1], &[])]));
    let CertificateStatus::Good { evidence } =
        status(&root.path(&end_entity), &lists(std::slice::from_ref(&crl)))
    else {
        panic!("not good")
    };
    let [used] = evidence.as_slice() else {
        panic!("{evidence:?}")
    };
    assert_eq!(used.kind, EvidenceKind::Crl);
    assert_eq!(used.sha256, crl.sha256());
    assert_eq!(used.this_update, crl.this_update());
    assert_eq!(used.next_update, crl.next_update());
    assert_eq!(&used.issuer, root.certificate.subject());
    assert_eq!(used.currency, Currency::Current);
}

#[test]
fn who_is_listed_is_revoked_or_on_hold() {
    let since = at("2029-06-01T00:00:00Z");
    let date = der::encode(der::GENERALIZED_TIME, b"20290501000000Z");
    let invalid = encode_extension(INVALIDITY_DATE, false, &date);
    let revoked = by(|root| root.crl_listing(&[reason(1), invalid]));
    assert!(matches!(
        revoked,
        CertificateStatus::Revoked { at: revoked_at, reason: RevocationReason::KeyCompromise, invalid_since, .. }
            if revoked_at == since && invalid_since == Some(at("2029-05-01T00:00:00Z"))
    ));
    let unspecified = by(|root| root.crl_listing(&[]));
    assert!(matches!(
        unspecified,
        CertificateStatus::Revoked {
            reason: RevocationReason::Unspecified,
            ..
        }
    ));
    let hold = by(|root| root.crl_listing(&[reason(6)]));
    assert!(matches!(hold, CertificateStatus::OnHold { since: found, .. } if found == since));
    assert_eq!(hold.evidence().len(), 1);
}

#[test]
fn what_happens_later_does_not_count_yet() {
    let (root, end_entity) = town();
    let evidence = lists(&[root.crl_listing(&[reason(1)])]);
    let anchors = anchors(&root);
    let judged = |time: &str| {
        let path = PathValidator::new(&anchors, &[], at(time))
            .validate(&end_entity)
            .unwrap();
        let policy = FreshnessPolicy::at(now());
        status_with(&path, &evidence, &[], policy)
    };
    assert!(judged("2029-05-31T23:59:59Z").is_good());
    let at_last = judged("2029-06-01T00:00:00Z");
    assert!(matches!(at_last, CertificateStatus::Revoked { .. }));
}

#[test]
fn an_invalidity_date_counts_before_the_revocation() {
    let (root, end_entity) = town();
    let date = der::encode(der::GENERALIZED_TIME, b"20290501000000Z");
    let invalid = encode_extension(INVALIDITY_DATE, false, &date);
    let evidence = lists(&[root.crl_listing(&[reason(1), invalid])]);
    let anchors = anchors(&root);
    for (time, is_good) in [
        ("2029-04-30T00:00:00Z", true),
        ("2029-05-02T00:00:00Z", false),
    ] {
        let path = PathValidator::new(&anchors, &[], at(time))
            .validate(&end_entity)
            .unwrap();
        let status = status_with(&path, &evidence, &[], FreshnessPolicy::at(now()));
        assert_eq!(status.is_good(), is_good, "{time}");
    }
}

#[test]
fn without_evidence_nothing_is_known() {
    let (root, end_entity) = town();
    let why = obstacles(status(&root.path(&end_entity), &Evidence::default()));
    assert!(matches!(
        why.as_slice(),
        [UndeterminedReason::NoEvidence { issuer }] if issuer == root.certificate.subject()
    ));
    let other = Holder::root("Another");
    let why = obstacles(status(
        &root.path(&end_entity),
        &lists(&[other.crl(|_| {})]),
    ));
    assert!(matches!(why[0], UndeterminedReason::NoEvidence { .. }));
}

#[test]
fn evidence_that_is_only_in_a_directory_is_told() {
    let root = Holder::root("Root");
    let points = |uris: &[&str]| {
        let names: Vec<u8> = uris
            .iter()
            .flat_map(|uri| der::encode(der::context_primitive(6), uri.as_bytes()))
            .collect();
        let full = der::encode(der::context_constructed(0), &names);
        let point = sequence(&[der::encode(der::context_constructed(0), &full)]);
        let value = sequence(&[point]);
        encode_extension(extension::CRL_DISTRIBUTION_POINTS, false, &value)
    };
    let why = |uris: &[&str]| {
        let says = Says::end_entity(SERIAL).with(points(uris));
        let end_entity = root.certify("End entity", &says).certificate;
        obstacles(status(&root.path(&end_entity), &Evidence::default()))
    };
    let ldap = UndeterminedReason::OnlyUnsupportedLocations {
        schemes: vec!["ldap".to_owned()],
    };
    assert!(why(&["ldap://a/b", "ldap://c/d"]).contains(&ldap));
    assert!(!why(&["ldap://a/b", "http://c/d"]).contains(&ldap));
}

#[test]
fn a_list_is_signed_by_its_issuer() {
    let wrong_key = by(|root| {
        let stranger = Holder::root(root.name);
        stranger.crl(|_| {})
    });
    assert_eq!(crl_problem(wrong_key), CrlProblem::BadSignature);
    let unknown = by(|root| {
        root.crl(|parts| {
            parts.inner_algorithm = sequence(&[vec![6, 2, 0x2a, 3]]);
            parts.outer_algorithm = parts.inner_algorithm.clone();
        })
    });
    assert!(matches!(
        crl_problem(unknown),
        CrlProblem::SignatureNotComputed(_)
    ));
}

#[test]
fn who_signs_lists_is_permitted_to() {
    let says = |key_usage| Says {
        key_usage,
        ..Says::ca(1)
    };
    let by_root = |key_usage| {
        let root = Holder::self_signed("Root", &says(key_usage));
        let end_entity = root.end_entity();
        status(&root.path(&end_entity), &lists(&[root.crl(|_| {})]))
    };
    let problem = crl_problem(by_root(Some(CERT_SIGN)));
    assert!(matches!(
        problem,
        CrlProblem::Signer {
            problem: SignerProblem::KeyUsage,
            ..
        }
    ));
    assert!(by_root(None).is_good());

    let by_intermediate = |key_usage| {
        let root = Holder::root("Root");
        let ca = root.certify("CA", &says(key_usage));
        let end_entity = ca.end_entity();
        let evidence = lists(&[ca.crl(|_| {}), root.crl(|_| {})]);
        status(&path(&root, &[&ca], &end_entity), &evidence)
    };
    assert!(!by_intermediate(Some(CERT_SIGN)).is_determined());
    assert!(by_intermediate(None).is_good());
}

#[test]
fn every_certificate_of_the_path_is_judged() {
    let root = Holder::root("Root");
    let ca = root.certify("CA", &Says::ca(SERIAL));
    let end_entity = ca.end_entity();
    let path = path(&root, &[&ca], &end_entity);
    let evidence = lists(&[ca.crl(|_| {}), root.crl_listing(&[reason(2)])]);
    let policy = FreshnessPolicy::at(now());
    let statuses = RevocationChecker::new(&[&evidence], &[], policy).check(&path);
    assert!(matches!(
        statuses.as_slice(),
        [
            CertificateStatus::Good { .. },
            CertificateStatus::Revoked {
                reason: RevocationReason::CaCompromise,
                ..
            }
        ]
    ));
}

#[test]
fn a_flawed_list_is_not_used() {
    let unknown = || encode_extension("1.2.3", true, b"x");
    let makers: [fn(&mut CrlParts); 2] = [
        |parts| parts.extensions = vec![encode_extension(CRL_NUMBER, true, &[2, 1, 5])],
        |parts| parts.extensions.push(encode_extension("1.2.3", true, b"x")),
    ];
    for make in makers {
        let problem = crl_problem(by(|root| root.crl(make)));
        assert!(matches!(problem, CrlProblem::Flaw(_)), "{problem}");
    }
    // Nor does it accuse.
    let accusing = by(|root| root.crl_listing(&[reason(1), unknown()]));
    assert!(matches!(
        crl_problem(accusing),
        CrlProblem::Flaw(CrlFlaw::UnknownCriticalExtension(oid)) if oid == "1.2.3"
    ));
}

#[test]
fn a_list_from_the_future_is_not_used() {
    let future = |parts: &mut CrlParts| {
        parts.this_update = utc_time("300103000501Z");
    };
    let (root, end_entity) = town();
    let (path, evidence) = (root.path(&end_entity), lists(&[root.crl(future)]));
    assert!(matches!(
        crl_problem(status(&path, &evidence)),
        CrlProblem::NotYetValid { this_update } if this_update == at("2030-01-03T00:05:01Z")
    ));
    let policy = FreshnessPolicy::at(now()).with_later_evidence(LaterEvidence::Accept);
    assert!(status_with(&path, &evidence, &[], policy).is_good());
}

#[test]
fn a_stale_list_says_what_it_would_have_said() {
    let (root, end_entity) = town();
    let path = root.path(&end_entity);
    let late = FreshnessPolicy::at(at("2030-02-02T00:00:00Z"));
    let day = Duration::from_secs(24 * 60 * 60);
    for is_listed in [false, true] {
        let evidence = lists(&[root.crl(|parts| {
            parts.entries = is_listed.then(|| vec![entry(&[SERIAL], &[])]);
        })]);
        let why = obstacles(status_with(&path, &evidence, &[], late));
        let [UndeterminedReason::Stale { would_be }] = why.as_slice() else {
            panic!("{why:#?}")
        };
        assert_eq!(would_be.is_good(), !is_listed);
        assert_eq!(would_be.evidence()[0].currency, Currency::Stale);

        let tolerant = late.with_stale_policy(StalePolicy::AcceptFor(day));
        let accepted = status_with(&path, &evidence, &[], tolerant);
        assert!(accepted.is_determined());
        assert_eq!(accepted.evidence()[0].currency, Currency::Stale);
        let less = late.with_stale_policy(StalePolicy::AcceptFor(day / 2));
        assert!(!status_with(&path, &evidence, &[], less).is_determined());
    }
    let strict = FreshnessPolicy::at(now()).with_max_age(day);
    let evidence = lists(&[root.crl(|_| {})]);
    assert!(!status_with(&path, &evidence, &[], strict).is_determined());
}

#[test]
fn a_stale_list_of_a_stranger_would_have_said_nothing() {
    let (root, end_entity) = town();
    let stranger = Holder::root(root.name);
    let late = FreshnessPolicy::at(at("2030-02-02T00:00:00Z"));
    let evidence = lists(&[stranger.crl(|_| {})]);
    let why = obstacles(status_with(&root.path(&end_entity), &evidence, &[], late));
    let problems: Vec<&CrlProblem> = why
        .iter()
        .map(|reason| match reason {
            UndeterminedReason::Crl { problem, .. } => problem,
            other => panic!("{other}"),
        })
        .collect();
    assert!(matches!(
        problems.as_slice(),
        [
            CrlProblem::Stale {
                next_update: Some(_)
            },
            CrlProblem::BadSignature
        ]
    ));
}

#[test]
fn a_list_without_an_end_ages_in_a_day() {
    let (root, end_entity) = town();
    let path = root.path(&end_entity);
    let evidence = lists(&[root.crl(|parts| parts.next_update.clear())]);
    let judged = |time: &str| status_with(&path, &evidence, &[], FreshnessPolicy::at(at(time)));
    assert!(judged("2030-01-02T00:00:00Z").is_good());
    assert!(!judged("2030-01-02T00:00:01Z").is_determined());
}

#[test]
fn a_spent_budget_is_no_answer() {
    let (root, end_entity) = town();
    let path = root.path(&end_entity);
    // Each list accuses, and none of them is the root's.
    let forged: Vec<Crl> = (0..5)
        .map(|n| {
            let stranger = Holder::root(root.name);
            stranger.crl(|parts| {
                parts.entries = Some(vec![entry(&[SERIAL], &[])]);
                parts.extensions = vec![number(n)];
            })
        })
        .chain([root.crl(|_| {})])
        .collect();
    let evidence = lists(&forged);
    let policy = FreshnessPolicy::at(now());
    let check = |budget: RevocationBudget| {
        RevocationChecker::new(&[&evidence], &[], policy)
            .with_budget(budget)
            .check(&path)
            .remove(0)
    };
    let enough = RevocationBudget {
        signature_checks: 6,
        ..RevocationBudget::DEFAULT
    };
    let scarce = RevocationBudget {
        signature_checks: 4,
        ..RevocationBudget::DEFAULT
    };
    let exhausted = vec![UndeterminedReason::BudgetExhausted];
    assert_eq!(obstacles(check(scarce)), exhausted);
    assert!(check(enough).is_good());
    let steps = RevocationBudget {
        steps: 5,
        ..RevocationBudget::DEFAULT
    };
    assert_eq!(obstacles(check(steps)), exhausted);
}
