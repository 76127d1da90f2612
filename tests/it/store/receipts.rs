use serde_json::json;
use yinxin::clock::Timestamp;
use yinxin::evidence::audit::AuditAction;
use yinxin::evidence::audit::AuditEvent;
use yinxin::evidence::receipt::ReceiptClaims;
use yinxin::evidence::receipt::ReceiptKind;
use yinxin::identifier::opaque_id::ReceiptId;
use yinxin::store::Store;
use yinxin::store::error::StoreError;
use yinxin::store::receipts::AttemptLimit;
use yinxin::store::receipts::StoredReceipt;

use crate::store::at;
use crate::store::companies::append;
use crate::store::event;
use crate::store::facts;
use crate::store::next;
use crate::store::on_both_engines;
use crate::store::party;
use crate::store::uscc;

on_both_engines!(a_receipt_comes_back, attempts_at_a_company_are_counted);

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
            compact: "a.b.c".to_owned(),
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
