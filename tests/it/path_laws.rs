//! Laws of path building over generated graphs of CAs: names with several keys, keys with several names,
//! several certificates of one name and key, cross-certificates, loops; path lengths, name constraints
//! and policies that let one path pass and another not; and certificates that are wrong in one way.
//!
//! What is right is told by trying each path alone: a search may find no more and no less.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::ops::ControlFlow;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use yinxin::clock::Timestamp;
use yinxin::crypto::digest::Sha256;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::oid::Oid;
use yinxin::pki::path::Budget;
use yinxin::pki::path::PathError;
use yinxin::pki::path::PathInputs;
use yinxin::pki::path::PathValidator;
use yinxin::pki::path::ProvenSignatures;
use yinxin::pki::path::Remember;
use yinxin::pki::path::ValidatedPath;
use yinxin::pki::trust_anchor::AnchorSet;
use yinxin::pki::trust_anchor::TrustAnchor;

use crate::certificate_writer as writer;
use crate::certificate_writer::Draft;
use crate::certificate_writer::Extension;
use crate::certificate_writer::KeyPair;
use crate::certificate_writer::Sign as _;

const NAMES: u8 = 4;
const KEYS: u8 = 3;

/// A CA: a name and a key, by number.
type Node = (u8, u8);

/// What makes a certificate useless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Fault {
    BadSignature,
    Expired,
    KeyUsage,
    NotACa,
    UnknownCritical,
}

/// What narrows the names below a CA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Constraint {
    Excluded(u8),
    Permitted(u8),
}

/// The policies of a certificate, as bits: the first two policies, and any policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Policies {
    set: u8,
    /// Maps the first policy to the second.
    maps: bool,
    requires_explicit: Option<u8>,
}

const ANY: u8 = 4;
const POLICIES: [(u8, &str); 3] = [
    (1, "1.3.6.1.4.1.1.1"),
    (2, "1.3.6.1.4.1.1.2"),
    (ANY, "2.5.29.32.0"),
];
const HOSTS: [&str; 2] = ["a.example", "b.example"];

/// A CA's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Link {
    subject: Node,
    issuer: Node,
    fault: Option<Fault>,
    max_path_length: Option<u8>,
    constraint: Option<Constraint>,
    policies: Option<Policies>,
}

/// The end entity's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct End {
    issuer: Node,
    /// Which of [`HOSTS`] it names, as bits.
    hosts: u8,
    policies: u8,
}

#[derive(Clone, Debug)]
struct Case {
    links: Vec<Link>,
    anchors: Vec<Node>,
    end: End,
    inputs: PathInputs,
}

/// A path that was found: the digests of its certificates, and its anchor.
type Found = (Vec<Sha256>, Sha256);

thread_local! {
    static PAIRS: Vec<KeyPair> = (0..=KEYS).map(|_| KeyPair::p256()).collect();
    static LINKS: RefCell<HashMap<Link, Certificate>> = RefCell::default();
    static ENDS: RefCell<HashMap<End, Certificate>> = RefCell::default();
}

fn now() -> Timestamp {
    Timestamp::parse("2030-01-01T00:00:00Z").unwrap()
}

impl Case {
    fn anchors(&self) -> AnchorSet {
        self.anchors.iter().copied().map(anchor).collect()
    }

    fn certificates(&self) -> Vec<Certificate> {
        self.links.iter().map(Link::certificate).collect()
    }

    fn is_accepted(&self) -> bool {
        let (anchors, certificates) = (self.anchors(), self.certificates());
        self.validator(&anchors, &certificates)
            .validate(&self.end.certificate())
            .is_ok()
    }

    fn validator<'a>(
        &'a self,
        anchors: &'a AnchorSet,
        certificates: &'a [Certificate],
    ) -> PathValidator<'a> {
        PathValidator::new(anchors, certificates, now()).with_inputs(&self.inputs)
    }

    /// The paths that are accepted when nothing else is at hand.
    fn right_paths(&self) -> BTreeSet<Found> {
        let alone = self.paths().into_iter().map(|(links, node)| Self {
            links: links.into_iter().copied().collect(),
            anchors: vec![node],
            ..self.clone()
        });
        alone.flat_map(|alone| alone.found_paths()).collect()
    }

    /// The paths that a search offers to somebody who takes none of them.
    fn found_paths(&self) -> BTreeSet<Found> {
        let (anchors, certificates) = (self.anchors(), self.certificates());
        let budget = Budget {
            paths: 10_000,
            signature_checks: 10_000,
            ..Budget::DEFAULT
        };
        let mut found = BTreeSet::new();
        let refused = self
            .validator(&anchors, &certificates)
            .with_budget(budget)
            .search(&self.end.certificate(), &mut |path| {
                found.insert(describe(&path));
                ControlFlow::Continue(())
            });
        let error = refused.unwrap_err().error;
        assert!(matches!(error, PathError::NoPath(_)), "{error}");
        found
    }

    /// Whether the case is accepted by somebody who remembers, asked a second time as well.
    fn is_accepted_from(&self, memory: &ProvenSignatures, remember: Remember) -> bool {
        let (anchors, certificates) = (self.anchors(), self.certificates());
        let validator = self.validator(&anchors, &certificates);
        let validator = validator.with_memory(memory, remember);
        let end_entity = self.end.certificate();
        let answers = [(); 2].map(|()| validator.validate(&end_entity).map(|path| describe(&path)));
        assert_eq!(answers[0], answers[1], "remembering changed the answer");
        answers[0].is_ok()
    }

    /// Every sequence of links from the end entity to an anchor that comes to no CA twice.
    fn paths(&self) -> Vec<(Vec<&Link>, Node)> {
        let mut found = Vec::new();
        self.climb(self.end.issuer, &mut Vec::new(), &mut found);
        found
    }

    fn climb<'a>(
        &'a self,
        node: Node,
        path: &mut Vec<&'a Link>,
        found: &mut Vec<(Vec<&'a Link>, Node)>,
    ) {
        if self.anchors.contains(&node) {
            found.push((path.clone(), node));
        }
        for link in self.links.iter().filter(|link| link.subject == node) {
            let comes_twice = link.issuer == link.subject
                || path.iter().any(|below| below.subject == link.issuer);
            if !comes_twice {
                path.push(link);
                self.climb(link.issuer, path, found);
                path.pop();
            }
        }
    }
}

fn describe(path: &ValidatedPath) -> Found {
    let certificates = path.certificates().iter();
    (
        certificates.map(Certificate::sha256).collect(),
        path.anchor().id(),
    )
}

fn anchor(node: Node) -> TrustAnchor {
    TrustAnchor::new(Link::plain(node, node).certificate())
}

impl Link {
    const fn plain(subject: Node, issuer: Node) -> Self {
        Self {
            subject,
            issuer,
            fault: None,
            max_path_length: None,
            constraint: None,
            policies: None,
        }
    }

    fn certificate(&self) -> Certificate {
        if let Some(known) = LINKS.with_borrow(|known| known.get(self).cloned()) {
            return known;
        }
        let certificate = PAIRS.with(|pairs| self.write(pairs));
        LINKS.with_borrow_mut(|known| known.insert(*self, certificate.clone()));
        certificate
    }

    fn write(&self, pairs: &[KeyPair]) -> Certificate {
        let key = &pairs[usize::from(self.subject.1)];
        let mut draft = Draft::new(name(self.issuer), name(self.subject), key);
        if self.fault == Some(Fault::Expired) {
            draft.not_after = "251231235959Z".to_owned();
        }
        draft.extensions = self.extensions();
        draft.extensions.push(writer::subject_key_id(&key.key_id()));
        let signer = match self.fault {
            Some(Fault::BadSignature) => usize::from(KEYS),
            _ => usize::from(self.issuer.1),
        };
        Certificate::parse_der(&draft.sign(&pairs[signer])).unwrap()
    }

    fn extensions(&self) -> Vec<Extension> {
        let length = self.max_path_length.map(u32::from);
        let usage = match self.fault {
            Some(Fault::KeyUsage) => writer::DIGITAL_SIGNATURE,
            _ => writer::KEY_CERT_SIGN,
        };
        let mut extensions = vec![
            match self.fault {
                Some(Fault::NotACa) => writer::basic_constraints(false, None),
                _ => writer::basic_constraints(true, length),
            },
            writer::key_usage(usage),
        ];
        let host = |number: u8| writer::dns(HOSTS[usize::from(number)]);
        extensions.extend(self.constraint.map(|constraint| match constraint {
            Constraint::Excluded(number) => writer::name_constraints(&[], &[host(number)]),
            Constraint::Permitted(number) => writer::name_constraints(&[host(number)], &[]),
        }));
        if let Some(policies) = self.policies {
            extensions.extend(policies.extensions());
        }
        if self.fault == Some(Fault::UnknownCritical) {
            extensions.push(Extension::new(
                "1.3.6.1.4.1.99999.1",
                true,
                vec![0x05, 0x00],
            ));
        }
        extensions
    }
}

impl Policies {
    fn extensions(self) -> Vec<Extension> {
        let mut extensions = vec![policy_extension(self.set)];
        if self.maps {
            extensions.push(writer::policy_mappings(&[(POLICIES[0].1, POLICIES[1].1)]));
        }
        let explicit = self.requires_explicit;
        extensions.extend(explicit.map(|skip| writer::policy_constraints(Some(skip), None)));
        extensions
    }
}

fn policy_extension(set: u8) -> Extension {
    let chosen = POLICIES.iter().filter(|(bit, _)| set & bit != 0);
    let ids: Vec<&str> = chosen.map(|(_, id)| *id).collect();
    writer::certificate_policies(&ids)
}

fn name(node: Node) -> Vec<u8> {
    writer::common_name(&format!("CA {}", node.0))
}

impl End {
    fn certificate(self) -> Certificate {
        if let Some(known) = ENDS.with_borrow(|known| known.get(&self).cloned()) {
            return known;
        }
        let certificate = PAIRS.with(|pairs| self.write(pairs));
        ENDS.with_borrow_mut(|known| known.insert(self, certificate.clone()));
        certificate
    }

    fn write(self, pairs: &[KeyPair]) -> Certificate {
        let key = pairs.last().unwrap();
        let issuer = name(self.issuer);
        let mut draft = Draft::new(issuer, writer::common_name("End"), key);
        let named = HOSTS
            .iter()
            .zip([1, 2])
            .filter(|(_, bit)| self.hosts & bit != 0);
        let names: Vec<Vec<u8>> = named.map(|(host, _)| writer::dns(host)).collect();
        if !names.is_empty() {
            draft = draft.with(writer::subject_alt_name(false, &names));
        }
        if self.policies != 0 {
            draft = draft.with(policy_extension(self.policies));
        }
        let der = draft.sign(&pairs[usize::from(self.issuer.1)]);
        Certificate::parse_der(&der).unwrap()
    }
}

fn node() -> impl Strategy<Value = Node> {
    (0..NAMES, 0..KEYS)
}

fn fault() -> impl Strategy<Value = Option<Fault>> {
    prop_oneof![
        20 => Just(None),
        1 => Just(Some(Fault::BadSignature)),
        1 => Just(Some(Fault::Expired)),
        1 => Just(Some(Fault::KeyUsage)),
        1 => Just(Some(Fault::NotACa)),
        1 => Just(Some(Fault::UnknownCritical)),
    ]
}

fn constraint() -> impl Strategy<Value = Option<Constraint>> {
    prop_oneof![
        6 => Just(None),
        1 => (0..2_u8).prop_map(|number| Some(Constraint::Excluded(number))),
        1 => (0..2_u8).prop_map(|number| Some(Constraint::Permitted(number))),
    ]
}

fn policies() -> impl Strategy<Value = Option<Policies>> {
    let explicit = prop_oneof![4 => Just(None), 1 => (0..3_u8).prop_map(Some)];
    let some = (1..8_u8, prop::bool::weighted(0.2), explicit);
    let some = some.prop_map(|(set, maps, requires_explicit)| {
        Some(Policies {
            set,
            maps,
            requires_explicit,
        })
    });
    prop_oneof![1 => Just(None), 2 => some]
}

fn link() -> impl Strategy<Value = Link> {
    let max_path_length = prop_oneof![3 => Just(None), 1 => (0..3_u8).prop_map(Some)];
    (
        node(),
        node(),
        fault(),
        max_path_length,
        constraint(),
        policies(),
    )
        .prop_map(
            |(subject, issuer, fault, max_path_length, constraint, policies)| Link {
                subject,
                issuer,
                fault,
                max_path_length,
                constraint,
                policies,
            },
        )
}

fn inputs() -> impl Strategy<Value = PathInputs> {
    let rarely = || prop::bool::weighted(0.1);
    let policies = prop::option::weighted(0.2, prop::sample::subsequence(&POLICIES[..2], 1..=2));
    let length = prop::option::weighted(0.1, 0..3_u32);
    (policies, rarely(), rarely(), rarely(), length).prop_map(
        |(
            policies,
            require_explicit_policy,
            inhibit_policy_mapping,
            inhibit_any_policy,
            max_path_length,
        )| {
            let oid = |(_, id): (u8, &str)| Oid::parse(id).unwrap();
            PathInputs {
                policies: policies.map(|some| some.into_iter().map(oid).collect()),
                require_explicit_policy,
                inhibit_policy_mapping,
                inhibit_any_policy,
                max_path_length,
            }
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    let links = prop::collection::vec(link(), 0..20);
    let anchors = prop::collection::vec(node(), 1..6);
    let end = (node(), 0..4_u8, 0..8_u8);
    let end = end.prop_map(|(issuer, hosts, policies)| End {
        issuer,
        hosts,
        policies,
    });
    (links, anchors, end, inputs()).prop_map(|(links, anchors, end, inputs)| Case {
        links,
        anchors,
        end,
        inputs,
    })
}

/// A thousand cases, the same ones always.
fn thousand() -> Vec<Case> {
    let mut runner = TestRunner::deterministic();
    let cases = (0..1_000).map(|_| case().new_tree(&mut runner).unwrap().current());
    cases.collect()
}

#[test]
#[expect(clippy::print_stderr, reason = "the counts are what this test shows")]
fn enough_cases_are_accepted_and_enough_are_refused_and_enough_have_a_choice() {
    let cases = thousand();
    let count = |rule: &dyn Fn(&Case) -> bool| cases.iter().filter(|case| rule(case)).count();
    let accepted = count(&Case::is_accepted);
    let deep = count(&|case| !case.anchors.contains(&case.end.issuer) && case.is_accepted());
    // Those in which the first path that a search comes to may be the wrong one.
    let chosen = count(&|case| {
        let paths = case.paths().len();
        paths > 1 && case.is_accepted()
    });
    eprintln!(
        "of 1000: {accepted} accepted, {deep} of them over intermediates, {chosen} with a choice"
    );
    assert!((300..=700).contains(&accepted), "{accepted}");
    assert!(deep >= 100, "{deep}");
    assert!(chosen >= 100, "{chosen}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_search_finds_each_right_path_and_no_other(case in case()) {
        prop_assume!(case.paths().len() <= 200);
        let right = case.right_paths();
        prop_assert_eq!(case.is_accepted(), !right.is_empty());
        prop_assert_eq!(case.found_paths(), right);
    }

    #[test]
    fn memory_changes_nothing(cases in prop::collection::vec(case(), 1..4), capacity in 0..20_usize) {
        let memory = ProvenSignatures::new(capacity);
        for remember in [Remember::Authorities, Remember::EndEntityToo] {
            for case in &cases {
                prop_assert_eq!(case.is_accepted_from(&memory, remember), case.is_accepted());
            }
        }
        prop_assert!(memory.len() <= capacity);
    }

    #[test]
    fn order_never_matters(
        (case, links, anchors) in case().prop_flat_map(|case| {
            let links = Just(case.links.clone()).prop_shuffle();
            let anchors = Just(case.anchors.clone()).prop_shuffle();
            (Just(case), links, anchors)
        }),
    ) {
        let turned = Case { links, anchors, ..case.clone() };
        prop_assert_eq!(case.found_paths(), turned.found_paths());
        prop_assert_eq!(case.is_accepted(), turned.is_accepted());
    }

    #[test]
    fn one_more_anchor_or_intermediate_never_loses_a_path(
        case in case(),
        links in prop::collection::vec(link(), 0..6),
        anchors in prop::collection::vec(node(), 0..3),
    ) {
        if case.is_accepted() {
            let more = Case {
                links: [links, case.links].concat(),
                anchors: [anchors, case.anchors].concat(),
                ..case
            };
            prop_assert!(more.is_accepted());
        }
    }

    #[test]
    fn the_same_twice_is_the_same(case in case()) {
        let twice = Case {
            links: [case.links.as_slice(), &case.links].concat(),
            anchors: [case.anchors.as_slice(), &case.anchors].concat(),
            ..case.clone()
        };
        prop_assert_eq!(case.is_accepted(), twice.is_accepted());
    }

    #[test]
    fn one_more_constraint_never_gains_a_path(
        case in case(),
        constraint in constraint(),
        max_path_length in prop::option::of(0..3_u8),
    ) {
        let narrowed = Case {
            links: case.links.iter().map(|link| Link {
                constraint: link.constraint.or(constraint),
                max_path_length: link.max_path_length.or(max_path_length),
                ..*link
            }).collect(),
            ..case.clone()
        };
        prop_assert!(case.is_accepted() || !narrowed.is_accepted());
    }
}
