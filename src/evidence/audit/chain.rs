//! Chains the events of one writer: each carries a digest over itself and over all before it.
//!
//! What is hashed is the event without its personal fields (`operator`, `matter_code`), which are there as
//! commitments: HMAC-SHA-256 under a salt of the event's own. With field and salt it can be shown that they
//! fit; without them, nobody can find out the field by trying, and the chain still holds.
//!
//! Several writers have a chain each, a *segment*: a chain that all shared would make them wait for one
//! another. A segment begins with a writer and ends with it; what holds the segments together are the
//! signed heads ([`crate::evidence::audit::head`]).

use serde::Serialize;

use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::crypto::hmac::HmacKey;
use crate::evidence::audit::AuditEvent;
use crate::identifier::opaque_id::SegmentId;
use crate::identifier::uscc::Uscc;

/// Bytes of a salt: as many as the digest has.
pub const SALT_BYTES: usize = 32;

/// The end of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainTip {
    /// Which segment.
    pub segment: SegmentId,
    /// How many events it has.
    pub count: u64,
    /// The digest that the last of them carries; that of an empty segment is made of its id.
    pub hash: Sha256,
}

/// What an event carries of its segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Which segment.
    pub segment: SegmentId,
    /// How many events of the segment stand before this one.
    pub index: u64,
    /// The digest over this event and all before it.
    pub hash: Sha256,
    /// What the personal fields are committed to with; absent where there are none, or no longer.
    pub salt: Option<[u8; SALT_BYTES]>,
    /// What stands for the personal fields in the chain.
    pub commitments: Commitments,
}

/// What stands for the personal fields of an event in its chain; absent where a field was not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Commitments {
    /// For `operator`.
    pub operator: Option<Sha256>,
    /// For `matter_code`.
    pub matter_code: Option<Sha256>,
}

impl Commitments {
    /// Those of an event's personal fields under `salt`.
    #[must_use]
    pub fn of(event: &AuditEvent, salt: &[u8; SALT_BYTES]) -> Self {
        let key = HmacKey::new(salt);
        let commit = |name: &str, text: &Option<String>| {
            let text = text.as_ref()?;
            Some(Sha256(key.tag(format!("{name}\0{text}").as_bytes())))
        };
        Self {
            operator: commit("operator", &event.operator),
            matter_code: commit("matterCode", &event.matter_code),
        }
    }

    /// Whether there is nothing to erase.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.operator.is_none() && self.matter_code.is_none()
    }
}

impl ChainTip {
    /// An empty segment.
    #[must_use]
    pub fn begin(segment: SegmentId) -> Self {
        let hash = sha256(format!("yinxin audit segment {segment}").as_bytes());
        Self {
            segment,
            count: 0,
            hash,
        }
    }

    /// Appends an event whose salt is `salt`; gives what it carries.
    pub fn append(&mut self, event: &AuditEvent, salt: [u8; SALT_BYTES]) -> Link {
        let commitments = Commitments::of(event, &salt);
        let link = Link {
            segment: self.segment.clone(),
            index: self.count,
            hash: self.hash_of(event, &commitments),
            salt: (!commitments.is_empty()).then_some(salt),
            commitments,
        };
        self.follow(&link);
        link
    }

    /// The digest that the next event carries, if it is this one.
    #[must_use]
    pub fn hash_of(&self, event: &AuditEvent, commitments: &Commitments) -> Sha256 {
        // Of a verification there are some 500.
        let mut bytes = Vec::with_capacity(768);
        bytes.extend_from_slice(self.hash.as_bytes());
        Hashed::of(self.count, event, commitments).write(&mut bytes);
        sha256(&bytes)
    }

    /// Goes on to the event that carries `link`.
    pub fn follow(&mut self, link: &Link) {
        self.count = link.index.saturating_add(1);
        self.hash = link.hash;
    }
}

/// What is hashed of an event, in canonical JSON (RFC 8785): the members stand in its order, and what is absent is left
/// out. Append-only: it is compared for years.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Hashed<'a> {
    action: &'static str,
    actor: &'a str,
    at: String,
    index: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_micros: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    matter_code_commitment: Option<Sha256>,
    object: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator_commitment: Option<Sha256>,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<HashedProfile<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
}

/// What is hashed of a trust profile, likewise.
#[derive(Serialize)]
struct HashedProfile<'a> {
    digest: Sha256,
    name: &'a str,
    version: String,
}

impl<'a> Hashed<'a> {
    fn of(index: u64, event: &'a AuditEvent, commitments: &Commitments) -> Self {
        let profile = event.profile.as_ref().map(|profile| HashedProfile {
            digest: profile.digest,
            name: &profile.name,
            version: profile.version.to_string(),
        });
        Self {
            action: event.action.as_str(),
            actor: &event.actor,
            at: event.at.as_micros().to_string(),
            index: index.to_string(),
            latency_micros: event.latency_micros.map(|micros| micros.to_string()),
            matter_code_commitment: commitments.matter_code,
            object: &event.object,
            operator_commitment: commitments.operator,
            outcome: &event.outcome,
            profile,
            purpose: event.purpose.as_deref(),
            subject: event.subject.as_ref().map(Uscc::as_str),
        }
    }

    /// Appends the canonical form to `bytes`.
    #[expect(
        clippy::expect_used,
        reason = "only input and output fail, and maps whose keys are no text: there are none"
    )]
    fn write(&self, bytes: &mut Vec<u8>) {
        serde_json::to_writer(bytes, self).expect("text is written to memory");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::clock::Timestamp;
    use crate::encoding::json::canonical;
    use crate::evidence::audit::AuditAction;
    use crate::evidence::audit::AuditProfile;

    fn event() -> AuditEvent {
        AuditEvent {
            subject: Some(Uscc::with_check("91441900MA4UJ1234").unwrap()),
            purpose: Some("loan".to_owned()),
            profile: Some(AuditProfile {
                name: "bank-x/loan".to_owned(),
                version: 3,
                digest: Sha256([1; 32]),
            }),
            latency_micros: Some(250),
            operator: Some("柜员 7".to_owned()),
            matter_code: Some("2026-1".to_owned()),
            ..AuditEvent::new(
                Timestamp::UNIX_EPOCH,
                "bank-x",
                AuditAction::DocumentVerified,
                "00",
                "TOTAL-PASSED",
            )
        }
    }

    fn hash(event: &AuditEvent) -> Sha256 {
        let mut tip = ChainTip::begin(SegmentId::from_random([1; 16]));
        tip.append(event, [9; SALT_BYTES]).hash
    }

    fn written(event: &AuditEvent, commitments: &Commitments) -> Vec<u8> {
        let mut bytes = Vec::new();
        Hashed::of(7, event, commitments).write(&mut bytes);
        bytes
    }

    #[test]
    fn what_is_hashed_is_canonical_and_stays_as_it_is() {
        let event = event();
        let digest = Sha256([5; 32]);
        let commitments = Commitments {
            operator: Some(digest),
            matter_code: Some(digest),
        };
        let expected = json!({
            "action": "document.verified", "actor": "bank-x", "at": "0", "index": "7", "latencyMicros": "250",
            "matterCodeCommitment": digest, "object": "00", "operatorCommitment": digest,
            "outcome": "TOTAL-PASSED", "purpose": "loan", "subject": event.subject,
            "profile": {"digest": Sha256([1; 32]), "name": "bank-x/loan", "version": "3"},
        });
        assert_eq!(written(&event, &commitments), canonical(&expected));

        let odd = "\"\\\u{1}\u{7f}东";
        let bare = AuditEvent::new(event.at, odd, AuditAction::AuditRead, "", "");
        let expected = json!({
            "action": "audit.read", "actor": odd, "at": "0", "index": "7", "object": "", "outcome": "",
        });
        let nothing = Commitments::default();
        assert_eq!(written(&bare, &nothing), canonical(&expected));
    }

    #[test]
    fn every_field_counts() {
        let same = hash(&event());
        assert_eq!(same, hash(&event()));
        let changes: &[fn(&mut AuditEvent)] = &[
            |event| event.at = Timestamp::from_micros(1).unwrap(),
            |event| event.actor.push('x'),
            |event| event.action = AuditAction::CompanyMatched,
            |event| event.object.push('0'),
            |event| event.outcome.push('x'),
            |event| event.subject = None,
            |event| event.purpose = None,
            |event| event.profile.as_mut().unwrap().name.push('x'),
            |event| event.profile.as_mut().unwrap().version += 1,
            |event| event.profile.as_mut().unwrap().digest = Sha256([2; 32]),
            |event| event.profile = None,
            |event| event.latency_micros = None,
            |event| event.operator = None,
            |event| event.matter_code = None,
            |event| std::mem::swap(&mut event.operator, &mut event.matter_code),
        ];
        for change in changes {
            let mut changed = event();
            change(&mut changed);
            assert_ne!(hash(&changed), same, "{changed:?}");
        }
    }

    #[test]
    fn place_and_predecessors_count() {
        let mut one = ChainTip::begin(SegmentId::from_random([1; 16]));
        let mut other = ChainTip::begin(SegmentId::from_random([2; 16]));
        assert_ne!(one.hash, other.hash);
        let first = one.append(&event(), [9; SALT_BYTES]);
        let second = one.append(&event(), [9; SALT_BYTES]);
        assert_eq!((first.index, second.index, one.count), (0, 1, 2));
        assert_ne!(first.hash, second.hash);
        assert_ne!(other.append(&event(), [9; SALT_BYTES]).hash, first.hash);
    }

    #[test]
    fn erasing_leaves_the_digest_and_a_salt_hides_the_field() {
        let mut tip = ChainTip::begin(SegmentId::from_random([1; 16]));
        let before = tip.clone();
        let link = tip.append(&event(), [9; SALT_BYTES]);
        let erased = AuditEvent {
            operator: None,
            matter_code: None,
            ..event()
        };
        assert_eq!(before.hash_of(&erased, &link.commitments), link.hash);
        let other_salt = Commitments::of(&event(), &[8; SALT_BYTES]);
        assert_ne!(other_salt.operator, link.commitments.operator);
        let none = tip.append(&erased, [9; SALT_BYTES]);
        assert_eq!(none.salt, None);
    }
}
