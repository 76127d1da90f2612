//! `crit` (RFC 7515 §4.1.11).

use serde_json::Map;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::signature::facts::Fault;
use crate::signature::jose::error::excerpt;

/// Extensions that are processed here: RFC 7797 §3; ETSI TS 119 182-1 §5.2, whose members are read, computed
/// with or shown; the claims of RFC 7519 §4.1.4 to §4.1.6 that stand in a header (§5.3).
const UNDERSTOOD: &[&str] = &[
    "adoTst", "b64", "exp", "iat", "nbf", "sigD", "sigPId", "sigPl", "sigT", "sigX5ts", "srAts",
    "srCms", "x5t#o",
];

/// RFC 7515 §4.1 has them, so that they are no extensions and may not be listed.
const REGISTERED: &[&str] = &[
    "alg", "crit", "cty", "jku", "jwk", "kid", "typ", "x5c", "x5t", "x5t#S256", "x5u",
];

/// What is wrong with `crit`, or not understood of what it lists.
pub(super) fn check(
    protected: &Map<String, Value>,
    unprotected: &Map<String, Value>,
    faults: &mut Vec<Fault>,
) {
    if unprotected.contains_key("crit") {
        let detail = "must be integrity protected, and is not";
        faults.push(Fault::broken("crit", detail));
    }
    let Some(value) = protected.get("crit") else {
        return;
    };
    let names = match value {
        Value::Array(names) if !names.is_empty() => names,
        Value::Array(_)
        | Value::Bool(_)
        | Value::Null
        | Value::Number(_)
        | Value::Object(_)
        | Value::String(_) => {
            faults.push(Fault::broken("crit", "is not a non-empty array"));
            return;
        }
    };
    let mut seen = Vec::new();
    for name in names {
        let Value::String(name) = name else {
            faults.push(Fault::broken("crit", "lists something that is no name"));
            continue;
        };
        let shown = excerpt(name);
        let name = name.as_str();
        if seen.contains(&name) {
            let detail = format!("lists {shown} twice");
            faults.push(Fault::broken("crit", detail));
            continue;
        }
        seen.push(name);
        if REGISTERED.contains(&name) {
            let detail = format!("lists {shown}, which is no extension");
            faults.push(Fault::broken("crit", detail));
        } else if !protected.contains_key(name) && !unprotected.contains_key(name) {
            let detail = format!("lists {shown}, which is not there");
            faults.push(Fault::broken("crit", detail));
        } else if !protected.contains_key(name) {
            let detail = format!("lists {shown}, which nothing protects");
            faults.push(Fault::unprocessed("crit", detail));
        } else if !UNDERSTOOD.contains(&name) {
            let detail = format!("lists {shown}, which we do not know");
            faults.push(Fault::unprocessed("crit", detail));
        }
    }
}

/// `nbf` and `exp` in the header of a signed document (RFC 7519 §4.1.4, §4.1.5) say when the key's holder meant
/// to sign: the claimed time has to lie between them. Without a claimed time they bind nothing here.
pub(super) fn check_period(
    protected: &Map<String, Value>,
    claimed_at: Option<Timestamp>,
    faults: &mut Vec<Fault>,
) {
    for name in ["nbf", "exp"] {
        let Some(value) = protected.get(name) else {
            continue;
        };
        let Some(bound) = instant(value) else {
            faults.push(Fault::irregular(name, "is no time that we can read"));
            continue;
        };
        let is_outside = claimed_at.is_some_and(|claimed| match name {
            "nbf" => claimed < bound,
            _ => claimed >= bound,
        });
        if let Some(claimed) = claimed_at.filter(|_| is_outside) {
            let detail = format!("is {bound}, and signing is claimed for {claimed}");
            faults.push(Fault::broken(name, detail));
        }
    }
}

/// A `NumericDate` (RFC 7519 §2), or the date-time that some write instead.
pub(super) fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => Timestamp::from_unix_seconds(number.as_i64()?),
        Value::String(text) => Timestamp::parse(text).ok(),
        Value::Array(_) | Value::Bool(_) | Value::Null | Value::Object(_) => None,
    }
}
