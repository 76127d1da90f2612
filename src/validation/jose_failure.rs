//! Why bytes are no acceptable JWS, in the words of a report (ETSI EN 319 102-1 §5.2.2, format checking).

use crate::signature::jose::error::JoseError;
use crate::signature::jose::error::Segment;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::Indication;
use crate::validation::report::SubIndication;

/// The verdict and the reason of a JWS that could not be read.
///
/// What is wrong by the standard is `FORMAT_FAILURE`. What the standard allows and we do not process
/// says nothing about the document: `INDETERMINATE`.
pub(super) fn explain(error: &JoseError) -> (Indication, Option<SubIndication>, Reason) {
    let malformed = (Indication::TotalFailed, Some(SubIndication::FormatFailure));
    let unprocessed = (
        Indication::Indeterminate,
        Some(SubIndication::SigConstraintsFailure),
    );
    let header = |field: &str| {
        Reason::new(ReasonCode::FormatHeader)
            .with("field", field)
            .with("detail", error.to_string())
    };
    let with_detail = |code| Reason::new(code).with("detail", error.to_string());
    let ((indication, sub_indication), reason) = match error {
        JoseError::AlgorithmNone => (malformed, Reason::new(ReasonCode::AlgNone)),
        JoseError::AlgorithmSymmetric { name } => {
            let reason = Reason::new(ReasonCode::AlgSymmetric).with("alg", name.as_str());
            (malformed, reason)
        }
        JoseError::Certificate { source, .. } => {
            let reason = Reason::new(ReasonCode::FormatCertificate);
            (malformed, reason.with("detail", source.to_string()))
        }
        JoseError::CertificateEncoding { .. } => (malformed, encoding("x5c", error)),
        JoseError::Critical { names } => {
            let reason = Reason::new(ReasonCode::CritRefused).with("names", names.as_str());
            (unprocessed, reason)
        }
        JoseError::Encoding { segment, .. } => (malformed, encoding(segment_name(*segment), error)),
        JoseError::HeaderMember { name, .. } => (malformed, header(name)),
        JoseError::KeyReference { name } => (unprocessed, Reason::new(key_reference(name))),
        JoseError::MissingAlgorithm => (malformed, header("alg")),
        JoseError::Thumbprint => (malformed, header("x5t#S256")),
        JoseError::TooLong { .. }
        | JoseError::TooManyCertificates { .. }
        | JoseError::TooManySignatures { .. } => {
            (unprocessed, with_detail(ReasonCode::FormatLimitExceeded))
        }
        JoseError::UnsupportedMember { name: "b64" } => {
            (unprocessed, Reason::new(ReasonCode::B64Refused))
        }
        JoseError::UnsupportedMember { name } => (unprocessed, header(name)),
        JoseError::DocumentMember { name, .. } => (malformed, header(name)),
        JoseError::DocumentJson(cause) | JoseError::HeaderJson(cause) => {
            let detail = format!("{error}: {cause}");
            let reason = Reason::new(ReasonCode::FormatMalformed).with("detail", detail);
            (malformed, reason)
        }
        JoseError::HeaderNotObject
        | JoseError::MixedSerialisations
        | JoseError::NotText(_)
        | JoseError::Segments { .. }
        | JoseError::Unsigned => (malformed, with_detail(ReasonCode::FormatMalformed)),
        // These come of signing, never of reading.
        JoseError::Purpose { .. } | JoseError::ReservedMember { .. } | JoseError::Sign(_) => {
            (unprocessed, with_detail(ReasonCode::FormatMalformed))
        }
    };
    (indication, sub_indication, reason)
}

fn encoding(field: &str, error: &JoseError) -> Reason {
    Reason::new(ReasonCode::FormatEncoding)
        .with("field", field)
        .with("detail", error.to_string())
}

fn segment_name(segment: Segment) -> &'static str {
    match segment {
        Segment::Header => "header",
        Segment::Payload => "payload",
        Segment::Signature => "signature",
    }
}

fn key_reference(name: &str) -> ReasonCode {
    match name {
        "jku" => ReasonCode::JkuRefused,
        "x5u" => ReasonCode::X5uRefused,
        _ => ReasonCode::JwkRefused,
    }
}
