//! What an archive timestamp covers (ETSI EN 319 122-1 §5.5).

use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::DigestContext;
use crate::crypto::digest::digest;
use crate::pki::ber::Value;
use crate::pki::der;
use crate::signature::cms::error::CmsError;
use crate::signature::cms::oids;
use crate::signature::cms::signed_data::Content;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::cms::signer_info::Attribute;
use crate::signature::cms::signer_info::NamedAlgorithm;
use crate::signature::cms::signer_info::SignerInfo;

/// A signature that was archived.
pub(super) struct Archived<'a, 'd> {
    pub(super) document: &'a SignedData<'d>,
    pub(super) signer: &'a SignerInfo<'d>,
    pub(super) content: &'a Content<'a>,
}

impl Archived<'_, '_> {
    /// The digest of what an archive-time-stamp-v3 covers: content type, digest of the content, the fields of
    /// the signer, and the hash index of the token (§5.5.3). None where the content is missing, or where the
    /// index lists what is not there.
    pub(super) fn digest(&self, token: &Value<'_>, algorithm: DigestAlgorithm) -> Option<Digest> {
        let (index, is_v3) = hash_index(token)?;
        if !self.has_everything_of(&index, is_v3).unwrap_or(false) {
            return None;
        }
        let mut context = DigestContext::new(algorithm);
        context.update(self.document.content_type_value.whole);
        context.update(self.content.digest(algorithm, None)?.as_bytes());
        for field in &self.signer.fields {
            context.update(&field.to_der().ok()?);
        }
        context.update(&index.to_der().ok()?);
        Some(context.finish())
    }

    /// Whether the index of an archive timestamp lists an unsigned attribute, all of it.
    pub(super) fn lists(&self, token: &Value<'_>, attribute: &Attribute<'_>) -> bool {
        let listed = || -> Result<bool, CmsError> {
            let Some((index, is_v3)) = hash_index(token) else {
                return Ok(false);
            };
            let Some((algorithm, [_, _, listed])) = read_index(&index)? else {
                return Ok(false);
            };
            let mut hashes = Vec::new();
            let mut listed = listed.reader();
            while !listed.is_at_end() {
                hashes.push(listed.octet_string()?.octets()?);
            }
            let own = of_attributes(std::slice::from_ref(attribute), is_v3, algorithm);
            let is_listed =
                |digest: &Digest| hashes.iter().any(|hash| **hash == *digest.as_bytes());
            Ok(!own.is_empty() && own.iter().all(is_listed))
        };
        listed().unwrap_or(false)
    }

    /// Whether everything that the index lists is still there (§5.5.2): certificates, revocation information,
    /// and unsigned attributes, by value in version 3 and whole before.
    fn has_everything_of(&self, index: &Value<'_>, is_v3: bool) -> Result<bool, CmsError> {
        let Some((algorithm, [certificates, revocation, attributes])) = read_index(index)? else {
            return Ok(false);
        };
        let own_certificates = members(self.document.certificates_value.as_ref(), algorithm)?;
        let own_revocation = members(self.document.revocation_value.as_ref(), algorithm)?;
        let lists = [
            (certificates, own_certificates),
            (revocation, own_revocation),
            (
                attributes,
                of_attributes(&self.signer.unsigned, is_v3, algorithm),
            ),
        ];
        for (listed, present) in lists {
            let mut listed = listed.reader();
            while !listed.is_at_end() {
                let hash = listed.octet_string()?.octets()?;
                if !present
                    .iter()
                    .any(|digest| digest.as_bytes() == hash.as_ref())
                {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// The hash index of a token, and whether it is of version 3.
fn hash_index<'a>(token: &Value<'a>) -> Option<(Value<'a>, bool)> {
    let token = SignedData::read(token).ok()?;
    token
        .signers
        .first()?
        .unsigned
        .iter()
        .find_map(|attribute| {
            let is_v3 = attribute.oid == *oids::ATS_HASH_INDEX_V3;
            let is_one = is_v3 || attribute.oid == *oids::ATS_HASH_INDEX;
            Some((*attribute.values.first()?, is_v3)).filter(|_| is_one)
        })
}

/// `SEQUENCE { hashIndAlgorithm DEFAULT sha256, certificatesHashIndex, crlsHashIndex, unsignedAttr(Value)sHashIndex }`,
/// each a SEQUENCE OF OCTET STRING; none if the algorithm is unknown.
fn read_index<'a>(
    index: &Value<'a>,
) -> Result<Option<(DigestAlgorithm, [Value<'a>; 3])>, CmsError> {
    let mut fields = index.reader();
    let mut first = fields.expect(der::SEQUENCE)?;
    let mut algorithm = Some(DigestAlgorithm::Sha256);
    if first.reader().next_tag() == Some(der::OBJECT_IDENTIFIER) {
        algorithm = NamedAlgorithm::read(&first)?.digest();
        first = fields.expect(der::SEQUENCE)?;
    }
    let lists = [
        first,
        fields.expect(der::SEQUENCE)?,
        fields.expect(der::SEQUENCE)?,
    ];
    fields.finish()?;
    Ok(algorithm.map(|algorithm| (algorithm, lists)))
}

fn members(set: Option<&Value<'_>>, algorithm: DigestAlgorithm) -> Result<Vec<Digest>, CmsError> {
    let mut digests = Vec::new();
    if let Some(set) = set {
        let mut reader = set.reader();
        while !reader.is_at_end() {
            digests.push(digest(algorithm, reader.read()?.whole));
        }
    }
    Ok(digests)
}

fn of_attributes(
    unsigned: &[Attribute<'_>],
    is_v3: bool,
    algorithm: DigestAlgorithm,
) -> Vec<Digest> {
    if !is_v3 {
        let whole = unsigned.iter().map(|attribute| attribute.whole.whole);
        return whole.map(|bytes| digest(algorithm, bytes)).collect();
    }
    let of_value = |attribute: &Attribute<'_>, value: &Value<'_>| {
        let mut context = DigestContext::new(algorithm);
        context.update(&attribute.oid.to_der());
        context.update(value.whole);
        context.finish()
    };
    unsigned
        .iter()
        .flat_map(|attribute| {
            attribute
                .values
                .iter()
                .map(|value| of_value(attribute, value))
        })
        .collect()
}
