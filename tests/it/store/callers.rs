use yinxin::crypto::digest::Sha256;
use yinxin::evidence::audit::AuditAction;
use yinxin::registry::caller_terms::CallerTerms;
use yinxin::registry::caller_terms::Networks;
use yinxin::registry::caller_terms::Purposes;
use yinxin::registry::client_certificate::CertificateRule;
use yinxin::registry::client_certificate::ClientCertificateRecord;
use yinxin::registry::department::DepartmentId;
use yinxin::registry::relying_party::ApiKeyRecord;
use yinxin::registry::relying_party::RelyingParty;
use yinxin::registry::relying_party::RelyingPartyKind;
use yinxin::registry::relying_party::Scope;
use yinxin::registry::text::Text;
use yinxin::store::Store;
use yinxin::store::callers::Rotated;
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
    terms_come_back_and_outlive_a_change_of_name,
    a_key_takes_the_place_of_another_at_once_or_not_at_all,
    a_certificate_rule_is_registered_once_and_removed,
    nodes_that_draw_of_a_day_at_once_share_its_quota,
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
    assert_eq!(
        found,
        Some((first.clone(), department("Customs"), CallerTerms::default()))
    );
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
    let (found, ..) = callers.find_by_prefix("abcd2345").await.unwrap().unwrap();
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
        let (found, ..) = callers.find_by_prefix("abcd2345").await.unwrap().unwrap();
        callers.touch(&found, at(used)).await.unwrap();
        let (found, ..) = callers.find_by_prefix("abcd2345").await.unwrap().unwrap();
        assert_eq!(found.last_used_at, Some(at(known)), "used at {used}");
    }
}

async fn terms_come_back_and_outlive_a_change_of_name(store: Store) {
    with_customs(&store).await;
    let callers = store.callers();
    let id = party("customs");
    assert_eq!(
        callers.terms(&id).await.unwrap(),
        Some(CallerTerms::default())
    );
    assert_eq!(callers.terms(&party("bank-b")).await.unwrap(), None);
    let terms = CallerTerms {
        purposes: Purposes::parse(["customs-declaration", "loan"]).unwrap(),
        networks: Networks::parse(["10.0.0.0/8", "2001:db8::/32"]).unwrap(),
        requests_per_minute: Some(7),
        requests_per_day: Some(u32::MAX),
    };
    let changed = event(at(1), AuditAction::CallerChanged, "customs");
    assert!(callers.set_terms(&id, &terms, &changed).await.unwrap());
    let nobody = callers.set_terms(&party("bank-b"), &terms, &changed).await;
    assert!(!nobody.unwrap());
    with_customs(&store).await;
    assert_eq!(callers.terms(&id).await.unwrap(), Some(terms.clone()));
    let created = event(at(0), AuditAction::ApiKeyCreated, "abcd2345");
    callers.add_key(&key("abcd2345"), &created).await.unwrap();
    let (.., found) = callers.find_by_prefix("abcd2345").await.unwrap().unwrap();
    assert_eq!(found, terms);
}

async fn a_key_takes_the_place_of_another_at_once_or_not_at_all(store: Store) {
    with_customs(&store).await;
    let callers = store.callers();
    let created = event(at(0), AuditAction::ApiKeyCreated, "abcd2345");
    callers.add_key(&key("abcd2345"), &created).await.unwrap();
    let new = ApiKeyRecord {
        created_at: at(10),
        ..key("bcde3456")
    };
    let events = [event(at(10), AuditAction::ApiKeyRotated, "abcd2345")];
    let rotate = async |old: &str, new: &ApiKeyRecord| {
        callers
            .rotate_key((old, at(60)), new, &events)
            .await
            .unwrap()
    };
    assert_eq!(rotate("aaaa2222", &new).await, Rotated::NotInForce);
    assert_eq!(
        rotate("abcd2345", &key("abcd2345")).await,
        Rotated::PrefixTaken
    );
    let (old, ..) = callers.find_by_prefix("abcd2345").await.unwrap().unwrap();
    assert_eq!(old.expires_at, Some(at(1000)), "nothing was done");
    assert_eq!(rotate("abcd2345", &new).await, Rotated::Done);
    let (old, ..) = callers.find_by_prefix("abcd2345").await.unwrap().unwrap();
    assert_eq!(old.expires_at, Some(at(60)));
    let (found, ..) = callers.find_by_prefix("bcde3456").await.unwrap().unwrap();
    assert_eq!(found, new);
    // What has ended is not replaced.
    let late = ApiKeyRecord {
        created_at: at(60),
        ..key("cdef4567")
    };
    assert_eq!(rotate("abcd2345", &late).await, Rotated::NotInForce);
}

async fn a_certificate_rule_is_registered_once_and_removed(store: Store) {
    with_customs(&store).await;
    let certificates = store.client_certificates();
    let record = |rule: CertificateRule| ClientCertificateRecord {
        rule,
        caller: party("customs"),
        scopes: [Scope::Verify].into(),
        created_at: at(0),
        last_used_at: None,
    };
    let added = event(at(0), AuditAction::ClientCertificateAdded, "rule");
    let pin = record(CertificateRule::Certificate(Sha256([1; 32])));
    let named = record(CertificateRule::Subject {
        authority: Sha256([2; 32]),
        subject: "CN=网关,O=甲".to_owned(),
    });
    for record in [&pin, &named] {
        assert!(certificates.add(record, &added).await.unwrap());
        assert!(!certificates.add(record, &added).await.unwrap());
        let (found, owner, terms) = certificates.find(&record.rule).await.unwrap().unwrap();
        assert_eq!((&found, &owner), (record, &department("Customs")));
        assert_eq!(terms, CallerTerms::default());
    }
    assert_eq!(certificates.of(&party("customs")).await.unwrap().len(), 2);
    certificates.touch(&pin, at(5)).await.unwrap();
    let (found, ..) = certificates.find(&pin.rule).await.unwrap().unwrap();
    assert_eq!(found.last_used_at, Some(at(5)));
    let removed = event(at(9), AuditAction::ClientCertificateRemoved, "rule");
    assert!(certificates.remove(&pin.rule, &removed).await.unwrap());
    assert!(!certificates.remove(&pin.rule, &removed).await.unwrap());
    assert_eq!(certificates.find(&pin.rule).await.unwrap(), None);
    let foreign = ClientCertificateRecord {
        caller: party("nobody"),
        ..pin
    };
    let refused = certificates.add(&foreign, &added).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))));
}

async fn nodes_that_draw_of_a_day_at_once_share_its_quota(store: Store) {
    let mut nodes = tokio::task::JoinSet::new();
    for _node in 0..8 {
        let store = store.clone();
        nodes.spawn(async move {
            let mut granted = 0;
            for _time in 0..5 {
                let days = store.caller_days();
                let drawn = days.draw(&party("bank-a"), 20_000, 7, 100).await.unwrap();
                assert!(drawn.granted <= 7 && drawn.altogether <= 100, "{drawn:?}");
                granted += drawn.granted;
            }
            granted
        });
    }
    assert_eq!(nodes.join_all().await.iter().sum::<u32>(), 100);
    let days = store.caller_days();
    let draw = async |caller, day, wanted, quota| {
        let drawn = days.draw(&party(caller), day, wanted, quota).await.unwrap();
        (drawn.granted, drawn.altogether)
    };
    assert_eq!(draw("bank-a", 20_000, 1, 100).await, (0, 100));
    assert_eq!(draw("bank-b", 20_000, 1, 100).await, (1, 1));
    // More was agreed on meanwhile, or less.
    assert_eq!(draw("bank-a", 20_000, 7, 103).await, (3, 103));
    assert_eq!(draw("bank-a", 20_000, 7, 50).await, (0, 103));
    // Another day begins anew; a clock that is behind does not bring the old one back.
    assert_eq!(draw("bank-a", 20_001, 2, 100).await, (2, 2));
    assert_eq!(draw("bank-a", 20_000, 99, 100).await, (98, 100));
    assert_eq!(draw("bank-a", 20_001, 1, 100).await, (0, 100));
    // A clock that was years ahead is not waited for.
    assert_eq!(draw("bank-a", 30_000, 100, 100).await, (100, 100));
    assert_eq!(draw("bank-a", 20_002, 1, 100).await, (1, 1));
}
