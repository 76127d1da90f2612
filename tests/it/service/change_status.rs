use std::sync::Arc;

use serde_json::json;
use yinxin::clock::Clock;
use yinxin::credential::state::ChangeReason;
use yinxin::credential::state::TransitionError;
use yinxin::identifier::opaque_id::CredentialId;
use yinxin::service::call::Caller;
use yinxin::service::change_status::ChangeStatusError;
use yinxin::service::change_status::StatusAction;
use yinxin::store::credentials::IssuedCredential;

use crate::running_city::City;
use crate::running_city::facts;
use crate::running_city::in_a_city;
use crate::store::uscc;

in_a_city!(
    a_change_says_who_when_and_why,
    a_suspended_credential_is_reinstated_or_revoked,
    only_the_department_that_owns_the_type_changes_it,
    an_end_is_final,
    what_does_not_exist_cannot_be_changed,
    of_many_who_revoke_at_once_one_does,
);

const ALL: [StatusAction; 3] = [
    StatusAction::Suspend,
    StatusAction::Reinstate,
    StatusAction::Revoke,
];

async fn change(
    city: &City,
    caller: &Caller,
    id: &CredentialId,
    action: StatusAction,
) -> Result<IssuedCredential, ChangeStatusError> {
    let reason = ChangeReason::parse(&format!("{} 因由", action.id())).unwrap();
    city.app.change_status(caller, id, action, &reason).await
}

async fn a_change_says_who_when_and_why(city: City) {
    let id = city.issued().await.reservation.id;
    city.wait(10);
    for (action, state) in [
        (StatusAction::Suspend, "suspended"),
        (StatusAction::Revoke, "revoked"),
    ] {
        city.wait(10);
        let changed = change(&city, &city.market, &id, action).await.unwrap();
        let change = changed.state.change().unwrap();
        assert_eq!(changed.state.name(), state);
        assert_eq!(
            (change.at, change.by.as_str()),
            (city.clock.now(), "market-regulation")
        );
        assert_eq!(change.reason.as_str(), format!("{} 因由", action.id()));
        assert_eq!(city.app.credential(&id).await.unwrap(), Some(changed));
    }
    let told = city.store.audit().list(0, 1000).await.unwrap();
    let lines: Vec<(&str, &str)> = told
        .iter()
        .filter(|told| told.event.object == id.as_str())
        .map(|told| (told.event.action.as_str(), told.event.outcome.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            ("credential.issued", "valid"),
            ("credential.suspended", "suspended: suspend 因由"),
            ("credential.revoked", "revoked: revoke 因由"),
        ]
    );
}

async fn a_suspended_credential_is_reinstated_or_revoked(city: City) {
    let id = city.issued().await.reservation.id;
    let refused = change(&city, &city.market, &id, StatusAction::Reinstate).await;
    assert!(matches!(
        refused,
        Err(ChangeStatusError::NotAllowed {
            cause: TransitionError::NotSuspended,
            ..
        })
    ));
    for _ in 0..2 {
        change(&city, &city.market, &id, StatusAction::Suspend)
            .await
            .unwrap();
        let refused = change(&city, &city.market, &id, StatusAction::Suspend).await;
        assert!(matches!(
            refused,
            Err(ChangeStatusError::NotAllowed {
                cause: TransitionError::AlreadySuspended,
                ..
            })
        ));
        let back = change(&city, &city.market, &id, StatusAction::Reinstate)
            .await
            .unwrap();
        assert_eq!((back.state.name(), back.state.change()), ("valid", None));
    }
    change(&city, &city.market, &id, StatusAction::Suspend)
        .await
        .unwrap();
    let ended = change(&city, &city.market, &id, StatusAction::Revoke)
        .await
        .unwrap();
    assert_eq!(ended.state.name(), "revoked");
}

async fn only_the_department_that_owns_the_type_changes_it(city: City) {
    let issued = city.issued().await;
    let id = &issued.reservation.id;
    for caller in [
        &city.tax,
        &city.bank_a,
        &city.app.public_caller(),
        &city.department("customs"),
    ] {
        for action in ALL {
            let refused = change(&city, caller, id, action).await;
            let told = matches!(&refused, Err(ChangeStatusError::NotYours { owner, .. }) if owner.as_str() == "market-regulation");
            assert!(told, "{refused:?}");
        }
    }
    assert_eq!(city.app.credential(id).await.unwrap(), Some(issued));
}

async fn an_end_is_final(city: City) {
    let revoked = city.issued().await.reservation.id;
    change(&city, &city.market, &revoked, StatusAction::Revoke)
        .await
        .unwrap();
    let company = city.company(2).await;
    let superseded = city.issue(&company).await.reservation.id;
    let facts = facts(2, json!({"name": "改名公司"}));
    city.app
        .record_facts(&city.market, &company, facts, None)
        .await
        .unwrap();
    // Expired while it was suspended, and while it stood.
    let (standing, company) = (
        city.issue(&company).await.reservation.id,
        city.company(3).await,
    );
    let suspended = city.issue(&company).await.reservation.id;
    change(&city, &city.market, &suspended, StatusAction::Suspend)
        .await
        .unwrap();
    city.wait(365 * 24 * 60 * 60);
    for (id, state) in [
        (&revoked, "revoked"),
        (&superseded, "superseded"),
        (&standing, "expired"),
        (&suspended, "expired"),
    ] {
        for action in ALL {
            let refused = change(&city, &city.market, id, action).await;
            let Err(ChangeStatusError::NotAllowed { cause, .. }) = refused else {
                panic!("{state}: {refused:?}");
            };
            assert_eq!(cause, TransitionError::AlreadyEnded { state });
        }
        assert_eq!(
            city.app.credential(id).await.unwrap().unwrap().state.name(),
            state
        );
    }
}

async fn what_does_not_exist_cannot_be_changed(city: City) {
    let id = CredentialId::from_random([0; 16]);
    for action in ALL {
        let refused = change(&city, &city.market, &id, action).await;
        assert!(matches!(refused, Err(ChangeStatusError::Unknown(named)) if named == id));
    }
    assert_eq!(city.app.credential(&id).await.unwrap(), None);
}

async fn of_many_who_revoke_at_once_one_does(city: City) {
    let id = city.issued().await.reservation.id;
    let city = Arc::new(city);
    let attempts: Vec<_> = (0..12)
        .map(|turn| {
            let (city, id) = (Arc::clone(&city), id.clone());
            let action = if turn % 2 == 0 {
                StatusAction::Revoke
            } else {
                StatusAction::Suspend
            };
            tokio::spawn(async move { (action, change(&city, &city.market, &id, action).await) })
        })
        .collect();
    let mut revoked = 0;
    for attempt in attempts {
        let (action, outcome) = attempt.await.unwrap();
        match outcome {
            Ok(_) => revoked += usize::from(action == StatusAction::Revoke),
            Err(ChangeStatusError::NotAllowed { .. } | ChangeStatusError::Busy(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(revoked, 1);
    assert_eq!(
        city.app
            .credential(&id)
            .await
            .unwrap()
            .unwrap()
            .state
            .name(),
        "revoked"
    );
    assert_eq!(
        city.store
            .credentials()
            .for_company(&uscc(1))
            .await
            .unwrap()
            .len(),
        1
    );
}
