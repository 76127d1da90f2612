//! Why certificates are revoked, and sets of such reasons.

use std::fmt;

/// Why a certificate was revoked (RFC 5280 §5.3.1, `CRLReason`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RevocationReason {
    /// `aACompromise`: of an attribute authority.
    AaCompromise,
    /// `affiliationChanged`.
    AffiliationChanged,
    /// `cACompromise`.
    CaCompromise,
    /// `certificateHold`: for the time being.
    CertificateHold,
    /// `cessationOfOperation`.
    CessationOfOperation,
    /// `keyCompromise`.
    KeyCompromise,
    /// `privilegeWithdrawn`.
    PrivilegeWithdrawn,
    /// `removeFromCRL`: in delta CRLs, that a hold ended or that the certificate expired.
    RemoveFromCrl,
    /// `superseded`.
    Superseded,
    /// A number that RFC 5280 does not know. The certificate is revoked, whatever it means.
    Unrecognised(u8),
    /// `unspecified`, or no reason given.
    Unspecified,
}

/// Numbers and names of RFC 5280 §5.3.1.
const REASONS: &[(u8, RevocationReason, &str)] = &[
    (0, RevocationReason::Unspecified, "unspecified"),
    (1, RevocationReason::KeyCompromise, "keyCompromise"),
    (2, RevocationReason::CaCompromise, "cACompromise"),
    (
        3,
        RevocationReason::AffiliationChanged,
        "affiliationChanged",
    ),
    (4, RevocationReason::Superseded, "superseded"),
    (
        5,
        RevocationReason::CessationOfOperation,
        "cessationOfOperation",
    ),
    (6, RevocationReason::CertificateHold, "certificateHold"),
    (8, RevocationReason::RemoveFromCrl, "removeFromCRL"),
    (
        9,
        RevocationReason::PrivilegeWithdrawn,
        "privilegeWithdrawn",
    ),
    (10, RevocationReason::AaCompromise, "aACompromise"),
];

impl RevocationReason {
    /// The number that RFC 5280 §5.3.1 has for it.
    #[must_use]
    pub fn number(self) -> u8 {
        if let Self::Unrecognised(number) = self {
            return number;
        }
        let row = REASONS.iter().find(|(_, reason, _)| *reason == self);
        row.map_or(0, |(number, _, _)| *number)
    }

    /// Reads the contents octets of the ENUMERATED; none if they are not one octet of 0 to 127.
    pub(super) fn from_der_content(content: &[u8]) -> Option<Self> {
        let [code @ 0..=0x7f] = content else {
            return None;
        };
        let known = REASONS.iter().find(|(number, _, _)| number == code);
        Some(known.map_or(Self::Unrecognised(*code), |(_, reason, _)| *reason))
    }
}

impl fmt::Display for RevocationReason {
    /// The name that RFC 5280 has for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Unrecognised(number) = self {
            return write!(f, "reason {number}");
        }
        let row = REASONS.iter().find(|(_, reason, _)| reason == self);
        f.write_str(row.map_or("unspecified", |(_, _, name)| *name))
    }
}

/// A set of reasons, as `ReasonFlags` (RFC 5280 §4.2.1.13) can tell them: all but `unspecified` and
/// `removeFromCRL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReasonSet(u16);

/// The bits of `ReasonFlags` and their names; bit 0 is `unused`.
const FLAGS: [(u16, &str); 8] = [
    (1 << 1, "keyCompromise"),
    (1 << 2, "cACompromise"),
    (1 << 3, "affiliationChanged"),
    (1 << 4, "superseded"),
    (1 << 5, "cessationOfOperation"),
    (1 << 6, "certificateHold"),
    (1 << 7, "privilegeWithdrawn"),
    (1 << 8, "aACompromise"),
];

impl ReasonSet {
    /// No reason.
    pub const NONE: Self = Self(0);
    /// Every reason: `all-reasons` of RFC 5280 §6.3.2.
    pub const ALL: Self = Self(0b1_1111_1110);

    /// Reads the contents octets of the BIT STRING; bits that have no meaning are dropped. None if
    /// they are not those of a BIT STRING.
    pub(super) fn from_der_content(content: &[u8]) -> Option<Self> {
        let (&unused, octets) = content.split_first()?;
        let last = octets.last().copied().unwrap_or(0);
        let clear = match unused {
            0 => true,
            1..=7 => !octets.is_empty() && last & ((1 << unused) - 1) == 0,
            _ => false,
        };
        let (first, second) = match octets {
            [] => (0, 0),
            [first] => (*first, 0),
            [first, second, ..] => (*first, *second),
        };
        // Bit 0 is the highest of the first octet.
        let bits = u16::from(first.reverse_bits()) | (u16::from(second.reverse_bits()) << 8);
        clear.then_some(Self(bits & Self::ALL.0))
    }

    /// The reasons that are in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The reasons that are in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The reasons that are not in the set.
    #[must_use]
    pub const fn missing(self) -> Self {
        Self(Self::ALL.0 & !self.0)
    }

    /// Whether all of `other` is in it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for ReasonSet {
    /// The names of RFC 5280 §4.2.1.13, between commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (bit, name) in FLAGS {
            if self.0 & bit != 0 {
                write!(f, "{separator}{name}")?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_have_numbers_and_names() {
        let read = |code: u8| RevocationReason::from_der_content(&[code]);
        assert_eq!(read(1), Some(RevocationReason::KeyCompromise));
        assert_eq!(read(8), Some(RevocationReason::RemoveFromCrl));
        assert_eq!(read(7), Some(RevocationReason::Unrecognised(7)));
        assert_eq!(read(0x80), None);
        assert_eq!(RevocationReason::from_der_content(&[]), None);
        assert_eq!(RevocationReason::from_der_content(&[0, 1]), None);
        let names = [1, 6, 10, 11].map(|code| read(code).unwrap().to_string());
        assert_eq!(
            names,
            [
                "keyCompromise",
                "certificateHold",
                "aACompromise",
                "reason 11"
            ]
        );
    }

    #[test]
    fn flags_are_read_from_the_highest_bit() {
        let read = |content: &[u8]| ReasonSet::from_der_content(content);
        let key_and_ca = read(&[5, 0x60]).unwrap();
        assert_eq!(key_and_ca.to_string(), "keyCompromise, cACompromise");
        let others = read(&[7, 0x9f, 0x80]).unwrap();
        assert_eq!(key_and_ca.union(others), ReasonSet::ALL);
        assert_eq!(key_and_ca.missing(), others);
        assert!(key_and_ca.intersection(others).is_empty());
        assert!(ReasonSet::ALL.contains(others) && !others.contains(ReasonSet::ALL));
        // Bit 0 and those from 9 on mean nothing.
        assert_eq!(read(&[0, 0x80, 0x7f]), Some(ReasonSet::NONE));
        assert_eq!(read(&[0]), Some(ReasonSet::NONE));
        for bad in [&[][..], &[1], &[8, 0], &[7, 0x40]] {
            assert_eq!(read(bad), None, "{bad:02x?}");
        }
    }
}
