//! Certificate extensions (RFC 5280 §4.2): which we know, and what they say.

use x509_parser::extensions::ParsedExtension;
use x509_parser::extensions::X509Extension;

use crate::pki::certificate::error::CertificateError;
use crate::pki::certificate::layout::RawExtension;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;

/// RFC 5280 §4.2.1.2.
pub const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
/// RFC 5280 §4.2.1.3.
pub const KEY_USAGE: &str = "2.5.29.15";
/// RFC 5280 §4.2.1.6.
pub const SUBJECT_ALTERNATIVE_NAME: &str = "2.5.29.17";
/// RFC 5280 §4.2.1.9.
pub const BASIC_CONSTRAINTS: &str = "2.5.29.19";
/// RFC 5280 §4.2.1.10.
pub const NAME_CONSTRAINTS: &str = "2.5.29.30";
/// RFC 5280 §4.2.1.4.
pub const CERTIFICATE_POLICIES: &str = "2.5.29.32";
/// RFC 5280 §4.2.1.1.
pub const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";
/// RFC 5280 §4.2.1.11.
pub const POLICY_CONSTRAINTS: &str = "2.5.29.36";
/// RFC 5280 §4.2.1.12.
pub const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
/// RFC 5280 §4.2.1.14.
pub const INHIBIT_ANY_POLICY: &str = "2.5.29.54";

/// The extensions that are read here or in [`crate::pki::path`]. Any other one that is critical makes
/// the certificate unusable (RFC 5280 §4.2). Policy qualifiers are not interpreted.
const RECOGNISED: &[&str] = &[
    AUTHORITY_KEY_IDENTIFIER,
    BASIC_CONSTRAINTS,
    CERTIFICATE_POLICIES,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
    SUBJECT_ALTERNATIVE_NAME,
    SUBJECT_KEY_IDENTIFIER,
];

/// Extensions that narrow what may follow in a path. They are refused by name, critical or not, until
/// they are implemented (see [`crate::pki::path`]), so they are not counted as unhandled here.
const REFUSED_BY_PATHS: &[&str] = &[INHIBIT_ANY_POLICY, NAME_CONSTRAINTS, POLICY_CONSTRAINTS];

/// What basic constraints say (RFC 5280 §4.2.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// The subject is a CA.
    pub is_ca: bool,
    /// How many non-self-issued intermediate certificates may follow; `None`: any number.
    pub max_path_length: Option<u32>,
}

/// What the key may be used for (RFC 5280 §4.2.1.3); bit 0 of the number is `digitalSignature`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage(u16);

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

    /// Bits 2 to 4 alone: encryption and key agreement, no signature at all. The second certificate of
    /// the two that GM/T 0015 gives to a holder is like this.
    #[must_use]
    pub const fn is_encryption_only(self) -> bool {
        self.0 & 0b1_1100 != 0 && self.0 & 0b110_0011 == 0
    }
}

/// The extensions of one certificate.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub(super) authority_key_id: Option<Vec<u8>>,
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) certificate_policies: Vec<Oid>,
    pub(super) extended_key_usage: Option<Vec<Oid>>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) subject_key_id: Option<Vec<u8>>,
    pub(super) unhandled_critical: Vec<Oid>,
    /// Every extension: its value, and whether it is critical.
    pub(super) values: Vec<(Oid, bool, Vec<u8>)>,
}

impl Extensions {
    /// Joins our reading of the bytes with the meaning that `x509-parser` gives them; both list the
    /// extensions in the order of the certificate.
    pub(super) fn read(
        raw: Vec<RawExtension<'_>>,
        parsed: &[X509Extension<'_>],
    ) -> Result<Self, CertificateError> {
        let mut extensions = Self::default();
        for (raw, parsed) in raw.into_iter().zip(parsed) {
            let is_recognised = RECOGNISED.iter().any(|oid| raw.oid == *oid);
            if is_recognised {
                let understood = der::check(raw.value).is_ok()
                    && extensions.take(&raw, parsed.parsed_extension()).is_some();
                if !understood {
                    return Err(CertificateError::MalformedExtension(raw.oid));
                }
            } else if raw.is_critical && !REFUSED_BY_PATHS.iter().any(|oid| raw.oid == *oid) {
                extensions.unhandled_critical.push(raw.oid.clone());
            }
            let value = raw.value.to_vec();
            extensions.values.push((raw.oid, raw.is_critical, value));
        }
        Ok(extensions)
    }

    /// Keeps what a recognised extension says; `None` if it does not say it in the form it should.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "whatever x509-parser made of it, it is not what its identifier announces"
    )]
    fn take(&mut self, raw: &RawExtension<'_>, parsed: &ParsedExtension<'_>) -> Option<()> {
        match parsed {
            ParsedExtension::AuthorityKeyIdentifier(value) => {
                self.authority_key_id = value.key_identifier.as_ref().map(|id| id.0.to_vec());
            }
            ParsedExtension::BasicConstraints(value) => {
                self.basic_constraints = Some(BasicConstraints {
                    is_ca: value.ca,
                    max_path_length: value.path_len_constraint,
                });
            }
            ParsedExtension::CertificatePolicies(value) => {
                let ids = value
                    .iter()
                    .map(|policy| Oid::from_der_content(policy.policy_id.as_bytes()));
                self.certificate_policies = ids.collect::<Result<_, OidError>>().ok()?;
            }
            ParsedExtension::ExtendedKeyUsage(_) => {
                self.extended_key_usage = Some(read_key_purposes(raw.value)?);
            }
            ParsedExtension::KeyUsage(value) => self.key_usage = Some(KeyUsage(value.flags)),
            ParsedExtension::SubjectAlternativeName(_) => {}
            ParsedExtension::SubjectKeyIdentifier(value) => {
                self.subject_key_id = Some(value.0.to_vec());
            }
            _ => return None,
        }
        Some(())
    }
}

/// `ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF KeyPurposeId`, in its own order.
fn read_key_purposes(value: &[u8]) -> Option<Vec<Oid>> {
    let sequence = der::single(value).ok()?;
    let mut list = sequence.reader();
    let mut purposes = Vec::new();
    while !list.is_at_end() {
        let purpose = list.expect(der::OBJECT_IDENTIFIER).ok()?;
        purposes.push(Oid::from_der_content(purpose.content).ok()?);
    }
    (!purposes.is_empty()).then_some(purposes)
}
