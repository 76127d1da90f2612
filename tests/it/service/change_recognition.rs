//! Who recognises whom: changed at once, or by two persons; refused as a whole where anything is wrong with it.

use std::time::Instant;

use yinxin::clock::Timestamp;
use yinxin::evidence::audit::AuditAction;
use yinxin::registry::recognition::Decision;
use yinxin::registry::recognition::Recogniser;
use yinxin::registry::recognition::RecognitionRow;
use yinxin::registry::recognition::change::Change;
use yinxin::registry::recognition::file;
use yinxin::registry::recognition::proposal::ProposalState;
use yinxin::registry::recognition::table;
use yinxin::registry::relying_party::RelyingPartyId;
use yinxin::service::app::App;
use yinxin::service::change_recognition::ChangeRecognitionError;
use yinxin::service::change_recognition::Request;
use yinxin::validation::limits::Limits;
use yinxin::validation::trust_store::CaId;
use yinxin::validation::trust_store::Usage;

use crate::running_city::City;
use crate::running_city::NOW;
use crate::running_city::pki;
use crate::running_city::time;

/// Runs a test in a city on SQLite, and in one on PostgreSQL where there is one.
async fn in_both_cities(test: impl AsyncFn(City)) {
    test(City::on_sqlite().await).await;
    if let Some(city) = City::on_postgres().await {
        test(city).await;
    }
}

fn row(caller: &str, ca: &str, usage: &str) -> RecognitionRow {
    let by = if ca == "beta" {
        &pki().beta
    } else {
        &pki().alpha
    };
    RecognitionRow::accept(
        Recogniser::parse(caller).unwrap(),
        (CaId::parse(ca).unwrap(), Usage::parse(usage).unwrap()),
        vec![by.certificate().sha256()],
        *NOW,
    )
}

fn refusal(caller: &str, ca: &str, usage: &str) -> RecognitionRow {
    RecognitionRow {
        decision: Decision::Refuse,
        ..row(caller, ca, usage)
    }
}

fn asked(rows: &[RecognitionRow]) -> Request {
    Request {
        change: Change::adding(rows),
        note: None,
        activate_at: None,
    }
}

async fn accepts(city: &City, app: &App, ca: &str, usage: &str) -> (bool, bool) {
    let mut found = Vec::new();
    for caller in [&city.bank_a, &city.bank_b] {
        let profile = app.profile_for(caller, None, app.now()).await.unwrap();
        let ca = CaId::parse(ca).unwrap();
        let usage = Usage::parse(usage).unwrap();
        found.push(profile.rows_of(&ca).any(|row| row.usages.contains(&usage)));
    }
    (found[0], found[1])
}

async fn actions(city: &City) -> Vec<(AuditAction, String, String)> {
    let events = city.store.audit().list(0, 1000).await.unwrap();
    let about = events.into_iter().map(|recorded| recorded.event);
    about
        .filter(|event| event.action.as_str().starts_with("recognition."))
        .map(|event| (event.action, event.actor, event.object))
        .collect()
}

#[tokio::test]
async fn a_default_holds_for_all_of_a_kind_and_a_refusal_excepts_one() {
    in_both_cities(async |city: City| {
        let app = &city.app;
        assert_eq!(accepts(&city, app, "alpha", "tax").await, (false, false));
        app.add_recognition(&[row("every:bank", "alpha", "tax")])
            .await
            .unwrap();
        assert_eq!(accepts(&city, app, "alpha", "tax").await, (true, true));
        app.add_recognition(&[refusal("bank-b", "alpha", "tax")])
            .await
            .unwrap();
        assert_eq!(accepts(&city, app, "alpha", "tax").await, (true, false));
        let department = app.profile_for(&city.tax, None, app.now()).await.unwrap();
        assert!(
            department
                .rows_of(&CaId::parse("alpha").unwrap())
                .next()
                .is_none()
        );
    })
    .await;
}

#[tokio::test]
async fn each_change_makes_a_version_with_a_digest_and_an_event() {
    in_both_cities(async |city: City| {
        let app = &city.app;
        let before = app.recognition_table().await.unwrap();
        let added = row("every:bank", "alpha", "tax");
        app.add_recognition(std::slice::from_ref(&added))
            .await
            .unwrap();
        let table = app.recognition_table().await.unwrap();
        assert_eq!(table.version, before.version + 1);
        let versions = app.recognition_versions(None, 2).await.unwrap();
        assert_eq!(versions[0].record.version, table.version);
        assert_eq!(versions[0].record.digest, Some(table::digest(&table.rows)));
        assert_eq!(versions[0].change, Change::adding(&[added]));
        assert_eq!(versions[1].record.digest, Some(table::digest(&before.rows)));
        let old = app.recognition_at(before.version).await.unwrap().unwrap();
        assert_eq!(old.rows, before.rows);
        assert!(
            app.recognition_at(table.version + 1)
                .await
                .unwrap()
                .is_none()
        );
        let last = actions(&city).await.pop().unwrap();
        let digest = table::digest(&table.rows).to_string();
        assert_eq!(
            last,
            (
                AuditAction::RecognitionChanged,
                "console".to_owned(),
                digest
            )
        );
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_changes_nothing_and_is_named() {
    let city = City::on_sqlite().await;
    let app = &city.app;
    let before = app.recognition_table().await.unwrap();
    let strange = RecognitionRow::accept(
        Recogniser::parse("bank-a").unwrap(),
        (CaId::parse("beta").unwrap(), Usage::parse("tax").unwrap()),
        vec![pki().unknown.certificate().sha256()],
        *NOW,
    );
    for (refused, told) in [
        (
            row("bank-a", "alpha", "banking"),
            "overlaps with `bank-a` · `alpha` · `banking`",
        ),
        (row("bank-z", "alpha", "tax"), "there is no such caller"),
        (
            row("bank-a", "gamma", "tax"),
            "there is no trust store of that name",
        ),
        (
            row("bank-a", "beta", "banking"),
            "the CA is not permitted this usage",
        ),
        (strange, "the CA has no anchor"),
    ] {
        let rows = [row("every:bank", "alpha", "tax"), refused];
        let error = app.add_recognition(&rows).await.unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    let nothing = app.change_recognition(None, |_| Change::default()).await;
    assert!(matches!(
        nothing,
        Err(ChangeRecognitionError::NothingChanges)
    ));
    assert_eq!(
        app.recognition_table().await.unwrap().version,
        before.version
    );
}

#[tokio::test]
async fn two_persons_change_the_table_and_one_does_not() {
    in_both_cities(async |city: City| {
        let app = city.with_two_persons();
        let (day, night) = (
            city.operator("day-shift").await,
            city.operator("night-shift").await,
        );
        let change = [row("every:bank", "alpha", "tax")];
        let at_once = app.add_recognition(&change).await;
        assert!(matches!(
            at_once,
            Err(ChangeRecognitionError::ApprovalRequired)
        ));

        let proposal = app.propose_recognition(&day, asked(&change)).await.unwrap();
        assert_eq!(accepts(&city, &app, "alpha", "tax").await, (false, false));
        for _ in 0..2 {
            let alone = app.approve_recognition(&day, proposal.id).await;
            assert!(
                matches!(alone, Err(ChangeRecognitionError::Proposal(_))),
                "{alone:?}"
            );
        }
        let active = app.approve_recognition(&night, proposal.id).await.unwrap();
        assert!(
            matches!(active.state, ProposalState::Active { .. }),
            "{active:?}"
        );
        assert_eq!(accepts(&city, &app, "alpha", "tax").await, (true, true));
        let again = app.approve_recognition(&night, proposal.id).await;
        assert!(again.unwrap_err().to_string().contains("is active"));

        let told: Vec<_> = actions(&city).await.into_iter().rev().take(3).collect();
        let id = format!("proposal {}", proposal.id);
        assert_eq!(told[0].0, AuditAction::RecognitionChanged);
        assert_eq!(
            told[1],
            (
                AuditAction::RecognitionApproved,
                "night-shift".to_owned(),
                id.clone()
            )
        );
        assert_eq!(
            told[2],
            (AuditAction::RecognitionProposed, "day-shift".to_owned(), id)
        );
    })
    .await;
}

#[tokio::test]
async fn an_approved_change_waits_for_its_date_and_can_be_withdrawn_until_then() {
    in_both_cities(async |city: City| {
        let app = city.with_two_persons();
        let (day, night) = (
            city.operator("day-shift").await,
            city.operator("night-shift").await,
        );
        let tomorrow = Request {
            activate_at: Some(time("2026-06-02T00:00:00Z")),
            ..asked(&[row("every:bank", "alpha", "tax")])
        };
        let proposal = app
            .propose_recognition(&day, tomorrow.clone())
            .await
            .unwrap();
        app.approve_recognition(&night, proposal.id).await.unwrap();
        app.activate_due_proposals().await.unwrap();
        assert_eq!(accepts(&city, &app, "alpha", "tax").await, (false, false));
        let withdrawn = app.withdraw_recognition(&day, proposal.id).await.unwrap();
        assert_eq!(withdrawn.state.name(), "withdrawn");
        assert_eq!(withdrawn.state.approved().unwrap().by, night);

        let proposal = app.propose_recognition(&day, tomorrow).await.unwrap();
        app.approve_recognition(&night, proposal.id).await.unwrap();
        city.wait(24 * 60 * 60);
        app.keep_house().await.unwrap();
        assert_eq!(accepts(&city, &app, "alpha", "tax").await, (true, true));
        let (now, first) = (app.proposal(proposal.id).await.unwrap(), withdrawn.id);
        assert_eq!(now.state.name(), "active");
        assert_eq!(app.proposal(first).await.unwrap().state.name(), "withdrawn");
        let listed = app.proposals(None, 10).await.unwrap();
        let ids: Vec<u64> = listed.iter().map(|listed| listed.id.0).collect();
        assert_eq!(ids, [2, 1]);
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_any_more_when_its_time_comes_lapses() {
    let city = City::on_sqlite().await;
    let (day, night) = (
        city.operator("day-shift").await,
        city.operator("night-shift").await,
    );
    let tomorrow = Request {
        activate_at: Some(time("2026-06-02T00:00:00Z")),
        ..asked(&[row("every:bank", "alpha", "tax")])
    };
    let proposal = city.app.propose_recognition(&day, tomorrow).await.unwrap();
    city.app
        .approve_recognition(&night, proposal.id)
        .await
        .unwrap();
    let meanwhile = [row("every:bank", "alpha", "tax")];
    city.app.add_recognition(&meanwhile).await.unwrap();
    let version = city.app.recognition_table().await.unwrap().version;
    city.wait(24 * 60 * 60);
    city.app.keep_house().await.unwrap();
    let ProposalState::Lapsed { problem, .. } = city.app.proposal(proposal.id).await.unwrap().state
    else {
        panic!("it did not lapse");
    };
    assert!(problem.contains("overlaps with"), "{problem}");
    assert_eq!(city.app.recognition_table().await.unwrap().version, version);
    assert_eq!(
        actions(&city).await.pop().unwrap().0,
        AuditAction::RecognitionLapsed
    );
}

#[tokio::test]
async fn of_many_who_approve_at_once_one_changes_the_table() {
    in_both_cities(async |city: City| {
        let app = city.with_two_persons();
        let day = city.operator("day-shift").await;
        let change = [row("every:bank", "alpha", "tax")];
        let proposal = app.propose_recognition(&day, asked(&change)).await.unwrap();
        let version = app.recognition_table().await.unwrap().version;
        let mut tasks = Vec::new();
        for number in 0..5 {
            let other: RelyingPartyId = city.operator(&format!("shift-{number}")).await;
            let (app, id) = (app.clone(), proposal.id);
            tasks.push(tokio::spawn(async move {
                app.approve_recognition(&other, id).await.is_ok()
            }));
        }
        let mut won = 0;
        for task in tasks {
            won += u32::from(task.await.unwrap());
        }
        assert_eq!(won, 1);
        assert_eq!(app.recognition_table().await.unwrap().version, version + 1);
    })
    .await;
}

#[tokio::test]
async fn a_ca_whose_folder_is_gone_is_inert_and_its_rows_stay() {
    let city = City::on_sqlite().await;
    city.without_trust_store("beta");
    assert_eq!(
        accepts(&city, &city.app, "beta", "tax").await,
        (false, false)
    );
    let other = [row("every:bank", "alpha", "tax")];
    city.app.add_recognition(&other).await.unwrap();
    let table = city.app.recognition_table().await.unwrap();
    assert!(table.rows.iter().any(|row| row.ca.as_str() == "beta"));
    let again = city
        .app
        .add_recognition(&[row("bank-a", "beta", "tax")])
        .await;
    assert!(again.unwrap_err().to_string().contains("no trust store"));
}

#[tokio::test]
async fn limits_are_part_of_the_profile_and_survive_the_database() {
    in_both_cities(async |city: City| {
        let limits = Limits {
            minimum_key_bits: Some(3072),
            ..Limits::default()
        };
        let limited = RecognitionRow {
            decision: Decision::Accept {
                anchors: vec![pki().alpha.certificate().sha256()],
                limits: limits.clone(),
            },
            ..row("every:bank", "alpha", "tax")
        };
        city.app.add_recognition(&[limited]).await.unwrap();
        let profile = city
            .app
            .profile_for(&city.bank_b, None, *NOW)
            .await
            .unwrap();
        let alpha = CaId::parse("alpha").unwrap();
        assert_eq!(profile.rows_of(&alpha).next().unwrap().limits, limits);
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_rows_are_imported_exported_and_imported_again() {
    in_both_cities(async |city: City| {
        let begun = Instant::now();
        let since = |number: i64| Timestamp::from_unix_seconds(number * 10).unwrap();
        let rows: Vec<RecognitionRow> = (0..10_000)
            .map(|number| RecognitionRow {
                valid_from: since(number),
                valid_until: Some(since(number + 1)),
                ..row("bank-a", "alpha", "tax")
            })
            .collect();
        let text = file::write(&rows);
        let broken = text.replacen(
            &format!("valid-from = \"{}\"", since(7_000)),
            "valid-from = \"soon\"",
            1,
        );
        let error = file::parse(&broken).unwrap_err();
        let line = broken
            .lines()
            .position(|line| line.ends_with("\"soon\""))
            .unwrap();
        assert_eq!(error.line, line + 1);
        let read = file::parse(&text).unwrap().rows;
        city.app
            .change_recognition(None, |table| Change::between(table, &read))
            .await
            .unwrap();
        let table = city.app.recognition_table().await.unwrap();
        let exported = file::parse(&file::write(&table.rows)).unwrap().rows;
        assert_eq!(exported, rows);
        let again = city
            .app
            .change_recognition(None, |table| Change::between(table, &exported))
            .await;
        assert!(matches!(again, Err(ChangeRecognitionError::NothingChanges)));
        assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    })
    .await;
}
