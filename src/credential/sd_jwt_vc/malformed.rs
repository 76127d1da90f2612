//! Why a presentation could not be read, in the words of a report.

use crate::credential::sd_jwt_vc::error::SdJwtError;
use crate::encoding::json::JsonError;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::Coverage;
use crate::validation::report::Indication;
use crate::validation::report::SignatureReport;
use crate::validation::report::SubIndication;
use crate::validation::signature::malformed_jws;
use std::error::Error;

/// The format by the report's names.
pub const FORMAT: &str = "SD-JWT-VC";

/// The report on a presentation that could not be read.
///
/// What is wrong by RFC 9901 is `TOTAL-FAILED`, `FORMAT_FAILURE`; what it allows and we do not process
/// says nothing of the credential: `INDETERMINATE`.
#[must_use]
pub fn malformed(id: &str, error: &SdJwtError) -> SignatureReport {
    if let SdJwtError::Jws(cause) | SdJwtError::KeyBinding(cause) = error {
        return malformed_jws(id, FORMAT, cause);
    }
    let reason = reason(error);
    let mut report = SignatureReport::new(id, FORMAT, Coverage::Unknown);
    if matches!(
        reason.code(),
        ReasonCode::DisclosureHashUnsupported | ReasonCode::FormatLimitExceeded
    ) {
        let unprocessed = Some(SubIndication::SigConstraintsFailure);
        report.restrict(Indication::Indeterminate, unprocessed, reason);
    } else {
        let malformed = Some(SubIndication::FormatFailure);
        report.restrict(Indication::TotalFailed, malformed, reason);
    }
    report
}

fn reason(error: &SdJwtError) -> Reason {
    let detailed = |code| Reason::new(code).with("detail", detail(error));
    match error {
        SdJwtError::Claim { .. } | SdJwtError::MissingClaim { .. } => {
            detailed(ReasonCode::CredentialClaimsInvalid)
        }
        SdJwtError::ClaimExists { .. }
        | SdJwtError::PayloadJson(JsonError::DuplicateMember { .. }) => {
            detailed(ReasonCode::DisclosureDuplicateClaim)
        }
        SdJwtError::DigestAlgorithm { .. } => detailed(ReasonCode::DisclosureHashUnsupported),
        SdJwtError::DisclosureEncoding { .. }
        | SdJwtError::DisclosureShape { .. }
        | SdJwtError::WrongElements { .. } => detailed(ReasonCode::DisclosureMalformed),
        SdJwtError::DisclosureJson { source, .. } => {
            detailed(json(source, ReasonCode::DisclosureMalformed))
        }
        SdJwtError::DuplicateDigest { .. } | SdJwtError::DuplicateDisclosure { .. } => {
            detailed(ReasonCode::DisclosureDuplicateDigest)
        }
        SdJwtError::KeyBindingType { found } => unexpected_type(found, "kb+jwt"),
        SdJwtError::Jws(_)
        | SdJwtError::KeyBinding(_)
        | SdJwtError::KeyBindingWithoutConfirmation
        | SdJwtError::MissingTilde
        | SdJwtError::PayloadNotObject
        | SdJwtError::ReservedMember { .. } => detailed(ReasonCode::FormatMalformed),
        SdJwtError::NotDisclosable { .. } | SdJwtError::ReservedName { .. } => {
            detailed(ReasonCode::DisclosureReservedName)
        }
        SdJwtError::PayloadJson(cause) => detailed(json(cause, ReasonCode::FormatMalformed)),
        SdJwtError::TooDeep { .. }
        | SdJwtError::TooLong { .. }
        | SdJwtError::TooManyDisclosures { .. } => detailed(ReasonCode::FormatLimitExceeded),
        SdJwtError::Type { found } => unexpected_type(found, "dc+sd-jwt"),
        SdJwtError::Unreferenced { .. } => detailed(ReasonCode::DisclosureUnreferenced),
    }
}

fn unexpected_type(found: &str, expected: &str) -> Reason {
    Reason::new(ReasonCode::TypNotExpected)
        .with("typ", found)
        .with("expected", expected)
}

/// What is more than we read is no fault of the text.
const fn json(cause: &JsonError, otherwise: ReasonCode) -> ReasonCode {
    match cause {
        JsonError::TooDeep { .. } | JsonError::TooLong { .. } | JsonError::TooManyValues { .. } => {
            ReasonCode::FormatLimitExceeded
        }
        JsonError::DuplicateMember { .. } | JsonError::NotUtf8(_) | JsonError::Syntax { .. } => {
            otherwise
        }
    }
}

/// The error and its direct cause; what lies deeper may quote the input.
fn detail(error: &SdJwtError) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::sd_jwt_vc::disclosure::embedded_digest;
    use crate::credential::sd_jwt_vc::parse::Limits;
    use crate::credential::sd_jwt_vc::parse::SdJwt;
    use crate::crypto::digest::DigestAlgorithm;
    use crate::encoding::base64url;

    fn encode(json: &str) -> String {
        base64url::encode(json.as_bytes())
    }

    fn jwt(header: &str, payload: &str) -> String {
        format!("{}.{}.AAAA~", encode(header), encode(payload))
    }

    const HEADER: &str = r#"{"alg":"ES256","typ":"dc+sd-jwt"}"#;

    /// Verdict and reason code for a presentation.
    fn verdict(text: &str) -> (Indication, Option<SubIndication>, &'static str) {
        let error = SdJwt::parse(text, Limits::DEFAULT).unwrap_err();
        let report = malformed("S1", &error);
        assert_eq!(report.format, FORMAT);
        assert_eq!(report.cryptographic.intact, None);
        assert_eq!(report.reasons.len(), 1);
        let message = report.reasons[0].message();
        assert!(!message.contains('…'), "a particular is missing: {message}");
        (
            report.indication,
            report.sub_indication,
            report.reasons[0].code().as_str(),
        )
    }

    const FAILED: (Indication, Option<SubIndication>) =
        (Indication::TotalFailed, Some(SubIndication::FormatFailure));
    const UNDECIDED: (Indication, Option<SubIndication>) = (
        Indication::Indeterminate,
        Some(SubIndication::SigConstraintsFailure),
    );

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table, a row for each kind")]
    fn every_kind_of_bad_input_has_its_verdict_and_reason() {
        let name = encode(r#"["salt","name",1]"#);
        let digest = embedded_digest(DigestAlgorithm::Sha256, &name);
        let referring = format!(r#"{{"vct":"t","_sd":["{digest}"]}}"#);
        let visible = format!(r#"{{"vct":"t","name":1,"_sd":["{digest}"]}}"#);
        let exp = encode(r#"["salt","exp",1]"#);
        let exp_digest = embedded_digest(DigestAlgorithm::Sha256, &exp);
        let hidden_exp = format!(r#"{{"vct":"t","_sd":["{exp_digest}"]}}"#);
        let deep = format!(r#"{{"vct":"t","a":{}{}}}"#, "[".repeat(40), "]".repeat(40));
        let cases = [
            (jwt(HEADER, "{}"), FAILED, "CREDENTIAL_CLAIMS_INVALID"),
            (
                jwt(HEADER, r#"{"vct":1}"#),
                FAILED,
                "CREDENTIAL_CLAIMS_INVALID",
            ),
            (
                jwt(HEADER, r#"{"vct":"t","vct":"u"}"#),
                FAILED,
                "DISCLOSURE_DUPLICATE_CLAIM",
            ),
            (
                jwt(HEADER, &visible) + &name + "~",
                FAILED,
                "DISCLOSURE_DUPLICATE_CLAIM",
            ),
            (
                jwt(HEADER, &referring) + &name + "~" + &name + "~",
                FAILED,
                "DISCLOSURE_DUPLICATE_DIGEST",
            ),
            (
                jwt(HEADER, r#"{"vct":"t"}"#) + &name + "~",
                FAILED,
                "DISCLOSURE_UNREFERENCED",
            ),
            (
                jwt(HEADER, r#"{"vct":"t"}"#) + "***~",
                FAILED,
                "DISCLOSURE_MALFORMED",
            ),
            (
                jwt(HEADER, r#"{"vct":"t"}"#) + "e30~",
                FAILED,
                "DISCLOSURE_MALFORMED",
            ),
            (
                jwt(HEADER, r#"{"vct":"t"}"#) + "e3~",
                FAILED,
                "DISCLOSURE_MALFORMED",
            ),
            (
                jwt(HEADER, &hidden_exp) + &exp + "~",
                FAILED,
                "DISCLOSURE_RESERVED_NAME",
            ),
            (jwt(HEADER, r#"{"_sd":1}"#), FAILED, "FORMAT_MALFORMED"),
            (jwt(HEADER, "[]"), FAILED, "FORMAT_MALFORMED"),
            (jwt(HEADER, "{"), FAILED, "FORMAT_MALFORMED"),
            (jwt(HEADER, "{}{}"), FAILED, "FORMAT_MALFORMED"),
            ("x".to_owned(), FAILED, "FORMAT_MALFORMED"),
            (jwt(HEADER, "{}") + "x", FAILED, "FORMAT_MALFORMED"),
            (
                jwt(HEADER, "{}") + &jwt(HEADER, "{}").replace('~', ""),
                FAILED,
                "TYP_NOT_EXPECTED",
            ),
            (
                jwt(r#"{"alg":"ES256","typ":"JWT"}"#, "{}"),
                FAILED,
                "TYP_NOT_EXPECTED",
            ),
            (jwt(r#"{"alg":"none"}"#, "{}"), FAILED, "ALG_NONE"),
            (jwt(r#"{"alg":"HS256"}"#, "{}"), FAILED, "ALG_SYMMETRIC"),
            (
                jwt(r#"{"alg":"ES256","crit":["x"]}"#, "{}"),
                UNDECIDED,
                "CRIT_REFUSED",
            ),
            (
                jwt(r#"{"alg":"ES256","jku":"x"}"#, "{}"),
                UNDECIDED,
                "JKU_REFUSED",
            ),
            (
                jwt(r#"{"alg":"ES256","x5u":"x"}"#, "{}"),
                UNDECIDED,
                "X5U_REFUSED",
            ),
            (
                jwt(r#"{"alg":"ES256","jwk":{}}"#, "{}"),
                UNDECIDED,
                "JWK_REFUSED",
            ),
            (
                jwt(HEADER, r#"{"_sd_alg":"md5"}"#),
                UNDECIDED,
                "DISCLOSURE_HASH_UNSUPPORTED",
            ),
            (jwt(HEADER, &deep), UNDECIDED, "FORMAT_LIMIT_EXCEEDED"),
            (
                jwt(HEADER, "{}") + &"x~".repeat(100_000),
                UNDECIDED,
                "FORMAT_LIMIT_EXCEEDED",
            ),
        ];
        for (text, (indication, sub_indication), code) in cases {
            let shown: String = text.chars().take(200).collect();
            assert_eq!(
                verdict(&text),
                (indication, sub_indication, code),
                "{shown}"
            );
        }
    }
}
