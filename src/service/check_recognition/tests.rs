use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::clock::Timestamp;
use crate::credential::kind::KindSet;
use crate::encoding::pem;
use crate::pki::certificate::Certificate;
use crate::pki::issue::issue_intermediate;
use crate::pki::path::ProvenSignatures;
use crate::pki::path::Remember;
use crate::pki::revocation::evidence::Evidence;
use crate::registry::recognition::Decision;
use crate::registry::recognition::Recogniser;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::text::Text;
use crate::service::open::open_certificate;
use crate::validation::fixture;
use crate::validation::fixture::TAX_EKU;
use crate::validation::limits::Limits;
use crate::validation::trust_store::TrustSet;

const USAGES: [&str; 3] = ["tax", "banking", "registration"];
const CAS: [&str; 3] = ["a", "b", "unheard-of"];

/// A company's certificate under an intermediate that two CAs certified; the second may not vouch for
/// registration.
struct Case {
    trust: TrustSet,
    kinds: KindSet,
    anchors: Vec<Sha256>,
    certificate: Document,
    with_a_alone: Document,
    unmarked: Document,
    unknown: Document,
    expired: Document,
}

static CASE: LazyLock<Case> = LazyLock::new(|| {
    let (a, twin) = fixture::root_and_twin("A");
    let (b, c) = (fixture::root("B"), fixture::root("C"));
    let usages = |usages: &[&str]| -> String {
        let usages = usages.iter();
        usages
            .map(|usage| format!("[usages.{usage}]\nekus = ['{TAX_EKU}']\n"))
            .collect()
    };
    let trust = fixture::set(&[
        fixture::store("a", &[a.certificate(), &twin], &usages(&USAGES)),
        fixture::store("b", &[b.certificate()], &usages(&["tax", "banking"])),
    ]);
    let below = fixture::intermediate(&a, &fixture::particulars("Issuing"));
    let key = below.certificate().public_key();
    let cross = issue_intermediate(&b, key, &fixture::particulars("Issuing"), None).unwrap();
    let company =
        |name: &str, ekus: &[&str]| fixture::signer(&below, &fixture::particulars(name), ekus).0;
    let signer = company("Company", &[TAX_EKU]);
    let mut past = fixture::particulars("Past");
    past.not_after = fixture::at("2026-01-01T00:00:00Z");
    let (expired, _) = fixture::signer(&below, &past, &[TAX_EKU]);
    let (unknown, _) = fixture::signer(&c, &fixture::particulars("Stranger"), &[TAX_EKU]);
    let both = [below.certificate(), &cross];
    Case {
        anchors: vec![
            a.certificate().sha256(),
            twin.sha256(),
            b.certificate().sha256(),
            Sha256([0xEE; 32]),
        ],
        certificate: opened(&signer, &both),
        with_a_alone: opened(&signer, &both[..1]),
        unmarked: opened(&company("Unmarked", &["1.3.6.1.5.5.7.3.1"]), &both),
        unknown: opened(&unknown, &[]),
        expired: opened(&expired, &both),
        kinds: KindSet::builtin("").unwrap(),
        trust,
    }
});

fn opened(signer: &Certificate, intermediates: &[&Certificate]) -> Document {
    let pem =
        |certificate: &Certificate| pem::encode("CERTIFICATE", certificate.der()).into_bytes();
    let intermediates: Vec<Vec<u8>> = intermediates.iter().map(|one| pem(one)).collect();
    open_certificate(&pem(signer), &intermediates, None)
}

fn at(day: i64) -> Timestamp {
    Timestamp::from_unix_seconds(fixture::now().as_unix_seconds() + day * 86_400).unwrap()
}

fn party(number: usize) -> RelyingParty {
    let id = RelyingPartyId::parse(&format!("bank-{number}")).unwrap();
    let name = || Text::parse("Bank").unwrap();
    RelyingParty::new(id, RelyingPartyKind::Bank, name(), name(), None).unwrap()
}

fn row(number: usize, ca: &str, usage: &str, anchors: &[Sha256]) -> RecognitionRow {
    let matter = (CaId::parse(ca).unwrap(), Usage::parse(usage).unwrap());
    RecognitionRow::accept(party(number).id, matter, anchors.to_vec(), at(-30))
}

fn judging<'a>(profile: &'a TrustProfile, memory: Option<&'a ProvenSignatures>) -> Judging<'a> {
    Judging {
        trust: &CASE.trust,
        profile,
        issuers: &[],
        kinds: &CASE.kinds,
        intermediates: &[],
        demands: Demands::of_a_signer(),
        revocation: RevocationPolicy::FromTrustStore,
        later_evidence: LaterEvidence::Refuse,
        evidence: Evidence::none(),
        memory,
        expected_signer: None,
        overall: Overall::All,
        at: fixture::now(),
        now: fixture::now(),
        consulted: None,
        recent: None,
        remember: Remember::Authorities,
    }
}

const NO_STATUS: StatusFinding = StatusFinding::Unavailable {
    retry_after_seconds: 1,
};

fn checked(
    document: &Document,
    parties: &[RelyingParty],
    rows: &[RecognitionRow],
) -> (Report, Vec<PartyAnswer>) {
    let everything = TrustProfile::everything(&CASE.trust, &Usage::timestamp());
    let memory = ProvenSignatures::default();
    let matrix = Matrix {
        parties,
        rows,
        version: 3,
    };
    let judging = judging(&everything, Some(&memory));
    let (judged, parties) = check(document, &judging, &NO_STATUS, matrix);
    (judged.report, parties)
}

/// What a verification for that party and purpose says.
fn verified(
    document: &Document,
    party: &RelyingParty,
    purpose: &Purpose,
    rows: &[RecognitionRow],
) -> Report {
    let profile = recognition::resolve(party, purpose, rows, &CASE.trust, 3, fixture::now());
    judge::judge(document, &judging(&profile, None), NO_STATUS).report
}

prop_compose! {
    fn any_row()(
        number in 0usize..4, refuse in prop::bool::weighted(0.2), bits in prop::option::weighted(0.3, 3072u32..3074), ca in 0..CAS.len(), usage in 0..USAGES.len(),
        pinned in prop::collection::vec(0usize..4, 0..4), from in -9i64..3, length in prop::option::of(0i64..12),
    ) -> RecognitionRow {
        let anchors: Vec<Sha256> = pinned.iter().map(|place| CASE.anchors[*place]).collect();
        let row = row(number, CAS[ca], USAGES[usage], &anchors);
        let limits = Limits { minimum_key_bits: bits, ..Limits::default() };
        RecognitionRow {
            caller: match number {
                3 => Recogniser::Every(RelyingPartyKind::Bank),
                _ => row.caller.clone(),
            },
            valid_from: at(from),
            valid_until: length.map(|length| at(from + length)),
            decision: match refuse {
                true => Decision::Refuse,
                false => Decision::Accept { anchors: row.anchors().to_vec(), limits },
            },
            ..row
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_table_says_what_a_verification_says(rows in prop::collection::vec(any_row(), 0..14)) {
        let parties: Vec<RelyingParty> = (0..4).map(party).collect();
        for document in [&CASE.certificate, &CASE.with_a_alone, &CASE.unmarked, &CASE.unknown, &CASE.expired] {
            let (_, answers) = checked(document, &parties, &rows);
            for answer in &answers {
                for told in &answer.purposes {
                    let report = verified(document, &answer.party, told.purpose, &rows);
                    prop_assert_eq!(told.accepted, report.passed());
                    let errors = report.all_reasons().into_iter();
                    let errors = errors.filter(|reason| reason.severity() == Severity::Error && !report.passed());
                    let expected: BTreeSet<_> = errors.map(|reason| {
                        let text = |name: &str| Some(reason.params().get(name)?.as_str()?.to_owned());
                        (reason.code().as_str(), text("caId"), text("row"), text("recognisedUntil"), text("recognisedFrom"))
                    }).collect();
                    let found: BTreeSet<_> = told.reasons.iter().map(|one| {
                        let row = one.said_no;
                        (
                            one.code.as_str(), one.ca.as_ref().map(CaId::to_string),
                            row.map(|row| row.as_str().to_owned()),
                            row.and_then(SaidNo::until).map(|at| at.to_string()),
                            row.and_then(SaidNo::from).map(|at| at.to_string()),
                        )
                    }).collect();
                    prop_assert_eq!(found, expected);
                }
            }
        }
    }

    #[test]
    fn narrowing_never_makes_a_verification_pass(
        rows in prop::collection::vec(any_row(), 0..14), kept in 0..CAS.len(),
    ) {
        for purpose in &PURPOSES {
            let profile = recognition::resolve(&party(0), purpose, &rows, &CASE.trust, 3, fixture::now());
            let whole = judge::judge(&CASE.certificate, &judging(&profile, None), NO_STATUS).report;
            let Ok(narrow) = profile.narrowed([CaId::parse(CAS[kept]).unwrap()].into()) else {
                continue;
            };
            let narrow = judge::judge(&CASE.certificate, &judging(&narrow, None), NO_STATUS).report;
            prop_assert!(whole.passed() || !narrow.passed());
            prop_assert_eq!(narrow.policy.narrowed_to.len(), 1);
            prop_assert_ne!(narrow.policy.digest, whole.policy.digest);
        }
    }
}

#[test]
fn each_party_is_told_which_of_its_rows_said_no() {
    let anchors = &CASE.anchors[..1];
    let ended = RecognitionRow {
        valid_until: Some(at(-1)),
        ..row(1, "a", "banking", anchors)
    };
    let begins = RecognitionRow {
        valid_from: at(1),
        ..row(2, "a", "banking", anchors)
    };
    let rows = [
        row(0, "a", "banking", anchors),
        ended,
        begins,
        row(3, "a", "tax", anchors),
        row(4, "a", "banking", &CASE.anchors[1..2]),
    ];
    let parties: Vec<RelyingParty> = (0..6).map(party).collect();
    let (report, answers) = checked(&CASE.with_a_alone, &parties, &rows);
    assert!(report.passed());
    let loan = |number: usize| {
        let purposes = &answers[number].purposes;
        purposes
            .iter()
            .find(|one| one.purpose.id == "loan")
            .unwrap()
    };
    let said_no = |number: usize| loan(number).reasons[0].said_no.unwrap();
    assert!(loan(0).accepted && loan(0).reasons.is_empty());
    assert_eq!(said_no(1), SaidNo::Ended { at: at(-1) });
    assert_eq!(said_no(2), SaidNo::NotBegun { at: at(1) });
    assert_eq!(loan(3).reasons[0].code, ReasonCode::UsageNotPermitted);
    assert_eq!(said_no(3), SaidNo::NoRow);
    // The twin is of the same name and key: the path to it is as good.
    assert!(loan(4).accepted);
    assert_eq!(loan(5).reasons[0].code, ReasonCode::CaNotRecognised);
}

#[test]
fn what_is_wrong_with_the_certificate_is_told_to_everybody() {
    let rows: Vec<RecognitionRow> = (0..2)
        .map(|number| row(number, "a", "tax", &CASE.anchors))
        .collect();
    let parties: Vec<RelyingParty> = (0..2).map(party).collect();
    for (document, code) in [
        (&CASE.unmarked, ReasonCode::KeyPurposeMismatch),
        (&CASE.unknown, ReasonCode::CaUnknown),
        (&CASE.expired, ReasonCode::CertificateExpired),
        (
            &open_certificate(b"nonsense", &[], None),
            ReasonCode::FormatCertificate,
        ),
    ] {
        let (report, answers) = checked(document, &parties, &rows);
        assert!(!report.passed());
        for answer in &answers {
            let tax = answer
                .purposes
                .iter()
                .find(|one| one.purpose.id == "tax-filing")
                .unwrap();
            assert!(!tax.accepted);
            assert!(
                tax.reasons.iter().any(|one| one.code == code),
                "{code}: {:?}",
                tax.reasons
            );
        }
    }
}

#[test]
fn five_hundred_parties_are_answered_by_a_few_judgements() {
    let rows: Vec<RecognitionRow> = (0..500)
        .flat_map(|number| {
            let usage = USAGES[number % 3];
            (number % 5 != 0).then(|| row(number, "a", usage, &CASE.anchors[..1]))
        })
        .collect();
    let parties: Vec<RelyingParty> = (0..500).map(party).collect();
    let (_, answers) = checked(&CASE.certificate, &parties, &rows);
    assert_eq!(answers.len(), 500);
    for (number, answer) in answers.iter().enumerate() {
        let accepted: BTreeSet<Usage> = answer
            .purposes
            .iter()
            .filter(|one| one.accepted)
            .map(|one| one.purpose.signer_usage())
            .collect();
        let expected = (number % 5 != 0).then(|| Usage::parse(USAGES[number % 3]).unwrap());
        assert_eq!(accepted, expected.into_iter().collect(), "{number}");
        let codes = answer.purposes.iter().flat_map(|one| &one.reasons);
        assert!(
            codes
                .into_iter()
                .all(|one| one.code != ReasonCode::PathBudgetExhausted)
        );
    }
}
