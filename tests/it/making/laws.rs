//! The laws that the fuzz targets assert, over seeds and what lies near them.

use proptest::prelude::*;

#[expect(unreachable_pub, reason = "public in the package that it belongs to")]
#[path = "../../../fuzz/src/timestamp.rs"]
mod timestamp;

#[expect(unreachable_pub, reason = "public in the package that it belongs to")]
#[path = "../../../fuzz/src/cms.rs"]
mod cms;

fn near(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3);
    (prop::sample::select(seeds), changes).prop_map(|(mut bytes, changes)| {
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        bytes
    })
}

proptest! {
    #[test]
    fn requests_keep_their_laws(bytes in near(timestamp::requests())) {
        timestamp::request(&bytes);
    }

    #[test]
    fn responses_keep_their_laws(bytes in near(timestamp::responses())) {
        timestamp::response(&bytes);
    }

    #[test]
    fn documents_keep_their_laws(bytes in near(cms::seeds())) {
        cms::verify(&bytes);
    }

    #[test]
    fn changed_documents_keep_their_laws(
        which in 0..3_u8, recipe in proptest::collection::vec(any::<u8>(), 0..17)
    ) {
        cms::verify(&[&[b'!', which][..], &recipe].concat());
    }
}
