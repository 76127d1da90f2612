//! Certificates and revocation information that travel with a signature (RFC 5652 §10.2, ETSI EN 319 122-1
//! §5.4, annex A.1.1.2 and A.1.2.2). None of it is trusted.

use crate::pki::ber::Value;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::ocsp::OcspResponse;
use crate::signature::cms::error::CmsError;
use crate::signature::cms::oids;
use crate::signature::cms::signer_info::Attribute;

/// Certificates read of one `SignedData`.
pub(super) const MAX_CERTIFICATES: usize = 256;
/// CRLs and OCSP responses read of one `SignedData`.
const MAX_EVIDENCE: usize = 256;

/// What travels with a signature.
#[derive(Clone, Debug, Default)]
pub(super) struct Embedded {
    pub(super) certificates: Vec<Certificate>,
    pub(super) crls: Vec<Crl>,
    pub(super) responses: Vec<OcspResponse>,
    /// What could not be read, and why; it is left out.
    pub(super) left_out: Vec<String>,
}

impl Embedded {
    pub(super) const fn has_evidence(&self) -> bool {
        !self.crls.is_empty() || !self.responses.is_empty()
    }

    /// `CertificateSet`: certificates, and other kinds under tags of their own, which are left out.
    pub(super) fn take_certificates(&mut self, set: &Value<'_>) -> Result<(), CmsError> {
        let mut members = set.reader();
        let mut position = 0_usize;
        while !members.is_at_end() {
            position = position.saturating_add(1);
            let member = members.read()?;
            if self.certificates.len() >= MAX_CERTIFICATES {
                let (what, maximum) = ("certificates", MAX_CERTIFICATES);
                return Err(CmsError::TooMany { what, maximum });
            }
            match member.tag {
                der::SEQUENCE => self.take_certificate(&member, position),
                tag => self.left_out.push(format!(
                    "member {position} with tag 0x{tag:02x} is no certificate of X.509"
                )),
            }
        }
        Ok(())
    }

    fn take_certificate(&mut self, value: &Value<'_>, position: usize) {
        match Certificate::parse_der(value.whole) {
            Ok(certificate) if self.certificates.contains(&certificate) => {}
            Ok(certificate) => self.certificates.push(certificate),
            Err(error) => self
                .left_out
                .push(format!("certificate {position}: {error}")),
        }
    }

    /// `RevocationInfoChoices`: CRLs, and `[1] { otherRevInfoFormat, otherRevInfo }`.
    pub(super) fn take_revocation(&mut self, set: &Value<'_>) -> Result<(), CmsError> {
        let mut members = set.reader();
        while !members.is_at_end() {
            let member = members.read()?;
            self.check_evidence()?;
            if member.tag == der::SEQUENCE {
                self.take_crl(&member);
            } else if member.tag == der::context_constructed(1) {
                let mut fields = member.reader();
                let format = Oid::from_der_content(fields.expect(der::OBJECT_IDENTIFIER)?.content)?;
                let information = fields.read()?;
                if format == *oids::OCSP_RESPONSE {
                    self.take_response(&information.to_der()?);
                } else if format == *oids::OCSP_BASIC {
                    self.take_basic_response(&information)?;
                }
            }
        }
        Ok(())
    }

    /// `CertificateValues ::= SEQUENCE OF Certificate`.
    fn take_certificate_values(&mut self, value: &Value<'_>) -> Result<(), CmsError> {
        self.take_certificates(value)
    }

    /// `RevocationValues ::= SEQUENCE { crlVals [0] SEQUENCE OF CertificateList OPTIONAL, ocspVals [1] SEQUENCE
    /// OF BasicOCSPResponse OPTIONAL, otherRevVals [2] OPTIONAL }`, all EXPLICIT.
    fn take_revocation_values(&mut self, value: &Value<'_>) -> Result<(), CmsError> {
        let mut fields = value.reader();
        if let Some(lists) = fields.optional(der::context_constructed(0))? {
            let mut lists = lists.reader().expect(der::SEQUENCE)?.reader();
            while !lists.is_at_end() {
                self.check_evidence()?;
                let list = lists.expect(der::SEQUENCE)?;
                self.take_crl(&list);
            }
        }
        if let Some(responses) = fields.optional(der::context_constructed(1))? {
            let mut responses = responses.reader().expect(der::SEQUENCE)?.reader();
            while !responses.is_at_end() {
                self.check_evidence()?;
                self.take_basic_response(&responses.expect(der::SEQUENCE)?)?;
            }
        }
        Ok(())
    }

    /// The values among unsigned attributes. One that cannot be read is left out: nobody signed it.
    pub(super) fn take_attributes(&mut self, unsigned: &[Attribute<'_>]) {
        for attribute in unsigned {
            for value in &attribute.values {
                let taken = if attribute.oid == *oids::CERTIFICATE_VALUES {
                    self.take_certificate_values(value)
                } else if attribute.oid == *oids::REVOCATION_VALUES {
                    self.take_revocation_values(value)
                } else {
                    Ok(())
                };
                if let Err(error) = taken {
                    self.left_out.push(error.to_string());
                }
            }
        }
    }

    fn take_crl(&mut self, value: &Value<'_>) {
        match Crl::parse_der(value.whole) {
            Ok(crl) => self.crls.push(crl),
            Err(error) => self.left_out.push(format!("CRL: {error}")),
        }
    }

    fn take_response(&mut self, der: &[u8]) {
        match OcspResponse::parse_der(der) {
            Ok(response) => self.responses.push(response),
            Err(error) => self.left_out.push(format!("OCSP response: {error}")),
        }
    }

    /// A `BasicOCSPResponse`, put back into the response that it was taken out of (RFC 6960 §4.2.1).
    fn take_basic_response(&mut self, value: &Value<'_>) -> Result<(), CmsError> {
        let basic = Oid::parse(oids::OCSP_BASIC)?.to_der();
        let octets = der::encode(der::OCTET_STRING, &value.to_der()?);
        let bytes = der::encode(der::SEQUENCE, &[basic, octets].concat());
        let successful = der::encode(der::ENUMERATED, &[0]);
        let bytes = der::encode(der::context_constructed(0), &bytes);
        self.take_response(&der::encode(der::SEQUENCE, &[successful, bytes].concat()));
        Ok(())
    }

    fn check_evidence(&self) -> Result<(), CmsError> {
        if self.crls.len().saturating_add(self.responses.len()) >= MAX_EVIDENCE {
            let (what, maximum) = ("CRLs and OCSP responses", MAX_EVIDENCE);
            return Err(CmsError::TooMany { what, maximum });
        }
        Ok(())
    }
}
