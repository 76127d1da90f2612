use std::sync::Mutex;

use serde_json::json;
use yinxin::clock::Timestamp;
use yinxin::credential::state::ChangeReason;
use yinxin::evidence::audit::AuditAction;
use yinxin::evidence::audit::AuditEvent;
use yinxin::registry::company::Company;
use yinxin::registry::company::CompanyEvent;
use yinxin::registry::company::CompanyEventBody;
use yinxin::registry::company::CompanyState;
use yinxin::store::Store;
use yinxin::store::companies::AppendOutcome;
use yinxin::store::companies::NewEvent;
use yinxin::store::error::StoreError;

use crate::store::at;
use crate::store::event;
use crate::store::facts;
use crate::store::next;
use crate::store::on_both_engines;
use crate::store::uscc;

on_both_engines!(
    a_company_is_the_sum_of_its_events,
    a_write_from_an_old_version_changes_nothing,
    of_many_writers_at_once_one_wins,
    as_of_answers_what_we_knew_then,
    companies_are_found_by_name,
    an_import_is_all_or_nothing,
    ten_thousand_companies_are_imported_in_seconds,
);

/// Appends an event that supersedes nothing.
pub(super) async fn append(store: &Store, event: &CompanyEvent, after: &Company) -> AppendOutcome {
    append_superseding(store, event, after, &[]).await
}

pub(super) async fn append_superseding(
    store: &Store,
    event: &CompanyEvent,
    after: &Company,
    supersedes: &[String],
) -> AppendOutcome {
    let audit = recorded(event, after);
    let reason = ChangeReason::parse("a fact changed").unwrap();
    let new = NewEvent {
        event,
        after,
        supersedes,
        reason: &reason,
        audit: &audit,
    };
    store.companies().append_event(new).await.unwrap()
}

fn recorded(event: &CompanyEvent, after: &Company) -> AuditEvent {
    crate::store::event(
        event.recorded_at,
        AuditAction::CompanyRecorded,
        after.uscc.as_str(),
    )
}

fn appended() -> AppendOutcome {
    AppendOutcome::Appended {
        superseded: Vec::new(),
    }
}

fn registration() -> CompanyEventBody {
    let registration = json!({"department": "customs", "number": "4419-1", "registeredOn": "2015-03-02", "state": "active"});
    CompanyEventBody::RegistrationRecorded(serde_json::from_value(registration).unwrap())
}

async fn a_company_is_the_sum_of_its_events(store: Store) {
    let companies = store.companies();
    assert_eq!(companies.load(&uscc(1)).await.unwrap(), None);
    let (first, company) = next(None, facts(&uscc(1), "东莞市示例有限公司"), at(0));
    assert_eq!(append(&store, &first, &company).await, appended());
    assert_eq!(
        companies.load(&uscc(1)).await.unwrap().as_ref(),
        Some(&company)
    );
    let (second, company) = next(Some(&company), registration(), at(1));
    assert_eq!(append(&store, &second, &company).await, appended());
    assert_eq!(companies.load(&uscc(1)).await.unwrap(), Some(company));
    assert_eq!(companies.events(&uscc(1)).await.unwrap(), [first, second]);
    assert_eq!(companies.count().await.unwrap(), 1);
    let told = store.audit().list(0, 10).await.unwrap();
    assert_eq!(told.len(), 2);
    assert_eq!(told[1].event.at, at(1));
}

async fn a_write_from_an_old_version_changes_nothing(store: Store) {
    let conflict = AppendOutcome::VersionConflict { uscc: uscc(1) };
    let (first, company) = next(None, facts(&uscc(1), "甲"), at(0));
    append(&store, &first, &company).await;
    // As if the company were not known yet.
    let (again, other) = next(None, facts(&uscc(1), "乙"), at(1));
    assert_eq!(append(&store, &again, &other).await, conflict);
    // From a version that is not there yet.
    let (_, later) = next(Some(&company), facts(&uscc(1), "丙"), at(2));
    let (gap, latest) = next(Some(&later), facts(&uscc(1), "丁"), at(3));
    assert_eq!(append(&store, &gap, &latest).await, conflict);
    assert_eq!(
        store.companies().load(&uscc(1)).await.unwrap(),
        Some(company)
    );
    assert_eq!(store.companies().events(&uscc(1)).await.unwrap(), [first]);
    assert_eq!(store.audit().list(0, 10).await.unwrap().len(), 1);
}

async fn of_many_writers_at_once_one_wins(store: Store) {
    let tasks: Vec<_> = (0..12)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                let (event, company) =
                    next(None, facts(&uscc(1), &format!("公司 {writer}")), at(writer));
                (append(&store, &event, &company).await, company)
            })
        })
        .collect();
    let mut winners = Vec::new();
    for task in tasks {
        let (outcome, company) = task.await.unwrap();
        if outcome == appended() {
            winners.push(company);
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(
        store.companies().load(&uscc(1)).await.unwrap(),
        winners.pop()
    );
    assert_eq!(store.companies().events(&uscc(1)).await.unwrap().len(), 1);
}

async fn as_of_answers_what_we_knew_then(store: Store) {
    let mut company = None;
    let mut known: Vec<(Timestamp, Company)> = Vec::new();
    for (name, time) in [("甲", 10), ("乙", 20), ("丙", 20), ("丁", 30)] {
        let (event, after) = next(company.as_ref(), facts(&uscc(1), name), at(time));
        append(&store, &event, &after).await;
        known.push((at(time), after.clone()));
        company = Some(after);
    }
    for (time, name) in [
        (9, None),
        (10, Some("甲")),
        (19, Some("甲")),
        (20, Some("丙")),
        (31, Some("丁")),
    ] {
        let found = store
            .companies()
            .load_as_of(&uscc(1), at(time))
            .await
            .unwrap();
        let expected = known
            .iter()
            .rev()
            .find(|(_, company)| Some(company.name.as_str()) == name);
        assert_eq!(
            found.as_ref(),
            expected.map(|(_, company)| company),
            "at {time}"
        );
    }
    let latest = store
        .companies()
        .load_as_of(&uscc(1), Timestamp::MAX)
        .await
        .unwrap();
    assert_eq!(latest, store.companies().load(&uscc(1)).await.unwrap());
    assert_eq!(
        store
            .companies()
            .load_as_of(&uscc(2), Timestamp::MAX)
            .await
            .unwrap(),
        None
    );
}

async fn companies_are_found_by_name(store: Store) {
    for (number, name) in [
        (1, "东莞市甲科技（集团）有限公司"),
        (2, "东莞市乙ＡＢＣ有限公司"),
        (3, "广州丙有限公司"),
    ] {
        let (event, company) = next(None, facts(&uscc(number), name), at(0));
        append(&store, &event, &company).await;
    }
    let found = async |name: &str, after: Option<&str>, limit| -> Vec<_> {
        let found = store
            .companies()
            .find_by_name(name, after, limit)
            .await
            .unwrap();
        found.into_iter().map(|summary| summary.uscc).collect()
    };
    let mut dongguan = vec![uscc(1), uscc(2)];
    dongguan.sort();
    assert_eq!(found("东莞", None, 10).await, dongguan);
    assert_eq!(found("东莞", None, 1).await, dongguan[..1]);
    assert_eq!(
        found("东莞", Some(dongguan[0].as_str()), 10).await,
        dongguan[1..]
    );
    assert_eq!(found("甲科技(集团)", None, 10).await, [uscc(1)]);
    assert_eq!(found("abc 有限", None, 10).await, [uscc(2)]);
    assert_eq!(
        found("sample CO", None, 10).await.len(),
        3,
        "the English name"
    );
    assert_eq!(found("100%", None, 10).await.len(), 3);
    for nothing in ["深圳", "%", "_", "甲%公司", "!", " ", "' OR 1=1 --"] {
        let expected = if nothing == "%" { 3 } else { 0 };
        assert_eq!(found(nothing, None, 10).await.len(), expected, "{nothing}");
    }
    let summary = &store
        .companies()
        .find_by_name("广州", None, 10)
        .await
        .unwrap()[0];
    assert_eq!(
        (summary.name.as_str(), summary.state),
        ("广州丙有限公司", CompanyState::Active)
    );
}

struct Import {
    events: Vec<(CompanyEvent, Company)>,
    audit: AuditEvent,
    reason: ChangeReason,
}

impl Import {
    /// Facts and a registration of each of these companies.
    fn of(numbers: std::ops::Range<u32>) -> Self {
        let mut events = Vec::new();
        for number in numbers {
            let first = next(
                None,
                facts(&uscc(number), &format!("东莞市第{number}有限公司")),
                at(0),
            );
            let second = next(Some(&first.1), registration(), at(0));
            events.extend([first, second]);
        }
        let audit = event(at(0), AuditAction::CompaniesImported, "a1b2");
        Self {
            events,
            audit,
            reason: ChangeReason::parse("imported").unwrap(),
        }
    }

    async fn run(
        &self,
        store: &Store,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<AppendOutcome, StoreError> {
        let new = |(event, after)| NewEvent {
            event,
            after,
            supersedes: &[],
            reason: &self.reason,
            audit: &self.audit,
        };
        let events: Vec<NewEvent<'_>> = self
            .events
            .iter()
            .map(|(event, after)| new((event, after)))
            .collect();
        store
            .companies()
            .append_many(&events, std::slice::from_ref(&self.audit), progress)
            .await
    }
}

async fn an_import_is_all_or_nothing(store: Store) {
    let (first, company) = next(None, facts(&uscc(700), "早已登记"), at(0));
    append(&store, &first, &company).await;
    let import = Import::of(0..1200);
    let outcome = import.run(&store, &|_| {}).await.unwrap();
    assert_eq!(outcome, AppendOutcome::VersionConflict { uscc: uscc(700) });
    assert_eq!(store.companies().count().await.unwrap(), 1);
    assert_eq!(store.audit().list(0, 10).await.unwrap().len(), 1);

    let reported = Mutex::new(Vec::new());
    let import = Import::of(701..1400);
    let outcome = import
        .run(&store, &|written| reported.lock().unwrap().push(written))
        .await
        .unwrap();
    assert_eq!(outcome, appended());
    assert_eq!(*reported.lock().unwrap(), [1000, 1398]);
    assert_eq!(store.companies().count().await.unwrap(), 700);
    let (_, last) = import.events.last().unwrap();
    assert_eq!(
        store.companies().load(&last.uscc).await.unwrap().as_ref(),
        Some(last)
    );
    assert_eq!(store.companies().events(&last.uscc).await.unwrap().len(), 2);
    assert_eq!(store.audit().list(0, 10).await.unwrap().len(), 2);
}

async fn ten_thousand_companies_are_imported_in_seconds(store: Store) {
    let import = Import::of(0..10_000);
    let began = std::time::Instant::now();
    assert_eq!(import.run(&store, &|_| {}).await.unwrap(), appended());
    let took = began.elapsed();
    assert_eq!(store.companies().count().await.unwrap(), 10_000);
    // About one second on two busy cores; minutes would mean a statement for each row.
    assert!(took.as_secs() < 30, "20,000 events took {took:?}");
}
