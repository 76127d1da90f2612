//! Judges a document: the one path from bytes to report, for the server and the command line alike.
//!
//! Nothing is looked up here. [`open`] recognises and parses; whoever calls fetches what is known of
//! the credential's status; [`judge`] puts everything together.

use crate::clock::Timestamp;
use crate::credential::kind::KindSet;
use crate::credential::sd_jwt_vc;
use crate::credential::sd_jwt_vc::error::SdJwtError;
use crate::credential::sd_jwt_vc::malformed::malformed;
use crate::credential::sd_jwt_vc::parse::Limits;
use crate::credential::sd_jwt_vc::parse::SdJwt;
use crate::credential::sd_jwt_vc::validate::Findings;
use crate::credential::sd_jwt_vc::validate::IssuerFinding;
use crate::credential::sd_jwt_vc::validate::StatusFinding;
use crate::identifier::uscc::Uscc;
use crate::pki::bag;
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
use crate::signature::sniff::Container;
use crate::signature::sniff::sniff;
use crate::signature::sniff::trimmed_text;
use crate::validation::certificate::AnchoredPath;
use crate::validation::certificate::validate_signer;
use crate::validation::context::Demands;
use crate::validation::context::RevocationPolicy;
use crate::validation::context::ValidationContext;
use crate::validation::profile::TrustProfile;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::Coverage;
use crate::validation::report::CredentialIssuer;
use crate::validation::report::DocumentInfo;
use crate::validation::report::Indication;
use crate::validation::report::Overall;
use crate::validation::report::Report;
use crate::validation::report::SignatureReport;
use crate::validation::report::SubIndication;
use crate::validation::signature::JwsSubject;
use crate::validation::signature::validate_jws;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::Usage;

/// Certificates in one document: an end entity and what may lie between it and an anchor.
const MAX_CERTIFICATES: usize = 16;

/// A document whose container was recognised and parsed.
#[derive(Debug)]
pub struct Document {
    info: DocumentInfo,
    content: Content,
    /// What could not be read beside it.
    remarks: Vec<Reason>,
}

#[derive(Debug)]
enum Content {
    Certificates(Result<Vec<Certificate>, BagError>),
    Credential(Result<Box<SdJwt>, SdJwtError>),
}

/// A container that we do not read, by its name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{format} is not read")]
pub struct UnsupportedFormat {
    /// The container.
    pub format: &'static str,
}

/// Recognises a document by its content, never by its name, and parses it.
///
/// # Errors
/// [`UnsupportedFormat`] for a container that we do not read; a malformed one is a verdict, not an error.
pub fn open(
    bytes: &[u8],
    name: Option<String>,
    media_type: Option<String>,
) -> Result<Document, UnsupportedFormat> {
    let container = sniff(bytes);
    let content = match container {
        Container::SdJwt => {
            // A text editor's line end after the last `~` is no part of the credential.
            let text = trimmed_text(bytes).unwrap_or_default();
            Content::Credential(SdJwt::parse(text, Limits::DEFAULT).map(Box::new))
        }
        Container::CertificateDer | Container::CertificatePem => {
            Content::Certificates(certificates(bytes))
        }
        Container::Cms if bag::is_bag(bytes) => Content::Certificates(certificates(bytes)),
        Container::Cms
        | Container::CompactJws
        | Container::Ofd
        | Container::Pdf
        | Container::Unknown
        | Container::Xml
        | Container::Zip => {
            return Err(UnsupportedFormat {
                format: container.name(),
            });
        }
    };
    let format = match content {
        Content::Certificates(_) => "certificate",
        Content::Credential(_) => "SD-JWT-VC",
    };
    Ok(Document {
        info: DocumentInfo::of_bytes(format, media_type, name, bytes),
        content,
        remarks: Vec::new(),
    })
}

fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, BagError> {
    bag::read(bytes, MAX_CERTIFICATES).map(|bag| bag.certificates)
}

/// Takes bytes for a certificate, whatever they look like; what is not one is a verdict.
///
/// `intermediates` may complete its path; one that cannot be read is left out, and the report says so.
#[must_use]
pub fn open_certificate(bytes: &[u8], intermediates: &[Vec<u8>], name: Option<String>) -> Document {
    let mut remarks = Vec::new();
    let mut content = certificates(bytes);
    if let Ok(certificates) = &mut content {
        for (place, bytes) in intermediates.iter().enumerate() {
            match bag::read(bytes, MAX_CERTIFICATES) {
                Ok(more) => certificates.extend(more.certificates),
                Err(error) => remarks.push(
                    Reason::new(ReasonCode::InputLeftOut)
                        .with("name", format!("intermediates[{place}]"))
                        .with("detail", error.to_string()),
                ),
            }
        }
    }
    Document {
        info: DocumentInfo::of_bytes("certificate", None, name, bytes),
        content: Content::Certificates(content),
        remarks,
    }
}

impl Document {
    /// The credential in it, if it is one that could be read.
    #[must_use]
    pub fn credential(&self) -> Option<&SdJwt> {
        match &self.content {
            Content::Credential(Ok(credential)) => Some(credential),
            Content::Credential(Err(_)) | Content::Certificates(_) => None,
        }
    }
}

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
    let (signature, path) = match &document.content {
        Content::Certificates(Ok(certificates)) => match certificates.split_first() {
            Some((first, rest)) => {
                let context = judging.context(&judging.profile.signer_usage, Remember::Authorities);
                let outcome = validate_signer(first, &with(rest, judging.intermediates), &context);
                let path = outcome.anchored();
                (Some(outcome.into_certificate_report("S1")), path)
            }
            None => (None, None),
        },
        Content::Certificates(Err(error)) => (Some(malformed_certificate(error)), None),
        Content::Credential(Ok(credential)) => {
            let (report, path) = validate_jws(
                &subject(credential, judging.intermediates),
                &judging.context(&judging.profile.issuer_usage, Remember::EndEntityToo),
            );
            (Some(report), path)
        }
        Content::Credential(Err(error)) => (Some(malformed("S1", error)), None),
    };
    let signatures: Vec<SignatureReport> = signature.into_iter().collect();
    let policy = judging.profile.policy_ref();
    let mut report = Report::from_signatures(
        document.info.clone(),
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
    judging.check_expected_signer(&mut report);
    for remark in &document.remarks {
        report.remark(remark.clone());
    }
    if judging.at != judging.now {
        report
            .remark(Reason::new(ReasonCode::PastValidationTime).with("at", judging.at.to_string()));
    }
    Judged {
        report,
        paths: path.into_iter().collect(),
    }
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
            best_signature_time: self.at,
            now: self.now,
            revocation: self.revocation,
            later_evidence: self.later_evidence,
            evidence: self.evidence,
            memory: self.memory,
            remember,
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
        if !as_expected {
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
    let uscc = credential.disclose().all.get("uscc")?.as_str()?;
    Uscc::parse(uscc).ok().map(|uscc| uscc.region().to_owned())
}

fn department_name(entry: &IssuerEntry) -> String {
    Department::find(&entry.department).map_or_else(
        || entry.department.to_string(),
        |department| format!("{} {}", department.name_zh, department.name),
    )
}
