//! Chains the events of one writer: each carries a digest over itself and over all before it.
//!
//! What is hashed is the event without its personal fields (`operator`, `matter_code`), which are there as
//! commitments: HMAC-SHA-256 under a salt of the event's own. With field and salt it can be shown that they
//! fit; without them, nobody can find out the field by trying, and the chain still holds.
//!
//! Several writers have a chain each, a *segment*: a chain that all shared would make them wait for one
//! another. A segment begins with a writer and ends with it; what holds the segments together are the
//! signed heads ([`crate::evidence::audit::head`]).

use serde_json::Map;
use serde_json::Value;

use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::crypto::hmac::HmacKey;
use crate::encoding::json;
use crate::evidence::audit::AuditEvent;
use crate::identifier::opaque_id::SegmentId;

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
        let mut bytes = self.hash.as_bytes().to_vec();
        bytes.extend(json::canonical(&hashed(self.count, event, commitments)));
        sha256(&bytes)
    }

    /// Goes on to the event that carries `link`.
    pub fn follow(&mut self, link: &Link) {
        self.count = link.index.saturating_add(1);
        self.hash = link.hash;
    }
}

/// What is hashed of an event; what is absent is left out. Append-only: it is compared for years.
fn hashed(index: u64, event: &AuditEvent, commitments: &Commitments) -> Value {
    let text = |text: &str| Some(Value::from(text));
    let digest = |digest: Option<Sha256>| digest.map(|digest| Value::from(digest.to_string()));
    let profile = event.profile.as_ref().map(|profile| {
        let members = [
            ("name", Value::from(profile.name.as_str())),
            ("version", Value::from(profile.version.to_string())),
            ("digest", Value::from(profile.digest.to_string())),
        ];
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<Map<_, _>>()
            .into()
    });
    let members = [
        ("index", text(&index.to_string())),
        ("at", text(&event.at.as_micros().to_string())),
        ("actor", text(&event.actor)),
        ("action", text(event.action.as_str())),
        ("object", text(&event.object)),
        ("outcome", text(&event.outcome)),
        (
            "subject",
            event.subject.as_ref().map(|uscc| uscc.as_str().into()),
        ),
        ("purpose", event.purpose.as_deref().map(Value::from)),
        ("profile", profile),
        (
            "latencyMicros",
            event.latency_micros.map(|micros| micros.to_string().into()),
        ),
        ("operatorCommitment", digest(commitments.operator)),
        ("matterCodeCommitment", digest(commitments.matter_code)),
    ];
    let present = members.into_iter();
    present
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect::<Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::evidence::audit::AuditAction;
    use crate::evidence::audit::AuditProfile;
    use crate::identifier::uscc::Uscc;

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
