//! The payload of a receipt in canonical JSON (RFC 8785), written in one go.
//!
//! Members stand here in the order of RFC 8785 §3.2.3, so that writing them one after the other is the canonical
//! form; a test compares it with that of the claims.

use serde::Serialize;

use crate::evidence::receipt::ReceiptClaims;
use crate::evidence::receipt::ReceiptDigest;
use crate::evidence::receipt::ReceiptDocument;
use crate::evidence::receipt::ReceiptKind;
use crate::evidence::receipt::ReceiptOriginal;
use crate::evidence::receipt::ReceiptProfile;
use crate::evidence::receipt::ReceiptSigner;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::opaque_id::ReceiptId;
use crate::identifier::uscc::Uscc;
use crate::validation::reason::ReasonCode;
use crate::validation::report::Indication;
use crate::validation::report::SubIndication;

/// [`ReceiptClaims`] in canonical order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<ReceiptDigest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<i64>,
    aud: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<&'a CredentialId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<Document>,
    #[serde(skip_serializing_if = "<[ReceiptDigest]>::is_empty")]
    evidence: &'a [ReceiptDigest],
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence_count: Option<u32>,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    indication: Option<Indication>,
    iss: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a Uscc>,
    jti: &'a ReceiptId,
    kind: ReceiptKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    matter_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more_reasons: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<Original<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Profile<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<&'a str>,
    #[serde(skip_serializing_if = "<[ReasonCode]>::is_empty")]
    reasons: &'a [ReasonCode],
    #[serde(skip_serializing_if = "Option::is_none")]
    signer: Option<Signer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a Uscc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_indication: Option<SubIndication>,
}

/// [`ReceiptDocument`] in canonical order.
#[derive(Serialize)]
struct Document {
    seen: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<ReceiptDigest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sm3: Option<ReceiptDigest>,
}

/// [`ReceiptOriginal`] in canonical order.
#[derive(Serialize)]
struct Original<'a> {
    digest: &'a str,
    seen: bool,
}

/// [`ReceiptProfile`] in canonical order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Profile<'a> {
    digest: ReceiptDigest,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    narrowed_count: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    narrowed_to: &'a [String],
    version: u64,
}

/// [`ReceiptSigner`] in canonical order.
#[derive(Serialize)]
struct Signer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<&'a str>,
    certificate: ReceiptDigest,
    #[serde(skip_serializing_if = "Option::is_none")]
    uscc: Option<&'a Uscc>,
}

/// The claims in canonical JSON.
pub(super) fn write(claims: &ReceiptClaims) -> Result<Vec<u8>, serde_json::Error> {
    let ReceiptClaims {
        iss,
        aud,
        iat,
        jti,
        kind,
        sub,
        answer,
        as_of,
        indication,
        sub_indication,
        reasons,
        more_reasons,
        document,
        original,
        signer,
        issuer,
        credential,
        profile,
        evidence,
        evidence_count,
        purpose,
        operator,
        matter_code,
    } = claims;
    let payload = Payload {
        answer: *answer,
        as_of: *as_of,
        aud,
        credential: credential.as_ref(),
        document: document.as_ref().map(Document::of),
        evidence,
        evidence_count: *evidence_count,
        iat: *iat,
        indication: *indication,
        iss,
        issuer: issuer.as_ref(),
        jti,
        kind: *kind,
        matter_code: matter_code.as_deref(),
        more_reasons: *more_reasons,
        operator: operator.as_deref(),
        original: original.as_ref().map(Original::of),
        profile: profile.as_ref().map(Profile::of),
        purpose: purpose.as_deref(),
        reasons,
        signer: signer.as_ref().map(Signer::of),
        sub: sub.as_ref(),
        sub_indication: *sub_indication,
    };
    // Ours have some 750 bytes.
    let mut json = Vec::with_capacity(1024);
    serde_json::to_writer(&mut json, &payload)?;
    Ok(json)
}

impl Document {
    const fn of(document: &ReceiptDocument) -> Self {
        let ReceiptDocument { sha256, sm3, seen } = document;
        Self {
            seen: *seen,
            sha256: *sha256,
            sm3: *sm3,
        }
    }
}

impl<'a> Original<'a> {
    fn of(original: &'a ReceiptOriginal) -> Self {
        let ReceiptOriginal { digest, seen } = original;
        Self {
            digest,
            seen: *seen,
        }
    }
}

impl<'a> Profile<'a> {
    fn of(profile: &'a ReceiptProfile) -> Self {
        let ReceiptProfile {
            name,
            version,
            digest,
            narrowed_to,
            narrowed_count,
        } = profile;
        Self {
            digest: *digest,
            name,
            narrowed_count: *narrowed_count,
            narrowed_to,
            version: *version,
        }
    }
}

impl<'a> Signer<'a> {
    fn of(signer: &'a ReceiptSigner) -> Self {
        let ReceiptSigner {
            uscc,
            certificate,
            ca,
        } = signer;
        Self {
            ca: ca.as_deref(),
            certificate: *certificate,
            uscc: uscc.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::canonical;

    #[test]
    fn what_is_written_is_canonical() {
        let digest = ReceiptDigest::new([0xfb; 32]);
        let uscc = Uscc::with_check("91441900MA4UJ1234").unwrap();
        let jti = ReceiptId::from_random([3; 16]);
        let bare = ReceiptClaims::new(ReceiptKind::Match, jti, "https://a.example", "bank", -7);
        // More than any receipt has together.
        let full = ReceiptClaims {
            sub: Some(uscc.clone()),
            answer: Some(digest),
            as_of: Some(1),
            indication: Some(Indication::Indeterminate),
            sub_indication: Some(SubIndication::TryLater),
            reasons: vec![ReasonCode::HolderNotBound, ReasonCode::NoSignatureFound],
            more_reasons: Some(2),
            document: Some(ReceiptDocument {
                sha256: Some(digest),
                sm3: Some(digest),
                seen: true,
            }),
            original: Some(ReceiptOriginal {
                digest: "sm3:A".to_owned(),
                seen: false,
            }),
            signer: Some(ReceiptSigner {
                uscc: Some(uscc.clone()),
                certificate: digest,
                ca: Some("city".to_owned()),
            }),
            issuer: Some(uscc),
            credential: Some(CredentialId::from_random([7; 16])),
            profile: Some(ReceiptProfile {
                name: "bank/loan".to_owned(),
                version: u64::MAX,
                digest,
                narrowed_to: vec!["a".to_owned(), "b".to_owned()],
                narrowed_count: Some(3),
            }),
            evidence: vec![digest, ReceiptDigest::new([0; 32])],
            evidence_count: Some(4),
            purpose: Some("loan".to_owned()),
            operator: Some("柜台 \"7\" \\ \u{7f} 😀".to_owned()),
            matter_code: Some("2026/\u{e9}".to_owned()),
            ..bare.clone()
        };
        for claims in [bare, full] {
            let expected = canonical(&serde_json::to_value(&claims).unwrap());
            let written = write(&claims).unwrap();
            assert_eq!(
                String::from_utf8(written).unwrap(),
                String::from_utf8(expected).unwrap()
            );
        }
    }
}
