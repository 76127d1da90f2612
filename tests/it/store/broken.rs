//! What the store says of databases that are not as they should be.

use sqlx::AnyConnection;
use sqlx::Connection;
use sqlx::Executor;
use yinxin::clock::Timestamp;
use yinxin::registry::recognition::RecognitionRow;
use yinxin::store::Store;
use yinxin::store::error::StoreError;
use yinxin::store::pool::StoreConfig;

use crate::store::at;
use crate::store::companies::append;
use crate::store::facts;
use crate::store::next;
use crate::store::uscc;

async fn behind_the_back(url: &str, statement: &'static str) {
    let mut connection = AnyConnection::connect(url).await.unwrap();
    connection.execute(statement).await.unwrap();
    connection.close().await.unwrap();
}

/// The same with bytes for the statement's `$1`.
async fn with_bytes(url: &str, statement: &'static str, bytes: &[u8]) {
    let mut connection = AnyConnection::connect(url).await.unwrap();
    sqlx::query(statement)
        .bind(bytes)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

/// The URLs of an empty store on each engine, and the folder that the SQLite file lies in.
async fn urls() -> (Vec<String>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = vec![crate::store::sqlite_url(folder.path()).await];
    urls.extend(crate::postgres::database().await);
    (urls, folder)
}

fn assert_inconsistent<T: std::fmt::Debug>(read: Result<T, StoreError>, table: &str, id: &str) {
    match read {
        Err(StoreError::Inconsistent {
            table: told,
            id: row,
        }) => assert_eq!((told, row.as_str()), (table, id)),
        other => panic!("{table}: {other:?}"),
    }
}

#[tokio::test]
async fn a_row_that_does_not_parse_is_named() {
    let (urls, _folder) = urls().await;
    for url in urls {
        let store = crate::store::open(&url).await;
        let (event, company) = next(None, facts(&uscc(1), "东莞市示例有限公司"), at(0));
        append(&store, &event, &company).await;
        let code = uscc(1);
        for damage in [
            "UPDATE company SET version = 2",
            "UPDATE company SET version = 1, body = '{}'",
            "UPDATE company SET body = 'no JSON'",
        ] {
            behind_the_back(&url, damage).await;
            assert_inconsistent(
                store.companies().load(&code).await,
                "company",
                code.as_str(),
            );
        }
        let known = store
            .companies()
            .load_as_of(&code, Timestamp::MAX)
            .await
            .unwrap();
        assert_eq!(known, Some(company), "the events stand");

        behind_the_back(
            &url,
            "INSERT INTO signing_clock (only_row, highest) VALUES (1, 9223372036854775807)",
        )
        .await;
        assert_inconsistent(store.signing_clock().highest().await, "signing_clock", "1");

        behind_the_back(
            &url,
            "INSERT INTO relying_party (relying_party_id, kind, name, name_zh, department, created_at, changed_at) \
             VALUES ('bank-a', 'bank', 'A', 'A', 'customs', 0, 0)",
        )
        .await;
        assert_inconsistent(store.callers().list().await, "relying_party", "bank-a");
        behind_the_back(&url, "UPDATE relying_party SET department = NULL").await;
        store.callers().list().await.unwrap();
        with_bytes(
            &url,
            "INSERT INTO api_key (prefix, tag, relying_party_id, scopes, created_at) \
             VALUES ('abcd2345', $1, 'bank-a', 'verify fly', 0)",
            b"too short",
        )
        .await;
        assert_inconsistent(
            store.callers().find_by_prefix("abcd2345").await,
            "api_key",
            "abcd2345",
        );

        behind_the_back(
            &url,
            "INSERT INTO recognition_version (version, changed_at, changed_by) VALUES (1, 0, 'x')",
        )
        .await;
        behind_the_back(
            &url,
            "INSERT INTO recognition_row (version_from, position, relying_party_id, ca, usage, anchors, valid_from) \
             VALUES (1, 0, 'bank-a', 'gdca', 'banking', 'not hexadecimal', 0)",
        )
        .await;
        assert_inconsistent(
            store.recognition().load().await,
            "recognition_row",
            "bank-a",
        );
        assert_eq!(
            store.recognition().load_version(0).await.unwrap().rows,
            Vec::<RecognitionRow>::new()
        );
    }
}

#[tokio::test]
async fn a_migration_that_was_edited_is_told() {
    let (urls, _folder) = urls().await;
    for url in urls {
        let store = crate::store::open(&url).await;
        with_bytes(
            &url,
            "UPDATE _sqlx_migrations SET checksum = $1 WHERE version = 3",
            b"another",
        )
        .await;
        let told = store.migrate().await;
        assert!(
            matches!(told, Err(StoreError::MigrationEdited { version: 3 })),
            "{told:?}"
        );
    }
}

#[tokio::test]
async fn a_schema_that_a_newer_release_expanded_still_serves() {
    let (urls, _folder) = urls().await;
    for url in urls {
        with_bytes(&url, "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (9999, 'later', TRUE, $1, 0)", b"later").await;
        behind_the_back(&url, "ALTER TABLE company ADD COLUMN later TEXT").await;
        let store = crate::store::open(&url).await;
        store.migrate().await.unwrap();
        assert_eq!(store.meta().schema_version().await.unwrap(), Some(9999));
        let (event, company) = next(None, facts(&uscc(1), "东莞市示例有限公司"), at(0));
        append(&store, &event, &company).await;
        assert_eq!(
            store.companies().load(&uscc(1)).await.unwrap(),
            Some(company)
        );
    }
}

#[tokio::test]
async fn a_server_without_our_database_is_told_at_once() {
    let Some(url) = crate::postgres::empty_database().await else {
        return;
    };
    let other = url.replace("/test_", "/no_such_database_");
    let refused = Store::open(&StoreConfig::from_url(&other).unwrap()).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable)),
        "{refused:?}"
    );
    let nobody = StoreConfig::from_url("postgres://postgres@127.0.0.1:1/yinxin").unwrap();
    let refused = Store::open(&nobody).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable)),
        "{refused:?}"
    );
}
