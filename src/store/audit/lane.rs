//! The chains that this process appends its audit events to.
//!
//! A transaction takes a lane when it first tells something and holds it until it is over, so a lane has one
//! writer at a time and knows by itself where its segment ends: nothing is read and nobody waits. There are as
//! many lanes as transactions ever ran at once: one on SQLite, where they take turns.
//!
//! A transaction that is rolled back leaves its lane as it was. After a commit whose outcome nobody knows the
//! lane is given up, for its segment may be longer than the process knows; another one begins.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::crypto::hmac::HmacKey;
use crate::crypto::random::Random;
use crate::crypto::random::RandomError;
use crate::crypto::random::array;
use crate::evidence::audit::AuditEvent;
use crate::evidence::audit::chain::ChainTip;
use crate::evidence::audit::chain::Link;
use crate::identifier::opaque_id::SegmentId;

/// The lanes of one store.
pub(in crate::store) struct Lanes {
    random: Arc<dyn Random>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Those that no transaction holds; the one that was used last comes next.
    free: Vec<Lane>,
    /// Segments that have grown since a head covered them.
    unsigned: BTreeMap<SegmentId, ChainTip>,
    /// Events since a head was signed.
    unsigned_events: u64,
}

/// One chain. What is committed of it lies between the events of one transaction and the next.
struct Lane {
    tip: ChainTip,
    /// Makes the salts of this segment; forgotten with the process.
    salts: Arc<HmacKey>,
}

/// A lane in the hands of one transaction.
pub(in crate::store) struct Lease {
    lanes: Arc<Lanes>,
    /// As it was before the transaction; `None` once nobody knows what was committed.
    before: Option<Lane>,
    tip: ChainTip,
    salts: Arc<HmacKey>,
}

/// A lane while its transaction is being committed.
pub(in crate::store) struct Doubtful(Lease);

impl Lanes {
    pub(in crate::store) fn new(random: Arc<dyn Random>) -> Self {
        Self {
            random,
            state: Mutex::default(),
        }
    }

    /// Takes a lane, or begins one.
    pub(in crate::store) fn lease(lanes: &Arc<Self>) -> Result<Lease, RandomError> {
        let free = lanes.state().free.pop();
        let lane = match free {
            Some(lane) => lane,
            None => Lane {
                tip: ChainTip::begin(SegmentId::from_random(array(lanes.random.as_ref())?)),
                salts: Arc::new(HmacKey::new(&array::<32>(lanes.random.as_ref())?)),
            },
        };
        Ok(Lease {
            lanes: Arc::clone(lanes),
            tip: lane.tip.clone(),
            salts: Arc::clone(&lane.salts),
            before: Some(lane),
        })
    }

    /// Segments that have grown since a head covered them, as far as is committed.
    pub(in crate::store) fn unsigned(&self) -> Vec<ChainTip> {
        self.state().unsigned.values().cloned().collect()
    }

    /// How many events were committed since a head was signed.
    pub(in crate::store) fn unsigned_events(&self) -> u64 {
        self.state().unsigned_events
    }

    /// Notes that a head covers these.
    pub(in crate::store) fn signed(&self, tips: &[ChainTip]) {
        let mut state = self.state();
        for tip in tips {
            if state.unsigned.get(&tip.segment) == Some(tip) {
                state.unsigned.remove(&tip.segment);
            }
        }
        state.unsigned_events = 0;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics between two changes that belong together.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Lanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lanes").finish_non_exhaustive()
    }
}

impl Lease {
    /// Chains an event; it counts once the transaction is committed.
    pub(in crate::store) fn append(&mut self, event: &AuditEvent) -> Link {
        let salt = self.salts.tag(&self.tip.count.to_be_bytes());
        self.tip.append(event, salt)
    }

    /// Whether nothing of the segment is in the database yet.
    pub(in crate::store) fn is_new(&self) -> bool {
        self.tip.count == 0
    }

    /// Says that the transaction is being committed: if that is not seen to end, the lane is given up.
    pub(in crate::store) fn doubt(mut self) -> Doubtful {
        self.before = None;
        Doubtful(self)
    }
}

impl Doubtful {
    /// Says that the transaction is committed.
    pub(in crate::store) fn settle(mut self) {
        let lease = &mut self.0;
        let lane = Lane {
            tip: lease.tip.clone(),
            salts: Arc::clone(&lease.salts),
        };
        let mut state = lease.lanes.state();
        let before = state
            .unsigned
            .insert(lane.tip.segment.clone(), lane.tip.clone());
        // Only a hint of when the next head is due.
        let grown = before.map_or(1, |before| lane.tip.count.saturating_sub(before.count));
        state.unsigned_events = state.unsigned_events.saturating_add(grown);
        state.free.push(lane);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(lane) = self.before.take() {
            self.lanes.state().free.push(lane);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::crypto::random::SeededRandom;
    use crate::evidence::audit::AuditAction;

    fn lanes() -> Arc<Lanes> {
        Arc::new(Lanes::new(Arc::new(SeededRandom::new([1; 32]))))
    }

    fn event() -> AuditEvent {
        AuditEvent::new(
            Timestamp::UNIX_EPOCH,
            "bank-x",
            AuditAction::CompanyConfirmed,
            "u",
            "done",
        )
    }

    #[test]
    fn one_writer_at_a_time_makes_one_chain() {
        let lanes = lanes();
        for index in 0..3 {
            let mut lease = Lanes::lease(&lanes).unwrap();
            assert_eq!(lease.append(&event()).index, index);
            lease.doubt().settle();
        }
        let unsigned = lanes.unsigned();
        assert_eq!(
            unsigned.iter().map(|tip| tip.count).collect::<Vec<_>>(),
            [3]
        );
        assert_eq!(lanes.unsigned_events(), 3);
        lanes.signed(&unsigned);
        assert!(lanes.unsigned().is_empty());
        assert_eq!(lanes.unsigned_events(), 0);
    }

    #[test]
    fn writers_at_once_have_a_chain_each() {
        let lanes = lanes();
        let mut one = Lanes::lease(&lanes).unwrap();
        let mut other = Lanes::lease(&lanes).unwrap();
        assert_ne!(one.append(&event()).segment, other.append(&event()).segment);
        one.doubt().settle();
        other.doubt().settle();
        assert_eq!(lanes.unsigned().len(), 2);
    }

    #[test]
    fn what_was_rolled_back_is_not_in_the_chain_and_what_is_doubtful_ends_it() {
        let lanes = lanes();
        let mut lease = Lanes::lease(&lanes).unwrap();
        let segment = lease.append(&event()).segment;
        drop(lease);
        let mut again = Lanes::lease(&lanes).unwrap();
        let link = again.append(&event());
        assert_eq!((link.segment, link.index), (segment.clone(), 0));
        drop(again.doubt());
        let mut next = Lanes::lease(&lanes).unwrap();
        assert_ne!(next.append(&event()).segment, segment);
    }

    #[test]
    fn a_head_does_not_cover_what_was_appended_meanwhile() {
        let lanes = lanes();
        let append = || {
            let mut lease = Lanes::lease(&lanes).unwrap();
            lease.append(&event());
            lease.doubt().settle();
        };
        append();
        let covered = lanes.unsigned();
        append();
        lanes.signed(&covered);
        assert_eq!(lanes.unsigned().len(), 1);
    }
}
