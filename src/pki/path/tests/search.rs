//! Which paths are tried, which of them is told about, and when the search ends.

use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::path::Budget;
use crate::pki::path::PathError;
use crate::pki::path::PathValidator;
use crate::pki::path::fixtures::Entity;
use crate::pki::path::fixtures::Spec;
use crate::pki::path::fixtures::now;
use crate::pki::path::tests::Hierarchy;
use crate::pki::path::tests::cause;
use crate::pki::path::tests::validate;
use crate::pki::trust_anchor::AnchorSet;
use crate::pki::trust_anchor::TrustAnchor;

#[test]
fn nobody_of_the_issuers_name_is_no_path_without_a_cause() {
    let h = Hierarchy::new();
    let end = h.end().certificate();
    assert_eq!(
        validate(&[h.root.anchor()], &[], &end).unwrap_err(),
        PathError::NoPath(None)
    );
    assert_eq!(
        validate(&[], &[], &end).unwrap_err(),
        PathError::NoPath(None)
    );
    let intermediate = h.intermediate().certificate();
    let stranger = Entity::new("Stranger").anchor();
    assert_eq!(
        validate(&[stranger], &[intermediate], &end).unwrap_err(),
        PathError::NoPath(None)
    );
}

#[test]
fn the_wrong_key_is_a_bad_signature() {
    let h = Hierarchy::new();
    let impostor = Entity::new("Intermediate");
    let error = h.failure(&h.intermediate(), &Spec::end_entity(&h.end, &impostor));
    assert!(
        matches!(&error, PathError::BadSignature { issuer, .. } if issuer == "CN=Intermediate"),
        "{error}"
    );
    let impostor = Entity::new("Root");
    let error = h.failure(&Spec::ca(&h.intermediate, &impostor), &h.end());
    assert!(
        matches!(&error, PathError::BadSignature { issuer, .. } if issuer == "CN=Root"),
        "{error}"
    );
}

#[test]
fn a_changed_byte_in_the_signed_part_is_a_bad_signature() {
    let h = Hierarchy::new();
    let end = h.end().certificate();
    let position = end
        .der()
        .windows(3)
        .position(|bytes| bytes == b"End")
        .unwrap();
    let mut der = end.der().to_vec();
    der[position] = b'X';
    let forged = Certificate::parse_der(&der).unwrap();
    let error = validate(
        &[h.root.anchor()],
        &[h.intermediate().certificate()],
        &forged,
    );
    assert!(matches!(
        cause(error.unwrap_err()),
        PathError::BadSignature { .. }
    ));
}

#[test]
fn one_name_may_have_several_keys() {
    let h = Hierarchy::new();
    let others: Vec<Entity> = (0..5).map(|_| Entity::new("Intermediate")).collect();
    for has_key_ids in [true, false] {
        let spec = |subject| Spec {
            has_key_ids,
            ..Spec::ca(subject, &h.root)
        };
        let mut intermediates: Vec<Certificate> = others
            .iter()
            .map(|other| spec(other).certificate())
            .collect();
        intermediates.push(spec(&h.intermediate).certificate());
        let end = Spec {
            has_key_ids,
            ..h.end()
        }
        .certificate();
        assert!(validate(&[h.root.anchor()], &intermediates, &end).is_ok());
    }
    // … and so may an anchor.
    let mut anchors: Vec<TrustAnchor> = (0..5).map(|_| Entity::new("Root").anchor()).collect();
    anchors.push(h.root.anchor());
    let path = validate(
        &anchors,
        &[h.intermediate().certificate()],
        &h.end().certificate(),
    );
    assert_eq!(path.unwrap().anchor(), &anchors[5]);
}

#[test]
fn key_identifiers_are_hints_only() {
    let h = Hierarchy::new();
    let anchors = [h.root.anchor()];
    // An issuer whose subject key identifier is another than the one that its certificates name.
    let wrong = Spec {
        has_key_ids: false,
        more: vec![(
            extension::SUBJECT_KEY_IDENTIFIER,
            false,
            &[0x04, 0x01, 0x07],
        )],
        ..h.intermediate()
    };
    assert!(validate(&anchors, &[wrong.certificate()], &h.end().certificate()).is_ok());
}

#[test]
fn alternatives_are_tried() {
    let h = Hierarchy::new();
    let end = h.end().certificate();
    let good = h.intermediate().certificate();
    let expired = Spec {
        not_after: "251231235959Z",
        ..h.intermediate()
    }
    .certificate();
    let no_ca = Spec {
        is_ca: Some(false),
        ..h.intermediate()
    }
    .certificate();
    let other_root = Entity::new("Other Root");
    let to_nowhere = Spec::ca(&h.intermediate, &other_root).certificate();
    for intermediates in [
        [&expired, &no_ca, &to_nowhere, &good],
        [&good, &to_nowhere, &no_ca, &expired],
    ] {
        let intermediates = intermediates.map(Clone::clone);
        let path = validate(&[h.root.anchor()], &intermediates, &end).unwrap();
        assert_eq!(path.certificates()[1], good);
    }
    // The cross-certificate serves those who trust the other root.
    let path = validate(&[other_root.anchor()], &[expired, good, to_nowhere], &end).unwrap();
    assert_eq!(path.anchor().name().to_string(), "CN=Other Root");
}

#[test]
fn loops_end() {
    let (a, b, c) = (Entity::new("A"), Entity::new("B"), Entity::new("C"));
    let end = Entity::new("End");
    let mut intermediates: Vec<Certificate> = [
        (&a, &b),
        (&b, &a),
        (&b, &c),
        (&c, &b),
        (&a, &c),
        (&c, &a),
        (&a, &a),
    ]
    .map(|(subject, issuer)| Spec::ca(subject, issuer).certificate())
    .into();
    let leaf = Spec::end_entity(&end, &a).certificate();
    let root = Entity::new("Root");
    assert_eq!(
        validate(&[root.anchor()], &intermediates, &leaf).unwrap_err(),
        PathError::NoPath(None)
    );
    // An exit behind the loop is found.
    intermediates.push(Spec::ca(&c, &root).certificate());
    assert!(validate(&[root.anchor()], &intermediates, &leaf).is_ok());
}

#[test]
fn an_anchor_among_the_intermediates_changes_nothing() {
    let h = Hierarchy::new();
    let anchor = h.root.anchor();
    let intermediates = [anchor.certificate().clone(), h.intermediate().certificate()];
    assert!(
        validate(
            std::slice::from_ref(&anchor),
            &intermediates,
            &h.end().certificate()
        )
        .is_ok()
    );
    let other = Entity::new("Other").anchor();
    let error = validate(&[other], &intermediates, &h.end().certificate());
    assert_eq!(error.unwrap_err(), PathError::NoPath(None));
}

#[test]
fn an_anchor_itself_is_told_unless_there_is_a_path() {
    let h = Hierarchy::new();
    let anchor = h.root.anchor();
    assert_eq!(
        validate(std::slice::from_ref(&anchor), &[], anchor.certificate()).unwrap_err(),
        PathError::AnchorItself
    );
    // Making the intermediate an anchor does not take away the path that it has.
    let intermediate = h.intermediate().certificate();
    let anchors = [TrustAnchor::new(intermediate.clone()), anchor];
    assert!(validate(&anchors, &[], &intermediate).is_ok());
    assert_eq!(
        validate(&anchors[..1], &[], &intermediate).unwrap_err(),
        PathError::AnchorItself
    );
    // A self-signed certificate that nobody trusts is no anchor.
    let own = Spec::ca(&h.end, &h.end).certificate();
    assert_eq!(
        validate(&anchors, std::slice::from_ref(&own), &own).unwrap_err(),
        PathError::NoPath(None)
    );
}

#[test]
fn names_chain_as_text() {
    let h = Hierarchy::new();
    let shouting = h.intermediate.renamed("  INTERMEDIATE ");
    let end = Spec::end_entity(&h.end, &shouting);
    assert!(h.validate(&h.intermediate(), &end).is_ok());
    // The right key under another name is somebody else.
    let other_name = h.intermediate.renamed("Intermediate 2");
    let end = Spec::end_entity(&h.end, &other_name);
    assert_eq!(
        h.validate(&h.intermediate(), &end).unwrap_err(),
        PathError::NoPath(None)
    );
}

#[test]
fn the_most_specific_failure_is_told() {
    let h = Hierarchy::new();
    let expired = Spec {
        not_after: "251231235959Z",
        serial: 3,
        ..h.intermediate()
    };
    let no_ca = Spec {
        is_ca: Some(false),
        ..h.intermediate()
    };
    let impostor = Entity::new("Intermediate");
    let mut intermediates = [
        Spec::ca(&impostor, &h.root).certificate(),
        no_ca.certificate(),
        expired.certificate(),
    ];
    for _ in 0..intermediates.len() {
        intermediates.rotate_left(1);
        let error = validate(&[h.root.anchor()], &intermediates, &h.end().certificate());
        assert!(matches!(
            cause(error.unwrap_err()),
            PathError::Expired { .. }
        ));
    }
    // A path that was never in order does not count as expired.
    let both = Spec {
        not_after: "251231235959Z",
        is_ca: Some(false),
        ..h.intermediate()
    };
    let error = h.failure(&both, &h.end());
    assert!(matches!(error, PathError::NotACa { .. }), "{error}");
}

#[test]
fn a_rejection_shows_the_path_that_came_nearest() {
    let h = Hierarchy::new();
    let anchors = AnchorSet::new([h.root.anchor()]);
    let end = Spec {
        not_after: "251231235959Z",
        ..h.end()
    }
    .certificate();
    let intermediates = [h.intermediate().certificate()];
    let rejection = PathValidator::new(&anchors, &intermediates, now())
        .explain(&end)
        .unwrap_err();
    let nearest = rejection.nearest.unwrap();
    assert_eq!(nearest.certificates, [end, intermediates[0].clone()]);
    assert_eq!(nearest.anchor, anchors.anchors()[0]);
    // Where no anchor was reached, there is none.
    let rejection = PathValidator::new(&anchors, &[], now())
        .explain(&h.end().certificate())
        .unwrap_err();
    assert!(rejection.nearest.is_none());
}

#[test]
fn running_out_of_budget_is_an_error_of_its_own() {
    let h = Hierarchy::new();
    // Without key identifiers, all these have to be tried.
    let spec = |subject, issuer| Spec {
        has_key_ids: false,
        ..Spec::ca(subject, issuer)
    };
    let impostors: Vec<Entity> = (0..12).map(|_| Entity::new("Intermediate")).collect();
    let mut intermediates: Vec<Certificate> = impostors
        .iter()
        .map(|impostor| spec(impostor, &h.root).certificate())
        .collect();
    intermediates.push(spec(&h.intermediate, &h.root).certificate());
    let anchors = AnchorSet::new([h.root.anchor()]);
    let end = Spec {
        has_key_ids: false,
        ..h.end()
    }
    .certificate();
    let validate = |budget| {
        PathValidator::new(&anchors, &intermediates, now())
            .with_budget(budget)
            .validate(&end)
    };
    // 12 wrong keys, the right one, and the intermediate's own signature.
    let enough = Budget {
        signature_checks: 14,
        ..Budget::DEFAULT
    };
    assert!(validate(enough).is_ok());
    assert_eq!(
        validate(Budget {
            signature_checks: 13,
            ..Budget::DEFAULT
        })
        .unwrap_err(),
        PathError::BudgetExhausted {
            signature_checks: 13,
            steps: 14,
            name_comparisons: 0
        }
    );
    assert_eq!(
        validate(Budget {
            steps: 5,
            ..Budget::DEFAULT
        })
        .unwrap_err(),
        PathError::BudgetExhausted {
            signature_checks: 5,
            steps: 5,
            name_comparisons: 0
        }
    );
    let error = validate(Budget {
        path_certificates: 1,
        ..Budget::DEFAULT
    })
    .unwrap_err();
    assert_eq!(cause(error), PathError::PathTooLong { maximum: 1 });
}

#[test]
fn a_mesh_of_cross_certificates_is_cut_short() {
    // Nine CAs that all certify each other: more than 100 000 paths, none to an anchor.
    let mesh: Vec<Entity> = (0..9).map(|i| Entity::new(&format!("CA {i}"))).collect();
    let mut intermediates = Vec::new();
    for subject in &mesh {
        for issuer in mesh.iter().filter(|issuer| issuer.name != subject.name) {
            intermediates.push(Spec::ca(subject, issuer).certificate());
        }
    }
    let end = Entity::new("End");
    let leaf = Spec::end_entity(&end, &mesh[0]).certificate();
    let anchors = AnchorSet::new([Entity::new("Root").anchor()]);
    let budget = Budget {
        steps: 20_000,
        ..Budget::DEFAULT
    };
    let error = PathValidator::new(&anchors, &intermediates, now())
        .with_budget(budget)
        .validate(&leaf)
        .unwrap_err();
    // Each signature is computed once, however often its certificate is met: 72 edges and the leaf's.
    assert!(
        matches!(
            error,
            PathError::BudgetExhausted {
                signature_checks: ..=73,
                steps: 20_000,
                name_comparisons: 0
            }
        ),
        "{error}"
    );
}
