//! Everything that was read of a signature, for whoever wants to see it: no verdict, and nothing that was
//! fetched elsewhere.

use serde::Deserialize;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::encoding::base64;
use crate::encoding::hex;
use crate::pki::certificate::Certificate;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::ocsp::BasicResponse;
use crate::pki::revocation::ocsp::ResponderId;
use crate::signature::facts::AttributeFact;
use crate::signature::facts::SignatureFacts;
use crate::validation::report::RevocationSource;
use crate::validation::report::SignatureReport;

/// Everything that came with a signature.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostics {
    /// The certificates, the signer's first.
    pub certificates: Vec<CertificateDetail>,
    /// CRLs and OCSP responses.
    pub evidence: Vec<EvidenceDetail>,
    /// What else was read.
    pub attributes: Vec<AttributeDetail>,
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateDetail {
    /// Its subject in RFC 4514 form.
    pub subject: String,
    /// Its issuer in RFC 4514 form.
    pub issuer: String,
    /// Its serial number in lower-case hex.
    pub serial: String,
    /// From when it is valid.
    pub not_before: Timestamp,
    /// Until when it is valid.
    pub not_after: Timestamp,
    /// The digest of its DER form.
    pub sha256: Sha256,
    /// Its DER form in base64.
    pub der: String,
}

/// A CRL or an OCSP response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceDetail {
    /// What kind of evidence.
    pub source: RevocationSource,
    /// Who says that it made it: a name in RFC 4514 form, or a key's digest in lower-case hex.
    pub issuer: String,
    /// When it was made.
    pub this_update: Timestamp,
    /// When the next is due.
    pub next_update: Option<Timestamp>,
    /// The digest of its DER form.
    pub sha256: Sha256,
}

/// Something that was read beside the signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeDetail {
    /// Its name in the standard's words, or its object identifier.
    pub name: String,
    /// Whether the signature covers it.
    pub signed: bool,
    /// Its value, as text; bytes in lower-case hex, cut short.
    pub value: String,
}

impl SignatureReport {
    /// Adds what was read of the signature, and of its timestamps and counter-signatures.
    pub fn add_diagnostics(&mut self, facts: &SignatureFacts) {
        self.diagnostics = Some(Box::new(Diagnostics::of(facts)));
        let counters = self.counter_signatures.iter_mut();
        for (counter, facts) in counters.zip(&facts.counter_signatures) {
            counter.add_diagnostics(facts);
        }
        for (stamp, facts) in self.timestamps.iter_mut().zip(&facts.timestamps) {
            if let Some(facts) = &facts.signature {
                stamp.signature.add_diagnostics(facts);
            }
        }
    }

    /// Adds the certificates that came with it, where nothing else was read.
    pub fn add_certificates(&mut self, certificates: &[Certificate]) {
        let certificates = certificates.iter().map(CertificateDetail::from).collect();
        self.diagnostics = Some(Box::new(Diagnostics {
            certificates,
            ..Diagnostics::default()
        }));
    }
}

impl Diagnostics {
    fn of(facts: &SignatureFacts) -> Self {
        let certificates = facts.signer.iter().chain(&facts.certificates);
        Self {
            certificates: certificates.map(CertificateDetail::from).collect(),
            evidence: evidence(&facts.evidence),
            attributes: facts.attributes.iter().map(AttributeDetail::from).collect(),
        }
    }
}

fn evidence(evidence: &Evidence) -> Vec<EvidenceDetail> {
    let crls = evidence.crls().iter().map(EvidenceDetail::from);
    let responses = evidence.responses().map(EvidenceDetail::from);
    crls.chain(responses).collect()
}

impl From<&Certificate> for CertificateDetail {
    fn from(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            serial: certificate.serial().to_string(),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            sha256: certificate.sha256(),
            der: base64::encode(certificate.der()),
        }
    }
}

impl From<&Crl> for EvidenceDetail {
    fn from(crl: &Crl) -> Self {
        Self {
            source: RevocationSource::Crl,
            issuer: crl.issuer().to_string(),
            this_update: crl.this_update(),
            next_update: crl.next_update(),
            sha256: crl.sha256(),
        }
    }
}

impl From<&BasicResponse> for EvidenceDetail {
    /// The times are those of its first answer; a response without any has only that of its making.
    fn from(response: &BasicResponse) -> Self {
        let first = response.answers().first();
        Self {
            source: RevocationSource::Ocsp,
            issuer: match response.responder() {
                ResponderId::ByKey(digest) => hex::encode(digest),
                ResponderId::ByName(name) => name.to_string(),
            },
            this_update: first.map_or(response.produced_at(), |answer| answer.this_update),
            next_update: first.and_then(|answer| answer.next_update),
            sha256: response.sha256(),
        }
    }
}

impl From<&AttributeFact> for AttributeDetail {
    fn from(fact: &AttributeFact) -> Self {
        Self {
            name: fact.name.clone(),
            signed: fact.signed,
            value: fact.value.clone(),
        }
    }
}
