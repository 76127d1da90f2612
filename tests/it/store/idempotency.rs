use yinxin::crypto::digest::sha256;
use yinxin::store::Store;
use yinxin::store::idempotency::ClaimOutcome;
use yinxin::store::idempotency::IdempotencyClaim;
use yinxin::store::idempotency::KEPT_FOR;

use crate::store::at;
use crate::store::on_both_engines;
use crate::store::party;

on_both_engines!(
    a_request_is_served_once,
    claims_are_scoped_to_caller_and_route,
    an_abandoned_claim_can_be_laid_again,
    old_claims_count_no_more,
    of_many_at_once_one_is_started,
);

pub(super) fn claim(caller: &str, key: &str, body: &str) -> IdempotencyClaim {
    IdempotencyClaim {
        caller: party(caller),
        route: "POST /v1/credentials",
        key: key.to_owned(),
        body: sha256(body.as_bytes()),
    }
}

async fn a_request_is_served_once(store: Store) {
    let idempotency = store.idempotency();
    let first = claim("customs", "k", "body");
    assert_eq!(
        idempotency.claim(&first, at(0)).await.unwrap(),
        ClaimOutcome::Started
    );
    assert_eq!(
        idempotency.claim(&first, at(1)).await.unwrap(),
        ClaimOutcome::InFlight
    );
    let other = claim("customs", "k", "another body");
    assert_eq!(
        idempotency.claim(&other, at(1)).await.unwrap(),
        ClaimOutcome::Conflict
    );
    assert!(idempotency.complete(&first, "made").await.unwrap());
    assert!(!idempotency.complete(&first, "made again").await.unwrap());
    let replayed = ClaimOutcome::Replay("made".to_owned());
    assert_eq!(idempotency.claim(&first, at(2)).await.unwrap(), replayed);
    assert_eq!(
        idempotency.claim(&other, at(2)).await.unwrap(),
        ClaimOutcome::Conflict
    );
    idempotency.abandon(&first).await.unwrap();
    assert_eq!(
        idempotency.claim(&first, at(3)).await.unwrap(),
        replayed,
        "completed is final"
    );
}

async fn claims_are_scoped_to_caller_and_route(store: Store) {
    let idempotency = store.idempotency();
    let first = claim("customs", "k", "body");
    assert_eq!(
        idempotency.claim(&first, at(0)).await.unwrap(),
        ClaimOutcome::Started
    );
    let other_caller = claim("bank-a", "k", "another body");
    assert_eq!(
        idempotency.claim(&other_caller, at(0)).await.unwrap(),
        ClaimOutcome::Started
    );
    let other_route = IdempotencyClaim {
        route: "POST /v1/credentials/{id}/status",
        ..other_caller
    };
    assert_eq!(
        idempotency.claim(&other_route, at(0)).await.unwrap(),
        ClaimOutcome::Started
    );
}

async fn an_abandoned_claim_can_be_laid_again(store: Store) {
    let idempotency = store.idempotency();
    let first = claim("customs", "k", "body");
    assert_eq!(
        idempotency.claim(&first, at(0)).await.unwrap(),
        ClaimOutcome::Started
    );
    idempotency.abandon(&first).await.unwrap();
    assert_eq!(
        idempotency.claim(&first, at(1)).await.unwrap(),
        ClaimOutcome::Started
    );
    assert_eq!(idempotency.abandon_unfinished(at(1)).await.unwrap(), 0);
    assert_eq!(idempotency.abandon_unfinished(at(2)).await.unwrap(), 1);
    assert_eq!(
        idempotency.claim(&first, at(2)).await.unwrap(),
        ClaimOutcome::Started
    );
}

async fn old_claims_count_no_more(store: Store) {
    let idempotency = store.idempotency();
    let first = claim("customs", "k", "body");
    idempotency.claim(&first, at(0)).await.unwrap();
    idempotency.complete(&first, "made").await.unwrap();
    let just_kept = at(0)
        .plus(KEPT_FOR)
        .minus(std::time::Duration::from_micros(1));
    assert_eq!(idempotency.forget_old(just_kept).await.unwrap(), 0);
    assert_eq!(
        idempotency.claim(&first, just_kept).await.unwrap(),
        ClaimOutcome::Replay("made".to_owned())
    );
    let over = at(0).plus(KEPT_FOR);
    assert_eq!(
        idempotency.claim(&first, over).await.unwrap(),
        ClaimOutcome::Started
    );
    assert_eq!(
        idempotency.forget_old(over.plus(KEPT_FOR)).await.unwrap(),
        0,
        "it is open again"
    );
    idempotency.complete(&first, "made anew").await.unwrap();
    assert_eq!(
        idempotency.forget_old(over.plus(KEPT_FOR)).await.unwrap(),
        1
    );
}

async fn of_many_at_once_one_is_started(store: Store) {
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .idempotency()
                    .claim(&claim("customs", "k", "body"), at(0))
                    .await
            })
        })
        .collect();
    let mut started = 0;
    for task in tasks {
        let outcome = task.await.unwrap().unwrap();
        if outcome == ClaimOutcome::Started {
            started += 1;
        } else {
            assert_eq!(outcome, ClaimOutcome::InFlight);
        }
    }
    assert_eq!(started, 1);
}
