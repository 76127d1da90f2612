//! Files of certificates: PEM, DER, and PKCS #7 bags (`.p7b`, `.p7c`): `SignedData` that nobody signed
//! (RFC 5652 §5.2, RFC 2315 §9.1), with the object identifiers of CMS or of GM/T 0010.
//!
//! A bag says nothing about what lies in it: its certificates are candidates for path building, and its
//! CRLs are judged as any others. A `SignedData` with signers or content is a signed document and belongs
//! to who verifies those; [`BagError::SignedDocument`] tells it apart. Only DER is read.

use std::borrow::Cow;

use crate::encoding::pem;
use crate::pki::certificate;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::CertificateError;
use crate::pki::der;
use crate::pki::der::DerError;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;

/// More bytes than this are not read as one bag: CRLs of large CAs have some megabytes.
pub const MAX_SIZE_BYTES: usize = 32 * 1024 * 1024;

/// `id-signedData` (RFC 5652 §5.1), and that of GM/T 0010.
const SIGNED_DATA: [&str; 2] = ["1.2.840.113549.1.7.2", "1.2.156.10197.6.1.4.2.2"];
/// `id-data` (RFC 5652 §4), and that of GM/T 0010.
const DATA: [&str; 2] = ["1.2.840.113549.1.7.1", "1.2.156.10197.6.1.4.2.1"];
/// RFC 7468 §8, §9, and what older tools write.
pub const PEM_LABELS: [&str; 3] = ["CMS", "PKCS7", "PKCS #7 SIGNED DATA"];

/// Larger bags are not searched for the end entity, which compares every certificate with every other: no
/// path is as long, so they are stores of CAs.
const MAX_SEARCHED: usize = 100;

/// Certificates that came together, and the CRLs beside them.
#[derive(Clone, Debug)]
pub struct Bag {
    /// At least one. In a PEM file the first is the one that is meant; in a bag, which has no order, it is
    /// moved there: the one that issued none of the others.
    pub certificates: Vec<Certificate>,
    /// The encodings of the CRLs, of which no more is known than that they are SEQUENCEs in DER.
    pub crls: Vec<Vec<u8>>,
}

/// Why a file is not one of certificates.
#[derive(Debug, thiserror::Error)]
pub enum BagError {
    /// A certificate outside a bag, or the PEM armour.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The encoding of a bag is not DER, or not the structure of RFC 5652 §5.1.
    #[error("malformed PKCS#7 bag: {0}")]
    Der(#[from] DerError),
    /// Nothing is in it.
    #[error("there is no certificate")]
    Empty,
    /// A certificate in a bag.
    #[error("certificate {position} of the bag: {cause}")]
    Member {
        /// Which one, counted from 1.
        position: usize,
        /// What is wrong with it.
        #[source]
        cause: CertificateError,
    },
    /// Another content type of CMS, encrypted for instance.
    #[error("content of type {0} is no bag of certificates")]
    NotSignedData(Oid),
    /// An object identifier.
    #[error(transparent)]
    Oid(#[from] OidError),
    /// It has content or signers: it is a signed document, to be verified as one.
    #[error("this is a signed document, not a bag of certificates")]
    SignedDocument,
    /// More bytes than [`MAX_SIZE_BYTES`].
    #[error("a bag of {size_bytes} bytes; at most {maximum} are read")]
    TooLarge {
        /// As handed in.
        size_bytes: usize,
        /// [`MAX_SIZE_BYTES`].
        maximum: usize,
    },
    /// More than the caller takes.
    #[error("more than {maximum} certificates or CRLs")]
    TooMany {
        /// The limit.
        maximum: usize,
    },
    /// RFC 5652 §5.1 knows the versions 1, 3, 4 and 5.
    #[error("unknown version of SignedData")]
    UnknownVersion,
    /// RFC 5652 §10.2.1, §10.2.2: a member that is neither a certificate nor a CRL of X.509, such as an
    /// attribute certificate.
    #[error("a member of the bag with tag 0x{tag:02x} is neither a certificate nor a CRL")]
    UnsupportedMember {
        /// Its identifier octet.
        tag: u8,
    },
}

/// Reads a file of at least one and at most `max` certificates, whichever way they are packed; as many CRLs
/// may lie beside them.
///
/// # Errors
/// [`BagError`] for the first thing that is not in order.
pub fn read(bytes: &[u8], max: usize) -> Result<Bag, BagError> {
    let bag = match armour_taken_off(bytes)? {
        Some(der) => read_members(open(&der)?, max)?,
        None => Bag {
            certificates: certificate::parse_all(bytes, max)?,
            crls: Vec::new(),
        },
    };
    if bag.certificates.is_empty() {
        return Err(BagError::Empty);
    }
    Ok(bag)
}

/// Whether `bytes` are a bag, in DER or PEM, and no signed document. What lies in it may be malformed.
#[must_use]
pub fn is_bag(bytes: &[u8]) -> bool {
    let der = armour_taken_off(bytes).ok().flatten();
    der.is_some_and(|der| open(&der).is_ok())
}

/// The DER of what may be a bag; `None` for certificates that are not in one.
fn armour_taken_off(bytes: &[u8]) -> Result<Option<Cow<'_, [u8]>>, BagError> {
    if bytes.len() > MAX_SIZE_BYTES {
        return Err(BagError::TooLarge {
            size_bytes: bytes.len(),
            maximum: MAX_SIZE_BYTES,
        });
    }
    if !pem::looks_like_pem(bytes) {
        return Ok(begins_like_cms(bytes).then_some(Cow::Borrowed(bytes)));
    }
    // More blocks than one are certificates, or nothing that is read here.
    let Ok(mut blocks) = pem::decode(bytes, 1) else {
        return Ok(None);
    };
    let bag = blocks
        .pop()
        .filter(|block| PEM_LABELS.contains(&block.label.as_str()));
    Ok(bag.map(|block| Cow::Owned(block.der)))
}

/// A certificate begins with a SEQUENCE, CMS with an object identifier.
fn begins_like_cms(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    let outer = reader.expect(der::SEQUENCE);
    let first = outer.and_then(|outer| outer.reader().read());
    first.is_ok_and(|first| first.tag == der::OBJECT_IDENTIFIER)
}

/// What a bag holds, not looked into.
struct Members<'a> {
    certificates: Option<Element<'a>>,
    crls: Option<Element<'a>>,
}

/// `ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY }`.
fn open(der: &[u8]) -> Result<Members<'_>, BagError> {
    der::check(der)?;
    let mut fields = der::single(der)?.reader();
    let content_type = Oid::from_der_content(fields.expect(der::OBJECT_IDENTIFIER)?.content)?;
    if !is_one_of(&content_type, SIGNED_DATA) {
        return Err(BagError::NotSignedData(content_type));
    }
    let mut content = fields.expect(der::context_constructed(0))?.reader();
    fields.finish()?;
    let signed_data = content.expect(der::SEQUENCE)?;
    content.finish()?;
    read_signed_data(signed_data.reader())
}

/// `SignedData ::= SEQUENCE { version, digestAlgorithms SET, encapContentInfo, certificates [0] IMPLICIT
/// OPTIONAL, crls [1] IMPLICIT OPTIONAL, signerInfos SET }`. The digest algorithms of nobody do not matter.
fn read_signed_data(mut fields: Reader<'_>) -> Result<Members<'_>, BagError> {
    if !matches!(fields.expect(der::INTEGER)?.content, [1 | 3 | 4 | 5]) {
        return Err(BagError::UnknownVersion);
    }
    fields.expect(der::SET)?;
    let mut encapsulated = fields.expect(der::SEQUENCE)?.reader();
    let certificates = fields.optional(der::context_constructed(0))?;
    let crls = fields.optional(der::context_constructed(1))?;
    let signers = fields.expect(der::SET)?;
    fields.finish()?;

    // RFC 5652 §5.2: "the EncapsulatedContentInfo value being "signed" is irrelevant. In this case, the
    // content type within the EncapsulatedContentInfo value being "signed" MUST be id-data […], and the
    // content field of the EncapsulatedContentInfo value MUST be omitted."
    let content_type = Oid::from_der_content(encapsulated.expect(der::OBJECT_IDENTIFIER)?.content)?;
    let is_plain_data = is_one_of(&content_type, DATA) && encapsulated.is_at_end();
    if !signers.content.is_empty() || !is_plain_data {
        return Err(BagError::SignedDocument);
    }
    Ok(Members { certificates, crls })
}

fn read_members(members: Members<'_>, max: usize) -> Result<Bag, BagError> {
    let certificates = members_of(members.certificates, max)?.into_iter().zip(1..);
    let certificates = certificates.map(|(member, position)| {
        Certificate::parse_der(member.whole).map_err(|cause| BagError::Member { position, cause })
    });
    let certificates = certificates.collect::<Result<Vec<_>, BagError>>()?;
    let crls = members_of(members.crls, max)?;
    Ok(Bag {
        certificates: end_entity_first(certificates),
        crls: crls
            .into_iter()
            .map(|member| member.whole.to_vec())
            .collect(),
    })
}

/// The members of a SET whose other choices all have tags of their own; at most `max`, none where it is
/// absent.
fn members_of(set: Option<Element<'_>>, max: usize) -> Result<Vec<Element<'_>>, BagError> {
    let mut members = Vec::new();
    let Some(set) = set else {
        return Ok(members);
    };
    let mut reader = set.reader();
    while !reader.is_at_end() {
        if members.len() >= max {
            return Err(BagError::TooMany { maximum: max });
        }
        let member = reader.read()?;
        if member.tag != der::SEQUENCE {
            return Err(BagError::UnsupportedMember { tag: member.tag });
        }
        members.push(member);
    }
    Ok(members)
}

/// Moves the first certificate that issued none of the others to the front.
fn end_entity_first(mut certificates: Vec<Certificate>) -> Vec<Certificate> {
    if certificates.len() > MAX_SEARCHED {
        return certificates;
    }
    let issued_one = |issuer: &Certificate| {
        certificates
            .iter()
            .any(|other| other != issuer && other.issuer().matches(issuer.subject()))
    };
    let place = certificates.iter().position(|one| !issued_one(one));
    if let Some(place) = place {
        let end_entity = certificates.remove(place);
        certificates.insert(0, end_entity);
    }
    certificates
}

fn is_one_of(oid: &Oid, list: [&str; 2]) -> bool {
    list.iter().any(|other| *oid == *other)
}

#[cfg(test)]
mod tests {
    use openssl::asn1::Asn1Time;
    use openssl::cms::CMSOptions;
    use openssl::cms::CmsContentInfo;
    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;
    use openssl::pkey::PKeyRef;
    use openssl::pkey::Private;
    use openssl::stack::Stack;
    use openssl::x509::X509;
    use proptest::prelude::*;

    use super::*;
    use crate::pki::certificate::fixtures::Parts;
    use crate::pki::certificate::fixtures::common_name;
    use crate::pki::certificate::fixtures::sequence;
    use crate::pki::der::DerErrorKind;

    /// The fields of `SignedData`, each a whole encoding.
    #[derive(Clone)]
    struct Fields {
        outer_type: &'static str,
        version: Vec<u8>,
        digests: Vec<u8>,
        encapsulated: Vec<u8>,
        certificates: Vec<Vec<u8>>,
        crls: Vec<Vec<u8>>,
        signers: Vec<u8>,
        after: Vec<u8>,
    }

    fn oid(text: &str) -> Vec<u8> {
        Oid::parse(text).unwrap().to_der()
    }

    fn crl() -> Vec<u8> {
        sequence(&[sequence(&[]), sequence(&[])])
    }

    impl Fields {
        fn good() -> Self {
            Self {
                outer_type: SIGNED_DATA[0],
                version: der::encode(der::INTEGER, &[1]),
                digests: der::encode(der::SET, &[]),
                encapsulated: sequence(&[oid(DATA[0])]),
                certificates: vec![Parts::good().der(), Parts::good().der()],
                crls: vec![crl()],
                signers: der::encode(der::SET, &[]),
                after: Vec::new(),
            }
        }

        fn der(&self) -> Vec<u8> {
            let set = |number: u8, members: &[Vec<u8>]| match members {
                [] => Vec::new(),
                members => der::encode(der::context_constructed(number), &members.concat()),
            };
            let signed_data = sequence(&[
                self.version.clone(),
                self.digests.clone(),
                self.encapsulated.clone(),
                set(0, &self.certificates),
                set(1, &self.crls),
                self.signers.clone(),
                self.after.clone(),
            ]);
            let content = der::encode(der::context_constructed(0), &signed_data);
            sequence(&[oid(self.outer_type), content])
        }
    }

    fn changed(change: impl FnOnce(&mut Fields)) -> Vec<u8> {
        let mut fields = Fields::good();
        change(&mut fields);
        fields.der()
    }

    fn refusal(change: impl FnOnce(&mut Fields)) -> BagError {
        read(&changed(change), 10).unwrap_err()
    }

    #[test]
    fn certificates_and_crls_are_taken_out_in_order() {
        let fields = Fields::good();
        let bag = read(&fields.der(), 10).unwrap();
        let certificates: Vec<&[u8]> = bag.certificates.iter().map(Certificate::der).collect();
        assert_eq!(certificates, fields.certificates);
        assert_eq!(bag.crls, fields.crls);
        let only_certificates = changed(|fields| fields.crls.clear());
        assert_eq!(read(&only_certificates, 10).unwrap().certificates.len(), 2);
    }

    #[test]
    fn a_bag_that_openssl_wrote_is_read() {
        let root = PKey::generate_ed25519().unwrap();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        builder.set_pubkey(&root).unwrap();
        let (start, end) = (Asn1Time::from_unix(0), Asn1Time::from_unix(1));
        builder.set_not_before(&start.unwrap()).unwrap();
        builder.set_not_after(&end.unwrap()).unwrap();
        builder.sign(&root, MessageDigest::null()).unwrap();
        let certificate = builder.build();
        let der = certificate.to_der().unwrap();
        let mut certificates = Stack::new().unwrap();
        certificates.push(certificate).unwrap();
        let options = CMSOptions::DETACHED | CMSOptions::PARTIAL;
        let cms = CmsContentInfo::sign(
            None,
            None::<&PKeyRef<Private>>,
            Some(&certificates),
            None,
            options,
        );
        let cms = cms.unwrap();
        for written in [cms.to_der().unwrap(), cms.to_pem().unwrap()] {
            let bag = read(&written, 1).unwrap();
            assert_eq!(bag.certificates[0].der(), der);
            assert!(bag.crls.is_empty());
        }
    }

    #[test]
    fn dialects_are_read() {
        for outer_type in SIGNED_DATA {
            for inner_type in DATA {
                let der = changed(|fields| {
                    fields.outer_type = outer_type;
                    fields.encapsulated = sequence(&[oid(inner_type)]);
                });
                assert!(read(&der, 10).is_ok(), "{outer_type} {inner_type}");
            }
        }
        for version in [1, 3, 4, 5] {
            let version = der::encode(der::INTEGER, &[version]);
            assert!(read(&changed(|fields| fields.version = version), 10).is_ok());
        }
        let sm3 = sequence(&[oid("1.2.156.10197.1.401")]);
        let digests = der::encode(der::SET, &sm3);
        assert!(read(&changed(|fields| fields.digests = digests), 10).is_ok());
    }

    #[test]
    fn pem_has_one_block_of_the_right_label() {
        let der = Fields::good().der();
        for label in PEM_LABELS {
            let text = pem::encode(label, &der);
            assert_eq!(read(text.as_bytes(), 10).unwrap().certificates.len(), 2);
            let twice = text.repeat(2);
            assert!(matches!(
                read(twice.as_bytes(), 10),
                Err(BagError::Certificate(CertificateError::UnexpectedPemLabel(
                    _
                )))
            ));
            let broken = text.replace("END", "DNE");
            assert!(read(broken.as_bytes(), 10).is_err());
        }
        let other = pem::encode("PRIVATE KEY", &der);
        assert!(matches!(
            read(other.as_bytes(), 10),
            Err(BagError::Certificate(CertificateError::UnexpectedPemLabel(
                _
            )))
        ));
    }

    #[test]
    fn certificates_without_a_bag_keep_their_order() {
        let [one, other] = [Parts::good().der(), Parts::good().der()];
        let blocks = [&one, &other].map(|der| pem::encode("CERTIFICATE", der));
        let file = read(blocks.concat().as_bytes(), 2).unwrap();
        let ders: Vec<&[u8]> = file.certificates.iter().map(Certificate::der).collect();
        assert_eq!(ders, [&one, &other]);
        assert_eq!(read(&one, 1).unwrap().certificates.len(), 1);
        assert!(!is_bag(&one) && !is_bag(blocks.concat().as_bytes()));
        assert!(read(&[], 1).is_err());
    }

    #[test]
    fn the_end_entity_of_a_bag_comes_first() {
        let certificate = |subject: &str, issuer: &str| {
            let mut parts = Parts::good();
            parts.subject = common_name(subject);
            parts.issuer = common_name(issuer);
            parts.der()
        };
        let members = [("Root", "Root"), ("CA", "Root"), ("End", "CA")];
        let members = members.map(|(subject, issuer)| certificate(subject, issuer));
        let bag = read(&changed(|fields| fields.certificates = members.to_vec()), 3).unwrap();
        let subjects = bag.certificates.iter().map(|one| one.subject().to_string());
        assert_eq!(subjects.collect::<Vec<_>>(), ["CN=End", "CN=Root", "CN=CA"]);
    }

    #[test]
    fn what_is_signed_is_no_bag() {
        let signer = der::encode(der::SET, &sequence(&[]));
        let content = der::encode(
            der::context_constructed(0),
            &der::encode(der::OCTET_STRING, b"text"),
        );
        for error in [
            refusal(|fields| fields.signers = signer),
            refusal(|fields| fields.encapsulated = sequence(&[oid(DATA[0]), content])),
            refusal(|fields| fields.encapsulated = sequence(&[oid("1.2.840.113549.1.9.16.1.4")])),
        ] {
            assert!(matches!(error, BagError::SignedDocument), "{error}");
        }
        assert!(is_bag(&Fields::good().der()));
        assert!(is_bag(&changed(|fields| fields.certificates[1] = crl())));
        assert!(!is_bag(&changed(
            |fields| fields.version = der::encode(der::INTEGER, &[2])
        )));
        let error = refusal(|fields| fields.outer_type = "1.2.840.113549.1.7.3");
        assert_eq!(
            error.to_string(),
            "content of type 1.2.840.113549.1.7.3 is no bag of certificates"
        );
    }

    #[test]
    fn the_number_of_members_is_bounded() {
        let der = Fields::good().der();
        assert!(read(&der, 2).is_ok());
        for maximum in 0..2 {
            let error = read(&der, maximum).unwrap_err();
            assert!(matches!(error, BagError::TooMany { maximum: told } if told == maximum));
        }
        let many = changed(|fields| fields.crls = vec![crl(); 3]);
        assert!(matches!(
            read(&many, 2),
            Err(BagError::TooMany { maximum: 2 })
        ));
        let large = vec![0x30; MAX_SIZE_BYTES + 1];
        assert!(matches!(read(&large, 1), Err(BagError::TooLarge { .. })));
    }

    #[test]
    fn other_structures_are_refused() {
        let null = || vec![0x05, 0x00];
        let empty = refusal(|fields| {
            fields.certificates.clear();
            fields.crls.clear();
        });
        assert!(matches!(empty, BagError::Empty));
        let only_crls = refusal(|fields| fields.certificates.clear());
        assert!(matches!(only_crls, BagError::Empty));
        let error = refusal(|fields| fields.version = der::encode(der::INTEGER, &[2]));
        assert!(matches!(error, BagError::UnknownVersion));
        let attribute_certificate = der::encode(der::context_constructed(2), &[]);
        let error = refusal(|fields| fields.certificates.push(attribute_certificate.clone()));
        assert!(matches!(error, BagError::UnsupportedMember { tag: 0xa2 }));
        let error = refusal(|fields| fields.crls.push(attribute_certificate));
        assert!(matches!(error, BagError::UnsupportedMember { tag: 0xa2 }));
        let error = refusal(|fields| fields.certificates[1] = crl());
        assert!(
            matches!(error, BagError::Member { position: 2, .. }),
            "{error}"
        );
        for error in [
            refusal(|fields| fields.after = null()),
            refusal(|fields| fields.digests = null()),
            refusal(|fields| fields.signers = null()),
            refusal(|fields| fields.version = null()),
            refusal(|fields| fields.encapsulated = null()),
        ] {
            assert!(matches!(error, BagError::Der(_)), "{error}");
        }
    }

    #[test]
    fn every_byte_belongs_to_the_bag() {
        let der = Fields::good().der();
        let trailing = [&der[..], &[0]].concat();
        assert!(matches!(
            read(&trailing, 10),
            Err(BagError::Der(error)) if error.kind == DerErrorKind::TrailingBytes
        ));
        for end in (0..der.len()).step_by(7) {
            assert!(read(&der[..end], 10).is_err(), "{end}");
        }
        // BER, as PKCS #7 may have: indefinite length.
        let indefinite = [&[0x30, 0x80][..], &der[4..], &[0, 0]].concat();
        assert!(read(&indefinite, 10).is_err() && !is_bag(&indefinite));
    }

    proptest! {
        #[test]
        fn a_changed_byte_never_panics(at in any::<prop::sample::Index>(), octet in any::<u8>()) {
            let mut der = Fields::good().der();
            let at = at.index(der.len());
            der[at] = octet;
            if let Ok(bag) = read(&der, 2) {
                prop_assert!(is_bag(&der));
                prop_assert!(bag.certificates.len() <= 2 && bag.crls.len() <= 2);
            }
        }
    }
}
