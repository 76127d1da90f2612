//! Certificate policies along a path: RFC 5280 §6.1, by the policy graph of RFC 9618.
//!
//! RFC 5280's valid policy *tree* can grow exponentially with the number of certificates; RFC 9618 §3 replaces it
//! by a graph that has one node for each policy at each depth and gives the same results. Qualifiers
//! are not processed (RFC 9618 §5.1 lets an application ignore them).

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension::ANY_POLICY;
use crate::pki::oid::Oid;

/// The inputs (c) to (g) of RFC 5280 §6.1.1, and the initial value of `max_path_length` (§6.1.2 (k)).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathInputs {
    /// (c) `user-initial-policy-set`; `None`: any policy.
    pub policies: Option<BTreeSet<Oid>>,
    /// (f) `initial-explicit-policy`: the path must be valid for at least one policy of the set.
    pub require_explicit_policy: bool,
    /// (e) `initial-policy-mapping-inhibit`.
    pub inhibit_policy_mapping: bool,
    /// (g) `initial-any-policy-inhibit`.
    pub inhibit_any_policy: bool,
    /// How many non-self-issued certificates may stand between anchor and end entity; `None`: any number.
    pub max_path_length: Option<u32>,
}

impl PathInputs {
    /// Nothing is asked for.
    pub const ANY: Self = Self {
        policies: None,
        require_explicit_policy: false,
        inhibit_policy_mapping: false,
        inhibit_any_policy: false,
        max_path_length: None,
    };
}

/// Why a path is not valid for any policy asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PolicyRefusal {
    /// RFC 5280 §6.1.4 (a): a mapping from or to anyPolicy, in the certificate at this place (0 is the end
    /// entity).
    MapsAnyPolicy(usize),
    /// §6.1.5 (g): an explicit policy is required and none is left.
    NoneLeft,
}

/// The policies for which `path` (end entity first) below `anchor` is valid: the user-constrained policy set
/// of RFC 9618 §5.4, in the terms of the anchor; may contain anyPolicy.
pub(super) fn process(
    path: &[&Certificate],
    anchor: &Certificate,
    inputs: &PathInputs,
) -> Result<BTreeSet<Oid>, PolicyRefusal> {
    let mut state = State::new(path.len(), anchor, inputs);
    for (place, certificate) in path.iter().enumerate().rev() {
        state.take(certificate, place);
        if place > 0 {
            state.prepare_next(certificate, place)?;
        }
    }
    state.wrap_up(path.first().copied(), inputs)
}

/// Whether [`process`] could refuse `path` at all: without any of these, the policies are a result and no
/// condition, and can be computed when somebody asks for them.
pub(super) fn may_refuse(path: &[&Certificate], anchor: &Certificate, inputs: &PathInputs) -> bool {
    inputs.require_explicit_policy
        || anchor.policy_constraints().is_some()
        || path.iter().any(|certificate| {
            certificate.policy_constraints().is_some() || certificate.policy_mappings().is_some()
        })
}

/// One policy at one depth.
#[derive(Debug, Default)]
struct Node {
    /// The policies one depth above that lead here; empty: anyPolicy does.
    parents: BTreeSet<Oid>,
}

/// The nodes of one depth. `anyPolicy` is a flag, since its only parent is itself.
#[derive(Debug, Default)]
struct Level {
    nodes: BTreeMap<Oid, Node>,
    has_any_policy: bool,
}

/// The state variables of RFC 5280 §6.1.2 that concern policies.
#[derive(Debug)]
struct State {
    /// Finished depths, the anchor's side first.
    above: Vec<Level>,
    /// The depth being worked on. Before [`Self::take`] it holds what the certificates above expect.
    current: Level,
    explicit_policy: usize,
    inhibit_any_policy: usize,
    policy_mapping: usize,
}

impl State {
    /// §6.1.2 (a), (d), (e), (f): `length` is the number of certificates below the anchor.
    ///
    /// What the anchor's own certificate says counts as if it stood above the path (RFC 5937 §4).
    fn new(length: usize, anchor: &Certificate, inputs: &PathInputs) -> Self {
        let unless = |inhibited: bool| match inhibited {
            true => 0,
            false => length.saturating_add(1),
        };
        let mut state = Self {
            above: Vec::with_capacity(length),
            current: Level {
                nodes: BTreeMap::new(),
                has_any_policy: true,
            },
            explicit_policy: unless(inputs.require_explicit_policy),
            inhibit_any_policy: unless(inputs.inhibit_any_policy),
            policy_mapping: unless(inputs.inhibit_policy_mapping),
        };
        state.constrain(anchor);
        state
    }

    /// §6.1.3 (d) and (e), in the words of RFC 9618 §5.2: what of the expected policies the certificate has.
    fn take(&mut self, certificate: &Certificate, place: usize) {
        let policies = certificate.certificate_policies();
        if policies.is_empty() {
            // (e)
            self.current = Level::default();
            return;
        }
        // (d)(2): a self-issued certificate that is not the last may use anyPolicy though it is inhibited.
        let any_policy_counts = policies.contains(ANY_POLICY)
            && (self.inhibit_any_policy > 0 || (place > 0 && certificate.is_self_issued()));
        let expected_any_policy = self.current.has_any_policy;
        if !any_policy_counts {
            self.current
                .nodes
                .retain(|policy, _| policies.contains(policy));
            self.current.has_any_policy = false;
        }
        // (d)(1)(ii)
        if expected_any_policy {
            for policy in policies.iter().filter(|policy| **policy != *ANY_POLICY) {
                self.current.nodes.entry(policy.clone()).or_default();
            }
        }
    }

    /// §6.1.4 (a), (b), (h), (i), (j).
    fn prepare_next(
        &mut self,
        certificate: &Certificate,
        place: usize,
    ) -> Result<(), PolicyRefusal> {
        let mappings = certificate.policy_mappings().unwrap_or_default();
        if mappings
            .iter()
            .any(|(from, to)| *from == *ANY_POLICY || *to == *ANY_POLICY)
        {
            return Err(PolicyRefusal::MapsAnyPolicy(place));
        }
        let mut next = Level {
            nodes: BTreeMap::new(),
            has_any_policy: self.current.has_any_policy,
        };
        let mapped: BTreeSet<&Oid> = mappings.iter().map(|(from, _)| from).collect();
        if self.policy_mapping > 0 {
            // (b)(1)
            for (from, to) in mappings {
                if self.current.has_any_policy {
                    self.current.nodes.entry(from.clone()).or_default();
                }
                if self.current.nodes.contains_key(from) {
                    next.expect(to, from);
                }
            }
        } else {
            // (b)(2)
            self.current
                .nodes
                .retain(|policy, _| !mapped.contains(policy));
        }
        for policy in self.current.nodes.keys() {
            if !mapped.contains(policy) {
                next.expect(policy, policy);
            }
        }
        self.above.push(std::mem::replace(&mut self.current, next));
        // (h)
        if !certificate.is_self_issued() {
            for counter in [
                &mut self.explicit_policy,
                &mut self.policy_mapping,
                &mut self.inhibit_any_policy,
            ] {
                *counter = counter.saturating_sub(1);
            }
        }
        self.constrain(certificate);
        Ok(())
    }

    /// §6.1.4 (i) and (j).
    fn constrain(&mut self, certificate: &Certificate) {
        let lower = |counter: &mut usize, to: Option<u32>| {
            if let Some(to) = to.and_then(|to| usize::try_from(to).ok()) {
                *counter = (*counter).min(to);
            }
        };
        if let Some(constraints) = certificate.policy_constraints() {
            lower(
                &mut self.explicit_policy,
                constraints.require_explicit_policy,
            );
            lower(&mut self.policy_mapping, constraints.inhibit_policy_mapping);
        }
        lower(
            &mut self.inhibit_any_policy,
            certificate.inhibit_any_policy(),
        );
    }

    /// §6.1.5 (a), (b), (g), in the words of RFC 9618 §5.4.
    fn wrap_up(
        mut self,
        end_entity: Option<&Certificate>,
        inputs: &PathInputs,
    ) -> Result<BTreeSet<Oid>, PolicyRefusal> {
        self.explicit_policy = self.explicit_policy.saturating_sub(1);
        let own = end_entity.and_then(Certificate::policy_constraints);
        if own.and_then(|own| own.require_explicit_policy) == Some(0) {
            self.explicit_policy = 0;
        }
        let authority = self.authority_constrained();
        let user = match &inputs.policies {
            None => authority,
            Some(asked) if asked.contains(ANY_POLICY) => authority,
            Some(asked) if authority.contains(ANY_POLICY) => asked.clone(),
            Some(asked) => authority.intersection(asked).cloned().collect(),
        };
        if self.explicit_policy == 0 && user.is_empty() {
            return Err(PolicyRefusal::NoneLeft);
        }
        Ok(user)
    }

    /// The policies directly below anyPolicy, in the terms of the anchor, from which the last depth can be
    /// reached; anyPolicy if it reaches the last depth itself.
    fn authority_constrained(&self) -> BTreeSet<Oid> {
        let mut found = BTreeSet::new();
        if self.current.has_any_policy {
            found.insert(ANY_POLICY.clone());
        }
        let mut reached: BTreeSet<&Oid> = self.current.nodes.keys().collect();
        for level in std::iter::once(&self.current).chain(self.above.iter().rev()) {
            let mut parents = BTreeSet::new();
            for (policy, node) in &level.nodes {
                if !reached.contains(policy) {
                    continue;
                }
                if node.parents.is_empty() {
                    found.insert(policy.clone());
                }
                parents.extend(&node.parents);
            }
            reached = parents;
        }
        found
    }
}

impl Level {
    fn expect(&mut self, policy: &Oid, parent: &Oid) {
        let node = self.nodes.entry(policy.clone()).or_default();
        node.parents.insert(parent.clone());
    }
}
