//! `SES_Signature`: what was signed with a seal, read and not computed with.

use crate::pki::der;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::oid::Oid;
use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::Fault;
use crate::signature::facts::SignatureFacts;
use crate::signature::seal::error::SealError;
use crate::signature::seal::eseal::Seal;
use crate::signature::seal::extension;
use crate::signature::seal::facts;
use crate::signature::seal::value;

/// A signature made with a seal.
#[derive(Debug)]
pub struct SealSignature<'a> {
    pub(super) version: Version,
    /// The DER of `toSign`, as it came.
    pub(super) signed: &'a [u8],
    pub(super) seal: Seal<'a>,
    /// `timeInfo`: what it says of the time, as it came.
    pub(super) time: TimeInfo<'a>,
    pub(super) data_hash: &'a [u8],
    pub(super) property_info: String,
    pub(super) extensions: Vec<Oid>,
    /// The signer's certificate, in DER.
    pub(super) certificate: &'a [u8],
    pub(super) algorithm: Oid,
    pub(super) value: &'a [u8],
    /// A timestamp of the value.
    pub(super) timestamp: Option<&'a [u8]>,
    pub(super) faults: Vec<Fault>,
}

/// Which standard's structure it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// GM/T 0031-2014.
    V1,
    /// GB/T 38540-2020.
    V4,
    /// GM/T 0031-2025.
    V5,
}

/// What the signer says of the time.
#[derive(Debug)]
pub(super) enum TimeInfo<'a> {
    /// An element of a time's type.
    Element(Element<'a>),
    /// Text, or a timestamp token (RFC 3161 §2.4.2), in a BIT STRING.
    Octets(&'a [u8]),
}

impl Version {
    pub(super) const fn of(number: u32) -> Result<Self, SealError> {
        match number {
            1 => Ok(Self::V1),
            4 => Ok(Self::V4),
            5 => Ok(Self::V5),
            other => Err(SealError::UnknownVersion(other)),
        }
    }

    /// As it stands in the structure.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::V1 => 1,
            Self::V4 => 4,
            Self::V5 => 5,
        }
    }
}

impl<'a> SealSignature<'a> {
    /// Reads `bytes`, all of them, in DER. Zero octets after the end are padding, which containers of fixed size
    /// leave, and are told.
    ///
    /// # Errors
    /// [`SealError`]: a broken encoding or structure, another version, bytes after the end, or more than is read
    /// of one seal. Certificates are read with the facts.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, SealError> {
        let mut reader = Reader::new(bytes);
        let outer = reader.expect(der::SEQUENCE)?;
        let padding = reader.remaining();
        let mut faults = Vec::new();
        if padding.iter().any(|octet| *octet != 0) {
            reader.finish()?;
        } else if !padding.is_empty() {
            let detail = format!("{} zero bytes follow the end", padding.len());
            faults.push(Fault::irregular("SES_Signature", detail));
        }
        let mut fields = outer.reader();
        let signed = fields.expect(der::SEQUENCE)?;
        let mut inner = signed.reader();
        let version = Version::of(value::number(&mut inner, "version")?)?;
        let seal = Seal::read(&inner.expect(der::SEQUENCE)?, version, &mut faults)?;
        let time = match version {
            Version::V1 => TimeInfo::Octets(value::bits(&mut inner)?),
            Version::V4 | Version::V5 => TimeInfo::Element(inner.read()?),
        };
        let data_hash = value::bits(&mut inner)?;
        let property_info = value::text(&mut inner, der::IA5_STRING, "propertyInfo")?;
        let (extensions, certificate, (algorithm, _)) = match version {
            // The certificate and its algorithm stand inside what is signed.
            Version::V1 => {
                let certificate = value::octets(&mut inner)?;
                (Vec::new(), certificate, value::oid(&mut inner)?)
            }
            Version::V4 | Version::V5 => {
                let extensions = extension::read(&mut inner, "toSign.extDatas", &mut faults)?;
                let certificate = value::octets(&mut fields)?;
                (extensions, certificate, value::oid(&mut fields)?)
            }
        };
        inner.finish()?;
        let value = value::bits(&mut fields)?;
        let timestamp = match version {
            Version::V1 => None,
            Version::V4 | Version::V5 => value::tagged_bits(&mut fields)?,
        };
        fields.finish()?;
        Ok(Self {
            version,
            signed: signed.whole,
            seal,
            time,
            data_hash,
            property_info,
            extensions,
            certificate,
            algorithm,
            value,
            timestamp,
            faults,
        })
    }

    /// Which standard's structure it has.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// What is needed of the content: its digest.
    #[must_use]
    pub fn needs(&self) -> ContentNeeds {
        facts::needs(self)
    }

    /// Computes with signer and maker.
    ///
    /// `detached` is content that may be meant: one that was handed in, or several of which the one whose digest
    /// is signed is taken.
    #[must_use]
    pub fn facts(&self, detached: &[DetachedContent]) -> SignatureFacts {
        facts::of(self, detached)
    }
}
