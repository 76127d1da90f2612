//! Every function of the store, on both engines.
#![expect(clippy::indexing_slicing, reason = "a failing test should panic")]

use serde_json::json;
use tempfile::TempDir;
use yinxin::clock::Timestamp;
use yinxin::evidence::audit::AuditAction;
use yinxin::evidence::audit::AuditEvent;
use yinxin::identifier::opaque_id::CredentialId;
use yinxin::identifier::uscc::Uscc;
use yinxin::registry::company::Company;
use yinxin::registry::company::CompanyEvent;
use yinxin::registry::company::CompanyEventBody;
use yinxin::registry::department::DepartmentId;
use yinxin::registry::relying_party::RelyingPartyId;
use yinxin::store::Store;
use yinxin::store::credentials::NewCredential;
use yinxin::store::credentials::ReserveOutcome;
use yinxin::store::credentials::StatusAllocation;
use yinxin::store::pool::Missing;
use yinxin::store::pool::StoreConfig;
use yinxin::store::status_lists::StatusListId;
use yinxin::store::status_lists::StatusSlot;

mod audit;
mod audit_chain;
mod backup;
mod broken;
mod callers;
mod companies;
mod credentials;
mod evidence;
mod glance;
mod idempotency;
mod issuers;
mod keep;
mod meta;
mod migrations;
mod receipts;
mod recognition;
mod signing_clock;

/// A migrated store of a test's own.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    _folder: Option<TempDir>,
}

/// An empty SQLite store.
pub(crate) async fn sqlite() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::from_file(&folder.path().join("yinxin.db"), Missing::Create).unwrap();
    let store = Store::open(&config).await.unwrap();
    store.migrate().await.unwrap();
    Fixture {
        store,
        _folder: Some(folder),
    }
}

/// An empty PostgreSQL store; `None` where there is no PostgreSQL.
pub(crate) async fn postgres() -> Option<Fixture> {
    let url = crate::postgres::database().await?;
    let store = Store::open(&StoreConfig::from_url(&url).unwrap())
        .await
        .unwrap();
    Some(Fixture {
        store,
        _folder: None,
    })
}

/// The URL of an empty SQLite store in a folder.
pub(crate) async fn sqlite_url(folder: &std::path::Path) -> String {
    let file = folder.join("yinxin.db");
    let config = StoreConfig::from_file(&file, Missing::Create).unwrap();
    Store::open(&config).await.unwrap().migrate().await.unwrap();
    format!("sqlite://{}", file.display())
}

/// A store by its URL.
pub(crate) async fn open(url: &str) -> Store {
    Store::open(&StoreConfig::from_url(url).unwrap())
        .await
        .unwrap()
}

/// Makes of each `async fn name(store: Store)` a test on SQLite and one on PostgreSQL.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                let fixture = $crate::store::sqlite().await;
                super::$name(fixture.store.clone()).await;
            })+
        }

        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                if let Some(fixture) = $crate::store::postgres().await {
                    super::$name(fixture.store.clone()).await;
                }
            })+
        }
    };
}
pub(crate) use on_both_engines;

/// 2026-01-01T00:00:00.000001Z and `seconds` more; the microsecond must survive.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_767_225_600_000_001 + seconds * 1_000_000).unwrap()
}

pub(crate) fn party(id: &str) -> RelyingPartyId {
    RelyingPartyId::parse(id).unwrap()
}

pub(crate) fn event(at: Timestamp, action: AuditAction, object: &str) -> AuditEvent {
    AuditEvent::new(at, "market-regulation", action, object, "done")
}

/// The code of the sample company of that number.
pub(crate) fn uscc(number: u32) -> Uscc {
    Uscc::with_check(&format!("91441900MA{number:07}")).unwrap()
}

/// The recording of a sample company's facts, under a name of our choice.
pub(crate) fn facts(uscc: &Uscc, name: &str) -> CompanyEventBody {
    let facts = json!({
        "uscc": uscc, "name": name, "nameEn": "Sample Co., Ltd. 100%", "state": "active",
        "capital": {"amount": 2_130_000, "currency": "CNY"}, "address": "东莞市南城街道示例路1号",
        "legalRepresentative": "示例人", "establishedOn": "2015-03-01"
    });
    CompanyEventBody::FactsRecorded(serde_json::from_value(facts).unwrap())
}

/// The next event of a company and what it makes of it.
pub(crate) fn next(
    company: Option<&Company>,
    body: CompanyEventBody,
    recorded_at: Timestamp,
) -> (CompanyEvent, Company) {
    let event = CompanyEvent {
        sequence: company.map_or(0, |company| company.version) + 1,
        recorded_at,
        recorded_by: party("market-regulation"),
        body,
    };
    let after = Company::apply(company.cloned(), &event).unwrap();
    (event, after)
}

/// Reserves a number for a credential of a company; `new_list` is opened where no list is open.
pub(crate) async fn reserve_in_new_list(
    store: &Store,
    company: &Company,
    new_list: &str,
) -> StatusSlot {
    let id = CredentialId::from_random([u8::try_from(new_list.len()).unwrap(); 16]);
    let new = NewCredential {
        id: &id,
        vct: "https://example.org/vct/business-registration/v1",
        uscc: &company.uscc,
        company_version: company.version,
        department: &DepartmentId::MARKET_REGULATION,
        region: "441900",
        issued_by: &party("market-regulation"),
        issued_at: at(10),
        expires_at: at(10_000),
        idempotency: None,
    };
    let new_list = StatusListId::parse(new_list).unwrap();
    let allocation = StatusAllocation {
        new_list: &new_list,
        candidates: &[7, 8, 9],
    };
    let reserved = store.credentials().reserve(new, allocation).await.unwrap();
    let ReserveOutcome::Reserved(slot) = reserved else {
        panic!("{reserved:?}")
    };
    slot
}
