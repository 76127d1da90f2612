//! The receipt: a signed answer that stands by itself and fits in 2 KB.
//!
//! One form for verify, confirm and match (DESIGN.md §7): a compact JWS (RFC 7515) of type
//! `verification-receipt+jwt` whose `kid` is the thumbprint of the receipt key (RFC 7638). Whoever holds
//! it and the public key can check it years later without asking anybody. What a replay needs beyond it
//! (facts, evidence) is stored by its digest.
//!
//! Times are JWT dates in whole seconds (RFC 7519 §2); digests are base64url, as everywhere inside JOSE.

mod digest;
mod error;
mod fit;
pub mod judge;
mod payload;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::crypto::digest::Sha256;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::public_key::PublicKey;
use crate::crypto::sign::SigningKey;
use crate::encoding::json;
use crate::encoding::json::JsonLimits;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::opaque_id::ReceiptId;
use crate::identifier::uscc::Uscc;
use crate::signature::jose::compact::CompactJws;
use crate::signature::jose::sign::sign_canonical;
use crate::validation::reason::ReasonCode;
use crate::validation::report::Indication;
use crate::validation::report::SubIndication;

pub use digest::ReceiptDigest;
pub use error::ReceiptError;
pub use fit::MAX_BYTES;
pub use fit::MAX_ISS_BYTES;
pub use fit::MAX_TEXT_CHARACTERS;
pub use fit::check_text;

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiptKind {
    /// A document, credential, signature or certificate was verified.
    Verify,
    /// A company was confirmed.
    Confirm,
    /// Facts were compared with those of a company.
    Match,
}

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptClaims {
    /// The address of the service that answered, at most 64 bytes.
    pub iss: String,
    /// The relying party that asked.
    pub aud: String,
    /// When it was answered, in seconds since 1970.
    pub iat: i64,
    /// The receipt's number.
    pub jti: ReceiptId,
    /// What was asked.
    pub kind: ReceiptKind,
    /// The company that was asked about; only of confirm and match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<Uscc>,
    /// SHA-256 of the answer's canonical JSON (RFC 8785); only of confirm and match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<ReceiptDigest>,
    /// The time that the answer is about, in seconds since 1970, where it is not `iat`: `asOf` of
    /// confirm, `validationTime` of verify.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<i64>,
    /// The verdict; only and always of verify.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indication: Option<Indication>,
    /// Its refinement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_indication: Option<SubIndication>,
    /// Codes of the reasons, those that weigh most first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonCode>,
    /// How many further codes there was no room for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_reasons: Option<u32>,
    /// What was verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<ReceiptDocument>,
    /// The content that it was signed apart from; of several the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<ReceiptOriginal>,
    /// Who signed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<ReceiptSigner>,
    /// The department that issued the credential, by the issuer register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Uscc>,
    /// The credential that the document is, if it is one of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<CredentialId>,
    /// The trust profile that it was judged under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ReceiptProfile>,
    /// Digests of the evidence that was used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<ReceiptDigest>,
    /// Where there was no room for so many: how many `evidence` stands for. It then has one member,
    /// the SHA-256 of all of them, sorted and put one after the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_count: Option<u32>,
    /// The id of the purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The caller's own name for who asked, at most 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The caller's own number of the matter, at most 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matter_code: Option<String>,
}

/// What was verified, by its digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptDocument {
    /// SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<ReceiptDigest>,
    /// SM3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sm3: Option<ReceiptDigest>,
    /// Whether we had the bytes, not only a digest.
    pub seen: bool,
}

/// Content that stands apart from its signature, by one digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptOriginal {
    /// The digest: its algorithm as reports write it, a colon, and at most 64 bytes in base64url.
    pub digest: String,
    /// Whether we had the bytes, not only digests.
    pub seen: bool,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptSigner {
    /// The company, where its CA vouches for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uscc: Option<Uscc>,
    /// SHA-256 of the signing certificate.
    pub certificate: ReceiptDigest,
    /// The CA that its path leads to, where we know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
}

/// A trust profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptProfile {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// Its digest, over what it was narrowed to as well.
    pub digest: ReceiptDigest,
    /// The CAs that the request narrowed it to; none where it is the caller's whole one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub narrowed_to: Vec<String>,
    /// Where there was no room for their ids: how many they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrowed_count: Option<u32>,
}

impl ReceiptClaims {
    /// Claims that say only who answered whom, when and what about.
    #[must_use]
    pub fn new(kind: ReceiptKind, jti: ReceiptId, iss: &str, aud: &str, iat: i64) -> Self {
        Self {
            iss: iss.to_owned(),
            aud: aud.to_owned(),
            iat,
            jti,
            kind,
            sub: None,
            answer: None,
            as_of: None,
            indication: None,
            sub_indication: None,
            reasons: Vec::new(),
            more_reasons: None,
            document: None,
            original: None,
            signer: None,
            issuer: None,
            credential: None,
            profile: None,
            evidence: Vec::new(),
            evidence_count: None,
            purpose: None,
            operator: None,
            matter_code: None,
        }
    }
}

/// Signs a receipt of at most [`MAX_BYTES`].
///
/// Where everything together is too long, evidence is folded into one digest, the CAs that a profile was
/// narrowed to are counted instead of named (its digest is over them all the same), then the lightest
/// reasons are counted instead of named, and last a document that has a SHA-256 loses its SM3; nothing
/// else is ever left out. Of content that is named by a digest of 64 bytes the last reason may be counted too,
/// and last the number of CAs that a profile was narrowed to left out.
///
/// # Errors
/// [`ReceiptError::Field`] for a claim that is longer than agreed, [`ReceiptError::Misfit`] for one that
/// is missing or does not belong to its kind, [`ReceiptError::Purpose`] for another kind of key,
/// [`ReceiptError::Jose`] when signing fails.
pub fn sign(claims: &ReceiptClaims, key: &SigningKey) -> Result<String, ReceiptError> {
    if key.purpose() != KeyPurpose::Receipt {
        return Err(ReceiptError::Purpose {
            purpose: key.purpose().name(),
        });
    }
    fit::check(claims)?;
    let kid = key.public_key().jwk_thumbprint().ok_or(ReceiptError::Key)?;
    let payload = fit::payload(claims)?;
    let header = [("kid", Value::from(kid))];
    let receipt = sign_canonical(key, &header, &payload)?;
    if receipt.len() > MAX_BYTES {
        return Err(ReceiptError::TooLarge {
            bytes: receipt.len(),
        });
    }
    Ok(receipt)
}

/// Reads a receipt and verifies that `key` signed it.
///
/// # Errors
/// [`ReceiptError`]; only [`ReceiptError::Signature`] says that it is altered or forged.
pub fn verify(jwt: &str, key: &PublicKey) -> Result<ReceiptClaims, ReceiptError> {
    if jwt.len() > MAX_BYTES {
        return Err(ReceiptError::TooLarge { bytes: jwt.len() });
    }
    let jws = CompactJws::parse(jwt)?;
    // RFC 8725 §3.11: the explicit type keeps other JWTs of ours from passing as receipts.
    if jws.typ() != KeyPurpose::Receipt.typ() {
        return Err(ReceiptError::Type);
    }
    let thumbprint = key.jwk_thumbprint().ok_or(ReceiptError::Key)?;
    if jws.kid() != Some(thumbprint.as_str()) {
        return Err(ReceiptError::OtherKey);
    }
    jws.verify(key).map_err(ReceiptError::Signature)?;
    claims_of(&jws)
}

/// Reads what a receipt says, and verifies nothing: for one that we keep ourselves, and to show what is claimed.
///
/// # Errors
/// [`ReceiptError`] for what has not the form of a receipt.
pub fn read(jwt: &str) -> Result<ReceiptClaims, ReceiptError> {
    if jwt.len() > MAX_BYTES {
        return Err(ReceiptError::TooLarge { bytes: jwt.len() });
    }
    let jws = CompactJws::parse(jwt)?;
    if jws.typ() != KeyPurpose::Receipt.typ() {
        return Err(ReceiptError::Type);
    }
    claims_of(&jws)
}

fn claims_of(jws: &CompactJws) -> Result<ReceiptClaims, ReceiptError> {
    let payload = json::parse(jws.payload(), JsonLimits::DEFAULT)?;
    let claims: ReceiptClaims = serde_json::from_value(payload).map_err(ReceiptError::Claims)?;
    fit::check(&claims)?;
    Ok(claims)
}

impl From<Sha256> for ReceiptDigest {
    fn from(digest: Sha256) -> Self {
        Self::new(*digest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::signature::jose::sign::sign_compact;

    fn key() -> SigningKey {
        SigningKey::generate(KeyPurpose::Receipt).unwrap().0
    }

    fn digest(byte: u8) -> ReceiptDigest {
        ReceiptDigest::new([byte; 32])
    }

    fn uscc() -> Uscc {
        Uscc::with_check("91441900MA4UJ1234").unwrap()
    }

    fn verified() -> ReceiptClaims {
        ReceiptClaims {
            indication: Some(Indication::TotalPassed),
            document: Some(ReceiptDocument {
                sha256: Some(digest(1)),
                sm3: None,
                seen: true,
            }),
            profile: Some(ReceiptProfile {
                name: "bank-x/account-opening".to_owned(),
                version: 7,
                digest: digest(2),
                narrowed_to: Vec::new(),
                narrowed_count: None,
            }),
            ..ReceiptClaims::new(
                ReceiptKind::Verify,
                ReceiptId::from_random([3; 16]),
                "https://yinxin.example",
                "bank-x",
                1_780_272_000,
            )
        }
    }

    fn confirmed() -> ReceiptClaims {
        ReceiptClaims {
            sub: Some(uscc()),
            answer: Some(digest(4)),
            ..ReceiptClaims::new(
                ReceiptKind::Confirm,
                ReceiptId::from_random([5; 16]),
                "https://yinxin.example",
                "bank-x",
                1_780_272_000,
            )
        }
    }

    /// Everything that may stand in a receipt, as long as it may be.
    fn largest(evidence: usize) -> ReceiptClaims {
        let longest = ReasonCode::from_name("PATH_UNKNOWN_CRITICAL_EXTENSION").unwrap();
        ReceiptClaims {
            iss: format!("https://{}", "a".repeat(56)),
            aud: "a".repeat(32),
            iat: 253_402_300_799,
            as_of: Some(253_402_300_799),
            indication: Some(Indication::Indeterminate),
            sub_indication: Some(SubIndication::NoCertificateChainFoundNoPoe),
            reasons: vec![longest; 100],
            document: Some(ReceiptDocument {
                sha256: Some(digest(0xff)),
                sm3: Some(digest(0xfe)),
                seen: false,
            }),
            signer: Some(ReceiptSigner {
                uscc: Some(uscc()),
                certificate: digest(0xfd),
                ca: Some("c".repeat(32)),
            }),
            issuer: Some(uscc()),
            credential: Some(CredentialId::from_random([0xff; 16])),
            profile: Some(ReceiptProfile {
                name: "p".repeat(65),
                version: u64::MAX,
                digest: digest(0xfc),
                narrowed_to: vec!["n".repeat(32); 32],
                narrowed_count: None,
            }),
            evidence: (0..evidence)
                .map(|n| digest(u8::try_from(n).unwrap()))
                .collect(),
            purpose: Some("p".repeat(32)),
            operator: Some("印".repeat(64)),
            matter_code: Some("信".repeat(64)),
            ..verified()
        }
    }

    fn original(alg: &str, bytes: usize) -> ReceiptOriginal {
        ReceiptOriginal {
            digest: format!(
                "{alg}:{}",
                crate::encoding::base64url::encode(&vec![0xff; bytes])
            ),
            seen: false,
        }
    }

    #[test]
    fn a_receipt_reads_back_under_its_own_key_alone() {
        let key = key();
        for claims in [verified(), confirmed()] {
            let receipt = sign(&claims, &key).unwrap();
            assert_eq!(verify(&receipt, key.public_key()).unwrap(), claims);
            let other = self::key();
            assert!(matches!(
                verify(&receipt, other.public_key()),
                Err(ReceiptError::OtherKey)
            ));
        }
    }

    #[test]
    fn claims_and_header_are_as_documented() {
        let key = key();
        let receipt = sign(&verified(), &key).unwrap();
        let jws = CompactJws::parse(&receipt).unwrap();
        assert_eq!(jws.typ(), Some("verification-receipt+jwt"));
        assert_eq!(jws.alg(), "ES256");
        assert_eq!(jws.kid(), key.public_key().jwk_thumbprint().as_deref());
        let payload: Value = serde_json::from_slice(jws.payload()).unwrap();
        assert_eq!(
            payload,
            json!({
                "iss": "https://yinxin.example", "aud": "bank-x", "iat": 1_780_272_000,
                "jti": "AwMDAwMDAwMDAwMDAwMDAw", "kind": "verify", "indication": "TOTAL-PASSED",
                "document": {"sha256": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE", "seen": true},
                "profile": {"name": "bank-x/account-opening", "version": 7,
                    "digest": "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"}
            })
        );
    }

    #[test]
    fn the_largest_permitted_receipt_fits() {
        let key = key();
        for evidence in [0, 1, 2, 200] {
            let receipt = sign(&largest(evidence), &key).unwrap();
            assert!(receipt.len() <= MAX_BYTES, "{evidence}: {}", receipt.len());
            let read = verify(&receipt, key.public_key()).unwrap();
            let named = u32::try_from(read.reasons.len()).unwrap();
            assert!(named >= 1);
            assert_eq!(read.more_reasons.unwrap_or(0) + named, 100);
            assert_eq!(
                read.operator,
                Some("印".repeat(64)),
                "nothing else is left out"
            );
            let count = u32::try_from(evidence).unwrap();
            assert_eq!(read.evidence_count, (evidence > 1).then_some(count));
        }
        let confirmed = ReceiptClaims {
            evidence: vec![digest(9); 50],
            as_of: Some(253_402_300_799),
            iss: largest(0).iss,
            aud: largest(0).aud,
            purpose: largest(0).purpose,
            operator: largest(0).operator,
            matter_code: largest(0).matter_code,
            profile: None,
            ..confirmed()
        };
        assert!(sign(&confirmed, &key).unwrap().len() <= MAX_BYTES);
    }

    #[test]
    fn the_largest_receipt_of_content_that_stands_apart_fits() {
        let key = key();
        for (alg, bytes) in [("sha256", 32), ("sha512-256", 32), ("sha3-512", 64)] {
            let claims = ReceiptClaims {
                original: Some(original(alg, bytes)),
                // What is signed apart from its content is no credential.
                issuer: None,
                credential: None,
                ..largest(200)
            };
            let receipt = sign(&claims, &key).unwrap();
            let read = verify(&receipt, key.public_key()).unwrap();
            assert_eq!(read.original, claims.original);
            let named = u32::try_from(read.reasons.len()).unwrap();
            assert_eq!(read.more_reasons.unwrap_or(0) + named, 100);
        }
    }

    #[test]
    fn folded_evidence_does_not_depend_on_its_order() {
        let key = key();
        let mut turned = largest(30);
        turned.evidence.reverse();
        let folded = |claims: &ReceiptClaims| {
            let receipt = sign(claims, &key).unwrap();
            verify(&receipt, key.public_key()).unwrap().evidence
        };
        assert_eq!(folded(&largest(30)), folded(&turned));
        assert_ne!(folded(&largest(30)), folded(&largest(31)));
    }

    #[test]
    fn the_weightiest_reasons_are_kept() {
        let mut claims = largest(0);
        claims.reasons = vec![ReasonCode::DemoTrust; 40];
        claims.reasons.push(ReasonCode::CredentialRevoked);
        let key = key();
        let read = verify(&sign(&claims, &key).unwrap(), key.public_key()).unwrap();
        assert_eq!(read.reasons.first(), Some(&ReasonCode::CredentialRevoked));
    }

    #[test]
    fn what_does_not_belong_is_refused_before_signing() {
        let key = key();
        let refused = |claims: ReceiptClaims| sign(&claims, &key).unwrap_err().to_string();
        let text = |operator: String| ReceiptClaims {
            operator: Some(operator),
            ..verified()
        };
        assert!(sign(&text("x".repeat(64)), &key).is_ok());
        for bad in ["x".repeat(65), "𠮷".repeat(64), "a\nb".to_owned()] {
            assert_eq!(
                refused(text(bad)),
                "`operator` has more than 64 characters or 192 bytes, or control characters"
            );
        }
        assert!(
            refused(ReceiptClaims {
                iss: "a".repeat(65),
                ..verified()
            })
            .starts_with("`iss`")
        );
        for (claims, name) in [
            (
                ReceiptClaims {
                    indication: None,
                    ..verified()
                },
                "indication",
            ),
            (
                ReceiptClaims {
                    document: None,
                    ..verified()
                },
                "document",
            ),
            (
                ReceiptClaims {
                    sub: Some(uscc()),
                    ..verified()
                },
                "sub",
            ),
            (
                ReceiptClaims {
                    original: Some(original("sha256", 32)),
                    credential: Some(CredentialId::from_random([1; 16])),
                    ..verified()
                },
                "original",
            ),
            (
                ReceiptClaims {
                    answer: None,
                    ..confirmed()
                },
                "answer",
            ),
            (
                ReceiptClaims {
                    issuer: Some(uscc()),
                    ..confirmed()
                },
                "issuer",
            ),
        ] {
            assert_eq!(
                refused(claims),
                format!("`{name}` does not fit this kind of receipt")
            );
        }
        let (credential_key, _) = SigningKey::generate(KeyPurpose::Credential).unwrap();
        assert_eq!(
            sign(&verified(), &credential_key).unwrap_err().to_string(),
            "a key for credential signs no receipts"
        );
    }

    #[test]
    fn altered_foreign_and_torn_receipts_are_refused() {
        let key = key();
        let receipt = sign(&verified(), &key).unwrap();
        let parts: Vec<&str> = receipt.split('.').collect();
        let mut better = verified();
        better.aud = "bank-y".to_owned();
        let payload = serde_json::to_vec(&better).unwrap();
        let payload = crate::encoding::base64url::encode(&payload);
        let altered = format!("{}.{payload}.{}", parts[0], parts[2]);
        assert!(matches!(
            verify(&altered, key.public_key()),
            Err(ReceiptError::Signature(_))
        ));
        let torn = &receipt[..receipt.len() - 4];
        assert!(verify(torn, key.public_key()).is_err());
        assert!(verify(&format!("{receipt}AAAA"), key.public_key()).is_err());
        assert!(matches!(
            verify(&"a".repeat(MAX_BYTES + 1), key.public_key()),
            Err(ReceiptError::TooLarge { .. })
        ));

        // Of the receipt key, but with claims that no receipt has.
        let kid = Value::from(key.public_key().jwk_thumbprint().unwrap());
        let foreign = sign_compact(&key, &[("kid", kid)], &json!({"iss": "x"})).unwrap();
        assert!(matches!(
            verify(&foreign, key.public_key()),
            Err(ReceiptError::Claims(_))
        ));

        // A credential is no receipt, even with the same key inside.
        let (_, pkcs8) = SigningKey::generate(KeyPurpose::Receipt).unwrap();
        let as_credential = SigningKey::from_pkcs8(KeyPurpose::Credential, pkcs8.expose()).unwrap();
        let kid = Value::from(as_credential.public_key().jwk_thumbprint().unwrap());
        let payload = serde_json::to_value(verified()).unwrap();
        let credential = sign_compact(&as_credential, &[("kid", kid)], &payload).unwrap();
        assert!(matches!(
            verify(&credential, as_credential.public_key()),
            Err(ReceiptError::Type)
        ));
    }
}
