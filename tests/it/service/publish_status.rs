use std::collections::BTreeSet;

use serde_json::json;
use yinxin::clock::Clock;
use yinxin::clock::Timestamp;
use yinxin::credential::state::ChangeReason;
use yinxin::credential::status_list::StatusList;
use yinxin::credential::status_list::StatusValue;
use yinxin::credential::status_list::error::StatusListError;
use yinxin::credential::status_list::token;
use yinxin::credential::status_list::token::Publication;
use yinxin::credential::status_list::token::StatusCheck;
use yinxin::credential::status_list::token::StatusListToken;
use yinxin::pki::certificate::Certificate;
use yinxin::service::change_status::StatusAction;
use yinxin::service::publish_status::PublishedStatusList;
use yinxin::store::credentials::IssuedCredential;
use yinxin::store::status_lists::ENTRIES;
use yinxin::store::status_lists::StatusListId;

use crate::running_city::City;
use crate::running_city::Pki;
use crate::running_city::facts;
use crate::running_city::in_a_city;
use crate::running_city::pki;

in_a_city!(
    each_change_shows_at_once_under_a_new_entity_tag,
    a_list_that_did_not_change_stays_the_same_for_half_its_time,
    a_fact_that_supersedes_shows_at_once,
    a_list_counts_under_the_issuers_ca_alone,
    a_list_signed_with_another_key_of_the_city_does_not_count,
    there_is_no_list_that_was_never_begun,
    no_two_of_five_hundred_credentials_share_an_index,
);

async fn published(city: &City, credential: &IssuedCredential) -> PublishedStatusList {
    let list = city
        .app
        .status_list(&credential.reservation.status.list)
        .await;
    list.unwrap().unwrap()
}

fn uri(city: &City, credential: &IssuedCredential) -> String {
    city.app
        .status_list_uri(&credential.reservation.status.list)
}

fn check<'a>(uri: &'a str, at: Timestamp) -> StatusCheck<'a> {
    StatusCheck {
        expected_uri: uri,
        issuer: &pki().credential.certificate,
        issuer_ca: Some(pki().city.certificate()),
        at,
    }
}

/// What the list says of the credential to somebody who checks it.
async fn value(city: &City, credential: &IssuedCredential) -> StatusValue {
    let (list, uri) = (published(city, credential).await, uri(city, credential));
    let index = u64::from(credential.reservation.status.index);
    token::parse_and_check(&list.compact, &check(&uri, city.clock.now()), index).unwrap()
}

async fn each_change_shows_at_once_under_a_new_entity_tag(city: City) {
    let credential = city.issued().await;
    let reason = ChangeReason::parse("因由").unwrap();
    let mut seen = BTreeSet::from([published(&city, &credential).await.etag]);
    assert_eq!(value(&city, &credential).await, StatusValue::Valid);
    for (action, expected) in [
        (StatusAction::Suspend, StatusValue::Suspended),
        (StatusAction::Reinstate, StatusValue::Valid),
        (StatusAction::Suspend, StatusValue::Suspended),
        (StatusAction::Revoke, StatusValue::Invalid),
    ] {
        // Not even the clock moves.
        let id = &credential.reservation.id;
        city.app
            .change_status(&city.market, id, action, &reason)
            .await
            .unwrap();
        assert_eq!(value(&city, &credential).await, expected, "{action:?}");
        let etag = published(&city, &credential).await.etag;
        assert!(
            etag.starts_with('"') && etag.ends_with('"') && etag.len() == 66,
            "{etag}"
        );
        assert!(seen.insert(etag), "{action:?}");
    }
}

async fn a_list_that_did_not_change_stays_the_same_for_half_its_time(city: City) {
    let credential = city.issued().await;
    let first = published(&city, &credential).await;
    city.wait(29);
    let same = published(&city, &credential).await;
    assert_eq!((&same.etag, &same.compact), (&first.etag, &first.compact));
    city.wait(1);
    let renewed = published(&city, &credential).await;
    assert_ne!(renewed.etag, first.etag);
    let token = StatusListToken::parse(&renewed.compact).unwrap();
    assert_eq!(token.uri(), uri(&city, &credential));
    assert_eq!(token.issued_at(), city.clock.now());
    assert_eq!(
        token.expires_at(),
        city.clock.now().plus(std::time::Duration::from_secs(3600))
    );
    assert_eq!(token.ttl_seconds(), Some(60));
}

async fn a_fact_that_supersedes_shows_at_once(city: City) {
    let credential = city.issued().await;
    assert_eq!(value(&city, &credential).await, StatusValue::Valid);
    let facts = facts(1, json!({"name": "改名公司"}));
    city.app
        .record_facts(&city.market, &credential.reservation.uscc, facts, None)
        .await
        .unwrap();
    assert_eq!(value(&city, &credential).await, StatusValue::Invalid);
    // The next one begins valid, in the same list at another place.
    let next = city.issue(&credential.reservation.uscc).await;
    assert_eq!(value(&city, &next).await, StatusValue::Valid);
    assert_eq!(value(&city, &credential).await, StatusValue::Invalid);
}

async fn a_list_counts_under_the_issuers_ca_alone(city: City) {
    let credential = city.issued().await;
    let (list, uri) = (published(&city, &credential).await, uri(&city, &credential));
    let token = StatusListToken::parse(&list.compact).unwrap();
    let now = city.clock.now();
    let refused = |ca: Option<&Certificate>| {
        let check = StatusCheck {
            issuer_ca: ca,
            ..check(&uri, now)
        };
        token.check(&check)
    };
    assert!(refused(Some(pki().city.certificate())).is_ok());
    for ca in [
        None,
        Some(pki().alpha.certificate()),
        Some(pki().unknown.certificate()),
    ] {
        assert!(matches!(refused(ca), Err(StatusListError::Signer { .. })));
    }
    let other = format!("{uri}x");
    assert!(matches!(
        token.check(&check(&other, now)),
        Err(StatusListError::Subject { .. })
    ));
    let late = now.plus(std::time::Duration::from_secs(3600));
    assert!(matches!(
        token.check(&check(&uri, late)),
        Err(StatusListError::Expired { .. })
    ));
    let early = now.minus(std::time::Duration::from_secs(3600));
    assert!(matches!(
        token.check(&check(&uri, early)),
        Err(StatusListError::NotYetValid { .. })
    ));
}

async fn a_list_signed_with_another_key_of_the_city_does_not_count(city: City) {
    let credential = city.issued().await;
    let (uri, now) = (uri(&city, &credential), city.clock.now());
    let publication = Publication {
        uri: &uri,
        issued_at: now,
        expires_at: now.plus(std::time::Duration::from_secs(60)),
        ttl_seconds: 60,
    };
    let list = StatusList::new(u64::from(ENTRIES)).unwrap();
    let signed = |holder: &crate::running_city::Holder, carried: &Certificate| {
        let carried = std::slice::from_ref(carried);
        let compact = token::encode(&list, publication, &holder.key(), carried).unwrap();
        token::parse_and_check(&compact, &check(&uri, now), 0)
    };
    let Pki {
        receipt,
        status_list,
        credential: issuer,
        ..
    } = pki();
    assert!(signed(status_list, &status_list.certificate).is_ok());
    // The receipt key says that this is a receipt, whichever certificate it shows.
    for certificate in [&receipt.certificate, &status_list.certificate] {
        assert!(matches!(
            signed(receipt, certificate),
            Err(StatusListError::Type { .. })
        ));
    }
    // The right type under the certificate of another key.
    for certificate in [&receipt.certificate, &issuer.certificate] {
        assert!(signed(status_list, certificate).is_err());
    }
}

async fn there_is_no_list_that_was_never_begun(city: City) {
    for name in ["1", "AAAA", &"a".repeat(64)] {
        let id = StatusListId::parse(name).unwrap();
        assert!(city.app.status_list(&id).await.unwrap().is_none());
    }
}

async fn no_two_of_five_hundred_credentials_share_an_index(city: City) {
    let company = city.company(1).await;
    let (mut slots, mut near) = (BTreeSet::new(), 0);
    let mut last: Option<u32> = None;
    for _ in 0..500 {
        let slot = city.issue(&company).await.reservation.status;
        assert!(slot.index < ENTRIES);
        near += usize::from(last.is_some_and(|last| slot.index.abs_diff(last) <= 100));
        last = Some(slot.index);
        assert!(slots.insert(slot));
    }
    assert!(
        near < 10,
        "neighbours tell nothing of each other: {near} were near"
    );
    let lists: BTreeSet<_> = slots.iter().map(|slot| slot.list.clone()).collect();
    assert_eq!(lists.len(), 1);
    let list = lists.first().unwrap();
    let values = city
        .store
        .status_lists()
        .contents(list)
        .await
        .unwrap()
        .unwrap()
        .values;
    assert_eq!(values.len(), 499, "all but the last are superseded");
}
