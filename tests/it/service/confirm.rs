use serde_json::Value;
use serde_json::json;
use yinxin::clock::Clock;
use yinxin::clock::Timestamp;
use yinxin::crypto::digest::sha256;
use yinxin::encoding::json::canonical;
use yinxin::evidence::receipt::ReceiptKind;
use yinxin::identifier::uscc::Uscc;
use yinxin::service::call::CallContext;
use yinxin::service::call::CallerText;
use yinxin::service::confirm::ConfirmError;
use yinxin::service::confirm::Confirmation;
use yinxin::store::receipts::ReceiptForm;

use crate::running_city::City;
use crate::running_city::NOW;
use crate::running_city::URL;
use crate::running_city::facts;
use crate::running_city::in_a_city;
use crate::running_city::registration;
use crate::service::claims;
use crate::store::uscc;

in_a_city!(
    as_of_answers_exactly_what_was_answered_then,
    before_its_first_fact_a_company_is_unknown,
    the_future_is_refused,
    an_answer_is_signed_for_who_asked,
    the_longest_texts_of_a_caller_fit_into_its_receipt,
    a_purpose_that_does_not_exist_is_refused,
    the_public_is_answered_without_receipt,
);

async fn confirm(city: &City, as_of: Option<Timestamp>) -> Result<Confirmation, ConfirmError> {
    let context = CallContext::default();
    city.app
        .confirm(&city.bank_a, &uscc(1), as_of, &context)
        .await
}

/// Records what `step` says: facts, or a registration for a step that names a department.
async fn record(city: &City, step: &Value) {
    let recorded = if step["department"].is_null() {
        let facts = facts(1, step.clone());
        city.app
            .record_facts(&city.market, &uscc(1), facts, None)
            .await
    } else {
        let registration = serde_json::from_value(step.clone()).unwrap();
        city.app
            .record_registration(&city.tax, &uscc(1), registration)
            .await
    };
    recorded.unwrap();
}

async fn as_of_answers_exactly_what_was_answered_then(city: City) {
    let steps = [
        json!({}),
        json!({"name": "东莞市改名有限公司"}),
        registration("state-tax", "4419-1"),
        json!({"name": "东莞市改名有限公司", "flags": ["abnormal-operation"]}),
        json!({"name": "东莞市改名有限公司", "state": "deregistered", "nameEn": null}),
        registration("state-tax", "4419-2"),
    ];
    let mut answered: Vec<(Timestamp, Value)> = Vec::new();
    for step in &steps {
        city.wait(10);
        record(&city, step).await;
        let confirmation = confirm(&city, None).await.unwrap();
        answered.push((city.clock.now(), confirmation.answer));
    }
    city.wait(10);
    let mut before = None;
    for (recorded_at, answer) in &answered {
        // The microsecond before a change still has the old answer, the change itself has the new one.
        let earlier = Timestamp::from_micros(recorded_at.as_micros() - 1);
        let then = confirm(&city, earlier).await.ok();
        assert_eq!(then.map(|then| then.answer).as_ref(), before);
        for seconds in [0, 9] {
            let as_of = recorded_at.plus(std::time::Duration::from_secs(seconds));
            let then = confirm(&city, Some(as_of)).await.unwrap();
            assert_eq!(then.answer, *answer, "as of {as_of}");
            assert_eq!(then.as_of, Some(as_of));
        }
        assert_ne!(before, Some(answer), "each step changes the answer");
        before = Some(answer);
    }
    assert_eq!(confirm(&city, None).await.unwrap().answer, answered[5].1);
}

async fn before_its_first_fact_a_company_is_unknown(city: City) {
    let unknown = |answer: Result<Confirmation, ConfirmError>| matches!(answer, Err(ConfirmError::UnknownCompany(named)) if named == uscc(1));
    assert!(unknown(confirm(&city, None).await));
    city.wait(10);
    city.company(1).await;
    assert!(unknown(confirm(&city, Some(*NOW)).await));
    assert!(unknown(confirm(&city, Some(Timestamp::MIN)).await));
    assert!(confirm(&city, None).await.is_ok());
}

async fn the_future_is_refused(city: City) {
    city.company(1).await;
    assert!(confirm(&city, Some(*NOW)).await.is_ok());
    for as_of in [
        Timestamp::from_micros(NOW.as_micros() + 1).unwrap(),
        Timestamp::MAX,
    ] {
        let refused = confirm(&city, Some(as_of)).await;
        assert!(
            matches!(refused, Err(ConfirmError::AsOfInFuture { as_of: named }) if named == as_of)
        );
    }
}

async fn an_answer_is_signed_for_who_asked(city: City) {
    let uscc: Uscc = city.company(1).await;
    city.wait(60);
    let context = CallContext {
        purpose: Some("account-opening".to_owned()),
        operator: Some(CallerText::parse("柜员 7").unwrap()),
        matter_code: Some(CallerText::parse("2026-1").unwrap()),
    };
    let confirmation = city
        .app
        .confirm(&city.bank_b, &uscc, Some(*NOW), &context)
        .await;
    let confirmation = confirmation.unwrap();
    let receipt = confirmation.receipt.unwrap();
    let claims = claims(&receipt.compact);
    assert_eq!(
        (claims.kind, claims.jti),
        (ReceiptKind::Confirm, receipt.id.clone())
    );
    assert_eq!((claims.iss.as_str(), claims.aud.as_str()), (URL, "bank-b"));
    assert_eq!(claims.iat, city.clock.now().as_unix_seconds());
    assert_eq!(
        (receipt.at, confirmation.answered_at),
        (city.clock.now(), city.clock.now())
    );
    assert_eq!(claims.as_of, Some(NOW.as_unix_seconds()));
    assert_eq!(claims.sub, Some(uscc));
    let digest = sha256(&canonical(&confirmation.answer));
    assert_eq!(claims.answer, Some(digest.into()));
    assert_eq!(claims.purpose, context.purpose);
    assert_eq!(claims.operator.as_deref(), Some("柜员 7"));
    assert_eq!(claims.matter_code.as_deref(), Some("2026-1"));
    let stored = city
        .store
        .receipts()
        .load(&receipt.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (stored.form, stored.facts),
        (ReceiptForm::Signed(receipt.compact), confirmation.answer)
    );
}

async fn the_longest_texts_of_a_caller_fit_into_its_receipt(city: City) {
    city.company(1).await;
    for (character, most) in [("a", 64), ("\\", 64), ("印", 64), ("\u{20000}", 48)] {
        let text = CallerText::parse(&character.repeat(most)).unwrap();
        assert!(CallerText::parse(&character.repeat(most + 1)).is_err());
        let context = CallContext {
            purpose: Some("social-security-filing".to_owned()),
            operator: Some(text.clone()),
            matter_code: Some(text),
        };
        let answer = city
            .app
            .confirm(&city.bank_a, &uscc(1), None, &context)
            .await;
        let receipt = answer
            .unwrap_or_else(|error| panic!("{character}: {error:?}"))
            .receipt;
        let operator = claims(&receipt.unwrap().compact).operator.unwrap();
        assert_eq!(operator.chars().count(), most);
    }
}

async fn a_purpose_that_does_not_exist_is_refused(city: City) {
    city.company(1).await;
    for purpose in ["", "Loan", "贷款", &"a".repeat(1000)] {
        let context = CallContext {
            purpose: Some(purpose.to_owned()),
            ..CallContext::default()
        };
        let refused = city
            .app
            .confirm(&city.bank_a, &uscc(1), None, &context)
            .await;
        assert!(
            matches!(refused, Err(ConfirmError::Profile(_))),
            "{refused:?}"
        );
    }
}

async fn the_public_is_answered_without_receipt(city: City) {
    let uscc = city.company(1).await;
    let public = city.app.public_caller();
    let answer = city
        .app
        .confirm(&public, &uscc, None, &CallContext::default())
        .await;
    let answer = answer.unwrap();
    assert_eq!(answer.company.uscc, uscc);
    assert!(answer.receipt.is_none());
    assert_eq!(
        city.store.signing_clock().highest().await.unwrap(),
        None,
        "nothing was signed"
    );
}
