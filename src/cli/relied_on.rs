//! What a command line hands in to be relied on, or to be tried: certificates and revocation evidence.
//!
//! An anchor is relied on, so it must be readable. An intermediate, a CRL or an OCSP response comes from
//! anywhere; one that is not readable is left out, and the report says so.

use std::path::Path;

use crate::cli::arguments::Trusting;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::open::read_trust;
use crate::pki::bag;
use crate::pki::bag::Bag;
use crate::pki::certificate::Certificate;
use crate::pki::revocation::crl;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::evidence::ReceivedResponse;
use crate::pki::revocation::freshness::LaterEvidence;
use crate::pki::revocation::ocsp::OcspResponse;
use crate::store::file;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::TrustStore;
use crate::validation::trust_store::Usage;

/// The largest file that is read.
pub(in crate::cli) const MAX_FILE_BYTES: u64 = 20 * 1024 * 1024;
/// The most certificates that one file may hold.
pub(in crate::cli) const MAX_CERTIFICATES: usize = 10_000;
/// The CA under which the anchors of the command line stand in reports.
const COMMAND_LINE_CA: &str = "command-line";
/// What those anchors are accepted for: whoever names an anchor accepts it for the matter at hand.
const ANY_USAGE: &str = "any";
/// The most CRLs that one file may hold.
const MAX_CRLS: usize = 1_000;

/// What is to be done with an anchor that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum UnreadableAnchor {
    /// The report on a single path says that it was left out: a path that ends elsewhere is still one.
    LeaveOut,
    /// Nothing is judged: whoever names it relies on it, for every file.
    Refuse,
}

/// Certificates and evidence from files, and what could not be read of them.
#[derive(Debug, Default)]
pub(in crate::cli) struct ReliedOn {
    pub(in crate::cli) intermediates: Vec<Certificate>,
    pub(in crate::cli) crls: Vec<Crl>,
    pub(in crate::cli) ocsp: Vec<OcspResponse>,
    pub(in crate::cli) remarks: Vec<Reason>,
}

impl ReliedOn {
    /// Reads what may complete a path, and what may tell of revocation.
    ///
    /// # Errors
    /// A file that is missing.
    pub(in crate::cli) fn read(trusting: &Trusting) -> Result<Self, CliError> {
        let mut read = Self::default();
        for path in &trusting.intermediate {
            let bytes = read_file(path)?;
            match bag::read(&bytes, MAX_CERTIFICATES) {
                Ok(bag) => read.take(path, bag),
                Err(error) => read.left_out(path, &error.to_string()),
            }
        }
        for path in &trusting.crl {
            let bytes = read_file(path)?;
            match crl::parse_all(&bytes, MAX_CRLS) {
                Ok(crls) => read.crls.extend(crls),
                Err(error) => read.left_out(path, &error.to_string()),
            }
        }
        for path in &trusting.ocsp {
            match OcspResponse::parse_der(read_file(path)?) {
                Ok(response) => read.ocsp.push(response),
                Err(error) => read.left_out(path, &error.to_string()),
            }
        }
        Ok(read)
    }

    /// The CAs to lead to, and the usage that they are asked for: the anchors that were named, accepted for the
    /// matter at hand; else the trust stores.
    ///
    /// # Errors
    /// A file that is missing, trust stores that cannot be read, and what `unreadable` says.
    pub(in crate::cli) fn trust(
        &mut self,
        trusting: &Trusting,
        unreadable: UnreadableAnchor,
    ) -> Result<(TrustSet, Usage), CliError> {
        if trusting.anchor.is_empty() {
            let trust = read_trust(trusting.trust_roots.as_deref()).or_exit(Exit::Configuration)?;
            return Ok((trust, Usage::parse("registration").or_exit(Exit::Internal)?));
        }
        let mut anchors: Vec<Certificate> = Vec::new();
        for path in &trusting.anchor {
            match bag::read(&read_file(path)?, MAX_CERTIFICATES) {
                Ok(read) => {
                    for anchor in read.certificates {
                        if !anchors.contains(&anchor) {
                            anchors.push(anchor);
                        }
                    }
                }
                Err(error) => match unreadable {
                    UnreadableAnchor::LeaveOut => self.left_out(path, &error.to_string()),
                    UnreadableAnchor::Refuse => {
                        let shown = path.display();
                        return Err(CliError::new(Exit::Data, format_args!("{shown}: {error}")));
                    }
                },
            }
        }
        let usage = Usage::parse(ANY_USAGE).or_exit(Exit::Internal)?;
        let ca = CaId::parse(COMMAND_LINE_CA).or_exit(Exit::Internal)?;
        let store = TrustStore::of_anchors(ca, anchors, usage.clone());
        Ok((TrustSet::new(vec![store]).or_exit(Exit::Data)?, usage))
    }

    /// The evidence, indexed.
    pub(in crate::cli) fn evidence(&self) -> Evidence {
        Evidence::new(
            self.crls.iter().cloned(),
            self.ocsp.iter().cloned().map(ReceivedResponse::from),
        )
    }

    /// Takes in what came with something else: certificates and CRLs of a bag.
    pub(in crate::cli) fn take(&mut self, path: &Path, bag: Bag) {
        self.intermediates.extend(bag.certificates);
        for crl in bag.crls {
            match Crl::parse_der(crl) {
                Ok(crl) => self.crls.push(crl),
                Err(error) => self.left_out(path, &error.to_string()),
            }
        }
    }

    pub(in crate::cli) fn left_out(&mut self, path: &Path, detail: &str) {
        let remark = Reason::new(ReasonCode::InputLeftOut)
            .with("name", path.display().to_string())
            .with("detail", detail);
        self.remarks.push(remark);
    }
}

/// Whoever asks for a past time may hand in evidence from after it, which knows more of it than older one.
pub(in crate::cli) const fn later_evidence(trusting: &Trusting) -> LaterEvidence {
    match trusting.at {
        Some(_) => LaterEvidence::Accept,
        None => LaterEvidence::Refuse,
    }
}

/// Reads a file that was named.
///
/// # Errors
/// [`Exit::NoInput`] if it is missing or too large.
pub(in crate::cli) fn read_file(path: &Path) -> Result<Vec<u8>, CliError> {
    file::read(path, MAX_FILE_BYTES).or_exit(Exit::NoInput)
}
