//! `SignerInfo` (RFC 5652 §5.3), read and not judged.

use std::borrow::Cow;

use crate::crypto::digest::DigestAlgorithm;
use crate::pki::ber;
use crate::pki::ber::Reader;
use crate::pki::ber::Value;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::signature::cms::error::CmsError;
use crate::signature::cms::signer_id::SignerId;

/// Attributes that are read of one signer, of either kind.
const MAX_ATTRIBUTES: usize = 128;

/// One signer.
#[derive(Debug)]
pub(super) struct SignerInfo<'a> {
    pub(super) id: SignerId,
    pub(super) digest: NamedAlgorithm,
    pub(super) signed: Option<SignedAttributes<'a>>,
    pub(super) algorithm: NamedAlgorithm,
    pub(super) value: Cow<'a, [u8]>,
    pub(super) unsigned: Vec<Attribute<'a>>,
    /// Version, identifier, digest algorithm, signed attributes, signature algorithm and value as they came:
    /// what an archive timestamp covers.
    pub(super) fields: Vec<Value<'a>>,
}

/// An `AlgorithmIdentifier`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NamedAlgorithm {
    pub(super) oid: Oid,
    /// The whole encoding of the parameters, in DER.
    pub(super) parameters: Option<Vec<u8>>,
}

/// An attribute: `SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF AttributeValue }`.
#[derive(Clone, Debug)]
pub(super) struct Attribute<'a> {
    pub(super) oid: Oid,
    pub(super) values: Vec<Value<'a>>,
    pub(super) whole: Value<'a>,
}

/// The signed attributes.
#[derive(Debug)]
pub(super) struct SignedAttributes<'a> {
    pub(super) list: Vec<Attribute<'a>>,
    /// What the signature covers (RFC 5652 §5.4): a SET OF in DER, its members in order.
    pub(super) der: Vec<u8>,
    /// What it may cover where the writer signed what it wrote, which was not DER.
    pub(super) as_written: Vec<Vec<u8>>,
}

impl NamedAlgorithm {
    pub(super) fn read(value: &Value<'_>) -> Result<Self, CmsError> {
        let mut fields = value.reader();
        let oid = Oid::from_der_content(fields.expect(der::OBJECT_IDENTIFIER)?.content)?;
        let parameters = match fields.is_at_end() {
            true => None,
            false => Some(fields.read()?.to_der()?.into_owned()),
        };
        fields.finish()?;
        Ok(Self { oid, parameters })
    }

    /// The digest that is named; parameters of digests do not matter (RFC 5754 §2).
    pub(super) fn digest(&self) -> Option<DigestAlgorithm> {
        DigestAlgorithm::from_oid(&self.oid.to_string())
    }
}

impl<'a> SignerInfo<'a> {
    /// The signed attributes, in their written order; none where the content itself is signed.
    pub(super) fn signed_attributes(&self) -> &[Attribute<'a>] {
        self.signed.as_ref().map_or(&[], |signed| &signed.list)
    }

    pub(super) fn read(value: &Value<'a>) -> Result<Self, CmsError> {
        let mut fields = value.reader();
        let version = fields.expect(der::INTEGER)?;
        if !matches!(version.content, [0..=5]) {
            return Err(CmsError::UnknownVersion("SignerInfo"));
        }
        let id = fields.read()?;
        let digest = fields.expect(der::SEQUENCE)?;
        let signed = fields.optional(der::context_constructed(0))?;
        let algorithm = fields.expect(der::SEQUENCE)?;
        let signature = fields.octet_string()?;
        let unsigned = fields.optional(der::context_constructed(1))?;
        fields.finish()?;
        let all = [
            Some(version),
            Some(id),
            Some(digest),
            signed,
            Some(algorithm),
            Some(signature),
        ];
        Ok(Self {
            id: SignerId::read(&id)?,
            digest: NamedAlgorithm::read(&digest)?,
            signed: signed.map(|set| SignedAttributes::read(&set)).transpose()?,
            algorithm: NamedAlgorithm::read(&algorithm)?,
            value: signature.octets()?,
            unsigned: match unsigned {
                Some(set) => attributes(set.reader())?,
                None => Vec::new(),
            },
            fields: all.into_iter().flatten().collect(),
        })
    }
}

impl<'a> SignedAttributes<'a> {
    fn read(set: &Value<'a>) -> Result<Self, CmsError> {
        let list = attributes(set.reader())?;
        let mut members = Vec::with_capacity(list.len());
        for attribute in &list {
            members.push(attribute.whole.to_der()?);
        }
        let in_written_order = der::encode(der::SET, &members.concat());
        // X.690 §11.6: in ascending order of their encodings.
        members.sort();
        let der = der::encode(der::SET, &members.concat());
        let mut untouched = set.whole.to_vec();
        if let Some(tag) = untouched.first_mut() {
            // RFC 5652 §5.4: the IMPLICIT [0] tag is not part of what is signed.
            *tag = der::SET;
        }
        let mut as_written = vec![in_written_order, untouched];
        as_written.dedup();
        as_written.retain(|written| *written != der);
        Ok(Self {
            list,
            der,
            as_written,
        })
    }
}

/// Whether bytes are a SET OF attributes, one of them of type `wanted`.
pub(super) fn reads_as_attributes(bytes: &[u8], wanted: &str) -> bool {
    let set = ber::single(bytes).and_then(|value| value.expect_tag(der::SET));
    let list = set.ok().and_then(|set| attributes(set.reader()).ok());
    list.is_some_and(|list| list.iter().any(|attribute| attribute.oid == *wanted))
}

fn attributes<'a>(mut reader: Reader<'a>) -> Result<Vec<Attribute<'a>>, CmsError> {
    let mut list = Vec::new();
    while !reader.is_at_end() {
        if list.len() >= MAX_ATTRIBUTES {
            let (what, maximum) = ("attributes", MAX_ATTRIBUTES);
            return Err(CmsError::TooMany { what, maximum });
        }
        let whole = reader.expect(der::SEQUENCE)?;
        let mut fields = whole.reader();
        let oid = Oid::from_der_content(fields.expect(der::OBJECT_IDENTIFIER)?.content)?;
        let mut set = fields.expect(der::SET)?.reader();
        fields.finish()?;
        let mut values = Vec::new();
        while !set.is_at_end() {
            if values.len() >= MAX_ATTRIBUTES {
                let (what, maximum) = ("values of an attribute", MAX_ATTRIBUTES);
                return Err(CmsError::TooMany { what, maximum });
            }
            values.push(set.read()?);
        }
        list.push(Attribute { oid, values, whole });
    }
    Ok(list)
}
