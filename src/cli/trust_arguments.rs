//! The arguments of `trust`.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

use crate::cli::arguments::Configured;
use crate::cli::arguments::Reached;
use crate::clock::Timestamp;
use crate::registry::recognition::proposal::ProposalId;
use crate::service::rehearse::DEFAULT_DAYS;
use crate::service::rehearse::MAX_DAYS;

/// `trust`.
#[derive(Debug, Subcommand)]
pub enum TrustCommand {
    /// List trust stores and their anchors
    List(TrustRoots),
    /// Check fingerprints, dates, strength, duplicate subjects and keys
    Check(TrustRoots),
    /// Write who recognises which CA as TOML
    Export {
        /// The table as it was at this version
        #[arg(long, value_name = "N")]
        version: Option<u64>,
        /// Where the configuration is.
        #[command(flatten)]
        configured: Configured,
    },
    /// Make a TOML file the table of who recognises which CA, all of it or nothing
    Import {
        /// File to read
        file: PathBuf,
        /// Propose the change, for another operator to approve
        #[arg(long)]
        propose: bool,
        /// How it is proposed.
        #[command(flatten)]
        proposing: Proposing,
    },
    /// Propose a TOML file as the table, for another operator to approve
    Propose {
        /// File to read
        file: PathBuf,
        /// How it is proposed.
        #[command(flatten)]
        proposing: Proposing,
    },
    /// Tell which verdicts of the last days would have been others with a change; nothing changes
    Rehearse(Rehearsing),
    /// List proposed changes, the newest first
    Proposals {
        /// Where the configuration is.
        #[command(flatten)]
        configured: Configured,
    },
    /// Approve what another operator proposed
    Approve(OneProposal),
    /// Withdraw a proposal before it takes effect
    Withdraw(OneProposal),
}

/// How a change is proposed.
#[derive(Debug, Args)]
pub struct Proposing {
    /// Why
    #[arg(long)]
    pub note: Option<String>,
    /// From when on, once approved; at once when not given
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    pub at: Option<Timestamp>,
    /// How to reach the data.
    #[command(flatten)]
    pub reached: Reached,
}

/// What is rehearsed.
#[derive(Debug, Args)]
pub struct Rehearsing {
    /// TOML file with the table as it is to be
    #[arg(required_unless_present = "proposal")]
    pub file: Option<PathBuf>,
    /// The number of a proposal instead
    #[arg(long, value_name = "N", value_parser = proposal_id, conflicts_with = "file")]
    pub proposal: Option<ProposalId>,
    /// How many days back
    #[arg(long, value_name = "N", default_value_t = DEFAULT_DAYS, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_DAYS)))]
    pub days: u32,
    /// The time for which recognition is asked; when the change would be in force, if not given
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    pub at: Option<Timestamp>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// How to reach the data.
    #[command(flatten)]
    pub reached: Reached,
}

/// One proposal.
#[derive(Debug, Args)]
pub struct OneProposal {
    /// The proposal's number
    #[arg(value_name = "N", value_parser = proposal_id)]
    pub id: ProposalId,
    /// How to reach the data.
    #[command(flatten)]
    pub reached: Reached,
}

fn proposal_id(text: &str) -> Result<ProposalId, &'static str> {
    ProposalId::parse(text).ok_or("not the number of a proposal")
}

/// Which trust stores.
#[derive(Debug, Args)]
pub struct TrustRoots {
    /// Certificate revocation list (PEM or DER) to consider
    #[arg(long, value_name = "FILE")]
    pub crl: Vec<PathBuf>,
    /// OCSP response (DER) to consider
    #[arg(long, value_name = "FILE")]
    pub ocsp: Vec<PathBuf>,
    /// Folder with trust stores, instead of those built in
    #[arg(long, value_name = "DIR")]
    pub trust_roots: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
