//! One disclosure: a salt, a name unless it is an array element, and a value (RFC 9901 §4.2).

use crate::credential::sd_jwt_vc::error::SdJwtError;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::encoding::base64url;
use crate::encoding::json;
use crate::encoding::json::JsonLimits;
use serde_json::Value;

/// What a disclosure discloses.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    /// RFC 9901 §4.2.2.
    Element(Value),
    /// RFC 9901 §4.2.1.
    Member { name: String, value: Value },
}

/// Reads a disclosure of a presentation.
pub(super) fn parse(
    encoded: &str,
    position: usize,
    limits: JsonLimits,
) -> Result<Content, SdJwtError> {
    let decoded = base64url::decode(encoded, limits.max_bytes)
        .map_err(|source| SdJwtError::DisclosureEncoding { position, source })?;
    let value = json::parse(&decoded, limits)
        .map_err(|source| SdJwtError::DisclosureJson { position, source })?;
    let shape = SdJwtError::DisclosureShape { position };
    let Value::Array(elements) = value else {
        return Err(shape);
    };
    let mut elements = elements.into_iter();
    let taken = (
        elements.next(),
        elements.next(),
        elements.next(),
        elements.next(),
    );
    match taken {
        (Some(Value::String(_)), Some(value), None, None) => Ok(Content::Element(value)),
        (Some(Value::String(_)), Some(Value::String(name)), Some(value), None) => {
            if matches!(name.as_str(), "_sd" | "..." | "_sd_alg") {
                return Err(SdJwtError::ReservedName { position, name });
            }
            Ok(Content::Member { name, value })
        }
        _ => Err(shape),
    }
}

/// The digest of a disclosure as it is embedded: base64url of the digest of the disclosure *as text*
/// (RFC 9901 §4.2.3), so that nothing needs to be re-encoded.
#[must_use]
pub fn embedded_digest(algorithm: DigestAlgorithm, encoded: &str) -> String {
    base64url::encode(digest(algorithm, encoded.as_bytes()).as_bytes())
}

/// Writes the disclosure of a member, or of an array element where there is no name.
pub(super) fn write(salt: &[u8; 16], name: Option<&str>, value: Value) -> String {
    let mut elements = vec![Value::from(base64url::encode(salt))];
    elements.extend(name.map(Value::from));
    elements.push(value);
    base64url::encode(&json::canonical(&Value::Array(elements)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(json: &str) -> Result<Content, SdJwtError> {
        parse(&base64url::encode(json.as_bytes()), 1, JsonLimits::DEFAULT)
    }

    #[test]
    fn reads_the_examples_of_rfc_9901_section_4_2() {
        let member = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0";
        assert_eq!(
            parse(member, 1, JsonLimits::DEFAULT).unwrap(),
            Content::Member {
                name: "family_name".to_owned(),
                value: json!("Möbius")
            }
        );
        assert_eq!(
            embedded_digest(DigestAlgorithm::Sha256, member),
            "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
        );
        let element = "WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0";
        assert_eq!(
            parse(element, 1, JsonLimits::DEFAULT).unwrap(),
            Content::Element(json!("FR"))
        );
        assert_eq!(
            embedded_digest(DigestAlgorithm::Sha256, element),
            "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs"
        );
    }

    #[test]
    fn what_is_written_reads_back() {
        let encoded = write(&[7; 16], Some("capital"), json!({"amount": 1}));
        assert_eq!(
            parse(&encoded, 1, JsonLimits::DEFAULT).unwrap(),
            Content::Member {
                name: "capital".to_owned(),
                value: json!({"amount": 1})
            }
        );
        let encoded = write(&[7; 16], None, json!("x"));
        assert_eq!(
            parse(&encoded, 1, JsonLimits::DEFAULT).unwrap(),
            Content::Element(json!("x"))
        );
    }

    #[test]
    fn other_shapes_are_refused() {
        for json in [
            "{}",
            "[]",
            "[\"salt\"]",
            "[1,\"name\",2]",
            "[1,2]",
            "[\"salt\",3,\"value\"]",
            "[\"salt\",\"name\",1,2]",
        ] {
            assert!(
                matches!(read(json), Err(SdJwtError::DisclosureShape { position: 1 })),
                "{json}"
            );
        }
    }

    #[test]
    fn reserved_names_are_refused() {
        for name in ["_sd", "...", "_sd_alg"] {
            let refused = read(&format!("[\"salt\",\"{name}\",1]"));
            assert!(matches!(refused, Err(SdJwtError::ReservedName { .. })));
        }
    }

    #[test]
    fn broken_encodings_are_refused() {
        let parse = |encoded| parse(encoded, 3, JsonLimits::DEFAULT);
        assert!(matches!(
            parse("WyJhIiwxXQ=="),
            Err(SdJwtError::DisclosureEncoding { position: 3, .. })
        ));
        assert!(matches!(
            parse("WyJhIiwx"),
            Err(SdJwtError::DisclosureJson { position: 3, .. })
        ));
        assert!(matches!(
            read("[\"salt\",\"name\",{\"a\":1,\"a\":2}]"),
            Err(SdJwtError::DisclosureJson { .. })
        ));
        assert!(matches!(read("[\"s\",1] "), Ok(Content::Element(_))));
        assert!(matches!(
            read("[\"s\",1]x"),
            Err(SdJwtError::DisclosureJson { .. })
        ));
    }
}
