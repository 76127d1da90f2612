//! Tells from the events, the signed heads and an anchor file what became of the record.
//!
//! Heads come first ([`Examination::head`], in their order), then those kept elsewhere
//! ([`Examination::anchored`]), then the events ([`Examination::event`], in their order);
//! [`Examination::finish`] gives what is wrong. Where the record says itself that events up to a head were removed,
//! what that head says of a segment takes their place. What stands behind the newest head is not signed yet and
//! may have been cut off without a trace: that is the price of not signing every event.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::evidence::audit::AuditEvent;
use crate::evidence::audit::chain::ChainTip;
use crate::evidence::audit::chain::Commitments;
use crate::evidence::audit::chain::Link;
use crate::evidence::audit::head::HeadPlace;
use crate::evidence::audit::head::SignedHead;
use crate::identifier::opaque_id::SegmentId;

/// How far an event that no head covers may lie behind the newest one. A running service signs within
/// minutes, and the next one what a crash left.
pub const UNSIGNED_AT_MOST: Duration = Duration::from_secs(24 * 60 * 60);

/// No configuration lets events go before that.
pub const KEPT_AT_LEAST: Duration = Duration::from_secs(24 * 60 * 60);

/// Things that are wrong, kept in full detail; of a record that was rewritten everything is.
const MAX_FINDINGS: usize = 100;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The first event that it is about, or behind which something is missing; absent where that cannot
    /// be told.
    pub sequence: Option<i64>,
    /// What is wrong.
    pub fault: Fault,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// An event is not what was recorded.
    Altered,
    /// The head of that number in the anchor file is another than in the database.
    AnchorDiffers {
        /// Which head.
        number: u64,
    },
    /// Events that were signed are missing at the end of a segment.
    Cut {
        /// How many at least.
        missing: u64,
        /// The head that covers them.
        head: u64,
    },
    /// Heads are missing, or in another order than they were signed in.
    HeadsBroken {
        /// The head that should be there.
        number: u64,
    },
    /// A head cannot be read, or no key of the service signed it.
    HeadRefused {
        /// Which head.
        number: u64,
        /// Why.
        why: String,
    },
    /// The database ends before the anchor file does.
    OlderThanAnchor {
        /// The last head in the anchor file.
        anchor: u64,
        /// The last head in the database.
        database: u64,
    },
    /// Events are missing in the middle.
    Removed {
        /// How many.
        missing: u64,
    },
    /// The event says that others were removed, but not up to a head that is old enough: it says nothing.
    RemovedTooSoon {
        /// The head that it names.
        head: u64,
    },
    /// The events are chained, but not those that were signed.
    Rewritten {
        /// The head that says otherwise.
        head: u64,
    },
    /// An event without a place in any chain, among such that have one.
    Unchained,
    /// Old events that no head covers.
    Unsigned,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered => write!(f, "altered: it is not the event that was recorded"),
            Self::AnchorDiffers { number } => write!(
                f,
                "other than the anchor: head {number} in the anchor file is not the one in the database"
            ),
            Self::Cut { missing, head } => write!(
                f,
                "cut: {missing} or more events behind it are missing, which head {head} covers"
            ),
            Self::HeadsBroken { number } => write!(f, "removed: signed head {number} is missing"),
            Self::HeadRefused { number, why } => {
                write!(f, "signed head {number} is refused: {why}")
            }
            Self::OlderThanAnchor { anchor, database } => write!(
                f,
                "older than the anchor: the anchor file ends with head {anchor}, the database with head {database}"
            ),
            Self::Removed { missing } => {
                write!(f, "removed: {missing} events before it are missing")
            }
            Self::RemovedTooSoon { head } => write!(
                f,
                "added: it says that events up to head {head} were removed, which is not there or was too young"
            ),
            Self::Rewritten { head } => {
                write!(f, "rewritten: up to here it is not what head {head} covers")
            }
            Self::Unchained => write!(f, "added: it has no place in a chain"),
            Self::Unsigned => write!(f, "unsigned: no head covers it, though it is old"),
        }
    }
}

/// What an examination found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Events that were looked at.
    pub events: u64,
    /// Those of a release that did not chain them yet.
    pub before_the_chain: u64,
    /// Those whose personal fields were erased.
    pub erased: u64,
    /// The head up to which events were removed because they had been kept for long enough, as the record says.
    pub removed_up_to: Option<RemovedUpTo>,
    /// Those that no head covers yet.
    pub unsigned: u64,
    /// Segments.
    pub segments: usize,
    /// The number of the newest head; 0 where there is none.
    pub heads: u64,
    /// The newest head in the anchor file, where one was handed in.
    pub anchored: Option<u64>,
    /// How many things are wrong.
    pub faults: u64,
    /// The first of them, by sequence; what belongs to no event comes last.
    pub findings: Vec<Finding>,
}

/// Up to where events were removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemovedUpTo {
    /// The head.
    pub head: u64,
    /// When it was signed, in whole seconds.
    pub signed_at: Timestamp,
}

/// An examination under way.
#[derive(Debug, Default)]
pub struct Examination {
    last_head: Option<HeadPlace>,
    /// By number, from 1: the digest, and when it was signed unless it was refused.
    heads: Vec<(Sha256, Option<i64>)>,
    last_anchored: Option<HeadPlace>,
    segments: BTreeMap<SegmentId, Segment>,
    events: u64,
    before_the_chain: u64,
    chained: u64,
    erased: u64,
    removed_up_to: Option<RemovedUpTo>,
    newest: Option<Timestamp>,
    faults: u64,
    findings: Vec<Finding>,
}

/// What is known of a segment.
#[derive(Debug)]
struct Segment {
    tip: ChainTip,
    /// What heads say of it: count to digest and head.
    signed: BTreeMap<u64, (Sha256, u64)>,
    /// Whether a fault was told already, of which what follows is only the consequence.
    broken: bool,
    last: Option<i64>,
    /// What is missing before its first event.
    missing: Option<Missing>,
    /// The first event that no head covers.
    unsigned_since: Option<(i64, Timestamp)>,
    unsigned: u64,
}

/// Events that are missing at the beginning of a segment, all of them covered by a head.
#[derive(Debug)]
struct Missing {
    /// How many.
    events: u64,
    /// The head that ends with the last of them.
    head: u64,
    /// The first event that is there.
    before: i64,
}

impl Segment {
    fn begin(id: SegmentId) -> Self {
        Self {
            tip: ChainTip::begin(id),
            signed: BTreeMap::new(),
            broken: false,
            last: None,
            missing: None,
            unsigned_since: None,
            unsigned: 0,
        }
    }

    /// Begins with an event before which there were others: where a head ends with them, it tells what they led to.
    fn begin_behind(&mut self, events: u64, before: i64) {
        if let Some((hash, head)) = self.signed.get(&events) {
            self.missing = Some(Missing {
                events,
                head: *head,
                before,
            });
            self.tip.count = events;
            self.tip.hash = *hash;
        }
    }

    /// How many of its events the heads up to `head` cover.
    fn covered_by(&self, head: Option<u64>) -> u64 {
        let signed = self.signed.iter().rev();
        let mut covered = signed.filter(|(_, (_, number))| Some(*number) <= head);
        covered.next().map_or(0, |(count, _)| *count)
    }
}

impl Examination {
    /// Takes the next signed head of the database.
    pub fn head(&mut self, head: &SignedHead) {
        if !head.follows(self.last_head) {
            let number = self.last_head.map_or(0, |last| last.number) + 1;
            self.found(None, Fault::HeadsBroken { number });
        }
        self.went_to(head.place(), Some(head.signed_at()));
        for tip in head.tips() {
            self.segment(&tip.segment)
                .signed
                .entry(tip.count)
                .or_insert((tip.hash, head.number()));
        }
    }

    /// Takes the next head of the database, which could not be accepted.
    pub fn refused_head(&mut self, place: HeadPlace, why: String) {
        let number = place.number;
        self.found(None, Fault::HeadRefused { number, why });
        self.went_to(place, None);
    }

    fn went_to(&mut self, place: HeadPlace, signed_at: Option<i64>) {
        self.last_head = Some(place);
        // Of a head that is missing there is nothing to compare; with a number out of order neither.
        let missing = usize::try_from(place.number).unwrap_or(usize::MAX);
        if missing == self.heads.len() + 1 {
            self.heads.push((place.digest, signed_at));
        }
    }

    /// Takes the next head of an anchor file, once all heads of the database were taken.
    pub fn anchored(&mut self, head: &SignedHead) {
        let number = head.number();
        let of_database = self.known_head(number);
        if of_database.is_some_and(|(digest, _)| digest != head.place().digest) {
            self.found(None, Fault::AnchorDiffers { number });
        }
        self.last_anchored = Some(head.place());
    }

    fn known_head(&self, number: u64) -> Option<(Sha256, Option<i64>)> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.heads.get(index).copied()
    }

    /// Takes the next event. `link` is absent for those of a release that did not chain them.
    pub fn event(&mut self, sequence: i64, event: &AuditEvent, link: Option<&Link>) {
        self.events += 1;
        self.newest = self.newest.max(Some(event.at));
        let Some(link) = link else {
            self.before_the_chain += 1;
            if self.chained > 0 {
                self.found(Some(sequence), Fault::Unchained);
            }
            return;
        };
        self.chained += 1;
        if !link.commitments.is_empty() && link.salt.is_none() {
            self.erased += 1;
        }
        if let Some(fault) = self.chain(sequence, event, link) {
            self.found(Some(sequence), fault);
        } else if let Some(head) = event.removed_up_to() {
            let signed_at = self.known_head(head).and_then(|(_, signed_at)| signed_at);
            let signed_at = signed_at.and_then(Timestamp::from_unix_seconds);
            match signed_at {
                Some(signed_at) if signed_at.plus(KEPT_AT_LEAST) <= event.at => {
                    let removed = Some(RemovedUpTo { head, signed_at });
                    self.removed_up_to = self.removed_up_to.max(removed);
                }
                Some(_) | None => self.found(Some(sequence), Fault::RemovedTooSoon { head }),
            }
        }
    }

    fn chain(&mut self, sequence: i64, event: &AuditEvent, link: &Link) -> Option<Fault> {
        let segment = self.segment(&link.segment);
        if segment.last.is_none() && link.index > 0 {
            segment.begin_behind(link.index, sequence);
        }
        let was_broken = segment.broken;
        let fault = match link.index.checked_sub(segment.tip.count) {
            Some(0) if is_as_recorded(event, link, &segment.tip) => None,
            Some(0) => Some(Fault::Altered),
            Some(missing) => Some(Fault::Removed { missing }),
            // The same place twice.
            None => Some(Fault::Unchained),
        };
        segment.broken |= fault.is_some();
        segment.tip.follow(link);
        segment.last = Some(sequence);
        segment.unsigned += 1;
        segment.unsigned_since.get_or_insert((sequence, event.at));
        let signed = segment.signed.remove(&segment.tip.count);
        let rewritten = match signed {
            Some((hash, head)) if hash != segment.tip.hash => Some(Fault::Rewritten { head }),
            Some(_) => {
                segment.unsigned = 0;
                segment.unsigned_since = None;
                None
            }
            None => None,
        };
        match fault {
            // An event that is gone is told once, by the first one behind it.
            Some(fault) => Some(fault),
            None if was_broken => None,
            None => {
                segment.broken |= rewritten.is_some();
                rewritten
            }
        }
    }

    fn segment(&mut self, id: &SegmentId) -> &mut Segment {
        self.segments
            .entry(id.clone())
            .or_insert_with(|| Segment::begin(id.clone()))
    }

    fn found(&mut self, sequence: Option<i64>, fault: Fault) {
        self.faults += 1;
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(Finding { sequence, fault });
        }
    }

    /// Gives what is wrong, now that there are no more events.
    #[must_use]
    pub fn finish(mut self) -> Outcome {
        let database = self.last_head.map_or(0, |head| head.number);
        if let Some(anchor) = self.last_anchored.map(|head| head.number)
            && anchor > database
        {
            self.found(None, Fault::OlderThanAnchor { anchor, database });
        }
        let removed_up_to = self.removed_up_to.map(|removed| removed.head);
        let segments = std::mem::take(&mut self.segments);
        let count = segments.len();
        let mut unsigned = 0;
        for segment in segments.into_values() {
            let unsaid = segment.missing.as_ref();
            let unsaid = unsaid.filter(|missing| Some(missing.head) > removed_up_to);
            if let Some(missing) = unsaid {
                let fault = Fault::Removed {
                    missing: missing.events,
                };
                self.found(Some(missing.before), fault);
            }
            let count = match segment.last {
                Some(_) => segment.tip.count,
                None => segment.covered_by(removed_up_to),
            };
            // Those that were reached are gone; what is left was never reached, or skipped by a gap.
            let beyond = segment.signed.range(count + 1..).next_back();
            if let Some((signed, (_, head))) = beyond {
                let (missing, head) = (signed - count, *head);
                self.found(segment.last, Fault::Cut { missing, head });
            }
            unsigned += segment.unsigned;
            let old = segment.unsigned_since.filter(|(_, at)| {
                let newest = self.newest.unwrap_or(*at);
                newest.since(*at) > UNSIGNED_AT_MOST
            });
            if let Some((sequence, _)) = old.filter(|_| !segment.broken) {
                self.found(Some(sequence), Fault::Unsigned);
            }
        }
        self.findings
            .sort_by_key(|finding| finding.sequence.unwrap_or(i64::MAX));
        Outcome {
            events: self.events,
            before_the_chain: self.before_the_chain,
            erased: self.erased,
            removed_up_to: self.removed_up_to,
            unsigned,
            segments: count,
            heads: database,
            anchored: self.last_anchored.map(|head| head.number),
            faults: self.faults,
            findings: self.findings,
        }
    }
}

/// Whether the event is the one that was recorded: its digest fits, and so do its personal fields, unless
/// they were erased together with their salt.
fn is_as_recorded(event: &AuditEvent, link: &Link, before: &ChainTip) -> bool {
    let fields_fit = match &link.salt {
        Some(salt) => Commitments::of(event, salt) == link.commitments,
        None => event.operator.is_none() && event.matter_code.is_none(),
    };
    fields_fit && before.hash_of(event, &link.commitments) == link.hash
}

#[cfg(test)]
mod tests;
