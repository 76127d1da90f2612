use std::collections::BTreeSet;
use std::future::Future;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use serde_json::json;
use yinxin::clock::Clock;
use yinxin::crypto::digest::sha256;
use yinxin::identifier::opaque_id::CredentialId;
use yinxin::registry::department::DepartmentId;
use yinxin::registry::issuer::IssuerEntry;
use yinxin::registry::issuer::IssuerRefusal;
use yinxin::service::call::Caller;
use yinxin::service::issue::IdempotencyKey;
use yinxin::service::issue::IssueError;
use yinxin::service::issue::Issued;
use yinxin::store::credentials::IssuedCredential;
use yinxin::store::idempotency::KEPT_FOR;

use crate::running_city::City;
use crate::running_city::NOW;
use crate::running_city::REGISTRATION;
use crate::running_city::TAX;
use crate::running_city::URL;
use crate::running_city::facts;
use crate::running_city::in_a_city;
use crate::running_city::pki;
use crate::running_city::request;
use crate::running_city::time;
use crate::store::uscc;

in_a_city!(
    a_credential_is_issued_stored_and_in_force,
    the_same_request_gets_the_same_credential,
    another_body_under_the_same_key_is_refused,
    a_key_is_its_callers_own_and_forgotten_after_a_day,
    twenty_requests_at_once_under_one_key_get_one_credential,
    without_a_key_each_request_gets_its_own,
    a_refused_request_leaves_its_key_free,
    a_department_issues_only_the_types_it_owns,
    an_unknown_company_or_type_gets_nothing,
    without_a_line_in_the_issuer_register_nothing_is_issued,
    who_hangs_up_finds_the_credential_under_the_key,
    a_newer_credential_takes_the_place_of_the_older,
    a_changed_fact_supersedes_by_itself,
    what_a_credential_does_not_state_does_not_supersede_it,
    a_company_that_changes_meanwhile_never_has_a_stale_credential,
    of_credentials_issued_at_once_one_is_in_force,
);

fn key(key: &str, body: &str) -> Option<IdempotencyKey> {
    Some(IdempotencyKey {
        key: key.to_owned(),
        body: sha256(body.as_bytes()),
    })
}

async fn issue(
    city: &City,
    caller: &Caller,
    vct: &str,
    idempotency: Option<IdempotencyKey>,
) -> Result<Issued, IssueError> {
    city.app
        .issue(caller, &request(&uscc(1), vct), idempotency)
        .await
}

fn id(issued: &Issued) -> &CredentialId {
    &issued.credential.reservation.id
}

async fn all(city: &City) -> Vec<IssuedCredential> {
    city.store
        .credentials()
        .for_company(&uscc(1))
        .await
        .unwrap()
}

/// The states of the company's credentials, oldest first.
async fn states(city: &City) -> Vec<&'static str> {
    all(city)
        .await
        .iter()
        .map(|issued| issued.state.name())
        .collect()
}

async fn unfinished(city: &City) -> usize {
    let later = city.clock.now().plus(KEPT_FOR);
    city.store
        .credentials()
        .unfinished(later)
        .await
        .unwrap()
        .len()
}

async fn a_credential_is_issued_stored_and_in_force(city: City) {
    city.company(1).await;
    let issued = issue(&city, &city.market, REGISTRATION, None)
        .await
        .unwrap();
    assert!(!issued.replayed);
    let (credential, reservation) = (&issued.credential, &issued.credential.reservation);
    assert_eq!(credential.state.name(), "valid");
    assert_eq!(
        (reservation.vct.as_str(), &reservation.uscc),
        (REGISTRATION, &uscc(1))
    );
    assert_eq!(reservation.department, DepartmentId::MARKET_REGULATION);
    assert_eq!(
        (reservation.issued_at, reservation.company_version),
        (*NOW, 2)
    );
    assert_eq!(reservation.expires_at, time("2027-06-01T00:00:00Z"));
    let stored = city.app.credential(id(&issued)).await.unwrap();
    assert_eq!(stored.as_ref(), Some(credential));
    let told = city.store.audit().list(0, 1000).await.unwrap();
    let mut told = told
        .iter()
        .filter(|told| told.event.object == reservation.id.as_str());
    let line = &told.next().unwrap().event;
    assert_eq!(
        (line.action.as_str(), line.actor.as_str()),
        ("credential.issued", "market-regulation")
    );
    assert!(told.next().is_none());
}

async fn the_same_request_gets_the_same_credential(city: City) {
    city.company(1).await;
    let first = issue(&city, &city.market, REGISTRATION, key("k", "a"))
        .await
        .unwrap();
    city.wait(3600);
    let again = issue(&city, &city.market, REGISTRATION, key("k", "a"))
        .await
        .unwrap();
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(first.credential, again.credential);
    // What happened since shows.
    let facts = facts(1, json!({"name": "改名公司"}));
    city.app
        .record_facts(&city.market, &uscc(1), facts, None)
        .await
        .unwrap();
    let again = issue(&city, &city.market, REGISTRATION, key("k", "a"))
        .await
        .unwrap();
    assert_eq!(
        (id(&again), again.credential.state.name()),
        (id(&first), "superseded")
    );
    assert_eq!(all(&city).await.len(), 1);
}

async fn another_body_under_the_same_key_is_refused(city: City) {
    city.company(1).await;
    issue(&city, &city.market, REGISTRATION, key("k", "a"))
        .await
        .unwrap();
    let refused = issue(&city, &city.market, REGISTRATION, key("k", "b")).await;
    assert!(
        matches!(refused, Err(IssueError::IdempotencyKeyReused)),
        "{refused:?}"
    );
    assert_eq!(
        (states(&city).await, unfinished(&city).await),
        (vec!["valid"], 0)
    );
}

async fn a_key_is_its_callers_own_and_forgotten_after_a_day(city: City) {
    city.company(1).await;
    let market = issue(&city, &city.market, REGISTRATION, key("k", "a"))
        .await
        .unwrap();
    let tax = issue(&city, &city.tax, TAX, key("k", "a")).await.unwrap();
    assert_ne!(id(&market), id(&tax));
    city.wait(KEPT_FOR.as_secs() - 1);
    assert!(
        issue(&city, &city.market, REGISTRATION, key("k", "a"))
            .await
            .unwrap()
            .replayed
    );
    city.wait(1);
    let next = issue(&city, &city.market, REGISTRATION, key("k", "other"))
        .await
        .unwrap();
    assert!(!next.replayed);
    assert_ne!(id(&next), id(&market));
}

async fn twenty_requests_at_once_under_one_key_get_one_credential(city: City) {
    city.company(1).await;
    let city = Arc::new(city);
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let city = Arc::clone(&city);
            tokio::spawn(
                async move { issue(&city, &city.market, REGISTRATION, key("k", "a")).await },
            )
        })
        .collect();
    let (mut made, mut ids) = (0, BTreeSet::new());
    for request in requests {
        match request.await.unwrap() {
            Ok(issued) => {
                made += usize::from(!issued.replayed);
                ids.insert(id(&issued).to_string());
            }
            Err(error) => assert!(matches!(error, IssueError::InFlight), "{error:?}"),
        }
    }
    assert_eq!((made, ids.len()), (1, 1));
    assert_eq!(
        (states(&city).await, unfinished(&city).await),
        (vec!["valid"], 0)
    );
    let after = issue(&city, &city.market, REGISTRATION, key("k", "a"))
        .await
        .unwrap();
    assert_eq!(
        (after.replayed, ids.contains(id(&after).as_str())),
        (true, true)
    );
}

async fn without_a_key_each_request_gets_its_own(city: City) {
    city.company(1).await;
    let mut seen = BTreeSet::new();
    for _ in 0..3 {
        let issued = issue(&city, &city.market, REGISTRATION, None)
            .await
            .unwrap();
        assert!(!issued.replayed);
        assert!(seen.insert(id(&issued).to_string()));
        assert!(seen.insert(issued.credential.compact));
        city.wait(1);
    }
    assert_eq!(states(&city).await, ["superseded", "superseded", "valid"]);
}

async fn a_refused_request_leaves_its_key_free(city: City) {
    // First there is no company, then it is not registered with the department.
    let refused = issue(&city, &city.tax, TAX, key("k", "a")).await;
    assert!(
        matches!(refused, Err(IssueError::UnknownCompany(_))),
        "{refused:?}"
    );
    let facts = facts(1, json!({}));
    city.app
        .record_facts(&city.market, &uscc(1), facts, None)
        .await
        .unwrap();
    let refused = issue(&city, &city.tax, TAX, key("k", "a")).await;
    assert!(matches!(refused, Err(IssueError::Claims(_))), "{refused:?}");
    assert_eq!(unfinished(&city).await, 0);
    city.company(1).await;
    assert!(
        !issue(&city, &city.tax, TAX, key("k", "b"))
            .await
            .unwrap()
            .replayed
    );
}

async fn a_department_issues_only_the_types_it_owns(city: City) {
    city.company(1).await;
    let market_key = city.department("market-regulation");
    let mut department_by_name = city.bank_a.clone();
    // A caller is what its department is, not what it is called.
    department_by_name.party.id = market_key.party.id;
    for (caller, vct, owner) in [
        (&city.market, TAX, DepartmentId::STATE_TAX),
        (&city.tax, REGISTRATION, DepartmentId::MARKET_REGULATION),
        (&city.bank_a, REGISTRATION, DepartmentId::MARKET_REGULATION),
        (
            &department_by_name,
            REGISTRATION,
            DepartmentId::MARKET_REGULATION,
        ),
        (&city.app.public_caller(), TAX, DepartmentId::STATE_TAX),
    ] {
        let refused = issue(&city, caller, vct, key("k", "a")).await;
        let told = matches!(&refused, Err(IssueError::NotYourType { owner: named, .. }) if *named == owner);
        assert!(told, "{refused:?}");
    }
    assert_eq!((all(&city).await, unfinished(&city).await), (vec![], 0));
    issue(&city, &city.tax, TAX, key("k", "a")).await.unwrap();
}

async fn an_unknown_company_or_type_gets_nothing(city: City) {
    let refused = issue(&city, &city.market, REGISTRATION, None).await;
    assert!(matches!(refused, Err(IssueError::UnknownCompany(named)) if named == uscc(1)));
    city.company(1).await;
    for vct in [
        "",
        "business-registration",
        &format!("{REGISTRATION}/"),
        &REGISTRATION.replace("v1", "v2"),
    ] {
        let refused = issue(&city, &city.market, vct, None).await;
        assert!(
            matches!(&refused, Err(IssueError::UnknownType(named)) if named == vct),
            "{refused:?}"
        );
    }
    assert_eq!((all(&city).await, unfinished(&city).await), (vec![], 0));
}

async fn without_a_line_in_the_issuer_register_nothing_is_issued(city: City) {
    city.company(1).await;
    let line = city.issuer(&DepartmentId::MARKET_REGULATION, REGISTRATION);
    let other_key = yinxin::registry::issuer::IssuerIdentity::Spki(sha256(b"another key"));
    for (changed, expected) in [
        (
            IssuerEntry {
                identity: other_key,
                ..line.clone()
            },
            IssuerRefusal::NotListed,
        ),
        (
            IssuerEntry {
                iss: Some(format!("{URL}/other")),
                ..line.clone()
            },
            IssuerRefusal::OtherName,
        ),
        (
            IssuerEntry {
                vct: TAX.to_owned(),
                ..line.clone()
            },
            IssuerRefusal::OtherType,
        ),
        (
            IssuerEntry {
                regions: vec!["440100".to_owned()],
                ..line.clone()
            },
            IssuerRefusal::OtherRegion,
        ),
        (
            IssuerEntry {
                regions: vec![],
                ..line.clone()
            },
            IssuerRefusal::OtherRegion,
        ),
        (
            IssuerEntry {
                valid_until: Some(*NOW),
                ..line.clone()
            },
            IssuerRefusal::OtherTime,
        ),
        (
            IssuerEntry {
                valid_from: time("2026-06-01T00:00:01Z"),
                ..line.clone()
            },
            IssuerRefusal::OtherTime,
        ),
    ] {
        // The tax bureau's line knows the same key; it must not help.
        city.app.enter_issuer(&changed).await.unwrap();
        let refused = issue(&city, &city.market, REGISTRATION, key("k", "a")).await;
        let Err(IssueError::IssuerNotAuthorised(refusal)) = refused else {
            panic!("{refused:?}");
        };
        let nearest = expected.max(IssuerRefusal::OtherType);
        assert_eq!(refusal, nearest, "{changed:?}");
    }
    assert_eq!((all(&city).await, unfinished(&city).await), (vec![], 0));
    city.app.enter_issuer(&line).await.unwrap();
    issue(&city, &city.market, REGISTRATION, key("k", "a"))
        .await
        .unwrap();
    assert_eq!(
        pki().credential.certificate.public_key().sha256(),
        city.app.keys().credential.key.public_key().sha256()
    );
}

async fn who_hangs_up_finds_the_credential_under_the_key(city: City) {
    city.company(1).await;
    {
        let mut asked = pin!(issue(&city, &city.market, REGISTRATION, key("k", "a")));
        poll_fn(|context| {
            assert!(asked.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    let found = loop {
        match issue(&city, &city.market, REGISTRATION, key("k", "a")).await {
            Ok(issued) => break issued,
            Err(error) => assert!(matches!(error, IssueError::InFlight), "{error:?}"),
        }
    };
    let all = all(&city).await;
    assert_eq!((all.len(), &all[0].reservation.id), (1, id(&found)));
}

async fn a_newer_credential_takes_the_place_of_the_older(city: City) {
    city.company(1).await;
    let first = issue(&city, &city.market, REGISTRATION, None)
        .await
        .unwrap();
    issue(&city, &city.tax, TAX, None).await.unwrap();
    city.wait(10);
    let second = issue(&city, &city.market, REGISTRATION, None)
        .await
        .unwrap();
    assert_eq!(second.credential.state.name(), "valid");
    assert_eq!(second.credential.superseded_by, None);
    let first = city.app.credential(id(&first)).await.unwrap().unwrap();
    let change = first.state.change().unwrap();
    assert_eq!(
        (first.state.name(), change.by.as_str(), change.at),
        ("superseded", "market-regulation", city.clock.now())
    );
    assert_eq!(first.superseded_by.as_ref(), Some(id(&second)));
    // Those of another type, and of another company, stand.
    let other = city.company(2).await;
    city.issue(&other).await;
    let standing = all(&city)
        .await
        .into_iter()
        .filter(|issued| issued.state.name() == "valid");
    let types: BTreeSet<String> = standing.map(|issued| issued.reservation.vct).collect();
    assert_eq!(
        types,
        BTreeSet::from([REGISTRATION.to_owned(), TAX.to_owned()])
    );
}

async fn a_changed_fact_supersedes_by_itself(city: City) {
    for (number, (member, value)) in (1..).zip([
        ("name", json!("东莞市改名有限公司")),
        ("state", json!("deregistered")),
        ("capital", json!({"amount": 1, "currency": "CNY"})),
        ("address", json!("东莞市莞城街道2号")),
        ("legalRepresentative", json!("示例人二")),
        ("industry", json!("C39")),
        ("establishedOn", json!("2016-03-01")),
        ("businessTerm", json!({"from": "2015-03-01"})),
    ]) {
        let uscc = city.company(number).await;
        let credential = city.issue(&uscc).await;
        city.wait(10);
        let facts = facts(number, json!({member: value}));
        let recorded = city
            .app
            .record_facts(&city.market, &uscc, facts, None)
            .await
            .unwrap();
        assert_eq!(
            recorded.superseded,
            std::slice::from_ref(&credential.reservation.id),
            "{member}"
        );
        let credential = city
            .app
            .credential(&credential.reservation.id)
            .await
            .unwrap()
            .unwrap();
        let change = credential.state.change().unwrap();
        assert_eq!(
            (credential.state.name(), change.at),
            ("superseded", city.clock.now())
        );
        assert_eq!(credential.superseded_by, None, "none takes its place yet");
    }
    // A registration is a fact that both types state.
    let company = city.company(20).await;
    city.issue(&company).await;
    city.app
        .issue(&city.tax, &request(&company, TAX), None)
        .await
        .unwrap();
    let body =
        serde_json::from_value(crate::running_city::registration("state-tax", "4419-2")).unwrap();
    let recorded = city
        .app
        .record_registration(&city.tax, &company, body)
        .await
        .unwrap();
    assert_eq!(recorded.superseded.len(), 2);
}

async fn what_a_credential_does_not_state_does_not_supersede_it(city: City) {
    let company = city.company(1).await;
    city.issue(&company).await;
    let tax = city
        .app
        .issue(&city.tax, &request(&company, TAX), None)
        .await
        .unwrap();
    for changes in [
        json!({}),
        json!({"nameEn": "Other Co."}),
        json!({"flags": ["abnormal-operation"]}),
    ] {
        let facts = facts(1, changes);
        let recorded = city
            .app
            .record_facts(&city.market, &company, facts, None)
            .await
            .unwrap();
        assert_eq!(recorded.superseded, []);
    }
    assert_eq!(states(&city).await, ["valid", "valid"]);
    // The address stands in one type only.
    let facts = facts(1, json!({"address": "东莞市莞城街道2号"}));
    let recorded = city
        .app
        .record_facts(&city.market, &company, facts, None)
        .await
        .unwrap();
    assert_eq!(recorded.superseded.len(), 1);
    let tax = city.app.credential(id(&tax)).await.unwrap().unwrap();
    assert_eq!(tax.state.name(), "valid");
}

async fn a_company_that_changes_meanwhile_never_has_a_stale_credential(city: City) {
    city.company(1).await;
    let city = Arc::new(city);
    for round in 0..10 {
        let (issuing, writing) = (Arc::clone(&city), Arc::clone(&city));
        let issuing =
            tokio::spawn(async move { issue(&issuing, &issuing.market, REGISTRATION, None).await });
        let writing = tokio::spawn(async move {
            for turn in 0..4 {
                let facts = facts(1, json!({"name": format!("公司{round}之{turn}")}));
                writing
                    .app
                    .record_facts(&writing.market, &uscc(1), facts, None)
                    .await
                    .unwrap();
            }
        });
        let issued = issuing.await.unwrap();
        writing.await.unwrap();
        if let Err(error) = issued {
            assert!(matches!(error, IssueError::CompanyChanged), "{error:?}");
        }
        let company = city
            .store
            .companies()
            .load(&uscc(1))
            .await
            .unwrap()
            .unwrap();
        for issued in all(&city).await {
            let stands = issued.state.name() == "valid";
            assert!(
                !stands || issued.reservation.company_version == company.version,
                "{issued:?}"
            );
        }
        assert_eq!(
            unfinished(&city).await,
            0,
            "given up for good, not left behind"
        );
    }
    // After the storm it is issued as ever.
    issue(&city, &city.market, REGISTRATION, None)
        .await
        .unwrap();
    assert_eq!(
        states(&city)
            .await
            .iter()
            .filter(|state| **state == "valid")
            .count(),
        1
    );
}

async fn of_credentials_issued_at_once_one_is_in_force(city: City) {
    city.company(1).await;
    let city = Arc::new(city);
    let requests: Vec<_> = (0..12)
        .map(|_| {
            let city = Arc::clone(&city);
            tokio::spawn(async move {
                issue(&city, &city.market, REGISTRATION, None)
                    .await
                    .unwrap()
            })
        })
        .collect();
    for request in requests {
        request.await.unwrap();
    }
    let states = states(&city).await;
    assert_eq!(states.len(), 12);
    assert_eq!(states.iter().filter(|state| **state == "valid").count(), 1);
}
