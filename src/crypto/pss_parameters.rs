//! The parameters of RSASSA-PSS (RFC 4055 §3.1), of a signature or of a key.

use pkcs8::ObjectIdentifier;
use pkcs8::der;
use pkcs8::der::Decode as _;
use pkcs8::der::Encode as _;
use pkcs8::der::Reader as _;
use pkcs8::der::SliceReader;
use pkcs8::der::TagMode;
use pkcs8::der::TagNumber;
use pkcs8::der::asn1::AnyRef;
use pkcs8::der::asn1::ContextSpecific;
use pkcs8::spki::AlgorithmIdentifierRef;

use crate::crypto::digest::DigestAlgorithm;

/// `id-mgf1` (RFC 4055 §2.1).
const MGF1_OID: &str = "1.2.840.113549.1.1.8";

/// No RSA key that we compute with has room for a longer salt: 16384 bits.
const MAX_SALT_BYTES: u16 = 2048;

/// Which digests RSASSA-PSS uses, with MGF1 as its mask, and how long its salt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PssParameters {
    hash: DigestAlgorithm,
    mask_hash: DigestAlgorithm,
    salt_bytes: usize,
}

impl PssParameters {
    /// What is usual, and what JOSE demands (RFC 7518 §3.5): one digest in both places, and a salt as
    /// long as its output.
    pub const fn usual(hash: DigestAlgorithm) -> Self {
        Self {
            hash,
            mask_hash: hash,
            salt_bytes: hash.output_bytes(),
        }
    }

    /// The digest of the message.
    pub const fn hash(self) -> DigestAlgorithm {
        self.hash
    }

    /// The digest inside MGF1. It need not resist collisions; only [`Self::hash`] counts for policy.
    pub const fn mask_hash(self) -> DigestAlgorithm {
        self.mask_hash
    }

    /// The length of the salt.
    pub const fn salt_bytes(self) -> usize {
        self.salt_bytes
    }

    /// Reads the DER of `RSASSA-PSS-params`, tag and length included, to its end. Absent fields have
    /// their defaults, and a default that is written out is tolerated, since signers write them.
    ///
    /// None for anything else: another mask than MGF1, another trailer than `trailerFieldBC`, a digest
    /// that we do not compute.
    pub(super) fn parse(der: &[u8]) -> Option<Self> {
        Self::read(der).ok().flatten()
    }

    fn read(der: &[u8]) -> der::Result<Option<Self>> {
        let mut reader = SliceReader::new(der)?;
        let parameters = reader.sequence(|fields| {
            let hash = field::<AlgorithmIdentifierRef<'_>>(fields, 0)?;
            let mask = field::<AlgorithmIdentifierRef<'_>>(fields, 1)?;
            let salt_bytes: u16 = field(fields, 2)?.unwrap_or(20);
            let trailer: u16 = field(fields, 3)?.unwrap_or(1);
            let hash = hash.map_or(Some(DigestAlgorithm::Sha1), |id| digest_of(&id));
            let mask_hash = mask.map_or(Some(DigestAlgorithm::Sha1), |id| mask_digest_of(&id));
            let is_sound = trailer == 1 && salt_bytes <= MAX_SALT_BYTES;
            Ok::<_, der::Error>(hash.zip(mask_hash).filter(|_| is_sound).map(
                |(hash, mask_hash)| Self {
                    hash,
                    mask_hash,
                    salt_bytes: salt_bytes.into(),
                },
            ))
        })?;
        reader.finish()?;
        Ok(parameters)
    }

    /// Writes `RSASSA-PSS-params` (RFC 4055 §3.1) with NULL beside the digests, as everybody writes it. None for
    /// a digest or salt that has no place there, which the type would not have been read with either.
    pub fn to_der(self) -> Option<Vec<u8>> {
        let digest = |digest: DigestAlgorithm| {
            let oid = ObjectIdentifier::new(digest.oid()).ok()?;
            let parameters = Some(AnyRef::NULL);
            Some(AlgorithmIdentifierRef { oid, parameters })
        };
        let mask = digest(self.mask_hash)?.to_der().ok()?;
        let mask = AlgorithmIdentifierRef {
            oid: ObjectIdentifier::new(MGF1_OID).ok()?,
            parameters: Some(AnyRef::from_der(&mask).ok()?),
        };
        let salt = u16::try_from(self.salt_bytes).ok()?;
        let fields = [
            explicit(0, digest(self.hash)?)?,
            explicit(1, mask)?,
            explicit(2, salt)?,
        ];
        let fields = fields.concat();
        AnyRef::new(der::Tag::Sequence, &fields).ok()?.to_der().ok()
    }

    /// Whether a key that is restricted to these parameters may make signatures with `used`: the same
    /// digests, and a salt that is no shorter (RFC 4055 §3.3).
    pub(super) fn permit(self, used: Self) -> bool {
        self.hash == used.hash
            && self.mask_hash == used.mask_hash
            && self.salt_bytes <= used.salt_bytes
    }
}

fn explicit<T>(number: u32, value: T) -> Option<Vec<u8>>
where
    T: der::EncodeValue + der::Tagged,
{
    let tagged = ContextSpecific {
        tag_number: TagNumber(number),
        tag_mode: TagMode::Explicit,
        value,
    };
    tagged.to_der().ok()
}

/// The explicitly tagged optional field `[number]`.
fn field<'a, T>(reader: &mut SliceReader<'a>, number: u32) -> der::Result<Option<T>>
where
    T: der::Decode<'a, Error = der::Error>,
{
    ContextSpecific::decode_explicit(reader, TagNumber(number))
        .map(|found: Option<ContextSpecific<T>>| found.map(|tagged| tagged.value))
}

/// RFC 4055 §2.1: parameters of a digest are NULL, and must be accepted when absent. The SHAKE functions
/// have mask functions of their own (RFC 8702 §3.1), and nobody defines SM3 here.
fn digest_of(id: &AlgorithmIdentifierRef<'_>) -> Option<DigestAlgorithm> {
    if id
        .parameters
        .is_some_and(|parameters| !parameters.is_null())
    {
        return None;
    }
    DigestAlgorithm::from_oid(&id.oid.to_string())
        .filter(|digest| !digest.is_extendable() && *digest != DigestAlgorithm::Sm3)
}

fn mask_digest_of(id: &AlgorithmIdentifierRef<'_>) -> Option<DigestAlgorithm> {
    if id.oid.to_string() != MGF1_OID {
        return None;
    }
    let inner = id.parameters?.decode_as::<AlgorithmIdentifierRef<'_>>();
    digest_of(&inner.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::algorithm::SignatureAlgorithm;
    use crate::encoding::hex;

    const OID: &str = "1.2.840.113549.1.1.10";

    /// SHA-256 in both places, salt 32, as OpenSSL writes it.
    const PSS_SHA256: &str = "3034a00f300d06096086480165030402010500\
                              a11c301a06092a864886f70d010108300d06096086480165030402010500\
                              a203020120";

    fn pss(parameters: &str) -> Option<SignatureAlgorithm> {
        SignatureAlgorithm::from_oid(OID, Some(&hex::decode(parameters).unwrap()))
    }

    fn is(
        hash: DigestAlgorithm,
        mask_hash: DigestAlgorithm,
        salt_bytes: usize,
    ) -> Option<SignatureAlgorithm> {
        Some(SignatureAlgorithm::RsaPss(PssParameters {
            hash,
            mask_hash,
            salt_bytes,
        }))
    }

    #[test]
    fn every_mixture_is_read() {
        let (sha1, sha256, sha384) = (
            DigestAlgorithm::Sha1,
            DigestAlgorithm::Sha256,
            DigestAlgorithm::Sha384,
        );
        assert_eq!(pss(PSS_SHA256), is(sha256, sha256, 32));
        assert_eq!(pss("3000"), is(sha1, sha1, 20), "all defaults");
        assert_eq!(
            pss(&PSS_SHA256.replace("a203020120", "a203020100")),
            is(sha256, sha256, 0)
        );
        assert_eq!(
            pss(&PSS_SHA256.replacen("0402010500", "0402020500", 1)),
            is(sha384, sha256, 32),
            "digest and mask digest differ"
        );
        assert_eq!(
            pss("3011a00f300d06096086480165030402010500"),
            is(sha256, sha1, 20),
            "mask and salt by default"
        );
        let trailer = PSS_SHA256.replacen("3034", "3039", 1);
        assert_eq!(
            pss(&format!("{trailer}a303020101")),
            is(sha256, sha256, 32),
            "default written out"
        );
    }

    #[test]
    fn what_is_written_is_what_openssl_writes_and_reads_back() {
        let usual = PssParameters::usual(DigestAlgorithm::Sha256);
        assert_eq!(hex::encode(&usual.to_der().unwrap()), PSS_SHA256);
        let mixed = PssParameters {
            mask_hash: DigestAlgorithm::Sha384,
            salt_bytes: 300,
            ..usual
        };
        assert_eq!(PssParameters::parse(&mixed.to_der().unwrap()), Some(mixed));
    }

    #[test]
    fn parameters_of_another_kind_are_unknown() {
        assert_eq!(SignatureAlgorithm::from_oid(OID, None), None);
        let trailer = PSS_SHA256.replacen("3034", "3039", 1);
        for (name, text) in [
            ("NULL", "0500".to_owned()),
            ("empty", String::new()),
            ("trailing byte", format!("{PSS_SHA256}00")),
            ("truncated", PSS_SHA256[..PSS_SHA256.len() - 2].to_owned()),
            ("other trailer", format!("{trailer}a303020102")),
            (
                "unknown digest",
                PSS_SHA256.replacen("0402010500", "0402630500", 1),
            ),
            (
                "mask that is not MGF1",
                PSS_SHA256.replace("f70d010108", "f70d010107"),
            ),
            (
                "negative salt",
                PSS_SHA256.replace("a203020120", "a2030201e0"),
            ),
            (
                "salt of 2049",
                PSS_SHA256
                    .replacen("3034", "3035", 1)
                    .replace("a203020120", "a20402020801"),
            ),
            (
                "salt of 2^32",
                PSS_SHA256
                    .replacen("3034", "3038", 1)
                    .replace("a203020120", "a20702050100000000"),
            ),
        ] {
            assert_eq!(pss(&text), None, "{name}");
        }
    }

    #[test]
    fn a_restricted_key_permits_longer_salts_only() {
        let key = PssParameters::usual(DigestAlgorithm::Sha256);
        let with_salt = |salt_bytes| PssParameters { salt_bytes, ..key };
        assert!(key.permit(key));
        assert!(key.permit(with_salt(33)));
        assert!(!key.permit(with_salt(31)));
        for other in [
            PssParameters {
                hash: DigestAlgorithm::Sha384,
                ..key
            },
            PssParameters {
                mask_hash: DigestAlgorithm::Sha1,
                ..key
            },
        ] {
            assert!(!key.permit(other));
            assert!(!other.permit(key));
        }
    }
}
