use std::time::Duration;

use yinxin::crypto::digest::sha256;
use yinxin::evidence::audit::AuditAction;
use yinxin::registry::recognition::Decision;
use yinxin::registry::recognition::Recogniser;
use yinxin::registry::recognition::RecognitionRow;
use yinxin::registry::recognition::change::Change;
use yinxin::registry::recognition::table;
use yinxin::store::Store;
use yinxin::store::recognition::RecognitionTable;
use yinxin::validation::limits::Limits;
use yinxin::validation::trust_store::CaId;
use yinxin::validation::trust_store::Usage;

use crate::store::at;
use crate::store::event;
use crate::store::on_both_engines;

on_both_engines!(
    every_version_can_be_read_again,
    a_change_from_an_old_version_changes_nothing,
    of_many_changes_at_once_one_wins,
    many_rows_are_kept,
    limits_refusals_and_defaults_are_kept,
);

fn row(caller: &str, ca: &str, usage: &str) -> RecognitionRow {
    let matter = (CaId::parse(ca).unwrap(), Usage::parse(usage).unwrap());
    let anchors = vec![sha256(ca.as_bytes()), sha256(b"second")];
    RecognitionRow::accept(Recogniser::parse(caller).unwrap(), matter, anchors, at(0))
}

async fn replace(store: &Store, version: u64, rows: &[RecognitionRow]) -> bool {
    let changed = event(at(5), AuditAction::RecognitionChanged, "recognition");
    store
        .recognition()
        .replace(version, rows, &changed)
        .await
        .unwrap()
}

async fn every_version_can_be_read_again(store: Store) {
    let recognition = store.recognition();
    assert_eq!(
        recognition.load().await.unwrap(),
        RecognitionTable {
            version: 0,
            rows: Vec::new()
        }
    );
    let (bank, tax) = (
        row("bank-a", "gdca", "banking"),
        row("state-tax", "cfca", "tax"),
    );
    let ending = RecognitionRow {
        valid_until: Some(at(9)),
        decision: Decision::Refuse,
        ..bank.clone()
    }
    .normalised();
    let versions = [
        vec![bank.clone(), tax.clone()],
        vec![tax.clone()],
        vec![tax.clone(), ending.clone(), ending],
        vec![],
        vec![bank, tax],
    ];
    for (version, rows) in (0..).zip(&versions) {
        assert!(replace(&store, version, rows).await);
    }
    for (version, rows) in (1..).zip(&versions) {
        let table = recognition.load_version(version).await.unwrap();
        assert_eq!(
            table,
            RecognitionTable {
                version,
                rows: rows.clone()
            }
        );
    }
    assert_eq!(recognition.version().await.unwrap(), 5);
    assert_eq!(recognition.load().await.unwrap().rows, versions[4]);
    assert_eq!(recognition.load_version(0).await.unwrap().rows, []);
    assert_eq!(store.audit().list(0, 10).await.unwrap().len(), 5);
}

async fn a_change_from_an_old_version_changes_nothing(store: Store) {
    let rows = [row("bank-a", "gdca", "banking")];
    assert!(replace(&store, 0, &rows).await);
    for version in [0, 2, u64::MAX] {
        assert!(!replace(&store, version, &[]).await, "{version}");
    }
    assert_eq!(store.recognition().load().await.unwrap().rows, rows);
    assert_eq!(store.audit().list(0, 10).await.unwrap().len(), 1);
}

async fn of_many_changes_at_once_one_wins(store: Store) {
    let tasks: Vec<_> = (0..10)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                replace(
                    &store,
                    0,
                    &[row(&format!("bank-{number}"), "gdca", "banking")],
                )
                .await
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        won += u32::from(task.await.unwrap());
    }
    assert_eq!(won, 1);
    let table = store.recognition().load().await.unwrap();
    assert_eq!((table.version, table.rows.len()), (1, 1));
}

async fn many_rows_are_kept(store: Store) {
    let rows: Vec<RecognitionRow> = (0..450)
        .map(|number| row(&format!("bank-{number}"), "gdca", "banking"))
        .collect();
    assert!(replace(&store, 0, &rows).await);
    assert_eq!(store.recognition().load().await.unwrap().rows, rows);
}

async fn limits_refusals_and_defaults_are_kept(store: Store) {
    let limited = RecognitionRow {
        decision: Decision::Accept {
            anchors: vec![sha256(b"second")],
            limits: Limits {
                minimum_key_bits: Some(3072),
                maximum_evidence_age: Some(Duration::from_secs(60)),
                ..Limits::default()
            },
        },
        ..row("every:bank", "gdca", "banking")
    };
    let refusal = RecognitionRow {
        decision: Decision::Refuse,
        ..row("bank-a", "gdca", "banking")
    };
    let rows = [limited, refusal];
    assert!(replace(&store, 0, &rows).await);
    assert_eq!(store.recognition().load().await.unwrap().rows, rows);
    let version = store.recognition().versions(None, 5).await.unwrap();
    assert_eq!(version[0].digest, Some(table::digest(&rows)));
    let change = store.recognition().change_of(1).await.unwrap();
    assert_eq!(change, Change::adding(&rows));
}
