//! The extensions of one certificate: those that we know are understood when the certificate is read, and
//! found at once afterwards; the others are found by walking the list again.

use std::collections::BTreeSet;
use std::iter;
use std::ops::Range;

use crate::pki::certificate::error::CertificateError;
use crate::pki::certificate::extension::BasicConstraints;
use crate::pki::certificate::extension::KeyUsage;
use crate::pki::certificate::extension::PolicyConstraints;
use crate::pki::certificate::extension::value;
use crate::pki::certificate::extension::value::AuthorityKey;
use crate::pki::certificate::extension::value::ValueError;
use crate::pki::der;
use crate::pki::der::DerError;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::oid::Oid;

/// The extensions that are read here, in [`crate::pki::path`], or by whoever asks what they decide about.
/// Any other one that is critical makes the certificate unusable (RFC 5280 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    AuthorityInfoAccess,
    AuthorityKeyIdentifier,
    BasicConstraints,
    CertificatePolicies,
    CrlDistributionPoints,
    ExtendedKeyUsage,
    FreshestCrl,
    InhibitAnyPolicy,
    IssuerAlternativeName,
    KeyUsage,
    NameConstraints,
    OcspNoCheck,
    PolicyConstraints,
    PolicyMappings,
    SubjectAlternativeName,
    SubjectInfoAccess,
    SubjectKeyIdentifier,
}

/// How many [`Known`] ones there are.
const KNOWN: usize = 17;

impl Known {
    /// By the contents octets of the identifier: those of [`super`], arc by arc.
    const fn find(id: &[u8]) -> Option<Self> {
        match id {
            [0x55, 0x1d, arc] => match arc {
                14 => Some(Self::SubjectKeyIdentifier),
                15 => Some(Self::KeyUsage),
                17 => Some(Self::SubjectAlternativeName),
                18 => Some(Self::IssuerAlternativeName),
                19 => Some(Self::BasicConstraints),
                30 => Some(Self::NameConstraints),
                31 => Some(Self::CrlDistributionPoints),
                32 => Some(Self::CertificatePolicies),
                33 => Some(Self::PolicyMappings),
                35 => Some(Self::AuthorityKeyIdentifier),
                36 => Some(Self::PolicyConstraints),
                37 => Some(Self::ExtendedKeyUsage),
                46 => Some(Self::FreshestCrl),
                54 => Some(Self::InhibitAnyPolicy),
                _ => None,
            },
            [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01] => Some(Self::AuthorityInfoAccess),
            [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x0b] => Some(Self::SubjectInfoAccess),
            [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x05] => Some(Self::OcspNoCheck),
            _ => None,
        }
    }

    #[expect(
        clippy::as_conversions,
        reason = "the variants are counted from 0, and nothing else gives that number"
    )]
    const fn place(self) -> usize {
        self as usize
    }
}

/// Where the value of an extension lies, and whether it is critical.
#[derive(Clone, Copy, Debug)]
struct Found {
    is_critical: bool,
    start: u32,
    length: u32,
}

impl Found {
    /// A certificate is so small that its places fit.
    fn new(extension: &Extension<'_>) -> Self {
        let range = extension.value.content_range();
        Self {
            is_critical: extension.is_critical,
            start: u32::try_from(range.start).unwrap_or(u32::MAX),
            length: u32::try_from(range.len()).unwrap_or(0),
        }
    }

    fn value(self, certificate: &[u8]) -> Option<&[u8]> {
        let (start, length) = (usize::try_from(self.start), usize::try_from(self.length));
        certificate.get(start.ok()?..)?.get(..length.ok()?)
    }
}

/// One extension as it stands (RFC 5280 §4.2); `value` is the OCTET STRING.
struct Extension<'a> {
    id: &'a [u8],
    is_critical: bool,
    value: Element<'a>,
}

impl<'a> Extension<'a> {
    fn read(list: &mut Reader<'a>) -> Result<Self, DerError> {
        let mut fields = list.expect(der::SEQUENCE)?.reader();
        let id = fields.expect(der::OBJECT_IDENTIFIER)?;
        let critical = fields.optional(der::BOOLEAN)?;
        let value = fields.expect(der::OCTET_STRING)?;
        fields.finish()?;
        Ok(Self {
            id: id.content,
            is_critical: critical.is_some_and(|boolean| boolean.content != [0]),
            value,
        })
    }
}

/// The extensions of one certificate. Places are those in its encoding.
#[derive(Debug, Default)]
pub(in crate::pki::certificate) struct Extensions {
    pub(in crate::pki::certificate) authority_key: AuthorityKey,
    pub(in crate::pki::certificate) basic_constraints: Option<BasicConstraints>,
    pub(in crate::pki::certificate) certificate_policies: Vec<Oid>,
    pub(in crate::pki::certificate) extended_key_usage: Option<Vec<Oid>>,
    pub(in crate::pki::certificate) inhibit_any_policy: Option<u32>,
    pub(in crate::pki::certificate) key_usage: Option<KeyUsage>,
    pub(in crate::pki::certificate) policy_constraints: Option<PolicyConstraints>,
    pub(in crate::pki::certificate) policy_mappings: Option<Vec<(Oid, Oid)>>,
    pub(in crate::pki::certificate) subject_key_id: Option<Range<usize>>,
    pub(in crate::pki::certificate) unhandled_critical: Vec<Oid>,
    known: [Option<Found>; KNOWN],
    /// The contents of the list.
    list: Range<usize>,
}

impl Extensions {
    /// Reads `Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension`, and what those say that decide. An empty
    /// list is let through.
    pub(in crate::pki::certificate) fn read(list: &Element<'_>) -> Result<Self, CertificateError> {
        let mut extensions = Self {
            list: list.content_range(),
            ..Self::default()
        };
        let mut unknown = BTreeSet::new();
        let mut reader = list.reader();
        while !reader.is_at_end() {
            let extension = Extension::read(&mut reader)?;
            if let Some(known) = Known::find(extension.id) {
                extensions.take(known, &extension)?;
                continue;
            }
            let oid = Oid::from_der_content(extension.id)?;
            if !unknown.insert(extension.id) {
                return Err(CertificateError::DuplicateExtension(oid));
            }
            if extension.is_critical {
                extensions.unhandled_critical.push(oid);
            }
        }
        Ok(extensions)
    }

    /// Keeps where a known extension is and what it says.
    fn take(&mut self, known: Known, extension: &Extension<'_>) -> Result<(), CertificateError> {
        let found = Found::new(extension);
        if let Some(place) = self.known.get_mut(known.place()) {
            if place.is_some() {
                let oid = Oid::from_der_content(extension.id)?;
                return Err(CertificateError::DuplicateExtension(oid));
            }
            *place = Some(found);
        }
        match self.understand(known, extension.value.encapsulated()) {
            Ok(()) => Ok(()),
            Err(ValueError::Malformed) => {
                let oid = Oid::from_der_content(extension.id)?;
                Err(CertificateError::MalformedExtension(oid))
            }
            Err(ValueError::RepeatedPolicy(policy)) => {
                Err(CertificateError::RepeatedPolicy(policy))
            }
        }
    }

    /// Reads what decides. Where evidence may be found, and other names of the issuer, decide nothing.
    fn understand(&mut self, known: Known, mut value: Reader<'_>) -> Result<(), ValueError> {
        match known {
            Known::AuthorityInfoAccess
            | Known::IssuerAlternativeName
            | Known::SubjectInfoAccess => return Ok(()),
            Known::AuthorityKeyIdentifier => {
                self.authority_key = value::authority_key(&mut value)?;
            }
            Known::BasicConstraints => {
                self.basic_constraints = Some(value::basic_constraints(&mut value)?);
            }
            Known::CertificatePolicies => {
                let whole = value.remaining();
                self.certificate_policies = match value::certificate_policies(&mut value) {
                    Ok(policies) => policies,
                    Err(ValueError::Malformed) => {
                        self.certificate_policies = value::certificate_policies_in_ber(whole)?;
                        return Ok(());
                    }
                    Err(error @ ValueError::RepeatedPolicy(_)) => return Err(error),
                };
            }
            Known::CrlDistributionPoints | Known::FreshestCrl | Known::NameConstraints => {
                value::any_sequence(&mut value)?;
            }
            Known::ExtendedKeyUsage => {
                self.extended_key_usage = Some(value::key_purposes(&mut value)?);
            }
            Known::InhibitAnyPolicy => {
                self.inhibit_any_policy = Some(value::inhibit_any_policy(&mut value)?);
            }
            Known::KeyUsage => self.key_usage = Some(value::key_usage(&mut value)?),
            Known::OcspNoCheck => {
                value.expect(der::NULL)?;
            }
            Known::PolicyConstraints => {
                self.policy_constraints = Some(value::policy_constraints(&mut value)?);
            }
            Known::PolicyMappings => {
                self.policy_mappings = Some(value::policy_mappings(&mut value)?);
            }
            Known::SubjectAlternativeName => value::check_general_names(&mut value)?,
            Known::SubjectKeyIdentifier => {
                let id = value.expect(der::OCTET_STRING)?;
                self.subject_key_id = Some(id.content_range());
            }
        }
        Ok(value.finish()?)
    }

    /// Whether the extension with the contents octets `id` is critical, and what its OCTET STRING holds.
    pub(in crate::pki::certificate) fn find<'a>(
        &self,
        certificate: &'a [u8],
        id: &[u8],
    ) -> Option<(bool, &'a [u8])> {
        if let Some(known) = Known::find(id) {
            let found = self.known.get(known.place()).copied()??;
            return Some((found.is_critical, found.value(certificate)?));
        }
        let mut list = Reader::new(certificate.get(self.list.clone())?);
        // The list was read before: where it cannot be read on, it ends.
        let mut extensions = iter::from_fn(|| Extension::read(&mut list).ok());
        let extension = extensions.find(|extension| extension.id == id)?;
        Some((extension.is_critical, extension.value.content))
    }
}

#[cfg(test)]
mod tests {
    use crate::pki::certificate::extension;

    use super::*;

    #[test]
    fn each_known_extension_has_an_identifier_and_a_place_of_its_own() {
        let identifiers = [
            (extension::AUTHORITY_INFO_ACCESS, Known::AuthorityInfoAccess),
            (
                extension::AUTHORITY_KEY_IDENTIFIER,
                Known::AuthorityKeyIdentifier,
            ),
            (extension::BASIC_CONSTRAINTS, Known::BasicConstraints),
            (extension::CERTIFICATE_POLICIES, Known::CertificatePolicies),
            (
                extension::CRL_DISTRIBUTION_POINTS,
                Known::CrlDistributionPoints,
            ),
            (extension::EXTENDED_KEY_USAGE, Known::ExtendedKeyUsage),
            (extension::FRESHEST_CRL, Known::FreshestCrl),
            (extension::INHIBIT_ANY_POLICY, Known::InhibitAnyPolicy),
            (
                extension::ISSUER_ALTERNATIVE_NAME,
                Known::IssuerAlternativeName,
            ),
            (extension::KEY_USAGE, Known::KeyUsage),
            (extension::NAME_CONSTRAINTS, Known::NameConstraints),
            (extension::OCSP_NO_CHECK, Known::OcspNoCheck),
            (extension::POLICY_CONSTRAINTS, Known::PolicyConstraints),
            (extension::POLICY_MAPPINGS, Known::PolicyMappings),
            (
                extension::SUBJECT_ALTERNATIVE_NAME,
                Known::SubjectAlternativeName,
            ),
            (extension::SUBJECT_INFO_ACCESS, Known::SubjectInfoAccess),
            (
                extension::SUBJECT_KEY_IDENTIFIER,
                Known::SubjectKeyIdentifier,
            ),
        ];
        assert_eq!(identifiers.len(), KNOWN);
        for (place, (oid, known)) in identifiers.into_iter().enumerate() {
            assert_eq!(Known::find(oid.as_der_content()), Some(known), "{oid}");
            assert_eq!(known.place(), place, "{oid}");
        }
        for unknown in [
            extension::SUBJECT_DIRECTORY_ATTRIBUTES,
            extension::ANY_POLICY,
        ] {
            assert_eq!(Known::find(unknown.as_der_content()), None);
        }
    }
}
