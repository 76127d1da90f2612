//! What is checked along one path.

use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::path::PathError;
use crate::pki::path::Role;
use crate::pki::path::fixtures::DIGITAL_SIGNATURE;
use crate::pki::path::fixtures::Entity;
use crate::pki::path::fixtures::Spec;
use crate::pki::path::fixtures::UNKNOWN_EXTENSION;
use crate::pki::path::fixtures::at;
use crate::pki::path::fixtures::now;
use crate::pki::path::tests::Hierarchy;
use crate::pki::path::tests::cause;
use crate::pki::path::tests::validate;
use crate::pki::path::tests::validate_at;
use crate::pki::trust_anchor::TrustAnchor;

#[test]
fn a_path_leads_from_the_end_entity_to_the_anchor() {
    let h = Hierarchy::new();
    let path = h.validate(&h.intermediate(), &h.end()).unwrap();
    let subjects: Vec<String> = path
        .certificates()
        .iter()
        .map(|certificate| certificate.subject().to_string())
        .collect();
    assert_eq!(subjects, ["CN=End", "CN=Intermediate"]);
    assert_eq!(path.anchor().name().to_string(), "CN=Root");
    assert_eq!(path.at(), now());
}

#[test]
fn an_anchor_may_have_issued_the_certificate_itself() {
    let h = Hierarchy::new();
    let end = Spec::end_entity(&h.end, &h.root).certificate();
    let path = validate(&[h.root.anchor()], &[], &end).unwrap();
    assert_eq!(path.certificates(), [end]);
    // … and may be what others call an intermediate.
    let anchor = TrustAnchor::new(h.intermediate().certificate());
    assert!(validate(&[anchor], &[], &h.end().certificate()).is_ok());
}

#[test]
fn a_ca_certificate_may_be_asked_about() {
    let h = Hierarchy::new();
    assert!(validate(&[h.root.anchor()], &[], &h.intermediate().certificate()).is_ok());
}

#[test]
fn both_ends_of_the_validity_period_belong_to_it() {
    let h = Hierarchy::new();
    let intermediates = [h.intermediate().certificate()];
    let end = Spec {
        not_before: "300101000000Z",
        not_after: "300131235959Z",
        serial: 7,
        ..h.end()
    }
    .certificate();
    let validate = |time| validate_at(&[h.root.anchor()], &intermediates, &end, at(time));
    for good in [
        "2030-01-01T00:00:00Z",
        "2030-01-31T23:59:59Z",
        "2030-01-31T23:59:59.999Z",
    ] {
        assert!(validate(good).is_ok(), "{good}");
    }
    for early in ["2029-12-31T23:59:59Z", "2029-12-31T23:59:59.999Z"] {
        let error = cause(validate(early).unwrap_err());
        assert!(
            matches!(&error, PathError::NotYetValid { role: Role::EndEntity, not_before, .. } if *not_before == at("2030-01-01T00:00:00Z")),
            "{error}"
        );
    }
    let error = cause(validate("2030-02-01T00:00:00Z").unwrap_err());
    assert_eq!(
        error.to_string(),
        "certificate 07 expired at 2030-01-31T23:59:59Z, validated for 2030-02-01T00:00:00Z"
    );
}

#[test]
fn an_intermediate_has_dates_and_an_anchor_has_none() {
    let h = Hierarchy::new();
    let expired = Spec {
        not_after: "251231235959Z",
        ..h.intermediate()
    };
    let error = h.failure(&expired, &h.end());
    assert!(
        matches!(
            error,
            PathError::Expired {
                role: Role::Issuer,
                ..
            }
        ),
        "{error}"
    );
    let future = Spec {
        not_before: "310101000000Z",
        ..h.intermediate()
    };
    let error = h.failure(&future, &h.end());
    assert!(
        matches!(
            error,
            PathError::NotYetValid {
                role: Role::Issuer,
                ..
            }
        ),
        "{error}"
    );

    let expired = Spec {
        not_after: "251231235959Z",
        ..Spec::ca(&h.root, &h.root)
    };
    let anchor = TrustAnchor::new(expired.certificate());
    assert!(anchor.not_after() < now());
    let intermediates = [h.intermediate().certificate()];
    assert!(validate(&[anchor], &intermediates, &h.end().certificate()).is_ok());
}

#[test]
fn the_anchors_own_signature_is_not_looked_at() {
    let h = Hierarchy::new();
    let cross_signed = Spec::ca(&h.root, &Entity::new("Other Root")).certificate();
    let end = Spec::end_entity(&h.end, &h.root).certificate();
    assert!(validate(&[TrustAnchor::new(cross_signed)], &[], &end).is_ok());
}

#[test]
fn only_a_ca_issues() {
    let h = Hierarchy::new();
    for is_ca in [None, Some(false)] {
        let error = h.failure(
            &Spec {
                is_ca,
                ..h.intermediate()
            },
            &h.end(),
        );
        assert!(matches!(error, PathError::NotACa { .. }), "{error}");
    }
    let error = h.failure(
        &Spec {
            version: 1,
            ..h.intermediate()
        },
        &h.end(),
    );
    assert!(matches!(error, PathError::NotACa { .. }), "{error}");
    let usage = Spec {
        key_usage: Some(DIGITAL_SIGNATURE),
        ..h.intermediate()
    };
    let error = h.failure(&usage, &h.end());
    assert!(matches!(error, PathError::KeyUsage { .. }), "{error}");
    // Without key usage nothing is restricted.
    assert!(
        h.validate(
            &Spec {
                key_usage: None,
                ..h.intermediate()
            },
            &h.end()
        )
        .is_ok()
    );
}

#[test]
fn what_an_anchors_certificate_restricts_is_honoured() {
    let h = Hierarchy::new();
    let end = Spec::end_entity(&h.end, &h.root).certificate();
    let result = |spec: Spec<'_>| validate(&[TrustAnchor::new(spec.certificate())], &[], &end);
    let root = || Spec::ca(&h.root, &h.root);
    assert!(
        result(Spec {
            version: 1,
            ..root()
        })
        .is_ok()
    );
    for (spec, expected) in [
        (
            Spec {
                is_ca: None,
                ..root()
            },
            "is not a CA certificate",
        ),
        (
            Spec {
                key_usage: Some(DIGITAL_SIGNATURE),
                ..root()
            },
            "sign certificates",
        ),
        (
            Spec {
                more: vec![(UNKNOWN_EXTENSION, true, b"")],
                ..root()
            },
            "critical extension 1.2.3.4",
        ),
        (
            Spec {
                more: vec![(extension::NAME_CONSTRAINTS, true, &[0x30, 0x00])],
                ..root()
            },
            "name constraints",
        ),
    ] {
        let error = cause(result(spec).unwrap_err()).to_string();
        assert!(error.contains(expected), "{error}");
    }
    let limited = Spec {
        max_path_length: Some(0),
        ..root()
    };
    assert!(result(limited.clone()).is_ok());
    let error = validate(
        &[TrustAnchor::new(limited.certificate())],
        &[h.intermediate().certificate()],
        &h.end().certificate(),
    );
    assert!(matches!(
        cause(error.unwrap_err()),
        PathError::PathLength { .. }
    ));
}

#[test]
fn unknown_critical_extensions_are_refused_everywhere() {
    let h = Hierarchy::new();
    let more = |is_critical| vec![(UNKNOWN_EXTENSION, is_critical, &b"?"[..])];
    let critical = Spec {
        more: more(true),
        serial: 9,
        ..h.intermediate()
    };
    let error = h.failure(&critical, &h.end());
    assert_eq!(
        error.to_string(),
        "certificate 09 has the unknown critical extension 1.2.3.4"
    );
    let error = h.failure(
        &h.intermediate(),
        &Spec {
            more: more(true),
            ..h.end()
        },
    );
    assert!(
        matches!(error, PathError::UnknownCriticalExtension { .. }),
        "{error}"
    );
    let harmless = Spec {
        more: more(false),
        ..h.intermediate()
    };
    assert!(
        h.validate(
            &harmless,
            &Spec {
                more: more(false),
                ..h.end()
            }
        )
        .is_ok()
    );
}

#[test]
fn path_lengths_are_kept() {
    let names: Vec<Entity> = ["Root", "One", "Two", "Three", "End"]
        .map(Entity::new)
        .into();
    let anchor = [names[0].anchor()];
    // Path lengths that One, Two and Three permit, and whether the end entity below Three passes.
    for (lengths, passes) in [
        ([None, None, None], true),
        ([Some(2), Some(1), Some(0)], true),
        ([Some(1), None, None], false),
        ([None, Some(0), None], false),
        ([None, None, Some(0)], true),
        // A later certificate cannot widen what an earlier one permits.
        ([Some(1), Some(9), Some(9)], false),
    ] {
        let intermediates: Vec<Certificate> = lengths
            .iter()
            .zip(names.windows(2))
            .map(|(max_path_length, pair)| {
                let spec = Spec::ca(&pair[1], &pair[0]);
                Spec {
                    max_path_length: *max_path_length,
                    ..spec
                }
                .certificate()
            })
            .collect();
        let end = Spec::end_entity(&names[4], &names[3]).certificate();
        let result = validate(&anchor, &intermediates, &end);
        assert_eq!(result.is_ok(), passes, "{lengths:?}");
        if let Err(error) = result {
            assert!(matches!(cause(error), PathError::PathLength { .. }));
        }
        // The last certificate of a path is not an intermediate one, even if it is a CA's.
        let ca = Spec {
            max_path_length: Some(0),
            ..Spec::ca(&names[4], &names[3])
        };
        assert_eq!(
            validate(&anchor, &intermediates, &ca.certificate()).is_ok(),
            passes
        );
    }
}

#[test]
fn self_issued_certificates_do_not_count_for_the_path_length() {
    let h = Hierarchy::new();
    let new_key = Entity::new("Intermediate");
    let rollover = Spec::ca(&new_key, &h.intermediate).certificate();
    let limited = Spec {
        max_path_length: Some(0),
        ..h.intermediate()
    }
    .certificate();
    let end = Spec::end_entity(&h.end, &new_key).certificate();
    let path = validate(&[h.root.anchor()], &[limited, rollover], &end).unwrap();
    assert_eq!(path.certificates().len(), 3);
}
