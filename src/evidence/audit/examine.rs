//! Tells from the events, the signed heads and an anchor file what became of the record.
//!
//! Heads come first ([`Examination::head`], in their order), then those kept elsewhere
//! ([`Examination::anchored`]), then the events ([`Examination::event`], in their order);
//! [`Examination::finish`] gives what is wrong. What stands behind the newest head is not signed yet and
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

/// An examination under way.
#[derive(Debug, Default)]
pub struct Examination {
    last_head: Option<HeadPlace>,
    /// By number, from 1.
    heads: Vec<Sha256>,
    last_anchored: Option<HeadPlace>,
    segments: BTreeMap<SegmentId, Segment>,
    events: u64,
    before_the_chain: u64,
    chained: u64,
    erased: u64,
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
    /// The first event that no head covers.
    unsigned_since: Option<(i64, Timestamp)>,
    unsigned: u64,
}

impl Segment {
    fn begin(id: SegmentId) -> Self {
        Self {
            tip: ChainTip::begin(id),
            signed: BTreeMap::new(),
            broken: false,
            last: None,
            unsigned_since: None,
            unsigned: 0,
        }
    }
}

impl Examination {
    /// Takes the next signed head of the database.
    pub fn head(&mut self, head: &SignedHead) {
        if !head.follows(self.last_head) {
            let number = self.last_head.map_or(0, |last| last.number) + 1;
            self.found(None, Fault::HeadsBroken { number });
        }
        self.went_to(head.place());
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
        self.went_to(place);
    }

    fn went_to(&mut self, place: HeadPlace) {
        self.last_head = Some(place);
        // Of a head that is missing there is nothing to compare; with a number out of order neither.
        let missing = usize::try_from(place.number).unwrap_or(usize::MAX);
        if missing == self.heads.len() + 1 {
            self.heads.push(place.digest);
        }
    }

    /// Takes the next head of an anchor file, once all heads of the database were taken.
    pub fn anchored(&mut self, head: &SignedHead) {
        let number = head.number();
        let of_database = number
            .checked_sub(1)
            .and_then(|index| self.heads.get(usize::try_from(index).ok()?));
        if of_database.is_some_and(|digest| *digest != head.place().digest) {
            self.found(None, Fault::AnchorDiffers { number });
        }
        self.last_anchored = Some(head.place());
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
        }
    }

    fn chain(&mut self, sequence: i64, event: &AuditEvent, link: &Link) -> Option<Fault> {
        let segment = self.segment(&link.segment);
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
        let segments = std::mem::take(&mut self.segments);
        let count = segments.len();
        let mut unsigned = 0;
        for segment in segments.into_values() {
            // Those that were reached are gone; what is left was never reached, or skipped by a gap.
            let beyond = segment.signed.range(segment.tip.count + 1..).next_back();
            if let Some((signed, (_, head))) = beyond {
                let (missing, head) = (signed - segment.tip.count, *head);
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
