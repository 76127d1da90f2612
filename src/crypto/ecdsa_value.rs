//! The value of an ECDSA signature in its two forms: DER, and r ‖ s.

use pkcs8::der;
use pkcs8::der::Decode as _;
use pkcs8::der::Encode as _;
use pkcs8::der::Reader as _;
use pkcs8::der::SliceReader;
use pkcs8::der::asn1::UintRef;

/// The pair (r, s): non-negative, and not yet compared with the order of any curve.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EcdsaValue {
    /// Big-endian without leading zeros.
    pub(super) r: Vec<u8>,
    /// Big-endian without leading zeros.
    pub(super) s: Vec<u8>,
}

impl EcdsaValue {
    /// Reads `Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 §2.2.3), DER alone: no
    /// BER lengths, no superfluous zeros, no negative numbers, nothing behind.
    pub(super) fn from_der(signature: &[u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(signature)?;
        let value = reader.sequence(|fields| {
            Ok::<_, der::Error>(Self {
                r: UintRef::decode(fields)?.as_bytes().to_vec(),
                s: UintRef::decode(fields)?.as_bytes().to_vec(),
            })
        })?;
        reader.finish()?;
        Ok(value)
    }

    /// Reads r ‖ s, each of exactly `half` bytes (RFC 7518 §3.4); none for another length.
    pub(super) fn from_fixed(signature: &[u8], half: usize) -> Option<Self> {
        let (r, s) = signature.split_at_checked(half)?;
        (s.len() == half).then(|| Self {
            r: without_leading_zeros(r),
            s: without_leading_zeros(s),
        })
    }

    /// Writes r ‖ s, each in exactly `half` bytes (RFC 7518 §3.4); none where one has no room there.
    pub(super) fn to_fixed(&self, half: usize) -> Option<Vec<u8>> {
        let mut fixed = Vec::with_capacity(half.saturating_mul(2));
        for number in [&self.r, &self.s] {
            let number = without_leading_zeros(number);
            let zeros = half.checked_sub(number.len())?;
            fixed.resize(fixed.len().saturating_add(zeros), 0);
            fixed.extend(number);
        }
        Some(fixed)
    }

    /// Writes `Ecdsa-Sig-Value`.
    pub(super) fn to_der(&self) -> der::Result<Vec<u8>> {
        let mut content = UintRef::new(&self.r)?.to_der()?;
        UintRef::new(&self.s)?.encode_to_vec(&mut content)?;
        der::asn1::AnyRef::new(der::Tag::Sequence, &content)?.to_der()
    }
}

fn without_leading_zeros(number: &[u8]) -> Vec<u8> {
    number
        .iter()
        .copied()
        .skip_while(|byte| *byte == 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::hex;
    use proptest::prelude::*;

    fn read(hex_text: &str) -> der::Result<EcdsaValue> {
        EcdsaValue::from_der(&hex::decode(hex_text).unwrap())
    }

    #[test]
    fn der_is_read() {
        let value = read("300802020080020300ffff");
        assert!(value.is_err(), "length does not fit");
        let value = read("300902020080020300ffff").unwrap();
        assert_eq!((value.r, value.s), (vec![0x80], vec![0xff, 0xff]));
    }

    #[test]
    fn everything_but_der_is_refused() {
        for (name, text) in [
            ("empty", ""),
            ("truncated", "3006020101"),
            ("trailing byte", "300602010102010200"),
            ("a third integer", "3009020101020102020103"),
            ("long length form", "308106020101020102"),
            ("indefinite length", "30800201010201020000"),
            ("leading zero", "300702020001020102"),
            ("negative", "3006020181020102"),
            ("empty integer", "30050200020102"),
            ("other tag", "3106020101020102"),
            ("set of strings", "3006040101040102"),
        ] {
            assert!(read(text).is_err(), "{name}");
        }
    }

    #[test]
    fn fixed_form_has_one_length() {
        assert!(EcdsaValue::from_fixed(&[1; 64], 32).is_some());
        for length in [0, 32, 63, 65, 96] {
            assert_eq!(
                EcdsaValue::from_fixed(&vec![1; length], 32),
                None,
                "{length}"
            );
        }
    }

    proptest! {
        #[test]
        fn der_and_fixed_form_say_the_same(fixed in prop::collection::vec(any::<u8>(), 64)) {
            let value = EcdsaValue::from_fixed(&fixed, 32).unwrap();
            prop_assert_eq!(EcdsaValue::from_der(&value.to_der().unwrap()).unwrap(), value);
        }
    }
}
