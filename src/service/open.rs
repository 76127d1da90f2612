//! Recognises a document by its content, never by its name, and parses it.
//!
//! In two steps, so that content which stands apart can stream by: [`Submission::recognise`] says what it is and
//! what it needs ([`Recognised::needs`]); [`Recognised::open`] takes that and computes.

use std::sync::Arc;

use crate::credential::sd_jwt_vc::error::SdJwtError;
use crate::credential::sd_jwt_vc::parse::Limits;
use crate::credential::sd_jwt_vc::parse::SdJwt;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::DigestContext;
use crate::pki::bag;
use crate::pki::bag::BagError;
use crate::pki::certificate::Certificate;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::Fault;
use crate::signature::facts::SignatureFacts;
use crate::signature::facts::TimestampFacts;
use crate::signature::jose::document::JwsDocument;
use crate::signature::jose::error::JoseError;
use crate::signature::pdf;
use crate::signature::pdf::document::PdfFacts;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::value_alone::PdfValue;
use crate::signature::raw::RawSignature;
use crate::signature::sniff::Container;
use crate::signature::sniff::sniff;
use crate::signature::sniff::trimmed_text;
use crate::signature::unwrap::UnwrapError;
use crate::signature::unwrap::Unwrapped;
use crate::signature::unwrap::unwrap;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::DocumentInfo;

/// Certificates in one document: an end entity and what may lie between it and an anchor.
const MAX_CERTIFICATES: usize = 16;

/// A document whose container was recognised and parsed.
#[derive(Debug)]
pub struct Document {
    info: DocumentInfo,
    content: Content,
    /// What could not be read beside it.
    remarks: Vec<Reason>,
}

/// What a document turned out to be.
#[derive(Debug)]
pub enum Content {
    /// Certificates, the one that is meant first.
    Certificates(Result<Vec<Certificate>, BagError>),
    /// A credential.
    Credential(Result<Arc<SdJwt>, SdJwtError>),
    /// A JWS that could not be read.
    MalformedJws(JoseError),
    /// A PDF, or why it could not be read.
    Pdf(Result<Box<PdfFacts>, PdfError>),
    /// A signed document; of another malformed one there is one signature, which says so.
    Signatures(Vec<SignatureFacts>),
    /// A timestamp alone.
    Timestamp(TimestampFacts),
}

/// A container that we do not read, by its name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{format} is not read")]
pub struct UnsupportedFormat {
    /// The container.
    pub format: &'static str,
}

/// What the sender says of a document; only repeated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Naming {
    /// Its file name.
    pub name: Option<String>,
    /// Its media type.
    pub media_type: Option<String>,
}

/// Bytes that were handed in, out of their armour.
#[derive(Debug)]
pub struct Submission<'a> {
    bytes: &'a [u8],
    form: Form<'a>,
}

/// What it is to be read as.
#[derive(Debug)]
enum Form<'a> {
    Certificates,
    Cms(Result<Unwrapped<'a>, UnwrapError>),
    Credential,
    Jws,
    Pdf,
    /// The value of a PDF's signature without the PDF.
    PdfValue,
}

/// The media type of PDF. Of a signature value it says where it was taken from.
const PDF: &str = "application/pdf";

impl<'a> Submission<'a> {
    /// Looks at `bytes`. What is `declared` of them decides nothing but what a signature's value alone belongs to:
    /// to a PDF, of which it then says less.
    ///
    /// # Errors
    /// [`UnsupportedFormat`] for a container that we do not read; a malformed one is a verdict, not an error.
    pub fn new(bytes: &'a [u8], declared: Option<&str>) -> Result<Self, UnsupportedFormat> {
        let container = sniff(bytes);
        let form = match container {
            // A seal begins like a certificate.
            Container::CertificateDer | Container::Cms if declared == Some(PDF) => Form::PdfValue,
            Container::CertificateDer | Container::CertificatePem => Form::Certificates,
            Container::Cms => Form::Cms(unwrap(bytes)),
            Container::CompactJws | Container::JwsJson => Form::Jws,
            Container::Pdf => Form::Pdf,
            Container::SdJwt => Form::Credential,
            Container::Asic
            | Container::Ofd
            | Container::Unknown
            | Container::Xades
            | Container::Xml
            | Container::Zip => {
                let format = container.name();
                return Err(UnsupportedFormat { format });
            }
        };
        Ok(Self { bytes, form })
    }

    /// Parses it, and computes nothing yet.
    #[must_use]
    pub fn recognise(&self) -> Recognised<'_> {
        let structure = match &self.form {
            Form::Certificates => Structure::Certificates(certificates(self.bytes)),
            Form::Cms(Ok(unwrapped)) => match SignedData::parse(&unwrapped.bytes) {
                Ok(signed) => Structure::Cms(Box::new(signed)),
                Err(error) => Structure::Malformed("CMS", error.to_string()),
            },
            Form::Cms(Err(error)) => Structure::Malformed("CMS", error.to_string()),
            Form::Credential => {
                // A text editor's line end after the last `~` is no part of the credential.
                let text = trimmed_text(self.bytes).unwrap_or_default();
                Structure::Credential(SdJwt::parse(text, Limits::DEFAULT).map(Arc::new))
            }
            Form::Jws => Structure::Jws(JwsDocument::parse(self.bytes).map(Box::new)),
            Form::Pdf => Structure::Pdf,
            Form::PdfValue => match PdfValue::parse(self.bytes) {
                Ok(value) => Structure::PdfValue(Box::new(value)),
                Err(error) => Structure::Malformed("PDF", error),
            },
        };
        Recognised {
            submission: self,
            structure,
        }
    }

    /// Content that came beside the signature, in one armour with it.
    pub(in crate::service) fn content_beside(&self) -> Option<&[u8]> {
        match &self.form {
            Form::Cms(Ok(unwrapped)) => unwrapped.content.as_deref(),
            Form::Certificates
            | Form::Cms(Err(_))
            | Form::Credential
            | Form::Jws
            | Form::Pdf
            | Form::PdfValue => None,
        }
    }
}

/// Takes a bare signature value, and content that it was made over, as far as that was handed in.
#[must_use]
pub fn open_raw(
    bytes: &[u8],
    raw: RawSignature,
    naming: Naming,
    detached: &[DetachedContent],
) -> Document {
    Document {
        info: DocumentInfo::of_bytes("raw", naming.media_type, naming.name, bytes),
        content: Content::Signatures(vec![raw.facts(detached)]),
        remarks: Vec::new(),
    }
}

/// As [`open_raw`], of a signer's certificate that is yet to be read; one that cannot be is a verdict.
#[must_use]
pub fn open_raw_by(
    value: &[u8],
    (signer, algorithm): (&[u8], Option<SignatureAlgorithm>),
    naming: Naming,
    detached: &[DetachedContent],
) -> Document {
    let content = match certificates(signer) {
        Ok(certificates) => match RawSignature::new(value, certificates, algorithm) {
            Ok(raw) => return open_raw(value, raw, naming, detached),
            Err(error) => {
                let facts = SignatureFacts::malformed("raw", "value", error.to_string());
                Content::Signatures(vec![facts])
            }
        },
        Err(error) => Content::Certificates(Err(error)),
    };
    Document {
        info: DocumentInfo::of_bytes("raw", naming.media_type, naming.name, value),
        content,
        remarks: Vec::new(),
    }
}

/// A submission that was parsed.
#[derive(Debug)]
pub struct Recognised<'a> {
    submission: &'a Submission<'a>,
    structure: Structure<'a>,
}

#[derive(Debug)]
enum Structure<'a> {
    Certificates(Result<Vec<Certificate>, BagError>),
    Cms(Box<SignedData<'a>>),
    Credential(Result<Arc<SdJwt>, SdJwtError>),
    Jws(Result<Box<JwsDocument>, JoseError>),
    /// Everything that it needs lies inside.
    Pdf,
    PdfValue(Box<PdfValue<'a>>),
    /// The container, and what is wrong with it.
    Malformed(&'static str, String),
}

impl Recognised<'_> {
    /// What is needed of content that stands apart.
    #[must_use]
    pub fn needs(&self) -> ContentNeeds {
        match &self.structure {
            Structure::Cms(signed) if signed.is_timestamp_token() => signed.timestamp_needs(),
            Structure::Cms(signed) => signed.needs(),
            Structure::Jws(Ok(document)) => document.needs(),
            Structure::PdfValue(value) => value.needs(),
            Structure::Certificates(_)
            | Structure::Credential(_)
            | Structure::Jws(Err(_))
            | Structure::Malformed(..)
            | Structure::Pdf => ContentNeeds::default(),
        }
    }

    /// The content that lies inside, put together; none where there is none, or it stands apart.
    #[must_use]
    pub fn signed_content(&self) -> Option<Vec<u8>> {
        match &self.structure {
            Structure::Cms(signed) => Some(signed.content()?.concat()),
            Structure::Jws(Ok(document)) => document.payload().map(<[u8]>::to_vec),
            Structure::Certificates(_)
            | Structure::Credential(_)
            | Structure::Jws(Err(_))
            | Structure::Malformed(..)
            | Structure::Pdf
            | Structure::PdfValue(_) => None,
        }
    }

    /// Computes with it. `detached` is content that stands apart, as far as it was handed in.
    #[must_use]
    pub fn open(self, naming: Naming, detached: &[DetachedContent]) -> Document {
        let beside = self.submission.content_beside();
        let beside =
            beside.map(|bytes| DetachedContent::of_bytes(None, bytes.to_vec(), &self.needs()));
        let detached = beside.as_ref().map_or(detached, std::slice::from_ref);
        let (format, content) = match self.structure {
            Structure::Certificates(certificates) => {
                ("certificate", Content::Certificates(certificates))
            }
            Structure::Credential(credential) => ("SD-JWT-VC", Content::Credential(credential)),
            Structure::Cms(signed) if signed.is_timestamp_token() => {
                ("timestamp", Content::Timestamp(signed.timestamp(detached)))
            }
            Structure::Cms(signed) => {
                let mut facts = signed.facts(detached);
                if let Some(fault) = content_beside(&signed, detached) {
                    facts
                        .iter_mut()
                        .for_each(|one| one.faults.push(fault.clone()));
                }
                ("CMS", Content::Signatures(facts))
            }
            Structure::Jws(Ok(document)) => ("JWS", Content::Signatures(document.facts(detached))),
            Structure::Jws(Err(error)) => ("JWS", Content::MalformedJws(error)),
            Structure::PdfValue(value) => ("PDF", Content::Signatures(value.facts(detached))),
            Structure::Pdf => {
                let read = pdf::document::read(self.submission.bytes);
                ("PDF", Content::Pdf(read.map(Box::new)))
            }
            Structure::Malformed(format, detail) => {
                let facts = SignatureFacts::malformed(format, format, detail);
                (format, Content::Signatures(vec![facts]))
            }
        };
        let bytes = self.submission.bytes;
        Document {
            info: DocumentInfo::of_bytes(format, naming.media_type, naming.name, bytes),
            content,
            remarks: Vec::new(),
        }
    }
}

/// Content that was handed in beside a signature that has its own: it has to be the same, or the signed content
/// its digest, as GM/T 0010 is used for files that are signed by their digests.
fn content_beside(signed: &SignedData<'_>, handed_in: &[DetachedContent]) -> Option<Fault> {
    let pieces = signed.content()?;
    let is_that = |content: &DetachedContent| {
        let known = content.digests.iter().map(Digest::algorithm);
        known
            .chain([DigestAlgorithm::Sha256, DigestAlgorithm::Sm3])
            .any(|algorithm| {
                let digest = content.digest(algorithm);
                let Some(digest) = digest else {
                    return false;
                };
                let mut context = DigestContext::new(algorithm);
                pieces.iter().for_each(|piece| context.update(piece));
                context.finish() == digest || matches!(pieces, [only] if *only == digest.as_bytes())
            })
    };
    let differs = !handed_in.is_empty() && !handed_in.iter().any(is_that);
    differs.then(|| {
        let detail = "the content that was handed in is not the one that was signed";
        Fault::broken("encapContentInfo", detail)
    })
}

fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, BagError> {
    bag::read(bytes, MAX_CERTIFICATES).map(|bag| bag.certificates)
}

/// Takes bytes for a certificate, whatever they look like; what is not one is a verdict.
///
/// `intermediates` may complete its path; one that cannot be read is left out, and the report says so.
#[must_use]
pub fn open_certificate(bytes: &[u8], intermediates: &[Vec<u8>], name: Option<String>) -> Document {
    let mut remarks = Vec::new();
    let mut content = certificates(bytes);
    if let Ok(certificates) = &mut content {
        for (place, bytes) in intermediates.iter().enumerate() {
            match bag::read(bytes, MAX_CERTIFICATES) {
                Ok(more) => certificates.extend(more.certificates),
                Err(error) => remarks.push(
                    Reason::new(ReasonCode::InputLeftOut)
                        .with("name", format!("intermediates[{place}]"))
                        .with("detail", error.to_string()),
                ),
            }
        }
    }
    Document {
        info: DocumentInfo::of_bytes("certificate", None, name, bytes),
        content: Content::Certificates(content),
        remarks,
    }
}

impl Document {
    /// A credential that was parsed before, as `info` describes it.
    pub(in crate::service) const fn of_credential(
        info: DocumentInfo,
        credential: Arc<SdJwt>,
    ) -> Self {
        Self {
            info,
            content: Content::Credential(Ok(credential)),
            remarks: Vec::new(),
        }
    }

    /// The credential in it, if it is one that could be read.
    #[must_use]
    pub fn credential(&self) -> Option<&Arc<SdJwt>> {
        match &self.content {
            Content::Credential(Ok(credential)) => Some(credential),
            Content::Credential(Err(_))
            | Content::Certificates(_)
            | Content::MalformedJws(_)
            | Content::Pdf(_)
            | Content::Signatures(_)
            | Content::Timestamp(_) => None,
        }
    }

    /// What was handed in.
    #[must_use]
    pub const fn info(&self) -> &DocumentInfo {
        &self.info
    }

    /// What it turned out to be.
    #[must_use]
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// What could not be read beside it.
    #[must_use]
    pub fn remarks(&self) -> &[Reason] {
        &self.remarks
    }
}
