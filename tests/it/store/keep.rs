//! Answers that are kept together: none is lost, none is told before it is kept, and what is refused fails alone.

use serde_json::json;
use tokio::task::JoinSet;
use yinxin::clock::Timestamp;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::sign::SigningKey;
use yinxin::evidence::audit::AuditAction;
use yinxin::evidence::audit::AuditEvent;
use yinxin::evidence::audit::head::SignedHead;
use yinxin::evidence::receipt::ReceiptClaims;
use yinxin::evidence::receipt::ReceiptKind;
use yinxin::identifier::opaque_id::ReceiptId;
use yinxin::store::Store;
use yinxin::store::error::StoreError;
use yinxin::store::receipts::AttemptLimit;

use crate::store::at;
use crate::store::companies::append;
use crate::store::event;
use crate::store::facts;
use crate::store::next;
use crate::store::on_both_engines;
use crate::store::uscc;

on_both_engines!(
    what_is_refused_takes_nothing_with_it,
    an_answer_is_told_once_it_is_kept,
    whoever_goes_away_takes_nobody_with_it,
    limits_hold_beside_what_is_kept_together,
);

const MANY: u8 = 60;

fn claims(number: u8) -> ReceiptClaims {
    let id = ReceiptId::from_random([number; 16]);
    ReceiptClaims::new(
        ReceiptKind::Verify,
        id,
        "https://a.example",
        "bank-a",
        1_700_000_000,
    )
}

fn verified(number: u8) -> AuditEvent {
    let object = format!("document {number}");
    event(at(0), AuditAction::DocumentVerified, &object)
}

async fn keep(store: &Store, number: u8) -> Result<(), StoreError> {
    let facts = json!({"number": number});
    let event = verified(number);
    store
        .receipts()
        .insert(&claims(number), "a.b.c", &facts, &event)
        .await
}

/// The chains hold, and have so many events about documents, each once.
async fn assert_sound(store: &Store, expected: impl IntoIterator<Item = u8>) {
    let (key, _) = SigningKey::generate(KeyPurpose::Receipt).unwrap();
    let tips = store.audit().grown();
    let sign = |previous| SignedHead::sign("https://a.example", 1, previous, &tips, &key);
    store.audit().keep_head(at(0), &tips, sign).await.unwrap();
    let keys = [key.public_key().clone()];
    let examination = store.audit().examine(&keys, &[], &|_, _| {}).await;
    assert_eq!(examination.unwrap().finish().findings, []);
    let told = store.audit().list(0, 1000).await.unwrap();
    let mut told: Vec<String> = told
        .into_iter()
        .filter(|one| one.event.action == AuditAction::DocumentVerified)
        .map(|one| one.event.object)
        .collect();
    told.sort_unstable();
    let mut expected: Vec<String> = expected
        .into_iter()
        .map(|number| format!("document {number}"))
        .collect();
    expected.sort_unstable();
    assert_eq!(told, expected);
}

async fn what_is_refused_takes_nothing_with_it(store: Store) {
    keep(&store, 7).await.unwrap();
    let mut keeping = JoinSet::new();
    for number in 0..MANY {
        let store = store.clone();
        keeping.spawn(async move { (number, keep(&store, number).await) });
    }
    while let Some(kept) = keeping.join_next().await {
        match kept.unwrap() {
            (7, kept) => assert!(matches!(kept, Err(StoreError::Refused(_))), "{kept:?}"),
            (_, kept) => kept.unwrap(),
        }
    }
    for number in 0..MANY {
        let kept = store.receipts().load(&claims(number).jti).await.unwrap();
        assert_eq!(kept.unwrap().facts, json!({"number": number}));
    }
    assert_sound(&store, 0..MANY).await;
}

async fn an_answer_is_told_once_it_is_kept(store: Store) {
    let mut keeping = JoinSet::new();
    for number in 0..MANY {
        let store = store.clone();
        keeping.spawn(async move {
            keep(&store, number).await.unwrap();
            // Through another connection, which sees what is committed alone.
            let kept = store.receipts().load(&claims(number).jti).await.unwrap();
            assert!(kept.is_some());
        });
    }
    while let Some(told) = keeping.join_next().await {
        told.unwrap();
    }
    assert_sound(&store, 0..MANY).await;
}

async fn whoever_goes_away_takes_nobody_with_it(store: Store) {
    let mut keeping = JoinSet::new();
    let mut gone = Vec::new();
    for number in 0..MANY {
        let store = store.clone();
        let one = keeping.spawn(async move { keep(&store, number).await });
        if number % 3 == 0 {
            gone.push(one);
        }
    }
    tokio::task::yield_now().await;
    gone.iter().for_each(tokio::task::AbortHandle::abort);
    let mut told = 0;
    while let Some(kept) = keeping.join_next().await {
        if let Ok(kept) = kept {
            kept.unwrap();
            told += 1;
        }
    }
    assert!(told >= MANY - MANY / 3);
    // Whatever became of those who went away, receipts and events are the same.
    let mut kept = Vec::new();
    for number in 0..MANY {
        let receipt = store.receipts().load(&claims(number).jti).await.unwrap();
        if receipt.is_some() {
            kept.push(number);
        }
    }
    assert_sound(&store, kept).await;
}

async fn limits_hold_beside_what_is_kept_together(store: Store) {
    let (recorded, company) = next(None, facts(&uscc(1), "某公司"), at(0));
    append(&store, &recorded, &company).await;
    let mut asking = JoinSet::new();
    for number in 0..MANY {
        let store = store.clone();
        asking.spawn(async move {
            if number % 2 == 0 {
                keep(&store, number).await.unwrap();
                return false;
            }
            let claims = ReceiptClaims {
                kind: ReceiptKind::Match,
                sub: Some(uscc(1)),
                ..claims(number)
            };
            let limit = AttemptLimit {
                since: Timestamp::UNIX_EPOCH,
                at_most: 5,
            };
            let event = event(at(0), AuditAction::CompanyConfirmed, "x");
            let limited = (limit, &event);
            let receipts = store.receipts();
            let facts = json!({});
            receipts
                .insert_limited(&claims, "a.b.c", &facts, limited)
                .await
                .unwrap()
        });
    }
    let mut matched = 0;
    while let Some(kept) = asking.join_next().await {
        matched += usize::from(kept.unwrap());
    }
    assert_eq!(matched, 5);
    assert_sound(&store, (0..MANY).step_by(2)).await;
}
