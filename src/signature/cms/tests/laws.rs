//! Laws that hold for every document.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::facts_of;
use crate::signature::cms::fixtures::CONTENT;
use crate::signature::cms::fixtures::Parts;
use crate::signature::cms::fixtures::Signer;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::facts::FaultWeight;
use crate::signature::facts::Integrity;

/// A signed document, and where content, attributes and value lie in it.
struct Example {
    der: Vec<u8>,
    covered: Vec<usize>,
}

fn example(parts: &Parts, signer: &Signer) -> Example {
    let value = parts.signature(&signer.key);
    let mut parts = parts.clone();
    parts.value = Some(value.clone());
    let der = parts.der(&signer.key);
    let places = |wanted: &[u8]| {
        let at = der
            .windows(wanted.len())
            .rposition(|window| window == wanted)
            .unwrap();
        at..at + wanted.len()
    };
    let mut covered: Vec<usize> = places(CONTENT).chain(places(&value)).collect();
    for attribute in parts.signer.attributes.as_ref().unwrap() {
        covered.extend(places(attribute));
    }
    Example { der, covered }
}

static EXAMPLES: LazyLock<Vec<Example>> = LazyLock::new(|| {
    let (western, national) = (Signer::p256("a"), Signer::sm2("b"));
    vec![
        example(&Parts::good(&western), &western),
        example(&Parts::gm(&national), &national),
    ]
});

#[test]
fn the_unflipped_documents_are_intact() {
    for example in EXAMPLES.iter() {
        assert_eq!(facts_of(&example.der, &[]).integrity, Integrity::Intact);
    }
}

proptest! {
    #[test]
    fn a_flipped_bit_of_content_attributes_or_value_is_never_intact(
        which in 0..2_usize, place in any::<prop::sample::Index>(), bit in 0..8
    ) {
        let example = &EXAMPLES[which];
        let at = example.covered[place.index(example.covered.len())];
        let mut flipped = example.der.clone();
        flipped[at] ^= 1_u8 << bit;
        if let Ok(signed) = SignedData::parse(&flipped) {
            for facts in signed.facts(&[]) {
                let broken = facts.faults.iter().any(|fault| fault.weight == FaultWeight::Broken);
                prop_assert!(broken || facts.integrity != Integrity::Intact);
            }
        }
    }

    #[test]
    fn any_changed_byte_gives_facts_or_an_error(
        place in any::<prop::sample::Index>(), byte in any::<u8>()
    ) {
        let example = &EXAMPLES[0];
        let mut changed = example.der.clone();
        let at = place.index(changed.len());
        changed[at] = byte;
        if let Ok(signed) = SignedData::parse(&changed) {
            let _ = signed.facts(&[]);
        }
    }
}
