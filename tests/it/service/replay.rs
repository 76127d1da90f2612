//! Receipts that are replayed, with the recognition of then and of now.

use serde_json::Value;
use serde_json::json;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::sign::SigningKey;
use yinxin::evidence::audit::AuditAction;
use yinxin::evidence::audit::AuditEvent;
use yinxin::evidence::receipt;
use yinxin::identifier::opaque_id::ReceiptId;
use yinxin::registry::recognition::RecognitionRow;
use yinxin::service::call::CallContext;
use yinxin::service::call::Caller;
use yinxin::service::fetch_receipt::FetchReceiptError;
use yinxin::service::replay::ReplayError;
use yinxin::service::verify::Submitted;
use yinxin::service::verify::VerifyRequest;
use yinxin::validation::trust_store::CaId;

use crate::running_city::City;
use crate::running_city::Holder;
use crate::running_city::document_of;
use crate::running_city::in_a_city;
use crate::running_city::pki;
use crate::running_city::time;
use crate::service::claims;

in_a_city!(
    nothing_changed_and_everything_is_the_same,
    recognition_that_was_withdrawn_is_told_with_its_row,
    recognition_that_ended_by_itself_is_told_with_its_date,
    recognition_that_was_granted_since_gives_the_verdict_behind_the_refusal,
    a_ca_that_is_gone_does_not_keep_then_from_being_decided,
    a_ca_that_is_distrusted_since_is_told,
    a_narrowed_request_stays_narrowed,
    what_is_kept_and_is_not_what_the_receipt_says_is_told,
    a_receipt_of_a_former_key_is_replayed_and_its_signature_taken_over,
    a_receipt_about_a_company_has_nothing_to_replay,
    nobody_replays_another_caller_s_receipt,
);

/// What `caller` is told of a company's certificate under `alpha`, for a loan.
async fn verified(city: &City, caller: &Caller, change: impl FnOnce(&mut VerifyRequest)) -> String {
    let company = Holder::of_company(&pki().alpha, &city.company(1).await);
    let mut request = VerifyRequest {
        submitted: Submitted::Document(company.certificate.der().to_vec()),
        context: CallContext {
            purpose: Some("loan".to_owned()),
            ..CallContext::default()
        },
        ..document_of("")
    };
    change(&mut request);
    let report = city.app.verify(caller, request).await.unwrap();
    let receipt = report.receipt.unwrap();
    assert!(receipt.len() <= receipt::MAX_BYTES);
    receipt
}

fn number(receipt: &str) -> ReceiptId {
    claims(receipt).jti
}

async fn replayed(city: &City, caller: &Caller, receipt: &str) -> Value {
    let replay = city.app.replay(caller, &number(receipt)).await.unwrap();
    serde_json::to_value(replay).unwrap()
}

/// Puts the rows in force now in the place of all, as `change` makes them.
async fn change_rows(city: &City, change: impl FnOnce(&mut Vec<RecognitionRow>)) {
    let recognition = city.store.recognition();
    let mut table = recognition.load().await.unwrap();
    change(&mut table.rows);
    let at = city.app.now();
    let event = AuditEvent::new(at, "console", AuditAction::RecognitionChanged, "t", "done");
    let replaced = recognition
        .replace(table.version, &table.rows, &event)
        .await;
    assert!(replaced.unwrap());
}

fn is_of(row: &RecognitionRow, caller: &str, ca: &str) -> bool {
    row.caller.to_string() == caller && row.ca.as_str() == ca
}

fn code(replay: &Value) -> &str {
    let differences = replay["differences"].as_array().unwrap();
    assert_eq!(differences.len(), 1, "{replay:#}");
    differences[0]["code"].as_str().unwrap()
}

fn passed() -> Value {
    json!({"indication": "TOTAL-PASSED", "subIndication": null})
}

fn refused() -> Value {
    json!({"indication": "INDETERMINATE", "subIndication": "CHAIN_CONSTRAINTS_FAILURE"})
}

async fn nothing_changed_and_everything_is_the_same(city: City) {
    for (caller, verdict) in [(&city.bank_a, passed()), (&city.bank_b, refused())] {
        let receipt = verified(&city, caller, |_| {}).await;
        city.wait(3600);
        let replay = replayed(&city, caller, &receipt).await;
        assert_eq!(replay["consistent"], true, "{replay:#}");
        assert_eq!(replay["then"]["verdict"], verdict);
        assert_eq!(replay["now"]["verdict"], verdict);
        assert_eq!(replay["differences"], json!([]));
        assert_eq!(
            replay["then"]["profile"]["version"],
            replay["now"]["profile"]["version"]
        );
        let recomputed = replay["recomputed"].as_array().unwrap();
        assert!(recomputed.contains(&json!("recognition")));
        assert!(recomputed.contains(&json!("receipt-signature")));
        let taken_over = replay["takenOver"].as_array().unwrap();
        assert!(taken_over.contains(&json!("mathematics")));
    }
}

async fn recognition_that_was_withdrawn_is_told_with_its_row(city: City) {
    let receipt = verified(&city, &city.bank_a, |_| {}).await;
    change_rows(&city, |rows| {
        rows.retain(|row| !is_of(row, "bank-a", "alpha"))
    })
    .await;
    let replay = replayed(&city, &city.bank_a, &receipt).await;
    assert_eq!(replay["consistent"], true);
    assert_eq!(replay["then"]["verdict"], passed());
    assert_eq!(replay["now"]["verdict"], refused());
    assert_eq!(code(&replay), "RECOGNISED_NO_MORE");
    let difference = &replay["differences"][0];
    assert_eq!(difference["ca"], "alpha");
    assert_eq!(difference["usage"], "banking");
    assert_eq!(
        difference["anchor"],
        pki().alpha.certificate().sha256().to_string()
    );
    assert_eq!(difference["then"], json!({"standing": "accepted"}));
    let now = json!({"standing": "not-recognised", "reason": "CA_NOT_RECOGNISED", "row": "none"});
    assert_eq!(difference["now"], now);
    let versions = ["then", "now"].map(|when| replay[when]["profile"]["version"].as_u64().unwrap());
    assert_eq!(versions[0] + 1, versions[1]);
    // A verification says the same, and its receipt replays to itself.
    let again = verified(&city, &city.bank_a, |_| {}).await;
    assert_eq!(claims(&again).indication.unwrap().as_str(), "INDETERMINATE");
    let replay = replayed(&city, &city.bank_a, &again).await;
    assert_eq!(replay["then"]["verdict"], refused());
    assert_eq!(replay["differences"], json!([]));
}

async fn recognition_that_ended_by_itself_is_told_with_its_date(city: City) {
    let receipt = verified(&city, &city.bank_a, |_| {}).await;
    let end = "2026-06-02T00:00:00Z";
    change_rows(&city, |rows| {
        for row in rows.iter_mut().filter(|row| is_of(row, "bank-a", "alpha")) {
            row.valid_until = Some(time(end));
        }
    })
    .await;
    let replay = replayed(&city, &city.bank_a, &receipt).await;
    assert_eq!(replay["differences"], json!([]), "it stands until then");
    city.wait(2 * 24 * 3600);
    let replay = replayed(&city, &city.bank_a, &receipt).await;
    assert_eq!(code(&replay), "RECOGNISED_NO_MORE");
    let now = &replay["differences"][0]["now"];
    assert_eq!(
        (&now["row"], &now["recognisedUntil"]),
        (&json!("ended"), &json!(end))
    );
    assert_eq!(replay["consistent"], true);
}

async fn recognition_that_was_granted_since_gives_the_verdict_behind_the_refusal(city: City) {
    let receipt = verified(&city, &city.bank_b, |_| {}).await;
    city.recognise(&city.bank_b, "alpha", &pki().alpha, &["banking"])
        .await;
    let replay = replayed(&city, &city.bank_b, &receipt).await;
    assert_eq!(code(&replay), "RECOGNISED_NOW");
    assert_eq!(replay["then"]["verdict"], refused());
    assert_eq!(replay["now"]["verdict"], passed());
    assert_eq!(replay["consistent"], true);
}

async fn a_ca_that_is_gone_does_not_keep_then_from_being_decided(city: City) {
    let receipt = verified(&city, &city.bank_a, |_| {}).await;
    city.without_trust_store("alpha");
    let replay = replayed(&city, &city.bank_a, &receipt).await;
    assert_eq!(replay["consistent"], true, "{replay:#}");
    assert_eq!(replay["then"]["verdict"], passed());
    assert_eq!(replay["now"]["verdict"], refused());
    assert_eq!(code(&replay), "CA_GONE");
}

async fn a_ca_that_is_distrusted_since_is_told(city: City) {
    let receipt = verified(&city, &city.bank_a, |_| {}).await;
    city.amend_trust_store("alpha", "distrust-after = '2026-01-31'\n");
    let replay = replayed(&city, &city.bank_a, &receipt).await;
    assert_eq!(code(&replay), "CA_DISTRUSTED");
    assert_eq!(replay["differences"][0]["since"], "2026-01-31T23:59:59Z");
    assert_eq!(replay["now"]["verdict"], refused());
    assert_eq!(replay["then"]["verdict"], passed());
}

async fn a_narrowed_request_stays_narrowed(city: City) {
    let narrowed = |request: &mut VerifyRequest| {
        request.accepted_cas = Some([CaId::parse("city").unwrap()].into());
    };
    let receipt = verified(&city, &city.bank_a, narrowed).await;
    let replay = replayed(&city, &city.bank_a, &receipt).await;
    assert_eq!(replay["consistent"], true, "{replay:#}");
    assert_eq!(replay["then"]["verdict"], refused());
    assert_eq!(replay["now"]["verdict"], refused());
}

/// Keeps a receipt like another one, signed with another key, with facts that `change` has the last word on.
async fn kept_alike(
    city: &City,
    receipt: &str,
    number: u8,
    change: impl FnOnce(&mut Value),
) -> ReceiptId {
    let mut claims = claims(receipt);
    let receipts = city.store.receipts();
    let mut facts = receipts.load(&claims.jti).await.unwrap().unwrap().facts;
    change(&mut facts);
    claims.jti = ReceiptId::from_random([number; 16]);
    let former = SigningKey::generate(KeyPurpose::Receipt).unwrap().0;
    let compact = receipt::sign(&claims, &former).unwrap();
    let event = AuditEvent::new(
        city.app.now(),
        "bank-a",
        AuditAction::DocumentVerified,
        "",
        "",
    );
    let kept = receipts.insert(&claims, &compact, &facts, &event).await;
    kept.unwrap();
    claims.jti
}

async fn what_is_kept_and_is_not_what_the_receipt_says_is_told(city: City) {
    let receipt = verified(&city, &city.bank_a, |_| {}).await;
    let other_verdict = kept_alike(&city, &receipt, 1, |facts| {
        facts["indication"] = json!("TOTAL-FAILED");
    });
    let other_verdict = other_verdict.await;
    let replay = city.app.replay(&city.bank_a, &other_verdict).await.unwrap();
    assert_eq!(replay.consistent, Some(false));
    assert_eq!(replay.differences[0].code, "FACTS_DIFFER");
    let other_answer = kept_alike(&city, &receipt, 2, |facts| {
        facts["recognition"]["asked"][0]["usage"] = json!("tax");
    });
    let other_answer = other_answer.await;
    let replay = city.app.replay(&city.bank_a, &other_answer).await.unwrap();
    assert_eq!(replay.consistent, Some(false));
    assert_eq!(replay.differences[0].code, "THEN_OTHERWISE");
    assert_eq!((replay.then.verdict, replay.now.verdict), (None, None));
    // A receipt from before it was kept what recognition was asked claims nothing.
    let former = kept_alike(&city, &receipt, 3, |facts| {
        facts.as_object_mut().unwrap().remove("recognition");
    });
    let former = former.await;
    let replay = city.app.replay(&city.bank_a, &former).await.unwrap();
    assert_eq!((replay.consistent, replay.now.verdict), (None, None));
    assert!(replay.taken_over.contains(&"recognition"));
    assert!(replay.recomputed.is_empty());
}

async fn a_receipt_of_a_former_key_is_replayed_and_its_signature_taken_over(city: City) {
    let receipt = verified(&city, &city.bank_a, |_| {}).await;
    let former = kept_alike(&city, &receipt, 1, |_| {}).await;
    let replay = city.app.replay(&city.bank_a, &former).await.unwrap();
    assert_eq!(replay.consistent, Some(true));
    assert_eq!(replay.then.verdict, replay.now.verdict);
    assert!(replay.taken_over.contains(&"receipt-signature"));
    assert!(!replay.recomputed.contains(&"receipt-signature"));
}

async fn a_receipt_about_a_company_has_nothing_to_replay(city: City) {
    let uscc = city.company(1).await;
    let context = CallContext::default();
    let confirmed = city.app.confirm(&city.bank_a, &uscc, None, &context).await;
    let id = confirmed.unwrap().receipt.unwrap().id;
    let replayed = city.app.replay(&city.bank_a, &id).await;
    assert!(matches!(replayed, Err(ReplayError::NothingToReplay(_))));
    let found = city.app.receipt(&city.bank_a, &id).await.unwrap();
    assert_eq!(found.claims.sub, Some(uscc));
}

async fn nobody_replays_another_caller_s_receipt(city: City) {
    let id = number(&verified(&city, &city.bank_a, |_| {}).await);
    let never = ReceiptId::from_random([9; 16]);
    for id in [&id, &never] {
        let refused = city.app.replay(&city.bank_b, id).await;
        let is_unknown = matches!(
            refused,
            Err(ReplayError::Fetch(FetchReceiptError::Unknown(_)))
        );
        assert!(is_unknown);
    }
}
