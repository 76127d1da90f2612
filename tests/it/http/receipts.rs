//! Receipts that are asked for again.

use serde_json::Value;
use serde_json::json;
use yinxin::registry::relying_party::Scope;
use yinxin::store::audit::erase::Erasure;

use crate::http::client::Ask;
use crate::http::signed::attached;
use crate::http::signed::body;
use crate::http::signed::claims;
use crate::http::town::Town;

/// The media type of the receipt itself.
const RECEIPT_JWT: &str = "application/verification-receipt+jwt";

/// What a bank is told of a signature, for a loan.
async fn verified(town: &Town) -> Value {
    let signed = attached(town).await;
    let ask = Ask::post("/v1/verify").key(&town.bank);
    town.ask(&ask.json(&body(&signed, json!({})))).expect(200)
}

fn number(report: &Value) -> String {
    claims(report)["jti"].as_str().unwrap().to_owned()
}

/// The last lines of the audit trail.
async fn trail(town: &Town) -> Vec<(String, String, String)> {
    let auditor = town.key_for(&[Scope::Audit]).await;
    let answer = town.ask(&Ask::get("/v1/audit?limit=1000").key(&auditor));
    let lines = answer.text().lines();
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    lines
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| {
            let line = line.get("event").cloned().unwrap_or(line);
            (
                text(&line, "action"),
                text(&line, "object"),
                text(&line, "outcome"),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_given_again_to_whom_it_was_given() {
    let town = Town::open().await;
    let report = verified(&town).await;
    let id = number(&report);
    let ask = Ask::get(format!("/v1/receipts/{id}"));
    let auditor = town
        .city
        .app
        .add_key(&town.city.bank_b.party.id, [Scope::Audit].into(), None)
        .await;
    for key in [&town.bank, auditor.unwrap().expose()] {
        let answer = town.ask(&ask.clone().key(key));
        assert_eq!(answer.header("vary").unwrap().to_lowercase(), "accept");
        let again = answer.expect(200);
        assert_eq!(again["receipt"], report["receipt"]);
        assert_eq!(again["claims"], claims(&report));
        assert_eq!(again["id"], id);
    }
    let itself = town.ask(&ask.key(&town.bank).header("Accept", RECEIPT_JWT));
    assert_eq!(itself.header("content-type"), Some(RECEIPT_JWT));
    assert_eq!(itself.text(), report["receipt"]);
    let done = ("receipt.read".to_owned(), id, "done".to_owned());
    let seen = trail(&town).await;
    assert_eq!(seen.iter().filter(|line| **line == done).count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_whose_operator_was_erased_says_the_rest() {
    let town = Town::open().await;
    let signed = attached(&town).await;
    let named = json!({"operator": "窗口 7", "matterCode": "2026-1"});
    let ask = Ask::post("/v1/verify").key(&town.bank);
    let report = town.ask(&ask.json(&body(&signed, named))).expect(200);
    let mut said = claims(&report);
    let operator = Erasure::Operator("窗口 7".to_owned());
    let erased = town
        .city
        .app
        .erase_personal_fields(&operator, &|_| {})
        .await
        .unwrap();
    assert_eq!((erased.events, erased.receipts), (1, 1));
    for name in ["operator", "matterCode"] {
        assert!(said.as_object_mut().unwrap().remove(name).is_some());
    }
    let id = number(&report);
    let ask = Ask::get(format!("/v1/receipts/{id}")).key(&town.bank);
    let again = town.ask(&ask).expect(200);
    assert_eq!(again["receipt"], Value::Null);
    assert_eq!(again["claims"], said);
    town.ask(&ask.header("Accept", RECEIPT_JWT))
        .problem(410, "RECEIPT_ERASED");
    let ask = Ask::post(format!("/v1/receipts/{id}/replay"));
    let replay = town.ask(&ask.key(&town.bank)).expect(200);
    assert_eq!(replay["consistent"], true, "{replay:#}");
    assert_eq!(replay["then"]["verdict"]["indication"], "TOTAL-PASSED");
    let taken_over = replay["takenOver"].as_array().unwrap();
    assert!(taken_over.contains(&json!("receipt-signature")));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_caller_s_receipt_is_as_one_that_never_was() {
    let town = Town::open().await;
    let id = number(&verified(&town).await);
    let never = "AAAAAAAAAAAAAAAAAAAAAA";
    let refusal = |id: &str, key: &str| {
        let answer = town.ask(&Ask::get(format!("/v1/receipts/{id}")).key(key));
        let mut problem = answer.problem(404, "UNKNOWN_RECEIPT");
        for varying in ["instance", "receiptId"] {
            problem.as_object_mut().unwrap().remove(varying);
        }
        problem
    };
    assert_eq!(refusal(&id, &town.tax), refusal(never, &town.tax));
    assert_eq!(refusal(&id, &town.tax), refusal(never, &town.bank));
    for malformed in ["x", "AAAAAAAAAAAAAAAAAAAAAB", "..%2F..", &format!("{id}A")] {
        refusal(malformed, &town.bank);
    }
    let seen = trail(&town).await;
    let tried = ("receipt.read".to_owned(), id, "UNKNOWN_RECEIPT".to_owned());
    assert!(seen.contains(&tried), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_names_what_it_did_not_compute() {
    let town = Town::open().await;
    let id = number(&verified(&town).await);
    let ask = Ask::post(format!("/v1/receipts/{id}/replay"));
    let replay = town.ask(&ask.clone().key(&town.bank)).expect(200);
    assert_eq!(replay["receipt"], id);
    assert_eq!(replay["consistent"], true, "{replay:#}");
    assert_eq!(replay["then"]["verdict"]["indication"], "TOTAL-PASSED");
    assert_eq!(replay["then"]["verdict"], replay["now"]["verdict"]);
    assert_eq!(replay["then"]["profile"]["name"], "bank-a/loan");
    for name in ["mathematics", "content", "certification-path"] {
        let taken_over = replay["takenOver"].as_array().unwrap();
        assert!(taken_over.contains(&json!(name)), "{replay:#}");
    }
    town.ask(&ask.clone().key(&town.tax))
        .problem(404, "UNKNOWN_RECEIPT");
    town.ask(&Ask::post("/v1/receipts/x/replay").key(&town.bank))
        .problem(404, "UNKNOWN_RECEIPT");
    let uscc = town.city.company(2).await;
    let path = format!("/v1/companies/{uscc}");
    let confirmed = town.ask(&Ask::get(&path).key(&town.bank)).expect(200);
    let matched = Ask::post(format!("{path}/match")).key(&town.bank);
    let matched = matched.json(&json!({"facts": {"address": "x"}}));
    for answer in [confirmed, town.ask(&matched).expect(200)] {
        let ask = Ask::post(format!("/v1/receipts/{}/replay", number(&answer)));
        let problem = town.ask(&ask.key(&town.bank));
        problem.problem(422, "NOTHING_TO_REPLAY");
    }
    let seen = trail(&town).await;
    let replayed = ("receipt.replayed".to_owned(), id, "same".to_owned());
    assert!(seen.contains(&replayed), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detailed_report_says_what_is_computed_and_what_is_inferred() {
    let town = Town::open().await;
    let signed = attached(&town).await;
    let detailed = body(&signed, json!({"reportType": "detailed"}));
    let ask = Ask::post("/v1/verify").key(&town.bank).json(&detailed);
    let report = town.ask(&ask).expect(200);
    let rows = report["signatures"][0]["constraints"].as_array().unwrap();
    let basis = |name: &str| {
        let row = rows.iter().find(|row| row["constraint"] == name);
        row.unwrap()["basis"].clone()
    };
    for (name, expected) in [
        ("content-digest", "computed"),
        ("signature-value", "computed"),
        ("ca-recognition", "inferred"),
        ("signer-identity", "inferred"),
        ("revocation", "inferred"),
    ] {
        assert_eq!(basis(name), expected, "{name}");
    }
}
