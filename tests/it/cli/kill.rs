//! The process is killed between each two steps of issuing, many times over, and started again: nothing
//! that was acknowledged is lost, and nothing is issued twice.
//!
//! The processes of one fail point share a data folder, so that each finds what all before it left.

use std::net::SocketAddr;

use serde_json::Value;
use serde_json::json;
use yinxin::credential::state::CredentialState;
use yinxin::identifier::opaque_id::CredentialId;
use yinxin::identifier::uscc::Uscc;

use crate::cli::binary::Served;
use crate::cli::binary::yinxin;
use crate::cli::installation::Installation;
use crate::http::client::Answer;
use crate::http::client::Ask;

/// How often the process is killed at each fail point.
const KILLS: usize = 20;

/// Whether the credential was on its way when the process was killed, so that the next one answers with
/// it, or was not, so that the next one makes it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    MadeAnew,
    Finished,
}

#[tokio::test]
async fn killed_before_the_reservation() {
    survives("issue.before-reserve", After::MadeAnew).await;
}

#[tokio::test]
async fn killed_between_reservation_and_preparation() {
    survives("issue.after-reserve", After::MadeAnew).await;
}

#[tokio::test]
async fn killed_between_preparation_and_signature() {
    survives("issue.after-prepare", After::Finished).await;
}

#[tokio::test]
async fn killed_between_signature_and_storing() {
    survives("issue.after-sign", After::Finished).await;
}

#[tokio::test]
async fn killed_between_storing_and_answer() {
    survives("issue.after-store", After::Finished).await;
}

async fn survives(fail_point: &str, after: After) {
    let installation = Installation::new();
    let mut acknowledged = Vec::new();
    for number in 0..KILLS {
        let uscc = installation.company(number);
        kill_at(fail_point, &installation, &uscc);
        let server = installation.serve();
        let issued = issue_again(&server, &installation, &uscc, after);
        server.kill();
        acknowledged.push((uscc, issued));
    }
    let server = installation.serve();
    for (_, issued) in &acknowledged {
        let kept = Ask::get(format!(
            "/v1/credentials/{}",
            issued["id"].as_str().unwrap()
        ))
        .key(installation.bank)
        .of(server.address)
        .expect(200);
        let told = without_code(issued);
        assert_eq!(kept, told, "what was acknowledged has changed");
        assert_verifies(server.address, &installation, issued);
    }
    server.kill();
    issued_once(&installation, &acknowledged).await;
    // Nor did a kill leave a gap in what is recorded.
    let told = yinxin(["audit", "verify", "--config", &installation.config()]).ok();
    assert!(told.ends_with("sound\n"), "{told}");
}

/// Has a server pause there in the middle of issuing, and kills it.
fn kill_at(fail_point: &str, installation: &Installation, uscc: &Uscc) {
    let config = installation.config();
    let server = Served::start(["serve", "--config", &config, "--pause-at", fail_point]);
    let unanswered = request(installation, uscc).send(server.address).unwrap();
    server.wait_for("paused at a fail point");
    server.kill();
    drop(unanswered);
}

/// Sends the request that was not answered again, and once more.
fn issue_again(server: &Served, installation: &Installation, uscc: &Uscc, after: After) -> Value {
    let again = request(installation, uscc).of(server.address);
    let issued = again.expect(201);
    assert_eq!(is_replayed(&again), after == After::Finished, "{again}");
    assert_eq!(issued["state"], "valid");
    assert_verifies(server.address, installation, &issued);
    let once_more = request(installation, uscc).of(server.address);
    assert!(is_replayed(&once_more));
    let once_more = once_more.expect(201);
    assert_eq!(without_code(&once_more), without_code(&issued));
    // A code that nobody was shown is not shown later either, but can be replaced.
    assert_eq!(issued["pickUpCode"].is_null(), after == After::Finished);
    assert_eq!(once_more["pickUpCode"], Value::Null);
    let id = issued["id"].as_str().unwrap();
    let made = Ask::post(format!("/v1/credentials/{id}/pick-up-code")).key(installation.market);
    let made = made.of(server.address).expect(201);
    let shown = Ask::post("/v1/holder/sessions").json(&json!({"pickUpCode": made["pickUpCode"]}));
    assert_eq!(shown.of(server.address).expect(201)["uscc"], uscc.as_str());
    issued
}

/// What stays of an answer: the code is shown once.
fn without_code(issued: &Value) -> Value {
    let mut kept = issued.clone();
    let members = kept.as_object_mut().unwrap();
    for name in ["pickUpCode", "pickUpCodeExpiresAt"] {
        assert!(members.remove(name).is_some(), "{issued}");
    }
    kept
}

/// The request to issue, the same each time.
fn request(installation: &Installation, uscc: &Uscc) -> Ask {
    Ask::post("/v1/credentials")
        .key(installation.market)
        .header("Idempotency-Key", uscc.as_str())
        .json(&json!({"uscc": uscc, "type": "business-registration"}))
}

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

fn assert_verifies(server: SocketAddr, installation: &Installation, issued: &Value) {
    let credential = issued["credential"].as_str().unwrap();
    let report = Ask::post("/v1/verify")
        .key(installation.bank)
        .body("application/dc+sd-jwt", credential)
        .of(server)
        .expect(200);
    assert_eq!(report["indication"], "TOTAL-PASSED", "{report}");
    assert_eq!(report["credential"]["state"], "valid", "{report}");
}

/// Each company has the one credential that was acknowledged, and nothing is left half done.
async fn issued_once(installation: &Installation, acknowledged: &[(Uscc, Value)]) {
    let store = installation.store().await;
    let far = yinxin::clock::Timestamp::parse("2999-01-01T00:00:00Z").unwrap();
    assert_eq!(store.credentials().unfinished(far).await.unwrap(), []);
    for (uscc, issued) in acknowledged {
        let rows = store.credentials().for_company(uscc).await.unwrap();
        let [row] = rows.as_slice() else {
            panic!("{uscc} has {} credentials", rows.len());
        };
        let id = CredentialId::parse(issued["id"].as_str().unwrap()).unwrap();
        assert_eq!(row.reservation.id, id);
        assert_eq!(row.state, CredentialState::Valid);
        assert_eq!(row.compact, issued["credential"].as_str().unwrap());
    }
    store.close().await;
}
