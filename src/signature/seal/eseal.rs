//! `SESeal`: the seal itself, as its maker signed it.

use std::borrow::Cow;

use crate::clock::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::pki::der;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::oid::Oid;
use crate::signature::facts::Fault;
use crate::signature::facts::PictureFacts;
use crate::signature::seal::error::SealError;
use crate::signature::seal::extension;
use crate::signature::seal::parse::Version;
use crate::signature::seal::value;

/// Members of `certList`: those who may use one seal.
const MAX_LISTED: usize = 1024;
/// Octets of a picture; real ones have some tens of thousands.
const MAX_PICTURE_OCTETS: usize = 8 << 20;

/// A seal, read and not computed with.
#[derive(Debug)]
pub(super) struct Seal<'a> {
    /// `esID`.
    pub(super) id: String,
    /// `vid`: whose product made it.
    pub(super) vendor: String,
    pub(super) property: Property<'a>,
    pub(super) picture: PictureFacts,
    pub(super) extensions: Vec<Oid>,
    pub(super) maker: MakerSignature<'a>,
    /// A timestamp of the maker's signature, which version 5 allows.
    pub(super) timestamp: Option<&'a [u8]>,
}

/// `SES_ESPropertyInfo`.
#[derive(Debug)]
pub(super) struct Property<'a> {
    pub(super) kind: u32,
    pub(super) name: String,
    pub(super) signers: Signers<'a>,
    pub(super) created_at: Timestamp,
    pub(super) valid_from: Timestamp,
    pub(super) valid_until: Timestamp,
}

/// `certList`: who may sign with the seal.
#[derive(Debug)]
pub(super) enum Signers<'a> {
    /// Certificates, in DER.
    Certificates(Vec<&'a [u8]>),
    /// Digests of certificates by SM3.
    Digests(Vec<&'a [u8]>),
}

/// What the maker signed, and with what.
#[derive(Debug)]
pub(super) struct MakerSignature<'a> {
    pub(super) message: Cow<'a, [u8]>,
    pub(super) certificate: &'a [u8],
    pub(super) algorithm: Oid,
    pub(super) value: &'a [u8],
}

impl<'a> Seal<'a> {
    /// Reads a seal that stands in a signature of a version.
    pub(super) fn read(
        element: &Element<'a>,
        version: Version,
        faults: &mut Vec<Fault>,
    ) -> Result<Self, SealError> {
        let mut fields = element.reader();
        let information = fields.expect(der::SEQUENCE)?;

        let mut inner = information.reader();
        let (own_version, vendor) = header(&inner.expect(der::SEQUENCE)?, version, faults)?;
        let id = value::text(&mut inner, der::IA5_STRING, "esID")?;
        let property = Property::read(&inner.expect(der::SEQUENCE)?, version, faults)?;
        let picture = picture(&inner.expect(der::SEQUENCE)?)?;
        let extensions = extension::read(&mut inner, "eSealInfo.extDatas", faults)?;
        inner.finish()?;

        let maker = match version {
            Version::V1 => MakerSignature::of_version_1(&information, &mut fields)?,
            Version::V4 | Version::V5 => MakerSignature::read(&information, &mut fields)?,
        };
        let timestamp = match own_version {
            Version::V5 => value::tagged_bits(&mut fields)?,
            Version::V1 | Version::V4 => None,
        };
        fields.finish()?;
        Ok(Self {
            id,
            vendor,
            property,
            picture,
            extensions,
            maker,
            timestamp,
        })
    }
}

/// `SES_Header ::= SEQUENCE { ID IA5String, version INTEGER, Vid IA5String }`: the seal's own version, which may
/// be 4 in a signature of version 5 or the other way round, since a seal outlives the product that made it and
/// both are written alike; and `Vid`.
fn header(
    element: &Element<'_>,
    signature: Version,
    faults: &mut Vec<Fault>,
) -> Result<(Version, String), SealError> {
    let mut fields = element.reader();
    let id = value::text(&mut fields, der::IA5_STRING, "header.ID")?;
    let number = value::number(&mut fields, "header.version")?;
    let vendor = value::text(&mut fields, der::IA5_STRING, "header.Vid")?;
    fields.finish()?;
    if id != "ES" {
        let detail = "the seal's header does not begin with ES";
        faults.push(Fault::irregular("header.ID", detail));
    }
    let own = Version::of(number)?;
    if (own == Version::V1) != (signature == Version::V1) {
        return Err(SealError::VersionMismatch {
            seal: number,
            signature: signature.number(),
        });
    }
    if own != signature {
        let detail = format!(
            "a seal of version {number} in a signature of version {}",
            signature.number()
        );
        faults.push(Fault::irregular("header.version", detail));
    }
    Ok((own, vendor))
}

impl<'a> Property<'a> {
    /// `SEQUENCE { type INTEGER, name UTF8String, certListType INTEGER (not of version 1), certList, createDate,
    /// validStart, validEnd }`.
    fn read(
        element: &Element<'a>,
        version: Version,
        faults: &mut Vec<Fault>,
    ) -> Result<Self, SealError> {
        let mut fields = element.reader();
        let kind = value::number(&mut fields, "property.type")?;
        let name = value::text(&mut fields, der::UTF8_STRING, "property.name")?;
        let list_type = match version {
            Version::V1 => 1,
            Version::V4 | Version::V5 => value::number(&mut fields, "certListType")?,
        };
        let list = fields.expect(der::SEQUENCE)?;
        let signers = match list_type {
            1 => Signers::certificates(&list)?,
            2 => Signers::digests(&list, faults)?,
            _ => return Err(SealError::CertificateListType),
        };
        let created_at = value::time(&mut fields, "createDate")?;
        let valid_from = value::time(&mut fields, "validStart")?;
        let valid_until = value::time(&mut fields, "validEnd")?;
        fields.finish()?;
        Ok(Self {
            kind,
            name,
            signers,
            created_at,
            valid_from,
            valid_until,
        })
    }
}

impl<'a> Signers<'a> {
    /// `SEQUENCE OF Cert`, each an OCTET STRING that holds a certificate.
    fn certificates(list: &Element<'a>) -> Result<Self, SealError> {
        let mut members = list.reader();
        let mut found = Vec::new();
        while !members.is_at_end() {
            check_room(&found)?;
            found.push(value::octets(&mut members)?);
        }
        Ok(Self::Certificates(found))
    }

    /// `SEQUENCE OF CertDigestObj`, each a SEQUENCE of the digest's algorithm by its name, and the digest. One by
    /// another algorithm than SM3 names nobody, and is told.
    fn digests(list: &Element<'a>, faults: &mut Vec<Fault>) -> Result<Self, SealError> {
        let mut members = list.reader();
        let mut found = Vec::new();
        while !members.is_at_end() {
            check_room(&found)?;
            let mut fields = members.expect(der::SEQUENCE)?.reader();
            let algorithm = value::text(&mut fields, der::PRINTABLE_STRING, "certList.type")?;
            let digest = value::octets(&mut fields)?;
            fields.finish()?;
            match algorithm.eq_ignore_ascii_case("SM3") {
                true => found.push(digest),
                false => {
                    let detail = "a signer is listed by another digest than SM3";
                    faults.push(Fault::irregular("certList", detail));
                }
            }
        }
        Ok(Self::Digests(found))
    }

    /// Whether this certificate, in DER, is listed.
    pub(super) fn include(&self, certificate: &[u8]) -> bool {
        match self {
            Self::Certificates(listed) => listed.contains(&certificate),
            Self::Digests(listed) => {
                let own = digest(DigestAlgorithm::Sm3, certificate);
                listed.contains(&own.as_bytes())
            }
        }
    }
}

fn check_room(found: &[&[u8]]) -> Result<(), SealError> {
    if found.len() >= MAX_LISTED {
        let (what, maximum) = ("certList", MAX_LISTED);
        return Err(SealError::TooLarge { what, maximum });
    }
    Ok(())
}

/// `SES_ESPictureInfo ::= SEQUENCE { type IA5String, data OCTET STRING, width INTEGER, height INTEGER }`.
fn picture(element: &Element<'_>) -> Result<PictureFacts, SealError> {
    let mut fields = element.reader();
    let format = value::text(&mut fields, der::IA5_STRING, "picture.type")?;
    let size_bytes = value::octets(&mut fields)?.len();
    if size_bytes > MAX_PICTURE_OCTETS {
        let (what, maximum) = ("picture", MAX_PICTURE_OCTETS);
        return Err(SealError::TooLarge { what, maximum });
    }
    let width_mm = value::number(&mut fields, "picture.width")?;
    let height_mm = value::number(&mut fields, "picture.height")?;
    fields.finish()?;
    Ok(PictureFacts {
        format,
        size_bytes,
        width_mm,
        height_mm,
    })
}

impl<'a> MakerSignature<'a> {
    /// `cert OCTET STRING, signAlgID OBJECT IDENTIFIER, signedValue BIT STRING`, over the seal's information.
    fn read(information: &Element<'a>, fields: &mut Reader<'a>) -> Result<Self, SealError> {
        let certificate = value::octets(fields)?;
        let (algorithm, _) = value::oid(fields)?;
        let value = value::bits(fields)?;
        Ok(Self {
            message: Cow::Borrowed(information.whole),
            certificate,
            algorithm,
            value,
        })
    }

    /// `signInfo SEQUENCE { cert, signatureAlgorithm, signData }`, over the SEQUENCE of the seal's information,
    /// certificate and algorithm, each as it came.
    fn of_version_1(information: &Element<'a>, fields: &mut Reader<'a>) -> Result<Self, SealError> {
        let mut signed = fields.expect(der::SEQUENCE)?.reader();
        let certificate = signed.expect(der::OCTET_STRING)?;
        let (algorithm, algorithm_der) = value::oid(&mut signed)?;
        let value = value::bits(&mut signed)?;
        signed.finish()?;
        let members = [information.whole, certificate.whole, algorithm_der].concat();
        Ok(Self {
            message: Cow::Owned(der::encode(der::SEQUENCE, &members)),
            certificate: certificate.content,
            algorithm,
            value,
        })
    }
}
