//! The README's tour: confirm, issue, download, verify, revoke, verify.

use serde_json::json;
use yinxin::credential::status_list::StatusValue;
use yinxin::credential::status_list::token::StatusListToken;
use yinxin::evidence::receipt;

use crate::http::client::Ask;
use crate::http::town::Town;
use crate::running_city::URL;
use crate::running_city::pki;

#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_confirmed_issued_a_credential_and_loses_it_again() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;

    let confirmed =
        Ask::get(format!("/v1/companies/{uscc}?purpose=loan&operator=7")).key(&town.bank);
    let confirmed = town.ask(&confirmed).expect(200);
    assert_eq!(confirmed["company"]["uscc"], uscc.as_str());
    let receipt_key = pki().receipt.certificate.public_key();
    let claims = receipt::verify(confirmed["receipt"].as_str().unwrap(), receipt_key).unwrap();
    assert_eq!(claims.aud, "bank-a");

    let issued = town.issue(&uscc);
    let id = issued["id"].as_str().unwrap();
    assert_eq!(issued["state"], "valid");

    let file = town.ask(&Ask::get(format!("/v1/credentials/{id}/file")).key(&town.bank));
    assert_eq!(file.status, 200);
    assert_eq!(file.header("content-type"), Some("application/dc+sd-jwt"));
    let disposition = file.header("content-disposition").unwrap();
    assert!(disposition.starts_with("attachment"), "{disposition}");
    assert_eq!(file.text(), issued["credential"].as_str().unwrap());

    let report = town.verify(file.body.clone());
    assert_eq!(report["indication"], "TOTAL-PASSED", "{report}");
    assert_eq!(report["credential"]["claims"]["uscc"], uscc.as_str());

    let revoke = Ask::post(format!("/v1/credentials/{id}/status"))
        .key(&town.market)
        .json(&json!({"action": "revoke", "reason": "吊销 struck off"}));
    let revoked = town.ask(&revoke).expect(200);
    assert_eq!(revoked["state"], "revoked");
    assert_eq!(revoked["stateChange"]["by"], "market-regulation");
    assert_eq!(revoked["stateChange"]["reason"], "吊销 struck off");

    let report = town.verify(file.body);
    assert_eq!(report["indication"], "TOTAL-FAILED", "{report}");
    assert!(report.to_string().contains("CREDENTIAL_REVOKED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_list_shows_a_revocation_in_the_next_request() {
    let town = Town::open().await;
    let issued = town.issue(&town.city.company(1).await);
    let list = issued["status"]["uri"].as_str().unwrap();
    let list = list.strip_prefix(URL).unwrap().to_owned();
    let index = issued["status"]["index"].as_u64().unwrap();

    let before = town.ask(&Ask::get(&list));
    assert_eq!(before.status, 200);
    assert_eq!(
        before.header("content-type"),
        Some("application/statuslist+jwt")
    );
    assert_eq!(before.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        before.header("cache-control"),
        Some("public, max-age=1, must-revalidate")
    );
    let token = StatusListToken::parse(before.text()).unwrap();
    assert_eq!(token.value(index).unwrap(), StatusValue::Valid);

    let tag = before.header("etag").unwrap().to_owned();
    let again = Ask::get(&list).header("If-None-Match", &tag);
    let unchanged = town.ask(&again);
    assert_eq!((unchanged.status, unchanged.text()), (304, ""));
    assert_eq!(unchanged.header("etag"), Some(tag.as_str()));

    for (action, value) in [
        ("suspend", StatusValue::Suspended),
        ("reinstate", StatusValue::Valid),
        ("revoke", StatusValue::Invalid),
    ] {
        let id = issued["id"].as_str().unwrap();
        let change = Ask::post(format!("/v1/credentials/{id}/status")).key(&town.market);
        let change = change.json(&json!({"action": action, "reason": "test"}));
        town.ask(&change).expect(200);
        let after = town.ask(&again);
        assert_eq!(after.status, 200, "{action}");
        assert_ne!(after.header("etag"), Some(tag.as_str()), "{action}");
        let token = StatusListToken::parse(after.text()).unwrap();
        assert_eq!(token.value(index).unwrap(), value, "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_repeated_with_its_idempotency_key_is_carried_out_once() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let ask = crate::http::town::issuing(&uscc).key(&town.market);
    let ask = ask.header("Idempotency-Key", "3f0c1d2e");
    let first = town.ask(&ask);
    assert_eq!(first.header("idempotency-replayed"), None);
    let again = town.ask(&ask);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let (told, mut expected) = (again.expect(201), first.expect(201));
    // All of it but the pick-up code, which is shown once.
    assert!(expected["pickUpCode"].is_string());
    for name in ["pickUpCode", "pickUpCodeExpiresAt"] {
        expected[name] = serde_json::Value::Null;
    }
    assert_eq!(told, expected);
    assert_eq!(again.header("location"), first.header("location"));
    let rows = town.city.store.credentials().for_company(&uscc).await;
    assert_eq!(rows.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_fact_supersedes_the_credential() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let issued = town.issue(&uscc);
    let facts = crate::running_city::facts(1, json!({"address": "东莞市松山湖示例路2号"}));
    let put = Ask::put(format!("/v1/companies/{uscc}")).key(&town.market);
    let recorded = town
        .ask(&put.json(&serde_json::to_value(facts).unwrap()))
        .expect(200);
    assert_eq!(recorded["superseded"], json!([issued["id"]]));
    let report = town.verify(issued["credential"].as_str().unwrap());
    assert_eq!(report["indication"], "TOTAL-FAILED");
    assert!(report.to_string().contains("CREDENTIAL_SUPERSEDED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_comes_as_json_as_a_form_or_as_itself() {
    let town = Town::open().await;
    let issued = town.issue(&town.city.company(1).await);
    let credential = issued["credential"].as_str().unwrap();
    let bytes = yinxin::encoding::base64::encode(credential.as_bytes());
    let json = json!({"document": {"bytes": bytes, "name": "a.sd-jwt"}, "purpose": "loan"});
    let form = format!(
        "--B\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a.sd-jwt\"\r\n\r\n{credential}\r\n\
         --B\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nloan\r\n--B--\r\n"
    );
    for ask in [
        Ask::post("/v1/verify").json(&json),
        Ask::post("/v1/verify").body("multipart/form-data; boundary=B", form),
        Ask::post("/v1/verify?purpose=loan&name=a.sd-jwt")
            .body("application/dc+sd-jwt", credential),
    ] {
        let report = town.ask(&ask.key(&town.bank)).expect(200);
        assert_eq!(report["indication"], "TOTAL-PASSED", "{report}");
        assert_eq!(report["document"]["name"], "a.sd-jwt");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_gets_a_verdict_but_no_receipt() {
    let town = Town::open().await;
    let issued = town.issue(&town.city.company(1).await);
    let ask = Ask::post("/v1/verify").body("text/plain", issued["credential"].as_str().unwrap());
    let report = town.ask(&ask).expect(200);
    assert_eq!(report["indication"], "TOTAL-PASSED", "{report}");
    assert!(report["receipt"].is_null(), "{report}");
    let report = town.ask(&ask.key(&town.bank)).expect(200);
    assert!(report["receipt"].is_string(), "{report}");
}
