//! Who accepts a document, and requests that narrow their profile.

use serde_json::Value;
use serde_json::json;
use yinxin::encoding::base64;
use yinxin::registry::purpose::PURPOSES;
use yinxin::registry::recognition::RecognitionRow;
use yinxin::registry::relying_party::Scope;
use yinxin::service::call::CallContext;
use yinxin::service::call::Caller;
use yinxin::service::verify::Submitted;
use yinxin::service::verify::VerifyRequest;
use yinxin::validation::trust_store::CaId;
use yinxin::validation::trust_store::Usage;

use crate::http::client::Answer;
use crate::http::client::Ask;
use crate::http::signed::CONTENT;
use crate::http::signed::attached;
use crate::http::signed::body;
use crate::http::signed::detached;
use crate::http::town::Town;
use crate::running_city::Holder;
use crate::running_city::document_of;
use crate::running_city::pki;
use crate::running_city::time;

fn check(document: &[u8]) -> Ask {
    Ask::post("/v1/recognition/check").body("application/octet-stream", document)
}

fn party<'a>(answer: &'a Value, id: &str) -> &'a Value {
    let mut parties = answer["parties"].as_array().unwrap().iter();
    parties
        .find(|party| party["id"] == id)
        .unwrap_or_else(|| panic!("{id}: {answer:#}"))
}

fn purpose<'a>(answer: &'a Value, id: &str, purpose: &str) -> &'a Value {
    let mut purposes = party(answer, id)["purposes"].as_array().unwrap().iter();
    purposes.find(|one| one["purpose"] == purpose).unwrap()
}

fn anybody_accepts(answer: &Value) -> bool {
    let parties = answer["parties"].as_array().unwrap().iter();
    let mut purposes = parties.flat_map(|party| party["purposes"].as_array().unwrap());
    purposes.any(|purpose| purpose["accepted"] == true)
}

/// Every code that somebody is given.
fn codes(answer: &Value) -> Vec<&str> {
    let parties = answer["parties"].as_array().unwrap().iter();
    let purposes = parties.flat_map(|party| party["purposes"].as_array().unwrap());
    let reasons = purposes.flat_map(|purpose| purpose["reasons"].as_array().unwrap());
    reasons
        .map(|reason| reason["code"].as_str().unwrap())
        .collect()
}

/// A row of `bank-b` on the CA of companies, in force in 2026 until `until`.
async fn recognised_until(town: &Town, until: &str) {
    let (ca, usage) = (
        CaId::parse("alpha").unwrap(),
        Usage::parse("banking").unwrap(),
    );
    let anchors = vec![pki().alpha.certificate().sha256()];
    let (bank, since) = (
        town.city.bank_b.party.id.clone(),
        time("2026-01-01T00:00:00Z"),
    );
    let row = RecognitionRow {
        valid_until: Some(time(until)),
        ..RecognitionRow::accept(bank, (ca, usage), anchors, since)
    };
    town.city.app.add_recognition(&[row]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_s_answer_is_that_of_a_verification() {
    let town = Town::open().await;
    let company = Holder::of_company(&pki().alpha, &town.city.company(1).await);
    let issued = town.issue(&town.city.company(2).await);
    let documents = [
        attached(&town).await,
        company.certificate.der().to_vec(),
        issued["credential"].as_str().unwrap().as_bytes().to_vec(),
    ];
    let public = town.city.app.public_caller();
    let city = &town.city;
    let callers: [&Caller; 5] = [&city.market, &city.tax, &city.bank_a, &city.bank_b, &public];
    for document in documents {
        let answer = town.ask(&check(&document).key(&town.bank)).expect(200);
        assert!(anybody_accepts(&answer), "{answer:#}");
        assert_eq!(
            answer["verdict"]["indication"], "TOTAL-PASSED",
            "{answer:#}"
        );
        assert_eq!(answer["parties"].as_array().unwrap().len(), callers.len());
        for caller in callers {
            for asked in &PURPOSES {
                let request = VerifyRequest {
                    submitted: Submitted::Document(document.clone()),
                    context: CallContext {
                        purpose: Some(asked.id.to_owned()),
                        ..CallContext::default()
                    },
                    ..document_of("")
                };
                let report = town.city.app.verify(caller, request).await.unwrap();
                let told = purpose(&answer, caller.party.id.as_str(), asked.id);
                assert_eq!(told["accepted"], report.passed(), "{caller:?} {}", asked.id);
                let is_silent = told["reasons"].as_array().unwrap().is_empty();
                assert_eq!(is_silent, report.passed());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_s_dates_are_told_to_whom_they_concern() {
    let town = Town::open().await;
    recognised_until(&town, "2026-05-01T00:00:00Z").await;
    let certificate = Holder::of_company(&pki().alpha, &town.city.company(1).await).certificate;
    let own = town
        .city
        .app
        .add_key(&town.city.bank_b.party.id, [Scope::Verify].into(), None)
        .await;
    let own = own.unwrap().expose().clone();
    let auditor = town.key_for(&[Scope::Audit, Scope::Verify]).await;
    let asked = check(certificate.der());
    for (ask, is_told) in [
        (asked.clone(), false),
        (asked.clone().key(&town.bank), false),
        (asked.clone().key(&own), true),
        (asked.key(&auditor), true),
    ] {
        let answer = town.ask(&ask).expect(200);
        let loan = purpose(&answer, "bank-b", "loan");
        let expected = match is_told {
            true => {
                json!({"code": "CA_NOT_RECOGNISED", "ca": "alpha", "usage": "banking", "row": "ended",
                           "recognisedUntil": "2026-05-01T00:00:00Z"})
            }
            false => json!({"code": "CA_NOT_RECOGNISED", "ca": "alpha", "usage": "banking"}),
        };
        assert_eq!(
            loan,
            &json!({"purpose": "loan", "accepted": false, "reasons": [expected]})
        );
        assert_eq!(purpose(&answer, "bank-a", "loan")["accepted"], true);
    }
    // The bank's own verification says the same.
    let ask = Ask::post("/v1/certificates/verify").key(&own).json(&json!({
        "certificate": {"bytes": base64::encode(certificate.der())}, "purpose": "loan",
    }));
    let report = town.ask(&ask).expect(200);
    let mut reasons = report["signatures"][0]["reasons"]
        .as_array()
        .unwrap()
        .iter();
    let reason = reasons
        .find(|reason| reason["code"] == "CA_NOT_RECOGNISED")
        .unwrap();
    assert_eq!(reason["params"]["caller"], "bank-b");
    assert_eq!(reason["params"]["caId"], "alpha");
    assert_eq!(reason["params"]["usageId"], "banking");
    assert_eq!(reason["params"]["row"], "ended");
    assert_eq!(reason["params"]["recognisedUntil"], "2026-05-01T00:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_bad_is_accepted_by_nobody() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let by_stranger = Holder::of_company(&pki().unknown, &uscc);
    let signed = attached(&town).await;
    let place = signed
        .windows(CONTENT.len())
        .position(|window| window == CONTENT)
        .unwrap();
    let mut altered = signed.clone();
    altered[place] ^= 1;
    // The value of ECDSA ends the message; another one is that of another key.
    let mut swapped = signed.clone();
    let last = swapped.len() - 3;
    swapped[last] ^= 0x55;
    let issued = town.issue(&uscc);
    let credential = issued["credential"].as_str().unwrap();
    let revoke = Ask::post(format!(
        "/v1/credentials/{}/status",
        issued["id"].as_str().unwrap()
    ));
    let revoke = revoke
        .key(&town.market)
        .json(&json!({"action": "revoke", "reason": "r"}));
    town.ask(&revoke).expect(200);
    let truncated = &signed[..signed.len() - 9];
    for (document, code) in [
        (by_stranger.certificate.der(), "CA_UNKNOWN"),
        (altered.as_slice(), "DIGEST_MISMATCH"),
        (swapped.as_slice(), "SIGNATURE_WRONG"),
        (credential.as_bytes(), "CREDENTIAL_REVOKED"),
        (truncated, "FORMAT_CONFLICT"),
    ] {
        let answer = town.ask(&check(document)).expect(200);
        assert!(!anybody_accepts(&answer), "{code}");
        assert_ne!(answer["verdict"]["indication"], "TOTAL-PASSED");
        assert!(codes(&answer).contains(&code), "{code}: {answer:#}");
    }
    // Without its content nothing is known.
    let answer = town.ask(&check(&detached(&town).await)).expect(200);
    assert!(!anybody_accepts(&answer));
    town.city.wait(10 * 365 * 24 * 3600);
    let answer = town.ask(&check(&signed)).expect(200);
    assert!(
        codes(&answer).contains(&"CERTIFICATE_EXPIRED"),
        "{answer:#}"
    );
    assert!(!anybody_accepts(&answer));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_a_problem() {
    let town = Town::open().await;
    let json_body = |body: &Value| Ask::post("/v1/recognition/check").json(body);
    town.ask(&json_body(&json!({"document": {}})))
        .problem(400, "DOCUMENT_MISSING");
    town.ask(&check(b"")).problem(400, "DOCUMENT_EMPTY");
    town.ask(&check(b"<?xml version=\"1.0\"?><a/>"))
        .problem(422, "UNSUPPORTED_FORMAT");
    let widened = json!({"document": {"bytes": "ZXlK"}, "purpose": "loan"});
    town.ask(&json_body(&widened)).problem(400, "INVALID_BODY");
    let widened = json!({"document": {"bytes": "ZXlK"}, "accept": {"cas": ["alpha"]}});
    town.ask(&json_body(&widened)).problem(400, "INVALID_BODY");
    town.ask(&json_body(&json!({"document": {"bytes": "*"}})))
        .problem(400, "MALFORMED_BASE64");
    let large = vec![b'x'; 21 * 1024 * 1024];
    town.ask(&check(&large)).problem(413, "BODY_TOO_LARGE");
    town.ask(&check(b"eyJ").key(&town.key_for(&[Scope::Confirm]).await))
        .problem(403, "SCOPE_MISSING");
    let town = Town::with_public_limit(2).await;
    let mut answers = (0..3).map(|_| town.ask(&check(b"eyJ")).status);
    assert!(answers.any(|status| status == 429));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_narrows_its_profile_and_never_widens_it() {
    let town = Town::open().await;
    let signed = attached(&town).await;
    let asked = |more: Value| -> Answer {
        town.ask(
            &Ask::post("/v1/verify")
                .key(&town.bank)
                .json(&body(&signed, more)),
        )
    };
    let whole = asked(json!({})).expect(200);
    assert_eq!(whole["indication"], "TOTAL-PASSED");
    assert!(whole["policy"].get("narrowedTo").is_none());
    let same = asked(json!({"accept": {"cas": ["alpha"]}})).expect(200);
    assert_eq!(same["indication"], "TOTAL-PASSED");
    assert_eq!(same["policy"]["narrowedTo"], json!(["alpha"]));
    assert_ne!(same["policy"]["digest"], whole["policy"]["digest"]);
    let profile = &crate::http::signed::claims(&same)["profile"];
    assert_eq!(profile["narrowedTo"], json!(["alpha"]), "{profile}");

    let without = asked(json!({"accept": {"cas": ["city"]}})).expect(200);
    assert_eq!(without["indication"], "INDETERMINATE");
    let mut reasons = without["signatures"][0]["reasons"]
        .as_array()
        .unwrap()
        .iter();
    let reason = reasons
        .find(|reason| reason["code"] == "CA_NOT_RECOGNISED")
        .unwrap();
    assert_eq!(reason["params"]["row"], "narrowing");

    // One that others recognise and one that nobody knows are refused alike.
    for outside in ["beta", "unheard-of"] {
        let problem = asked(json!({"accept": {"cas": ["alpha", outside]}}));
        let problem = problem.problem(422, "CA_OUTSIDE_PROFILE");
        assert_eq!(problem["ca"], outside);
        assert_eq!(problem["profileCas"], json!(["alpha", "city"]));
    }
    asked(json!({"accept": {"cas": []}})).problem(400, "INVALID_BODY");
    asked(json!({"accept": {"cas": ["ALPHA"]}})).problem(400, "INVALID_BODY");
    asked(json!({"accept": {"usages": ["tax"]}})).problem(400, "INVALID_BODY");

    let query = |query: &str| {
        let ask = Ask::post(format!("/v1/verify?purpose=loan&{query}")).key(&town.bank);
        town.ask(&ask.body("application/octet-stream", signed.clone()))
    };
    let narrowed = query("acceptCas=alpha,city").expect(200);
    assert_eq!(narrowed["policy"]["narrowedTo"], json!(["alpha", "city"]));
    query("acceptCas=beta").problem(422, "CA_OUTSIDE_PROFILE");
    query("acceptCas=").problem(400, "INVALID_QUERY");
    let public =
        Ask::post("/v1/verify?acceptCas=alpha").body("application/octet-stream", signed.clone());
    town.ask(&public).problem(422, "CA_OUTSIDE_PROFILE");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_a_company_who_accepts_its_certificate() {
    let town = Town::open().await;
    recognised_until(&town, "2026-05-01T00:00:00Z").await;
    for (language, heading) in [("zh", "哪些单位认可"), ("en", "Who accepts")] {
        let ask = Ask::get(format!("/accept?lang={language}")).header("Accept", "text/html");
        assert!(town.ask(&ask).text().contains(heading));
    }
    let certificate = Holder::of_company(&pki().alpha, &town.city.company(1).await).certificate;
    let posted = |document: &[u8]| {
        let mut form =
            b"--B\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a.cer\"\r\n\r\n"
                .to_vec();
        form.extend_from_slice(document);
        form.extend_from_slice(b"\r\n--B--\r\n");
        let ask = Ask::post("/accept?lang=zh").header("Accept", "text/html");
        town.ask(&ask.body("multipart/form-data; boundary=B", form))
    };
    let page = posted(certificate.der());
    assert_eq!(page.status, 200, "{page}");
    let html = page.text();
    assert!(
        html.contains("1 家单位认可") && html.contains("✓ 贷款"),
        "{html}"
    );
    assert!(html.contains("未认可该电子认证机构"));
    assert!(
        !html.contains("2026-05-01") && !html.contains("5月1日"),
        "{html}"
    );
    let nothing = posted(b"");
    assert_eq!(nothing.status, 400);
}
