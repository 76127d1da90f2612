//! What cannot be answered: each mistake with its problem, which names what is wrong and where, and leaves
//! nothing behind.

use serde_json::Value;
use serde_json::json;
use yinxin::http::problem::table::PROBLEMS;
use yinxin::registry::relying_party::Scope;

use crate::http::client::Answer;
use crate::http::client::Ask;
use crate::http::town::Town;
use crate::http::town::issuing;
use crate::running_city::URL;
use crate::running_city::facts;

/// The code of company 1 with its last character changed.
fn with_wrong_check_character(uscc: &str) -> (String, char) {
    let right = uscc.chars().last().unwrap();
    let wrong = if right == '1' { '2' } else { '1' };
    (format!("{}{wrong}", &uscc[..17]), right)
}

fn json_body(body: &str) -> Ask {
    Ask::post("/v1/verify").body("application/json", body)
}

/// What every problem has, whatever it is.
fn assert_whole(answer: &Answer, problem: &Value) {
    let kind = problem["type"].as_str().unwrap();
    let name = kind.strip_prefix(&format!("{URL}/problems/")).unwrap();
    let entry = PROBLEMS.iter().find(|entry| entry.name == name).unwrap();
    assert_eq!(problem["status"], entry.status.as_u16());
    assert_eq!(problem["title"], entry.title_zh);
    assert_eq!(problem["action"], entry.action_zh);
    let id = answer.header("x-request-id").unwrap();
    assert_eq!(problem["instance"], format!("urn:uuid:{id}"));
    assert_eq!(answer.header("content-language"), Some("zh-CN"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

/// Sends each and finds its problem; the pointers are found in it with their values.
fn assert_refused(town: &Town, cases: &[(Ask, u16, &str, Value)]) {
    for (ask, status, code, members) in cases {
        let answer = town.ask(ask);
        let problem = answer.problem(*status, code);
        assert_whole(&answer, &problem);
        for (member, value) in members.as_object().unwrap() {
            assert_eq!(&problem[member], value, "{ask:?} {problem}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_cannot_be_understood() {
    let town = Town::open().await;
    let bank = |ask: Ask| ask.key(&town.bank);
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let max = 20 * 1024 * 1024;
    assert_refused(
        &town,
        &[
            (
                bank(json_body(r#"{"document":{"bytes":"ab*d"}}"#)),
                400,
                "MALFORMED_BASE64",
                json!({"member": "document.bytes"}),
            ),
            (
                bank(json_body(r#"{"document":"#)),
                400,
                "MALFORMED_JSON",
                json!({}),
            ),
            (bank(json_body("{} {}")), 400, "MALFORMED_JSON", json!({})),
            (bank(json_body(&deep)), 400, "MALFORMED_JSON", json!({})),
            (
                bank(json_body("{}")),
                400,
                "INVALID_BODY",
                json!({"member": "document"}),
            ),
            (
                bank(json_body(r#"{"document":{"bytes":"ZXlK","surprise":1}}"#)),
                400,
                "INVALID_BODY",
                json!({"member": "document.surprise"}),
            ),
            (
                bank(json_body(r#"{"document":{"digest":"00"}}"#)),
                422,
                "DIGEST_ONLY",
                json!({}),
            ),
            (
                bank(Ask::post("/v1/verify").body("text/plain", vec![b'x'; max + 1_048_576])),
                413,
                "BODY_TOO_LARGE",
                json!({"maxSizeBytes": max}),
            ),
            (
                bank(Ask::post("/v1/verify").body("text/plain", "")),
                400,
                "DOCUMENT_EMPTY",
                json!({}),
            ),
            (
                bank(Ask::post("/v1/verify").body("text/plain", "<?xml version=\"1.0\"?><a/>")),
                422,
                "UNSUPPORTED_FORMAT",
                json!({"format": "XML"}),
            ),
            (
                bank(Ask::post("/v1/verify").body("multipart/form-data", "x")),
                400,
                "MALFORMED_MULTIPART",
                json!({}),
            ),
            (
                Ask::post("/v1/credentials")
                    .key(&town.market)
                    .body("text/plain", "{}"),
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                json!({"expected": ["application/json"]}),
            ),
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_given_twice_is_named() {
    let town = Town::open().await;
    let body = r#"{"document":{"bytes":"ZXlK","bytes":"ZXlL"}}"#;
    let problem = town
        .ask(&json_body(body).key(&town.bank))
        .problem(400, "MALFORMED_JSON");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("bytes"), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_headers_and_queries_that_cannot_be_understood() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let (wrong, right) = with_wrong_check_character(uscc.as_str());
    let bank = |path: String| Ask::get(path).key(&town.bank);
    assert_refused(
        &town,
        &[
            (
                bank(format!("/v1/companies/{wrong}")),
                400,
                "INVALID_USCC",
                json!({"position": 18, "expected": right.to_string()}),
            ),
            (
                bank("/v1/companies/91441900MAI0000001".to_owned()),
                400,
                "INVALID_USCC",
                json!({"position": 11, "found": "I"}),
            ),
            (
                bank(format!("/v1/companies/{uscc}?asof=2026-01-01T00:00:00Z")),
                400,
                "INVALID_QUERY",
                json!({"parameter": "asof"}),
            ),
            (
                bank(format!("/v1/companies/{uscc}?asOf=2027-01-01T00:00:00Z")),
                422,
                "AS_OF_IN_FUTURE",
                json!({}),
            ),
            (
                bank("/v1/companies?name=x&limit=0".to_owned()),
                400,
                "INVALID_QUERY",
                json!({"parameter": "limit"}),
            ),
            (
                issuing(&uscc)
                    .key(&town.market)
                    .header("Idempotency-Key", "a b"),
                400,
                "INVALID_HEADER",
                json!({"header": "idempotency-key"}),
            ),
            (Ask::get("/v2/verify"), 404, "NOT_FOUND", json!({})),
            (
                Ask::get("/problems/no-such-problem"),
                404,
                "NOT_FOUND",
                json!({}),
            ),
            (
                Ask::get("/status/no-such-list"),
                404,
                "UNKNOWN_STATUS_LIST",
                json!({}),
            ),
            (
                bank("/v1/credentials/AAAAAAAAAAAAAAAAAAAAAA".to_owned()),
                404,
                "UNKNOWN_CREDENTIAL",
                json!({}),
            ),
            (
                bank("/v1/receipts/AAAAAAAAAAAAAAAAAAAAAA".to_owned()),
                404,
                "UNKNOWN_RECEIPT",
                json!({"receiptId": "AAAAAAAAAAAAAAAAAAAAAA"}),
            ),
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_an_address_does_not_take_is_answered_with_those_it_takes() {
    let town = Town::open().await;
    let answer = town.ask(&Ask::new("DELETE", "/v1/credentials"));
    answer.problem(405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), Some("POST"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_issued_is_not() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let unknown = crate::store::uscc(99);
    let of_type =
        |kind: &str| Ask::post("/v1/credentials").json(&json!({"uscc": uscc, "type": kind}));
    assert_refused(
        &town,
        &[
            (
                of_type("driving-licence").key(&town.market),
                422,
                "UNKNOWN_CREDENTIAL_TYPE",
                json!({}),
            ),
            (
                of_type("business-registration").key(&town.tax),
                403,
                "NOT_YOUR_CREDENTIAL_TYPE",
                json!({"owner": "market-regulation"}),
            ),
            (
                of_type("tax-registration").key(&town.market),
                403,
                "NOT_YOUR_CREDENTIAL_TYPE",
                json!({"owner": "state-tax"}),
            ),
            (
                issuing(&unknown).key(&town.market),
                404,
                "UNKNOWN_COMPANY",
                json!({}),
            ),
        ],
    );
    let rows = town.city.store.credentials().for_company(&uscc).await;
    assert_eq!(rows.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_serves_one_body_of_one_caller() {
    let town = Town::open().await;
    let (one, other) = (town.city.company(1).await, town.city.company(2).await);
    let with_key = |ask: Ask| ask.header("Idempotency-Key", "k");
    let issued = town
        .ask(&with_key(issuing(&one).key(&town.market)))
        .expect(201);
    let refused = with_key(issuing(&other).key(&town.market));
    assert_refused(
        &town,
        &[(refused, 422, "IDEMPOTENCY_KEY_REUSED", json!({}))],
    );
    let rows = town.city.store.credentials().for_company(&other).await;
    assert_eq!(rows.unwrap(), []);
    let tax = json!({"uscc": one, "type": "tax-registration"});
    let tax = with_key(Ask::post("/v1/credentials").key(&town.tax).json(&tax));
    assert_ne!(town.ask(&tax).expect(201)["id"], issued["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_s_state_changes_only_as_it_may_and_by_whom_it_may() {
    let town = Town::open().await;
    let issued = town.issue(&town.city.company(1).await);
    let path = format!("/v1/credentials/{}/status", issued["id"].as_str().unwrap());
    let change = |key: &str, action: &str, reason: &str| {
        let body = json!({"action": action, "reason": reason});
        Ask::post(&path).key(key).json(&body)
    };
    assert_refused(
        &town,
        &[
            (
                change(&town.tax, "revoke", "x"),
                403,
                "NOT_YOUR_CREDENTIAL",
                json!({"owner": "market-regulation"}),
            ),
            (
                change(&town.market, "reinstate", "x"),
                409,
                "CREDENTIAL_STATE",
                json!({}),
            ),
            (
                change(&town.market, "revoke", ""),
                400,
                "INVALID_BODY",
                json!({"member": "reason"}),
            ),
            (
                change(&town.market, "abolish", "x"),
                400,
                "INVALID_BODY",
                json!({"member": "action"}),
            ),
        ],
    );
    town.ask(&change(&town.market, "revoke", "x")).expect(200);
    let again = [
        (
            change(&town.market, "revoke", "x"),
            409,
            "CREDENTIAL_STATE",
            json!({}),
        ),
        (
            change(&town.market, "reinstate", "x"),
            409,
            "CREDENTIAL_STATE",
            json!({}),
        ),
    ];
    assert_refused(&town, &again);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_register_takes_only_what_fits_and_from_whom_it_may() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let path = format!("/v1/companies/{uscc}");
    let state = |changes: Value| serde_json::to_value(facts(1, changes)).unwrap();
    let with = |name: &str, value: Value| {
        let mut body = state(json!({}));
        body.as_object_mut().unwrap().insert(name.to_owned(), value);
        body
    };
    let put = |body: &Value| Ask::put(&path).key(&town.market).json(body);
    let registration = json!({
        "department": "customs", "number": "1", "registeredOn": "2015-03-02", "state": "active",
    });
    let import = "{\"company\":{}}\n";
    assert_refused(
        &town,
        &[
            (
                put(&with("surprise", json!(1))),
                400,
                "INVALID_BODY",
                json!({"member": "surprise"}),
            ),
            (
                put(&with("state", json!("asleep"))),
                400,
                "INVALID_BODY",
                json!({"member": "state"}),
            ),
            (
                put(&with("uscc", json!(crate::store::uscc(2)))),
                400,
                "INVALID_BODY",
                json!({"member": "uscc"}),
            ),
            (
                put(&state(json!({}))).header("If-Match", "\"7\""),
                412,
                "VERSION_CONFLICT",
                json!({"expectedVersion": 7, "version": 2}),
            ),
            (
                Ask::put(&path).key(&town.tax).json(&state(json!({}))),
                403,
                "NOT_YOUR_DEPARTMENT",
                json!({}),
            ),
            (
                Ask::post(format!("{path}/registrations"))
                    .key(&town.tax)
                    .json(&registration),
                403,
                "NOT_YOUR_DEPARTMENT",
                json!({"department": "state-tax"}),
            ),
            (
                Ask::post("/v1/companies/import")
                    .key(&town.market)
                    .body("application/x-ndjson", import),
                422,
                "IMPORT_LINE_REFUSED",
                json!({"line": 1}),
            ),
        ],
    );
    let kept = town.ask(&Ask::get(&path).key(&town.bank)).expect(200);
    assert_eq!(kept["company"]["version"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_says_of_a_check_must_be_possible() {
    let town = Town::open().await;
    let auditor = town.key_for(&[Scope::Audit, Scope::Verify]).await;
    let ask_with = |key: &str, query: &str| {
        let path = format!("/v1/verify?{query}");
        Ask::post(path)
            .key(key)
            .body("text/plain", "eyJhbGciOiJub25lIn0.e30.")
    };
    let ask = |query: &str| ask_with(&town.bank, query);
    let long = format!("operator={}", "x".repeat(65));
    assert_refused(
        &town,
        &[
            (
                ask("purpose=idle-curiosity"),
                422,
                "UNKNOWN_PURPOSE",
                json!({"purpose": "idle-curiosity"}),
            ),
            (
                ask_with(&auditor, "validationTime=2099-01-01T00:00:00Z"),
                422,
                "VALIDATION_TIME_IN_FUTURE",
                json!({}),
            ),
            (
                ask("validationTime=2026-01-01T00:00:00Z"),
                403,
                "VALIDATION_TIME_NOT_PERMITTED",
                json!({}),
            ),
            (
                ask("expectSignerUscc=123"),
                400,
                "INVALID_USCC",
                json!({"length": 3}),
            ),
            (
                ask(&long),
                400,
                "INVALID_QUERY",
                json!({"parameter": "operator"}),
            ),
            (ask("overall=most"), 400, "INVALID_QUERY", json!({})),
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_facts_that_there_are_can_be_compared() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let matching = |facts: Value| {
        Ask::post(format!("/v1/companies/{uscc}/match"))
            .key(&town.bank)
            .json(&json!({"facts": facts}))
    };
    assert_refused(
        &town,
        &[
            (
                matching(json!({"shoeSize": "7"})),
                422,
                "UNKNOWN_FACT",
                json!({"field": "shoeSize"}),
            ),
            (
                matching(json!({})),
                400,
                "INVALID_BODY",
                json!({"member": "facts"}),
            ),
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_can_be_compared_only_so_often() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let ask = Ask::post(format!("/v1/companies/{uscc}/match"))
        .key(&town.bank)
        .json(&json!({"facts": {"legalRepresentative": "某人"}}));
    let refused = (0..1_000)
        .map(|_| town.ask(&ask))
        .find(|answer| answer.status != 200);
    let refused = refused.unwrap();
    refused.problem(429, "TOO_MANY_MATCH_ATTEMPTS");
    assert!(refused.header("retry-after").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_speaks_the_reader_s_language_and_is_a_page_for_who_asks_for_one() {
    let town = Town::open().await;
    let ask = Ask::get("/v1/reasonz");
    for (header, title, language) in [
        ("en-GB,en;q=0.9", "There is nothing at this address", "en"),
        ("zh-Hans-CN", "该地址不存在", "zh-CN"),
        ("fr", "该地址不存在", "zh-CN"),
    ] {
        let answer = town.ask(&ask.clone().header("Accept-Language", header));
        assert_eq!(answer.problem(404, "NOT_FOUND")["title"], title);
        assert_eq!(answer.header("content-language"), Some(language));
        let page = ask
            .clone()
            .header("Accept-Language", header)
            .header("Accept", "text/html");
        let page = town.ask(&page);
        assert_eq!(page.status, 404);
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(page.text().contains(title));
        let id = page.header("x-request-id").unwrap();
        assert!(
            page.text().contains(id),
            "a reader can tell us which request it was"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_problem_is_explained_at_its_address() {
    let town = Town::open().await;
    for entry in PROBLEMS {
        let ask = Ask::get(format!("/problems/{}", entry.name));
        let json = town.ask(&ask.clone().header("Accept-Language", "en"));
        assert_eq!(json.status, 200, "{}", entry.name);
        assert!(json.text().contains(entry.code), "{json}");
        for (language, title) in [("zh", entry.title_zh), ("en", entry.title)] {
            let page = ask
                .clone()
                .header("Accept", "text/html")
                .header("Accept-Language", language);
            let page = town.ask(&page);
            assert_eq!(page.status, 200);
            assert!(
                page.text().contains(&title.replace('\'', "&#39;")),
                "{} {page}",
                entry.name
            );
        }
    }
}
