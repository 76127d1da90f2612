//! An application with one company in a database of its own, for the tests beside the use cases.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::clock::FixedClock;
use crate::clock::Timestamp;
use crate::credential::kind::KindSet;
use crate::crypto::hmac::HmacKey;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::random::SeededRandom;
use crate::crypto::sign::SigningKey;
use crate::identifier::uscc::Uscc;
use crate::registry::caller_terms::CallerTerms;
use crate::registry::company::CompanyFacts;
use crate::registry::department::DepartmentId;
use crate::registry::issuer::IssuerEntry;
use crate::registry::issuer::IssuerIdentity;
use crate::registry::recognition::proposal::Approval;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::relying_party::RelyingPartyKind;
use crate::registry::text::Text;
use crate::service::app::App;
use crate::service::app::AppParts;
use crate::service::app::CertifiedKey;
use crate::service::app::CityKeys;
use crate::service::app::Settings;
use crate::service::call::Caller;
use crate::service::fail_point::FailPoints;
use crate::service::fetch_evidence::EvidenceSettings;
use crate::service::fetch_evidence::download::Download;
use crate::service::fetch_evidence::download::Order;
use crate::service::fetch_evidence::error::FetchError;
use crate::service::manage::scopes_of;
use crate::service::recognise::TrustSource;
use crate::service::sign_audit_head::AuditSettings;
use crate::store::Store;
use crate::store::pool::Missing;
use crate::store::pool::StoreConfig;
use crate::store::trust_roots::TrustRootsError;
use crate::validation::trust_store::TrustSet;

const URL: &str = "https://city.example";
/// The type that the market regulator issues.
pub(super) const REGISTRATION: &str = "https://city.example/vct/business-registration/v1";

struct NoTrust;

impl TrustSource for NoTrust {
    fn read(&self) -> Result<TrustSet, TrustRootsError> {
        Ok(TrustSet::new(Vec::new()).unwrap())
    }
}

struct NoNetwork;

impl Download for NoNetwork {
    fn download(&self, _order: &Order) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::ConnectFailed)
    }
}

/// The application, and the folder of its database.
pub(super) struct City {
    pub(super) app: App,
    pub(super) clock: Arc<FixedClock>,
    _folder: TempDir,
}

impl City {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = StoreConfig::from_file(&folder.path().join("test.db"), Missing::Create);
        let store = Store::open(&config.unwrap()).await.unwrap();
        store.migrate().await.unwrap();
        let now = Timestamp::parse("2026-06-01T00:00:00Z").unwrap();
        let clock = Arc::new(FixedClock::new(now));
        let keys = CityKeys {
            credential: key(KeyPurpose::Credential),
            receipt: key(KeyPurpose::Receipt),
            status_list: key(KeyPurpose::StatusList),
            timestamp: None,
        };
        let spki = keys.credential.key.public_key().sha256();
        let parts = AppParts {
            store,
            clock: clock.clone(),
            random: Arc::new(SeededRandom::new([7; 32])),
            keys,
            pepper: HmacKey::new(&[7; 32]),
            kinds: KindSet::builtin(URL).unwrap(),
            trust_source: Box::new(NoTrust),
            download: Arc::new(NoNetwork),
            settings: Settings {
                public_url: URL.to_owned(),
                status_list_ttl: Duration::from_secs(60),
                status_list_lifetime: Duration::from_secs(600),
                evidence: EvidenceSettings::default(),
                approval: Approval::None,
                audit: AuditSettings::default(),
            },
            fail_points: FailPoints::none(),
        };
        let app = App::new(parts, NoTrust.read().unwrap());
        let market = department("market-regulation");
        app.add_caller(&market.party).await.unwrap();
        app.enter_issuer(&IssuerEntry {
            id: "city".to_owned(),
            department: DepartmentId::MARKET_REGULATION,
            identity: IssuerIdentity::Spki(spki),
            iss: Some(URL.to_owned()),
            vct: REGISTRATION.to_owned(),
            regions: vec!["441900".to_owned()],
            valid_from: now,
            valid_until: None,
        })
        .await
        .unwrap();
        app.record_facts(&market, &uscc(), facts("active"), None)
            .await
            .unwrap();
        Self {
            app,
            clock,
            _folder: folder,
        }
    }
}

fn key(purpose: KeyPurpose) -> CertifiedKey {
    CertifiedKey {
        key: SigningKey::generate(purpose).unwrap().0,
        certificates: Vec::new(),
    }
}

/// Whoever calls for a department.
pub(super) fn department(id: &str) -> Caller {
    let name = || Text::parse(id).unwrap();
    let party = RelyingParty::new(
        RelyingPartyId::parse(id).unwrap(),
        RelyingPartyKind::Department,
        name(),
        name(),
        Some(DepartmentId::parse(id).unwrap()),
    );
    Caller {
        party: party.unwrap(),
        scopes: scopes_of(RelyingPartyKind::Department),
        terms: CallerTerms::default(),
    }
}

/// The company's code.
pub(super) fn uscc() -> Uscc {
    Uscc::with_check("91441900MA5ABCDE7").unwrap()
}

/// The company's facts, but for its state.
pub(super) fn facts(state: &str) -> CompanyFacts {
    serde_json::from_value(json!({
        "uscc": uscc(),
        "name": "东莞市示例五金制品有限公司",
        "state": state,
        "address": "东莞市示例路1号",
        "legalRepresentative": "示例人一",
        "establishedOn": "2015-03-02",
    }))
    .unwrap()
}
