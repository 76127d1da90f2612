//! The three serialisations of a JWS (RFC 7515 §7), taken apart into their texts.

use serde_json::Map;
use serde_json::Value;

use crate::encoding::json;
use crate::encoding::json::JsonLimits;
use crate::signature::jose::error::JoseError;

/// A document: content of some forty megabytes inside, in base64url.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024 * 1024;
/// Signatures that are read of one document.
const MAX_SIGNATURES: usize = 64;
/// Validation data of 64 signatures; each value is one string.
const DOCUMENT_LIMITS: JsonLimits = JsonLimits {
    max_depth: 32,
    max_bytes: MAX_DOCUMENT_BYTES,
    max_values: 100_000,
};

/// The texts of a document.
#[derive(Debug)]
pub(super) struct Serialised {
    /// `payload` as it stands; none where the member is absent.
    pub(super) payload: Option<String>,
    pub(super) signatures: Vec<SerialisedSignature>,
}

/// The texts of one signature.
#[derive(Debug)]
pub(super) struct SerialisedSignature {
    /// BASE64URL(protected header); empty where there is none.
    pub(super) protected: String,
    /// The unprotected header.
    pub(super) unprotected: Map<String, Value>,
    /// BASE64URL(signature value).
    pub(super) signature: String,
}

impl Serialised {
    /// Reads `bytes`, all of them; white space around a compact serialisation belongs to the file.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, JoseError> {
        if bytes.len() > MAX_DOCUMENT_BYTES {
            let limit = MAX_DOCUMENT_BYTES;
            return Err(JoseError::TooLong { limit });
        }
        let text = std::str::from_utf8(bytes).map_err(JoseError::NotText)?;
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        if text.starts_with('{') {
            Self::read_json(text)
        } else {
            Self::read_compact(text)
        }
    }

    /// One that stands inside another document as a value: text is compact, an object is JSON.
    pub(super) fn read_value(value: &Value) -> Result<Self, JoseError> {
        match value {
            Value::String(text) => Self::read_compact(text),
            Value::Object(members) => Self::read_members(members),
            Value::Array(_) | Value::Bool(_) | Value::Null | Value::Number(_) => {
                Err(JoseError::DocumentMember {
                    name: "cSig",
                    expected: "a string or an object",
                })
            }
        }
    }

    /// RFC 7515 §7.1.
    fn read_compact(text: &str) -> Result<Self, JoseError> {
        let mut segments = text.split('.');
        let (Some(protected), Some(payload), Some(signature), None) = (
            segments.next(),
            segments.next(),
            segments.next(),
            segments.next(),
        ) else {
            let found = text.split('.').count();
            return Err(JoseError::Segments { found });
        };
        Ok(Self {
            payload: Some(payload.to_owned()),
            signatures: vec![SerialisedSignature {
                protected: protected.to_owned(),
                unprotected: Map::new(),
                signature: signature.to_owned(),
            }],
        })
    }

    fn read_json(text: &str) -> Result<Self, JoseError> {
        let value =
            json::parse(text.as_bytes(), DOCUMENT_LIMITS).map_err(JoseError::DocumentJson)?;
        match value {
            Value::Object(members) => Self::read_members(&members),
            Value::Array(_)
            | Value::Bool(_)
            | Value::Null
            | Value::Number(_)
            | Value::String(_) => Err(JoseError::DocumentMember {
                name: "JWS",
                expected: "an object",
            }),
        }
    }

    /// RFC 7515 §7.2.1 and §7.2.2; members that nobody defined are ignored.
    fn read_members(members: &Map<String, Value>) -> Result<Self, JoseError> {
        let payload = text_of(members, "payload")?;
        let Some(signatures) = members.get("signatures") else {
            return Ok(Self {
                payload,
                signatures: vec![SerialisedSignature::read(members)?],
            });
        };
        let of_flattened = ["protected", "header", "signature"];
        if of_flattened.iter().any(|name| members.contains_key(*name)) {
            return Err(JoseError::MixedSerialisations);
        }
        let malformed = JoseError::DocumentMember {
            name: "signatures",
            expected: "a non-empty array of objects",
        };
        let elements = signatures.as_array().filter(|all| !all.is_empty());
        let Some(elements) = elements else {
            return Err(malformed);
        };
        if elements.len() > MAX_SIGNATURES {
            return Err(JoseError::TooManySignatures {
                found: elements.len(),
                limit: MAX_SIGNATURES,
            });
        }
        let mut signatures = Vec::with_capacity(elements.len());
        for element in elements {
            let Value::Object(members) = element else {
                return Err(malformed);
            };
            signatures.push(SerialisedSignature::read(members)?);
        }
        Ok(Self {
            payload,
            signatures,
        })
    }
}

impl SerialisedSignature {
    fn read(members: &Map<String, Value>) -> Result<Self, JoseError> {
        let unprotected = match members.get("header") {
            None => Map::new(),
            Some(Value::Object(header)) => header.clone(),
            Some(_) => {
                return Err(JoseError::DocumentMember {
                    name: "header",
                    expected: "an object",
                });
            }
        };
        let signature = text_of(members, "signature")?;
        Ok(Self {
            protected: text_of(members, "protected")?.unwrap_or_default(),
            unprotected,
            signature: signature.ok_or(JoseError::DocumentMember {
                name: "signature",
                expected: "a string",
            })?,
        })
    }
}

fn text_of(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, JoseError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(JoseError::DocumentMember {
            name,
            expected: "a string",
        }),
    }
}
