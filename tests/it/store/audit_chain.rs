//! What is done to the database behind the service's back shows in an examination of the audit trail.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use sqlx::AnyConnection;
use sqlx::AssertSqlSafe;
use sqlx::Connection;
use sqlx::Executor;
use sqlx::Row;
use yinxin::clock::Timestamp;
use yinxin::crypto::digest::Sha256;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::sign::SigningKey;
use yinxin::evidence::audit::AuditAction;
use yinxin::evidence::audit::AuditEvent;
use yinxin::evidence::audit::AuditProfile;
use yinxin::evidence::audit::chain::ChainTip;
use yinxin::evidence::audit::examine::Fault;
use yinxin::evidence::audit::examine::Outcome;
use yinxin::evidence::audit::head::SignedHead;
use yinxin::identifier::opaque_id::SegmentId;
use yinxin::store::Store;
use yinxin::store::audit::Selection;
use yinxin::store::audit::erase::Erasure;

use crate::store::at;
use crate::store::on_both_engines;
use crate::store::uscc;

on_both_engines!(
    everything_of_an_event_comes_back,
    writers_at_once_make_sound_chains,
    personal_fields_are_erased_and_the_chain_holds,
    selections_follow_on_each_other,
    a_transaction_that_tells_nothing_begins_no_chain,
    events_go_when_their_time_is_over_and_the_chain_holds,
);

fn event(number: i64) -> AuditEvent {
    AuditEvent {
        subject: Some(uscc(1)),
        purpose: Some("loan".to_owned()),
        profile: Some(AuditProfile {
            name: "bank-a/loan".to_owned(),
            version: 7,
            digest: Sha256([3; 32]),
        }),
        latency_micros: Some(250),
        operator: Some(format!("窗口 {number}")),
        matter_code: Some("2026-1".to_owned()),
        ..AuditEvent::new(
            at(number),
            "bank-a",
            AuditAction::DocumentVerified,
            "ab12",
            "TOTAL-PASSED",
        )
    }
}

fn key() -> SigningKey {
    SigningKey::generate(KeyPurpose::Receipt).unwrap().0
}

async fn append(store: &Store, numbers: std::ops::Range<i64>) {
    for number in numbers {
        store.audit().append(&event(number)).await.unwrap();
    }
}

async fn sign(store: &Store, key: &SigningKey) -> SignedHead {
    sign_at(store, key, 0).await
}

async fn sign_at(store: &Store, key: &SigningKey, time: i64) -> SignedHead {
    let tips = store.audit().grown();
    let sign = |previous| SignedHead::sign("https://a.example", 1, previous, &tips, key);
    store
        .audit()
        .keep_head(at(time), &tips, sign)
        .await
        .unwrap()
}

async fn examine(store: &Store, key: &SigningKey, anchors: &[SignedHead]) -> Outcome {
    let keys = [key.public_key().clone()];
    let seen = AtomicU64::new(0);
    let progress = |events: u64, total: u64| {
        assert!(events <= total);
        seen.store(events, Ordering::Relaxed);
    };
    let examination = store.audit().examine(&keys, anchors, &progress).await;
    let outcome = examination.unwrap().finish();
    assert_eq!(seen.load(Ordering::Relaxed), outcome.events);
    outcome
}

async fn everything_of_an_event_comes_back(store: Store) {
    append(&store, 0..2).await;
    let all = store.audit().list(0, 10).await.unwrap();
    assert_eq!(all[0].event, event(0));
    let links: Vec<_> = all.iter().map(|one| one.link.clone().unwrap()).collect();
    assert_eq!(links[0].segment, links[1].segment);
    assert_eq!((links[0].index, links[1].index), (0, 1));
    let mut tip = ChainTip::begin(links[0].segment.clone());
    assert_eq!(tip.append(&event(0), links[0].salt.unwrap()), links[0]);
    assert_eq!(tip.append(&event(1), links[1].salt.unwrap()), links[1]);
    assert_eq!(store.audit().grown(), [tip]);
    let about = store.audit().about(&uscc(1), i64::MAX, 1).await.unwrap();
    assert_eq!(about, all[1..]);
    let before = store.audit().about(&uscc(1), all[1].sequence, 10).await;
    assert_eq!(before.unwrap(), all[..1]);
}

async fn writers_at_once_make_sound_chains(store: Store) {
    let key = key();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..16 {
        let store = store.clone();
        writers.spawn(async move { append(&store, writer * 10..writer * 10 + 10).await });
    }
    while let Some(written) = writers.join_next().await {
        written.unwrap();
    }
    let head = sign(&store, &key).await;
    assert!(store.audit().grown().is_empty());
    let outcome = examine(&store, &key, &[head]).await;
    assert_eq!(outcome.findings, []);
    assert_eq!((outcome.events, outcome.unsigned), (160, 0));
    assert!(outcome.segments <= 8, "{outcome:?}");
    assert!(store.audit().unsigned().await.unwrap().is_empty());
    append(&store, 0..1).await;
    let unsigned = store.audit().unsigned().await.unwrap();
    assert_eq!(unsigned, store.audit().grown());
}

async fn personal_fields_are_erased_and_the_chain_holds(store: Store) {
    let key = key();
    append(&store, 0..6).await;
    sign(&store, &key).await;
    let audit = store.audit();
    let before = Erasure::Before(at(2));
    assert_eq!(audit.erase(&before, at(9), "system").await.unwrap(), 2);
    assert_eq!(audit.erase(&before, at(9), "system").await.unwrap(), 0);
    let operator = Erasure::Operator("窗口 4".to_owned());
    assert_eq!(audit.erase(&operator, at(9), "console").await.unwrap(), 1);
    let all = audit.list(0, 100).await.unwrap();
    let kept: Vec<_> = all.iter().map(|one| one.event.operator.clone()).collect();
    let kept: Vec<_> = kept.iter().map(Option::as_deref).collect();
    let expected = [
        None,
        None,
        Some("窗口 2"),
        Some("窗口 3"),
        None,
        Some("窗口 5"),
    ];
    assert_eq!(kept[..6], expected);
    assert_eq!(all[0].event.matter_code, None);
    assert_eq!(all[0].link.as_ref().unwrap().salt, None);
    let told: Vec<_> = all[6..].iter().map(|one| &one.event).collect();
    assert_eq!(told[0].action, AuditAction::AuditErased);
    assert_eq!(told[0].outcome, "2 events");
    assert_eq!(told[1].object, "one operator");
    assert_eq!(told.len(), 2);
    let outcome = examine(&store, &key, &[]).await;
    assert_eq!(outcome.findings, []);
    assert_eq!(outcome.erased, 3);
}

async fn events_go_when_their_time_is_over_and_the_chain_holds(store: Store) {
    let key = key();
    let audit = store.audit();
    for round in 0..4 {
        append(&store, round * 5..round * 5 + 5).await;
        sign_at(&store, &key, round * 10).await;
    }
    append(&store, 20..22).await;
    sign_at(&store, &key, 40).await;
    assert_eq!(audit.remove_before(at(0), at(99_999)).await.unwrap(), 0);
    assert_eq!(audit.remove_before(at(20), at(99_999)).await.unwrap(), 10);
    assert_eq!(audit.remove_before(at(20), at(99_999)).await.unwrap(), 0);
    let left = audit.list(0, 100).await.unwrap();
    assert_eq!(left.len(), 13);
    assert_eq!(left[0].event, event(10));
    assert_eq!(left[12].event, AuditEvent::removal(at(99_999), 2));
    let outcome = examine(&store, &key, &[]).await;
    let removed_up_to = outcome.removed_up_to.map(|removed| removed.head);
    assert_eq!((outcome.findings, removed_up_to), (vec![], Some(2)));

    // Said, and cut off before anything went: the next time makes up for it.
    let said = AuditEvent::removal(at(99_999), 3);
    audit.append(&said).await.unwrap();
    assert_eq!(examine(&store, &key, &[]).await.findings, []);
    assert_eq!(audit.remove_before(at(30), at(99_999)).await.unwrap(), 5);
    sign(&store, &key).await;
    let outcome = examine(&store, &key, &[]).await;
    assert_eq!((outcome.findings, outcome.unsigned), (vec![], 0));
    let removed_up_to = outcome.removed_up_to.map(|removed| removed.head);
    assert_eq!((outcome.events, removed_up_to), (10, Some(3)));
}

async fn selections_follow_on_each_other(store: Store) {
    append(&store, 0..7).await;
    let other = AuditEvent::new(at(3), "system", AuditAction::ServiceStarted, "x", "done");
    store.audit().append(&other).await.unwrap();
    let selection = Selection {
        from: at(1),
        until: at(6),
        actor: Some("bank-a".to_owned()),
    };
    let (mut after, mut pages) = (0, Vec::new());
    loop {
        let page = store.audit().select(&selection, after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.sequence;
        pages.push(page.iter().map(|one| one.event.at).collect::<Vec<_>>());
    }
    assert_eq!(pages, [vec![at(1), at(2)], vec![at(3), at(4)], vec![at(5)]]);
    let within = Selection {
        actor: None,
        ..selection
    };
    assert_eq!(
        store.audit().select(&within, 0, 100).await.unwrap().len(),
        6
    );
    assert_eq!(
        store
            .audit()
            .select(&Selection::ALL, 0, 100)
            .await
            .unwrap()
            .len(),
        8
    );
}

/// A database whose rows can be changed: as whoever administers it can.
struct Tampered {
    url: String,
    store: Store,
    key: SigningKey,
    heads: Vec<SignedHead>,
    _folder: tempfile::TempDir,
}

impl Tampered {
    /// Thirty events and three heads, on each engine.
    async fn each() -> Vec<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut urls = vec![crate::store::sqlite_url(folder.path()).await];
        urls.extend(crate::postgres::database().await);
        let mut all = Vec::new();
        let mut folder = Some(folder);
        for url in urls {
            let store = crate::store::open(&url).await;
            let key = key();
            let mut heads = Vec::new();
            for round in 0..3 {
                append(&store, round * 10..round * 10 + 10).await;
                heads.push(sign(&store, &key).await);
            }
            let tampered = Self {
                url,
                store,
                key,
                heads,
                _folder: folder
                    .take()
                    .unwrap_or_else(|| tempfile::tempdir().unwrap()),
            };
            assert_eq!(tampered.examine().await.findings, []);
            for table in ["audit_event", "audit_head"] {
                tampered.unlock(table).await;
            }
            all.push(tampered);
        }
        all
    }

    async fn unlock(&self, table: &str) {
        for trigger in ["is_not_changed", "is_not_removed"] {
            let on = if self.url.starts_with("sqlite") {
                String::new()
            } else {
                format!(" ON {table}")
            };
            self.run(&format!("DROP TRIGGER {table}_{trigger}{on}"))
                .await;
        }
    }

    async fn run(&self, statement: &str) {
        let mut connection = AnyConnection::connect(&self.url).await.unwrap();
        connection
            .execute(AssertSqlSafe(statement.to_owned()))
            .await
            .unwrap();
    }

    async fn examine(&self) -> Outcome {
        examine(&self.store, &self.key, &self.heads).await
    }

    async fn without_anchor(&self) -> Outcome {
        examine(&self.store, &self.key, &[]).await
    }

    /// The first thing that is wrong, by the place of its event.
    async fn first(&self) -> (Option<usize>, Fault) {
        let finding = self.without_anchor().await.findings.remove(0);
        (
            finding
                .sequence
                .map(|sequence| usize::try_from(sequence).unwrap()),
            finding.fault,
        )
    }
}

#[tokio::test]
async fn an_altered_event_is_found() {
    for tampered in Tampered::each().await {
        tampered
            .run("UPDATE audit_event SET outcome = 'TOTAL-FAILED' WHERE sequence = 13")
            .await;
        assert_eq!(tampered.first().await, (Some(13), Fault::Altered));
        assert_eq!(tampered.without_anchor().await.faults, 1);
    }
}

#[tokio::test]
async fn an_event_removed_from_the_middle_is_found() {
    for tampered in Tampered::each().await {
        tampered
            .run("DELETE FROM audit_event WHERE sequence IN (13, 14)")
            .await;
        let removed = Fault::Removed { missing: 2 };
        assert_eq!(tampered.first().await, (Some(15), removed));
    }
}

#[tokio::test]
async fn a_cut_tail_is_found() {
    for tampered in Tampered::each().await {
        tampered
            .run("DELETE FROM audit_event WHERE sequence > 25")
            .await;
        let cut = Fault::Cut {
            missing: 5,
            head: 3,
        };
        assert_eq!(tampered.first().await, (Some(25), cut));
        // With its head the tail is gone without a trace, but for whoever kept the head.
        tampered
            .run("DELETE FROM audit_event WHERE sequence > 20")
            .await;
        tampered
            .run("DELETE FROM audit_head WHERE number = 3")
            .await;
        assert_eq!(tampered.without_anchor().await.findings, []);
        let older = Fault::OlderThanAnchor {
            anchor: 3,
            database: 2,
        };
        assert_eq!(tampered.examine().await.findings[0].fault, older);
    }
}

#[tokio::test]
async fn events_slipped_in_and_heads_taken_out_are_found() {
    for tampered in Tampered::each().await {
        let slipped = "INSERT INTO audit_event (at, actor, action, object, outcome) \
                       VALUES (1, 'bank-a', 'company.confirmed', 'x', 'done')";
        tampered.run(slipped).await;
        assert_eq!(tampered.first().await, (Some(31), Fault::Unchained));
        tampered
            .run("DELETE FROM audit_event WHERE sequence = 31")
            .await;
        tampered
            .run("DELETE FROM audit_head WHERE number = 2")
            .await;
        assert_eq!(
            tampered.first().await,
            (None, Fault::HeadsBroken { number: 2 })
        );
        tampered
            .run("UPDATE audit_head SET compact = 'a.b.c' WHERE number = 1")
            .await;
        let (_, fault) = tampered.first().await;
        assert!(
            matches!(fault, Fault::HeadRefused { number: 1, .. }),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn everything_rewritten_with_digests_that_fit_is_found_by_the_heads() {
    for tampered in Tampered::each().await {
        rewrite(&tampered).await;
        assert_eq!(
            tampered.first().await,
            (Some(10), Fault::Rewritten { head: 1 })
        );
        // With heads of a key of its own, or none, it is found as well.
        let other = key();
        let outcome = examine(&tampered.store, &other, &[]).await;
        assert!(matches!(
            outcome.findings.last().unwrap().fault,
            Fault::HeadRefused { .. }
        ));
        tampered.run("DELETE FROM audit_head").await;
        let older = Fault::OlderThanAnchor {
            anchor: 3,
            database: 0,
        };
        assert_eq!(tampered.examine().await.findings[0].fault, older);
    }
}

/// Makes another caller of all events, and a chain that fits them.
async fn rewrite(tampered: &Tampered) {
    let mut connection = AnyConnection::connect(&tampered.url).await.unwrap();
    let all = tampered.store.audit().list(0, 100).await.unwrap();
    let segment = all[0].link.as_ref().unwrap().segment.clone();
    let mut tip = ChainTip::begin(SegmentId::parse(segment.as_str()).unwrap());
    for recorded in all {
        let changed = AuditEvent {
            actor: "bank-b".to_owned(),
            ..recorded.event
        };
        let link = tip.append(&changed, recorded.link.unwrap().salt.unwrap());
        sqlx::query("UPDATE audit_event SET actor = $1, hash = $2 WHERE sequence = $3")
            .bind("bank-b")
            .bind(link.hash.0.as_slice())
            .bind(recorded.sequence)
            .execute(&mut connection)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn only_personal_fields_can_be_erased_and_only_with_their_salt() {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = vec![crate::store::sqlite_url(folder.path()).await];
    urls.extend(crate::postgres::database().await);
    for url in urls {
        let store = crate::store::open(&url).await;
        append(&store, 0..1).await;
        for statement in [
            "UPDATE audit_event SET operator = NULL",
            "UPDATE audit_event SET operator = 'x', matter_code = NULL, salt = NULL",
            "UPDATE audit_event SET operator = NULL, matter_code = NULL, salt = NULL, purpose = NULL",
            "UPDATE audit_event SET operator = NULL, matter_code = NULL, salt = NULL, operator_commitment = NULL",
        ] {
            crate::store::audit::refuses(&url, statement).await;
        }
        let key = key();
        sign(&store, &key).await;
        crate::store::audit::refuses(&url, "UPDATE audit_head SET compact = 'x'").await;
        crate::store::audit::refuses(&url, "DELETE FROM audit_head").await;
    }
}

#[tokio::test]
async fn events_of_the_release_before_stay_readable() {
    let folder = tempfile::tempdir().unwrap();
    let url = crate::store::sqlite_url(folder.path()).await;
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    let before = "INSERT INTO audit_event (at, actor, action, object, outcome, operator) \
                  VALUES (1, 'bank-a', 'company.confirmed', 'x', 'done', 'clerk')";
    connection.execute(before).await.unwrap();
    let store = crate::store::open(&url).await;
    append(&store, 0..3).await;
    let key = key();
    sign(&store, &key).await;
    let outcome = examine(&store, &key, &[]).await;
    assert_eq!(outcome.findings, []);
    assert_eq!((outcome.events, outcome.before_the_chain), (4, 1));
    let long_ago = Erasure::Before(Timestamp::from_micros(2).unwrap());
    let erased = store.audit().erase(&long_ago, at(9), "system").await;
    assert_eq!(erased.unwrap(), 1);
    let row = sqlx::query("SELECT count(*) FROM audit_segment")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(row.get::<i64, _>(0), 1);
}

/// A restarted process begins segments of its own, and signs what the one before left.
#[tokio::test]
async fn a_restart_begins_another_segment() {
    let folder = tempfile::tempdir().unwrap();
    let url = crate::store::sqlite_url(folder.path()).await;
    let key = key();
    for round in 0..3 {
        let store = crate::store::open(&url).await;
        append(&store, round..round + 1).await;
        store.close().await;
    }
    let store = crate::store::open(&url).await;
    let left = store.audit().unsigned().await.unwrap();
    assert_eq!(left.len(), 3);
    assert!(store.audit().grown().is_empty());
    let sign = |previous| SignedHead::sign("https://a.example", 1, previous, &left, &key);
    store.audit().keep_head(at(0), &left, sign).await.unwrap();
    let outcome = examine(&store, &key, &[]).await;
    assert_eq!(
        (outcome.segments, outcome.unsigned, outcome.faults),
        (3, 0, 0)
    );
}

async fn a_transaction_that_tells_nothing_begins_no_chain(store: Store) {
    let companies = store.companies();
    companies.append_many(&[], &[], &|_| {}).await.unwrap();
    assert_eq!(store.audit().grown(), []);
}
