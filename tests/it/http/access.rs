//! Who may call what: every operation that the interface describes, without a key, with a wrong one, and
//! with one that may not do it.

use serde_json::Value;
use yinxin::registry::relying_party::Scope;

use crate::http::client::Ask;
use crate::http::town::Town;

/// A well-formed key that nobody was given.
const WRONG_KEY: &str = "yx_aaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A well-formed session that nobody has.
const WRONG_SESSION: &str = "yxs_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

struct Operation {
    method: String,
    path: String,
    /// The scopes any of which is enough; empty where no key is asked for.
    scopes: Vec<String>,
    /// Whether the public may call it as well.
    public: bool,
    /// Whether a company that signed in may.
    holders: bool,
}

impl Operation {
    fn ask(&self) -> Ask {
        let path = self
            .path
            .replace("{uscc}", "91441900MA00000001")
            .replace("{id}", "AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{list}", "AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{version}", "v1");
        assert!(!path.contains('{'), "{path}");
        let ask = Ask::new(&self.method.to_uppercase(), path);
        if self.method == "get" {
            ask
        } else {
            ask.body("application/json", "{}")
        }
    }
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let alternatives = operation["security"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let scopes = alternatives.iter().flat_map(|one| one["apiKey"].as_array());
            let scopes = scopes
                .flatten()
                .map(|scope| scope.as_str().unwrap().to_owned());
            found.push(Operation {
                method: method.clone(),
                path: path.clone(),
                scopes: scopes.collect(),
                holders: alternatives
                    .iter()
                    .any(|one| !one["holderSession"].is_null()),
                public: alternatives.is_empty()
                    || alternatives
                        .iter()
                        .any(|one| one.as_object().unwrap().is_empty()),
            });
        }
    }
    found
}

/// What a company that signed in gets of an operation, and who shows a session that nobody has; `without` is what
/// there is for who shows nothing.
fn assert_for_holders(town: &Town, operation: &Operation, session: &str, without: u16) {
    let ask = operation.ask();
    let signed_in = town.ask(&ask.clone().key(session));
    let nobody = town.ask(&ask.clone().key(WRONG_SESSION));
    if operation.holders {
        assert!(![401, 403].contains(&signed_in.status), "{ask:?}");
        nobody.problem(401, "SESSION_INVALID");
    } else if operation.scopes.is_empty() {
        assert_eq!(signed_in.status, without, "{ask:?}");
    } else {
        signed_in.problem(401, "API_KEY_INVALID");
        nobody.problem(401, "API_KEY_INVALID");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_refused_to_whom_it_is_not_for() {
    let town = Town::open().await;
    let expired = town.key_until(town.city.app.now()).await;
    let revoked = town.key_for(&Scope::ALL).await;
    let prefix = revoked.split('_').nth(1).unwrap();
    town.city.app.revoke_key(prefix).await.unwrap();
    let uscc = town.city.company(1).await;
    let code = crate::http::holder::code(&town.issue(&uscc));
    let document = town.ask(&Ask::get("/openapi.json")).expect(200);
    let operations = operations(&document);
    assert!(operations.len() >= 20);
    assert_eq!(operations.iter().filter(|one| one.holders).count(), 5);
    for operation in &operations {
        let ask = operation.ask();
        let without = town.ask(&ask);
        let only_holders = operation.holders && operation.scopes.is_empty();
        if operation.public {
            assert!(![401, 403].contains(&without.status), "{ask:?} {without}");
        } else {
            let missing = if only_holders {
                "SESSION_MISSING"
            } else {
                "API_KEY_MISSING"
            };
            without.problem(401, missing);
            assert_eq!(
                without.header("www-authenticate"),
                Some("Bearer realm=\"yinxin\"")
            );
        }
        let wrong = town.ask(&ask.clone().key(WRONG_KEY));
        // One of the operations ends it.
        let session = crate::http::holder::signed_in(&town, &code);
        assert_for_holders(&town, operation, &session, without.status);
        if only_holders {
            wrong.problem(401, "SESSION_INVALID");
            let refused = town.ask(&ask.clone().key(&revoked));
            refused.problem(401, "SESSION_INVALID");
            continue;
        }
        // Everything but what it takes, and nothing at all.
        let others = Scope::ALL
            .into_iter()
            .filter(|scope| !operation.scopes.iter().any(|named| named == scope.id()))
            .collect::<Vec<_>>();
        assert!(
            operation.scopes.len() + others.len() == Scope::ALL.len(),
            "{ask:?} names a scope that there is not"
        );
        let others = town.key_for(&others).await;
        let powerless = town.key_for(&[]).await;
        let without_scope = town.ask(&ask.clone().key(&others));
        if operation.scopes.is_empty() {
            assert_eq!(wrong.status, without.status, "{ask:?}");
            assert_eq!(without_scope.status, without.status, "{ask:?}");
        } else {
            wrong.problem(401, "API_KEY_INVALID");
            for key in [&expired, &revoked] {
                let refused = town.ask(&ask.clone().key(key));
                refused.problem(401, "API_KEY_INVALID");
            }
            town.ask(&ask.clone().key(&powerless))
                .problem(403, "SCOPE_MISSING");
            let problem = without_scope.problem(403, "SCOPE_MISSING");
            let mut required: Vec<String> =
                serde_json::from_value(problem["requiredScopes"].clone()).unwrap();
            required.sort();
            let mut described = operation.scopes.clone();
            described.sort();
            assert_eq!(required, described, "{ask:?}");
            // Each of the scopes alone gets further: what stops it now is the body, not the door.
            for scope in &operation.scopes {
                let scope = Scope::from_id(scope).unwrap();
                let enough = town.key_for(&[scope]).await;
                let answer = town.ask(&ask.clone().key(&enough));
                let refused = answer.status == 401
                    || (answer.status == 403 && answer.json()["code"] == "SCOPE_MISSING");
                assert!(!refused, "{ask:?} {answer}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_refused_once_it_is_revoked_or_expired_and_when_it_is_cut_short() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let ask = Ask::get(format!("/v1/companies/{uscc}"));
    town.ask(&ask.clone().key(&town.bank)).expect(200);
    let cut = &town.bank[..town.bank.len() - 1];
    for authorization in [
        format!("Bearer {cut}"),
        format!("Bearer {}x", town.bank),
        format!("Basic {}", town.bank),
        town.bank.clone(),
        "Bearer".to_owned(),
    ] {
        let asked = ask.clone().header("Authorization", &authorization);
        town.ask(&asked).problem(401, "API_KEY_INVALID");
    }
    let prefix = town.bank.split('_').nth(1).unwrap();
    town.city.app.revoke_key(prefix).await.unwrap();
    let refused = town.ask(&ask.clone().key(&town.bank));
    refused.problem(401, "API_KEY_INVALID");
    let until = town.city.app.now().plus(std::time::Duration::from_secs(60));
    let party = &town.city.bank_a.party.id;
    let scopes = [Scope::Confirm].into();
    let key = town.city.app.add_key(party, scopes, Some(until)).await;
    let asked = ask.key(key.unwrap().expose());
    town.ask(&asked).expect(200);
    town.city.wait(60);
    town.ask(&asked).problem(401, "API_KEY_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_is_limited_by_address_and_told_when_to_come_back() {
    let town = Town::with_public_limit(12).await;
    let uscc = town.city.company(1).await;
    let ask = Ask::get(format!("/company?uscc={uscc}"));
    let first = town.ask(&ask);
    let burst: u32 = first.header("ratelimit-limit").unwrap().parse().unwrap();
    assert!((1..=12).contains(&burst));
    for left in (0..burst - 1).rev() {
        let answer = town.ask(&ask);
        assert_eq!(answer.status, 200);
        let told = answer.header("ratelimit-remaining");
        assert_eq!(told, Some(left.to_string().as_str()));
    }
    let refused = town.ask(&ask);
    refused.problem(429, "RATE_LIMITED");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    let keyed = Ask::get(format!("/v1/companies/{uscc}")).key(&town.bank);
    town.ask(&keyed).expect(200);
    let elsewhere = ask.clone().header("X-Forwarded-For", "198.51.100.7");
    assert_eq!(town.ask(&elsewhere).status, 200);
    town.city.wait(wait);
    assert_eq!(town.ask(&ask).status, 200);
}
