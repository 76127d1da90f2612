//! Judges a receipt as what it is, with nothing but the keys that whoever holds it relies on.
//!
//! The verdict is on the receipt: that the service said this. What it said of the document stands in the claims,
//! and may well be `TOTAL-FAILED` in a receipt that passes.

use serde::Serialize;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::public_key::PublicKey;
use crate::encoding::base64url;
use crate::encoding::json;
use crate::encoding::json::JsonLimits;
use crate::evidence::receipt;
use crate::evidence::receipt::MAX_BYTES;
use crate::evidence::receipt::ReceiptClaims;
use crate::evidence::receipt::ReceiptDigest;
use crate::evidence::receipt::ReceiptError;
use crate::signature::jose::compact::CompactJws;
use crate::validation::report::Indication;
use crate::validation::report::SubIndication;

/// A receipt key that is relied on.
#[derive(Debug, Clone)]
pub struct ReceiptKey {
    /// The key.
    pub key: PublicKey,
    /// From when to when its certificate says that it is used; none where it has none.
    pub validity: Option<(Timestamp, Timestamp)>,
}

/// Makes the enum and its words from one table.
macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $variant:ident $code:literal $indication:ident $sub:ident $message:literal $message_zh:literal;)+) => {
        /// Why a receipt does not pass.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ReceiptFault {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl ReceiptFault {
            /// Its code in JSON; append-only.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// In English.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message,)+ }
            }

            /// In Chinese.
            #[must_use]
            pub const fn message_zh(self) -> &'static str {
                match self { $(Self::$variant => $message_zh,)+ }
            }

            const fn verdict(self) -> (Indication, SubIndication) {
                match self { $(Self::$variant => (Indication::$indication, SubIndication::$sub),)+ }
            }
        }
    };
}

faults! {
    /// The content that was handed in is not what the receipt is about.
    DocumentDiffers "RECEIPT_DOCUMENT_DIFFERS" TotalFailed HashFailure
        "The receipt is about another document." "回执所指并非该文件。";
    /// The receipt is about no document, or names it by no digest that we can compute.
    DocumentNotNamed "RECEIPT_DOCUMENT_NOT_NAMED" Indeterminate SignedDataNotFound
        "The receipt names no document by SHA-256 or SM3." "回执未以 SHA-256 或 SM3 指明文件。";
    /// Its time, or the time that is judged for, is not within the validity of the key's certificate.
    KeyNotValid "RECEIPT_KEY_NOT_VALID" Indeterminate OutOfBoundsNoPoe
        "The certificate of the receipt key is not valid at the receipt's time or at the time of this check; `--at` names a time at which you are known to have had the receipt."
        "回执密钥证书在回执签发时或本次核验时不在有效期内；如能证明此前已持有该回执，可用 `--at` 指定该时点。";
    /// None of the keys that are relied on is the one that it names.
    KeyUnknown "RECEIPT_KEY_UNKNOWN" Indeterminate NoSigningCertificateFound
        "The receipt names a key that is not among those relied on." "回执所指的密钥不在所依据的密钥之中。";
    /// It has not the form of a receipt.
    Malformed "RECEIPT_MALFORMED" TotalFailed FormatFailure
        "This has not the form of a receipt." "格式不符合回执要求。";
    /// It is altered or forged.
    SignatureWrong "RECEIPT_SIGNATURE_WRONG" TotalFailed SigCryptoFailure
        "The signature is not that of the receipt key: altered or forged." "签名与回执密钥不符：内容被改动或系伪造。";
}

/// A fault as it is told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FaultJson {
    code: &'static str,
    message: &'static str,
    message_zh: &'static str,
}

impl Serialize for ReceiptFault {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = FaultJson {
            code: self.code(),
            message: self.message(),
            message_zh: self.message_zh(),
        };
        json.serialize(serializer)
    }
}

/// The verdict on a receipt.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptVerdict {
    /// Whether it may be relied on.
    pub indication: Indication,
    /// ETSI's refinement.
    pub sub_indication: Option<SubIndication>,
    /// The name of the key that it says it is signed with.
    pub kid: Option<String>,
    /// What it says; only to be believed where `indication` is `TOTAL-PASSED`.
    pub claims: Option<ReceiptClaims>,
    /// What speaks against it.
    pub reasons: Vec<ReceiptFault>,
}

/// Whether a text says of itself that it is a receipt: by its header alone, so that one that is cut off is judged
/// as the receipt that it was.
#[must_use]
pub fn is_receipt(text: &str) -> bool {
    let header = text.split('.').next().unwrap_or_default();
    let header = base64url::decode(header, MAX_BYTES).ok();
    let header = header.and_then(|header| json::parse(&header, JsonLimits::DEFAULT).ok());
    header.is_some_and(|header| {
        header.get("typ").and_then(Value::as_str) == KeyPurpose::Receipt.typ()
    })
}

/// Judges a receipt by `keys` for the time `at`; `contents` are to be the document that it is about, each by its
/// digests.
#[must_use]
pub fn judge(
    jwt: &str,
    keys: &[ReceiptKey],
    at: Timestamp,
    contents: &[Vec<Digest>],
) -> ReceiptVerdict {
    let mut verdict = ReceiptVerdict {
        indication: Indication::TotalPassed,
        sub_indication: None,
        kid: None,
        claims: receipt::read(jwt).ok(),
        reasons: Vec::new(),
    };
    let jws = match CompactJws::parse(jwt) {
        Ok(jws) if jwt.len() <= MAX_BYTES => jws,
        Ok(_) | Err(_) => return verdict.with(ReceiptFault::Malformed),
    };
    verdict.kid = jws.kid().map(str::to_owned);
    let named = keys.iter().find(|key| {
        let thumbprint = key.key.jwk_thumbprint();
        thumbprint.is_some() && thumbprint.as_deref() == jws.kid()
    });
    let Some(named) = named else {
        return verdict.with(ReceiptFault::KeyUnknown);
    };
    let claims = match receipt::verify(jwt, &named.key) {
        Ok(claims) => claims,
        Err(ReceiptError::Signature(_)) => return verdict.with(ReceiptFault::SignatureWrong),
        Err(_) => return verdict.with(ReceiptFault::Malformed),
    };
    let issued_at = Timestamp::from_unix_seconds(claims.iat);
    let within = |time: Timestamp| {
        named
            .validity
            .is_none_or(|(from, until)| from <= time && time <= until)
    };
    if !issued_at.is_some_and(within) || !within(at) {
        verdict = verdict.with(ReceiptFault::KeyNotValid);
    }
    for content in contents {
        match is_document(&claims, content) {
            Some(true) => {}
            Some(false) => verdict = verdict.with(ReceiptFault::DocumentDiffers),
            None => verdict = verdict.with(ReceiptFault::DocumentNotNamed),
        }
    }
    verdict.claims = Some(claims);
    verdict
}

/// Whether these are digests of the document; none where no digest can be compared.
fn is_document(claims: &ReceiptClaims, content: &[Digest]) -> Option<bool> {
    let document = claims.document.as_ref()?;
    let said = [
        (DigestAlgorithm::Sha256, document.sha256),
        (DigestAlgorithm::Sm3, document.sm3),
    ];
    let said = said.iter().filter_map(|(algorithm, said)| {
        let found = content
            .iter()
            .find(|digest| digest.algorithm() == *algorithm)?;
        Some(found.as_bytes() == said.as_ref().map(ReceiptDigest::as_bytes)?)
    });
    // All that can be compared must be the same.
    said.fold(None, |all, one| Some(all.unwrap_or(true) && one))
}

impl ReceiptVerdict {
    fn with(mut self, fault: ReceiptFault) -> Self {
        let (indication, sub_indication) = fault.verdict();
        if indication > self.indication {
            self.indication = indication;
            self.sub_indication = Some(sub_indication);
        }
        if !self.reasons.contains(&fault) {
            self.reasons.push(fault);
        }
        self
    }
}
