//! Judges a document: the one path from bytes to report, for the server and the command line alike.
//!
//! Nothing is looked up here. [`crate::service::open`] recognises and parses; whoever calls fetches what is
//! known of the credential's status; [`judge`] puts everything together.

use crate::clock::Timestamp;
use crate::credential::kind::KindSet;
use crate::credential::sd_jwt_vc;
use crate::credential::sd_jwt_vc::malformed::malformed;
use crate::credential::sd_jwt_vc::parse::SdJwt;
use crate::credential::sd_jwt_vc::validate::Findings;
use crate::credential::sd_jwt_vc::validate::IssuerFinding;
use crate::credential::sd_jwt_vc::validate::StatusFinding;
use crate::identifier::uscc::Uscc;
use crate::pki::bag::BagError;
use crate::pki::certificate::Certificate;
use crate::pki::path::ProvenSignatures;
use crate::pki::path::Remember;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::freshness::LaterEvidence;
use crate::registry::department::Department;
use crate::registry::issuer;
use crate::registry::issuer::IssuerEntry;
use crate::registry::issuer::IssuerRefusal;
use crate::registry::issuer::PresentedIssuer;
use crate::service::open::Content;
use crate::service::open::Document;
use crate::signature::facts::SignatureFacts;
use crate::signature::pdf::document::EncryptionFact;
use crate::signature::pdf::document::PdfFacts;
use crate::validation::certificate::AnchoredPath;
use crate::validation::certificate::RecentOutcomes;
use crate::validation::certificate::validate_signer;
use crate::validation::constraint::Constraint;
use crate::validation::context::Demands;
use crate::validation::context::RevocationPolicy;
use crate::validation::context::ValidationContext;
use crate::validation::document;
use crate::validation::document::Validated;
use crate::validation::profile::TrustProfile;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::ChangeReport;
use crate::validation::report::Coverage;
use crate::validation::report::CredentialIssuer;
use crate::validation::report::Indication;
use crate::validation::report::Overall;
use crate::validation::report::Report;
use crate::validation::report::RevisionReport;
use crate::validation::report::RevisionTimestamp;
use crate::validation::report::SignatureReport;
use crate::validation::report::SubIndication;
use crate::validation::report::TimestampKind;
use crate::validation::signature::JwsSubject;
use crate::validation::signature::malformed_jws;
use crate::validation::signature::validate_jws;
use crate::validation::standing::Consulted;
use crate::validation::timestamp;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::Usage;

/// What a document is judged by.
#[derive(Clone, Copy)]
pub struct Judging<'a> {
    /// The CAs that are known.
    pub trust: &'a TrustSet,
    /// What the caller accepts of them.
    pub profile: &'a TrustProfile,
    /// The issuer register.
    pub issuers: &'a [IssuerEntry],
    /// The credential types that are known.
    pub kinds: &'a KindSet,
    /// Certificates that may complete a path, beside those in the document; untrusted.
    pub intermediates: &'a [Certificate],
    /// What a certificate is to be good for.
    pub demands: &'a Demands,
    /// Whether revocation of certificates matters.
    pub revocation: RevocationPolicy,
    /// What is to be done with evidence from after [`Self::now`].
    pub later_evidence: LaterEvidence,
    /// CRLs and OCSP responses at hand.
    pub evidence: &'a Evidence,
    /// What was proven before; none: everything is computed.
    pub memory: Option<&'a ProvenSignatures>,
    /// The company that the caller expects to have signed.
    pub expected_signer: Option<&'a Uscc>,
    /// How several signatures make one verdict.
    pub overall: Overall,
    /// The time for which is judged.
    pub at: Timestamp,
    /// The time by the clock.
    pub now: Timestamp,
    /// Where it is noted what was asked of the profile.
    pub consulted: Option<&'a Consulted>,
    /// What issuers' certificates were found to be worth a moment ago, under this trust set and this evidence; none:
    /// each is judged.
    pub recent: Option<&'a RecentOutcomes>,
    /// Whether every document's end entities are remembered, as those of credentials are: for one that is judged
    /// more than once.
    pub remember: Remember,
}

/// A verdict, and what it leads to.
#[derive(Debug)]
pub struct Judged {
    /// The verdict.
    pub report: Report,
    /// The paths of the signers' certificates that are valid: where evidence about them is to be had.
    pub paths: Vec<AnchoredPath>,
}

/// Judges a document; `status` is what is known of its credential's status, if it is a credential.
#[must_use]
pub fn judge(document: &Document, judging: &Judging<'_>, status: StatusFinding) -> Judged {
    let Verdicts { signatures, paths } = judging.verdicts(document.content());
    let policy = judging.profile.policy_ref();
    let mut report = Report::from_signatures(
        document.info().clone(),
        signatures,
        judging.overall,
        policy,
        judging.now,
    );
    if let Some(credential) = document.credential() {
        let findings = Findings {
            issuer: judging.issuer_of(credential, &report),
            status,
            kind: judging.kinds.by_vct(&credential.registered().vct),
            at: judging.at,
        };
        sd_jwt_vc::validate::apply(&mut report, credential, &findings);
    }
    match document.content() {
        Content::Pdf(Ok(facts)) => tell_revisions(&mut report, facts),
        Content::Pdf(Err(error)) => {
            let reason = Reason::new(ReasonCode::FormatMalformed).with("detail", error.to_string());
            report.reasons.clear();
            report.restrict(
                Indication::TotalFailed,
                Some(SubIndication::FormatFailure),
                reason,
            );
        }
        Content::Certificates(_)
        | Content::Credential(_)
        | Content::MalformedJws(_)
        | Content::Signatures(_)
        | Content::Timestamp(_) => {}
    }
    judging.check_expected_signer(&mut report);
    for remark in document.remarks() {
        report.remark(remark.clone());
    }
    if judging.at != judging.now {
        report
            .remark(Reason::new(ReasonCode::PastValidationTime).with("at", judging.at.to_string()));
    }
    Judged { report, paths }
}

/// A verdict for each signature, and the paths that are valid.
#[derive(Default)]
struct Verdicts {
    signatures: Vec<SignatureReport>,
    paths: Vec<AnchoredPath>,
}

impl Verdicts {
    fn of(signature: SignatureReport, paths: impl IntoIterator<Item = AnchoredPath>) -> Self {
        Self {
            signatures: vec![signature],
            paths: paths.into_iter().collect(),
        }
    }

    fn add(&mut self, validated: Validated) {
        self.signatures.push(validated.report);
        self.paths.extend(validated.paths);
    }
}

impl Judging<'_> {
    fn verdicts(&self, content: &Content) -> Verdicts {
        match content {
            Content::Certificates(Ok(certificates)) => match certificates.split_first() {
                Some((first, rest)) => self.certificate(first, rest),
                None => Verdicts::default(),
            },
            Content::Certificates(Err(error)) => Verdicts::of(malformed_certificate(error), None),
            Content::Credential(Ok(credential)) => {
                let (report, path) = validate_jws(
                    &subject(credential, self.intermediates),
                    &self.context(&self.profile.issuer_usage, Remember::EndEntityToo),
                );
                Verdicts::of(report, path)
            }
            Content::Credential(Err(error)) => Verdicts::of(malformed("S1", error), None),
            Content::MalformedJws(error) => Verdicts::of(malformed_jws("S1", "JWS", error), None),
            Content::Pdf(Ok(facts)) => self.pdf(facts),
            // The document as a whole is refused, see `judge`.
            Content::Pdf(Err(_)) => Verdicts::default(),
            Content::Signatures(signatures) => {
                let context = self.context(&self.profile.signer_usage, Remember::Authorities);
                Self::signatures(signatures, self.intermediates, &context)
            }
            Content::Timestamp(facts) => {
                let usage = Usage::timestamp();
                let context = self.context(&usage, Remember::Authorities);
                let mut verdicts = Verdicts::default();
                verdicts.add(timestamp::validate_alone(
                    "S1",
                    facts,
                    self.intermediates,
                    &context,
                ));
                verdicts
            }
        }
    }

    fn certificate(&self, first: &Certificate, rest: &[Certificate]) -> Verdicts {
        let context = self.context(&self.profile.signer_usage, Remember::Authorities);
        let outcome = validate_signer(first, &with(rest, self.intermediates), &context);
        let path = outcome.anchored();
        Verdicts::of(outcome.into_certificate_report("S1"), path)
    }

    /// Certificates and evidence of the document's own store serve all its signatures.
    fn pdf(&self, facts: &PdfFacts) -> Verdicts {
        let around = with(&facts.certificates, self.intermediates);
        let evidence = [&facts.evidence];
        let signer = ValidationContext {
            document_evidence: &evidence,
            ..self.context(&self.profile.signer_usage, Remember::Authorities)
        };
        let mut verdicts = Self::signatures(&facts.signatures, &around, &signer);
        let usage = Usage::timestamp();
        let authority = ValidationContext {
            document_evidence: &evidence,
            ..self.context(&usage, Remember::Authorities)
        };
        for (number, facts) in (1..).zip(&facts.timestamps) {
            let id = format!("S{number}");
            verdicts.add(timestamp::validate_alone(&id, facts, &around, &authority));
        }
        verdicts
    }

    fn signatures(
        signatures: &[SignatureFacts],
        around: &[Certificate],
        context: &ValidationContext<'_>,
    ) -> Verdicts {
        let mut verdicts = Verdicts::default();
        for (number, facts) in (1..).zip(signatures) {
            let id = format!("S{number}");
            verdicts.add(document::validate(&id, facts, around, context));
        }
        verdicts
    }
}

/// How the document came to be what it is.
fn tell_revisions(report: &mut Report, facts: &PdfFacts) {
    for left_out in &facts.left_out {
        let reason = Reason::new(ReasonCode::FormatIrregular).with("field", "DSS");
        report.remark(reason.with("detail", left_out.as_str()));
    }
    if !facts.active.is_empty() {
        let reason = Reason::new(ReasonCode::DocumentActive);
        report.remark(reason.with("detail", facts.active.join("; ")));
    }
    if let Some(encryption) = &facts.encryption {
        let detail = match encryption {
            EncryptionFact::Closed(why) => why.as_str(),
            EncryptionFact::Opened => "it opens without a password, 无需口令即可打开",
        };
        report.remark(Reason::new(ReasonCode::DocumentEncrypted).with("detail", detail));
    }
    if facts.revisions.len() < 2 {
        return;
    }
    let signatures = &report.signatures;
    let revisions = (1..).zip(&facts.revisions).map(|(number, revision)| {
        let ids = revision.signatures.iter();
        let ids = ids.filter_map(|place| Some(signatures.get(*place)?.id.clone()));
        let changes = revision.changes.iter();
        RevisionReport {
            number,
            size_bytes: revision.end_bytes,
            signatures: ids.collect(),
            timestamps: stamped(&revision.timestamps, signatures),
            changes: changes.map(ChangeReport::between_revisions).collect(),
            undecided: revision.undecided.clone(),
        }
    });
    report.revisions = revisions.collect();
}

/// The document timestamps of a revision with the worst that was said of one of that time: they were judged with
/// the signatures, and with none nothing is known of them.
fn stamped(times: &[Timestamp], signatures: &[SignatureReport]) -> Vec<RevisionTimestamp> {
    let of_document = [TimestampKind::Archive, TimestampKind::Content];
    let judged = |time: Timestamp| {
        let all = signatures.iter().flat_map(|signature| {
            let own = (signature.signing_time.claimed == Some(time)
                && signature.format == "timestamp")
                .then_some(signature.indication);
            let beside = signature.timestamps.iter();
            let beside = beside
                .filter(move |stamp| stamp.time == Some(time) && of_document.contains(&stamp.kind));
            beside.map(|stamp| stamp.signature.indication).chain(own)
        });
        all.max().unwrap_or(Indication::Indeterminate)
    };
    times
        .iter()
        .map(|time| RevisionTimestamp {
            time: *time,
            indication: judged(*time),
        })
        .collect()
}

fn malformed_certificate(error: &BagError) -> SignatureReport {
    let mut report = SignatureReport::new("S1", "certificate", Coverage::Unknown);
    let reason = Reason::new(ReasonCode::FormatCertificate).with("detail", error.to_string());
    report.restrict(
        Indication::TotalFailed,
        Some(SubIndication::FormatFailure),
        reason,
    );
    report
}

fn with(own: &[Certificate], handed_in: &[Certificate]) -> Vec<Certificate> {
    own.iter().chain(handed_in).cloned().collect()
}

fn subject<'a>(credential: &'a SdJwt, intermediates: &'a [Certificate]) -> JwsSubject<'a> {
    JwsSubject {
        id: "S1",
        format: "SD-JWT-VC",
        jws: credential.jws(),
        // Which types are credentials was checked when it was parsed.
        typ: None,
        claimed_at: credential.registered().issued_at,
        intermediates,
    }
}

impl<'a> Judging<'a> {
    fn context(&self, usage: &'a Usage, remember: Remember) -> ValidationContext<'a> {
        ValidationContext {
            trust: self.trust,
            profile: self.profile,
            usage,
            demands: self.demands,
            at: self.at,
            proven_at: None,
            document_evidence: &[],
            now: self.now,
            revocation: self.revocation,
            later_evidence: self.later_evidence,
            evidence: self.evidence,
            memory: self.memory,
            remember: match self.remember {
                Remember::EndEntityToo => Remember::EndEntityToo,
                Remember::Authorities => remember,
            },
            consulted: self.consulted,
            recent: match remember {
                Remember::EndEntityToo => self.recent,
                Remember::Authorities => None,
            },
        }
    }

    /// What the issuer register says of whoever signed. CA and USCC count only from a validated path:
    /// until then they are what the certificate says of itself.
    fn issuer_of(&self, credential: &SdJwt, report: &Report) -> IssuerFinding {
        let registered = credential.registered();
        let (Some(certificate), Some(signature)) =
            (credential.jws().x5c().first(), report.signatures.first())
        else {
            return IssuerFinding::NotAuthorised;
        };
        let Some(region) = region_of(credential) else {
            return IssuerFinding::NotAuthorised;
        };
        let spki = certificate.public_key().sha256();
        let ca = signature
            .ca
            .as_ref()
            .and_then(|ca| CaId::parse(&ca.id).ok());
        let uscc = signature
            .signer
            .as_ref()
            .and_then(|signer| signer.uscc.as_ref());
        let presented = PresentedIssuer {
            spki: &spki,
            ca: ca.as_ref(),
            uscc,
            iss: registered.iss.as_deref(),
        };
        // A department is judged by what it was authorised for when it issued.
        let issued_at = registered.issued_at.unwrap_or(self.at);
        match issuer::lookup(
            self.issuers,
            &presented,
            &registered.vct,
            &region,
            issued_at,
        ) {
            Ok(entry) => IssuerFinding::Authorised(CredentialIssuer {
                uscc: uscc.cloned(),
                name: department_name(entry),
            }),
            Err(IssuerRefusal::OtherName) => IssuerFinding::Mismatch,
            Err(
                IssuerRefusal::NotListed
                | IssuerRefusal::OtherRegion
                | IssuerRefusal::OtherTime
                | IssuerRefusal::OtherType,
            ) => IssuerFinding::NotAuthorised,
        }
    }

    fn check_expected_signer(&self, report: &mut Report) {
        let Some(expected) = self.expected_signer else {
            return;
        };
        let signed = |signature: &SignatureReport| {
            signature
                .signer
                .as_ref()
                .and_then(|signer| signer.uscc.as_ref())
                == Some(expected)
        };
        let as_expected = match self.overall {
            Overall::All => !report.signatures.is_empty() && report.signatures.iter().all(signed),
            Overall::Any => report.signatures.iter().any(signed),
        };
        if as_expected {
            report.met(Constraint::ExpectedSigner);
        } else {
            report.restrict(
                Indication::Indeterminate,
                Some(SubIndication::SigConstraintsFailure),
                Reason::new(ReasonCode::SignerNotExpected).with("expected", expected.as_str()),
            );
        }
    }
}

/// The region where the company of a credential was registered, from its USCC.
fn region_of(credential: &SdJwt) -> Option<String> {
    let uscc = credential.disclose().subject.get("uscc")?.as_str()?;
    Uscc::parse(uscc).ok().map(|uscc| uscc.region().to_owned())
}

fn department_name(entry: &IssuerEntry) -> String {
    Department::find(&entry.department).map_or_else(
        || entry.department.to_string(),
        |department| format!("{} {}", department.name_zh, department.name),
    )
}
