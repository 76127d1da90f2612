//! Both engines end with the same tables and columns, and migrating again changes nothing.

use std::collections::BTreeMap;

use sqlx::AnyConnection;
use sqlx::Connection;
use sqlx::Row;
use yinxin::store::Store;
use yinxin::store::error::StoreError;
use yinxin::store::pool::Missing;
use yinxin::store::pool::StoreConfig;

use crate::store::on_both_engines;

on_both_engines!(migrating_again_changes_nothing);

/// Table and column to type, whether it may be NULL, and its place in the primary key.
type Schema = BTreeMap<(String, String), (String, bool, bool)>;

const SQLITE_COLUMNS: &str = "SELECT t.name AS table_name, c.name AS column_name, c.type AS type, \
     CASE c.\"notnull\" WHEN 0 THEN 1 ELSE 0 END AS nullable, CASE c.pk WHEN 0 THEN 0 ELSE 1 END AS in_key \
     FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\'";

const POSTGRES_COLUMNS: &str = "SELECT CAST(c.table_name AS TEXT) AS table_name, CAST(c.column_name AS TEXT) AS column_name, \
     CASE CAST(c.data_type AS TEXT) WHEN 'bigint' THEN 'INTEGER' WHEN 'text' THEN 'TEXT' WHEN 'bytea' THEN 'BLOB' \
       ELSE CAST(c.data_type AS TEXT) END AS type, \
     CASE CAST(c.is_nullable AS TEXT) WHEN 'YES' THEN CAST(1 AS BIGINT) ELSE 0 END AS nullable, \
     (SELECT count(*) FROM information_schema.table_constraints k \
        JOIN information_schema.key_column_usage u ON u.constraint_name = k.constraint_name \
        AND u.table_name = k.table_name \
        WHERE k.constraint_type = 'PRIMARY KEY' AND k.table_name = c.table_name AND u.column_name = c.column_name) AS in_key \
     FROM information_schema.columns c \
     WHERE c.table_schema = 'public' AND c.table_name NOT LIKE '\\_sqlx%'";

const SQLITE_INDEXES: &str =
    "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";

const POSTGRES_INDEXES: &str = "SELECT CAST(indexname AS TEXT) AS name FROM pg_indexes WHERE schemaname = 'public' \
     AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE '%\\_key' ORDER BY CAST(indexname AS TEXT) COLLATE \"C\"";

/// Columns that PostgreSQL stores in the order of the database instead of byte by byte.
const POSTGRES_COLLATED: &str = "SELECT CAST(table_name || '.' || column_name AS TEXT) AS name \
     FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text' \
     AND (collation_name IS NULL OR collation_name <> 'C') AND table_name NOT LIKE '\\_sqlx%'";

async fn schema(url: &str, statement: &'static str) -> Schema {
    let mut connection = AnyConnection::connect(url).await.unwrap();
    let rows = sqlx::query(statement)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    rows.iter()
        .map(|row| {
            let key = (row.get("table_name"), row.get("column_name"));
            (
                key,
                (
                    row.get("type"),
                    row.get::<i64, _>("nullable") == 1,
                    row.get::<i64, _>("in_key") > 0,
                ),
            )
        })
        .collect()
}

async fn names(url: &str, statement: &'static str) -> Vec<String> {
    let mut connection = AnyConnection::connect(url).await.unwrap();
    let rows = sqlx::query(statement)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    rows.iter().map(|row| row.get("name")).collect()
}

#[tokio::test]
async fn both_engines_end_with_the_same_schema() {
    let Some(postgres) = crate::postgres::empty_database().await else {
        return;
    };
    Store::open(&StoreConfig::from_url(&postgres).unwrap())
        .await
        .unwrap()
        .migrate()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("yinxin.db");
    let store = Store::open(&StoreConfig::from_file(&file, Missing::Create).unwrap())
        .await
        .unwrap();
    store.migrate().await.unwrap();
    let sqlite = format!("sqlite://{}", file.display());

    let expected = schema(&sqlite, SQLITE_COLUMNS).await;
    assert!(
        expected.contains_key(&("meta".to_owned(), "value".to_owned())),
        "{expected:?}"
    );
    assert_eq!(schema(&postgres, POSTGRES_COLUMNS).await, expected);
    assert_eq!(
        names(&postgres, POSTGRES_INDEXES).await,
        names(&sqlite, SQLITE_INDEXES).await
    );
    assert_eq!(
        names(&postgres, POSTGRES_COLLATED).await,
        Vec::<String>::new()
    );
}

async fn migrating_again_changes_nothing(store: Store) {
    store.meta().claim_data_folder("kept").await.unwrap();
    let version = store.meta().schema_version().await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!(store.meta().schema_version().await.unwrap(), version);
    assert_eq!(
        store.meta().data_folder().await.unwrap().as_deref(),
        Some("kept")
    );
}

#[tokio::test]
async fn a_mistyped_path_does_not_become_an_empty_register() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("数据 100% #1?.db");
    let refused = Store::open(&StoreConfig::from_file(&file, Missing::Refuse).unwrap()).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable)),
        "{refused:?}"
    );
    assert!(!file.exists());
    let made = Store::open(&StoreConfig::from_file(&file, Missing::Create).unwrap())
        .await
        .unwrap();
    made.migrate().await.unwrap();
    made.close().await;
    Store::open(&StoreConfig::from_file(&file, Missing::Refuse).unwrap())
        .await
        .unwrap();
    assert_eq!(mode(&file), 0o600);
}

fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("yinxin.db");
    std::fs::write(
        &file,
        "this is a letter, not a database; it is longer than a header of a hundred bytes"
            .repeat(20),
    )
    .unwrap();
    let refused = Store::open(&StoreConfig::from_file(&file, Missing::Refuse).unwrap()).await;
    assert!(matches!(refused, Err(StoreError::Corrupt)), "{refused:?}");
}

#[tokio::test]
async fn an_unmigrated_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::from_file(&folder.path().join("yinxin.db"), Missing::Create).unwrap();
    let store = Store::open(&config).await.unwrap();
    assert!(matches!(
        store.meta().schema_version().await,
        Err(StoreError::Refused(_))
    ));
}
