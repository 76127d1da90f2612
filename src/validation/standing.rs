//! How a trust anchor stands with a caller: the one place where recognition is decided.
//!
//! A verification asks it of one caller's [`TrustProfile`](crate::validation::profile::TrustProfile), and the
//! question who accepts a document asks it of the recognition table, for everybody. [`Consulted`] notes what a
//! verdict asked: for whoever gives the same answers, the verdict is the same.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::pki::trust_anchor::TrustAnchor;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::TrustStore;
use crate::validation::trust_store::Usage;

/// How an anchor of a known CA stands with a caller for one usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is accepted.
    Accepted,
    /// The CA is recognised for the usage, by other anchors of it.
    AnchorNotRecognised,
    /// The CA's own `ca.toml` does not permit the usage: no recognition would help.
    NotPermitted,
    /// The CA is recognised for nothing.
    NotRecognised,
    /// The CA is recognised for something else.
    UsageNotRecognised,
}

/// What one line in force gives: which anchors of the CA, and whether for the usage in question.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'a> {
    /// The anchors.
    pub anchors: &'a [Sha256],
    /// Whether it is about the usage.
    pub for_usage: bool,
}

/// What recognition asks of a CA: its trust store, or what is kept of one.
pub trait KnownCa {
    /// Which CA.
    fn id(&self) -> &CaId;
    /// Whether it may vouch for a usage at all.
    fn permits(&self, usage: &Usage) -> bool;
    /// Whether an anchor is its own.
    fn has_anchor(&self, anchor: &Sha256) -> bool;
    /// Before this time it vouches for nothing.
    fn valid_from(&self) -> Option<Timestamp>;
}

impl KnownCa for TrustStore {
    fn id(&self) -> &CaId {
        &self.id
    }

    fn permits(&self, usage: &Usage) -> bool {
        self.usages.contains_key(usage)
    }

    fn has_anchor(&self, anchor: &Sha256) -> bool {
        self.anchors.iter().any(|known| known.id() == *anchor)
    }

    fn valid_from(&self) -> Option<Timestamp> {
        self.valid_from
    }
}

/// What recognition depends on of a CA's `ca.toml`, kept so that it can be decided again when the CA's folder
/// was changed or is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaTerms {
    /// Which CA.
    pub id: CaId,
    /// What it may vouch for.
    pub usages: BTreeSet<Usage>,
    /// Its anchors.
    pub anchors: Vec<Sha256>,
    /// Before this time it vouches for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// What is not proven to be older than this counts for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distrust_after: Option<Timestamp>,
}

impl CaTerms {
    /// Those of a trust store.
    #[must_use]
    pub fn of(store: &TrustStore) -> Self {
        Self {
            id: store.id.clone(),
            usages: store.usages.keys().cloned().collect(),
            anchors: store.anchors.iter().map(TrustAnchor::id).collect(),
            valid_from: store.valid_from,
            distrust_after: store.distrust_after,
        }
    }
}

impl KnownCa for CaTerms {
    fn id(&self) -> &CaId {
        &self.id
    }

    fn permits(&self, usage: &Usage) -> bool {
        self.usages.contains(usage)
    }

    fn has_anchor(&self, anchor: &Sha256) -> bool {
        self.anchors.contains(anchor)
    }

    fn valid_from(&self) -> Option<Timestamp> {
        self.valid_from
    }
}

impl Standing {
    /// Its name in what is kept with receipts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::AnchorNotRecognised => "anchor-not-recognised",
            Self::NotPermitted => "not-permitted",
            Self::NotRecognised => "not-recognised",
            Self::UsageNotRecognised => "usage-not-recognised",
        }
    }

    /// How `anchor` of `ca` stands for `usage`, by the lines in force about this CA.
    ///
    /// What the CA may vouch for at all comes first: where it may not, no recognition would help.
    #[must_use]
    pub fn of<'a>(
        (ca, anchor): (&impl KnownCa, Sha256),
        usage: &Usage,
        grants: impl IntoIterator<Item = Grant<'a>>,
    ) -> Self {
        if !ca.permits(usage) {
            return Self::NotPermitted;
        }
        let mut best = Self::NotRecognised;
        for grant in grants {
            if !grant.for_usage {
                if best == Self::NotRecognised {
                    best = Self::UsageNotRecognised;
                }
            } else if grant.anchors.contains(&anchor) {
                return Self::Accepted;
            } else {
                best = Self::AnchorNotRecognised;
            }
        }
        best
    }

    /// The reason that says so; none where it is accepted.
    #[must_use]
    pub const fn code(self) -> Option<ReasonCode> {
        match self {
            Self::Accepted => None,
            Self::AnchorNotRecognised => Some(ReasonCode::AnchorNotRecognised),
            Self::NotPermitted | Self::UsageNotRecognised => Some(ReasonCode::UsageNotPermitted),
            Self::NotRecognised => Some(ReasonCode::CaNotRecognised),
        }
    }
}

/// The line that said no, or that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SaidNo {
    /// The CA's own `ca.toml`.
    CaToml,
    /// A line of the recognition table that ended.
    Ended {
        /// When.
        at: Timestamp,
    },
    /// The request, which asked for other CAs only.
    Narrowing,
    /// Nobody ever wrote such a line.
    NoRow,
    /// A line that is yet to begin.
    NotBegun {
        /// When.
        at: Timestamp,
    },
    /// A line that pins other anchors.
    OtherAnchors,
    /// A line that refuses, whatever holds for the caller's kind.
    Refused,
}

/// Why a line of the recognition table does not say yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lapse {
    /// It ended.
    Ended(Timestamp),
    /// It is yet to begin.
    NotBegun(Timestamp),
    /// It is in force, and refuses.
    Refused,
}

impl SaidNo {
    /// Which line said no to an anchor of this `standing`; `lapses` are those of the lines that refuse, or would have
    /// said yes if they were in force. A refusal counts first, then the one that ended last, else the one that begins
    /// first.
    #[must_use]
    pub fn of(standing: Standing, lapses: impl IntoIterator<Item = Lapse>) -> Self {
        if standing == Standing::NotPermitted {
            return Self::CaToml;
        }
        let (mut ended, mut begins) = (None, None);
        for lapse in lapses {
            match lapse {
                Lapse::Refused => return Self::Refused,
                Lapse::Ended(at) => ended = ended.max(Some(at)),
                Lapse::NotBegun(at) => {
                    begins = Some(begins.map_or(at, |known: Timestamp| known.min(at)))
                }
            }
        }
        match (ended, begins, standing) {
            (Some(at), ..) => Self::Ended { at },
            (None, Some(at), _) => Self::NotBegun { at },
            (None, None, Standing::AnchorNotRecognised) => Self::OtherAnchors,
            (None, None, _) => Self::NoRow,
        }
    }

    /// Its name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CaToml => "ca-toml",
            Self::Ended { .. } => "ended",
            Self::Narrowing => "narrowing",
            Self::NoRow => "none",
            Self::NotBegun { .. } => "not-begun",
            Self::OtherAnchors => "other-anchors",
            Self::Refused => "refused",
        }
    }

    /// Until when there was recognition.
    #[must_use]
    pub const fn until(self) -> Option<Timestamp> {
        match self {
            Self::Ended { at } => Some(at),
            Self::CaToml
            | Self::Narrowing
            | Self::NoRow
            | Self::NotBegun { .. }
            | Self::OtherAnchors
            | Self::Refused => None,
        }
    }

    /// From when on there will be recognition.
    #[must_use]
    pub const fn from(self) -> Option<Timestamp> {
        match self {
            Self::NotBegun { at } => Some(at),
            Self::CaToml
            | Self::Ended { .. }
            | Self::Narrowing
            | Self::NoRow
            | Self::OtherAnchors
            | Self::Refused => None,
        }
    }

    /// Names it in a reason.
    #[must_use]
    pub fn tell(self, reason: Reason) -> Reason {
        let reason = reason.with("row", self.as_str());
        let reason = match self.until() {
            Some(at) => reason.with("recognisedUntil", at.to_string()),
            None => reason,
        };
        match self.from() {
            Some(at) => reason.with("recognisedFrom", at.to_string()),
            None => reason,
        }
    }
}

/// One question that a verdict asked of a profile.
pub type Question = (Sha256, Usage);

/// Notes which anchors a verdict asked about, for which usage, and what it was told.
#[derive(Debug, Default)]
pub struct Consulted(RefCell<BTreeMap<Question, Standing>>);

impl Consulted {
    pub(super) fn note(&self, anchor: Sha256, usage: &Usage, standing: Standing) {
        self.0
            .borrow_mut()
            .insert((anchor, usage.clone()), standing);
    }

    /// Everything that was asked.
    #[must_use]
    pub fn into_answers(self) -> BTreeMap<Question, Standing> {
        self.0.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::fixture;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    #[test]
    fn the_line_that_says_yes_wins_whatever_order_they_come_in() {
        let ca = fixture::root("Root");
        let store = fixture::store("a", &[ca.certificate()], "");
        let (anchor, other) = (ca.certificate().sha256(), Sha256([1; 32]));
        let (own, others) = ([anchor], [other]);
        let grant = |anchors, for_usage| Grant { anchors, for_usage };
        let standing = |usage: &str, grants: &[Grant<'_>]| {
            let usage = fixture::usage(usage);
            let told = Standing::of((&store, anchor), &usage, grants.iter().copied());
            let turned = Standing::of((&store, anchor), &usage, grants.iter().rev().copied());
            assert_eq!(told, turned);
            told
        };
        assert_eq!(
            standing("banking", &[grant(&own, true)]),
            Standing::NotPermitted
        );
        assert_eq!(standing("tax", &[]), Standing::NotRecognised);
        assert_eq!(
            standing("tax", &[grant(&own, false)]),
            Standing::UsageNotRecognised
        );
        let other_anchor = [grant(&own, false), grant(&others, true)];
        assert_eq!(
            standing("tax", &other_anchor),
            Standing::AnchorNotRecognised
        );
        let all = [grant(&own, false), grant(&others, true), grant(&own, true)];
        assert_eq!(standing("tax", &all), Standing::Accepted);
    }

    #[test]
    fn the_last_end_is_told_before_the_first_beginning() {
        let of = |lapses: &[Lapse]| SaidNo::of(Standing::NotRecognised, lapses.iter().copied());
        assert_eq!(of(&[]), SaidNo::NoRow);
        let begins = [Lapse::NotBegun(at(9)), Lapse::NotBegun(at(7))];
        assert_eq!(of(&begins), SaidNo::NotBegun { at: at(7) });
        let both = [
            Lapse::Ended(at(1)),
            Lapse::NotBegun(at(7)),
            Lapse::Ended(at(3)),
        ];
        assert_eq!(of(&both), SaidNo::Ended { at: at(3) });
        let pinned = SaidNo::of(Standing::AnchorNotRecognised, []);
        assert_eq!(pinned, SaidNo::OtherAnchors);
        let permitted = SaidNo::of(Standing::NotPermitted, [Lapse::Ended(at(1))]);
        assert_eq!(permitted, SaidNo::CaToml);
    }
}
