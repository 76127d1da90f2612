//! Token Status List (draft-ietf-oauth-status-list-21): one signed list says of thousands of credentials
//! whether they stand, without telling whoever serves it which one was looked up.
//!
//! [`StatusList`] is the list itself (§4), [`token`] the signed form (§5.1) and the check of one (§8.3).

pub mod error;
pub mod token;

use crate::credential::status_list::error::StatusListError;
use crate::encoding::base64url;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::Deserialize;
use serde::Serialize;
use std::io::Read;
use std::io::Write;

/// The largest list that is read, decompressed: 16 million statuses of 2 bits. Compressed, such a list
/// of nothing but zeros has 4 KB, so the limit has to be on what comes out.
pub const MAX_LIST_BYTES: usize = 4 * 1024 * 1024;

/// Where the status of a credential stands (§6.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusReference {
    /// Position in the list, from 0.
    #[serde(rename = "idx")]
    pub index: u64,
    /// The list.
    pub uri: String,
}

/// What a list says of one credential (§7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusValue {
    /// It stands.
    Valid,
    /// Revoked or superseded, for good.
    Invalid,
    /// Suspended, for the time being.
    Suspended,
    /// A value with a meaning that only its issuer knows: not valid, and not known to be invalid.
    Other(u8),
}

impl StatusValue {
    /// The value in the list.
    #[must_use]
    pub const fn as_u8(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Invalid => 1,
            Self::Suspended => 2,
            Self::Other(value) => value,
        }
    }

    /// The meaning of a value.
    #[must_use]
    pub const fn from_u8(value: u8) -> Self {
        match value {
            0 => Self::Valid,
            1 => Self::Invalid,
            2 => Self::Suspended,
            other => Self::Other(other),
        }
    }
}

/// How many bits a status takes (§4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusBits {
    /// Valid or not.
    One,
    /// As we publish them.
    Two,
    /// With values of the issuer's own.
    Four,
    /// With values of the issuer's own.
    Eight,
}

impl StatusBits {
    /// The number.
    #[must_use]
    pub const fn as_u8(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// From the number. `None`: not 1, 2, 4 or 8.
    #[must_use]
    pub const fn from_u64(bits: u64) -> Option<Self> {
        match bits {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            4 => Some(Self::Four),
            8 => Some(Self::Eight),
            _ => None,
        }
    }

    const fn mask(self) -> u8 {
        match self {
            Self::One => 0b1,
            Self::Two => 0b11,
            Self::Four => 0b1111,
            Self::Eight => 0b1111_1111,
        }
    }
}

/// Statuses packed into bytes, the first in the least significant bits of the first byte (§4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    bits: StatusBits,
    bytes: Vec<u8>,
}

impl StatusList {
    /// A list of 2 bits each, all valid, with room for at least `length` statuses.
    ///
    /// # Errors
    /// [`StatusListError::TooLarge`] above [`MAX_LIST_BYTES`].
    pub fn new(length: u64) -> Result<Self, StatusListError> {
        let too_large = || StatusListError::TooLarge {
            limit: MAX_LIST_BYTES,
        };
        let bytes = usize::try_from(length.div_ceil(4)).ok();
        let bytes = bytes
            .filter(|bytes| *bytes <= MAX_LIST_BYTES)
            .ok_or_else(too_large)?;
        Ok(Self {
            bits: StatusBits::Two,
            bytes: vec![0; bytes],
        })
    }

    /// A list as somebody published it.
    #[must_use]
    pub const fn from_bytes(bits: StatusBits, bytes: Vec<u8>) -> Self {
        Self { bits, bytes }
    }

    /// Bits a status.
    #[must_use]
    pub const fn bits(&self) -> StatusBits {
        self.bits
    }

    /// The packed statuses.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The status at `index`. `None`: the list is shorter.
    #[must_use]
    pub fn get(&self, index: u64) -> Option<u8> {
        let (byte, shift) = self.position(index)?;
        self.bytes
            .get(byte)
            .map(|packed| (packed >> shift) & self.bits.mask())
    }

    /// Sets the status at `index`.
    ///
    /// # Errors
    /// [`StatusListError::IndexOutOfRange`]: the list is shorter; [`StatusListError::ValueTooLarge`]: the
    /// value does not fit.
    pub fn set(&mut self, index: u64, value: u8) -> Result<(), StatusListError> {
        if value & !self.bits.mask() != 0 {
            return Err(StatusListError::ValueTooLarge { value });
        }
        let mask = self.bits.mask();
        let (byte, shift) = self
            .position(index)
            .ok_or(StatusListError::IndexOutOfRange { index })?;
        let packed = self
            .bytes
            .get_mut(byte)
            .ok_or(StatusListError::IndexOutOfRange { index })?;
        *packed = (*packed & !(mask << shift)) | (value << shift);
        Ok(())
    }

    /// `lst` (§4.2): zlib (RFC 1950) at level 6, in base64url. The draft recommends the highest level
    /// (§4.1); with a hundredth of a million statuses set, level 9 saves 8 % and takes 3.5 times as long,
    /// at each change.
    ///
    /// # Errors
    /// [`StatusListError::Compression`], which writing to memory does not cause.
    pub fn pack(&self) -> Result<String, StatusListError> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
        encoder
            .write_all(&self.bytes)
            .map_err(StatusListError::Compression)?;
        let compressed = encoder.finish().map_err(StatusListError::Compression)?;
        Ok(base64url::encode(&compressed))
    }

    /// Reads `lst`, all of it: nothing may follow the compressed data, and no more than
    /// [`MAX_LIST_BYTES`] may come out.
    ///
    /// # Errors
    /// [`StatusListError::Encoding`], [`StatusListError::Compression`], [`StatusListError::TooLarge`],
    /// [`StatusListError::TrailingBytes`].
    pub fn unpack(bits: StatusBits, lst: &str) -> Result<Self, StatusListError> {
        let compressed =
            base64url::decode(lst, MAX_LIST_BYTES).map_err(StatusListError::Encoding)?;
        let mut decoder = ZlibDecoder::new(compressed.as_slice());
        let mut bytes = Vec::new();
        let limit = u64::try_from(MAX_LIST_BYTES).unwrap_or(u64::MAX);
        decoder
            .by_ref()
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(StatusListError::Compression)?;
        if bytes.len() > MAX_LIST_BYTES {
            return Err(StatusListError::TooLarge {
                limit: MAX_LIST_BYTES,
            });
        }
        if usize::try_from(decoder.total_in()).ok() != Some(compressed.len()) {
            return Err(StatusListError::TrailingBytes);
        }
        Ok(Self { bits, bytes })
    }

    fn position(&self, index: u64) -> Option<(usize, u32)> {
        let per_byte = 8_u64.checked_div(u64::from(self.bits.as_u8()))?;
        let byte = usize::try_from(index.checked_div(per_byte)?).ok()?;
        let slot = u32::try_from(index.checked_rem(per_byte)?).ok()?;
        let shift = slot.checked_mul(u32::from(self.bits.as_u8()))?;
        Some((byte, shift))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// draft-ietf-oauth-status-list §4.1, the first example: 1 bit.
    const ONE_BIT: [u8; 16] = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];
    /// The second example: 2 bits.
    const TWO_BITS: [u8; 12] = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3];

    fn packed(bits: StatusBits, statuses: &[u8]) -> StatusList {
        let per_byte = 8 / usize::from(bits.as_u8());
        let bytes = vec![0; statuses.len().div_ceil(per_byte)];
        let mut list = StatusList::from_bytes(bits, bytes);
        for (index, value) in (0..).zip(statuses) {
            list.set(index, *value).unwrap();
        }
        list
    }

    #[test]
    fn packs_the_drafts_examples_least_significant_bit_first() {
        let one = packed(StatusBits::One, &ONE_BIT);
        assert_eq!(one.as_bytes(), [0xb9, 0xa3]);
        let two = packed(StatusBits::Two, &TWO_BITS);
        assert_eq!(two.as_bytes(), [0xc9, 0x44, 0xf9]);
    }

    #[test]
    fn unpacks_the_drafts_examples() {
        let one = StatusList::unpack(StatusBits::One, "eNrbuRgAAhcBXQ").unwrap();
        assert_eq!(one, packed(StatusBits::One, &ONE_BIT));
        let two = StatusList::unpack(StatusBits::Two, "eNo76fITAAPfAgc").unwrap();
        assert_eq!(two, packed(StatusBits::Two, &TWO_BITS));
    }

    #[test]
    fn the_first_value_in_the_last_byte_is_found_and_the_next_is_not() {
        let mut list = StatusList::new(5).unwrap();
        list.set(4, 2).unwrap();
        assert_eq!(list.as_bytes(), [0, 2]);
        assert_eq!(list.get(4), Some(2));
        assert_eq!(list.get(8), None);
        assert_eq!(list.get(u64::MAX), None);
        assert!(matches!(
            list.set(8, 1),
            Err(StatusListError::IndexOutOfRange { index: 8 })
        ));
        assert!(matches!(
            list.set(0, 4),
            Err(StatusListError::ValueTooLarge { value: 4 })
        ));
    }

    #[test]
    fn a_value_can_be_taken_back_without_touching_its_neighbours() {
        let mut list = packed(StatusBits::Two, &[3, 3, 3, 3]);
        list.set(1, 0).unwrap();
        let values: Vec<_> = (0..4).map(|index| list.get(index).unwrap()).collect();
        assert_eq!(values, [3, 0, 3, 3]);
    }

    #[test]
    fn a_bomb_is_refused_by_what_comes_out() {
        let zeros = StatusList::from_bytes(StatusBits::Two, vec![0; MAX_LIST_BYTES + 1]);
        let bomb = zeros.pack().unwrap();
        assert!(bomb.len() < 10_000);
        assert!(matches!(
            StatusList::unpack(StatusBits::Two, &bomb),
            Err(StatusListError::TooLarge { .. })
        ));
        assert!(matches!(
            StatusList::new(u64::MAX),
            Err(StatusListError::TooLarge { .. })
        ));
        let largest = StatusList::from_bytes(StatusBits::Two, vec![0; MAX_LIST_BYTES]);
        assert!(StatusList::unpack(StatusBits::Two, &largest.pack().unwrap()).is_ok());
    }

    #[test]
    fn truncated_altered_and_trailing_bytes_are_refused() {
        let compressed = base64url::decode("eNo76fITAAPfAgc", 100).unwrap();
        let unpack = |bytes: &[u8]| StatusList::unpack(StatusBits::Two, &base64url::encode(bytes));
        let truncated = unpack(&compressed[..compressed.len() - 1]);
        assert!(
            matches!(truncated, Err(StatusListError::Compression(_))),
            "{truncated:?}"
        );
        let mut trailing = compressed.clone();
        trailing.push(0);
        assert!(matches!(
            unpack(&trailing),
            Err(StatusListError::TrailingBytes)
        ));
        let mut altered = compressed;
        *altered.last_mut().unwrap() ^= 1;
        assert!(matches!(
            unpack(&altered),
            Err(StatusListError::Compression(_))
        ));
        assert!(matches!(
            StatusList::unpack(StatusBits::Two, "eNo76fITAAPfAgc="),
            Err(StatusListError::Encoding(_))
        ));
    }

    proptest! {
        #[test]
        fn what_is_set_is_read_back_after_packing(statuses in proptest::collection::vec(0_u8..4, 0..600)) {
            let list = packed(StatusBits::Two, &statuses);
            let read = StatusList::unpack(StatusBits::Two, &list.pack().unwrap()).unwrap();
            for (index, value) in (0..).zip(&statuses) {
                prop_assert_eq!(read.get(index), Some(*value));
            }
        }

        #[test]
        fn unpacking_never_panics(text in "[A-Za-z0-9_-]{0,80}") {
            let _ = StatusList::unpack(StatusBits::Eight, &text);
        }
    }
}
