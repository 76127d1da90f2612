//! Issuing certificates and CRLs: the city's CA, the demo CAs, and the certificates of the service's own keys.
//!
//! Encoded by our own DER writer, for every kind of key that we sign with, ECDSA and SM2. Serial numbers,
//! dates and identifiers are handed in; nothing is made up here. What comes out is read back, compared with
//! what was asked for and verified before anybody sees it. [`profile`] says what goes in.

mod ca;
pub mod crl;
mod encode;
mod error;
pub mod profile;
mod request;
#[cfg(test)]
mod tests;

use crate::crypto::public_key::PublicKey;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::Certificate;
use crate::pki::issue::ca::require_ca_key;
use crate::pki::issue::profile::CertificateProfile;
use crate::pki::issue::profile::EndEntityUsage;
use crate::pki::issue::request::KeyUsages;
use crate::pki::issue::request::Request;
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
    let request = Request {
        profile,
        public_key: key.public_key(),
        usage: KeyUsages::Ca { max_path_length },
    };
    request.issue_to_itself(key)
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
    let request = Request {
        profile,
        public_key,
        usage: KeyUsages::Ca { max_path_length },
    };
    request.issue(issuer)
}

/// Issues an end entity's certificate. With an SM2 key and [`EndEntityUsage::Signer`] it is the signing
/// certificate of GM/T 0015.
///
/// # Errors
/// As [`issue_root`]; [`IssueError::WrongPurpose`] for a purpose that end entities do not have.
pub fn issue_end_entity(
    issuer: &IssuingCa,
    public_key: &PublicKey,
    profile: &CertificateProfile,
    usage: &EndEntityUsage,
) -> Result<Certificate, IssueError> {
    let usage = match usage {
        EndEntityUsage::Purpose(purpose) => {
            let eku = purpose.eku().ok_or(IssueError::WrongPurpose(*purpose))?;
            KeyUsages::Service(Oid::parse(eku)?)
        }
        EndEntityUsage::Signer(extended) => KeyUsages::Signer(extended),
    };
    let request = Request {
        profile,
        public_key,
        usage,
    };
    request.issue(issuer)
}
