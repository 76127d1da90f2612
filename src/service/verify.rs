//! Verifies a document for a caller (`POST /v1/verify`).

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::credential::sd_jwt_vc::parse::SdJwt;
use crate::credential::sd_jwt_vc::registered::StatusClaim;
use crate::credential::sd_jwt_vc::validate::StatusFinding;
use crate::credential::state::CredentialState;
use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::encoding::base64url;
use crate::encoding::hex;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::evidence::audit::AuditProfile;
use crate::evidence::receipt::ReceiptClaims;
use crate::evidence::receipt::ReceiptDigest;
use crate::evidence::receipt::ReceiptDocument;
use crate::evidence::receipt::ReceiptKind;
use crate::evidence::receipt::ReceiptOriginal;
use crate::evidence::receipt::ReceiptProfile;
use crate::evidence::receipt::ReceiptSigner;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::pki::path::Remember;
use crate::pki::revocation::freshness::LaterEvidence;
use crate::registry::issuer::IssuerEntry;
use crate::registry::relying_party::Scope;
use crate::service::app::App;
use crate::service::call::CallContext;
use crate::service::call::Caller;
use crate::service::foresee;
use crate::service::judge;
use crate::service::judge::Judged;
use crate::service::judge::Judging;
use crate::service::open::Naming;
use crate::service::open::UnsupportedFormat;
use crate::service::receipt_facts::ReceiptFacts;
use crate::service::receipt_facts::RecognitionFacts;
use crate::service::receipt_facts::Verdict;
use crate::service::recognise::ProfileError;
use crate::service::recognise::purpose_for;
use crate::service::seen_before::Known;
use crate::service::sign_receipt::Call;
use crate::service::sign_receipt::SignReceiptError;
use crate::service::submitted::Opened;
use crate::store::error::StoreError;
use crate::validation::context::Demands;
use crate::validation::context::RevocationPolicy;
use crate::validation::profile::NarrowingError;
use crate::validation::profile::TrustProfile;
use crate::validation::report::CredentialCondition;
use crate::validation::report::OriginalInfo;
use crate::validation::report::Report;
use crate::validation::standing::Consulted;
use crate::validation::trust_store::CaId;

pub use crate::service::submitted::DiagnosticDetail;
pub use crate::service::submitted::Original;
pub use crate::service::submitted::SignedContent;
pub use crate::service::submitted::Submitted;
pub use crate::validation::report::Overall;

/// A document and what the caller wants of it.
#[derive(Debug)]
pub struct VerifyRequest {
    /// The document or certificate.
    pub submitted: Submitted,
    /// What the sender says of it.
    pub naming: Naming,
    /// Content that it was signed apart from.
    pub originals: Vec<Original>,
    /// Whether the signed content that lies inside is to be given back.
    pub signed_content: SignedContent,
    /// Whether everything that was read is to be told.
    pub diagnostics: DiagnosticDetail,
    /// Purpose, operator and matter.
    pub context: CallContext,
    /// A time in the past to judge for; needs the scope `audit`.
    pub validation_time: Option<Timestamp>,
    /// How several signatures make one verdict.
    pub overall: Overall,
    /// The company that the caller expects to have signed.
    pub expected_signer: Option<Uscc>,
    /// The CAs of the caller's profile that are to count; none: all of them.
    pub accepted_cas: Option<BTreeSet<CaId>>,
}

/// A document that was opened.
struct Taken {
    opened: Opened,
    /// Whether it is a credential so small that whatever is in it is computed in no time.
    is_light: bool,
    /// By which digest it may be remembered.
    new: Option<Sha256>,
}

/// What is wanted of a document.
struct Wanted {
    at: Timestamp,
    now: Timestamp,
    overall: Overall,
    expected_signer: Option<Uscc>,
    accepted_cas: Option<BTreeSet<CaId>>,
    signed_content: SignedContent,
}

/// A verdict, and what it was made of.
struct Answer {
    judged: Judged,
    /// The signed content, if it was wanted.
    content: Option<String>,
    opened: Opened,
    asked: RecognitionFacts,
}

/// Why nothing was verified. A verdict is never an error.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The work was cut off.
    #[error("verifying was cut off")]
    CutOff,
    /// There are no bytes.
    #[error("the document is empty")]
    EmptyDocument,
    /// The request asked for more than the caller's profile holds.
    #[error(transparent)]
    Narrowing(#[from] NarrowingError),
    /// No such purpose.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The answer could not be signed, so it is not given.
    #[error("the answer could not be signed")]
    Receipt(#[from] SignReceiptError),
    /// The database failed.
    #[error("the issuer register or a status could not be read")]
    Store(#[from] StoreError),
    /// A container that we do not read.
    #[error(transparent)]
    UnsupportedFormat(#[from] UnsupportedFormat),
    /// The time to judge for lies in the future.
    #[error("{at} lies in the future")]
    ValidationTimeInFuture {
        /// The time.
        at: Timestamp,
    },
    /// Only the scope `audit` may judge for a time in the past.
    #[error("a validation time needs the scope `audit`")]
    ValidationTimeNotPermitted,
}

/// When to ask again for the status of somebody else's credential.
pub(in crate::service) const RETRY_AFTER_SECONDS: u64 = 3600;

/// What is known of the status of somebody else's credential: nothing yet.
const UNKNOWN_STATUS: StatusFinding = StatusFinding::Unavailable {
    retry_after_seconds: RETRY_AFTER_SECONDS,
};

/// Certificates of a credential that is judged without delay: with more, a sender could arrange more signature checks
/// than others should wait for.
const MAX_LIGHT_CERTIFICATES: usize = 3;

fn is_light_to_judge(credential: &SdJwt) -> bool {
    credential.jws().x5c().len() <= MAX_LIGHT_CERTIFICATES
}

impl App {
    /// Verifies a document for `caller`; a receipt comes with every answer but the public's.
    ///
    /// # Errors
    /// [`VerifyError`]; what is wrong with the document itself is a verdict.
    pub async fn verify(
        &self,
        caller: &Caller,
        request: VerifyRequest,
    ) -> Result<Report, VerifyError> {
        if request.submitted.bytes().is_empty() {
            return Err(VerifyError::EmptyDocument);
        }
        let now = self.now();
        let at = validation_time(caller, request.validation_time, now)?;
        let purpose = request.context.purpose.as_deref();
        purpose_for(caller, purpose)?;
        let wanted = Wanted {
            at,
            now,
            overall: request.overall,
            expected_signer: request.expected_signer,
            accepted_cas: request.accepted_cas,
            signed_content: request.signed_content,
        };
        let (naming, originals) = (request.naming, request.originals);
        let taken = self
            .take(request.submitted, naming, originals, wanted.signed_content)
            .await?;
        let new = taken.new;
        let answer = self.judge_taken(caller, purpose, taken, wanted).await?;
        let Answer {
            judged,
            content,
            opened,
            asked,
        } = answer;
        let Judged { mut report, paths } = judged;
        if let Some(digest) = new {
            self.remember(digest, &opened, &report);
        }
        self.seek_evidence(&paths).await?;
        let call = Call {
            kind: ReceiptKind::Verify,
            caller,
            context: &request.context,
            began: now,
        };
        let event = self.verification_event(call, &report);
        if caller.is_public() {
            self.record_event(event, now).await?;
        } else {
            let facts = ReceiptFacts::kept(&report, &asked).map_err(SignReceiptError::Encode)?;
            let fill = |claims| verified(claims, &report, request.validation_time);
            let receipt = self.sign_receipt(call, &facts, event, fill).await?;
            report.receipt = Some(receipt.compact);
        }
        // Not among the facts of the receipt: the caller has the document, and need not keep it with us.
        report.signed_content = content;
        if request.diagnostics == DiagnosticDetail::Include {
            opened.diagnose(&mut report);
        }
        Ok(report)
    }

    /// Opens a document, unless it is a credential that was presented before.
    async fn take(
        &self,
        submitted: Submitted,
        naming: Naming,
        originals: Vec<Original>,
        signed_content: SignedContent,
    ) -> Result<Taken, VerifyError> {
        let is_light = submitted.is_light() && originals.is_empty();
        let digest = is_light.then(|| sha256(submitted.bytes()));
        if let Some(known) = digest.and_then(|digest| self.inner().seen.find(&digest)) {
            return Ok(Taken {
                opened: Opened::known(known, naming),
                is_light,
                new: None,
            });
        }
        let open = move || submitted.open(naming, originals, signed_content);
        let opened = if is_light {
            open()?
        } else {
            computed(open).await??
        };
        Ok(Taken {
            opened,
            is_light,
            new: digest,
        })
    }

    /// Judges what was opened, by what is in force now.
    async fn judge_taken(
        &self,
        caller: &Caller,
        purpose: Option<&str>,
        taken: Taken,
        wanted: Wanted,
    ) -> Result<Answer, VerifyError> {
        let (mut opened, now) = (taken.opened, wanted.now);
        let credential = opened.document.credential();
        let issued_here = credential.filter(|credential| self.is_listed_here(credential));
        let id = issued_here.and_then(|credential| credential_id(credential));
        let glance = self.store().glance(id).await?;
        let (app, trust, evidence) = (self.clone(), self.trust(), self.evidence());
        let known = (glance.recognition, &trust);
        let profile = self.known_profile_for(caller, purpose, wanted.at, known);
        let profile = match (profile.await?, wanted.accepted_cas) {
            (profile, Some(cas)) => Arc::new(TrustProfile::clone(&profile).narrowed(cas)?),
            (profile, None) => profile,
        };
        let issuers = self.issuers_of(&self.registers(&glance)).await?;
        let status = match issued_here {
            Some(credential) => {
                let recorded = glance.credential.as_ref();
                let recorded = recorded.map(|row| (row.compact.as_str(), row.condition_at(now)));
                status(recorded, credential)
            }
            None => UNKNOWN_STATUS,
        };
        let is_light = taken.is_light && credential.is_some_and(|one| is_light_to_judge(one));
        let recent = self.inner().outcomes.under(&trust, &evidence);
        let judged = move || {
            let consulted = Consulted::default();
            let (at, overall) = (wanted.at, wanted.overall);
            let judging = Judging {
                trust: &trust,
                profile: &profile,
                issuers: &issuers,
                kinds: app.kinds(),
                intermediates: &[],
                demands: Demands::of_a_signer(),
                revocation: RevocationPolicy::FromTrustStore,
                later_evidence: LaterEvidence::Refuse,
                evidence: evidence.indexed(),
                memory: Some(&app.inner().proven),
                expected_signer: wanted.expected_signer.as_ref(),
                overall,
                at,
                now,
                consulted: None,
                recent: Some(recent.outcomes()),
                remember: Remember::Authorities,
            };
            let noting = Judging {
                consulted: Some(&consulted),
                ..judging
            };
            let mut judged = judge::judge(&opened.document, &noting, status.clone());
            opened.tell(&mut judged.report);
            let answers = consulted.into_answers();
            let otherwise = foresee::otherwise(&answers, &opened, &judging, &status);
            Answer {
                content: opened.returned(&mut judged.report, wanted.signed_content),
                asked: RecognitionFacts::new(answers, otherwise, &trust, (at, overall)),
                judged,
                opened,
            }
        };
        if is_light {
            Ok(judged())
        } else {
            computed(judged).await
        }
    }

    /// Remembers a credential, if its signature is intact.
    fn remember(&self, digest: Sha256, opened: &Opened, report: &Report) {
        let first = report.signatures.first();
        let is_intact = first.is_some_and(|one| one.cryptographic.intact == Some(true));
        if let Some(credential) = opened.document.credential().filter(|_| is_intact) {
            let known = Known {
                credential: Arc::clone(credential),
                info: opened.document.info().clone(),
            };
            self.inner().seen.remember(digest, known);
        }
    }

    /// What is known of a credential's status: of our own from our table, of others' nothing yet.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn status_of(&self, credential: &SdJwt) -> Result<StatusFinding, StoreError> {
        if !self.is_listed_here(credential) {
            return Ok(UNKNOWN_STATUS);
        }
        let row = match credential_id(credential) {
            Some(id) => self.credential(&id).await?,
            None => None,
        };
        let recorded = row
            .as_ref()
            .map(|row| (row.compact.as_str(), condition(&row.state)));
        Ok(status(recorded, credential))
    }

    /// Whether its status stands in one of our lists.
    fn is_listed_here(&self, credential: &SdJwt) -> bool {
        match &credential.registered().status {
            StatusClaim::StatusList(reference) => self.is_our_status_list(&reference.uri),
            StatusClaim::Absent | StatusClaim::Unsupported => false,
        }
    }

    /// The issuer register.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn issuers(&self) -> Result<Vec<IssuerEntry>, StoreError> {
        self.store().issuers().list().await
    }

    /// What the audit trail says of a verification.
    fn verification_event(&self, call: Call<'_>, report: &Report) -> AuditEvent {
        let (object, outcome) = object_and_outcome(report);
        AuditEvent {
            subject: subject(report),
            profile: Some(AuditProfile {
                name: report.policy.profile.clone(),
                version: report.policy.version,
                digest: report.policy.digest,
            }),
            ..self.event_of(call, AuditAction::DocumentVerified, &object, &outcome)
        }
    }
}

/// The digest of a document and the verdict on it, as the audit trail has them.
pub(in crate::service) fn object_and_outcome(report: &Report) -> (String, String) {
    let digests = &report.document.digests;
    let object = match digests.get("sha256") {
        Some(sha256) => sha256.clone(),
        None => digests
            .first_key_value()
            .map_or_else(String::new, |(name, hex)| format!("{name}:{hex}")),
    };
    (object, Verdict::of(report).to_string())
}

/// The company that a document is about, whatever the verdict: that of a credential, or the first signer.
fn subject(report: &Report) -> Option<Uscc> {
    match &report.credential {
        Some(credential) => Uscc::parse(credential.claims.get("uscc")?.as_str()?).ok(),
        None => report.signatures.first()?.signer.as_ref()?.uscc.clone(),
    }
}

/// Computes beside the threads that answer requests: digests of 20 MB take a while, and a sender who
/// arranges large keys and many paths chooses how long the signature checks do.
pub(in crate::service) async fn computed<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, VerifyError> {
    let computed = tokio::task::spawn_blocking(work).await;
    computed.map_err(|_panicked| VerifyError::CutOff)
}

fn validation_time(
    caller: &Caller,
    asked: Option<Timestamp>,
    now: Timestamp,
) -> Result<Timestamp, VerifyError> {
    match asked {
        None => Ok(now),
        Some(_) if !caller.scopes.contains(&Scope::Audit) => {
            Err(VerifyError::ValidationTimeNotPermitted)
        }
        Some(at) if at > now => Err(VerifyError::ValidationTimeInFuture { at }),
        Some(at) => Ok(at),
    }
}

fn credential_id(credential: &SdJwt) -> Option<CredentialId> {
    CredentialId::parse(credential.registered().jti.as_deref()?).ok()
}

const fn condition(state: &CredentialState) -> CredentialCondition {
    match state {
        CredentialState::Expired => CredentialCondition::Expired,
        CredentialState::Revoked(_) => CredentialCondition::Revoked,
        CredentialState::Superseded(_) => CredentialCondition::Superseded,
        CredentialState::Suspended(_) => CredentialCondition::Suspended,
        CredentialState::Valid => CredentialCondition::Valid,
    }
}

/// The status of a credential that says it is one of ours, by what is recorded under its number: the credential
/// and how it stands. It must be the very one that we issued: a thief of the key could sign another one with the
/// number and the place in the list of one that stands.
fn status(recorded: Option<(&str, CredentialCondition)>, credential: &SdJwt) -> StatusFinding {
    match recorded {
        Some((compact, condition)) if has_signed_part(compact, credential.jws().as_str()) => {
            StatusFinding::Known {
                condition,
                age_seconds: 0,
            }
        }
        _ => StatusFinding::NeverIssued,
    }
}

/// Whether `signed` is the issuer-signed part of a compact SD-JWT: all of it up to the first tilde, which no JWS has.
fn has_signed_part(compact: &str, signed: &str) -> bool {
    let rest = compact.strip_prefix(signed);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('~'))
}

/// What a receipt says of a report.
fn verified(
    claims: ReceiptClaims,
    report: &Report,
    validation_time: Option<Timestamp>,
) -> ReceiptClaims {
    let digest = |name: &str| {
        let hex = report.document.digests.get(name)?;
        Sha256::parse(hex)
            .ok()
            .map(|digest| ReceiptDigest::new(digest.0))
    };
    let credential = report.credential.as_ref();
    ReceiptClaims {
        as_of: validation_time.map(Timestamp::as_unix_seconds),
        indication: Some(report.indication),
        sub_indication: report.sub_indication,
        reasons: report
            .all_reasons()
            .iter()
            .map(|reason| reason.code())
            .collect(),
        document: Some(ReceiptDocument {
            sha256: digest("sha256"),
            sm3: digest("sm3"),
            seen: report.document.seen,
        }),
        original: match credential {
            // It was not used, as the report says.
            Some(_) => None,
            None => report.originals.first().and_then(receipt_original),
        },
        signer: report.signatures.first().and_then(|signature| {
            Some(ReceiptSigner {
                uscc: signature
                    .signer
                    .as_ref()
                    .and_then(|signer| signer.uscc.clone()),
                certificate: ReceiptDigest::new(signature.path.first()?.sha256.0),
                ca: signature.ca.as_ref().map(|ca| ca.id.clone()),
            })
        }),
        issuer: credential.and_then(|credential| credential.issuer.as_ref()?.uscc.clone()),
        evidence: evidence_of(report),
        credential: credential
            .and_then(|credential| CredentialId::parse(credential.id.as_deref()?).ok()),
        profile: Some(ReceiptProfile {
            name: report.policy.profile.clone(),
            version: report.policy.version,
            digest: ReceiptDigest::new(report.policy.digest.0),
            narrowed_to: report
                .policy
                .narrowed_to
                .iter()
                .map(CaId::to_string)
                .collect(),
            narrowed_count: None,
        }),
        ..claims
    }
}

/// The digests of the evidence that was used, each once.
fn evidence_of(report: &Report) -> Vec<ReceiptDigest> {
    let used = report.signatures.iter().flat_map(|one| &one.revocation);
    let digests: BTreeSet<ReceiptDigest> = used
        .filter_map(|used| used.sha256.map(ReceiptDigest::from))
        .collect();
    digests.into_iter().collect()
}

/// What a receipt says of content that stands apart: the digest that most others can compute.
fn receipt_original(original: &OriginalInfo) -> Option<ReceiptOriginal> {
    let preferred = ["sha256", "sm3"].into_iter();
    let mut preferred = preferred.filter_map(|name| original.digests.get_key_value(name));
    let (name, hex) = preferred
        .next()
        .or_else(|| original.digests.first_key_value())?;
    Some(ReceiptOriginal {
        digest: format!("{name}:{}", base64url::encode(&hex::decode(hex).ok()?)),
        seen: original.seen,
    })
}
