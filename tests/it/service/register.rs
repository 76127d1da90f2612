use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use yinxin::registry::company::Company;
use yinxin::registry::company::TransitionError;
use yinxin::service::register::Recorded;
use yinxin::service::register::RegisterError;

use crate::running_city::City;
use crate::running_city::NOW;
use crate::running_city::facts;
use crate::running_city::in_a_city;
use crate::running_city::registration;
use crate::store::uscc;

in_a_city!(
    facts_are_recorded_at_the_version_that_was_seen,
    without_a_version_facts_are_laid_over_whatever_is_there,
    writers_at_once_lose_nothing,
    of_writers_who_saw_the_same_version_one_comes_through,
    only_the_market_regulator_records_facts,
    only_a_department_records_its_own_registration,
    facts_of_another_company_are_refused,
    nothing_is_recorded_before_what_is_recorded_already,
);

async fn put(
    city: &City,
    changes: serde_json::Value,
    expected: Option<u64>,
) -> Result<Recorded, RegisterError> {
    let facts = facts(1, changes);
    city.app
        .record_facts(&city.market, &uscc(1), facts, expected)
        .await
}

async fn stored(city: &City) -> Company {
    city.store
        .companies()
        .load(&uscc(1))
        .await
        .unwrap()
        .unwrap()
}

async fn facts_are_recorded_at_the_version_that_was_seen(city: City) {
    let refused = put(&city, json!({}), Some(1)).await;
    assert!(matches!(
        refused,
        Err(RegisterError::Conflict {
            expected: 1,
            found: 0
        })
    ));
    let first = put(&city, json!({}), Some(0)).await.unwrap();
    assert_eq!((first.created, first.company.version), (true, 1));
    for stale in [0, 2] {
        let refused = put(&city, json!({"name": "别名公司"}), Some(stale)).await;
        let told = matches!(refused, Err(RegisterError::Conflict { expected, found: 1 }) if expected == stale);
        assert!(told, "{refused:?}");
    }
    assert_eq!(stored(&city).await, first.company);
    let second = put(&city, json!({"name": "别名公司"}), Some(1))
        .await
        .unwrap();
    assert_eq!((second.created, second.company.version), (false, 2));
    assert_eq!(stored(&city).await, second.company);
}

async fn without_a_version_facts_are_laid_over_whatever_is_there(city: City) {
    put(&city, json!({}), None).await.unwrap();
    city.wait(1);
    let after = put(&city, json!({"capital": null}), None)
        .await
        .unwrap()
        .company;
    assert_eq!((after.version, after.capital), (2, None));
}

async fn writers_at_once_lose_nothing(city: City) {
    city.company(1).await;
    let city = Arc::new(city);
    let departments = ["customs", "social-security", "local-tax", "human-resources"];
    let writers: Vec<_> = departments
        .into_iter()
        .map(|department| {
            let city = Arc::clone(&city);
            tokio::spawn(async move {
                let caller = city.department(department);
                for number in ["1", "2"] {
                    let body = serde_json::from_value(registration(department, number)).unwrap();
                    let recorded = city.app.record_registration(&caller, &uscc(1), body).await;
                    recorded.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let company = stored(&city).await;
    // Facts and the tax registration came first.
    assert_eq!(company.version, 2 + 8);
    for department in departments {
        let known = company.registrations.values();
        let own: Vec<&str> = known
            .filter(|registration| registration.department.as_str() == department)
            .map(|registration| registration.number.as_str())
            .collect();
        assert_eq!(own, ["2"], "{department}");
    }
    let events = city.store.companies().events(&uscc(1)).await.unwrap();
    assert_eq!(Company::fold(&events).unwrap(), Some(company));
}

async fn of_writers_who_saw_the_same_version_one_comes_through(city: City) {
    city.company(1).await;
    let city = Arc::new(city);
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let city = Arc::clone(&city);
            tokio::spawn(async move {
                put(&city, json!({"name": format!("公司{writer}")}), Some(2)).await
            })
        })
        .collect();
    let mut names = BTreeSet::new();
    for writer in writers {
        match writer.await.unwrap() {
            Ok(recorded) => assert!(names.insert(recorded.company.name)),
            Err(RegisterError::Conflict { expected, found }) => {
                assert_eq!((expected, found), (2, 3));
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    let company = stored(&city).await;
    assert_eq!(
        (company.version, BTreeSet::from([company.name])),
        (3, names)
    );
}

async fn only_the_market_regulator_records_facts(city: City) {
    for caller in [&city.tax, &city.bank_a, &city.app.public_caller()] {
        for expected in [None, Some(0)] {
            let refused = city
                .app
                .record_facts(caller, &uscc(1), facts(1, json!({})), expected)
                .await;
            assert!(
                matches!(refused, Err(RegisterError::NotYourDepartment(_))),
                "{refused:?}"
            );
        }
    }
    assert_eq!(city.store.companies().load(&uscc(1)).await.unwrap(), None);
}

async fn only_a_department_records_its_own_registration(city: City) {
    let body = || serde_json::from_value(registration("state-tax", "4419-1")).unwrap();
    // Before anything is known of the company.
    let early = city
        .app
        .record_registration(&city.tax, &uscc(1), body())
        .await;
    assert!(matches!(early, Err(RegisterError::UnknownCompany(named)) if named == uscc(1)));
    put(&city, json!({}), None).await.unwrap();
    for caller in [&city.market, &city.bank_a, &city.app.public_caller()] {
        let refused = city.app.record_registration(caller, &uscc(1), body()).await;
        assert!(
            matches!(refused, Err(RegisterError::NotYourDepartment(_))),
            "{refused:?}"
        );
    }
    assert_eq!(stored(&city).await.version, 1);
    let recorded = city
        .app
        .record_registration(&city.tax, &uscc(1), body())
        .await
        .unwrap();
    assert_eq!((recorded.created, recorded.company.version), (false, 2));
}

async fn facts_of_another_company_are_refused(city: City) {
    put(&city, json!({}), None).await.unwrap();
    for number in [1, 3] {
        let other = facts(2, json!({}));
        let refused = city
            .app
            .record_facts(&city.market, &uscc(number), other, None)
            .await;
        let told = matches!(
            refused,
            Err(RegisterError::Transition(
                TransitionError::OtherCompany { .. }
            ))
        );
        assert!(told, "{number}: {refused:?}");
    }
    assert_eq!(city.store.companies().count().await.unwrap(), 1);
}

async fn nothing_is_recorded_before_what_is_recorded_already(city: City) {
    put(&city, json!({}), None).await.unwrap();
    city.clock
        .set(NOW.minus(std::time::Duration::from_secs(3600)));
    let after = put(&city, json!({"name": "改名公司"}), None)
        .await
        .unwrap()
        .company;
    assert_eq!((after.version, after.updated_at), (2, *NOW));
}
