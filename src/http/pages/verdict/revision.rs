//! How a document came to be what it is: each revision, who signed it, and what the next one changed.

use crate::http::language::Language;
use crate::http::pages::facts::grouped;
use crate::http::pages::moment::Moment;
use crate::http::pages::tone::Tone;
use crate::http::pages::verdict::signature::SignatureLines;
use crate::http::pages::verdict::signature::verdict;
use crate::validation::report::ChangeName;
use crate::validation::report::ChangeReport;
use crate::validation::report::Report;
use crate::validation::report::RevisionReport;

/// One revision.
#[derive(Debug)]
pub(super) struct RevisionLine {
    pub(super) number: usize,
    pub(super) size: String,
    pub(super) tone: Tone,
    /// Who signed it, with the verdict on that.
    pub(super) signed: Vec<SignedLine>,
    /// Timestamps over the whole document.
    pub(super) timestamps: Vec<StampedLine>,
    pub(super) changes: Vec<ChangeLine>,
    /// Why it cannot be said what it changed.
    pub(super) undecided: Option<String>,
}

#[derive(Debug)]
pub(super) struct SignedLine {
    pub(super) id: String,
    pub(super) signer: String,
    pub(super) at: Option<Moment>,
    pub(super) tone: Tone,
    pub(super) word: &'static str,
}

#[derive(Debug)]
pub(super) struct StampedLine {
    pub(super) at: Moment,
    pub(super) tone: Tone,
    pub(super) word: &'static str,
}

/// What it changed of the one before.
#[derive(Debug)]
pub(super) struct ChangeLine {
    pub(super) tone: Tone,
    pub(super) what: &'static str,
    pub(super) place: String,
    pub(super) page: Option<usize>,
    /// Whether a signature before forbids it.
    pub(super) forbidden: bool,
}

/// The revisions of a document that has several.
pub(super) fn revision_lines(
    report: &Report,
    signatures: &[SignatureLines],
    language: Language,
) -> Vec<RevisionLine> {
    let lines = report.revisions.iter();
    lines
        .map(|revision| revision_line(revision, (report, signatures), language))
        .collect()
}

fn revision_line(
    revision: &RevisionReport,
    (report, signatures): (&Report, &[SignatureLines]),
    language: Language,
) -> RevisionLine {
    let signed = report.signatures.iter().zip(signatures);
    let signed = signed.filter(|(signature, _)| revision.signatures.contains(&signature.id));
    let signed: Vec<SignedLine> = signed
        .map(|(signature, line)| SignedLine {
            id: line.id.clone(),
            signer: line.signer_name.clone(),
            at: signature.signing_time.claimed.map(Into::into),
            tone: line.tone,
            word: line.word,
        })
        .collect();
    let is_said = |change: &&ChangeReport| match change.kind {
        ChangeName::Signature => revision.signatures.is_empty(),
        ChangeName::DocumentTimestamp => revision.timestamps.is_empty(),
        ChangeName::Annotation
        | ChangeName::Content
        | ChangeName::Evidence
        | ChangeName::FieldAdded
        | ChangeName::FieldFilled
        | ChangeName::Metadata => true,
    };
    let changes: Vec<ChangeLine> = revision
        .changes
        .iter()
        .filter(is_said)
        .map(|change| change_line(change, report, language))
        .collect();
    let tone = match () {
        () if changes.iter().any(|change| change.forbidden) => Tone::Bad,
        () if revision.undecided.is_some() => Tone::Caution,
        () => signed
            .iter()
            .map(|line| line.tone)
            .max()
            .unwrap_or(Tone::Plain),
    };
    let size = u64::try_from(revision.size_bytes).unwrap_or(u64::MAX);
    RevisionLine {
        number: revision.number,
        size: format!("{}{}", grouped(size), language.of(" 字节", " bytes")),
        tone,
        signed,
        timestamps: revision
            .timestamps
            .iter()
            .map(|stamp| {
                let (tone, word) = verdict(stamp.indication, language);
                let at = stamp.time.into();
                StampedLine { at, tone, word }
            })
            .collect(),
        changes,
        undecided: revision.undecided.clone(),
    }
}

fn change_line(change: &ChangeReport, report: &Report, language: Language) -> ChangeLine {
    let (label, label_zh) = change.kind.labels();
    let after = report
        .signatures
        .iter()
        .flat_map(|signature| &signature.changes_after);
    let forbidden = after
        .filter(|other| other.permitted == Some(false))
        .any(|other| other.kind == change.kind && other.place == change.place);
    ChangeLine {
        tone: match forbidden {
            true => Tone::Bad,
            false => Tone::Plain,
        },
        what: language.of(label_zh, label),
        place: change.place.clone(),
        page: change.page,
        forbidden,
    }
}
