//! `SignerIdentifier` (RFC 5652 §5.3): which certificate a signer means.

use crate::pki::ber::BerErrorKind;
use crate::pki::ber::Value;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::name::DistinguishedName;
use crate::signature::cms::error::CmsError;

/// How a signer names its certificate; a hint, since two certificates may bear the same.
#[derive(Clone, Debug)]
pub(super) enum SignerId {
    /// The issuer's name, in DER, and the contents octets of the serial number.
    IssuerAndSerial { issuer: Vec<u8>, serial: Vec<u8> },
    /// The subject key identifier.
    KeyId(Vec<u8>),
}

impl SignerId {
    /// `CHOICE { issuerAndSerialNumber IssuerAndSerialNumber, subjectKeyIdentifier [0] OCTET STRING }`.
    pub(super) fn read(value: &Value<'_>) -> Result<Self, CmsError> {
        if value.tag == der::context_primitive(0) {
            return Ok(Self::KeyId(value.content.to_vec()));
        }
        if value.tag != der::SEQUENCE {
            let (expected, found) = (der::SEQUENCE, value.tag);
            return Err(value
                .error(BerErrorKind::UnexpectedTag { expected, found })
                .into());
        }
        let mut fields = value.reader();
        let issuer = fields.expect(der::SEQUENCE)?;
        let serial = fields.expect(der::INTEGER)?;
        fields.finish()?;
        Ok(Self::IssuerAndSerial {
            issuer: issuer.to_der()?.into_owned(),
            serial: serial.content.to_vec(),
        })
    }

    /// Whether it is this certificate that is named.
    pub(super) fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                is_same_number(certificate.serial().as_bytes(), serial)
                    && is_same_name(certificate.issuer(), issuer)
            }
            Self::KeyId(id) => certificate.subject_key_id() == Some(id.as_slice()),
        }
    }
}

/// By its encoding, as most writers copy it, else by RFC 5280 §7.1.
pub(super) fn is_same_name(name: &DistinguishedName, der: &[u8]) -> bool {
    name.der() == der || DistinguishedName::parse_der(der).is_ok_and(|other| name.matches(&other))
}

/// Contents octets of INTEGERs, of which superfluous ones at the front do not count.
pub(super) fn is_same_number(one: &[u8], other: &[u8]) -> bool {
    fn trimmed(mut octets: &[u8]) -> &[u8] {
        while let [0, rest @ ..] = octets
            && rest.first().is_some_and(|next| next & 0x80 == 0)
        {
            octets = rest;
        }
        octets
    }
    trimmed(one) == trimmed(other)
}
