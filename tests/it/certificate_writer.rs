//! Certificates written field by field, for tests, benchmarks and fuzz targets that need one to be wrong
//! in a certain place.
//!
//! It shares nothing with the readers but the DER writer, and signs with OpenSSL.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each of its users needs a part of it"
)]

use openssl::ec::EcGroup;
use openssl::ec::EcKey;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::pkey::Private;
use openssl::rsa::Rsa;
use openssl::sha::sha1;
use openssl::sign::Signer;
use yinxin::pki::der;
use yinxin::pki::oid::Oid;

/// Extension identifiers (RFC 5280 §4.2.1).
pub(crate) const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
pub(crate) const KEY_USAGE: &str = "2.5.29.15";
pub(crate) const SUBJECT_ALT_NAME: &str = "2.5.29.17";
pub(crate) const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub(crate) const NAME_CONSTRAINTS: &str = "2.5.29.30";
pub(crate) const CERTIFICATE_POLICIES: &str = "2.5.29.32";
pub(crate) const POLICY_MAPPINGS: &str = "2.5.29.33";
pub(crate) const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";
pub(crate) const POLICY_CONSTRAINTS: &str = "2.5.29.36";
pub(crate) const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
pub(crate) const INHIBIT_ANY_POLICY: &str = "2.5.29.54";

/// Attribute types of names.
pub(crate) const COMMON_NAME: &str = "2.5.4.3";
pub(crate) const COUNTRY: &str = "2.5.4.6";
pub(crate) const ORGANISATION: &str = "2.5.4.10";
pub(crate) const EMAIL_ADDRESS: &str = "1.2.840.113549.1.9.1";

/// What signs certificates.
pub(crate) trait Sign {
    /// The `AlgorithmIdentifier` of its signatures.
    fn algorithm(&self) -> &[u8];
    /// Its public key's `SubjectPublicKeyInfo`.
    fn spki(&self) -> &[u8];
    /// The octets of a signature on `tbs`.
    fn sign(&self, tbs: &[u8]) -> Vec<u8>;

    /// RFC 5280 §4.2.1.2 (1), but over the whole `SubjectPublicKeyInfo`: any unique octets do.
    fn key_id(&self) -> [u8; 20] {
        sha1(self.spki())
    }
}

/// A key pair of OpenSSL's.
pub(crate) struct KeyPair {
    private: PKey<Private>,
    digest: Option<MessageDigest>,
    algorithm: Vec<u8>,
    spki: Vec<u8>,
}

impl KeyPair {
    pub(crate) fn p256() -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let algorithm = sequence(&[oid("1.2.840.10045.4.3.2")]);
        Self::new(key, Some(MessageDigest::sha256()), algorithm)
    }

    pub(crate) fn ed25519() -> Self {
        let key = PKey::generate_ed25519().unwrap();
        Self::new(key, None, sequence(&[oid("1.3.101.112")]))
    }

    pub(crate) fn rsa_2048() -> Self {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let null = der::encode(der::NULL, &[]);
        let algorithm = sequence(&[oid("1.2.840.113549.1.1.11"), null]);
        Self::new(key, Some(MessageDigest::sha256()), algorithm)
    }

    fn new(private: PKey<Private>, digest: Option<MessageDigest>, algorithm: Vec<u8>) -> Self {
        Self {
            spki: private.public_key_to_der().unwrap(),
            private,
            digest,
            algorithm,
        }
    }
}

impl Sign for KeyPair {
    fn algorithm(&self) -> &[u8] {
        &self.algorithm
    }

    fn spki(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, tbs: &[u8]) -> Vec<u8> {
        let mut signer = match self.digest {
            Some(digest) => Signer::new(digest, &self.private).unwrap(),
            None => Signer::new_without_digest(&self.private).unwrap(),
        };
        signer.sign_oneshot_to_vec(tbs).unwrap()
    }
}

/// What a certificate says. Names, keys and extension values are whole encodings.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// As people count them: 1 to 3.
    pub(crate) version: u8,
    /// Big-endian, without a sign.
    pub(crate) serial: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    /// `UTCTime` of 13 characters, or `GeneralizedTime` of 15.
    pub(crate) not_before: String,
    pub(crate) not_after: String,
    pub(crate) spki: Vec<u8>,
    pub(crate) extensions: Vec<Extension>,
}

#[derive(Clone, Debug)]
pub(crate) struct Extension {
    pub(crate) oid: String,
    pub(crate) is_critical: bool,
    pub(crate) value: Vec<u8>,
}

impl Extension {
    pub(crate) fn new(oid: &str, is_critical: bool, value: Vec<u8>) -> Self {
        Self {
            oid: oid.to_owned(),
            is_critical,
            value,
        }
    }
}

impl Draft {
    /// Valid from 2020 to 2039, without extensions.
    pub(crate) fn new(issuer: Vec<u8>, subject: Vec<u8>, subject_key: &dyn Sign) -> Self {
        Self {
            version: 3,
            serial: vec![1],
            issuer,
            subject,
            not_before: "200101000000Z".to_owned(),
            not_after: "391231235959Z".to_owned(),
            spki: subject_key.spki().to_vec(),
            extensions: Vec::new(),
        }
    }

    /// The same with one more extension.
    pub(crate) fn with(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    /// The certificate, signed by `issuer`.
    pub(crate) fn sign(&self, issuer: &dyn Sign) -> Vec<u8> {
        assemble(&self.tbs(issuer.algorithm()), issuer)
    }

    /// What is signed.
    pub(crate) fn tbs(&self, algorithm: &[u8]) -> Vec<u8> {
        let version = match self.version {
            1 => Vec::new(),
            other => explicit(0, &der::encode(der::INTEGER, &[other - 1])),
        };
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            some => {
                let list: Vec<Vec<u8>> = some.iter().map(Extension::to_der).collect();
                explicit(3, &sequence(&list))
            }
        };
        sequence(&[
            version,
            der::encode_unsigned(&self.serial),
            algorithm.to_vec(),
            self.issuer.clone(),
            sequence(&[time(&self.not_before), time(&self.not_after)]),
            self.subject.clone(),
            self.spki.clone(),
            extensions,
        ])
    }
}

/// A certificate around `tbs`, signed by `issuer`.
pub(crate) fn assemble(tbs: &[u8], issuer: &dyn Sign) -> Vec<u8> {
    let signature = [&[0], issuer.sign(tbs).as_slice()].concat();
    sequence(&[
        tbs.to_vec(),
        issuer.algorithm().to_vec(),
        der::encode(der::BIT_STRING, &signature),
    ])
}

impl Extension {
    pub(crate) fn to_der(&self) -> Vec<u8> {
        let critical = match self.is_critical {
            true => der::encode(der::BOOLEAN, &[0xff]),
            false => Vec::new(),
        };
        let value = der::encode(der::OCTET_STRING, &self.value);
        sequence(&[oid(&self.oid), critical, value])
    }
}

pub(crate) fn sequence(members: &[Vec<u8>]) -> Vec<u8> {
    der::encode(der::SEQUENCE, &members.concat())
}

pub(crate) fn oid(text: &str) -> Vec<u8> {
    Oid::parse(text).unwrap().to_der()
}

fn explicit(number: u8, content: &[u8]) -> Vec<u8> {
    der::encode(der::context_constructed(number), content)
}

fn implicit(number: u8, content: &[u8]) -> Vec<u8> {
    der::encode(der::context_primitive(number), content)
}

fn time(text: &str) -> Vec<u8> {
    let tag = match text.len() {
        13 => der::UTC_TIME,
        _ => der::GENERALIZED_TIME,
    };
    der::encode(tag, text.as_bytes())
}

fn integer(number: u32) -> Vec<u8> {
    der::encode_unsigned(&number.to_be_bytes())
}

/// A name of one attribute a component: type, tag of the string, text.
pub(crate) fn name(attributes: &[(&str, u8, &str)]) -> Vec<u8> {
    let components = attributes.iter().map(|(kind, tag, text)| {
        let pair = sequence(&[oid(kind), der::encode(*tag, text.as_bytes())]);
        der::encode(der::SET, &pair)
    });
    sequence(&components.collect::<Vec<_>>())
}

pub(crate) fn common_name(text: &str) -> Vec<u8> {
    name(&[(COMMON_NAME, der::UTF8_STRING, text)])
}

/// `maximum` is the path length; `None` for `is_ca`: FALSE, by default.
pub(crate) fn basic_constraints(is_ca: bool, max_path_length: Option<u32>) -> Extension {
    let flag = match is_ca {
        true => der::encode(der::BOOLEAN, &[0xff]),
        false => Vec::new(),
    };
    let length = max_path_length.map(integer).unwrap_or_default();
    Extension::new(BASIC_CONSTRAINTS, true, sequence(&[flag, length]))
}

/// `bits` as in RFC 5280 §4.2.1.3, bit 0 being the highest of the first octet.
pub(crate) fn key_usage(bits: u8) -> Extension {
    let unused = u8::try_from(bits.trailing_zeros().min(7)).unwrap();
    let value = der::encode(der::BIT_STRING, &[unused, bits]);
    Extension::new(KEY_USAGE, true, value)
}

pub(crate) const DIGITAL_SIGNATURE: u8 = 0x80;
pub(crate) const KEY_CERT_SIGN: u8 = 0x04;
pub(crate) const CRL_SIGN: u8 = 0x02;

pub(crate) fn extended_key_usage(usages: &[&str]) -> Extension {
    let list: Vec<Vec<u8>> = usages.iter().map(|usage| oid(usage)).collect();
    Extension::new(EXTENDED_KEY_USAGE, false, sequence(&list))
}

pub(crate) fn subject_key_id(id: &[u8]) -> Extension {
    let value = der::encode(der::OCTET_STRING, id);
    Extension::new(SUBJECT_KEY_IDENTIFIER, false, value)
}

pub(crate) fn authority_key_id(id: &[u8]) -> Extension {
    let value = sequence(&[implicit(0, id)]);
    Extension::new(AUTHORITY_KEY_IDENTIFIER, false, value)
}

pub(crate) fn certificate_policies(policies: &[&str]) -> Extension {
    let list: Vec<Vec<u8>> = policies.iter().map(|id| sequence(&[oid(id)])).collect();
    Extension::new(CERTIFICATE_POLICIES, false, sequence(&list))
}

/// Pairs of the issuer's and the subject's policy.
pub(crate) fn policy_mappings(pairs: &[(&str, &str)]) -> Extension {
    let list = pairs
        .iter()
        .map(|(from, to)| sequence(&[oid(from), oid(to)]));
    Extension::new(POLICY_MAPPINGS, true, sequence(&list.collect::<Vec<_>>()))
}

/// `requireExplicitPolicy` and `inhibitPolicyMapping`.
pub(crate) fn policy_constraints(explicit: Option<u8>, mapping: Option<u8>) -> Extension {
    let field = |number, skip: Option<u8>| skip.map(|skip| implicit(number, &[skip]));
    let fields = [field(0, explicit), field(1, mapping)];
    let value = sequence(&fields.map(Option::unwrap_or_default));
    Extension::new(POLICY_CONSTRAINTS, true, value)
}

pub(crate) fn inhibit_any_policy(skip: u8) -> Extension {
    let value = der::encode(der::INTEGER, &[skip]);
    Extension::new(INHIBIT_ANY_POLICY, true, value)
}

/// General names (RFC 5280 §4.2.1.6); in name constraints, their subtrees.
pub(crate) fn email(text: &str) -> Vec<u8> {
    implicit(1, text.as_bytes())
}

pub(crate) fn dns(text: &str) -> Vec<u8> {
    implicit(2, text.as_bytes())
}

pub(crate) fn directory(name: &[u8]) -> Vec<u8> {
    explicit(4, name)
}

pub(crate) fn uri(text: &str) -> Vec<u8> {
    implicit(6, text.as_bytes())
}

/// An address, or in constraints an address and its mask.
pub(crate) fn ip(octets: &[u8]) -> Vec<u8> {
    implicit(7, octets)
}

pub(crate) fn registered_id(id: &str) -> Vec<u8> {
    let encoded = oid(id);
    implicit(8, der::single(&encoded).unwrap().content)
}

pub(crate) fn subject_alt_name(is_critical: bool, names: &[Vec<u8>]) -> Extension {
    Extension::new(SUBJECT_ALT_NAME, is_critical, sequence(names))
}

pub(crate) fn name_constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Extension {
    let subtrees = |number, bases: &[Vec<u8>]| match bases {
        [] => Vec::new(),
        some => {
            let list: Vec<Vec<u8>> = some
                .iter()
                .map(|base| sequence(std::slice::from_ref(base)))
                .collect();
            explicit(number, &list.concat())
        }
    };
    let value = sequence(&[subtrees(0, permitted), subtrees(1, excluded)]);
    Extension::new(NAME_CONSTRAINTS, true, value)
}
