//! Makes a `SignedData` of one signer, in DER: CMS (RFC 5652 §5) at the level CAdES B-B or, once a timestamp is
//! added, B-T (ETSI EN 319 122-1 §6), and the dialect of GM/T 0010.
//!
//! [`Signing`] says who signs, with what and when; [`Signing::sign`] gives a [`Signed`], to which a timestamp of
//! its value may be added before it is written. Of detached content a digest suffices, so that it may be of any
//! size. The same writer makes timestamp tokens, whose content type is another.

use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::document_key::DocumentKeyError;
use crate::crypto::document_key::DocumentSigner;
use crate::pki::asn1_time;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;
use crate::signature::cms::oids;
use crate::signature::cms::signed_data::Dialect;

/// A signature that is to be made.
#[derive(Clone, Copy)]
pub struct Signing<'a> {
    /// What signs.
    pub key: &'a dyn DocumentSigner,
    /// The signer's certificate.
    pub certificate: &'a Certificate,
    /// Which certificates are put into the document.
    pub embedded: EmbeddedCertificates<'a>,
    /// Whose object identifiers it has.
    pub dialect: Dialect,
    /// The type of the content.
    pub content_type: ContentType,
    /// `signingTime`; none where the content itself says when, as a timestamp does.
    pub signed_at: Option<Timestamp>,
}

/// Which certificates a document carries.
#[derive(Clone, Copy, Debug)]
pub enum EmbeddedCertificates<'a> {
    /// The signer's and these, in any order and as often as they like.
    SignersAnd(&'a [Certificate]),
    /// None at all: who asked for a timestamp has them already (RFC 3161 §2.4.1, `certReq`).
    Nothing,
}

/// What kind of content is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentType {
    /// Any octets: `id-data` of the dialect.
    Data,
    /// `TSTInfo` (RFC 3161 §2.4.2).
    TstInfo,
}

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub enum SignedContent<'a> {
    /// Octets that are put into the document.
    Attached(&'a [u8]),
    /// The digest of what stands elsewhere, by [`Signing::digest_algorithm`].
    Detached(&'a Digest),
}

/// A signature that was made, not yet written.
#[derive(Debug)]
pub struct Signed {
    dialect: Dialect,
    /// The fields of `SignedData` before its signers.
    head: Vec<Vec<u8>>,
    /// The fields of `SignerInfo` up to its unsigned attributes.
    signer: Vec<Vec<u8>>,
    value: Vec<u8>,
    timestamps: Vec<Vec<u8>>,
}

impl Signing<'_> {
    /// The algorithm by which the content is digested: that of the key. With Ed25519 it is SHA-512 (RFC 8419
    /// §2.3).
    #[must_use]
    pub fn digest_algorithm(&self) -> DigestAlgorithm {
        self.key.algorithm().digest()
    }

    /// Signs `content`.
    ///
    /// # Errors
    /// [`CmsWriteError`]: the certificate is of another key, the key has no place in the dialect, or it did not
    /// sign.
    pub fn sign(&self, content: SignedContent<'_>) -> Result<Signed, CmsWriteError> {
        if self.certificate.public_key().spki_der() != self.key.public_key().spki_der() {
            return Err(CmsWriteError::KeyMismatch);
        }
        let algorithm = self.key.algorithm();
        if self.dialect == Dialect::Gmt0010 && algorithm != SignatureAlgorithm::Sm2Sm3 {
            // GM/T 0010 §8: SM2 and SM3 alone.
            return Err(CmsWriteError::DialectNeedsSm2);
        }
        let digested = self.digest_algorithm();
        let content_digest = match content {
            SignedContent::Attached(bytes) => digest(digested, bytes),
            SignedContent::Detached(digest) if digest.algorithm() == digested => digest.clone(),
            SignedContent::Detached(digest) => {
                let (expected, found) = (digested, digest.algorithm());
                return Err(CmsWriteError::Digest { expected, found });
            }
        };
        let attributes = self.attributes(&content_digest)?;
        let value = self.key.sign_der(&set_of(der::SET, attributes.clone()))?;
        let digest_algorithm = sequence(&[oid(digested.oid())?]);
        let signer = vec![
            // RFC 5652 §5.3: version 1 goes with issuerAndSerialNumber.
            der::encode_unsigned(&[1]),
            issuer_and_serial(self.certificate),
            digest_algorithm.clone(),
            set_of(der::context_constructed(0), attributes),
            signature_algorithm(algorithm, self.dialect)?,
            der::encode(der::OCTET_STRING, &value),
        ];
        Ok(Signed {
            dialect: self.dialect,
            head: vec![
                der::encode_unsigned(&[self.version()]),
                der::encode(der::SET, &digest_algorithm),
                self.encapsulated(content)?,
                self.certificate_set(),
            ],
            signer,
            value,
            timestamps: Vec::new(),
        })
    }

    /// RFC 5652 §5.1: 3 where the content is not `id-data`; GM/T 0010 §8: 1.
    const fn version(&self) -> u8 {
        match self.content_type {
            ContentType::Data => 1,
            ContentType::TstInfo => 3,
        }
    }

    fn content_type_oid(&self) -> Result<Vec<u8>, CmsWriteError> {
        oid(match (self.content_type, self.dialect) {
            (ContentType::TstInfo, _) => oids::TST_INFO,
            (ContentType::Data, Dialect::Cms) => oids::DATA,
            (ContentType::Data, Dialect::Gmt0010) => oids::GM_DATA,
        })
    }

    /// `EncapsulatedContentInfo` (RFC 5652 §5.2).
    fn encapsulated(&self, content: SignedContent<'_>) -> Result<Vec<u8>, CmsWriteError> {
        let content = match content {
            SignedContent::Attached(bytes) => {
                let octets = der::encode(der::OCTET_STRING, bytes);
                der::encode(der::context_constructed(0), &octets)
            }
            SignedContent::Detached(_) => Vec::new(),
        };
        Ok(sequence(&[self.content_type_oid()?, content]))
    }

    /// `certificates [0]`, or nothing.
    fn certificate_set(&self) -> Vec<u8> {
        let EmbeddedCertificates::SignersAnd(others) = self.embedded else {
            return Vec::new();
        };
        let mut members: Vec<Vec<u8>> = vec![self.certificate.der().to_vec()];
        members.extend(others.iter().map(|certificate| certificate.der().to_vec()));
        members.sort();
        members.dedup();
        set_of(der::context_constructed(0), members)
    }

    /// The signed attributes (ETSI EN 319 122-1 §6.3: content type, message digest, signing time and a reference
    /// to the certificate).
    fn attributes(&self, content: &Digest) -> Result<Vec<Vec<u8>>, CmsWriteError> {
        let octets = der::encode(der::OCTET_STRING, content.as_bytes());
        let mut attributes = vec![
            attribute(oids::CONTENT_TYPE, self.content_type_oid()?)?,
            attribute(oids::MESSAGE_DIGEST, octets)?,
            attribute(oids::SIGNING_CERTIFICATE_V2, self.reference()?)?,
        ];
        if let Some(at) = self.signed_at {
            let time = asn1_time::encode_time(at).ok_or(CmsWriteError::Time(at))?;
            attributes.push(attribute(oids::SIGNING_TIME, time)?);
        }
        Ok(attributes)
    }

    /// `SigningCertificateV2` (RFC 5035 §3): the signer's certificate by SHA-256, or by SM3 beside SM2.
    fn reference(&self) -> Result<Vec<u8>, CmsWriteError> {
        let (algorithm, named) = if self.digest_algorithm() == DigestAlgorithm::Sm3 {
            let sm3 = DigestAlgorithm::Sm3;
            (sm3, sequence(&[oid(sm3.oid())?]))
        } else {
            // RFC 5035 §4: `hashAlgorithm DEFAULT {algorithm id-sha256}`, and DER leaves defaults out.
            (DigestAlgorithm::Sha256, Vec::new())
        };
        let hash = digest(algorithm, self.certificate.der());
        let issuer = der::encode(der::context_constructed(4), self.certificate.issuer().der());
        let certificate = sequence(&[
            named,
            der::encode(der::OCTET_STRING, hash.as_bytes()),
            sequence(&[sequence(&[issuer]), serial_number(self.certificate)]),
        ]);
        Ok(sequence(&[sequence(&[certificate])]))
    }
}

impl Signed {
    /// The signature value: what a signature timestamp covers (ETSI EN 319 122-1 §5.3).
    #[must_use]
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// Adds a timestamp token over [`Self::value`] as an unsigned attribute. That it fits is for the caller to
    /// have made sure of.
    #[must_use]
    pub fn with_timestamp(mut self, token: Vec<u8>) -> Self {
        self.timestamps.push(token);
        self
    }

    /// The document: `ContentInfo` (RFC 5652 §3).
    ///
    /// # Errors
    /// None that depends on what was signed.
    pub fn to_der(&self) -> Result<Vec<u8>, CmsWriteError> {
        let mut signer = self.signer.clone();
        if !self.timestamps.is_empty() {
            let values = set_of(der::SET, self.timestamps.clone());
            let stamped = sequence(&[oid(oids::SIGNATURE_TIMESTAMP)?, values]);
            signer.push(der::encode(der::context_constructed(1), &stamped));
        }
        let mut fields = self.head.clone();
        fields.push(der::encode(der::SET, &sequence(&signer)));
        let outer = match self.dialect {
            Dialect::Cms => oids::SIGNED_DATA,
            Dialect::Gmt0010 => oids::GM_SIGNED_DATA,
        };
        let content = der::encode(der::context_constructed(0), &sequence(&fields));
        Ok(sequence(&[oid(outer)?, content]))
    }
}

/// `signatureAlgorithm`, in GM/T 0010 `digestEncryptionAlgorithm`.
fn signature_algorithm(
    algorithm: SignatureAlgorithm,
    dialect: Dialect,
) -> Result<Vec<u8>, CmsWriteError> {
    let unsupported = || CmsWriteError::Algorithm(algorithm);
    if algorithm == SignatureAlgorithm::RsaPkcs1Sha256 {
        // RFC 3370 §3.2 obliges everybody to read `rsaEncryption`; its parameters are NULL.
        let null = der::encode(der::NULL, &[]);
        return Ok(sequence(&[oid(oids::RSA_ENCRYPTION)?, null]));
    }
    if algorithm == SignatureAlgorithm::Sm2Sm3 && dialect == Dialect::Gmt0010 {
        return Ok(sequence(&[oid(oids::SM2_SIGNATURE)?]));
    }
    if let SignatureAlgorithm::RsaPss(used) = algorithm {
        let named = algorithm.row().oid.ok_or_else(unsupported)?;
        let parameters = used.to_der().ok_or_else(unsupported)?;
        return Ok(sequence(&[oid(named)?, parameters]));
    }
    // The names that JOSE binds to a curve have none here: CMS has the digest alone (RFC 5753 §7.1.1).
    let named = algorithm.row().oid.or_else(|| {
        let free = SignatureAlgorithm::ecdsa_with(algorithm.digest())?;
        free.row().oid
    });
    Ok(sequence(&[oid(named.ok_or_else(unsupported)?)?]))
}

fn issuer_and_serial(certificate: &Certificate) -> Vec<u8> {
    let issuer = certificate.issuer().der().to_vec();
    sequence(&[issuer, serial_number(certificate)])
}

/// As the certificate has it: contents octets are copied, since what CAs wrote is what others compare with.
fn serial_number(certificate: &Certificate) -> Vec<u8> {
    der::encode(der::INTEGER, certificate.serial().as_bytes())
}

fn attribute(kind: &str, value: Vec<u8>) -> Result<Vec<u8>, CmsWriteError> {
    Ok(sequence(&[oid(kind)?, der::encode(der::SET, &value)]))
}

fn sequence(members: &[Vec<u8>]) -> Vec<u8> {
    der::encode(der::SEQUENCE, &members.concat())
}

/// X.690 §11.6: the members of a SET OF stand in ascending order of their encodings.
fn set_of(tag: u8, mut members: Vec<Vec<u8>>) -> Vec<u8> {
    members.sort();
    der::encode(tag, &members.concat())
}

fn oid(dotted: &str) -> Result<Vec<u8>, CmsWriteError> {
    Ok(Oid::parse(dotted)?.to_der())
}

/// Why no `SignedData` was made.
#[derive(Debug, thiserror::Error)]
pub enum CmsWriteError {
    /// The key's algorithm has no object identifier here.
    #[error("CMS has no name for {0}")]
    Algorithm(SignatureAlgorithm),
    /// GM/T 0010 §8 knows SM2 with SM3 alone.
    #[error("GM/T 0010 needs an SM2 key")]
    DialectNeedsSm2,
    /// The content was digested by another algorithm than the key goes with.
    #[error("the content was digested by {found}, the key goes with {expected}")]
    Digest {
        /// What was needed.
        expected: DigestAlgorithm,
        /// What came.
        found: DigestAlgorithm,
    },
    /// The certificate is of another key.
    #[error("the certificate is not that of the key")]
    KeyMismatch,
    /// An object identifier of the tables.
    #[error(transparent)]
    Oid(#[from] OidError),
    /// The key did not sign.
    #[error(transparent)]
    Sign(#[from] DocumentKeyError),
    /// No calendar has this time.
    #[error("{0} cannot be written")]
    Time(Timestamp),
}

#[cfg(test)]
mod tests;
