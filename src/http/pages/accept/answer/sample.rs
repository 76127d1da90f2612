//! Answers to look at.

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::identifier::uscc::Uscc;
use crate::registry::purpose::PURPOSES;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::relying_party::RelyingPartyKind;
use crate::registry::text::Text;
use crate::service::check_recognition::Checked;
use crate::service::check_recognition::Objection;
use crate::service::check_recognition::PartyAnswer;
use crate::service::check_recognition::PurposeAnswer;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::CaRef;
use crate::validation::report::Coverage;
use crate::validation::report::DocumentInfo;
use crate::validation::report::Indication;
use crate::validation::report::Overall;
use crate::validation::report::PolicyRef;
use crate::validation::report::Report;
use crate::validation::report::SignatureReport;
use crate::validation::report::Signer;
use crate::validation::report::SubIndication;
use crate::validation::trust_store::CaId;

/// One that some accept, one that nobody does, and one that is broken.
pub(in crate::http::pages::accept) fn samples() -> Vec<(&'static str, Checked)> {
    let parties = |accepting: &str| -> Vec<PartyAnswer> {
        [
            ("bank-jia", "Bank Jia (sample)", "甲银行（示例）"),
            ("bank-yi", "Bank Yi (sample)", "乙银行（示例）"),
        ]
        .into_iter()
        .filter_map(|(id, name, name_zh)| bank(id, name, name_zh, id == accepting))
        .collect()
    };
    let checked = |report, parties| Checked {
        report,
        version: 7,
        parties,
    };
    let mut broken = report();
    if let Some(signature) = broken.signatures.first_mut() {
        signature.remark(Reason::new(ReasonCode::SignatureWrong));
    }
    broken.indication = Indication::TotalFailed;
    broken.sub_indication = Some(SubIndication::SigCryptoFailure);
    let mut refused = parties("");
    for answer in refused.iter_mut().flat_map(|party| &mut party.purposes) {
        answer.reasons = vec![objection(ReasonCode::SignatureWrong)];
    }
    vec![
        ("accept-some", checked(report(), parties("bank-yi"))),
        ("accept-nobody", checked(report(), parties(""))),
        ("accept-broken", checked(broken, refused)),
    ]
}

fn objection(code: ReasonCode) -> Objection {
    Objection {
        code,
        ca: CaId::parse("demo-bing").ok(),
        usage: None,
        said_no: None,
    }
}

fn bank(id: &str, name: &str, name_zh: &str, accepts: bool) -> Option<PartyAnswer> {
    let id = RelyingPartyId::parse(id).ok()?;
    let (name, name_zh) = (Text::parse(name).ok()?, Text::parse(name_zh).ok()?);
    let party = RelyingParty::new(id, RelyingPartyKind::Bank, name, name_zh, None).ok()?;
    let purposes = PURPOSES.iter().map(|purpose| {
        let usage = purpose.signer_usage();
        let accepted = accepts && usage.as_str() == "banking";
        let code = match accepts {
            true => ReasonCode::UsageNotPermitted,
            false => ReasonCode::CaNotRecognised,
        };
        let refusal = Objection {
            usage: Some(usage),
            ..objection(code)
        };
        PurposeAnswer {
            purpose,
            accepted,
            reasons: match accepted {
                true => Vec::new(),
                false => vec![refusal],
            },
        }
    });
    Some(PartyAnswer {
        purposes: purposes.collect(),
        party,
    })
}

fn report() -> Report {
    let name = Some("采购合同.pdf.p7s".to_owned());
    let document = DocumentInfo::of_bytes("CMS", None, name, b"sample");
    let mut signature = SignatureReport::new("S1", "CMS", Coverage::WholeDocument);
    signature.signer = Some(Signer {
        subject: "CN=东莞市示例五金制品有限公司,C=CN".to_owned(),
        serial: "4f".to_owned(),
        uscc: Uscc::with_check("91441900MA5ABCDE7").ok(),
        uscc_source: None,
    });
    signature.ca = Some(CaRef {
        id: "demo-bing".to_owned(),
        name: "Demo CA Bing".to_owned(),
        name_zh: "丙认证（示例）".to_owned(),
    });
    let policy = PolicyRef {
        caller: "public".to_owned(),
        purpose: "company-status".to_owned(),
        profile: "everything".to_owned(),
        version: 7,
        digest: Sha256([7; 32]),
        narrowed_to: Vec::new(),
    };
    let at = Timestamp::parse("2026-06-01T08:30:00Z").unwrap_or(Timestamp::UNIX_EPOCH);
    Report::from_signatures(document, vec![signature], Overall::All, policy, at)
}
