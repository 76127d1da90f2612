//! The protected header of a signed document: whatever it says is read, and what is wrong with it is a fault.
//!
//! Members count from here alone. What stands in the unprotected header could have been written by anybody (RFC
//! 7515 §4, ETSI TS 119 182-1 §5.1).

use serde_json::Map;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::encoding::base64url;
use crate::encoding::json;
use crate::encoding::json::JsonLimits;
use crate::signature::facts::AlgorithmFact;
use crate::signature::facts::Fault;
use crate::signature::jose::critical;
use crate::signature::jose::error::JoseError;
use crate::signature::jose::error::Segment;
use crate::signature::jose::error::excerpt;
use crate::signature::jose::sig_d::SigD;
use crate::signature::jose::thumbprint::Thumbprints;

/// A header with ten certificates, a content timestamp and the digests of many contents.
const MAX_HEADER_BYTES: usize = 1024 * 1024;
const HEADER_LIMITS: JsonLimits = JsonLimits {
    max_depth: 16,
    max_bytes: MAX_HEADER_BYTES,
    max_values: 4096,
};

/// Members that count only where they are protected.
const PROTECTED_ONLY: &[&str] = &[
    "adoTst", "alg", "b64", "iat", "sigD", "sigPId", "sigPl", "sigT", "sigX5ts", "srAts", "srCms",
    "x5t", "x5t#S256", "x5t#o",
];

/// A protected header, read.
#[derive(Debug)]
pub(super) struct SignedHeader {
    pub(super) members: Map<String, Value>,
    pub(super) algorithm: AlgorithmFact,
    /// Whether the payload is signed in base64url (RFC 7797 §3).
    pub(super) is_payload_encoded: bool,
    pub(super) thumbprints: Thumbprints,
    pub(super) sig_d: Option<SigD>,
    pub(super) claimed_at: Option<Timestamp>,
    pub(super) faults: Vec<Fault>,
}

impl SignedHeader {
    /// Reads the text of `protected`.
    ///
    /// # Errors
    /// It is not base64url of one JSON object. An empty text is a header without members.
    pub(super) fn read(
        protected: &str,
        unprotected: &Map<String, Value>,
    ) -> Result<Self, JoseError> {
        let members = members_of(protected)?;
        let mut faults = Vec::new();
        check_places(&members, unprotected, &mut faults);
        critical::check(&members, unprotected, &mut faults);
        let algorithm = algorithm_of(&members, &mut faults);
        let is_payload_encoded = is_payload_encoded(&members, &mut faults);
        let claimed_at = claimed_at(&members, &mut faults);
        critical::check_period(&members, claimed_at, &mut faults);
        if members.contains_key("zip") {
            faults.push(Fault::unprocessed("zip", "compresses what is signed"));
        }
        let sig_d = members.get("sigD");
        Ok(Self {
            algorithm,
            is_payload_encoded,
            thumbprints: Thumbprints::read(&members, &mut faults),
            sig_d: sig_d.map(|value| SigD::read(value, &mut faults)),
            claimed_at,
            faults,
            members,
        })
    }
}

fn members_of(protected: &str) -> Result<Map<String, Value>, JoseError> {
    if protected.is_empty() {
        return Ok(Map::new());
    }
    let bytes = base64url::decode(protected, MAX_HEADER_BYTES).map_err(|source| {
        let segment = Segment::Header;
        JoseError::Encoding { segment, source }
    })?;
    let value = json::parse(&bytes, HEADER_LIMITS).map_err(JoseError::HeaderJson)?;
    if let Value::Object(members) = value {
        Ok(members)
    } else {
        Err(JoseError::HeaderNotObject)
    }
}

/// RFC 7515 §7.2.1: the names of the two headers "MUST be disjoint".
fn check_places(
    protected: &Map<String, Value>,
    unprotected: &Map<String, Value>,
    faults: &mut Vec<Fault>,
) {
    for name in unprotected.keys() {
        if protected.contains_key(name) {
            let detail = format!("{} stands in both headers", excerpt(name));
            faults.push(Fault::broken("header", detail));
        } else if name == "b64" {
            // RFC 7797 §3: "MUST be integrity protected".
            faults.push(Fault::broken(
                "b64",
                "must be integrity protected, and is not",
            ));
        } else if PROTECTED_ONLY.contains(&name.as_str()) {
            let detail = format!("{name} is not protected and counts for nothing");
            faults.push(Fault::irregular("header", detail));
        }
    }
    if protected.contains_key("etsiU") {
        let detail = "stands in the protected header, and is not read there";
        faults.push(Fault::irregular("etsiU", detail));
    }
}

fn algorithm_of(members: &Map<String, Value>, faults: &mut Vec<Fault>) -> AlgorithmFact {
    let unknown = |name: &str| AlgorithmFact {
        known: None,
        name: excerpt(name),
    };
    let Some(name) = members.get("alg").and_then(Value::as_str) else {
        // RFC 7515 §4.1.1: "MUST be present".
        let detail = "the protected header has no algorithm";
        faults.push(Fault::broken("alg", detail));
        return unknown("");
    };
    if name.eq_ignore_ascii_case("none") {
        faults.push(Fault::broken("alg", "is none: nothing is signed"));
    } else if name.to_ascii_uppercase().starts_with("HS") {
        let detail = format!("{} is a MAC and no signature", excerpt(name));
        faults.push(Fault::broken("alg", detail));
    } else if let Some(known) = SignatureAlgorithm::from_jose_name(name) {
        return AlgorithmFact::from(known);
    }
    unknown(name)
}

/// RFC 7797 §3, and §6: who does not know `b64` would verify something else, so that `crit` has to list it.
fn is_payload_encoded(members: &Map<String, Value>, faults: &mut Vec<Fault>) -> bool {
    let is_encoded = match members.get("b64") {
        None => return true,
        Some(Value::Bool(is_encoded)) => *is_encoded,
        Some(_) => {
            faults.push(Fault::broken("b64", "is neither true nor false"));
            return true;
        }
    };
    let critical = members.get("crit").and_then(Value::as_array);
    let is_critical = critical.is_some_and(|names| names.iter().any(|name| name == "b64"));
    if !is_critical {
        faults.push(Fault::broken("b64", "is not listed in `crit`"));
    }
    is_encoded
}

/// `sigT` (ETSI TS 119 182-1 §5.2.1), else `iat` (RFC 7519 §4.1.6), which its later versions prefer.
fn claimed_at(members: &Map<String, Value>, faults: &mut Vec<Fault>) -> Option<Timestamp> {
    let sig_t = members.get("sigT").and_then(|value| {
        let read = value.as_str().and_then(|text| Timestamp::parse(text).ok());
        if read.is_none() {
            faults.push(Fault::irregular("sigT", "is no time of RFC 3339"));
        }
        read
    });
    let iat = members.get("iat").and_then(|value| {
        let seconds = value.as_i64().and_then(Timestamp::from_unix_seconds);
        if seconds.is_none() {
            faults.push(Fault::irregular(
                "iat",
                "is no NumericDate that we can read",
            ));
        }
        seconds
    });
    if members.contains_key("sigT") && members.contains_key("iat") {
        faults.push(Fault::irregular("iat", "stands beside sigT"));
    }
    sig_t.or(iat)
}
