//! CRLs written field by field, to be wrong in one place at a time.

use crate::crypto::sign::SigningKey;
use crate::pki::certificate::fixtures::ECDSA_SHA256;
use crate::pki::certificate::fixtures::common_name;
use crate::pki::certificate::fixtures::extension;
use crate::pki::certificate::fixtures::sequence;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::pki::revocation::crl::Crl;

pub(in crate::pki) const REASON_CODE: &str = "2.5.29.21";
pub(in crate::pki) const INVALIDITY_DATE: &str = "2.5.29.24";
pub(in crate::pki) const CERTIFICATE_ISSUER: &str = "2.5.29.29";
pub(in crate::pki) const CRL_NUMBER: &str = "2.5.29.20";
pub(in crate::pki) const DELTA_CRL_INDICATOR: &str = "2.5.29.27";
pub(in crate::pki) const FRESHEST_CRL: &str = "2.5.29.46";
pub(in crate::pki) const ISSUING_DISTRIBUTION_POINT: &str = "2.5.29.28";
pub(in crate::pki) const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";

/// The fields of a CRL, each a whole encoding.
#[derive(Clone)]
pub(in crate::pki) struct CrlParts {
    pub(in crate::pki) version: Vec<u8>,
    pub(in crate::pki) inner_algorithm: Vec<u8>,
    pub(in crate::pki) issuer: Vec<u8>,
    pub(in crate::pki) this_update: Vec<u8>,
    pub(in crate::pki) next_update: Vec<u8>,
    /// None: the list is left out.
    pub(in crate::pki) entries: Option<Vec<Vec<u8>>>,
    pub(in crate::pki) extensions: Vec<Vec<u8>>,
    /// What stands behind the last field of the signed part, and of the whole.
    pub(in crate::pki) after_tbs_fields: Vec<u8>,
    pub(in crate::pki) outer_algorithm: Vec<u8>,
    pub(in crate::pki) signature: Vec<u8>,
    pub(in crate::pki) after_signature: Vec<u8>,
}

impl CrlParts {
    /// Version 2, number 5, of 2030-01-01 to 2030-02-01, without entries.
    pub(in crate::pki) fn good(issuer: &str) -> Self {
        let algorithm = sequence(&[Oid::parse(ECDSA_SHA256).unwrap().to_der()]);
        Self {
            version: der::encode(der::INTEGER, &[1]),
            inner_algorithm: algorithm.clone(),
            issuer: common_name(issuer),
            this_update: utc_time("300101000000Z"),
            next_update: utc_time("300201000000Z"),
            entries: None,
            extensions: vec![number(5)],
            after_tbs_fields: Vec::new(),
            outer_algorithm: algorithm,
            signature: der::encode(der::BIT_STRING, &[0, 1, 2, 3]),
            after_signature: Vec::new(),
        }
    }

    /// The CRL, with `key`'s signature in place of the one of the parts.
    pub(in crate::pki) fn signed_by(mut self, key: &SigningKey) -> Crl {
        let mut bits = vec![0];
        bits.extend(key.sign_der(&self.tbs()).unwrap());
        self.signature = der::encode(der::BIT_STRING, &bits);
        Crl::parse_der(self.der()).unwrap()
    }

    pub(in crate::pki) fn der(&self) -> Vec<u8> {
        sequence(&[
            self.tbs(),
            self.outer_algorithm.clone(),
            self.signature.clone(),
            self.after_signature.clone(),
        ])
    }

    fn tbs(&self) -> Vec<u8> {
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            list => der::encode(der::context_constructed(0), &sequence(list)),
        };
        sequence(&[
            self.version.clone(),
            self.inner_algorithm.clone(),
            self.issuer.clone(),
            self.this_update.clone(),
            self.next_update.clone(),
            self.entries.as_deref().map_or_else(Vec::new, sequence),
            extensions,
            self.after_tbs_fields.clone(),
        ])
    }
}

pub(in crate::pki) fn utc_time(text: &str) -> Vec<u8> {
    der::encode(der::UTC_TIME, text.as_bytes())
}

pub(in crate::pki) fn number(value: u8) -> Vec<u8> {
    extension(CRL_NUMBER, false, &der::encode(der::INTEGER, &[value]))
}

pub(in crate::pki) fn base_number(value: u8) -> Vec<u8> {
    let value = der::encode(der::INTEGER, &[value]);
    extension(DELTA_CRL_INDICATOR, true, &value)
}

/// An entry of 2029-06-01; `serial` are contents octets.
pub(in crate::pki) fn entry(serial: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    let extensions = match extensions {
        [] => Vec::new(),
        list => sequence(list),
    };
    sequence(&[
        der::encode(der::INTEGER, serial),
        utc_time("290601000000Z"),
        extensions,
    ])
}

pub(in crate::pki) fn reason(code: u8) -> Vec<u8> {
    extension(REASON_CODE, false, &der::encode(der::ENUMERATED, &[code]))
}

pub(in crate::pki) fn certificate_issuer(name: &str) -> Vec<u8> {
    let directory = der::encode(der::context_constructed(4), &common_name(name));
    extension(CERTIFICATE_ISSUER, true, &sequence(&[directory]))
}

/// The extension, of fields that are whole encodings.
pub(in crate::pki) fn issuing_distribution_point(fields: &[Vec<u8>]) -> Vec<u8> {
    extension(ISSUING_DISTRIBUTION_POINT, true, &sequence(fields))
}

/// `BOOLEAN` under the tag `number`, TRUE.
pub(in crate::pki) fn flag(number: u8) -> Vec<u8> {
    der::encode(der::context_primitive(number), &[0xff])
}
