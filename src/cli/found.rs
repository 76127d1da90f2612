//! Founds a city: keys, its CA with the certificates of its keys, trust stores, configuration, an empty
//! database. `init` does this, and `demo` begins with it.
//!
//! Everything is made in a folder beside the target and moved there whole, so that a target either does
//! not exist or is complete.

use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::open::PEPPER_FILE;
use crate::cli::open::certificate_file_name;
use crate::cli::open::key_file_name;
use crate::clock::Timestamp;
use crate::crypto::key_file;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::random::Random;
use crate::crypto::random::array;
use crate::crypto::sign::SigningKey;
use crate::encoding::base64url;
use crate::encoding::pem;
use crate::identifier::uscc::Uscc;
use crate::pki::certificate::Certificate;
use crate::pki::issue;
use crate::pki::issue::IssuingCa;
use crate::pki::issue::profile;
use crate::pki::issue::profile::CertificateProfile;
use crate::pki::issue::profile::EndEntityUsage;
use crate::pki::oid::Oid;
use crate::secret::Secret;
use crate::store::file;
use crate::store::folder::DataFolder;
use crate::store::key_files;
use crate::store::trust_roots;

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The trust store of the city's own CA.
pub(in crate::cli) const CITY_CA: &str = "city";

/// What is to be founded.
pub(in crate::cli) struct Founding<'a> {
    pub(in crate::cli) data: &'a Path,
    pub(in crate::cli) city: &'a str,
    pub(in crate::cli) city_zh: &'a str,
    pub(in crate::cli) issuer_uscc: &'a Uscc,
    pub(in crate::cli) public_url: &'a str,
    pub(in crate::cli) listen: SocketAddr,
    /// Where everything is kept, as lines of `[database]`.
    pub(in crate::cli) database: String,
    pub(in crate::cli) demo: bool,
    /// The first second of every certificate.
    pub(in crate::cli) since: Timestamp,
    pub(in crate::cli) random: &'a dyn Random,
}

/// A CA that was just made.
pub(in crate::cli) struct NewCa {
    pub(in crate::cli) ca: IssuingCa,
    since: Timestamp,
}

impl NewCa {
    /// Makes a self-signed CA with a new key, and gives the key to be stored.
    pub(in crate::cli) fn create(
        organisation: &str,
        name: &str,
        since: Timestamp,
        random: &dyn Random,
    ) -> Result<(Self, Secret<Vec<u8>>), CliError> {
        let (key, pkcs8) =
            SigningKey::generate(KeyPurpose::CertificateAuthority).or_exit(Exit::Internal)?;
        let profile = CertificateProfile {
            subject: subject(organisation, name, None),
            serial: serial(random)?,
            not_before: since,
            not_after: since.plus(profile::ROOT_VALIDITY),
            policies: Vec::new(),
            crl_url: None,
            identity: Vec::new(),
        };
        let certificate = issue::issue_root(&key, &profile, Some(0)).or_exit(Exit::Internal)?;
        let ca = IssuingCa::new(certificate, key).or_exit(Exit::Internal)?;
        Ok((Self { ca, since }, pkcs8))
    }

    /// Makes a key and issues it a certificate that names a company.
    pub(in crate::cli) fn issue(
        &self,
        purpose: KeyPurpose,
        holder: &Holder<'_>,
        usage: &EndEntityUsage,
        random: &dyn Random,
    ) -> Result<(SigningKey, Secret<Vec<u8>>, Certificate), CliError> {
        let (key, pkcs8) = SigningKey::generate(purpose).or_exit(Exit::Internal)?;
        let identity = Oid::parse(profile::ORGANISATION_CODE_EXTENSION).or_exit(Exit::Internal)?;
        let profile = CertificateProfile {
            subject: subject(holder.organisation, holder.name, Some(holder.uscc)),
            serial: serial(random)?,
            not_before: self.since,
            not_after: self.since.plus(profile::END_ENTITY_VALIDITY),
            policies: holder.policies.to_vec(),
            crl_url: None,
            identity: vec![(identity, holder.uscc.to_string())],
        };
        let certificate = issue::issue_end_entity(&self.ca, key.public_key(), &profile, usage)
            .or_exit(Exit::Internal)?;
        Ok((key, pkcs8, certificate))
    }
}

/// Who a certificate is for.
pub(in crate::cli) struct Holder<'a> {
    pub(in crate::cli) organisation: &'a str,
    pub(in crate::cli) name: &'a str,
    pub(in crate::cli) uscc: &'a Uscc,
    /// What the CA vouches for, as certificate policies.
    pub(in crate::cli) policies: &'a [Oid],
}

/// Founds the city at `founding.data`, after `more` has added to the folder where it is being made.
///
/// # Errors
/// [`Exit::Usage`] when the target exists.
pub(in crate::cli) fn found(
    founding: &Founding<'_>,
    more: impl FnOnce(&DataFolder, &NewCa) -> Result<(), CliError>,
) -> Result<(), CliError> {
    if founding.data.exists() && !is_empty_dir(founding.data)? {
        return Err(CliError::new(Exit::Usage, format_args!("{} exists and is not empty", founding.data.display()))
            .hint("name a new folder; an existing data folder is served with `yinxin serve --config DIR/yinxin.toml`"));
    }
    let partial = partial_path(founding.data)?;
    if partial.exists() {
        // Left by a founding that was cut short; the name is ours alone.
        std::fs::remove_dir_all(&partial).map_err(|error| io_error(&partial, &error))?;
    }
    let folder = DataFolder::create(&partial).or_exit(Exit::Internal)?;
    let city = write_keys(founding, &folder)?;
    write_trust(founding, &folder, &city)?;
    write_config(founding, &folder)?;
    more(&folder, &city)?;
    if founding.data.exists() {
        std::fs::remove_dir(founding.data).map_err(|error| io_error(founding.data, &error))?;
    }
    std::fs::rename(&partial, founding.data).map_err(|error| io_error(founding.data, &error))
}

fn is_empty_dir(path: &Path) -> Result<bool, CliError> {
    let mut entries = std::fs::read_dir(path).map_err(|error| io_error(path, &error))?;
    Ok(entries.next().is_none())
}

fn partial_path(data: &Path) -> Result<PathBuf, CliError> {
    let name = data.file_name().ok_or_else(|| {
        CliError::new(
            Exit::Usage,
            format_args!("{} is not the name of a folder", data.display()),
        )
    })?;
    Ok(data.with_file_name(format!("{}.partial", name.to_string_lossy())))
}

fn io_error(path: &Path, error: &std::io::Error) -> CliError {
    CliError::new(Exit::Internal, format_args!("{}: {error}", path.display()))
}

/// Makes passphrase, pepper, the city's CA and its four keys, and writes them encrypted.
fn write_keys(founding: &Founding<'_>, folder: &DataFolder) -> Result<NewCa, CliError> {
    let random = founding.random;
    let keys = folder.keys();
    let passphrase = random_secret(random)?;
    key_files::create(&folder.path().join("passphrase"), &passphrase).or_exit(Exit::Internal)?;
    key_files::create(&keys.join(PEPPER_FILE), &random_secret(random)?).or_exit(Exit::Internal)?;
    let write = |purpose: KeyPurpose, pkcs8: &Secret<Vec<u8>>, certificate: &Certificate| {
        let encrypted = key_file::encrypt(pkcs8, &passphrase, random).or_exit(Exit::Internal)?;
        key_files::create(&keys.join(key_file_name(purpose)), &Secret::new(encrypted))
            .or_exit(Exit::Internal)?;
        let text = pem::encode("CERTIFICATE", certificate.der());
        file::create(&keys.join(certificate_file_name(purpose)), text.as_bytes())
            .or_exit(Exit::Internal)
    };
    let ca_name = format!("{} CA", founding.city);
    let (city, pkcs8) = NewCa::create(founding.city, &ca_name, founding.since, random)?;
    write(
        KeyPurpose::CertificateAuthority,
        &pkcs8,
        city.ca.certificate(),
    )?;
    for purpose in [
        KeyPurpose::Credential,
        KeyPurpose::Receipt,
        KeyPurpose::StatusList,
        KeyPurpose::Timestamp,
    ] {
        let name = format!("{} {purpose}", founding.city);
        let usage = EndEntityUsage::Purpose(purpose);
        let holder = Holder {
            organisation: founding.city_zh,
            name: &name,
            uscc: founding.issuer_uscc,
            policies: &[],
        };
        let (_, pkcs8, certificate) = city.issue(purpose, &holder, &usage, random)?;
        write(purpose, &pkcs8, &certificate)?;
    }
    Ok(city)
}

/// Writes the trust stores that the program carries, and the city's own.
fn write_trust(founding: &Founding<'_>, folder: &DataFolder, city: &NewCa) -> Result<(), CliError> {
    trust_roots::write_embedded(&folder.trust_roots()).or_exit(Exit::Internal)?;
    let store = NewTrustStore {
        id: CITY_CA,
        name: &format!("{} CA", founding.city),
        name_zh: &format!("{}证书认证", founding.city_zh),
        operator: founding.city,
        demo: founding.demo,
        usages: &[NewUsage::CREDENTIAL_ISSUING, NewUsage::TIMESTAMP],
        revocation: Revocation::NotChecked(
            "不发布吊销列表，以签发者名录为准 no lists are published, the issuer register decides",
        ),
    };
    store.write(folder, city.ca.certificate())
}

/// What a CA that we made may vouch for, and how its certificates show it.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct NewUsage {
    pub(in crate::cli) id: &'static str,
    pub(in crate::cli) marked_by: Mark,
}

/// What an end entity's certificate carries so that the CA's word counts for a usage.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) enum Mark {
    /// The extended key usage of one of our key purposes.
    Purpose(KeyPurpose),
    /// A certificate policy.
    Policy(&'static str),
}

impl NewUsage {
    /// Issuing credentials, marked by the extended key usage that only such keys' certificates carry.
    pub(in crate::cli) const CREDENTIAL_ISSUING: Self = Self {
        id: "credential-issuing",
        marked_by: Mark::Purpose(KeyPurpose::Credential),
    };

    /// Timestamps, marked by the extended key usage of RFC 3161 §2.3.
    pub(in crate::cli) const TIMESTAMP: Self = Self {
        id: "timestamp",
        marked_by: Mark::Purpose(KeyPurpose::Timestamp),
    };

    fn to_toml(self) -> String {
        let (kind, oid) = match self.marked_by {
            Mark::Purpose(purpose) => ("ekus", purpose.eku().unwrap_or_default()),
            Mark::Policy(oid) => ("policies", oid),
        };
        format!("{} = {{ {kind} = [{oid:?}] }}\n", self.id)
    }
}

/// A trust store of a CA that we made ourselves.
pub(in crate::cli) struct NewTrustStore<'a> {
    pub(in crate::cli) id: &'a str,
    pub(in crate::cli) name: &'a str,
    pub(in crate::cli) name_zh: &'a str,
    pub(in crate::cli) operator: &'a str,
    pub(in crate::cli) demo: bool,
    pub(in crate::cli) usages: &'a [NewUsage],
    /// Whether it has to be known that its certificates are not revoked.
    pub(in crate::cli) revocation: Revocation<'a>,
}

/// What a new trust store asks for.
#[derive(Clone, Copy)]
pub(in crate::cli) enum Revocation<'a> {
    /// A definite answer about each certificate.
    Required,
    /// Nothing, for this reason.
    NotChecked(&'a str),
}

impl NewTrustStore<'_> {
    /// Writes `trust-roots/<id>/ca.toml` and the anchor beside it.
    pub(in crate::cli) fn write(
        &self,
        folder: &DataFolder,
        anchor: &Certificate,
    ) -> Result<(), CliError> {
        let dir = folder.trust_roots().join(self.id);
        std::fs::create_dir_all(&dir).map_err(|error| io_error(&dir, &error))?;
        let text = pem::encode("CERTIFICATE", anchor.der());
        file::create(&dir.join("root.pem"), text.as_bytes()).or_exit(Exit::Internal)?;
        file::create(&dir.join("ca.toml"), self.ca_toml().as_bytes()).or_exit(Exit::Internal)
    }

    /// Every value is a name of our own choosing; `Debug` of a string is a TOML basic string for them.
    fn ca_toml(&self) -> String {
        let mut text = format!(
            "name = {:?}\nname-zh = {:?}\noperator = {:?}\ndemo = {}\nidentity-oids = [{:?}]\nhosts = []\n\
             revocation = {}\n\n[usages]\n",
            self.name,
            self.name_zh,
            self.operator,
            self.demo,
            profile::ORGANISATION_CODE_EXTENSION,
            match self.revocation {
                Revocation::Required => "\"required\"".to_owned(),
                Revocation::NotChecked(why) => format!("{{ not-checked = {why:?} }}"),
            },
        );
        for usage in self.usages {
            text.push_str(&usage.to_toml());
        }
        text
    }
}

fn write_config(founding: &Founding<'_>, folder: &DataFolder) -> Result<(), CliError> {
    let text = format!(
        "# Settings of this installation; `yinxin check-config` finds every mistake in it.\n\n\
         [server]\nlisten = \"{}\"\npublic_url = {:?}\n\n\
         [database]\n{}\n\
         [keys]\ndir = \"keys\"\npassphrase_file = \"passphrase\"\n\n\
         [trust]\nroots_dir = \"trust-roots\"\n",
        founding.listen, founding.public_url, founding.database,
    );
    file::create(&folder.config(), text.as_bytes()).or_exit(Exit::Internal)
}

/// SQLite in the data folder itself.
pub(in crate::cli) fn in_the_data_folder() -> String {
    "data_dir = \".\"\n".to_owned()
}

/// A name as our own certificates have it.
pub(in crate::cli) fn subject(
    organisation: &str,
    name: &str,
    uscc: Option<&Uscc>,
) -> Vec<(&'static str, String)> {
    let mut subject = vec![
        (profile::COUNTRY, "CN".to_owned()),
        (profile::ORGANISATION, organisation.to_owned()),
    ];
    if let Some(uscc) = uscc {
        subject.push((profile::ORGANISATION_IDENTIFIER, format!("NTRCN-{uscc}")));
    }
    subject.push((profile::COMMON_NAME, name.to_owned()));
    subject
}

/// A new serial number.
pub(in crate::cli) fn serial(random: &dyn Random) -> Result<[u8; 16], CliError> {
    Ok(profile::serial_from_random(
        array(random).or_exit(Exit::Internal)?,
    ))
}

/// 256 random bits as text.
fn random_secret(random: &dyn Random) -> Result<Secret<String>, CliError> {
    let bytes: [u8; 32] = array(random).or_exit(Exit::Internal)?;
    Ok(Secret::new(base64url::encode(&bytes)))
}

/// The time from which certificates made now are valid: a clock elsewhere may be behind ours.
pub(in crate::cli) fn valid_since(now: Timestamp) -> Timestamp {
    now.minus(Duration::from_secs(60 * 60))
}

/// The time from which a demonstration's certificates are valid: long enough ago to show a credential
/// that has expired.
pub(in crate::cli) fn demo_since(now: Timestamp) -> Timestamp {
    now.minus(YEAR * 3)
}
