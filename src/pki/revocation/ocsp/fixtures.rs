//! OCSP responses written field by field, to be wrong in one place at a time.

use crate::crypto::sign::SigningKey;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::fixtures::ECDSA_SHA256;
use crate::pki::certificate::fixtures::common_name;
use crate::pki::certificate::fixtures::sequence;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::pki::revocation::ocsp::BasicResponse;
use crate::pki::revocation::ocsp::CertificateId;
use crate::pki::revocation::ocsp::OcspResponse;

/// The fields of a response, each a whole encoding.
#[derive(Clone)]
pub(in crate::pki) struct ResponseParts {
    pub(in crate::pki) status: u8,
    pub(in crate::pki) response_type: &'static str,
    pub(in crate::pki) version: Vec<u8>,
    pub(in crate::pki) responder: Vec<u8>,
    pub(in crate::pki) produced_at: Vec<u8>,
    pub(in crate::pki) singles: Vec<SingleParts>,
    pub(in crate::pki) extensions: Vec<Vec<u8>>,
    pub(in crate::pki) algorithm: Vec<u8>,
    pub(in crate::pki) signature: Vec<u8>,
    pub(in crate::pki) certificates: Vec<Vec<u8>>,
    /// What stands behind the last field of the signed part, of the basic response, and of the whole.
    pub(in crate::pki) trailing: [Vec<u8>; 3],
}

/// The fields of one answer, each a whole encoding.
#[derive(Clone)]
pub(in crate::pki) struct SingleParts {
    pub(in crate::pki) id: Vec<u8>,
    pub(in crate::pki) status: Vec<u8>,
    pub(in crate::pki) this_update: Vec<u8>,
    /// None: left out.
    pub(in crate::pki) next_update: Option<Vec<u8>>,
    pub(in crate::pki) extensions: Vec<Vec<u8>>,
    pub(in crate::pki) after: Vec<u8>,
}

impl ResponseParts {
    /// An answer of `responder` on 2030-01-01, signed by nobody.
    pub(in crate::pki) fn good(responder: &str, singles: Vec<SingleParts>) -> Self {
        Self {
            status: 0,
            response_type: "1.3.6.1.5.5.7.48.1.1",
            version: Vec::new(),
            responder: der::encode(der::context_constructed(1), &common_name(responder)),
            produced_at: time("20300101000000Z"),
            singles,
            extensions: Vec::new(),
            algorithm: sequence(&[Oid::parse(ECDSA_SHA256).unwrap().to_der()]),
            signature: der::encode(der::BIT_STRING, &[0, 1, 2, 3]),
            certificates: Vec::new(),
            trailing: [const { Vec::new() }; 3],
        }
    }

    /// The response, with `key`'s signature in place of the one of the parts.
    pub(in crate::pki) fn signed_by(mut self, key: &SigningKey) -> BasicResponse {
        let mut bits = vec![0];
        bits.extend(key.sign_der(&self.tbs()).unwrap());
        self.signature = der::encode(der::BIT_STRING, &bits);
        match OcspResponse::parse_der(self.der()).unwrap() {
            OcspResponse::Basic(response) => response,
            OcspResponse::Refusal(status) => panic!("{status}"),
        }
    }

    pub(in crate::pki) fn with_certificate(mut self, certificate: &Certificate) -> Self {
        self.certificates.push(certificate.der().to_vec());
        self
    }

    pub(in crate::pki) fn der(&self) -> Vec<u8> {
        let [_, after_basic, after_all] = &self.trailing;
        let certificates = match self.certificates.as_slice() {
            [] => Vec::new(),
            list => der::encode(der::context_constructed(0), &sequence(list)),
        };
        let basic = sequence(&[
            self.tbs(),
            self.algorithm.clone(),
            self.signature.clone(),
            certificates,
            after_basic.clone(),
        ]);
        let bytes = sequence(&[
            Oid::parse(self.response_type).unwrap().to_der(),
            der::encode(der::OCTET_STRING, &basic),
        ]);
        sequence(&[
            der::encode(der::ENUMERATED, &[self.status]),
            der::encode(der::context_constructed(0), &bytes),
            after_all.clone(),
        ])
    }

    fn tbs(&self) -> Vec<u8> {
        let singles: Vec<Vec<u8>> = self.singles.iter().map(SingleParts::der).collect();
        sequence(&[
            self.version.clone(),
            self.responder.clone(),
            self.produced_at.clone(),
            sequence(&singles),
            extensions(&self.extensions),
            self.trailing[0].clone(),
        ])
    }
}

impl SingleParts {
    /// `good`, of 2030-01-01 to 2030-01-08.
    pub(in crate::pki) fn good(id: &CertificateId) -> Self {
        Self {
            id: id.to_der(),
            status: der::encode(der::context_primitive(0), &[]),
            this_update: time("20300101000000Z"),
            next_update: Some(time("20300108000000Z")),
            extensions: Vec::new(),
            after: Vec::new(),
        }
    }

    /// `revoked`, since 2029-06-01.
    pub(in crate::pki) fn revoked(id: &CertificateId, reason: Option<u8>) -> Self {
        let reason = reason.map_or_else(Vec::new, |code| {
            let code = der::encode(der::ENUMERATED, &[code]);
            der::encode(der::context_constructed(0), &code)
        });
        let info = [time("20290601000000Z"), reason].concat();
        Self {
            status: der::encode(der::context_constructed(1), &info),
            ..Self::good(id)
        }
    }

    pub(in crate::pki) fn unknown(id: &CertificateId) -> Self {
        Self {
            status: der::encode(der::context_primitive(2), &[]),
            ..Self::good(id)
        }
    }

    fn der(&self) -> Vec<u8> {
        let next_update = self.next_update.as_ref().map_or_else(Vec::new, |time| {
            der::encode(der::context_constructed(0), time)
        });
        sequence(&[
            self.id.clone(),
            self.status.clone(),
            self.this_update.clone(),
            next_update,
            extensions(&self.extensions),
            self.after.clone(),
        ])
    }
}

pub(in crate::pki) fn time(text: &str) -> Vec<u8> {
    der::encode(der::GENERALIZED_TIME, text.as_bytes())
}

fn extensions(list: &[Vec<u8>]) -> Vec<u8> {
    match list {
        [] => Vec::new(),
        list => der::encode(der::context_constructed(1), &sequence(list)),
    }
}
