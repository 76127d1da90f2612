//! Outcomes of this very second: certificates of issuers are met with each of their credentials, many times a second.
//!
//! What a certificate is worth depends on the time, but only through times that have whole seconds: those of
//! certificates and of revocation evidence (RFC 5280 §4.1.2.5, §5.1.2), of a CA's `ca.toml`, and the dates on which
//! algorithms become weak. All instants strictly within one second lie on the same side of each of them, so that one
//! outcome is that of all; with the second it is forgotten. Everything else that it depends on is the same, or it
//! is another outcome: the certificate and the profile (which changes with the rows of recognition that are in
//! force) are told apart by their digests, and trust set and evidence are those of the owner, one for each.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::pki::certificate::Certificate;
use crate::pki::revocation::freshness::LaterEvidence;
use crate::validation::certificate::SignerOutcome;
use crate::validation::certificate::search::Search;
use crate::validation::context::Demands;
use crate::validation::context::RevocationPolicy;
use crate::validation::context::ValidationContext;
use crate::validation::report::Indication;
use crate::validation::standing::Consulted;
use crate::validation::standing::Question;
use crate::validation::standing::Standing;
use crate::validation::trust_store::Usage;

/// Outcomes held at most: a second has no time for more.
const MAX_OUTCOMES: usize = 1024;

/// Outcomes under one trust set and one state of evidence, of the second in which the last of them was found.
#[derive(Debug, Default)]
pub struct RecentOutcomes(Mutex<Moment>);

#[derive(Debug, Default)]
struct Moment {
    second: i64,
    /// By certificate and profile.
    outcomes: HashMap<(Sha256, Sha256), Recent>,
}

#[derive(Debug)]
struct Recent {
    usage: Usage,
    outcome: SignerOutcome,
    /// What was asked of the profile.
    asked: Vec<(Question, Standing)>,
}

impl RecentOutcomes {
    /// The outcome for a certificate without intermediates, found now or before in this second.
    pub(super) fn outcome(
        &self,
        end_entity: &Certificate,
        context: &ValidationContext<'_>,
    ) -> SignerOutcome {
        let second = context.at.as_unix_seconds();
        let key = (end_entity.sha256(), context.profile.digest);
        if let Some(recent) = self.moment(second).outcomes.get(&key)
            && recent.usage == *context.usage
        {
            tell(context, &recent.asked);
            return recent.outcome.clone();
        }
        let consulted = Consulted::default();
        let within = ValidationContext {
            consulted: Some(&consulted),
            ..*context
        };
        let outcome = Search::new(end_entity, &[], &within).outcome();
        let asked: Vec<_> = consulted.into_answers().into_iter().collect();
        tell(context, &asked);
        if is_worth_keeping(&outcome, context) {
            let mut moment = self.moment(second);
            if moment.outcomes.len() < MAX_OUTCOMES {
                let recent = Recent {
                    usage: context.usage.clone(),
                    outcome: outcome.clone(),
                    asked,
                };
                moment.outcomes.insert(key, recent);
            }
        }
        outcome
    }

    /// What is known of a second. A thread that panicked holding the lock leaves whole outcomes behind.
    fn moment(&self, second: i64) -> MutexGuard<'_, Moment> {
        let mut moment = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if moment.second != second {
            moment.outcomes.clear();
            moment.second = second;
        }
        moment
    }
}

fn tell(context: &ValidationContext<'_>, asked: &[(Question, Standing)]) {
    let Some(consulted) = context.consulted else {
        return;
    };
    for ((anchor, usage), standing) in asked {
        consulted.note(*anchor, usage, *standing);
    }
}

/// Refusals tell more than what an outcome depends on, and whoever sends documents can make any number of them.
fn is_worth_keeping(outcome: &SignerOutcome, context: &ValidationContext<'_>) -> bool {
    let cas = context.trust.stores().iter();
    let mut dates = cas
        .flat_map(|ca| [ca.valid_from, ca.distrust_after])
        .flatten();
    outcome.indication == Indication::TotalPassed
        && outcome.validated.is_some()
        // One could be written with a fraction.
        && !dates.any(is_within_second)
}

const fn is_within_second(at: Timestamp) -> bool {
    at.as_micros().rem_euclid(1_000_000) != 0
}

/// Whether outcomes of this second are those of the context: it is judged for the present, by nothing that only
/// this document brings along or asks for, and not in the instant at which the second begins.
pub(super) fn apply(intermediates: &[Certificate], context: &ValidationContext<'_>) -> bool {
    intermediates.is_empty()
        && context.at == context.now
        && is_within_second(context.at)
        && context.proven_at.is_none()
        && context.document_evidence.is_empty()
        && context.revocation == RevocationPolicy::FromTrustStore
        && context.later_evidence == LaterEvidence::Refuse
        && std::ptr::eq(context.demands, Demands::of_a_signer())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::pki::issue::crl::CrlProfile;
    use crate::pki::issue::crl::issue_crl;
    use crate::pki::revocation::crl::Crl;
    use crate::pki::revocation::evidence::Evidence;
    use crate::validation::certificate::validate_signer;
    use crate::validation::fixture;
    use crate::validation::fixture::TAX_EKU;
    use crate::validation::fixture::at;
    use crate::validation::fixture::particulars;
    use crate::validation::profile::TrustProfile;
    use crate::validation::report::SignatureReport;
    use crate::validation::trust_store::TrustSet;

    /// A certificate under a CA, and what is known of its revocation.
    struct Case {
        trust: TrustSet,
        end_entity: Certificate,
        evidence: Evidence,
    }

    fn case(more: &str, crl: Option<CrlProfile>) -> Case {
        let ca = fixture::root("Root");
        let trust = fixture::set(&[fixture::store("a", &[ca.certificate()], more)]);
        let (end_entity, _) = fixture::signer(&ca, &particulars("Company"), &[TAX_EKU]);
        let crls = crl.map(|crl| Crl::parse_der(issue_crl(&ca, &crl).unwrap()).unwrap());
        Case {
            trust,
            end_entity,
            evidence: Evidence::new(crls, []),
        }
    }

    impl Case {
        fn profile(&self, accepted: &[&str]) -> TrustProfile {
            fixture::profile(&self.trust, accepted, &["tax"])
        }

        /// The verdict, and what was asked for it.
        fn judged(
            &self,
            profile: &TrustProfile,
            at: Timestamp,
            recent: Option<&RecentOutcomes>,
        ) -> (SignatureReport, Vec<(Question, Standing)>) {
            let (usage, consulted) = (fixture::usage("tax"), Consulted::default());
            let context = ValidationContext {
                evidence: &self.evidence,
                consulted: Some(&consulted),
                recent,
                ..ValidationContext::new(&self.trust, profile, &usage, at)
            };
            let outcome = validate_signer(&self.end_entity, &[], &context);
            let report = outcome.into_certificate_report("S1");
            (report, consulted.into_answers().into_iter().collect())
        }
    }

    fn held(recent: &RecentOutcomes) -> usize {
        recent.0.lock().unwrap().outcomes.len()
    }

    fn moved(time: Timestamp, micros: i64) -> Timestamp {
        Timestamp::from_micros(time.as_micros() + micros).unwrap()
    }

    /// Instants around a whole second and in it.
    const AROUND: [i64; 12] = [
        -1_000_001, -1_000_000, -999_999, -500_000, -1, 0, 1, 400_000, 999_999, 1_000_000,
        1_000_001, 1_500_000,
    ];

    /// Judges around `time`, forwards and back, and finds the same as without what is remembered. The verdict has to
    /// change there, or nothing is shown.
    #[track_caller]
    fn assert_same_around(case: &Case, time: &str) {
        let profile = case.profile(&["a"]);
        let recent = RecentOutcomes::default();
        let (mut kept, mut passed) = (false, Vec::new());
        for micros in AROUND.into_iter().chain(AROUND.into_iter().rev()) {
            let at = moved(at(time), micros);
            let expected = case.judged(&profile, at, None);
            assert_eq!(
                case.judged(&profile, at, Some(&recent)),
                expected,
                "{micros}"
            );
            passed.push(expected.0.indication == Indication::TotalPassed);
            kept |= held(&recent) == 1;
        }
        assert!(kept);
        assert!(passed.contains(&true) && passed.contains(&false));
    }

    #[test]
    fn validity_ends_and_begins_as_if_nothing_were_remembered() {
        let case = case("", None);
        assert_same_around(&case, "2025-01-01T00:00:00Z");
        assert_same_around(&case, "2026-12-31T00:00:00Z");
    }

    #[test]
    fn so_does_belief_in_a_ca() {
        let dates = "valid-from = '2026-02-01'\ndistrust-after = '2026-06-30'";
        let case = case(dates, None);
        assert_same_around(&case, "2026-02-01T00:00:00Z");
        assert_same_around(&case, "2026-06-30T23:59:59Z");
        let fraction = "distrust-after = '2026-06-30T23:59:59.4Z'";
        let case = self::case(fraction, None);
        let (profile, recent) = (case.profile(&["a"]), RecentOutcomes::default());
        for micros in AROUND {
            let at = moved(at("2026-06-30T23:59:59Z"), micros);
            let found = case.judged(&profile, at, Some(&recent));
            assert_eq!(found, case.judged(&profile, at, None));
            assert_eq!(held(&recent), 0);
        }
    }

    #[test]
    fn so_does_evidence_of_revocation() {
        let crl = |next_update: &str| CrlProfile {
            number: 1,
            this_update: at("2026-06-01T00:00:00Z"),
            next_update: at(next_update),
            revoked: Vec::new(),
        };
        let week = crl("2026-06-08T00:00:00Z");
        let case = case("revocation = 'required'", Some(week));
        assert_same_around(&case, "2026-06-08T00:00:00Z");
        let hour = "revocation = 'required'\nmaximum-age = '1h'";
        let case = self::case(hour, Some(crl("2026-06-08T00:00:00Z")));
        assert_same_around(&case, "2026-06-01T01:00:00Z");
    }

    #[test]
    fn another_profile_usage_or_second_is_another_outcome() {
        let case = case("", None);
        let time = moved(fixture::now(), 1);
        let (accepting, recent) = (case.profile(&["a"]), RecentOutcomes::default());
        let passed = case.judged(&accepting, time, Some(&recent));
        assert_eq!(passed.0.indication, Indication::TotalPassed);
        assert_eq!(held(&recent), 1);
        // Recognition ends within the second.
        let refusing = case.profile(&[]);
        let refused = case.judged(&refusing, time, Some(&recent));
        assert_eq!(refused, case.judged(&refusing, time, None));
        assert_ne!(refused.0.indication, Indication::TotalPassed);
        assert_eq!(held(&recent), 1, "refusals are not kept");

        let usage = fixture::usage("banking");
        let context = ValidationContext {
            recent: Some(&recent),
            ..ValidationContext::new(&case.trust, &accepting, &usage, time)
        };
        let other = validate_signer(&case.end_entity, &[], &context);
        assert_ne!(other.indication, Indication::TotalPassed);

        let next = time.plus(Duration::from_secs(1));
        case.judged(&refusing, next, Some(&recent));
        assert_eq!(held(&recent), 0);
    }

    #[test]
    fn what_asks_for_more_or_for_another_time_is_judged() {
        let case = case("", None);
        let (profile, recent) = (case.profile(&["a"]), RecentOutcomes::default());
        let (usage, time) = (fixture::usage("tax"), moved(fixture::now(), 1));
        let demands = Demands::of_a_signer().clone();
        let plain = ValidationContext {
            recent: Some(&recent),
            ..ValidationContext::new(&case.trust, &profile, &usage, time)
        };
        let contexts = [
            ValidationContext {
                at: time.minus(Duration::from_secs(9)),
                ..plain
            },
            ValidationContext {
                revocation: RevocationPolicy::Skip,
                ..plain
            },
            ValidationContext {
                later_evidence: LaterEvidence::Accept,
                ..plain
            },
            ValidationContext {
                proven_at: Some(time),
                ..plain
            },
            ValidationContext {
                demands: &demands,
                ..plain
            },
            ValidationContext {
                document_evidence: &[&case.evidence],
                ..plain
            },
        ];
        for context in contexts {
            assert!(apply(&[], &plain) && !apply(&[], &context));
        }
        let beside = std::slice::from_ref(&case.end_entity);
        assert!(!apply(beside, &plain));
        let passed = validate_signer(&case.end_entity, beside, &plain);
        assert_eq!(passed.indication, Indication::TotalPassed);
        assert_eq!(held(&recent), 0);
    }
}
