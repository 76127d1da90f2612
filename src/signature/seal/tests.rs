//! Each check of a seal with one that only it refuses.

mod form;
mod laws;
mod values;

use crate::signature::cms::fixtures::Signer;
use crate::signature::facts::Fault;
use crate::signature::facts::FaultWeight;
use crate::signature::facts::Integrity;
use crate::signature::facts::SealFacts;
use crate::signature::facts::SignatureFacts;
use crate::signature::seal::error::SealError;
use crate::signature::seal::fixtures::Parts;
use crate::signature::seal::fixtures::content;
use crate::signature::seal::fixtures::signer;
use crate::signature::seal::parse::SealSignature;

const VERSIONS: [u8; 3] = [1, 4, 5];

/// Who signs, and who made the seal.
struct People {
    signer: Signer,
    maker: Signer,
}

impl People {
    fn new() -> Self {
        Self {
            signer: signer("某公司", 1),
            maker: signer("印章制作机构", 2),
        }
    }

    fn good(&self, version: u8) -> Parts {
        Parts::good(version, &self.signer, &self.maker)
    }

    fn der(&self, parts: &Parts) -> Vec<u8> {
        parts.der(&self.signer.key, &self.maker.key)
    }

    fn facts(&self, parts: &Parts) -> SignatureFacts {
        facts_of(&self.der(parts))
    }

    fn error(&self, parts: &Parts) -> SealError {
        SealSignature::parse(&self.der(parts)).unwrap_err()
    }
}

fn facts_of(der: &[u8]) -> SignatureFacts {
    SealSignature::parse(der).unwrap().facts(&content())
}

fn seal(facts: &SignatureFacts) -> &SealFacts {
    facts.seal.as_deref().unwrap()
}

fn places(facts: &SignatureFacts, weight: FaultWeight) -> Vec<&str> {
    let faults = facts.faults.iter().filter(|fault| fault.weight == weight);
    faults.map(|fault: &Fault| fault.place.as_str()).collect()
}

/// Whether a verdict could pass, as far as these facts go.
fn is_whole(facts: &SignatureFacts) -> bool {
    let seal = seal(facts);
    facts.integrity == Integrity::Intact
        && seal.maker_integrity == Integrity::Intact
        && seal.signer_listed
        && places(facts, FaultWeight::Broken).is_empty()
        && places(facts, FaultWeight::Unprocessed).is_empty()
}
