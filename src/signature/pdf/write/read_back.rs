//! What was made, judged before it is given: by the reader that others are judged with.

use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Imprint;
use crate::signature::facts::Integrity;
use crate::signature::facts::SignatureFacts;
use crate::signature::facts::TimestampFacts;
use crate::signature::facts::modification::ModificationExtent;
use crate::signature::facts::modification::ModificationFacts;
use crate::signature::pdf::document;
use crate::signature::pdf::document::PdfFacts;
use crate::signature::pdf::write::error::PdfWriteError;

/// What was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    Evidence,
    Signature,
    Timestamp,
}

/// Requires that what was added is intact and covers the whole file, and that every signature before is as it was.
pub(super) fn require_sound(
    before: &[u8],
    after: &[u8],
    added: Added,
) -> Result<(), PdfWriteError> {
    let old = document::read(before)?;
    let new = document::read(after)?;
    for (number, (old, new)) in (1..).zip(old.signatures.iter().zip(&new.signatures)) {
        if let Some(detail) = spoilt(old, new) {
            return Err(PdfWriteError::EarlierSignature { number, detail });
        }
    }
    let refused = |why: &str| PdfWriteError::NotIntact(why.to_owned());
    let expected = match added {
        Added::Evidence | Added::Timestamp => old.signatures.len(),
        Added::Signature => old.signatures.len().saturating_add(1),
    };
    if new.signatures.len() != expected {
        return Err(refused("the signatures are others than before"));
    }
    match added {
        Added::Evidence => match new.left_out.len() > old.left_out.len() {
            true => Err(refused("the security store cannot be read")),
            false => Ok(()),
        },
        Added::Signature => match new.signatures.last() {
            Some(last) if last.integrity != Integrity::Intact => {
                Err(refused("the signature is not intact"))
            }
            Some(last) if last.coverage == ContentCoverage::Whole => Ok(()),
            Some(_) | None => Err(refused("the signature does not cover the document")),
        },
        Added::Timestamp => match last_timestamp(&new) {
            Some(last) if is_sound(last) => Ok(()),
            Some(_) | None => Err(refused("the timestamp is not of the document")),
        },
    }
}

fn last_timestamp(facts: &PdfFacts) -> Option<&TimestampFacts> {
    let of_signature = facts.signatures.last();
    let of_signature = of_signature.and_then(|signature| signature.timestamps.last());
    of_signature.or(facts.timestamps.last())
}

fn is_sound(timestamp: &TimestampFacts) -> bool {
    let signature = timestamp.signature.as_ref();
    timestamp.imprint == Imprint::Matches
        && signature.is_some_and(|signature| signature.integrity == Integrity::Intact)
}

/// What became worse about a signature, if anything did.
fn spoilt(old: &SignatureFacts, new: &SignatureFacts) -> Option<String> {
    if old.integrity != new.integrity {
        return Some("it is not intact any more".to_owned());
    }
    let is_covered_as_before = old.coverage == new.coverage
        || (old.coverage, new.coverage) == (ContentCoverage::Whole, ContentCoverage::Revision);
    if !is_covered_as_before || old.faults.len() < new.faults.len() {
        return Some("it does not cover its revision any more".to_owned());
    }
    let extent = |facts: &SignatureFacts| facts.modifications.as_ref().map(|found| found.extent);
    let allowed = extent(old).max(Some(ModificationExtent::Permitted));
    (extent(new) > allowed).then(|| described(new.modifications.as_ref()))
}

fn described(found: Option<&ModificationFacts>) -> String {
    let undecided = found.and_then(|found| found.undecided.clone());
    let first = found.and_then(|found| found.changes.iter().find(|change| !change.permitted));
    match (undecided, first) {
        (Some(why), _) => format!("what was changed after it cannot be said ({why})"),
        (None, Some(change)) => format!("it does not permit a change of {}", change.place),
        (None, None) => "more was changed after it than it permits".to_owned(),
    }
}
