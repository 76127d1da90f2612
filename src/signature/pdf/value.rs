//! The value of one signature: what `Contents` holds, by what `SubFilter` says it is (ISO 32000-2 §12.8.3, ETSI
//! EN 319 142-1 §6.2, GM/T 0112-2021 §6 and §7).

use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::pki::ber;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::Fault;
use crate::signature::facts::Integrity;
use crate::signature::facts::SignatureFacts;
use crate::signature::facts::TimestampFacts;
use crate::signature::pdf::byte_range::ByteRange;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::raw::RawSignature;
use crate::signature::seal::parse::SealSignature;

/// Certificates in `Cert`.
const MAX_CERTIFICATES: usize = 16;

/// What `SubFilter` says; `Filter` is the vendor's name and decides nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SubFilter {
    /// `adbe.pkcs7.detached`: CMS over the document.
    Cms,
    /// `ETSI.CAdES.detached`: the same by the rules of `PAdES`.
    Cades,
    /// `GM.sm2cms.detached`: GM/T 0010, over the document or, in spite of its name, over its digest inside.
    GmCms,
    /// `GM.sm2seal`: an electronic seal.
    GmSeal,
    /// `adbe.x509.rsa_sha1`: a bare value by PKCS #1.
    RsaSha1,
    /// `adbe.pkcs7.sha1`: CMS over the document's SHA-1 digest inside.
    Sha1Inside,
    /// `ETSI.RFC3161`: a timestamp.
    Timestamp,
}

const SUB_FILTERS: [(&str, SubFilter); 7] = [
    ("adbe.pkcs7.detached", SubFilter::Cms),
    ("adbe.pkcs7.sha1", SubFilter::Sha1Inside),
    ("adbe.x509.rsa_sha1", SubFilter::RsaSha1),
    ("ETSI.CAdES.detached", SubFilter::Cades),
    ("ETSI.RFC3161", SubFilter::Timestamp),
    ("GM.sm2cms.detached", SubFilter::GmCms),
    ("GM.sm2seal", SubFilter::GmSeal),
];

impl SubFilter {
    /// What a signature dictionary says; the name that is there where it is none of these.
    pub(super) fn of(signature: &Dictionary) -> Result<Self, String> {
        let Some(name) = signature.get("SubFilter").and_then(Object::as_name) else {
            return Err("it is missing".to_owned());
        };
        let mut known = SUB_FILTERS.iter();
        let known = known.find(|(text, _)| name.is(text));
        known.map(|(_, filter)| *filter).ok_or_else(|| {
            let name: String = name.to_string().chars().take(64).collect();
            format!("{name} is not known")
        })
    }
}

/// The bytes of `Contents` without what fills it up, and what is irregular about that: zeros are usual (ISO 32000-2
/// §12.8.1), but since nothing covers them, what is there says nothing.
pub(super) fn contents(signature: &Dictionary) -> Result<(&[u8], Option<Fault>), String> {
    let contents = signature.get("Contents").and_then(Object::as_string);
    let bytes = contents.ok_or("it is missing")?.bytes.as_slice();
    unpadded(bytes)
}

/// A value without what fills it up.
pub(super) fn unpadded(bytes: &[u8]) -> Result<(&[u8], Option<Fault>), String> {
    if bytes.iter().all(|byte| *byte == 0) {
        return Err("it holds no signature".to_owned());
    }
    let mut reader = ber::Reader::new(bytes);
    reader.read().map_err(|error| error.to_string())?;
    let padding = reader.rest();
    let fault = padding.iter().any(|byte| *byte != 0).then(|| {
        let detail = format!(
            "{} bytes follow the signature, not all of them zero",
            padding.len()
        );
        Fault::irregular("Contents", detail)
    });
    let length = bytes.len().saturating_sub(padding.len());
    Ok((bytes.get(..length).unwrap_or(bytes), fault))
}

/// What is signed: the file, as far as `range` covers it.
#[derive(Clone, Copy)]
pub(super) struct Covered<'d> {
    pub(super) file: &'d [u8],
    pub(super) range: &'d ByteRange,
}

impl Covered<'_> {
    fn content(&self, needs: &ContentNeeds) -> DetachedContent {
        self.range.content(self.file, needs)
    }

    fn digest(&self, algorithm: DigestAlgorithm) -> Option<Digest> {
        let needs = ContentNeeds {
            digests: std::iter::once(algorithm).collect(),
            bytes: false,
        };
        self.content(&needs).digest(algorithm)
    }
}

/// Computes with the value of a signature.
pub(super) fn facts(
    signature: &Dictionary,
    (value, sub_filter): (&[u8], SubFilter),
    covered: Covered<'_>,
) -> SignatureFacts {
    match sub_filter {
        SubFilter::RsaSha1 => rsa_sha1(signature, value, covered),
        SubFilter::GmSeal => match SealSignature::parse(value) {
            Ok(sealed) => sealed.facts(&[covered.content(&sealed.needs())]),
            Err(error) => SignatureFacts::malformed("PDF", "Contents", error.to_string()),
        },
        SubFilter::Cades
        | SubFilter::Cms
        | SubFilter::GmCms
        | SubFilter::Sha1Inside
        | SubFilter::Timestamp => match SignedData::parse(value) {
            Ok(signed) => cms(&signed, sub_filter, covered),
            Err(error) => SignatureFacts::malformed("PDF", "Contents", error.to_string()),
        },
    }
}

/// The timestamp in the value of a document timestamp.
pub(super) fn timestamp(value: &[u8], covered: Covered<'_>) -> Result<TimestampFacts, String> {
    let token = SignedData::parse(value).map_err(|error| error.to_string())?;
    Ok(token.timestamp(&[covered.content(&token.timestamp_needs())]))
}

fn cms(signed: &SignedData<'_>, sub_filter: SubFilter, covered: Covered<'_>) -> SignatureFacts {
    let content = signed.content().map(<[&[u8]]>::concat);
    let mut signers = match content {
        Some(_) => signed.facts(&[]),
        None => signed.facts(&[covered.content(&signed.needs())]),
    }
    .into_iter();
    let Some(mut facts) = signers.next() else {
        return SignatureFacts::malformed("PDF", "SignerInfo", "nobody signed");
    };
    for other in signers {
        // ISO 32000-2 §12.8.3.3.1: "only one single signer". Others are no better than what they say.
        let detail = "more than one signer in one signature";
        facts.faults.push(Fault::irregular("SignerInfo", detail));
        if facts.integrity == Integrity::Intact {
            facts.integrity = other.integrity;
        }
    }
    if let Some(content) = content {
        let algorithm = match sub_filter {
            SubFilter::Sha1Inside => Some(DigestAlgorithm::Sha1),
            SubFilter::GmCms => Some(DigestAlgorithm::Sm3),
            SubFilter::Cades
            | SubFilter::Cms
            | SubFilter::GmSeal
            | SubFilter::RsaSha1
            | SubFilter::Timestamp => None,
        };
        let digest = algorithm.and_then(|algorithm| covered.digest(algorithm));
        match digest {
            Some(digest) if digest.as_bytes() == content => {}
            Some(_) => facts.integrity = Integrity::ContentDiffers,
            None => {
                // ISO 32000-2 §12.8.3.3.1: "No data shall be encapsulated".
                let detail = "the signature is over content of its own, not over the document";
                facts.faults.push(Fault::broken("encapContentInfo", detail));
                facts.integrity = Integrity::ContentDiffers;
            }
        }
        facts.digest = facts.digest.or(algorithm);
    } else if sub_filter == SubFilter::Sha1Inside {
        let detail = "the digest of the document should lie inside";
        facts
            .faults
            .push(Fault::irregular("encapContentInfo", detail));
    }
    facts
}

/// ISO 32000-2 §12.8.3.2: the value is a DER OCTET STRING, `Cert` holds the certificates, the signer's first.
fn rsa_sha1(signature: &Dictionary, value: &[u8], covered: Covered<'_>) -> SignatureFacts {
    let refused = |place, detail: String| SignatureFacts::malformed("PDF", place, detail);
    let value = match der::single(value) {
        Ok(element) if element.tag == der::OCTET_STRING => element.content,
        Ok(_) => return refused("Contents", "it is no OCTET STRING".to_owned()),
        Err(error) => return refused("Contents", error.to_string()),
    };
    let strings = match signature.get("Cert") {
        Some(Object::Array(several)) => several.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let mut certificates = Vec::new();
    for string in strings.iter().take(MAX_CERTIFICATES) {
        let der = string.as_string().map(|string| string.bytes.as_slice());
        match Certificate::parse_der(der.unwrap_or_default()) {
            Ok(certificate) => certificates.push(certificate),
            Err(error) => return refused("Cert", error.to_string()),
        }
    }
    let algorithm = SignatureAlgorithm::rsa_pkcs1_with(DigestAlgorithm::Sha1);
    match RawSignature::of_octets(value, certificates, algorithm) {
        Ok(raw) => raw.facts(&[covered.content(&RawSignature::needs())]),
        Err(error) => refused("Contents", error.to_string()),
    }
}
