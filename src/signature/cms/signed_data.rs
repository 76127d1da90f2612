//! `SignedData` (RFC 5652 §5.1), of CMS, PKCS #7 and GM/T 0010.

use std::borrow::Cow;
use std::cell::RefCell;

use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::DigestContext;
use crate::pki::ber;
use crate::pki::ber::Value;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::signature::cms::embedded::Embedded;
use crate::signature::cms::error::CmsError;
use crate::signature::cms::facts;
use crate::signature::cms::oids;
use crate::signature::cms::signer_info::SignerInfo;
use crate::signature::cms::timestamp_token;
use crate::signature::cms::timestamp_token::TstInfo;
use crate::signature::cms::work::Level;
use crate::signature::cms::work::Work;
use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::Fault;
use crate::signature::facts::SignatureFacts;

/// Signers that are read of one document.
const MAX_SIGNERS: usize = 64;

/// A `SignedData`, read and not computed with.
#[derive(Debug)]
pub struct SignedData<'a> {
    pub(super) dialect: Dialect,
    pub(super) content_type: Oid,
    /// `eContentType` as it came.
    pub(super) content_type_value: Value<'a>,
    /// The signed content, in pieces, where it lies inside.
    pub(super) content: Option<Vec<&'a [u8]>>,
    pub(super) embedded: Embedded,
    /// The certificates and the revocation information as they came.
    pub(super) certificates_value: Option<Value<'a>>,
    pub(super) revocation_value: Option<Value<'a>>,
    pub(super) signers: Vec<SignerInfo<'a>>,
    /// What is told of the document as a whole, with every signer.
    pub(super) irregular: Vec<Fault>,
}

/// Which standard's object identifiers it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// RFC 5652, or PKCS #7 before it.
    Cms,
    /// GM/T 0010-2012, GB/T 35275-2017.
    Gmt0010,
}

impl<'a> SignedData<'a> {
    /// Reads `bytes`, all of them, in BER or DER. After CMS there may be padding with zeros, which is told;
    /// GM/T 0010 is DER to the last byte.
    ///
    /// # Errors
    /// [`CmsError`]: another content type, a broken encoding or structure, bytes after the end, or more
    /// signers, certificates or attributes than are read. A certificate or CRL that cannot be read is left
    /// out and told by its signers' facts.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, CmsError> {
        let mut reader = ber::Reader::new(bytes);
        let mut signed = Self::read(&reader.read()?)?;
        let is_padding =
            signed.dialect == Dialect::Cms && reader.rest().iter().all(|byte| *byte == 0);
        if !reader.is_at_end() && is_padding {
            // Containers of fixed size leave it; it says nothing and is covered by nothing.
            let detail = format!("{} zero bytes follow the end", reader.rest().len());
            signed
                .irregular
                .push(Fault::irregular("ContentInfo", detail));
            return Ok(signed);
        }
        reader.finish()?;
        Ok(signed)
    }

    /// `ContentInfo ::= SEQUENCE { contentType, content [0] EXPLICIT ANY }`.
    pub(super) fn read(content_info: &Value<'a>) -> Result<Self, CmsError> {
        let mut outer = content_info.expect_tag(der::SEQUENCE)?.reader();
        let outer_type = Oid::from_der_content(outer.expect(der::OBJECT_IDENTIFIER)?.content)?;
        let dialect = if outer_type == *oids::SIGNED_DATA {
            Dialect::Cms
        } else if outer_type == *oids::GM_SIGNED_DATA {
            Dialect::Gmt0010
        } else {
            return Err(CmsError::NotSignedData(outer_type));
        };
        let mut wrapped = outer.expect(der::context_constructed(0))?.reader();
        outer.finish()?;
        let signed_data = wrapped.expect(der::SEQUENCE)?;
        wrapped.finish()?;
        Self::read_fields(&signed_data, dialect)
    }

    fn read_fields(signed_data: &Value<'a>, dialect: Dialect) -> Result<Self, CmsError> {
        let mut fields = signed_data.reader();
        let version = fields.expect(der::INTEGER)?;
        // GM/T 0010 §8: version 1; RFC 5652 §5.1: 1, 3, 4 or 5, which real files confuse.
        if !matches!(version.content, [1..=5]) {
            return Err(CmsError::UnknownVersion("SignedData"));
        }
        fields.expect(der::SET)?;
        let encapsulated = fields.expect(der::SEQUENCE)?;
        let certificates = fields.optional(der::context_constructed(0))?;
        let revocation = fields.optional(der::context_constructed(1))?;
        let signer_set = fields.expect(der::SET)?;
        fields.finish()?;

        let mut inner = encapsulated.reader();
        let content_type_value = inner.expect(der::OBJECT_IDENTIFIER)?;
        let content = match inner.optional(der::context_constructed(0))? {
            Some(wrapped) => Some(content_pieces(&wrapped)?),
            None => None,
        };
        inner.finish()?;

        let mut embedded = Embedded::default();
        if let Some(set) = certificates {
            embedded.take_certificates(&set)?;
        }
        if let Some(set) = revocation {
            embedded.take_revocation(&set)?;
        }
        let mut signers = Vec::new();
        let mut members = signer_set.reader();
        while !members.is_at_end() {
            if signers.len() >= MAX_SIGNERS {
                let (what, maximum) = ("signers", MAX_SIGNERS);
                return Err(CmsError::TooMany { what, maximum });
            }
            signers.push(SignerInfo::read(&members.expect(der::SEQUENCE)?)?);
        }
        Ok(Self {
            dialect,
            content_type: Oid::from_der_content(content_type_value.content)?,
            content_type_value,
            content,
            embedded,
            certificates_value: certificates,
            revocation_value: revocation,
            signers,
            irregular: Vec::new(),
        })
    }

    /// Whose object identifiers it has.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The type of the content.
    #[must_use]
    pub const fn content_type(&self) -> &Oid {
        &self.content_type
    }

    /// How many signers there are.
    #[must_use]
    pub const fn signer_count(&self) -> usize {
        self.signers.len()
    }

    /// The content that lies inside, in the pieces in which it was written; none where it is detached.
    #[must_use]
    pub fn content(&self) -> Option<&[&'a [u8]]> {
        self.content.as_deref()
    }

    /// What is needed of detached content; nothing where the content lies inside.
    #[must_use]
    pub fn needs(&self) -> ContentNeeds {
        if self.content.is_some() {
            return ContentNeeds::default();
        }
        let signers = self.signers.iter().map(facts::needs_of);
        signers.fold(ContentNeeds::default(), ContentNeeds::and)
    }

    /// Computes with every signer, in the order of the document.
    ///
    /// `detached` is content that may be meant where there is none inside: one that was handed in, or several
    /// of which the one whose digest is signed is taken. What one document makes us compute is bounded.
    #[must_use]
    pub fn facts(&self, detached: &[DetachedContent]) -> Vec<SignatureFacts> {
        let work = Work::new();
        self.facts_within(detached, work.outermost())
    }

    pub(super) fn facts_within(
        &self,
        detached: &[DetachedContent],
        level: Level<'_>,
    ) -> Vec<SignatureFacts> {
        let content = match &self.content {
            Some(pieces) => Content::inside(pieces),
            None => Content::apart(detached),
        };
        let signers = self.signers.iter();
        signers
            .map(|signer| facts::of_signer(self, signer, &content, level))
            .collect()
    }

    /// Whether it is a timestamp token (RFC 3161 §2.4.2).
    #[must_use]
    pub fn is_timestamp_token(&self) -> bool {
        self.content_type == *oids::TST_INFO
    }

    /// The `TSTInfo` inside a timestamp token, put together.
    #[must_use]
    pub fn tst_info(&self) -> Option<Cow<'a, [u8]>> {
        let pieces = self
            .content
            .as_deref()
            .filter(|_| self.is_timestamp_token())?;
        Some(match pieces {
            [one] => Cow::Borrowed(one),
            pieces => Cow::Owned(pieces.concat()),
        })
    }

    /// What the timestamp token that this is needs of what it covers.
    #[must_use]
    pub fn timestamp_needs(&self) -> ContentNeeds {
        let info = self
            .tst_info()
            .and_then(|bytes| TstInfo::parse(&bytes).ok());
        ContentNeeds {
            digests: info
                .and_then(|info| info.imprint_algorithm)
                .into_iter()
                .collect(),
            bytes: false,
        }
    }

    /// The timestamp token that this is, about content that was handed in.
    #[must_use]
    pub fn timestamp(
        &self,
        covered: &[DetachedContent],
    ) -> crate::signature::facts::TimestampFacts {
        let work = Work::new();
        timestamp_token::alone(self, covered, work.outermost())
    }
}

/// The octets that are signed: of the OCTET STRING that RFC 5652 §5.2 has; PKCS #7 allows any value, of which
/// the contents octets count (RFC 2315 §9.3, RFC 5652 §5.2.1).
fn content_pieces<'a>(wrapped: &Value<'a>) -> Result<Vec<&'a [u8]>, CmsError> {
    let mut reader = wrapped.reader();
    let value = reader.read()?;
    reader.finish()?;
    match value.tag {
        der::OCTET_STRING | ber::CONSTRUCTED_OCTET_STRING => Ok(value.pieces()?),
        _ => Ok(vec![value.content]),
    }
}

/// The content of a signature, wherever it is; its digests are computed once.
#[derive(Debug)]
pub(super) struct Content<'a> {
    place: Place<'a>,
    digests: RefCell<Vec<Digest>>,
}

#[derive(Debug)]
enum Place<'a> {
    Inside(&'a [&'a [u8]]),
    Apart(&'a [DetachedContent]),
}

impl<'a> Content<'a> {
    pub(super) const fn inside(pieces: &'a [&'a [u8]]) -> Self {
        Self::at(Place::Inside(pieces))
    }

    pub(super) const fn apart(detached: &'a [DetachedContent]) -> Self {
        Self::at(Place::Apart(detached))
    }

    const fn at(place: Place<'a>) -> Self {
        Self {
            place,
            digests: RefCell::new(Vec::new()),
        }
    }

    pub(super) const fn is_inside(&self) -> bool {
        matches!(self.place, Place::Inside(_))
    }

    /// The digest of the content by `algorithm`; of several contents, `signed` picks the one that is meant.
    pub(super) fn digest(
        &self,
        algorithm: DigestAlgorithm,
        signed: Option<&[u8]>,
    ) -> Option<Digest> {
        match &self.place {
            Place::Inside(pieces) => Some(self.digest_inside(algorithm, pieces)),
            Place::Apart(contents) => {
                let mut digests = contents.iter().filter_map(|one| one.digest(algorithm));
                let first = digests.next()?;
                let is_meant = |digest: &Digest| Some(digest.as_bytes()) == signed;
                if is_meant(&first) {
                    return Some(first);
                }
                Some(digests.find(is_meant).unwrap_or(first))
            }
        }
    }

    fn digest_inside(&self, algorithm: DigestAlgorithm, pieces: &[&[u8]]) -> Digest {
        let known = self.digests.borrow();
        if let Some(known) = known.iter().find(|digest| digest.algorithm() == algorithm) {
            return known.clone();
        }
        drop(known);
        let mut context = DigestContext::new(algorithm);
        for piece in pieces {
            context.update(piece);
        }
        let digest = context.finish();
        self.digests.borrow_mut().push(digest.clone());
        digest
    }

    /// The bytes themselves; put together where they come in pieces.
    pub(super) fn bytes(&self) -> Option<Cow<'a, [u8]>> {
        match &self.place {
            Place::Inside([one]) => Some(Cow::Borrowed(one)),
            Place::Inside(pieces) => Some(Cow::Owned(pieces.concat())),
            Place::Apart(contents) => {
                let first = contents.iter().find_map(|one| one.bytes.as_deref());
                first.map(Cow::Borrowed)
            }
        }
    }
}
