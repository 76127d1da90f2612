//! Delta CRLs beside their base.

use crate::pki::certificate::fixtures::extension as encode_extension;
use crate::pki::certificate::fixtures::sequence;
use crate::pki::der;
use crate::pki::revocation::check::fixtures::Holder;
use crate::pki::revocation::check::fixtures::SERIAL;
use crate::pki::revocation::check::fixtures::at;
use crate::pki::revocation::check::fixtures::crl_problem;
use crate::pki::revocation::check::fixtures::lists;
use crate::pki::revocation::check::fixtures::obstacles;
use crate::pki::revocation::check::fixtures::status;
use crate::pki::revocation::check::fixtures::status_with;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::crl::fixtures::AUTHORITY_KEY_IDENTIFIER;
use crate::pki::revocation::crl::fixtures::CrlParts;
use crate::pki::revocation::crl::fixtures::base_number;
use crate::pki::revocation::crl::fixtures::entry;
use crate::pki::revocation::crl::fixtures::flag;
use crate::pki::revocation::crl::fixtures::issuing_distribution_point;
use crate::pki::revocation::crl::fixtures::number;
use crate::pki::revocation::crl::fixtures::reason;
use crate::pki::revocation::crl::fixtures::utc_time;
use crate::pki::revocation::freshness::FreshnessPolicy;
use crate::pki::revocation::reason::RevocationReason;
use crate::pki::revocation::status::CertificateStatus;
use crate::pki::revocation::undetermined::CrlProblem;
use crate::pki::revocation::undetermined::UndeterminedReason;

const HOLD: Option<u8> = Some(6);
const KEY_COMPROMISE: Option<u8> = Some(1);
const REMOVE: Option<u8> = Some(8);

fn listing(code: Option<u8>) -> Option<Vec<Vec<u8>>> {
    code.map(|code| vec![entry(&[SERIAL], &[reason(code)])])
}

/// Number 5.
fn base(root: &Holder, code: Option<u8>) -> Crl {
    root.crl(|parts| parts.entries = listing(code))
}

/// Number 9 since 5, a day later.
fn delta(root: &Holder, code: Option<u8>) -> Crl {
    changed_delta(root, code, |_| {})
}

fn changed_delta(root: &Holder, code: Option<u8>, change: impl FnOnce(&mut CrlParts)) -> Crl {
    root.crl(|parts| {
        parts.this_update = utc_time("300102000000Z");
        parts.extensions = vec![number(9), base_number(5)];
        parts.entries = listing(code);
        change(parts);
    })
}

fn judged(in_base: Option<u8>, in_delta: Option<u8>) -> CertificateStatus {
    let root = Holder::root("Root");
    let end_entity = root.end_entity();
    let evidence = lists(&[delta(&root, in_delta), base(&root, in_base)]);
    status(&root.path(&end_entity), &evidence)
}

#[test]
fn a_delta_changes_its_base() {
    assert!(judged(None, None).is_good());
    assert!(judged(HOLD, REMOVE).is_good());
    assert!(judged(None, REMOVE).is_good());
    let on_hold = |status| matches!(status, CertificateStatus::OnHold { .. });
    assert!(on_hold(judged(HOLD, None)));
    assert!(on_hold(judged(None, HOLD)));
    assert!(on_hold(judged(HOLD, HOLD)));
    let revoked = |status| {
        matches!(
            status,
            CertificateStatus::Revoked {
                reason: RevocationReason::KeyCompromise,
                ..
            }
        )
    };
    for (in_base, in_delta) in [
        (None, KEY_COMPROMISE),
        (HOLD, KEY_COMPROMISE),
        (KEY_COMPROMISE, None),
        (KEY_COMPROMISE, HOLD),
        (KEY_COMPROMISE, REMOVE), // a removal ends a hold, and no revocation
    ] {
        assert!(
            revoked(judged(in_base, in_delta)),
            "{in_base:?} {in_delta:?}"
        );
    }
}

#[test]
fn the_list_that_has_the_entry_is_the_evidence() {
    let root = Holder::root("Root");
    let end_entity = root.end_entity();
    let path = root.path(&end_entity);
    for (in_base, in_delta) in [(KEY_COMPROMISE, None), (None, KEY_COMPROMISE)] {
        let (base, delta) = (base(&root, in_base), delta(&root, in_delta));
        let expected = match in_base {
            Some(_) => base.sha256(),
            None => delta.sha256(),
        };
        let revoked = status(&path, &lists(&[base, delta]));
        assert_eq!(revoked.evidence()[0].sha256, expected);
    }
}

#[test]
fn a_delta_alone_accuses_but_does_not_clear() {
    let root = Holder::root("Root");
    let end_entity = root.end_entity();
    let path = root.path(&end_entity);
    let alone = |code| status(&path, &lists(&[delta(&root, code)]));
    assert_eq!(crl_problem(alone(None)), CrlProblem::DeltaWithoutBase);
    assert_eq!(crl_problem(alone(REMOVE)), CrlProblem::DeltaWithoutBase);
    assert!(matches!(
        alone(KEY_COMPROMISE),
        CertificateStatus::Revoked { .. }
    ));
    assert!(matches!(alone(HOLD), CertificateStatus::OnHold { .. }));
}

#[test]
fn a_delta_goes_with_a_base_of_its_number_scope_and_key() {
    let root = Holder::root("Root");
    let end_entity = root.end_entity();
    let path = root.path(&end_entity);
    // Lifting the hold of the base takes a delta that goes with it.
    let lifted = |change: &dyn Fn(&mut CrlParts)| {
        let delta = changed_delta(&root, REMOVE, |parts| change(parts));
        status(&path, &lists(&[base(&root, HOLD), delta])).is_good()
    };
    assert!(lifted(&|_| {}));
    let numbers = |own, since| {
        lifted(&move |parts: &mut CrlParts| {
            parts.extensions = vec![number(own), base_number(since)];
        })
    };
    assert!(numbers(6, 1) && numbers(6, 5));
    assert!(!numbers(9, 6), "changes since a later base");
    assert!(!numbers(5, 4), "not after the base");
    assert!(!numbers(4, 4), "before the base");
    assert!(!lifted(&|parts| {
        parts
            .extensions
            .push(issuing_distribution_point(&[flag(1)]));
    }));
    assert!(!lifted(&|parts| {
        let key = sequence(&[der::encode(der::context_primitive(0), &[1])]);
        let key = encode_extension(AUTHORITY_KEY_IDENTIFIER, false, &key);
        parts.extensions.push(key);
    }));
    let forged = delta(&Holder::root("Root"), REMOVE);
    let status = status(&path, &lists(&[base(&root, HOLD), forged]));
    assert!(matches!(status, CertificateStatus::OnHold { .. }));
}

#[test]
fn a_current_delta_keeps_its_base_current() {
    let root = Holder::root("Root");
    let end_entity = root.end_entity();
    let path = root.path(&end_entity);
    let late = FreshnessPolicy::at(at("2030-02-15T00:00:00Z"));
    let judged = |crls: &[Crl]| status_with(&path, &lists(crls), &[], late);
    let prolonged = |code| {
        changed_delta(&root, code, |parts| {
            parts.next_update = utc_time("300301000000Z");
        })
    };
    let cleared = judged(&[base(&root, None), prolonged(None)]);
    assert!(cleared.is_good());
    assert_eq!(cleared.evidence().len(), 2);
    assert!(judged(&[base(&root, HOLD), prolonged(REMOVE)]).is_good());
    for (in_base, in_delta) in [(KEY_COMPROMISE, None), (None, KEY_COMPROMISE)] {
        let status = judged(&[base(&root, in_base), prolonged(in_delta)]);
        assert!(matches!(status, CertificateStatus::Revoked { .. }));
    }
    // Both stale: told, not used.
    let why = obstacles(judged(&[base(&root, None), delta(&root, None)]));
    assert!(
        matches!(why.as_slice(), [UndeterminedReason::Stale { would_be }] if would_be.is_good())
    );
    // A stale delta does not spoil a current base.
    let fresh = root.crl(|parts| parts.next_update = utc_time("300301000000Z"));
    assert!(judged(&[fresh, delta(&root, None)]).is_good());
}

#[test]
fn of_several_deltas_the_latest_ends_a_hold() {
    let root = Holder::root("Root");
    let end_entity = root.end_entity();
    let path = root.path(&end_entity);
    let numbered = |code, own, day: &str| {
        changed_delta(&root, code, |parts| {
            parts.extensions = vec![number(own), base_number(5)];
            parts.this_update = utc_time(day);
        })
    };
    let (first, second) = ("300101120000Z", "300102000000Z");
    let judged = |one: Crl, other: Crl| status(&path, &lists(&[base(&root, None), one, other]));
    let ended = judged(numbered(HOLD, 6, first), numbered(REMOVE, 7, second));
    assert!(ended.is_good());
    let begun = judged(numbered(REMOVE, 6, first), numbered(HOLD, 7, second));
    assert!(matches!(begun, CertificateStatus::OnHold { .. }));
    // Of one time, the number tells which is later.
    let ended = judged(numbered(HOLD, 6, first), numbered(REMOVE, 7, first));
    assert!(ended.is_good());
}
