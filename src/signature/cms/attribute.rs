//! What signed attributes say (RFC 5652 §11, RFC 5035 §3, RFC 6211 §2).

use crate::clock::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::pki::asn1_time;
use crate::pki::ber::BerError;
use crate::pki::ber::Value;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::signature::cms::error::CmsError;
use crate::signature::cms::oids;
use crate::signature::cms::signer_id::is_same_name;
use crate::signature::cms::signer_id::is_same_number;
use crate::signature::cms::signer_info::Attribute;
use crate::signature::cms::signer_info::NamedAlgorithm;
use crate::signature::facts::AttributeFact;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::Fault;

/// What is shown of a value that is not text.
const SHOWN_OCTETS: usize = 64;

/// The signed attributes that decide something.
#[derive(Debug, Default)]
pub(super) struct SignedFacts {
    pub(super) content_type: Option<Oid>,
    pub(super) message_digest: Option<Vec<u8>>,
    pub(super) signing_time: Option<Timestamp>,
    /// By each attribute the first certificate, which is the signer's (RFC 5035 §4).
    pub(super) certificates: Vec<NamedCertificate>,
    pub(super) protection: Option<AlgorithmProtection>,
    pub(super) faults: Vec<Fault>,
}

/// `ESSCertID`, `ESSCertIDv2` (RFC 5035 §4).
#[derive(Debug)]
pub(super) struct NamedCertificate {
    algorithm: Option<DigestAlgorithm>,
    hash: Vec<u8>,
    /// In DER, and the contents octets of the serial number.
    issuer_and_serial: Option<(Vec<u8>, Vec<u8>)>,
}

/// `CMSAlgorithmProtection`.
#[derive(Debug)]
pub(super) struct AlgorithmProtection {
    pub(super) digest: NamedAlgorithm,
    pub(super) signature: Option<NamedAlgorithm>,
}

/// RFC 5652 §11.1 to §11.3: these occur once, with one value.
const SINGLE: &[&str] = &[oids::CONTENT_TYPE, oids::MESSAGE_DIGEST, oids::SIGNING_TIME];

impl SignedFacts {
    /// Reads the attributes that are known; what is wrong with one is a fault that refuses, since the signer
    /// meant something by it.
    pub(super) fn read(attributes: &[Attribute<'_>]) -> Self {
        let mut facts = Self::default();
        for (place, attribute) in attributes.iter().enumerate() {
            let name = name_of(&attribute.oid);
            let repeated = attributes.get(..place).unwrap_or_default().iter();
            let repeats = repeated.clone().any(|other| other.oid == attribute.oid);
            if SINGLE.iter().any(|single| attribute.oid == **single) {
                if repeats {
                    facts
                        .faults
                        .push(Fault::broken(&name, "occurs more than once"));
                    continue;
                }
                if attribute.values.len() != 1 {
                    facts
                        .faults
                        .push(Fault::broken(&name, "has not exactly one value"));
                    continue;
                }
            }
            if let Err(error) = facts.take(attribute) {
                facts.faults.push(Fault::broken(&name, error.to_string()));
            }
        }
        facts
    }

    fn take(&mut self, attribute: &Attribute<'_>) -> Result<(), CmsError> {
        let Some(value) = attribute.values.first() else {
            return Ok(());
        };
        if attribute.oid == *oids::CONTENT_TYPE {
            self.content_type = Some(oid(value)?);
        } else if attribute.oid == *oids::MESSAGE_DIGEST {
            self.message_digest = Some(octet_string(value)?);
        } else if attribute.oid == *oids::SIGNING_TIME {
            self.signing_time = time(value)?;
            if self.signing_time.is_none() {
                let detail = "not a time as RFC 5652 §11.3 writes it";
                self.faults.push(Fault::irregular("signingTime", detail));
            }
        } else if attribute.oid == *oids::SIGNING_CERTIFICATE {
            self.take_certificate(value, Some(DigestAlgorithm::Sha1))?;
        } else if attribute.oid == *oids::SIGNING_CERTIFICATE_V2 {
            self.take_certificate(value, None)?;
        } else if attribute.oid == *oids::ALGORITHM_PROTECTION {
            self.protection = Some(AlgorithmProtection::read(value)?);
        }
        Ok(())
    }

    /// `SEQUENCE { certs SEQUENCE OF ESSCertID(v2), policies OPTIONAL }`, of which the first counts.
    fn take_certificate(
        &mut self,
        value: &Value<'_>,
        fixed: Option<DigestAlgorithm>,
    ) -> Result<(), CmsError> {
        let mut certificates = value.reader().expect(der::SEQUENCE)?.reader();
        let named = NamedCertificate::read(&certificates.expect(der::SEQUENCE)?, fixed)?;
        self.certificates.push(named);
        Ok(())
    }

    /// Whether these attributes name `certificate`; every attribute that names one has to.
    pub(super) fn reference_to(&self, certificate: &Certificate) -> CertificateReference {
        match self.certificates.as_slice() {
            [] => CertificateReference::Absent,
            named if named.iter().all(|named| named.is(certificate)) => {
                CertificateReference::Matches
            }
            _ => CertificateReference::Differs,
        }
    }

    /// What else is told of the reference to a certificate that is the right one.
    pub(super) fn irregular_reference(&self, certificate: &Certificate) -> Option<Fault> {
        let mut named = self.certificates.iter();
        let differs = named.any(|named| !named.has_issuer_and_serial_of(certificate));
        differs.then(|| {
            let detail = "issuerSerial is not that of the certificate whose digest is named";
            Fault::irregular("signingCertificate", detail)
        })
    }
}

impl NamedCertificate {
    /// `SEQUENCE { hashAlgorithm DEFAULT sha256 (v2 alone), certHash OCTET STRING, issuerSerial OPTIONAL }`.
    fn read(value: &Value<'_>, fixed: Option<DigestAlgorithm>) -> Result<Self, CmsError> {
        let mut fields = value.reader();
        let named = fields.optional(der::SEQUENCE)?;
        let algorithm = match (fixed, named) {
            (Some(fixed), _) => Some(fixed),
            (None, Some(named)) => NamedAlgorithm::read(&named)?.digest(),
            (None, None) => Some(DigestAlgorithm::Sha256),
        };
        let hash = fields.octet_string()?.octets()?.into_owned();
        let issuer_serial = match fields.optional(der::SEQUENCE)? {
            Some(issuer_serial) => issuer_and_serial(&issuer_serial)?,
            None => None,
        };
        Ok(Self {
            algorithm,
            hash,
            issuer_and_serial: issuer_serial,
        })
    }

    fn is(&self, certificate: &Certificate) -> bool {
        self.algorithm
            .is_some_and(|algorithm| digest(algorithm, certificate.der()).as_bytes() == self.hash)
    }

    fn has_issuer_and_serial_of(&self, certificate: &Certificate) -> bool {
        self.issuer_and_serial
            .as_ref()
            .is_none_or(|(issuer, serial)| {
                is_same_name(certificate.issuer(), issuer)
                    && is_same_number(certificate.serial().as_bytes(), serial)
            })
    }
}

/// `IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber }` (RFC 5035 §4): the one directory name.
fn issuer_and_serial(value: &Value<'_>) -> Result<Option<(Vec<u8>, Vec<u8>)>, CmsError> {
    let mut fields = value.reader();
    let mut names = fields.expect(der::SEQUENCE)?.reader();
    let serial = fields.expect(der::INTEGER)?.content.to_vec();
    let Some(name) = names.optional(der::context_constructed(4))? else {
        return Ok(None);
    };
    let issuer = name.reader().expect(der::SEQUENCE)?.to_der()?.into_owned();
    Ok(Some((issuer, serial)))
}

impl AlgorithmProtection {
    /// `SEQUENCE { digestAlgorithm, signatureAlgorithm [1] OPTIONAL, macAlgorithm [2] OPTIONAL }`.
    fn read(value: &Value<'_>) -> Result<Self, CmsError> {
        let mut fields = value.reader();
        let digest = NamedAlgorithm::read(&fields.expect(der::SEQUENCE)?)?;
        let signature = fields.optional(der::context_constructed(1))?;
        Ok(Self {
            digest,
            signature: signature
                .map(|value| NamedAlgorithm::read(&value))
                .transpose()?,
        })
    }
}

fn oid(value: &Value<'_>) -> Result<Oid, CmsError> {
    expect_tag(value, der::OBJECT_IDENTIFIER)?;
    Ok(Oid::from_der_content(value.content)?)
}

fn octet_string(value: &Value<'_>) -> Result<Vec<u8>, CmsError> {
    Ok(crate::pki::ber::Reader::new(value.whole)
        .octet_string()?
        .octets()?
        .into_owned())
}

fn expect_tag(value: &Value<'_>, tag: u8) -> Result<(), BerError> {
    crate::pki::ber::Reader::new(value.whole)
        .expect(tag)
        .map(|_| ())
}

fn time(value: &Value<'_>) -> Result<Option<Timestamp>, CmsError> {
    let der = value.to_der()?;
    Ok(der::single(&der)
        .ok()
        .and_then(|time| asn1_time::time(&time)))
}

/// The name of an attribute in its standard's words, or its object identifier.
pub(super) fn name_of(oid: &Oid) -> String {
    let known = oids::ATTRIBUTE_NAMES
        .iter()
        .find(|(known, _)| *oid == **known);
    known.map_or_else(|| oid.to_string(), |(_, name)| (*name).to_owned())
}

/// An attribute for whoever wants to see everything.
pub(super) fn shown(attribute: &Attribute<'_>, signed: bool) -> AttributeFact {
    let values: Vec<String> = attribute.values.iter().map(shown_value).collect();
    AttributeFact {
        name: name_of(&attribute.oid),
        signed,
        value: values.join(", "),
    }
}

fn shown_value(value: &Value<'_>) -> String {
    if value.tag == der::OBJECT_IDENTIFIER
        && let Ok(oid) = Oid::from_der_content(value.content)
    {
        return oid.to_string();
    }
    if let Ok(Some(time)) = time(value) {
        return time.to_string();
    }
    let octets = match value.tag {
        der::OCTET_STRING => value.content,
        _ => value.whole,
    };
    let shown = octets.get(..SHOWN_OCTETS).unwrap_or(octets);
    let more = if shown.len() < octets.len() {
        "…"
    } else {
        ""
    };
    format!("{}{more}", crate::encoding::hex::encode(shown))
}
