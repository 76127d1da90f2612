//! A certificate to be made: encoded, signed, read back.

use crate::clock::Timestamp;
use crate::crypto::public_key::PublicKey;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::BasicConstraints;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::der;
use crate::pki::issue::ca::IssuingCa;
use crate::pki::issue::encode;
use crate::pki::issue::encode::Criticality;
use crate::pki::issue::error::IssueError;
use crate::pki::issue::profile::CertificateProfile;
use crate::pki::oid::Oid;

/// What shall be certified.
pub(super) struct Request<'a> {
    pub(super) profile: &'a CertificateProfile,
    pub(super) public_key: &'a PublicKey,
    pub(super) usage: KeyUsages<'a>,
}

/// What the certified key may do.
pub(super) enum KeyUsages<'a> {
    /// Sign certificates and CRLs.
    Ca { max_path_length: Option<u8> },
    /// Sign what has this extended key usage, and nothing else.
    Service(Oid),
    /// Sign documents.
    Signer(&'a [Oid]),
}

impl KeyUsages<'_> {
    fn basic_constraints(&self) -> BasicConstraints {
        let max_path_length = match self {
            Self::Ca { max_path_length } => max_path_length.map(u32::from),
            Self::Service(_) | Self::Signer(_) => None,
        };
        BasicConstraints {
            is_ca: matches!(self, Self::Ca { .. }),
            max_path_length,
        }
    }

    /// `KeyUsage` (RFC 5280 §4.2.1.3), bit 0 being the most significant.
    fn key_usage(&self) -> Vec<u8> {
        match self {
            // keyCertSign (5) and cRLSign (6).
            Self::Ca { .. } => encode::bit_string(1, &[0b0000_0110]),
            // digitalSignature (0).
            Self::Service(_) => encode::bit_string(7, &[0b1000_0000]),
            // digitalSignature and nonRepudiation (1): the signing certificate of GM/T 0015 §5.2.4.2.3.
            Self::Signer(_) => encode::bit_string(6, &[0b1100_0000]),
        }
    }

    fn extended(&self) -> (&[Oid], Criticality) {
        match self {
            Self::Ca { .. } => (&[], Criticality::NotCritical),
            Self::Service(usage) => (std::slice::from_ref(usage), Criticality::Critical),
            Self::Signer(usages) => (usages, Criticality::NotCritical),
        }
    }
}

impl Request<'_> {
    /// Issues below `issuer`.
    pub(super) fn issue(&self, issuer: &IssuingCa) -> Result<Certificate, IssueError> {
        let ca = issuer.certificate();
        if self.profile.not_before < ca.not_before() || self.profile.not_after > ca.not_after() {
            return Err(IssueError::OutsideIssuerValidity);
        }
        let made = self.sign(issuer.key(), ca.subject().der(), ca.subject_key_id())?;
        self.check_made(&made, ca)?;
        Ok(made)
    }

    /// Issues for the key itself.
    pub(super) fn issue_to_itself(&self, key: &SigningKey) -> Result<Certificate, IssueError> {
        let name = encode::name(&self.profile.subject)?;
        let identifier = encode::key_identifier(self.public_key)?;
        let made = self.sign(key, &name, Some(&identifier))?;
        self.check_made(&made, &made)?;
        Ok(made)
    }

    fn sign(
        &self,
        key: &SigningKey,
        issuer: &[u8],
        issuer_key_identifier: Option<&[u8]>,
    ) -> Result<Certificate, IssueError> {
        let profile = self.profile;
        if profile.not_after < profile.not_before {
            return Err(IssueError::Dates);
        }
        if profile.serial.first().is_none_or(|first| *first > 0x7f) || profile.serial == [0; 16] {
            return Err(IssueError::Serial);
        }
        let validity = [
            encode::time(profile.not_before)?,
            encode::time(profile.not_after)?,
        ];
        // TBSCertificate, RFC 5280 §4.1.
        let to_be_signed = encode::sequence(&[
            der::encode(der::context_constructed(0), &der::encode_unsigned(&[2])),
            der::encode_unsigned(&profile.serial),
            encode::signature_algorithm(key)?,
            issuer.to_vec(),
            encode::sequence(&validity),
            encode::name(&profile.subject)?,
            self.public_key.spki_der().to_vec(),
            der::encode(
                der::context_constructed(3),
                &self.extensions(issuer_key_identifier)?,
            ),
        ]);
        let made = encode::signed(to_be_signed, key)?;
        Ok(Certificate::parse_der(&made)?)
    }

    fn extensions(&self, issuer_key_identifier: Option<&[u8]>) -> Result<Vec<u8>, IssueError> {
        let (critical, not_critical) = (Criticality::Critical, Criticality::NotCritical);
        let mut extensions = Vec::new();
        let mut add = |oid: &Oid, criticality, value: &[u8]| {
            extensions.push(encode::extension(oid, criticality, value));
        };
        if let Some(identifier) = issuer_key_identifier {
            let value = encode::authority_key_identifier(identifier);
            add(extension::AUTHORITY_KEY_IDENTIFIER, not_critical, &value);
        }
        let identifier = encode::key_identifier(self.public_key)?;
        let value = der::encode(der::OCTET_STRING, &identifier);
        add(extension::SUBJECT_KEY_IDENTIFIER, not_critical, &value);
        let value = encode_basic_constraints(self.usage.basic_constraints());
        add(extension::BASIC_CONSTRAINTS, critical, &value);
        add(extension::KEY_USAGE, critical, &self.usage.key_usage());
        let (extended, criticality) = self.usage.extended();
        if !extended.is_empty() {
            let value: Vec<_> = extended.iter().map(Oid::to_der).collect();
            let value = encode::sequence(&value);
            add(extension::EXTENDED_KEY_USAGE, criticality, &value);
        }
        if !self.profile.policies.is_empty() {
            let policies = self.profile.policies.iter();
            let value: Vec<_> = policies
                .map(|policy| encode::sequence(&[policy.to_der()]))
                .collect();
            let value = encode::sequence(&value);
            add(extension::CERTIFICATE_POLICIES, not_critical, &value);
        }
        if let Some(url) = &self.profile.crl_url {
            let value = crl_distribution_points(url)?;
            add(extension::CRL_DISTRIBUTION_POINTS, not_critical, &value);
        }
        for (oid, text) in &self.profile.identity {
            add(oid, not_critical, &encode::string(text));
        }
        Ok(encode::sequence(&extensions))
    }

    /// Compares what was made with what was asked for, and verifies it.
    fn check_made(&self, made: &Certificate, issuer: &Certificate) -> Result<(), IssueError> {
        let profile = self.profile;
        let seconds = Timestamp::as_unix_seconds;
        let serial = der::encode_unsigned(&profile.serial);
        let serial_holds =
            der::single(&serial).is_ok_and(|n| n.content == made.serial().as_bytes());
        let identifier = encode::key_identifier(self.public_key)?;
        let (extended, _) = self.usage.extended();
        let checks = [
            ("issuer", made.issuer() == issuer.subject()),
            (
                "issuer key identifier",
                made.authority_key_id() == issuer.subject_key_id(),
            ),
            (
                "subject",
                made.subject().der() == encode::name(&profile.subject)?,
            ),
            (
                "public key",
                made.public_key().spki_der() == self.public_key.spki_der(),
            ),
            (
                "key identifier",
                made.subject_key_id() == Some(identifier.as_slice()),
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
                "basic constraints",
                made.basic_constraints() == Some(self.usage.basic_constraints()),
            ),
            (
                "key usage",
                made.extension_value(extension::KEY_USAGE) == Some(&self.usage.key_usage()),
            ),
            (
                "extended key usage",
                made.extended_key_usage().unwrap_or_default() == extended,
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
}

/// `BasicConstraints` (RFC 5280 §4.2.1.9); `cA` is FALSE by default, and so not written.
fn encode_basic_constraints(constraints: BasicConstraints) -> Vec<u8> {
    let is_ca = match constraints.is_ca {
        true => der::encode(der::BOOLEAN, &[0xff]),
        false => Vec::new(),
    };
    let length = constraints.max_path_length;
    let length = length.map_or_else(Vec::new, |length| {
        der::encode_unsigned(&length.to_be_bytes())
    });
    encode::sequence(&[is_ca, length])
}

/// `CRLDistributionPoints` (RFC 5280 §4.2.1.13) of one point with one URI as its full name.
fn crl_distribution_points(url: &str) -> Result<Vec<u8>, IssueError> {
    let is_ia5 = url.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_ia5 || !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(IssueError::Url(url.to_owned()));
    }
    // GeneralName [6] in GeneralNames [0] in DistributionPointName [0].
    let uri = der::encode(der::context_primitive(6), url.as_bytes());
    let full_name = der::encode(der::context_constructed(0), &uri);
    let name = der::encode(der::context_constructed(0), &full_name);
    Ok(encode::sequence(&[encode::sequence(&[name])]))
}
