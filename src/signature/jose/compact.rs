//! Reads a JWS in compact serialisation (RFC 7515 §3.1, §7.1).

use std::sync::OnceLock;

use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::Sha256;
use crate::crypto::public_key::PublicKey;
use crate::crypto::verify::SignatureForm;
use crate::crypto::verify::VerifyError;
use crate::crypto::verify::verify_signature;
use crate::encoding::base64url;
use crate::encoding::json::JsonLimits;
use crate::pki::certificate::Certificate;
use crate::signature::jose::error::JoseError;
use crate::signature::jose::error::Segment;
use crate::signature::jose::header::ProtectedHeader;
use serde_json::Map;
use serde_json::Value;

/// A whole compact JWS. A status list of a million entries, compressed badly, stays below it.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// A decoded header: ten certificates of ordinary size.
const MAX_HEADER_BYTES: usize = 256 * 1024;
/// A signature: RSA with 16,384 bits.
const MAX_SIGNATURE_BYTES: usize = 2048;
/// A header holds names, short texts and `x5c`.
const HEADER_LIMITS: JsonLimits = JsonLimits {
    max_depth: 8,
    max_bytes: MAX_HEADER_BYTES,
    max_values: 256,
};

/// A compact JWS whose form is checked and whose signature is *not*: see [`CompactJws::verify`].
#[derive(Clone, Debug)]
pub struct CompactJws {
    compact: String,
    /// Length of `header.payload`, the signing input, at the start of `compact`.
    signing_input: usize,
    header: ProtectedHeader,
    payload: Vec<u8>,
    signature: Vec<u8>,
    /// The key that was found to have made the signature: a fact of mathematics, computed once.
    proven_key: OnceLock<Sha256>,
}

impl CompactJws {
    /// Reads `text`, all of it: three segments of strict base64url, a header of strict JSON.
    ///
    /// The sender may be hostile: at most [`MAX_BYTES`], ten certificates in `x5c`. An unknown `alg`
    /// is kept ([`CompactJws::algorithm`] is then `None`): whether a signature can be checked is a
    /// finding, not an error of form. Header members that nobody defined are ignored (RFC 7515 §4).
    ///
    /// # Errors
    /// [`JoseError`] names the segment or the header member and what is wrong with it. `crit` with
    /// anything, `alg` `none` or a MAC, `jku`, `x5u`, `jwk`, `b64` and `zip` are refused.
    pub fn parse(text: &str) -> Result<Self, JoseError> {
        if text.len() > MAX_BYTES {
            return Err(JoseError::TooLong { limit: MAX_BYTES });
        }
        let mut segments = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) = (
            segments.next(),
            segments.next(),
            segments.next(),
            segments.next(),
        ) else {
            return Err(JoseError::Segments {
                found: text.split('.').count(),
            });
        };
        let decoded = decode(header, Segment::Header, MAX_HEADER_BYTES)?;
        let protected = ProtectedHeader::parse(&decoded, HEADER_LIMITS)?;
        if signature.is_empty() {
            return Err(JoseError::Unsigned);
        }
        Ok(Self {
            compact: text.to_owned(),
            signing_input: text.len().saturating_sub(signature.len().saturating_add(1)),
            header: protected,
            payload: decode(payload, Segment::Payload, MAX_BYTES)?,
            signature: decode(signature, Segment::Signature, MAX_SIGNATURE_BYTES)?,
            proven_key: OnceLock::new(),
        })
    }

    /// The whole of it, as it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.compact
    }

    /// `alg`, which is never `none` and never a MAC.
    #[must_use]
    pub fn alg(&self) -> &str {
        &self.header.alg
    }

    /// The algorithm that `alg` names. `None`: we do not know it.
    #[must_use]
    pub fn algorithm(&self) -> Option<SignatureAlgorithm> {
        SignatureAlgorithm::from_jose_name(&self.header.alg)
    }

    /// `typ`, compared by callers as it stands.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// `kid`: a hint, chosen by the sender.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// `x5c`, the signer's certificate first; empty when absent. Nothing about them is checked but
    /// their form.
    #[must_use]
    pub fn x5c(&self) -> &[Certificate] {
        &self.header.x5c
    }

    /// All members of the protected header.
    #[must_use]
    pub fn header(&self) -> &Map<String, Value> {
        &self.header.members
    }

    /// What was signed: `BASE64URL(header) . BASE64URL(payload)` (RFC 7515 §5.1).
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.compact
            .as_bytes()
            .get(..self.signing_input)
            .unwrap_or_default()
    }

    /// The decoded payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The decoded signature.
    #[must_use]
    pub fn signature_bytes(&self) -> &[u8] {
        &self.signature
    }

    /// Verifies the signature with `key`. Who holds the key, and whether the algorithm is good enough,
    /// is for `validation`.
    ///
    /// # Errors
    /// As [`verify_signature`]; with an unknown `alg`, for which [`CompactJws::algorithm`] is `None`,
    /// [`VerifyError::UnsupportedKey`].
    pub fn verify(&self, key: &PublicKey) -> Result<(), VerifyError> {
        let key_digest = key.sha256();
        if self.proven_key.get() == Some(&key_digest) {
            return Ok(());
        }
        let algorithm = self
            .algorithm()
            .ok_or_else(|| VerifyError::UnsupportedKey {
                key: key.algorithm(),
            })?;
        verify_signature(
            algorithm,
            key,
            self.signing_input(),
            &self.signature,
            SignatureForm::Fixed,
        )?;
        // Another key that fits as well would be a second fact; one is enough to remember.
        let _: Result<(), Sha256> = self.proven_key.set(key_digest);
        Ok(())
    }
}

fn decode(text: &str, segment: Segment, max_bytes: usize) -> Result<Vec<u8>, JoseError> {
    base64url::decode(text, max_bytes).map_err(|source| JoseError::Encoding { segment, source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64;
    use proptest::prelude::*;
    use serde_json::json;

    /// RFC 7515 Appendix A.3.1.
    const RFC_7515_A_3: &str = concat!(
        "eyJhbGciOiJFUzI1NiJ9",
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
        ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA",
        "pmWQxfKTUJqPP3-Kg6NU1Q"
    );

    /// `SubjectPublicKeyInfo` of a P-256 key from its JWK coordinates.
    fn p256(x: &str, y: &str) -> PublicKey {
        let prefix = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
        let mut spki = crate::encoding::hex::decode(prefix).unwrap();
        spki.extend(base64url::decode(x, 32).unwrap());
        spki.extend(base64url::decode(y, 32).unwrap());
        PublicKey::from_spki_der(&spki).unwrap()
    }

    fn rfc_7515_key() -> PublicKey {
        p256(
            "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        )
    }

    fn with_header(header: &str) -> Result<CompactJws, JoseError> {
        let header = base64url::encode(header.as_bytes());
        CompactJws::parse(&format!("{header}.e30.AAAA"))
    }

    fn refused(header: &str) -> JoseError {
        with_header(header).unwrap_err()
    }

    fn certificate() -> Vec<u8> {
        let names = vec!["issuer.example".to_owned()];
        let signed = rcgen::generate_simple_self_signed(names).unwrap();
        signed.cert.der().to_vec()
    }

    #[test]
    fn verifies_the_example_of_rfc_7515() {
        let jws = CompactJws::parse(RFC_7515_A_3).unwrap();
        assert_eq!(jws.alg(), "ES256");
        assert_eq!(jws.typ(), None);
        assert!(jws.payload().starts_with(b"{\"iss\":\"joe\""));
        assert_eq!(jws.as_str(), RFC_7515_A_3);
        assert_eq!(jws.verify(&rfc_7515_key()), Ok(()));
    }

    #[test]
    fn an_altered_payload_or_another_key_does_not_verify() {
        let altered = RFC_7515_A_3.replace("eyJpc3MiOiJqb2Ui", "eyJpc3MiOiJ0b20i");
        let jws = CompactJws::parse(&altered).unwrap();
        assert_eq!(jws.verify(&rfc_7515_key()), Err(VerifyError::BadSignature));
        let other = p256(
            "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
            "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
        );
        let jws = CompactJws::parse(RFC_7515_A_3).unwrap();
        assert_eq!(jws.verify(&other), Err(VerifyError::BadSignature));
    }

    #[test]
    fn an_unknown_algorithm_is_a_finding_and_not_an_error_of_form() {
        let jws = with_header(r#"{"alg":"ES256K"}"#).unwrap();
        assert_eq!(jws.algorithm(), None);
        assert!(matches!(
            jws.verify(&rfc_7515_key()),
            Err(VerifyError::UnsupportedKey { .. })
        ));
    }

    #[test]
    fn alg_none_and_macs_are_refused_whatever_their_spelling() {
        for alg in ["none", "None", "NONE", "nOnE"] {
            let header = json!({"alg": alg}).to_string();
            assert!(
                matches!(refused(&header), JoseError::AlgorithmNone),
                "{alg}"
            );
        }
        for alg in ["HS256", "HS384", "HS512", "HS256/64"] {
            let header = json!({"alg": alg}).to_string();
            assert!(
                matches!(refused(&header), JoseError::AlgorithmSymmetric { name } if name == alg)
            );
        }
        assert!(matches!(refused("{}"), JoseError::MissingAlgorithm));
        assert!(matches!(
            refused(r#"{"alg":1}"#),
            JoseError::HeaderMember { name: "alg", .. }
        ));
    }

    #[test]
    fn crit_is_refused_whatever_it_holds() {
        for (crit, names) in [
            (json!(["exp"]), "exp"),
            (json!(["b64", "http://example/x"]), "b64, http://example/x"),
            (json!([]), ""),
            (json!("exp"), ""),
            (json!(null), ""),
        ] {
            let header = json!({"alg": "ES256", "crit": crit, "jku": "x"}).to_string();
            match refused(&header) {
                JoseError::Critical { names: found } => assert_eq!(found, names),
                other => panic!("{header}: {other}"),
            }
        }
    }

    #[test]
    fn references_to_keys_are_refused_by_name() {
        for name in ["jku", "x5u", "jwk"] {
            let mut header = json!({"alg": "ES256"});
            header[name] = json!("https://attacker.example/keys");
            assert!(
                matches!(refused(&header.to_string()), JoseError::KeyReference { name: found } if found == name)
            );
        }
    }

    #[test]
    fn unencoded_and_compressed_payloads_are_refused() {
        for (name, value) in [("b64", json!(true)), ("zip", json!("DEF"))] {
            let mut header = json!({"alg": "ES256"});
            header[name] = value;
            assert!(
                matches!(refused(&header.to_string()), JoseError::UnsupportedMember { name: found } if found == name)
            );
        }
    }

    #[test]
    fn other_header_members_are_ignored() {
        let jws = with_header(r#"{"alg":"ES256","typ":"JWT","kid":"1","foo":{"bar":1}}"#).unwrap();
        assert_eq!((jws.typ(), jws.kid()), (Some("JWT"), Some("1")));
        assert!(jws.header().contains_key("foo"));
    }

    #[test]
    fn the_header_is_strict_json() {
        for header in [
            r#"{"alg":"ES256","alg":"none"}"#,
            r#"{"alg":"ES256"}{}"#,
            r#"{"alg":"ES256""#,
            "{\"alg\":\"ES256\",\"x\":[[[[[[[[[[]]]]]]]]]]}",
            "",
        ] {
            assert!(
                matches!(refused(header), JoseError::HeaderJson(_)),
                "{header}"
            );
        }
        assert!(matches!(refused("[]"), JoseError::HeaderNotObject));
        assert!(matches!(
            refused(r#"{"alg":"ES256","typ":[]}"#),
            JoseError::HeaderMember { name: "typ", .. }
        ));
    }

    #[test]
    fn a_jws_has_three_segments_of_strict_base64url() {
        for (text, found) in [("", 1), ("a", 1), ("a.b", 2), ("a.b.c.d", 4), ("....", 5)] {
            assert!(
                matches!(CompactJws::parse(text), Err(JoseError::Segments { found: f }) if f == found)
            );
        }
        let header = "eyJhbGciOiJFUzI1NiJ9";
        for (text, segment) in [
            (format!(" {header}.e30.AAAA"), Segment::Header),
            (format!("{header}=.e30.AAAA"), Segment::Header),
            (format!("{header}.e31.AAAA"), Segment::Payload),
            (format!("{header}.e30=.AAAA"), Segment::Payload),
            (format!("{header}.e+/0.AAAA"), Segment::Payload),
            (format!("{header}.e30.AAAA\n"), Segment::Signature),
            (format!("{header}.e30.A"), Segment::Signature),
        ] {
            match CompactJws::parse(&text) {
                Err(JoseError::Encoding { segment: found, .. }) => assert_eq!(found, segment),
                other => panic!("{text}: {other:?}"),
            }
        }
        assert!(matches!(
            CompactJws::parse(&format!("{header}.e30.")),
            Err(JoseError::Unsigned)
        ));
        assert!(matches!(
            CompactJws::parse(&"a".repeat(MAX_BYTES + 1)),
            Err(JoseError::TooLong { .. })
        ));
    }

    #[test]
    fn every_truncation_is_refused_or_does_not_verify() {
        for length in 0..RFC_7515_A_3.len() {
            if let Ok(jws) = CompactJws::parse(&RFC_7515_A_3[..length]) {
                assert_eq!(
                    jws.verify(&rfc_7515_key()),
                    Err(VerifyError::BadSignature),
                    "{length}"
                );
            }
        }
    }

    #[test]
    fn certificates_of_x5c_are_read_signer_first() {
        let der = certificate();
        let thumbprint = crate::crypto::digest::sha256(&der);
        let header = json!({
            "alg": "ES256",
            "x5c": [base64::encode(&der), base64::encode(&certificate())],
            "x5t#S256": base64url::encode(thumbprint.as_bytes()),
        });
        let jws = with_header(&header.to_string()).unwrap();
        assert_eq!(jws.x5c().len(), 2);
        assert_eq!(jws.x5c()[0].der(), der);
    }

    #[test]
    fn a_thumbprint_of_another_certificate_is_refused() {
        let header = json!({
            "alg": "ES256",
            "x5c": [base64::encode(&certificate())],
            "x5t#S256": base64url::encode(&[0; 32]),
        });
        assert!(matches!(
            refused(&header.to_string()),
            JoseError::Thumbprint
        ));
    }

    #[test]
    fn malformed_x5c_is_refused_by_position() {
        let good = base64::encode(&certificate());
        let header = |x5c: Value| json!({"alg": "ES256", "x5c": x5c}).to_string();
        for x5c in [json!([]), json!("MII"), json!([1])] {
            assert!(matches!(
                refused(&header(x5c)),
                JoseError::HeaderMember { name: "x5c", .. }
            ));
        }
        assert!(matches!(
            refused(&header(json!([good, "MII*"]))),
            JoseError::CertificateEncoding { position: 2, .. }
        ));
        assert!(matches!(
            refused(&header(json!(["MIIB"]))),
            JoseError::Certificate { position: 1, .. }
        ));
        let mut trailing = certificate();
        trailing.push(0);
        assert!(matches!(
            refused(&header(json!([base64::encode(&trailing)]))),
            JoseError::Certificate { position: 1, .. }
        ));
        assert!(matches!(
            refused(&header(json!(vec![good; 11]))),
            JoseError::TooManyCertificates {
                found: 11,
                limit: 10
            }
        ));
    }

    #[test]
    fn messages_do_not_carry_control_characters_or_long_texts() {
        let alg = format!("HS\u{1b}[31m{}", "x".repeat(1000));
        let message = refused(&json!({"alg": alg}).to_string()).to_string();
        assert!(message.chars().count() < 200);
        assert!(!message.chars().any(char::is_control));
    }

    proptest! {
        #[test]
        fn never_panics_and_keeps_what_it_read(text in "[A-Za-z0-9_.~=-]{0,120}") {
            if let Ok(jws) = CompactJws::parse(&text) {
                prop_assert_eq!(jws.as_str(), text);
            }
        }

        #[test]
        fn a_flipped_bit_anywhere_is_refused_or_does_not_verify(at in 0..RFC_7515_A_3.len(), bit in 0_u8..7) {
            let mut bytes = RFC_7515_A_3.as_bytes().to_vec();
            bytes[at] ^= 1_u8 << bit;
            let text = String::from_utf8(bytes).unwrap();
            if let Ok(jws) = CompactJws::parse(&text) {
                prop_assert!(jws.verify(&rfc_7515_key()).is_err());
            }
        }
    }
}
