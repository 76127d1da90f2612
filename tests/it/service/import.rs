use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::Value;
use serde_json::json;
use yinxin::registry::caller_terms::CallerTerms;
use yinxin::registry::company::CompanyState;
use yinxin::registry::relying_party::RelyingParty;
use yinxin::service::call::Caller;
use yinxin::service::import::ImportError;
use yinxin::service::import::Imported;

use crate::running_city::City;
use crate::running_city::facts;
use crate::running_city::in_a_city;
use crate::running_city::registration;
use crate::store::uscc;

in_a_city!(
    companies_and_their_registrations_come_in,
    a_wrong_line_is_named_and_nothing_comes_in,
    a_company_that_stands_twice_is_named_with_both_lines,
    imported_twice_it_changes_nothing,
    only_what_changed_is_recorded,
    a_changed_fact_supersedes,
    progress_is_told_up_to_the_last_event,
    only_the_market_regulator_and_the_operator_import,
);

async fn import(city: &City, lines: &[String]) -> Result<Imported, ImportError> {
    let text = lines.join("\n");
    city.app
        .import_companies(&city.market, text.as_bytes(), &|_| {})
        .await
}

fn line(number: u32, changes: Value) -> String {
    let registrations = [
        registration("customs", "C1"),
        registration("state-tax", "T1"),
    ];
    json!({"company": facts(number, changes), "registrations": registrations}).to_string()
}

async fn count(city: &City) -> u64 {
    city.store.companies().count().await.unwrap()
}

async fn companies_and_their_registrations_come_in(city: City) {
    let lines = [
        line(1, json!({})),
        String::new(),
        "  \r".to_owned(),
        line(2, json!({})),
        String::new(),
    ];
    let imported = import(&city, &lines).await.unwrap();
    assert_eq!((imported.companies, imported.registrations), (2, 4));
    let company = city
        .store
        .companies()
        .load(&uscc(2))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((company.version, company.registrations.len()), (3, 2));
    assert_eq!(import(&city, &[]).await.unwrap(), Imported::default());
}

async fn a_wrong_line_is_named_and_nothing_comes_in(city: City) {
    let good = line(1, json!({}));
    let doubled = good.replacen("{\"company\"", "{\"company\":null,\"company\"", 1);
    let mut extra: Value = serde_json::from_str(&good).unwrap();
    extra["note"] = json!("x");
    let mut twice: Value = serde_json::from_str(&good).unwrap();
    twice["registrations"] = json!([registration("customs", "1"), registration("customs", "2")]);
    let wrong_code = good.replace(uscc(1).as_str(), "91441900MA00000011");
    for (wrong, hint) in [
        ("{".to_owned(), "malformed"),
        ("[]".to_owned(), "object"),
        (format!("{good}{good}"), "malformed"),
        (good.replace("active", "aktiv"), "aktiv"),
        (wrong_code, "uscc"),
        (doubled, "company"),
        (extra.to_string(), "note"),
        (twice.to_string(), "customs"),
        ("[".repeat(2000), "deep"),
        (
            format!("{{\"company\":\"{}\"}}", "x".repeat(70_000)),
            "65536",
        ),
    ] {
        let refused = import(
            &city,
            &[line(2, json!({})), String::new(), wrong, line(3, json!({}))],
        )
        .await;
        let Err(ImportError::Line { line: 3, problem }) = refused else {
            panic!("{refused:?}");
        };
        assert!(problem.contains(hint) && problem.len() < 300, "{problem}");
    }
    let not_text = [line(1, json!({})).into_bytes(), vec![b'\n', 0xff, 0xfe]].concat();
    let refused = city
        .app
        .import_companies(&city.market, &not_text, &|_| {})
        .await;
    assert!(
        matches!(refused, Err(ImportError::Line { line: 2, .. })),
        "{refused:?}"
    );
    assert_eq!(count(&city).await, 0);
    assert_eq!(city.store.companies().events(&uscc(2)).await.unwrap(), []);
}

async fn a_company_that_stands_twice_is_named_with_both_lines(city: City) {
    let lines = [
        line(1, json!({})),
        line(2, json!({})),
        String::new(),
        line(1, json!({"name": "别名"})),
    ];
    let refused = import(&city, &lines).await.unwrap_err().to_string();
    let expected = format!("line 4: company {} stands in line 1 already", uscc(1));
    assert_eq!((refused, count(&city).await), (expected, 0));
}

async fn imported_twice_it_changes_nothing(city: City) {
    let lines = [line(1, json!({})), line(2, json!({}))];
    import(&city, &lines).await.unwrap();
    let credential = city.issue(&uscc(1)).await;
    let before = city.store.companies().events(&uscc(1)).await.unwrap();
    city.wait(60);
    assert_eq!(import(&city, &lines).await.unwrap(), Imported::default());
    assert_eq!(
        city.store.companies().events(&uscc(1)).await.unwrap(),
        before
    );
    let standing = city
        .app
        .credential(&credential.reservation.id)
        .await
        .unwrap();
    assert_eq!(standing, Some(credential));
}

async fn only_what_changed_is_recorded(city: City) {
    import(&city, &[line(1, json!({})), line(2, json!({}))])
        .await
        .unwrap();
    let changed = [
        line(1, json!({})),
        line(2, json!({"state": "deregistered"})),
    ];
    let imported = import(&city, &changed).await.unwrap();
    assert_eq!((imported.companies, imported.registrations), (1, 0));
    let company = city
        .store
        .companies()
        .load(&uscc(2))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (company.version, company.state),
        (4, CompanyState::Deregistered)
    );
    assert_eq!(
        company.registrations.len(),
        2,
        "what an import does not name stays"
    );
}

async fn a_changed_fact_supersedes(city: City) {
    import(&city, &[line(1, json!({}))]).await.unwrap();
    let credential = city.issue(&uscc(1)).await;
    import(&city, &[line(1, json!({"flags": ["abnormal-operation"]}))])
        .await
        .unwrap();
    let id = &credential.reservation.id;
    assert_eq!(
        city.app.credential(id).await.unwrap().unwrap().state.name(),
        "valid"
    );
    import(&city, &[line(1, json!({"address": "东莞市莞城街道2号"}))])
        .await
        .unwrap();
    assert_eq!(
        city.app.credential(id).await.unwrap().unwrap().state.name(),
        "superseded"
    );
}

async fn progress_is_told_up_to_the_last_event(city: City) {
    let lines: Vec<String> = (1..=400).map(|number| line(number, json!({}))).collect();
    let told = Mutex::new(Vec::new());
    let progress = |events| told.lock().unwrap().push(events);
    let imported = city
        .app
        .import_companies(&city.market, lines.join("\n").as_bytes(), &progress)
        .await;
    assert_eq!(
        imported.unwrap(),
        Imported {
            companies: 400,
            registrations: 800
        }
    );
    assert_eq!(*told.lock().unwrap(), [1000, 1200]);
}

async fn only_the_market_regulator_and_the_operator_import(city: City) {
    let line = line(1, json!({}));
    for caller in [&city.tax, &city.bank_a, &city.app.public_caller()] {
        let refused = city
            .app
            .import_companies(caller, line.as_bytes(), &|_| {})
            .await;
        assert!(
            matches!(refused, Err(ImportError::NotYourDepartment(_))),
            "{refused:?}"
        );
    }
    assert_eq!(count(&city).await, 0);
    let operator = Caller {
        party: RelyingParty::operator(),
        scopes: BTreeSet::new(),
        terms: CallerTerms::default(),
    };
    city.app
        .import_companies(&operator, line.as_bytes(), &|_| {})
        .await
        .unwrap();
    assert_eq!(count(&city).await, 1);
}
