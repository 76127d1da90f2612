//! `yinxin verify` on a receipt: the keys it is judged by, and the verdict in words.

use std::path::Path;

use serde_json::Value;

use crate::cli::arguments::Verify;
use crate::cli::detached;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::open::Opened;
use crate::cli::relied_on::MAX_CERTIFICATES;
use crate::cli::relied_on::read_file;
use crate::cli::terminal::Terminal;
use crate::clock::Timestamp;
use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::jwk::Jwk;
use crate::crypto::key_purpose::KeyPurpose;
use crate::encoding::base64;
use crate::encoding::hex;
use crate::encoding::json;
use crate::encoding::json::JsonLimits;
use crate::evidence::receipt::ReceiptClaims;
use crate::evidence::receipt::ReceiptDigest;
use crate::evidence::receipt::ReceiptKind;
use crate::evidence::receipt::judge::ReceiptKey;
use crate::evidence::receipt::judge::ReceiptVerdict;
use crate::evidence::receipt::judge::judge;
use crate::pki::bag;
use crate::pki::certificate::Certificate;
use crate::pki::path::PathValidator;
use crate::pki::trust_anchor::AnchorSet;
use crate::pki::trust_anchor::TrustAnchor;
use crate::signature::detached::ContentNeeds;
use crate::validation::report::Indication;

/// Certificates beside one key of a set, and their size.
const MAX_X5C: usize = 8;
const MAX_X5C_BYTES: usize = 64 * 1024;

/// Keys that receipts may be signed with, as far as they are relied on.
#[derive(Debug, Default)]
pub(in crate::cli) struct ReceiptKeys {
    /// Those that count whatever their certificate leads to.
    trusted: Vec<ReceiptKey>,
    /// Those that count only below an anchor, with what may lie between.
    certified: Vec<(Certificate, Vec<Certificate>)>,
    anchors: Vec<Certificate>,
}

impl ReceiptKeys {
    /// Reads `--jwks` and `--anchor`, and takes the key of a data folder. A saved key set is relied on as it stands,
    /// unless an anchor is named too: then each of its keys needs a certificate that leads there.
    ///
    /// # Errors
    /// A file that is missing or is not what it should be.
    pub(in crate::cli) fn read(
        arguments: &Verify,
        intermediates: &[Certificate],
        opened: Option<&Opened>,
    ) -> Result<Self, CliError> {
        let mut keys = Self::default();
        for path in &arguments.trusting.anchor {
            let read = bag::read(&read_file(path)?, MAX_CERTIFICATES).or_exit(Exit::Data)?;
            keys.anchors.extend(read.certificates);
        }
        for certificate in &keys.anchors {
            // The certificate of the receipt key itself.
            if is_for_receipts(certificate) {
                keys.trusted.push(certified(certificate));
            }
        }
        for certificate in intermediates {
            let certified = (certificate.clone(), intermediates.to_vec());
            keys.certified.push(certified);
        }
        if let Some(path) = &arguments.jwks {
            keys.take_set(path)?;
        }
        if let Some(opened) = opened {
            let own = &opened.app.keys().receipt;
            let validity = own.certificates.first();
            keys.trusted.push(ReceiptKey {
                key: own.key.public_key().clone(),
                validity: validity.map(|one| (one.not_before(), one.not_after())),
            });
        }
        Ok(keys)
    }

    fn take_set(&mut self, path: &Path) -> Result<(), CliError> {
        let refused = |what: &str| {
            let shown = path.display();
            CliError::new(Exit::Data, format_args!("{shown}: {what}"))
        };
        let set = json::parse(&read_file(path)?, JsonLimits::DEFAULT).or_exit(Exit::Data)?;
        let keys = set.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or_else(|| refused("not a JWK set: no `keys`"))?;
        for value in keys {
            let is = |name: &str, expected: Option<&str>| {
                value.get(name).is_none_or(|said| said.as_str() == expected)
            };
            // A key of ours verifies its own kind alone.
            if !is("purpose", Some(KeyPurpose::Receipt.name()))
                || !is("typ", KeyPurpose::Receipt.typ())
            {
                continue;
            }
            let jwk = Jwk::parse(value).or_exit(Exit::Data)?;
            let chain = x5c(value).ok_or_else(|| refused("`x5c` cannot be read"))?;
            let own = chain
                .first()
                .filter(|first| first.public_key() == jwk.key());
            if !chain.is_empty() && own.is_none() {
                return Err(refused("`x5c` is not the certificate of the key"));
            }
            match (own, self.anchors.is_empty()) {
                (None, true) => self.trusted.push(ReceiptKey {
                    key: jwk.key().clone(),
                    validity: None,
                }),
                (None, false) => {}
                (Some(own), true) => self.trusted.push(certified(own)),
                (Some(own), false) => self.certified.push((own.clone(), chain.clone())),
            }
        }
        Ok(())
    }

    /// Those that count at `at`.
    fn at(&self, at: Timestamp) -> Vec<ReceiptKey> {
        let anchors = AnchorSet::new(self.anchors.iter().cloned().map(TrustAnchor::new));
        let leads_there = |(certificate, between): &&(Certificate, Vec<Certificate>)| {
            is_for_receipts(certificate)
                && PathValidator::new(&anchors, between, at.min(certificate.not_after()))
                    .validate(certificate)
                    .is_ok()
        };
        let below = self.certified.iter().filter(leads_there);
        let below = below.map(|(certificate, _)| certified(certificate));
        self.trusted.iter().cloned().chain(below).collect()
    }
}

/// Whether a certificate's extended key usage is that of receipt keys.
fn is_for_receipts(certificate: &Certificate) -> bool {
    let usages = certificate.extended_key_usage().unwrap_or_default();
    usages
        .iter()
        .any(|usage| Some(usage.to_string().as_str()) == KeyPurpose::Receipt.eku())
}

fn certified(certificate: &Certificate) -> ReceiptKey {
    ReceiptKey {
        key: certificate.public_key().clone(),
        validity: Some((certificate.not_before(), certificate.not_after())),
    }
}

fn x5c(jwk: &Value) -> Option<Vec<Certificate>> {
    let Some(chain) = jwk.get("x5c") else {
        return Some(Vec::new());
    };
    let chain = chain.as_array().filter(|chain| chain.len() <= MAX_X5C)?;
    let read = |value: &Value| {
        let der = base64::decode(value.as_str()?, MAX_X5C_BYTES).ok()?;
        Certificate::parse_der(&der).ok()
    };
    chain.iter().map(read).collect()
}

/// Judges a receipt; each `--content` is to be the document that it is about.
///
/// # Errors
/// Content that is missing.
pub(in crate::cli) fn judged(
    jwt: &str,
    arguments: &Verify,
    keys: &ReceiptKeys,
    at: Timestamp,
) -> Result<ReceiptVerdict, CliError> {
    let needs = ContentNeeds {
        digests: [DigestAlgorithm::Sha256, DigestAlgorithm::Sm3].into(),
        bytes: false,
    };
    let contents = detached::read(&arguments.content, &needs)?;
    let contents: Vec<Vec<Digest>> = contents.into_iter().map(|one| one.digests).collect();
    Ok(judge(jwt, &keys.at(at), at, &contents))
}

/// Prints the verdict on a receipt and what it says.
///
/// # Errors
/// When standard output cannot be written.
pub(in crate::cli) fn print(
    terminal: &mut Terminal<'_>,
    file: &str,
    verdict: &ReceiptVerdict,
) -> Result<(), CliError> {
    let sub_indication = verdict
        .sub_indication
        .map(|sub| format!(" / {sub}"))
        .unwrap_or_default();
    let words = match verdict.indication {
        Indication::TotalPassed => "the receipt is genuine 回执真实",
        Indication::TotalFailed => "do not rely on this receipt 该回执不可采信",
        Indication::Indeterminate => {
            "whether the receipt is genuine could not be decided 无法判断回执真伪"
        }
    };
    terminal.line(format_args!(
        "{file}: {}{sub_indication} — {words}",
        verdict.indication
    ))?;
    terminal.line("  format    receipt 验证回执")?;
    if let Some(claims) = &verdict.claims {
        if verdict.indication != Indication::TotalPassed {
            terminal.line("            what follows is only claimed 以下内容未经证实")?;
        }
        print_claims(terminal, claims)?;
    }
    for fault in &verdict.reasons {
        terminal.line(format_args!(
            "  error: {} {}",
            fault.code(),
            fault.message()
        ))?;
        terminal.line(format_args!("      {}", fault.message_zh()))?;
    }
    Ok(())
}

fn print_claims(terminal: &mut Terminal<'_>, claims: &ReceiptClaims) -> Result<(), CliError> {
    let kind = match claims.kind {
        ReceiptKind::Verify => "a document was verified 核验文件",
        ReceiptKind::Confirm => "a company was confirmed 查询企业",
        ReceiptKind::Match => "facts of a company were compared 比对企业信息",
    };
    let time = |seconds| {
        Timestamp::from_unix_seconds(seconds).map_or_else(|| "–".to_owned(), |at| at.to_string())
    };
    let document = claims.document.as_ref();
    let hex = |digest: Option<ReceiptDigest>| digest.map(|digest| hex::encode(digest.as_bytes()));
    let lines = [
        ("what", "事项", Some(kind.to_owned())),
        (
            "verdict",
            "结论",
            claims.indication.map(|verdict| {
                let sub = claims.sub_indication.map(|sub| format!(" / {sub}"));
                format!("{verdict}{}", sub.unwrap_or_default())
            }),
        ),
        ("asked by", "查询单位", Some(claims.aud.clone())),
        ("purpose", "用途", claims.purpose.clone()),
        ("answered", "时间", Some(time(claims.iat))),
        ("by", "出具服务", Some(claims.iss.clone())),
        (
            "company",
            "主体",
            claims.sub.as_ref().map(ToString::to_string),
        ),
        (
            "SHA-256",
            "文件摘要",
            hex(document.and_then(|one| one.sha256)),
        ),
        ("SM3", "文件摘要", hex(document.and_then(|one| one.sm3))),
        (
            "profile",
            "认可方案",
            claims
                .profile
                .as_ref()
                .map(|profile| format!("{} version {}", profile.name, profile.version)),
        ),
        ("number", "编号", Some(claims.jti.to_string())),
    ];
    for (name, name_zh, value) in lines {
        if let Some(value) = value {
            terminal.line(format_args!("  {name:<9} {name_zh} {value}"))?;
        }
    }
    let reasons: Vec<&str> = claims.reasons.iter().map(|code| code.as_str()).collect();
    if !reasons.is_empty() {
        terminal.line(format_args!("  reasons   理由 {}", reasons.join(", ")))?;
    }
    Ok(())
}
