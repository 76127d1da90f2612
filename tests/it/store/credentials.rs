use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;
use yinxin::clock::Timestamp;
use yinxin::credential::state::Change;
use yinxin::credential::state::ChangeReason;
use yinxin::credential::state::CredentialState;
use yinxin::evidence::audit::AuditAction;
use yinxin::evidence::audit::AuditEvent;
use yinxin::identifier::opaque_id::CredentialId;
use yinxin::registry::company::Company;
use yinxin::registry::department::DepartmentId;
use yinxin::store::Store;
use yinxin::store::companies::AppendOutcome;
use yinxin::store::credentials::IssuedCredential;
use yinxin::store::credentials::NewCredential;
use yinxin::store::credentials::Reservation;
use yinxin::store::credentials::ReserveOutcome;
use yinxin::store::credentials::SignedCredential;
use yinxin::store::credentials::SignedOutcome;
use yinxin::store::credentials::StatusAllocation;
use yinxin::store::credentials::UnfinishedStage;
use yinxin::store::error::StoreError;
use yinxin::store::idempotency::IdempotencyClaim;
use yinxin::store::status_lists::ENTRIES;
use yinxin::store::status_lists::StatusListId;
use yinxin::store::status_lists::StatusSlot;

use crate::store::at;
use crate::store::companies::append;
use crate::store::companies::append_superseding;
use crate::store::event;
use crate::store::facts;
use crate::store::idempotency::claim;
use crate::store::next;
use crate::store::on_both_engines;
use crate::store::party;
use crate::store::uscc;

on_both_engines!(
    a_credential_is_issued_in_three_writes,
    an_issued_credential_comes_back,
    a_request_is_issued_once,
    an_unknown_company_gets_no_credential,
    numbers_are_given_once,
    a_full_list_is_followed_by_the_next,
    a_new_credential_supersedes_the_one_in_force,
    of_many_issued_at_once_one_is_in_force,
    a_changed_fact_supersedes,
    a_fact_changed_meanwhile_keeps_it_out_of_force,
    states_change_only_from_the_state_that_was_seen,
    an_ended_credential_stays_ended,
    credentials_expire,
    what_was_cut_off_is_found_and_finished,
    what_was_cut_off_is_found_and_voided,
    closed_lists_give_no_more_numbers,
);

const VCT: &str = "https://example.org/vct/business-registration/v1";
const OTHER_VCT: &str = "https://example.org/vct/tax-registration/v1";

fn id(number: u8) -> CredentialId {
    CredentialId::from_random([number; 16])
}

fn list(name: &str) -> StatusListId {
    StatusListId::parse(name).unwrap()
}

fn change(at: Timestamp, reason: &str) -> Change {
    Change {
        at,
        by: party("market-regulation"),
        reason: ChangeReason::parse(reason).unwrap(),
    }
}

async fn with_company(store: &Store, number: u32) -> Company {
    let (event, company) = next(None, facts(&uscc(number), "东莞市示例有限公司"), at(0));
    append(store, &event, &company).await;
    company
}

async fn reserve(
    store: &Store,
    company: &Company,
    number: u8,
    vct: &str,
    idempotency: Option<&IdempotencyClaim>,
) -> Result<ReserveOutcome, StoreError> {
    let new = NewCredential {
        id: &id(number),
        vct,
        uscc: &company.uscc,
        company_version: company.version,
        department: &DepartmentId::MARKET_REGULATION,
        region: "441900",
        issued_by: &party("market-regulation"),
        issued_at: at(100 + i64::from(number)),
        expires_at: at(10_000 + i64::from(number)),
        idempotency,
    };
    let candidates: Vec<u32> = (0..64).map(|try_| u32::from(number) * 7 + try_).collect();
    let allocation = StatusAllocation {
        new_list: &list("list-a"),
        candidates: &candidates,
    };
    store.credentials().reserve(new, allocation).await
}

fn compact(number: u8) -> String {
    format!("eyJ{number}.e30.c2ln~WyJzYWx0Il0~")
}

fn issued_event(number: u8) -> AuditEvent {
    event(
        at(200 + i64::from(number)),
        AuditAction::CredentialIssued,
        id(number).as_str(),
    )
}

async fn sign(store: &Store, number: u8) -> SignedOutcome {
    let signed = SignedCredential {
        id: &id(number),
        compact: &compact(number),
        change: &change(at(200 + i64::from(number)), "a newer credential was issued"),
        pick_up_code: None,
        audit: &issued_event(number),
    };
    store.credentials().store_signed(signed).await.unwrap()
}

fn payload(number: u8) -> Value {
    json!({"vct": VCT, "jti": id(number).as_str(), "_sd": ["摘要"], "n": 9_007_199_254_740_993_i64})
}

fn disclosures() -> Vec<String> {
    vec![
        "WyJzYWx0IiwiYWRkcmVzcyIsIuS4nOiOniJd".to_owned(),
        "WyJ4Il0".to_owned(),
    ]
}

/// Through all three writes.
async fn issue(store: &Store, company: &Company, number: u8, vct: &str) -> StatusSlot {
    let ReserveOutcome::Reserved(slot) = reserve(store, company, number, vct, None).await.unwrap()
    else {
        panic!("not reserved");
    };
    let prepared = store
        .credentials()
        .store_prepared(&id(number), &payload(number), &disclosures())
        .await
        .unwrap();
    assert!(prepared);
    assert!(matches!(
        sign(store, number).await,
        SignedOutcome::Stored { .. }
    ));
    slot
}

async fn load(store: &Store, number: u8) -> IssuedCredential {
    store
        .credentials()
        .load(&id(number))
        .await
        .unwrap()
        .unwrap()
}

async fn values(store: &Store) -> Vec<(u32, u8)> {
    store
        .status_lists()
        .contents(&list("list-a"))
        .await
        .unwrap()
        .unwrap()
        .values
}

async fn version(store: &Store) -> u64 {
    store
        .status_lists()
        .version(&list("list-a"))
        .await
        .unwrap()
        .unwrap()
}

async fn actions(store: &Store) -> Vec<(AuditAction, String)> {
    let all = store.audit().list(0, 1000).await.unwrap();
    all.into_iter()
        .map(|told| (told.event.action, told.event.object))
        .collect()
}

async fn a_credential_is_issued_in_three_writes(store: Store) {
    let company = with_company(&store, 1).await;
    let credentials = store.credentials();
    let reserved = reserve(&store, &company, 1, VCT, None).await.unwrap();
    let slot = StatusSlot {
        list: list("list-a"),
        index: 7,
    };
    assert_eq!(reserved, ReserveOutcome::Reserved(slot.clone()));
    assert_eq!(
        credentials.load(&id(1)).await.unwrap(),
        None,
        "not issued yet"
    );
    assert_eq!(sign(&store, 1).await, SignedOutcome::NotPrepared);
    assert!(
        credentials
            .store_prepared(&id(1), &payload(1), &disclosures())
            .await
            .unwrap()
    );
    assert!(
        !credentials
            .store_prepared(&id(1), &payload(1), &disclosures())
            .await
            .unwrap(),
        "once"
    );
    assert!(
        !credentials
            .store_prepared(&id(2), &payload(2), &disclosures())
            .await
            .unwrap(),
        "unknown"
    );
    assert_eq!(credentials.for_company(&uscc(1)).await.unwrap(), []);
    assert_eq!(
        sign(&store, 1).await,
        SignedOutcome::Stored {
            superseded: Vec::new()
        }
    );

    assert_eq!(load(&store, 1).await.compact, compact(1));
    assert_eq!(values(&store).await, []);
    assert_eq!(
        sign(&store, 1).await,
        SignedOutcome::AlreadyStored,
        "the same bytes again"
    );
    let issued = (AuditAction::CredentialIssued, id(1).to_string());
    let told = actions(&store).await;
    assert_eq!(told.iter().filter(|told| **told == issued).count(), 1);
}

async fn an_issued_credential_comes_back(store: Store) {
    let company = with_company(&store, 1).await;
    let slot = issue(&store, &company, 1, VCT).await;
    let issued = load(&store, 1).await;
    let expected = IssuedCredential {
        reservation: Reservation {
            id: id(1),
            vct: VCT.to_owned(),
            uscc: uscc(1),
            company_version: 1,
            department: DepartmentId::MARKET_REGULATION,
            region: "441900".to_owned(),
            issued_by: party("market-regulation"),
            issued_at: at(101),
            expires_at: at(10_001),
            status: slot.clone(),
        },
        state: CredentialState::Valid,
        superseded_by: None,
        compact: compact(1),
    };
    assert_eq!(issued, expected);
    let credentials = store.credentials();
    assert_eq!(
        credentials.for_company(&uscc(1)).await.unwrap(),
        std::slice::from_ref(&expected)
    );
    assert_eq!(credentials.for_company(&uscc(2)).await.unwrap(), []);
    assert_eq!(
        credentials.load_by_status(&slot).await.unwrap(),
        Some(expected)
    );
    let free = StatusSlot { index: 9, ..slot };
    assert_eq!(credentials.load_by_status(&free).await.unwrap(), None);
}

async fn a_request_is_issued_once(store: Store) {
    let company = with_company(&store, 1).await;
    let first = claim("market-regulation", "k", "body");
    let other = claim("market-regulation", "k", "another body");
    let reserved = reserve(&store, &company, 1, VCT, Some(&first))
        .await
        .unwrap();
    assert!(matches!(reserved, ReserveOutcome::Reserved(_)));
    assert_eq!(
        reserve(&store, &company, 2, VCT, Some(&first))
            .await
            .unwrap(),
        ReserveOutcome::InFlight
    );
    assert_eq!(
        reserve(&store, &company, 2, VCT, Some(&other))
            .await
            .unwrap(),
        ReserveOutcome::Conflict
    );
    store
        .credentials()
        .store_prepared(&id(1), &payload(1), &disclosures())
        .await
        .unwrap();
    assert_eq!(
        reserve(&store, &company, 2, VCT, Some(&first))
            .await
            .unwrap(),
        ReserveOutcome::InFlight
    );
    sign(&store, 1).await;
    let replayed = ReserveOutcome::Replayed(id(1));
    assert_eq!(
        reserve(&store, &company, 2, VCT, Some(&first))
            .await
            .unwrap(),
        replayed
    );
    assert_eq!(
        reserve(&store, &company, 2, VCT, Some(&other))
            .await
            .unwrap(),
        ReserveOutcome::Conflict
    );
    assert_eq!(store.credentials().unfinished(at(9_999)).await.unwrap(), []);
    let (lists, _) = store.status_lists().list().await.unwrap().pop().unwrap();
    assert_eq!(lists, list("list-a"));
}

async fn an_unknown_company_gets_no_credential(store: Store) {
    let (_, company) = next(None, facts(&uscc(1), "无此公司"), at(0));
    let first = claim("market-regulation", "k", "body");
    let refused = reserve(&store, &company, 1, VCT, Some(&first)).await;
    assert!(
        matches!(refused, Err(StoreError::Refused(_))),
        "{refused:?}"
    );
    assert_eq!(
        store.status_lists().list().await.unwrap(),
        [],
        "nothing was opened"
    );
    let company = with_company(&store, 1).await;
    let reserved = reserve(&store, &company, 1, VCT, Some(&first))
        .await
        .unwrap();
    assert!(
        matches!(reserved, ReserveOutcome::Reserved(_)),
        "and the key is free: {reserved:?}"
    );
}

async fn numbers_are_given_once(store: Store) {
    let company = with_company(&store, 1).await;
    // All of them draw the same numbers in the same order.
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let (store, company) = (store.clone(), company.clone());
            tokio::spawn(async move {
                let vct = format!("{VCT}/{number}");
                let new = NewCredential {
                    id: &id(number),
                    vct: &vct,
                    uscc: &company.uscc,
                    company_version: 1,
                    department: &DepartmentId::MARKET_REGULATION,
                    region: "441900",
                    issued_by: &party("market-regulation"),
                    issued_at: at(1),
                    expires_at: at(2),
                    idempotency: None,
                };
                let candidates: Vec<u32> =
                    [ENTRIES, u32::MAX].into_iter().chain(100..120).collect();
                let new_list = list(&format!("list-{number}"));
                let allocation = StatusAllocation {
                    new_list: &new_list,
                    candidates: &candidates,
                };
                store.credentials().reserve(new, allocation).await.unwrap()
            })
        })
        .collect();
    let mut slots = BTreeSet::new();
    for task in tasks {
        let ReserveOutcome::Reserved(slot) = task.await.unwrap() else {
            panic!("not reserved")
        };
        assert!((100..120).contains(&slot.index), "{slot:?}");
        assert!(slots.insert(slot));
    }
}

async fn a_full_list_is_followed_by_the_next(store: Store) {
    let company = with_company(&store, 1).await;
    let reserve = async |number: u8, new_list: &str, candidates: &[u32]| {
        let new_list = list(new_list);
        let new = NewCredential {
            id: &id(number),
            vct: VCT,
            uscc: &company.uscc,
            company_version: 1,
            department: &DepartmentId::MARKET_REGULATION,
            region: "441900",
            issued_by: &party("market-regulation"),
            issued_at: at(i64::from(number)),
            expires_at: at(9_000),
            idempotency: None,
        };
        let allocation = StatusAllocation {
            new_list: &new_list,
            candidates,
        };
        store.credentials().reserve(new, allocation).await
    };
    let slot = |name, index| {
        ReserveOutcome::Reserved(StatusSlot {
            list: list(name),
            index,
        })
    };
    assert_eq!(reserve(1, "one", &[5]).await.unwrap(), slot("one", 5));
    assert_eq!(
        reserve(2, "two", &[6]).await.unwrap(),
        slot("one", 6),
        "the open list first"
    );
    assert_eq!(
        reserve(3, "two", &[5, 6]).await.unwrap(),
        slot("two", 5),
        "none free in the open list"
    );
    assert_eq!(reserve(4, "three", &[6]).await.unwrap(), slot("two", 6));
    assert_eq!(reserve(5, "three", &[7]).await.unwrap(), slot("one", 7));
    let none = reserve(6, "three", &[ENTRIES]).await;
    assert!(matches!(none, Err(StoreError::Unstorable)), "{none:?}");
}

async fn closed_lists_give_no_more_numbers(store: Store) {
    let company = with_company(&store, 1).await;
    issue(&store, &company, 1, VCT).await;
    store.status_lists().close_all().await.unwrap();
    let refused = reserve(&store, &company, 2, VCT, None).await;
    assert!(
        matches!(refused, Err(StoreError::Refused(_))),
        "the name of the list is taken: {refused:?}"
    );
    assert_eq!(store.status_lists().list().await.unwrap().len(), 1);
}

async fn a_new_credential_supersedes_the_one_in_force(store: Store) {
    let company = with_company(&store, 1).await;
    let first = issue(&store, &company, 1, VCT).await;
    let other_type = issue(&store, &company, 2, OTHER_VCT).await;
    let before = version(&store).await;
    reserve(&store, &company, 3, VCT, None).await.unwrap();
    store
        .credentials()
        .store_prepared(&id(3), &payload(3), &disclosures())
        .await
        .unwrap();
    assert_eq!(
        version(&store).await,
        before,
        "nothing is said differently yet"
    );
    assert_eq!(
        sign(&store, 3).await,
        SignedOutcome::Stored {
            superseded: vec![id(1)]
        }
    );
    let superseded = load(&store, 1).await;
    let expected = CredentialState::Superseded(change(at(203), "a newer credential was issued"));
    assert_eq!(superseded.state, expected);
    assert_eq!(superseded.superseded_by, Some(id(3)));
    assert_eq!(load(&store, 2).await.state, CredentialState::Valid);
    assert_eq!(load(&store, 3).await.state, CredentialState::Valid);
    assert_eq!(values(&store).await, [(first.index, 1)]);
    assert_ne!(first.index, other_type.index);
    assert!(version(&store).await > before);
    let told = actions(&store).await;
    assert!(
        told.contains(&(AuditAction::CredentialSuperseded, id(1).to_string())),
        "{told:?}"
    );
    assert!(
        told.contains(&(AuditAction::CredentialIssued, id(3).to_string())),
        "{told:?}"
    );
}

async fn of_many_issued_at_once_one_is_in_force(store: Store) {
    let company = with_company(&store, 1).await;
    for number in 0..10 {
        reserve(&store, &company, number, VCT, None).await.unwrap();
        store
            .credentials()
            .store_prepared(&id(number), &payload(number), &disclosures())
            .await
            .unwrap();
    }
    let tasks: Vec<_> = (0..10)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { sign(&store, number).await })
        })
        .collect();
    let mut superseded = 0;
    for task in tasks {
        let SignedOutcome::Stored { superseded: ended } = task.await.unwrap() else {
            panic!("not stored")
        };
        superseded += ended.len();
    }
    assert_eq!(superseded, 9);
    let all = store.credentials().for_company(&uscc(1)).await.unwrap();
    assert_eq!(all.len(), 10);
    assert_eq!(
        all.iter()
            .filter(|issued| issued.state == CredentialState::Valid)
            .count(),
        1
    );
    assert_eq!(values(&store).await.len(), 9);
}

async fn a_changed_fact_supersedes(store: Store) {
    let company = with_company(&store, 1).await;
    let slot = issue(&store, &company, 1, VCT).await;
    issue(&store, &company, 2, OTHER_VCT).await;
    let other_company = with_company(&store, 2).await;
    issue(&store, &other_company, 3, VCT).await;
    let before = version(&store).await;
    let (event, after) = next(Some(&company), facts(&uscc(1), "改名有限公司"), at(300));
    let outcome = append_superseding(&store, &event, &after, &[VCT.to_owned()]).await;
    assert_eq!(
        outcome,
        AppendOutcome::Appended {
            superseded: vec![id(1)]
        }
    );
    let superseded = load(&store, 1).await;
    assert_eq!(
        superseded.state,
        CredentialState::Superseded(change(at(300), "a fact changed"))
    );
    assert_eq!(superseded.superseded_by, None);
    assert_eq!(load(&store, 2).await.state, CredentialState::Valid);
    assert_eq!(load(&store, 3).await.state, CredentialState::Valid);
    assert_eq!(values(&store).await, [(slot.index, 1)]);
    assert!(version(&store).await > before);
    let again = next(Some(&after), facts(&uscc(1), "再改名有限公司"), at(301));
    let outcome = append_superseding(&store, &again.0, &again.1, &[VCT.to_owned()]).await;
    assert_eq!(
        outcome,
        AppendOutcome::Appended {
            superseded: Vec::new()
        },
        "an end is final"
    );
}

async fn a_fact_changed_meanwhile_keeps_it_out_of_force(store: Store) {
    let company = with_company(&store, 1).await;
    issue(&store, &company, 1, VCT).await;
    reserve(&store, &company, 2, VCT, None).await.unwrap();
    store
        .credentials()
        .store_prepared(&id(2), &payload(2), &disclosures())
        .await
        .unwrap();
    let (event, after) = next(Some(&company), facts(&uscc(1), "改名有限公司"), at(150));
    append(&store, &event, &after).await;
    assert_eq!(
        sign(&store, 2).await,
        SignedOutcome::Outdated { company_version: 2 }
    );
    assert_eq!(store.credentials().load(&id(2)).await.unwrap(), None);
    assert_eq!(
        load(&store, 1).await.state,
        CredentialState::Valid,
        "nothing was written"
    );
    let voided = event_of(AuditAction::CredentialVoided, 2);
    assert!(store.credentials().void(&id(2), &voided).await.unwrap());
}

fn event_of(action: AuditAction, number: u8) -> AuditEvent {
    event(at(400), action, id(number).as_str())
}

async fn states_change_only_from_the_state_that_was_seen(store: Store) {
    let company = with_company(&store, 1).await;
    let slot = issue(&store, &company, 1, VCT).await;
    let credentials = store.credentials();
    let valid = CredentialState::Valid;
    let suspended = CredentialState::Suspended(change(at(400), "调查中"));
    let suspending = event_of(AuditAction::CredentialSuspended, 1);
    assert!(
        !credentials
            .change_state(&id(1), &suspended, &valid, &suspending)
            .await
            .unwrap()
    );
    assert!(
        !credentials
            .change_state(&id(9), &valid, &suspended, &suspending)
            .await
            .unwrap()
    );
    let first = version(&store).await;
    assert!(
        credentials
            .change_state(&id(1), &valid, &suspended, &suspending)
            .await
            .unwrap()
    );
    assert_eq!(load(&store, 1).await.state, suspended);
    assert_eq!(values(&store).await, [(slot.index, 2)]);
    assert!(
        !credentials
            .change_state(&id(1), &valid, &suspended, &suspending)
            .await
            .unwrap(),
        "once"
    );
    let second = version(&store).await;
    assert!(second > first);
    let reinstating = event_of(AuditAction::CredentialReinstated, 1);
    assert!(
        credentials
            .change_state(&id(1), &suspended, &valid, &reinstating)
            .await
            .unwrap()
    );
    assert_eq!(load(&store, 1).await.state, valid);
    assert_eq!(values(&store).await, []);
    assert!(version(&store).await > second);
    let told: Vec<AuditAction> = actions(&store)
        .await
        .into_iter()
        .map(|(action, _)| action)
        .collect();
    let expected = [
        AuditAction::CompanyRecorded,
        AuditAction::CredentialIssued,
        AuditAction::CredentialSuspended,
        AuditAction::CredentialReinstated,
    ];
    assert_eq!(told, expected);
}

async fn an_ended_credential_stays_ended(store: Store) {
    let company = with_company(&store, 1).await;
    let slot = issue(&store, &company, 1, VCT).await;
    let revoked = CredentialState::Revoked(change(at(400), "登记被撤销"));
    let revoking = event_of(AuditAction::CredentialRevoked, 1);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (store, revoked, revoking) = (store.clone(), revoked.clone(), revoking.clone());
            tokio::spawn(async move {
                store
                    .credentials()
                    .change_state(&id(1), &CredentialState::Valid, &revoked, &revoking)
                    .await
            })
        })
        .collect();
    let mut changed = 0;
    for task in tasks {
        changed += u32::from(task.await.unwrap().unwrap());
    }
    assert_eq!(changed, 1);
    assert_eq!(values(&store).await, [(slot.index, 1)]);
    issue(&store, &company, 2, VCT).await;
    assert_eq!(load(&store, 1).await.state, revoked, "not superseded");
    assert_eq!(
        store
            .credentials()
            .expire_due(at(99_999), 10)
            .await
            .unwrap(),
        [id(2)],
        "nor expired"
    );
    assert_eq!(load(&store, 1).await.state, revoked);
}

async fn credentials_expire(store: Store) {
    let company = with_company(&store, 1).await;
    let credentials = store.credentials();
    issue(&store, &company, 1, VCT).await;
    issue(&store, &company, 2, OTHER_VCT).await;
    let suspended = CredentialState::Suspended(change(at(400), "调查中"));
    let suspending = event_of(AuditAction::CredentialSuspended, 2);
    credentials
        .change_state(&id(2), &CredentialState::Valid, &suspended, &suspending)
        .await
        .unwrap();
    assert_eq!(credentials.expire_due(at(10_000), 10).await.unwrap(), []);
    assert_eq!(
        credentials.expire_due(at(10_001), 10).await.unwrap(),
        [id(1)],
        "on its very time"
    );
    let last = version(&store).await;
    assert_eq!(credentials.expire_due(at(20_000), 0).await.unwrap(), []);
    assert_eq!(
        credentials.expire_due(at(20_000), 10).await.unwrap(),
        [id(2)]
    );
    for number in [1, 2] {
        assert_eq!(load(&store, number).await.state, CredentialState::Expired);
    }
    assert_eq!(values(&store).await, []);
    assert!(version(&store).await > last);
    let told = actions(&store).await;
    assert!(
        told.contains(&(AuditAction::CredentialExpired, id(2).to_string())),
        "{told:?}"
    );
    issue(&store, &company, 3, VCT).await;
}

async fn what_was_cut_off_is_found_and_finished(store: Store) {
    let company = with_company(&store, 1).await;
    let first = claim("market-regulation", "k", "body");
    reserve(&store, &company, 1, VCT, Some(&first))
        .await
        .unwrap();
    reserve(&store, &company, 2, OTHER_VCT, None).await.unwrap();
    store
        .credentials()
        .store_prepared(&id(1), &payload(1), &disclosures())
        .await
        .unwrap();
    assert_eq!(store.credentials().unfinished(at(101)).await.unwrap(), []);
    let unfinished = store.credentials().unfinished(at(200)).await.unwrap();
    let [prepared, reserved] = &unfinished[..] else {
        panic!("{unfinished:?}")
    };
    assert_eq!(
        (&prepared.reservation.id, &reserved.reservation.id),
        (&id(1), &id(2))
    );
    let stage = UnfinishedStage::Prepared {
        payload: payload(1),
        disclosures: disclosures(),
    };
    assert_eq!(prepared.stage, stage);
    assert_eq!(reserved.stage, UnfinishedStage::Reserved);
    assert!(matches!(
        sign(&store, 1).await,
        SignedOutcome::Stored { .. }
    ));
    let replayed = reserve(&store, &company, 3, VCT, Some(&first))
        .await
        .unwrap();
    assert_eq!(replayed, ReserveOutcome::Replayed(id(1)));
}

async fn what_was_cut_off_is_found_and_voided(store: Store) {
    let company = with_company(&store, 1).await;
    let first = claim("market-regulation", "k", "body");
    let reserved = reserve(&store, &company, 1, VCT, Some(&first))
        .await
        .unwrap();
    let ReserveOutcome::Reserved(slot) = reserved else {
        panic!("{reserved:?}")
    };
    store
        .credentials()
        .store_prepared(&id(1), &payload(1), &disclosures())
        .await
        .unwrap();
    let before = version(&store).await;
    let voided = event_of(AuditAction::CredentialVoided, 1);
    assert!(store.credentials().void(&id(1), &voided).await.unwrap());
    assert!(
        !store.credentials().void(&id(1), &voided).await.unwrap(),
        "once"
    );
    assert!(
        !store.credentials().void(&id(9), &voided).await.unwrap(),
        "unknown"
    );
    assert_eq!(store.credentials().unfinished(at(9_999)).await.unwrap(), []);
    assert_eq!(store.credentials().load(&id(1)).await.unwrap(), None);
    assert_eq!(
        values(&store).await,
        [(slot.index, 1)],
        "in case its signature escaped"
    );
    assert!(version(&store).await > before);
    assert_eq!(sign(&store, 1).await, SignedOutcome::NotPrepared);
    let again = reserve(&store, &company, 2, VCT, Some(&first))
        .await
        .unwrap();
    assert!(
        matches!(again, ReserveOutcome::Reserved(_)),
        "the caller may try again: {again:?}"
    );
    let issued = issue(&store, &company, 3, VCT).await;
    assert_ne!(issued.index, slot.index);
    assert!(
        !store.credentials().void(&id(3), &voided).await.unwrap(),
        "issued ones are not void"
    );
}
