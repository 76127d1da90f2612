//! What was done, by whom, to what, with which outcome: one line of the append-only record.
//!
//! An event names things by ids and digests. Names of people, bodies of documents and secrets have no
//! place in it; `operator` and `matter_code` are what the caller chose to be known by, and can be erased.
//!
//! Events are chained ([`chain`]), the ends of the chains are signed now and then ([`head`]), and whoever
//! holds the signatures can tell what became of the record ([`examine`]).

pub mod chain;
pub mod examine;
pub mod head;

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::identifier::uscc::Uscc;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditEvent {
    /// When.
    pub at: Timestamp,
    /// Who: the id of a relying party, `public`, `holder:` and the code of a company that signed in, or `system` for
    /// what the service does by itself.
    pub actor: String,
    /// What was done.
    pub action: AuditAction,
    /// To what: a USCC, the id of a credential, a caller or a receipt, or a digest in hex.
    pub object: String,
    /// The company that it is about, where it is one that can be told.
    pub subject: Option<Uscc>,
    /// How it ended: an indication, a state, a problem code, or `done`.
    pub outcome: String,
    /// What for: the purpose that applied.
    pub purpose: Option<String>,
    /// The trust profile that was judged by, where there was one.
    pub profile: Option<AuditProfile>,
    /// How long the answer took, in microseconds, where somebody waited for one.
    pub latency_micros: Option<u64>,
    /// The caller's own name for who asked, where it said so.
    pub operator: Option<String>,
    /// The caller's own number of the matter, where it said so.
    pub matter_code: Option<String>,
}

/// A trust profile by which was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditProfile {
    /// Its name: relying party and purpose.
    pub name: String,
    /// The version of the recognition table that it came from.
    pub version: u64,
    /// What it says, as a digest.
    pub digest: Sha256,
}

impl AuditEvent {
    /// An event about which the caller said nothing further.
    #[must_use]
    pub fn new(
        at: Timestamp,
        actor: &str,
        action: AuditAction,
        object: &str,
        outcome: &str,
    ) -> Self {
        Self {
            at,
            actor: actor.to_owned(),
            action,
            object: object.to_owned(),
            outcome: outcome.to_owned(),
            subject: None,
            purpose: None,
            profile: None,
            latency_micros: None,
            operator: None,
            matter_code: None,
        }
    }

    /// That the service removes the events which the head of this number covers.
    #[must_use]
    pub fn removal(at: Timestamp, head: u64) -> Self {
        let object = format!("{HEAD}{head}");
        Self::new(at, SYSTEM, AuditAction::AuditRemoved, &object, "done")
    }

    /// The head up to which events were removed, if this is what the event says.
    #[must_use]
    pub fn removed_up_to(&self) -> Option<u64> {
        let says_so = self.action == AuditAction::AuditRemoved && self.actor == SYSTEM;
        self.object
            .strip_prefix(HEAD)
            .filter(|_| says_so)?
            .parse()
            .ok()
    }
}

/// Who does what the service does by itself.
pub const SYSTEM: &str = "system";

/// What the object of a removal begins with.
const HEAD: &str = "head ";

/// Makes the enum, its list and its names from one table.
macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// What can be done. Names are stored and read back for years: append-only.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum AuditAction {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl AuditAction {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name under which it is stored.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

actions! {
    /// The service began to serve.
    ServiceStarted = "service.started",
    /// The service ended in order.
    ServiceStopped = "service.stopped",
    /// Signing was refused because the clock stands before the last signature.
    ClockRefused = "clock.refused",
    /// A new set of trust roots took effect.
    TrustReloaded = "trust.reloaded",
    /// A new set of trust roots was broken; the old one stayed.
    TrustRefused = "trust.refused",
    /// The recognition table was changed.
    RecognitionChanged = "recognition.changed",
    /// The issuer register was changed.
    IssuerChanged = "issuer.changed",
    /// A relying party was added or changed.
    CallerChanged = "caller.changed",
    /// An API key was made.
    ApiKeyCreated = "api-key.created",
    /// An API key was revoked.
    ApiKeyRevoked = "api-key.revoked",
    /// An API key was replaced by a newer one and runs out.
    ApiKeyRotated = "api-key.rotated",
    /// A client certificate was registered for a caller.
    ClientCertificateAdded = "client-certificate.added",
    /// A client certificate does not stand for its caller any more.
    ClientCertificateRemoved = "client-certificate.removed",
    /// Facts about a company were recorded.
    CompanyRecorded = "company.recorded",
    /// A department recorded its registration of a company.
    RegistrationRecorded = "registration.recorded",
    /// Companies were imported.
    CompaniesImported = "companies.imported",
    /// Somebody confirmed a company.
    CompanyConfirmed = "company.confirmed",
    /// Somebody compared facts with those of a company.
    CompanyMatched = "company.matched",
    /// Somebody looked for companies by name; its object is the digest of the text.
    CompaniesSearched = "companies.searched",
    /// Somebody read who looked at a company.
    AccessesRead = "accesses.read",
    /// Somebody read the audit trail.
    AuditRead = "audit.read",
    /// Personal fields of the audit trail were erased; its object says which.
    AuditErased = "audit.erased",
    /// A credential was issued.
    CredentialIssued = "credential.issued",
    /// A credential was suspended.
    CredentialSuspended = "credential.suspended",
    /// A suspended credential came back into force.
    CredentialReinstated = "credential.reinstated",
    /// A credential was revoked.
    CredentialRevoked = "credential.revoked",
    /// A credential was replaced by a newer one.
    CredentialSuperseded = "credential.superseded",
    /// A credential reached its last day.
    CredentialExpired = "credential.expired",
    /// An issuing that was cut off was undone at start-up.
    CredentialVoided = "credential.voided",
    /// A credential was downloaded.
    CredentialDownloaded = "credential.downloaded",
    /// A document, signature or certificate was verified.
    DocumentVerified = "document.verified",
    /// Somebody asked who accepts a document.
    AcceptanceAsked = "acceptance.asked",
    /// A timestamp was issued; its object is the serial number, in hex.
    TimestampIssued = "timestamp.issued",
    /// A signing key was made.
    KeyGenerated = "key.generated",
    /// A backup was made.
    BackupMade = "backup.made",
    /// A backup was restored.
    BackupRestored = "backup.restored",
    /// A change of the recognition table was proposed; its object is the proposal.
    RecognitionProposed = "recognition.proposed",
    /// A proposed change was approved by another operator.
    RecognitionApproved = "recognition.approved",
    /// A proposed change was withdrawn.
    RecognitionWithdrawn = "recognition.withdrawn",
    /// An approved change no longer fitted the table when its time came.
    RecognitionLapsed = "recognition.lapsed",
    /// Somebody asked for a receipt again; its object is the receipt's number.
    ReceiptRead = "receipt.read",
    /// Somebody had a receipt replayed; its object is the receipt's number.
    ReceiptReplayed = "receipt.replayed",
    /// A change of the recognition table was rehearsed; its object is the digest of the table it would make.
    RecognitionRehearsed = "recognition.rehearsed",
    /// A department had a pick-up code made in the place of those before; its object is the credential.
    PickUpCodeReplaced = "pick-up-code.replaced",
    /// Somebody asked for a challenge to a company.
    HolderChallenged = "holder.challenged",
    /// A company was let in; its outcome says by what.
    HolderAdmitted = "holder.admitted",
    /// Somebody showed a pick-up code or a signature that does not count; its outcome says why.
    HolderRefused = "holder.refused",
    /// A company looked at the list of its credentials.
    CredentialsListed = "credentials.listed",
    /// Events that had been kept for long enough were removed; its object is the signed head that ends with them.
    AuditRemoved = "audit.removed",
    /// A company ended its session.
    HolderLeft = "holder.left",
    /// Receipts that had been kept for long enough were removed; its object says which, its outcome how many.
    ReceiptsRemoved = "receipts.removed",
}

impl AuditAction {
    /// The action stored under that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|action| action.as_str() == name)
            .copied()
    }
}

impl fmt::Display for AuditAction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for AuditAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AuditAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| D::Error::custom("unknown audit action"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_read_back() {
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::from_name(action.as_str()), Some(*action));
        }
        assert_eq!(AuditAction::from_name("credential.forged"), None);
    }

    #[test]
    fn an_event_reads_back_and_unknown_members_are_refused() {
        let at = Timestamp::parse("2026-03-01T08:00:00Z").unwrap();
        let event = AuditEvent {
            matter_code: Some("2026-0001".to_owned()),
            ..AuditEvent::new(at, "bank-x", AuditAction::CompanyConfirmed, "u", "done")
        };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["action"], "company.confirmed");
        assert_eq!(json["matterCode"], "2026-0001");
        assert_eq!(
            serde_json::from_value::<AuditEvent>(json.clone()).unwrap(),
            event
        );

        let mut unknown = json;
        unknown["extra"] = 1.into();
        assert!(serde_json::from_value::<AuditEvent>(unknown).is_err());
    }
}
