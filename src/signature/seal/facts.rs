//! Computes with a seal: content, signer, maker and timestamps.

use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::verify::SignatureForm;
use crate::crypto::verify::verify_signature;
use crate::encoding::hex;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::pki::revocation::evidence::Evidence;
use crate::signature::cms::oids;
use crate::signature::cms::timestamp_token;
use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::AlgorithmFact;
use crate::signature::facts::AttributeFact;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Fault;
use crate::signature::facts::Integrity;
use crate::signature::facts::SealFacts;
use crate::signature::facts::SignatureFacts;
use crate::signature::facts::TimestampFacts;
use crate::signature::facts::TimestampKind;
use crate::signature::seal::eseal::Seal;
use crate::signature::seal::parse::SealSignature;
use crate::signature::seal::parse::TimeInfo;
use crate::signature::seal::parse::Version;
use crate::signature::seal::value;

/// What is shown of bytes that are not text.
const SHOWN_OCTETS: usize = 64;
/// Beijing time, which keeps UTC+8 all year, in seconds.
const BEIJING_OFFSET_SECONDS: i64 = 8 * 60 * 60;

/// What is needed of the content: the digest that was signed, and that of a timestamp of version 1.
pub(super) fn needs(signature: &SealSignature<'_>) -> ContentNeeds {
    let algorithm = algorithm_of(&signature.algorithm, "signatureAlgID", &mut Vec::new());
    let mut needs = ContentNeeds::default();
    needs.digests.insert(digest_of(&algorithm));
    if let TimeInfo::Octets(token) = signature.time {
        needs
            .digests
            .extend(timestamp_token::imprint_algorithm_of(token));
    }
    needs
}

/// The facts of a signature made with a seal.
pub(super) fn of(signature: &SealSignature<'_>, detached: &[DetachedContent]) -> SignatureFacts {
    let mut faults = signature.faults.clone();
    let algorithm = algorithm_of(&signature.algorithm, "signatureAlgID", &mut faults);
    let digest_algorithm = digest_of(&algorithm);
    if signature.data_hash.len() != digest_algorithm.output_bytes() {
        let detail = format!("has not the length of a digest by {digest_algorithm}");
        faults.push(Fault::broken("dataHash", detail));
    }
    let signer = certificate(signature.certificate, "cert", &mut faults);
    let value = Value {
        algorithm: &algorithm,
        message: signature.signed,
        value: signature.value,
    };
    let is_listed = signature
        .seal
        .property
        .signers
        .include(signature.certificate);
    let seal = seal_facts(signature, is_listed, &mut faults);
    let claimed_at = claimed_at(signature, &mut faults);
    SignatureFacts {
        format: "SES".to_owned(),
        coverage: ContentCoverage::Detached,
        modifications: None,
        integrity: integrity(
            content_state(signature, digest_algorithm, detached),
            value.verify(signer.as_ref()),
        ),
        algorithm,
        digest: Some(digest_algorithm),
        reference: match (signature.version, is_listed) {
            // It stands in what was signed.
            (Version::V1, _) | (Version::V4 | Version::V5, true) => CertificateReference::Matches,
            (Version::V4 | Version::V5, false) => CertificateReference::Absent,
        },
        certificates: seal.maker.iter().cloned().collect(),
        signer,
        evidence: Evidence::default(),
        claimed_at,
        timestamps: timestamps(signature, detached),
        counter_signatures: Vec::new(),
        faults,
        attributes: attributes(signature),
        seal: Some(Box::new(seal)),
    }
}

fn seal_facts(
    signature: &SealSignature<'_>,
    signer_listed: bool,
    faults: &mut Vec<Fault>,
) -> SealFacts {
    let Seal {
        id,
        vendor,
        property,
        picture,
        maker,
        ..
    } = &signature.seal;
    let maker_algorithm = algorithm_of(&maker.algorithm, "eseal.signAlgID", faults);
    let maker_certificate = certificate(maker.certificate, "eseal.cert", faults);
    let value = Value {
        algorithm: &maker_algorithm,
        message: &maker.message,
        value: maker.value,
    };
    SealFacts {
        version: signature.version.number(),
        id: id.clone(),
        vendor: vendor.clone(),
        name: property.name.clone(),
        kind: property.kind,
        maker_integrity: value.verify(maker_certificate.as_ref()),
        maker: maker_certificate,
        maker_algorithm,
        created_at: property.created_at,
        valid_from: property.valid_from,
        valid_until: property.valid_until,
        signer_listed,
        picture: picture.clone(),
    }
}

/// The algorithm of an object identifier; the standards know SM2 with SM3 alone.
fn algorithm_of(oid: &Oid, place: &str, faults: &mut Vec<Fault>) -> AlgorithmFact {
    if *oid == *oids::SM2_SIGNATURE || *oid == *oids::SM2_CURVE {
        let detail = "names SM2 without its digest";
        faults.push(Fault::irregular(place, detail));
        return SignatureAlgorithm::Sm2Sm3.into();
    }
    let name = oid.to_string();
    match SignatureAlgorithm::from_oid(&name, None) {
        Some(known) => known.into(),
        None => AlgorithmFact { known: None, name },
    }
}

/// By what the content is digested: SM3, unless the signature's algorithm says otherwise.
fn digest_of(algorithm: &AlgorithmFact) -> DigestAlgorithm {
    algorithm
        .known
        .map_or(DigestAlgorithm::Sm3, |known| known.digest())
}

fn certificate(bytes: &[u8], place: &str, faults: &mut Vec<Fault>) -> Option<Certificate> {
    match Certificate::parse_der(bytes) {
        Ok(certificate) => Some(certificate),
        Err(error) => {
            faults.push(Fault::irregular(place, error.to_string()));
            None
        }
    }
}

/// The verification of one value.
struct Value<'a> {
    algorithm: &'a AlgorithmFact,
    message: &'a [u8],
    value: &'a [u8],
}

impl Value<'_> {
    fn verify(&self, certificate: Option<&Certificate>) -> Integrity {
        let Some(certificate) = certificate else {
            return Integrity::NoCertificate;
        };
        let Some(algorithm) = self.algorithm.known else {
            return Integrity::AlgorithmUnknown;
        };
        let key = certificate.public_key();
        let form = SignatureForm::Der;
        let outcome = verify_signature(algorithm, key, self.message, self.value, form);
        Integrity::of(outcome, key.algorithm())
    }
}

/// What is known of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ContentState {
    Differs,
    Fits,
    Missing,
}

fn content_state(
    signature: &SealSignature<'_>,
    algorithm: DigestAlgorithm,
    detached: &[DetachedContent],
) -> ContentState {
    let mut digests = detached.iter().filter_map(|one| one.digest(algorithm));
    let is_signed = |digest: &Digest| digest.as_bytes() == signature.data_hash;
    match digests.next() {
        None => ContentState::Missing,
        Some(first) if is_signed(&first) || digests.any(|digest| is_signed(&digest)) => {
            ContentState::Fits
        }
        Some(_) => ContentState::Differs,
    }
}

/// Content and value together; a value that is wrong is wrong whatever the content.
fn integrity(content: ContentState, value: Integrity) -> Integrity {
    match (content, value) {
        (ContentState::Differs, _) => Integrity::ContentDiffers,
        (ContentState::Missing, Integrity::Intact) => Integrity::ContentMissing,
        (ContentState::Fits | ContentState::Missing, value) => value,
    }
}

/// When it says it was made. Version 1 has text, which real products write without a zone, or a timestamp.
fn claimed_at(signature: &SealSignature<'_>, faults: &mut Vec<Fault>) -> Option<Timestamp> {
    let read = match signature.time {
        TimeInfo::Element(element) => value::time_of(&element),
        TimeInfo::Octets(octets) if is_token(octets) => return None,
        TimeInfo::Octets(octets) => time_of_text(octets, faults),
    };
    if read.is_none() {
        let detail = "not a time as the standard writes it";
        faults.push(Fault::irregular("timeInfo", detail));
    }
    read
}

/// `YYYYMMDDHHMMSSZ`, `YYMMDDHHMMSSZ`, or `YYYY-MM-DD HH:MM:SS`, which is taken for Beijing time and told.
fn time_of_text(octets: &[u8], faults: &mut Vec<Fault>) -> Option<Timestamp> {
    let as_time = |tag| {
        let element = der::encode(tag, octets);
        value::time_of(&der::single(&element).ok()?)
    };
    if let Some(time) = as_time(der::GENERALIZED_TIME).or_else(|| as_time(der::UTC_TIME)) {
        return Some(time);
    }
    let (day, hour) = std::str::from_utf8(octets).ok()?.split_once(' ')?;
    let as_utc = Timestamp::parse(&format!("{day}T{hour}Z")).ok()?;
    let seconds = as_utc
        .as_unix_seconds()
        .checked_sub(BEIJING_OFFSET_SECONDS)?;
    let detail = "has no time zone; read as Beijing time";
    faults.push(Fault::irregular("timeInfo", detail));
    Timestamp::from_unix_seconds(seconds)
}

/// Whether `timeInfo` of version 1 holds a timestamp token, which is a SEQUENCE, and no text.
fn is_token(octets: &[u8]) -> bool {
    octets.first() == Some(&der::SEQUENCE)
}

/// Of version 1 the one in place of the time, which was there before what it was signed with; later versions have
/// one of the signature's value.
fn timestamps(signature: &SealSignature<'_>, detached: &[DetachedContent]) -> Vec<TimestampFacts> {
    let of_content = match signature.time {
        TimeInfo::Octets(octets) => is_token(octets).then(|| {
            let covered = |algorithm| detached.iter().find_map(|one| one.digest(algorithm));
            timestamp_token::read_bytes(TimestampKind::Content, octets, &covered)
        }),
        TimeInfo::Element(_) => None,
    };
    let of_value = signature.timestamp.map(|token| {
        let covered = |algorithm| Some(digest(algorithm, signature.value));
        timestamp_token::read_bytes(TimestampKind::Signature, token, &covered)
    });
    of_content.into_iter().chain(of_value).collect()
}

fn attributes(signature: &SealSignature<'_>) -> Vec<AttributeFact> {
    let seal = &signature.seal;
    let list = |oids: &[Oid]| {
        let names: Vec<String> = oids.iter().map(Oid::to_string).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let token = seal.timestamp.map(|token| {
        let shown = token.get(..SHOWN_OCTETS).unwrap_or(token);
        format!("{}…", hex::encode(shown))
    });
    let picture = &seal.picture;
    let picture = format!(
        "{}, {} bytes, {} × {} mm",
        picture.format, picture.size_bytes, picture.width_mm, picture.height_mm
    );
    let found = [
        ("propertyInfo", Some(signature.property_info.clone())),
        ("header.Vid", Some(seal.vendor.clone())),
        ("property.type", Some(seal.property.kind.to_string())),
        (
            "property.createDate",
            Some(seal.property.created_at.to_string()),
        ),
        ("picture", Some(picture)),
        ("toSign.extDatas", list(&signature.extensions)),
        ("eSealInfo.extDatas", list(&seal.extensions)),
        ("eseal.timeStamp", token),
    ];
    let found = found.into_iter();
    found
        .filter_map(|(name, value)| {
            Some(AttributeFact {
                name: name.to_owned(),
                signed: true,
                value: value?,
            })
        })
        .collect()
}
