//! Companies fetch what is their own by pick-up code, and nothing else.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use yinxin::evidence::audit::AuditAction;
use yinxin::identifier::uscc::Uscc;

use crate::http::client::Answer;
use crate::http::client::Ask;
use crate::http::town::Town;
use crate::http::town::issuing;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the answer to an issuing says of the code.
pub(crate) fn code(issued: &Value) -> String {
    issued["pickUpCode"].as_str().unwrap().to_owned()
}

/// Tries a pick-up code.
pub(crate) fn show(town: &Town, code: &str) -> Answer {
    town.ask(&Ask::post("/v1/holder/sessions").json(&json!({ "pickUpCode": code })))
}

/// The session that a code opens.
pub(crate) fn signed_in(town: &Town, code: &str) -> String {
    let session = show(town, code).expect(201);
    session["token"].as_str().unwrap().to_owned()
}

/// A session of a company.
pub(crate) async fn session(town: &Town) -> String {
    let uscc = town.city.company(1).await;
    signed_in(town, &code(&town.issue(&uscc)))
}

fn credentials(town: &Town, session: &str) -> Value {
    let listed = town.ask(&Ask::get("/v1/holder/credentials").key(session));
    listed.expect(200)["credentials"].clone()
}

fn accesses(town: &Town, uscc: &Uscc, session: &str) -> Answer {
    town.ask(&Ask::get(format!("/v1/companies/{uscc}/accesses")).key(session))
}

fn new_code(town: &Town, id: &str, key: &str) -> Answer {
    town.ask(&Ask::post(format!("/v1/credentials/{id}/pick-up-code")).key(key))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_fetches_its_credential_and_sees_who_looked_at_it() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let issued = town.issue(&uscc);
    let id = issued["id"].as_str().unwrap();
    let until = town.city.app.now().plus(90 * DAY).to_string();
    assert_eq!(issued["pickUpCodeExpiresAt"], until);
    let asked = Ask::get(format!("/v1/companies/{uscc}?purpose=loan")).key(&town.bank);
    town.ask(&asked).expect(200);

    let opened = show(&town, &code(&issued));
    let session = opened.expect(201);
    assert_eq!(opened.header("cache-control"), Some("no-store"));
    assert_eq!(session["uscc"], uscc.as_str());
    let until = town.city.app.now().plus(Duration::from_secs(1800));
    assert_eq!(session["expiresAt"], until.to_string());
    let session = session["token"].as_str().unwrap();
    let listed = credentials(&town, session);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["id"], id);
    assert_eq!(listed[0]["state"], "valid");
    let file = town.ask(&Ask::get(listed[0]["file"].as_str().unwrap()).key(session));
    assert_eq!(file.text(), issued["credential"].as_str().unwrap());
    assert!(
        file.header("content-disposition")
            .unwrap()
            .contains(uscc.as_str())
    );
    let shown = town.ask(&Ask::get(format!("/v1/credentials/{id}")).key(session));
    assert_eq!(shown.expect(200)["credential"], issued["credential"]);

    let told = accesses(&town, &uscc, session).expect(200);
    let told = told["accesses"].as_array().unwrap();
    let told: Vec<_> = told
        .iter()
        .map(|one| {
            (
                one["caller"].as_str().unwrap(),
                one["action"].as_str().unwrap(),
            )
        })
        .collect();
    let own = format!("holder:{uscc}");
    assert_eq!(
        told,
        [
            (own.as_str(), "credential.downloaded"),
            (own.as_str(), "credential.downloaded"),
            (own.as_str(), "holder.admitted"),
            ("bank-a", "company.confirmed"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_read_as_people_type_it_and_works_more_than_once() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let code = code(&town.issue(&uscc));
    assert_eq!(code.len(), 34);
    for typed in [
        code.clone(),
        code.to_lowercase(),
        code.replace('-', ""),
        format!(
            " {} ",
            code.replace('-', " ").replace('0', "o").replace('1', "i")
        ),
    ] {
        show(&town, &typed).expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_not_in_force_is_refused_alike_whatever_the_reason() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let issued = town.issue(&uscc);
    let (id, first) = (issued["id"].as_str().unwrap(), code(&issued));
    let unknown = "0000-0000-0000-0000-0000-0000-0000";
    let refused = show(&town, unknown).problem(403, "PICK_UP_CODE_INVALID");

    new_code(&town, id, &town.tax).problem(403, "NOT_YOUR_CREDENTIAL");
    new_code(&town, "AAAAAAAAAAAAAAAAAAAAAA", &town.market).problem(404, "UNKNOWN_CREDENTIAL");
    let session = signed_in(&town, &first);
    let made = new_code(&town, id, &town.market).expect(201);
    assert_eq!(made["credentialId"], id);
    let replaced = show(&town, &first).problem(403, "PICK_UP_CODE_INVALID");
    let ended = Ask::get("/v1/holder/credentials").key(&session);
    town.ask(&ended).problem(401, "SESSION_INVALID");
    let second = code(&made);
    signed_in(&town, &second);

    town.city.clock.advance(90 * DAY);
    let expired = show(&town, &second).problem(403, "PICK_UP_CODE_INVALID");
    town.city.app.keep_house().await.unwrap();
    let forgotten = show(&town, &second).problem(403, "PICK_UP_CODE_INVALID");
    for mut other in [replaced, expired, forgotten] {
        other["instance"] = refused["instance"].clone();
        assert_eq!(other, refused, "the reason can be told");
    }
    // The audit trail alone knows it, and not the codes.
    let all = town.city.store.audit().list(0, 1000).await.unwrap();
    let outcomes: Vec<_> = all
        .iter()
        .filter(|one| one.event.action == AuditAction::HolderRefused)
        .map(|one| one.event.outcome.as_str())
        .collect();
    assert_eq!(outcomes, ["unknown", "replaced", "expired", "unknown"]);
    let trail = serde_json::to_string(&all).unwrap();
    for secret in [&first, &second, &session] {
        assert!(!trail.contains(secret.as_str()));
        assert!(!trail.contains(&secret.replace('-', "")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_of_the_pen_is_told_and_is_no_attempt() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let code = code(&town.issue(&uscc));
    let other = if code.starts_with('A') { "B" } else { "A" };
    let slipped = format!("{other}{}", &code[1..]);
    show(&town, &slipped).problem(400, "PICK_UP_CODE_MISTYPED");
    let short = show(&town, "7K3M").problem(400, "PICK_UP_CODE_MISTYPED");
    assert_eq!(short["length"], 4);
    let strange = format!("U{}", &code[1..]);
    let strange = show(&town, &strange).problem(400, "PICK_UP_CODE_MISTYPED");
    assert_eq!(strange["position"], 1);
    let all = town.city.store.audit().list(0, 1000).await.unwrap();
    let refused = all
        .iter()
        .filter(|one| one.event.action == AuditAction::HolderRefused);
    assert_eq!(refused.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_does_not_show_the_code_again() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let ask = issuing(&uscc)
        .key(&town.market)
        .header("Idempotency-Key", "1");
    let first = town.ask(&ask).expect(201);
    let again = town.ask(&ask).expect(201);
    assert_eq!(again["id"], first["id"]);
    assert_eq!(again["pickUpCode"], Value::Null);
    assert_eq!(again["pickUpCodeExpiresAt"], Value::Null);
    signed_in(&town, &code(&first));
    // Whoever lost the first answer has another code made, which voids the one that went astray.
    let made = new_code(&town, first["id"].as_str().unwrap(), &town.market).expect(201);
    signed_in(&town, &code(&made));
    show(&town, &code(&first)).problem(403, "PICK_UP_CODE_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_gives_the_credential_that_stands_after_its_own_was_superseded() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let (first, second) = (town.issue(&uscc), town.issue(&uscc));
    for shown in [&first, &second] {
        let session = signed_in(&town, &code(shown));
        let listed = credentials(&town, &session);
        assert_eq!(listed.as_array().unwrap().len(), 1);
        assert_eq!(listed[0]["id"], second["id"]);
        // The old one is still the company's own.
        let id = first["id"].as_str().unwrap();
        let old = town.ask(&Ask::get(format!("/v1/credentials/{id}")).key(&session));
        assert_eq!(old.expect(200)["state"], "superseded");
    }
    // A new code voids those of the superseded one as well: any of them lets in.
    let id = second["id"].as_str().unwrap();
    new_code(&town, id, &town.market).expect(201);
    for shown in [&first, &second] {
        show(&town, &code(shown)).problem(403, "PICK_UP_CODE_INVALID");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_reads_of_a_credential_that_was_revoked() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let issued = town.issue(&uscc);
    let id = issued["id"].as_str().unwrap();
    let revoke = Ask::post(format!("/v1/credentials/{id}/status")).key(&town.market);
    let revoke = revoke.json(&json!({"action": "revoke", "reason": "test"}));
    town.ask(&revoke).expect(200);
    let session = signed_in(&town, &code(&issued));
    assert_eq!(credentials(&town, &session)[0]["state"], "revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_does_not_see_what_is_anothers() {
    let town = Town::open().await;
    let (one, other) = (town.city.company(1).await, town.city.company(2).await);
    let session = signed_in(&town, &code(&town.issue(&one)));
    let others = town.issue(&other);
    let id = others["id"].as_str().unwrap();
    for path in ["", "/file"] {
        let path = format!("/v1/credentials/{id}{path}");
        let refused = town.ask(&Ask::get(path).key(&session));
        refused.problem(404, "UNKNOWN_CREDENTIAL");
    }
    accesses(&town, &other, &session).problem(404, "UNKNOWN_COMPANY");
    accesses(&town, &crate::store::uscc(77), &session).problem(404, "UNKNOWN_COMPANY");
    accesses(&town, &one, &session).expect(200);
    // Nothing of it looks like an access of the other company.
    let own = signed_in(&town, &code(&others));
    let told = accesses(&town, &other, &own).expect(200);
    assert!(!told.to_string().contains(one.as_str()), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_signs_out_of_one_session_and_no_other() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let code = code(&town.issue(&uscc));
    let (one, other) = (signed_in(&town, &code), signed_in(&town, &code));
    let leave = Ask::delete("/v1/holder/session");
    let left = town.ask(&leave.clone().key(&one));
    assert_eq!((left.status, left.text()), (204, ""));
    let credentials = Ask::get("/v1/holder/credentials");
    town.ask(&credentials.clone().key(&one))
        .problem(401, "SESSION_INVALID");
    town.ask(&leave.clone().key(&one))
        .problem(401, "SESSION_INVALID");
    town.ask(&credentials.key(&other)).expect(200);
    town.ask(&leave).problem(401, "SESSION_MISSING");
    town.ask(&leave.key(&town.bank))
        .problem(401, "SESSION_INVALID");
    let told = town.city.store.audit().about(&uscc, i64::MAX, 100).await;
    let told = told.unwrap().into_iter().map(|one| one.event);
    let left: Vec<_> = told
        .filter(|event| event.action == AuditAction::HolderLeft)
        .collect();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].actor, format!("holder:{uscc}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_half_an_hour() {
    let town = Town::open().await;
    let session = session(&town).await;
    let ask = Ask::get("/v1/holder/credentials").key(&session);
    town.city.wait(1799);
    town.ask(&ask).expect(200);
    town.city.wait(1);
    let refused = town.ask(&ask);
    refused.problem(401, "SESSION_INVALID");
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(challenge.contains("invalid_token"), "{challenge}");
    town.city.app.keep_house().await.unwrap();
    town.ask(&ask).problem(401, "SESSION_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_signs_nobody_in_is_refused_for_its_reason() {
    let town = Town::open().await;
    let sessions = |body: &Value| town.ask(&Ask::post("/v1/holder/sessions").json(body));
    for body in [
        json!({}),
        json!({"pickUpCode": "x", "uscc": "x"}),
        json!({"uscc": "x", "challenge": "x"}),
        json!({"pickUpCode": 1}),
        json!({"code": "x"}),
    ] {
        sessions(&body).problem(400, "INVALID_BODY");
    }
    let large = json!({"pickUpCode": "0".repeat(70_000)});
    sessions(&large).problem(413, "BODY_TOO_LARGE");
    let text = Ask::post("/v1/holder/sessions").body("text/plain", "x");
    town.ask(&text).problem(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_limited_by_address_whatever_is_shown() {
    let town = Town::with_public_limit(12).await;
    let body = json!({"pickUpCode": "0000-0000-0000-0000-0000-0000-0000"});
    let attempt = Ask::post("/v1/holder/sessions").json(&body).key(&town.bank);
    let first = town.ask(&attempt);
    let burst: u32 = first.header("ratelimit-limit").unwrap().parse().unwrap();
    for _ in 1..burst {
        town.ask(&attempt).problem(403, "PICK_UP_CODE_INVALID");
    }
    town.ask(&attempt).problem(429, "RATE_LIMITED");
    let uscc = town.city.company(1).await;
    let challenge = Ask::post(format!("/v1/companies/{uscc}/challenge"));
    town.ask(&challenge).problem(429, "RATE_LIMITED");
    let guessed =
        Ask::get("/v1/holder/credentials").key("yxs_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let refused = town.ask(&guessed);
    refused.problem(429, "RATE_LIMITED");
    assert_eq!(refused.header("ratelimit-remaining"), Some("0"));
    let page = Ask::post("/pickup").body("multipart/form-data; boundary=B", "--B--\r\n");
    town.ask(&page).problem(429, "RATE_LIMITED");
}
