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
use yinxin::identifier::uscc::Uscc;

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

/// Asks each operation once, in an order in which it succeeds.
struct Tour {
    town: Town,
    /// May do everything, for a department.
    key: String,
    /// May change who recognises whom.
    operator: String,
    uscc: Uscc,
    asked: BTreeSet<(String, String)>,
}

impl Tour {
    async fn begin() -> Self {
        let town = Town::open().await;
        Self {
            uscc: town.city.company(1).await,
            key: town.master_key().await,
            operator: town.operator("operator-a").await,
            town,
            asked: BTreeSet::new(),
        }
    }

    /// Asks something that is to succeed.
    fn ask(&mut self, asked: &Ask) -> Answer {
        let answer = self.town.ask(asked);
        assert!((200..300).contains(&answer.status), "{asked:?}: {answer}");
        let description = Description::of(self.town.address);
        let operation = description.operation(asked.method(), asked.path());
        self.asked.insert(operation.unwrap());
        answer
    }

    fn get(&mut self, path: impl Into<String>) -> Answer {
        let asked = Ask::get(path).key(&self.key);
        self.ask(&asked)
    }

    fn post(&mut self, path: impl Into<String>, body: &Value) -> Answer {
        let asked = Ask::post(path).key(&self.key).json(body);
        self.ask(&asked)
    }

    fn what_is_public(&mut self) {
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
            self.ask(&Ask::get(path));
        }
        self.ask(&Ask::post("/tsa").body("application/timestamp-query", "nonsense"));
    }

    fn companies(&mut self) {
        let company = format!("/v1/companies/{}", self.uscc);
        self.ask(&Ask::get(&company));
        self.get(&company);
        self.get("/v1/companies?name=1&limit=1");
        let changed = json!(facts(1, json!({"industry": "C39"})));
        let change = Ask::put(&company).key(&self.key).json(&changed);
        self.ask(&change);
        let registered = registration("market-regulation", "4419-2");
        self.post(format!("{company}/registrations"), &registered);
        let stated = json!({"facts": {"address": "x", "capital": "1 CNY"}});
        self.post(format!("{company}/match"), &stated);
        let line = json!({"company": facts(2, json!({})), "registrations": []});
        let import = Ask::post("/v1/companies/import").key(&self.key);
        self.ask(&import.body("application/x-ndjson", line.to_string()));
        self.get(format!("{company}/accesses"));
    }

    fn credentials(&mut self) {
        let issue = issuing(&self.uscc).key(&self.key);
        let issued = self.ask(&issue).json();
        let credential = format!("/v1/credentials/{}", issued["id"].as_str().unwrap());
        self.get(&credential);
        self.get(format!("{credential}/file"));
        self.company(&credential);
        let suspended = json!({"action": "suspend", "reason": "x"});
        self.post(format!("{credential}/status"), &suspended);
        let list = issued["status"]["uri"].as_str().unwrap();
        self.ask(&Ask::get(list.strip_prefix(URL).unwrap()));
    }

    /// What the company does itself, with the code that comes with its credential.
    fn company(&mut self, credential: &str) {
        let challenge = Ask::post(format!("/v1/companies/{}/challenge", self.uscc));
        self.ask(&challenge);
        let code = self
            .post(format!("{credential}/pick-up-code"), &json!({}))
            .json();
        let sessions = Ask::post("/v1/holder/sessions");
        let session = self
            .ask(&sessions.json(&json!({"pickUpCode": code["pickUpCode"]})))
            .json();
        let token = session["token"].as_str().unwrap();
        self.ask(&Ask::get("/v1/holder/credentials").key(token));
        self.ask(&Ask::get(format!("{credential}/file")).key(token));
        self.ask(&Ask::get(format!("/v1/companies/{}/accesses", self.uscc)).key(token));
        self.ask(&Ask::delete("/v1/holder/session").key(token));
    }

    fn documents(&mut self, signed: &[u8]) {
        let diagnostic = body(signed, json!({"reportType": "diagnostic"}));
        let simple = body(signed, json!({"reportType": "simple"}));
        // The bank recognises who signed it.
        let verify = Ask::post("/v1/verify").key(&self.town.bank);
        let report = self.ask(&verify.clone().json(&diagnostic)).json();
        self.ask(&verify.clone().json(&simple));
        self.ask(&verify.json(&simple).header("Accept", "text/html"));
        let document = json!({"document": {"bytes": simple["document"]["bytes"]}});
        self.post("/v1/recognition/check", &document);
        self.post("/v1/verify/batch", &json!([document, 1]));
        let batch = Ask::post("/v1/verify/batch").key(&self.key);
        self.ask(&batch.body("application/x-ndjson", document.to_string()));
        let certificate = json!({"certificate": {"bytes": "AAAA"}});
        self.post("/v1/certificates/verify", &certificate);
        let receipt = claims(&report)["jti"].as_str().unwrap().to_owned();
        self.get(format!("/v1/receipts/{receipt}"));
        self.post(format!("/v1/receipts/{receipt}/replay"), &json!({}));
        self.get("/v1/audit");
    }

    fn recognition(&mut self) {
        let key = self.operator.clone();
        let mut ask = |asked: Ask| self.ask(&asked.key(&key));
        let table = ask(Ask::get("/v1/recognition")).json();
        let row = &table["rows"][0];
        for (decision, change) in [
            ("approve", json!({"removed": [row]})),
            ("withdraw", json!({"added": [row]})),
        ] {
            let proposal = ask(Ask::post("/v1/recognition/proposals").json(&change)).json();
            let number = &proposal["id"];
            for accept in ["application/json", "application/x-ndjson", "text/html"] {
                let rehearse = Ask::post("/v1/recognition/rehearse").json(&change);
                ask(rehearse.header("Accept", accept));
                let rehearsal = format!("/v1/recognition/proposals/{number}/rehearsal");
                ask(Ask::get(rehearsal).header("Accept", accept));
            }
            ask(Ask::post(format!(
                "/v1/recognition/proposals/{number}/{decision}"
            )));
        }
        ask(Ask::get("/v1/recognition/proposals"));
        ask(Ask::get("/v1/recognition/versions"));
        ask(Ask::post("/v1/trust/reload"));
    }
}

/// `Town::ask` holds each answer against its description; this one sees to it that there is an answer of each.
#[tokio::test(flavor = "multi_thread")]
async fn every_operation_answers_as_it_is_described() {
    let mut tour = Tour::begin().await;
    let signed = attached(&tour.town).await;
    tour.what_is_public();
    tour.companies();
    tour.credentials();
    tour.documents(&signed);
    tour.recognition();
    let document = &Description::of(tour.town.address).document;
    let paths = document["paths"].as_object().unwrap().iter();
    let described = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(|method| (method.clone(), path.clone()))
    });
    let left: Vec<_> = described.filter(|one| !tour.asked.contains(one)).collect();
    assert!(left.is_empty(), "nothing here asks {left:?}: ask it once");
}
