//! The highest time ever signed is kept; a clock before it signs nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use yinxin::clock::Clock;
use yinxin::clock::Timestamp;
use yinxin::credential::sd_jwt_vc::parse::Limits;
use yinxin::credential::sd_jwt_vc::parse::SdJwt;
use yinxin::credential::state::ChangeReason;
use yinxin::credential::status_list::token::StatusListToken;
use yinxin::service::app::App;
use yinxin::service::call::CallContext;
use yinxin::service::change_status::StatusAction;
use yinxin::service::confirm::ConfirmError;
use yinxin::service::issue::IssueError;
use yinxin::service::match_facts::MatchError;
use yinxin::service::publish_status::PublishStatusError;
use yinxin::service::sign_receipt::SignReceiptError;
use yinxin::service::sign_receipt::SigningTimeError;
use yinxin::service::sign_receipt::TOLERATED_CLOCK_STEP;
use yinxin::service::verify::VerifyError;
use yinxin::store::credentials::IssuedCredential;

use crate::running_city::City;
use crate::running_city::REGISTRATION;
use crate::running_city::document_of;
use crate::running_city::in_a_city;
use crate::running_city::request;
use crate::service::claims;
use crate::store::uscc;

in_a_city!(
    a_clock_that_went_back_signs_nothing,
    a_restart_does_not_forget_what_was_signed,
    a_small_step_back_is_tolerated_and_no_lower_time_is_signed,
    doctor_is_told_of_a_clock_that_is_behind,
);

async fn confirm(app: &App, city: &City) -> Result<Timestamp, ConfirmError> {
    let context = CallContext::default();
    let answer = app.confirm(&city.bank_a, &uscc(1), None, &context).await?;
    Timestamp::from_unix_seconds(claims(&answer.receipt.unwrap().compact).iat)
        .ok_or_else(|| panic!("a time"))
}

/// A city that has signed at its present time, with a status list that must be signed anew.
async fn signed(city: &City) -> IssuedCredential {
    let credential = city.issued().await;
    city.app
        .status_list(&credential.reservation.status.list)
        .await
        .unwrap();
    let reason = ChangeReason::parse("因由").unwrap();
    let id = &credential.reservation.id;
    let changed = city
        .app
        .change_status(&city.market, id, StatusAction::Suspend, &reason)
        .await;
    changed.unwrap();
    credential
}

async fn refuses_to_sign(app: &App, city: &City, credential: &IssuedCredential) {
    let behind = |error: &SignReceiptError| {
        matches!(
            error,
            SignReceiptError::Time(SigningTimeError::ClockBehind { .. })
        )
    };
    let context = CallContext::default();
    let confirmed = confirm(app, city).await;
    assert!(
        matches!(&confirmed, Err(ConfirmError::Receipt(error)) if behind(error)),
        "{confirmed:?}"
    );
    let facts = BTreeMap::from([("name".to_owned(), "x".to_owned())]);
    let matched = app
        .match_facts(&city.bank_a, &uscc(1), &facts, &context)
        .await;
    assert!(
        matches!(&matched, Err(MatchError::Receipt(error)) if behind(error)),
        "{matched:?}"
    );
    let verified = app
        .verify(&city.bank_a, document_of(&credential.compact))
        .await;
    assert!(
        matches!(&verified, Err(VerifyError::Receipt(error)) if behind(error)),
        "{verified:?}"
    );
    let issued = app
        .issue(&city.market, &request(&uscc(1), REGISTRATION), None)
        .await;
    assert!(
        matches!(
            issued,
            Err(IssueError::Time(SigningTimeError::ClockBehind { .. }))
        ),
        "{issued:?}"
    );
    let list = app.status_list(&credential.reservation.status.list).await;
    assert!(
        matches!(
            list,
            Err(PublishStatusError::Time(
                SigningTimeError::ClockBehind { .. }
            ))
        ),
        "{list:?}"
    );
}

async fn a_clock_that_went_back_signs_nothing(city: City) {
    let credential = signed(&city).await;
    let highest = city.clock.now();
    for back in [
        TOLERATED_CLOCK_STEP + Duration::from_micros(1),
        Duration::from_secs(86400 * 365),
    ] {
        city.clock.set(highest.minus(back));
        refuses_to_sign(&city.app, &city, &credential).await;
    }
    assert_eq!(
        city.store
            .credentials()
            .for_company(&uscc(1))
            .await
            .unwrap()
            .len(),
        1
    );
    // What needs no signature goes on.
    let public = city.app.public_caller();
    city.app
        .confirm(&public, &uscc(1), None, &CallContext::default())
        .await
        .unwrap();
    city.clock.set(highest.minus(TOLERATED_CLOCK_STEP));
    confirm(&city.app, &city).await.unwrap();
}

async fn a_restart_does_not_forget_what_was_signed(city: City) {
    let credential = signed(&city).await;
    let highest = city.clock.now();
    city.clock.set(highest.minus(Duration::from_secs(6)));
    refuses_to_sign(&city.restarted(), &city, &credential).await;
    city.clock.set(highest.minus(Duration::from_secs(4)));
    assert_eq!(confirm(&city.restarted(), &city).await.unwrap(), highest);
}

async fn a_small_step_back_is_tolerated_and_no_lower_time_is_signed(city: City) {
    signed(&city).await;
    let mut highest = city.clock.now();
    // Back and forth around the highest time, by a fixed pattern of tenths of seconds.
    for tenths in [-40, 0, 7, -49, 13, 1, -30, 29, -1, -50, 50, -3_i64] {
        let at = highest.as_micros() + tenths * 100_000;
        city.clock.set(Timestamp::from_micros(at).unwrap());
        highest = highest.max(city.clock.now());
        let second = highest.as_unix_seconds();
        assert_eq!(
            confirm(&city.app, &city).await.unwrap().as_unix_seconds(),
            second,
            "{tenths}"
        );
        let issued = city.issue(&uscc(1)).await;
        assert_eq!(issued.reservation.issued_at, highest);
        let credential = SdJwt::parse(&issued.compact, Limits::DEFAULT).unwrap();
        assert_eq!(
            credential
                .registered()
                .issued_at
                .map(Timestamp::as_unix_seconds),
            Some(second)
        );
        let list = city
            .app
            .status_list(&issued.reservation.status.list)
            .await
            .unwrap()
            .unwrap();
        let token = StatusListToken::parse(&list.compact).unwrap();
        assert_eq!(token.issued_at().as_unix_seconds(), second);
    }
}

async fn doctor_is_told_of_a_clock_that_is_behind(city: City) {
    assert_eq!(city.app.health().await.unwrap().clock_behind, None);
    signed(&city).await;
    let highest = city.clock.now();
    city.clock.set(highest.minus(TOLERATED_CLOCK_STEP));
    assert_eq!(city.app.health().await.unwrap().clock_behind, None);
    city.clock.set(highest.minus(Duration::from_secs(6)));
    assert_eq!(city.app.health().await.unwrap().clock_behind, Some(highest));
}
