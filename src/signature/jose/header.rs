//! The protected header of a JWS (RFC 7515 §4).

use crate::crypto::digest::sha256;
use crate::encoding::base64;
use crate::encoding::base64url;
use crate::encoding::json;
use crate::encoding::json::JsonLimits;
use crate::pki::certificate::Certificate;
use crate::signature::jose::error::JoseError;
use crate::signature::jose::error::excerpt;
use serde_json::Map;
use serde_json::Value;

/// Certificates read from `x5c`; a path longer than this belongs to nobody we know.
pub(super) const MAX_CERTIFICATES: usize = 10;
/// One certificate, as in [`Certificate::parse_der`].
const MAX_CERTIFICATE_BYTES: usize = 64 * 1024;

/// Names that carry a key or say where to find one (RFC 7515 §4.1.2, §4.1.3, §4.1.5).
const KEY_REFERENCES: [&str; 3] = ["jku", "jwk", "x5u"];
/// Names that change what the payload is (RFC 7797 §3, RFC 7516 §4.1.3).
const UNSUPPORTED: [&str; 2] = ["b64", "zip"];

/// What a protected header says, all of it checked for form.
#[derive(Clone, Debug)]
pub(super) struct ProtectedHeader {
    pub(super) alg: String,
    pub(super) typ: Option<String>,
    pub(super) kid: Option<String>,
    pub(super) x5c: Vec<Certificate>,
    pub(super) members: Map<String, Value>,
}

impl ProtectedHeader {
    pub(super) fn parse(bytes: &[u8], limits: JsonLimits) -> Result<Self, JoseError> {
        let Value::Object(members) = json::parse(bytes, limits).map_err(JoseError::HeaderJson)?
        else {
            return Err(JoseError::HeaderNotObject);
        };
        refuse(&members)?;
        let alg = text(&members, "alg")?.ok_or(JoseError::MissingAlgorithm)?;
        if alg.eq_ignore_ascii_case("none") {
            return Err(JoseError::AlgorithmNone);
        }
        if alg.starts_with("HS") {
            return Err(JoseError::AlgorithmSymmetric {
                name: excerpt(&alg),
            });
        }
        let x5c = certificates(&members)?;
        check_thumbprint(&members, &x5c)?;
        Ok(Self {
            alg,
            typ: text(&members, "typ")?,
            kid: text(&members, "kid")?,
            x5c,
            members,
        })
    }
}

fn refuse(members: &Map<String, Value>) -> Result<(), JoseError> {
    // First `crit`: it alone may change what the other members mean.
    if let Some(critical) = members.get("crit") {
        let names: Vec<&str> = critical
            .as_array()
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        return Err(JoseError::Critical {
            names: excerpt(&names.join(", ")),
        });
    }
    let present = |name: &&'static str| members.contains_key(*name);
    if let Some(name) = KEY_REFERENCES.into_iter().find(present) {
        return Err(JoseError::KeyReference { name });
    }
    if let Some(name) = UNSUPPORTED.into_iter().find(present) {
        return Err(JoseError::UnsupportedMember { name });
    }
    Ok(())
}

fn text(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, JoseError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(JoseError::HeaderMember {
            name,
            expected: "a string",
        }),
    }
}

/// RFC 7515 §4.1.6: standard base64 of DER, the signer's certificate first.
pub(super) fn certificates(members: &Map<String, Value>) -> Result<Vec<Certificate>, JoseError> {
    let not_an_array = JoseError::HeaderMember {
        name: "x5c",
        expected: "a non-empty array of strings",
    };
    let elements = match members.get("x5c") {
        None => return Ok(Vec::new()),
        Some(Value::Array(elements)) if !elements.is_empty() => elements,
        Some(_) => return Err(not_an_array),
    };
    if elements.len() > MAX_CERTIFICATES {
        return Err(JoseError::TooManyCertificates {
            found: elements.len(),
            limit: MAX_CERTIFICATES,
        });
    }
    let mut certificates = Vec::with_capacity(elements.len());
    for (position, element) in (1..).zip(elements) {
        let Value::String(encoded) = element else {
            return Err(not_an_array);
        };
        let der = base64::decode(encoded, MAX_CERTIFICATE_BYTES)
            .map_err(|source| JoseError::CertificateEncoding { position, source })?;
        let certificate = Certificate::parse_der(&der)
            .map_err(|source| JoseError::Certificate { position, source })?;
        certificates.push(certificate);
    }
    Ok(certificates)
}

fn check_thumbprint(members: &Map<String, Value>, x5c: &[Certificate]) -> Result<(), JoseError> {
    let Some(thumbprint) = text(members, "x5t#S256")? else {
        return Ok(());
    };
    let Some(signer) = x5c.first() else {
        return Ok(());
    };
    if base64url::encode(sha256(signer.der()).as_bytes()) == thumbprint {
        Ok(())
    } else {
        Err(JoseError::Thumbprint)
    }
}
