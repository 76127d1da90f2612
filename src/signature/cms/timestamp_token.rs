//! Timestamp tokens (RFC 3161 §2.4.2): a `SignedData` over `TSTInfo`, alone or inside another signature.

use crate::clock::Timestamp;
use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::encoding::hex;
use crate::pki::ber;
use crate::pki::ber::Reader;
use crate::pki::ber::Value;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::signature::cms::error::CmsError;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::cms::signer_info::NamedAlgorithm;
use crate::signature::cms::work::Level;
use crate::signature::cms::work::Work;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::AttributeFact;
use crate::signature::facts::Imprint;
use crate::signature::facts::SignatureFacts;
use crate::signature::facts::TimestampFacts;
use crate::signature::facts::TimestampKind;

/// The digest, by an algorithm, of what a timestamp should cover; none where it is not known.
pub(in crate::signature) type Covered<'a> = dyn Fn(DigestAlgorithm) -> Option<Digest> + 'a;

/// `TSTInfo` (RFC 3161 §2.4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TstInfo {
    /// Under which policy of the authority.
    pub policy: Oid,
    /// The digest's algorithm; none if we do not know it.
    pub imprint_algorithm: Option<DigestAlgorithm>,
    /// The digest.
    pub imprint: Vec<u8>,
    /// The contents octets of the serial number.
    pub serial: Vec<u8>,
    /// When, by the authority's clock.
    pub time: Timestamp,
    /// The nonce of the request, contents octets.
    pub nonce: Option<Vec<u8>>,
}

impl TstInfo {
    /// Reads `bytes`, all of them.
    ///
    /// # Errors
    /// [`TstInfoError`] names the field that is not as RFC 3161 has it.
    pub fn parse(bytes: &[u8]) -> Result<Self, TstInfoError> {
        let mut fields = ber::single(bytes)?.expect_tag(der::SEQUENCE)?.reader();
        if fields.expect(der::INTEGER)?.content != [1] {
            return Err(TstInfoError::Version);
        }
        let policy = Oid::from_der_content(fields.expect(der::OBJECT_IDENTIFIER)?.content)?;
        let mut imprint = fields.expect(der::SEQUENCE)?.reader();
        let algorithm = NamedAlgorithm::read(&imprint.expect(der::SEQUENCE)?)?.digest();
        let hash = imprint.octet_string()?.octets()?.into_owned();
        imprint.finish()?;
        if algorithm.is_some_and(|algorithm| algorithm.output_bytes() != hash.len()) {
            return Err(TstInfoError::Imprint);
        }
        let serial = fields.expect(der::INTEGER)?.content.to_vec();
        let time = generalized_time(&fields.expect(der::GENERALIZED_TIME)?);
        let nonce = remaining(fields)?;
        Ok(Self {
            policy,
            imprint_algorithm: algorithm,
            imprint: hash,
            serial,
            time: time.ok_or(TstInfoError::Time)?,
            nonce,
        })
    }
}

/// `accuracy SEQUENCE OPTIONAL, ordering BOOLEAN DEFAULT FALSE, nonce INTEGER OPTIONAL, tsa [0] OPTIONAL,
/// extensions [1] OPTIONAL`, of which the nonce is given. No extension is known here, and one that is critical
/// refuses.
fn remaining(mut fields: Reader<'_>) -> Result<Option<Vec<u8>>, TstInfoError> {
    fields.optional(der::SEQUENCE)?;
    fields.optional(der::BOOLEAN)?;
    let nonce = fields.optional(der::INTEGER)?;
    fields.optional(der::context_constructed(0))?;
    if let Some(extensions) = fields.optional(der::context_constructed(1))? {
        let mut extensions = extensions.reader();
        while !extensions.is_at_end() {
            let mut extension = extensions.expect(der::SEQUENCE)?.reader();
            extension.expect(der::OBJECT_IDENTIFIER)?;
            let critical = extension.optional(der::BOOLEAN)?;
            if critical.is_some_and(|critical| critical.content != [0]) {
                return Err(TstInfoError::CriticalExtension);
            }
        }
    }
    fields.finish()?;
    Ok(nonce.map(|nonce| nonce.content.to_vec()))
}

/// Why bytes are no `TSTInfo`.
#[derive(Debug, thiserror::Error)]
pub enum TstInfoError {
    /// Structure or encoding.
    #[error(transparent)]
    Cms(#[from] CmsError),
    /// RFC 5280 §4.2: what is critical and unknown refuses.
    #[error("an unknown extension is critical")]
    CriticalExtension,
    /// The digest has not the length of its algorithm's.
    #[error("messageImprint has not the length of its algorithm's digests")]
    Imprint,
    /// RFC 3161 §2.4.2: `YYYYMMDDhhmmss[.s...]Z`.
    #[error("genTime is not a time as RFC 3161 writes it")]
    Time,
    /// There is version 1 alone.
    #[error("unknown version of TSTInfo")]
    Version,
}

impl From<ber::BerError> for TstInfoError {
    fn from(error: ber::BerError) -> Self {
        Self::Cms(error.into())
    }
}

impl From<crate::pki::oid::OidError> for TstInfoError {
    fn from(error: crate::pki::oid::OidError) -> Self {
        Self::Cms(error.into())
    }
}

/// `YYYYMMDDhhmmss[.s...]Z`; what is finer than a microsecond is cut off.
fn generalized_time(value: &Value<'_>) -> Option<Timestamp> {
    let text = std::str::from_utf8(value.content).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.is_empty() || !is_digits(fraction) || !is_digits(whole) {
        return None;
    }
    let element = der::encode(der::GENERALIZED_TIME, format!("{whole}Z").as_bytes());
    let seconds = crate::pki::asn1_time::generalized_time(&der::single(&element).ok()?)?;
    let mut micros: String = fraction.chars().take(6).collect();
    while micros.len() < 6 {
        micros.push('0');
    }
    Timestamp::from_micros(seconds.as_micros().checked_add(micros.parse().ok()?)?)
}

/// The algorithm of a token's imprint, if it can be read.
pub(super) fn imprint_algorithm(token: &Value<'_>) -> Option<DigestAlgorithm> {
    let token = SignedData::read(token).ok()?;
    TstInfo::parse(&token.tst_info()?).ok()?.imprint_algorithm
}

/// Reads a token that stands in another signature, in any encoding of it.
///
/// `covered` gives the digest of what it should cover. `nested_in` another document's budget.
pub(super) fn read(
    kind: TimestampKind,
    token: &Value<'_>,
    covered: &Covered<'_>,
    level: Level<'_>,
) -> TimestampFacts {
    let Some(level) = level.inside() else {
        return malformed(kind, "timestamps are nested too deep".to_owned());
    };
    match SignedData::read(token) {
        Ok(token) => of_token(kind, &token, covered, level),
        Err(error) => malformed(kind, error.to_string()),
    }
}

/// Reads a token that stands in a document of another format than CMS.
#[must_use]
pub fn read_bytes(
    kind: TimestampKind,
    token: &[u8],
    covered: &dyn Fn(DigestAlgorithm) -> Option<Digest>,
) -> TimestampFacts {
    let work = Work::new();
    read_within(kind, token, covered, work.outermost())
}

/// [`read_bytes`] on the budget of the document that it stands in.
pub(in crate::signature) fn read_within(
    kind: TimestampKind,
    token: &[u8],
    covered: &Covered<'_>,
    level: Level<'_>,
) -> TimestampFacts {
    match ber::single(token) {
        Ok(value) => read(kind, &value, covered, level),
        Err(error) => malformed(kind, error.to_string()),
    }
}

/// The algorithm of the imprint of a token that stands in a document of another format.
#[must_use]
pub fn imprint_algorithm_of(token: &[u8]) -> Option<DigestAlgorithm> {
    imprint_algorithm(&ber::single(token).ok()?)
}

/// A token that was handed in alone.
pub(super) fn alone(
    token: &SignedData<'_>,
    covered: &[DetachedContent],
    level: Level<'_>,
) -> TimestampFacts {
    let digest = |algorithm| covered.iter().find_map(|content| content.digest(algorithm));
    of_token(TimestampKind::Document, token, &digest, level)
}

fn of_token(
    kind: TimestampKind,
    token: &SignedData<'_>,
    covered: &Covered<'_>,
    level: Level<'_>,
) -> TimestampFacts {
    let Some(bytes) = token.tst_info() else {
        return malformed(
            kind,
            format!("content of type {} is no timestamp", token.content_type),
        );
    };
    let info = match TstInfo::parse(&bytes) {
        Ok(info) => info,
        Err(error) => return malformed(kind, error.to_string()),
    };
    // RFC 3161 §2.4.2: "The time-stamp token MUST NOT contain any signatures other than the signature of the TSA."
    let mut signers = token.facts_within(&[], level);
    let Some(mut signature) = signers.pop().filter(|_| signers.is_empty()) else {
        return malformed(kind, format!("a token of {} signers", token.signer_count()));
    };
    describe(&mut signature, &info);
    let covered = info.imprint_algorithm.and_then(covered);
    TimestampFacts {
        kind,
        time: Some(info.time),
        imprint: match covered {
            Some(digest) if digest.as_bytes() == info.imprint => Imprint::Matches,
            Some(_) => Imprint::Differs,
            None => Imprint::Unknown,
        },
        signature: Some(std::sync::Arc::new(signature)),
        malformed: None,
        covers: Vec::new(),
    }
}

fn describe(signature: &mut SignatureFacts, info: &TstInfo) {
    "timestamp".clone_into(&mut signature.format);
    signature.claimed_at = Some(info.time);
    let read = [
        ("genTime", info.time.to_string()),
        ("policy", info.policy.to_string()),
        ("serialNumber", hex::encode(&info.serial)),
        ("messageImprint", hex::encode(&info.imprint)),
    ];
    signature
        .attributes
        .extend(read.map(|(name, value)| AttributeFact {
            name: name.to_owned(),
            signed: true,
            value,
        }));
}

fn malformed(kind: TimestampKind, why: String) -> TimestampFacts {
    TimestampFacts {
        kind,
        time: None,
        imprint: Imprint::Unknown,
        signature: None,
        malformed: Some(why),
        covers: Vec::new(),
    }
}
