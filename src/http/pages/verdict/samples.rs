//! Verdicts to look at: each of the three, and what brings it about.

use serde_json::json;

use crate::clock::Timestamp;
use crate::credential::kind::KindSet;
use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::http::pages::page::Page;
use crate::http::pages::verdict::VerdictPage;
use crate::identifier::uscc::Uscc;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::CaRef;
use crate::validation::report::Coverage;
use crate::validation::report::CredentialCondition;
use crate::validation::report::CredentialIssuer;
use crate::validation::report::CredentialReport;
use crate::validation::report::Cryptographic;
use crate::validation::report::DocumentInfo;
use crate::validation::report::Indication;
use crate::validation::report::Overall;
use crate::validation::report::PolicyRef;
use crate::validation::report::Report;
use crate::validation::report::SignatureReport;
use crate::validation::report::Signer;
use crate::validation::report::SigningTime;
use crate::validation::report::SubIndication;
use crate::validation::report::TriedCandidate;
use askama::Template as _;

/// Each sample page by name.
pub(in crate::http) fn samples(page: &Page) -> Vec<(&'static str, askama::Result<String>)> {
    let Ok(kinds) = KindSet::builtin("https://yinxin.dg.example") else {
        return Vec::new();
    };
    let pasted = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln~".to_owned();
    let samples = [
        ("verdict-passed", passed(), Some(pasted)),
        ("verdict-revoked", revoked(), None),
        ("verdict-forged", forged(), None),
        ("verdict-undecided", ca_not_recognised(), None),
        ("verdict-certificate", certificate(), None),
    ];
    samples
        .into_iter()
        .map(|(name, report, pasted)| {
            let page = page.clone().without_switch();
            (
                name,
                VerdictPage::new(page, &report, &kinds, pasted).render(),
            )
        })
        .collect()
}

/// The reports of the samples.
#[cfg(test)]
pub(in crate::http) fn reports() -> Vec<Report> {
    vec![
        passed(),
        revoked(),
        forged(),
        ca_not_recognised(),
        certificate(),
    ]
}

/// 2026-01-02T03:04:05Z.
fn noon() -> Timestamp {
    Timestamp::from_unix_seconds(1_767_323_045).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn policy() -> PolicyRef {
    PolicyRef {
        caller: "public".to_owned(),
        purpose: "company-status".to_owned(),
        profile: "public/company-status".to_owned(),
        version: 1,
        digest: Sha256([0x5a; 32]),
    }
}

fn signature(format: &str) -> SignatureReport {
    SignatureReport {
        cryptographic: Cryptographic {
            intact: Some(true),
            signature_algorithm: Some("ECDSA-P256-SHA256".to_owned()),
            digest_algorithm: Some("SHA-256".to_owned()),
        },
        signer: Some(Signer {
            subject: "CN=东莞市登记凭证签发,O=东莞市市场监督管理局,C=CN".to_owned(),
            serial: "4f3a09c1".to_owned(),
            uscc: Uscc::with_check("11441900007330010").ok(),
            uscc_source: Some("1.2.156.10260.4.1.4".to_owned()),
        }),
        ca: Some(CaRef {
            id: "dongguan".to_owned(),
            name: "Dongguan City CA".to_owned(),
            name_zh: "东莞市登记凭证根证书".to_owned(),
        }),
        signing_time: SigningTime {
            claimed: Some(noon()),
            ..SigningTime::default()
        },
        ..SignatureReport::new("S1", format, Coverage::WholeDocument)
    }
}

fn report(format: &str, name: &str, signatures: Vec<SignatureReport>) -> Report {
    let document = DocumentInfo::of_bytes(format, None, Some(name.to_owned()), name.as_bytes());
    Report::from_signatures(document, signatures, Overall::All, policy(), noon())
}

fn credential(state: Option<CredentialCondition>) -> CredentialReport {
    CredentialReport {
        id: Some("kX3vT0pQ9bY2mR7sW4cJ1g".to_owned()),
        vct: "https://yinxin.dg.example/vct/business-registration/v1".to_owned(),
        issuer: Some(CredentialIssuer {
            uscc: None,
            name: "东莞市市场监督管理局".to_owned(),
        }),
        state,
        claims: json!({
            "name": "东莞市厚街镇晨曦五金制品有限公司",
            "uscc": Uscc::with_check("91441900MA5ABCDE7").map(|uscc| uscc.to_string()).unwrap_or_default(),
            "state": "active",
            "capital": {"amount": 2_130_000, "currency": "CNY"},
            "establishedOn": "2015-03-02",
            "registrations": [
                {"department": "state-tax", "number": "粤税字 441900123456", "registeredOn": "2015-03-05", "state": "active"},
                {"department": "customs", "number": "4419 0812 34", "registeredOn": "2016-01-01", "state": "active"},
            ],
        }),
        withheld: vec!["address".to_owned(), "legalRepresentative".to_owned()],
        status: None,
        holder_bound: false,
    }
}

fn passed() -> Report {
    let mut report = report("SD-JWT-VC", "晨曦五金.sd-jwt", vec![signature("SD-JWT-VC")]);
    report.credential = Some(credential(Some(CredentialCondition::Valid)));
    report.remark(Reason::new(ReasonCode::ClaimsWithheld).with("count", 2));
    report.remark(Reason::new(ReasonCode::HolderNotBound));
    report
}

fn revoked() -> Report {
    let mut report = report("SD-JWT-VC", "晨曦五金.sd-jwt", vec![signature("SD-JWT-VC")]);
    report.credential = Some(credential(Some(CredentialCondition::Revoked)));
    report.restrict(
        Indication::TotalFailed,
        None,
        Reason::new(ReasonCode::CredentialRevoked),
    );
    report
}

fn forged() -> Report {
    let mut signature = signature("SD-JWT-VC");
    signature.cryptographic.intact = Some(false);
    let reason = Reason::new(ReasonCode::SignatureWrong);
    signature.restrict(
        Indication::TotalFailed,
        Some(SubIndication::SigCryptoFailure),
        reason,
    );
    let mut report = report("SD-JWT-VC", "晨曦五金（改）.sd-jwt", vec![signature]);
    report.credential = Some(credential(None));
    report
}

fn ca_not_recognised() -> Report {
    let mut signature = signature("JWS");
    signature.ca = Some(CaRef {
        id: "demo-other".to_owned(),
        name: "Another CA".to_owned(),
        name_zh: "另一电子认证服务机构".to_owned(),
    });
    let reason = Reason::new(ReasonCode::CaNotRecognised)
        .with("ca", "Another CA")
        .with("caZh", "另一电子认证服务机构")
        .with("usage", "credential-issuing");
    signature.tried = vec![TriedCandidate {
        subject: "CN=另一电子认证服务机构,C=CN".to_owned(),
        sha256: Sha256([0xa5; 32]),
        reason: reason.clone(),
    }];
    signature.tried_more = 3;
    signature.restrict(
        Indication::Indeterminate,
        Some(SubIndication::ChainConstraintsFailure),
        reason,
    );
    report("JWS", "contract.jws", vec![signature])
}

fn certificate() -> Report {
    let mut signature = signature("certificate");
    signature.cryptographic = Cryptographic::default();
    signature.signing_time = SigningTime::default();
    let mut report = report("certificate", "signer.pem", vec![signature]);
    report
        .document
        .digests
        .insert("sha256".to_owned(), sha256(b"signer.pem").to_string());
    report.remark(Reason::new(ReasonCode::CertificateOnly));
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::language::LANGUAGES;
    use crate::http::language::Language;

    fn html_of(name: &str, language: Language) -> String {
        let samples = samples(&Page::sample(language));
        let (_, html) = samples
            .into_iter()
            .find(|(found, _)| *found == name)
            .unwrap();
        html.unwrap()
    }

    #[test]
    fn every_verdict_is_said_in_words_not_by_colour_alone() {
        for (name, class, zh, en) in [
            ("verdict-passed", "verdict good", "验证通过", "Passed"),
            ("verdict-revoked", "verdict bad", "验证不通过", "Failed"),
            ("verdict-forged", "verdict bad", "验证不通过", "Failed"),
            (
                "verdict-undecided",
                "verdict caution",
                "无法判定",
                "Undecided",
            ),
        ] {
            for (language, word) in [(Language::Zh, zh), (Language::En, en)] {
                let html = html_of(name, language);
                assert!(html.contains(class), "{name}");
                assert!(
                    html.contains(&format!("class=\"verdict-word\">{word}</h1>")),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn a_credential_that_anyone_may_present_says_so() {
        assert!(html_of("verdict-passed", Language::En).contains("not proof of who presents them"));
        assert!(html_of("verdict-passed", Language::Zh).contains("不能证明出示人的身份"));
    }

    #[test]
    fn what_a_forged_credential_says_is_called_a_claim() {
        let html = html_of("verdict-forged", Language::Zh);
        assert!(html.contains("未经证实") && html.contains("请勿据此办理"));
        let html = html_of("verdict-passed", Language::Zh);
        assert!(!html.contains("未经证实") && html.contains("凭证所载事项"));
    }

    #[test]
    fn a_reason_says_what_to_do_next() {
        let html = html_of("verdict-revoked", Language::Zh);
        let reason = Reason::new(ReasonCode::CredentialRevoked);
        assert!(html.contains(&reason.message_zh()) && html.contains(&reason.action_zh()));
    }

    #[test]
    fn what_was_tried_is_listed_with_its_reason_and_how_many_are_not() {
        for (language, more) in [
            (Language::Zh, "另有未列出的：3"),
            (Language::En, "More that are not listed: 3"),
        ] {
            let html = html_of("verdict-undecided", language);
            let (_, tried) = html.split_once("<details").unwrap();
            assert!(tried.contains("CN=另一电子认证服务机构,C=CN"), "{tried}");
            assert!(tried.contains(&"a5".repeat(32)), "{tried}");
            assert!(tried.contains("CA_NOT_RECOGNISED"), "{tried}");
            assert!(tried.contains(more), "{tried}");
            assert!(!html_of("verdict-passed", language).contains("<details"));
        }
    }

    #[test]
    fn no_placeholder_is_left_unfilled() {
        for language in LANGUAGES {
            for (name, html) in samples(&Page::sample(language)) {
                let html = html.unwrap();
                assert!(!html.contains('{') && !html.contains('}'), "{name}");
            }
        }
    }

    #[test]
    fn a_pasted_credential_can_be_shown_again_in_the_other_language() {
        let html = html_of("verdict-passed", Language::Zh);
        assert!(html.contains(r#"action="/check?lang=en""#) && html.contains("c2ln~"));
        assert!(!html_of("verdict-revoked", Language::Zh).contains("action=\"/check"));
    }

    #[test]
    fn a_credential_that_holds_markup_shows_it_as_text() {
        let mut report = passed();
        let hostile = "<script>alert(1)</script>";
        report.document.name = Some(hostile.to_owned());
        let credential = report.credential.as_mut().unwrap();
        credential.claims = json!({"name": hostile, "uscc": "\"><script>", "x<script>": hostile});
        credential.vct = "javascript:<script>".to_owned();
        let kinds = KindSet::builtin("https://city.example").unwrap();
        let page = Page::sample(Language::En);
        let html = VerdictPage::new(page, &report, &kinds, Some(hostile.to_owned()))
            .render()
            .unwrap();
        assert!(!html.contains("<script>"), "{html}");
        assert!(!html.contains("href=\"javascript"));
    }
}
