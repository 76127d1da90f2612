//! What the extensions of a certificate say (RFC 5280 §4.2).
//!
//! Those that decide about validity were understood when the certificate was read, or it would not exist.

use std::ops::Range;

use x509_parser::extensions::AuthorityInfoAccess;
use x509_parser::extensions::GeneralName;
use x509_parser::oid_registry::OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS;
use x509_parser::oid_registry::OID_PKIX_ACCESS_DESCRIPTOR_OCSP;
use x509_parser::prelude::FromDer as _;

use crate::pki::certificate::BasicConstraints;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::KeyUsage;
use crate::pki::certificate::PolicyConstraints;
use crate::pki::certificate::SerialNumber;
use crate::pki::certificate::extension;
use crate::pki::der;
use crate::pki::name;
use crate::pki::oid::Oid;
use crate::pki::oid::OidKey;

impl Certificate {
    /// RFC 5280 §4.2.1.9.
    #[must_use]
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.0.extensions.basic_constraints
    }

    /// RFC 5280 §4.2.1.3. Absence means that the issuer restricts nothing.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.extensions.key_usage
    }

    /// RFC 5280 §4.2.1.12; at least one where present. Absence means that the issuer restricts nothing.
    #[must_use]
    pub fn extended_key_usage(&self) -> Option<&[Oid]> {
        self.0.extensions.extended_key_usage.as_deref()
    }

    /// The policies that the issuer claims to have followed (RFC 5280 §4.2.1.4), without qualifiers.
    #[must_use]
    pub fn certificate_policies(&self) -> &[Oid] {
        &self.0.extensions.certificate_policies
    }

    /// RFC 5280 §4.2.1.2: names the certified key. Of any length.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.part(self.0.extensions.subject_key_id.as_ref())
    }

    /// The key identifier of RFC 5280 §4.2.1.1: names the key that signed, if the issuer was right.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.part(self.0.extensions.authority_key.key_id.as_ref())
    }

    /// `authorityCertIssuer` of RFC 5280 §4.2.1.1: names of the issuer of the certificate of the key that
    /// signed, as [`crate::pki::general_name::read_general_names`] reads them.
    #[must_use]
    pub fn authority_cert_issuer_der(&self) -> Option<&[u8]> {
        self.part(self.0.extensions.authority_key.issuer.as_ref())
    }

    /// `authorityCertSerialNumber` of RFC 5280 §4.2.1.1: the serial number of that certificate.
    #[must_use]
    pub fn authority_cert_serial(&self) -> Option<SerialNumber> {
        let content = self.part(self.0.extensions.authority_key.serial.as_ref())?;
        Some(SerialNumber::from_der_content(content))
    }

    /// RFC 5280 §4.2.1.5: pairs of the issuer's policy and the subject's that it maps to; at least one
    /// where present.
    #[must_use]
    pub fn policy_mappings(&self) -> Option<&[(Oid, Oid)]> {
        self.0.extensions.policy_mappings.as_deref()
    }

    /// RFC 5280 §4.2.1.11.
    #[must_use]
    pub fn policy_constraints(&self) -> Option<PolicyConstraints> {
        self.0.extensions.policy_constraints
    }

    /// RFC 5280 §4.2.1.14: how many certificates may follow until `anyPolicy` stands for itself alone. More
    /// than 2³²−1 are not told apart.
    #[must_use]
    pub fn inhibit_any_policy(&self) -> Option<u32> {
        self.0.extensions.inhibit_any_policy
    }

    /// `GeneralNames` of RFC 5280 §4.2.1.6: at least one, of the nine forms and in canonical form.
    #[must_use]
    pub fn subject_alternative_name_der(&self) -> Option<&[u8]> {
        self.extension_value(extension::SUBJECT_ALTERNATIVE_NAME)
    }

    /// `NameConstraints` of RFC 5280 §4.2.1.10: a SEQUENCE in canonical form, its members not looked at.
    #[must_use]
    pub fn name_constraints_der(&self) -> Option<&[u8]> {
        self.extension_value(extension::NAME_CONSTRAINTS)
    }

    /// `CRLDistributionPoints` of RFC 5280 §4.2.1.13: a SEQUENCE in canonical form, its members not looked
    /// at.
    #[must_use]
    pub fn crl_distribution_points_der(&self) -> Option<&[u8]> {
        self.extension_value(extension::CRL_DISTRIBUTION_POINTS)
    }

    /// `FreshestCRL` of RFC 5280 §4.2.1.15: a SEQUENCE in canonical form, its members not looked at.
    #[must_use]
    pub fn freshest_crl_der(&self) -> Option<&[u8]> {
        self.extension_value(extension::FRESHEST_CRL)
    }

    /// Whether a responder's own certificate need not be checked for revocation (RFC 6960 §4.2.2.2.1).
    #[must_use]
    pub fn has_ocsp_no_check(&self) -> bool {
        self.extension_value(extension::OCSP_NO_CHECK).is_some()
    }

    /// `AuthorityInfoAccessSyntax` of RFC 5280 §4.2.2.1: any octets. [`Self::ocsp_uris`] and
    /// [`Self::ca_issuer_uris`] read it.
    #[must_use]
    pub fn authority_info_access_der(&self) -> Option<&[u8]> {
        self.extension_value(extension::AUTHORITY_INFO_ACCESS)
    }

    /// Where the issuer says that OCSP is answered (RFC 5280 §4.2.2.1, `id-ad-ocsp`), in its order. A hint
    /// that decides nothing: of a malformed extension there are none.
    #[must_use]
    pub fn ocsp_uris(&self) -> Vec<String> {
        self.access_uris(&OID_PKIX_ACCESS_DESCRIPTOR_OCSP)
    }

    /// Where the issuer says that its own certificates are (`id-ad-caIssuers`), likewise.
    #[must_use]
    pub fn ca_issuer_uris(&self) -> Vec<String> {
        self.access_uris(&OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS)
    }

    fn access_uris(&self, method: &x509_parser::der_parser::Oid<'_>) -> Vec<String> {
        let parsed = self
            .authority_info_access_der()
            .filter(|value| der::check(value).is_ok())
            .and_then(|value| AuthorityInfoAccess::from_der(value).ok());
        let descriptions = parsed.map(|(_, access)| access.accessdescs);
        descriptions
            .unwrap_or_default()
            .iter()
            .filter(|description| description.access_method == *method)
            .filter_map(|description| {
                let GeneralName::URI(uri) = &description.access_location else {
                    return None;
                };
                Some((*uri).to_owned())
            })
            .collect()
    }

    /// The critical extensions that nothing here reads. A certificate that has one is unusable
    /// (RFC 5280 §4.2: "MUST reject the certificate if it encounters a critical extension it does not
    /// recognize").
    #[must_use]
    pub fn unhandled_critical(&self) -> &[Oid] {
        &self.0.extensions.unhandled_critical
    }

    /// What the OCTET STRING of an extension holds.
    #[must_use]
    pub fn extension_value<'a>(&self, oid: impl Into<OidKey<'a>>) -> Option<&[u8]> {
        self.extension(oid).map(|(_, value)| value)
    }

    /// Whether an extension is there and critical.
    #[must_use]
    pub fn is_extension_critical<'a>(&self, oid: impl Into<OidKey<'a>>) -> bool {
        self.extension(oid).is_some_and(|(critical, _)| critical)
    }

    /// The text of an extension whose value is one string, as the identity extensions of Chinese CAs
    /// are (GM/T 0015); where the string has no DER wrapping, as some write it, its octets. Control and
    /// bidirectional characters are removed.
    #[must_use]
    pub fn extension_text<'a>(&self, oid: impl Into<OidKey<'a>>) -> Option<String> {
        let value = self.extension_value(oid)?;
        name::text_of_string(value).or_else(|| {
            let bare = std::str::from_utf8(value).ok()?;
            let printable = bare.bytes().all(|byte| (0x20..0x7f).contains(&byte));
            (printable && !bare.is_empty()).then(|| bare.to_owned())
        })
    }

    fn part(&self, range: Option<&Range<usize>>) -> Option<&[u8]> {
        range.map(|range| self.bytes(range))
    }

    /// Whether it is critical, and its value.
    fn extension<'a>(&self, oid: impl Into<OidKey<'a>>) -> Option<(bool, &[u8])> {
        let key = oid.into();
        self.0.extensions.find(self.der(), key.content()?)
    }
}
