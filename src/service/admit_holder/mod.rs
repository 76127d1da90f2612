//! Lets a company in to what is its own: by the pick-up code that it was given, or by a challenge that it signed.
//!
//! Either opens the same session, of one company, for half an hour; it may list and fetch the company's credentials
//! and read who looked at it ([`super::hand_out`], [`super::read_audit`]), nothing else. A code goes on working after
//! the credential that it came with was superseded: what the company wants is the one that stands.
//!
//! Every attempt stands in the audit trail before it is answered, but for a code that was mistyped, which could not
//! have let anybody in. Whatever is wrong with a code of the right form, it costs one tag, one look-up and one line.

mod answer;

use tracing::debug;

use crate::clock::Timestamp;
use crate::crypto::random::RandomError;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::evidence::audit::AuditProfile;
use crate::identifier::uscc::Uscc;
use crate::registry::holder::CHALLENGE_VALID_FOR;
use crate::registry::holder::CodeRefusal;
use crate::registry::holder::Pass;
use crate::registry::holder::SESSION_VALID_FOR;
use crate::registry::holder::challenge;
use crate::registry::holder::pick_up_code::PickUpCode;
use crate::registry::holder::session_token::SessionToken;
use crate::service::admit_holder::answer::Answer;
use crate::service::app::App;
use crate::service::call::Holder;
use crate::service::open::UnsupportedFormat;
use crate::service::recognise::ProfileError;
use crate::service::verify::VerifyError;
use crate::service::verify::object_and_outcome;
use crate::store::error::StoreError;
use crate::store::holders::NewPass;
use crate::validation::report::Report;

/// A challenge to a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// What is to be signed, exactly.
    pub text: String,
    /// From when it is not accepted any more.
    pub expires_at: Timestamp,
}

/// A challenge with what a company answered.
#[derive(Debug)]
pub struct AnsweredChallenge {
    /// Who says that it signed.
    pub uscc: Uscc,
    /// The challenge, as it was given.
    pub text: String,
    /// The signature: CMS or JWS, around the challenge or apart from it.
    pub signature: Vec<u8>,
}

/// A session that began.
#[derive(Debug)]
pub struct Admitted {
    /// Whose.
    pub holder: Holder,
    /// What to show from now on.
    pub token: SessionToken,
    /// From when it is not accepted any more.
    pub expires_at: Timestamp,
}

/// Why nobody was let in.
#[derive(Debug, thiserror::Error)]
pub enum AdmitHolderError {
    /// The challenge is unknown, was answered, has expired, or was another company's: which, is not told.
    #[error("the challenge is not valid")]
    ChallengeInvalid,
    /// The pick-up code is unknown, has expired or was replaced: which, is not told.
    #[error("the pick-up code is not valid")]
    CodeInvalid,
    /// The work was cut off.
    #[error("verifying the signature was cut off")]
    CutOff,
    /// What was handed in is not one signature over the challenge.
    #[error("{detail}")]
    NotTheChallenge {
        /// What it is instead.
        detail: &'static str,
        /// The same in Chinese.
        detail_zh: &'static str,
    },
    /// The recognition table could not be read.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// No randomness.
    #[error("no randomness for a challenge or a session")]
    Random(#[from] RandomError),
    /// The signature was judged, and did not pass.
    #[error("the signature does not count: {}", .0.indication.as_str())]
    SignatureRefused(Box<Report>),
    /// The database failed.
    #[error("signing in could not be recorded")]
    Store(#[from] StoreError),
    /// No such company.
    #[error("no company `{0}`")]
    UnknownCompany(Uscc),
    /// A container that we do not read.
    #[error(transparent)]
    UnsupportedFormat(#[from] UnsupportedFormat),
}

impl From<VerifyError> for AdmitHolderError {
    fn from(_cut_off: VerifyError) -> Self {
        Self::CutOff
    }
}

/// No session stands behind a token: unknown, expired or ended.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Which of these, is not told.
    #[error("the session is not in force")]
    NotInForce,
    /// The database failed.
    #[error("the session could not be looked up")]
    Store(#[from] StoreError),
}

/// Who stands in the audit trail as long as nobody is let in.
const ANYBODY: &str = "public";

impl App {
    /// A challenge for `uscc` to sign. Anybody may ask: it opens nothing without the company's key.
    ///
    /// # Errors
    /// [`AdmitHolderError::UnknownCompany`].
    pub async fn challenge_holder(&self, uscc: &Uscc) -> Result<Challenge, AdmitHolderError> {
        let began = self.now();
        if self.store().companies().load(uscc).await?.is_none() {
            return Err(AdmitHolderError::UnknownCompany(uscc.clone()));
        }
        let parts = self.parts();
        let pass = Pass {
            uscc: uscc.clone(),
            expires_at: began.plus(CHALLENGE_VALID_FOR),
        };
        let (service, random) = (&parts.settings.public_url, parts.random.as_ref());
        let text = challenge::generate(service, uscc, pass.expires_at, random)?;
        let event = AuditEvent {
            subject: Some(uscc.clone()),
            ..AuditEvent::new(
                began,
                ANYBODY,
                AuditAction::HolderChallenged,
                uscc.as_str(),
                "done",
            )
        };
        let new = NewPass {
            tag: &challenge::tag(&parts.pepper, &text),
            pass: &pass,
        };
        self.store().holders().add_challenge(new, &event).await?;
        Ok(Challenge {
            text,
            expires_at: pass.expires_at,
        })
    }

    /// Lets the company in to whose credential the code was given.
    ///
    /// # Errors
    /// [`AdmitHolderError::CodeInvalid`] for every code that is not in force, whatever the reason.
    pub async fn admit_by_code(&self, code: &PickUpCode) -> Result<Admitted, AdmitHolderError> {
        let began = self.now();
        let tag = code.tag(&self.parts().pepper);
        let holders = self.store().holders();
        let found = holders.find_code(&tag).await?;
        let judged = match &found {
            Some(record) => record.admit(began).map(|()| record),
            None => Err(CodeRefusal::Unknown),
        };
        let refusal = match judged {
            Ok(record) => {
                let new = self.new_session(&record.uscc, began)?;
                let event = AuditEvent {
                    subject: Some(record.uscc.clone()),
                    ..AuditEvent::new(
                        began,
                        &new.holder.actor(),
                        AuditAction::HolderAdmitted,
                        record.credential.as_str(),
                        "pick-up code",
                    )
                };
                let (session, event) = (Self::pass_of(&new), self.timed(event, began));
                if holders
                    .admit_by_code(&tag, session.as_new(), &event)
                    .await?
                {
                    return Ok(new);
                }
                CodeRefusal::Replaced
            }
            Err(refusal) => refusal,
        };
        debug!(%refusal, "refused a pick-up code");
        let event = AuditEvent {
            subject: found.map(|record| record.uscc),
            ..AuditEvent::new(
                began,
                ANYBODY,
                AuditAction::HolderRefused,
                "pick-up code",
                &refusal.to_string(),
            )
        };
        self.record_event(event, began).await?;
        Err(AdmitHolderError::CodeInvalid)
    }

    /// Lets a company in whose certificate signed the challenge, if this service recognises the CA for it.
    ///
    /// # Errors
    /// [`AdmitHolderError::SignatureRefused`] has the report with the reasons.
    pub async fn admit_by_signature(
        &self,
        answered: AnsweredChallenge,
    ) -> Result<Admitted, AdmitHolderError> {
        let began = self.now();
        let uscc = answered.uscc.clone();
        let tag = challenge::tag(&self.parts().pepper, &answered.text);
        let found = self.store().holders().find_challenge(&tag).await?;
        if !found.is_some_and(|pass| pass.uscc == uscc && pass.in_force(began)) {
            return self
                .refuse(&uscc, AdmitHolderError::ChallengeInvalid, began)
                .await;
        }
        let report = match self.judge_answer(answered, began).await {
            Ok(Answer::Passed(report)) => report,
            Ok(Answer::Refused(report)) => {
                let refused = AdmitHolderError::SignatureRefused(report);
                return self.refuse(&uscc, refused, began).await;
            }
            Err(error) => return self.refuse(&uscc, error, began).await,
        };
        let new = self.new_session(&uscc, began)?;
        let event = AuditEvent {
            subject: Some(uscc.clone()),
            profile: Some(profile_of(&report)),
            ..AuditEvent::new(
                began,
                &new.holder.actor(),
                AuditAction::HolderAdmitted,
                &object_and_outcome(&report).0,
                "signature",
            )
        };
        let (session, event) = (Self::pass_of(&new), self.timed(event, began));
        let holders = self.store().holders();
        if holders
            .admit_by_challenge(&tag, session.as_new(), &event)
            .await?
        {
            return Ok(new);
        }
        // Somebody answered it meanwhile.
        self.refuse(&uscc, AdmitHolderError::ChallengeInvalid, began)
            .await
    }

    /// The company whose session stands behind a token.
    ///
    /// # Errors
    /// [`SessionError::NotInForce`] for every token behind which none does, whatever the reason.
    pub async fn authenticate_holder(&self, token: &str) -> Result<Holder, SessionError> {
        let token = SessionToken::parse(token).map_err(|_malformed| SessionError::NotInForce)?;
        let tag = token.tag(&self.parts().pepper);
        let found = self.store().holders().find_session(&tag).await?;
        let now = self.now();
        match found {
            Some(pass) if pass.in_force(now) => Ok(Holder::new(pass.uscc, tag)),
            Some(_) | None => Err(SessionError::NotInForce),
        }
    }

    /// Ends the company's session, this one alone: its token opens nothing any more.
    ///
    /// # Errors
    /// [`SessionError::NotInForce`] when it was ended meanwhile.
    pub async fn end_session(&self, holder: &Holder) -> Result<(), SessionError> {
        let began = self.now();
        let event = AuditEvent {
            subject: Some(holder.uscc().clone()),
            ..AuditEvent::new(
                began,
                &holder.actor(),
                AuditAction::HolderLeft,
                holder.uscc().as_str(),
                "done",
            )
        };
        let event = self.timed(event, began);
        match self
            .store()
            .holders()
            .end_session(holder.session(), &event)
            .await?
        {
            true => Ok(()),
            false => Err(SessionError::NotInForce),
        }
    }

    fn new_session(&self, uscc: &Uscc, began: Timestamp) -> Result<Admitted, RandomError> {
        let token = SessionToken::generate(self.parts().random.as_ref())?;
        Ok(Admitted {
            holder: Holder::new(uscc.clone(), token.tag(&self.parts().pepper)),
            token,
            expires_at: began.plus(SESSION_VALID_FOR),
        })
    }

    fn pass_of(new: &Admitted) -> TaggedPass {
        TaggedPass {
            tag: *new.holder.session(),
            pass: Pass {
                uscc: new.holder.uscc().clone(),
                expires_at: new.expires_at,
            },
        }
    }

    /// Records why a signature does not count before it is told; what is ours to put right is no refusal.
    async fn refuse<T>(
        &self,
        uscc: &Uscc,
        error: AdmitHolderError,
        began: Timestamp,
    ) -> Result<T, AdmitHolderError> {
        let (outcome, profile) = match &error {
            AdmitHolderError::ChallengeInvalid => ("challenge not valid".to_owned(), None),
            AdmitHolderError::NotTheChallenge { .. } => ("not the challenge".to_owned(), None),
            AdmitHolderError::SignatureRefused(report) => {
                (object_and_outcome(report).1, Some(profile_of(report)))
            }
            AdmitHolderError::UnsupportedFormat(_) => ("unsupported format".to_owned(), None),
            AdmitHolderError::CodeInvalid
            | AdmitHolderError::CutOff
            | AdmitHolderError::Profile(_)
            | AdmitHolderError::Random(_)
            | AdmitHolderError::Store(_)
            | AdmitHolderError::UnknownCompany(_) => return Err(error),
        };
        let event = AuditEvent {
            subject: Some(uscc.clone()),
            profile,
            ..AuditEvent::new(
                began,
                ANYBODY,
                AuditAction::HolderRefused,
                uscc.as_str(),
                &outcome,
            )
        };
        self.record_event(event, began).await?;
        Err(error)
    }
}

/// A session and the tag of its token.
struct TaggedPass {
    tag: [u8; 32],
    pass: Pass,
}

impl TaggedPass {
    const fn as_new(&self) -> NewPass<'_> {
        NewPass {
            tag: &self.tag,
            pass: &self.pass,
        }
    }
}

fn profile_of(report: &Report) -> AuditProfile {
    AuditProfile {
        name: report.policy.profile.clone(),
        version: report.policy.version,
        digest: report.policy.digest,
    }
}
