//! The value of a signature without its document: whoever keeps the document hands in the value of `Contents` and
//! the digest of what `ByteRange` covers. How much of the document that is, and what was changed after it, nobody
//! can tell from there.

use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Integrity;
use crate::signature::facts::SignatureFacts;
use crate::signature::pdf::value;
use crate::signature::seal::parse::SealSignature;

/// A value of `Contents`.
#[derive(Debug)]
pub struct PdfValue<'a>(Value<'a>);

#[derive(Debug)]
enum Value<'a> {
    Cms(Box<SignedData<'a>>),
    Seal(Box<SealSignature<'a>>),
}

impl<'a> PdfValue<'a> {
    /// Reads `bytes`, in DER or BER; zeros after it are padding.
    ///
    /// # Errors
    /// Why it is neither CMS nor an electronic seal.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let (bytes, _) = value::unpadded(bytes)?;
        let of_cms = match SignedData::parse(bytes) {
            Ok(signed) => return Ok(Self(Value::Cms(Box::new(signed)))),
            Err(error) => error,
        };
        match SealSignature::parse(bytes) {
            Ok(sealed) => Ok(Self(Value::Seal(Box::new(sealed)))),
            Err(of_seal) => Err(format!("neither CMS ({of_cms}) nor a seal ({of_seal})")),
        }
    }

    /// Which digests of the document are needed.
    #[must_use]
    pub fn needs(&self) -> ContentNeeds {
        match &self.0 {
            Value::Cms(signed) if signed.is_timestamp_token() => signed.timestamp_needs(),
            Value::Cms(signed) if signed.content().is_some() => ContentNeeds {
                digests: [DigestAlgorithm::Sha1, DigestAlgorithm::Sm3].into(),
                bytes: false,
            },
            Value::Cms(signed) => signed.needs(),
            Value::Seal(sealed) => sealed.needs(),
        }
    }

    /// Computes with it.
    #[must_use]
    pub fn facts(&self, document: &[DetachedContent]) -> Vec<SignatureFacts> {
        let mut facts = match &self.0 {
            Value::Seal(sealed) => vec![sealed.facts(document)],
            Value::Cms(signed) => {
                let mut facts = signed.facts(document);
                if let Some(content) = signed.content() {
                    let inside = content.concat();
                    let integrity = of_digest_inside(&inside, document);
                    let differing = facts
                        .iter_mut()
                        .filter(|one| one.integrity == Integrity::Intact);
                    differing.for_each(|one| one.integrity = integrity.clone());
                }
                facts
            }
        };
        for one in &mut facts {
            one.format = match self.0 {
                Value::Cms(_) => "PDF",
                Value::Seal(_) => "PDF-SES",
            }
            .to_owned();
            one.coverage = ContentCoverage::Unknown;
        }
        facts
    }
}

/// What is signed is a digest that lies inside (`adbe.pkcs7.sha1`, `GM.sm2cms.detached`).
fn of_digest_inside(inside: &[u8], document: &[DetachedContent]) -> Integrity {
    let digests: Vec<Digest> = [DigestAlgorithm::Sha1, DigestAlgorithm::Sm3]
        .into_iter()
        .filter(|algorithm| algorithm.output_bytes() == inside.len())
        .flat_map(|algorithm| document.iter().filter_map(move |one| one.digest(algorithm)))
        .collect();
    match digests.iter().any(|digest| digest.as_bytes() == inside) {
        true => Integrity::Intact,
        false if digests.is_empty() => Integrity::ContentMissing,
        false => Integrity::ContentDiffers,
    }
}
