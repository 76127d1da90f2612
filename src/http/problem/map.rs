//! Turns every error of the layers below into a problem. This is the one place that does, and every match
//! is exhaustive: a new error does not compile before somebody decided what its caller is told.
//!
//! What the caller can put right is told with its particulars. What is ours to put right is logged with
//! its causes, and the caller gets the reference.

use crate::credential::claims::ClaimsError;
use crate::http::extract::context::Place;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::identifier::opaque_id::OpaqueIdError;
use crate::identifier::uscc::UsccError;
use crate::registry::company::MATCH_FIELDS;
use crate::registry::company::MatchError as MatchFieldError;
use crate::registry::company::TransitionError as CompanyTransitionError;
use crate::registry::holder::pick_up_code::PickUpCodeError;
use crate::registry::purpose::PURPOSES;
use crate::registry::recognition::form::RowFormError;
use crate::registry::recognition::proposal::ProposalError;
use crate::service::admit_holder::AdmitHolderError;
use crate::service::admit_holder::SessionError;
use crate::service::authenticate::AuthenticateError;
use crate::service::change_recognition::ChangeRecognitionError;
use crate::service::change_status::ChangeStatusError;
use crate::service::confirm::ConfirmError;
use crate::service::fetch_receipt::FetchReceiptError;
use crate::service::import::ImportError;
use crate::service::issue::IssueError;
use crate::service::match_facts::MatchError;
use crate::service::open::UnsupportedFormat;
use crate::service::publish_status::PublishStatusError;
use crate::service::read_audit::AccessesError;
use crate::service::recognise::ProfileError;
use crate::service::recognise::ReloadError;
use crate::service::register::RegisterError;
use crate::service::rehearse::MAX_DAYS;
use crate::service::rehearse::RehearseError;
use crate::service::replace_pick_up_code::ReplacePickUpCodeError;
use crate::service::replay::ReplayError;
use crate::service::sign_receipt::SignReceiptError;
use crate::service::sign_receipt::SigningTimeError;
use crate::service::verify::VerifyError;
use crate::store::error::StoreError;
use crate::validation::profile::NarrowingError;
use crate::validation::reason::Reason;
use crate::validation::reason::Severity;
use crate::validation::report::Report;
use crate::validation::trust_store::CaId;

impl From<AccessesError> for Problem {
    fn from(error: AccessesError) -> Self {
        match error {
            AccessesError::NotYourDepartment(department) => {
                Self::new(ProblemType::NotYourDepartment).with("department", department)
            }
            AccessesError::Store(cause) => cause.into(),
            AccessesError::UnknownCompany(uscc) => unknown_company(uscc.as_str()),
        }
    }
}

impl From<AdmitHolderError> for Problem {
    fn from(error: AdmitHolderError) -> Self {
        match error {
            AdmitHolderError::ChallengeInvalid => Self::new(ProblemType::ChallengeInvalid),
            AdmitHolderError::CodeInvalid => Self::new(ProblemType::PickUpCodeInvalid),
            AdmitHolderError::CutOff => Self::internal(&error),
            AdmitHolderError::NotTheChallenge { detail, detail_zh } => {
                Self::new(ProblemType::ChallengeNotSigned).detail(detail_zh, detail)
            }
            AdmitHolderError::Profile(cause) => cause.into(),
            AdmitHolderError::Random(cause) => Self::internal(&cause),
            AdmitHolderError::SignatureRefused(report) => signature_refused(&report),
            AdmitHolderError::Store(cause) => cause.into(),
            AdmitHolderError::UnknownCompany(uscc) => unknown_company(uscc.as_str()),
            AdmitHolderError::UnsupportedFormat(cause) => cause.into(),
        }
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::NotInForce => Self::new(ProblemType::SessionInvalid),
            SessionError::Store(cause) => cause.into(),
        }
    }
}

impl From<PickUpCodeError> for Problem {
    fn from(error: PickUpCodeError) -> Self {
        let explained = error.to_string();
        let problem = Self::new(ProblemType::PickUpCodeMistyped);
        match error {
            PickUpCodeError::Alphabet { position } => problem
                .detail(format!("第 {position} 位不会出现在取件码中"), explained)
                .with("position", position),
            PickUpCodeError::CheckCharacters => {
                problem.detail("有一位抄错，或相邻两位颠倒", explained)
            }
            PickUpCodeError::Length { found } => problem
                .detail(format!("应为 28 位，实为 {found} 位"), explained)
                .with("length", found),
        }
    }
}

impl From<ReplacePickUpCodeError> for Problem {
    fn from(error: ReplacePickUpCodeError) -> Self {
        match error {
            ReplacePickUpCodeError::NotYours { id, owner } => {
                Self::new(ProblemType::NotYourCredential)
                    .with("credentialId", id.as_str())
                    .with("owner", owner.as_str())
            }
            ReplacePickUpCodeError::Random(cause) => Self::internal(&cause),
            ReplacePickUpCodeError::Store(cause) => cause.into(),
            ReplacePickUpCodeError::Unknown(id) => {
                Self::new(ProblemType::UnknownCredential).with("credentialId", id.as_str())
            }
        }
    }
}

impl From<AuthenticateError> for Problem {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::InvalidCertificate => {
                Self::new(ProblemType::ClientCertificateInvalid)
            }
            AuthenticateError::InvalidKey => Self::new(ProblemType::ApiKeyInvalid),
            AuthenticateError::Store(cause) => cause.into(),
        }
    }
}

impl From<ChangeRecognitionError> for Problem {
    fn from(error: ChangeRecognitionError) -> Self {
        let explained = error.to_string();
        match error {
            ChangeRecognitionError::ApprovalRequired
            | ChangeRecognitionError::Change(_)
            | ChangeRecognitionError::NothingChanges
            | ChangeRecognitionError::Row(_) => {
                Self::new(ProblemType::RecognitionRefused).explained(explained)
            }
            ChangeRecognitionError::Proposal(ProposalError::NotOpen { id, state }) => {
                Self::new(ProblemType::ProposalNotOpen)
                    .with("proposal", id.0)
                    .with("state", state)
            }
            ChangeRecognitionError::Proposal(ProposalError::SamePerson { id, .. }) => {
                Self::new(ProblemType::SamePerson).with("proposal", id.0)
            }
            ChangeRecognitionError::Store(cause) => cause.into(),
            ChangeRecognitionError::UnknownProposal(id) => {
                Self::new(ProblemType::UnknownProposal).with("proposal", id.0)
            }
        }
    }
}

impl From<RehearseError> for Problem {
    fn from(error: RehearseError) -> Self {
        match error {
            RehearseError::Busy => Self::new(ProblemType::Overloaded)
                .detail("另有一次变更预演正在进行", "another rehearsal is running"),
            RehearseError::Change(cause) => cause.into(),
            RehearseError::CutOff => Self::internal(&error),
            RehearseError::Days(_) => {
                Place::Body.refused("days", &format!("must be 1 to {MAX_DAYS}"))
            }
            RehearseError::Store(cause) => cause.into(),
        }
    }
}

impl From<ReloadError> for Problem {
    fn from(error: ReloadError) -> Self {
        match error {
            ReloadError::CutOff => Self::internal(&error),
            ReloadError::Refused { digest, cause } => Self::new(ProblemType::TrustStoresRefused)
                .explained(cause.to_string())
                .with("digest", digest.to_string()),
            ReloadError::Store(cause) => cause.into(),
        }
    }
}

impl From<RowFormError> for Problem {
    fn from(error: RowFormError) -> Self {
        Self::new(ProblemType::RecognitionRefused).explained(error.to_string())
    }
}

impl From<ChangeStatusError> for Problem {
    fn from(error: ChangeStatusError) -> Self {
        match error {
            ChangeStatusError::Busy(id) => {
                Self::new(ProblemType::Busy).with("credentialId", id.as_str())
            }
            ChangeStatusError::NotAllowed { id, cause } => Self::new(ProblemType::CredentialState)
                .explained(cause.to_string())
                .with("credentialId", id.as_str()),
            ChangeStatusError::NotYours { id, owner } => Self::new(ProblemType::NotYourCredential)
                .with("credentialId", id.as_str())
                .with("owner", owner.as_str()),
            ChangeStatusError::Store(cause) => cause.into(),
            ChangeStatusError::Unknown(id) => {
                Self::new(ProblemType::UnknownCredential).with("credentialId", id.as_str())
            }
        }
    }
}

impl From<ClaimsError> for Problem {
    fn from(error: ClaimsError) -> Self {
        let problem = Self::new(ProblemType::FactsRefused);
        match error {
            ClaimsError::NotRegistered { department } => problem
                .detail(
                    format!("该企业未在 {department} 登记"),
                    format!("the company is not registered with {department}"),
                )
                .with("department", department),
            ClaimsError::Schema { kind, departure } => problem
                .explained(format!(
                    "the company's facts do not fit `{kind}`: {departure}"
                ))
                .with("pointer", departure.path),
        }
    }
}

impl From<CompanyTransitionError> for Problem {
    fn from(error: CompanyTransitionError) -> Self {
        let explained = error.to_string();
        match error {
            CompanyTransitionError::OtherCompany { .. } => Self::new(ProblemType::InvalidBody)
                .explained(explained)
                .with("member", "uscc"),
            CompanyTransitionError::RecordedEarlier { .. }
            | CompanyTransitionError::Sequence { .. } => Self::internal(&error),
            CompanyTransitionError::TooManyRegistrations { .. } => {
                Self::new(ProblemType::FactsRefused).explained(explained)
            }
            CompanyTransitionError::UnknownCompany => Self::new(ProblemType::UnknownCompany),
        }
    }
}

impl From<ConfirmError> for Problem {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::AsOfInFuture { as_of } => {
                Self::new(ProblemType::AsOfInFuture).with("asOf", as_of.to_string())
            }
            ConfirmError::Encode(cause) => Self::internal(&cause),
            ConfirmError::Profile(cause) => cause.into(),
            ConfirmError::Receipt(cause) => cause.into(),
            ConfirmError::Store(cause) => cause.into(),
            ConfirmError::UnknownCompany(uscc) => unknown_company(uscc.as_str()),
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Line { line, problem } => Self::new(ProblemType::ImportLineRefused)
                .detail(
                    format!("第 {line} 行：{problem}"),
                    format!("line {line}: {problem}"),
                )
                .with("line", line),
            ImportError::NotYourDepartment(department) => {
                Self::new(ProblemType::NotYourDepartment).with("department", department)
            }
            ImportError::Store(cause) => cause.into(),
        }
    }
}

impl From<IssueError> for Problem {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Claims(cause) => cause.into(),
            IssueError::CompanyChanged => Self::new(ProblemType::CompanyChanged),
            IssueError::CutOff => Self::internal(&error),
            IssueError::IdempotencyKeyReused => Self::new(ProblemType::IdempotencyKeyReused),
            IssueError::InFlight => Self::new(ProblemType::IdempotencyInFlight),
            IssueError::IssuerNotAuthorised(_) => {
                Self::logged(ProblemType::IssuerNotAuthorised, &error)
            }
            IssueError::NotYourType { vct, owner } => Self::new(ProblemType::NotYourCredentialType)
                .with("credentialType", vct)
                .with("owner", owner.as_str()),
            IssueError::Prepare(cause) => Self::internal(&cause),
            IssueError::Random(cause) => Self::internal(&cause),
            IssueError::Sign(cause) => Self::internal(&cause),
            IssueError::Store(cause) => cause.into(),
            IssueError::Time(cause) => cause.into(),
            IssueError::UnknownCompany(uscc) => unknown_company(uscc.as_str()),
            IssueError::UnknownType(vct) => {
                Self::new(ProblemType::UnknownCredentialType).with("credentialType", vct)
            }
        }
    }
}

impl From<MatchError> for Problem {
    fn from(error: MatchError) -> Self {
        match error {
            MatchError::Field(cause) => cause.into(),
            MatchError::Profile(cause) => cause.into(),
            MatchError::Receipt(cause) => cause.into(),
            MatchError::Store(cause) => cause.into(),
            MatchError::TooManyAttempts { retry_after } => {
                Self::new(ProblemType::TooManyMatchAttempts).retry_after(retry_after)
            }
            MatchError::UnknownCompany(uscc) => unknown_company(uscc.as_str()),
        }
    }
}

impl From<MatchFieldError> for Problem {
    fn from(error: MatchFieldError) -> Self {
        let explained = error.to_string();
        match error {
            MatchFieldError::Empty => Self::new(ProblemType::InvalidBody)
                .explained(explained)
                .with("member", "facts"),
            MatchFieldError::UnknownField { field } => Self::new(ProblemType::UnknownFact)
                .explained(explained)
                .with("field", field)
                .with("knownFields", MATCH_FIELDS.to_vec()),
            MatchFieldError::UnreadableValue { field, .. } => Self::new(ProblemType::InvalidBody)
                .explained(explained)
                .with("member", format!("facts.{field}")),
        }
    }
}

impl From<FetchReceiptError> for Problem {
    fn from(error: FetchReceiptError) -> Self {
        match error {
            FetchReceiptError::Receipt(cause) => Self::internal(&cause),
            FetchReceiptError::Store(cause) => cause.into(),
            FetchReceiptError::Unknown(id) => {
                Self::new(ProblemType::UnknownReceipt).with("receiptId", id.as_str())
            }
        }
    }
}

impl From<OpaqueIdError> for Problem {
    /// What cannot be an identifier is none that we gave.
    fn from(_: OpaqueIdError) -> Self {
        Self::new(ProblemType::UnknownCredential)
    }
}

impl From<ProfileError> for Problem {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::PurposeNotAllowed { purpose, allowed } => {
                Self::new(ProblemType::PurposeNotAllowed)
                    .with("purpose", purpose)
                    .with("allowedPurposes", allowed)
            }
            ProfileError::Store(cause) => cause.into(),
            ProfileError::UnknownPurpose(purpose) => {
                let known: Vec<&str> = PURPOSES.iter().map(|purpose| purpose.id).collect();
                Self::new(ProblemType::UnknownPurpose)
                    .with("purpose", purpose)
                    .with("knownPurposes", known)
            }
        }
    }
}

impl From<PublishStatusError> for Problem {
    fn from(error: PublishStatusError) -> Self {
        match error {
            PublishStatusError::List(cause) => Self::internal(&cause),
            PublishStatusError::Store(cause) => cause.into(),
            PublishStatusError::Time(cause) => cause.into(),
        }
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            // Without an expected version the two are equal: others were faster, each time.
            RegisterError::Conflict { expected, found } if expected == found => {
                Self::new(ProblemType::Busy)
            }
            RegisterError::Conflict { expected, found } => Self::new(ProblemType::VersionConflict)
                .detail(
                    format!("当前版本为 {found}，并非 {expected}"),
                    format!("it is at version {found}, not {expected}"),
                )
                .with("expectedVersion", expected)
                .with("version", found),
            RegisterError::NotYourDepartment(department) => {
                Self::new(ProblemType::NotYourDepartment).with("department", department)
            }
            RegisterError::Store(cause) => cause.into(),
            RegisterError::Transition(cause) => cause.into(),
            RegisterError::UnknownCompany(uscc) => unknown_company(uscc.as_str()),
        }
    }
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Fetch(cause) => cause.into(),
            ReplayError::Facts(_) => Self::internal(&error),
            ReplayError::NothingToReplay(id) => {
                Self::new(ProblemType::NothingToReplay).with("receiptId", id.as_str())
            }
            ReplayError::Store(cause) => cause.into(),
        }
    }
}

impl From<SignReceiptError> for Problem {
    fn from(error: SignReceiptError) -> Self {
        match error {
            SignReceiptError::Encode(cause) => Self::internal(&cause),
            SignReceiptError::Random(cause) => Self::internal(&cause),
            SignReceiptError::Receipt(cause) => Self::internal(&cause),
            SignReceiptError::Store(cause) => cause.into(),
            SignReceiptError::Time(cause) => cause.into(),
        }
    }
}

impl From<SigningTimeError> for Problem {
    fn from(error: SigningTimeError) -> Self {
        match error {
            SigningTimeError::ClockBehind { .. } => Self::logged(ProblemType::ClockBehind, &error),
            SigningTimeError::Store(cause) => cause.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Full | StoreError::Unavailable => {
                Self::logged(ProblemType::DatabaseUnavailable, &error)
            }
            StoreError::Address
            | StoreError::Corrupt
            | StoreError::Inconsistent { .. }
            | StoreError::MigrationEdited { .. }
            | StoreError::MigrationFailed { .. }
            | StoreError::Random(_)
            | StoreError::Refused(_)
            | StoreError::Unstorable
            | StoreError::WriteAheadLog => Self::internal(&error),
        }
    }
}

impl From<UnsupportedFormat> for Problem {
    fn from(error: UnsupportedFormat) -> Self {
        let format = error.format;
        Self::new(ProblemType::UnsupportedFormat)
            .detail(
                format!("识别到的格式：{format}"),
                format!("this is {format}"),
            )
            .with("format", format)
    }
}

impl From<UsccError> for Problem {
    fn from(error: UsccError) -> Self {
        let explained = error.to_string();
        let problem = Self::new(ProblemType::InvalidUscc);
        match error {
            UsccError::Alphabet { position, found } => problem
                .detail(
                    format!("第 {position} 位“{found}”不会出现在统一社会信用代码中"),
                    explained,
                )
                .with("position", position)
                .with("found", found.to_string()),
            UsccError::CheckCharacter { expected, found } => problem
                .detail(
                    format!(
                        "第 18 位校验码是“{found}”，按前 17 位计算应为“{expected}”：可能抄错了一位"
                    ),
                    explained,
                )
                .with("position", 18)
                .with("expected", expected.to_string())
                .with("found", found.to_string()),
            UsccError::Class { found } => problem
                .detail(format!("前两位“{found}”不是任何一类机构的代码"), explained)
                .with("position", 1)
                .with("found", found),
            UsccError::Length { found } => problem
                .detail(format!("应为 18 位，实为 {found} 位"), explained)
                .with("length", found),
            UsccError::Region { found } => problem
                .detail(format!("第 3 至 8 位“{found}”不是行政区划代码"), explained)
                .with("position", 3)
                .with("found", found),
        }
    }
}

impl From<NarrowingError> for Problem {
    fn from(error: NarrowingError) -> Self {
        let explained = error.to_string();
        match error {
            NarrowingError::Nothing => {
                Self::new(ProblemType::CaOutsideProfile).explained(explained)
            }
            NarrowingError::Outside { ca, of_profile } => Self::new(ProblemType::CaOutsideProfile)
                .explained(explained)
                .with("ca", ca.as_str())
                .with(
                    "profileCas",
                    of_profile.iter().map(CaId::as_str).collect::<Vec<_>>(),
                ),
        }
    }
}

impl From<VerifyError> for Problem {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::CutOff => Self::internal(&error),
            VerifyError::EmptyDocument => Self::new(ProblemType::DocumentEmpty),
            VerifyError::Narrowing(cause) => cause.into(),
            VerifyError::Profile(cause) => cause.into(),
            VerifyError::Receipt(cause) => cause.into(),
            VerifyError::Store(cause) => cause.into(),
            VerifyError::UnsupportedFormat(cause) => cause.into(),
            VerifyError::ValidationTimeInFuture { at } => {
                Self::new(ProblemType::ValidationTimeInFuture)
                    .with("validationTime", at.to_string())
            }
            VerifyError::ValidationTimeNotPermitted => {
                Self::new(ProblemType::ValidationTimeNotPermitted)
            }
        }
    }
}

/// A verdict as a problem: what stands against the signature, in words and in full.
fn signature_refused(report: &Report) -> Problem {
    let mut reasons = report.all_reasons();
    reasons.retain(|reason| reason.severity() == Severity::Error);
    let told = |message: fn(&Reason) -> String, joint: &str| {
        let messages: Vec<String> = reasons.iter().map(|reason| message(reason)).collect();
        messages.join(joint)
    };
    let listed = serde_json::to_value(&reasons).unwrap_or_default();
    Problem::new(ProblemType::SignatureRefused)
        .detail(told(Reason::message_zh, "；"), told(Reason::message, "; "))
        .with("indication", report.indication.as_str())
        .with(
            "subIndication",
            report.sub_indication.map(|sub| sub.as_str()),
        )
        .with("reasons", listed)
}

fn unknown_company(uscc: &str) -> Problem {
    Problem::new(ProblemType::UnknownCompany).with("uscc", uscc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::language::Language;
    use crate::identifier::uscc::Uscc;
    use crate::registry::department::DepartmentId;

    fn json(problem: impl Into<Problem>) -> serde_json::Value {
        problem.into().to_json("", Language::Zh, None)
    }

    #[test]
    fn a_mistyped_code_is_answered_with_the_place_and_what_was_expected() {
        let right = Uscc::with_check("91441900MA5ABCDE7").unwrap().to_string();
        let last = if right.ends_with('0') { '1' } else { '0' };
        let wrong = format!("{}{last}", &right[..17]);
        let json = json(Uscc::parse(&wrong).unwrap_err());
        assert_eq!(json["code"], "INVALID_USCC");
        assert_eq!(json["position"], 18);
        assert_eq!(json["expected"], right[17..]);
        assert!(
            json["detail"].as_str().unwrap().contains(&right[17..]),
            "{json}"
        );
        let json = self::json(Uscc::parse("914419").unwrap_err());
        assert_eq!((&json["length"], &json["status"]), (&6.into(), &400.into()));
    }

    #[test]
    fn what_failed_inside_is_told_by_its_reference_alone() {
        for error in [StoreError::Corrupt, StoreError::WriteAheadLog] {
            let json = json(error);
            assert_eq!(json["code"], "INTERNAL_ERROR");
            assert_eq!(json.get("detail"), None);
        }
        assert_eq!(json(StoreError::Busy)["code"], "DATABASE_UNAVAILABLE");
    }

    #[test]
    fn a_key_that_is_not_in_force_is_told_apart_from_nothing() {
        let problem = Problem::from(AuthenticateError::InvalidKey);
        assert_eq!(problem.status(), 401);
        assert_eq!(problem.detail_in(Language::En), None);
    }

    #[test]
    fn a_version_that_somebody_asked_for_differs_from_others_being_faster() {
        let conflict = RegisterError::Conflict {
            expected: 3,
            found: 4,
        };
        assert_eq!(json(conflict)["status"], 412);
        let faster = RegisterError::Conflict {
            expected: 4,
            found: 4,
        };
        assert_eq!(json(faster)["code"], "BUSY");
    }

    #[test]
    fn another_departments_type_names_its_owner() {
        let error = IssueError::NotYourType {
            vct: "v".to_owned(),
            owner: DepartmentId::STATE_TAX,
        };
        let json = json(error);
        assert_eq!(json["status"], 403);
        assert_eq!(json["owner"], "state-tax");
    }

    #[test]
    fn an_unknown_purpose_is_answered_with_those_there_are() {
        let json = json(ProfileError::UnknownPurpose("nothing".to_owned()));
        assert!(!json["knownPurposes"].as_array().unwrap().is_empty());
    }
}
