use std::collections::BTreeMap;

use serde_json::json;
use yinxin::crypto::digest::sha256;
use yinxin::encoding::json::canonical;
use yinxin::evidence::receipt::ReceiptKind;
use yinxin::registry::company::FieldAnswer;
use yinxin::service::call::CallContext;
use yinxin::service::call::Caller;
use yinxin::service::match_facts::ATTEMPTS_WINDOW;
use yinxin::service::match_facts::MAX_ATTEMPTS;
use yinxin::service::match_facts::MatchError;
use yinxin::service::match_facts::Matched;

use crate::running_city::City;
use crate::running_city::in_a_city;
use crate::service::claims;
use crate::store::uscc;

in_a_city!(
    each_field_is_answered_and_the_answer_is_signed,
    nothing_on_record_is_told,
    attempts_are_limited_by_caller_and_company,
    attempts_made_at_once_are_limited_as_well,
    a_question_that_cannot_be_answered_is_no_attempt,
);

async fn ask(
    city: &City,
    caller: &Caller,
    number: u32,
    facts: &[(&str, &str)],
) -> Result<Matched, MatchError> {
    let facts: BTreeMap<String, String> = facts
        .iter()
        .map(|(field, value)| ((*field).to_owned(), (*value).to_owned()))
        .collect();
    let context = CallContext::default();
    city.app
        .match_facts(caller, &uscc(number), &facts, &context)
        .await
}

const FACTS: [(&str, &str); 5] = [
    ("name", "东莞市示例1有限公司"),
    ("legalRepresentative", "别人"),
    ("capital", "2130000"),
    ("industry", "C39"),
    ("registrations.state-tax", "4419-1"),
];

async fn each_field_is_answered_and_the_answer_is_signed(city: City) {
    city.company(1).await;
    let matched = ask(&city, &city.bank_a, 1, &FACTS).await.unwrap();
    let answers: Vec<FieldAnswer> = matched.answer.fields.values().copied().collect();
    let (yes, no, unknown) = (
        FieldAnswer::Consistent,
        FieldAnswer::Inconsistent,
        FieldAnswer::Unknown,
    );
    assert_eq!(
        answers,
        [yes, unknown, no, yes, yes],
        "in the order of the names"
    );
    assert!(!matched.answer.all_consistent());
    let claims = claims(&matched.receipt.compact);
    assert_eq!(
        (claims.kind, claims.aud.as_str()),
        (ReceiptKind::Match, "bank-a")
    );
    assert_eq!(claims.sub, Some(uscc(1)));
    let fields = json!({"fields": matched.answer.fields});
    assert_eq!(claims.answer, Some(sha256(&canonical(&fields)).into()));
}

async fn nothing_on_record_is_told(city: City) {
    city.company(1).await;
    let matched = ask(&city, &city.bank_a, 1, &[("address", "猜测")])
        .await
        .unwrap();
    let stored = city
        .store
        .receipts()
        .load(&matched.receipt.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.facts, json!({"fields": {"address": "inconsistent"}}));
    assert!(!format!("{:?}", matched.answer).contains("南城"));
}

async fn attempts_are_limited_by_caller_and_company(city: City) {
    city.company(1).await;
    city.company(2).await;
    for _ in 0..MAX_ATTEMPTS {
        ask(&city, &city.bank_a, 1, &FACTS).await.unwrap();
        city.wait(1);
    }
    let refused = ask(&city, &city.bank_a, 1, &FACTS).await;
    assert!(
        matches!(refused, Err(MatchError::TooManyAttempts { .. })),
        "{refused:?}"
    );
    // Others, and other companies, are not concerned.
    ask(&city, &city.bank_b, 1, &FACTS).await.unwrap();
    ask(&city, &city.bank_a, 2, &FACTS).await.unwrap();
    // A second before the first attempt is an hour old, and then.
    city.wait(ATTEMPTS_WINDOW.as_secs() - MAX_ATTEMPTS - 1);
    assert!(ask(&city, &city.bank_a, 1, &FACTS).await.is_err());
    city.wait(2);
    ask(&city, &city.bank_a, 1, &FACTS).await.unwrap();
    assert!(ask(&city, &city.bank_a, 1, &FACTS).await.is_err());
}

async fn attempts_made_at_once_are_limited_as_well(city: City) {
    city.company(1).await;
    let city = std::sync::Arc::new(city);
    let attempts: Vec<_> = (0..MAX_ATTEMPTS + 20)
        .map(|_| {
            let city = std::sync::Arc::clone(&city);
            tokio::spawn(async move { ask(&city, &city.bank_a, 1, &FACTS).await.is_ok() })
        })
        .collect();
    let mut answered = 0;
    for attempt in attempts {
        answered += u64::from(attempt.await.unwrap());
    }
    assert_eq!(answered, MAX_ATTEMPTS);
}

async fn a_question_that_cannot_be_answered_is_no_attempt(city: City) {
    city.company(1).await;
    for facts in [
        &[][..],
        &[("capitol", "1")],
        &[("name", "x"), ("establishedOn", "1.3.2015")],
    ] {
        for _ in 0..=MAX_ATTEMPTS {
            let refused = ask(&city, &city.bank_a, 1, facts).await;
            assert!(matches!(refused, Err(MatchError::Field(_))), "{refused:?}");
        }
    }
    let unknown = ask(&city, &city.bank_a, 3, &FACTS).await;
    assert!(matches!(unknown, Err(MatchError::UnknownCompany(named)) if named == uscc(3)));
    ask(&city, &city.bank_a, 1, &FACTS).await.unwrap();
}
