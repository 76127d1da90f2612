use std::collections::BTreeSet;

use yinxin::registry::relying_party::RelyingPartyId;
use yinxin::registry::relying_party::Scope;
use yinxin::service::authenticate::AuthenticateError;
use yinxin::service::manage::ManageError;

use crate::running_city::City;
use crate::running_city::NOW;
use crate::running_city::in_a_city;
use crate::running_city::time;

in_a_city!(
    a_key_gives_its_owner_and_its_scopes,
    no_other_key_lets_anybody_in_or_tells_why,
    a_key_lets_in_until_it_expires,
    a_revoked_key_lets_nobody_in,
    callers_and_keys_are_named_once_and_must_exist,
    a_rotated_key_is_accepted_until_its_grace_ends,
);

fn scopes(scopes: &[Scope]) -> BTreeSet<Scope> {
    scopes.iter().copied().collect()
}

async fn key(city: &City, expires_at: Option<yinxin::clock::Timestamp>) -> String {
    let owner = &city.bank_a.party.id;
    let key = city
        .app
        .add_key(owner, scopes(&[Scope::Verify]), expires_at)
        .await;
    key.unwrap().expose().clone()
}

async fn is_refused(city: &City, key: &str) -> bool {
    let refused = city.app.authenticate(key).await;
    matches!(refused, Err(AuthenticateError::InvalidKey))
}

async fn a_key_gives_its_owner_and_its_scopes(city: City) {
    let (first, second) = (key(&city, None).await, key(&city, None).await);
    assert_ne!(first, second);
    for key in [&first, &second] {
        let caller = city.app.authenticate(key).await.unwrap();
        assert_eq!(
            (&caller.party, &caller.scopes),
            (&city.bank_a.party, &scopes(&[Scope::Verify]))
        );
        assert!(!caller.is_public());
    }
    let public = city.app.public_caller();
    assert_eq!(
        (public.is_public(), public.scopes),
        (true, scopes(&[Scope::Confirm, Scope::Verify]))
    );
    let known = city.app.callers().await.unwrap();
    let (_, keys) = known
        .iter()
        .find(|(party, _)| *party == city.bank_a.party)
        .unwrap();
    let used: Vec<_> = keys.iter().map(|key| key.last_used_at).collect();
    assert_eq!(used, [Some(*NOW), Some(*NOW)]);
    // What is kept is no key.
    let kept = format!("{known:?}");
    assert!(!kept.contains(&first) && !kept.contains(first.rsplit('_').next().unwrap()));
}

async fn no_other_key_lets_anybody_in_or_tells_why(city: City) {
    let good = key(&city, None).await;
    let other = key(&city, None).await;
    let (mark, secret) = good.split_at(12);
    let last = if good.ends_with('A') { "B" } else { "A" };
    let tries = [
        format!("{}{last}", good.strip_suffix(|_: char| true).unwrap()),
        format!("{mark}{}", other.split_at(12).1),
        format!("yx_aaaaaaaa_{secret}"),
        String::new(),
        "yx_".to_owned(),
        mark.to_owned(),
        format!("{good}A"),
        format!(" {good}"),
        format!("{good}\n"),
        format!("Bearer {good}"),
        good.to_uppercase(),
        good.replacen("yx_", "xy_", 1),
        good.replace('_', "-"),
        "印".repeat(55),
        format!("yx_' OR 1--_{secret}"),
        "a".repeat(1_000_000),
    ];
    let mut told = BTreeSet::new();
    for key in tries {
        let refused = city.app.authenticate(&key).await.unwrap_err();
        assert!(matches!(refused, AuthenticateError::InvalidKey), "{key}");
        told.insert(refused.to_string());
    }
    assert_eq!(told.len(), 1, "every refusal looks alike");
    assert!(city.app.authenticate(&good).await.is_ok());
}

async fn a_key_lets_in_until_it_expires(city: City) {
    let key = key(&city, Some(time("2026-06-01T00:01:00Z"))).await;
    city.wait(59);
    assert!(!is_refused(&city, &key).await);
    city.wait(1);
    assert!(is_refused(&city, &key).await);
}

async fn a_revoked_key_lets_nobody_in(city: City) {
    let (revoked, other) = (key(&city, None).await, key(&city, None).await);
    let (_, prefix) = revoked.split_at(3);
    let (prefix, _) = prefix.split_at(8);
    city.app.revoke_key(prefix).await.unwrap();
    assert!(is_refused(&city, &revoked).await);
    assert!(!is_refused(&city, &other).await);
    // Not even by a clock that went back before it was revoked.
    city.clock.set(time("2026-05-01T00:00:00Z"));
    assert!(is_refused(&city, &revoked).await);
    let again = city.app.revoke_key(prefix).await;
    assert!(
        matches!(again, Err(ManageError::UnknownKey(_))),
        "{again:?}"
    );
}

async fn callers_and_keys_are_named_once_and_must_exist(city: City) {
    let twice = city.app.add_caller(&city.bank_a.party).await;
    assert!(matches!(twice, Err(ManageError::CallerExists(id)) if id == city.bank_a.party.id));
    let nobody = RelyingPartyId::parse("bank-z").unwrap();
    let refused = city
        .app
        .add_key(&nobody, scopes(&[Scope::Verify]), None)
        .await;
    assert!(matches!(refused, Err(ManageError::UnknownCaller(id)) if id == nobody));
    assert!(matches!(
        city.app.revoke_key("aaaaaaaa").await,
        Err(ManageError::UnknownKey(_))
    ));
}

async fn a_rotated_key_is_accepted_until_its_grace_ends(city: City) {
    let prefix = |key: &str| key.split('_').nth(1).unwrap().to_owned();
    let grace = std::time::Duration::from_secs(60);
    // Made for two minutes: so is the one in its place.
    let old = key(&city, Some(time("2026-06-01T00:02:00Z"))).await;
    city.wait(30);
    let new = city.app.rotate_key(&prefix(&old), grace).await.unwrap();
    let new = new.expose();
    let caller = city.app.authenticate(new).await.unwrap();
    assert_eq!(caller.scopes, scopes(&[Scope::Verify]));
    city.wait(59);
    assert!(!is_refused(&city, &old).await && !is_refused(&city, new).await);
    city.wait(1);
    assert!(is_refused(&city, &old).await && !is_refused(&city, new).await);
    city.wait(60);
    assert!(is_refused(&city, new).await);
    for ended in [&old, new] {
        let again = city.app.rotate_key(&prefix(ended), grace).await;
        assert!(matches!(again, Err(ManageError::UnknownKey(_))));
    }
    let (forever, own_end) = (key(&city, None).await, time("2026-06-01T00:02:45Z"));
    let soon = key(&city, Some(own_end)).await;
    for (key, end) in [(&forever, city.app.now().plus(grace)), (&soon, own_end)] {
        city.app.rotate_key(&prefix(key), grace).await.unwrap();
        let (callers, old) = (city.store.callers(), prefix(key));
        let (record, ..) = callers.find_by_prefix(&old).await.unwrap().unwrap();
        assert_eq!(record.expires_at, Some(end));
    }
}
