//! What is signed, in DER: the parts that certificates and CRLs have in common.

use crate::clock::Timestamp;
use crate::crypto::algorithm::ParametersRule;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::sha256;
use crate::crypto::public_key::PublicKey;
use crate::crypto::sign::SigningKey;
use crate::pki::asn1_time;
use crate::pki::der;
use crate::pki::issue::error::IssueError;
use crate::pki::issue::profile;
use crate::pki::oid::Oid;

/// A SEQUENCE of what is encoded already.
pub(super) fn sequence(members: &[Vec<u8>]) -> Vec<u8> {
    der::encode(der::SEQUENCE, &members.concat())
}

/// `Extension` (RFC 5280 §4.1); `value` is what the OCTET STRING holds.
pub(super) fn extension(oid: &Oid, criticality: Criticality, value: &[u8]) -> Vec<u8> {
    let critical = match criticality {
        Criticality::Critical => der::encode(der::BOOLEAN, &[0xff]),
        Criticality::NotCritical => Vec::new(),
    };
    sequence(&[
        oid.to_der(),
        critical,
        der::encode(der::OCTET_STRING, value),
    ])
}

/// Whether who does not know an extension must refuse what has it (RFC 5280 §4.2).
#[derive(Clone, Copy)]
pub(super) enum Criticality {
    Critical,
    NotCritical,
}

/// `Time` (RFC 5280 §4.1.2.5): whole seconds, `UTCTime` through 2049.
pub(super) fn time(at: Timestamp) -> Result<Vec<u8>, IssueError> {
    asn1_time::encode_time(at).ok_or(IssueError::Dates)
}

/// `Name` with one attribute a step, in the order given.
pub(super) fn name(attributes: &[(&'static str, String)]) -> Result<Vec<u8>, IssueError> {
    let mut seen = Vec::new();
    let mut steps = Vec::new();
    for (oid, value) in attributes {
        if seen.contains(oid) {
            return Err(IssueError::DuplicateAttribute(oid));
        }
        seen.push(*oid);
        // RFC 5280, Appendix A.1: countryName is a PrintableString of two letters.
        let value = if *oid == profile::COUNTRY {
            if value.len() != 2 || !value.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                return Err(IssueError::Country);
            }
            der::encode(der::PRINTABLE_STRING, value.as_bytes())
        } else {
            der::encode(der::UTF8_STRING, value.as_bytes())
        };
        let attribute = sequence(&[Oid::parse(oid)?.to_der(), value]);
        steps.push(der::encode(der::SET, &attribute));
    }
    Ok(sequence(&steps))
}

/// GM/T 0015 gives its identity extensions `PrintableString`; what does not fit becomes `UTF8String`.
pub(super) fn string(text: &str) -> Vec<u8> {
    let is_printable = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte));
    let tag = if is_printable {
        der::PRINTABLE_STRING
    } else {
        der::UTF8_STRING
    };
    der::encode(tag, text.as_bytes())
}

/// The key identifier of RFC 7093 §2, method 1: the first 160 bits of the SHA-256 of `subjectPublicKey`.
pub(super) fn key_identifier(key: &PublicKey) -> Result<Vec<u8>, IssueError> {
    // Our own key type in its own encoding: if this fails, the key is not what it says.
    let bits = || {
        let mut fields = der::single(key.spki_der())?.reader();
        fields.expect(der::SEQUENCE)?;
        fields.expect(der::BIT_STRING)?.whole_octets()
    };
    let bits =
        bits().map_err(|_malformed: der::DerError| IssueError::Inconsistent("public key"))?;
    Ok(sha256(bits).0.into_iter().take(20).collect())
}

/// The extension `authorityKeyIdentifier` with nothing but the key identifier (RFC 5280 §4.2.1.1).
pub(super) fn authority_key_identifier(identifier: &[u8]) -> Vec<u8> {
    sequence(&[der::encode(der::context_primitive(0), identifier)])
}

/// The `AlgorithmIdentifier` of what `key` signs. SM2 has NULL beside it, as nearly all Chinese CAs write
/// it; both readings are permitted.
pub(super) fn signature_algorithm(key: &SigningKey) -> Result<Vec<u8>, IssueError> {
    // X.509 has no name for curve and digest together.
    let algorithm = if key.algorithm() == SignatureAlgorithm::EcdsaP256Sha256 {
        SignatureAlgorithm::EcdsaSha256.row()
    } else {
        key.algorithm().row()
    };
    let oid = algorithm.oid.ok_or(IssueError::Inconsistent("algorithm"))?;
    let parameters = match algorithm.parameters {
        ParametersRule::Absent => Vec::new(),
        ParametersRule::AbsentOrNull => der::encode(der::NULL, &[]),
        ParametersRule::Pss => return Err(IssueError::Inconsistent("algorithm")),
    };
    Ok(sequence(&[Oid::parse(oid)?.to_der(), parameters]))
}

/// `SIGNED` (RFC 5280 §4.1.1, §5.1.1): what was signed, with what, and the value.
pub(super) fn signed(to_be_signed: Vec<u8>, key: &SigningKey) -> Result<Vec<u8>, IssueError> {
    let value = key.sign_der(&to_be_signed).map_err(IssueError::Sign)?;
    Ok(sequence(&[
        to_be_signed,
        signature_algorithm(key)?,
        bit_string(0, &value),
    ]))
}

/// A BIT STRING whose last octet leaves `unused` bits.
pub(super) fn bit_string(unused: u8, octets: &[u8]) -> Vec<u8> {
    der::encode(der::BIT_STRING, &[&[unused], octets].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Vec<u8> {
        time(Timestamp::parse(text).unwrap()).unwrap()
    }

    #[test]
    fn the_type_of_a_time_follows_the_year() {
        for (moment, tag, text) in [
            (
                "1949-12-31T23:59:59Z",
                der::GENERALIZED_TIME,
                "19491231235959Z",
            ),
            ("1950-01-01T00:00:00Z", der::UTC_TIME, "500101000000Z"),
            ("2049-12-31T23:59:59.9Z", der::UTC_TIME, "491231235959Z"),
            (
                "2050-01-01T00:00:00Z",
                der::GENERALIZED_TIME,
                "20500101000000Z",
            ),
        ] {
            assert_eq!(at(moment), der::encode(tag, text.as_bytes()), "{moment}");
        }
    }

    #[test]
    fn a_country_has_two_letters() {
        let named = |value: &str| name(&[(profile::COUNTRY, value.to_owned())]);
        assert!(named("CN").is_ok());
        for value in ["", "C", "CHN", "中", "C1"] {
            assert!(matches!(named(value), Err(IssueError::Country)), "{value}");
        }
    }
}
