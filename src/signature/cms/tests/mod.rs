//! Each check of a `SignedData` with a document that only it refuses.

mod attributes;
mod form;
mod laws;
mod timestamps;

use crate::signature::cms::fixtures::Parts;
use crate::signature::cms::fixtures::Signer;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::Fault;
use crate::signature::facts::FaultWeight;
use crate::signature::facts::SignatureFacts;

/// The facts of the one signer of a document whose content lies inside.
fn facts(parts: &Parts, signer: &Signer) -> SignatureFacts {
    facts_of(&parts.der(&signer.key), &[])
}

fn facts_of(der: &[u8], detached: &[DetachedContent]) -> SignatureFacts {
    let signed = SignedData::parse(der).unwrap();
    let mut facts = signed.facts(detached);
    assert_eq!(facts.len(), 1);
    facts.remove(0)
}

/// The places of the faults of a weight.
fn places(facts: &SignatureFacts, weight: FaultWeight) -> Vec<&str> {
    let faults = facts.faults.iter().filter(|fault| fault.weight == weight);
    faults.map(|fault: &Fault| fault.place.as_str()).collect()
}

fn broken(facts: &SignatureFacts) -> Vec<&str> {
    places(facts, FaultWeight::Broken)
}

fn irregular(facts: &SignatureFacts) -> Vec<&str> {
    places(facts, FaultWeight::Irregular)
}
