//! Certificate extensions (RFC 5280 §4.2): which we know, and what they say.

pub(super) mod list;
mod value;

use std::fmt;

use crate::pki::oid::Oid;

/// RFC 5280 §4.2.2.1.
pub const AUTHORITY_INFO_ACCESS: &Oid =
    &Oid::of_constant(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01]);
/// RFC 5280 §4.2.2.2.
pub const SUBJECT_INFO_ACCESS: &Oid =
    &Oid::of_constant(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x0b]);
/// RFC 6960 §4.2.2.2.1: `id-pkix-ocsp-nocheck`.
pub const OCSP_NO_CHECK: &Oid =
    &Oid::of_constant(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x05]);
/// RFC 5280 §4.2.1.8.
pub const SUBJECT_DIRECTORY_ATTRIBUTES: &Oid = &of_id_ce(9);
/// RFC 5280 §4.2.1.2.
pub const SUBJECT_KEY_IDENTIFIER: &Oid = &of_id_ce(14);
/// RFC 5280 §4.2.1.3.
pub const KEY_USAGE: &Oid = &of_id_ce(15);
/// RFC 5280 §4.2.1.6.
pub const SUBJECT_ALTERNATIVE_NAME: &Oid = &of_id_ce(17);
/// RFC 5280 §4.2.1.7.
pub const ISSUER_ALTERNATIVE_NAME: &Oid = &of_id_ce(18);
/// RFC 5280 §4.2.1.9.
pub const BASIC_CONSTRAINTS: &Oid = &of_id_ce(19);
/// RFC 5280 §4.2.1.10.
pub const NAME_CONSTRAINTS: &Oid = &of_id_ce(30);
/// RFC 5280 §4.2.1.13.
pub const CRL_DISTRIBUTION_POINTS: &Oid = &of_id_ce(31);
/// RFC 5280 §4.2.1.4.
pub const CERTIFICATE_POLICIES: &Oid = &of_id_ce(32);
/// RFC 5280 §4.2.1.5.
pub const POLICY_MAPPINGS: &Oid = &of_id_ce(33);
/// RFC 5280 §4.2.1.1.
pub const AUTHORITY_KEY_IDENTIFIER: &Oid = &of_id_ce(35);
/// RFC 5280 §4.2.1.11.
pub const POLICY_CONSTRAINTS: &Oid = &of_id_ce(36);
/// RFC 5280 §4.2.1.12.
pub const EXTENDED_KEY_USAGE: &Oid = &of_id_ce(37);
/// RFC 5280 §4.2.1.15.
pub const FRESHEST_CRL: &Oid = &of_id_ce(46);
/// RFC 5280 §4.2.1.14.
pub const INHIBIT_ANY_POLICY: &Oid = &of_id_ce(54);

/// RFC 5280 §4.2.1.4: `anyPolicy`, the policy that stands for every other.
pub const ANY_POLICY: &Oid = &Oid::of_constant(&[0x55, 0x1d, 0x20, 0x00]);
/// RFC 5280 §4.2.1.12: `anyExtendedKeyUsage`, the purpose that stands for every other.
pub const ANY_EXTENDED_KEY_USAGE: &Oid = &Oid::of_constant(&[0x55, 0x1d, 0x25, 0x00]);
/// RFC 5280 §4.2.1.12: `id-kp-serverAuth`.
pub const SERVER_AUTH: &Oid = &Oid::of_constant(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01]);

/// `id-ce` (RFC 5280 §4.2.1), and one arc more.
const fn of_id_ce(arc: u8) -> Oid {
    Oid::of_constant(&[0x55, 0x1d, arc])
}

/// What basic constraints say (RFC 5280 §4.2.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// The subject is a CA.
    pub is_ca: bool,
    /// How many non-self-issued intermediate certificates may follow; `None`: any number. More than
    /// 2³²−1 are not told apart.
    pub max_path_length: Option<u32>,
}

/// What policy constraints say (RFC 5280 §4.2.1.11): how many certificates may follow until policies have
/// to be explicit, or are no longer mapped. More than 2³²−1 are not told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyConstraints {
    /// `requireExplicitPolicy`; `None`: never.
    pub require_explicit_policy: Option<u32>,
    /// `inhibitPolicyMapping`; `None`: never.
    pub inhibit_policy_mapping: Option<u32>,
}

/// One use of a key, by its name in RFC 5280 §4.2.1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsageBit(u8);

/// In the order of their bits.
const KEY_USAGES: [&str; 9] = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];

/// RFC 5280 §4.2.1.3 has no key usage of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no key usage of that name; there are {}", KEY_USAGES.join(", "))]
pub struct UnknownKeyUsage;

impl KeyUsageBit {
    /// Finds a use by its name; `contentCommitment` is the newer one of `nonRepudiation`.
    ///
    /// # Errors
    /// [`UnknownKeyUsage`].
    pub fn parse(name: &str) -> Result<Self, UnknownKeyUsage> {
        let name = match name {
            "contentCommitment" => "nonRepudiation",
            other => other,
        };
        let mut named = (0_u8..).zip(KEY_USAGES);
        let found = named.find(|(_, known)| *known == name);
        found.map(|(bit, _)| Self(bit)).ok_or(UnknownKeyUsage)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        KEY_USAGES
            .get(usize::from(self.0))
            .copied()
            .unwrap_or_default()
    }

    const fn number(self) -> u8 {
        self.0
    }
}

/// What the key may be used for (RFC 5280 §4.2.1.3); bit 0 of the number is `digitalSignature`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage(u16);

impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = (0..)
            .zip(KEY_USAGES)
            .filter(|(bit, _)| self.0 & (1 << bit) != 0);
        let names: Vec<&str> = bits.map(|(_, name)| name).collect();
        f.write_str(&names.join(", "))
    }
}

impl KeyUsage {
    /// Bit 0: signatures other than those on certificates and CRLs.
    #[must_use]
    pub const fn digital_signature(self) -> bool {
        self.0 & 1 != 0
    }

    /// Bit 1: signatures that the signer is not to deny later (`nonRepudiation`, `contentCommitment`).
    #[must_use]
    pub const fn content_commitment(self) -> bool {
        self.0 & (1 << 1) != 0
    }

    /// Bit 5: signatures on certificates.
    #[must_use]
    pub const fn key_cert_sign(self) -> bool {
        self.0 & (1 << 5) != 0
    }

    /// Bit 6: signatures on CRLs.
    #[must_use]
    pub const fn crl_sign(self) -> bool {
        self.0 & (1 << 6) != 0
    }

    /// Whether a use is permitted.
    #[must_use]
    pub const fn permits(self, bit: KeyUsageBit) -> bool {
        self.0 & (1 << bit.number()) != 0
    }

    /// Bits 2 to 4 alone: encryption and key agreement, no signature at all. The second certificate of
    /// the two that GM/T 0015 gives to a holder is like this.
    #[must_use]
    pub const fn is_encryption_only(self) -> bool {
        self.0 & 0b1_1100 != 0 && self.0 & 0b110_0011 == 0
    }
}
