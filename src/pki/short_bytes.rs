//! Byte strings that are nearly always short: the contents of object identifiers and serial numbers.

use std::cmp::Ordering;
use std::fmt;
use std::hash::Hash;
use std::hash::Hasher;

/// Twenty octets are the most that a serial number should have (RFC 5280 §4.1.2.2), with one before them
/// that keeps the number positive; nearly all object identifiers are shorter. With 22 this type has the
/// size of a `Vec`.
const IN_PLACE: usize = 22;

/// A byte string of any length, kept in place up to 22 bytes and on the heap beyond. Compares, orders
/// and hashes as its bytes do.
#[derive(Clone)]
pub(in crate::pki) struct ShortBytes(Place);

#[derive(Clone)]
enum Place {
    /// The first `length` of `bytes`, never more than there are.
    Here {
        length: u8,
        bytes: [u8; IN_PLACE],
    },
    Heap(Box<[u8]>),
}

impl ShortBytes {
    /// A copy of `bytes`.
    pub(in crate::pki) fn new(bytes: &[u8]) -> Self {
        let mut copy = [0; IN_PLACE];
        match (copy.get_mut(..bytes.len()), u8::try_from(bytes.len())) {
            (Some(here), Ok(length)) => {
                here.copy_from_slice(bytes);
                Self(Place::Here {
                    length,
                    bytes: copy,
                })
            }
            (None, _) | (_, Err(_)) => Self(Place::Heap(bytes.into())),
        }
    }

    /// The same for constants. What does not fit in place does not compile.
    #[expect(
        clippy::indexing_slicing,
        reason = "constants are computed by the compiler, which stops at an index out of bounds"
    )]
    pub(in crate::pki) const fn of_constant(constant: &[u8]) -> Self {
        let mut bytes = [0; IN_PLACE];
        let (mut i, mut length) = (0, 0);
        while i < constant.len() {
            bytes[i] = constant[i];
            i += 1;
            length += 1;
        }
        Self(Place::Here { length, bytes })
    }

    pub(in crate::pki) fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Place::Here { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Place::Heap(bytes) => bytes,
        }
    }
}

impl fmt::Debug for ShortBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().fmt(f)
    }
}

impl PartialEq for ShortBytes {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for ShortBytes {}

impl PartialOrd for ShortBytes {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ShortBytes {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for ShortBytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_no_larger_than_what_it_replaces() {
        assert_eq!(size_of::<ShortBytes>(), size_of::<Vec<u8>>());
    }

    #[test]
    fn constants_are_as_what_is_read() {
        const CONSTANT: ShortBytes = ShortBytes::of_constant(&[7; IN_PLACE]);
        assert_eq!(CONSTANT, ShortBytes::new(&[7; IN_PLACE]));
        assert!(ShortBytes::of_constant(&[]).as_bytes().is_empty());
    }

    proptest! {
        #[test]
        fn bytes_of_any_length_are_kept(one in prop::collection::vec(any::<u8>(), 0..60), other in prop::collection::vec(any::<u8>(), 0..60)) {
            let short = ShortBytes::new(&one);
            prop_assert_eq!(short.as_bytes(), &one[..]);
            prop_assert_eq!(matches!(short.0, Place::Here { .. }), one.len() <= IN_PLACE);
            prop_assert_eq!(short.cmp(&ShortBytes::new(&other)), one.cmp(&other));
            prop_assert_eq!(&short, &short.clone());
        }
    }
}
