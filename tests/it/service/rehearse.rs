//! Changes of recognition that are laid over past verifications before they are made.

use std::collections::BTreeMap;

use yinxin::identifier::opaque_id::ReceiptId;
use yinxin::registry::recognition::Decision;
use yinxin::registry::recognition::Recogniser;
use yinxin::registry::recognition::RecognitionRow;
use yinxin::registry::recognition::change::Change;
use yinxin::registry::relying_party::RelyingPartyKind;
use yinxin::service::call::CallContext;
use yinxin::service::call::Caller;
use yinxin::service::change_recognition::ChangeRecognitionError;
use yinxin::service::change_recognition::Request;
use yinxin::service::receipt_facts::Verdict;
use yinxin::service::rehearse::MAX_DAYS;
use yinxin::service::rehearse::Progress;
use yinxin::service::rehearse::RehearseError;
use yinxin::service::rehearse::RehearseRequest;
use yinxin::service::rehearse::Subject;
use yinxin::service::rehearse::answer::Rehearsal;
use yinxin::service::rehearse::answer::Undecided;
use yinxin::service::verify::Submitted;
use yinxin::service::verify::VerifyRequest;
use yinxin::validation::limits::Limits;
use yinxin::validation::trust_store::CaId;
use yinxin::validation::trust_store::Usage;

use crate::running_city::City;
use crate::running_city::Holder;
use crate::running_city::document_of;
use crate::running_city::in_a_city;
use crate::running_city::pki;
use crate::running_city::time;
use crate::service::claims;

in_a_city!(
    what_a_rehearsal_says_of_each_verdict_comes_true,
    a_grant_is_told_with_caller_verdicts_and_reason_and_changes_nothing,
    what_the_change_does_not_touch_is_not_looked_at,
    limits_and_what_only_the_document_tells_are_left_undecided,
    a_proposal_is_rehearsed_for_the_time_it_will_be_active,
    a_narrowed_request_stays_narrowed,
    only_the_days_asked_for_are_looked_at,
    what_could_not_be_changed_is_not_rehearsed,
    it_is_recorded_who_rehearsed,
);

/// Documents under every CA, good and bad.
async fn documents(city: &City) -> Vec<Vec<u8>> {
    let issued = city.issued().await;
    let uscc = issued.reservation.uscc.clone();
    let mut forged = issued.compact.clone().into_bytes();
    let dot = forged.iter().position(|byte| *byte == b'~').unwrap();
    forged[dot - 2] ^= 1;
    let mut documents = vec![issued.compact.into_bytes(), forged];
    for ca in [&pki().alpha, &pki().beta, &pki().unknown] {
        let holder = Holder::of_company(ca, &uscc);
        documents.push(holder.certificate.der().to_vec());
    }
    documents
}

fn asked(document: &[u8], purpose: &str) -> VerifyRequest {
    VerifyRequest {
        submitted: Submitted::Document(document.to_vec()),
        context: CallContext {
            purpose: Some(purpose.to_owned()),
            ..CallContext::default()
        },
        ..document_of("")
    }
}

async fn verified(city: &City, caller: &Caller, request: VerifyRequest) -> (ReceiptId, Verdict) {
    let report = city.app.verify(caller, request).await.unwrap();
    let verdict = Verdict::of(&report);
    (claims(&report.receipt.unwrap()).jti, verdict)
}

fn row(caller: &str, ca: &str, usage: &str) -> RecognitionRow {
    let by = match ca {
        "alpha" => &pki().alpha,
        "beta" => &pki().beta,
        _ => &pki().city,
    };
    RecognitionRow::accept(
        Recogniser::parse(caller).unwrap(),
        (CaId::parse(ca).unwrap(), Usage::parse(usage).unwrap()),
        vec![by.certificate().sha256()],
        time("2026-01-01T00:00:00Z"),
    )
}

fn refusing(caller: &str, ca: &str, usage: &str) -> RecognitionRow {
    RecognitionRow {
        decision: Decision::Refuse,
        ..row(caller, ca, usage)
    }
}

fn adding(rows: &[RecognitionRow]) -> Change {
    Change::adding(rows)
}

async fn removing(city: &City, caller: &str, ca: &str) -> Change {
    let table = city.app.recognition_table().await.unwrap();
    let rows = table.rows.iter();
    let removed = rows.filter(|row| row.caller.to_string() == caller && row.ca.as_str() == ca);
    let removed: Vec<RecognitionRow> = removed.cloned().collect();
    assert!(!removed.is_empty());
    Change {
        removed,
        added: Vec::new(),
    }
}

fn of(change: Change) -> RehearseRequest {
    RehearseRequest {
        subject: Subject::Change(change),
        days: 30,
        at: None,
    }
}

async fn rehearsed(city: &City, request: RehearseRequest) -> Rehearsal {
    let told = city.app.rehearse(None, request, &mut |_| {}).await;
    told.unwrap_or_else(|error| panic!("{error:?}"))
}

async fn what_a_rehearsal_says_of_each_verdict_comes_true(city: City) {
    let documents = documents(&city).await;
    let callers = [&city.bank_a, &city.bank_b, &city.market];
    let purposes = ["loan", "tax-filing"];
    let changes = [
        adding(&[row("bank-b", "alpha", "banking")]),
        Change {
            removed: vec![row("bank-b", "alpha", "banking")],
            added: vec![
                row("every:bank", "alpha", "banking"),
                refusing("bank-b", "alpha", "banking"),
            ],
        },
        adding(&[
            row("every:bank", "beta", "tax"),
            row("every:department", "beta", "tax"),
        ]),
        adding(&[row("every:department", "alpha", "banking")]),
        removing(&city, "bank-a", "alpha").await,
        removing(&city, "bank-a", "city").await,
        removing(&city, "bank-b", "city").await,
    ];
    let (mut decided, mut changed) = (0, 0);
    for change in changes {
        let mut before = BTreeMap::new();
        for caller in callers {
            for (number, document) in documents.iter().enumerate() {
                for purpose in purposes {
                    let (receipt, verdict) =
                        verified(&city, caller, asked(document, purpose)).await;
                    before.insert(receipt, (caller, number, purpose, verdict));
                }
            }
        }
        let told = rehearsed(
            &city,
            RehearseRequest {
                days: 1,
                ..of(change.clone())
            },
        )
        .await;
        let foreseen: BTreeMap<_, _> = told.changes.iter().map(|one| (&one.receipt, one)).collect();
        assert_eq!(foreseen.len(), told.changes.len());
        assert_eq!(
            told.total.changed,
            u64::try_from(told.changes.len()).unwrap()
        );
        city.app
            .change_recognition(None, |_| change.clone())
            .await
            .unwrap();
        for (receipt, (caller, number, purpose, was)) in &before {
            let (_, is) = verified(&city, caller, asked(&documents[*number], purpose)).await;
            match foreseen.get(receipt) {
                Some(foreseen) => {
                    assert_eq!(foreseen.before, *was, "{number} {purpose}");
                    assert_eq!(foreseen.after, is, "{number} {purpose}");
                    changed += 1;
                }
                // What could not be told may be anything.
                None if told.total.undecided.is_empty() => {
                    assert_eq!(is, *was, "{} {number} {purpose}", caller.party.id);
                    decided += 1;
                }
                None => {}
            }
        }
        // The next change is laid over other verifications.
        city.wait(2 * 24 * 60 * 60);
    }
    assert!(changed >= 5 && decided >= 100, "{changed} {decided}");
}

async fn a_grant_is_told_with_caller_verdicts_and_reason_and_changes_nothing(city: City) {
    let uscc = city.company(1).await;
    let company = Holder::of_company(&pki().alpha, &uscc);
    let document = company.certificate.der();
    let (receipt, was) = verified(&city, &city.bank_b, asked(document, "loan")).await;
    verified(&city, &city.bank_a, asked(document, "loan")).await;
    let version = city.app.recognition_table().await.unwrap().version;

    let mut heard = Vec::new();
    let request = of(adding(&[row("bank-b", "alpha", "banking")]));
    let mut hear = |progress: Progress| heard.push(progress);
    let told = city.app.rehearse(None, request, &mut hear).await.unwrap();
    assert_eq!(heard.last(), Some(&Progress { examined: 1, of: 1 }));
    assert_eq!(
        (told.total.examined, told.total.changed),
        (1, 1),
        "{told:#?}"
    );
    assert!(told.is_complete && told.base_version == version);
    let [party] = &told.callers[..] else {
        panic!("{told:#?}")
    };
    assert_eq!(party.caller, "bank-b");
    let [transition] = &party.transitions[..] else {
        panic!("{told:#?}")
    };
    assert_eq!(transition.before, was);
    assert_eq!(transition.after.indication.as_str(), "TOTAL-PASSED");
    let [cause] = &told.because[..] else {
        panic!("{told:#?}")
    };
    assert_eq!(
        (cause.ca.as_str(), cause.usage.as_str()),
        ("alpha", "banking")
    );
    assert!(cause.is_recognised);
    let [one] = &told.changes[..] else {
        panic!("{told:#?}")
    };
    assert_eq!((&one.receipt, &one.company), (&receipt, &Some(uscc)));
    assert_eq!(one.document, Some(company.certificate.sha256()));
    assert_eq!(city.app.recognition_table().await.unwrap().version, version);
    let (_, is) = verified(&city, &city.bank_b, asked(document, "loan")).await;
    assert_eq!(is, was);
}

async fn what_the_change_does_not_touch_is_not_looked_at(city: City) {
    let issued = city.issued().await;
    for caller in [&city.bank_a, &city.bank_b, &city.market] {
        city.verify(caller, &issued.compact).await;
    }
    let told = rehearsed(&city, of(adding(&[row("every:bank", "beta", "tax")]))).await;
    let callers: Vec<&str> = told.callers.iter().map(|one| one.caller.as_str()).collect();
    assert_eq!(callers, ["bank-a", "bank-b"]);
    assert_eq!((told.total.examined, told.total.unchanged), (2, 2));
    assert_eq!(told.changes, []);
}

async fn limits_and_what_only_the_document_tells_are_left_undecided(city: City) {
    let uscc = city.company(1).await;
    let company = Holder::of_company(&pki().alpha, &uscc);
    let document = company.certificate.der();
    verified(&city, &city.bank_b, asked(document, "loan")).await;
    let strict = RecognitionRow {
        decision: Decision::Accept {
            anchors: vec![pki().alpha.certificate().sha256()],
            limits: Limits {
                minimum_key_bits: Some(3072),
                ..Limits::default()
            },
        },
        ..row("bank-b", "alpha", "banking")
    };
    let told = rehearsed(&city, of(adding(&[strict]))).await;
    assert_eq!(
        told.total.undecided,
        BTreeMap::from([(Undecided::LimitsApply, 1)])
    );
    assert_eq!((told.total.changed, told.total.unchanged), (0, 0));
}

async fn a_proposal_is_rehearsed_for_the_time_it_will_be_active(city: City) {
    let uscc = city.company(1).await;
    let company = Holder::of_company(&pki().alpha, &uscc);
    verified(
        &city,
        &city.bank_b,
        asked(company.certificate.der(), "loan"),
    )
    .await;
    let (by, from) = (
        city.operator("day-shift").await,
        time("2026-09-01T00:00:00Z"),
    );
    let change = adding(&[RecognitionRow {
        valid_from: from,
        ..row("bank-b", "alpha", "banking")
    }]);
    let request = Request {
        change,
        note: None,
        activate_at: None,
    };
    let proposal = city.app.propose_recognition(&by, request).await.unwrap();
    let asked = |at| RehearseRequest {
        subject: Subject::Proposal(proposal.id),
        days: 30,
        at,
    };
    let told = rehearsed(&city, asked(None)).await;
    assert_eq!((told.at, told.total.changed), (from, 1));
    let told = rehearsed(&city, asked(Some(time("2026-08-31T00:00:00Z")))).await;
    assert_eq!((told.total.changed, told.total.unchanged), (0, 1));
}

async fn a_narrowed_request_stays_narrowed(city: City) {
    let uscc = city.company(1).await;
    let company = Holder::of_company(&pki().alpha, &uscc);
    let request = VerifyRequest {
        accepted_cas: Some([CaId::parse("beta").unwrap()].into()),
        ..asked(company.certificate.der(), "loan")
    };
    verified(&city, &city.bank_b, request).await;
    let told = rehearsed(&city, of(adding(&[row("bank-b", "alpha", "banking")]))).await;
    assert_eq!((told.total.changed, told.total.unchanged), (0, 1));
}

async fn only_the_days_asked_for_are_looked_at(city: City) {
    let uscc = city.company(1).await;
    let company = Holder::of_company(&pki().alpha, &uscc);
    let asked = || asked(company.certificate.der(), "loan");
    verified(&city, &city.bank_b, asked()).await;
    city.wait(5 * 24 * 60 * 60);
    let (receipt, _) = verified(&city, &city.bank_b, asked()).await;
    let change = || adding(&[row("bank-b", "alpha", "banking")]);
    let told = rehearsed(
        &city,
        RehearseRequest {
            days: 4,
            ..of(change())
        },
    )
    .await;
    assert_eq!(told.total.examined, 1);
    assert_eq!(told.changes[0].receipt, receipt);
    let told = rehearsed(
        &city,
        RehearseRequest {
            days: 6,
            ..of(change())
        },
    )
    .await;
    assert_eq!(told.total.examined, 2);
    // The newest first.
    assert_eq!(told.changes[0].receipt, receipt);
}

async fn what_could_not_be_changed_is_not_rehearsed(city: City) {
    let wrong = [
        adding(&[]),
        adding(&[row("nobody", "alpha", "banking")]),
        adding(&[row("bank-a", "alpha", "banking")]),
        Change {
            removed: vec![row("bank-b", "alpha", "banking")],
            added: Vec::new(),
        },
    ];
    for change in wrong {
        let told = city.app.rehearse(None, of(change), &mut |_| {}).await;
        assert!(matches!(told, Err(RehearseError::Change(_))), "{told:?}");
    }
    for days in [0, MAX_DAYS + 1] {
        let change = adding(&[row("every:bank", "alpha", "tax")]);
        let request = RehearseRequest { days, ..of(change) };
        let told = city.app.rehearse(None, request, &mut |_| {}).await;
        assert!(matches!(told, Err(RehearseError::Days(_))), "{told:?}");
    }
    let unknown = RehearseRequest {
        subject: Subject::Proposal(yinxin::registry::recognition::proposal::ProposalId(99)),
        days: 1,
        at: None,
    };
    let told = city.app.rehearse(None, unknown, &mut |_| {}).await;
    assert!(matches!(
        told,
        Err(RehearseError::Change(
            ChangeRecognitionError::UnknownProposal(_)
        ))
    ));
}

async fn it_is_recorded_who_rehearsed(city: City) {
    let by = city.operator("day-shift").await;
    let every = Recogniser::Every(RelyingPartyKind::Bank).to_string();
    let request = of(adding(&[row(&every, "alpha", "banking")]));
    city.app
        .rehearse(Some(&by), request, &mut |_| {})
        .await
        .unwrap();
    let events = city.store.audit().list(0, 1000).await.unwrap();
    let last = events.last().unwrap();
    assert_eq!(
        (last.event.actor.as_str(), last.event.action.as_str()),
        ("day-shift", "recognition.rehearsed")
    );
    assert_eq!(last.event.outcome, "0 of 0 changed");
}
