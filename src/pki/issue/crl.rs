//! Issuing CRLs (RFC 5280 §5).

use crate::clock::Timestamp;
use crate::encoding::hex;
use crate::pki::certificate::SerialNumber;
use crate::pki::certificate::extension;
use crate::pki::der;
use crate::pki::issue::ca::IssuingCa;
use crate::pki::issue::encode;
use crate::pki::issue::encode::Criticality;
use crate::pki::issue::error::IssueError;
use crate::pki::oid::Oid;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::reason::RevocationReason;

/// `cRLNumber` (RFC 5280 §5.2.3).
const CRL_NUMBER: &str = "2.5.29.20";
/// `reasonCode` (RFC 5280 §5.3.1).
const REASON_CODE: &str = "2.5.29.21";

/// What a CRL of ours shall say: it is complete, for every certificate that its issuer issued.
#[derive(Clone, Debug)]
pub struct CrlProfile {
    /// Rises with each CRL of the issuer (RFC 5280 §5.2.3).
    pub number: u64,
    /// When it is issued.
    pub this_update: Timestamp,
    /// When the next one is there, at the latest.
    pub next_update: Timestamp,
    /// Each certificate once.
    pub revoked: Vec<RevokedCertificate>,
}

/// An entry of a CRL.
#[derive(Clone, Debug)]
pub struct RevokedCertificate {
    /// The certificate's serial number.
    pub serial: SerialNumber,
    /// When it was revoked.
    pub at: Timestamp,
    /// Why. [`RevocationReason::Unspecified`] is said by saying nothing (RFC 5280 §5.3.1).
    pub reason: RevocationReason,
}

/// Issues a CRL; gives its DER.
///
/// # Errors
/// [`IssueError`], before anything was signed or because what was signed is not what was asked for.
pub fn issue_crl(issuer: &IssuingCa, profile: &CrlProfile) -> Result<Vec<u8>, IssueError> {
    let usage = issuer.certificate().key_usage();
    if !usage.is_some_and(|usage| usage.crl_sign()) {
        return Err(IssueError::NotACrlIssuer);
    }
    if profile.next_update < profile.this_update {
        return Err(IssueError::Dates);
    }
    let der = encode::signed(to_be_signed(issuer, profile)?, issuer.key())?;
    check_made(&der, profile, issuer)?;
    Ok(der)
}

/// `TBSCertList` (RFC 5280 §5.1).
fn to_be_signed(issuer: &IssuingCa, profile: &CrlProfile) -> Result<Vec<u8>, IssueError> {
    let revoked: Result<Vec<_>, _> = profile.revoked.iter().map(entry).collect();
    // RFC 5280 §5.1.2.6: absent where there is none.
    let revoked = match revoked? {
        none if none.is_empty() => Vec::new(),
        entries => encode::sequence(&entries),
    };
    let mut extensions = Vec::new();
    if let Some(identifier) = issuer.certificate().subject_key_id() {
        extensions.push(encode::extension(
            extension::AUTHORITY_KEY_IDENTIFIER,
            Criticality::NotCritical,
            &encode::authority_key_identifier(identifier),
        ));
    }
    extensions.push(encode::extension(
        &Oid::parse(CRL_NUMBER)?,
        Criticality::NotCritical,
        &der::encode_unsigned(&profile.number.to_be_bytes()),
    ));
    let extensions = encode::sequence(&extensions);
    Ok(encode::sequence(&[
        der::encode_unsigned(&[1]),
        encode::signature_algorithm(issuer.key())?,
        issuer.certificate().subject().der().to_vec(),
        encode::time(profile.this_update)?,
        encode::time(profile.next_update)?,
        revoked,
        der::encode(der::context_constructed(0), &extensions),
    ]))
}

fn entry(revoked: &RevokedCertificate) -> Result<Vec<u8>, IssueError> {
    let reason = revoked.reason;
    let extensions = match reason {
        RevocationReason::Unspecified => Vec::new(),
        // For delta CRLs, and for readers.
        RevocationReason::RemoveFromCrl | RevocationReason::Unrecognised(_) => {
            return Err(IssueError::Reason(reason));
        }
        RevocationReason::AaCompromise
        | RevocationReason::AffiliationChanged
        | RevocationReason::CaCompromise
        | RevocationReason::CertificateHold
        | RevocationReason::CessationOfOperation
        | RevocationReason::KeyCompromise
        | RevocationReason::PrivilegeWithdrawn
        | RevocationReason::Superseded => {
            let code = der::encode(der::ENUMERATED, &[reason.number()]);
            let oid = Oid::parse(REASON_CODE)?;
            encode::sequence(&[encode::extension(&oid, Criticality::NotCritical, &code)])
        }
    };
    Ok(encode::sequence(&[
        der::encode(der::INTEGER, revoked.serial.as_bytes()),
        encode::time(revoked.at)?,
        extensions,
    ]))
}

/// Reads what was made, compares it with what was asked for, and verifies it.
fn check_made(made: &[u8], profile: &CrlProfile, issuer: &IssuingCa) -> Result<(), IssueError> {
    let ca = issuer.certificate();
    let made = Crl::parse_der(made)?;
    let seconds = Timestamp::as_unix_seconds;
    let magnitude = profile.number.to_be_bytes();
    let significant = magnitude.into_iter().skip_while(|octet| *octet == 0);
    let number = match hex::encode(&significant.collect::<Vec<_>>()) {
        zero if zero.is_empty() => "00".to_owned(),
        number => number,
    };
    let entries_hold = profile.revoked.iter().all(|revoked| {
        let found = made.find(ca.subject(), &revoked.serial);
        found.is_some_and(|entry| {
            entry.reason == revoked.reason && seconds(entry.revocation_date) == seconds(revoked.at)
        })
    });
    let checks = [
        ("issuer", made.issuer() == ca.subject()),
        (
            "issuer key identifier",
            made.authority_key_id() == ca.subject_key_id(),
        ),
        (
            "start",
            seconds(made.this_update()) == seconds(profile.this_update),
        ),
        (
            "end",
            made.next_update().map(seconds) == Some(seconds(profile.next_update)),
        ),
        (
            "number",
            made.number().map(ToString::to_string) == Some(number),
        ),
        ("meaning", made.flaw().is_none()),
        (
            "list of revoked certificates",
            entries_hold && made.entry_count() == profile.revoked.len(),
        ),
    ];
    if let Some((what, _)) = checks.iter().find(|(_, holds)| !holds) {
        return Err(IssueError::Inconsistent(what));
    }
    made.verify_signature(ca.public_key())?;
    Ok(())
}
