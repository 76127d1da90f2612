//! Laws over small random hierarchies: names with several keys, cross-certificates, loops, and
//! certificates that are wrong in one way. A model that tries everything says what is right.

use std::cell::RefCell;
use std::collections::HashMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::pki::certificate::Certificate;
use crate::pki::path::fixtures::DIGITAL_SIGNATURE;
use crate::pki::path::fixtures::Entity;
use crate::pki::path::fixtures::Spec;
use crate::pki::path::tests::validate;
use crate::pki::trust_anchor::TrustAnchor;

const NAMES: u8 = 3;
const KEYS: u8 = 2;

/// A name and a key, by number.
type Node = (u8, u8);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Fault {
    Expired,
    KeyUsage,
    NotACa,
}

/// A CA certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Link {
    subject: Node,
    issuer: Node,
    fault: Option<Fault>,
    max_path_length: Option<u8>,
}

#[derive(Clone, Debug)]
struct Case {
    links: Vec<Link>,
    anchors: Vec<Node>,
    /// Who issued the end entity's certificate.
    issuer: Node,
}

impl Case {
    /// Whether any sequence of links from the end entity to an anchor is in order.
    fn is_right(&self) -> bool {
        self.leads_up(self.issuer, &mut Vec::new())
    }

    fn leads_up<'a>(&'a self, node: Node, path: &mut Vec<&'a Link>) -> bool {
        if self.anchors.contains(&node) && is_in_order(path) {
            return true;
        }
        for link in self.links.iter().filter(|link| link.subject == node) {
            if !path.contains(&link) {
                path.push(link);
                if self.leads_up(link.issuer, path) {
                    return true;
                }
                path.pop();
            }
        }
        false
    }

    fn is_accepted(&self) -> bool {
        let links: Vec<Certificate> = self.links.iter().map(Link::certificate).collect();
        let anchors: Vec<TrustAnchor> = self.anchors.iter().map(|node| anchor(*node)).collect();
        validate(&anchors, &links, &end_entity(self.issuer)).is_ok()
    }

    fn with(&self, links: &[Link], anchors: &[Node]) -> Self {
        Self {
            links: [&self.links, links].concat(),
            anchors: [&self.anchors, anchors].concat(),
            issuer: self.issuer,
        }
    }
}

/// `path` begins at the end entity's issuer.
fn is_in_order(path: &[&Link]) -> bool {
    let mut left = u8::MAX;
    for link in path.iter().rev() {
        if link.fault.is_some() {
            return false;
        }
        if link.subject.0 != link.issuer.0 {
            match left.checked_sub(1) {
                Some(less) => left = less,
                None => return false,
            }
        }
        left = left.min(link.max_path_length.unwrap_or(u8::MAX));
    }
    true
}

thread_local! {
    static ENTITIES: Vec<Vec<Entity>> = (0..KEYS)
        .map(|_| {
            let first = Entity::new("CA 0");
            let name = |number| first.renamed(&format!("CA {number}"));
            (0..NAMES).map(name).collect()
        })
        .collect();
    static CERTIFICATES: RefCell<HashMap<Link, Certificate>> = RefCell::default();
    static END: Entity = Entity::new("End");
}

fn entity((name, key): Node) -> Entity {
    ENTITIES.with(|keys| keys[usize::from(key)][usize::from(name)].clone())
}

impl Link {
    fn certificate(&self) -> Certificate {
        let known = CERTIFICATES.with_borrow(|known| known.get(self).cloned());
        known.unwrap_or_else(|| {
            let (subject, issuer) = (entity(self.subject), entity(self.issuer));
            let mut spec = Spec::ca(&subject, &issuer);
            spec.max_path_length = self.max_path_length;
            match self.fault {
                Some(Fault::Expired) => spec.not_after = "251231235959Z",
                Some(Fault::KeyUsage) => spec.key_usage = Some(DIGITAL_SIGNATURE),
                Some(Fault::NotACa) => spec.is_ca = None,
                None => {}
            }
            let certificate = spec.certificate();
            CERTIFICATES.with_borrow_mut(|known| known.insert(*self, certificate.clone()));
            certificate
        })
    }
}

fn anchor(node: Node) -> TrustAnchor {
    let own = Link {
        subject: node,
        issuer: node,
        fault: None,
        max_path_length: None,
    };
    TrustAnchor::new(own.certificate())
}

fn end_entity(issuer: Node) -> Certificate {
    END.with(|end| Spec::end_entity(end, &entity(issuer)).certificate())
}

fn node() -> impl Strategy<Value = Node> {
    (0..NAMES, 0..KEYS)
}

fn link() -> impl Strategy<Value = Link> {
    let fault = prop_oneof![
        12 => Just(None),
        1 => Just(Some(Fault::Expired)),
        1 => Just(Some(Fault::KeyUsage)),
        1 => Just(Some(Fault::NotACa)),
    ];
    let max_path_length = prop_oneof![2 => Just(None), 1 => (0..3_u8).prop_map(Some)];
    (node(), node(), fault, max_path_length).prop_map(
        |(subject, issuer, fault, max_path_length)| Link {
            subject,
            issuer,
            fault,
            max_path_length,
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    let links = prop::collection::vec(link(), 0..16);
    let anchors = prop::collection::vec(node(), 0..4);
    (links, anchors, node()).prop_map(|(links, anchors, issuer)| Case {
        links,
        anchors,
        issuer,
    })
}

#[test]
fn enough_of_the_cases_are_accepted_and_enough_refused() {
    let mut runner = TestRunner::deterministic();
    let cases = (0..1_000).map(|_| case().new_tree(&mut runner).unwrap().current());
    let accepted = cases.filter(Case::is_right).count();
    assert!((300..=700).contains(&accepted), "{accepted} of 1000");
}

#[test]
fn some_of_the_cases_need_more_than_one_step() {
    let mut runner = TestRunner::deterministic();
    let cases = (0..1_000).map(|_| case().new_tree(&mut runner).unwrap().current());
    let deep = cases.filter(|case| !case.anchors.contains(&case.issuer) && case.is_right());
    assert!(deep.count() > 100);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_right_is_accepted_and_nothing_else(case in case()) {
        prop_assert_eq!(case.is_accepted(), case.is_right());
    }

    #[test]
    fn order_never_matters(case in case(), seed in any::<prop::sample::Index>()) {
        let mut turned = case.clone();
        turned.links.reverse();
        turned.anchors.reverse();
        if !turned.links.is_empty() {
            let by = seed.index(turned.links.len());
            turned.links.rotate_left(by);
        }
        prop_assert_eq!(case.is_accepted(), turned.is_accepted());
    }

    #[test]
    fn one_more_anchor_or_intermediate_never_loses_a_path(
        case in case(),
        links in prop::collection::vec(link(), 0..4),
        anchors in prop::collection::vec(node(), 0..2),
    ) {
        if case.is_accepted() {
            prop_assert!(case.with(&links, &anchors).is_accepted());
        }
    }
}
