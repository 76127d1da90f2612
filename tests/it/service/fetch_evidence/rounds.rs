//! When evidence is fetched, and what becomes of what arrives.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;

use yinxin::clock::Clock as _;
use yinxin::clock::Timestamp;
use yinxin::identifier::uscc::Uscc;
use yinxin::pki::issue::IssuingCa;
use yinxin::pki::issue::crl::CrlProfile;
use yinxin::pki::issue::crl::RevokedCertificate;
use yinxin::pki::issue::crl::issue_crl;
use yinxin::pki::issue::profile::EndEntityUsage;
use yinxin::pki::oid::Oid;
use yinxin::pki::revocation::reason::RevocationReason;
use yinxin::service::app::App;
use yinxin::service::fetch_evidence::queue::Sighted;
use yinxin::service::fetch_evidence::queue::Sighting;
use yinxin::service::fetch_evidence::queue::SightingRefusal;
use yinxin::service::fetch_evidence::round::Round;
use yinxin::store::evidence::EvidenceKind;
use yinxin::store::evidence::Hastened;
use yinxin::store::evidence::Signer;
use yinxin::store::evidence::SourceState;
use yinxin::validation::reason::ReasonCode;
use yinxin::validation::report::SubIndication;
use yinxin::validation::trust_store::CaId;
use yinxin::validation::trust_store::EvidenceUrlError;
use yinxin::validation::trust_store::UrlNotPermitted;

use crate::running_city::City;
use crate::running_city::Holder;
use crate::running_city::SIGNER_EKU;
use crate::running_city::in_a_city;
use crate::running_city::pki;
use crate::service::claims;
use crate::service::fetch_evidence::made::Responder;
use crate::service::fetch_evidence::made::crl;
use crate::service::fetch_evidence::made::forged;
use crate::service::fetch_evidence::made::ocsp_refusal;
use crate::service::fetch_evidence::web::Web;
use crate::service::fetch_evidence::web::ok;

in_a_city!(
    what_is_seen_first_is_fetched_later_and_then_at_hand,
    an_address_that_is_not_permitted_is_refused_by_name,
    a_request_never_fetches,
    a_verdict_waits_for_evidence_and_then_goes_by_it,
    what_fails_is_put_off_longer_and_longer,
    evidence_is_renewed_before_it_ends,
    what_is_no_list_leaves_the_old_one,
    an_older_list_leaves_the_newer_one,
    a_stranger_s_list_leaves_the_known_signer_s,
    a_list_from_the_future_is_refused,
    two_nodes_fetch_each_source_once,
    killed_in_the_middle_leaves_the_old_evidence,
    evidence_survives_its_process,
    lists_in_ca_toml_are_fetched_from_the_start,
    a_host_that_is_no_longer_permitted_is_left_alone,
    an_answer_about_a_certificate_is_fetched,
    an_answer_about_another_certificate_is_refused,
    who_answers_is_told_apart,
    the_loop_is_woken_by_what_is_new,
    what_nobody_wants_is_forgotten_after_a_month,
);

const DAY: u64 = 24 * 60 * 60;

/// What a server says until it is told otherwise.
#[derive(Clone, Default)]
struct Board(Arc<Mutex<Vec<u8>>>);

impl Board {
    fn put(&self, body: Vec<u8>) {
        *self.0.lock().unwrap() = body;
    }

    fn web(&self) -> Web {
        let board = self.clone();
        Web::start(move |_, stream| {
            let body = board.0.lock().unwrap().clone();
            ok(stream, &body)
        })
    }
}

fn alpha() -> CaId {
    CaId::parse("alpha").unwrap()
}

/// A list of the CA `alpha`, issued so many seconds after the beginning and good for a day.
fn list(city: &City, number: u8, after: u64) -> Vec<u8> {
    list_of(&pki().alpha, city, number, after)
}

fn list_of(ca: &IssuingCa, city: &City, number: u8, after: u64) -> Vec<u8> {
    let this_update = city.start().plus(Duration::from_secs(after));
    crl(
        ca,
        number,
        this_update,
        this_update.plus(Duration::from_secs(DAY)),
    )
}

impl City {
    /// Permits evidence of `alpha` from there, and whatever `more` says.
    fn permit(&self, web: &Web, more: &str) {
        let host = format!("crl.example.cn:{}", web.address.port());
        let lines = format!("hosts = ['{host}']\naddresses = ['127.0.0.0/8']\n{more}");
        self.amend_trust_store("alpha", &lines);
    }

    /// As if a certificate of `alpha` named that list.
    async fn see(&self, web: &Web) {
        let url = web.url("a.crl");
        let sighting = Sighting::Crl {
            url: &url,
            issuer: Some(pki().alpha.certificate()),
        };
        let sighted = self.app.queue_first_sight(&alpha(), &[sighting]).await;
        assert_eq!(sighted.unwrap(), [Sighted::Awaited]);
    }

    async fn round(&self) -> Round {
        self.app.fetch_due_evidence().await.unwrap()
    }

    async fn only_source(&self) -> SourceState {
        let mut sources = self.app.evidence_sources().await.unwrap();
        assert_eq!(sources.len(), 1);
        sources.remove(0)
    }

    /// Goes on until the next attempt is due.
    async fn wait_until_due(&self) {
        let due = self.only_source().await.attempt_at;
        self.clock.set(due);
    }
}

const STORED: Round = Round {
    stored: 1,
    unchanged: 0,
    failed: 0,
};
const UNCHANGED: Round = Round {
    stored: 0,
    unchanged: 1,
    failed: 0,
};
const FAILED: Round = Round {
    stored: 0,
    unchanged: 0,
    failed: 1,
};

fn bodies(app: &App) -> Vec<Vec<u8>> {
    let evidence = app.evidence();
    evidence
        .of(&alpha())
        .map(|one| one.content.der().to_vec())
        .collect()
}

async fn what_is_seen_first_is_fetched_later_and_then_at_hand(city: City) {
    let board = Board::default();
    board.put(list(&city, 1, 0));
    let web = board.web();
    city.permit(&web, "");
    city.see(&web).await;
    city.see(&web).await;
    assert_eq!(web.connections(), 0, "seeing is not fetching");
    assert_eq!(bodies(&city.app), Vec::<Vec<u8>>::new());
    assert_eq!(city.round().await, STORED);
    assert_eq!(bodies(&city.app), [list_bytes(&board)]);
    let evidence = city.app.evidence();
    let one = evidence.all().next().unwrap();
    assert_eq!(one.source.url().as_str(), web.url("a.crl"));
    assert_eq!(one.outline.signer, Signer::Known);
    assert_eq!(one.outline.this_update, city.start());
    assert_eq!(city.round().await, Round::default(), "it is not due");
    assert_eq!(web.connections(), 1);
    let counts = city.app.evidence_counts();
    assert_eq!(counts.len(), 1);
    assert_eq!(
        (counts[0].kind, counts[0].outcome, counts[0].count),
        (EvidenceKind::Crl, "stored", 1)
    );
}

fn list_bytes(board: &Board) -> Vec<u8> {
    board.0.lock().unwrap().clone()
}

async fn an_address_that_is_not_permitted_is_refused_by_name(city: City) {
    let web = Web::with(Vec::new());
    city.permit(&web, "");
    let port = web.address.port();
    let refused = [
        (
            "ldap://ldap.example.cn/cn=x,c=CN?certificateRevocationList".to_owned(),
            SightingRefusal::Url(EvidenceUrlError::LdapNotSupported),
        ),
        (
            "http://169.254.169.254/latest/meta-data/".to_owned(),
            SightingRefusal::NotPermitted(UrlNotPermitted::Host),
        ),
        (
            format!("http://crl.example.cn.evil.example:{port}/"),
            SightingRefusal::NotPermitted(UrlNotPermitted::Host),
        ),
        (
            "http://crl.example.cn:22/".to_owned(),
            SightingRefusal::NotPermitted(UrlNotPermitted::Port),
        ),
        (
            format!("http://crl.example.cn:{port}@evil.example/"),
            SightingRefusal::Url(EvidenceUrlError::UserInfo),
        ),
        (
            "file:///etc/passwd".to_owned(),
            SightingRefusal::Url(EvidenceUrlError::Scheme),
        ),
        (
            "http://0x7f000001/".to_owned(),
            SightingRefusal::Url(EvidenceUrlError::Malformed),
        ),
    ];
    let sightings: Vec<_> = refused
        .iter()
        .map(|(url, _)| Sighting::Crl { url, issuer: None })
        .collect();
    let sighted = city.app.queue_first_sight(&alpha(), &sightings).await;
    let expected: Vec<_> = refused
        .iter()
        .map(|(_, refusal)| Sighted::Refused(*refusal))
        .collect();
    assert_eq!(sighted.unwrap(), expected);
    // Each CA has hosts of its own.
    let url = web.url("a.crl");
    let sighting = [Sighting::Crl {
        url: &url,
        issuer: None,
    }];
    for (ca, refusal) in [
        ("beta", SightingRefusal::NotPermitted(UrlNotPermitted::Host)),
        ("nobody", SightingRefusal::UnknownCa),
    ] {
        let ca = CaId::parse(ca).unwrap();
        let sighted = city.app.queue_first_sight(&ca, &sighting).await;
        assert_eq!(sighted.unwrap(), [Sighted::Refused(refusal)]);
    }
    let many = [sighting[0]; 40];
    let sighted = city.app.queue_first_sight(&alpha(), &many).await.unwrap();
    assert_eq!(sighted.len(), 40);
    assert_eq!(sighted[31], Sighted::Awaited);
    assert_eq!(sighted[32], Sighted::Refused(SightingRefusal::TooMany));
    assert_eq!(city.app.evidence_sources().await.unwrap().len(), 1);
    assert_eq!(web.connections(), 0);
}

async fn a_request_never_fetches(city: City) {
    let web = Web::with(list(&city, 1, 0));
    let more = format!(
        "revocation = 'required'\nevidence = ['{}']\n",
        web.url("pinned.crl")
    );
    city.permit(&web, &more);
    let issued = city.issued().await;
    city.verify(&city.bank_a, &issued.compact).await;
    let uscc: Uscc = crate::store::uscc(1);
    let company = Holder::of_company(&pki().alpha, &uscc);
    let pem = yinxin::encoding::pem::encode("CERTIFICATE", company.certificate.der());
    city.verify(&city.bank_a, &pem).await;
    city.see(&web).await;
    city.verify(&city.bank_a, &pem).await;
    city.app.keep_house().await.unwrap();
    assert_eq!(web.connections(), 0);
}

/// A certificate of a company, and another one that the same list revokes.
async fn a_verdict_waits_for_evidence_and_then_goes_by_it(city: City) {
    let board = Board::default();
    let web = board.web();
    city.permit(&web, "revocation = 'required'\n");
    let usage = EndEntityUsage::Signer(vec![Oid::parse(SIGNER_EKU).unwrap()]);
    let make = |name| {
        let url = web.url("a.crl");
        Holder::new(&pki().alpha, name, &usage, |profile| {
            profile.crl_url = Some(url);
        })
    };
    let (good, revoked) = (make("Good"), make("Revoked"));
    let list = CrlProfile {
        number: 1,
        this_update: city.start(),
        next_update: city.start().plus(Duration::from_secs(DAY)),
        revoked: vec![RevokedCertificate {
            serial: revoked.certificate.serial().clone(),
            at: city.start(),
            reason: RevocationReason::KeyCompromise,
        }],
    };
    board.put(issue_crl(&pki().alpha, &list).unwrap());
    let verify = async |holder: &Holder| {
        let pem = yinxin::encoding::pem::encode("CERTIFICATE", holder.certificate.der());
        city.verify(&city.bank_a, &pem).await
    };
    let mut receipts = Vec::new();
    for holder in [&good, &revoked] {
        let report = verify(holder).await;
        assert_eq!(
            report.sub_indication,
            Some(SubIndication::TryLater),
            "{:?}",
            report.all_reasons()
        );
        receipts.push(claims(&report.receipt.unwrap()).jti);
    }
    assert_eq!(web.connections(), 0);
    assert_eq!(city.round().await, STORED);
    // What the list says is told of what was verified before it came; its silence proves nothing.
    let replay = city.app.replay(&city.bank_a, &receipts[0]).await.unwrap();
    assert!(replay.differences.is_empty() && replay.taken_over.contains(&"revocation"));
    let replay = city.app.replay(&city.bank_a, &receipts[1]).await.unwrap();
    assert_eq!(replay.differences[0].code, "CERTIFICATE_REVOKED");
    assert_eq!(replay.differences[0].since, Some(city.start()));
    assert_eq!((replay.consistent, replay.now.verdict), (Some(true), None));
    let report = verify(&good).await;
    assert!(report.passed(), "{:?}", report.all_reasons());
    assert_eq!(report.signatures[0].revocation.len(), 1);
    let used = report.signatures[0].revocation[0].sha256.unwrap();
    let said = claims(&report.receipt.unwrap()).evidence;
    assert_eq!(said, [used.into()]);
    let report = verify(&revoked).await;
    assert_eq!(report.sub_indication, Some(SubIndication::RevokedNoPoe));
    // Nothing newer comes: what is out of date decides nothing.
    city.wait(2 * DAY);
    let report = verify(&good).await;
    assert_eq!(report.sub_indication, Some(SubIndication::TryLater));
    let stale = ReasonCode::RevocationStale;
    assert!(
        report
            .all_reasons()
            .iter()
            .any(|reason| reason.code() == stale)
    );
    assert_eq!(web.connections(), 1);
}

async fn what_fails_is_put_off_longer_and_longer(city: City) {
    let web = Web::saying("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n");
    city.permit(&web, "");
    city.see(&web).await;
    let mut longest = 60;
    for failures in 1..=10 {
        let now = city.clock.now();
        assert_eq!(city.round().await, FAILED);
        assert_eq!(city.round().await, Round::default(), "it is put off");
        let state = city.only_source().await;
        assert_eq!(state.failures, failures);
        assert_eq!(state.failing_since, Some(city.start()));
        assert_eq!(state.last_error.as_deref(), Some("HTTP_STATUS 500"));
        let wait = state.attempt_at.since(now).as_secs();
        assert!(
            (longest * 3 / 4..longest).contains(&wait),
            "{wait} {longest}"
        );
        longest = (longest * 2).min(4 * 3600);
        city.wait(wait - 1);
        assert_eq!(city.round().await, Round::default(), "a second too early");
        city.wait_until_due().await;
    }
    assert_eq!(web.connections(), 10);
    // An operator who repaired something does not wait.
    city.round().await;
    city.app.hasten_evidence(Hastened::Failing).await.unwrap();
    assert_eq!(city.round().await, FAILED);
    let counts = city.app.evidence_counts();
    assert_eq!((counts[0].outcome, counts[0].count), ("HTTP_STATUS", 12));
}

async fn evidence_is_renewed_before_it_ends(city: City) {
    let board = Board::default();
    board.put(list(&city, 1, 0));
    let web = board.web();
    // Six hours at the longest would come before half of a day.
    city.permit(&web, "maximum-age = '4h'\n");
    city.see(&web).await;
    city.round().await;
    let wait = city.only_source().await.attempt_at.since(city.start());
    assert!((7200..10_800).contains(&wait.as_secs()), "{wait:?}");
    city.wait_until_due().await;
    board.put(list(&city, 2, wait.as_secs()));
    assert_eq!(city.round().await, STORED);
    assert_eq!(bodies(&city.app), [list_bytes(&board)]);
    // Without a new one, it is looked for again and again, and that is no failure.
    city.wait_until_due().await;
    let late = city.only_source().await.attempt_at;
    assert_eq!(city.round().await, UNCHANGED);
    let state = city.only_source().await;
    assert_eq!((state.failures, state.last_error), (0, None));
    assert!(state.attempt_at.since(late).as_secs() >= 300);
    city.app.hasten_evidence(Hastened::Failing).await.unwrap();
    assert_eq!(city.round().await, Round::default(), "nothing has failed");
    city.app.hasten_evidence(Hastened::All).await.unwrap();
    assert_eq!(city.round().await, UNCHANGED);
}

async fn what_is_no_list_leaves_the_old_one(city: City) {
    let board = Board::default();
    let good = list(&city, 1, 0);
    board.put(good.clone());
    let web = board.web();
    city.permit(&web, "");
    city.see(&web).await;
    city.round().await;
    let mut trailing = list(&city, 2, 10);
    trailing.push(0);
    let truncated = list(&city, 2, 10);
    let truncated = truncated[..truncated.len() - 1].to_vec();
    for rubbish in [
        Vec::new(),
        b"<html>404</html>".to_vec(),
        pki().alpha.certificate().der().to_vec(),
        truncated,
        trailing,
    ] {
        board.put(rubbish);
        city.wait_until_due().await;
        assert_eq!(city.round().await, FAILED);
        let state = city.only_source().await;
        assert_eq!(state.last_error.as_deref(), Some("NOT_A_CRL"));
        assert_eq!(bodies(&city.app), std::slice::from_ref(&good));
    }
    board.put(list(&city, 2, 10));
    city.wait_until_due().await;
    assert_eq!(city.round().await, STORED);
    assert_eq!(city.only_source().await.failures, 0);
}

async fn an_older_list_leaves_the_newer_one(city: City) {
    let board = Board::default();
    let newer = list(&city, 2, 0);
    board.put(newer.clone());
    let web = board.web();
    city.permit(&web, "");
    city.see(&web).await;
    city.round().await;
    let before = city.start().minus(Duration::from_secs(60));
    let older = crl(
        &pki().alpha,
        3,
        before,
        city.start().plus(Duration::from_secs(DAY)),
    );
    for body in [older, list(&city, 1, 0)] {
        board.put(body);
        city.wait_until_due().await;
        assert_eq!(city.round().await, FAILED);
        let state = city.only_source().await;
        assert_eq!(state.last_error.as_deref(), Some("OLDER_THAN_STORED"));
        assert_eq!(bodies(&city.app), std::slice::from_ref(&newer));
    }
}

async fn a_stranger_s_list_leaves_the_known_signer_s(city: City) {
    let board = Board::default();
    let web = board.web();
    city.permit(&web, "");
    city.see(&web).await;
    // As long as there is nothing better, a list of somebody unknown is kept: its signer may be found yet.
    board.put(list_of(&pki().unknown, &city, 9, 0));
    assert_eq!(city.round().await, STORED);
    assert_eq!(
        city.app.evidence().all().next().unwrap().outline.signer,
        Signer::Unknown
    );
    board.put(forged(&list(&city, 9, 0)));
    city.wait_until_due().await;
    assert_eq!(city.round().await, FAILED);
    let state = city.only_source().await;
    assert_eq!(state.last_error.as_deref(), Some("SIGNATURE_WRONG"));
    let real = list(&city, 1, 0);
    board.put(real.clone());
    city.wait_until_due().await;
    assert_eq!(city.round().await, STORED, "although its number is smaller");
    board.put(list_of(&pki().unknown, &city, 99, 60));
    city.wait_until_due().await;
    assert_eq!(city.round().await, FAILED);
    let state = city.only_source().await;
    assert_eq!(state.last_error.as_deref(), Some("UNKNOWN_SIGNER"));
    assert_eq!(bodies(&city.app), [real]);
}

async fn a_list_from_the_future_is_refused(city: City) {
    let board = Board::default();
    board.put(list(&city, 1, 301));
    let web = board.web();
    city.permit(&web, "");
    city.see(&web).await;
    assert_eq!(city.round().await, FAILED);
    let state = city.only_source().await;
    assert_eq!(state.last_error.as_deref(), Some("FROM_THE_FUTURE"));
    board.put(list(&city, 1, 300));
    city.app.hasten_evidence(Hastened::Failing).await.unwrap();
    assert_eq!(city.round().await, STORED, "clocks differ a little");
}

async fn two_nodes_fetch_each_source_once(city: City) {
    let web = Web::with(list(&city, 1, 0));
    city.permit(&web, "");
    let urls: Vec<String> = (0..30).map(|n| web.url(&format!("{n}.crl"))).collect();
    let sightings: Vec<_> = urls
        .iter()
        .map(|url| Sighting::Crl { url, issuer: None })
        .collect();
    city.app
        .queue_first_sight(&alpha(), &sightings)
        .await
        .unwrap();
    let other = city.restarted();
    let (one, two) = tokio::join!(city.app.fetch_due_evidence(), other.fetch_due_evidence());
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((one.stored + two.stored, one.failed + two.failed), (30, 0));
    let mut asked: Vec<_> = web
        .asked()
        .iter()
        .map(|asked| asked.line().to_owned())
        .collect();
    asked.sort();
    asked.dedup();
    assert_eq!((asked.len(), web.connections()), (30, 30));
    // Each takes up what the other has stored.
    for app in [&city.app, &other] {
        app.reload_evidence().await.unwrap();
        assert_eq!(bodies(app).len(), 30);
    }
}

async fn killed_in_the_middle_leaves_the_old_evidence(city: City) {
    let (good, arrived) = (list(&city, 1, 0), mpsc::channel());
    let (tell, told) = arrived;
    let (body, is_first) = (good.clone(), Mutex::new(true));
    let web = Web::start(move |_, stream| {
        if std::mem::take(&mut *is_first.lock().unwrap()) {
            return ok(stream, &body);
        }
        // Half an answer, until the other side hangs up.
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )?;
        stream.write_all(&body[..body.len() / 2])?;
        let _ = tell.send(());
        let _ = std::io::copy(stream, &mut std::io::sink());
        Ok(())
    });
    city.permit(&web, "");
    city.see(&web).await;
    city.round().await;
    city.wait_until_due().await;
    let app = city.restarted();
    let killed = tokio::spawn(async move { app.fetch_due_evidence().await });
    let told = tokio::task::spawn_blocking(move || {
        told.recv_timeout(Duration::from_secs(30)).unwrap();
    });
    told.await.unwrap();
    killed.abort();
    assert!(killed.await.unwrap_err().is_cancelled());
    let next = city.restarted();
    next.reload_evidence().await.unwrap();
    assert_eq!(bodies(&next), std::slice::from_ref(&good));
    // It was claimed, and comes up again once the claim has lapsed.
    let state = city.only_source().await;
    assert_eq!((state.failures, &state.last_error), (0, &None));
    let due = state.attempt_at.since(city.clock.now());
    assert!(due <= Duration::from_secs(300), "{due:?}");
    assert_eq!(city.round().await, Round::default());
}

async fn evidence_survives_its_process(city: City) {
    let board = Board::default();
    board.put(list(&city, 1, 0));
    let web = board.web();
    city.permit(&web, "");
    city.see(&web).await;
    city.round().await;
    let app = city.restarted();
    assert_eq!(app.evidence().all().count(), 0);
    app.reload_evidence().await.unwrap();
    assert_eq!(bodies(&app), [list_bytes(&board)]);
    assert_eq!(app.fetch_due_evidence().await.unwrap(), Round::default());
    assert_eq!(web.connections(), 1, "it needs not be fetched again");
    // A snapshot that was taken does not change.
    let taken = app.evidence();
    board.put(list(&city, 2, 10));
    city.wait_until_due().await;
    city.round().await;
    app.reload_evidence().await.unwrap();
    assert_eq!(bodies(&app), [list_bytes(&board)]);
    assert_ne!(
        taken.all().next().unwrap().content.der(),
        list_bytes(&board)
    );
}

async fn lists_in_ca_toml_are_fetched_from_the_start(city: City) {
    let web = Web::with(list(&city, 1, 0));
    let more = format!("evidence = ['{}', '{0}']\n", web.url("pinned.crl"));
    city.permit(&web, &more);
    let app = city.restarted();
    assert_eq!(app.fetch_due_evidence().await.unwrap(), STORED);
    assert!(city.only_source().await.pinned);
    assert_eq!(bodies(&app).len(), 1);
    assert_eq!(
        app.evidence().all().next().unwrap().outline.signer,
        Signer::Known,
        "the anchor signed it"
    );
    // A trust store that no longer names it gives it up; it stays for as long as it is wanted.
    city.permit(&web, "");
    app.reload_trust().unwrap();
    app.fetch_due_evidence().await.unwrap();
    assert!(!city.only_source().await.pinned);
    city.wait(30 * DAY + 1);
    app.keep_house().await.unwrap();
    app.reload_evidence().await.unwrap();
    assert_eq!(bodies(&app), Vec::<Vec<u8>>::new());
}

async fn a_host_that_is_no_longer_permitted_is_left_alone(city: City) {
    let web = Web::with(list(&city, 1, 0));
    city.permit(&web, "");
    city.see(&web).await;
    for (lines, told) in [
        ("", "HOST_NOT_PERMITTED"),
        (
            "hosts = ['crl.example.cn']\naddresses = ['127.0.0.0/8']\n",
            "PORT_NOT_PERMITTED",
        ),
    ] {
        city.amend_trust_store("alpha", lines);
        assert_eq!(city.round().await, FAILED);
        let state = city.only_source().await;
        assert_eq!(state.last_error.as_deref(), Some(told));
        city.wait_until_due().await;
    }
    let host = format!("hosts = ['crl.example.cn:{}']\n", web.address.port());
    city.amend_trust_store("alpha", &host);
    assert_eq!(city.round().await, FAILED);
    let state = city.only_source().await;
    assert_eq!(
        state.last_error.as_deref(),
        Some("ADDRESS_NOT_PERMITTED 127.0.0.1"),
        "no private address unless it is named"
    );
    assert_eq!(web.connections(), 0);
}

/// A responder of `alpha`, whose answers are good for an hour.
fn responder(city: &City, answer_for: Option<Vec<u8>>) -> Web {
    let now = city.clock.now();
    Web::start(move |asked, stream| {
        let request = answer_for.as_deref().unwrap_or(&asked.body);
        let next = now.plus(Duration::from_secs(3600));
        let answer = Responder::ca(&pki().alpha).answer(request, now, next);
        ok(stream, &answer)
    })
}

impl City {
    async fn ask(&self, web: &Web, of: &Holder) -> Sighted {
        let url = web.url("ocsp");
        let sighting = Sighting::Ocsp {
            url: &url,
            certificate: &of.certificate,
            issuer: pki().alpha.certificate(),
        };
        let sighted = self.app.queue_first_sight(&alpha(), &[sighting]).await;
        sighted.unwrap()[0]
    }
}

async fn an_answer_about_a_certificate_is_fetched(city: City) {
    let web = responder(&city, None);
    city.permit(&web, "");
    let company = Holder::of_company(&pki().alpha, &crate::store::uscc(1));
    assert_eq!(city.ask(&web, &company).await, Sighted::Awaited);
    assert_eq!(city.round().await, STORED);
    let evidence = city.app.evidence();
    let one = evidence.all().next().unwrap();
    assert_eq!(one.source.kind(), EvidenceKind::Ocsp);
    assert_eq!(one.source.certificate(), Some(company.certificate.der()));
    assert_eq!(one.outline.signer, Signer::Known);
    let asked = &web.asked()[0];
    assert_eq!(asked.line(), "POST /ocsp");
    let wait = city.only_source().await.attempt_at.since(city.start());
    assert!((1800..2700).contains(&wait.as_secs()), "{wait:?}");
}

async fn an_answer_about_another_certificate_is_refused(city: City) {
    let first = responder(&city, None);
    city.permit(&first, "");
    let one = Holder::of_company(&pki().alpha, &crate::store::uscc(1));
    city.ask(&first, &one).await;
    city.round().await;
    let about_the_other = first.asked()[0].body.clone();
    let second = responder(&city, Some(about_the_other));
    city.permit(&second, "");
    let two = Holder::of_company(&pki().alpha, &crate::store::uscc(2));
    city.ask(&second, &two).await;
    assert_eq!(city.round().await, FAILED);
    let sources = city.app.evidence_sources().await.unwrap();
    let failed = sources.iter().find(|source| source.failures > 0).unwrap();
    assert_eq!(failed.last_error.as_deref(), Some("OTHER_CERTIFICATE"));
}

async fn who_answers_is_told_apart(city: City) {
    let usage = EndEntityUsage::Signer(vec![Oid::parse("1.3.6.1.5.5.7.3.9").unwrap()]);
    let delegate = |ca: &IssuingCa| Holder::new(ca, "OCSP", &usage, |_| {});
    let (ours, strange) = (delegate(&pki().alpha), delegate(&pki().unknown));
    let (now, next) = (city.start(), city.start().plus(Duration::from_secs(3600)));
    let by = |holder: &Holder, introduced, request: &[u8]| {
        let (certificate, key) = (&holder.certificate, &holder.key());
        let responder = Responder {
            certificate,
            key,
            introduced,
        };
        responder.answer(request, now, next)
    };
    let board = Board::default();
    // Learns what is asked.
    board.put(ocsp_refusal());
    let asking = Arc::new(Mutex::new(Vec::new()));
    let (answers, heard) = (board.clone(), asking.clone());
    let web = Web::start(move |asked, stream| {
        *heard.lock().unwrap() = asked.body.clone();
        let body = answers.0.lock().unwrap().clone();
        ok(stream, &body)
    });
    city.permit(&web, "");
    let company = Holder::of_company(&pki().alpha, &crate::store::uscc(1));
    city.ask(&web, &company).await;
    let told = || async {
        city.wait_until_due().await;
        city.round().await;
        let state = city.only_source().await;
        (
            state.last_error,
            state.evidence.map(|evidence| evidence.signer),
        )
    };
    let failed = |code: &str, held| (Some(code.to_owned()), held);
    assert_eq!(told().await, failed("OCSP_REFUSED unauthorized", None));
    let request = asking.lock().unwrap().clone();
    let good = by(&ours, true, &request);
    for bad in [
        Vec::new(),
        good[..good.len() - 1].to_vec(),
        list(&city, 1, 0),
    ] {
        board.put(bad);
        assert_eq!(told().await, failed("NOT_AN_OCSP_RESPONSE", None));
    }
    let mut unsigned = good.clone();
    // A byte of the responder's certificate is one of its signature, which is then nobody's.
    *unsigned.last_mut().unwrap() ^= 1;
    board.put(unsigned);
    let unknown = (None, Some(Signer::Unknown));
    assert_eq!(told().await, unknown);
    board.put(by(&strange, true, &request));
    assert_eq!(told().await, unknown);
    board.put(by(&ours, false, &request));
    assert_eq!(told().await, unknown, "nobody introduced it");
    let known = Some(Signer::Known);
    board.put(good);
    assert_eq!(told().await, (None, known));
    let forged = forged(&Responder::ca(&pki().alpha).answer(&request, now, next));
    board.put(forged);
    assert_eq!(told().await, failed("SIGNATURE_WRONG", known));
    board.put(by(&strange, true, &request));
    assert_eq!(told().await, failed("UNKNOWN_SIGNER", known));
}

async fn the_loop_is_woken_by_what_is_new(city: City) {
    let web = Web::with(list(&city, 1, 0));
    city.permit(&web, "");
    let app = city.app.clone();
    let keeping = tokio::spawn(async move { app.keep_evidence().await });
    city.see(&web).await;
    let app = &city.app;
    let fetched = async {
        while app.evidence().all().count() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), fetched)
        .await
        .expect("it is fetched");
    keeping.abort();
    assert!(keeping.await.unwrap_err().is_cancelled());
    assert_eq!(web.connections(), 1);
}

async fn what_nobody_wants_is_forgotten_after_a_month(city: City) {
    let web = Web::with(list(&city, 1, 0));
    city.permit(&web, "");
    city.see(&web).await;
    city.wait(29 * DAY);
    city.see(&web).await;
    city.wait(29 * DAY);
    city.app.keep_house().await.unwrap();
    assert_eq!(
        city.app.evidence_sources().await.unwrap().len(),
        1,
        "it was wanted meanwhile"
    );
    city.wait(DAY + 1);
    city.app.keep_house().await.unwrap();
    assert_eq!(city.app.evidence_sources().await.unwrap(), []);
    // Seen again, it is queued again.
    city.see(&web).await;
    assert_eq!(city.app.evidence_sources().await.unwrap().len(), 1);
}

impl City {
    /// When the tests begin.
    fn start(&self) -> Timestamp {
        *crate::running_city::NOW
    }
}
