//! Issues a registration credential: reserve → store what will be signed → sign → store → answer.
//!
//! A crash at any arrow leaves a record that [`super::recover`] finishes or voids at the next start. The
//! idempotency key is taken in the same transaction as the identifier, so that a caller who was not
//! answered and asks again gets the one credential, never a second.
//!
//! With a credential a pick-up code is given, in force from the same transaction on. It is shown this once: only its
//! tag is kept, so that nobody reads it later, a repeated request included. Whoever lost the answer has another one
//! made ([`super::replace_pick_up_code`]), which voids the one that went astray.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::credential::claims;
use crate::credential::claims::ClaimsError;
use crate::credential::kind::CredentialKind;
use crate::credential::sd_jwt_vc;
use crate::credential::sd_jwt_vc::issue::IssueInput;
use crate::credential::sd_jwt_vc::issue::Prepared;
use crate::credential::state::AutomaticChange;
use crate::credential::state::Change;
use crate::crypto::digest::Sha256;
use crate::crypto::random::RandomError;
use crate::crypto::random::array;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::evidence::audit::SYSTEM;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::registry::company::Company;
use crate::registry::department::DepartmentId;
use crate::registry::holder::CODE_VALID_FOR;
use crate::registry::holder::pick_up_code::PickUpCode;
use crate::registry::issuer;
use crate::registry::issuer::IssuerRefusal;
use crate::registry::issuer::PresentedIssuer;
use crate::registry::relying_party::RelyingPartyId;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::service::fail_point::FailPoint;
use crate::service::sign_receipt::SigningTimeError;
use crate::signature::jose::error::JoseError;
use crate::store::credentials::IssuedCredential;
use crate::store::credentials::NewCredential;
use crate::store::credentials::ReserveOutcome;
use crate::store::credentials::SignedCredential;
use crate::store::credentials::SignedOutcome;
use crate::store::credentials::StatusAllocation;
use crate::store::error::StoreError;
use crate::store::holders::NewCode;
use crate::store::idempotency::ClaimOutcome;
use crate::store::idempotency::IdempotencyClaim;
use crate::store::status_lists::ENTRIES;
use crate::store::status_lists::StatusListId;
use crate::store::status_lists::StatusSlot;

/// A request to issue.
#[derive(Debug, Clone)]
pub struct IssueRequest {
    /// The company.
    pub uscc: Uscc,
    /// The credential type.
    pub vct: String,
}

/// An idempotency key with the digest of the body it came with (DESIGN §8: scoped to caller and route).
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// The caller's key.
    pub key: String,
    /// SHA-256 of the request body.
    pub body: Sha256,
}

/// A pick-up code as it is handed over, once.
#[derive(Debug)]
pub struct GivenCode {
    /// The code.
    pub code: PickUpCode,
    /// From when it is not accepted any more.
    pub expires_at: Timestamp,
}

/// A credential as the caller gets it.
#[derive(Debug)]
pub struct Issued {
    /// The credential, signed.
    pub credential: IssuedCredential,
    /// The code by which the company may fetch it; none with an answer that was given before.
    pub pick_up_code: Option<GivenCode>,
    /// Whether this is the stored answer to an earlier request with the same idempotency key.
    pub replayed: bool,
}

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The company's facts do not fit the credential type.
    #[error("the company's facts do not fit the credential type")]
    Claims(#[from] ClaimsError),
    /// The company changed each time while the credential was being made.
    #[error("the company changed while the credential was being made: try again")]
    CompanyChanged,
    /// The work was cut off; the next start finishes or voids it.
    #[error("issuing was cut off")]
    CutOff,
    /// The idempotency key was used with another body.
    #[error("the idempotency key was used with another body")]
    IdempotencyKeyReused,
    /// The first request with this idempotency key is still being worked on.
    #[error("the first request with this idempotency key is still being worked on")]
    InFlight,
    /// The issuer register does not let the city's key sign this type here and now.
    #[error("the issuer register does not authorise the city's key")]
    IssuerNotAuthorised(#[source] IssuerRefusal),
    /// The caller's department does not own the type.
    #[error("type `{vct}` belongs to department `{owner}`")]
    NotYourType {
        /// The type asked for.
        vct: String,
        /// Whose it is.
        owner: DepartmentId,
    },
    /// The credential could not be made.
    #[error("the credential could not be made")]
    Prepare(#[from] sd_jwt_vc::error::IssueError),
    /// No randomness for identifier, salts or status index.
    #[error("no randomness")]
    Random(#[from] RandomError),
    /// The credential could not be signed.
    #[error("the credential could not be signed")]
    Sign(#[from] JoseError),
    /// The database failed.
    #[error("the credential could not be stored")]
    Store(#[from] StoreError),
    /// The clock cannot be relied on.
    #[error("nothing was signed")]
    Time(#[from] SigningTimeError),
    /// No such company.
    #[error("no company `{0}`")]
    UnknownCompany(Uscc),
    /// No such credential type.
    #[error("no credential type `{0}`")]
    UnknownType(String),
}

/// How often a credential is begun anew when the company changed while it was being made.
const ATTEMPTS: usize = 3;

/// Status indexes tried for one credential.
const STATUS_INDEX_CANDIDATES: usize = 64;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The scope of idempotency keys.
const ROUTE: &str = "POST /v1/credentials";

impl App {
    /// Issues a credential of `request.vct` about `request.uscc` for the caller's department.
    ///
    /// The work goes on to its end even if the caller hangs up: who asks again with the same
    /// idempotency key gets what was made.
    ///
    /// # Errors
    /// [`IssueError`]; after an error nothing was issued, but for [`IssueError::InFlight`], where another
    /// request is at it, and [`IssueError::Store`] from a database that did not come back to say whether
    /// its last write counted: who asks again with the same idempotency key learns it.
    pub async fn issue(
        &self,
        caller: &Caller,
        request: &IssueRequest,
        idempotency: Option<IdempotencyKey>,
    ) -> Result<Issued, IssueError> {
        let (app, caller, request) = (self.clone(), caller.clone(), request.clone());
        let work =
            tokio::spawn(async move { app.issue_to_the_end(&caller, &request, idempotency).await });
        work.await.map_err(|_cut_off| IssueError::CutOff)?
    }

    async fn issue_to_the_end(
        &self,
        caller: &Caller,
        request: &IssueRequest,
        idempotency: Option<IdempotencyKey>,
    ) -> Result<Issued, IssueError> {
        let kind = self.owned_kind(caller, &request.vct)?;
        let claim = idempotency.map(|given| IdempotencyClaim {
            caller: caller.party.id.clone(),
            route: ROUTE,
            key: given.key,
            body: given.body,
        });
        self.parts()
            .fail_points
            .reach(FailPoint::BeforeReserve)
            .await;
        // Before anything that may have changed since the first request.
        if let Some(claim) = &claim
            && let Some(outcome) = self.store().idempotency().look(claim, self.now()).await?
            && let Some(credential) = self.answered(outcome).await?
        {
            return Ok(Issued::again(credential));
        }
        for _ in 0..ATTEMPTS {
            let company = self.store().companies().load(&request.uscc).await?;
            let company =
                company.ok_or_else(|| IssueError::UnknownCompany(request.uscc.clone()))?;
            let making = match self.reserve(caller, kind, &company, claim.as_ref()).await? {
                Step::Reserved(making) => making,
                Step::Replayed(credential) => {
                    return Ok(Issued::again(*credential));
                }
            };
            self.parts()
                .fail_points
                .reach(FailPoint::AfterReserve)
                .await;
            match self.prepare_and_sign(kind, &company, &making).await {
                Ok(Some(credential)) => {
                    return Ok(Issued {
                        credential,
                        pick_up_code: Some(making.code),
                        replayed: false,
                    });
                }
                Ok(None) => {
                    self.void(&making.id).await?;
                }
                Err(error) => {
                    let credential = self.give_up(&making.id, error).await?;
                    return Ok(Issued {
                        credential,
                        pick_up_code: None,
                        replayed: false,
                    });
                }
            }
        }
        Err(IssueError::CompanyChanged)
    }

    /// The answer that an idempotency key has got already; `None` when the work is still to be done.
    async fn answered(
        &self,
        outcome: ClaimOutcome,
    ) -> Result<Option<IssuedCredential>, IssueError> {
        match outcome {
            ClaimOutcome::Conflict => Err(IssueError::IdempotencyKeyReused),
            ClaimOutcome::InFlight => Err(IssueError::InFlight),
            ClaimOutcome::Replay(id) => {
                let inconsistent = |_malformed| StoreError::Inconsistent {
                    table: "idempotency",
                    id: id.clone(),
                };
                let id = CredentialId::parse(&id).map_err(inconsistent)?;
                Ok(self.credential(&id).await?)
            }
            ClaimOutcome::Started => Ok(None),
        }
    }

    /// The type, if it exists and the caller's department owns it.
    fn owned_kind(&self, caller: &Caller, vct: &str) -> Result<&CredentialKind, IssueError> {
        let kind = self
            .kinds()
            .by_vct(vct)
            .ok_or_else(|| IssueError::UnknownType(vct.to_owned()))?;
        if caller.party.department.as_ref() == Some(&kind.owner) {
            Ok(kind)
        } else {
            Err(IssueError::NotYourType {
                vct: vct.to_owned(),
                owner: kind.owner.clone(),
            })
        }
    }

    async fn reserve(
        &self,
        caller: &Caller,
        kind: &CredentialKind,
        company: &Company,
        claim: Option<&IdempotencyClaim>,
    ) -> Result<Step, IssueError> {
        let issued_at = self.signing_time().await?;
        self.check_issuer_register(kind, company, issued_at).await?;
        // Facts that do not fit are the caller's mistake and must not leave a record.
        claims::from_company(company, kind)?;
        let id = CredentialId::from_random(array(self.parts().random.as_ref())?);
        let expires_at = issued_at.plus(DAY.saturating_mul(kind.validity_days));
        let new = NewCredential {
            id: &id,
            vct: &kind.vct,
            uscc: &company.uscc,
            company_version: company.version,
            department: &kind.owner,
            region: company.uscc.region(),
            issued_by: &caller.party.id,
            issued_at,
            expires_at,
            idempotency: claim,
        };
        let (new_list, candidates) = self.status_places()?;
        let allocation = StatusAllocation {
            new_list: &new_list,
            candidates: &candidates,
        };
        match self.store().credentials().reserve(new, allocation).await? {
            ReserveOutcome::Reserved(slot) => {
                let by = caller.party.id.clone();
                Ok(Step::Reserved(Making {
                    id,
                    by,
                    issued_at,
                    expires_at,
                    slot,
                    code: self.give_code(issued_at)?,
                }))
            }
            ReserveOutcome::Replayed(id) => {
                let credential = self.credential(&id).await?;
                credential
                    .map(|row| Step::Replayed(Box::new(row)))
                    .ok_or(IssueError::InFlight)
            }
            ReserveOutcome::Conflict => Err(IssueError::IdempotencyKeyReused),
            ReserveOutcome::InFlight => Err(IssueError::InFlight),
        }
    }

    /// Stores what will be signed, signs it and stores the result. `None`: the company changed meanwhile.
    async fn prepare_and_sign(
        &self,
        kind: &CredentialKind,
        company: &Company,
        making: &Making,
    ) -> Result<Option<IssuedCredential>, IssueError> {
        let prepared = self.prepare(kind, company, making)?;
        let credentials = self.store().credentials();
        if !credentials
            .store_prepared(&making.id, &prepared.payload, &prepared.disclosures)
            .await?
        {
            return Ok(None);
        }
        self.parts()
            .fail_points
            .reach(FailPoint::AfterPrepare)
            .await;
        let code = self.new_code(&making.code, making.issued_at);
        let id = (&making.id, &company.uscc);
        self.sign_prepared(id, &making.by, &prepared, Some(&code))
            .await
    }

    /// Signs what was stored and puts it in force; also the second half of recovery. `None`: the company
    /// changed meanwhile, or the reservation is gone.
    pub(in crate::service) async fn sign_prepared(
        &self,
        (id, uscc): (&CredentialId, &Uscc),
        by: &RelyingPartyId,
        prepared: &Prepared,
        pick_up_code: Option<&NewCode>,
    ) -> Result<Option<IssuedCredential>, IssueError> {
        let key = &self.keys().credential;
        let compact = sd_jwt_vc::issue::sign(prepared, &key.key, &key.certificates)?;
        self.parts().fail_points.reach(FailPoint::AfterSign).await;
        let at = self.now();
        let reason = AutomaticChange::NewerIssued.reason();
        let signed = SignedCredential {
            id,
            compact: &compact,
            change: &Change {
                at,
                by: by.clone(),
                reason,
            },
            pick_up_code,
            audit: &AuditEvent {
                subject: Some(uscc.clone()),
                ..AuditEvent::new(
                    at,
                    by.as_str(),
                    AuditAction::CredentialIssued,
                    id.as_str(),
                    "valid",
                )
            },
        };
        match self.store().credentials().store_signed(signed).await? {
            SignedOutcome::AlreadyStored | SignedOutcome::Stored { .. } => {}
            SignedOutcome::NotPrepared | SignedOutcome::Outdated { .. } => return Ok(None),
        }
        self.parts().fail_points.reach(FailPoint::AfterStore).await;
        Ok(self.credential(id).await?)
    }

    /// Gives up after `error`, unless there is nothing left to give up: a connection that broke while the
    /// last write was committed leaves open whether it was. What was stored is in force, and is answered.
    async fn give_up(
        &self,
        id: &CredentialId,
        error: IssueError,
    ) -> Result<IssuedCredential, IssueError> {
        if self.void(id).await? {
            return Err(error);
        }
        self.credential(id).await?.ok_or(error)
    }

    /// Gives up a reservation; its idempotency key is free again. `false`: it is not unfinished.
    pub(in crate::service) async fn void(&self, id: &CredentialId) -> Result<bool, StoreError> {
        let event = AuditEvent::new(
            self.now(),
            SYSTEM,
            AuditAction::CredentialVoided,
            id.as_str(),
            "void",
        );
        self.store().credentials().void(id, &event).await
    }

    fn prepare(
        &self,
        kind: &CredentialKind,
        company: &Company,
        making: &Making,
    ) -> Result<Prepared, IssueError> {
        let input = IssueInput {
            id: making.id.clone(),
            kind,
            claims: claims::from_company(company, kind)?,
            issuer: self.settings().public_url.clone(),
            issued_at: making.issued_at,
            not_before: None,
            expires_at: making.expires_at,
            status: self.status_reference(&making.slot),
        };
        Ok(sd_jwt_vc::issue::prepare(
            input,
            self.parts().random.as_ref(),
        )?)
    }

    /// A new pick-up code, good from `at` on.
    pub(in crate::service) fn give_code(&self, at: Timestamp) -> Result<GivenCode, RandomError> {
        Ok(GivenCode {
            code: PickUpCode::generate(self.parts().random.as_ref())?,
            expires_at: at.plus(CODE_VALID_FOR),
        })
    }

    /// What is kept of it.
    pub(in crate::service) fn new_code(&self, given: &GivenCode, at: Timestamp) -> NewCode {
        NewCode {
            tag: given.code.tag(&self.parts().pepper),
            created_at: at,
            expires_at: given.expires_at,
        }
    }

    async fn check_issuer_register(
        &self,
        kind: &CredentialKind,
        company: &Company,
        at: Timestamp,
    ) -> Result<(), IssueError> {
        let entries = self.store().issuers().list().await?;
        let spki = self.keys().credential.key.public_key().sha256();
        let presented = PresentedIssuer {
            spki: &spki,
            ca: None,
            uscc: None,
            iss: Some(&self.settings().public_url),
        };
        issuer::lookup(&entries, &presented, &kind.vct, company.uscc.region(), at)
            .map(|_entry| ())
            .map_err(IssueError::IssuerNotAuthorised)
    }

    /// A name for a new status list, should one be needed, and random places to try.
    fn status_places(&self) -> Result<(StatusListId, Vec<u32>), IssueError> {
        let random = self.parts().random.as_ref();
        let name = CredentialId::from_random(array(random)?);
        let list = StatusListId::parse(name.as_str()).ok_or(StoreError::Unstorable)?;
        let mut candidates = Vec::with_capacity(STATUS_INDEX_CANDIDATES);
        for _ in 0..STATUS_INDEX_CANDIDATES {
            // ENTRIES is a power of two, so the remainder is as random as the number.
            candidates.push(u32::from_be_bytes(array(random)?) % ENTRIES);
        }
        Ok((list, candidates))
    }
}

enum Step {
    Replayed(Box<IssuedCredential>),
    Reserved(Making),
}

/// A credential that is being made.
struct Making {
    id: CredentialId,
    by: RelyingPartyId,
    issued_at: Timestamp,
    expires_at: Timestamp,
    slot: StatusSlot,
    code: GivenCode,
}

impl Issued {
    /// The stored answer to a repeated request.
    fn again(credential: IssuedCredential) -> Self {
        Self {
            credential,
            pick_up_code: None,
            replayed: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::fixture::City;
    use crate::service::fixture::REGISTRATION;
    use crate::service::fixture::department;
    use crate::service::fixture::facts;
    use crate::service::fixture::uscc;

    async fn reserved(city: &City) -> (Company, Making) {
        let market = department("market-regulation");
        let kind = city.app.kinds().by_vct(REGISTRATION).unwrap();
        let company = city.app.store().companies().load(&uscc()).await;
        let company = company.unwrap().unwrap();
        match city.app.reserve(&market, kind, &company, None).await {
            Ok(Step::Reserved(making)) => (company, making),
            _ => panic!("not reserved"),
        }
    }

    #[tokio::test]
    async fn what_was_stored_before_the_database_hung_up_is_answered() {
        let city = City::new().await;
        let kind = city.app.kinds().by_vct(REGISTRATION).unwrap();
        let (company, making) = reserved(&city).await;
        let made = city.app.prepare_and_sign(kind, &company, &making).await;
        let made = made.unwrap().unwrap();
        let hung_up = IssueError::Store(StoreError::Unavailable);
        let answered = city.app.give_up(&making.id, hung_up).await.unwrap();
        assert_eq!(answered, made);
        assert_eq!(answered.state.name(), "valid");
    }

    #[tokio::test]
    async fn what_was_not_stored_is_given_up_with_its_cause() {
        let city = City::new().await;
        let (company, making) = reserved(&city).await;
        let hung_up = IssueError::Store(StoreError::Unavailable);
        let error = city.app.give_up(&making.id, hung_up).await.unwrap_err();
        assert!(matches!(error, IssueError::Store(StoreError::Unavailable)));
        let kind = city.app.kinds().by_vct(REGISTRATION).unwrap();
        let late = city.app.prepare_and_sign(kind, &company, &making).await;
        assert_eq!(late.unwrap(), None);
    }

    #[tokio::test]
    async fn a_repeated_request_gets_its_answer_whatever_became_of_the_company() {
        let city = City::new().await;
        let market = department("market-regulation");
        let request = IssueRequest {
            uscc: uscc(),
            vct: REGISTRATION.to_owned(),
        };
        let key = |body| {
            Some(IdempotencyKey {
                key: "1".to_owned(),
                body: Sha256([body; 32]),
            })
        };
        let first = city.app.issue(&market, &request, key(1)).await.unwrap();
        // From here on nothing new could be issued.
        city.clock
            .set(first.credential.reservation.issued_at.minus(DAY));
        let again = city.app.issue(&market, &request, key(1)).await.unwrap();
        assert!(again.replayed);
        assert_eq!(
            again.credential.reservation.id,
            first.credential.reservation.id
        );
        let other = city.app.issue(&market, &request, key(2)).await;
        assert!(matches!(other, Err(IssueError::IdempotencyKeyReused)));
        let fresh = city.app.issue(&market, &request, None).await;
        assert!(matches!(fresh, Err(IssueError::Time(_))));
        city.app
            .record_facts(&market, &uscc(), facts("deregistered"), None)
            .await
            .unwrap();
        let again = city.app.issue(&market, &request, key(1)).await.unwrap();
        assert_eq!(again.credential.state.name(), "superseded");
    }
}
