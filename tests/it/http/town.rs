//! A running city behind a real socket, with a key for each of its callers.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use serde_json::Value;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use yinxin::clock::Timestamp;
use yinxin::crypto::random::SeededRandom;
use yinxin::http::router::router;
use yinxin::http::serve::serve;
use yinxin::http::state::HttpOptions;
use yinxin::identifier::uscc::Uscc;
use yinxin::registry::relying_party::Scope;
use yinxin::service::app::App;
use yinxin::service::call::Caller;

use crate::http::client::Answer;
use crate::http::client::Ask;
use crate::http::described::Description;
use crate::running_city::City;

pub(crate) struct Town {
    pub(crate) city: City,
    pub(crate) address: SocketAddr,
    /// The key of the department that issues business registrations.
    pub(crate) market: String,
    /// The key of the state tax bureau.
    pub(crate) tax: String,
    /// The key of a bank.
    pub(crate) bank: String,
    _node: Node,
}

impl Town {
    pub(crate) async fn open() -> Self {
        Self::with_public_limit(1_000).await
    }

    /// One whose public may make so many requests a minute.
    pub(crate) async fn with_public_limit(requests: u32) -> Self {
        Self::with(|options| options.public_requests_per_minute = requests).await
    }

    /// One whose options are changed.
    pub(crate) async fn with(change: impl FnOnce(&mut HttpOptions)) -> Self {
        Self::serving(|city| city.app.clone(), change).await
    }

    /// One where a change of the recognition table needs two persons.
    pub(crate) async fn with_two_persons() -> Self {
        Self::serving(City::with_two_persons, |_| {}).await
    }

    async fn serving(
        app: impl FnOnce(&City) -> App,
        change: impl FnOnce(&mut HttpOptions),
    ) -> Self {
        let city = City::on_sqlite().await;
        let random = Arc::new(SeededRandom::new([9; 32]));
        let mut options = HttpOptions::new(city.clock.clone(), random);
        options.public_requests_per_minute = 1_000;
        change(&mut options);
        let node = Node::new(router(app(&city), &options)).await;
        let key = async |caller: &Caller| key(&city, caller, caller.scopes.clone()).await;
        Self {
            market: key(&city.market).await,
            tax: key(&city.tax).await,
            bank: key(&city.bank_a).await,
            address: node.address,
            _node: node,
            city,
        }
    }

    /// Another process that serves the same database.
    pub(crate) async fn another_node(&self) -> Node {
        let random = Arc::new(SeededRandom::new([8; 32]));
        let options = HttpOptions::new(self.city.clock.clone(), random);
        Node::new(router(self.city.restarted(), &options)).await
    }

    /// A key of the bank that may do that alone.
    pub(crate) async fn key_for(&self, scopes: &[Scope]) -> String {
        let scopes = scopes.iter().copied().collect();
        key(&self.city, &self.city.bank_a, scopes).await
    }

    /// A key of the department that issues business registrations, which may do everything.
    pub(crate) async fn master_key(&self) -> String {
        key(&self.city, &self.city.market, Scope::ALL.into()).await
    }

    /// A key of the bank that may do everything until then.
    pub(crate) async fn key_until(&self, expires_at: Timestamp) -> String {
        let (owner, scopes) = (&self.city.bank_a.party.id, Scope::ALL.into());
        let key = self.city.app.add_key(owner, scopes, Some(expires_at)).await;
        key.unwrap().expose().clone()
    }

    /// A key of a new operator who may change who recognises whom.
    pub(crate) async fn operator(&self, id: &str) -> String {
        let id = self.city.operator(id).await;
        let scopes = BTreeSet::from([Scope::Trust]);
        let key = self.city.app.add_key(&id, scopes, None).await;
        key.unwrap().expose().clone()
    }

    /// What is answered, once it is found to be as the interface is described.
    pub(crate) fn ask(&self, asked: &Ask) -> Answer {
        let answer = asked.of(self.address);
        Description::of(self.address).check(asked, &answer);
        answer
    }

    /// Issues a credential over HTTP.
    pub(crate) fn issue(&self, uscc: &Uscc) -> Value {
        let asked = issuing(uscc).key(&self.market);
        self.ask(&asked).expect(201)
    }

    /// What the bank is told of a document.
    pub(crate) fn verify(&self, document: impl Into<Vec<u8>>) -> Value {
        let asked = Ask::post("/v1/verify").key(&self.bank);
        let asked = asked.body("application/octet-stream", document);
        self.ask(&asked).expect(200)
    }
}

/// A process that serves, until it is dropped.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    server: JoinHandle<()>,
}

impl Node {
    async fn new(routes: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            serve(listener, routes, std::future::pending(), Duration::ZERO)
                .await
                .unwrap();
        });
        Self { address, server }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn key(city: &City, caller: &Caller, scopes: BTreeSet<Scope>) -> String {
    let key = city.app.add_key(&caller.party.id, scopes, None).await;
    key.unwrap().expose().clone()
}

/// The request to issue a business registration, without a key.
pub(crate) fn issuing(uscc: &Uscc) -> Ask {
    Ask::post("/v1/credentials").json(&json!({"uscc": uscc, "type": "business-registration"}))
}
