//! Writes a JWS in compact serialisation.

use crate::crypto::sign::SigningKey;
use crate::encoding::base64;
use crate::encoding::base64url;
use crate::encoding::json;
use crate::pki::certificate::Certificate;
use crate::signature::jose::error::JoseError;
use serde_json::Map;
use serde_json::Value;

/// Members that come from the key, and members that [`CompactJws::parse`] refuses.
///
/// [`CompactJws::parse`]: crate::signature::jose::compact::CompactJws::parse
const RESERVED: [&str; 8] = ["alg", "b64", "crit", "jku", "jwk", "typ", "x5u", "zip"];

/// Signs `payload` in canonical JSON.
///
/// `alg` follows from the key and `typ` from its purpose, so that a key signs only its own kind;
/// `extras` are the other members of the protected header, such as [`x5c`].
///
/// # Errors
/// [`JoseError::Purpose`] when the key is not for signing JWS, [`JoseError::ReservedMember`] for an
/// extra that may not be there, [`JoseError::Sign`] when signing fails.
pub fn sign_compact(
    key: &SigningKey,
    extras: &[(&str, Value)],
    payload: &Value,
) -> Result<String, JoseError> {
    sign_canonical(key, extras, &json::canonical(payload))
}

/// As [`sign_compact`], of a payload that is canonical JSON already.
///
/// # Errors
/// As [`sign_compact`].
pub fn sign_canonical(
    key: &SigningKey,
    extras: &[(&str, Value)],
    payload: &[u8],
) -> Result<String, JoseError> {
    let purpose = key.purpose();
    let typ = purpose.typ().ok_or_else(|| JoseError::Purpose {
        purpose: purpose.name(),
    })?;
    sign_bytes(key, typ, extras, payload)
}

/// As [`sign_compact`], of another `typ` that such a key signs.
///
/// # Errors
/// As [`sign_compact`]; [`JoseError::Purpose`] also for a `typ` that such a key does not sign.
pub fn sign_compact_as(
    key: &SigningKey,
    typ: &str,
    extras: &[(&str, Value)],
    payload: &Value,
) -> Result<String, JoseError> {
    sign_bytes(key, typ, extras, &json::canonical(payload))
}

fn sign_bytes(
    key: &SigningKey,
    typ: &str,
    extras: &[(&str, Value)],
    payload: &[u8],
) -> Result<String, JoseError> {
    let purpose = key.purpose();
    let alg = match key.algorithm().jose_name() {
        Some(alg) if purpose.signs(typ) => alg,
        Some(_) | None => {
            return Err(JoseError::Purpose {
                purpose: purpose.name(),
            });
        }
    };
    let mut header = Map::new();
    for (name, value) in extras {
        if RESERVED.contains(name) {
            return Err(JoseError::ReservedMember {
                name: (*name).to_owned(),
            });
        }
        header.insert((*name).to_owned(), value.clone());
    }
    header.insert("alg".to_owned(), Value::from(alg));
    header.insert("typ".to_owned(), Value::from(typ));

    let header = json::canonical(&Value::Object(header));
    // Four characters for three bytes; the longest signature of a key of ours, of ML-DSA, is larger, but rare.
    let bytes = header.len().saturating_add(payload.len());
    let mut compact =
        String::with_capacity(bytes.div_ceil(3).saturating_mul(4).saturating_add(128));
    base64url::encode_into(&header, &mut compact);
    compact.push('.');
    base64url::encode_into(payload, &mut compact);
    let signature = key.sign(compact.as_bytes()).map_err(JoseError::Sign)?;
    compact.push('.');
    base64url::encode_into(&signature, &mut compact);
    Ok(compact)
}

/// The header member `x5c` for `certificates`, the signer's first (RFC 7515 §4.1.6); none where there are
/// none, because an empty array is no path.
#[must_use]
pub fn x5c(certificates: &[Certificate]) -> Option<(&'static str, Value)> {
    let encoded = certificates
        .iter()
        .map(|certificate| Value::from(base64::encode(certificate.der())));
    (!certificates.is_empty()).then(|| ("x5c", encoded.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::key_purpose::KeyPurpose;
    use crate::signature::jose::compact::CompactJws;
    use serde_json::json;

    fn key(purpose: KeyPurpose) -> SigningKey {
        SigningKey::generate(purpose).unwrap().0
    }

    #[test]
    fn what_is_signed_verifies_and_carries_the_type_of_its_key() {
        for (purpose, typ) in [
            (KeyPurpose::Credential, "dc+sd-jwt"),
            (KeyPurpose::Receipt, "verification-receipt+jwt"),
            (KeyPurpose::StatusList, "statuslist+jwt"),
        ] {
            let key = key(purpose);
            let payload = json!({"b": 1, "a": "东莞"});
            let compact = sign_compact(&key, &[("kid", json!("k1"))], &payload).unwrap();
            let jws = CompactJws::parse(&compact).unwrap();
            assert_eq!(
                (jws.alg(), jws.typ(), jws.kid()),
                ("ES256", Some(typ), Some("k1"))
            );
            assert_eq!(jws.payload(), "{\"a\":\"东莞\",\"b\":1}".as_bytes());
            assert_eq!(jws.verify(key.public_key()), Ok(()));
        }
    }

    #[test]
    fn a_key_for_certificates_signs_no_jws() {
        let refused = sign_compact(&key(KeyPurpose::CertificateAuthority), &[], &json!({}));
        assert!(matches!(refused, Err(JoseError::Purpose { .. })));
    }

    #[test]
    fn the_header_members_that_decide_are_not_the_callers() {
        let key = key(KeyPurpose::Receipt);
        for name in RESERVED {
            let refused = sign_compact(&key, &[(name, json!("x"))], &json!({}));
            assert!(
                matches!(refused, Err(JoseError::ReservedMember { name: found }) if found == name)
            );
        }
    }

    #[test]
    fn certificates_come_back_from_x5c() {
        let names = vec!["issuer.example".to_owned()];
        let der = rcgen::generate_simple_self_signed(names).unwrap().cert;
        let certificate = Certificate::parse_der(der.der()).unwrap();
        let key = key(KeyPurpose::Credential);
        let compact = sign_compact(&key, x5c(&[certificate]).as_slice(), &json!({})).unwrap();
        let jws = CompactJws::parse(&compact).unwrap();
        assert_eq!(jws.x5c()[0].der(), der.der().as_ref());
    }
}
