//! Object identifiers (ITU-T X.660).

use std::borrow::Cow;
use std::fmt;

use crate::pki::der;
use crate::pki::short_bytes::ShortBytes;

/// An object identifier, kept as its contents octets (X.690 §8.19), in place unless it is very long.
///
/// The octets are canonical, so equal identifiers compare equal; the order is that of the octets.
/// `Display` is dotted decimal text: `2.5.4.3`. Arcs up to 128 bits are read and written: UUID-based
/// identifiers under `2.25` need that many (ITU-T X.667).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid(ShortBytes);

/// The text or the bytes are not an object identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed object identifier `{0}`")]
pub struct OidError(String);

/// An object identifier to look something up by: an [`Oid`], or dotted text.
///
/// Text that is no object identifier finds nothing.
#[derive(Clone, Debug)]
pub struct OidKey<'a>(Option<Cow<'a, Oid>>);

/// 128 bits are 18 groups of seven and two more.
const MAX_ARC_OCTETS: usize = 19;
/// A first octet above this makes more than 128 bits of an arc of [`MAX_ARC_OCTETS`].
const MAX_FIRST_OF_LONGEST: u8 = 0x83;

impl Oid {
    /// Reads dotted decimal text: at least two arcs, the first 0 to 2, the second below 40 under 0 and 1.
    ///
    /// # Errors
    /// [`OidError`] for anything else, including leading zeros and arcs of more than 128 bits.
    pub fn parse(text: &str) -> Result<Self, OidError> {
        match content_of(text) {
            Some(content) => Ok(Self(ShortBytes::new(&content))),
            // An identifier is short; what is not one may be long and is not repeated in full.
            None => Err(OidError(text.chars().take(64).collect())),
        }
    }

    /// Takes the contents octets of an OBJECT IDENTIFIER (X.690 §8.19).
    ///
    /// # Errors
    /// [`OidError`] if they are empty, cut off, padded, or an arc has more than 128 bits.
    pub fn from_der_content(content: &[u8]) -> Result<Self, OidError> {
        check_content(content)?;
        Ok(Self(ShortBytes::new(content)))
    }

    /// An identifier that is known when we compile; whoever writes the octets vouches for them.
    pub(in crate::pki) const fn of_constant(content: &[u8]) -> Self {
        Self(ShortBytes::of_constant(content))
    }

    /// The contents octets.
    #[must_use]
    pub fn as_der_content(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Writes the whole OBJECT IDENTIFIER, tag and length included.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        der::encode(der::OBJECT_IDENTIFIER, self.as_der_content())
    }

    /// The arcs as 64-bit numbers; none if one of them is larger.
    #[must_use]
    pub fn arcs_u64(&self) -> Option<Vec<u64>> {
        self.arcs().map(|arc| u64::try_from(arc).ok()).collect()
    }

    fn arcs(&self) -> impl Iterator<Item = u128> {
        let mut numbers = numbers(self.as_der_content()).map(|octets| {
            octets
                .iter()
                .fold(0, |arc, octet| (arc << 7) | u128::from(octet & 0x7f))
        });
        // X.690 §8.19.4: the first number holds 40 × first arc + second arc.
        let first_two = numbers.next().map(|number| {
            let first = (number / 40).min(2);
            [first, number - 40 * first]
        });
        first_two.into_iter().flatten().chain(numbers)
    }
}

/// Checks contents octets as [`Oid::from_der_content`] does, and takes nothing.
///
/// # Errors
/// As there.
pub(in crate::pki) fn check_content(content: &[u8]) -> Result<(), OidError> {
    if is_content(content) {
        return Ok(());
    }
    let hex = content.iter().take(32).map(|octet| format!("{octet:02x}"));
    Err(OidError(hex.collect()))
}

fn is_content(content: &[u8]) -> bool {
    // The number that is being read: its first octet, and how many there are.
    let (mut first, mut octets) = (0, 0);
    for octet in content {
        if octets == 0 {
            first = *octet;
        }
        octets += 1;
        let is_too_wide =
            octets > MAX_ARC_OCTETS || (octets == MAX_ARC_OCTETS && first > MAX_FIRST_OF_LONGEST);
        if first == 0x80 || is_too_wide {
            return false;
        }
        if octet & 0x80 == 0 {
            octets = 0;
        }
    }
    octets == 0 && !content.is_empty()
}

/// The octets of each number: all but the last have the highest bit set.
fn numbers(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    content.split_inclusive(|octet| octet & 0x80 == 0)
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, arc) in self.arcs().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            // Nearly all are small, and small ones are written faster.
            match u64::try_from(arc) {
                Ok(arc) => arc.fmt(f)?,
                Err(_) => arc.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl PartialEq<str> for Oid {
    fn eq(&self, other: &str) -> bool {
        // Most that are compared differ in the last arc alone, whose lowest seven bits are the last octet.
        let is_last = match (self.as_der_content().last(), last_arc_modulo_256(other)) {
            (Some(octet), Some(arc)) => *octet == arc & 0x7f,
            _ => true,
        };
        is_last && self.arcs().map(Some).eq(other.split('.').map(arc))
    }
}

impl PartialEq<&str> for Oid {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl std::str::FromStr for Oid {
    type Err = OidError;

    fn from_str(text: &str) -> Result<Self, OidError> {
        Self::parse(text)
    }
}

impl OidKey<'_> {
    /// The contents octets; none if there is no such identifier.
    pub(in crate::pki) fn content(&self) -> Option<&[u8]> {
        self.0.as_deref().map(Oid::as_der_content)
    }
}

impl<'a> From<&'a Oid> for OidKey<'a> {
    fn from(oid: &'a Oid) -> Self {
        Self(Some(Cow::Borrowed(oid)))
    }
}

impl From<Oid> for OidKey<'_> {
    fn from(oid: Oid) -> Self {
        Self(Some(Cow::Owned(oid)))
    }
}

impl From<&str> for OidKey<'_> {
    fn from(text: &str) -> Self {
        Self(Oid::parse(text).ok().map(Cow::Owned))
    }
}

/// The contents octets of dotted text.
fn content_of(text: &str) -> Option<Vec<u8>> {
    let mut arcs = text.split('.').map(arc);
    let first_two = match (arcs.next()??, arcs.next()??) {
        (first @ (0 | 1), second @ 0..=39) => 40 * first + second,
        // 40 × 2 + second arc still has to fit.
        (2, second) => second.checked_add(80)?,
        _ => return None,
    };
    let mut content = Vec::with_capacity(text.len());
    push_base128(&mut content, first_two);
    for arc in arcs {
        push_base128(&mut content, arc?);
    }
    Some(content)
}

/// Of an identifier of three arcs or more: the first two share a number.
fn last_arc_modulo_256(text: &str) -> Option<u8> {
    let mut dots = 0_u8;
    let mut arc = 0_u8;
    for byte in text.bytes() {
        if byte == b'.' {
            dots = dots.saturating_add(1);
            arc = 0;
        } else {
            let digit = byte.wrapping_sub(b'0');
            arc = arc.wrapping_mul(10).wrapping_add(digit);
        }
    }
    (dots > 1).then_some(arc)
}

fn arc(text: &str) -> Option<u128> {
    let digits_only = text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    (digits_only && canonical).then(|| text.parse().ok())?
}

fn push_base128(content: &mut Vec<u8>, value: u128) {
    let groups = (u128::BITS - value.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let octet = u8::try_from((value >> (7 * group)) & 0x7f).unwrap_or(0);
        content.push(if group == 0 { octet } else { octet | 0x80 });
    }
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
    fn an_identifier_is_found_by_either_form_and_by_nothing_else() {
        const KEY_USAGE: &Oid = &Oid::of_constant(&[0x55, 0x1d, 0x0f]);
        let content = |key: OidKey<'_>| key.content().map(<[u8]>::to_vec);
        assert_eq!(content(KEY_USAGE.into()), content("2.5.29.15".into()));
        assert_eq!(content(KEY_USAGE.clone().into()), content(KEY_USAGE.into()));
        for text in ["", "2.5.29.015", "2.5.29.", "keyUsage", "2.5.29.15 "] {
            assert_eq!(content(text.into()), None, "{text}");
            assert!(*KEY_USAGE != text, "{text}");
        }
        for text in ["2.5.29", "2.5.29.15.0", "2.5.29.16", "1.5.29.15"] {
            assert!(*KEY_USAGE != text, "{text}");
        }
        assert_eq!(*KEY_USAGE, "2.5.29.15");
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
        let mut widest = vec![0x2a, 0x83];
        widest.extend([0xff; 17]);
        widest.push(0x7f);
        let largest = "1.2.340282366920938463463374607431768211455";
        assert_eq!(Oid::from_der_content(&widest).unwrap(), largest);
        widest[1] = 0x84;
        assert!(Oid::from_der_content(&widest).is_err());
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
            prop_assert_eq!(oid.to_string(), &text[..]);
            prop_assert!(oid == text[..]);
            prop_assert_eq!(Oid::from_der_content(der::single(&der).unwrap().content).unwrap(), oid);
        }
    }
}
