//! The audit trail over HTTP: for whom it is, page by page.

use serde_json::Value;
use yinxin::registry::relying_party::Scope;

use crate::http::client::Answer;
use crate::http::client::Ask;
use crate::http::town::Town;

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    let lines = answer.text().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn next(answer: &Answer) -> Option<String> {
    let link = answer.header("link")?;
    let link = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?;
    Some(link.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_read_page_by_page_without_gap_or_repetition() {
    let town = Town::open().await;
    let auditor = town.key_for(&[Scope::Audit]).await;
    let uscc = town.city.company(1).await;
    for _ in 0..5 {
        town.ask(&Ask::get(format!("/v1/companies/{uscc}")).key(&town.bank))
            .expect(200);
    }
    let before: Vec<i64> = town
        .city
        .store
        .audit()
        .list(0, 1000)
        .await
        .unwrap()
        .iter()
        .map(|one| one.sequence)
        .collect();
    let (mut path, mut read) = ("/v1/audit?limit=4".to_owned(), Vec::new());
    while read.len() < before.len() {
        let answer = town.ask(&Ask::get(path).key(&auditor));
        assert_eq!(answer.status, 200, "{answer}");
        read.extend(
            lines(&answer)
                .iter()
                .map(|line| line["sequence"].as_i64().unwrap()),
        );
        path = next(&answer).unwrap();
    }
    assert_eq!(read[..before.len()], before);
    // Reading is itself recorded, so it goes on; by another caller it does not.
    let market = Ask::get("/v1/audit?caller=market-regulation&limit=1000").key(&auditor);
    let answer = town.ask(&market);
    assert_eq!(next(&answer), None);
    assert!(
        lines(&answer)
            .iter()
            .all(|line| line["event"]["actor"] == "market-regulation")
    );
    let none = town.ask(&Ask::get("/v1/audit?to=2000-01-01T00:00:00Z").key(&auditor));
    assert!(lines(&none).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_told() {
    let town = Town::open().await;
    let auditor = town.key_for(&[Scope::Audit]).await;
    for query in [
        "limit=0",
        "limit=1001",
        "after=-1",
        "caller=a%20b",
        "from=yesterday",
        "who=me",
    ] {
        let asked = Ask::get(format!("/v1/audit?{query}")).key(&auditor);
        town.ask(&asked).problem(400, "INVALID_QUERY");
    }
    town.ask(&Ask::get("/v1/audit").key(&town.bank))
        .problem(403, "SCOPE_MISSING");
    town.ask(&Ask::get("/v1/audit"))
        .problem(401, "API_KEY_MISSING");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looked_at_a_company_is_for_the_auditor_and_the_market_regulator() {
    let town = Town::open().await;
    let auditor = town.key_for(&[Scope::Audit]).await;
    let uscc = town.city.company(1).await;
    for purpose in ["loan", "investigation"] {
        let asked = Ask::get(format!(
            "/v1/companies/{uscc}?purpose={purpose}&operator=clerk"
        ));
        town.ask(&asked.key(&town.bank)).expect(200);
    }
    let ask = Ask::get(format!("/v1/companies/{uscc}/accesses"));
    for key in [&town.market, &auditor] {
        let told = town.ask(&ask.clone().key(key)).expect(200);
        let accesses = told["accesses"].as_array().unwrap();
        assert_eq!(accesses.len(), 1, "{told}");
        assert_eq!(accesses[0]["purpose"], "loan");
        assert_eq!(accesses[0]["caller"], "bank-a");
        assert_eq!(accesses[0]["action"], "company.confirmed");
        assert_eq!(told["next"], Value::Null);
        assert!(!told.to_string().contains("clerk"));
    }
    town.ask(&ask.clone().key(&town.tax))
        .problem(403, "NOT_YOUR_DEPARTMENT");
    town.ask(&ask.clone().key(&town.bank))
        .problem(403, "SCOPE_MISSING");
    let unknown = Ask::get("/v1/companies/91441900MA00000001/accesses").key(&auditor);
    assert!([400, 404].contains(&town.ask(&unknown).status));
}
