//! What a credential's own statements do to a verdict: who issued it, whether it still stands, for how
//! long. Everything here only worsens a report ([`Report::restrict`]); looking things up is for the
//! caller, who hands in what was found.

use crate::clock::Timestamp;
use crate::credential::kind::CredentialKind;
use crate::credential::sd_jwt_vc::parse::SdJwt;
use crate::credential::sd_jwt_vc::registered::StatusClaim;
use crate::credential::status_list::StatusValue;
use crate::registry::department::Department;
use crate::registry::issuer::IssuerEntry;
use crate::registry::issuer::IssuerIdentity;
use crate::registry::issuer::IssuerRefusal;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::CredentialCondition;
use crate::validation::report::CredentialIssuer;
use crate::validation::report::CredentialReport;
use crate::validation::report::Indication;
use crate::validation::report::Report;
use crate::validation::report::StatusInfo;
use crate::validation::report::SubIndication;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// How far the issuer's clock may run ahead of ours.
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(60);

/// What was found out about a credential, beside its signature.
#[derive(Clone, Debug)]
pub struct Findings<'a> {
    /// What the issuer register says.
    pub issuer: IssuerFinding,
    /// What is known of its status.
    pub status: StatusFinding,
    /// The kind of its `vct`. `None`: we do not know it.
    pub kind: Option<&'a CredentialKind>,
    /// The time for which it is judged.
    pub at: Timestamp,
}

/// What the issuer register says of whoever signed.
#[derive(Clone, Debug, PartialEq)]
pub enum IssuerFinding {
    /// It may issue this type, for this region, on this date.
    Authorised(CredentialIssuer),
    /// `iss` names somebody else than the certificate.
    Mismatch,
    /// It may not, whatever CA vouches for its certificate.
    NotAuthorised,
}

impl IssuerFinding {
    /// From the answer of the issuer register.
    #[must_use]
    pub fn of(answer: Result<&IssuerEntry, IssuerRefusal>) -> Self {
        match answer {
            Ok(entry) => {
                let department = Department::find(&entry.department);
                Self::Authorised(CredentialIssuer {
                    uscc: match &entry.identity {
                        IssuerIdentity::CaAndSubject { uscc, .. } => Some(uscc.clone()),
                        IssuerIdentity::Spki(_) => department.and_then(|known| known.uscc.clone()),
                    },
                    name: department.map_or_else(
                        || entry.department.to_string(),
                        |known| known.name.to_owned(),
                    ),
                })
            }
            Err(IssuerRefusal::OtherName) => Self::Mismatch,
            Err(
                IssuerRefusal::NotListed
                | IssuerRefusal::OtherType
                | IssuerRefusal::OtherRegion
                | IssuerRefusal::OtherTime,
            ) => Self::NotAuthorised,
        }
    }
}

/// What is known of a credential's status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusFinding {
    /// From our own table, which knows more than the list says.
    Known {
        /// What it is.
        condition: CredentialCondition,
        /// How old the answer is.
        age_seconds: u64,
    },
    /// From a status list that counts.
    Listed {
        /// What the list says.
        value: StatusValue,
        /// How old the list is.
        age_seconds: u64,
    },
    /// It names our list, but we never issued it.
    NeverIssued,
    /// The list does not count.
    Refused {
        /// Why, in one line.
        detail: String,
    },
    /// No list is at hand yet.
    Unavailable {
        /// When to ask again.
        retry_after_seconds: u64,
    },
}

/// Worsens `report` by what is known of `credential` and describes the credential in it.
///
/// Where the signature is not intact, nothing that the credential says is anybody's statement: its claims
/// are then left out, and neither issuer nor status is judged.
pub fn apply(report: &mut Report, credential: &SdJwt, findings: &Findings<'_>) {
    let mut described = describe(credential, findings.kind);
    let intact = !report.signatures.is_empty()
        && report
            .signatures
            .iter()
            .all(|signature| signature.cryptographic.intact == Some(true));
    if !intact {
        described.claims = Arc::new(Value::Object(serde_json::Map::new()));
        described.withheld = Vec::new();
        report.credential = Some(described);
        return;
    }
    judge_issuer(report, credential, findings);
    judge_claims(report, credential, &described.claims, findings);
    described.state = judge_status(report, credential, findings);
    if judge_times(report, credential, findings.at) {
        // Revoked or superseded says more than expired.
        described.state = match described.state {
            ended @ Some(CredentialCondition::Revoked | CredentialCondition::Superseded) => ended,
            _ => Some(CredentialCondition::Expired),
        };
    }
    if let IssuerFinding::Authorised(issuer) = &findings.issuer {
        described.issuer = Some(issuer.clone());
    }
    if let Some(status) = &mut described.status {
        status.age_seconds = age(&findings.status);
    }
    remark_on_presentation(report, credential);
    report.credential = Some(described);
}

fn describe(credential: &SdJwt, kind: Option<&CredentialKind>) -> CredentialReport {
    let registered = credential.registered();
    let disclosed = credential.disclose();
    let withheld = match kind {
        Some(kind) => kind.withheld(&disclosed.subject, &disclosed.withheld),
        None => disclosed.withheld.clone(),
    };
    CredentialReport {
        id: registered.jti.clone(),
        vct: registered.vct.clone(),
        issuer: None,
        state: None,
        claims: Arc::clone(&disclosed.subject),
        withheld,
        status: match &registered.status {
            StatusClaim::StatusList(reference) => Some(StatusInfo {
                uri: reference.uri.clone(),
                index: reference.index,
                age_seconds: None,
            }),
            StatusClaim::Absent | StatusClaim::Unsupported => None,
        },
        holder_bound: false,
    }
}

fn judge_issuer(report: &mut Report, credential: &SdJwt, findings: &Findings<'_>) {
    let registered = credential.registered();
    let reason = match &findings.issuer {
        IssuerFinding::Authorised(_) => return,
        IssuerFinding::Mismatch => Reason::new(ReasonCode::IssuerMismatch)
            .with("iss", registered.iss.clone().unwrap_or_default()),
        IssuerFinding::NotAuthorised => {
            Reason::new(ReasonCode::IssuerNotAuthorised).with("vct", registered.vct.clone())
        }
    };
    report.restrict(
        Indication::Indeterminate,
        Some(SubIndication::ChainConstraintsFailure),
        reason,
    );
}

/// An unknown type is no fault where the issuer register authorises its issuer: then only the content
/// cannot be checked.
fn judge_claims(report: &mut Report, credential: &SdJwt, claims: &Value, findings: &Findings<'_>) {
    let Some(kind) = findings.kind else {
        if findings.issuer == IssuerFinding::NotAuthorised {
            let vct = credential.registered().vct.clone();
            let reason = Reason::new(ReasonCode::CredentialTypeUnknown).with("vct", vct);
            report.restrict(Indication::Indeterminate, None, reason);
        }
        return;
    };
    if let Err(departure) = kind.check_presented(claims) {
        let detail = departure.to_string();
        let reason = Reason::new(ReasonCode::CredentialClaimsInvalid).with("detail", detail);
        report.restrict(Indication::Indeterminate, None, reason);
    }
}

fn judge_status(
    report: &mut Report,
    credential: &SdJwt,
    findings: &Findings<'_>,
) -> Option<CredentialCondition> {
    if !matches!(credential.registered().status, StatusClaim::StatusList(_))
        && !matches!(findings.status, StatusFinding::Known { .. })
    {
        let reason = Reason::new(ReasonCode::StatusNotStated);
        report.restrict(Indication::Indeterminate, None, reason);
        return None;
    }
    let condition = match &findings.status {
        StatusFinding::Known { condition, .. } => *condition,
        StatusFinding::Listed { value, .. } => match value {
            StatusValue::Valid => CredentialCondition::Valid,
            StatusValue::Invalid => CredentialCondition::Revoked,
            StatusValue::Suspended => CredentialCondition::Suspended,
            StatusValue::Other(value) => {
                let detail = format!("its value {value} has no meaning that we know");
                let reason = Reason::new(ReasonCode::StatusListRefused).with("detail", detail);
                report.restrict(Indication::Indeterminate, None, reason);
                return None;
            }
        },
        StatusFinding::NeverIssued => {
            let id = credential.registered().jti.clone().unwrap_or_default();
            let reason = Reason::new(ReasonCode::CredentialUnknown).with("id", id);
            report.restrict(Indication::Indeterminate, None, reason);
            return None;
        }
        StatusFinding::Refused { detail } => {
            let reason = Reason::new(ReasonCode::StatusListRefused).with("detail", detail.clone());
            try_later(report, reason);
            return None;
        }
        StatusFinding::Unavailable {
            retry_after_seconds,
        } => {
            let reason = Reason::new(ReasonCode::StatusUnknown)
                .with("retryAfterSeconds", *retry_after_seconds);
            try_later(report, reason);
            return None;
        }
    };
    restrict_by_condition(report, credential, condition);
    Some(condition)
}

fn restrict_by_condition(report: &mut Report, credential: &SdJwt, condition: CredentialCondition) {
    let (indication, code) = match condition {
        CredentialCondition::Valid => return,
        CredentialCondition::Suspended => {
            (Indication::Indeterminate, ReasonCode::CredentialSuspended)
        }
        CredentialCondition::Revoked => (Indication::TotalFailed, ReasonCode::CredentialRevoked),
        CredentialCondition::Superseded => {
            (Indication::TotalFailed, ReasonCode::CredentialSuperseded)
        }
        // Said by `judge_times` where `exp` says it too.
        CredentialCondition::Expired if credential.registered().expires_at.is_some() => return,
        CredentialCondition::Expired => (Indication::TotalFailed, ReasonCode::CredentialExpired),
    };
    report.restrict(indication, None, Reason::new(code));
}

/// RFC 7519 §4.1.4 to §4.1.6. Whether the credential has expired.
fn judge_times(report: &mut Report, credential: &SdJwt, at: Timestamp) -> bool {
    let registered = credential.registered();
    let begins_at = registered.not_before.max(registered.issued_at);
    if let Some(begins_at) = begins_at.filter(|begins_at| *begins_at > at.plus(MAX_CLOCK_SKEW)) {
        let reason =
            Reason::new(ReasonCode::CredentialNotYetValid).with("validFrom", begins_at.to_string());
        report.restrict(Indication::Indeterminate, None, reason);
    }
    let Some(expired_at) = registered.expires_at.filter(|expires_at| *expires_at <= at) else {
        return false;
    };
    let reason =
        Reason::new(ReasonCode::CredentialExpired).with("expiresAt", expired_at.to_string());
    report.restrict(Indication::TotalFailed, None, reason);
    true
}

fn remark_on_presentation(report: &mut Report, credential: &SdJwt) {
    // Digests, not names: a name may stand for a claim that the company never had.
    let withheld = credential.disclose().withheld.len();
    if withheld > 0 {
        report.remark(Reason::new(ReasonCode::ClaimsWithheld).with("count", withheld));
    }
    if credential.key_binding().is_some() {
        // RFC 9901 §7.3 has us verify it or not accept it; we cannot verify it.
        let reason = Reason::new(ReasonCode::KeyBindingNotChecked);
        report.restrict(Indication::Indeterminate, None, reason);
    } else {
        report.remark(Reason::new(ReasonCode::HolderNotBound));
    }
}

fn try_later(report: &mut Report, reason: Reason) {
    report.restrict(
        Indication::Indeterminate,
        Some(SubIndication::TryLater),
        reason,
    );
}

const fn age(status: &StatusFinding) -> Option<u64> {
    match status {
        StatusFinding::Known { age_seconds, .. } | StatusFinding::Listed { age_seconds, .. } => {
            Some(*age_seconds)
        }
        StatusFinding::NeverIssued
        | StatusFinding::Refused { .. }
        | StatusFinding::Unavailable { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::claims::tests::kinds;
    use crate::credential::sd_jwt_vc::issue;
    use crate::credential::sd_jwt_vc::parse::Limits;
    use crate::crypto::digest::Sha256;
    use crate::encoding::base64url;
    use crate::validation::report::Coverage;
    use crate::validation::report::DocumentInfo;
    use crate::validation::report::Overall;
    use crate::validation::report::PolicyRef;
    use crate::validation::report::SignatureReport;
    use serde_json::json;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    /// While the example credential is valid.
    fn during() -> Timestamp {
        at(1_710_000_000)
    }

    fn report(intact: Option<bool>) -> Report {
        let mut signature = SignatureReport::new("S1", "SD-JWT-VC", Coverage::WholeDocument);
        signature.cryptographic.intact = intact;
        let document = DocumentInfo::of_bytes("SD-JWT-VC", None, None, b"x");
        let policy = PolicyRef {
            caller: "bank-a".to_owned(),
            purpose: "account-opening".to_owned(),
            profile: "bank-a/account-opening".to_owned(),
            version: 1,
            digest: Sha256([0; 32]),
            narrowed_to: Vec::new(),
        };
        Report::from_signatures(document, vec![signature], Overall::All, policy, during())
    }

    fn credential() -> SdJwt {
        SdJwt::parse(issue::tests::signed(), Limits::DEFAULT).unwrap()
    }

    fn of_payload(payload: Value, key_binding: bool) -> SdJwt {
        let encode = |json: Value| base64url::encode(json.to_string().as_bytes());
        let jwt = |typ: &str, payload: Value| {
            format!(
                "{}.{}.AAAA",
                encode(json!({"alg": "ES256", "typ": typ})),
                encode(payload)
            )
        };
        let mut text = jwt("dc+sd-jwt", payload) + "~";
        if key_binding {
            text.push_str(&jwt("kb+jwt", json!({})));
        }
        SdJwt::parse(&text, Limits::DEFAULT).unwrap()
    }

    fn authorised() -> IssuerFinding {
        IssuerFinding::Authorised(CredentialIssuer {
            uscc: None,
            name: "Market Regulation".to_owned(),
        })
    }

    fn valid() -> StatusFinding {
        StatusFinding::Known {
            condition: CredentialCondition::Valid,
            age_seconds: 3,
        }
    }

    fn known(condition: CredentialCondition) -> StatusFinding {
        StatusFinding::Known {
            condition,
            age_seconds: 0,
        }
    }

    fn judged(issuer: IssuerFinding, status: StatusFinding, at: Timestamp) -> Report {
        let kinds = kinds();
        let mut judged = report(Some(true));
        let findings = Findings {
            issuer,
            status,
            kind: kinds.by_id("business-registration"),
            at,
        };
        apply(&mut judged, &credential(), &findings);
        judged
    }

    fn codes(report: &Report) -> Vec<&'static str> {
        report
            .reasons
            .iter()
            .map(|reason| reason.code().as_str())
            .collect()
    }

    fn state(report: &Report) -> Option<CredentialCondition> {
        report.credential.as_ref().unwrap().state
    }

    #[test]
    fn a_good_credential_passes_and_is_described() {
        let report = judged(authorised(), valid(), during());
        assert_eq!(report.indication, Indication::TotalPassed);
        assert_eq!(codes(&report), ["HOLDER_NOT_BOUND"]);
        let credential = report.credential.unwrap();
        assert_eq!(credential.state, Some(CredentialCondition::Valid));
        assert_eq!(credential.claims["uscc"], "91350100M000100Y43");
        assert_eq!(credential.claims.get("iss"), None);
        assert_eq!(credential.issuer.unwrap().name, "Market Regulation");
        assert!(credential.withheld.is_empty());
        assert!(!credential.holder_bound);
        let status = credential.status.unwrap();
        assert_eq!((status.index, status.age_seconds), (7, Some(3)));
    }

    #[test]
    fn what_is_withheld_is_named_and_counted() {
        let kinds = kinds();
        let whole = credential();
        let text = whole.present(|disclosure| disclosure.name() == Some("address"));
        let part = SdJwt::parse(&text, Limits::DEFAULT).unwrap();
        let mut report = report(Some(true));
        let findings = Findings {
            issuer: authorised(),
            status: valid(),
            kind: kinds.by_id("business-registration"),
            at: during(),
        };
        apply(&mut report, &part, &findings);
        assert_eq!(report.indication, Indication::TotalPassed);
        assert_eq!(codes(&report), ["CLAIMS_WITHHELD", "HOLDER_NOT_BOUND"]);
        assert_eq!(
            report.credential.unwrap().withheld,
            [
                "capital",
                "legalRepresentative",
                "industry",
                "establishedOn",
                "businessTerm",
                "registrations[]"
            ]
        );
    }

    #[test]
    fn a_revoked_superseded_or_expired_credential_fails_without_sub_indication() {
        for (condition, code) in [
            (CredentialCondition::Revoked, "CREDENTIAL_REVOKED"),
            (CredentialCondition::Superseded, "CREDENTIAL_SUPERSEDED"),
        ] {
            let report = judged(authorised(), known(condition), during());
            assert_eq!(report.indication, Indication::TotalFailed);
            assert_eq!(report.sub_indication, None);
            assert_eq!(codes(&report), [code, "HOLDER_NOT_BOUND"]);
            assert_eq!(state(&report), Some(condition));
            assert_eq!(report.signatures[0].indication, Indication::TotalPassed);
        }
        let report = judged(authorised(), valid(), at(1_735_689_600));
        assert_eq!(report.indication, Indication::TotalFailed);
        assert_eq!(codes(&report), ["CREDENTIAL_EXPIRED", "HOLDER_NOT_BOUND"]);
        assert_eq!(state(&report), Some(CredentialCondition::Expired));
        let report = judged(
            authorised(),
            known(CredentialCondition::Revoked),
            at(1_735_689_600),
        );
        assert_eq!(state(&report), Some(CredentialCondition::Revoked));
    }

    #[test]
    fn expiry_is_told_once_when_table_and_claim_agree() {
        let expired = known(CredentialCondition::Expired);
        let report = judged(authorised(), expired, at(1_800_000_000));
        assert_eq!(codes(&report), ["CREDENTIAL_EXPIRED", "HOLDER_NOT_BOUND"]);
    }

    #[test]
    fn a_suspended_credential_is_undecided() {
        let report = judged(
            authorised(),
            known(CredentialCondition::Suspended),
            during(),
        );
        assert_eq!(report.indication, Indication::Indeterminate);
        assert_eq!(report.sub_indication, None);
        assert_eq!(codes(&report), ["CREDENTIAL_SUSPENDED", "HOLDER_NOT_BOUND"]);
    }

    #[test]
    fn a_status_list_says_the_same_with_its_own_values() {
        for (value, indication, code) in [
            (
                StatusValue::Invalid,
                Indication::TotalFailed,
                "CREDENTIAL_REVOKED",
            ),
            (
                StatusValue::Suspended,
                Indication::Indeterminate,
                "CREDENTIAL_SUSPENDED",
            ),
            (
                StatusValue::Other(3),
                Indication::Indeterminate,
                "STATUS_LIST_REFUSED",
            ),
        ] {
            let listed = StatusFinding::Listed {
                value,
                age_seconds: 1,
            };
            let report = judged(authorised(), listed, during());
            assert_eq!(report.indication, indication);
            assert_eq!(codes(&report)[0], code);
        }
        let listed = StatusFinding::Listed {
            value: StatusValue::Valid,
            age_seconds: 1,
        };
        assert!(judged(authorised(), listed, during()).passed());
    }

    #[test]
    fn an_unknown_status_is_neither_good_nor_bad() {
        for (status, sub_indication, code) in [
            (
                StatusFinding::Unavailable {
                    retry_after_seconds: 5,
                },
                Some(SubIndication::TryLater),
                "STATUS_UNKNOWN",
            ),
            (
                StatusFinding::Refused {
                    detail: "expired".to_owned(),
                },
                Some(SubIndication::TryLater),
                "STATUS_LIST_REFUSED",
            ),
            (StatusFinding::NeverIssued, None, "CREDENTIAL_UNKNOWN"),
        ] {
            let report = judged(authorised(), status, during());
            assert_eq!(report.indication, Indication::Indeterminate);
            assert_eq!(report.sub_indication, sub_indication);
            assert_eq!(codes(&report)[0], code);
            assert_eq!(state(&report), None);
        }
    }

    #[test]
    fn a_credential_without_status_cannot_be_taken_back_and_does_not_pass() {
        for payload in [
            json!({"vct": "t"}),
            json!({"vct": "t", "status": {"other": {}}}),
        ] {
            let mut report = report(Some(true));
            let findings = Findings {
                issuer: authorised(),
                status: StatusFinding::Unavailable {
                    retry_after_seconds: 5,
                },
                kind: None,
                at: during(),
            };
            apply(&mut report, &of_payload(payload, false), &findings);
            assert_eq!(report.indication, Indication::Indeterminate);
            assert_eq!(codes(&report), ["STATUS_NOT_STATED", "HOLDER_NOT_BOUND"]);
        }
    }

    #[test]
    fn an_issuer_that_is_not_authorised_or_not_the_one_named_is_undecided() {
        for (issuer, code) in [
            (IssuerFinding::NotAuthorised, "ISSUER_NOT_AUTHORISED"),
            (IssuerFinding::Mismatch, "ISSUER_MISMATCH"),
        ] {
            let report = judged(issuer, valid(), during());
            assert_eq!(report.indication, Indication::Indeterminate);
            assert_eq!(
                report.sub_indication,
                Some(SubIndication::ChainConstraintsFailure)
            );
            assert_eq!(codes(&report)[0], code);
            assert_eq!(report.credential.unwrap().issuer, None);
        }
    }

    #[test]
    fn the_registers_answer_names_the_department_or_says_why_not() {
        let entry = IssuerEntry {
            id: "city".to_owned(),
            department: crate::registry::department::DepartmentId::MARKET_REGULATION,
            identity: IssuerIdentity::Spki(Sha256([0; 32])),
            iss: None,
            vct: "t".to_owned(),
            regions: vec!["441900".to_owned()],
            valid_from: at(0),
            valid_until: None,
        };
        assert_eq!(IssuerFinding::of(Ok(&entry)), authorised());
        assert_eq!(
            IssuerFinding::of(Err(IssuerRefusal::OtherName)),
            IssuerFinding::Mismatch
        );
        assert_eq!(
            IssuerFinding::of(Err(IssuerRefusal::OtherType)),
            IssuerFinding::NotAuthorised
        );
    }

    #[test]
    fn an_unknown_type_passes_where_the_register_knows_its_issuer() {
        let payload = json!({
            "vct": "https://elsewhere.example/t",
            "status": {"status_list": {"idx": 0, "uri": "u"}},
            "size": 3,
        });
        for (issuer, passes) in [(authorised(), true), (IssuerFinding::NotAuthorised, false)] {
            let mut report = report(Some(true));
            let findings = Findings {
                issuer,
                status: StatusFinding::Listed {
                    value: StatusValue::Valid,
                    age_seconds: 1,
                },
                kind: None,
                at: during(),
            };
            apply(&mut report, &of_payload(payload.clone(), false), &findings);
            assert_eq!(report.passed(), passes);
            assert_eq!(codes(&report).contains(&"CREDENTIAL_TYPE_UNKNOWN"), !passes);
            assert_eq!(*report.credential.unwrap().claims, json!({"size": 3}));
        }
    }

    #[test]
    fn claims_that_do_not_fit_the_type_are_told_by_place() {
        let kinds = kinds();
        let kind = kinds.by_id("tax-registration").unwrap();
        let payload = json!({
            "vct": kind.vct, "name": "x", "uscc": "1", "state": "active",
            "status": {"status_list": {"idx": 0, "uri": "u"}},
        });
        let mut report = report(Some(true));
        let findings = Findings {
            issuer: authorised(),
            status: valid(),
            kind: Some(kind),
            at: during(),
        };
        apply(&mut report, &of_payload(payload, false), &findings);
        assert_eq!(report.indication, Indication::Indeterminate);
        assert_eq!(codes(&report)[0], "CREDENTIAL_CLAIMS_INVALID");
        assert!(report.reasons[0].message().contains("/uscc"));
    }

    #[test]
    fn a_clock_before_iat_is_told_and_a_small_difference_is_not() {
        let issued_at = 1_704_067_200;
        let report = judged(authorised(), valid(), at(issued_at - 61));
        assert_eq!(report.indication, Indication::Indeterminate);
        assert_eq!(codes(&report)[0], "CREDENTIAL_NOT_YET_VALID");
        assert!(judged(authorised(), valid(), at(issued_at - 60)).passed());
        assert!(judged(authorised(), valid(), at(1_735_689_599)).passed());
    }

    #[test]
    fn a_key_binding_is_not_accepted_unverified() {
        let payload = json!({
            "vct": "t", "cnf": {"jwk": {}},
            "status": {"status_list": {"idx": 0, "uri": "u"}},
        });
        let mut report = report(Some(true));
        let findings = Findings {
            issuer: authorised(),
            status: valid(),
            kind: None,
            at: during(),
        };
        apply(&mut report, &of_payload(payload, true), &findings);
        assert_eq!(report.indication, Indication::Indeterminate);
        assert_eq!(codes(&report), ["KEY_BINDING_NOT_CHECKED"]);
        assert!(!report.credential.unwrap().holder_bound);
    }

    #[test]
    fn where_the_signature_is_not_intact_the_claims_are_nobodys() {
        let kinds = kinds();
        for intact in [Some(false), None] {
            let mut report = report(intact);
            let findings = Findings {
                issuer: IssuerFinding::NotAuthorised,
                status: StatusFinding::NeverIssued,
                kind: kinds.by_id("business-registration"),
                at: during(),
            };
            apply(&mut report, &credential(), &findings);
            assert!(report.reasons.is_empty());
            let described = report.credential.unwrap();
            assert_eq!(*described.claims, json!({}));
            assert_eq!(described.state, None);
        }
    }
}
