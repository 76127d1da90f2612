use sqlx::AnyConnection;
use sqlx::Connection;
use sqlx::Executor;
use yinxin::evidence::audit::AuditAction;
use yinxin::evidence::audit::AuditEvent;
use yinxin::store::Store;

use crate::store::at;
use crate::store::on_both_engines;

on_both_engines!(events_come_back_in_their_order);

async fn events_come_back_in_their_order(store: Store) {
    let full = AuditEvent {
        purpose: Some("loan".to_owned()),
        operator: Some("窗口 3".to_owned()),
        matter_code: Some("2026-1".to_owned()),
        ..AuditEvent::new(
            at(1),
            "bank-a",
            AuditAction::DocumentVerified,
            "ab12",
            "TOTAL-PASSED",
        )
    };
    let bare = AuditEvent::new(at(0), "system", AuditAction::ServiceStarted, "node", "done");
    store.audit().append(&full).await.unwrap();
    store.audit().append(&bare).await.unwrap();
    let all = store.audit().list(0, 10).await.unwrap();
    let events: Vec<&AuditEvent> = all.iter().map(|recorded| &recorded.event).collect();
    assert_eq!(
        events,
        [&full, &bare],
        "in the order of recording, not of their times"
    );
    let first = store.audit().list(0, 1).await.unwrap();
    assert_eq!(first, all[..1]);
    assert_eq!(
        store.audit().list(first[0].sequence, 10).await.unwrap(),
        all[1..]
    );
    assert!(
        store
            .audit()
            .list(all[1].sequence, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

/// Runs `statement`, which must be refused, behind the store's back.
pub(super) async fn refuses(url: &str, statement: &'static str) {
    let mut connection = AnyConnection::connect(url).await.unwrap();
    let refused = connection.execute(statement).await.unwrap_err();
    assert!(refused.to_string().contains("append-only"), "{refused}");
}

#[tokio::test]
async fn the_record_can_be_neither_changed_nor_removed() {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = vec![crate::store::sqlite_url(folder.path()).await];
    urls.extend(crate::postgres::database().await);
    for url in urls {
        let store = crate::store::open(&url).await;
        let event = AuditEvent::new(at(0), "system", AuditAction::ServiceStarted, "node", "done");
        store.audit().append(&event).await.unwrap();
        refuses(&url, "UPDATE audit_event SET actor = 'nobody'").await;
        refuses(&url, "DELETE FROM audit_event").await;
        assert_eq!(store.audit().list(0, 10).await.unwrap().len(), 1);
    }
}
