//! How long it takes to say who accepts a certificate, beyond verifying it once: `cargo bench --bench recognition`.
//!
//! 500 relying parties, 20 CAs, each party recognising each CA for two usages in rotation: 20,000 rows. The
//! certificate is that of a company under one of the CAs. The same certificate is verified once, and checked for
//! everybody, in turns; the difference is what the answer for everybody costs.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark stops at what it did not expect, and prints figures"
)]

mod turns;

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Duration;

use yinxin::clock::Timestamp;
use yinxin::credential::kind::KindSet;
use yinxin::credential::sd_jwt_vc::validate::StatusFinding;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::sign::SigningKey;
use yinxin::encoding::pem;
use yinxin::pki::issue::IssuingCa;
use yinxin::pki::issue::issue_end_entity;
use yinxin::pki::issue::issue_root;
use yinxin::pki::issue::profile::COMMON_NAME;
use yinxin::pki::issue::profile::CertificateProfile;
use yinxin::pki::issue::profile::EndEntityUsage;
use yinxin::pki::oid::Oid;
use yinxin::pki::path::ProvenSignatures;
use yinxin::pki::path::Remember;
use yinxin::pki::revocation::evidence::Evidence;
use yinxin::pki::revocation::freshness::LaterEvidence;
use yinxin::registry::recognition::RecognitionRow;
use yinxin::registry::relying_party::RelyingParty;
use yinxin::registry::relying_party::RelyingPartyId;
use yinxin::registry::relying_party::RelyingPartyKind;
use yinxin::registry::text::Text;
use yinxin::service::check_recognition::Matrix;
use yinxin::service::check_recognition::check;
use yinxin::service::judge::Judging;
use yinxin::service::judge::judge;
use yinxin::service::open::Document;
use yinxin::service::open::open_certificate;
use yinxin::validation::context::Demands;
use yinxin::validation::context::RevocationPolicy;
use yinxin::validation::profile::TrustProfile;
use yinxin::validation::report::Overall;
use yinxin::validation::trust_store::CaId;
use yinxin::validation::trust_store::TrustSet;
use yinxin::validation::trust_store::TrustStore;
use yinxin::validation::trust_store::Usage;

use turns::Turns;
use turns::medians;

const PARTIES: usize = 500;
const CAS: usize = 20;
const USAGES: [&str; 6] = [
    "banking",
    "customs",
    "registration",
    "seal",
    "social-security",
    "tax",
];
const EKU: &str = "1.3.6.1.5.5.7.3.4";
const NO_STATUS: StatusFinding = StatusFinding::Unavailable {
    retry_after_seconds: 1,
};

struct Case {
    trust: TrustSet,
    everything: TrustProfile,
    kinds: KindSet,
    parties: Vec<RelyingParty>,
    rows: Vec<RecognitionRow>,
    document: Document,
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn profile(name: &str, serial: u8) -> CertificateProfile {
    CertificateProfile {
        subject: vec![(COMMON_NAME, name.to_owned())],
        serial: [serial | 0x40; 16],
        not_before: at("2025-01-01T00:00:00Z"),
        not_after: at("2030-01-01T00:00:00Z"),
        policies: Vec::new(),
        crl_url: None,
        identity: Vec::new(),
    }
}

fn ca(number: usize) -> (IssuingCa, TrustStore) {
    let (key, _) = SigningKey::generate(KeyPurpose::CertificateAuthority).unwrap();
    let name = format!("CA {number}");
    let root = issue_root(
        &key,
        &profile(&name, u8::try_from(number).unwrap()),
        Some(0),
    )
    .unwrap();
    let usages: String = USAGES
        .iter()
        .map(|usage| format!("[usages.{usage}]\nekus = ['{EKU}']\n"))
        .collect();
    let ca_toml = format!(
        "name = '{name}'\nname-zh = '机构'\noperator = 'o'\nrevocation = {{ not-checked = 'bench' }}\n{usages}"
    );
    let pems = [(
        "root.pem".to_owned(),
        pem::encode("CERTIFICATE", root.der()).into_bytes(),
    )];
    let store = TrustStore::parse(&format!("ca-{number}"), &ca_toml, &pems).unwrap();
    (IssuingCa::new(root, key).unwrap(), store)
}

static CASE: LazyLock<Case> = LazyLock::new(|| {
    let (cas, stores): (Vec<_>, Vec<_>) = (0..CAS).map(ca).unzip();
    let (key, _) = SigningKey::generate(KeyPurpose::Credential).unwrap();
    let usage = EndEntityUsage::Signer(vec![Oid::parse(EKU).unwrap()]);
    let company =
        issue_end_entity(&cas[7], key.public_key(), &profile("Company", 63), &usage).unwrap();
    let parties: Vec<RelyingParty> = (0..PARTIES)
        .map(|number| {
            let name = || Text::parse("Bank").unwrap();
            let id = RelyingPartyId::parse(&format!("bank-{number}")).unwrap();
            RelyingParty::new(id, RelyingPartyKind::Bank, name(), name(), None).unwrap()
        })
        .collect();
    let mut rows = Vec::new();
    for (number, party) in parties.iter().enumerate() {
        for (place, store) in stores.iter().enumerate() {
            for usage in [number + place, number + 2 * place + 1] {
                let ca = CaId::parse(store.id.as_str()).unwrap();
                let usage = Usage::parse(USAGES[usage % USAGES.len()]).unwrap();
                let (anchors, since) = (vec![store.anchors[0].id()], at("2025-01-01T00:00:00Z"));
                rows.push(RecognitionRow {
                    // One in seven has ended.
                    valid_until: (number % 7 == 0).then(|| at("2026-01-01T00:00:00Z")),
                    ..RecognitionRow::accept(party.id.clone(), (ca, usage), anchors, since)
                });
            }
        }
    }
    let trust = TrustSet::new(stores).unwrap();
    Case {
        everything: TrustProfile::everything(&trust, &Usage::parse("banking").unwrap()),
        kinds: KindSet::builtin("").unwrap(),
        document: open_certificate(company.der(), &[], None),
        trust,
        parties,
        rows,
    }
});

fn judging<'a>(case: &'a Case, memory: &'a ProvenSignatures) -> Judging<'a> {
    let now = at("2026-06-01T00:00:00Z");
    Judging {
        trust: &case.trust,
        profile: &case.everything,
        issuers: &[],
        kinds: &case.kinds,
        intermediates: &[],
        demands: Demands::of_a_signer(),
        revocation: RevocationPolicy::FromTrustStore,
        later_evidence: LaterEvidence::Refuse,
        evidence: Evidence::none(),
        memory: Some(memory),
        expected_signer: None,
        overall: Overall::All,
        at: now,
        now,
        consulted: None,
        recent: None,
        remember: Remember::Authorities,
    }
}

fn verify_once(case: &Case) {
    let memory = ProvenSignatures::default();
    let judged = judge(&case.document, &judging(case, &memory), NO_STATUS);
    assert!(black_box(judged).report.passed());
}

fn answer_everybody(case: &Case) {
    let memory = ProvenSignatures::default();
    let matrix = Matrix {
        parties: &case.parties,
        rows: &case.rows,
        version: 1,
    };
    let (judged, answers) = check(&case.document, &judging(case, &memory), &NO_STATUS, matrix);
    assert!(judged.report.passed());
    assert_eq!(black_box(answers).len(), PARTIES);
}

fn milliseconds(time: Duration) -> f64 {
    turns::microseconds(time) / 1000.0
}

fn main() {
    let turns = Turns {
        rounds: 61,
        runs_a_round: 3,
    };
    let [once, everybody] = medians(turns, &*CASE, [&verify_once, &answer_everybody]);
    println!(
        "{PARTIES} relying parties, {CAS} CAs, {} rows",
        CASE.rows.len()
    );
    println!("verified once        {:8.3} ms", milliseconds(once));
    println!("answered for all     {:8.3} ms", milliseconds(everybody));
    println!(
        "beyond the one       {:8.3} ms",
        milliseconds(everybody.saturating_sub(once))
    );
}
