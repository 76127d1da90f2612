//! Runs a suite and settles its findings with its exceptions.
//!
//! An unexpected answer fails the run, and so do an exception that is no longer true, one that names no
//! case, one that the suite does not permit, and one without a clause and a reason.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

use crate::path_corpora::case::Case;
use crate::path_corpora::case::Expected;
use crate::path_corpora::case::Finding;
use crate::path_corpora::exceptions::Exception;
use crate::path_corpora::judge::Judge;

/// What a suite calls things, and which exceptions it permits.
pub(super) struct Suite<'a> {
    pub(super) name: &'a str,
    /// The corpus's words for accepted and refused.
    pub(super) words: [&'a str; 2],
    pub(super) exceptions: &'a [Exception],
    /// Whether a case may be answered in this way, if an exception says why.
    pub(super) permits: &'a dyn Fn(&Case, &Finding) -> bool,
}

impl Suite<'_> {
    /// A suite without exceptions.
    pub(super) fn strict(name: &str) -> Suite<'_> {
        Suite {
            name,
            words: ["accepted", "refused"],
            exceptions: &[],
            permits: &|_, _| false,
        }
    }

    fn word(&self, expected: Expected) -> &str {
        let [accepted, refused] = self.words;
        match expected {
            Expected::Accepted => accepted,
            Expected::Refused => refused,
        }
    }
}

/// How a suite went.
#[derive(Debug, Default)]
pub(super) struct Settlement {
    pub(super) cases: usize,
    pub(super) as_expected: usize,
    pub(super) excepted: usize,
    /// What fails the run, one line each.
    pub(super) problems: Vec<String>,
}

/// Puts all cases to `judge`, two at a time, and prints one line.
pub(super) fn run(suite: &Suite<'_>, cases: &[Case], judge: Judge<'_>) -> Settlement {
    let findings = find(cases, judge);
    let settlement = settle(suite, cases, &findings);
    print(suite, &settlement);
    settlement
}

const THREADS: usize = 2;

/// Problems of a suite that are shown.
const SHOWN: usize = 60;

fn find(cases: &[Case], judge: Judge<'_>) -> Vec<Finding> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut found = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(number) else {
                return found;
            };
            found.push((number, case.run(judge)));
        }
    };
    let mut found: Vec<(usize, Finding)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    found.sort_by_key(|(number, _)| *number);
    found.into_iter().map(|(_, finding)| finding).collect()
}

fn settle(suite: &Suite<'_>, cases: &[Case], findings: &[Finding]) -> Settlement {
    let mut settlement = Settlement {
        cases: cases.len(),
        ..Settlement::default()
    };
    let mut exceptions: BTreeMap<&str, &Exception> = BTreeMap::new();
    for exception in suite.exceptions {
        let id = exception.id.as_str();
        if exceptions.insert(id, exception).is_some() {
            settlement.problems.push(format!("{id}: excepted twice"));
        }
    }
    for (case, finding) in cases.iter().zip(findings) {
        let id = &case.id;
        match (exceptions.remove(id.as_str()), finding) {
            (None, Finding::AsExpected) => settlement.as_expected += 1,
            (None, other) => settlement.problems.push(format!("{id}: {other}")),
            (Some(_), Finding::AsExpected) => {
                settlement.problems.push(format!("{id}: stale exception"));
            }
            (Some(exception), other) => match refuse(suite, case, other, exception) {
                None => settlement.excepted += 1,
                Some(why) => settlement.problems.push(format!("{id}: {why}; {other}")),
            },
        }
    }
    let unknown = exceptions
        .keys()
        .map(|id| format!("{id}: excepted, but no case"));
    settlement.problems.extend(unknown);
    settlement
}

/// Why an exception does not cover what was found.
fn refuse(
    suite: &Suite<'_>,
    case: &Case,
    finding: &Finding,
    exception: &Exception,
) -> Option<&'static str> {
    let actual = match finding {
        Finding::WrongAccept(_) => Expected::Accepted,
        Finding::WrongRefusal(_) => Expected::Refused,
        Finding::AsExpected | Finding::Broken(_) => return Some("nothing that can be excepted"),
    };
    if !(suite.permits)(case, finding) {
        return Some("may not be excepted");
    }
    if exception.expected != suite.word(case.expected) || exception.actual != suite.word(actual) {
        return Some("the exception says otherwise");
    }
    if exception.clause.trim().is_empty() || exception.reason.trim().is_empty() {
        return Some("the exception gives no clause or no reason");
    }
    None
}

#[expect(clippy::print_stderr, reason = "the counts are what these tests show")]
fn print(suite: &Suite<'_>, settlement: &Settlement) {
    let Settlement {
        cases,
        as_expected,
        excepted,
        problems,
    } = settlement;
    eprintln!(
        "{}: {as_expected} of {cases} as expected, {excepted} excepted, {} problems",
        suite.name,
        problems.len()
    );
}

impl Settlement {
    /// Fails with the problems, the worst first.
    pub(super) fn assert_clean(&self) {
        let mut problems: Vec<&String> = self.problems.iter().collect();
        problems.sort_by_key(|problem| !problem.contains("WRONG ACCEPT"));
        let count = problems.len();
        problems.truncate(SHOWN);
        assert!(
            count == 0 && self.cases > 0,
            "{count} problems in {} cases: {problems:#?}",
            self.cases
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path_corpora::judge::Outcome;
    use crate::path_corpora::question::Question;

    fn case(id: &str, expected: Expected) -> Case {
        let question = Question {
            at: id.to_owned(),
            ..Question::default()
        };
        Case {
            id: id.to_owned(),
            questions: vec![question],
            expected,
            policies: None,
            why: String::new(),
        }
    }

    fn exception(id: &str, expected: &str, actual: &str) -> Exception {
        Exception {
            id: id.to_owned(),
            expected: expected.to_owned(),
            actual: actual.to_owned(),
            clause: "RFC 5280 §6.1".to_owned(),
            reason: "because".to_owned(),
        }
    }

    /// The problems of three cases, of which "a" should be accepted and is refused, "b" should be refused
    /// and is accepted, and "c" is as it should be.
    fn problems(exceptions: &[Exception], permitted: &[&str]) -> Vec<String> {
        let cases = [
            case("a", Expected::Accepted),
            case("b", Expected::Refused),
            case("c", Expected::Refused),
        ];
        let judge = |question: &Question| {
            Ok(Outcome {
                passed: question.at == "b",
                indication: String::new(),
                sub_indication: None,
                reasons: Vec::new(),
                policies: Default::default(),
                path: Vec::new(),
            })
        };
        let suite = Suite {
            name: "stub",
            words: ["yes", "no"],
            exceptions,
            permits: &|case, _| permitted.contains(&case.id.as_str()),
        };
        let settlement = run(&suite, &cases, &judge);
        let settled = settlement.as_expected + settlement.excepted;
        assert!(settled + settlement.problems.len() >= cases.len());
        settlement.problems
    }

    #[test]
    fn an_unexpected_answer_is_a_problem() {
        let found = problems(&[], &["a", "b"]);
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("a: wrong refusal"), "{found:?}");
        assert!(found[1].starts_with("b: WRONG ACCEPT"), "{found:?}");
    }

    #[test]
    fn an_exception_that_is_permitted_and_true_settles() {
        let written = [exception("a", "yes", "no"), exception("b", "no", "yes")];
        assert_eq!(problems(&written, &["a", "b"]), [""; 0]);
        assert!(problems(&written, &["a"])[0].starts_with("b: may not be excepted"));
    }

    #[test]
    fn an_exception_that_says_otherwise_or_nothing_is_a_problem() {
        let other = [exception("a", "yes", "no"), exception("b", "no", "no")];
        assert!(problems(&other, &["a", "b"])[0].starts_with("b: the exception says otherwise"));
        let mut silent = [exception("a", "yes", "no"), exception("b", "no", "yes")];
        silent[1].clause = " ".to_owned();
        assert!(problems(&silent, &["a", "b"])[0].starts_with("b: the exception gives no clause"));
    }

    #[test]
    fn stale_unknown_and_repeated_exceptions_are_problems() {
        let settled = [exception("a", "yes", "no"), exception("b", "no", "yes")];
        let with = |more: Exception| [settled.to_vec(), vec![more]].concat();
        let all = ["a", "b", "c"];
        let stale = problems(&with(exception("c", "no", "yes")), &all);
        assert_eq!(stale, ["c: stale exception"]);
        let unknown = problems(&with(exception("d", "no", "yes")), &all);
        assert_eq!(unknown, ["d: excepted, but no case"]);
        let twice = problems(&with(exception("a", "yes", "no")), &all);
        assert_eq!(twice, ["a: excepted twice"]);
    }

    #[test]
    fn what_is_no_report_cannot_be_excepted() {
        let suite = Suite {
            permits: &|_, _| true,
            exceptions: &[exception("a", "accepted", "refused")],
            ..Suite::strict("stub")
        };
        let cases = [case("a", Expected::Accepted)];
        let found = run(&suite, &cases, &|_| Err("panicked".to_owned()));
        assert!(found.problems[0].starts_with("a: nothing that can be excepted"));
    }

    #[test]
    #[should_panic(expected = "0 problems in 0 cases")]
    fn no_cases_are_no_success() {
        run(&Suite::strict("stub"), &[], &|_| Err(String::new())).assert_clean();
    }
}
