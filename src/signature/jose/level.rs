//! Which form of `JAdES` a signature has (ETSI TS 119 182-1 §6). It says what is there, not whether it holds.

use serde_json::Map;
use serde_json::Value;

use crate::signature::jose::etsi_u::EtsiU;

/// Header members that name or hold the signer's certificate, one of which the baseline asks for.
const CERTIFICATE_NAMES: &[&str] = &["sigX5ts", "x5c", "x5t#S256", "x5t#o"];
/// Header members that say when it was made.
const TIME_NAMES: &[&str] = &["iat", "sigT"];

/// The form by the report's names.
pub(super) fn format_of(protected: &Map<String, Value>, etsi_u: &EtsiU) -> &'static str {
    let has = |names: &[&str]| names.iter().any(|name| protected.contains_key(*name));
    let is_stamped = etsi_u.has(&["sigTst"]);
    match () {
        () if !has(CERTIFICATE_NAMES) || !has(TIME_NAMES) => "JWS",
        () if is_stamped && etsi_u.has(&["arcTst"]) => "JAdES-BASELINE-LTA",
        () if is_stamped
            && etsi_u.has(&["anyValData", "arVals", "axVals", "rVals", "tstVD", "xVals"]) =>
        {
            "JAdES-BASELINE-LT"
        }
        () if is_stamped => "JAdES-BASELINE-T",
        () => "JAdES-BASELINE-B",
    }
}
