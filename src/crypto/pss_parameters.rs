//! The parameters of RSASSA-PSS in an `AlgorithmIdentifier`.

use pkcs8::der;
use pkcs8::der::Reader as _;
use pkcs8::der::SliceReader;
use pkcs8::der::TagNumber;
use pkcs8::der::asn1::ContextSpecific;
use pkcs8::spki::AlgorithmIdentifierRef;

use crate::crypto::digest::DigestAlgorithm;

/// `RSASSA-PSS-params` (RFC 4055 §3.1) as far as we look: absent fields have their defaults, and a
/// default that is written out is tolerated, since signers write them.
pub(super) struct PssParameters {
    hash: Option<DigestAlgorithm>,
    mask_hash: Option<DigestAlgorithm>,
    salt_bytes: u32,
    trailer: u32,
}

/// `id-mgf1` (RFC 4055 §2.2).
const MGF1_OID: &str = "1.2.840.113549.1.1.8";

impl PssParameters {
    /// Reads the DER of the parameters, tag and length included, to its end.
    pub(super) fn parse(der: &[u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let parameters = reader.sequence(|fields| {
            let hash = field::<AlgorithmIdentifierRef<'_>>(fields, 0)?;
            let mask = field::<AlgorithmIdentifierRef<'_>>(fields, 1)?;
            Ok::<_, der::Error>(Self {
                hash: hash.map_or(Some(DigestAlgorithm::Sha1), |id| digest_of(&id)),
                mask_hash: mask.map_or(Some(DigestAlgorithm::Sha1), |id| mask_digest_of(&id)),
                salt_bytes: field(fields, 2)?.unwrap_or(20),
                trailer: field(fields, 3)?.unwrap_or(1),
            })
        })?;
        reader.finish()?;
        Ok(parameters)
    }

    /// Whether both digests are `digest` and the salt is as long.
    pub(super) fn are_of(&self, digest: DigestAlgorithm) -> bool {
        self.hash == Some(digest)
            && self.mask_hash == Some(digest)
            && usize::try_from(self.salt_bytes).is_ok_and(|salt| salt == digest.output_bytes())
            && self.trailer == 1
    }
}

/// The explicitly tagged optional field `[number]`.
fn field<'a, T>(reader: &mut SliceReader<'a>, number: u32) -> der::Result<Option<T>>
where
    T: der::Decode<'a, Error = der::Error>,
{
    ContextSpecific::decode_explicit(reader, TagNumber(number))
        .map(|found: Option<ContextSpecific<T>>| found.map(|tagged| tagged.value))
}

/// RFC 4055 §2.1: parameters of a digest are NULL, and must be accepted when absent.
fn digest_of(id: &AlgorithmIdentifierRef<'_>) -> Option<DigestAlgorithm> {
    if id
        .parameters
        .is_some_and(|parameters| !parameters.is_null())
    {
        return None;
    }
    DigestAlgorithm::from_oid(&id.oid.to_string())
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

    #[test]
    fn pss_parameters_are_read() {
        assert_eq!(pss(PSS_SHA256), Some(SignatureAlgorithm::RsaPssSha256));
        assert_eq!(
            pss("3000"),
            Some(SignatureAlgorithm::RsaPssSha1),
            "all defaults"
        );
    }

    #[test]
    fn pss_parameters_of_another_kind_are_unknown() {
        assert_eq!(SignatureAlgorithm::from_oid(OID, None), None);
        assert_eq!(pss("0500"), None, "NULL");
        assert_eq!(
            pss(&PSS_SHA256.replace("a203020120", "a203020114")),
            None,
            "salt 20"
        );
        assert_eq!(pss(&format!("{PSS_SHA256}00")), None, "trailing byte");
        assert_eq!(
            pss(&PSS_SHA256.replacen("0402010500", "0402020500", 1)),
            None,
            "digest and mask digest differ"
        );
        let trailer = PSS_SHA256.replacen("3034", "3039", 1);
        assert_eq!(
            pss(&format!("{trailer}a303020101")),
            Some(SignatureAlgorithm::RsaPssSha256),
            "default written out"
        );
        assert_eq!(pss(&format!("{trailer}a303020102")), None, "other trailer");
    }
}
