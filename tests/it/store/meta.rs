use yinxin::secret::Secret;
use yinxin::store::Store;
use yinxin::store::error::StoreError;
use yinxin::store::pool::StoreConfig;

use crate::store::on_both_engines;

on_both_engines!(a_data_folder_is_claimed_once, the_schema_has_a_version);

async fn a_data_folder_is_claimed_once(store: Store) {
    assert_eq!(store.meta().data_folder().await.unwrap(), None);
    assert_eq!(
        store.meta().claim_data_folder("first").await.unwrap(),
        "first"
    );
    assert_eq!(
        store.meta().claim_data_folder("second").await.unwrap(),
        "first"
    );
    assert_eq!(
        store.meta().data_folder().await.unwrap().as_deref(),
        Some("first")
    );
}

async fn the_schema_has_a_version(store: Store) {
    store.meta().ping().await.unwrap();
    assert!(store.meta().schema_version().await.unwrap() >= Some(1));
    store.close().await;
    assert!(matches!(
        store.meta().ping().await,
        Err(StoreError::Unavailable)
    ));
}

#[test]
fn an_address_is_read_strictly_and_its_password_not_shown() {
    let config = StoreConfig::from_url("postgres://yinxin:hunter2@db/yinxin").unwrap();
    assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
    let secret = Secret::new("hunter3 @/#".to_owned());
    let config = StoreConfig::from_url("postgres://yinxin@db/yinxin").unwrap();
    let config = config.with_password(&secret).unwrap();
    assert!(!format!("{config:?}").contains("hunter3"), "{config:?}");
    let file = StoreConfig::from_url("sqlite:///data/yinxin.db").unwrap();
    assert!(matches!(
        file.with_password(&secret),
        Err(StoreError::Address)
    ));
    assert!(matches!(
        StoreConfig::from_url("mysql://db"),
        Err(StoreError::Address)
    ));
    assert!(matches!(
        StoreConfig::from_url("/var/lib/yinxin.db"),
        Err(StoreError::Address)
    ));
    assert!(matches!(
        StoreConfig::from_url("sqlite:///data/yinxin.db?mode=memory"),
        Err(StoreError::Address)
    ));
}
