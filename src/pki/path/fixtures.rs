//! Names, keys and certificates that paths are made of in tests.

use std::rc::Rc;

use crate::clock::Timestamp;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::certificate::fixtures::Parts;
use crate::pki::certificate::fixtures::common_name;
use crate::pki::certificate::fixtures::extension as encode_extension;
use crate::pki::certificate::fixtures::sequence;
use crate::pki::certificate::fixtures::validity;
use crate::pki::certificate::fixtures::version;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::pki::trust_anchor::TrustAnchor;

/// What key usage says, as the octets of its BIT STRING.
pub(super) const KEY_CERT_SIGN: &[u8] = &[0x02, 0x04];
pub(super) const DIGITAL_SIGNATURE: &[u8] = &[0x07, 0x80];

/// An extension that nobody knows: 1.2.3.4.
pub(super) const UNKNOWN_EXTENSION: &Oid = &Oid::of_constant(&[0x2a, 0x03, 0x04]);

/// Within the validity period that [`Spec`] gives: 2020-01-01T00:00:00Z to 2039-12-31T23:59:59Z.
pub(super) fn now() -> Timestamp {
    at("2030-01-01T00:00:00Z")
}

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// Somebody with a name and a key.
#[derive(Clone)]
pub(super) struct Entity {
    pub(super) name: String,
    pub(super) key: Rc<SigningKey>,
}

impl Entity {
    pub(super) fn new(name: &str) -> Self {
        let (key, _) = SigningKey::generate(KeyPurpose::CertificateAuthority).unwrap();
        Self {
            name: name.to_owned(),
            key: Rc::new(key),
        }
    }

    /// The same key under another name.
    pub(super) fn renamed(&self, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            key: Rc::clone(&self.key),
        }
    }

    /// An anchor of this name and key.
    pub(super) fn anchor(&self) -> TrustAnchor {
        TrustAnchor::new(Spec::ca(self, self).certificate())
    }

    fn key_id(&self) -> Vec<u8> {
        self.key.public_key().sha256().as_bytes().to_vec()
    }
}

/// What a certificate says; built by [`Spec::certificate`].
#[derive(Clone)]
pub(super) struct Spec<'a> {
    pub(super) subject: &'a Entity,
    pub(super) issuer: &'a Entity,
    pub(super) version: u8,
    pub(super) serial: u8,
    pub(super) not_before: &'a str,
    pub(super) not_after: &'a str,
    pub(super) is_ca: Option<bool>,
    pub(super) max_path_length: Option<u8>,
    pub(super) key_usage: Option<&'a [u8]>,
    pub(super) has_key_ids: bool,
    /// Identifier, criticality, value.
    pub(super) more: Vec<(&'a Oid, bool, &'a [u8])>,
}

impl<'a> Spec<'a> {
    pub(super) fn ca(subject: &'a Entity, issuer: &'a Entity) -> Self {
        Self {
            subject,
            issuer,
            version: 3,
            serial: 1,
            not_before: "200101000000Z",
            not_after: "391231235959Z",
            is_ca: Some(true),
            max_path_length: None,
            key_usage: Some(KEY_CERT_SIGN),
            has_key_ids: true,
            more: Vec::new(),
        }
    }

    pub(super) fn end_entity(subject: &'a Entity, issuer: &'a Entity) -> Self {
        Self {
            is_ca: None,
            key_usage: Some(DIGITAL_SIGNATURE),
            ..Self::ca(subject, issuer)
        }
    }

    pub(super) fn certificate(&self) -> Certificate {
        let mut parts = Parts::good();
        parts.version = match self.version {
            1 => Vec::new(),
            other => version(other - 1),
        };
        parts.serial = der::encode(der::INTEGER, &[self.serial]);
        parts.subject = common_name(&self.subject.name);
        parts.issuer = common_name(&self.issuer.name);
        parts.public_key = self.subject.key.public_key().spki_der().to_vec();
        parts.validity = validity(
            der::encode(der::UTC_TIME, self.not_before.as_bytes()),
            der::encode(der::UTC_TIME, self.not_after.as_bytes()),
        );
        parts.extensions = match self.version {
            3 => self.extensions(),
            _ => Vec::new(),
        };
        parts.signed_by(&self.issuer.key)
    }

    fn extensions(&self) -> Vec<Vec<u8>> {
        let mut extensions = Vec::new();
        if let Some(is_ca) = self.is_ca {
            let flag = match is_ca {
                true => der::encode(der::BOOLEAN, &[0xff]),
                false => Vec::new(),
            };
            let length = self
                .max_path_length
                .map(|n| der::encode(der::INTEGER, &[n]));
            let value = sequence(&[flag, length.unwrap_or_default()]);
            extensions.push(encode_extension(extension::BASIC_CONSTRAINTS, true, &value));
        }
        if let Some(bits) = self.key_usage {
            let value = der::encode(der::BIT_STRING, bits);
            extensions.push(encode_extension(extension::KEY_USAGE, true, &value));
        }
        if self.has_key_ids {
            let subject = der::encode(der::OCTET_STRING, &self.subject.key_id());
            let issuer = der::encode(der::context_primitive(0), &self.issuer.key_id());
            extensions.push(encode_extension(
                extension::SUBJECT_KEY_IDENTIFIER,
                false,
                &subject,
            ));
            let issuer = sequence(&[issuer]);
            extensions.push(encode_extension(
                extension::AUTHORITY_KEY_IDENTIFIER,
                false,
                &issuer,
            ));
        }
        for (oid, is_critical, value) in &self.more {
            extensions.push(encode_extension(*oid, *is_critical, value));
        }
        extensions
    }
}
