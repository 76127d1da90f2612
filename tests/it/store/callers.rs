use yinxin::evidence::audit::AuditAction;
use yinxin::registry::department::DepartmentId;
use yinxin::registry::relying_party::ApiKeyRecord;
use yinxin::registry::relying_party::RelyingParty;
use yinxin::registry::relying_party::RelyingPartyKind;
use yinxin::registry::relying_party::Scope;
use yinxin::registry::text::Text;
use yinxin::store::Store;
use yinxin::store::error::StoreError;

use crate::store::at;
use crate::store::event;
use crate::store::on_both_engines;
use crate::store::party;

on_both_engines!(
    relying_parties_come_back,
    a_key_is_found_by_its_prefix,
    a_key_is_revoked_once,
    a_key_without_owner_is_refused,
    the_last_use_is_known_to_the_minute,
);

fn department(name: &str) -> RelyingParty {
    RelyingParty::new(
        party("customs"),
        RelyingPartyKind::Department,
        Text::parse(name).unwrap(),
        Text::parse("海关").unwrap(),
        Some(DepartmentId::parse("customs").unwrap()),
    )
    .unwrap()
}

fn bank() -> RelyingParty {
    let name = |text| Text::parse(text).unwrap();
    RelyingParty::new(
        party("bank-a"),
        RelyingPartyKind::Bank,
        name("Bank A"),
        name("甲银行"),
        None,
    )
    .unwrap()
}

fn key(prefix: &str) -> ApiKeyRecord {
    ApiKeyRecord {
        prefix: prefix.to_owned(),
        tag: std::array::from_fn(|index| u8::try_from(index).unwrap()),
        caller: party("customs"),
        scopes: [Scope::Verify, Scope::Issue].into(),
        created_at: at(0),
        expires_at: Some(at(1000)),
        revoked_at: None,
        last_used_at: None,
    }
}

async fn with_customs(store: &Store) {
    let changed = event(at(0), AuditAction::CallerChanged, "customs");
    store
        .callers()
        .upsert_relying_party(&department("Customs"), &changed)
        .await
        .unwrap();
}

async fn relying_parties_come_back(store: Store) {
    let callers = store.callers();
    with_customs(&store).await;
    let changed = event(at(1), AuditAction::CallerChanged, "bank-a");
    callers
        .upsert_relying_party(&bank(), &changed)
        .await
        .unwrap();
    assert_eq!(
        callers.list().await.unwrap(),
        [bank(), department("Customs")]
    );
    assert_eq!(callers.load(&party("bank-a")).await.unwrap(), Some(bank()));
    assert_eq!(callers.load(&party("bank-b")).await.unwrap(), None);
    let renamed = department("General Administration of Customs");
    callers
        .upsert_relying_party(&renamed, &changed)
        .await
        .unwrap();
    assert_eq!(callers.list().await.unwrap(), [bank(), renamed]);
    let told = store.audit().list(0, 10).await.unwrap();
    assert_eq!(told.len(), 3);
    assert!(
        told.iter()
            .all(|told| told.event.action == AuditAction::CallerChanged)
    );
}

async fn a_key_is_found_by_its_prefix(store: Store) {
    with_customs(&store).await;
    let created = event(at(0), AuditAction::ApiKeyCreated, "abcd2345");
    let (first, second) = (
        key("abcd2345"),
        ApiKeyRecord {
            expires_at: None,
            ..key("bcde3456")
        },
    );
    assert!(store.callers().add_key(&first, &created).await.unwrap());
    assert!(store.callers().add_key(&second, &created).await.unwrap());
    let found = store.callers().find_by_prefix("abcd2345").await.unwrap();
    assert_eq!(found, Some((first.clone(), department("Customs"))));
    assert_eq!(
        store.callers().find_by_prefix("aaaa2222").await.unwrap(),
        None
    );
    assert_eq!(
        store.callers().keys_of(&party("customs")).await.unwrap(),
        [first.clone(), second]
    );
    let audited = store.audit().list(0, 10).await.unwrap().len();
    assert!(
        !store.callers().add_key(&first, &created).await.unwrap(),
        "the prefix is taken"
    );
    assert_eq!(store.audit().list(0, 10).await.unwrap().len(), audited);
}

async fn a_key_is_revoked_once(store: Store) {
    with_customs(&store).await;
    let callers = store.callers();
    let created = event(at(0), AuditAction::ApiKeyCreated, "abcd2345");
    callers.add_key(&key("abcd2345"), &created).await.unwrap();
    let revoked = event(at(5), AuditAction::ApiKeyRevoked, "abcd2345");
    assert!(callers.revoke_key("abcd2345", &revoked).await.unwrap());
    let later = event(at(9), AuditAction::ApiKeyRevoked, "abcd2345");
    assert!(!callers.revoke_key("abcd2345", &later).await.unwrap());
    assert!(!callers.revoke_key("aaaa2222", &later).await.unwrap());
    let (found, _) = callers.find_by_prefix("abcd2345").await.unwrap().unwrap();
    assert_eq!(found.revoked_at, Some(at(5)), "the earlier time stays");
    let actions: Vec<_> = store.audit().list(0, 10).await.unwrap();
    let revocations = actions
        .iter()
        .filter(|told| told.event.action == AuditAction::ApiKeyRevoked);
    assert_eq!(revocations.count(), 1);
}

async fn a_key_without_owner_is_refused(store: Store) {
    let created = event(at(0), AuditAction::ApiKeyCreated, "abcd2345");
    let refused = store.callers().add_key(&key("abcd2345"), &created).await;
    assert!(
        matches!(refused, Err(StoreError::Refused(_))),
        "{refused:?}"
    );
    assert!(store.audit().list(0, 10).await.unwrap().is_empty());
}

async fn the_last_use_is_known_to_the_minute(store: Store) {
    with_customs(&store).await;
    let callers = store.callers();
    let created = event(at(0), AuditAction::ApiKeyCreated, "abcd2345");
    callers.add_key(&key("abcd2345"), &created).await.unwrap();
    for (used, known) in [(100, 100), (159, 100), (160, 160), (150, 160)] {
        let (found, _) = callers.find_by_prefix("abcd2345").await.unwrap().unwrap();
        callers.touch(&found, at(used)).await.unwrap();
        let (found, _) = callers.find_by_prefix("abcd2345").await.unwrap().unwrap();
        assert_eq!(found.last_used_at, Some(at(known)), "used at {used}");
    }
}
