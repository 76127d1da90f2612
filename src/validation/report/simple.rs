//! The short form of a report: what somebody needs who has to decide, in less than 2 KB for an ordinary file.

use serde_json::Map;
use serde_json::Value;

use crate::validation::reason::ReasonCode;
use crate::validation::report::Report;

/// What a short report leaves empty: members that every report has.
const EMPTIED: [&str; 3] = ["path", "policies", "revocation"];
/// What it leaves out.
const LEFT_OUT: [&str; 5] = [
    "tried",
    "triedMore",
    "changesAfter",
    "constraints",
    "diagnostics",
];
/// Reasons that are left out: what they tell only explains, or stands in another member as well.
const UNTOLD: [ReasonCode; 9] = [
    ReasonCode::DocumentExtended,
    ReasonCode::FormatIrregular,
    ReasonCode::JudgedAtSignatureTime,
    ReasonCode::PathIssuerMissing,
    ReasonCode::RevocationNotChecked,
    ReasonCode::RevokedAfterSigning,
    ReasonCode::SignatureTimeProven,
    ReasonCode::SigningCertificateNotNamed,
    ReasonCode::TimestampNotUsed,
];
/// What is kept of a timestamp's or a counter-signature's own signature.
const KEPT: [&str; 4] = ["id", "format", "indication", "subIndication"];

/// The JSON form of a report without what only explains the verdict.
///
/// # Errors
/// When the report cannot be written as JSON, which no report is.
pub fn simple(report: &Report) -> Result<Value, serde_json::Error> {
    let mut json = serde_json::to_value(report)?;
    if let Some(members) = json.as_object_mut() {
        members.remove("constraints");
        members.remove("revisions");
    }
    let signatures = json.get_mut("signatures").and_then(Value::as_array_mut);
    let signatures = signatures.into_iter().flatten();
    for signature in signatures.filter_map(Value::as_object_mut) {
        shorten(signature);
    }
    Ok(json)
}

fn shorten(signature: &mut Map<String, Value>) {
    for name in EMPTIED {
        signature.insert(name.to_owned(), Value::Array(Vec::new()));
    }
    for name in LEFT_OUT {
        signature.remove(name);
    }
    if let Some(reasons) = signature.get_mut("reasons").and_then(Value::as_array_mut) {
        reasons.retain(is_told);
        reasons.dedup();
    }
    // Their texts say what their particulars are.
    for reason in elements(signature, "reasons") {
        reason.insert("params".to_owned(), Value::Object(Map::new()));
    }
    for stamp in elements(signature, "timestamps") {
        let own = stamp.remove("signature");
        let own = own.as_ref().and_then(Value::as_object);
        let kept = ["id", "indication"].into_iter();
        let kept = kept.filter_map(|name| Some((name.to_owned(), own?.get(name)?.clone())));
        stamp.extend(kept);
        stamp.remove("imprint");
    }
    for counter in elements(signature, "counterSignatures") {
        counter.retain(|name, _| KEPT.contains(&name.as_str()));
    }
}

fn is_told(reason: &Value) -> bool {
    let code = reason.get("code").and_then(Value::as_str);
    let mut untold = UNTOLD.iter();
    !untold.any(|untold| Some(untold.as_str()) == code)
}

fn elements<'a>(
    signature: &'a mut Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a mut Map<String, Value>> + use<'a> {
    let list = signature.get_mut(name).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::reason::REASONS;
    use crate::validation::reason::Severity;

    #[test]
    fn no_reason_that_could_decide_a_verdict_is_left_out() {
        for entry in REASONS.iter().filter(|entry| UNTOLD.contains(&entry.code)) {
            assert_ne!(entry.severity, Severity::Error, "{}", entry.name);
        }
    }
}
