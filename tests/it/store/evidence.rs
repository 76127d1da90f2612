use sqlx::AnyConnection;
use sqlx::Connection;
use sqlx::Executor;
use yinxin::crypto::digest::sha256;
use yinxin::store::Store;
use yinxin::store::error::StoreError;
use yinxin::store::evidence::Claim;
use yinxin::store::evidence::EvidenceSource;
use yinxin::store::evidence::NewEvidence;
use yinxin::store::evidence::Queued;
use yinxin::store::evidence::Signer;
use yinxin::store::evidence::Sought;
use yinxin::store::evidence::SourceState;
use yinxin::store::evidence::Stored;
use yinxin::validation::trust_store::CaId;
use yinxin::validation::trust_store::EvidenceUrl;

use crate::store::at;
use crate::store::on_both_engines;

on_both_engines!(
    a_source_is_queued_once_and_due_at_once,
    what_was_stored_is_read_back,
    a_ca_has_a_bounded_number_of_sources,
    many_who_queue_at_once_respect_the_limit,
    what_nobody_wants_makes_room,
    pinned_sources_follow_the_list,
    a_claim_is_exclusive_until_it_lapses,
    of_many_who_claim_at_once_each_source_goes_to_one,
    failures_are_counted_until_a_success,
    a_lapsed_claim_reports_no_failure,
    an_older_list_leaves_the_newer_one,
    an_unknown_signer_leaves_a_known_ones_evidence,
    a_list_learns_who_signs_it,
    what_is_forgotten_is_gone_with_its_evidence,
);

const LIMIT: u32 = 100;

fn ca(id: &str) -> CaId {
    CaId::parse(id).unwrap()
}

fn crl(id: &str, path: &str, issuer: Option<&[u8]>) -> EvidenceSource {
    let url = EvidenceUrl::parse(&format!("http://crl.example.cn/{path}")).unwrap();
    let issuer = issuer.map(<[u8]>::to_vec);
    EvidenceSource::new(ca(id), url, Sought::Crl { issuer })
}

fn ocsp(certificate: &[u8]) -> EvidenceSource {
    let sought = Sought::Ocsp {
        certificate: certificate.to_vec(),
        issuer: b"issuer".to_vec(),
    };
    let url = EvidenceUrl::parse("https://ocsp.example.cn:8443/x?y").unwrap();
    EvidenceSource::new(ca("gdca"), url, sought)
}

async fn queue(store: &Store, source: &EvidenceSource, seconds: i64) -> Queued {
    let evidence = store.evidence();
    let queued = evidence.queue(source, at(seconds), at(seconds - 3600), LIMIT);
    queued.await.unwrap()
}

/// Claims everything that is due, for a minute.
async fn claim(store: &Store, seconds: i64) -> Vec<Claim> {
    let evidence = store.evidence();
    let claimed = evidence.claim(at(seconds), at(seconds + 60), 100);
    claimed.await.unwrap()
}

async fn claim_one(store: &Store, seconds: i64) -> Claim {
    let mut claims = claim(store, seconds).await;
    assert_eq!(claims.len(), 1);
    claims.remove(0)
}

fn new(body: &str, this_update: i64) -> NewEvidence {
    NewEvidence {
        body: body.as_bytes().to_vec(),
        sha256: sha256(body.as_bytes()),
        crl_number: Some("0102".to_owned()),
        signer: Signer::Known,
        this_update: at(this_update),
        next_update: Some(at(this_update + 1000)),
    }
}

async fn succeed(store: &Store, claim: &Claim, new: &NewEvidence, seconds: i64) -> Stored {
    let evidence = store.evidence();
    let stored = evidence.succeed(claim, new, at(seconds + 500), at(seconds));
    stored.await.unwrap()
}

async fn only(store: &Store) -> SourceState {
    let mut all = store.evidence().list().await.unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

async fn body(store: &Store) -> Option<Vec<u8>> {
    let current = store.evidence().current().await.unwrap();
    let (source, outline) = current.first()?;
    let body = store.evidence().body(source.id(), outline.sha256).await;
    body.unwrap()
}

async fn a_source_is_queued_once_and_due_at_once(store: Store) {
    for source in [
        crl("gdca", "a", None),
        crl("gdca", "b", Some(b"issuer")),
        crl("cfca", "a", None),
        ocsp(b"one"),
        ocsp(b"two"),
    ] {
        assert_eq!(queue(&store, &source, 0).await, Queued::Added);
        assert_eq!(queue(&store, &source, 1).await, Queued::Known);
    }
    let listed = store.evidence().list().await.unwrap();
    assert_eq!(listed.len(), 5);
    assert_eq!(listed[0].source, crl("cfca", "a", None));
    for state in listed {
        assert_eq!((state.attempt_at, state.failures), (at(0), 0));
        assert_eq!((state.last_error, state.evidence), (None, None));
        assert!(!state.pinned);
    }
    let claims = claim(&store, 0).await;
    assert_eq!(claims.len(), 5);
    assert!(claims.iter().any(|claim| claim.source == ocsp(b"two")));
    assert!(
        claims
            .iter()
            .any(|claim| claim.source == crl("gdca", "b", Some(b"issuer")))
    );
}

async fn what_was_stored_is_read_back(store: Store) {
    let source = crl("gdca", "a", None);
    queue(&store, &source, 0).await;
    assert_eq!(store.evidence().version().await.unwrap(), 0);
    assert_eq!(store.evidence().current().await.unwrap(), []);
    let claim = claim_one(&store, 0).await;
    let new = new("\0list\u{ff}", -100);
    assert_eq!(succeed(&store, &claim, &new, 5).await, Stored::Replaced);
    assert_eq!(store.evidence().version().await.unwrap(), 1);
    let state = only(&store).await;
    let outline = state.evidence.unwrap();
    assert_eq!(
        (outline.sha256, outline.signer),
        (new.sha256, Signer::Known)
    );
    assert_eq!(outline.this_update, at(-100));
    assert_eq!(outline.next_update, Some(at(900)));
    assert_eq!((outline.fetched_at, state.attempt_at), (at(5), at(505)));
    assert_eq!(
        store.evidence().current().await.unwrap(),
        [(source.clone(), outline)]
    );
    let evidence = store.evidence();
    let read = evidence.body(source.id(), new.sha256).await.unwrap();
    assert_eq!(read, Some(new.body.clone()));
    let other = evidence.body(source.id(), sha256(b"other")).await.unwrap();
    assert_eq!(other, None);

    assert_eq!(succeed(&store, &claim, &new, 7).await, Stored::Unchanged);
    assert_eq!(evidence.version().await.unwrap(), 1);
    assert_eq!(
        only(&store).await.evidence.unwrap().fetched_at,
        at(7),
        "it was seen again"
    );
    let endless = NewEvidence {
        next_update: None,
        crl_number: None,
        ..self::new("endless", 0)
    };
    assert_eq!(succeed(&store, &claim, &endless, 8).await, Stored::Replaced);
    assert_eq!(only(&store).await.evidence.unwrap().next_update, None);
}

async fn a_ca_has_a_bounded_number_of_sources(store: Store) {
    let evidence = store.evidence();
    for number in 0..3 {
        let source = crl("gdca", &number.to_string(), None);
        let queued = evidence.queue(&source, at(0), at(-1), 3).await;
        assert_eq!(queued.unwrap(), Queued::Added);
    }
    for (source, outcome) in [
        (crl("gdca", "next", None), Queued::Full),
        (crl("gdca", "0", None), Queued::Known),
        (crl("cfca", "next", None), Queued::Added),
        (ocsp(b"of another kind"), Queued::Added),
    ] {
        let queued = evidence.queue(&source, at(0), at(-1), 3).await;
        assert_eq!(queued.unwrap(), outcome, "{source:?}");
    }
}

async fn many_who_queue_at_once_respect_the_limit(store: Store) {
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let source = crl("gdca", &number.to_string(), None);
                store.evidence().queue(&source, at(0), at(-1), 5).await
            })
        })
        .collect();
    let mut added = 0;
    for task in tasks {
        match task.await.unwrap().unwrap() {
            Queued::Added => added += 1,
            queued @ (Queued::Full | Queued::Known) => assert_eq!(queued, Queued::Full),
        }
    }
    assert_eq!(added, 5);
}

async fn what_nobody_wants_makes_room(store: Store) {
    let evidence = store.evidence();
    let (first, second, third) = (
        crl("gdca", "1", None),
        crl("gdca", "2", None),
        crl("gdca", "3", None),
    );
    evidence.queue(&first, at(0), at(-1), 2).await.unwrap();
    evidence.queue(&second, at(1), at(-1), 2).await.unwrap();
    // The first is wanted again, so that the second was wanted by nobody for longest.
    evidence.queue(&first, at(2), at(-1), 2).await.unwrap();
    let queued = evidence.queue(&third, at(3), at(1), 2).await.unwrap();
    assert_eq!(queued, Queued::Full);
    let queued = evidence.queue(&third, at(3), at(2), 2).await.unwrap();
    assert_eq!(queued, Queued::Added);
    let left: Vec<_> = evidence.list().await.unwrap();
    let left: Vec<_> = left.into_iter().map(|state| state.source).collect();
    assert_eq!(left, [first, third]);
}

async fn pinned_sources_follow_the_list(store: Store) {
    let evidence = store.evidence();
    let (one, two, seen) = (
        crl("gdca", "1", None),
        crl("gdca", "2", None),
        crl("gdca", "3", None),
    );
    queue(&store, &seen, 0).await;
    let list = [one.clone(), seen.clone()];
    assert_eq!(evidence.pin(&list, at(1)).await.unwrap(), 1);
    assert_eq!(evidence.pin(&list, at(2)).await.unwrap(), 0);
    let pinned = || async {
        let all = store.evidence().list().await.unwrap();
        let pinned = all.into_iter().filter(|state| state.pinned);
        pinned.map(|state| state.source).collect::<Vec<_>>()
    };
    assert_eq!(pinned().await, list);
    // They take no room, are not displaced and not forgotten.
    let queued = evidence.queue(&two, at(3), at(99), 1).await.unwrap();
    assert_eq!(queued, Queued::Added);
    assert_eq!(evidence.forget(at(99)).await.unwrap(), 1);
    assert_eq!(
        evidence
            .pin(std::slice::from_ref(&one), at(4))
            .await
            .unwrap(),
        0
    );
    assert_eq!(pinned().await, [one]);
    assert_eq!(evidence.forget(at(99)).await.unwrap(), 1);
    assert_eq!(evidence.list().await.unwrap().len(), 1);
}

async fn a_claim_is_exclusive_until_it_lapses(store: Store) {
    let source = crl("gdca", "a", None);
    queue(&store, &source, 10).await;
    assert_eq!(claim(&store, 9).await, [], "it is not due");
    let first = claim_one(&store, 10).await;
    assert_eq!((&first.source, first.until), (&source, at(70)));
    assert_eq!(claim(&store, 69).await, [], "it is somebody's");
    let second = claim_one(&store, 70).await;
    assert_eq!(second.until, at(130));
    // Whoever comes late with an answer does no harm.
    let answer = new("list", 0);
    assert_eq!(
        succeed(&store, &second, &answer, 71).await,
        Stored::Replaced
    );
    assert_eq!(
        succeed(&store, &first, &answer, 72).await,
        Stored::Unchanged
    );
    let older = new("older", -1);
    assert_eq!(succeed(&store, &first, &older, 73).await, Stored::Older);
    assert_eq!(body(&store).await.unwrap(), b"list");
}

async fn of_many_who_claim_at_once_each_source_goes_to_one(store: Store) {
    for number in 0..40 {
        queue(&store, &crl("gdca", &number.to_string(), None), 0).await;
    }
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut claimed = Vec::new();
                loop {
                    let claims = store.evidence().claim(at(0), at(60), 3).await.unwrap();
                    if claims.is_empty() {
                        return claimed;
                    }
                    assert!(claims.len() <= 3);
                    claimed.extend(claims.into_iter().map(|claim| claim.source.id()));
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    // Who comes second to a row may get fewer than it asked for, and none does not mean that none is left.
    all.extend(claim(&store, 0).await.iter().map(|claim| claim.source.id()));
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!((count, all.len()), (40, 40));
}

async fn failures_are_counted_until_a_success(store: Store) {
    let source = crl("gdca", "a", None);
    queue(&store, &source, 0).await;
    for number in 0..3 {
        let seconds = i64::from(number) * 100;
        let claim = claim_one(&store, seconds).await;
        assert_eq!(claim.failures, number);
        let evidence = store.evidence();
        let noted = evidence.fail(&claim, "TIMED_OUT", at(seconds + 100), at(seconds + 5));
        assert!(noted.await.unwrap());
        let state = only(&store).await;
        assert_eq!(
            (state.failures, state.failing_since),
            (number + 1, Some(at(5)))
        );
        assert_eq!(state.last_error.as_deref(), Some("TIMED_OUT"));
        assert_eq!(state.attempt_at, at(seconds + 100));
    }
    let claim = claim_one(&store, 300).await;
    succeed(&store, &claim, &new("list", 0), 301).await;
    let state = only(&store).await;
    assert_eq!((state.failures, state.failing_since), (0, None));
    assert_eq!(state.last_error, None);
}

async fn a_lapsed_claim_reports_no_failure(store: Store) {
    queue(&store, &crl("gdca", "a", None), 0).await;
    let first = claim_one(&store, 0).await;
    let second = claim_one(&store, 60).await;
    let fail = |claim: Claim| {
        let store = store.clone();
        async move {
            let evidence = store.evidence();
            let noted = evidence.fail(&claim, "TLS_FAILED", at(999), at(61));
            noted.await.unwrap()
        }
    };
    assert!(!fail(first).await);
    assert_eq!(only(&store).await.failures, 0);
    assert!(fail(second).await);
    assert_eq!(only(&store).await.failures, 1);
}

async fn an_older_list_leaves_the_newer_one(store: Store) {
    queue(&store, &crl("gdca", "a", None), 0).await;
    let claim = claim_one(&store, 0).await;
    succeed(&store, &claim, &new("newer", 10), 20).await;
    let before = only(&store).await;
    for older in [
        new("older", 9),
        NewEvidence {
            crl_number: Some("ff".to_owned()),
            ..new("lower number", 10)
        },
    ] {
        assert_eq!(succeed(&store, &claim, &older, 30).await, Stored::Older);
    }
    assert_eq!(only(&store).await, before);
    assert_eq!(body(&store).await.unwrap(), b"newer");
    assert_eq!(store.evidence().version().await.unwrap(), 1);
}

async fn an_unknown_signer_leaves_a_known_ones_evidence(store: Store) {
    queue(&store, &crl("gdca", "a", None), 0).await;
    let claim = claim_one(&store, 0).await;
    let unknown = |text: &str, this_update| NewEvidence {
        signer: Signer::Unknown,
        ..new(text, this_update)
    };
    let planted = unknown("planted", 900);
    assert_eq!(succeed(&store, &claim, &planted, 1).await, Stored::Replaced);
    let real = new("real", 10);
    assert_eq!(succeed(&store, &claim, &real, 20).await, Stored::Replaced);
    let again = succeed(&store, &claim, &planted, 30).await;
    assert_eq!(again, Stored::UnknownSigner);
    let unsure = unknown("real", 10);
    assert_eq!(
        succeed(&store, &claim, &unsure, 40).await,
        Stored::Unchanged
    );
    let outline = only(&store).await.evidence.unwrap();
    assert_eq!(outline.signer, Signer::Known, "who was known stays known");
    assert_eq!(body(&store).await.unwrap(), b"real");
}

async fn a_list_learns_who_signs_it(store: Store) {
    let issuer = |issuer: &[u8]| crl("gdca", "a", Some(issuer));
    queue(&store, &crl("gdca", "a", None), 0).await;
    let claim = claim_one(&store, 0).await;
    let unsure = NewEvidence {
        signer: Signer::Unknown,
        ..new("list", 0)
    };
    succeed(&store, &claim, &unsure, 1).await;
    assert_eq!(queue(&store, &issuer(b"one"), 2).await, Queued::Known);
    let state = only(&store).await;
    assert_eq!((state.source, state.attempt_at), (issuer(b"one"), at(2)));
    let claim = claim_one(&store, 2).await;
    assert_eq!(claim.source, issuer(b"one"));
    succeed(&store, &claim, &new("list", 0), 3).await;
    queue(&store, &issuer(b"two"), 4).await;
    assert_eq!(
        only(&store).await.source,
        issuer(b"one"),
        "it is known who signs it"
    );
}

async fn what_is_forgotten_is_gone_with_its_evidence(store: Store) {
    queue(&store, &crl("gdca", "a", None), 0).await;
    let claim = claim_one(&store, 0).await;
    succeed(&store, &claim, &new("list", 0), 1).await;
    assert_eq!(store.evidence().forget(at(0)).await.unwrap(), 0);
    queue(&store, &crl("gdca", "a", None), 10).await;
    assert_eq!(
        store.evidence().forget(at(10)).await.unwrap(),
        0,
        "wanted since"
    );
    assert_eq!(store.evidence().version().await.unwrap(), 1);
    assert_eq!(store.evidence().forget(at(11)).await.unwrap(), 1);
    assert_eq!(store.evidence().version().await.unwrap(), 2);
    assert_eq!(store.evidence().current().await.unwrap(), []);
    let late = succeed(&store, &claim, &new("list", 0), 12).await;
    assert_eq!(late, Stored::Forgotten);
    assert_eq!(store.evidence().list().await.unwrap(), []);
}

#[tokio::test]
async fn evidence_survives_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = vec![crate::store::sqlite_url(folder.path()).await];
    urls.extend(crate::postgres::database().await);
    for url in urls {
        let store = crate::store::open(&url).await;
        queue(&store, &ocsp(b"one"), 0).await;
        let claim = claim_one(&store, 0).await;
        let large = "x".repeat(3_000_000);
        succeed(&store, &claim, &new(&large, 0), 1).await;
        store.close().await;
        let store = crate::store::open(&url).await;
        assert_eq!(body(&store).await.unwrap(), large.as_bytes());
        assert_eq!(
            store.evidence().claim(at(501), at(600), 1).await.unwrap()[0].source,
            ocsp(b"one")
        );
    }
}

#[tokio::test]
async fn a_source_that_is_not_what_its_identifier_says_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = vec![crate::store::sqlite_url(folder.path()).await];
    urls.extend(crate::postgres::database().await);
    for url in urls {
        let store = crate::store::open(&url).await;
        let source = crl("gdca", "a", None);
        queue(&store, &source, 0).await;
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        connection
            .execute("UPDATE evidence_source SET url = 'http://169.254.169.254/'")
            .await
            .unwrap();
        for read in [
            store.evidence().list().await.map(|_| ()),
            store.evidence().claim(at(0), at(60), 1).await.map(|_| ()),
        ] {
            match read {
                Err(StoreError::Inconsistent { table, id }) => {
                    assert_eq!((table, id), ("evidence_source", source.id().to_string()));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
