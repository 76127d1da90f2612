//! CRL numbers.

use std::cmp::Ordering;
use std::fmt;

use crate::pki::der;

/// The number of a CRL (RFC 5280 §5.2.3): of two CRLs of one issuer and scope, the later has the higher.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CrlNumber {
    /// Big-endian, without leading zeros.
    magnitude: Vec<u8>,
}

/// RFC 5280 §5.2.3: "CRL verifiers MUST be able to handle `CRLNumber` values up to 20 octets. Conforming CRL
/// issuers MUST NOT use `CRLNumber` values longer than 20 octets."
const MAX_OCTETS: usize = 20;

impl CrlNumber {
    /// Reads a whole INTEGER; none if it is anything else, negative, or longer than 20 octets.
    pub(super) fn from_der(value: &[u8]) -> Option<Self> {
        der::check(value).ok()?;
        let integer = der::single(value).ok()?;
        if integer.tag != der::INTEGER {
            return None;
        }
        let magnitude = match integer.content {
            [0x80..=0xff, ..] => return None,
            [0, rest @ ..] => rest,
            content => content,
        };
        (magnitude.len() <= MAX_OCTETS).then(|| Self {
            magnitude: magnitude.to_vec(),
        })
    }
}

impl PartialOrd for CrlNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for CrlNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_length = self.magnitude.len().cmp(&other.magnitude.len());
        by_length.then_with(|| self.magnitude.cmp(&other.magnitude))
    }
}

impl fmt::Display for CrlNumber {
    /// Lower-case hexadecimal, two digits an octet, as serial numbers are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.magnitude.is_empty() {
            return f.write_str("00");
        }
        let mut octets = self.magnitude.iter();
        octets.try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(content: &[u8]) -> Option<CrlNumber> {
        CrlNumber::from_der(&der::encode(der::INTEGER, content))
    }

    #[test]
    fn numbers_are_ordered_by_value() {
        let ascending = [
            number(&[0]),
            number(&[1]),
            number(&[0x7f]),
            number(&[0, 0xff]),
            number(&[1, 0]),
            number(&[0x7f; 20]),
        ]
        .map(Option::unwrap);
        assert!(ascending.is_sorted_by(|one, other| one < other));
        assert_eq!(
            ascending.map(|n| n.to_string())[..5],
            ["00", "01", "7f", "ff", "0100"]
        );
    }

    #[test]
    fn other_values_are_refused() {
        for bad in [&[][..], &[0xff], &[0, 1], &[0x7f; 21]] {
            assert_eq!(number(bad), None, "{bad:02x?}");
        }
        let most: Vec<u8> = std::iter::once(0).chain([0xff; 20]).collect();
        assert!(number(&most).is_some());
        assert_eq!(
            CrlNumber::from_der(&der::encode(der::OCTET_STRING, &[1])),
            None
        );
        assert_eq!(CrlNumber::from_der(&[2, 1, 1, 0]), None);
        assert_eq!(CrlNumber::from_der(b""), None);
    }
}
