//! What may stand in a receipt, and how it is made to fit.

use std::borrow::Cow;

use crate::crypto::digest::sha256;
use crate::evidence::receipt::ReceiptClaims;
use crate::evidence::receipt::ReceiptDigest;
use crate::evidence::receipt::ReceiptError;
use crate::evidence::receipt::ReceiptKind;
use crate::evidence::receipt::payload;
use crate::validation::reason::ReasonCode;

/// Longest receipt in bytes (DESIGN.md §7): it fits in a QR code's neighbourhood, a header, a form field.
pub const MAX_BYTES: usize = 2048;

/// Most characters in a text that the caller chose.
pub const MAX_TEXT_CHARACTERS: usize = 64;

/// Their bytes: three each, as Chinese characters of the Basic Multilingual Plane have.
const MAX_TEXT_BYTES: usize = 3 * MAX_TEXT_CHARACTERS;

/// What the payload may have so that the whole stays within [`MAX_BYTES`]: of those, the header
/// `{"alg":"ES256","kid":"…43…","typ":"verification-receipt+jwt"}` takes 134 characters, an ES256
/// signature 86 and the dots 2; the rest is base64url of the payload.
const MAX_PAYLOAD_BYTES: usize = (MAX_BYTES - 134 - 86 - 2) / 4 * 3;

/// Longest `iss` in bytes.
pub const MAX_ISS_BYTES: usize = 64;
/// Longest `aud`, purpose and CA in bytes; a profile is named after a caller and a purpose.
const MAX_NAME: usize = 32;
const MAX_PROFILE_NAME: usize = 2 * MAX_NAME + 1;
/// Longest digest with the name of its algorithm: 64 bytes in base64url after `sha3-512:`.
const MAX_DIGEST: usize = 9 + 86;

/// Checks a text that the caller chose: `operator` or `matterCode`.
///
/// # Errors
/// [`ReceiptError::Field`] if it has more than 64 characters, 192 bytes, or control characters.
pub fn check_text(name: &'static str, text: &str) -> Result<(), ReceiptError> {
    let fits = text.chars().count() <= MAX_TEXT_CHARACTERS
        && text.len() <= MAX_TEXT_BYTES
        && !text.chars().any(char::is_control);
    fits.then_some(()).ok_or(ReceiptError::Field {
        name,
        max_characters: MAX_TEXT_CHARACTERS,
        max_bytes: MAX_TEXT_BYTES,
    })
}

/// Checks every claim by itself and against the kind of receipt.
pub(super) fn check(claims: &ReceiptClaims) -> Result<(), ReceiptError> {
    check_ours("iss", &claims.iss, MAX_ISS_BYTES)?;
    check_ours("aud", &claims.aud, MAX_NAME)?;
    if let Some(profile) = &claims.profile {
        check_ours("profile", &profile.name, MAX_PROFILE_NAME)?;
        for ca in &profile.narrowed_to {
            check_ours("narrowedTo", ca, MAX_NAME)?;
        }
    }
    if let Some(purpose) = &claims.purpose {
        check_ours("purpose", purpose, MAX_NAME)?;
    }
    if let Some(ca) = claims.signer.as_ref().and_then(|signer| signer.ca.as_ref()) {
        check_ours("ca", ca, MAX_NAME)?;
    }
    if let Some(original) = &claims.original {
        check_ours("original", &original.digest, MAX_DIGEST)?;
    }
    if let Some(operator) = &claims.operator {
        check_text("operator", operator)?;
    }
    if let Some(matter_code) = &claims.matter_code {
        check_text("matterCode", matter_code)?;
    }
    check_kind(claims)
}

/// A text of our own making: printable ASCII of bounded length, in which JSON escapes nothing.
fn check_ours(name: &'static str, text: &str, max_bytes: usize) -> Result<(), ReceiptError> {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    let fits = text.len() <= max_bytes && text.bytes().all(plain);
    fits.then_some(()).ok_or(ReceiptError::Field {
        name,
        max_characters: max_bytes,
        max_bytes,
    })
}

/// What each kind must and must not say.
fn check_kind(claims: &ReceiptClaims) -> Result<(), ReceiptError> {
    let about_a_document = claims.kind == ReceiptKind::Verify;
    let belongs = [
        ("indication", about_a_document, claims.indication.is_some()),
        ("document", about_a_document, claims.document.is_some()),
        ("profile", about_a_document, claims.profile.is_some()),
        ("sub", !about_a_document, claims.sub.is_some()),
        ("answer", !about_a_document, claims.answer.is_some()),
    ];
    if let Some((name, ..)) = belongs
        .iter()
        .find(|(_, expected, found)| expected != found)
    {
        return Err(ReceiptError::Misfit { name });
    }
    let only_of_documents = [
        ("subIndication", claims.sub_indication.is_some()),
        ("original", claims.original.is_some()),
        ("signer", claims.signer.is_some()),
        ("issuer", claims.issuer.is_some()),
        ("credential", claims.credential.is_some()),
    ];
    match only_of_documents
        .iter()
        .find(|(_, found)| *found && !about_a_document)
    {
        Some((name, _)) => Err(ReceiptError::Misfit { name }),
        // A credential is never signed apart from its content; there would be no room for both.
        None if claims.original.is_some() && claims.credential.is_some() => {
            Err(ReceiptError::Misfit { name: "original" })
        }
        None => Ok(()),
    }
}

/// The payload in canonical JSON, shortened as far as it must be.
pub(super) fn payload(claims: &ReceiptClaims) -> Result<Vec<u8>, ReceiptError> {
    let by_weight = |code: &ReasonCode| std::cmp::Reverse(code.severity());
    let mut claims = Cow::Borrowed(claims);
    if !claims.reasons.is_sorted_by_key(by_weight) {
        claims.to_mut().reasons.sort_by_key(by_weight);
    }
    loop {
        let payload = payload::write(&claims).map_err(ReceiptError::Claims)?;
        if payload.len() <= MAX_PAYLOAD_BYTES || !shorten(claims.to_mut()) {
            return Ok(payload);
        }
    }
}

/// Makes the claims shorter by one step; `false` when nothing is left to shorten.
fn shorten(claims: &mut ReceiptClaims) -> bool {
    if claims.evidence_count.is_none() && claims.evidence.len() > 1 {
        let mut digests = std::mem::take(&mut claims.evidence);
        claims.evidence_count = u32::try_from(digests.len()).ok();
        digests.sort_unstable();
        let bytes: Vec<u8> = digests
            .iter()
            .flat_map(ReceiptDigest::as_bytes)
            .copied()
            .collect();
        claims.evidence = vec![sha256(&bytes).into()];
        return true;
    }
    if let Some(profile) = &mut claims.profile
        && !profile.narrowed_to.is_empty()
    {
        let named = std::mem::take(&mut profile.narrowed_to);
        profile.narrowed_count = u32::try_from(named.len()).ok();
        return true;
    }
    if claims.reasons.len() > 1 {
        claims.reasons.pop();
        claims.more_reasons = Some(claims.more_reasons.unwrap_or(0).saturating_add(1));
        return true;
    }
    let sm3 = match &mut claims.document {
        Some(document) if document.sha256.is_some() => document.sm3.take(),
        _ => None,
    };
    if sm3.is_some() {
        return true;
    }
    let counted = claims.original.as_ref().and_then(|_| claims.reasons.pop());
    if counted.is_some() {
        claims.more_reasons = Some(claims.more_reasons.unwrap_or(0).saturating_add(1));
        return true;
    }
    let profile = claims.profile.as_mut();
    profile
        .and_then(|profile| profile.narrowed_count.take())
        .is_some()
}
