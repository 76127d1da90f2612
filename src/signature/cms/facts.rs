//! Computes with one signer: content, attributes, certificate and value (RFC 5652 §5.4, §5.6).

use std::borrow::Cow;

use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::verify::SignatureForm;
use crate::crypto::verify::VerifyError;
use crate::crypto::verify::verify_signature;
use crate::pki::certificate::Certificate;
use crate::pki::revocation::evidence::Evidence;
use crate::signature::cms::archive;
use crate::signature::cms::attribute;
use crate::signature::cms::attribute::SignedFacts;
use crate::signature::cms::level::format_of;
use crate::signature::cms::oids;
use crate::signature::cms::signed_data::Content;
use crate::signature::cms::signed_data::Dialect;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::cms::signer_info;
use crate::signature::cms::signer_info::Attribute;
use crate::signature::cms::signer_info::NamedAlgorithm;
use crate::signature::cms::signer_info::SignerInfo;
use crate::signature::cms::timestamp_token;
use crate::signature::cms::work::Level;
use crate::signature::detached::ContentNeeds;
use crate::signature::facts::AlgorithmFact;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Fault;
use crate::signature::facts::Imprint;
use crate::signature::facts::Integrity;
use crate::signature::facts::SignatureFacts;
use crate::signature::facts::TimestampFacts;
use crate::signature::facts::TimestampKind;

/// Certificates that may all be meant by one signer, as issuer and serial number can be copied.
const MAX_CANDIDATES: usize = 4;
/// Timestamps and counter-signatures that are read of one signer, of each kind.
const MAX_OF_EACH: usize = 32;

/// What a signer needs of content that stands apart.
pub(super) fn needs_of(signer: &SignerInfo<'_>) -> ContentNeeds {
    let mut needs = ContentNeeds::default();
    match &signer.signed {
        Some(signed) => {
            needs.digests.extend(signer.digest.digest());
            for attribute in &signed.list {
                if attribute.oid == *oids::CONTENT_TIMESTAMP {
                    let tokens = attribute.values.iter();
                    needs
                        .digests
                        .extend(tokens.filter_map(timestamp_token::imprint_algorithm));
                }
            }
        }
        None => needs.bytes = true,
    }
    for attribute in &signer.unsigned {
        if attribute.oid == *oids::ARCHIVE_TIMESTAMP_V3 {
            let tokens = attribute.values.iter();
            needs
                .digests
                .extend(tokens.filter_map(timestamp_token::imprint_algorithm));
        }
    }
    needs
}

/// The facts of one signer of `document`.
pub(super) fn of_signer(
    document: &SignedData<'_>,
    signer: &SignerInfo<'_>,
    content: &Content<'_>,
    level: Level<'_>,
) -> SignatureFacts {
    let mut signed = SignedFacts::read(signer.signed_attributes());
    let mut facts = of_value(document, (signer, &mut signed), content, level);
    facts.format = match document.dialect {
        Dialect::Gmt0010 => "CMS",
        Dialect::Cms => format_of(&signed, &signer.unsigned, document.embedded.has_evidence()),
    }
    .to_owned();
    match (&signer.signed, &signed.content_type) {
        (Some(_), None) => {
            // RFC 5652 §11.1: "MUST be present whenever signed attributes are present".
            let detail = "the signed attributes do not say what type of content they are about";
            facts.faults.push(Fault::broken("contentType", detail));
        }
        (Some(_), Some(signed_type)) if *signed_type != document.content_type => {
            let detail = format!(
                "{signed_type} was signed, {} is there",
                document.content_type
            );
            facts.faults.push(Fault::broken("contentType", detail));
        }
        (Some(_), Some(_)) => {}
        (None, _) => facts.faults.extend(attributes_as_content(content)),
    }
    for attribute in &signer.unsigned {
        if attribute.oid == *oids::EVIDENCE_RECORD
            || attribute.oid == *oids::EVIDENCE_RECORD_EXTERNAL
        {
            let detail = "evidence records (RFC 4998) are not examined";
            facts.faults.push(Fault::irregular(
                &attribute::name_of(&attribute.oid),
                detail,
            ));
        }
    }
    facts.counter_signatures = counter_signatures(document, signer, level);
    facts.timestamps = timestamps(document, signer, content, level);
    facts
}

/// Content that reads as signed attributes, without any beside it: the signature over attributes may have been
/// taken for one over content, since both are signed alike (RFC 5652 §5.4).
fn attributes_as_content(content: &Content<'_>) -> Option<Fault> {
    let bytes = content.bytes()?;
    let reads_so = signer_info::reads_as_attributes(&bytes, oids::MESSAGE_DIGEST);
    reads_so.then(|| {
        let detail = "the content is what signed attributes look like";
        Fault::broken("signedAttrs", detail)
    })
}

/// Everything but what the surroundings add: also for counter-signatures. The faults of `signed` are taken over.
fn of_value(
    document: &SignedData<'_>,
    (signer, signed): (&SignerInfo<'_>, &mut SignedFacts),
    content: &Content<'_>,
    level: Level<'_>,
) -> SignatureFacts {
    let mut faults = std::mem::take(&mut signed.faults);
    faults.extend(document.irregular.iter().cloned());
    let mut embedded = document.embedded.clone();
    embedded.take_attributes(&signer.unsigned);
    let left_out = embedded.left_out.iter();
    faults.extend(left_out.map(|detail| Fault::irregular("certificates", detail.as_str())));

    let digest_algorithm = signer.digest.digest();
    let algorithm = Algorithm::of(signer, digest_algorithm, &mut faults);
    check_protection(signer, signed, &mut faults);

    let (named, others): (Vec<Certificate>, Vec<Certificate>) = embedded
        .certificates
        .into_iter()
        .partition(|certificate| signer.id.names(certificate));
    let mut candidates = named;
    // The one that the attributes name is tried first.
    candidates
        .sort_by_key(|candidate| signed.reference_to(candidate) != CertificateReference::Matches);
    let check = ValueCheck {
        signer,
        signed,
        content,
        algorithm: &algorithm,
        digest: digest_algorithm,
    };
    let verified = check.run(&candidates, level);
    faults.extend(verified.faults);
    let place = verified.place.unwrap_or(0);
    let chosen = (place < candidates.len()).then(|| candidates.remove(place));
    if !candidates.is_empty() {
        let detail = "several certificates bear the issuer and serial number that the signer names";
        faults.push(Fault::irregular("sid", detail));
    }
    let reference = match &chosen {
        Some(certificate) => signed.reference_to(certificate),
        None if signed.certificates.is_empty() => CertificateReference::Absent,
        None => CertificateReference::Matches,
    };
    if let (CertificateReference::Matches, Some(certificate)) = (reference, &chosen) {
        faults.extend(signed.irregular_reference(certificate));
    }
    let shown = |list: &[Attribute<'_>], is_signed| -> Vec<_> {
        list.iter()
            .map(|one| attribute::shown(one, is_signed))
            .collect()
    };
    let mut attributes_shown = shown(signer.signed_attributes(), true);
    attributes_shown.extend(shown(&signer.unsigned, false));
    candidates.extend(others);
    SignatureFacts {
        format: "CMS".to_owned(),
        coverage: match content.is_inside() {
            true => ContentCoverage::Whole,
            false => ContentCoverage::Detached,
        },
        algorithm: algorithm.fact,
        digest: digest_algorithm,
        integrity: verified.integrity,
        signer: chosen,
        certificates: candidates,
        reference,
        evidence: Evidence::new(
            embedded.crls,
            embedded.responses.into_iter().map(Into::into),
        ),
        claimed_at: signed.signing_time,
        timestamps: Vec::new(),
        counter_signatures: Vec::new(),
        faults,
        attributes: attributes_shown,
        seal: None,
    }
}

/// RFC 6211 §2: the algorithms that were signed are those that are used.
fn check_protection(signer: &SignerInfo<'_>, signed: &SignedFacts, faults: &mut Vec<Fault>) {
    let Some(protection) = &signed.protection else {
        return;
    };
    let same = |one: &NamedAlgorithm, other: &NamedAlgorithm| {
        const NULL: &[u8] = &[0x05, 0x00];
        let parameters = |of: &NamedAlgorithm| of.parameters.clone().filter(|der| der != NULL);
        one.oid == other.oid && parameters(one) == parameters(other)
    };
    let is_signature_same = protection
        .signature
        .as_ref()
        .is_some_and(|algorithm| same(algorithm, &signer.algorithm));
    if !is_signature_same || !same(&protection.digest, &signer.digest) {
        let detail = "the algorithms that were signed are not those that are used";
        faults.push(Fault::broken("cmsAlgorithmProtection", detail));
    }
}

/// How a value is computed.
struct Algorithm {
    fact: AlgorithmFact,
    form: SignatureForm,
}

/// ECDSA with r ‖ s in fixed length (BSI TR-03111 §5.2.1.1, "ecdsa-plain").
const PLAIN_ECDSA: &[(&str, DigestAlgorithm)] = &[
    ("0.4.0.127.0.7.1.1.4.1.1", DigestAlgorithm::Sha1),
    ("0.4.0.127.0.7.1.1.4.1.2", DigestAlgorithm::Sha224),
    ("0.4.0.127.0.7.1.1.4.1.3", DigestAlgorithm::Sha256),
    ("0.4.0.127.0.7.1.1.4.1.4", DigestAlgorithm::Sha384),
    ("0.4.0.127.0.7.1.1.4.1.5", DigestAlgorithm::Sha512),
];

impl Algorithm {
    /// The algorithm of a signer's two fields taken together.
    fn of(
        signer: &SignerInfo<'_>,
        digest: Option<DigestAlgorithm>,
        faults: &mut Vec<Fault>,
    ) -> Self {
        let named = &signer.algorithm;
        let (known, form) = known_algorithm(named, digest, faults);
        if let (Some(known), Some(digest)) = (known, digest)
            && known.digest() != digest
        {
            let detail = format!("{known} stands beside the digest {digest}");
            faults.push(match (known, &signer.signed) {
                // GM/T 0010 §8: SM2 goes with SM3 alone. Without attributes the content's digest is what the
                // signature is made of (RFC 5652 §5.4), and there cannot be two.
                (SignatureAlgorithm::Sm2Sm3, _) => Fault::broken("digestAlgorithm", detail),
                (SignatureAlgorithm::Ed25519 | SignatureAlgorithm::Ed448, None) => {
                    Fault::irregular("digestAlgorithm", detail)
                }
                (_, None) => Fault::broken("digestAlgorithm", detail),
                (_, Some(_)) => Fault::irregular("digestAlgorithm", detail),
            });
        }
        let fact = match known {
            Some(known) => AlgorithmFact::from(known),
            None => AlgorithmFact {
                known: None,
                name: named.oid.to_string(),
            },
        };
        Self { fact, form }
    }
}

fn known_algorithm(
    named: &NamedAlgorithm,
    digest: Option<DigestAlgorithm>,
    faults: &mut Vec<Fault>,
) -> (Option<SignatureAlgorithm>, SignatureForm) {
    let oid = named.oid.to_string();
    let by_digest = |with: fn(DigestAlgorithm) -> Option<SignatureAlgorithm>| digest.and_then(with);
    let known = match oid.as_str() {
        oids::RSA_ENCRYPTION => by_digest(SignatureAlgorithm::rsa_pkcs1_with),
        oids::EC_PUBLIC_KEY => {
            let detail = "names a kind of key instead of an algorithm";
            faults.push(Fault::irregular("signatureAlgorithm", detail));
            by_digest(SignatureAlgorithm::ecdsa_with)
        }
        oids::SM2_SIGNATURE => Some(SignatureAlgorithm::Sm2Sm3),
        oids::SM2_CURVE => {
            let detail = "names the curve of SM2 instead of its signature";
            faults.push(Fault::irregular("signatureAlgorithm", detail));
            Some(SignatureAlgorithm::Sm2Sm3)
        }
        other => {
            let plain = PLAIN_ECDSA.iter().find(|(known, _)| *known == other);
            if let Some((_, digest)) = plain {
                return (
                    SignatureAlgorithm::ecdsa_with(*digest),
                    SignatureForm::Fixed,
                );
            }
            let parameters = named.parameters.as_deref();
            SignatureAlgorithm::from_oid(other, parameters).or_else(|| {
                // ECDSA and EdDSA have none; a NULL changes nothing.
                let without = SignatureAlgorithm::from_oid(other, None)?;
                let is_null = parameters == Some(&[0x05, 0x00]);
                is_null.then(|| {
                    let detail = "parameters are NULL where there are none";
                    faults.push(Fault::irregular("signatureAlgorithm", detail));
                    without
                })
            })
        }
    };
    (known, SignatureForm::Der)
}

/// The verification of one value.
struct ValueCheck<'a, 'b> {
    signer: &'a SignerInfo<'b>,
    signed: &'a SignedFacts,
    content: &'a Content<'a>,
    algorithm: &'a Algorithm,
    digest: Option<DigestAlgorithm>,
}

struct Verified {
    integrity: Integrity,
    /// Which candidate's key it was.
    place: Option<usize>,
    faults: Vec<Fault>,
}

impl ValueCheck<'_, '_> {
    fn run(&self, candidates: &[Certificate], level: Level<'_>) -> Verified {
        let mut faults = Vec::new();
        let content = self.check_content(&mut faults);
        let mut verified = self.check_value(candidates, level, &mut faults);
        verified.faults = faults;
        match (content, &verified.integrity) {
            // A value that is wrong is wrong whatever the content.
            (ContentState::Missing, Integrity::Intact | Integrity::ContentMissing) => {
                verified.integrity = Integrity::ContentMissing;
            }
            (ContentState::Differs, _) => verified.integrity = Integrity::ContentDiffers,
            (ContentState::DigestUnknown, Integrity::Intact) => {
                verified.integrity = Integrity::AlgorithmUnknown;
            }
            (ContentState::Unbound, Integrity::Intact) => {
                verified.integrity = Integrity::ValueWrong
            }
            _ => {}
        }
        verified
    }

    /// Whether the content is what the attributes say was signed; without attributes the value says so.
    fn check_content(&self, faults: &mut Vec<Fault>) -> ContentState {
        if self.signer.signed.is_none() {
            return ContentState::SignedItself;
        }
        let Some(signed_digest) = &self.signed.message_digest else {
            // RFC 5652 §5.3: present with signed attributes. Nothing binds the content.
            let detail = "the signed attributes hold no digest of the content";
            faults.push(Fault::broken("messageDigest", detail));
            return ContentState::Unbound;
        };
        let Some(algorithm) = self.digest else {
            return ContentState::DigestUnknown;
        };
        match self.content.digest(algorithm, Some(signed_digest)) {
            Some(digest) if digest.as_bytes() == signed_digest => ContentState::Fits,
            Some(_) => ContentState::Differs,
            None => ContentState::Missing,
        }
    }

    fn check_value(
        &self,
        candidates: &[Certificate],
        level: Level<'_>,
        faults: &mut Vec<Fault>,
    ) -> Verified {
        let undecided = |integrity| Verified {
            integrity,
            place: None,
            faults: Vec::new(),
        };
        let messages = match &self.signer.signed {
            Some(signed) => {
                let der = Cow::Borrowed(signed.der.as_slice());
                let written = signed
                    .as_written
                    .iter()
                    .map(|one| Cow::Borrowed(one.as_slice()));
                std::iter::once(der).chain(written).collect()
            }
            None => match self.content.bytes() {
                Some(bytes) => vec![bytes],
                None if candidates.is_empty() => return undecided(Integrity::NoCertificate),
                None => return undecided(Integrity::ContentMissing),
            },
        };
        if candidates.is_empty() {
            return undecided(Integrity::NoCertificate);
        }
        let Some(algorithm) = self.algorithm.fact.known else {
            return undecided(Integrity::AlgorithmUnknown);
        };
        if messages.len() > 1 {
            let detail = "the attributes are not in the order of DER";
            faults.push(Fault::irregular("signedAttrs", detail));
        }
        let mut first = None;
        for (place, candidate) in candidates.iter().take(MAX_CANDIDATES).enumerate() {
            for message in &messages {
                if !level.spend_signature_check() {
                    return undecided(Integrity::BudgetExhausted);
                }
                let key = candidate.public_key();
                let (value, form) = (self.signer.value.as_ref(), self.algorithm.form);
                let outcome = verify_signature(algorithm, key, message, value, form);
                let is_intact = outcome.is_ok();
                let integrity = Integrity::of(outcome, key.algorithm());
                if is_intact {
                    return Verified {
                        integrity,
                        place: Some(place),
                        faults: Vec::new(),
                    };
                }
                first.get_or_insert(integrity);
                // Another message does not help a key that does not fit.
                if !matches!(outcome, Err(VerifyError::BadSignature)) {
                    break;
                }
            }
        }
        undecided(first.unwrap_or(Integrity::NoCertificate))
    }
}

/// What is known of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ContentState {
    Differs,
    DigestUnknown,
    Fits,
    Missing,
    SignedItself,
    Unbound,
}

/// RFC 5652 §11.4: each value is a `SignerInfo` over the value of this signer.
fn counter_signatures(
    document: &SignedData<'_>,
    signer: &SignerInfo<'_>,
    level: Level<'_>,
) -> Vec<SignatureFacts> {
    let Some(level) = level.inside() else {
        return Vec::new();
    };
    let values = signer
        .unsigned
        .iter()
        .filter(|attribute| attribute.oid == *oids::COUNTER_SIGNATURE)
        .flat_map(|attribute| &attribute.values);
    let value = [signer.value.as_ref()];
    values
        .take(MAX_OF_EACH)
        .map(|found| match SignerInfo::read(found) {
            Ok(counter) => {
                let content = Content::inside(&value);
                let mut signed = SignedFacts::read(counter.signed_attributes());
                let mut facts = of_value(document, (&counter, &mut signed), &content, level);
                facts.coverage = ContentCoverage::Partial;
                facts.counter_signatures = counter_signatures(document, &counter, level);
                facts.timestamps = timestamps(document, &counter, &content, level);
                facts
            }
            Err(error) => SignatureFacts::malformed("CMS", "countersignature", error.to_string()),
        })
        .collect()
}

fn timestamps(
    document: &SignedData<'_>,
    signer: &SignerInfo<'_>,
    content: &Content<'_>,
    level: Level<'_>,
) -> Vec<TimestampFacts> {
    let mut found = Vec::new();
    for attribute in signer.signed_attributes().iter().chain(&signer.unsigned) {
        let kind = if attribute.oid == *oids::CONTENT_TIMESTAMP {
            TimestampKind::Content
        } else if attribute.oid == *oids::SIGNATURE_TIMESTAMP {
            TimestampKind::Signature
        } else if attribute.oid == *oids::CADES_C_TIMESTAMP
            || attribute.oid == *oids::REFERENCES_TIMESTAMP
        {
            TimestampKind::References
        } else if attribute.oid == *oids::ARCHIVE_TIMESTAMP_V2
            || attribute.oid == *oids::ARCHIVE_TIMESTAMP_V3
        {
            TimestampKind::Archive
        } else {
            continue;
        };
        for token in attribute.values.iter().take(MAX_OF_EACH) {
            let covered = |algorithm| match kind {
                TimestampKind::Content => content.digest(algorithm, None),
                TimestampKind::Signature => Some(digest(algorithm, &signer.value)),
                TimestampKind::Archive if attribute.oid == *oids::ARCHIVE_TIMESTAMP_V3 => {
                    archive::Archived {
                        document,
                        signer,
                        content,
                    }
                    .digest(token, algorithm)
                }
                // What these cover depends on how the writer encoded it; the signature's own timestamp says
                // as much.
                TimestampKind::Archive | TimestampKind::Document | TimestampKind::References => {
                    None
                }
            };
            found.push((
                attribute,
                token,
                timestamp_token::read(kind, token, &covered, level),
            ));
        }
    }
    let archived = archive::Archived {
        document,
        signer,
        content,
    };
    let covers: Vec<Vec<usize>> = found
        .iter()
        .map(|(_, token, facts)| match facts.imprint {
            Imprint::Matches if facts.kind == TimestampKind::Archive => {
                let is_covered = |of: &Attribute<'_>| archived.lists(token, of);
                let places = found.iter().enumerate();
                places
                    .filter(|(_, (of, ..))| is_covered(of))
                    .map(|(place, _)| place)
                    .collect()
            }
            Imprint::Matches | Imprint::Differs | Imprint::Unknown => Vec::new(),
        })
        .collect();
    let facts = found.into_iter().zip(covers);
    facts
        .map(|((.., facts), covers)| TimestampFacts { covers, ..facts })
        .collect()
}
