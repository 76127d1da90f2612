//! Whether a token answers a request: what a client has to make sure of (RFC 3161 §2.2).

use crate::crypto::key_purpose::KeyPurpose;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::cms::timestamp_token::TstInfo;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::FaultWeight;
use crate::signature::facts::Integrity;
use crate::signature::timestamp::error::AnswerError;
use crate::signature::timestamp::request::CertificateRequest;
use crate::signature::timestamp::request::TimestampRequest;

/// A token that answers a request, and whose signature holds. Whether its authority is to be believed is for
/// [`crate::validation`] to say.
#[derive(Debug)]
pub struct Answer {
    /// What the token says.
    pub info: TstInfo,
    /// Whose signature it is; none where no certificate was asked for.
    pub authority: Option<Certificate>,
}

/// Checks `token` against what was asked: the digest, the nonce, the policy, and one signature of a certificate
/// that is for timestamps alone.
///
/// # Errors
/// [`AnswerError`] says what does not fit.
pub fn check(request: &TimestampRequest, token: &[u8]) -> Result<Answer, AnswerError> {
    let signed = SignedData::parse(token)?;
    let info = TstInfo::parse(&signed.tst_info().ok_or(AnswerError::NotTstInfo)?)?;
    let asked = &request.imprint;
    if info.imprint_algorithm != Some(asked.algorithm()) || info.imprint != asked.as_bytes() {
        return Err(AnswerError::Imprint);
    }
    if request.nonce.is_some() && request.nonce != info.nonce {
        return Err(AnswerError::Nonce);
    }
    if request
        .policy
        .as_ref()
        .is_some_and(|policy| *policy != info.policy)
    {
        return Err(AnswerError::Policy(info.policy));
    }
    let authority = check_signature(request, &signed)?;
    Ok(Answer { info, authority })
}

fn check_signature(
    request: &TimestampRequest,
    signed: &SignedData<'_>,
) -> Result<Option<Certificate>, AnswerError> {
    let mut facts = signed.facts(&[]);
    let Some(facts) = facts.pop().filter(|_| facts.is_empty()) else {
        return Err(AnswerError::Signers(signed.signer_count()));
    };
    if facts.integrity == Integrity::NoCertificate {
        return match request.certificates {
            CertificateRequest::Yes => Err(AnswerError::CertificateMissing),
            CertificateRequest::No => Ok(None),
        };
    }
    let is_broken = |weight| weight == FaultWeight::Broken;
    if facts.integrity != Integrity::Intact
        || facts.faults.iter().any(|fault| is_broken(fault.weight))
    {
        return Err(AnswerError::NotIntact(facts.integrity));
    }
    if facts.reference != CertificateReference::Matches {
        return Err(AnswerError::Reference);
    }
    let authority = facts.signer.ok_or(AnswerError::CertificateMissing)?;
    if !is_for_timestamps_alone(&authority) {
        return Err(AnswerError::NotForTimestamps);
    }
    Ok(Some(authority))
}

/// RFC 3161 §2.3: "The corresponding certificate MUST contain only one instance of the extended key usage field
/// extension … with `KeyPurposeID` having value: id-kp-timeStamping. This extension MUST be critical."
fn is_for_timestamps_alone(certificate: &Certificate) -> bool {
    let wanted = KeyPurpose::Timestamp.eku();
    let usages = certificate.extended_key_usage();
    usages.is_some_and(|usages| match usages {
        [one] => Some(one.to_string().as_str()) == wanted,
        _ => false,
    }) && certificate.is_extension_critical(extension::EXTENDED_KEY_USAGE)
}
