//! Documents that a sample company signed, in `samples/documents`: CMS with a timestamp of the city, apart from its
//! content and around it, JWS, one that somebody altered, and one with national cryptography.

use std::path::Path;

use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::document_key::DocumentKey;
use crate::crypto::document_key::RsaPadding;
use crate::crypto::random::SystemRandom;
use crate::crypto::random::array;
use crate::pki::bag;
use crate::pki::certificate::Certificate;
use crate::service::app::App;
use crate::signature::cms::signed_data::Dialect;
use crate::signature::cms::write::ContentType;
use crate::signature::cms::write::EmbeddedCertificates;
use crate::signature::cms::write::Signed;
use crate::signature::cms::write::SignedContent;
use crate::signature::cms::write::Signing;
use crate::signature::jose::sign_document::DocumentContent;
use crate::signature::jose::sign_document::DocumentSigning;
use crate::signature::timestamp::request::TimestampRequest;
use crate::store::file;

/// What the company applies for.
const APPLICATION: &str = "申请书\n\n示例企业申请开立基本存款账户。\n\n\
                           Application: the sample company applies for a basic deposit account.\n";

/// The CA of the company that Bank Jia recognises for banking.
const WESTERN: &str = "company-of-demo-yi";

const MAX_FILE_BYTES: u64 = 64 * 1024;

/// A company's key and its certificate, as they were written before.
struct Signer {
    key: DocumentKey,
    certificate: Certificate,
}

impl Signer {
    fn read(samples: &Path, name: &str) -> Result<Self, CliError> {
        let read = |suffix: &str| {
            let path = samples.join(format!("{name}{suffix}"));
            file::read(&path, MAX_FILE_BYTES).or_exit(Exit::Internal)
        };
        let key = String::from_utf8(read(".key.pem")?).or_exit(Exit::Internal)?;
        let certificates = bag::read(&read(".pem")?, 1).or_exit(Exit::Internal)?;
        let certificate = certificates.certificates.into_iter().next();
        Ok(Self {
            key: DocumentKey::from_pem(&key, None, RsaPadding::Pkcs1).or_exit(Exit::Internal)?,
            certificate: certificate
                .ok_or_else(|| CliError::new(Exit::Internal, "a company without certificate"))?,
        })
    }

    fn sign(
        &self,
        app: &App,
        dialect: Dialect,
        content: SignedContent<'_>,
    ) -> Result<Signed, CliError> {
        let signing = Signing {
            key: &self.key,
            certificate: &self.certificate,
            embedded: EmbeddedCertificates::SignersAnd(&[]),
            dialect,
            content_type: ContentType::Data,
            signed_at: Some(app.now()),
        };
        signing.sign(content).or_exit(Exit::Internal)
    }
}

/// Signs the samples.
pub(super) async fn write(app: &App, samples: &Path) -> Result<(), CliError> {
    let folder = samples.join("documents");
    std::fs::create_dir_all(&folder).map_err(|error| CliError::new(Exit::Internal, error))?;
    let put = |name: &str, content: &[u8]| {
        file::create(&folder.join(name), content).or_exit(Exit::Internal)
    };
    let company = Signer::read(samples, WESTERN)?;
    let content = APPLICATION.as_bytes();
    put("application.txt", content)?;
    put(
        "altered.txt",
        APPLICATION.replace("示例企业", "别家企业").as_bytes(),
    )?;

    let detached = digest(DigestAlgorithm::Sha256, content);
    let detached = company.sign(app, Dialect::Cms, SignedContent::Detached(&detached))?;
    put("application.txt.p7s", &stamped(app, detached).await?)?;
    let attached = company.sign(app, Dialect::Cms, SignedContent::Attached(content))?;
    put("application.p7m", &stamped(app, attached).await?)?;
    let jws = DocumentSigning {
        key: &company.key,
        certificates: std::slice::from_ref(&company.certificate),
        signed_at: app.now(),
    };
    let jws = jws
        .sign(DocumentContent::Attached {
            bytes: content,
            media_type: Some("text/plain"),
        })
        .or_exit(Exit::Internal)?;
    put("application.jws", jws.as_bytes())?;

    let national = Signer::read(&samples.join("sm2"), "company")?;
    let national = national.sign(app, Dialect::Gmt0010, SignedContent::Attached(content))?;
    put(
        "application.gm.p7m",
        &national.to_der().or_exit(Exit::Internal)?,
    )
}

/// The signature with a timestamp of the city's own authority.
async fn stamped(app: &App, signed: Signed) -> Result<Vec<u8>, CliError> {
    let imprint = digest(DigestAlgorithm::Sha256, signed.value());
    let nonce = array(&SystemRandom::new()).or_exit(Exit::Internal)?;
    let request = TimestampRequest::new(imprint, nonce)
        .to_der()
        .or_exit(Exit::Internal)?;
    let token = app
        .issue_timestamp(&request)
        .await
        .or_exit(Exit::Internal)?;
    signed
        .with_timestamp(token)
        .to_der()
        .or_exit(Exit::Internal)
}
