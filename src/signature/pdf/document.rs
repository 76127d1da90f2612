//! The facts of a PDF: its signatures and timestamps, what each covers, and what was changed after it.

use std::cell::OnceCell;
use std::collections::HashSet;

use crate::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::pki::revocation::evidence::Evidence;
use crate::signature::facts::AttributeFact;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Fault;
use crate::signature::facts::FaultWeight;
use crate::signature::facts::Imprint;
use crate::signature::facts::SignatureFacts;
use crate::signature::facts::TimestampFacts;
use crate::signature::facts::TimestampKind;
use crate::signature::facts::modification::ChangeFact;
use crate::signature::facts::modification::ChangeKind;
use crate::signature::facts::modification::MAX_CHANGES;
use crate::signature::facts::modification::ModificationExtent;
use crate::signature::facts::modification::ModificationFacts;
use crate::signature::pdf::active;
use crate::signature::pdf::byte_range::ByteRange;
use crate::signature::pdf::changes;
use crate::signature::pdf::changes::Change;
use crate::signature::pdf::changes::Side;
use crate::signature::pdf::date::date;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::file::PdfFile;
use crate::signature::pdf::file::Revision;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::permissions::Permissions;
use crate::signature::pdf::security_store;
use crate::signature::pdf::security_store::SecurityStore;
use crate::signature::pdf::signature_field;
use crate::signature::pdf::signature_field::SignedField;
use crate::signature::pdf::value;
use crate::signature::pdf::value::Covered;
use crate::signature::pdf::value::SubFilter;

/// Signatures and timestamps that are read of one document.
const MAX_SIGNATURES: usize = 64;
/// Revisions whose changes are told one after the other.
const MAX_REVISIONS: usize = 64;

/// What was read of a PDF.
#[derive(Debug, Default)]
pub struct PdfFacts {
    /// Its signatures, in the order of the revisions that they cover.
    pub signatures: Vec<SignatureFacts>,
    /// Its document timestamps, where no signature is there to say that they belong to it.
    pub timestamps: Vec<TimestampFacts>,
    /// Certificates of its security store.
    pub certificates: Vec<Certificate>,
    /// CRLs and OCSP responses of its security store.
    pub evidence: Evidence,
    /// Its revisions, the first first.
    pub revisions: Vec<RevisionFacts>,
    /// What could not be read of its security store.
    pub left_out: Vec<String>,
    /// Scripts, actions and files that it holds.
    pub active: Vec<String>,
    /// Whether it is encrypted, and whether it opened.
    pub encryption: Option<EncryptionFact>,
}

/// What is known of a document that is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EncryptionFact {
    /// It stays encrypted, and why: only what never is encrypted was read.
    Closed(String),
    /// It opens without a password.
    Opened,
}

/// One revision of a PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionFacts {
    /// How many bytes the file had when it ended.
    pub end_bytes: usize,
    /// The signatures that cover it and nothing after it, by their places in the list.
    pub signatures: Vec<usize>,
    /// The times of the document timestamps that do.
    pub timestamps: Vec<Timestamp>,
    /// What it changed of the revision before.
    pub changes: Vec<ChangeFact>,
    /// Why that cannot be said, where it cannot.
    pub undecided: Option<String>,
}

/// Reads a PDF and computes with its signatures.
///
/// # Errors
/// [`PdfError`]: there is no document whose signatures could be found.
pub fn read(bytes: &[u8]) -> Result<PdfFacts, PdfError> {
    let file = PdfFile::new(bytes);
    let current = file.current()?;
    let signed = match signature_field::signed_fields(&current) {
        Ok(signed) => signed,
        Err(error) => {
            let open = signature_field::signatures_in_the_open(&current);
            if open.is_empty() || current.closed().is_none() {
                return Err(error);
            }
            open
        }
    };
    if signed.len() > MAX_SIGNATURES {
        let (what, maximum) = ("signatures", MAX_SIGNATURES);
        return Err(PdfError::Limit { what, maximum });
    }
    let reading = Reading {
        file: &file,
        current: &current,
        shown: OnceCell::new(),
    };
    Ok(reading.facts(signed))
}

struct Reading<'f, 'a> {
    file: &'f PdfFile<'a>,
    current: &'f Revision<'f, 'a>,
    /// The document that is shown, to be put beside others; read where there are any.
    shown: OnceCell<Result<Side<'f, 'f, 'a>, PdfError>>,
}

/// A signature or a timestamp, and what it covers.
struct Found<T> {
    facts: T,
    /// Where what it covers ends; none where that cannot be said.
    end: Option<usize>,
    /// Its place among the signed fields.
    place: usize,
}

impl Found<SignatureFacts> {
    /// Whether nothing says that nobody signed the document with it. One that cannot be computed has a verdict of
    /// its own, which is no better.
    fn may_hold(&self) -> bool {
        let refuses = |fault: &Fault| fault.weight != FaultWeight::Irregular;
        self.facts.integrity.intact() != Some(false) && !self.facts.faults.iter().any(refuses)
    }
}

impl Found<TimestampFacts> {
    /// As for signatures.
    fn may_hold(&self) -> bool {
        let signature = self.facts.signature.as_ref();
        let is_broken = signature.is_none_or(|facts| facts.integrity.intact() == Some(false));
        !is_broken && self.facts.imprint != Imprint::Differs && self.facts.malformed.is_none()
    }
}

impl Reading<'_, '_> {
    fn facts(&self, signed: Vec<SignedField>) -> PdfFacts {
        let store = SecurityStore::read(self.current);
        let mut signatures = Vec::new();
        let mut timestamps = Vec::new();
        for (place, field) in signed.iter().enumerate() {
            match SubFilter::of(&field.value) {
                Ok(SubFilter::Timestamp) => timestamps.push(self.timestamp(field, place)),
                kind => signatures.push(self.signature((field, place), kind)),
            }
        }
        let broken = signatures.iter().filter(|found| !found.may_hold());
        let broken_stamps = timestamps.iter().filter(|found| !found.may_hold());
        let broken: HashSet<&str> = broken
            .map(|found| found.place)
            .chain(broken_stamps.map(|found| found.place))
            .filter_map(|place| signed.get(place))
            .map(|signed| signed.field.name.as_str())
            .collect();
        for found in &mut signatures {
            if found.facts.coverage == ContentCoverage::Revision
                && let Some((signed, end)) = signed.get(found.place).zip(found.end)
            {
                found.facts.modifications = Some(self.modifications(signed, end, &broken));
            }
        }
        signatures.sort_by_key(|found| found.end.unwrap_or(usize::MAX));
        timestamps.sort_by_key(|found| found.end.unwrap_or(usize::MAX));
        let revisions = self.revisions(&signatures, &timestamps);
        for found in &mut signatures {
            self.add_timestamps(found, &timestamps);
        }
        let is_signed = !signatures.is_empty();
        let timestamps = timestamps.into_iter().map(|found| found.facts);
        PdfFacts {
            signatures: signatures.into_iter().map(|found| found.facts).collect(),
            timestamps: timestamps.filter(|_| !is_signed).collect(),
            certificates: store.certificates,
            evidence: store.evidence,
            revisions,
            left_out: store.left_out,
            active: active::found(self.current).unwrap_or_default(),
            encryption: self.encryption(),
        }
    }

    fn encryption(&self) -> Option<EncryptionFact> {
        self.current.encryption()?;
        Some(match self.current.closed() {
            Some(why) => EncryptionFact::Closed(why.to_owned()),
            None => EncryptionFact::Opened,
        })
    }

    fn signature(
        &self,
        (signed, place): (&SignedField, usize),
        sub_filter: Result<SubFilter, String>,
    ) -> Found<SignatureFacts> {
        let bytes = self.file.bytes();
        let range = ByteRange::read(signed.value.get("ByteRange"), bytes.len());
        let contents = value::contents(&signed.value);
        let (mut facts, range) = match (range, contents, &sub_filter) {
            (Ok(range), Ok((contents, fault)), Ok(sub_filter)) => {
                let covered = Covered {
                    file: bytes,
                    range: &range,
                };
                let mut facts = value::facts(&signed.value, (contents, *sub_filter), covered);
                facts.faults.extend(fault);
                (facts, Some(range))
            }
            (Err(error), ..) => {
                let facts = SignatureFacts::malformed("PDF", "ByteRange", error.to_string());
                (facts, None)
            }
            (Ok(range), Err(error), _) => {
                let facts = SignatureFacts::malformed("PDF", "Contents", error);
                (facts, Some(range))
            }
            (Ok(range), Ok(_), Err(error)) => {
                let mut facts = SignatureFacts::malformed("PDF", "SubFilter", error.clone());
                facts.faults = vec![Fault::unprocessed("SubFilter", error.clone())];
                (facts, Some(range))
            }
        };
        facts.format = self.format_of(&facts, sub_filter.as_ref().ok().copied());
        facts.coverage = ContentCoverage::Unknown;
        facts.claimed_at = facts.claimed_at.or(date(signed.value.get("M")));
        describe(&mut facts, signed);
        if let Some(range) = &range {
            self.cover(&mut facts, signed, range);
        }
        let end = range.map(|range| range.end());
        Found { facts, end, place }
    }

    /// What the signature covers, and that nothing was changed where it covers the whole file.
    fn cover(&self, facts: &mut SignatureFacts, signed: &SignedField, range: &ByteRange) {
        let bytes = self.file.bytes();
        if let Err(error) = range.check(&signed.value) {
            facts.coverage = ContentCoverage::Partial;
            facts
                .faults
                .push(Fault::broken("ByteRange", error.to_string()));
            return;
        }
        if range.reaches_end_of(bytes) {
            facts.coverage = ContentCoverage::Whole;
            facts.modifications = Some(ModificationFacts::none());
            return;
        }
        let revision = match self.file.revision(range.end()) {
            Ok(revision) if revision.reaches(range.end()) => revision,
            Ok(revision) => {
                facts.coverage = ContentCoverage::Partial;
                let detail = format!(
                    "it ends at {}, where no revision ends; the last one before ends at {}",
                    range.end(),
                    revision.end()
                );
                facts.faults.push(Fault::broken("ByteRange", detail));
                return;
            }
            Err(error) => {
                facts.coverage = ContentCoverage::Partial;
                let detail = format!("what it covers is no document: {error}");
                facts.faults.push(Fault::broken("ByteRange", detail));
                return;
            }
        };
        let is_in_it = |id| revision.location(id) == self.current.location(id);
        let own = signed.value_id.or(signed.field.id);
        if !own.is_none_or(is_in_it) {
            facts.coverage = ContentCoverage::Partial;
            let detail = "the signature is not part of the revision that it covers";
            facts.faults.push(Fault::broken("ByteRange", detail));
            return;
        }
        facts.coverage = ContentCoverage::Revision;
    }

    /// What was done after a signature that ends at `end`. What fields show whose signatures are
    /// `broken` may be anybody's.
    fn modifications(
        &self,
        signed: &SignedField,
        end: usize,
        broken: &HashSet<&str>,
    ) -> ModificationFacts {
        if !self.current.reaches(self.file.bytes().len()) {
            return ModificationFacts::unknown("what follows the last revision is no revision");
        }
        if let Some(why) = self.current.closed() {
            return ModificationFacts::unknown(format!("the document is encrypted: {why}"));
        }
        let is_signed = |change: &Change| {
            let is_signature = [ChangeKind::DocumentTimestamp, ChangeKind::Signature];
            let field = change.field.as_deref();
            !is_signature.contains(&change.kind) || field.is_some_and(|name| !broken.contains(name))
        };
        let found = self.file.revision(end).and_then(|revision| {
            let permissions = Permissions::of(signed, &revision)?;
            let signed = Side::read(&revision)?;
            Ok((changes::changes(&signed, self.shown()?)?, permissions))
        });
        match found {
            Ok((changes, permissions)) => {
                let changes: Vec<ChangeFact> = changes
                    .iter()
                    .map(|change| {
                        let permitted = permissions.allow(change) && is_signed(change);
                        change_fact(change, permitted)
                    })
                    .collect();
                let extent = match () {
                    () if changes.iter().any(|change| !change.permitted) => {
                        ModificationExtent::Forbidden
                    }
                    () if changes.is_empty() => ModificationExtent::None,
                    () => ModificationExtent::Permitted,
                };
                ModificationFacts {
                    extent,
                    changes: listed(changes),
                    undecided: None,
                }
            }
            Err(error) => ModificationFacts::unknown(error.to_string()),
        }
    }

    fn shown(&self) -> Result<&Side<'_, '_, '_>, PdfError> {
        let shown = self.shown.get_or_init(|| Side::read(self.current));
        shown.as_ref().map_err(PdfError::clone)
    }

    fn timestamp(&self, signed: &SignedField, place: usize) -> Found<TimestampFacts> {
        let bytes = self.file.bytes();
        let malformed = |why: String| TimestampFacts {
            kind: TimestampKind::Archive,
            time: None,
            imprint: Imprint::Unknown,
            signature: None,
            malformed: Some(why),
            covers: Vec::new(),
        };
        let range = match ByteRange::read(signed.value.get("ByteRange"), bytes.len()) {
            Ok(range) => range,
            Err(error) => {
                let (facts, end) = (malformed(format!("ByteRange: {error}")), None);
                return Found { facts, end, place };
            }
        };
        let covered = Covered {
            file: bytes,
            range: &range,
        };
        let read = range
            .check(&signed.value)
            .map_err(|error| format!("ByteRange: {error}"))
            .and_then(|()| value::contents(&signed.value))
            .and_then(|(contents, _)| value::timestamp(contents, covered));
        let facts = match read {
            Ok(facts) => TimestampFacts {
                kind: TimestampKind::Archive,
                ..facts
            },
            Err(why) => malformed(why),
        };
        let end = Some(range.end());
        Found { facts, end, place }
    }

    /// Document timestamps that cover a signature prove that it existed, and the timestamps before them as well; those
    /// that it covers prove that it was made later.
    fn add_timestamps(
        &self,
        found: &mut Found<SignatureFacts>,
        timestamps: &[Found<TimestampFacts>],
    ) {
        let Some(end) = found.end else {
            return;
        };
        let is_later = |stamp: &&Found<TimestampFacts>| stamp.end.is_some_and(|at| at >= end);
        for stamp in timestamps.iter().filter(|stamp| !is_later(stamp)) {
            found.facts.timestamps.push(TimestampFacts {
                kind: TimestampKind::Content,
                ..stamp.facts.clone()
            });
        }
        for stamp in timestamps.iter().filter(is_later) {
            let before = found.facts.timestamps.len();
            found.facts.timestamps.push(TimestampFacts {
                covers: (0..before).collect(),
                ..stamp.facts.clone()
            });
        }
        let ends: Vec<usize> = timestamps
            .iter()
            .filter(is_later)
            .filter_map(|stamp| stamp.end)
            .collect();
        self.raise_level(&mut found.facts, &ends);
    }

    /// The levels of ETSI EN 319 142-1 §6, by what is there.
    fn raise_level(&self, facts: &mut SignatureFacts, stamped: &[usize]) {
        if facts.format != BASELINE_B {
            return;
        }
        let is_stamped = !stamped.is_empty()
            || facts
                .timestamps
                .iter()
                .any(|stamp| stamp.kind == TimestampKind::Signature);
        let holds_evidence = |end: &usize| {
            let revision = self.file.revision(*end);
            revision.is_ok_and(|revision| security_store::has_evidence(&revision))
        };
        let level = match () {
            () if stamped.iter().any(holds_evidence) => "LTA",
            () if is_stamped && security_store::has_evidence(self.current) => "LT",
            () if is_stamped => "T",
            () => "B",
        };
        facts.format = format!("PAdES-BASELINE-{level}");
    }

    fn format_of(&self, facts: &SignatureFacts, sub_filter: Option<SubFilter>) -> String {
        let is_named = facts.reference != CertificateReference::Absent;
        match sub_filter {
            Some(SubFilter::Cades) if is_named => BASELINE_B,
            Some(SubFilter::GmSeal) => "PDF-SES",
            _ => "PDF",
        }
        .to_owned()
    }

    fn revisions(
        &self,
        signatures: &[Found<SignatureFacts>],
        timestamps: &[Found<TimestampFacts>],
    ) -> Vec<RevisionFacts> {
        let ends = self.current.history();
        let documents: Vec<_> = ends.iter().map(|end| self.file.revision(end.end)).collect();
        let mut revisions = Vec::new();
        // The later one of two is the earlier one of the next two.
        let mut read: Option<Result<Side<'_, '_, '_>, PdfError>> = None;
        for (place, end) in ends.iter().map(|end| end.end).enumerate() {
            let begins = place.checked_sub(1).and_then(|before| ends.get(before));
            let begins = begins.map_or(0, |before| before.end);
            let is_in = |found: Option<usize>| {
                found.is_some_and(|at| begins < at && at <= end.saturating_add(2))
            };
            let before = place
                .checked_sub(1)
                .and_then(|before| documents.get(before));
            let before = before.and_then(|before| before.as_ref().ok());
            let read_before = read.take();
            let changes = match (before, documents.get(place)) {
                (_, Some(Err(error))) => Err(error.clone()),
                (Some(old), Some(Ok(new))) if place < MAX_REVISIONS => {
                    let old = read_before.unwrap_or_else(|| Side::read(old));
                    let new = read.insert(Side::read(new));
                    match (&old, &*new) {
                        (Ok(old), Ok(new)) => changes::changes(old, new),
                        (Err(error), _) | (_, Err(error)) => Err(error.clone()),
                    }
                }
                _ => Ok(Vec::new()),
            };
            let (changes, undecided) = match changes {
                Ok(changes) => (changes, None),
                Err(why) => (Vec::new(), Some(why.to_string())),
            };
            revisions.push(RevisionFacts {
                end_bytes: end,
                signatures: places(signatures, is_in),
                timestamps: places(timestamps, is_in)
                    .into_iter()
                    .filter_map(|place| timestamps.get(place)?.facts.time)
                    .collect(),
                changes: listed(
                    changes
                        .iter()
                        .map(|change| change_fact(change, true))
                        .collect(),
                ),
                undecided,
            });
        }
        revisions
    }
}

const BASELINE_B: &str = "PAdES-BASELINE-B";

fn places<T>(found: &[Found<T>], is_in: impl Fn(Option<usize>) -> bool) -> Vec<usize> {
    let places = found.iter().enumerate();
    places
        .filter(|(_, found)| is_in(found.end))
        .map(|(place, _)| place)
        .collect()
}

fn change_fact(change: &Change, permitted: bool) -> ChangeFact {
    ChangeFact {
        kind: change.kind,
        permitted,
        place: change.place.label.to_string(),
        object: change.object.map(|id| id.to_string()),
        page: change.place.page,
    }
}

/// Those that weigh most, where there are more than are listed.
fn listed(mut changes: Vec<ChangeFact>) -> Vec<ChangeFact> {
    changes.sort_by_key(|change| change.permitted);
    changes.truncate(MAX_CHANGES);
    changes
}

/// What the signature dictionary says beside (ISO 32000-2 table 255).
fn describe(facts: &mut SignatureFacts, signed: &SignedField) {
    const TOLD: [&str; 6] = [
        "Filter",
        "SubFilter",
        "Name",
        "Reason",
        "Location",
        "ContactInfo",
    ];
    let mut told = vec![("field", signed.field.shown_name())];
    for key in TOLD {
        let value = match signed.value.get(key) {
            Some(Object::String(text)) => text.shown(),
            Some(Object::Name(name)) => name.to_string(),
            _ => continue,
        };
        told.push((key, value));
    }
    facts
        .attributes
        .extend(told.into_iter().map(|(name, value)| AttributeFact {
            name: name.to_owned(),
            signed: true,
            value: value.chars().take(MAX_TOLD_CHARACTERS).collect(),
        }));
}

/// Characters of a reason or a location that are told.
const MAX_TOLD_CHARACTERS: usize = 256;
