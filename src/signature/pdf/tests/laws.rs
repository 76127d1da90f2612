//! Laws: whatever is changed of what is covered, whatever is appended, whatever is read.

use std::sync::LazyLock;

use proptest::prelude::*;

use crate::signature::facts::CertificateReference;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::SignatureFacts;
use crate::signature::facts::modification::ModificationExtent;
use crate::signature::pdf::document;
use crate::signature::pdf::fixture::Pdf;
use crate::signature::pdf::fixture::extent;
use crate::signature::pdf::fixture::is_intact;
use crate::signature::pdf::fixture::rfind;
use crate::signature::pdf::fixture::signed_contract;

static SIGNED: LazyLock<Pdf> = LazyLock::new(signed_contract);

/// Whether a signature says of the whole document that it is what was signed, or became what the signer allowed.
fn passes(facts: &SignatureFacts) -> bool {
    is_intact(facts)
        && facts.coverage != ContentCoverage::Partial
        && extent(facts) <= ModificationExtent::Permitted
}

/// Something to override objects with.
fn body() -> impl Strategy<Value = String> {
    let values = prop_oneof![
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("<</Type /Font /Subtype /Type1 /BaseFont /Symbol>>".to_owned()),
        Just("<</Type /Page /Parent 2 0 R /Contents 7 0 R>>".to_owned()),
        (0..30_u32).prop_map(|number| format!("{number} 0 R")),
        "[a-z]{1,8}".prop_map(|name| format!("/{name}")),
        ("[A-Za-z]{1,8}", 0..30_u32).prop_map(|(name, at)| format!("<</{name} {at} 0 R>>")),
    ];
    values.boxed()
}

/// Objects that say what the pages look like.
const DRAWN: [u32; 5] = [3, 4, 6, 7, 8];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_changed_byte_that_is_covered_is_never_intact(place in any::<prop::sample::Index>(), bits in 1..=255_u8) {
        let mut bytes = SIGNED.bytes.clone();
        let begins = rfind(&bytes, b"/Contents <") + b"/Contents ".len();
        let ends = begins + bytes[begins..].iter().position(|byte| *byte == b'>').unwrap() + 1;
        let place = place.index(bytes.len() - (ends - begins));
        let place = if place < begins { place } else { place + (ends - begins) };
        bytes[place] ^= bits;
        if let Ok(facts) = document::read(&bytes) {
            prop_assert!(facts.signatures.iter().all(|facts| !passes(facts)));
        }
    }

    #[test]
    fn a_changed_byte_of_the_value_changes_nothing_that_is_said(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = SIGNED.bytes.clone();
        let begins = rfind(&bytes, b"/Contents <") + b"/Contents ".len();
        let place = begins + place.index(4098);
        bytes[place] = byte;
        if let Ok(facts) = document::read(&bytes) {
            let before = SIGNED.first();
            for facts in facts.signatures.iter().filter(|facts| passes(facts)) {
                // The certificates that come along are covered by nothing but the reference to the signer's.
                if facts.reference == CertificateReference::Matches {
                    prop_assert_eq!(&facts.signer, &before.signer);
                }
                prop_assert_eq!(facts.claimed_at, before.claimed_at);
                prop_assert_eq!(facts.coverage, ContentCoverage::Whole);
            }
        }
    }

    #[test]
    fn an_update_that_changes_what_pages_show_never_passes(
        which in prop::sample::select(&DRAWN[..]),
        drawn in body(),
        others in prop::collection::vec((14..40_u32, body()), 0..4),
        with_stream in any::<bool>(),
    ) {
        let mut pdf = SIGNED.clone();
        for (number, body) in others.iter().filter(|(number, _)| ![20, 21].contains(number)) {
            pdf = pdf.object(*number, body);
        }
        pdf = pdf.object(which, &drawn);
        pdf = if with_stream { pdf.end_with_stream(90) } else { pdf.end() };
        if let Ok(facts) = document::read(&pdf.bytes) {
            prop_assert!(facts.signatures.iter().all(|facts| !passes(facts)));
        }
    }

    #[test]
    fn white_space_at_the_end_changes_nothing(space in "[ \r\n\t]{0,8}") {
        let facts = SIGNED.clone().raw(space.as_bytes()).first();
        prop_assert_eq!(facts.coverage, ContentCoverage::Whole);
        prop_assert!(passes(&facts));
    }

    #[test]
    fn whatever_is_appended_the_whole_is_not_what_was_signed(tail in prop::collection::vec(any::<u8>(), 1..64)) {
        prop_assume!(!tail.iter().all(|byte| b"\0\t\n\x0c\r ".contains(byte)));
        let pdf = SIGNED.clone().raw(&tail);
        if let Ok(facts) = document::read(&pdf.bytes) {
            prop_assert!(facts.signatures.iter().all(|facts| !passes(facts)));
        }
    }

    #[test]
    fn nothing_that_is_read_panics(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = document::read(&bytes);
        let wrapped = [b"%PDF-1.7\n1 0 obj\n", bytes.as_slice(), b"\nstartxref\n9\n%%EOF\n"].concat();
        let _ = document::read(&wrapped);
    }

    #[test]
    fn nothing_that_is_mutated_panics(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_usize), 1..12)) {
        let mut bytes = SIGNED.bytes.clone();
        for (place, byte, taken) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
            let end = (place + taken).min(bytes.len());
            bytes.drain(place..end);
        }
        let _ = document::read(&bytes);
    }
}
