//! What is kept in memory never outlives what it was made of: a change is in force from the next request on, whoever
//! made it.

use yinxin::clock::Timestamp;
use yinxin::credential::state::ChangeReason;
use yinxin::registry::caller_terms::CallerTerms;
use yinxin::registry::issuer::IssuerEntry;
use yinxin::registry::recognition::Recogniser;
use yinxin::registry::recognition::RecognitionRow;
use yinxin::registry::recognition::change::Change;
use yinxin::registry::relying_party::Scope;
use yinxin::service::app::App;
use yinxin::service::authenticate::AuthenticateError;
use yinxin::service::call::Caller;
use yinxin::service::change_status::StatusAction;
use yinxin::validation::reason::ReasonCode;
use yinxin::validation::report::Indication;
use yinxin::validation::report::Report;
use yinxin::validation::trust_store::CaId;
use yinxin::validation::trust_store::Usage;

use crate::running_city::City;
use crate::running_city::REGISTRATION;
use crate::running_city::document_of;
use crate::running_city::in_a_city;
use crate::running_city::pki;
use crate::running_city::time;

in_a_city!(
    a_revoked_key_and_new_terms_count_at_once,
    an_expired_key_is_refused_by_the_clock_alone,
    the_use_of_a_key_is_noted_once_a_minute,
    a_credential_presented_again_is_judged_anew,
    a_line_of_the_issuer_register_that_ended_counts_at_once,
    a_recognition_that_ends_by_the_clock_ends,
    many_credentials_at_once_get_a_status_each,
);

async fn key(city: &City, until: Option<Timestamp>) -> String {
    let scopes = [Scope::Verify].into();
    let key = city.app.add_key(&city.bank_a.party.id, scopes, until).await;
    key.unwrap().expose().clone()
}

fn prefix(key: &str) -> String {
    key.split('_').nth(1).unwrap().to_owned()
}

async fn admitted(app: &App, key: &str) -> Option<Caller> {
    match app.authenticate(key).await {
        Ok(caller) => Some(caller),
        Err(AuthenticateError::InvalidKey) => None,
        Err(error) => panic!("{error:?}"),
    }
}

async fn a_revoked_key_and_new_terms_count_at_once(city: City) {
    let other = city.restarted();
    let key = key(&city, None).await;
    for app in [&city.app, &other, &city.app] {
        assert_eq!(
            admitted(app, &key).await.unwrap().terms,
            CallerTerms::default()
        );
    }
    // Of a key that is remembered, only the whole opens.
    let mut wrong = key.clone();
    wrong.replace_range(key.len() - 1.., if key.ends_with('A') { "E" } else { "A" });
    assert!(admitted(&city.app, &wrong).await.is_none());
    let terms = CallerTerms {
        requests_per_minute: Some(7),
        ..CallerTerms::default()
    };
    other
        .set_terms(&city.bank_a.party.id, &terms)
        .await
        .unwrap();
    for app in [&city.app, &other] {
        assert_eq!(admitted(app, &key).await.unwrap().terms, terms);
    }
    other.revoke_key(&prefix(&key)).await.unwrap();
    for app in [&city.app, &other] {
        assert!(admitted(app, &key).await.is_none());
    }
}

async fn an_expired_key_is_refused_by_the_clock_alone(city: City) {
    let key = key(
        &city,
        Some(city.app.now().plus(std::time::Duration::from_secs(60))),
    )
    .await;
    assert!(admitted(&city.app, &key).await.is_some());
    city.wait(59);
    assert!(admitted(&city.app, &key).await.is_some());
    city.wait(1);
    assert!(admitted(&city.app, &key).await.is_none());
}

async fn the_use_of_a_key_is_noted_once_a_minute(city: City) {
    let key = key(&city, None).await;
    let noted = async || {
        let found = city.store.callers().find_by_prefix(&prefix(&key)).await;
        found.unwrap().unwrap().0.last_used_at
    };
    let begun = city.app.now();
    for (seconds, expected) in [(0, 0), (30, 0), (29, 0), (1, 60), (30, 60), (30, 120)] {
        city.wait(seconds);
        assert!(admitted(&city.app, &key).await.is_some());
        let expected = begun.plus(std::time::Duration::from_secs(expected));
        assert_eq!(noted().await, Some(expected));
    }
}

fn code(report: &Report) -> Option<ReasonCode> {
    report.all_reasons().first().map(|reason| reason.code())
}

async fn a_credential_presented_again_is_judged_anew(city: City) {
    let issued = city.issued().await;
    let other = city.restarted();
    for _ in 0..2 {
        let report = city.verify(&city.bank_a, &issued.compact).await;
        assert_eq!(report.indication, Indication::TotalPassed);
    }
    // With less disclosed it is another document; with a changed byte none that was signed.
    let less = issued.compact.rsplitn(3, '~').last().unwrap().to_owned() + "~";
    let report = city.verify(&city.bank_a, &less).await;
    assert_eq!(report.indication, Indication::TotalPassed);
    assert_eq!(report.credential.unwrap().withheld.len(), 1);
    // Who does not recognise the CA does not because another one does.
    let nobody = city.department("customs");
    let report = city.verify(&nobody, &issued.compact).await;
    assert_eq!(code(&report), Some(ReasonCode::CaNotRecognised));
    let id = &issued.reservation.id;
    let reason = || ChangeReason::parse("test").unwrap();
    for (action, indication) in [
        (StatusAction::Suspend, Indication::Indeterminate),
        (StatusAction::Reinstate, Indication::TotalPassed),
        (StatusAction::Revoke, Indication::TotalFailed),
    ] {
        let changed = other
            .change_status(&city.market, id, action, &reason())
            .await;
        changed.unwrap();
        for _ in 0..2 {
            let report = city.verify(&city.bank_a, &issued.compact).await;
            assert_eq!(report.indication, indication);
        }
    }
}

async fn a_line_of_the_issuer_register_that_ended_counts_at_once(city: City) {
    let issued = city.issued().await;
    let other = city.restarted();
    let report = city.verify(&city.bank_a, &issued.compact).await;
    assert_eq!(report.indication, Indication::TotalPassed);
    let line = city.issuer(&city.market.party.department.clone().unwrap(), REGISTRATION);
    let ended = IssuerEntry {
        valid_until: Some(time("2026-02-01T00:00:00Z")),
        ..line
    };
    other.enter_issuer(&ended).await.unwrap();
    let report = city.verify(&city.bank_a, &issued.compact).await;
    assert_eq!(report.indication, Indication::Indeterminate);
}

async fn a_recognition_that_ends_by_the_clock_ends(city: City) {
    let issued = city.issued().await;
    let customs = city.department("customs");
    let matter = (
        CaId::parse("city").unwrap(),
        Usage::parse("credential-issuing").unwrap(),
    );
    let anchors = vec![pki().city.certificate().sha256()];
    let in_seconds = |seconds| city.app.now().plus(std::time::Duration::from_secs(seconds));
    let row = RecognitionRow {
        valid_until: Some(in_seconds(20)),
        ..RecognitionRow::accept(customs.party.id.clone(), matter, anchors, in_seconds(10))
    };
    city.app.add_caller(&customs.party).await.unwrap();
    let other = city.restarted();
    other
        .add_recognition(std::slice::from_ref(&row))
        .await
        .unwrap();
    let expected = [
        Indication::Indeterminate,
        Indication::TotalPassed,
        Indication::Indeterminate,
    ];
    for indication in expected {
        for _ in 0..2 {
            let report = city.verify(&customs, &issued.compact).await;
            assert_eq!(report.indication, indication, "{:?}", report.validated_at);
        }
        city.wait(10);
    }
    let bank = Recogniser::One(city.bank_a.party.id.clone());
    let emptied = other.change_recognition(None, |rows| {
        let is_hers = |row: &&RecognitionRow| row.caller == bank;
        Change {
            removed: rows.iter().filter(is_hers).cloned().collect(),
            added: Vec::new(),
        }
    });
    emptied.await.unwrap();
    let report = city.verify(&city.bank_a, &issued.compact).await;
    assert_eq!(code(&report), Some(ReasonCode::CaNotRecognised));
}

async fn many_credentials_at_once_get_a_status_each(city: City) {
    let mut issued = Vec::new();
    for number in 1..=12 {
        let uscc = city.company(number).await;
        issued.push(city.issue(&uscc).await);
    }
    let reason = ChangeReason::parse("test").unwrap();
    for one in issued.iter().step_by(3) {
        let (id, action) = (&one.reservation.id, StatusAction::Revoke);
        let revoked = city
            .app
            .change_status(&city.market, id, action, &reason)
            .await;
        revoked.unwrap();
    }
    let mut asking = tokio::task::JoinSet::new();
    for (place, one) in issued.into_iter().enumerate() {
        let (app, caller) = (city.app.clone(), city.bank_a.clone());
        asking.spawn(async move {
            let report = app
                .verify(&caller, document_of(&one.compact))
                .await
                .unwrap();
            (place, report)
        });
    }
    while let Some(answer) = asking.join_next().await {
        let (place, report) = answer.unwrap();
        let expected = match place % 3 {
            0 => Indication::TotalFailed,
            _ => Indication::TotalPassed,
        };
        assert_eq!(report.indication, expected, "{place}");
        assert!(report.receipt.is_some());
    }
}
