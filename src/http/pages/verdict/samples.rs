//! Verdicts to look at: each of the three, and what brings it about.

use std::sync::Arc;

use serde_json::json;

use crate::clock::Timestamp;
use crate::credential::kind::KindSet;
use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::http::pages::page::Page;
use crate::http::pages::verdict::Origin;
use crate::http::pages::verdict::VerdictPage;
use crate::identifier::uscc::Uscc;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
#[cfg(test)]
use crate::validation::report::AttributeDetail;
use crate::validation::report::CaRef;
#[cfg(test)]
use crate::validation::report::CertificateDetail;
use crate::validation::report::ChangeName;
use crate::validation::report::ChangeReport;
use crate::validation::report::Coverage;
use crate::validation::report::CredentialCondition;
use crate::validation::report::CredentialIssuer;
use crate::validation::report::CredentialReport;
use crate::validation::report::Cryptographic;
#[cfg(test)]
use crate::validation::report::Diagnostics;
use crate::validation::report::DocumentInfo;
#[cfg(test)]
use crate::validation::report::EvidenceDetail;
use crate::validation::report::ImprintMatch;
use crate::validation::report::Indication;
use crate::validation::report::Modifications;
use crate::validation::report::OriginalInfo;
use crate::validation::report::Overall;
use crate::validation::report::PathElement;
use crate::validation::report::PolicyRef;
use crate::validation::report::Report;
use crate::validation::report::RevisionReport;
use crate::validation::report::RevisionTimestamp;
#[cfg(test)]
use crate::validation::report::RevocationSource;
use crate::validation::report::SealReport;
use crate::validation::report::SignatureReport;
use crate::validation::report::Signer;
use crate::validation::report::SigningCertificateReference;
use crate::validation::report::SigningTime;
use crate::validation::report::SubIndication;
use crate::validation::report::TimestampKind;
use crate::validation::report::TimestampReport;
use crate::validation::report::TriedCandidate;
use askama::Template as _;

/// Each sample page by name.
pub(in crate::http) fn samples(page: &Page) -> Vec<(&'static str, askama::Result<String>)> {
    let Ok(kinds) = KindSet::builtin("https://yinxin.dg.example") else {
        return Vec::new();
    };
    let visitor = |pasted| Origin::Visitor { pasted };
    let pasted = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln~".to_owned();
    let samples = [
        ("verdict-passed", passed(), visitor(Some(pasted))),
        ("verdict-revoked", revoked(), visitor(None)),
        ("verdict-forged", forged(), visitor(None)),
        ("verdict-undecided", ca_not_recognised(), visitor(None)),
        ("verdict-certificate", certificate(), visitor(None)),
        ("verdict-document", signed_document(), visitor(None)),
        ("verdict-sheet", sheet(), Origin::Caller),
        ("verdict-sealed", sealed(), visitor(None)),
        ("verdict-revised", revised(), visitor(None)),
    ];
    samples
        .into_iter()
        .map(|(name, report, origin)| {
            let page = page.clone().without_switch();
            (
                name,
                VerdictPage::new(page, &report, &kinds, origin).render(),
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
        signed_document(),
        sheet(),
        sealed(),
        revised(),
        told_in_full(),
    ]
}

/// A report that tells everything.
#[cfg(test)]
fn told_in_full() -> Report {
    let mut report = sheet();
    report.signed_content = Some("YWJj".to_owned());
    report.add_constraints();
    let certificate = CertificateDetail {
        subject: "CN=a".to_owned(),
        issuer: "CN=b".to_owned(),
        serial: "01".to_owned(),
        not_before: noon(),
        not_after: noon(),
        sha256: Sha256([1; 32]),
        der: "MAA=".to_owned(),
    };
    let evidence = EvidenceDetail {
        source: RevocationSource::Ocsp,
        issuer: "CN=b".to_owned(),
        this_update: noon(),
        next_update: None,
        sha256: Sha256([2; 32]),
    };
    let attribute = AttributeDetail {
        name: "signingTime".to_owned(),
        signed: true,
        value: "2026-01-02T03:04:05Z".to_owned(),
    };
    for signature in &mut report.signatures {
        signature.diagnostics = Some(Box::new(Diagnostics {
            certificates: vec![certificate.clone()],
            evidence: vec![evidence.clone()],
            attributes: vec![attribute.clone()],
        }));
    }
    report
}

/// The report on an ordinary document: one signature, one timestamp, a recognised CA.
pub(in crate::http) fn signed_document() -> Report {
    let mut signature = company_signature("S1");
    signature.format = "CAdES-BASELINE-T".to_owned();
    signature.signing_time.best_signature_time = Some(before_noon());
    signature.timestamps = vec![timestamp("S1.T1", TimestampKind::Signature)];
    let proven = Reason::new(ReasonCode::SignatureTimeProven);
    signature.remark(proven.with("at", before_noon().to_string()));
    report("CMS", "采购合同.p7m", vec![signature])
}

/// The report on a PDF that was filled in and signed a second time, and then changed.
fn revised() -> Report {
    let change = |kind, place: &str, permitted| ChangeReport {
        kind,
        permitted,
        place: place.to_owned(),
        object: Some("7 0".to_owned()),
        page: Some(1),
    };
    let mut signatures = ["S1", "S2"].map(|id| {
        let mut signature = company_signature(id);
        signature.format = "PAdES-BASELINE-B".to_owned();
        signature.coverage = Coverage::Revision;
        signature.modifications_after = Some(Modifications::Forbidden);
        let content = change(ChangeName::Content, "page 1, Contents", Some(false));
        signature.changes_after = vec![content];
        signature.signing_time.claimed = Some(noon());
        signature.restrict(
            Indication::TotalFailed,
            Some(SubIndication::FormatFailure),
            Reason::new(ReasonCode::DocumentModified).with("detail", "page 1, Contents (7 0)"),
        );
        signature
    });
    let [first, _] = &mut signatures;
    let filled = change(ChangeName::FieldFilled, "field amount", Some(true));
    first.changes_after.push(filled);
    let revision = |number, size_bytes| RevisionReport {
        number,
        size_bytes,
        signatures: Vec::new(),
        timestamps: Vec::new(),
        changes: Vec::new(),
        undecided: None,
    };
    let mut report = report("PDF", "采购合同.pdf", signatures.into());
    report.revisions = vec![
        RevisionReport {
            signatures: vec!["S1".to_owned()],
            ..revision(1, 20_481)
        },
        RevisionReport {
            signatures: vec!["S2".to_owned()],
            changes: vec![
                change(ChangeName::FieldFilled, "field amount", None),
                change(ChangeName::Signature, "field Signature2", None),
            ],
            ..revision(2, 41_002)
        },
        RevisionReport {
            timestamps: vec![RevisionTimestamp {
                time: noon(),
                indication: Indication::TotalPassed,
            }],
            ..revision(3, 52_100)
        },
        RevisionReport {
            changes: vec![change(ChangeName::Content, "page 1, Contents", None)],
            ..revision(4, 52_731)
        },
        RevisionReport {
            undecided: Some("object 9 0 is not at offset 52840".to_owned()),
            ..revision(5, 52_990)
        },
    ];
    report
}

/// The report on two signatures apart from their content, as a bank gets it.
fn sheet() -> Report {
    let mut first = company_signature("S1");
    first.format = "CAdES-BASELINE-T".to_owned();
    first.coverage = Coverage::Detached;
    first.signing_time = SigningTime {
        claimed: Some(noon()),
        not_before: Some(before_noon()),
        best_signature_time: Some(noon()),
    };
    let mut unproven = timestamp("S1.T2", TimestampKind::Signature);
    unproven.signature.restrict(
        Indication::Indeterminate,
        Some(SubIndication::NoCertificateChainFound),
        Reason::new(ReasonCode::CaUnknown).with("issuer", "CN=某时间戳服务机构,C=CN"),
    );
    first.timestamps = vec![timestamp("S1.T1", TimestampKind::Content), unproven];
    let mut counter = company_signature("S1.C1");
    counter.coverage = Coverage::Partial;
    first.counter_signatures = vec![counter];
    let unused = Reason::new(ReasonCode::TimestampNotUsed).with("id", "S1.T2");
    first.remark(unused.with("detail", "NO_CERTIFICATE_CHAIN_FOUND"));
    let mut second = company_signature("S2");
    second.coverage = Coverage::Detached;
    let reason = Reason::new(ReasonCode::CaNotRecognised)
        .with("ca", "Another CA")
        .with("caZh", "另一电子认证服务机构")
        .with("caller", "bank-x");
    second.restrict(
        Indication::Indeterminate,
        Some(SubIndication::ChainConstraintsFailure),
        reason,
    );
    let mut report = report("CMS", "采购合同.p7s", vec![first, second]);
    report.originals = vec![OriginalInfo {
        seen: false,
        ..OriginalInfo::of_bytes(Some("采购合同.pdf".to_owned()), b"contract")
    }];
    report.remark(Reason::new(ReasonCode::DocumentNotSeen));
    report.policy = PolicyRef {
        caller: "bank-x".to_owned(),
        purpose: "account-opening".to_owned(),
        profile: "bank-x/account-opening".to_owned(),
        version: 7,
        digest: Sha256([0x5a; 32]),
        narrowed_to: Vec::new(),
    };
    // Its payload is `{"jti":"kX3vT0pQ9bY2mR7sW4cJ1g"}`.
    let payload = "eyJqdGkiOiJrWDN2VDBwUTliWTJtUjdzVzRjSjFnIn0";
    report.receipt = Some(format!("eyJhbGciOiJFUzI1NiJ9.{payload}.c2ln"));
    report
}

/// The report on a document with an electronic seal whose maker is not accepted.
fn sealed() -> Report {
    let mut signature = company_signature("S1");
    signature.format = "SES".to_owned();
    signature.cryptographic.signature_algorithm = Some("SM2-SM3".to_owned());
    signature.cryptographic.digest_algorithm = Some("SM3".to_owned());
    signature.signing_time.claimed = Some(before_noon());
    let name = "东莞市厚街镇晨曦五金制品有限公司公章".to_owned();
    let reason = Reason::new(ReasonCode::SealMakerNotTrusted)
        .with("seal", name.as_str())
        .with("maker", "CN=某印章制作有限公司,C=CN")
        .with("detail", "CA_UNKNOWN");
    signature.restrict(
        Indication::Indeterminate,
        Some(SubIndication::NoCertificateChainFound),
        reason,
    );
    let day = |seconds| Timestamp::from_unix_seconds(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    signature.seal = Some(SealReport {
        version: 4,
        id: "44190000000001".to_owned(),
        name,
        // The years 2025 to 2029 in China.
        valid_from: day(1_735_660_800),
        valid_until: day(1_893_427_200),
        maker: Some("CN=某印章制作有限公司,C=CN".to_owned()),
        signer_listed: true,
    });
    report("PDF", "营业执照.pdf", vec![signature])
}

/// A minute before [`noon`].
fn before_noon() -> Timestamp {
    Timestamp::from_unix_seconds(1_767_322_985).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn company_signature(id: &str) -> SignatureReport {
    let mut signature = signature("CAdES-BASELINE-B");
    signature.id = id.to_owned();
    signature.signer = Some(Signer {
        subject: "CN=东莞市厚街镇晨曦五金制品有限公司,O=东莞市厚街镇晨曦五金制品有限公司,C=CN"
            .to_owned(),
        serial: "7d10c2aa93".to_owned(),
        uscc: Uscc::with_check("91441900MA5ABCDE7").ok(),
        uscc_source: Some("1.2.156.10260.4.1.4".to_owned()),
    });
    signature.ca = Some(CaRef {
        id: "gdca".to_owned(),
        name: "Guangdong Certificate Authority".to_owned(),
        name_zh: "数安时代科技股份有限公司".to_owned(),
    });
    signature.signing_certificate_reference = Some(SigningCertificateReference::Match);
    signature.path = [("CN=signer", 1), ("CN=issuing", 2), ("CN=root", 3)]
        .map(|(subject, byte)| PathElement {
            subject: subject.to_owned(),
            sha256: Sha256([byte; 32]),
        })
        .to_vec();
    signature
}

fn timestamp(id: &str, kind: TimestampKind) -> TimestampReport {
    let mut signature = company_signature(id);
    signature.format = "timestamp".to_owned();
    signature.signer = Some(Signer {
        subject: "CN=某时间戳服务机构,C=CN".to_owned(),
        serial: "11".to_owned(),
        uscc: None,
        uscc_source: None,
    });
    TimestampReport {
        kind,
        time: Some(before_noon()),
        imprint: Some(ImprintMatch::Match),
        signature,
    }
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
        narrowed_to: Vec::new(),
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
        claims: Arc::new(json!({
            "name": "东莞市厚街镇晨曦五金制品有限公司",
            "uscc": Uscc::with_check("91441900MA5ABCDE7").map(|uscc| uscc.to_string()).unwrap_or_default(),
            "state": "active",
            "capital": {"amount": 2_130_000, "currency": "CNY"},
            "establishedOn": "2015-03-02",
            "registrations": [
                {"department": "state-tax", "number": "粤税字 441900123456", "registeredOn": "2015-03-05", "state": "active"},
                {"department": "customs", "number": "4419 0812 34", "registeredOn": "2016-01-01", "state": "active"},
            ],
        })),
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
    use crate::validation::report::simple;

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
    fn an_ordinary_document_is_told_shortly_in_less_than_two_kilobytes() {
        let report = signed_document();
        let short = simple(&report).unwrap();
        let bytes = serde_json::to_vec(&short).unwrap();
        assert!(bytes.len() < 2048, "{}: {short:#}", bytes.len());
        let stamp = &short["signatures"][0]["timestamps"][0];
        let expected = json!({"id": "S1.T1", "kind": "signature", "time": before_noon().to_string(),
            "indication": "TOTAL-PASSED"});
        assert_eq!(*stamp, expected);
        assert!(serde_json::to_vec(&report).unwrap().len() > 2048);
        let mut detailed = report;
        detailed.add_constraints();
        assert_eq!(simple(&detailed).unwrap(), short);
    }

    #[test]
    fn a_sheet_says_times_with_their_sources_and_has_room_for_a_clerk() {
        let html = html_of("verdict-sheet", Language::En);
        for text in [
            "the signer says so; not proven",
            "proven by a timestamp of the content",
            "Not seen: its digest was given",
            "kX3vT0pQ9bY2mR7sW4cJ1g",
            "bank-x/account-opening",
            "Checked by",
            "S2",
            "SM3",
        ] {
            assert!(html.contains(text), "{text}");
        }
        assert!(!html.contains("Check another"));
        let html = html_of("verdict-document", Language::Zh);
        assert!(html.contains("时间戳证明（某时间戳服务机构）"));
        assert!(html.contains("再验一份") && html.contains("经办人"));
    }

    #[test]
    fn a_credential_that_holds_markup_shows_it_as_text() {
        let mut report = passed();
        let hostile = "<script>alert(1)</script>";
        report.document.name = Some(hostile.to_owned());
        let credential = report.credential.as_mut().unwrap();
        credential.claims =
            Arc::new(json!({"name": hostile, "uscc": "\"><script>", "x<script>": hostile}));
        credential.vct = "javascript:<script>".to_owned();
        let kinds = KindSet::builtin("https://city.example").unwrap();
        let page = Page::sample(Language::En);
        let origin = Origin::Visitor {
            pasted: Some(hostile.to_owned()),
        };
        let html = VerdictPage::new(page, &report, &kinds, origin)
            .render()
            .unwrap();
        assert!(!html.contains("<script>"), "{html}");
        assert!(!html.contains("href=\"javascript"));
    }
}
