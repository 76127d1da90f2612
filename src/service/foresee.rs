//! What a verdict would be if recognition answered otherwise, as far as what is kept with its receipt tells.
//!
//! Everything but recognition is taken over from the verdict of then. Where recognition refused something, the verdict
//! behind the refusal was judged and kept; beyond that, nothing that falls improves a verdict, and nothing that is
//! accepted in addition loses one.

use std::collections::BTreeMap;

use crate::credential::sd_jwt_vc::validate::StatusFinding;
use crate::crypto::digest::Sha256;
use crate::service::judge;
use crate::service::judge::Judging;
use crate::service::receipt_facts::AskedOfRecognition;
use crate::service::receipt_facts::RecognitionFacts;
use crate::service::receipt_facts::Verdict;
use crate::service::receipt_facts::is_refused_by_recognition;
use crate::service::submitted::Opened;
use crate::validation::report::Indication;
use crate::validation::report::Overall;
use crate::validation::report::SubIndication;
use crate::validation::standing::Consulted;
use crate::validation::standing::Question;
use crate::validation::standing::Standing;

/// A verdict and what it rests on.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    /// The verdict.
    pub verdict: Verdict,
    /// What it asked of recognition.
    pub recognition: &'a RecognitionFacts,
    /// For each signature the anchor at which its path ends.
    pub anchors: &'a [Option<Sha256>],
}

/// A verdict as it would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreseen {
    /// This one.
    Verdict(Verdict),
    /// `INDETERMINATE`, for one of several reasons of which it is not kept which would be told.
    Indeterminate,
    /// Only the document could tell.
    Unknown,
}

impl Foreseen {
    /// The verdict, where it is known in full.
    #[must_use]
    pub const fn verdict(self) -> Option<Verdict> {
        match self {
            Self::Verdict(verdict) => Some(verdict),
            Self::Indeterminate | Self::Unknown => None,
        }
    }
}

impl Grounds<'_> {
    /// The verdict if recognition accepted what `accepts` says.
    #[must_use]
    pub fn foresee(&self, accepts: impl Fn(&AskedOfRecognition) -> bool) -> Foreseen {
        let answers_fit = |asked: &[AskedOfRecognition]| {
            let mut asked = asked.iter();
            asked.all(|question| accepts(question) == question.is_accepted())
        };
        if answers_fit(&self.recognition.asked) {
            return Foreseen::Verdict(self.verdict);
        }
        let mut otherwise = self.recognition.otherwise.iter();
        if let Some(found) = otherwise.find(|one| answers_fit(&one.asked)) {
            return Foreseen::Verdict(found.verdict);
        }
        let asked = || self.recognition.asked.iter();
        let passed = self.verdict.indication == Indication::TotalPassed;
        if asked().any(|one| accepts(one) && !one.is_accepted()) && !passed {
            return Foreseen::Unknown;
        }
        let mut fallen = asked().filter(|one| one.is_accepted() && !accepts(one));
        match fallen.next() {
            None => Foreseen::Verdict(self.verdict),
            // Of what is no signer's path it is not kept what else would have been tried.
            Some(first)
                if [first]
                    .into_iter()
                    .chain(fallen)
                    .any(|one| !self.anchors.contains(&Some(one.anchor))) =>
            {
                Foreseen::Unknown
            }
            Some(_) => self.worsened(self.verdict, SubIndication::ChainConstraintsFailure),
        }
    }

    /// What becomes of a verdict when something that one of the signatures needs falls.
    #[must_use]
    pub fn worsened(&self, verdict: Verdict, sub_indication: SubIndication) -> Foreseen {
        // One of the others might still pass.
        if self.recognition.overall == Overall::Any && self.anchors.len() > 1 {
            return Foreseen::Unknown;
        }
        match verdict.indication {
            Indication::TotalPassed => Foreseen::Verdict(Verdict {
                indication: Indication::Indeterminate,
                sub_indication: Some(sub_indication),
            }),
            Indication::Indeterminate => Foreseen::Indeterminate,
            // Nothing is worse.
            Indication::TotalFailed => Foreseen::Verdict(verdict),
        }
    }
}

/// What the verdict would be where recognition refused: if every CA were recognised for the usage that decides, and, if
/// that leaves something refused, for everything.
pub(in crate::service) fn otherwise(
    answers: &BTreeMap<Question, Standing>,
    opened: &Opened,
    judging: &Judging<'_>,
    status: &StatusFinding,
) -> Vec<(Verdict, BTreeMap<Question, Standing>)> {
    let is_refused = |answers: &BTreeMap<Question, Standing>| {
        let mut standings = answers.values();
        standings.any(|standing| is_refused_by_recognition(*standing))
    };
    let decisive = match opened.document.credential() {
        Some(_) => &judging.profile.issuer_usage,
        None => &judging.profile.signer_usage,
    };
    let mut otherwise = Vec::new();
    let mut is_open = is_refused(answers);
    for usage in [Some(decisive), None] {
        if !is_open {
            break;
        }
        let profile = judging.profile.if_all_were_recognised(usage, judging.trust);
        let consulted = Consulted::default();
        let judging = Judging {
            profile: &profile,
            consulted: Some(&consulted),
            ..*judging
        };
        let mut report = judge::judge(&opened.document, &judging, status.clone()).report;
        opened.tell(&mut report);
        let answers = consulted.into_answers();
        is_open = is_refused(&answers);
        otherwise.push((Verdict::of(&report), answers));
    }
    otherwise
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::service::receipt_facts::Otherwise;
    use crate::validation::standing::Standing;
    use crate::validation::trust_store::CaId;
    use crate::validation::trust_store::Usage;

    const PASSED: Verdict = Verdict {
        indication: Indication::TotalPassed,
        sub_indication: None,
    };
    const REFUSED: Verdict = Verdict {
        indication: Indication::Indeterminate,
        sub_indication: Some(SubIndication::ChainConstraintsFailure),
    };
    const FORGED: Verdict = Verdict {
        indication: Indication::TotalFailed,
        sub_indication: Some(SubIndication::SigCryptoFailure),
    };

    fn asked(anchor: u8, standing: Standing) -> AskedOfRecognition {
        AskedOfRecognition {
            anchor: Sha256([anchor; 32]),
            ca: CaId::parse("alpha").unwrap(),
            usage: Usage::parse("banking").unwrap(),
            standing,
        }
    }

    fn facts(questions: &[(u8, Standing)], overall: Overall) -> RecognitionFacts {
        RecognitionFacts {
            at: Timestamp::UNIX_EPOCH,
            overall,
            asked: questions
                .iter()
                .map(|(anchor, standing)| asked(*anchor, *standing))
                .collect(),
            cas: Vec::new(),
            otherwise: Vec::new(),
        }
    }

    /// What becomes of `verdict` whose signatures end at `anchors` if just `accepted` are accepted.
    fn foreseen(
        verdict: Verdict,
        recognition: &RecognitionFacts,
        anchors: &[u8],
        accepted: &[u8],
    ) -> Foreseen {
        let ends: Vec<_> = anchors.iter().map(|one| Some(Sha256([*one; 32]))).collect();
        let grounds = Grounds {
            verdict,
            recognition,
            anchors: &ends,
        };
        grounds.foresee(|one| accepted.iter().any(|id| one.anchor == Sha256([*id; 32])))
    }

    #[test]
    fn the_same_answers_make_the_same_verdict() {
        let facts = facts(
            &[(1, Standing::Accepted), (2, Standing::NotPermitted)],
            Overall::All,
        );
        for verdict in [PASSED, REFUSED, FORGED] {
            assert_eq!(
                foreseen(verdict, &facts, &[1], &[1]),
                Foreseen::Verdict(verdict)
            );
        }
    }

    #[test]
    fn what_falls_on_a_signer_s_path_refuses_and_never_improves() {
        let facts = facts(&[(1, Standing::Accepted)], Overall::All);
        assert_eq!(
            foreseen(PASSED, &facts, &[1], &[]),
            Foreseen::Verdict(REFUSED)
        );
        assert_eq!(
            foreseen(FORGED, &facts, &[1], &[]),
            Foreseen::Verdict(FORGED)
        );
        assert_eq!(
            foreseen(REFUSED, &facts, &[1], &[]),
            Foreseen::Indeterminate
        );
        // It was a timestamp's.
        assert_eq!(foreseen(PASSED, &facts, &[9], &[]), Foreseen::Unknown);
    }

    #[test]
    fn of_several_signatures_of_which_one_suffices_nothing_is_foreseen() {
        let facts = facts(&[(1, Standing::Accepted)], Overall::Any);
        assert_eq!(foreseen(PASSED, &facts, &[1, 2], &[]), Foreseen::Unknown);
        assert_eq!(
            foreseen(PASSED, &facts, &[1], &[]),
            Foreseen::Verdict(REFUSED)
        );
    }

    #[test]
    fn a_grant_leads_to_what_was_judged_behind_the_refusal() {
        let refused = [(1, Standing::NotRecognised), (2, Standing::NotRecognised)];
        let mut facts = facts(&refused, Overall::All);
        assert_eq!(foreseen(REFUSED, &facts, &[1], &[1]), Foreseen::Unknown);
        for (verdict, accepted) in [(REFUSED, vec![1]), (PASSED, vec![1, 2])] {
            let standing = |one: u8| match accepted.contains(&one) {
                true => Standing::Accepted,
                false => Standing::NotRecognised,
            };
            facts.otherwise.push(Otherwise {
                asked: vec![asked(1, standing(1)), asked(2, standing(2))],
                verdict,
            });
        }
        let told = |accepted: &[u8]| foreseen(REFUSED, &facts, &[1], accepted);
        assert_eq!(told(&[1, 2]), Foreseen::Verdict(PASSED));
        assert_eq!(told(&[1]), Foreseen::Verdict(REFUSED));
        assert_eq!(told(&[2]), Foreseen::Unknown);
    }

    #[test]
    fn what_is_accepted_in_addition_loses_nothing() {
        let facts = facts(
            &[(1, Standing::Accepted), (2, Standing::NotRecognised)],
            Overall::All,
        );
        assert_eq!(
            foreseen(PASSED, &facts, &[1], &[1, 2]),
            Foreseen::Verdict(PASSED)
        );
    }
}
