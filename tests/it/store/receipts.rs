use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use serde_json::json;
use yinxin::clock::Timestamp;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::sign::SigningKey;
use yinxin::evidence::audit::AuditAction;
use yinxin::evidence::audit::AuditEvent;
use yinxin::evidence::receipt;
use yinxin::evidence::receipt::ReceiptClaims;
use yinxin::evidence::receipt::ReceiptKind;
use yinxin::identifier::opaque_id::ReceiptId;
use yinxin::store::Store;
use yinxin::store::audit::erase::Erasure;
use yinxin::store::error::StoreError;
use yinxin::store::receipts::AttemptLimit;
use yinxin::store::receipts::ReceiptForm;
use yinxin::store::receipts::StoredReceipt;

use crate::store::at;
use crate::store::companies::append;
use crate::store::event;
use crate::store::facts;
use crate::store::next;
use crate::store::on_both_engines;
use crate::store::party;
use crate::store::uscc;

on_both_engines!(
    a_receipt_comes_back,
    attempts_at_a_company_are_counted,
    personal_fields_are_erased_and_the_other_claims_stay,
    one_receipt_that_is_broken_keeps_no_other_from_being_erased,
    receipts_go_when_their_time_is_over,
);

fn looked() -> AuditEvent {
    event(at(1), AuditAction::CompanyConfirmed, "x")
}

fn id(number: u8) -> ReceiptId {
    ReceiptId::from_random([number; 16])
}

fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).unwrap()
}

async fn a_receipt_comes_back(store: Store) {
    let receipts = store.receipts();
    let facts = json!({"fields": {"name": "一致"}, "n": 1});
    for (number, kind, sub) in [
        (1, ReceiptKind::Verify, None),
        (2, ReceiptKind::Confirm, Some(uscc(1))),
        (3, ReceiptKind::Match, Some(uscc(1))),
    ] {
        let mut claims = ReceiptClaims::new(
            kind,
            id(number),
            "https://a.example",
            "bank-a",
            1_700_000_000,
        );
        claims.sub.clone_from(&sub);
        receipts
            .insert(&claims, "a.b.c", &facts, &looked())
            .await
            .unwrap();
        let expected = StoredReceipt {
            id: id(number),
            caller: party("bank-a"),
            kind,
            subject: sub,
            issued_at: seconds(1_700_000_000),
            form: ReceiptForm::Signed("a.b.c".to_owned()),
            facts: facts.clone(),
        };
        assert_eq!(receipts.load(&id(number)).await.unwrap(), Some(expected));
        let again = receipts.insert(&claims, "d.e.f", &facts, &looked()).await;
        assert!(matches!(again, Err(StoreError::Refused(_))), "{again:?}");
    }
    assert_eq!(receipts.load(&id(9)).await.unwrap(), None);
    let claims = ReceiptClaims::new(
        ReceiptKind::Verify,
        id(9),
        "https://a.example",
        "bank-a",
        i64::MAX,
    );
    let refused = receipts.insert(&claims, "a.b.c", &facts, &looked()).await;
    assert!(
        matches!(refused, Err(StoreError::Unstorable)),
        "{refused:?}"
    );
}

async fn attempts_at_a_company_are_counted(store: Store) {
    for number in [1, 2] {
        let (event, company) = next(None, facts(&uscc(number), "某公司"), at(0));
        append(&store, &event, &company).await;
    }
    let receipts = store.receipts();
    let claims = |number, kind, caller, company, time| ReceiptClaims {
        sub: Some(uscc(company)),
        ..ReceiptClaims::new(kind, id(number), "https://a.example", caller, time)
    };
    for (number, kind, caller, company, time) in [
        (1, ReceiptKind::Match, "bank-a", 1, 100),
        (2, ReceiptKind::Match, "bank-a", 1, 200),
        (3, ReceiptKind::Confirm, "bank-a", 1, 200),
        (4, ReceiptKind::Match, "bank-b", 1, 200),
        (5, ReceiptKind::Match, "bank-a", 2, 200),
    ] {
        let claims = claims(number, kind, caller, company, time);
        receipts
            .insert(&claims, "a.b.c", &json!({}), &looked())
            .await
            .unwrap();
    }
    let any = AttemptLimit {
        since: seconds(0),
        at_most: 9,
    };
    let other = claims(6, ReceiptKind::Verify, "bank-a", 1, 300);
    let refused = receipts
        .insert_limited(&other, "a.b.c", &json!({}), (any, &looked()))
        .await;
    assert!(matches!(refused, Err(StoreError::Unstorable)));
    let attempt = claims(6, ReceiptKind::Match, "bank-a", 1, 300);
    for (since, at_most, kept) in [
        (100, 2, false),
        (101, 1, false),
        (201, 0, false),
        (101, 2, true),
    ] {
        let limit = AttemptLimit {
            since: seconds(since),
            at_most,
        };
        let inserted = receipts
            .insert_limited(&attempt, "a.b.c", &json!({}), (limit, &looked()))
            .await
            .unwrap();
        assert_eq!(inserted, kept, "at most {at_most} since {since}");
        let stored = receipts.load(&attempt.jti).await.unwrap();
        assert_eq!(stored.is_some(), kept);
    }
}

/// Receipts of two callers, a second apart; the fields by which somebody can be told are those of `personal`.
async fn several(store: &Store, personal: [(Option<&str>, Option<&str>); 5]) -> Vec<String> {
    let (key, _) = SigningKey::generate(KeyPurpose::Receipt).unwrap();
    let mut all = Vec::new();
    for (number, (operator, matter)) in (0..).zip(personal) {
        let caller = ["bank-a", "bank-b"][usize::from(number % 2)];
        let kind = ReceiptKind::Confirm;
        let iss = "https://a.example";
        let claims = ReceiptClaims {
            sub: Some(uscc(1)),
            answer: Some(receipt::ReceiptDigest::new([1; 32])),
            operator: operator.map(str::to_owned),
            matter_code: matter.map(str::to_owned),
            ..ReceiptClaims::new(kind, id(number), iss, caller, 100 + i64::from(number))
        };
        let signed = receipt::sign(&claims, &key).unwrap();
        let receipts = store.receipts();
        receipts
            .insert(&claims, &signed, &json!({}), &looked())
            .await
            .unwrap();
        all.push(signed);
    }
    all
}

async fn forms(store: &Store) -> Vec<Option<ReceiptForm>> {
    let mut all = Vec::new();
    for number in 0..5 {
        let stored = store.receipts().load(&id(number)).await.unwrap();
        all.push(stored.map(|stored| stored.form));
    }
    all
}

async fn told(store: &Store, action: AuditAction) -> Vec<(String, String, String)> {
    let events = store.audit().list(0, 100).await.unwrap().into_iter();
    let events = events
        .map(|one| one.event)
        .filter(|event| event.action == action);
    events
        .map(|event| (event.actor, event.object, event.outcome))
        .collect()
}

/// How many lose what names people, much later.
async fn erase(store: &Store, erasure: &Erasure, actor: &str) -> u64 {
    let (receipts, looked) = (store.receipts(), AtomicU64::new(0));
    let progress = |seen: u64| {
        assert!(seen >= looked.swap(seen, Ordering::Relaxed));
    };
    let actor = (seconds(100_000), actor);
    let erased = receipts.erase(erasure, actor, &progress).await.unwrap();
    assert!(erased <= looked.into_inner());
    erased
}

async fn personal_fields_are_erased_and_the_other_claims_stay(store: Store) {
    let signed = several(
        &store,
        [
            (Some("柜员 7"), None),
            (None, None),
            (None, Some("2026-1")),
            (Some("柜员 7"), Some("2026-2")),
            (Some("柜员 8"), None),
        ],
    )
    .await;
    let receipts = store.receipts();
    let before = Erasure::Before(seconds(103));
    assert_eq!(erase(&store, &before, "system").await, 2);
    assert_eq!(erase(&store, &before, "system").await, 0);
    for (number, form) in forms(&store).await.into_iter().enumerate() {
        let said = receipt::read(&signed[number]).unwrap();
        let form = form.unwrap();
        let is_erased = [0, 2].contains(&number);
        assert_eq!(form.signed().is_none(), is_erased, "{number}");
        let expected = match is_erased {
            true => ReceiptClaims {
                operator: None,
                matter_code: None,
                ..said
            },
            false => said,
        };
        assert_eq!(form.claims().unwrap(), expected);
    }
    // Whoever it was, whenever; and what is erased already is not counted again.
    let operator = Erasure::Operator("柜员 7".to_owned());
    assert_eq!(erase(&store, &operator, "console").await, 1);
    assert_eq!(forms(&store).await[3].as_ref().unwrap().signed(), None);
    // Going further begins where the last time ended, and finds what was answered since.
    let later = Erasure::Before(seconds(200_000));
    assert_eq!(erase(&store, &later, "system").await, 1);
    assert_eq!(erase(&store, &before, "system").await, 0);
    let late = ReceiptClaims {
        operator: Some("柜员 9".to_owned()),
        ..receipt::read(&signed[4]).unwrap()
    };
    let late = ReceiptClaims {
        jti: id(9),
        iat: 99_990,
        ..late
    };
    let (key, _) = SigningKey::generate(KeyPurpose::Receipt).unwrap();
    let compact = receipt::sign(&late, &key).unwrap();
    receipts
        .insert(&late, &compact, &json!({}), &looked())
        .await
        .unwrap();
    assert_eq!(erase(&store, &later, "system").await, 1);
    let told = told(&store, AuditAction::AuditErased).await;
    let outcomes: Vec<&str> = told
        .iter()
        .map(|(_, _, outcome)| outcome.as_str())
        .collect();
    assert_eq!(
        outcomes,
        ["2 receipts", "1 receipts", "1 receipts", "1 receipts"]
    );
    assert_eq!(told[1].1, "one operator", "never whom it was about");
}

async fn one_receipt_that_is_broken_keeps_no_other_from_being_erased(store: Store) {
    several(&store, [(Some("柜员 7"), None); 5]).await;
    let receipts = store.receipts();
    let broken = ReceiptClaims::new(
        ReceiptKind::Verify,
        id(8),
        "https://a.example",
        "bank-a",
        100,
    );
    receipts
        .insert(&broken, "a.b.c", &json!({}), &looked())
        .await
        .unwrap();
    // Whether it names the operator cannot be told.
    let operator = Erasure::Operator("柜员 7".to_owned());
    let told = receipts
        .erase(&operator, (seconds(100_000), "console"), &|_| {})
        .await;
    assert!(
        matches!(&told, Err(StoreError::Inconsistent { id, .. }) if *id == self::id(8).to_string()),
        "{told:?}"
    );
    for form in forms(&store).await {
        assert_eq!(form.unwrap().signed(), None);
    }
    // That its time is over can.
    let before = Erasure::Before(seconds(1_000));
    assert_eq!(erase(&store, &before, "system").await, 1);
    assert_eq!(erase(&store, &before, "system").await, 0);
    let broken = receipts.load(&id(8)).await.unwrap().unwrap();
    assert_eq!(broken.form.signed(), Some(""));
    assert!(broken.form.claims().is_err());
}

async fn receipts_go_when_their_time_is_over(store: Store) {
    several(&store, [(None, None); 5]).await;
    let receipts = store.receipts();
    let now = seconds(1_000);
    assert_eq!(receipts.remove_before(seconds(100), now).await.unwrap(), 0);
    assert_eq!(receipts.remove_before(seconds(103), now).await.unwrap(), 3);
    assert_eq!(receipts.remove_before(seconds(103), now).await.unwrap(), 0);
    let left = forms(&store).await;
    let left: Vec<bool> = left.iter().map(Option::is_some).collect();
    assert_eq!(left, [false, false, false, true, true]);
    let told = told(&store, AuditAction::ReceiptsRemoved).await;
    let line = |object: &str, outcome: &str| {
        let [actor, object, outcome] = ["system", object, outcome].map(str::to_owned);
        (actor, object, outcome)
    };
    assert_eq!(
        told,
        [
            line("of bank-a before 1970-01-01T00:01:43Z", "2 receipts"),
            line("of bank-b before 1970-01-01T00:01:43Z", "1 receipts"),
        ]
    );
}
