//! Laws that hold for every seal.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::People;
use super::VERSIONS;
use super::facts_of;
use super::is_whole;
use crate::signature::seal::fixtures::content;
use crate::signature::seal::parse::SealSignature;

static EXAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let people = People::new();
    let by_certificate = VERSIONS.map(|version| people.der(&people.good(version)));
    let by_digest = people.der(&people.good(4).listed_by_digest("SM3"));
    by_certificate.into_iter().chain([by_digest]).collect()
});

#[test]
fn the_unflipped_seals_are_whole() {
    for der in EXAMPLES.iter() {
        assert!(is_whole(&facts_of(der)));
    }
}

#[test]
fn a_seal_that_is_cut_off_is_refused_wherever_it_is() {
    for der in EXAMPLES.iter() {
        for length in 0..der.len() {
            assert!(SealSignature::parse(&der[..length]).is_err(), "{length}");
        }
    }
}

proptest! {
    #[test]
    fn a_flipped_bit_never_leaves_a_seal_whole(
        which in 0..4_usize, place in any::<prop::sample::Index>(), bit in 0..8
    ) {
        let mut flipped = EXAMPLES[which].clone();
        let at = place.index(flipped.len());
        flipped[at] ^= 1_u8 << bit;
        if let Ok(signature) = SealSignature::parse(&flipped) {
            prop_assert!(!is_whole(&signature.facts(&content())), "bit {bit} of byte {at}");
        }
    }

    #[test]
    fn any_changed_byte_gives_facts_or_an_error(
        which in 0..4_usize, place in any::<prop::sample::Index>(), byte in any::<u8>()
    ) {
        let mut changed = EXAMPLES[which].clone();
        let at = place.index(changed.len());
        changed[at] = byte;
        if let Ok(signature) = SealSignature::parse(&changed) {
            let _ = signature.needs();
            let _ = signature.facts(&content());
        }
    }
}
