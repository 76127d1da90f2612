//! What changes callers, their keys or the issuer register shows in the next glance; nothing else does.

use yinxin::evidence::audit::AuditAction;
use yinxin::identifier::opaque_id::CredentialId;
use yinxin::registry::caller_terms::CallerTerms;
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
    changes_of_the_registers_are_counted,
    a_glance_at_nothing_finds_nothing,
    a_closed_store_tells_nothing_and_keeps_nothing,
);

async fn changes_of_the_registers_are_counted(store: Store) {
    let callers = store.callers();
    let changed = event(at(0), AuditAction::CallerChanged, "bank-a");
    let name = || Text::parse("A").unwrap();
    let bank = RelyingParty::new(
        party("bank-a"),
        RelyingPartyKind::Bank,
        name(),
        name(),
        None,
    )
    .unwrap();
    let key = ApiKeyRecord {
        prefix: "abcd2345".to_owned(),
        tag: [1; 32],
        caller: bank.id.clone(),
        scopes: [Scope::Verify].into(),
        created_at: at(0),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    };
    let mut last = store.glance(None).await.unwrap().registers;
    let mut counted = async |what: &str, counts: bool| {
        let version = store.glance(None).await.unwrap().registers;
        assert_eq!(version > last, counts, "{what}");
        last = version;
    };
    callers.upsert_relying_party(&bank, &changed).await.unwrap();
    counted("a caller is added", true).await;
    callers.upsert_relying_party(&bank, &changed).await.unwrap();
    counted("a caller is changed", true).await;
    let terms = CallerTerms::default();
    callers.set_terms(&bank.id, &terms, &changed).await.unwrap();
    counted("terms are set", true).await;
    assert!(callers.add_key(&key, &changed).await.unwrap());
    counted("a key is added", true).await;
    callers.touch(&key, at(5)).await.unwrap();
    counted("a key is used", false).await;
    store.audit().append(&changed).await.unwrap();
    counted("something is told", false).await;
    assert!(callers.revoke_key(&key.prefix, &changed).await.unwrap());
    counted("a key is revoked", true).await;
}

async fn a_glance_at_nothing_finds_nothing(store: Store) {
    let id = CredentialId::from_random([9; 16]);
    let glance = store.glance(Some(id)).await.unwrap();
    assert_eq!((glance.recognition, glance.credential), (0, None));
}

async fn a_closed_store_tells_nothing_and_keeps_nothing(store: Store) {
    store.close().await;
    let told = store.glance(None).await;
    assert!(matches!(told, Err(StoreError::Unavailable)), "{told:?}");
    let looked = event(at(0), AuditAction::CompanyConfirmed, "u");
    let kept = store.audit().append(&looked).await;
    assert!(matches!(kept, Err(StoreError::Unavailable)), "{kept:?}");
}
