//! Issuing certificates: the city's CA, the demo CAs, and the certificates of the service's own keys.
//!
//! rcgen encodes; every serial number, date, key identifier and criticality is given to it explicitly.
//! What comes out is read back and verified before anybody sees it. [`profile`] says what goes in.

mod ca;
mod error;
pub mod profile;
mod rcgen_key;
#[cfg(test)]
mod tests;

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CustomExtension;
use rcgen::DistinguishedName;
use rcgen::DnType;
use rcgen::DnValue;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyUsagePurpose;
use time::OffsetDateTime;

use crate::clock::Timestamp;
use crate::crypto::public_key::PublicKey;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::der;
use crate::pki::issue::ca::require_ca_key;
use crate::pki::issue::profile::CertificateProfile;
use crate::pki::issue::profile::EndEntityUsage;
use crate::pki::issue::rcgen_key::RcgenKey;
use crate::pki::oid::Oid;

pub use crate::pki::issue::ca::IssuingCa;
pub use crate::pki::issue::error::IssueError;

/// Issues a self-signed CA certificate for `key`. `max_path_length`: how many CA certificates may stand
/// between this one and an end entity's; `None` for any number.
///
/// # Errors
/// [`IssueError`], before anything was signed or because what was signed is not what was asked for.
pub fn issue_root(
    key: &SigningKey,
    profile: &CertificateProfile,
    max_path_length: Option<u8>,
) -> Result<Certificate, IssueError> {
    require_ca_key(key)?;
    let params = ca_params(profile, max_path_length)?;
    let rcgen_key = rcgen_key(key)?;
    let made = params
        .self_signed(&rcgen_key)
        .map_err(IssueError::Encoding)?;
    let certificate = Certificate::parse_der(made.der())?;
    check_made(&certificate, profile, &certificate)?;
    Ok(certificate)
}

/// Issues a CA certificate below `issuer`.
///
/// # Errors
/// As [`issue_root`]; [`IssueError::PathLength`] if `issuer` may only issue to end entities.
pub fn issue_intermediate(
    issuer: &IssuingCa,
    public_key: &PublicKey,
    profile: &CertificateProfile,
    max_path_length: Option<u8>,
) -> Result<Certificate, IssueError> {
    let constraints = issuer.certificate().basic_constraints();
    if constraints.is_some_and(|constraints| constraints.max_path_length == Some(0)) {
        return Err(IssueError::PathLength);
    }
    issue(
        issuer,
        public_key,
        profile,
        ca_params(profile, max_path_length)?,
    )
}

/// Issues an end entity's certificate.
///
/// # Errors
/// As [`issue_root`]; [`IssueError::WrongPurpose`] for a purpose that end entities do not have.
pub fn issue_end_entity(
    issuer: &IssuingCa,
    public_key: &PublicKey,
    profile: &CertificateProfile,
    usage: &EndEntityUsage,
) -> Result<Certificate, IssueError> {
    let mut params = params(profile)?;
    params.is_ca = IsCa::ExplicitNoCa;
    let (key_usages, extended, is_critical) = match usage {
        EndEntityUsage::Purpose(purpose) => {
            let eku = purpose.eku().ok_or(IssueError::WrongPurpose(*purpose))?;
            let key_usages = vec![KeyUsagePurpose::DigitalSignature];
            (key_usages, vec![Oid::parse(eku)?], true)
        }
        EndEntityUsage::Signer(extended) => {
            let key_usages = vec![
                KeyUsagePurpose::DigitalSignature,
                KeyUsagePurpose::ContentCommitment,
            ];
            (key_usages, extended.clone(), false)
        }
    };
    params.key_usages = key_usages;
    if !extended.is_empty() {
        // rcgen would write it as not critical, always.
        let value = sequence(extended.iter().map(Oid::to_der));
        let mut eku = custom_extension(&Oid::parse(extension::EXTENDED_KEY_USAGE)?, value)?;
        eku.set_criticality(is_critical);
        params.custom_extensions.push(eku);
    }
    issue(issuer, public_key, profile, params)
}

fn issue(
    issuer: &IssuingCa,
    public_key: &PublicKey,
    profile: &CertificateProfile,
    params: CertificateParams,
) -> Result<Certificate, IssueError> {
    let ca = issuer.certificate();
    if profile.not_before < ca.not_before() || profile.not_after > ca.not_after() {
        return Err(IssueError::OutsideIssuerValidity);
    }
    let subject_key = rcgen::SubjectPublicKeyInfo::from_der(public_key.spki_der())
        .map_err(IssueError::Encoding)?;
    let ca_der = ca.der().into();
    let rcgen_issuer = Issuer::from_ca_cert_der(&ca_der, rcgen_key(issuer.key())?)
        .map_err(IssueError::Encoding)?;
    let made = params
        .signed_by(&subject_key, &rcgen_issuer)
        .map_err(IssueError::Encoding)?;
    let certificate = Certificate::parse_der(made.der())?;
    check_made(&certificate, profile, ca)?;
    if certificate.public_key().spki_der() != public_key.spki_der() {
        return Err(IssueError::Inconsistent("public key"));
    }
    Ok(certificate)
}

fn rcgen_key(key: &SigningKey) -> Result<RcgenKey<'_>, IssueError> {
    // Our own key in our own encoding: if this fails, the key is not what it says.
    RcgenKey::new(key).map_err(|_malformed| IssueError::Inconsistent("public key"))
}

fn ca_params(
    profile: &CertificateProfile,
    max_path_length: Option<u8>,
) -> Result<CertificateParams, IssueError> {
    let mut params = params(profile)?;
    params.is_ca = IsCa::Ca(match max_path_length {
        Some(length) => BasicConstraints::Constrained(length),
        None => BasicConstraints::Unconstrained,
    });
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn params(profile: &CertificateProfile) -> Result<CertificateParams, IssueError> {
    if profile.not_after < profile.not_before {
        return Err(IssueError::Dates);
    }
    if profile.serial.first().is_none_or(|first| *first > 0x7f) || profile.serial == [0; 16] {
        return Err(IssueError::Serial);
    }
    let mut params = CertificateParams::default();
    params.distinguished_name = distinguished_name(&profile.subject)?;
    params.serial_number = Some(rcgen::SerialNumber::from_slice(&profile.serial));
    params.not_before = date(profile.not_before)?;
    params.not_after = date(profile.not_after)?;
    params.use_authority_key_identifier_extension = true;
    if !profile.policies.is_empty() {
        let policies = profile.policies.iter();
        let value = sequence(policies.map(|policy| sequence(std::iter::once(policy.to_der()))));
        let oid = Oid::parse(extension::CERTIFICATE_POLICIES)?;
        params
            .custom_extensions
            .push(custom_extension(&oid, value)?);
    }
    for (oid, text) in &profile.identity {
        params
            .custom_extensions
            .push(custom_extension(oid, string(text))?);
    }
    Ok(params)
}

fn distinguished_name(subject: &[(&'static str, String)]) -> Result<DistinguishedName, IssueError> {
    let mut name = DistinguishedName::new();
    for (oid, value) in subject {
        let attribute = DnType::from_oid(&arcs(&Oid::parse(oid)?)?);
        if name.get(&attribute).is_some() {
            return Err(IssueError::DuplicateAttribute(oid));
        }
        // RFC 5280, Appendix A.1: countryName is a PrintableString of two letters.
        let value = if *oid == profile::COUNTRY {
            let printable = value.as_str().try_into().map_err(IssueError::Encoding)?;
            DnValue::PrintableString(printable)
        } else {
            DnValue::Utf8String(value.clone())
        };
        name.push(attribute, value);
    }
    Ok(name)
}

fn custom_extension(oid: &Oid, value: Vec<u8>) -> Result<CustomExtension, IssueError> {
    Ok(CustomExtension::from_oid_content(&arcs(oid)?, value))
}

fn arcs(oid: &Oid) -> Result<Vec<u64>, IssueError> {
    oid.arcs_u64()
        .ok_or_else(|| IssueError::OidTooLarge(oid.to_string()))
}

fn sequence(members: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    der::encode(der::SEQUENCE, &members.collect::<Vec<_>>().concat())
}

/// GM/T 0015 gives its identity extensions `PrintableString`; what does not fit becomes `UTF8String`.
fn string(text: &str) -> Vec<u8> {
    let is_printable = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte));
    let tag = if is_printable {
        der::PRINTABLE_STRING
    } else {
        der::UTF8_STRING
    };
    der::encode(tag, text.as_bytes())
}

/// Whole seconds, as X.509 has them.
fn date(at: Timestamp) -> Result<OffsetDateTime, IssueError> {
    OffsetDateTime::from_unix_timestamp(at.as_unix_seconds())
        .map_err(|_out_of_range| IssueError::Dates)
}

/// Compares what was made with what was asked for, and verifies it.
fn check_made(
    made: &Certificate,
    profile: &CertificateProfile,
    issuer: &Certificate,
) -> Result<(), IssueError> {
    let seconds = Timestamp::as_unix_seconds;
    let serial = der::encode_unsigned(&profile.serial);
    let serial_holds = der::single(&serial).is_ok_and(|n| n.content == made.serial().as_bytes());
    let checks = [
        ("issuer", made.issuer() == issuer.subject()),
        (
            "issuer key identifier",
            made.authority_key_id() == issuer.subject_key_id(),
        ),
        ("serial number", serial_holds),
        (
            "start",
            seconds(made.not_before()) == seconds(profile.not_before),
        ),
        (
            "end",
            seconds(made.not_after()) == seconds(profile.not_after),
        ),
        (
            "policy list",
            made.certificate_policies() == profile.policies,
        ),
    ];
    if let Some((what, _)) = checks.iter().find(|(_, holds)| !holds) {
        return Err(IssueError::Inconsistent(what));
    }
    made.verify_signature(issuer.public_key())?;
    Ok(())
}
