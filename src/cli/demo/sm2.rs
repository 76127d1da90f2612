//! The demonstration's CA with national cryptography: SM2 keys, a list of what it revoked, and two
//! certificates of a sample company, one of them revoked, in `samples/sm2`.

use std::time::Duration;

use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::found::Mark;
use crate::cli::found::NewTrustStore;
use crate::cli::found::NewUsage;
use crate::cli::found::Revocation;
use crate::cli::found::serial;
use crate::cli::found::subject;
use crate::clock::Timestamp;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::random::Random;
use crate::crypto::sign::SigningKey;
use crate::encoding::pem;
use crate::identifier::uscc::Uscc;
use crate::pki::certificate::Certificate;
use crate::pki::issue;
use crate::pki::issue::IssuingCa;
use crate::pki::issue::crl::CrlProfile;
use crate::pki::issue::crl::RevokedCertificate;
use crate::pki::issue::crl::issue_crl;
use crate::pki::issue::profile;
use crate::pki::issue::profile::CertificateProfile;
use crate::pki::issue::profile::EndEntityUsage;
use crate::pki::oid::Oid;
use crate::pki::revocation::reason::RevocationReason;
use crate::secret::Secret;
use crate::store::file;
use crate::store::folder::DataFolder;

/// 丁: seals, with SM2.
const DING: &str = "demo-ding";
const NAME: &str = "Demo CA Ding (SM2)";
/// A sample company that signs.
const COMPANY_USCC: &str = "91441900YX0099992";
/// Each of its certificates has to have been found not revoked.
const SEAL: NewUsage = NewUsage {
    id: "seal",
    marked_by: Mark::Policy("2.25.1706914339.4"),
};
/// The demonstration is to work for a while without a new list.
const CRL_VALIDITY: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Makes the CA and writes its trust store and its samples.
pub(super) fn write(
    folder: &DataFolder,
    (since, now): (Timestamp, Timestamp),
    random: &dyn Random,
) -> Result<(), CliError> {
    let ca = root(since, random)?;
    let (good, key) = company(&ca, since, random)?;
    let (revoked, _not_kept) = company(&ca, since, random)?;
    let crl = CrlProfile {
        number: 1,
        this_update: now,
        next_update: now.plus(CRL_VALIDITY),
        revoked: vec![RevokedCertificate {
            serial: revoked.serial().clone(),
            at: now,
            reason: RevocationReason::KeyCompromise,
        }],
    };
    let crl = issue_crl(&ca, &crl).or_exit(Exit::Internal)?;
    let store = NewTrustStore {
        id: DING,
        name: NAME,
        name_zh: "示例认证机构丁（国密）",
        operator: NAME,
        demo: true,
        usages: &[SEAL],
        revocation: Revocation::Required,
    };
    store.write(folder, ca.certificate())?;
    let dir = folder.path().join("samples").join("sm2");
    std::fs::create_dir_all(&dir).map_err(|error| CliError::new(Exit::Internal, error))?;
    for (name, label, der) in [
        ("root.pem", "CERTIFICATE", ca.certificate().der()),
        ("company.pem", "CERTIFICATE", good.der()),
        ("company.key.pem", "PRIVATE KEY", key.expose()),
        ("revoked.pem", "CERTIFICATE", revoked.der()),
        ("ca.crl", "X509 CRL", crl.as_slice()),
    ] {
        file::create(&dir.join(name), pem::encode(label, der).as_bytes())
            .or_exit(Exit::Internal)?;
    }
    Ok(())
}

fn root(since: Timestamp, random: &dyn Random) -> Result<IssuingCa, CliError> {
    let (key, _not_kept) = SigningKey::generate_sm2(KeyPurpose::CertificateAuthority, random)
        .or_exit(Exit::Internal)?;
    let profile = CertificateProfile {
        subject: subject(NAME, NAME, None),
        serial: serial(random)?,
        not_before: since,
        not_after: since.plus(profile::ROOT_VALIDITY),
        policies: Vec::new(),
        crl_url: None,
        identity: Vec::new(),
    };
    let certificate = issue::issue_root(&key, &profile, Some(0)).or_exit(Exit::Internal)?;
    IssuingCa::new(certificate, key).or_exit(Exit::Internal)
}

/// A signing certificate as GM/T 0015 has it.
fn company(
    ca: &IssuingCa,
    since: Timestamp,
    random: &dyn Random,
) -> Result<(Certificate, Secret<Vec<u8>>), CliError> {
    let (key, pkcs8) =
        SigningKey::generate_sm2(KeyPurpose::Credential, random).or_exit(Exit::Internal)?;
    let uscc = Uscc::with_check(COMPANY_USCC).or_exit(Exit::Internal)?;
    let identity = Oid::parse(profile::ORGANISATION_CODE_EXTENSION).or_exit(Exit::Internal)?;
    let Mark::Policy(policy) = SEAL.marked_by else {
        return Err(CliError::new(Exit::Internal, "the usage has no policy"));
    };
    let profile = CertificateProfile {
        subject: subject("示例有限公司", "示例有限公司", Some(&uscc)),
        serial: serial(random)?,
        not_before: since,
        not_after: since.plus(profile::END_ENTITY_VALIDITY),
        policies: vec![Oid::parse(policy).or_exit(Exit::Internal)?],
        crl_url: None,
        identity: vec![(identity, uscc.to_string())],
    };
    let usage = EndEntityUsage::Signer(Vec::new());
    let certificate = issue::issue_end_entity(ca, key.public_key(), &profile, &usage);
    Ok((certificate.or_exit(Exit::Internal)?, pkcs8))
}
