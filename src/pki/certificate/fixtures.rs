//! Certificates written byte by byte, to be wrong in one place at a time. Their signatures are none.

use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::pki::oid::OidKey;

/// ecdsa-with-SHA256.
pub(in crate::pki) const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";

/// The fields of a certificate, each a whole encoding.
#[derive(Clone)]
pub(in crate::pki) struct Parts {
    pub(in crate::pki) version: Vec<u8>,
    pub(in crate::pki) serial: Vec<u8>,
    pub(in crate::pki) inner_algorithm: Vec<u8>,
    pub(in crate::pki) issuer: Vec<u8>,
    pub(in crate::pki) validity: Vec<u8>,
    pub(in crate::pki) subject: Vec<u8>,
    pub(in crate::pki) public_key: Vec<u8>,
    /// What stands between key and extensions.
    pub(in crate::pki) unique_ids: Vec<u8>,
    pub(in crate::pki) extensions: Vec<Vec<u8>>,
    pub(in crate::pki) outer_algorithm: Vec<u8>,
    pub(in crate::pki) signature: Vec<u8>,
    /// What stands behind the last field of the signed part, and of the whole.
    pub(in crate::pki) after_tbs_fields: Vec<u8>,
    pub(in crate::pki) after_signature: Vec<u8>,
}

impl Parts {
    pub(in crate::pki) fn good() -> Self {
        let (key, _) = SigningKey::generate(KeyPurpose::Credential).unwrap();
        let algorithm = sequence(&[Oid::parse(ECDSA_SHA256).unwrap().to_der()]);
        Self {
            version: version(2),
            serial: der::encode_unsigned(&[0x12, 0x34]),
            inner_algorithm: algorithm.clone(),
            issuer: common_name("Issuer"),
            validity: validity(
                der::encode(der::UTC_TIME, b"260101000000Z"),
                der::encode(der::GENERALIZED_TIME, b"20560101000000Z"),
            ),
            subject: common_name("Subject"),
            public_key: key.public_key().spki_der().to_vec(),
            unique_ids: Vec::new(),
            extensions: vec![extension(
                extension::KEY_USAGE,
                true,
                &[0x03, 0x02, 0x07, 0x80],
            )],
            outer_algorithm: algorithm,
            signature: der::encode(der::BIT_STRING, &[0, 1, 2, 3]),
            after_tbs_fields: Vec::new(),
            after_signature: Vec::new(),
        }
    }

    /// The certificate, with `key`'s signature in place of the one of the parts.
    pub(in crate::pki) fn signed_by(mut self, key: &SigningKey) -> Certificate {
        let mut bits = vec![0];
        bits.extend(key.sign_der(&self.tbs()).unwrap());
        self.signature = der::encode(der::BIT_STRING, &bits);
        Certificate::parse_der(&self.der()).unwrap()
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
            list => der::encode(der::context_constructed(3), &sequence(list)),
        };
        sequence(&[
            self.version.clone(),
            self.serial.clone(),
            self.inner_algorithm.clone(),
            self.issuer.clone(),
            self.validity.clone(),
            self.subject.clone(),
            self.public_key.clone(),
            self.unique_ids.clone(),
            extensions,
            self.after_tbs_fields.clone(),
        ])
    }
}

pub(in crate::pki) fn sequence(members: &[Vec<u8>]) -> Vec<u8> {
    der::encode(der::SEQUENCE, &members.concat())
}

pub(in crate::pki) fn version(number: u8) -> Vec<u8> {
    der::encode(
        der::context_constructed(0),
        &der::encode(der::INTEGER, &[number]),
    )
}

pub(in crate::pki) fn validity(not_before: Vec<u8>, not_after: Vec<u8>) -> Vec<u8> {
    sequence(&[not_before, not_after])
}

pub(in crate::pki) fn common_name(value: &str) -> Vec<u8> {
    let text = der::encode(der::UTF8_STRING, value.as_bytes());
    let pair = sequence(&[Oid::parse("2.5.4.3").unwrap().to_der(), text]);
    sequence(&[der::encode(der::SET, &pair)])
}

pub(in crate::pki) fn extension<'a>(
    oid: impl Into<OidKey<'a>>,
    is_critical: bool,
    value: &[u8],
) -> Vec<u8> {
    let key = oid.into();
    let critical = match is_critical {
        true => der::encode(der::BOOLEAN, &[0xff]),
        false => Vec::new(),
    };
    sequence(&[
        der::encode(der::OBJECT_IDENTIFIER, key.content().unwrap()),
        critical,
        der::encode(der::OCTET_STRING, value),
    ])
}
