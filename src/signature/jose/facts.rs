//! Computes with one signature of a document: content, certificate, value, and what was added to it.

use serde_json::Map;
use serde_json::Value;

use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::DigestContext;
use crate::crypto::verify::SignatureForm;
use crate::crypto::verify::verify_signature;
use crate::encoding::base64url;
use crate::pki::certificate::Certificate;
use crate::pki::revocation::evidence::Evidence;
use crate::signature::cms::timestamp_token;
use crate::signature::cms::work::Level;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::AttributeFact;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Fault;
use crate::signature::facts::Integrity;
use crate::signature::facts::SignatureFacts;
use crate::signature::facts::TimestampFacts;
use crate::signature::facts::TimestampKind;
use crate::signature::jose::certificates::Certificates;
use crate::signature::jose::error::JoseError;
use crate::signature::jose::error::Segment;
use crate::signature::jose::etsi_u;
use crate::signature::jose::etsi_u::EtsiU;
use crate::signature::jose::level::format_of;
use crate::signature::jose::payload::Payload;
use crate::signature::jose::serialisation::Serialised;
use crate::signature::jose::serialisation::SerialisedSignature;
use crate::signature::jose::signed_header::SignedHeader;

/// A signature value: ML-DSA-87 and some room.
const MAX_VALUE_BYTES: usize = 8 * 1024;
/// Timestamps that are read of one signature.
const MAX_TIMESTAMPS: usize = 64;
/// Counter-signatures that are read of one signature.
const MAX_COUNTER_SIGNATURES: usize = 32;
/// Characters that are shown of a member.
const SHOWN_CHARACTERS: usize = 96;

/// One signature of a document: its texts, and what could be read of them.
#[derive(Debug)]
pub(super) struct JwsSignature {
    pub(super) serialised: SerialisedSignature,
    pub(super) read: Result<ReadSignature, JoseError>,
}

/// Header and value, decoded.
#[derive(Debug)]
pub(super) struct ReadSignature {
    pub(super) header: SignedHeader,
    value: Vec<u8>,
}

impl ReadSignature {
    pub(super) fn read(serialised: &SerialisedSignature) -> Result<Self, JoseError> {
        let header = SignedHeader::read(&serialised.protected, &serialised.unprotected)?;
        let value = base64url::decode(&serialised.signature, MAX_VALUE_BYTES);
        let value = value.map_err(|source| JoseError::Encoding {
            segment: Segment::Signature,
            source,
        })?;
        Ok(Self { header, value })
    }
}

/// What surrounds a signature.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    /// `payload` as it stands.
    pub(super) payload: Option<&'a str>,
    pub(super) detached: &'a [DetachedContent],
    /// Whether some signatures are over the payload in base64url and others over it as it is.
    pub(super) has_mixed_encodings: bool,
    pub(super) level: Level<'a>,
}

/// The facts of one signature.
pub(super) fn of_signature(signature: &JwsSignature, around: &Surroundings<'_>) -> SignatureFacts {
    let serialised = &signature.serialised;
    let ReadSignature { header, value } = match &signature.read {
        Ok(read) => read,
        Err(error) => return SignatureFacts::malformed("JWS", "header", error.to_string()),
    };
    let mut faults = header.faults.clone();
    if around.has_mixed_encodings {
        // RFC 7797 §3: "the same" for all signatures of a payload.
        let detail = "is not the same for all signatures";
        faults.push(Fault::broken("b64", detail));
    }
    let etsi_u = EtsiU::read(&serialised.unprotected, &mut faults);
    let values = etsi_u.values(&mut faults);
    let certificates = Certificates::pick(
        header,
        &serialised.unprotected,
        values.certificates,
        &mut faults,
    );
    let mut payload = Payload::of(header, around.payload, around.detached, &mut faults);
    let check = ValueCheck {
        header,
        protected: &serialised.protected,
        value,
        level: around.level,
    };
    let (outcome, verified) = check.run(&payload, certificates.signer.as_ref());
    let integrity = payload.integrity(outcome);
    let stamped = Stamped {
        serialised,
        header,
        etsi_u: &etsi_u,
        content: payload.timestamped(verified),
    };
    let timestamps = stamped.timestamps(around.level, &mut faults);
    SignatureFacts {
        format: format_of(&header.members, &etsi_u).to_owned(),
        coverage: payload.coverage,
        algorithm: header.algorithm.clone(),
        digest: payload.digest,
        integrity,
        signer: certificates.signer,
        certificates: certificates.others,
        reference: certificates.reference,
        evidence: Evidence::new(values.crls, values.responses.into_iter().map(Into::into)),
        claimed_at: header.claimed_at,
        timestamps,
        counter_signatures: counter_signatures(&etsi_u, serialised, value, around.level),
        faults,
        attributes: attributes(&header.members, &serialised.unprotected, &etsi_u),
        seal: None,
    }
}

/// The verification of one value.
struct ValueCheck<'a> {
    header: &'a SignedHeader,
    protected: &'a str,
    value: &'a [u8],
    level: Level<'a>,
}

impl ValueCheck<'_> {
    /// The outcome, and over which input the value is right.
    fn run(
        &self,
        payload: &Payload<'_>,
        signer: Option<&Certificate>,
    ) -> (Integrity, Option<usize>) {
        let Some(signer) = signer else {
            return (Integrity::NoCertificate, None);
        };
        let Some(algorithm) = self.header.algorithm.known else {
            return (Integrity::AlgorithmUnknown, None);
        };
        let mut outcome = Integrity::ContentMissing;
        for (place, input) in payload.inputs.iter().enumerate() {
            if !self.level.spend_signature_check() {
                return (Integrity::BudgetExhausted, None);
            }
            // RFC 7515 §5.1: ASCII(BASE64URL(header) || '.' || payload).
            let message = [self.protected.as_bytes(), b".", input.as_ref()].concat();
            let key = signer.public_key();
            let result =
                verify_signature(algorithm, key, &message, self.value, SignatureForm::Fixed);
            outcome = Integrity::of(result, key.algorithm());
            if outcome == Integrity::Intact {
                return (outcome, Some(place));
            }
            // Another input does not help a key that does not fit.
            if outcome != Integrity::ValueWrong {
                break;
            }
        }
        (outcome, None)
    }
}

/// What timestamps of a signature may cover.
struct Stamped<'a> {
    serialised: &'a SerialisedSignature,
    header: &'a SignedHeader,
    etsi_u: &'a EtsiU,
    /// The content as it was signed, where it is at hand and intact.
    content: Option<&'a [u8]>,
}

/// Components that `rfsTst` covers (ETSI TS 119 182-1 annex A.1.5.2).
const REFERENCES: &[&str] = &["xRefs", "rRefs", "axRefs", "arRefs"];
/// Components that `sigRTst` covers beside the signature value (annex A.1.5.1).
const STAMPED_WITH_REFERENCES: &[&str] = &["sigTst", "xRefs", "rRefs", "axRefs", "arRefs"];

/// What the timestamps of a component are about; none where it holds none.
fn kind_of(component: &str) -> Option<TimestampKind> {
    match component {
        "sigTst" => Some(TimestampKind::Signature),
        "arcTst" => Some(TimestampKind::Archive),
        "rfsTst" | "sigRTst" => Some(TimestampKind::References),
        _ => None,
    }
}

impl Stamped<'_> {
    fn timestamps(&self, level: Level<'_>, faults: &mut Vec<Fault>) -> Vec<TimestampFacts> {
        let content = self.header.members.get("adoTst");
        let tokens = content.map(etsi_u::tokens_of).unwrap_or_default();
        let of_content = tokens.iter().map(|token| {
            let pieces = self.content.map(|content| vec![content]);
            (TimestampKind::Content, token, pieces)
        });
        let added = self.etsi_u.components().iter().enumerate();
        let added = added.flat_map(|(place, component)| {
            let kind = kind_of(&component.name);
            let tokens = kind.map_or(&[][..], |_| etsi_u::tokens_of(&component.value));
            let kind = kind.unwrap_or(TimestampKind::Signature);
            let all = tokens.iter();
            all.map(move |token| (kind, token, self.covered(place, &component.name)))
        });
        let mut all = of_content.chain(added);
        let read = |(kind, token, pieces): (TimestampKind, &Value, Option<Vec<&[u8]>>)| {
            let covered = |algorithm| Some(digest_of(algorithm, pieces.as_ref()?));
            // What is no base64 is no token either.
            let token = etsi_u::der_of(token).unwrap_or_default();
            timestamp_token::read_within(kind, &token, &covered, level)
        };
        let found = all.by_ref().take(MAX_TIMESTAMPS).map(read).collect();
        if all.next().is_some() {
            let detail = format!("more than {MAX_TIMESTAMPS} timestamps are not read");
            faults.push(Fault::irregular("etsiU", detail));
        }
        found
    }

    /// What the timestamps of the component at `place` cover; none where that has no one form.
    fn covered(&self, place: usize, name: &str) -> Option<Vec<&[u8]>> {
        let signature = self.serialised.signature.as_bytes();
        match name {
            // ETSI TS 119 182-1 §5.3.4: the base64url of the value.
            "sigTst" => Some(vec![signature]),
            "arcTst" => self.archived(place),
            "sigRTst" => {
                let mut pieces = vec![signature, b"."];
                pieces.extend(self.components_before(place, STAMPED_WITH_REFERENCES)?);
                Some(pieces)
            }
            "rfsTst" => self.components_before(place, REFERENCES),
            _ => None,
        }
    }

    /// ETSI TS 119 182-1 §5.3.6.3: content, header, value and every component before the timestamp at `place`,
    /// where it is about all of them. Components in the clear have no one form of octets.
    fn archived(&self, place: usize) -> Option<Vec<&[u8]>> {
        let components = self.etsi_u.components();
        let scope = components.get(place)?.value.get("timeStamped");
        if scope.is_some_and(|scope| scope != "all") {
            return None;
        }
        let mut pieces: Vec<&[u8]> = vec![
            self.content?,
            b".",
            self.serialised.protected.as_bytes(),
            b".",
            self.serialised.signature.as_bytes(),
            b".",
        ];
        for component in components.get(..place)? {
            pieces.push(component.encoded.as_ref()?.as_bytes());
        }
        Some(pieces)
    }

    /// The components by `names` before `place`.
    fn components_before(&self, place: usize, names: &[&str]) -> Option<Vec<&[u8]>> {
        let before = self.etsi_u.components().get(..place)?;
        let named = before
            .iter()
            .filter(|component| names.contains(&component.name.as_str()));
        named
            .map(|component| Some(component.encoded.as_ref()?.as_bytes()))
            .collect()
    }
}

fn digest_of(algorithm: DigestAlgorithm, pieces: &[&[u8]]) -> Digest {
    let mut context = DigestContext::new(algorithm);
    for piece in pieces {
        context.update(piece);
    }
    context.finish()
}

/// `cSig` (ETSI TS 119 182-1 §5.3.2): a JWS whose payload is the signature value, most often detached.
fn counter_signatures(
    etsi_u: &EtsiU,
    serialised: &SerialisedSignature,
    value: &[u8],
    level: Level<'_>,
) -> Vec<SignatureFacts> {
    let Some(level) = level.inside() else {
        return Vec::new();
    };
    let countersigned = [value, serialised.signature.as_bytes()].map(|bytes| DetachedContent {
        bytes: Some(bytes.to_vec()),
        ..DetachedContent::default()
    });
    let components = etsi_u.components().iter();
    components
        .filter(|component| component.name == "cSig")
        .take(MAX_COUNTER_SIGNATURES)
        .flat_map(|component| match Serialised::read_value(&component.value) {
            Ok(counter) => of_counter(counter, &countersigned, level),
            Err(error) => {
                let detail = error.to_string();
                vec![SignatureFacts::malformed("JWS", "cSig", detail)]
            }
        })
        .collect()
}

fn of_counter(
    counter: Serialised,
    countersigned: &[DetachedContent],
    level: Level<'_>,
) -> Vec<SignatureFacts> {
    let inside = counter.payload.filter(|text| !text.is_empty());
    // One that brings a payload of its own has to bring this value.
    let is_about_it = inside.as_deref().is_none_or(|text| {
        countersigned
            .iter()
            .filter_map(|content| content.bytes.as_deref())
            .any(|bytes| text == base64url::encode(bytes))
    });
    let around = Surroundings {
        payload: inside.as_deref(),
        detached: countersigned,
        has_mixed_encodings: false,
        level,
    };
    let of_each = |serialised: SerialisedSignature| {
        let read = ReadSignature::read(&serialised);
        let mut facts = of_signature(&JwsSignature { serialised, read }, &around);
        facts.coverage = ContentCoverage::Partial;
        if !is_about_it {
            facts.integrity = Integrity::ContentDiffers;
        }
        facts
    };
    counter.signatures.into_iter().map(of_each).collect()
}

/// Every member, for whoever wants to see everything.
fn attributes(
    protected: &Map<String, Value>,
    unprotected: &Map<String, Value>,
    etsi_u: &EtsiU,
) -> Vec<AttributeFact> {
    let shown = |name: &str, value: &Value, signed| AttributeFact {
        name: crate::signature::jose::error::excerpt(name),
        signed,
        value: shown_value(value),
    };
    let protected = protected.iter();
    let unprotected = unprotected.iter().filter(|(name, _)| *name != "etsiU");
    let added = etsi_u.components().iter();
    protected
        .map(|(name, value)| shown(name, value, true))
        .chain(unprotected.map(|(name, value)| shown(name, value, false)))
        .chain(added.map(|component| shown(&component.name, &component.value, false)))
        .collect()
}

fn shown_value(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Bool(_) | Value::Null | Value::Number(_) | Value::Object(_) => {
            value.to_string()
        }
    };
    let mut characters = text.chars();
    let mut shown: String = characters
        .by_ref()
        .take(SHOWN_CHARACTERS)
        .flat_map(char::escape_debug)
        .collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}
