//! What a certificate of ours shall say. `certs/README.md` lists the profiles in use.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::crypto::key_purpose::KeyPurpose;
use crate::pki::oid::Oid;

/// `countryName`, two letters (RFC 5280, Appendix A.1).
pub const COUNTRY: &str = "2.5.4.6";
/// `stateOrProvinceName`.
pub const STATE: &str = "2.5.4.8";
/// `localityName`.
pub const LOCALITY: &str = "2.5.4.7";
/// `organizationName`.
pub const ORGANISATION: &str = "2.5.4.10";
/// `organizationalUnitName`.
pub const ORGANISATIONAL_UNIT: &str = "2.5.4.11";
/// `commonName`.
pub const COMMON_NAME: &str = "2.5.4.3";
/// `organizationIdentifier`: `NTRCN-` before a USCC (ETSI EN 319 412-1 §5.1.4).
pub const ORGANISATION_IDENTIFIER: &str = "2.5.4.97";
/// The identity extension of Chinese CAs for organisation code or USCC (GM/T 0015).
pub const ORGANISATION_CODE_EXTENSION: &str = "1.2.156.10260.4.1.4";

/// How long the certificate of a root lasts: four times as long as what it issues, so that it can be
/// replaced at leisure.
pub const ROOT_VALIDITY: Duration = days(7300);
/// How long the certificate of an end entity lasts.
pub const END_ENTITY_VALIDITY: Duration = days(1825);

const fn days(number: u64) -> Duration {
    Duration::from_secs(number * 24 * 60 * 60)
}

/// The parts of a certificate that its issuer chooses for each one. Nothing is made up: time and serial
/// number are handed in.
#[derive(Clone, Debug)]
pub struct CertificateProfile {
    /// Attribute types (dotted) and values, most general first; each type once.
    pub subject: Vec<(&'static str, String)>,
    /// Positive, big-endian: see [`serial_from_random`].
    pub serial: [u8; 16],
    /// First second of the validity period.
    pub not_before: Timestamp,
    /// Last second of the validity period.
    pub not_after: Timestamp,
    /// Certificate policies, without qualifiers.
    pub policies: Vec<Oid>,
    /// Where the issuer publishes its CRL: `http` or `https` (RFC 5280 §4.2.1.13).
    pub crl_url: Option<String>,
    /// Non-critical extensions that hold one string each, such as [`ORGANISATION_CODE_EXTENSION`].
    pub identity: Vec<(Oid, String)>,
}

/// What the key of an end entity is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndEntityUsage {
    /// One of the service's own keys: `digitalSignature`, and the extended key usage of the purpose
    /// alone, critical, so that nobody takes it for anything else.
    Purpose(KeyPurpose),
    /// A person or company that signs documents: `digitalSignature` and `nonRepudiation`, and the given
    /// extended key usages, not critical; none if empty.
    Signer(Vec<Oid>),
}

/// A serial number from 16 random bytes: positive, 16 octets long when encoded, 126 bits of chance.
#[must_use]
pub const fn serial_from_random(random: [u8; 16]) -> [u8; 16] {
    let mut serial = random;
    let [first, ..] = &mut serial;
    *first = (*first & 0x7f) | 0x40;
    serial
}

#[cfg(test)]
mod tests {
    use crate::crypto::key_purpose::KEY_PURPOSES;

    use super::*;

    #[test]
    fn the_readme_says_what_is_issued() {
        let readme = include_str!("../../../certs/README.md");
        let row = |purpose: &str| {
            let mut rows = readme.lines().filter(|line| line.starts_with('|'));
            rows.find(|line| line.contains(&format!("`{purpose}`")))
                .unwrap_or_else(|| panic!("no row for {purpose}"))
        };
        for purpose in KEY_PURPOSES {
            let (eku, validity) = match purpose.eku {
                Some(eku) => (format!("`{eku}`, critical"), END_ENTITY_VALIDITY),
                None => ("none".to_owned(), ROOT_VALIDITY),
            };
            let days = validity.as_secs() / (24 * 60 * 60);
            let row = row(purpose.name);
            assert!(row.contains(&format!("| {eku} | {days} days |")), "{row}");
        }
        for text in [ORGANISATION_CODE_EXTENSION, "NTRCN-", "serial_from_random"] {
            assert!(readme.contains(text), "{text}");
        }
    }

    #[test]
    fn random_serial_numbers_are_positive_and_of_one_length() {
        assert_eq!(serial_from_random([0; 16])[0], 0x40);
        assert_eq!(serial_from_random([0xff; 16])[0], 0x7f);
        assert_eq!(serial_from_random([0xff; 16])[1..], [0xff; 15]);
    }
}
