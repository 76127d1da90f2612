//! The claims with a fixed meaning (RFC 7519 §4.1, SD-JWT VC §3.2.2.2).

use crate::clock::Timestamp;
use crate::credential::sd_jwt_vc::error::SdJwtError;
use crate::credential::status_list::StatusReference;
use serde_json::Map;
use serde_json::Value;

/// Names that no kind may use for a claim of its own: what is left says something of the company.
pub const REGISTERED_CLAIMS: [&str; 14] = [
    "...",
    "_sd",
    "_sd_alg",
    "aud",
    "cnf",
    "exp",
    "iat",
    "iss",
    "jti",
    "nbf",
    "status",
    "sub",
    "vct",
    "vct#integrity",
];

/// SD-JWT VC §3.2.2.2: these "MUST NOT be included in the Disclosures". A withheld `exp` or `status`
/// would make a credential look valid.
pub(super) const NEVER_DISCLOSABLE: [&str; 7] =
    ["cnf", "exp", "iss", "nbf", "status", "vct", "vct#integrity"];

/// What a credential says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredClaims {
    /// Who says that they issued it; `x5c` says who did.
    pub iss: Option<String>,
    /// Its type.
    pub vct: String,
    /// Its id.
    pub jti: Option<String>,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// From when it is valid.
    pub not_before: Option<Timestamp>,
    /// Until when it is valid. `None`: it says nothing.
    pub expires_at: Option<Timestamp>,
    /// Where its status stands.
    pub status: StatusClaim,
    /// Whether it is bound to a key of its holder (`cnf`).
    pub has_confirmation: bool,
}

/// The claim `status` (draft-ietf-oauth-status-list §6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusClaim {
    /// It has none: nobody can take it back.
    Absent,
    /// In a status list.
    StatusList(StatusReference),
    /// By a mechanism that we do not know.
    Unsupported,
}

impl RegisteredClaims {
    /// Reads them from the claims that are visible or disclosed.
    pub(super) fn read(claims: &Map<String, Value>) -> Result<Self, SdJwtError> {
        Ok(Self {
            iss: text(claims, "iss")?,
            vct: text(claims, "vct")?.ok_or(SdJwtError::MissingClaim { name: "vct" })?,
            jti: text(claims, "jti")?,
            issued_at: time(claims, "iat")?,
            not_before: time(claims, "nbf")?,
            expires_at: time(claims, "exp")?,
            status: status(claims)?,
            has_confirmation: match claims.get("cnf") {
                None => false,
                Some(Value::Object(_)) => true,
                Some(_) => return Err(wrong("cnf", "an object")),
            },
        })
    }
}

const fn wrong(name: &'static str, expected: &'static str) -> SdJwtError {
    SdJwtError::Claim { name, expected }
}

fn text(claims: &Map<String, Value>, name: &'static str) -> Result<Option<String>, SdJwtError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(wrong(name, "a string")),
    }
}

/// `NumericDate` (RFC 7519 §2). Fractions, which it allows, are refused: nobody needs them here.
fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, SdJwtError> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = value.as_i64().and_then(Timestamp::from_unix_seconds);
    seconds
        .map(Some)
        .ok_or(wrong(name, "a time in whole seconds since 1970"))
}

fn status(claims: &Map<String, Value>) -> Result<StatusClaim, SdJwtError> {
    let mechanisms = match claims.get("status") {
        None => return Ok(StatusClaim::Absent),
        Some(Value::Object(mechanisms)) => mechanisms,
        Some(_) => return Err(wrong("status", "an object")),
    };
    let reference = match mechanisms.get("status_list") {
        None => return Ok(StatusClaim::Unsupported),
        Some(Value::Object(reference)) => reference,
        Some(_) => return Err(wrong("status.status_list", "an object")),
    };
    let index = reference.get("idx").and_then(Value::as_u64);
    let uri = reference.get("uri").and_then(Value::as_str);
    Ok(StatusClaim::StatusList(StatusReference {
        index: index.ok_or(wrong("status.status_list.idx", "a whole number from 0"))?,
        uri: uri
            .ok_or(wrong("status.status_list.uri", "a string"))?
            .to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(claims: Value) -> Result<RegisteredClaims, SdJwtError> {
        match claims {
            Value::Object(claims) => RegisteredClaims::read(&claims),
            _ => panic!("an object"),
        }
    }

    #[test]
    fn reads_all_of_them() {
        let claims = read(json!({
            "iss": "https://a.example", "vct": "t", "jti": "j", "iat": 1, "nbf": 2, "exp": 3,
            "status": {"status_list": {"idx": 7, "uri": "https://a.example/status/1", "later": true}},
            "cnf": {"jwk": {}},
        }))
        .unwrap();
        assert_eq!(claims.expires_at, Timestamp::from_unix_seconds(3));
        assert_eq!(
            claims.status,
            StatusClaim::StatusList(StatusReference {
                index: 7,
                uri: "https://a.example/status/1".to_owned()
            })
        );
        assert!(claims.has_confirmation);
    }

    #[test]
    fn only_the_type_is_required() {
        let claims = read(json!({"vct": "t"})).unwrap();
        assert_eq!(claims.status, StatusClaim::Absent);
        assert_eq!(claims.expires_at, None);
        assert!(matches!(
            read(json!({})),
            Err(SdJwtError::MissingClaim { name: "vct" })
        ));
    }

    #[test]
    fn another_status_mechanism_is_told_from_none() {
        let claims = read(json!({"vct": "t", "status": {"other": {}}})).unwrap();
        assert_eq!(claims.status, StatusClaim::Unsupported);
    }

    #[test]
    fn wrong_forms_are_named() {
        for (claims, expected) in [
            (json!({"vct": 1}), "vct"),
            (json!({"vct": "t", "iss": []}), "iss"),
            (json!({"vct": "t", "jti": 1}), "jti"),
            (json!({"vct": "t", "exp": "1"}), "exp"),
            (json!({"vct": "t", "exp": 1.5}), "exp"),
            (json!({"vct": "t", "iat": u64::MAX}), "iat"),
            (json!({"vct": "t", "nbf": i64::MAX}), "nbf"),
            (json!({"vct": "t", "cnf": "k"}), "cnf"),
            (json!({"vct": "t", "status": 1}), "status"),
            (
                json!({"vct": "t", "status": {"status_list": 1}}),
                "status.status_list",
            ),
            (
                json!({"vct": "t", "status": {"status_list": {"idx": -1, "uri": "u"}}}),
                "status.status_list.idx",
            ),
            (
                json!({"vct": "t", "status": {"status_list": {"idx": 1}}}),
                "status.status_list.uri",
            ),
        ] {
            match read(claims.clone()) {
                Err(SdJwtError::Claim { name, .. }) => assert_eq!(name, expected),
                other => panic!("{claims}: {other:?}"),
            }
        }
    }
}
