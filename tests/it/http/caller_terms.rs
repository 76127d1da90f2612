//! What a caller is held to beside its scopes: limits, purposes and networks.

use serde_json::json;
use yinxin::registry::caller_terms::CallerTerms;
use yinxin::registry::caller_terms::Networks;
use yinxin::registry::caller_terms::Purposes;
use yinxin::registry::relying_party::Scope;

use crate::http::client::Answer;
use crate::http::client::Ask;
use crate::http::town::Town;

impl Town {
    async fn hold_bank_to(&self, terms: &CallerTerms) {
        let id = &self.city.bank_a.party.id;
        self.city.app.set_terms(id, terms).await.unwrap();
    }
}

fn told(answer: &Answer) -> (u64, u64, u64) {
    let number = |name| answer.header(name).unwrap().parse().unwrap();
    (
        number("ratelimit-limit"),
        number("ratelimit-remaining"),
        number("ratelimit-reset"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_to_a_caller_tells_what_is_left_and_the_end_is_told_with_a_time() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let ask = Ask::get(format!("/v1/companies/{uscc}")).key(&town.bank);
    // The limit of its kind.
    assert_eq!(told(&town.ask(&ask)).0, 300_000);
    town.hold_bank_to(&CallerTerms {
        requests_per_minute: Some(6),
        ..CallerTerms::default()
    })
    .await;
    let first = town.ask(&ask);
    first.expect(200);
    assert_eq!(told(&first), (3, 2, 10));
    // What is refused for another reason counts and is told as well.
    let powerless = town.key_for(&[Scope::Trust]).await;
    let refused = town.ask(&Ask::get(format!("/v1/companies/{uscc}")).key(&powerless));
    refused.problem(403, "SCOPE_MISSING");
    assert_eq!(told(&refused).1, 1);
    let body = Ask::post("/v1/verify")
        .key(&town.bank)
        .body("text/plain", "");
    let refused = town.ask(&body);
    assert!(refused.status >= 400);
    assert_eq!(told(&refused).1, 0);
    let limited = town.ask(&ask);
    limited.problem(429, "CALLER_RATE_LIMITED");
    assert_eq!(limited.header("retry-after"), Some("10"));
    assert_eq!(told(&limited), (3, 0, 10));
    // Neither another caller nor the public pays for it.
    let other = Ask::get(format!("/v1/companies/{uscc}")).key(&town.market);
    town.ask(&other).expect(200);
    town.ask(&Ask::get(format!("/v1/companies/{uscc}")))
        .expect(200);
    town.city.wait(10);
    town.ask(&ask).expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_s_quota_ends_at_midnight() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let ask = Ask::get(format!("/v1/companies/{uscc}")).key(&town.bank);
    town.hold_bank_to(&CallerTerms {
        requests_per_day: Some(2),
        ..CallerTerms::default()
    })
    .await;
    for left in [1, 0] {
        assert_eq!(told(&town.ask(&ask)), (2, left, 86_400));
    }
    let limited = town.ask(&ask);
    limited.problem(429, "CALLER_RATE_LIMITED");
    assert_eq!(limited.header("retry-after"), Some("86400"));
    // Neither another node lets it in, nor this one once it was started again.
    let other = town.another_node().await;
    let limited = ask.of(other.address);
    limited.problem(429, "CALLER_RATE_LIMITED");
    town.city.wait(86_400);
    town.ask(&ask).expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purpose_that_was_not_agreed_on_is_refused_with_those_that_were() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    town.hold_bank_to(&CallerTerms {
        purposes: Purposes::parse(["loan", "account-opening"]).unwrap(),
        ..CallerTerms::default()
    })
    .await;
    let confirm = |query: &str| Ask::get(format!("/v1/companies/{uscc}{query}")).key(&town.bank);
    town.ask(&confirm("?purpose=loan")).expect(200);
    let facts = json!({"facts": {"name": "x"}, "purpose": "tax-filing"});
    let matched = Ask::post(format!("/v1/companies/{uscc}/match"));
    let verify = Ask::post("/v1/verify?purpose=tax-filing").body("text/plain", "eyJ");
    for (ask, purpose) in [
        (confirm("?purpose=tax-filing"), "tax-filing"),
        // Whoever names none is taken to name the default.
        (confirm(""), "company-status"),
        (matched.json(&facts).key(&town.bank), "tax-filing"),
        (verify.key(&town.bank), "tax-filing"),
    ] {
        let problem = town.ask(&ask).problem(403, "PURPOSE_NOT_ALLOWED");
        assert_eq!(problem["purpose"], purpose);
        let allowed = json!(["account-opening", "loan"]);
        assert_eq!(problem["allowedPurposes"], allowed);
    }
    let unknown = town.ask(&confirm("?purpose=gambling"));
    unknown.problem(422, "UNKNOWN_PURPOSE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_with_networks_is_let_in_from_there_alone() {
    let terms = CallerTerms {
        networks: Networks::parse(["10.20.0.0/16"]).unwrap(),
        ..CallerTerms::default()
    };
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    town.hold_bank_to(&terms).await;
    let ask = Ask::get(format!("/v1/companies/{uscc}")).key(&town.bank);
    let problem = town.ask(&ask).problem(403, "ADDRESS_NOT_ALLOWED");
    assert_eq!(problem["address"], "127.0.0.1");
    // By way of the proxy on this machine; only the last address is its own word.
    let from = |addresses: &str| ask.clone().header("X-Forwarded-For", addresses);
    town.ask(&from("10.20.3.4")).expect(200);
    town.ask(&from("10.20.3.4, 192.0.2.1"))
        .problem(403, "ADDRESS_NOT_ALLOWED");

    let town = Town::with(|options| options.trusted_proxies.clear()).await;
    let uscc = town.city.company(1).await;
    town.hold_bank_to(&terms).await;
    let forged = Ask::get(format!("/v1/companies/{uscc}"))
        .key(&town.bank)
        .header("X-Forwarded-For", "10.20.3.4");
    town.ask(&forged).problem(403, "ADDRESS_NOT_ALLOWED");
}
