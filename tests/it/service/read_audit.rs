//! Every answer is recorded, who looked at a company is told to whom it is for, and what was put back shows.

use std::collections::BTreeMap;
use std::time::Duration;

use yinxin::crypto::public_key::PublicKey;
use yinxin::evidence::audit::AuditAction;
use yinxin::evidence::audit::AuditEvent;
use yinxin::evidence::audit::examine::Fault;
use yinxin::evidence::audit::examine::Outcome;
use yinxin::evidence::audit::examine::RemovedUpTo;
use yinxin::registry::relying_party::Scope;
use yinxin::service::app::App;
use yinxin::service::call::CallContext;
use yinxin::service::call::Caller;
use yinxin::service::call::CallerText;
use yinxin::service::confirm::ConfirmError;
use yinxin::service::fetch_receipt::FetchReceiptError;
use yinxin::service::read_audit::AccessesError;
use yinxin::store::audit::Selection;
use yinxin::store::audit::erase::Erasure;

use crate::running_city::City;
use crate::running_city::document_of;
use crate::running_city::in_a_city;
use crate::running_city::pki;

in_a_city!(
    every_answer_is_recorded,
    many_verifications_at_once_are_all_in_sound_chains,
    who_looked_at_a_company_is_told_to_whom_it_is_for,
    a_sealed_purpose_leaves_no_gap_in_what_a_company_is_told,
    personal_fields_are_kept_for_as_long_as_they_may_be,
    receipts_are_kept_for_as_long_as_they_may_be,
    events_are_kept_for_as_long_as_they_may_be,
    a_clock_that_is_years_ahead_removes_nothing,
    what_a_process_left_unsigned_the_next_one_signs,
);

fn keys() -> Vec<PublicKey> {
    vec![pki().receipt.certificate.public_key().clone()]
}

async fn examine(app: &App) -> Outcome {
    app.examine_audit(&keys(), &[], &|_, _| {}).await.unwrap()
}

async fn events(city: &City) -> Vec<AuditEvent> {
    let all = city.store.audit().list(0, 10_000).await.unwrap();
    all.into_iter().map(|recorded| recorded.event).collect()
}

fn context(purpose: &str) -> CallContext {
    CallContext {
        purpose: Some(purpose.to_owned()),
        operator: Some(CallerText::parse("柜员 7").unwrap()),
        matter_code: Some(CallerText::parse("2026-1").unwrap()),
    }
}

fn auditor(city: &City) -> Caller {
    Caller {
        scopes: [Scope::Audit].into(),
        ..city.bank_b.clone()
    }
}

async fn every_answer_is_recorded(city: City) {
    let credential = city.issued().await;
    let uscc = credential.reservation.uscc.clone();
    let (app, bank) = (&city.app, &city.bank_a);
    let before = events(&city).await.len();
    let mut request = document_of(&credential.compact);
    request.context = context("loan");
    app.verify(bank, request).await.unwrap();
    app.verify(&app.public_caller(), document_of(&credential.compact))
        .await
        .unwrap();
    app.confirm(bank, &uscc, None, &context("loan"))
        .await
        .unwrap();
    let unknown = crate::store::uscc(99);
    let refused = app
        .confirm(bank, &unknown, None, &CallContext::default())
        .await;
    assert!(matches!(refused, Err(ConfirmError::UnknownCompany(_))));
    let facts = BTreeMap::from([("name".to_owned(), "某公司".to_owned())]);
    app.match_facts(bank, &uscc, &facts, &CallContext::default())
        .await
        .unwrap();
    app.find_companies(bank, "示例", None, 10).await.unwrap();
    app.download(bank, &credential.reservation.id)
        .await
        .unwrap();

    let told = events(&city).await.split_off(before);
    let lines: Vec<_> = told
        .iter()
        .map(|event| {
            (
                event.actor.as_str(),
                event.action.as_str(),
                event.outcome.as_str(),
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("bank-a", "document.verified", "TOTAL-PASSED"),
            ("public", "document.verified", "TOTAL-PASSED"),
            ("bank-a", "company.confirmed", "active"),
            ("bank-a", "company.confirmed", "UNKNOWN_COMPANY"),
            ("bank-a", "company.matched", "inconsistent"),
            ("bank-a", "companies.searched", "1 found"),
            ("bank-a", "credential.downloaded", "valid"),
        ]
    );
    let verified = &told[0];
    assert_eq!(verified.subject.as_ref(), Some(&uscc));
    assert_eq!(verified.object.len(), 64);
    assert_eq!(verified.purpose.as_deref(), Some("loan"));
    assert_eq!(verified.operator.as_deref(), Some("柜员 7"));
    assert_eq!(verified.matter_code.as_deref(), Some("2026-1"));
    assert_eq!(verified.profile.as_ref().unwrap().name, "bank-a/loan");
    assert!(told.iter().all(|event| event.latency_micros.is_some()));
    assert_eq!(told[4].purpose.as_deref(), Some("company-status"));
    app.sign_audit_head().await.unwrap();
    assert_eq!(examine(app).await.findings, []);
}

async fn many_verifications_at_once_are_all_in_sound_chains(city: City) {
    let credential = city.issued().await;
    let before = events(&city).await.len();
    let mut work = tokio::task::JoinSet::new();
    for number in 0..48 {
        let (app, bank) = (city.app.clone(), city.bank_a.clone());
        let compact = credential.compact.clone();
        work.spawn(async move {
            if number % 8 == 0 {
                app.sign_audit_head().await.unwrap();
            }
            app.verify(&bank, document_of(&compact)).await.unwrap();
        });
    }
    while let Some(done) = work.join_next().await {
        done.unwrap();
    }
    city.app.sign_audit_head().await.unwrap();
    assert_eq!(events(&city).await.len(), before + 48);
    let outcome = examine(&city.app).await;
    assert_eq!(outcome.findings, []);
    assert_eq!(outcome.unsigned, 0);
}

async fn who_looked_at_a_company_is_told_to_whom_it_is_for(city: City) {
    let uscc = city.company(1).await;
    let other = city.company(2).await;
    let app = &city.app;
    for purpose in ["loan", "investigation", "account-opening"] {
        app.confirm(&city.bank_a, &uscc, None, &context(purpose))
            .await
            .unwrap();
    }
    app.confirm(&city.bank_b, &other, None, &context("loan"))
        .await
        .unwrap();
    for caller in [&city.market, &auditor(&city)] {
        let told = app.company_accesses(caller, &uscc, None, 10).await.unwrap();
        let told: Vec<_> = told
            .accesses
            .iter()
            .map(|one| (one.caller.as_str(), one.purpose.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("bank-a", Some("account-opening")),
                ("bank-a", Some("loan"))
            ]
        );
    }
    for caller in [&city.bank_a, &city.tax, &app.public_caller()] {
        let refused = app.company_accesses(caller, &uscc, None, 10).await;
        assert!(
            matches!(refused, Err(AccessesError::NotYourDepartment(_))),
            "{refused:?}"
        );
    }
    let unknown = app
        .company_accesses(&city.market, &crate::store::uscc(99), None, 10)
        .await;
    assert!(matches!(unknown, Err(AccessesError::UnknownCompany(_))));
    let last = events(&city).await.pop().unwrap();
    assert_eq!(last.action, AuditAction::AccessesRead);
    let all = app
        .read_audit(&auditor(&city), &Selection::ALL, 0, 1000)
        .await
        .unwrap();
    let sealed = all
        .iter()
        .filter(|one| one.event.purpose.as_deref() == Some("investigation"));
    assert_eq!(sealed.count(), 1, "the audit trail has it");
}

async fn a_sealed_purpose_leaves_no_gap_in_what_a_company_is_told(city: City) {
    let uscc = city.company(1).await;
    let app = &city.app;
    for number in 0..7 {
        app.confirm(&city.bank_a, &uscc, None, &context("loan"))
            .await
            .unwrap();
        for _ in 0..number {
            let sealed = context("investigation");
            app.confirm(&city.bank_a, &uscc, None, &sealed)
                .await
                .unwrap();
        }
    }
    let (mut before, mut sizes) = (None, Vec::new());
    loop {
        let page = app
            .company_accesses(&city.market, &uscc, before, 3)
            .await
            .unwrap();
        sizes.push(page.accesses.len());
        assert!(
            page.accesses
                .iter()
                .all(|one| one.purpose.as_deref() == Some("loan"))
        );
        match page.next {
            Some(next) => before = Some(next),
            None => break,
        }
    }
    assert_eq!(sizes, [3, 3, 1]);
}

async fn personal_fields_are_kept_for_as_long_as_they_may_be(city: City) {
    let uscc = city.company(1).await;
    let app = &city.app;
    app.confirm(&city.bank_a, &uscc, None, &context("loan"))
        .await
        .unwrap();
    app.keep_house().await.unwrap();
    assert_eq!(
        events(&city).await.last().unwrap().operator.as_deref(),
        Some("柜员 7")
    );
    city.wait(3 * 366 * 24 * 60 * 60);
    app.confirm(&city.bank_a, &uscc, None, &context("loan"))
        .await
        .unwrap();
    app.keep_house().await.unwrap();
    let told = events(&city).await;
    let operators = told.iter().filter_map(|event| event.operator.as_deref());
    assert_eq!(operators.count(), 1);
    assert_eq!(told.last().unwrap().action, AuditAction::AuditErased);
    assert_eq!(told.last().unwrap().actor, "system");
    let operator = Erasure::Operator("柜员 7".to_owned());
    let erased = app.erase_personal_fields(&operator, &|_| {}).await.unwrap();
    assert_eq!((erased.events, erased.receipts), (1, 1));
    app.sign_audit_head().await.unwrap();
    let outcome = examine(app).await;
    assert_eq!((outcome.findings, outcome.erased), (Vec::new(), 2));
}

async fn receipts_are_kept_for_as_long_as_they_may_be(city: City) {
    let uscc = city.company(1).await;
    let app = &city.app;
    let context = CallContext::default();
    let ask = || app.confirm(&city.bank_a, &uscc, None, &context);
    let old = ask().await.unwrap().receipt.unwrap();
    city.wait(10 * 365 * 24 * 60 * 60 - 1);
    app.keep_house().await.unwrap();
    assert_eq!(
        app.receipt(&city.bank_a, &old.id).await.unwrap().claims.jti,
        old.id
    );
    // Whole days go: that of the receipt has to be over.
    city.wait(24 * 60 * 60 + 1);
    let new = ask().await.unwrap().receipt.unwrap();
    app.keep_house().await.unwrap();
    let gone = app.receipt(&city.bank_a, &old.id).await;
    assert!(
        matches!(gone, Err(FetchReceiptError::Unknown(_))),
        "{gone:?}"
    );
    assert!(app.receipt(&city.bank_a, &new.id).await.is_ok());
    let told = events(&city).await;
    let removed = told
        .iter()
        .find(|one| one.action == AuditAction::ReceiptsRemoved);
    assert_eq!(removed.unwrap().outcome, "1 receipts");
}

async fn events_are_kept_for_as_long_as_they_may_be(city: City) {
    let uscc = city.company(1).await;
    let app = &city.app;
    let begun = app.now();
    app.sign_audit_head().await.unwrap();
    let kept = events(&city).await.len();
    city.wait(400 * 24 * 60 * 60);
    app.confirm(&city.bank_a, &uscc, None, &CallContext::default())
        .await
        .unwrap();
    app.keep_house().await.unwrap();
    assert_eq!(
        events(&city).await.len(),
        kept + 1,
        "for ever, unless it is said"
    );
    let year = Duration::from_secs(365 * 24 * 60 * 60);
    let brief = city.with_settings(|settings| settings.audit.keep_for = Some(year));
    brief.keep_house().await.unwrap();
    let left = events(&city).await;
    let left: Vec<AuditAction> = left.iter().map(|one| one.action).collect();
    assert_eq!(
        left,
        [AuditAction::CompanyConfirmed, AuditAction::AuditRemoved]
    );
    brief.sign_audit_head().await.unwrap();
    let outcome = examine(&brief).await;
    let removed = RemovedUpTo {
        head: 1,
        signed_at: begun,
    };
    assert_eq!(
        (outcome.findings, outcome.removed_up_to),
        (vec![], Some(removed))
    );
}

async fn a_clock_that_is_years_ahead_removes_nothing(city: City) {
    let uscc = city.company(1).await;
    let context = CallContext::default();
    let asked = city.app.confirm(&city.bank_a, &uscc, None, &context).await;
    let receipt = asked.unwrap().receipt.unwrap();
    city.app.sign_audit_head().await.unwrap();
    let year = Duration::from_secs(365 * 24 * 60 * 60);
    let ahead = city.with_settings(|settings| {
        settings.audit.keep_for = Some(year);
        settings.audit.keep_receipts_for = Some(year);
    });
    city.wait(2 * 365 * 24 * 60 * 60);
    ahead.recover().await.unwrap();
    let before = events(&city).await.len();
    ahead.keep_house().await.unwrap();
    assert_eq!(events(&city).await.len(), before);
    assert!(ahead.receipt(&city.bank_a, &receipt.id).await.is_ok());
}

async fn what_a_process_left_unsigned_the_next_one_signs(city: City) {
    let uscc = city.company(1).await;
    let before = examine(&city.app).await;
    assert!(before.unsigned > 0);
    let next = city.restarted();
    next.confirm(&city.bank_a, &uscc, None, &CallContext::default())
        .await
        .unwrap();
    assert_eq!(next.sign_audit_head().await.unwrap(), 1);
    assert_eq!(next.sign_audit_head().await.unwrap(), 0, "nothing is new");
    let outcome = examine(&city.app).await;
    assert_eq!((outcome.unsigned, outcome.findings), (0, Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_somebody_else_vouches_for_nothing() {
    let city = City::on_sqlite().await;
    city.company(1).await;
    city.app.sign_audit_head().await.unwrap();
    let other = [pki().status_list.certificate.public_key().clone()];
    let outcome = city
        .app
        .examine_audit(&other, &[], &|_, _| {})
        .await
        .unwrap();
    assert!(
        outcome
            .findings
            .iter()
            .any(|one| matches!(one.fault, Fault::HeadRefused { .. }))
    );
}
