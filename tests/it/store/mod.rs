//! Every function of the store, on both engines.

use tempfile::TempDir;
use yinxin::store::Store;
use yinxin::store::pool::Missing;
use yinxin::store::pool::StoreConfig;

use crate::postgres;

mod meta;
mod migrations;
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
    let url = postgres::database().await?;
    let store = Store::open(&StoreConfig::from_url(&url).unwrap())
        .await
        .unwrap();
    Some(Fixture {
        store,
        _folder: None,
    })
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
