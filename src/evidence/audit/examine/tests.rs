//! What was done to a record is found, and nothing else is.

use proptest::prelude::*;

use super::*;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::sign::SigningKey;
use crate::evidence::audit::AuditAction;

/// A record with heads, as a database holds it.
#[derive(Clone)]
struct Record {
    rows: Vec<(i64, AuditEvent, Option<Link>)>,
    heads: Vec<SignedHead>,
}

fn key() -> SigningKey {
    SigningKey::generate(KeyPurpose::Receipt).unwrap().0
}

fn event(number: usize) -> AuditEvent {
    AuditEvent {
        operator: Some(format!("clerk {number}")),
        ..AuditEvent::new(
            Timestamp::UNIX_EPOCH,
            "bank-x",
            AuditAction::DocumentVerified,
            &format!("{number:064}"),
            "TOTAL-PASSED",
        )
    }
}

fn tips(segments: u8) -> Vec<ChainTip> {
    (0..segments)
        .map(|number| ChainTip::begin(SegmentId::from_random([number; 16])))
        .collect()
}

/// Events in `segments` chains, in the order that `places` gives, with a head after every `every`.
fn record(places: &[usize], segments: u8, every: usize, key: &SigningKey) -> Record {
    let mut tips = tips(segments);
    let mut record = Record {
        rows: Vec::new(),
        heads: Vec::new(),
    };
    for (number, place) in places.iter().enumerate() {
        let index = place % tips.len();
        let link = tips[index].append(&event(number), [7; 32]);
        let sequence = i64::try_from(number).unwrap() + 1;
        record.rows.push((sequence, event(number), Some(link)));
        if (number + 1) % every == 0 {
            let previous = record.heads.last().map(SignedHead::place);
            let head = SignedHead::sign("https://a.example", 0, previous, &tips, key);
            record.heads.push(head.unwrap());
        }
    }
    record
}

impl Record {
    fn examine(&self, anchor: Option<&[SignedHead]>) -> Outcome {
        let mut examination = Examination::default();
        self.heads.iter().for_each(|head| examination.head(head));
        let anchor = anchor.into_iter().flatten();
        anchor.for_each(|head| examination.anchored(head));
        for (sequence, event, link) in &self.rows {
            examination.event(*sequence, event, link.as_ref());
        }
        examination.finish()
    }

    fn first(&self) -> Finding {
        self.examine(None).findings.first().unwrap().clone()
    }
}

fn simple() -> Record {
    record(&[0; 20], 1, 5, &key())
}

#[test]
fn a_record_that_nobody_touched_is_sound() {
    let record = record(&[0, 1, 2, 1, 0, 2, 2, 2, 0, 1, 0], 3, 4, &key());
    let outcome = record.examine(Some(&record.heads));
    assert_eq!(outcome.findings, []);
    assert_eq!(
        (outcome.events, outcome.segments, outcome.heads),
        (11, 3, 2)
    );
    assert_eq!((outcome.unsigned, outcome.anchored), (3, Some(2)));
    assert_eq!(Examination::default().finish().findings, []);
}

#[test]
fn an_altered_event_is_named() {
    let mut record = simple();
    record.rows[6].1.outcome = "TOTAL-FAILED".to_owned();
    let outcome = record.examine(None);
    assert_eq!(outcome.faults, 1);
    assert_eq!(record.first().sequence, Some(7));
    assert_eq!(record.first().fault, Fault::Altered);
}

#[test]
fn an_altered_personal_field_is_named_and_an_erased_one_is_not() {
    let mut record = simple();
    record.rows[3].1.operator = Some("somebody else".to_owned());
    assert_eq!(
        (record.first().sequence, record.first().fault),
        (Some(4), Fault::Altered)
    );
    let mut record = simple();
    record.rows[3].1.operator = None;
    assert_eq!(record.first().fault, Fault::Altered);
    record.rows[3].2.as_mut().unwrap().salt = None;
    let outcome = record.examine(None);
    assert_eq!((outcome.faults, outcome.erased), (0, 1));
}

#[test]
fn an_event_removed_from_the_middle_is_named() {
    let mut record = simple();
    record.rows.remove(6);
    let outcome = record.examine(None);
    assert_eq!(outcome.faults, 1);
    assert_eq!(record.first().sequence, Some(8));
    assert_eq!(record.first().fault, Fault::Removed { missing: 1 });
}

#[test]
fn a_cut_tail_is_named() {
    let mut record = simple();
    record.rows.truncate(12);
    assert_eq!(record.first().sequence, Some(12));
    assert_eq!(
        record.first().fault,
        Fault::Cut {
            missing: 8,
            head: 4
        }
    );
    record.rows.clear();
    assert_eq!(
        record.first().fault,
        Fault::Cut {
            missing: 20,
            head: 4
        }
    );
}

#[test]
fn a_record_rewritten_with_digests_of_its_own_is_found_by_its_heads() {
    let mut record = simple();
    let mut tip = tips(1).remove(0);
    for (_, event, link) in &mut record.rows {
        event.outcome = "TOTAL-FAILED".to_owned();
        *link = Some(tip.append(event, [7; 32]));
    }
    assert_eq!(record.examine(None).faults, 1);
    assert_eq!(record.first().sequence, Some(5));
    assert_eq!(record.first().fault, Fault::Rewritten { head: 1 });
}

#[test]
fn heads_removed_forged_or_cut_are_found() {
    let mut gap = simple();
    gap.heads.remove(1);
    assert_eq!(gap.first().fault, Fault::HeadsBroken { number: 2 });

    let whole = simple();
    let mut cut = whole.clone();
    cut.heads.truncate(2);
    cut.rows.truncate(10);
    assert_eq!(
        cut.examine(None).faults,
        0,
        "an old state is sound in itself"
    );
    let outcome = cut.examine(Some(&whole.heads));
    let older = Fault::OlderThanAnchor {
        anchor: 4,
        database: 2,
    };
    assert_eq!(outcome.findings[0].fault, older);

    let other = simple();
    let outcome = other.examine(Some(&whole.heads));
    assert_eq!(
        outcome.findings[0].fault,
        Fault::AnchorDiffers { number: 1 }
    );
}

#[test]
fn events_outside_the_chain_are_those_of_before_alone() {
    let mut record = simple();
    record.rows.insert(0, (0, event(99), None));
    let outcome = record.examine(None);
    assert_eq!((outcome.faults, outcome.before_the_chain), (0, 1));
    record.rows.push((99, event(99), None));
    assert_eq!(record.first().fault, Fault::Unchained);
}

#[test]
fn old_events_that_nobody_signed_are_told() {
    let mut record = simple();
    record.heads.clear();
    assert_eq!(record.examine(None).faults, 0);
    let mut late = event(20);
    late.at = late.at.plus(UNSIGNED_AT_MOST * 2);
    let mut tip = tips(2).remove(1);
    let link = tip.append(&late, [7; 32]);
    record.rows.push((21, late, Some(link)));
    assert_eq!(
        record.first(),
        Finding {
            sequence: Some(1),
            fault: Fault::Unsigned
        }
    );
}

impl Record {
    /// Removes what the heads up to `head` cover, as the service does; says that it removed up to `said`.
    fn retain(&mut self, head: u64, said: u64) {
        let covered: Vec<ChainTip> = self
            .heads
            .iter()
            .filter(|one| one.number() <= head)
            .flat_map(SignedHead::tips)
            .cloned()
            .collect();
        let is_covered = |link: &Link| {
            let mut covered = covered.iter();
            covered.any(|tip| tip.segment == link.segment && link.index < tip.count)
        };
        let mut tip = ChainTip::begin(SegmentId::from_random([9; 16]));
        let event = AuditEvent::removal(Timestamp::UNIX_EPOCH.plus(KEPT_AT_LEAST), said);
        let link = tip.append(&event, [7; 32]);
        self.rows
            .retain(|(_, _, link)| !link.as_ref().is_some_and(is_covered));
        self.rows.push((1_000, event, Some(link)));
    }
}

#[test]
fn events_removed_up_to_the_head_that_the_record_names_are_not_missed() {
    for head in 1..=4 {
        let mut record = simple();
        record.retain(head, head);
        let outcome = record.examine(Some(&record.heads));
        assert_eq!(outcome.findings, [], "{head}");
        let signed_at = Timestamp::UNIX_EPOCH;
        let removed = RemovedUpTo { head, signed_at };
        assert_eq!(outcome.removed_up_to, Some(removed));
        assert_eq!(outcome.events, 20 - 5 * head + 1);
    }
}

#[test]
fn events_removed_further_than_the_record_says_are_missed() {
    let mut more = simple();
    more.retain(2, 1);
    let missed = |missing| Finding {
        sequence: Some(11),
        fault: Fault::Removed { missing },
    };
    assert_eq!(more.examine(None).findings, [missed(10)]);

    let mut unsaid = simple();
    unsaid.retain(2, 2);
    unsaid.rows.pop();
    assert_eq!(unsaid.examine(None).findings, [missed(10)]);

    let mut by_somebody_else = simple();
    by_somebody_else.retain(2, 2);
    let (sequence, mut event, _) = by_somebody_else.rows.pop().unwrap();
    event.actor = "bank-x".to_owned();
    let link = tips(2).remove(1).append(&event, [7; 32]);
    by_somebody_else.rows.push((sequence, event, Some(link)));
    assert_eq!(by_somebody_else.examine(None).findings, [missed(10)]);

    let mut amid = simple();
    amid.retain(2, 4);
    amid.rows.remove(0);
    assert_eq!(
        amid.first().fault,
        Fault::Removed { missing: 11 },
        "where no head ends nothing begins"
    );

    for said in [5, 0, u64::MAX] {
        let mut of_no_head = simple();
        of_no_head.retain(2, said);
        let findings = of_no_head.examine(None).findings;
        assert_eq!(findings[0], missed(10));
        assert_eq!(findings[1].fault, Fault::RemovedTooSoon { head: said });
    }

    let mut too_young = simple();
    too_young.retain(2, 2);
    let (sequence, mut event, _) = too_young.rows.pop().unwrap();
    event.at = event.at.minus(Duration::from_secs(1));
    let link = tips(2).remove(1).append(&event, [7; 32]);
    too_young.rows.push((sequence, event, Some(link)));
    let findings = too_young.examine(None).findings;
    assert_eq!(findings[1].fault, Fault::RemovedTooSoon { head: 2 });

    let mut whole = simple();
    whole.retain(4, 3);
    let cut = Fault::Cut {
        missing: 5,
        head: 4,
    };
    assert_eq!(whole.first().fault, cut);
}

/// What may be done to a record.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Alter,
    Duplicate,
    Remove,
    Swap,
}

proptest! {
    #[test]
    fn whatever_is_done_to_signed_events_is_found(
        places in prop::collection::vec(0_usize..3, 2..40),
        every in 1_usize..9,
        at in any::<prop::sample::Index>(),
        deed in prop::sample::select(vec![Deed::Alter, Deed::Duplicate, Deed::Remove, Deed::Swap]),
        removed in 0_u64..4,
    ) {
        let mut record = record(&places, 3, every, &key());
        let mut signed = record.heads.len() * every;
        let heads = u64::try_from(record.heads.len()).unwrap();
        if removed > 0 && heads > 0 {
            let before = record.rows.len();
            record.retain(removed.min(heads), removed.min(heads));
            signed -= before + 1 - record.rows.len();
        }
        prop_assert_eq!(record.examine(Some(&record.heads)).faults, 0);
        prop_assume!(signed > 0);
        let at = at.index(signed);
        let mut changed = record.clone();
        match deed {
            Deed::Alter => changed.rows[at].1.object.push('x'),
            Deed::Duplicate => {
                let row = changed.rows[at].clone();
                changed.rows.insert(at + 1, row);
            }
            Deed::Remove => { changed.rows.remove(at); }
            Deed::Swap => {
                let other = changed.rows[(at + 1) % signed].clone();
                prop_assume!(signed > 1);
                let (event, link) = (other.1, changed.rows[at].2.clone());
                changed.rows[at] = (changed.rows[at].0, event, link);
            }
        }
        prop_assert!(changed.examine(None).faults > 0, "{:?} at {}", deed, at);
    }
}
