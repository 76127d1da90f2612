//! What an audit event costs: chained in memory, and written to SQLite with and beside a receipt.
//!
//! `cargo bench --bench audit`. The database is in the folder for temporary files; what a commit costs is the
//! disk's, so compare the two ways of writing with each other rather than with other machines.
#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot be set up has nothing to measure"
)]

use divan::Bencher;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use yinxin::clock::Timestamp;
use yinxin::crypto::digest::Sha256;
use yinxin::evidence::audit::AuditAction;
use yinxin::evidence::audit::AuditEvent;
use yinxin::evidence::audit::AuditProfile;
use yinxin::evidence::audit::chain::ChainTip;
use yinxin::evidence::receipt::ReceiptClaims;
use yinxin::evidence::receipt::ReceiptKind;
use yinxin::identifier::opaque_id::ReceiptId;
use yinxin::identifier::opaque_id::SegmentId;
use yinxin::store::Store;
use yinxin::store::pool::Missing;
use yinxin::store::pool::StoreConfig;

fn main() {
    divan::main();
}

fn event() -> AuditEvent {
    AuditEvent {
        purpose: Some("loan".to_owned()),
        profile: Some(AuditProfile {
            name: "bank-a/loan".to_owned(),
            version: 7,
            digest: Sha256([3; 32]),
        }),
        latency_micros: Some(250),
        operator: Some("clerk 7".to_owned()),
        matter_code: Some("2026-1".to_owned()),
        ..AuditEvent::new(
            Timestamp::UNIX_EPOCH,
            "bank-a",
            AuditAction::DocumentVerified,
            &"ab".repeat(32),
            "TOTAL-PASSED",
        )
    }
}

/// Commitments, canonical JSON and digest.
#[divan::bench]
fn chained_in_memory(bencher: Bencher<'_, '_>) {
    let event = event();
    let mut tip = ChainTip::begin(SegmentId::from_random([1; 16]));
    bencher.bench_local(|| tip.append(&event, [7; 32]));
}

struct Database {
    runtime: Runtime,
    store: Store,
    _folder: TempDir,
}

fn database() -> Database {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::from_file(&folder.path().join("bench.db"), Missing::Create);
    let store = runtime.block_on(async {
        let store = Store::open(&config.unwrap()).await.unwrap();
        store.migrate().await.unwrap();
        store
    });
    Database {
        runtime,
        store,
        _folder: folder,
    }
}

/// A transaction of its own.
#[divan::bench(sample_count = 200)]
fn written_alone(bencher: Bencher<'_, '_>) {
    let database = database();
    let event = event();
    bencher.bench_local(|| {
        let append = async { database.store.audit().append(&event).await };
        database.runtime.block_on(append).unwrap();
    });
}

/// In the transaction that keeps the receipt, as every verification does.
#[divan::bench(sample_count = 200)]
fn written_with_a_receipt(bencher: Bencher<'_, '_>) {
    let database = database();
    let event = event();
    let facts = json!({"indication": "TOTAL-PASSED"});
    let mut number = 0_u128;
    bencher.bench_local(|| {
        number += 1;
        let id = ReceiptId::from_random(number.to_be_bytes());
        let claims = ReceiptClaims::new(ReceiptKind::Verify, id, "https://a.example", "bank-a", 1);
        let insert = async {
            let receipts = database.store.receipts();
            receipts.insert(&claims, "a.b.c", &facts, &event).await
        };
        database.runtime.block_on(insert).unwrap();
    });
}
