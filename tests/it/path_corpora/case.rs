//! One case of a corpus, and what came of it.

use std::collections::BTreeSet;

use crate::path_corpora::judge::Judge;
use crate::path_corpora::judge::Outcome;
use crate::path_corpora::question::Question;

/// What a corpus expects of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Accepted,
    Refused,
}

/// One case: a question, or the same one in several orders, which must have the same answer.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) questions: Vec<Question>,
    pub(super) expected: Expected,
    /// The valid policy set that an accepted path must have.
    pub(super) policies: Option<BTreeSet<String>>,
    /// Why the corpus expects it.
    pub(super) why: String,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    AsExpected,
    /// Refused, and should have been accepted.
    WrongRefusal(String),
    /// Accepted, and should have been refused.
    WrongAccept(String),
    /// No exception covers this: no report, another policy set, orders that disagree.
    Broken(String),
}

impl Case {
    /// Asks all questions and compares.
    pub(super) fn run(&self, judge: Judge<'_>) -> Finding {
        let mut findings = self
            .questions
            .iter()
            .map(|question| self.ask(judge, question));
        let Some(first) = findings.next() else {
            return Finding::Broken("asks nothing".to_owned());
        };
        for (order, other) in (1..).zip(findings) {
            if !first.is_like(&other) {
                return Finding::Broken(format!("{first}, but in order {order}: {other}"));
            }
        }
        first
    }

    fn ask(&self, judge: Judge<'_>, question: &Question) -> Finding {
        match judge(question) {
            Ok(outcome) => self.compare(&outcome),
            Err(broken) => Finding::Broken(broken),
        }
    }

    fn compare(&self, outcome: &Outcome) -> Finding {
        let told = || format!("{outcome}; {}", self.why);
        match (self.expected, outcome.passed) {
            (Expected::Accepted, false) => Finding::WrongRefusal(told()),
            (Expected::Refused, true) => Finding::WrongAccept(told()),
            (Expected::Accepted, true) => match &self.policies {
                Some(wanted) if *wanted != outcome.policies => {
                    Finding::Broken(format!("policies {:?}, not {wanted:?}", outcome.policies))
                }
                _ => Finding::AsExpected,
            },
            (Expected::Refused, false) => Finding::AsExpected,
        }
    }
}

impl Finding {
    fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AsExpected => write!(f, "as expected"),
            Self::WrongRefusal(told) => write!(f, "wrong refusal: {told}"),
            Self::WrongAccept(told) => write!(f, "WRONG ACCEPT: {told}"),
            Self::Broken(told) => write!(f, "broken: {told}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(passed: bool, policies: &[&str]) -> Outcome {
        Outcome {
            passed,
            indication: if passed {
                "TOTAL-PASSED"
            } else {
                "INDETERMINATE"
            }
            .to_owned(),
            sub_indication: None,
            reasons: Vec::new(),
            policies: policies.iter().copied().map(str::to_owned).collect(),
            path: Vec::new(),
        }
    }

    fn case(expected: Expected, policies: Option<&[&str]>) -> Case {
        let question = |at: &str| Question {
            at: at.to_owned(),
            ..Question::default()
        };
        Case {
            id: "1".to_owned(),
            questions: vec![question("first"), question("second")],
            expected,
            policies: policies.map(|set| set.iter().copied().map(str::to_owned).collect()),
            why: String::new(),
        }
    }

    #[test]
    fn answers_are_compared_with_what_is_expected() {
        let passed = |_: &Question| Ok(outcome(true, &["1.2"]));
        let refused = |_: &Question| Ok(outcome(false, &[]));
        let silent = |_: &Question| Err("panicked".to_owned());
        let accepted = case(Expected::Accepted, None);
        assert_eq!(accepted.run(&passed), Finding::AsExpected);
        assert!(matches!(accepted.run(&refused), Finding::WrongRefusal(_)));
        assert!(matches!(accepted.run(&silent), Finding::Broken(_)));
        let not = case(Expected::Refused, None);
        assert_eq!(not.run(&refused), Finding::AsExpected);
        assert!(matches!(not.run(&passed), Finding::WrongAccept(_)));
        assert!(matches!(not.run(&silent), Finding::Broken(_)));
    }

    #[test]
    fn another_policy_set_is_no_right_answer() {
        let passed = |_: &Question| Ok(outcome(true, &["1.2"]));
        let right = case(Expected::Accepted, Some(&["1.2"]));
        assert_eq!(right.run(&passed), Finding::AsExpected);
        for wrong in [&["1.2", "1.3"][..], &[]] {
            let case = case(Expected::Accepted, Some(wrong));
            assert!(matches!(case.run(&passed), Finding::Broken(_)));
        }
    }

    #[test]
    fn orders_that_disagree_are_no_right_answer() {
        let fickle = |question: &Question| Ok(outcome(question.at == "first", &[]));
        for expected in [Expected::Accepted, Expected::Refused] {
            assert!(matches!(
                case(expected, None).run(&fickle),
                Finding::Broken(_)
            ));
        }
    }
}
