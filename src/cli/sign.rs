//! `yinxin sign`: signs a file with a key of one's own.
//!
//! The time is that of the system's clock: nobody signs in the past, and so a certificate that is not valid now
//! is refused whatever is asked for.

use std::path::Path;

use crate::cli::ask_authority;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::output::read_pieces;
use crate::cli::relied_on::MAX_FILE_BYTES;
use crate::cli::sign_arguments::Sign;
use crate::cli::sign_arguments::SignatureFormat;
use crate::cli::sign_pdf;
use crate::cli::terminal::Terminal;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestContext;
use crate::crypto::digest::digest;
use crate::crypto::document_key::DocumentKey;
use crate::crypto::document_key::DocumentKeyError;
use crate::crypto::document_key::DocumentSigner as _;
use crate::crypto::document_key::RsaPadding;
use crate::crypto::key_file::KeyFileError;
use crate::crypto::public_key::KeyAlgorithm;
use crate::pki::certificate;
use crate::pki::certificate::Certificate;
use crate::signature::cms::signed_data::Dialect;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::cms::write::ContentType;
use crate::signature::cms::write::EmbeddedCertificates;
use crate::signature::cms::write::Signed;
use crate::signature::cms::write::SignedContent;
use crate::signature::cms::write::Signing;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::Integrity;
use crate::signature::jose::sign_document::DetachedDigest;
use crate::signature::jose::sign_document::DocumentContent;
use crate::signature::jose::sign_document::DocumentSigning;
use crate::store::file;
use crate::store::key_files;

/// Certificates of one signer: its own and those of the CAs above.
const MAX_CERTIFICATES: usize = 8;
/// Eight certificates in PEM have some 20 KB.
const MAX_CERTIFICATE_FILE_BYTES: u64 = 256 * 1024;

/// A key with its certificate first and those of its CAs behind.
pub(in crate::cli) struct Signer {
    pub(in crate::cli) key: DocumentKey,
    pub(in crate::cli) certificates: Vec<Certificate>,
}

impl Signer {
    /// How content is signed: with all certificates along.
    pub(in crate::cli) fn signing(
        &self,
        dialect: Dialect,
        signed_at: Option<Timestamp>,
    ) -> Result<Signing<'_>, CliError> {
        let Some((certificate, others)) = self.certificates.split_first() else {
            return Err(CliError::new(Exit::Usage, "there is no certificate"));
        };
        Ok(Signing {
            key: &self.key,
            certificate,
            embedded: EmbeddedCertificates::SignersAnd(others),
            dialect,
            content_type: ContentType::Data,
            signed_at,
        })
    }
}

/// Runs `sign`.
///
/// # Errors
/// [`Exit::NoInput`] for files that cannot be read, [`Exit::Data`] for a key or certificates that are none,
/// [`Exit::Usage`] for what does not go together, [`Exit::Unavailable`] when the timestamp authority does not
/// answer. Nothing is written then.
pub(in crate::cli) fn run(arguments: &Sign, terminal: &mut Terminal<'_>) -> Result<Exit, CliError> {
    let out = match arguments.pdf.pdf {
        true => arguments.output.pdf_path(&arguments.file, "signed"),
        false => arguments.output.path(&arguments.file, ending(arguments)),
    };
    arguments.output.require_room(&out)?;
    let now = SystemClock.now();
    let padding = match arguments.pss {
        true => RsaPadding::Pss,
        false => RsaPadding::Pkcs1,
    };
    let files = (arguments.key.as_path(), arguments.certificate.as_path());
    let signer = read_signer(files, arguments.passphrase_file.as_deref(), padding)?;
    require_usable(&signer, arguments, now)?;
    let made = match arguments.format {
        _ if arguments.pdf.pdf => sign_pdf::sign_pdf(arguments, &signer, now)?,
        SignatureFormat::Cms => sign_cms(arguments, &signer, Dialect::Cms, now)?,
        SignatureFormat::Gm => sign_cms(arguments, &signer, Dialect::Gmt0010, now)?,
        SignatureFormat::Jws => sign_jws(arguments, &signer, now)?,
    };
    arguments.output.write(&out, &made)?;
    let subject = signer.certificates.first().map(Certificate::subject);
    let by = subject.map(|subject| format!(" by {subject}"));
    let algorithm = signer.key.algorithm();
    let by = by.unwrap_or_default();
    terminal.line(format_args!("{}: {algorithm}{by} at {now}", out.display()))?;
    Ok(Exit::Success)
}

const fn ending(arguments: &Sign) -> &'static str {
    match (arguments.format, arguments.detached) {
        (SignatureFormat::Jws, _) => "jws",
        (SignatureFormat::Cms | SignatureFormat::Gm, true) => "p7s",
        (SignatureFormat::Cms | SignatureFormat::Gm, false) => "p7m",
    }
}

/// Reads a key, and its certificate with those of its CAs.
pub(in crate::cli) fn read_signer(
    (key_file, path): (&Path, &Path),
    passphrase: Option<&Path>,
    padding: RsaPadding,
) -> Result<Signer, CliError> {
    let pem = key_files::read(key_file).or_exit(Exit::NoInput)?;
    let passphrase = passphrase.map(key_files::read_line).transpose();
    let passphrase = passphrase.or_exit(Exit::NoInput)?;
    let key = DocumentKey::from_pem(pem.expose(), passphrase.as_ref(), padding)
        .map_err(|error| unreadable_key(key_file, &error))?;
    let bytes = file::read(path, MAX_CERTIFICATE_FILE_BYTES).or_exit(Exit::NoInput)?;
    let mut certificates = certificate::parse_all(&bytes, MAX_CERTIFICATES).or_exit(Exit::Data)?;
    let spki = key.public_key().spki_der();
    let mut listed = certificates.iter();
    let place = listed.position(|certificate| certificate.public_key().spki_der() == spki);
    let place = place.ok_or_else(|| {
        let (path, key) = (path.display(), key_file.display());
        CliError::new(
            Exit::Usage,
            format_args!("no certificate in {path} is that of the key {key}"),
        )
        .hint("give the certificate that was issued for this key, before those of its CAs")
    })?;
    let own = certificates.remove(place);
    certificates.insert(0, own);
    Ok(Signer { key, certificates })
}

fn unreadable_key(path: &Path, error: &DocumentKeyError) -> CliError {
    let told = CliError::caused(Exit::Data, error);
    let path = path.display();
    if matches!(error, DocumentKeyError::PassphraseMissing) {
        return told.hint("name the file that holds the passphrase with --passphrase-file");
    }
    if matches!(error, DocumentKeyError::KeyFile(KeyFileError::Passphrase)) {
        return told.hint(format_args!("{path} and the passphrase file do not fit"));
    }
    if matches!(error, DocumentKeyError::NotPkcs8 { .. }) {
        return told.hint(format_args!(
            "turn it into PKCS#8: openssl pkcs8 -topk8 -in {path} -out key.pem"
        ));
    }
    told
}

/// Whether what is asked for goes together, and whether anybody would take a signature of this certificate.
fn require_usable(signer: &Signer, arguments: &Sign, now: Timestamp) -> Result<(), CliError> {
    let refuse = |message: String| CliError::new(Exit::Usage, message);
    let algorithm = signer.key.algorithm();
    let is_rsa = matches!(
        signer.key.public_key().algorithm(),
        KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. }
    );
    if arguments.pss && !is_rsa {
        return Err(refuse(format!(
            "--pss is for RSA keys, this one signs {algorithm}"
        )));
    }
    let is_sm2 = algorithm == SignatureAlgorithm::Sm2Sm3;
    match arguments.format {
        SignatureFormat::Gm if !is_sm2 => {
            let told = refuse(format!(
                "--format gm is for SM2 keys, this one signs {algorithm}"
            ));
            return Err(told.hint("use --format cms"));
        }
        SignatureFormat::Jws if is_sm2 => {
            let told = refuse("JOSE has no registered algorithm for SM2".to_owned());
            return Err(told.hint("use --format gm, or --format cms"));
        }
        SignatureFormat::Jws if arguments.pdf.pdf => {
            let told = refuse("a PDF has no room for a JWS".to_owned());
            return Err(told.hint("use --format cms"));
        }
        SignatureFormat::Jws if arguments.timestamp.is_some() => {
            let told = refuse("a compact JWS has no room for a timestamp".to_owned());
            return Err(
                told.hint("use --format cms, or timestamp the result with `yinxin timestamp`")
            );
        }
        SignatureFormat::Cms | SignatureFormat::Gm | SignatureFormat::Jws => {}
    }
    let Some(certificate) = signer.certificates.first() else {
        return Err(refuse("there is no certificate".to_owned()));
    };
    let (from, until) = (certificate.not_before(), certificate.not_after());
    if now < from {
        return Err(refuse(format!(
            "the certificate is valid from {from}, it is {now}"
        )));
    }
    if now > until {
        let told = refuse(format!("the certificate expired at {until}"));
        return Err(told.hint("ask its CA for a new one; nobody would accept what it signs now"));
    }
    let may_sign = certificate
        .key_usage()
        .is_none_or(|usage| usage.digital_signature() || usage.content_commitment());
    if !may_sign {
        // RFC 5280 §4.2.1.3; GM/T 0015 issues two certificates, and the other one signs.
        let told = refuse("the certificate's key usage permits no signatures".to_owned());
        return Err(
            told.hint("of a pair (签名证书, 加密证书), use the signing certificate and its key")
        );
    }
    Ok(())
}

fn sign_cms(
    arguments: &Sign,
    signer: &Signer,
    dialect: Dialect,
    now: Timestamp,
) -> Result<Vec<u8>, CliError> {
    let signing = signer.signing(dialect, Some(now))?;
    let (signed, digest) = if arguments.detached {
        let mut context = DigestContext::new(signing.digest_algorithm());
        read_pieces(&arguments.file, |piece| context.update(piece))?;
        let digest = context.finish();
        (signing.sign(SignedContent::Detached(&digest)), Some(digest))
    } else {
        let content = read_whole(&arguments.file)?;
        (signing.sign(SignedContent::Attached(&content)), None)
    };
    let signed = signed.or_exit(Exit::Internal)?;
    let made = written(signed, &signing, arguments.timestamp.as_deref())?;
    require_intact(&made, digest)?;
    Ok(made)
}

/// A CMS signature of `content` that leaves it out.
pub(in crate::cli) fn sign_apart(
    signer: &Signer,
    content: &[u8],
    now: Timestamp,
) -> Result<Vec<u8>, CliError> {
    let signing = signer.signing(Dialect::Cms, Some(now))?;
    let digest = digest(signing.digest_algorithm(), content);
    let signed = signing.sign(SignedContent::Detached(&digest));
    written(signed.or_exit(Exit::Internal)?, &signing, None)
}

/// A signature in DER; with a timestamp of its value, by the digest that the signature itself rests on, where there is
/// an authority to ask.
pub(in crate::cli) fn written(
    signed: Signed,
    signing: &Signing<'_>,
    authority: Option<&str>,
) -> Result<Vec<u8>, CliError> {
    let stamped = match authority {
        None => signed,
        Some(url) => {
            let imprint = digest(signing.digest_algorithm(), signed.value());
            let token = ask_authority::ask(url, imprint, None)?;
            signed.with_timestamp(token.der)
        }
    };
    stamped.to_der().or_exit(Exit::Internal)
}

/// Reads back what is about to be written, with the reader that others will judge it with.
fn require_intact(made: &[u8], content: Option<Digest>) -> Result<(), CliError> {
    let signed = SignedData::parse(made).or_exit(Exit::Internal)?;
    let apart = DetachedContent {
        digests: content.into_iter().collect(),
        ..DetachedContent::default()
    };
    let facts = signed.facts(&[apart]);
    match facts.as_slice() {
        [one] if one.integrity == Integrity::Intact => Ok(()),
        _ => Err(CliError::new(
            Exit::Internal,
            "what was signed does not verify, and was not written",
        )),
    }
}

fn sign_jws(arguments: &Sign, signer: &Signer, now: Timestamp) -> Result<Vec<u8>, CliError> {
    let signing = DocumentSigning {
        key: &signer.key,
        certificates: &signer.certificates,
        signed_at: now,
    };
    let compact = if arguments.detached {
        let mut context = DetachedDigest::new(signer.key.algorithm().digest());
        read_pieces(&arguments.file, |piece| context.update(piece))?;
        signing.sign(DocumentContent::Detached {
            reference: &reference_to(&arguments.file),
            digest: &context.finish(),
            media_type: None,
        })
    } else {
        let content = read_whole(&arguments.file)?;
        signing.sign(DocumentContent::Attached {
            bytes: &content,
            media_type: None,
        })
    };
    Ok(compact.or_exit(Exit::Internal)?.into_bytes())
}

/// A file's name as a URI reference: what RFC 3986 §2.3 does not reserve stays, the rest is escaped.
fn reference_to(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut reference = String::new();
    for byte in name.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match is_plain {
            true => reference.push(char::from(byte)),
            false => reference.push_str(&format!("%{byte:02X}")),
        }
    }
    reference
}

fn read_whole(path: &Path) -> Result<Vec<u8>, CliError> {
    file::read(path, MAX_FILE_BYTES)
        .or_exit(Exit::NoInput)
        .map_err(|error| match path.metadata() {
            Ok(found) if found.len() > MAX_FILE_BYTES => {
                error.hint("sign it with --detached, which takes files of any size")
            }
            _ => error,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_become_references() {
        for (file, reference) in [
            ("a/b/contract.pdf", "contract.pdf"),
            ("a b.txt", "a%20b.txt"),
            ("合同.pdf", "%E5%90%88%E5%90%8C.pdf"),
            ("a:b?c#d", "a%3Ab%3Fc%23d"),
        ] {
            assert_eq!(reference_to(Path::new(file)), reference);
        }
    }
}
