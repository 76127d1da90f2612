//! Who recognises whom, over HTTP: shown, changed by two persons, and what is refused.

use serde_json::Value;
use serde_json::json;
use yinxin::encoding::base64;
use yinxin::registry::relying_party::Scope;

use crate::http::client::Ask;
use crate::http::town::Town;
use crate::running_city::Holder;
use crate::running_city::pki;

const TABLE: &str = "/v1/recognition";
const PROPOSALS: &str = "/v1/recognition/proposals";
const REHEARSE: &str = "/v1/recognition/rehearse";

fn row() -> Value {
    json!({
        "every": "bank", "ca": "alpha", "usage": "tax", "decision": "accept",
        "anchors": [pki().alpha.certificate().sha256().to_string()],
        "limits": {"minimumKeyBits": 3072},
        "validFrom": "2026-01-01T00:00:00Z",
    })
}

fn propose(rows: &[Value], key: &str) -> Ask {
    Ask::post(PROPOSALS)
        .key(key)
        .json(&json!({"added": rows, "note": "circular 12"}))
}

fn decide(id: &Value, verb: &str, key: &str) -> Ask {
    Ask::post(format!("{PROPOSALS}/{id}/{verb}")).key(key)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_proposed_by_one_approved_by_another_and_shown() {
    let town = Town::with_two_persons().await;
    let (day, night) = (
        town.operator("day-shift").await,
        town.operator("night-shift").await,
    );
    let before = town.ask(&Ask::get(TABLE).key(&day)).expect(200);
    let proposal = town.ask(&propose(&[row()], &day)).expect(201);
    assert_eq!(
        (&proposal["state"], &proposal["added"][0]),
        (&json!("proposed"), &row())
    );
    let id = &proposal["id"];
    town.ask(&decide(id, "approve", &day))
        .problem(403, "SAME_PERSON");
    assert_eq!(town.ask(&Ask::get(TABLE).key(&day)).expect(200), before);

    let active = town.ask(&decide(id, "approve", &night)).expect(200);
    assert_eq!(
        (&active["state"], &active["approved"]["by"]),
        (&json!("active"), &json!("night-shift"))
    );
    let after = town.ask(&Ask::get(TABLE).key(&day)).expect(200);
    assert_eq!(after["version"], active["version"]);
    assert_ne!(after["digest"], before["digest"]);
    assert!(after["rows"].as_array().unwrap().contains(&row()));
    let old = format!("{TABLE}?version={}", before["version"]);
    assert_eq!(town.ask(&Ask::get(old).key(&day)).expect(200), before);
    let versions = town
        .ask(&Ask::get(format!("{TABLE}/versions?limit=1")).key(&day))
        .expect(200);
    assert_eq!(versions["versions"][0]["added"], json!([row()]));
    assert_eq!(versions["versions"][0]["digest"], after["digest"]);
    assert_eq!(versions["next"], after["version"]);
    let listed = town.ask(&Ask::get(PROPOSALS).key(&day)).expect(200);
    assert_eq!(listed["proposals"], json!([active]));
    for verb in ["approve", "withdraw"] {
        town.ask(&decide(id, verb, &night))
            .problem(409, "PROPOSAL_NOT_OPEN");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_change_is_refused_and_named() {
    let town = Town::open().await;
    let key = town.operator("day-shift").await;
    let with = |member: &str, value: Value| {
        let mut row = row();
        row[member] = value;
        row
    };
    for (rows, status, code, told) in [
        (
            vec![row(), row()],
            422,
            "RECOGNITION_REFUSED",
            "overlaps with",
        ),
        (vec![], 422, "RECOGNITION_REFUSED", "like that already"),
        (
            vec![with("ca", json!("gamma"))],
            422,
            "RECOGNITION_REFUSED",
            "no trust store",
        ),
        (
            vec![with("caller", json!("bank-a"))],
            422,
            "RECOGNITION_REFUSED",
            "not both",
        ),
        (
            vec![with("decision", json!("refuse"))],
            422,
            "RECOGNITION_REFUSED",
            "neither anchors",
        ),
        (
            vec![with("colour", json!("red"))],
            400,
            "INVALID_BODY",
            "colour",
        ),
        (
            vec![with("usage", json!("Tax"))],
            400,
            "INVALID_BODY",
            "usage",
        ),
    ] {
        let problem = town.ask(&propose(&rows, &key)).problem(status, code);
        assert!(
            problem["detail"].as_str().unwrap().contains(told),
            "{problem}"
        );
    }
    for path in [
        "/v1/recognition/proposals/1/approve",
        "/v1/recognition/proposals/x/withdraw",
    ] {
        town.ask(&Ask::post(path).key(&key))
            .problem(404, "UNKNOWN_PROPOSAL");
    }
    let far = town.ask(&Ask::get("/v1/recognition?version=9999").key(&key));
    assert!(far.problem(404, "UNKNOWN_RECOGNITION_VERSION")["version"].is_u64());
    let other = town.key_for(&[Scope::Verify]).await;
    town.ask(&propose(&[row()], &other))
        .problem(403, "SCOPE_MISSING");
}

/// A verification that bank A is refused, and a row that would grant it.
async fn refused(town: &Town) -> Value {
    let company = town.city.company(1).await;
    let company = Holder::of_company(&pki().beta, &company);
    let ask = Ask::post("/v1/verify?purpose=tax-filing").key(&town.bank);
    let report = town
        .ask(&ask.body("application/pkix-cert", company.certificate.der()))
        .expect(200);
    assert_eq!(
        report["subIndication"], "CHAIN_CONSTRAINTS_FAILURE",
        "{report}"
    );
    json!({
        "caller": "bank-a", "ca": "beta", "usage": "tax", "decision": "accept",
        "anchors": [pki().beta.certificate().sha256().to_string()],
        "validFrom": "2026-01-01T00:00:00Z",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_rehearsed_as_json_as_lines_and_as_a_page() {
    let town = Town::open().await;
    let key = town.operator("day-shift").await;
    let row = refused(&town).await;
    let rehearse = |body: &Value| Ask::post(REHEARSE).key(&key).json(body);
    let change = json!({"added": [row], "days": 3});
    let told = town.ask(&rehearse(&change)).expect(200);
    assert_eq!(
        (&told["examined"], &told["changed"]),
        (&json!(1), &json!(1)),
        "{told:#}"
    );
    let transition = &told["callers"][0]["transitions"][0];
    assert_eq!(
        transition["before"]["subIndication"],
        "CHAIN_CONSTRAINTS_FAILURE"
    );
    let passed = json!({"indication": "TOTAL-PASSED", "subIndication": null});
    assert_eq!(transition["after"], passed);

    let lines = town.ask(&rehearse(&change).header("Accept", "application/x-ndjson"));
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    let lines: Vec<Value> = lines
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (last, progress) = lines.split_last().unwrap();
    assert_eq!(last["rehearsal"]["callers"], told["callers"]);
    assert_eq!(progress, [json!({"examined": 1, "of": 1})]);

    let page = town.ask(&rehearse(&change).header("Accept", "text/html"));
    assert_eq!(page.status, 200);
    assert!(page.text().contains("bank-a") && page.text().contains("CHAIN_CONSTRAINTS_FAILURE"));

    let proposal = town.ask(&propose(&[row], &key)).expect(201);
    let by_number = json!({"proposal": proposal["id"], "days": 3});
    let again = town.ask(&rehearse(&by_number)).expect(200);
    assert_eq!(again["callers"], told["callers"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_rehearsed_is_refused_and_named() {
    let town = Town::open().await;
    let key = town.operator("day-shift").await;
    for (body, status, code, told) in [
        (json!({}), 422, "RECOGNITION_REFUSED", "like that already"),
        (
            json!({"added": [row()], "days": 0}),
            400,
            "INVALID_BODY",
            "days",
        ),
        (
            json!({"added": [row()], "days": 367}),
            400,
            "INVALID_BODY",
            "days",
        ),
        (
            json!({"added": [row()], "proposal": 1}),
            400,
            "INVALID_BODY",
            "proposal",
        ),
        (
            json!({"added": [row(), row()]}),
            422,
            "RECOGNITION_REFUSED",
            "overlaps with",
        ),
        (json!({"proposal": 7}), 404, "UNKNOWN_PROPOSAL", ""),
    ] {
        let asked = Ask::post(REHEARSE).key(&key).json(&body);
        let problem = town.ask(&asked).problem(status, code);
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(told), "{problem}");
    }
    // Of a change that turns out to be none while it is told, the last line says so.
    let asked = Ask::post(REHEARSE).key(&key).json(&json!({}));
    let lines = town.ask(&asked.header("Accept", "application/x-ndjson"));
    assert_eq!(lines.status, 200);
    let last: Value = serde_json::from_str(lines.text().trim_end()).unwrap();
    assert_eq!(last["problem"]["code"], "RECOGNITION_REFUSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_is_a_page_for_who_looks_with_a_browser() {
    let town = Town::open().await;
    let key = town.operator("day-shift").await;
    let page = town.ask(
        &Ask::get("/v1/recognition?lang=en")
            .key(&key)
            .header("Accept", "text/html"),
    );
    assert_eq!(page.status, 200);
    for text in ["Who recognises whom", "bank-a", "recognised", "Version"] {
        assert!(page.text().contains(text), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_asks_for_the_key_and_shows_the_table_and_a_rehearsal() {
    let town = Town::open().await;
    let key = town.operator("day-shift").await;
    let browser = |ask: Ask| ask.header("Accept", "text/html,*/*;q=0.8");
    let asked = town.ask(&browser(Ask::get(TABLE)));
    assert_eq!(asked.status, 401);
    let basic = "Basic realm=\"API key as password\", charset=\"UTF-8\"";
    assert!(asked.all("www-authenticate").contains(&basic), "{asked}");
    let program = town.ask(&Ask::get(TABLE));
    assert!(!program.all("www-authenticate").contains(&basic));

    let shown = format!(
        "Basic {}",
        base64::encode(format!("anybody:{key}").as_bytes())
    );
    let with_key = |ask: Ask| browser(ask).header("Authorization", &shown);
    let row = refused(&town).await;
    let proposal = town.ask(&propose(&[row], &key)).expect(201);
    let table = town.ask(&with_key(Ask::get(format!("{TABLE}?lang=en"))));
    assert_eq!(table.status, 200);
    let rehearsal = format!("{PROPOSALS}/{}/rehearsal?lang=en", proposal["id"]);
    assert!(table.text().contains(&rehearsal), "{table}");
    let page = town.ask(&with_key(Ask::get(&rehearsal)));
    assert_eq!(page.status, 200);
    assert!(
        page.text()
            .contains("1 of 1 verifications would have another verdict"),
        "{page}"
    );
    town.ask(&Ask::get(format!("{PROPOSALS}/{}/rehearsal?days=0", proposal["id"])).key(&key))
        .problem(400, "INVALID_QUERY");

    // What a browser remembers opens pages alone.
    let approve = Ask::post(format!("{PROPOSALS}/{}/approve", proposal["id"]));
    assert_eq!(town.ask(&with_key(approve)).status, 401);
    let program = Ask::get(TABLE).header("Authorization", &shown);
    town.ask(&program).problem(401, "API_KEY_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn trust_stores_are_reloaded_together_and_a_broken_file_is_named() {
    let town = Town::open().await;
    let key = town.operator("day-shift").await;
    let reload = Ask::post("/v1/trust/reload").key(&key);
    let before = town.ask(&reload).expect(200);
    let anchor = pki().unknown.certificate();
    town.city.put_into_trust_store(
        "alpha",
        "new.pem",
        &yinxin::encoding::pem::encode("CERTIFICATE", anchor.der()),
    );
    let with_anchor = town.ask(&reload).expect(200);
    assert_ne!(with_anchor["digest"], before["digest"]);
    let table = town.ask(&Ask::get(TABLE).key(&key)).expect(200);
    assert!(
        !table.to_string().contains(&anchor.sha256().to_string()),
        "it is inert"
    );

    town.city.put_into_trust_store("beta", "ca.toml", "name = ");
    let problem = town.ask(&reload).problem(422, "TRUST_STORES_REFUSED");
    assert!(
        problem["detail"].as_str().unwrap().contains("beta/ca.toml"),
        "{problem}"
    );
    assert_eq!(problem["digest"], with_anchor["digest"]);
    let events = town.city.store.audit().list(0, 1000).await.unwrap();
    let last = &events.last().unwrap().event;
    assert_eq!(
        (last.actor.as_str(), last.action.as_str()),
        ("day-shift", "trust.refused")
    );
}
