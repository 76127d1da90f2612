//! What callers hand in to be judged: a document, and content that it was signed apart from, or digests of it.

use std::collections::BTreeSet;

use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::Digest;
use crate::encoding::base64;
use crate::service::open::Content;
use crate::service::open::Document;
use crate::service::open::Naming;
use crate::service::open::Submission;
use crate::service::open::UnsupportedFormat;
use crate::service::open::open_certificate;
use crate::service::open::open_raw_by;
use crate::service::seen_before::Known;
use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::SignatureFacts;
use crate::signature::raw::RawSignature;
use crate::signature::sniff::Container;
use crate::signature::sniff::sniff;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::DocumentInfo;
use crate::validation::report::Indication;
use crate::validation::report::OriginalInfo;
use crate::validation::report::Report;
use crate::validation::report::SignatureReport;
use crate::validation::report::SubIndication;

/// The largest signed content that is given back, in bytes: it is held once more as base64 and once more as JSON.
const MAX_RETURNED_BYTES: usize = 8 * 1024 * 1024;

/// The largest credential that is judged without delay, in bytes; ours have 3 KB.
const MAX_LIGHT_BYTES: usize = 16 * 1024;

/// Whether signed content that lies inside the document is given back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SignedContent {
    /// It is, where at least one signature is intact and it is not too large.
    Include,
    /// It is not.
    #[default]
    Omit,
}

/// Whether a report tells everything that was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DiagnosticDetail {
    /// It does.
    Include,
    /// It does not.
    #[default]
    Omit,
}

/// What is handed in to be judged.
#[derive(Debug)]
pub enum Submitted {
    /// Anything that may be signed; what it is, its content says.
    Document(Vec<u8>),
    /// A certificate, whatever its bytes look like.
    Certificate {
        /// One certificate (PEM, DER), or several of which the first is meant; or a PKCS#7 bag.
        bytes: Vec<u8>,
        /// Certificates in the same forms, which may lie between it and a trust anchor.
        intermediates: Vec<Vec<u8>>,
    },
    /// A bare signature value over the first of the originals.
    Raw {
        /// The value, or its hexadecimal or base64.
        value: Vec<u8>,
        /// The signer's certificate, in the same forms as above.
        signer: Vec<u8>,
        /// How the value was made; none: as keys of its kind usually do.
        algorithm: Option<SignatureAlgorithm>,
    },
}

impl Submitted {
    /// The bytes alone, whatever they were taken for.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Document(bytes)
            | Self::Certificate { bytes, .. }
            | Self::Raw { value: bytes, .. } => bytes,
        }
    }

    pub(in crate::service) fn bytes(&self) -> &[u8] {
        match self {
            Self::Document(bytes)
            | Self::Certificate { bytes, .. }
            | Self::Raw { value: bytes, .. } => bytes,
        }
    }

    /// Whether it is parsed in no time, whatever its sender arranged: a credential, and a small one.
    pub(in crate::service) fn is_light(&self) -> bool {
        match self {
            Self::Document(bytes) => {
                bytes.len() <= MAX_LIGHT_BYTES && sniff(bytes) == Container::SdJwt
            }
            Self::Certificate { .. } | Self::Raw { .. } => false,
        }
    }

    pub(in crate::service) fn open(
        &self,
        naming: Naming,
        originals: Vec<Original>,
        signed_content: SignedContent,
    ) -> Result<Opened, UnsupportedFormat> {
        let described = originals.iter().map(Original::info).collect();
        match self {
            Self::Document(bytes) => {
                let submission = Submission::new(bytes, naming.media_type.as_deref())?;
                let recognised = submission.recognise();
                let needs = recognised.needs();
                let content = match signed_content {
                    SignedContent::Include => recognised.signed_content(),
                    SignedContent::Omit => None,
                };
                let missing = missing(&originals, &needs);
                let originals = originals.into_iter();
                let detached: Vec<_> = originals.map(|one| one.digested(&needs)).collect();
                let digests = detached.iter();
                let digests = digests.map(|one| one.digests.iter().map(Digest::to_hex).collect());
                Ok(Opened {
                    digests: digests.collect(),
                    document: recognised.open(naming, &detached),
                    originals: described,
                    missing,
                    content,
                })
            }
            Self::Raw {
                value,
                signer,
                algorithm,
            } => {
                let needs = RawSignature::needs();
                let missing = missing(&originals, &needs);
                let originals = originals.into_iter();
                let detached: Vec<_> = originals.map(|one| one.digested(&needs)).collect();
                Ok(Opened {
                    document: open_raw_by(value, (signer, *algorithm), naming, &detached),
                    digests: vec![Vec::new(); detached.len()],
                    originals: described,
                    missing,
                    content: None,
                })
            }
            Self::Certificate {
                bytes,
                intermediates,
            } => Ok(Opened {
                document: open_certificate(bytes, intermediates, naming.name),
                digests: Vec::new(),
                originals: described,
                missing: Vec::new(),
                content: None,
            }),
        }
    }
}

/// A document, and what was handed in with it.
pub(in crate::service) struct Opened {
    pub(in crate::service) document: Document,
    originals: Vec<OriginalInfo>,
    /// The digests of each of them that a signature may name, in lower-case hex.
    digests: Vec<Vec<String>>,
    /// What would have been needed of content that was given by its digests alone.
    missing: Vec<Reason>,
    /// The content that lies inside, if it was asked for.
    content: Option<Vec<u8>>,
}

/// What a signature needs of content that was given by its digests alone, and was not given.
fn missing(originals: &[Original], needs: &ContentNeeds) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for original in originals {
        let Original::Digests { digests, .. } = original else {
            continue;
        };
        let given: BTreeSet<_> = digests.iter().map(Digest::algorithm).collect();
        let listed: Vec<&str> = given.iter().map(|algorithm| algorithm.name()).collect();
        let needed = needs.digests.difference(&given);
        reasons.extend(needed.map(|needed| {
            Reason::new(ReasonCode::ContentDigestNeeded)
                .with("given", listed.join(", "))
                .with("needed", needed.name())
        }));
        if needs.bytes {
            reasons.push(Reason::new(ReasonCode::ContentItselfNeeded));
        }
    }
    // Several contents may lack the same.
    let mut told = Vec::new();
    reasons.retain(|reason| {
        let is_new = !told.contains(reason);
        told.push(reason.clone());
        is_new
    });
    reasons
}

impl Opened {
    /// A credential that was presented before, alone.
    pub(in crate::service) fn known(known: Known, naming: Naming) -> Self {
        let info = DocumentInfo {
            media_type: naming.media_type,
            name: naming.name,
            ..known.info
        };
        Self {
            document: Document::of_credential(info, known.credential),
            originals: Vec::new(),
            digests: Vec::new(),
            missing: Vec::new(),
            content: None,
        }
    }

    /// Says in the report what was handed in with the document, and what of it was of no use.
    pub(in crate::service) fn tell(&self, report: &mut Report) {
        let is_signed = match self.document.content() {
            Content::MalformedJws(_) | Content::Signatures(_) | Content::Timestamp(_) => true,
            Content::Certificates(_) | Content::Credential(_) | Content::Pdf(_) => false,
        };
        report.originals.clone_from(&self.originals);
        let names = report.originals.iter().enumerate();
        let names: Vec<String> = names
            .map(|(place, original)| {
                let unnamed = || format!("originals[{place}]");
                original.name.clone().unwrap_or_else(unnamed)
            })
            .collect();
        if !is_signed {
            for name in names {
                let reason = Reason::new(ReasonCode::OriginalNotUsed).with("name", name);
                report.remark(reason.with("format", report.document.format.as_str()));
            }
        } else {
            if report.originals.iter().any(|original| !original.seen) {
                report.remark(Reason::new(ReasonCode::DocumentNotSeen));
            }
            for (name, digests) in names.iter().zip(&self.digests) {
                if names.len() > 1 && !self.is_named(digests) {
                    report.restrict(
                        Indication::Indeterminate,
                        Some(SubIndication::SigConstraintsFailure),
                        Reason::new(ReasonCode::OriginalNotSigned).with("name", name.as_str()),
                    );
                }
            }
        }
        for reason in &self.missing {
            report.remark(reason.clone());
        }
    }

    /// Whether a signature names one of these digests as that of its content. CMS takes of several contents the
    /// one that was signed, and says nothing of the others.
    fn is_named(&self, digests: &[String]) -> bool {
        let facts = match self.document.content() {
            Content::Signatures(facts) if self.document.info().format == "CMS" => facts,
            Content::Certificates(_)
            | Content::Credential(_)
            | Content::MalformedJws(_)
            | Content::Pdf(_)
            | Content::Signatures(_)
            | Content::Timestamp(_) => return true,
        };
        let mut attributes = facts.iter().flat_map(|facts| &facts.attributes);
        attributes.any(|attribute| {
            attribute.signed
                && attribute.name == "messageDigest"
                && digests.contains(&attribute.value)
        })
    }

    /// The content that lies inside, in base64, where it may be given back.
    pub(in crate::service) fn returned(
        &mut self,
        report: &mut Report,
        asked: SignedContent,
    ) -> Option<String> {
        if asked == SignedContent::Omit {
            return None;
        }
        let intact = |signature: &SignatureReport| signature.cryptographic.intact == Some(true);
        let left_out = match self.content.take() {
            None => "the document holds none".to_owned(),
            Some(_) if !report.signatures.iter().any(intact) => "no signature is intact".to_owned(),
            Some(content) if content.len() > MAX_RETURNED_BYTES => {
                format!("it has more than {MAX_RETURNED_BYTES} bytes")
            }
            Some(content) => return Some(base64::encode(&content)),
        };
        let reason = Reason::new(ReasonCode::SignedContentLeftOut);
        report.remark(reason.with("detail", left_out));
        None
    }

    /// Adds what was read to the report.
    pub(in crate::service) fn diagnose(&self, report: &mut Report) {
        let add = |report: &mut Report, all: &[SignatureFacts]| {
            for (signature, facts) in report.signatures.iter_mut().zip(all) {
                signature.add_diagnostics(facts);
            }
        };
        match self.document.content() {
            Content::Pdf(Ok(facts)) => add(report, &facts.signatures),
            Content::Signatures(facts) => add(report, facts),
            Content::Timestamp(facts) => {
                let own = report.signatures.first_mut().zip(facts.signature.as_ref());
                if let Some((signature, facts)) = own {
                    signature.add_diagnostics(facts);
                }
            }
            Content::Certificates(Ok(certificates)) => {
                if let Some(signature) = report.signatures.first_mut() {
                    signature.add_certificates(certificates);
                }
            }
            Content::Credential(Ok(credential)) => {
                if let Some(signature) = report.signatures.first_mut() {
                    signature.add_certificates(credential.jws().x5c());
                }
            }
            Content::Certificates(Err(_))
            | Content::Credential(Err(_))
            | Content::MalformedJws(_)
            | Content::Pdf(Err(_)) => {}
        }
    }
}

/// Content that stands apart from the signature that is verified.
#[derive(Debug)]
pub enum Original {
    /// Its bytes.
    Bytes {
        /// What the signature may call it.
        name: Option<String>,
        /// All of it.
        bytes: Vec<u8>,
    },
    /// Its digests alone: it stays with its owner.
    Digests {
        /// What the signature may call it.
        name: Option<String>,
        /// One for each algorithm.
        digests: Vec<Digest>,
    },
}

impl Original {
    fn info(&self) -> OriginalInfo {
        match self {
            Self::Bytes { name, bytes } => OriginalInfo::of_bytes(name.clone(), bytes),
            Self::Digests { name, digests } => OriginalInfo::of_digests(name.clone(), digests),
        }
    }

    fn digested(self, needs: &ContentNeeds) -> DetachedContent {
        match self {
            Self::Bytes { name, bytes } => DetachedContent::of_bytes(name, bytes, needs),
            Self::Digests { name, digests } => DetachedContent {
                name,
                digests,
                bytes: None,
            },
        }
    }
}
