use std::time::Duration;

use serde_json::json;
use yinxin::clock::Clock;
use yinxin::clock::Timestamp;
use yinxin::credential::status_list::StatusValue;
use yinxin::crypto::digest::sha256;
use yinxin::identifier::opaque_id::CredentialId;
use yinxin::registry::department::DepartmentId;
use yinxin::service::fail_point::FailPoint;
use yinxin::service::fail_point::FailPoints;
use yinxin::service::issue::IdempotencyKey;
use yinxin::service::issue::IssueError;
use yinxin::service::recover::Recovered;
use yinxin::store::credentials::NewCredential;
use yinxin::store::credentials::ReserveOutcome;
use yinxin::store::credentials::StatusAllocation;
use yinxin::store::credentials::UnfinishedStage;
use yinxin::store::idempotency::IdempotencyClaim;
use yinxin::store::idempotency::KEPT_FOR;
use yinxin::store::pool::Engine;
use yinxin::store::status_lists::StatusListId;
use yinxin::validation::report::Indication;

use crate::running_city::City;
use crate::running_city::REGISTRATION;
use crate::running_city::facts;
use crate::running_city::in_a_city;
use crate::running_city::request;
use crate::store::uscc;

in_a_city!(
    cut_off_before_anything_was_written_nothing_is_left,
    cut_off_after_reserving_it_is_voided,
    cut_off_after_preparing_it_is_finished,
    cut_off_after_signing_it_is_finished,
    cut_off_after_storing_it_is_complete,
    a_reservation_of_another_hand_is_voided,
    what_was_prepared_of_a_company_that_changed_since_is_voided,
    a_clock_that_stepped_back_hides_nothing,
    what_another_node_may_be_at_is_spared,
    while_serving_the_house_is_kept,
    recovering_again_finds_nothing,
);

/// After so many seconds nobody is taken to be still at it.
const LATER: u64 = 301;

/// Issues in a process that stops for ever at `point`, up to the record that it leaves there.
async fn cut_off(city: &City, point: FailPoint, left: fn(&[UnfinishedStage], bool) -> bool) {
    if city.store.companies().count().await.unwrap() == 0 {
        city.company(1).await;
    }
    let (app, caller) = (
        city.pausing(FailPoints::pause_at(point)),
        city.market.clone(),
    );
    tokio::spawn(async move {
        let request = request(&uscc(1), REGISTRATION);
        app.issue(&caller, &request, key()).await
    });
    let reached = async {
        loop {
            let unfinished = city
                .store
                .credentials()
                .unfinished(Timestamp::MAX)
                .await
                .unwrap();
            let stages: Vec<_> = unfinished.into_iter().map(|one| one.stage).collect();
            let issued = city
                .store
                .credentials()
                .for_company(&uscc(1))
                .await
                .unwrap();
            if left(&stages, !issued.is_empty()) {
                return;
            }
        }
    };
    let patience = Duration::from_secs(30);
    tokio::time::timeout(patience, reached)
        .await
        .expect("reached");
}

fn is_reserved(stages: &[UnfinishedStage], _: bool) -> bool {
    stages == [UnfinishedStage::Reserved]
}

fn is_prepared(stages: &[UnfinishedStage], _: bool) -> bool {
    matches!(stages, [UnfinishedStage::Prepared { .. }])
}

fn is_stored(stages: &[UnfinishedStage], issued: bool) -> bool {
    stages.is_empty() && issued
}

fn key() -> Option<IdempotencyKey> {
    Some(IdempotencyKey {
        key: "k".to_owned(),
        body: sha256(b"body"),
    })
}

/// Starts anew, expects that of it, and that the caller who asks again gets one credential that passes.
async fn recovers(city: &City, finished: usize, voided: usize) {
    let app = city.restarted();
    assert_eq!(app.recover().await.unwrap(), Recovered { finished, voided });
    let request = request(&uscc(1), REGISTRATION);
    let answered = app.issue(&city.market, &request, key()).await.unwrap();
    assert_eq!(
        answered.replayed,
        voided == 0,
        "a void reservation frees its key"
    );
    let all = city
        .store
        .credentials()
        .for_company(&uscc(1))
        .await
        .unwrap();
    assert_eq!(all, std::slice::from_ref(&answered.credential));
    let report = city
        .verify(&city.bank_a, &answered.credential.compact)
        .await;
    assert_eq!(
        report.indication,
        Indication::TotalPassed,
        "{:?}",
        report.all_reasons()
    );
    let again = app.issue(&city.market, &request, key()).await.unwrap();
    assert_eq!(
        (again.replayed, again.credential),
        (true, answered.credential)
    );
}

async fn cut_off_before_anything_was_written_nothing_is_left(city: City) {
    cut_off(&city, FailPoint::BeforeReserve, |stages, issued| {
        stages.is_empty() && !issued
    })
    .await;
    let app = city.restarted();
    assert_eq!(app.recover().await.unwrap(), Recovered::default());
    let request = request(&uscc(1), REGISTRATION);
    assert!(
        !app.issue(&city.market, &request, key())
            .await
            .unwrap()
            .replayed
    );
}

async fn cut_off_after_reserving_it_is_voided(city: City) {
    cut_off(&city, FailPoint::AfterReserve, is_reserved).await;
    // Until then, whoever asks again is told that the first request is being worked on.
    let request = request(&uscc(1), REGISTRATION);
    let early = city.app.issue(&city.market, &request, key()).await;
    assert!(matches!(early, Err(IssueError::InFlight)), "{early:?}");
    city.wait(LATER);
    recovers(&city, 0, 1).await;
}

async fn cut_off_after_preparing_it_is_finished(city: City) {
    cut_off(&city, FailPoint::AfterPrepare, is_prepared).await;
    city.wait(LATER);
    recovers(&city, 1, 0).await;
}

async fn cut_off_after_signing_it_is_finished(city: City) {
    cut_off(&city, FailPoint::AfterSign, is_prepared).await;
    city.wait(LATER);
    recovers(&city, 1, 0).await;
}

async fn cut_off_after_storing_it_is_complete(city: City) {
    cut_off(&city, FailPoint::AfterStore, is_stored).await;
    city.wait(LATER);
    // Nothing is left to do, and the caller who was not answered gets what was made.
    let app = city.restarted();
    assert_eq!(app.recover().await.unwrap(), Recovered::default());
    let answered = app
        .issue(&city.market, &request(&uscc(1), REGISTRATION), key())
        .await
        .unwrap();
    assert!(answered.replayed);
}

async fn a_reservation_of_another_hand_is_voided(city: City) {
    let company = city.company(1).await;
    let (id, list) = (
        CredentialId::from_random([1; 16]),
        StatusListId::parse("list").unwrap(),
    );
    let claim = IdempotencyClaim {
        caller: city.market.party.id.clone(),
        route: "POST /v1/credentials",
        key: "k".to_owned(),
        body: sha256(b"body"),
    };
    let now = city.clock.now();
    let new = NewCredential {
        id: &id,
        vct: REGISTRATION,
        uscc: &company,
        company_version: 2,
        department: &DepartmentId::MARKET_REGULATION,
        region: "441900",
        issued_by: &city.market.party.id,
        issued_at: now,
        expires_at: now.plus(Duration::from_secs(3600)),
        idempotency: Some(&claim),
    };
    let allocation = StatusAllocation {
        new_list: &list,
        candidates: &[7],
    };
    let reserved = city
        .store
        .credentials()
        .reserve(new, allocation)
        .await
        .unwrap();
    assert!(matches!(reserved, ReserveOutcome::Reserved(_)));
    city.wait(LATER);
    recovers(&city, 0, 1).await;
    // Should its signature have escaped after all, the list says that it is not valid.
    let published = city.app.status_list(&list).await.unwrap().unwrap();
    let token = yinxin::credential::status_list::token::StatusListToken::parse(&published.compact);
    assert_eq!(token.unwrap().value(7).unwrap(), StatusValue::Invalid);
    assert_eq!(city.app.credential(&id).await.unwrap(), None);
}

async fn what_was_prepared_of_a_company_that_changed_since_is_voided(city: City) {
    cut_off(&city, FailPoint::AfterPrepare, is_prepared).await;
    let facts = facts(1, json!({"name": "改名公司"}));
    city.app
        .record_facts(&city.market, &uscc(1), facts, None)
        .await
        .unwrap();
    city.wait(LATER);
    recovers(&city, 0, 1).await;
}

async fn a_clock_that_stepped_back_hides_nothing(city: City) {
    cut_off(&city, FailPoint::AfterReserve, is_reserved).await;
    let before = city.clock.now().minus(Duration::from_secs(3));
    city.clock.set(before);
    assert_eq!(city.restarted().health().await.unwrap().unfinished, 1);
    if city.store.meta().engine() == Engine::Postgres {
        city.wait(LATER + 3);
    }
    recovers(&city, 0, 1).await;
}

async fn what_another_node_may_be_at_is_spared(city: City) {
    cut_off(&city, FailPoint::AfterPrepare, is_prepared).await;
    city.wait(LATER - 1);
    // Of a data folder there is one owner, which has just started.
    let is_shared = city.store.meta().engine() == Engine::Postgres;
    let found = city.restarted().recover().await.unwrap();
    assert_eq!(found.finished, usize::from(!is_shared));
    city.wait(1);
    recovers(&city, usize::from(is_shared), 0).await;
}

async fn while_serving_the_house_is_kept(city: City) {
    let first = city.issued().await.reservation;
    city.wait(365 * 24 * 60 * 60 - 1);
    city.app.keep_house().await.unwrap();
    let stored = || async {
        let stored = city.store.credentials().load(&first.id).await;
        stored.unwrap().unwrap().state.name()
    };
    assert_eq!(stored().await, "valid");
    city.wait(1);
    city.app.keep_house().await.unwrap();
    assert_eq!(stored().await, "expired");
    // What another node left behind is finished, but not what it may be at.
    cut_off(&city, FailPoint::AfterPrepare, is_prepared).await;
    for (wait, unfinished) in [(LATER - 1, 1), (1, 0)] {
        city.wait(wait);
        city.app.keep_house().await.unwrap();
        assert_eq!(city.app.health().await.unwrap().unfinished, unfinished);
    }
    let request = request(&uscc(1), REGISTRATION);
    let answered = city.app.issue(&city.market, &request, key()).await.unwrap();
    assert!(answered.replayed);
    city.wait(KEPT_FOR.as_secs());
    city.app.keep_house().await.unwrap();
    let again = city
        .store
        .idempotency()
        .forget_old(city.clock.now())
        .await
        .unwrap();
    assert_eq!(again, 0, "nothing that is due is left");
}

async fn recovering_again_finds_nothing(city: City) {
    cut_off(&city, FailPoint::AfterPrepare, is_prepared).await;
    city.wait(LATER);
    let app = city.restarted();
    assert_eq!(app.recover().await.unwrap().finished, 1);
    for app in [&app, &city.restarted()] {
        assert_eq!(app.recover().await.unwrap(), Recovered::default());
        assert_eq!(app.health().await.unwrap().unfinished, 0);
    }
}
