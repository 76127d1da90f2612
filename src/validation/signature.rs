//! Validates one JWS: mathematics first, then form, path, usage and strength.
//!
//! The order is that of a basic signature (ETSI EN 319 102-1 §5.3), except that the mathematics is
//! computed before anything can end the work: `intact` is said of every signature that we can compute,
//! whatever else is wrong with it.

use crate::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::signature::facts::Integrity;
use crate::signature::jose::compact::CompactJws;
use crate::signature::jose::error::JoseError;
use crate::validation::certificate::AnchoredPath;
use crate::validation::certificate::validate_signer;
use crate::validation::context::ValidationContext;
use crate::validation::document;
use crate::validation::jose_failure;
use crate::validation::limits;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::Coverage;
use crate::validation::report::Indication;
use crate::validation::report::SignatureReport;
use crate::validation::report::SigningTime;
use crate::validation::report::SubIndication;
use crate::validation::strength;
use crate::validation::trust_store::CaId;

/// A JWS to be validated, and what is expected of it.
#[derive(Debug, Clone, Copy)]
pub struct JwsSubject<'a> {
    /// Its name inside the report: `S1`.
    pub id: &'a str,
    /// Its format by the report's names: `SD-JWT-VC`, `JWS`.
    pub format: &'a str,
    /// What was parsed.
    pub jws: &'a CompactJws,
    /// The type that it must have (RFC 8725 §3.11); none where any will do.
    pub typ: Option<&'a str>,
    /// When it says it was made.
    pub claimed_at: Option<Timestamp>,
    /// Certificates that may complete its path beside those that it carries; as untrusted as those.
    pub intermediates: &'a [Certificate],
}

/// Validates a JWS that carries its certificate (`x5c`); gives the path of its signer as well, if one is valid.
#[must_use]
pub fn validate_jws(
    subject: &JwsSubject<'_>,
    context: &ValidationContext<'_>,
) -> (SignatureReport, Option<AnchoredPath>) {
    let jws = subject.jws;
    let mut report = SignatureReport::new(subject.id, subject.format, Coverage::WholeDocument);
    report.signing_time = SigningTime {
        claimed: subject.claimed_at,
        not_before: None,
        best_signature_time: None,
    };
    let algorithm = jws.algorithm();
    report.cryptographic.signature_algorithm = algorithm.map(|known| known.name().to_owned());
    report.cryptographic.digest_algorithm = algorithm.map(|known| known.digest().to_string());

    let Some((signer, carried)) = jws.x5c().split_first() else {
        report.restrict(
            Indication::Indeterminate,
            Some(SubIndication::NoSigningCertificateFound),
            Reason::new(ReasonCode::SigningCertificateMissing),
        );
        return (report, None);
    };
    let integrity = match algorithm {
        Some(_) => Integrity::of(
            jws.verify(signer.public_key()),
            signer.public_key().algorithm(),
        ),
        None => Integrity::AlgorithmUnknown,
    };
    document::judge_integrity(&mut report, &integrity, jws.alg());
    check_type(&mut report, subject);

    let intermediates = [carried, subject.intermediates].concat();
    let outcome = validate_signer(signer, &intermediates, context);
    let ca = outcome.ca.as_ref().and_then(|ca| CaId::parse(&ca.id).ok());
    let anchored = outcome.anchored();
    let limits = outcome.limits(context);
    outcome.apply_to(&mut report);
    if let Some(algorithm) = algorithm {
        let store = ca.and_then(|id| context.trust.store(&id));
        strength::check(&mut report, algorithm, signer, (store, context.at));
        let (signature, under) = ((algorithm, signer), (store, context));
        limits::check_signature(&mut report, signature, &limits, under);
    }
    (report, anchored)
}

/// The report on bytes that are a JWS by their look, but not by its standard.
#[must_use]
pub fn malformed_jws(id: &str, format: &str, error: &JoseError) -> SignatureReport {
    let mut report = SignatureReport::new(id, format, Coverage::Unknown);
    let (indication, sub_indication, reason) = jose_failure::explain(error);
    report.restrict(indication, sub_indication, reason);
    report
}

/// RFC 8725 §3.11: a JWT signed for one thing is not accepted for another.
fn check_type(report: &mut SignatureReport, subject: &JwsSubject<'_>) {
    let found = subject.jws.typ();
    let Some(expected) = subject.typ.filter(|expected| found != Some(*expected)) else {
        return;
    };
    report.restrict(
        Indication::TotalFailed,
        Some(SubIndication::FormatFailure),
        Reason::new(ReasonCode::TypNotExpected)
            .with("typ", found.unwrap_or("–"))
            .with("expected", expected),
    );
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::*;
    use crate::crypto::key_purpose::KeyPurpose;
    use crate::crypto::sign::SigningKey;
    use crate::encoding::base64url;
    use crate::signature::jose::sign::sign_compact;
    use crate::signature::jose::sign::x5c;
    use crate::validation::fixture;
    use crate::validation::fixture::TAX_EKU;
    use crate::validation::trust_store::TrustSet;

    struct Signed {
        trust: TrustSet,
        certificate: Certificate,
        key: SigningKey,
        compact: String,
    }

    fn signed(more: &str) -> Signed {
        let ca = fixture::root("Root");
        let trust = fixture::set(&[fixture::store("a", &[ca.certificate()], more)]);
        let (certificate, key) = fixture::signer(&ca, &fixture::particulars("Company"), &[TAX_EKU]);
        let header = [x5c(std::slice::from_ref(&certificate)).unwrap()];
        let compact = sign_compact(&key, &header, &json!({"name": "某公司"})).unwrap();
        Signed {
            trust,
            certificate,
            key,
            compact,
        }
    }

    fn validated(trust: &TrustSet, accepted: &[&str], compact: &str) -> SignatureReport {
        let profile = fixture::profile(trust, accepted, &["tax"]);
        let usage = fixture::usage("tax");
        let context = ValidationContext::new(trust, &profile, &usage, fixture::now());
        let jws = match CompactJws::parse(compact) {
            Ok(jws) => jws,
            Err(error) => return malformed_jws("S1", "JWS", &error),
        };
        let subject = JwsSubject {
            id: "S1",
            format: "JWS",
            jws: &jws,
            typ: KeyPurpose::Credential.typ(),
            claimed_at: None,
            intermediates: &[],
        };
        validate_jws(&subject, &context).0
    }

    #[track_caller]
    fn assert_verdict(
        report: &SignatureReport,
        indication: Indication,
        sub_indication: Option<SubIndication>,
        code: ReasonCode,
    ) {
        let codes: Vec<ReasonCode> = report.reasons.iter().map(Reason::code).collect();
        assert_eq!(report.indication, indication, "{codes:?}");
        assert_eq!(report.sub_indication, sub_indication, "{codes:?}");
        assert!(codes.contains(&code), "{codes:?}");
    }

    /// A JWS with this header, its certificate put in; the signature is that of another message.
    fn with_header(certificate: &Certificate, header: Value) -> String {
        let mut header = header;
        header["x5c"] = x5c(std::slice::from_ref(certificate)).unwrap().1;
        let header = base64url::encode(header.to_string().as_bytes());
        format!(
            "{header}.{}.{}",
            base64url::encode(b"{}"),
            base64url::encode(&[7; 64])
        )
    }

    #[test]
    fn a_good_signature_of_an_accepted_ca_passes() {
        let Signed { trust, compact, .. } = signed("");
        let report = validated(&trust, &["a"], &compact);
        assert_eq!(
            report.indication,
            Indication::TotalPassed,
            "{:?}",
            report.reasons
        );
        assert_eq!(report.cryptographic.intact, Some(true));
        assert_eq!(
            report.cryptographic.signature_algorithm.as_deref(),
            Some("ECDSA-P256-SHA256")
        );
        assert_eq!(
            report.cryptographic.digest_algorithm.as_deref(),
            Some("SHA-256")
        );
        assert_eq!(report.path.len(), 2);
    }

    #[test]
    fn an_altered_payload_fails_whoever_signed() {
        let Signed { trust, compact, .. } = signed("");
        let parts: Vec<&str> = compact.split('.').collect();
        let payload = base64url::encode("{\"name\":\"别家公司\"}".as_bytes());
        let altered = format!("{}.{payload}.{}", parts[0], parts[2]);
        for accepted in [&["a"][..], &[]] {
            let report = validated(&trust, accepted, &altered);
            assert_eq!(report.cryptographic.intact, Some(false));
            assert_verdict(
                &report,
                Indication::TotalFailed,
                Some(SubIndication::SigCryptoFailure),
                ReasonCode::SignatureWrong,
            );
            assert!(report.signer.is_some(), "says whose certificate it was");
        }
    }

    #[test]
    fn intact_is_said_of_what_policy_refuses() {
        let Signed { trust, compact, .. } = signed("algorithms = ['Ed25519', 'ECDSA-SHA384']");
        let report = validated(&trust, &["a"], &compact);
        assert_eq!(report.cryptographic.intact, Some(true));
        assert_verdict(
            &report,
            Indication::Indeterminate,
            Some(SubIndication::CryptoConstraintsFailure),
            ReasonCode::AlgorithmNotPermitted,
        );
        let unrecognised = validated(&trust, &[], &compact);
        assert_eq!(unrecognised.cryptographic.intact, Some(true));
        assert_verdict(
            &unrecognised,
            Indication::Indeterminate,
            Some(SubIndication::ChainConstraintsFailure),
            ReasonCode::CaNotRecognised,
        );
    }

    #[test]
    fn a_key_of_another_certificate_does_not_pass() {
        let Signed {
            trust, certificate, ..
        } = signed("");
        let (other, _) = SigningKey::generate(KeyPurpose::Credential).unwrap();
        let header = [x5c(std::slice::from_ref(&certificate)).unwrap()];
        let compact = sign_compact(&other, &header, &json!({})).unwrap();
        let report = validated(&trust, &["a"], &compact);
        assert_eq!(report.cryptographic.intact, Some(false));
        assert_eq!(report.indication, Indication::TotalFailed);
    }

    #[test]
    fn without_a_certificate_there_is_no_signer() {
        let Signed { trust, key, .. } = signed("");
        let compact = sign_compact(&key, &[], &json!({})).unwrap();
        let report = validated(&trust, &["a"], &compact);
        assert_eq!(report.cryptographic.intact, None);
        assert_verdict(
            &report,
            Indication::Indeterminate,
            Some(SubIndication::NoSigningCertificateFound),
            ReasonCode::SigningCertificateMissing,
        );
    }

    #[test]
    fn another_type_is_refused_though_intact() {
        let ca = fixture::root("Root");
        let trust = fixture::set(&[fixture::store("a", &[ca.certificate()], "")]);
        let (receipt_key, _) = SigningKey::generate(KeyPurpose::Receipt).unwrap();
        let usage = crate::pki::issue::profile::EndEntityUsage::Signer(vec![fixture::oid(TAX_EKU)]);
        let certificate = crate::pki::issue::issue_end_entity(
            &ca,
            receipt_key.public_key(),
            &fixture::particulars("Company"),
            &usage,
        );
        let header = [x5c(&[certificate.unwrap()]).unwrap()];
        let compact = sign_compact(&receipt_key, &header, &json!({})).unwrap();
        let report = validated(&trust, &["a"], &compact);
        assert_eq!(report.cryptographic.intact, Some(true));
        assert_verdict(
            &report,
            Indication::TotalFailed,
            Some(SubIndication::FormatFailure),
            ReasonCode::TypNotExpected,
        );
    }

    #[test]
    fn what_we_cannot_compute_is_neither_good_nor_bad() {
        let Signed {
            trust, certificate, ..
        } = signed("");
        let unknown = with_header(&certificate, json!({"alg": "ES999", "typ": "dc+sd-jwt"}));
        let report = validated(&trust, &["a"], &unknown);
        assert_eq!(report.cryptographic.intact, None);
        assert_verdict(
            &report,
            Indication::Indeterminate,
            Some(SubIndication::CryptoConstraintsFailure),
            ReasonCode::AlgUnknown,
        );
        let other_kind = with_header(&certificate, json!({"alg": "RS256", "typ": "dc+sd-jwt"}));
        let report = validated(&trust, &["a"], &other_kind);
        assert_eq!(report.cryptographic.intact, None);
        assert_verdict(
            &report,
            Indication::TotalFailed,
            Some(SubIndication::FormatFailure),
            ReasonCode::SignatureKeyMismatch,
        );
    }

    #[test]
    fn each_refused_header_has_its_own_code() {
        let Signed {
            trust, certificate, ..
        } = signed("");
        let (failed, undecided) = (Indication::TotalFailed, Indication::Indeterminate);
        for (header, indication, code) in [
            (json!({"alg": "none"}), failed, ReasonCode::AlgNone),
            (json!({"alg": "HS256"}), failed, ReasonCode::AlgSymmetric),
            (json!({"typ": "x"}), failed, ReasonCode::FormatHeader),
            (json!({"alg": 7}), failed, ReasonCode::FormatHeader),
            (
                json!({"alg": "ES256", "crit": ["exp"]}),
                undecided,
                ReasonCode::CritRefused,
            ),
            (
                json!({"alg": "ES256", "jku": "https://a"}),
                undecided,
                ReasonCode::JkuRefused,
            ),
            (
                json!({"alg": "ES256", "x5u": "https://a"}),
                undecided,
                ReasonCode::X5uRefused,
            ),
            (
                json!({"alg": "ES256", "jwk": {}}),
                undecided,
                ReasonCode::JwkRefused,
            ),
            (
                json!({"alg": "ES256", "b64": false}),
                undecided,
                ReasonCode::B64Refused,
            ),
            (
                json!({"alg": "ES256", "zip": "DEF"}),
                undecided,
                ReasonCode::FormatHeader,
            ),
        ] {
            let report = validated(&trust, &["a"], &with_header(&certificate, header.clone()));
            let sub_indication = match indication {
                Indication::TotalFailed => SubIndication::FormatFailure,
                _ => SubIndication::SigConstraintsFailure,
            };
            assert_verdict(&report, indication, Some(sub_indication), code);
            assert_eq!(report.cryptographic.intact, None, "{header}");
        }
    }

    #[test]
    fn malformed_text_is_a_format_failure() {
        let Signed { trust, compact, .. } = signed("");
        let format = Some(SubIndication::FormatFailure);
        for (text, code) in [
            ("a.b".to_owned(), ReasonCode::FormatMalformed),
            (format!("{compact}="), ReasonCode::FormatEncoding),
            (format!("{compact}.x"), ReasonCode::FormatMalformed),
            (format!("!{compact}"), ReasonCode::FormatEncoding),
            (
                compact.rsplit_once('.').unwrap().0.to_owned() + ".",
                ReasonCode::FormatMalformed,
            ),
        ] {
            assert_verdict(
                &validated(&trust, &["a"], &text),
                Indication::TotalFailed,
                format,
                code,
            );
        }
        let duplicate = base64url::encode(b"{\"alg\":\"ES256\",\"alg\":\"ES256\"}");
        let report = validated(&trust, &["a"], &format!("{duplicate}.e30.AAAA"));
        assert_verdict(
            &report,
            Indication::TotalFailed,
            format,
            ReasonCode::FormatMalformed,
        );
        assert!(report.reasons[0].message().contains("`/alg` occurs twice"));

        let torn = base64url::encode(b"{\"alg\":\"ES256\",\"x5c\":[\"MAA=\"]}");
        let report = validated(&trust, &["a"], &format!("{torn}.e30.AAAA"));
        assert_verdict(
            &report,
            Indication::TotalFailed,
            format,
            ReasonCode::FormatCertificate,
        );

        let many = vec!["MAA="; 11];
        let many = json!({"alg": "ES256", "x5c": many}).to_string();
        let many = base64url::encode(many.as_bytes());
        assert_verdict(
            &validated(&trust, &["a"], &format!("{many}.e30.AAAA")),
            Indication::Indeterminate,
            Some(SubIndication::SigConstraintsFailure),
            ReasonCode::FormatLimitExceeded,
        );
    }

    #[test]
    fn a_flipped_bit_never_passes() {
        let Signed { trust, compact, .. } = signed("");
        for place in (0..compact.len()).step_by(7) {
            let mut bytes = compact.clone().into_bytes();
            bytes[place] ^= 1;
            let Ok(text) = String::from_utf8(bytes) else {
                continue;
            };
            let report = validated(&trust, &["a"], &text);
            assert_ne!(report.indication, Indication::TotalPassed, "byte {place}");
        }
    }
}
