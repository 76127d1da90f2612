//! Everything a signature is judged by, beside itself (ETSI EN 319 102-1 §5.2.4).

use crate::clock::Timestamp;
use crate::pki::certificate::KeyUsageBit;
use crate::pki::oid::Oid;
use crate::pki::path::PathInputs;
use crate::pki::path::ProvenSignatures;
use crate::pki::path::Remember;
use crate::pki::reference_name::ReferenceName;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::freshness::LaterEvidence;
use crate::pki::rules::Rules;
use crate::pki::trust_anchor::TrustAnchor;
use crate::validation::certificate::RecentOutcomes;
use crate::validation::profile::TrustProfile;
use crate::validation::standing::Consulted;
use crate::validation::standing::Standing;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::TrustStore;
use crate::validation::trust_store::Usage;

/// Which CAs there are, which the caller accepts, for what, when, and by which evidence.
#[derive(Clone, Copy)]
pub struct ValidationContext<'a> {
    /// The CAs that we know.
    pub trust: &'a TrustSet,
    /// What the caller accepts of them.
    pub profile: &'a TrustProfile,
    /// The usage that the signer's CA must have: the profile's `signer_usage` or `issuer_usage`.
    pub usage: &'a Usage,
    /// What the certificate is to be good for.
    pub demands: &'a Demands,
    /// The time for which is judged.
    pub at: Timestamp,
    /// When the signature is proven to have existed; none without a proof.
    pub proven_at: Option<Timestamp>,
    /// The time by the clock: how fresh evidence is.
    pub now: Timestamp,
    /// Whether revocation matters.
    pub revocation: RevocationPolicy,
    /// What is to be done with evidence from after [`Self::now`], which there is where that is no clock's time.
    pub later_evidence: LaterEvidence,
    /// CRLs and OCSP responses at hand.
    pub evidence: &'a Evidence,
    /// Those that came with the document, from the part that is judged outwards; they serve it alone.
    pub document_evidence: &'a [&'a Evidence],
    /// What was proven before; none: everything is computed.
    pub memory: Option<&'a ProvenSignatures>,
    /// Whose signatures are worth remembering.
    pub remember: Remember,
    /// Where it is noted what was asked of the profile.
    pub consulted: Option<&'a Consulted>,
    /// What certificates were found to be worth a moment ago, under this trust set and this evidence; none: each is
    /// judged.
    pub recent: Option<&'a RecentOutcomes>,
}

impl<'a> ValidationContext<'a> {
    /// A signer judged at the time `at` by the clock, with nothing known beforehand.
    #[must_use]
    pub fn new(
        trust: &'a TrustSet,
        profile: &'a TrustProfile,
        usage: &'a Usage,
        at: Timestamp,
    ) -> Self {
        Self {
            trust,
            profile,
            usage,
            demands: Demands::of_a_signer(),
            at,
            proven_at: None,
            now: at,
            revocation: RevocationPolicy::FromTrustStore,
            later_evidence: LaterEvidence::Refuse,
            evidence: Evidence::none(),
            document_evidence: &[],
            memory: None,
            remember: Remember::Authorities,
            consulted: None,
            recent: None,
        }
    }
}

impl ValidationContext<'_> {
    /// How an anchor of the CA of `store` stands with the caller for this usage.
    #[must_use]
    pub fn standing(&self, store: &TrustStore, anchor: &TrustAnchor) -> Standing {
        let standing = self.profile.standing((store, anchor.id()), self.usage);
        if let Some(consulted) = self.consulted {
            consulted.note(anchor.id(), self.usage, standing);
        }
        standing
    }

    /// The earliest time at which the signature is known to have existed: proven, or that of the validation
    /// (ETSI EN 319 102-1 §5.5).
    #[must_use]
    pub fn best_signature_time(&self) -> Timestamp {
        self.proven_at.map_or(self.at, |proven| proven.min(self.at))
    }

    /// Whether it is judged for the time at which the signature is proven to have existed (ETSI EN 319 102-1
    /// §5.6.2), not for the present.
    #[must_use]
    pub fn is_past_validation(&self) -> bool {
        self.proven_at == Some(self.at)
    }
}

/// Whether the revocation of certificates matters to a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationPolicy {
    /// As the CA's `ca.toml` says.
    FromTrustStore,
    /// It is not examined, because whoever asked said so; the report repeats it.
    Skip,
}

/// What a certificate and its path have to be, beside valid by RFC 5280 §6.1.
#[derive(Debug, Clone, Default)]
pub struct Demands {
    /// Whose certificate it is.
    pub subject: Subject,
    /// Certificate policies and path length.
    pub inputs: PathInputs,
    /// A certificate profile to be kept.
    pub rules: Rules,
    /// Extended key usages, each of which end entity and issuers must permit.
    pub purposes: Vec<Oid>,
    /// Key usages, each of which the end entity's key must have where it is restricted.
    pub key_usages: Vec<KeyUsageBit>,
    /// Names, each of which it must bear.
    pub names: Vec<ReferenceName>,
}

/// What is taken for granted of the certificate at the end of a path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Subject {
    /// It signed a document, or is shown as that of somebody who might: no CA, with a key that may sign.
    #[default]
    Signer,
    /// It may be anybody's.
    Anyone,
}

static OF_A_SIGNER: Demands = Demands {
    subject: Subject::Signer,
    inputs: PathInputs::ANY,
    rules: Rules::Path,
    purposes: Vec::new(),
    key_usages: Vec::new(),
    names: Vec::new(),
};

impl Demands {
    /// What is asked of whoever signs a document, unless more is.
    #[must_use]
    pub fn of_a_signer() -> &'static Self {
        &OF_A_SIGNER
    }
}
