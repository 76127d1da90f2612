//! Judges what a company answered to a challenge, as every document is judged, for the built-in relying party `holder`.
//!
//! One signature, CMS or JWS, over exactly the challenge: whatever else the engine reads and passes, a certificate, a
//! credential, a timestamp, is public and proves nothing of who hands it in. The signer is to be the company by the
//! identity that the CA put into the certificate.
//!
//! For what the certificate may be used does not matter, as long as `holder` recognises its CA for that: certificates
//! for taxes, seals or banking all name their company. It is judged for one usage after another until it passes.

use std::collections::BTreeSet;

use crate::clock::Timestamp;
use crate::credential::sd_jwt_vc::validate::StatusFinding;
use crate::pki::path::Remember;
use crate::pki::revocation::freshness::LaterEvidence;
use crate::registry::holder::challenge;
use crate::registry::issuer::IssuerEntry;
use crate::registry::purpose::PURPOSES;
use crate::registry::recognition;
use crate::registry::relying_party::RelyingParty;
use crate::service::admit_holder::AdmitHolderError;
use crate::service::admit_holder::AnsweredChallenge;
use crate::service::app::App;
use crate::service::judge;
use crate::service::judge::Judged;
use crate::service::judge::Judging;
use crate::service::open::Content;
use crate::service::open::Document;
use crate::service::open::Naming;
use crate::service::open::Submission;
use crate::service::verify::RETRY_AFTER_SECONDS;
use crate::service::verify::computed;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::Integrity;
use crate::validation::context::Demands;
use crate::validation::context::RevocationPolicy;
use crate::validation::profile::TrustProfile;
use crate::validation::reason::ReasonCode;
use crate::validation::report::Indication;
use crate::validation::report::Overall;
use crate::validation::report::Report;

/// The verdict on an answer.
pub(in crate::service) enum Answer {
    Passed(Box<Report>),
    Refused(Box<Report>),
}

impl App {
    pub(in crate::service) async fn judge_answer(
        &self,
        answered: AnsweredChallenge,
        now: Timestamp,
    ) -> Result<Answer, AdmitHolderError> {
        let profiles = self.holder_profiles(now).await?;
        let (app, trust, evidence) = (self.clone(), self.trust(), self.evidence());
        let work = move || -> Result<Judged, AdmitHolderError> {
            let document = open(&answered)?;
            let judge = |profile: &TrustProfile| {
                let judging = Judging {
                    trust: &trust,
                    profile,
                    issuers: &NO_ISSUERS,
                    kinds: app.kinds(),
                    intermediates: &[],
                    demands: Demands::of_a_signer(),
                    revocation: RevocationPolicy::FromTrustStore,
                    later_evidence: LaterEvidence::Refuse,
                    evidence: evidence.indexed(),
                    memory: Some(&app.inner().proven),
                    expected_signer: Some(&answered.uscc),
                    overall: Overall::All,
                    at: now,
                    now,
                    consulted: None,
                    recent: None,
                    remember: Remember::Authorities,
                };
                judge::judge(&document, &judging, no_status())
            };
            let (first, others) = &profiles;
            let mut best = judge(first);
            for profile in others {
                if best.report.indication == Indication::TotalPassed {
                    break;
                }
                let next = judge(profile);
                if nearer(&next.report, &best.report) {
                    best = next;
                }
            }
            Ok(best)
        };
        let judged = computed(work).await??;
        self.seek_evidence(&judged.paths).await?;
        let report = Box::new(judged.report);
        Ok(match report.indication {
            Indication::TotalPassed => Answer::Passed(report),
            Indication::Indeterminate | Indication::TotalFailed => Answer::Refused(report),
        })
    }

    /// What `holder` accepts, for each usage that a signer's certificate can have and that a row of it names; for the
    /// default one if there is none, which tells that nothing is recognised.
    async fn holder_profiles(
        &self,
        now: Timestamp,
    ) -> Result<(TrustProfile, Vec<TrustProfile>), AdmitHolderError> {
        let table = self.recognition_table().await?;
        let (party, trust) = (RelyingParty::holder(), self.trust());
        let resolve = |purpose| {
            recognition::resolve(&party, purpose, &table.rows, &trust, table.version, now)
        };
        let [default, ..] = &PURPOSES;
        let whole = resolve(default);
        let named: BTreeSet<_> = whole.rows.iter().flat_map(|row| &row.usages).collect();
        let mut seen = BTreeSet::new();
        let purposes = PURPOSES.iter().filter(|purpose| {
            let usage = purpose.signer_usage();
            named.contains(&usage) && seen.insert(usage)
        });
        let mut profiles = purposes.map(resolve);
        let first = profiles.next();
        let others = profiles.collect();
        Ok((first.unwrap_or(whole), others))
    }
}

/// A signer needs no place in the issuer register.
const NO_ISSUERS: [IssuerEntry; 0] = [];

/// What is answered is no credential.
const fn no_status() -> StatusFinding {
    StatusFinding::Unavailable {
        retry_after_seconds: RETRY_AFTER_SECONDS,
    }
}

/// Whether a verdict is nearer to letting in: better, of a CA that is recognised for the usage, or with less against it.
fn nearer(report: &Report, than: &Report) -> bool {
    let worth = |report: &Report| {
        let not_for_this = [ReasonCode::CaNotRecognised, ReasonCode::UsageNotPermitted];
        let reasons = report.all_reasons();
        let elsewhere = reasons
            .iter()
            .any(|reason| not_for_this.contains(&reason.code()));
        (report.indication, elsewhere, reasons.len())
    };
    worth(report) < worth(than)
}

/// The answer, if it is one signature over the challenge.
fn open(answered: &AnsweredChallenge) -> Result<Document, AdmitHolderError> {
    let submission = Submission::new(&answered.signature, None)?;
    let recognised = submission.recognise();
    let (needs, inside) = (recognised.needs(), recognised.signed_content());
    let mut forms = challenge::forms(&answered.text).to_vec();
    // In an armour, content may come beside the signature: it goes before any that is handed in.
    for content in [inside.as_deref(), submission.content_beside()] {
        forms.retain(|form| content.is_none_or(|content| content == form.as_bytes()));
    }
    let mut not_intact = None;
    for form in forms {
        let content = DetachedContent::of_bytes(None, form.into_bytes(), &needs);
        let document = submission.recognise().open(Naming::default(), &[content]);
        if one_signature(&document)? == Integrity::Intact {
            return Ok(document);
        }
        // What is wrong with it, the verdict says.
        not_intact.get_or_insert(document);
    }
    not_intact.ok_or(OTHER_CONTENT)
}

const OTHER_CONTENT: AdmitHolderError = AdmitHolderError::NotTheChallenge {
    detail: "what was signed is not the challenge",
    detail_zh: "所签内容不是本次挑战文本",
};

const NO_SIGNATURE: AdmitHolderError = AdmitHolderError::NotTheChallenge {
    detail: "what was handed in is not a signature over the challenge (CMS or JWS, by one signer)",
    detail_zh: "提交的内容不是对挑战文本的签名（应为 CMS 或 JWS，且仅有一个签名人）",
};

/// What the mathematics says of the one signature of a document.
fn one_signature(document: &Document) -> Result<Integrity, AdmitHolderError> {
    let is_signature = matches!(document.info().format.as_str(), "CMS" | "JWS");
    match document.content() {
        Content::Signatures(signatures) if is_signature => match signatures.as_slice() {
            [one] => Ok(one.integrity.clone()),
            _ => Err(NO_SIGNATURE),
        },
        Content::Certificates(_)
        | Content::Credential(_)
        | Content::MalformedJws(_)
        | Content::Pdf(_)
        | Content::Signatures(_)
        | Content::Timestamp(_) => Err(NO_SIGNATURE),
    }
}
