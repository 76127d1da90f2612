//! Certificate serial numbers.

use std::fmt;

use crate::encoding::hex;
use crate::pki::short_bytes::ShortBytes;

/// The serial number of a certificate: an INTEGER of any size and sign, as it was encoded.
///
/// RFC 5280 §4.1.2.2 wants it positive and of at most 20 octets, but also wants users to "gracefully
/// handle" others: they are taken in and [`Self::irregularity`] tells. `Display` is lower-case
/// hexadecimal, two digits an octet; a negative number has `-` before its magnitude, so that −1 and
/// 255 stay apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SerialNumber(ShortBytes);

/// What RFC 5280 §4.1.2.2 does not allow a serial number to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SerialIrregularity {
    /// Less than zero.
    Negative,
    /// Longer than 20 octets.
    TooLong,
    /// Zero.
    Zero,
}

/// RFC 5280 §4.1.2.2: "Conforming CAs MUST NOT use serialNumber values longer than 20 octets."
const MAX_OCTETS: usize = 20;

impl SerialNumber {
    /// Takes the contents octets of an INTEGER whose canonical form was checked before.
    pub(super) fn from_der_content(content: &[u8]) -> Self {
        Self(ShortBytes::new(content))
    }

    /// Reads what `Display` writes of a number that is not negative. `None`: anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut octets = hex::decode(text).ok().filter(|octets| !octets.is_empty())?;
        if octets.first().is_some_and(|first| *first >= 0x80) {
            octets.insert(0, 0);
        }
        Some(Self(ShortBytes::new(&octets)))
    }

    /// The contents octets: two's complement, big-endian, at least one.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// What is wrong with the number by RFC 5280, if anything.
    #[must_use]
    pub fn irregularity(&self) -> Option<SerialIrregularity> {
        match self.as_bytes() {
            [0x80..=0xff, ..] => Some(SerialIrregularity::Negative),
            [] | [0] => Some(SerialIrregularity::Zero),
            content if content.len() > MAX_OCTETS => Some(SerialIrregularity::TooLong),
            _ => None,
        }
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = match self.as_bytes() {
            [0x80..=0xff, ..] => {
                f.write_str("-")?;
                negated(self.as_bytes())
            }
            [0, rest @ ..] if !rest.is_empty() => rest.to_vec(),
            content => content.to_vec(),
        };
        magnitude
            .iter()
            .try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// The magnitude of a negative two's complement number: every bit flipped, plus one.
fn negated(content: &[u8]) -> Vec<u8> {
    let mut magnitude: Vec<u8> = content.iter().map(|octet| !octet).collect();
    for octet in magnitude.iter_mut().rev() {
        *octet = octet.wrapping_add(1);
        if *octet != 0 {
            break;
        }
    }
    magnitude
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_with_their_sign() {
        for (content, shown) in [
            (&[0x05][..], "05"),
            (&[0x00], "00"),
            (&[0x00, 0xff], "ff"),
            (&[0xff], "-01"),
            (&[0x80], "-80"),
            (&[0xff, 0x00], "-0100"),
            (&[0x12, 0x34], "1234"),
        ] {
            let serial = SerialNumber::from_der_content(content);
            assert_eq!(serial.to_string(), shown);
            let is_negative = shown.starts_with('-');
            assert_eq!(
                SerialNumber::from_hex(shown),
                (!is_negative).then_some(serial)
            );
        }
        for text in ["", "5", "-", "xx"] {
            assert_eq!(SerialNumber::from_hex(text), None, "{text}");
        }
    }

    #[test]
    fn irregular_numbers_are_told() {
        let irregularity = |content: &[u8]| SerialNumber::from_der_content(content).irregularity();
        assert_eq!(irregularity(&[0x7f; 20]), None);
        assert_eq!(irregularity(&[0x01]), None);
        assert_eq!(irregularity(&[0x00]), Some(SerialIrregularity::Zero));
        assert_eq!(irregularity(&[0xff]), Some(SerialIrregularity::Negative));
        assert_eq!(irregularity(&[0x7f; 21]), Some(SerialIrregularity::TooLong));
    }
}
