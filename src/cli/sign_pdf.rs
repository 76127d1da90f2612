//! `yinxin sign --pdf`: a signature inside a PDF.

use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::pdf;
use crate::cli::sign::Signer;
use crate::cli::sign::written;
use crate::cli::sign_arguments::Sign;
use crate::cli::sign_arguments::SignatureFormat;
use crate::clock::Timestamp;
use crate::crypto::digest::Digest;
use crate::pki::certificate::Certificate;
use crate::signature::cms::signed_data::Dialect;
use crate::signature::cms::write::SignedContent;
use crate::signature::cms::write::Signing;
use crate::signature::pdf::write;
use crate::signature::pdf::write::request::FieldChoice;
use crate::signature::pdf::write::request::NewSignature;
use crate::signature::pdf::write::request::ValueKind;
use crate::signature::pdf::write::request::ValueMaker;

/// `id-at-commonName` (RFC 5280 appendix A.1).
const COMMON_NAME: &str = "2.5.4.3";
/// Room for what a signature has beside its certificates: attributes with digests and a name, and a value of at most
/// 1024 bytes (RSA of 8192 bits).
const VALUE_BYTES: usize = 2048;

/// The document with a signature more.
pub(in crate::cli) fn sign_pdf(
    arguments: &Sign,
    signer: &Signer,
    now: Timestamp,
) -> Result<Vec<u8>, CliError> {
    let is_gm = arguments.format == SignatureFormat::Gm;
    let dialect = if is_gm {
        Dialect::Gmt0010
    } else {
        Dialect::Cms
    };
    // ETSI EN 319 142-1 §6.3: not in PAdES, whose signature dictionary says when.
    let signing = signer.signing(dialect, None)?;
    let asked = &arguments.pdf;
    let name = signing.certificate.subject();
    let name = name
        .attribute(COMMON_NAME)
        .unwrap_or_else(|| name.to_string());
    let request = NewSignature {
        field: match &asked.field {
            Some(name) => FieldChoice::Existing(name),
            None => FieldChoice::New {
                page: asked.page,
                rectangle: asked.rectangle,
            },
        },
        kind: if is_gm {
            ValueKind::GmCms
        } else {
            ValueKind::Cades
        },
        signer: &name,
        reason: asked.reason.as_deref(),
        location: asked.location.as_deref(),
        certification: asked.certify.map(Into::into),
        signed_at: now,
    };
    let mut make = |digest: &Digest| value(&signing, digest, arguments.timestamp.as_deref());
    let maker = ValueMaker {
        digest: signing.digest_algorithm(),
        room: room(&signer.certificates, arguments.timestamp.is_some()),
        make: &mut make,
    };
    let document = pdf::read(&arguments.file)?;
    write::sign(&document, &request, maker).map_err(pdf::made)
}

fn value(
    signing: &Signing<'_>,
    digest: &Digest,
    authority: Option<&str>,
) -> Result<Vec<u8>, CliError> {
    let signed = signing.sign(SignedContent::Detached(digest));
    written(signed.or_exit(Exit::Internal)?, signing, authority)
}

fn room(certificates: &[Certificate], is_stamped: bool) -> usize {
    let certificates = certificates
        .iter()
        .map(|certificate| certificate.der().len());
    let certificates: usize = certificates.sum();
    let token = if is_stamped { pdf::TOKEN_BYTES } else { 0 };
    certificates
        .saturating_add(VALUE_BYTES)
        .saturating_add(token)
}
