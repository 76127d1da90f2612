//! What CA certificates demand of what follows: certificate policies and names; and what is remembered.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::pki::path::Budget;
use crate::pki::path::PathError;
use crate::pki::path::PathInputs;
use crate::pki::path::PathValidator;
use crate::pki::path::ProvenSignatures;
use crate::pki::path::Remember;
use crate::pki::path::Spending;
use crate::pki::path::fixtures::Entity;
use crate::pki::path::fixtures::Spec;
use crate::pki::path::fixtures::now;
use crate::pki::path::tests::Hierarchy;
use crate::pki::path::tests::cause;
use crate::pki::trust_anchor::AnchorSet;

const ANY: &str = "2.5.29.32.0";

fn oid(text: &str) -> Oid {
    Oid::parse(text).unwrap()
}

/// `certificatePolicies` with these.
fn policies(texts: &[&str]) -> Vec<u8> {
    let list = texts
        .iter()
        .map(|text| der::encode(der::SEQUENCE, &oid(text).to_der()));
    der::encode(der::SEQUENCE, &list.collect::<Vec<_>>().concat())
}

/// `policyMappings` with one.
fn mapping(from: &str, to: &str) -> Vec<u8> {
    let pair = [oid(from).to_der(), oid(to).to_der()].concat();
    der::encode(der::SEQUENCE, &der::encode(der::SEQUENCE, &pair))
}

/// Root → Intermediate → End with these policies in the intermediate's and the end entity's certificate.
struct Policies {
    hierarchy: Hierarchy,
    intermediate: Vec<(&'static Oid, bool, Vec<u8>)>,
    end: Vec<(&'static Oid, bool, Vec<u8>)>,
}

impl Policies {
    fn new(intermediate: &[&str], end: &[&str]) -> Self {
        let extension = |texts: &[&str]| match texts {
            [] => Vec::new(),
            texts => vec![(extension::CERTIFICATE_POLICIES, false, policies(texts))],
        };
        Self {
            hierarchy: Hierarchy::new(),
            intermediate: extension(intermediate),
            end: extension(end),
        }
    }

    fn with(mut self, oid: &'static Oid, value: Vec<u8>) -> Self {
        self.intermediate.push((oid, true, value));
        self
    }

    fn valid_for(&self, inputs: &PathInputs) -> Result<Vec<String>, PathError> {
        let h = &self.hierarchy;
        let borrowed = |more: &'_ [(&'static Oid, bool, Vec<u8>)]| -> Vec<_> { more.to_vec() };
        let (above, below) = (borrowed(&self.intermediate), borrowed(&self.end));
        let intermediate = Spec {
            more: above
                .iter()
                .map(|(o, c, v)| (*o, *c, v.as_slice()))
                .collect(),
            ..h.intermediate()
        };
        let end = Spec {
            more: below
                .iter()
                .map(|(o, c, v)| (*o, *c, v.as_slice()))
                .collect(),
            ..h.end()
        };
        let anchors = AnchorSet::new([h.root.anchor()]);
        let intermediates = [intermediate.certificate()];
        let path = PathValidator::new(&anchors, &intermediates, now())
            .with_inputs(inputs)
            .validate(&end.certificate())?;
        Ok(path.policies().iter().map(Oid::to_string).collect())
    }
}

fn explicit(policies: &[&str]) -> PathInputs {
    PathInputs {
        policies: Some(
            policies
                .iter()
                .map(|text| oid(text))
                .collect::<BTreeSet<_>>(),
        ),
        require_explicit_policy: true,
        ..PathInputs::ANY
    }
}

#[test]
fn a_path_is_valid_for_the_policies_that_all_its_certificates_have() {
    for (intermediate, end, expected) in [
        (&["1.2.3"][..], &["1.2.3", "1.2.4"][..], &["1.2.3"][..]),
        (&[ANY], &["1.2.3"], &["1.2.3"]),
        (&["1.2.3"], &[ANY], &["1.2.3"]),
        (&[ANY], &[ANY], &[ANY]),
        (&["1.2.3"], &["1.2.4"], &[]),
        (&[], &["1.2.3"], &[]),
        (&["1.2.3"], &[], &[]),
    ] {
        let found = Policies::new(intermediate, end).valid_for(&PathInputs::ANY);
        assert_eq!(found.unwrap(), expected, "{intermediate:?} {end:?}");
    }
}

#[test]
fn where_a_policy_is_required_one_that_is_asked_for_has_to_be_left() {
    let good = Policies::new(&["1.2.3"], &["1.2.3"]);
    assert_eq!(
        good.valid_for(&explicit(&["1.2.3", "1.2.9"])).unwrap(),
        ["1.2.3"]
    );
    let refused = good.valid_for(&explicit(&["1.2.9"])).unwrap_err();
    assert_eq!(cause(refused), PathError::PolicyRequired);
    // Without the requirement, policies are a result and no condition.
    let asked = PathInputs {
        require_explicit_policy: false,
        ..explicit(&["1.2.9"])
    };
    assert_eq!(good.valid_for(&asked).unwrap(), [""; 0]);
    // A CA may require it as well.
    let required = der::encode(der::SEQUENCE, &[0x80, 0x01, 0x00]);
    let by_ca = |end: &[&str]| {
        Policies::new(&["1.2.3"], end)
            .with(extension::POLICY_CONSTRAINTS, required.clone())
            .valid_for(&PathInputs::ANY)
    };
    assert!(by_ca(&["1.2.3"]).is_ok());
    assert_eq!(
        cause(by_ca(&["1.2.4"]).unwrap_err()),
        PathError::PolicyRequired
    );
}

#[test]
fn policies_are_mapped_unless_that_is_inhibited() {
    let mapped = Policies::new(&["1.2.3"], &["1.2.4"])
        .with(extension::POLICY_MAPPINGS, mapping("1.2.3", "1.2.4"));
    assert_eq!(mapped.valid_for(&explicit(&["1.2.3"])).unwrap(), ["1.2.3"]);
    assert!(mapped.valid_for(&explicit(&["1.2.4"])).is_err());
    let inhibited = PathInputs {
        inhibit_policy_mapping: true,
        ..explicit(&["1.2.3"])
    };
    assert!(mapped.valid_for(&inhibited).is_err());
    let forbidden =
        Policies::new(&[ANY], &["1.2.4"]).with(extension::POLICY_MAPPINGS, mapping(ANY, "1.2.4"));
    let error = cause(forbidden.valid_for(&PathInputs::ANY).unwrap_err());
    assert!(matches!(error, PathError::PolicyMapping { .. }), "{error}");
}

#[test]
fn any_policy_can_be_inhibited() {
    let any = Policies::new(&[ANY], &["1.2.3"]);
    let inhibited = PathInputs {
        inhibit_any_policy: true,
        ..explicit(&["1.2.3"])
    };
    assert!(any.valid_for(&explicit(&["1.2.3"])).is_ok());
    assert!(any.valid_for(&inhibited).is_err());
    let by_ca = Policies::new(&["1.2.3"], &[ANY]).with(
        extension::INHIBIT_ANY_POLICY,
        der::encode(der::INTEGER, &[0]),
    );
    assert!(by_ca.valid_for(&explicit(&["1.2.3"])).is_err());
}

/// `nameConstraints` that permit directory names below `CN=base` alone.
fn permitted(base: &str) -> Vec<u8> {
    let name = crate::pki::certificate::fixtures::common_name(base);
    let base = der::encode(der::context_constructed(4), &name);
    let subtrees = der::encode(der::SEQUENCE, &base);
    der::encode(
        der::SEQUENCE,
        &der::encode(der::context_constructed(0), &subtrees),
    )
}

#[test]
fn names_have_to_keep_to_the_constraints_above_them() {
    let h = Hierarchy::new();
    for (base, passes) in [("End", true), ("Other", false)] {
        let value = permitted(base);
        let intermediate = Spec {
            more: vec![(extension::NAME_CONSTRAINTS, true, &value)],
            ..h.intermediate()
        };
        let result = h.validate(&intermediate, &h.end());
        assert_eq!(result.is_ok(), passes, "{base}");
        if let Err(error) = result {
            let error = cause(error);
            assert!(
                matches!(error, PathError::NameConstraints { .. }),
                "{error}"
            );
        }
    }
    let malformed = Spec {
        more: vec![(extension::NAME_CONSTRAINTS, false, &[0x30, 0x00])],
        ..h.intermediate()
    };
    let error = h.failure(&malformed, &h.end());
    assert!(
        matches!(error, PathError::NameConstraintsMalformed { .. }),
        "{error}"
    );
    // In an end entity's certificate they mean nothing, and nobody can keep to them where they must.
    let value = permitted("End");
    for is_critical in [true, false] {
        let end = Spec {
            more: vec![(extension::NAME_CONSTRAINTS, is_critical, &value)],
            ..h.end()
        };
        assert_eq!(h.validate(&h.intermediate(), &end).is_ok(), !is_critical);
    }
}

#[test]
fn comparisons_of_names_are_bounded() {
    let h = Hierarchy::new();
    let value = permitted("End");
    let intermediate = Spec {
        more: vec![(extension::NAME_CONSTRAINTS, true, &value)],
        ..h.intermediate()
    };
    let anchors = AnchorSet::new([h.root.anchor()]);
    let intermediates = [intermediate.certificate()];
    let validate = |name_comparisons| {
        let budget = Budget {
            name_comparisons,
            ..Budget::DEFAULT
        };
        PathValidator::new(&anchors, &intermediates, now())
            .with_budget(budget)
            .validate(&h.end().certificate())
    };
    assert!(validate(1).is_ok());
    let error = validate(0).unwrap_err();
    assert!(
        matches!(error, PathError::BudgetExhausted { .. }),
        "{error}"
    );
}

/// How many signatures are computed for a path that has to be accepted.
fn computed(
    h: &Hierarchy,
    intermediate: &Certificate,
    end: &Certificate,
    memory: Option<(&ProvenSignatures, Remember)>,
) -> u32 {
    let anchors = AnchorSet::new([h.root.anchor()]);
    let intermediates = [intermediate.clone()];
    let spending = Spending::default();
    let mut validator =
        PathValidator::new(&anchors, &intermediates, now()).with_spending(&spending);
    if let Some((memory, remember)) = memory {
        validator = validator.with_memory(memory, remember);
    }
    assert!(validator.validate(end).is_ok());
    spending.signature_checks()
}

#[test]
fn a_known_ca_costs_no_second_signature_check() {
    let h = Hierarchy::new();
    let intermediate = h.intermediate().certificate();
    let (one, two) = (
        h.end().certificate(),
        Spec {
            serial: 2,
            ..h.end()
        }
        .certificate(),
    );
    assert_eq!(computed(&h, &intermediate, &one, None), 2);
    let memory = ProvenSignatures::default();
    let authorities = Some((&memory, Remember::Authorities));
    assert_eq!(computed(&h, &intermediate, &one, authorities), 2);
    assert_eq!(computed(&h, &intermediate, &two, authorities), 1);
    assert_eq!(computed(&h, &intermediate, &one, authorities), 1);
    assert_eq!(memory.len(), 1);
    let everyone = Some((&memory, Remember::EndEntityToo));
    assert_eq!(computed(&h, &intermediate, &one, everyone), 1);
    assert_eq!(computed(&h, &intermediate, &one, everyone), 0);
}

#[test]
fn memory_says_nothing_of_dates_or_of_another_key() {
    let h = Hierarchy::new();
    let memory = ProvenSignatures::default();
    let intermediate = h.intermediate().certificate();
    let end = h.end().certificate();
    computed(
        &h,
        &intermediate,
        &end,
        Some((&memory, Remember::EndEntityToo)),
    );
    let anchors = AnchorSet::new([h.root.anchor()]);
    let later = crate::pki::path::fixtures::at("2050-01-01T00:00:00Z");
    let intermediates = [intermediate];
    let error = PathValidator::new(&anchors, &intermediates, later)
        .with_memory(&memory, Remember::EndEntityToo)
        .validate(&end)
        .unwrap_err();
    assert!(matches!(cause(error), PathError::Expired { .. }));
    // An impostor of the anchor's name has another key, so that nothing is known of it.
    let impostor = AnchorSet::new([Entity::new("Root").anchor()]);
    let error = PathValidator::new(&impostor, &intermediates, now())
        .with_memory(&memory, Remember::EndEntityToo)
        .validate(&end)
        .unwrap_err();
    assert!(matches!(cause(error), PathError::BadSignature { .. }));
}

#[test]
fn only_what_reached_an_anchor_is_remembered() {
    let h = Hierarchy::new();
    let memory = ProvenSignatures::default();
    let nobody = AnchorSet::new([Entity::new("Nobody").anchor()]);
    let intermediates = [h.intermediate().certificate()];
    let end = h.end().certificate();
    let validator = PathValidator::new(&nobody, &intermediates, now())
        .with_memory(&memory, Remember::EndEntityToo);
    assert!(validator.validate(&end).is_err());
    assert!(memory.is_empty());
}

#[test]
fn every_valid_path_is_offered_until_one_is_taken() {
    let h = Hierarchy::new();
    let other = Entity::new("Other Root");
    let anchors = AnchorSet::new([h.root.anchor(), other.anchor()]);
    let intermediates = [
        h.intermediate().certificate(),
        Spec::ca(&h.intermediate, &other).certificate(),
    ];
    let end = h.end().certificate();
    let validator = PathValidator::new(&anchors, &intermediates, now());
    let offered = |wanted: usize| {
        let mut ends = Vec::new();
        let searched = validator.search(&end, &mut |path| {
            ends.push(path.anchor().name().to_string());
            match ends.len() == wanted {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        (ends, searched.map_err(|rejection| rejection.error))
    };
    assert_eq!(offered(1).0.len(), 1);
    assert!(offered(2).1.is_ok());
    let (all, ended) = offered(3);
    assert_eq!(all.len(), 2);
    assert_eq!(ended, Err(PathError::NoPath(None)));
    // … and none but those that end where they may.
    let restricted =
        validator.restricted_to(&|anchor| anchor.name().to_string() == "CN=Other Root");
    assert_eq!(
        restricted
            .validate(&end)
            .unwrap()
            .anchor()
            .name()
            .to_string(),
        "CN=Other Root"
    );
}

#[test]
fn a_rejection_lists_what_was_tried_and_who_is_missing() {
    let h = Hierarchy::new();
    let anchors = AnchorSet::new([h.root.anchor()]);
    let impostor = Spec {
        has_key_ids: false,
        ..Spec::ca(&Entity::new("Intermediate"), &h.root)
    }
    .certificate();
    let elsewhere = Spec::ca(&h.intermediate, &Entity::new("Elsewhere")).certificate();
    let intermediates = [impostor.clone(), elsewhere.clone()];
    let rejection = PathValidator::new(&anchors, &intermediates, now())
        .explain(&h.end().certificate())
        .unwrap_err();
    assert_eq!(rejection.missing, ["CN=Elsewhere"]);
    let [stranded, forged] = rejection.attempts.as_slice() else {
        panic!("{:?}", rejection.attempts);
    };
    assert_eq!(stranded.candidate, elsewhere);
    assert_eq!(stranded.error, PathError::NoPath(None));
    assert_eq!(forged.candidate, impostor);
    assert!(matches!(forged.error, PathError::BadSignature { .. }));
    assert!(matches!(
        rejection.error,
        PathError::NoPath(Some(cause)) if matches!(*cause, PathError::BadSignature { .. })
    ));
}
