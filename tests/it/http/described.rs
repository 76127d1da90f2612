//! Whether the service answers as `/openapi.json` says: every answer that a test gets of a [`Town`] is held against
//! it, and one test asks each operation.
//!
//! [`Town`]: crate::http::town::Town

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;
use serde_json::json;
use yinxin::registry::relying_party::Scope;

use crate::http::client::Answer;
use crate::http::client::Ask;
use crate::http::signed::attached;
use crate::http::signed::body;
use crate::http::signed::claims;
use crate::http::town::Town;
use crate::http::town::issuing;
use crate::running_city::URL;
use crate::running_city::facts;
use crate::running_city::registration;

/// The description of the interface.
pub(crate) struct Description {
    document: Value,
    /// Those that were needed so far, by the place of their schema.
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

/// It is the same in every town.
static DESCRIPTION: OnceLock<Description> = OnceLock::new();

impl Description {
    pub(crate) fn of(server: SocketAddr) -> &'static Self {
        DESCRIPTION.get_or_init(|| Self {
            document: Ask::get("/openapi.json").of(server).expect(200),
            validators: Mutex::default(),
        })
    }

    /// The operation that a request is for, by method and path.
    fn operation(&self, method: &str, path: &str) -> Option<(String, String)> {
        let paths = self.document["paths"].as_object().unwrap();
        let matching = paths.keys().filter(|template| fits(template, path));
        let template = matching.min_by_key(|template| template.matches('{').count())?;
        let method = method.to_ascii_lowercase();
        let is_described = paths[template].get(&method).is_some();
        is_described.then(|| (method, template.clone()))
    }

    /// Panics where an answer is not as described: its status, its media type, its JSON.
    pub(crate) fn check(&self, asked: &Ask, answer: &Answer) {
        let Some((method, template)) = self.operation(asked.method(), asked.path()) else {
            return;
        };
        let media_type = answer.header("content-type").unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap();
        if asked.accepts_page() && media_type == "text/html" && answer.status >= 400 {
            return;
        }
        let place = ["paths", &template, &method, "responses"].map(escaped);
        let place = format!("/{}/{}", place.join("/"), answer.status);
        let response = self.document.pointer(&place);
        let response = response.unwrap_or_else(|| panic!("no {place} for {answer}"));
        let Some(content) = response.get("content") else {
            assert!(answer.body.is_empty(), "{place}: {answer}");
            return;
        };
        let described = content.get(media_type);
        assert!(described.is_some(), "{place}: {media_type} for {answer}");
        let schema = format!("{place}/content/{}/schema", escaped(media_type));
        if media_type.ends_with("json") && media_type != "application/x-ndjson" {
            self.check_json(&schema, &answer.json());
        } else if media_type == "application/x-ndjson" {
            for line in answer.text().lines() {
                self.check_json(&schema, &serde_json::from_str(line).unwrap());
            }
        }
    }

    fn check_json(&self, schema: &str, value: &Value) {
        let validator = self.validator(schema);
        if let Err(error) = validator.validate(value) {
            panic!("{schema}{}: {error}\n{value:#}", error.instance_path());
        }
    }

    fn validator(&self, schema: &str) -> Arc<Validator> {
        let mut known = self.validators.lock().unwrap();
        let make = || {
            let mut root = self.document.pointer(schema).unwrap().clone();
            root["components"] = self.document["components"].clone();
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            Arc::new(options.build(&root).unwrap())
        };
        known.entry(schema.to_owned()).or_insert_with(make).clone()
    }
}

/// A name as one part of a JSON Pointer (RFC 6901 §3).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(wanted, found)| {
            wanted == found || (wanted.starts_with('{') && !found.is_empty())
        })
}

/// What has to be asked one after another, and who asks.
struct Tour {
    town: Town,
    asked: BTreeSet<(String, String)>,
}

impl Tour {
    /// Asks something that is to succeed.
    fn ask(&mut self, asked: &Ask) -> Answer {
        let answer = self.town.ask(asked);
        assert!((200..300).contains(&answer.status), "{asked:?}: {answer}");
        let description = Description::of(self.town.address);
        let operation = description.operation(asked.method(), asked.path());
        self.asked.insert(operation.unwrap());
        answer
    }
}

/// `Town::ask` holds each answer against its description; this one sees to it that there is an answer of each.
#[tokio::test(flavor = "multi_thread")]
async fn every_operation_answers_as_it_is_described() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let signed = attached(&town).await;
    let key = town.master_key().await;
    let auditor = town.key_for(&[Scope::Audit, Scope::Verify]).await;
    let operator = town.operator("operator-a").await;
    let mut tour = Tour {
        town,
        asked: BTreeSet::new(),
    };

    for path in [
        "/livez",
        "/readyz",
        "/version",
        "/metrics",
        "/v1/reasons",
        "/.well-known/jwks.json",
        "/.well-known/jwt-vc-issuer",
        "/vct/business-registration/v1",
    ] {
        tour.ask(&Ask::get(path));
    }

    let company = format!("/v1/companies/{uscc}");
    tour.ask(&Ask::get(&company));
    tour.ask(&Ask::get(&company).key(&key));
    tour.ask(&Ask::get("/v1/companies?name=1&limit=1").key(&key));
    let changed = json!(facts(1, json!({"industry": "C39"})));
    tour.ask(&Ask::put(&company).key(&key).json(&changed));
    let registered = registration("market-regulation", "4419-2");
    tour.ask(
        &Ask::post(format!("{company}/registrations"))
            .key(&key)
            .json(&registered),
    );
    let stated = json!({"facts": {"address": "x", "capital": "1 CNY"}});
    tour.ask(
        &Ask::post(format!("{company}/match"))
            .key(&key)
            .json(&stated),
    );
    let line = json!({"company": facts(2, json!({})), "registrations": []}).to_string();
    let import = Ask::post("/v1/companies/import").key(&key);
    tour.ask(&import.body("application/x-ndjson", line));

    let issued = tour.ask(&issuing(&uscc).key(&key)).json();
    let credential = format!("/v1/credentials/{}", issued["id"].as_str().unwrap());
    tour.ask(&Ask::get(&credential).key(&key));
    tour.ask(&Ask::get(format!("{credential}/file")).key(&key));
    let suspended = json!({"action": "suspend", "reason": "x"});
    tour.ask(
        &Ask::post(format!("{credential}/status"))
            .key(&key)
            .json(&suspended),
    );
    let list = issued["status"]["uri"].as_str().unwrap();
    tour.ask(&Ask::get(list.strip_prefix(URL).unwrap()));

    let asked = body(&signed, json!({"reportType": "diagnostic"}));
    let verify = Ask::post("/v1/verify").key(&auditor);
    let report = tour.ask(&verify.clone().json(&asked)).json();
    let simple = body(&signed, json!({"reportType": "simple"}));
    tour.ask(&verify.clone().json(&simple));
    tour.ask(&verify.json(&simple).header("Accept", "text/html"));
    let document = json!({"document": {"bytes": asked["document"]["bytes"]}});
    tour.ask(
        &Ask::post("/v1/recognition/check")
            .key(&auditor)
            .json(&document),
    );
    let batch = Ask::post("/v1/verify/batch").key(&auditor);
    tour.ask(&batch.clone().json(&json!([document, 1])));
    tour.ask(&batch.body("application/x-ndjson", document.to_string()));
    let certificate = json!({"certificate": {"bytes": "AAAA"}});
    tour.ask(
        &Ask::post("/v1/certificates/verify")
            .key(&auditor)
            .json(&certificate),
    );
    let number = claims(&report)["jti"].as_str().unwrap().to_owned();
    tour.ask(&Ask::get(format!("/v1/receipts/{number}")).key(&auditor));
    tour.ask(&Ask::post(format!("/v1/receipts/{number}/replay")).key(&auditor));
    tour.ask(&Ask::get("/v1/audit").key(&auditor));
    tour.ask(&Ask::get(format!("{company}/accesses")).key(&auditor));
    let timestamp = Ask::post("/tsa").body("application/timestamp-query", "nonsense");
    tour.ask(&timestamp);

    let as_operator = |ask: Ask| ask.key(&operator);
    let table = tour.ask(&as_operator(Ask::get("/v1/recognition"))).json();
    let proposals = "/v1/recognition/proposals";
    for decision in ["approve", "withdraw"] {
        let row = table["rows"][0].clone();
        let change = if decision == "approve" {
            json!({"removed": [row]})
        } else {
            json!({"added": [row]})
        };
        let proposed = tour
            .ask(&as_operator(Ask::post(proposals)).json(&change))
            .json();
        let decide = format!("{proposals}/{}/{decision}", proposed["id"]);
        tour.ask(&as_operator(Ask::post(decide)));
    }
    tour.ask(&as_operator(Ask::get(proposals)));
    tour.ask(&as_operator(Ask::get("/v1/recognition/versions")));
    tour.ask(&as_operator(Ask::post("/v1/trust/reload")));

    let document = &Description::of(tour.town.address).document;
    let paths = document["paths"].as_object().unwrap().iter();
    let described = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(|method| (method.clone(), path.clone()))
    });
    let left: Vec<_> = described.filter(|one| !tour.asked.contains(one)).collect();
    assert!(left.is_empty(), "nothing here asks {left:?}: ask it once");
}
