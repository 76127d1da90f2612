//! A small city for tests, benchmarks and fuzz targets: a CA, an issuer in the issuer register, a bank
//! that recognises both, and what the issuer issues. Everything is made by the code that the service
//! uses; no database and no file is needed.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use yinxin::clock::Timestamp;
use yinxin::credential::claims::Claims;
use yinxin::credential::kind::KindSet;
use yinxin::credential::sd_jwt_vc::issue::IssueInput;
use yinxin::credential::sd_jwt_vc::issue::prepare;
use yinxin::credential::sd_jwt_vc::issue::sign;
use yinxin::credential::sd_jwt_vc::validate::StatusFinding;
use yinxin::credential::status_list::StatusReference;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::random::SeededRandom;
use yinxin::crypto::sign::SigningKey;
use yinxin::encoding::pem;
use yinxin::identifier::opaque_id::CredentialId;
use yinxin::identifier::uscc::Uscc;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::issue::IssuingCa;
use yinxin::pki::issue::issue_end_entity;
use yinxin::pki::issue::issue_root;
use yinxin::pki::issue::profile;
use yinxin::pki::issue::profile::CertificateProfile;
use yinxin::pki::issue::profile::EndEntityUsage;
use yinxin::pki::oid::Oid;
use yinxin::pki::path::Remember;
use yinxin::pki::revocation::evidence::Evidence;
use yinxin::pki::revocation::freshness::LaterEvidence;
use yinxin::registry::department::DepartmentId;
use yinxin::registry::issuer::IssuerEntry;
use yinxin::registry::issuer::IssuerIdentity;
use yinxin::registry::purpose::Purpose;
use yinxin::registry::recognition::RecognitionRow;
use yinxin::registry::recognition::resolve;
use yinxin::registry::relying_party::RelyingParty;
use yinxin::service::judge;
use yinxin::service::judge::Judging;
use yinxin::service::open::Naming;
use yinxin::service::open::Submission;
use yinxin::store::trust_roots::load_embedded;
use yinxin::validation::context::Demands;
use yinxin::validation::context::RevocationPolicy;
use yinxin::validation::profile::TrustProfile;
use yinxin::validation::report::CredentialCondition;
use yinxin::validation::report::Overall;
use yinxin::validation::report::Report;
use yinxin::validation::trust_store::CaId;
use yinxin::validation::trust_store::TrustSet;
use yinxin::validation::trust_store::TrustStore;
use yinxin::validation::trust_store::Usage;

/// Under which the city's addresses stand.
pub(crate) const PUBLIC_URL: &str = "https://yinxin.example";

/// The issuing department's own code and the company's, without their check characters.
const DEPARTMENT: &str = "11441900007330000";
const COMPANY: &str = "91441900MA4W00000";

/// A CA, an issuer that it certified, and everything that a verdict rests on.
pub(crate) struct City {
    pub(crate) ca: IssuingCa,
    /// The issuer's certificate and key.
    pub(crate) issuer: Certificate,
    pub(crate) key: SigningKey,
    /// The embedded roots and the city's.
    pub(crate) trust: TrustSet,
    pub(crate) profile: TrustProfile,
    pub(crate) issuers: Vec<IssuerEntry>,
    pub(crate) kinds: KindSet,
}

/// The time of everything here.
pub(crate) fn now() -> Timestamp {
    at("2026-06-01T08:00:00Z")
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn uscc(first_seventeen: &str) -> Uscc {
    Uscc::with_check(first_seventeen).unwrap()
}

impl City {
    pub(crate) fn new() -> Self {
        let (root_key, _) = SigningKey::generate(KeyPurpose::CertificateAuthority).unwrap();
        let root = issue_root(&root_key, &root_profile(), Some(0)).unwrap();
        let ca = IssuingCa::new(root, root_key).unwrap();
        let (key, _) = SigningKey::generate(KeyPurpose::Credential).unwrap();
        let usage = EndEntityUsage::Purpose(KeyPurpose::Credential);
        let issuer = issue_end_entity(&ca, key.public_key(), &issuer_profile(1), &usage).unwrap();

        let kinds = KindSet::builtin(PUBLIC_URL).unwrap();
        let trust = trust_of(&ca);
        Self {
            profile: profile_of(&trust),
            issuers: vec![issuer_entry(&kinds)],
            ca,
            issuer,
            key,
            trust,
            kinds,
        }
    }

    /// A credential with six disclosures: capital, address, legal representative, date of establishment
    /// and two registrations.
    pub(crate) fn credential(&self) -> String {
        let kind = self.kinds.by_id("business-registration").unwrap();
        let input = IssueInput {
            id: CredentialId::from_random([7; 16]),
            kind,
            claims: Claims::check(claims(), kind).unwrap(),
            issuer: PUBLIC_URL.to_owned(),
            issued_at: at("2026-05-01T00:00:00Z"),
            not_before: None,
            expires_at: at("2027-05-01T00:00:00Z"),
            status: StatusReference {
                index: 3,
                uri: format!("{PUBLIC_URL}/status/1"),
            },
        };
        let prepared = prepare(input, &SeededRandom::new([7; 32])).unwrap();
        assert_eq!(prepared.disclosures.len(), 6);
        sign(&prepared, &self.key, std::slice::from_ref(&self.issuer)).unwrap()
    }

    /// What a document is judged by here.
    pub(crate) fn judging(&self) -> Judging<'_> {
        Judging {
            trust: &self.trust,
            profile: &self.profile,
            issuers: &self.issuers,
            kinds: &self.kinds,
            intermediates: &[],
            demands: Demands::of_a_signer(),
            revocation: RevocationPolicy::FromTrustStore,
            later_evidence: LaterEvidence::Refuse,
            evidence: Evidence::none(),
            memory: None,
            expected_signer: None,
            overall: Overall::All,
            at: now(),
            now: now(),
            consulted: None,
            recent: None,
            remember: Remember::Authorities,
        }
    }

    /// The verdict on a credential whose status is known to be `valid`.
    pub(crate) fn judge(&self, document: &[u8]) -> Report {
        let submission = Submission::new(document, None).unwrap();
        let document = submission.recognise().open(Naming::default(), &[]);
        judge::judge(&document, &self.judging(), valid()).report
    }
}

/// That a credential is in force, from the city's own table.
pub(crate) fn valid() -> StatusFinding {
    StatusFinding::Known {
        condition: CredentialCondition::Valid,
        age_seconds: 0,
    }
}

/// What the credentials say.
pub(crate) fn claims() -> Map<String, Value> {
    let claims = json!({
        "name": "东莞市示例精密制造有限公司",
        "uscc": uscc(COMPANY).as_str(),
        "state": "active",
        "capital": {"amount": 2_130_000, "currency": "CNY"},
        "address": "东莞市南城街道示例路1号",
        "legalRepresentative": "示例人一",
        "establishedOn": "2015-03-01",
        "registrations": [
            {"department": "customs", "number": "4419960001", "registeredOn": "2015-04-01", "state": "active"},
            {"department": "state-tax", "number": "441900000000001", "registeredOn": "2015-03-02", "state": "active"},
        ],
    });
    serde_json::from_value(claims).unwrap()
}

fn root_profile() -> CertificateProfile {
    CertificateProfile {
        subject: vec![
            (profile::COUNTRY, "CN".to_owned()),
            (profile::ORGANISATION, "示例市".to_owned()),
            (profile::COMMON_NAME, "Example City CA".to_owned()),
        ],
        serial: profile::serial_from_random([1; 16]),
        not_before: at("2025-01-01T00:00:00Z"),
        not_after: at("2044-12-31T00:00:00Z"),
        policies: Vec::new(),
        crl_url: None,
        identity: Vec::new(),
    }
}

/// The particulars of an issuer's certificate, as `certs/README.md` has them.
pub(crate) fn issuer_profile(serial: u8) -> CertificateProfile {
    let code = uscc(DEPARTMENT);
    let extension = Oid::parse(profile::ORGANISATION_CODE_EXTENSION).unwrap();
    CertificateProfile {
        subject: vec![
            (profile::COUNTRY, "CN".to_owned()),
            (profile::ORGANISATION, "示例市市场监督管理局".to_owned()),
            (profile::ORGANISATION_IDENTIFIER, format!("NTRCN-{code}")),
            (
                profile::COMMON_NAME,
                "Business registration credentials".to_owned(),
            ),
        ],
        serial: profile::serial_from_random([serial; 16]),
        not_before: at("2026-01-01T00:00:00Z"),
        not_after: at("2030-12-31T00:00:00Z"),
        policies: Vec::new(),
        crl_url: None,
        identity: vec![(extension, code.as_str().to_owned())],
    }
}

fn trust_of(ca: &IssuingCa) -> TrustSet {
    let ca_toml = format!(
        "name = 'Example City CA'\nname-zh = '示例市证书中心'\noperator = 'Example City'\n\
         identity-oids = ['{}', '{}']\nrevocation = {{ not-checked = 'short-lived' }}\n\
         [usages.credential-issuing]\nekus = ['{}']\n",
        profile::ORGANISATION_CODE_EXTENSION,
        profile::ORGANISATION_IDENTIFIER,
        KeyPurpose::Credential.eku().unwrap(),
    );
    let pem = pem::encode("CERTIFICATE", ca.certificate().der()).into_bytes();
    let city = TrustStore::parse("city", &ca_toml, &[("root.pem".to_owned(), pem)]).unwrap();
    let embedded = load_embedded().unwrap();
    let stores = embedded.stores().iter().cloned().chain([city]);
    TrustSet::new(stores.collect()).unwrap()
}

/// The public's: it recognises the city's CA alone.
fn profile_of(trust: &TrustSet) -> TrustProfile {
    let caller = RelyingParty::public();
    let city = CaId::parse("city").unwrap();
    let anchors = &trust.store(&city).unwrap().anchors;
    let anchors = anchors.iter().map(|anchor| anchor.id()).collect();
    let matter = (city, Usage::parse("credential-issuing").unwrap());
    let since = at("2026-01-01T00:00:00Z");
    let row = RecognitionRow::accept(caller.id.clone(), matter, anchors, since);
    let purpose = Purpose::default_purpose();
    resolve(&caller, purpose, &[row], trust, 1, now())
}

fn issuer_entry(kinds: &KindSet) -> IssuerEntry {
    IssuerEntry {
        id: "market-regulation".to_owned(),
        department: DepartmentId::parse("market-regulation").unwrap(),
        identity: IssuerIdentity::CaAndSubject {
            ca: CaId::parse("city").unwrap(),
            uscc: uscc(DEPARTMENT),
        },
        iss: Some(PUBLIC_URL.to_owned()),
        vct: kinds.by_id("business-registration").unwrap().vct.clone(),
        regions: vec!["441900".to_owned()],
        valid_from: at("2026-01-01T00:00:00Z"),
        valid_until: None,
    }
}
