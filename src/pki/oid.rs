//! Object identifiers in dotted form (ITU-T X.660), and those that this layer knows by name.

use std::fmt;
use std::fmt::Write as _;

use crate::pki::der;

/// An object identifier, kept as its dotted decimal text: `2.5.4.3`.
///
/// The text is canonical (no leading zeros), so equal identifiers compare equal. Arcs up to 128 bits
/// are read and written: UUID-based identifiers under `2.25` need that many (ITU-T X.667).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid(String);

/// The text or the bytes are not an object identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed object identifier `{0}`")]
pub struct OidError(String);

impl Oid {
    /// Reads dotted decimal text: at least two arcs, the first 0 to 2, the second below 40 under 0 and 1.
    ///
    /// # Errors
    /// [`OidError`] for anything else, including leading zeros and arcs of more than 128 bits.
    pub fn parse(text: &str) -> Result<Self, OidError> {
        match arcs(text) {
            Some(_) => Ok(Self(text.to_owned())),
            // An identifier is short; what is not one may be long and is not repeated in full.
            None => Err(OidError(text.chars().take(64).collect())),
        }
    }

    /// Reads the contents octets of an OBJECT IDENTIFIER (X.690 §8.19).
    ///
    /// # Errors
    /// [`OidError`] if they are empty, cut off, padded, or an arc has more than 128 bits.
    pub fn from_der_content(content: &[u8]) -> Result<Self, OidError> {
        let malformed = || {
            let hex = content.iter().take(32).map(|octet| format!("{octet:02x}"));
            OidError(hex.collect())
        };
        let mut text = String::new();
        let mut arc: Option<u128> = None;
        for octet in content {
            if arc.is_none() && *octet == 0x80 {
                return Err(malformed());
            }
            let value = arc
                .unwrap_or(0)
                .checked_mul(128)
                .ok_or_else(malformed)?
                .checked_add(u128::from(octet & 0x7f))
                .ok_or_else(malformed)?;
            if octet & 0x80 != 0 {
                arc = Some(value);
                continue;
            }
            arc = None;
            if text.is_empty() {
                // X.690 §8.19.4: the first octets hold 40 × first arc + second arc.
                let first = (value / 40).min(2);
                text = format!("{first}.{}", value - 40 * first);
            } else {
                // Writing to a `String` does not fail.
                let _: fmt::Result = write!(text, ".{value}");
            }
        }
        if text.is_empty() || arc.is_some() {
            return Err(malformed());
        }
        Ok(Self(text))
    }

    /// Writes the whole OBJECT IDENTIFIER, tag and length included.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        // The text was checked when it was taken in, so there are at least two arcs.
        let arcs = arcs(&self.0).unwrap_or_default();
        let mut content = Vec::new();
        if let [first, second, rest @ ..] = arcs.as_slice() {
            push_base128(
                &mut content,
                first.saturating_mul(40).saturating_add(*second),
            );
            for arc in rest {
                push_base128(&mut content, *arc);
            }
        }
        der::encode(der::OBJECT_IDENTIFIER, &content)
    }

    /// The arcs as 64-bit numbers; none if one of them is larger.
    #[must_use]
    pub fn arcs_u64(&self) -> Option<Vec<u64>> {
        arcs(&self.0)?
            .into_iter()
            .map(|arc| u64::try_from(arc).ok())
            .collect()
    }

    /// The dotted text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<str> for Oid {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Oid {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl std::str::FromStr for Oid {
    type Err = OidError;

    fn from_str(text: &str) -> Result<Self, OidError> {
        Self::parse(text)
    }
}

fn arcs(text: &str) -> Option<Vec<u128>> {
    let arcs: Vec<u128> = text.split('.').map(arc).collect::<Option<_>>()?;
    match arcs.as_slice() {
        [0 | 1, 0..=39, ..] => Some(arcs),
        // 40 × 2 + second arc still has to fit.
        [2, second, ..] if second.checked_add(80).is_some() => Some(arcs),
        _ => None,
    }
}

fn arc(text: &str) -> Option<u128> {
    let digits_only = text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    (digits_only && canonical).then(|| text.parse().ok())?
}

fn push_base128(content: &mut Vec<u8>, value: u128) {
    let mut octets: Vec<u8> = Vec::new();
    let mut rest = value;
    loop {
        octets.push(u8::try_from(rest & 0x7f).unwrap_or(0));
        rest >>= 7;
        if rest == 0 {
            break;
        }
    }
    let last = octets.len() - 1;
    let flagged = octets.iter().rev().enumerate();
    content.extend(flagged.map(|(i, octet)| if i == last { *octet } else { octet | 0x80 }));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_and_bytes_are_two_forms_of_one_identifier() {
        for (text, content) in [
            ("2.5.4.3", &[0x55, 0x04, 0x03][..]),
            ("0.0", &[0x00]),
            ("0.39", &[0x27]),
            ("1.0", &[0x28]),
            ("2.999.3", &[0x88, 0x37, 0x03]),
            (
                "1.2.840.113549.1.1.11",
                &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b],
            ),
            (
                "1.2.156.10260.4.1.4",
                &[0x2a, 0x81, 0x1c, 0xd0, 0x14, 4, 1, 4],
            ),
        ] {
            let oid = Oid::parse(text).unwrap();
            assert_eq!(Oid::from_der_content(content).unwrap(), oid);
            assert_eq!(der::single(&oid.to_der()).unwrap().content, content);
            assert_eq!(oid, text);
        }
    }

    #[test]
    fn arcs_of_a_uuid_fit() {
        // The example of ITU-T X.667 §7: 2.25.329800735698586629295641978511506172918.
        let text = "2.25.329800735698586629295641978511506172918";
        let oid = Oid::parse(text).unwrap();
        let der = oid.to_der();
        assert_eq!(
            Oid::from_der_content(der::single(&der).unwrap().content).unwrap(),
            text
        );
        assert_eq!(oid.arcs_u64(), None);
        assert_eq!(
            Oid::parse("2.25.7").unwrap().arcs_u64(),
            Some(vec![2, 25, 7])
        );
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "1",
            "1.",
            ".1",
            "1..2",
            "3.1",
            "0.40",
            "1.40",
            "01.2",
            "1.02",
            "1.2.-3",
            "1.+2",
            "1. 2",
            "a.b",
            "2.5.4.３",
            "2.340282366920938463463374607431768211455",
            "1.2.340282366920938463463374607431768211456",
        ] {
            assert!(Oid::parse(text).is_err(), "{text}");
        }
        assert!(Oid::parse("1.2.340282366920938463463374607431768211455").is_ok());
    }

    #[test]
    fn other_bytes_are_refused() {
        for content in [
            &[][..],
            &[0x80, 0x01],
            &[0x55, 0x80, 0x01],
            &[0x55, 0x81],
            &[0xff; 30],
        ] {
            assert!(Oid::from_der_content(content).is_err(), "{content:02x?}");
        }
        let mut too_wide = vec![0x2a];
        too_wide.extend([0xff; 19]);
        too_wide.push(0x7f);
        assert!(Oid::from_der_content(&too_wide).is_err());
    }

    proptest! {
        #[test]
        fn bytes_round_trip(first in 0_u128..3, second in 0_u128..40, rest in prop::collection::vec(any::<u128>(), 0..6)) {
            let mut text = format!("{first}.{second}");
            for arc in rest {
                text.push_str(&format!(".{arc}"));
            }
            let oid = Oid::parse(&text).unwrap();
            let der = oid.to_der();
            prop_assert_eq!(der::check(&der), Ok(()));
            prop_assert_eq!(Oid::from_der_content(der::single(&der).unwrap().content).unwrap(), oid);
        }
    }
}
