//! A city whose service runs: real keys, CAs and certificates, four callers, and an [`App`] on a store of its own.
//!
//! The keys are made once for the whole binary. Time stands at [`NOW`] until a test moves it, and
//! everything random but keys and signatures follows from a seed.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use yinxin::clock::FixedClock;
use yinxin::clock::Timestamp;
use yinxin::credential::kind::KindSet;
use yinxin::crypto::hmac::HmacKey;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::random::SeededRandom;
use yinxin::crypto::sign::SigningKey;
use yinxin::encoding::pem;
use yinxin::identifier::uscc::Uscc;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::issue::IssuingCa;
use yinxin::pki::issue::issue_end_entity;
use yinxin::pki::issue::issue_root;
use yinxin::pki::issue::profile::COMMON_NAME;
use yinxin::pki::issue::profile::CertificateProfile;
use yinxin::pki::issue::profile::EndEntityUsage;
use yinxin::pki::issue::profile::ORGANISATION_IDENTIFIER;
use yinxin::pki::oid::Oid;
use yinxin::registry::caller_terms::CallerTerms;
use yinxin::registry::company::CompanyFacts;
use yinxin::registry::department::DepartmentId;
use yinxin::registry::issuer::IssuerEntry;
use yinxin::registry::issuer::IssuerIdentity;
use yinxin::registry::recognition::RecognitionRow;
use yinxin::registry::recognition::proposal::Approval;
use yinxin::registry::relying_party::RelyingParty;
use yinxin::registry::relying_party::RelyingPartyId;
use yinxin::registry::relying_party::RelyingPartyKind;
use yinxin::registry::text::Text;
use yinxin::service::app::App;
use yinxin::service::app::AppParts;
use yinxin::service::app::CertifiedKey;
use yinxin::service::app::CityKeys;
use yinxin::service::app::Settings;
use yinxin::service::call::CallContext;
use yinxin::service::call::Caller;
use yinxin::service::fail_point::FailPoints;
use yinxin::service::fetch_evidence::EvidenceSettings;
use yinxin::service::fetch_evidence::download::HttpDownload;
use yinxin::service::issue::IssueRequest;
use yinxin::service::manage::scopes_of;
use yinxin::service::open::Naming;
use yinxin::service::recognise::TrustSource;
use yinxin::service::sign_audit_head::AuditSettings;
use yinxin::service::verify::DiagnosticDetail;
use yinxin::service::verify::Overall;
use yinxin::service::verify::SignedContent;
use yinxin::service::verify::Submitted;
use yinxin::service::verify::VerifyRequest;
use yinxin::store::Store;
use yinxin::store::credentials::IssuedCredential;
use yinxin::store::trust_roots;
use yinxin::store::trust_roots::TrustRootsError;
use yinxin::validation::report::Report;
use yinxin::validation::trust_store::CaId;
use yinxin::validation::trust_store::TrustSet;
use yinxin::validation::trust_store::Usage;

use crate::service::fetch_evidence::download::CAPS;
use crate::service::fetch_evidence::web::Names;
use crate::store::Fixture;

pub(crate) const URL: &str = "https://yinxin.example";
/// The type that the market regulator issues.
pub(crate) const REGISTRATION: &str = "https://yinxin.example/vct/business-registration/v1";
/// The type that the state tax bureau issues.
pub(crate) const TAX: &str = "https://yinxin.example/vct/tax-registration/v1";
/// What the CAs of companies put into their certificates: `emailProtection`.
pub(crate) const SIGNER_EKU: &str = "1.3.6.1.5.5.7.3.4";

/// When the tests begin.
pub(crate) static NOW: LazyLock<Timestamp> = LazyLock::new(|| time("2026-06-01T00:00:00Z"));

pub(crate) fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A certificate and its key, which can be handed out more than once.
pub(crate) struct Holder {
    pub(crate) certificate: Certificate,
    pkcs8: Vec<u8>,
    purpose: KeyPurpose,
}

impl Holder {
    /// Issues a certificate for a new key; `change` has the last word on what it says.
    pub(crate) fn new(
        ca: &IssuingCa,
        name: &str,
        usage: &EndEntityUsage,
        change: impl FnOnce(&mut CertificateProfile),
    ) -> Self {
        let purpose = match usage {
            EndEntityUsage::Purpose(purpose) => *purpose,
            EndEntityUsage::Signer(_) => KeyPurpose::Credential,
        };
        let (key, pkcs8) = SigningKey::generate(purpose).unwrap();
        let mut profile = profile(name, "2025-01-01T00:00:00Z", "2030-01-01T00:00:00Z");
        change(&mut profile);
        Self {
            certificate: issue_end_entity(ca, key.public_key(), &profile, usage).unwrap(),
            pkcs8: pkcs8.expose().clone(),
            purpose,
        }
    }

    /// A company's own certificate, as one of the CAs for companies issues it.
    pub(crate) fn of_company(ca: &IssuingCa, uscc: &Uscc) -> Self {
        let usage = EndEntityUsage::Signer(vec![Oid::parse(SIGNER_EKU).unwrap()]);
        Self::new(ca, "某公司", &usage, |profile| {
            let identifier = (ORGANISATION_IDENTIFIER, format!("NTRCN-{uscc}"));
            profile.subject.push(identifier);
        })
    }

    pub(crate) fn key(&self) -> SigningKey {
        SigningKey::from_pkcs8(self.purpose, &self.pkcs8).unwrap()
    }

    /// The private key, for who signs with other software.
    pub(crate) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    fn certified(&self) -> CertifiedKey {
        CertifiedKey {
            key: self.key(),
            certificates: vec![self.certificate.clone()],
        }
    }
}

fn profile(name: &str, not_before: &str, not_after: &str) -> CertificateProfile {
    static SERIAL: AtomicU64 = AtomicU64::new(1);
    let number = SERIAL.fetch_add(1, Ordering::Relaxed);
    CertificateProfile {
        subject: vec![(COMMON_NAME, name.to_owned())],
        serial: (u128::from(number) | 1 << 126).to_be_bytes(),
        not_before: time(not_before),
        not_after: time(not_after),
        policies: Vec::new(),
        crl_url: None,
        identity: Vec::new(),
    }
}

fn root(name: &str) -> IssuingCa {
    let (key, _) = SigningKey::generate(KeyPurpose::CertificateAuthority).unwrap();
    let profile = profile(name, "2020-01-01T00:00:00Z", "2045-01-01T00:00:00Z");
    let certificate = issue_root(&key, &profile, Some(0)).unwrap();
    IssuingCa::new(certificate, key).unwrap()
}

/// The CAs, and the certificates of the city's own keys.
pub(crate) struct Pki {
    /// Certifies who issues credentials.
    pub(crate) city: IssuingCa,
    /// May vouch for `banking`, `registration` and `tax`; `bank-a` recognises it for the first two.
    pub(crate) alpha: IssuingCa,
    /// May vouch for `tax`; `bank-b` alone recognises it.
    pub(crate) beta: IssuingCa,
    /// Has no trust store.
    pub(crate) unknown: IssuingCa,
    pub(crate) credential: Holder,
    pub(crate) receipt: Holder,
    pub(crate) status_list: Holder,
    pub(crate) timestamp: Holder,
}

static PKI: LazyLock<Pki> = LazyLock::new(|| {
    let city = root("City CA");
    let own = |purpose: KeyPurpose| {
        Holder::new(
            &city,
            purpose.name(),
            &EndEntityUsage::Purpose(purpose),
            |_| {},
        )
    };
    Pki {
        credential: own(KeyPurpose::Credential),
        receipt: own(KeyPurpose::Receipt),
        status_list: own(KeyPurpose::StatusList),
        timestamp: own(KeyPurpose::Timestamp),
        city,
        alpha: root("Alpha CA"),
        beta: root("Beta CA"),
        unknown: root("Unknown CA"),
    }
});

pub(crate) fn pki() -> &'static Pki {
    &PKI
}

/// The folder of trust stores.
struct Folder(PathBuf);

impl TrustSource for Folder {
    fn read(&self) -> Result<TrustSet, TrustRootsError> {
        trust_roots::load_dir(&self.0)
    }
}

pub(crate) struct City {
    pub(crate) app: App,
    /// The same database, for looking at it and for leaving things in it.
    pub(crate) store: Store,
    pub(crate) clock: Arc<FixedClock>,
    /// The department that issues [`REGISTRATION`].
    pub(crate) market: Caller,
    /// The department that issues [`TAX`].
    pub(crate) tax: Caller,
    pub(crate) bank_a: Caller,
    pub(crate) bank_b: Caller,
    random: Arc<SeededRandom>,
    folder: TempDir,
    _database: Fixture,
}

impl City {
    pub(crate) async fn on_sqlite() -> Self {
        Self::new(crate::store::sqlite().await).await
    }

    /// `None` where there is no PostgreSQL.
    pub(crate) async fn on_postgres() -> Option<Self> {
        Some(Self::new(crate::store::postgres().await?).await)
    }

    async fn new(database: Fixture) -> Self {
        let (clock, random) = (FixedClock::new(*NOW), SeededRandom::new([7; 32]));
        let (clock, random) = (Arc::new(clock), Arc::new(random));
        let folder = tempfile::tempdir().unwrap();
        let city = Self {
            app: app(
                &database.store,
                &clock,
                &random,
                &folder,
                (FailPoints::none(), settings()),
            ),
            store: database.store.clone(),
            clock,
            market: caller("market-regulation", Some(DepartmentId::MARKET_REGULATION)),
            tax: caller("state-tax", Some(DepartmentId::STATE_TAX)),
            bank_a: caller("bank-a", None),
            bank_b: caller("bank-b", None),
            random,
            folder,
            _database: database,
        };
        for caller in [&city.market, &city.tax, &city.bank_a, &city.bank_b] {
            city.app.add_caller(&caller.party).await.unwrap();
            city.recognise(caller, "city", &pki().city, &["credential-issuing"])
                .await;
        }
        let public = city.app.public_caller();
        city.recognise(&public, "city", &pki().city, &["credential-issuing"])
            .await;
        city.recognise(
            &city.bank_a,
            "alpha",
            &pki().alpha,
            &["banking", "registration"],
        )
        .await;
        city.recognise(&city.bank_b, "beta", &pki().beta, &["tax"])
            .await;
        for (department, vct) in [
            (DepartmentId::MARKET_REGULATION, REGISTRATION),
            (DepartmentId::STATE_TAX, TAX),
        ] {
            city.app
                .enter_issuer(&city.issuer(&department, vct))
                .await
                .unwrap();
        }
        city
    }

    /// The line of the issuer register that lets the city's key issue `vct`.
    pub(crate) fn issuer(&self, department: &DepartmentId, vct: &str) -> IssuerEntry {
        IssuerEntry {
            id: department.to_string(),
            department: department.clone(),
            identity: IssuerIdentity::Spki(pki().credential.certificate.public_key().sha256()),
            iss: Some(URL.to_owned()),
            vct: vct.to_owned(),
            regions: vec!["441900".to_owned()],
            valid_from: time("2026-01-01T00:00:00Z"),
            valid_until: None,
        }
    }

    /// Has `caller` recognise a CA by its one anchor, from long ago on.
    pub(crate) async fn recognise(
        &self,
        caller: &Caller,
        ca: &str,
        by: &IssuingCa,
        usages: &[&str],
    ) {
        let row = |usage: &&str| {
            let matter = (CaId::parse(ca).unwrap(), Usage::parse(usage).unwrap());
            let anchors = vec![by.certificate().sha256()];
            let since = time("2026-01-01T00:00:00Z");
            RecognitionRow::accept(caller.party.id.clone(), matter, anchors, since)
        };
        let rows: Vec<RecognitionRow> = usages.iter().map(row).collect();
        self.app.add_recognition(&rows).await.unwrap();
    }

    /// Puts these lines of `ca.toml` in the place of what stood about them in one trust store.
    pub(crate) fn amend_trust_store(&self, ca: &str, lines: &str) {
        let file = self.folder.path().join(ca).join("ca.toml");
        let names = ["hosts", "addresses", "maximum-age", "evidence"];
        let names = names
            .iter()
            .chain(lines.contains("revocation").then_some(&"revocation"));
        let names: Vec<&str> = names.copied().collect();
        let text = fs::read_to_string(&file).unwrap();
        let kept = text
            .lines()
            .filter(|line| !names.iter().any(|name| line.starts_with(name)));
        let kept: Vec<&str> = kept.collect();
        fs::write(&file, format!("{lines}{}", kept.join("\n"))).unwrap();
        self.app.reload_trust().unwrap();
    }

    /// Leaves a file in one CA's folder, without a reload.
    pub(crate) fn put_into_trust_store(&self, ca: &str, name: &str, text: &str) {
        fs::write(self.folder.path().join(ca).join(name), text).unwrap();
    }

    /// Takes one CA's folder away.
    pub(crate) fn without_trust_store(&self, ca: &str) {
        fs::remove_dir_all(self.folder.path().join(ca)).unwrap();
        self.app.reload_trust().unwrap();
    }

    /// Another process on the same database, at the same time.
    pub(crate) fn restarted(&self) -> App {
        self.pausing(FailPoints::none())
    }

    /// Another process that stops for ever where it is told to.
    pub(crate) fn pausing(&self, fail_points: FailPoints) -> App {
        app(
            &self.store,
            &self.clock,
            &self.random,
            &self.folder,
            (fail_points, settings()),
        )
    }

    /// Another process on the same database, which requires two persons for a change of the recognition table.
    pub(crate) fn with_two_persons(&self) -> App {
        self.with_settings(|settings| settings.approval = Approval::TwoPerson)
    }

    /// Another process on the same database, set up otherwise.
    pub(crate) fn with_settings(&self, change: impl FnOnce(&mut Settings)) -> App {
        let mut changed = settings();
        change(&mut changed);
        app(
            &self.store,
            &self.clock,
            &self.random,
            &self.folder,
            (FailPoints::none(), changed),
        )
    }

    /// An operator, who has no key.
    pub(crate) async fn operator(&self, id: &str) -> RelyingPartyId {
        let name = || Text::parse(id).unwrap();
        let id = RelyingPartyId::parse(id).unwrap();
        let kind = RelyingPartyKind::Operator;
        let party = RelyingParty::new(id.clone(), kind, name(), name(), None).unwrap();
        self.app.add_caller(&party).await.unwrap();
        id
    }

    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Whoever calls for a department; it has no key.
    pub(crate) fn department(&self, id: &str) -> Caller {
        caller(id, Some(DepartmentId::parse(id).unwrap()))
    }

    /// Registers the sample company of that number, with the state tax bureau as well.
    pub(crate) async fn company(&self, number: u32) -> Uscc {
        let facts = facts(number, json!({}));
        let uscc = facts.uscc.clone();
        let recorded = self
            .app
            .record_facts(&self.market, &uscc, facts, None)
            .await;
        recorded.unwrap();
        let number = serde_json::from_value(registration("state-tax", "4419-1")).unwrap();
        let recorded = self.app.record_registration(&self.tax, &uscc, number).await;
        recorded.unwrap();
        uscc
    }

    /// Issues a [`REGISTRATION`].
    pub(crate) async fn issue(&self, uscc: &Uscc) -> IssuedCredential {
        let issued = self
            .app
            .issue(&self.market, &request(uscc, REGISTRATION), None)
            .await;
        issued.unwrap().credential
    }

    /// A company with a credential.
    pub(crate) async fn issued(&self) -> IssuedCredential {
        let uscc = self.company(1).await;
        self.issue(&uscc).await
    }

    pub(crate) async fn verify(&self, caller: &Caller, document: &str) -> Report {
        let report = self.app.verify(caller, document_of(document)).await;
        report.unwrap_or_else(|error| panic!("{error:?}"))
    }
}

fn settings() -> Settings {
    Settings {
        public_url: URL.to_owned(),
        status_list_ttl: Duration::from_secs(60),
        status_list_lifetime: Duration::from_secs(3600),
        evidence: EvidenceSettings::default(),
        approval: Approval::None,
        audit: AuditSettings::default(),
    }
}

fn app(
    store: &Store,
    clock: &Arc<FixedClock>,
    random: &Arc<SeededRandom>,
    folder: &TempDir,
    (fail_points, settings): (FailPoints, Settings),
) -> App {
    let folder = Folder(folder.path().to_owned());
    write_trust_stores(&folder.0);
    let trust = folder.read().unwrap();
    let parts = AppParts {
        store: store.clone(),
        clock: clock.clone(),
        random: random.clone(),
        keys: CityKeys {
            credential: pki().credential.certified(),
            receipt: pki().receipt.certified(),
            status_list: pki().status_list.certified(),
            timestamp: Some(pki().timestamp.certified()),
        },
        pepper: HmacKey::new(&[9; 32]),
        kinds: KindSet::builtin(URL).unwrap(),
        trust_source: Box::new(folder),
        download: Arc::new(HttpDownload::new(Names::loopback(), CAPS)),
        settings,
        fail_points,
    };
    App::new(parts, trust)
}

fn write_trust_stores(folder: &std::path::Path) {
    let issuing = KeyPurpose::Credential.eku().unwrap();
    for (id, ca, usages, eku) in [
        ("city", &pki().city, &["credential-issuing"][..], issuing),
        (
            "alpha",
            &pki().alpha,
            &["banking", "registration", "tax"],
            SIGNER_EKU,
        ),
        ("beta", &pki().beta, &["tax"], SIGNER_EKU),
    ] {
        let folder = folder.join(id);
        if folder.exists() {
            // Written by another process, and amended perhaps.
            continue;
        }
        fs::create_dir_all(&folder).unwrap();
        let mut text = format!(
            "name = '{id}'\nname-zh = '{id}'\noperator = 'test'\nidentity-oids = ['2.5.4.97']\n\
             revocation = {{ not-checked = 'test' }}\n"
        );
        for usage in usages {
            text.push_str(&format!("[usages.{usage}]\nekus = ['{eku}']\n"));
        }
        fs::write(folder.join("ca.toml"), text).unwrap();
        let anchor = pem::encode("CERTIFICATE", ca.certificate().der());
        fs::write(folder.join("root.pem"), anchor).unwrap();
    }
}

fn caller(id: &str, department: Option<DepartmentId>) -> Caller {
    let kind = match department {
        Some(_) => RelyingPartyKind::Department,
        None => RelyingPartyKind::Bank,
    };
    let (id, name) = (RelyingPartyId::parse(id).unwrap(), Text::parse(id).unwrap());
    Caller {
        party: RelyingParty::new(id, kind, name.clone(), name, department).unwrap(),
        scopes: scopes_of(kind),
        terms: CallerTerms::default(),
    }
}

/// The facts of the sample company of that number, but for those that `changes` names.
pub(crate) fn facts(number: u32, changes: Value) -> CompanyFacts {
    let mut facts = json!({
        "uscc": crate::store::uscc(number), "name": format!("东莞市示例{number}有限公司"),
        "nameEn": "Sample Co., Ltd.", "state": "active",
        "capital": {"amount": 2_130_000, "currency": "CNY"}, "address": "东莞市南城街道示例路1号",
        "legalRepresentative": "示例人", "establishedOn": "2015-03-01",
    });
    let members = facts.as_object_mut().unwrap();
    members.extend(changes.as_object().unwrap().clone());
    serde_json::from_value(facts).unwrap()
}

/// A registration as the write side states it.
pub(crate) fn registration(department: &str, number: &str) -> Value {
    json!({"department": department, "number": number, "registeredOn": "2015-03-02", "state": "active"})
}

pub(crate) fn request(uscc: &Uscc, vct: &str) -> IssueRequest {
    IssueRequest {
        uscc: uscc.clone(),
        vct: vct.to_owned(),
    }
}

/// A request to verify, with nothing said but the document.
pub(crate) fn document_of(document: &str) -> VerifyRequest {
    VerifyRequest {
        submitted: Submitted::Document(document.as_bytes().to_vec()),
        naming: Naming::default(),
        originals: Vec::new(),
        signed_content: SignedContent::Omit,
        diagnostics: DiagnosticDetail::Omit,
        context: CallContext::default(),
        validation_time: None,
        overall: Overall::All,
        expected_signer: None,
        accepted_cas: None,
    }
}

/// Makes of each `async fn name(city: City)` a test on SQLite and one on PostgreSQL.
macro_rules! in_a_city {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::running_city::City::on_sqlite().await).await;
            })+
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(city) = $crate::running_city::City::on_postgres().await {
                    super::$name(city).await;
                }
            })+
        }
    };
}
pub(crate) use in_a_city;
