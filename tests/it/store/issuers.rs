use yinxin::crypto::digest::sha256;
use yinxin::evidence::audit::AuditAction;
use yinxin::registry::department::DepartmentId;
use yinxin::registry::issuer::IssuerEntry;
use yinxin::registry::issuer::IssuerIdentity;
use yinxin::store::Store;
use yinxin::validation::trust_store::CaId;

use crate::store::at;
use crate::store::event;
use crate::store::on_both_engines;
use crate::store::uscc;

on_both_engines!(lines_of_both_kinds_come_back);

async fn lines_of_both_kinds_come_back(store: Store) {
    let issuers = store.issuers();
    assert_eq!(issuers.list().await.unwrap(), []);
    let by_key = IssuerEntry {
        id: "b-own-key".to_owned(),
        department: DepartmentId::MARKET_REGULATION,
        identity: IssuerIdentity::Spki(sha256(b"key")),
        iss: Some("https://issuer.example.org".to_owned()),
        vct: "https://example.org/vct/business-registration/v1".to_owned(),
        regions: vec!["441900".to_owned(), "440300".to_owned()],
        valid_from: at(0),
        valid_until: None,
    };
    let by_subject = IssuerEntry {
        id: "a-any-key".to_owned(),
        identity: IssuerIdentity::CaAndSubject {
            ca: CaId::parse("demo-city").unwrap(),
            uscc: uscc(1),
        },
        iss: None,
        regions: Vec::new(),
        valid_until: Some(at(99)),
        ..by_key.clone()
    };
    let changed = event(at(1), AuditAction::IssuerChanged, "b-own-key");
    issuers.upsert(&by_key, &changed).await.unwrap();
    issuers.upsert(&by_subject, &changed).await.unwrap();
    assert_eq!(
        issuers.list().await.unwrap(),
        [by_subject.clone(), by_key.clone()]
    );
    // The kind of identity may change too.
    let exchanged = IssuerEntry {
        id: by_subject.id.clone(),
        ..by_key.clone()
    };
    issuers.upsert(&exchanged, &changed).await.unwrap();
    assert_eq!(issuers.list().await.unwrap(), [exchanged, by_key]);
    assert_eq!(store.audit().list(0, 10).await.unwrap().len(), 3);
}
