//! What a reader of any container says of one signature: facts, never a verdict.
//!
//! A reader fills one [`SignatureFacts`] a signature. It has verified the value, because only the reader
//! knows what was signed; whether the signer is to be believed, and when, is for [`crate::validation`].

use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::public_key::KeyAlgorithm;
use crate::crypto::verify::VerifyError;
use crate::pki::certificate::Certificate;
use crate::pki::revocation::evidence::Evidence;

/// One signature as it was found.
#[derive(Debug)]
pub struct SignatureFacts {
    /// Its form by the report's names: `CMS`, `CAdES-BASELINE-T`, `JWS`, `JAdES-BASELINE-B`, `timestamp`.
    pub format: String,
    /// Where the content was that it covers.
    pub coverage: ContentCoverage,
    /// How the value was made.
    pub algorithm: AlgorithmFact,
    /// The digest of the content, where it is told apart from the algorithm's own.
    pub digest: Option<DigestAlgorithm>,
    /// What the mathematics says.
    pub integrity: Integrity,
    /// The certificate whose key verifies the value; where none does, the one that is meant.
    pub signer: Option<Certificate>,
    /// Every other certificate that came along, untrusted and unordered.
    pub certificates: Vec<Certificate>,
    /// Whether what was signed names that certificate.
    pub reference: CertificateReference,
    /// CRLs and OCSP responses that came along; they serve this document alone.
    pub evidence: Evidence,
    /// When it says it was made.
    pub claimed_at: Option<Timestamp>,
    /// Timestamps in and around it.
    pub timestamps: Vec<TimestampFacts>,
    /// Signatures over its value (RFC 5652 §11.4, ETSI TS 119 182-1 §5.3.2).
    pub counter_signatures: Vec<Self>,
    /// What is not as it should be.
    pub faults: Vec<Fault>,
    /// What else was read, for whoever wants to see everything: a name and what it held.
    pub attributes: Vec<AttributeFact>,
    /// The electronic seal that it was made with; none of most.
    pub seal: Option<Box<SealFacts>>,
}

impl SignatureFacts {
    /// A signature of which no more could be read than that it should be one.
    #[must_use]
    pub fn malformed(format: &str, place: &str, detail: impl Into<String>) -> Self {
        Self {
            format: format.to_owned(),
            coverage: ContentCoverage::Unknown,
            algorithm: AlgorithmFact {
                known: None,
                name: String::new(),
            },
            digest: None,
            integrity: Integrity::NoCertificate,
            signer: None,
            certificates: Vec::new(),
            reference: CertificateReference::Absent,
            evidence: Evidence::default(),
            claimed_at: None,
            timestamps: Vec::new(),
            counter_signatures: Vec::new(),
            faults: vec![Fault::broken(place, detail)],
            attributes: Vec::new(),
            seal: None,
        }
    }
}

/// An algorithm by its name; known, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlgorithmFact {
    /// What we compute; none if we do not know it.
    pub known: Option<SignatureAlgorithm>,
    /// The table's name; of an unknown one what stands in the document, cut short.
    pub name: String,
}

impl From<SignatureAlgorithm> for AlgorithmFact {
    fn from(algorithm: SignatureAlgorithm) -> Self {
        let (known, name) = (Some(algorithm), algorithm.name().to_owned());
        Self { known, name }
    }
}

/// How much of the document a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentCoverage {
    /// All of it: it lies inside.
    Whole,
    /// Content that stands elsewhere.
    Detached,
    /// Some of what was handed in.
    Partial,
    /// Not decidable.
    Unknown,
}

/// What the mathematics of a signature says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Integrity {
    /// Content, what was signed about it, and value fit the key.
    Intact,
    /// The content is not what was signed: its digest differs.
    ContentDiffers,
    /// The value is not that key's over what was signed.
    ValueWrong,
    /// The content was not handed in.
    ContentMissing,
    /// There is no certificate to verify it with.
    NoCertificate,
    /// The algorithm is unknown.
    AlgorithmUnknown,
    /// The document asks for more computations than one document is given.
    BudgetExhausted,
    /// The algorithm does not work with the certificate's key.
    KeyMismatch {
        /// The kind of the key.
        key: KeyAlgorithm,
    },
    /// We do not compute with the certificate's key.
    KeyUnsupported {
        /// The kind of the key.
        key: KeyAlgorithm,
    },
}

impl Integrity {
    /// Of the outcome of verifying the value with a certificate's key.
    #[must_use]
    pub fn of(outcome: Result<(), VerifyError>, key: KeyAlgorithm) -> Self {
        match outcome {
            Ok(()) => Self::Intact,
            Err(VerifyError::BadSignature) => Self::ValueWrong,
            Err(VerifyError::KeyMismatch { .. }) => Self::KeyMismatch { key },
            Err(VerifyError::MalformedKey | VerifyError::UnsupportedKey { .. }) => {
                Self::KeyUnsupported { key }
            }
        }
    }

    /// Whether it fits; none where that could not be computed.
    #[must_use]
    pub const fn intact(&self) -> Option<bool> {
        match self {
            Self::Intact => Some(true),
            Self::ContentDiffers | Self::ValueWrong => Some(false),
            Self::ContentMissing
            | Self::NoCertificate
            | Self::AlgorithmUnknown
            | Self::BudgetExhausted
            | Self::KeyMismatch { .. }
            | Self::KeyUnsupported { .. } => None,
        }
    }
}

/// Whether what was signed names the certificate that verifies it (RFC 5035 §5, RFC 7515 §4.1.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateReference {
    /// Nothing is named: the certificate could have been exchanged for another of the same key.
    Absent,
    /// Another one is named.
    Differs,
    /// It is.
    Matches,
}

/// A timestamp that belongs to a signature.
#[derive(Debug)]
pub struct TimestampFacts {
    /// What it covers.
    pub kind: TimestampKind,
    /// The time in it.
    pub time: Option<Timestamp>,
    /// Whether the digest in it is that of what it should cover.
    pub imprint: Imprint,
    /// The token's own signature; none where the token cannot be read.
    pub signature: Option<Box<SignatureFacts>>,
    /// Why the token cannot be read.
    pub malformed: Option<String>,
    /// Which other timestamps of the signature it covers, by their places in its list.
    pub covers: Vec<usize>,
}

/// What a timestamp covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimestampKind {
    /// Signature, certificates and evidence, to outlive them (ETSI EN 319 122-1 §5.5).
    Archive,
    /// The content before it was signed: the signature is not older.
    Content,
    /// Bytes of their own: a timestamp that was handed in alone.
    Document,
    /// References to certificates and evidence (ETSI EN 319 122-1 annex A.1.5).
    References,
    /// The signature's value: the signature is not younger.
    Signature,
}

/// Whether a timestamp is about what it stands beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imprint {
    /// It is about something else.
    Differs,
    /// It is.
    Matches,
    /// What it covers could not be put together, or was not handed in.
    Unknown,
}

/// The electronic seal that a signature was made with (GB/T 38540-2020, GM/T 0031).
///
/// Its texts are fit to be shown, and what its maker wrote: no more is known of them than of the maker.
#[derive(Debug)]
pub struct SealFacts {
    /// 1, 4 or 5: which standard's structure the signature has.
    pub version: u32,
    /// Its number (`esID`).
    pub id: String,
    /// Whose product made it (`Vid`).
    pub vendor: String,
    /// Its name.
    pub name: String,
    /// What kind of seal it is (`type`): 1 of a unit, 2 of a person; others by agreement.
    pub kind: u32,
    /// Its maker's certificate, where it can be read.
    pub maker: Option<Certificate>,
    /// How the maker signed.
    pub maker_algorithm: AlgorithmFact,
    /// What the mathematics says of the maker's signature.
    pub maker_integrity: Integrity,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when it may be used.
    pub valid_from: Timestamp,
    /// Until when it may be used.
    pub valid_until: Timestamp,
    /// Whether the signer's certificate is among those that may use it.
    pub signer_listed: bool,
    /// Its picture.
    pub picture: PictureFacts,
}

/// The picture of a seal, which is not decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureFacts {
    /// What it should be, as the seal says: `PNG`, `OFD`.
    pub format: String,
    /// How large it is.
    pub size_bytes: usize,
    /// How wide it is shown.
    pub width_mm: u32,
    /// How high it is shown.
    pub height_mm: u32,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// How much it weighs.
    pub weight: FaultWeight,
    /// Where, in the standard's words: `messageDigest`, `crit`, `SignerInfo`.
    pub place: String,
    /// What is wrong there.
    pub detail: String,
}

/// How much a fault weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultWeight {
    /// Worth telling: what it should be is clear all the same.
    Irregular,
    /// We do not process what it demands, so that nothing can be said.
    Unprocessed,
    /// Two fields contradict each other, or the standard's rules are broken: refused.
    Broken,
}

impl Fault {
    /// One that is only told.
    #[must_use]
    pub fn irregular(place: &str, detail: impl Into<String>) -> Self {
        Self::new(FaultWeight::Irregular, place, detail.into())
    }

    /// A demand that is not met here.
    #[must_use]
    pub fn unprocessed(place: &str, detail: impl Into<String>) -> Self {
        Self::new(FaultWeight::Unprocessed, place, detail.into())
    }

    /// One that refuses.
    #[must_use]
    pub fn broken(place: &str, detail: impl Into<String>) -> Self {
        Self::new(FaultWeight::Broken, place, detail.into())
    }

    fn new(weight: FaultWeight, place: &str, detail: String) -> Self {
        let place = place.to_owned();
        Self {
            weight,
            place,
            detail,
        }
    }
}

/// Something that was read beside the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeFact {
    /// Its name in the standard's words, or its object identifier.
    pub name: String,
    /// Whether the signature covers it.
    pub signed: bool,
    /// Its value, as text; bytes in lower-case hex, cut short.
    pub value: String,
}
