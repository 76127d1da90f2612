//! Credentials of ours and of the other library, each judged by both.

use serde_json::Value;
use serde_json::json;
use yinxin::credential::sd_jwt_vc::parse::Limits;
use yinxin::credential::sd_jwt_vc::parse::SdJwt;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::sign::SigningKey;
use yinxin::encoding::base64;
use yinxin::encoding::pem;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::issue::issue_end_entity;
use yinxin::pki::issue::profile::EndEntityUsage;
use yinxin::validation::reason::ReasonCode;
use yinxin::validation::report::Indication;
use yinxin::validation::report::Report;
use yinxin::validation::report::SubIndication;

use crate::city;
use crate::city::City;
use crate::interop::peer::Peer;

/// Our issuer's certificate and the peer's key, in the peer's folder.
const OURS: &str = "ours.pem";
const THEIR_KEY: &str = "key.pem";
const THEIRS: &str = "theirs.pem";

/// A city whose CA certified two issuers: itself, and the peer.
struct Exchange {
    city: City,
    peer: Peer,
    their_certificate: Certificate,
}

impl Exchange {
    fn begin() -> Option<Self> {
        let peer = Peer::find()?;
        let city = City::new();
        let (key, pkcs8) = SigningKey::generate(KeyPurpose::Credential).unwrap();
        let usage = EndEntityUsage::Purpose(KeyPurpose::Credential);
        let profile = city::issuer_profile(2);
        let their_certificate =
            issue_end_entity(&city.ca, key.public_key(), &profile, &usage).unwrap();
        peer.write(THEIR_KEY, &pem::encode("PRIVATE KEY", pkcs8.expose()));
        for (name, certificate) in [(OURS, &city.issuer), (THEIRS, &their_certificate)] {
            peer.write(name, &pem::encode("CERTIFICATE", certificate.der()));
        }
        Some(Self {
            city,
            peer,
            their_certificate,
        })
    }

    /// A credential as the peer issues it, its own certificate in `x5c`.
    fn issued_by_peer(&self) -> String {
        let mut claims = city::claims();
        for (name, value) in [
            (
                "vct",
                json!(format!("{}/vct/business-registration/v1", city::PUBLIC_URL)),
            ),
            ("iss", json!(city::PUBLIC_URL)),
            ("iat", json!(city::now().as_unix_seconds() - 60)),
            ("exp", json!(city::now().as_unix_seconds() + 86_400)),
            ("jti", json!("theirs-1")),
            (
                "status",
                json!({"status_list": {"idx": 5, "uri": "https://elsewhere.example/status/1"}}),
            ),
        ] {
            claims.insert(name.to_owned(), value);
        }
        let header = json!({"x5c": [base64::encode(self.their_certificate.der())]});
        let disclosable = [
            "capital",
            "address",
            "legalRepresentative",
            "registrations/0",
            "registrations/1",
        ];
        self.peer
            .issue(THEIR_KEY, &Value::Object(claims), &header, &disclosable)
    }

    fn judge(&self, credential: &str) -> Report {
        self.city.judge(credential.as_bytes())
    }
}

fn parse(text: &str) -> SdJwt {
    SdJwt::parse(text, Limits::DEFAULT).unwrap()
}

#[track_caller]
fn assert_passed(report: &Report) {
    assert_eq!(
        report.indication,
        Indication::TotalPassed,
        "{:?}",
        report.all_reasons()
    );
}

/// What a report shows of the company.
fn shown(report: &Report) -> &Value {
    &report.credential.as_ref().unwrap().claims
}

/// `text` with another character at this place.
fn altered(text: &str, at: usize) -> String {
    let other = if text.get(at..=at) == Some("A") {
        "B"
    } else {
        "A"
    };
    let mut altered = text.to_owned();
    altered.replace_range(at..=at, other);
    altered
}

/// A place inside each part: header, payload, signature, first and last disclosure.
fn places(text: &str) -> [usize; 5] {
    let dots: Vec<usize> = text.match_indices('.').map(|(at, _)| at).collect();
    let [first_dot, second_dot] = dots.try_into().unwrap();
    let first_tilde = text.find('~').unwrap();
    [
        first_dot / 2,
        first_dot + 30,
        second_dot + 30,
        first_tilde + 10,
        text.len() - 10,
    ]
}

#[test]
fn the_peer_verifies_our_credential_under_our_certificate() {
    let Some(exchange) = Exchange::begin() else {
        return;
    };
    let ours = exchange.city.credential();
    assert_passed(&exchange.judge(&ours));
    let theirs = exchange.peer.verify(OURS, &ours).expect("accepted");
    assert_eq!(theirs["header"]["typ"], "dc+sd-jwt");
    assert_eq!(
        theirs["header"]["x5c"],
        json!([base64::encode(exchange.city.issuer.der())])
    );
    assert_eq!(theirs["withheld"], 0);
    assert_eq!(
        theirs["payload"],
        Value::Object(parse(&ours).disclose().all())
    );
    assert_eq!(exchange.peer.verify(THEIRS, &ours), None, "another key");
}

#[test]
fn both_miss_what_the_holder_of_our_credential_withholds() {
    let Some(exchange) = Exchange::begin() else {
        return;
    };
    let ours = exchange.city.credential();
    let presented = exchange
        .peer
        .present(&ours, &["capital", "registrations/1"]);
    assert_eq!(presented, {
        let ours = parse(&ours);
        let shown = parse(&presented);
        let kept: Vec<&str> = shown
            .disclosures()
            .iter()
            .map(|kept| kept.encoded())
            .collect();
        assert_eq!(kept.len(), 2);
        ours.present(|disclosure| kept.contains(&disclosure.encoded()))
    });
    let report = exchange.judge(&presented);
    assert_passed(&report);
    assert_eq!(shown(&report)["capital"]["amount"], 2_130_000);
    assert_eq!(shown(&report)["registrations"].as_array().unwrap().len(), 1);
    assert!(shown(&report).get("address").is_none());
    let reasons = report.all_reasons();
    assert!(
        reasons
            .iter()
            .any(|reason| reason.code() == ReasonCode::ClaimsWithheld)
    );
    assert_eq!(
        exchange.peer.verify(OURS, &presented).unwrap()["withheld"],
        4
    );
}

#[test]
fn we_verify_the_peers_credential_under_a_certificate_of_the_city() {
    let Some(exchange) = Exchange::begin() else {
        return;
    };
    let theirs = exchange.issued_by_peer();
    let report = exchange.judge(&theirs);
    assert_passed(&report);
    assert_eq!(*shown(&report), Value::Object(city::claims()));
    let by_peer = exchange.peer.verify(THEIRS, &theirs).unwrap();
    assert_eq!(
        by_peer["payload"],
        Value::Object(parse(&theirs).disclose().all())
    );

    let withheld = parse(&theirs).present(|disclosure| disclosure.name() == Some("address"));
    let report = exchange.judge(&withheld);
    assert_passed(&report);
    assert_eq!(shown(&report)["address"], city::claims()["address"]);
    assert_eq!(shown(&report)["registrations"], json!([]));
    assert!(shown(&report).get("capital").is_none());
    assert_eq!(
        exchange.peer.verify(THEIRS, &withheld).unwrap()["withheld"],
        4
    );
}

#[test]
fn both_refuse_what_was_altered_whoever_issued_it() {
    let Some(exchange) = Exchange::begin() else {
        return;
    };
    for (genuine, certificate) in [
        (exchange.city.credential(), OURS),
        (exchange.issued_by_peer(), THEIRS),
    ] {
        for at in places(&genuine) {
            let altered = altered(&genuine, at);
            // A certificate that was hit may no longer hold a key at all: then nothing is decided.
            let report = exchange.judge(&altered);
            assert!(!report.passed(), "at {at} of {certificate}");
            assert_eq!(
                exchange.peer.verify(certificate, &altered),
                None,
                "at {at} of {certificate}"
            );
        }
    }
}

#[test]
fn neither_takes_one_issuers_disclosure_or_signature_for_the_others() {
    let Some(exchange) = Exchange::begin() else {
        return;
    };
    let (ours, theirs) = (exchange.city.credential(), exchange.issued_by_peer());
    let foreign = parse(&theirs)
        .disclosures()
        .first()
        .unwrap()
        .encoded()
        .to_owned();
    let with_foreign = format!("{ours}{foreign}~");
    assert_eq!(
        exchange.judge(&with_foreign).indication,
        Indication::TotalFailed
    );
    assert_eq!(exchange.peer.verify(OURS, &with_foreign), None);

    // Our header and payload under a signature that the peer made over its own.
    let signature = |text: &str| text.split(['.', '~']).nth(2).unwrap().to_owned();
    let swapped = ours.replace(&signature(&ours), &signature(&theirs));
    let report = exchange.judge(&swapped);
    assert_eq!(report.indication, Indication::TotalFailed);
    assert_eq!(report.sub_indication, Some(SubIndication::SigCryptoFailure));
    assert_eq!(exchange.peer.verify(OURS, &swapped), None);
}

#[test]
fn nesting_that_only_the_peer_writes_is_read_as_it_reads_it() {
    let Some(exchange) = Exchange::begin() else {
        return;
    };
    let claims = json!({
        "vct": "https://elsewhere.example/licence",
        "holder": {"name": "某公司", "address": {"city": "东莞", "street": "示例路"}},
        "permits": ["food", "drink"],
        "fee": 12.5,
    });
    let disclosable = [
        "holder",
        "holder/address",
        "holder/address/street",
        "permits/1",
        "fee",
    ];
    let issued = exchange
        .peer
        .issue(THEIR_KEY, &claims, &json!({}), &disclosable);
    let credential = parse(&issued);
    assert_eq!(Value::Object(credential.disclose().all()), claims);
    assert_eq!(credential.disclosures().len(), 5);

    let without_address = credential.present(|disclosure| disclosure.name() != Some("address"));
    let theirs = exchange.peer.verify(THEIRS, &without_address).unwrap();
    let ours = parse(&without_address).disclose().all();
    assert_eq!(theirs["payload"], Value::Object(ours));
    assert_eq!(theirs["payload"]["holder"], json!({"name": "某公司"}));
}
