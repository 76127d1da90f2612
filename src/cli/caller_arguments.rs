//! The arguments of `caller`.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

use crate::cli::arguments::Configured;

/// `caller`.
#[derive(Debug, Subcommand)]
pub enum CallerCommand {
    /// Add a department or bank, and print its first API key once
    Add {
        /// Short name: lower-case letters, digits and hyphens
        id: String,
        /// Kind of caller
        #[arg(long, value_parser = ["department", "bank", "operator"])]
        kind: String,
        /// English name
        #[arg(long)]
        name: String,
        /// Chinese name
        #[arg(long)]
        name_zh: String,
        /// The department it is, if it is one
        #[arg(long)]
        department: Option<String>,
        /// Recognise a CA for a usage, as CA:USAGE
        #[arg(long, value_name = "CA:USAGE")]
        recognise: Vec<String>,
        /// Where the configuration is.
        #[command(flatten)]
        configured: Configured,
    },
    /// Give a caller a further API key, printed once
    Key(CallerKey),
    /// Which TLS client certificates stand for a caller
    #[command(subcommand)]
    Certificate(CertificateCommand),
    /// Say which purposes a caller may name, from where it may call, and how often; shows it without options
    Limit(CallerLimit),
    /// Revoke an API key by its prefix
    Revoke {
        /// The key's prefix, as `caller list` shows it
        prefix: String,
        /// Where the configuration is.
        #[command(flatten)]
        configured: Configured,
    },
    /// List callers and their keys
    List {
        /// Where the configuration is.
        #[command(flatten)]
        configured: Configured,
    },
}

/// `caller key`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct CallerKey {
    /// Instead of a further key, one in place of another
    #[command(subcommand)]
    pub rotate: Option<CallerKeyCommand>,
    /// The caller
    #[arg(required = true)]
    pub id: Option<String>,
    /// What the key may do; all that suits the caller's kind when not given
    #[arg(long)]
    pub scope: Vec<String>,
    /// Days until the key expires
    #[arg(long, value_name = "DAYS")]
    pub expires_in: Option<u32>,
    /// Where the configuration is.
    #[command(flatten)]
    pub configured: Configured,
}

/// `caller key rotate`.
#[derive(Debug, Subcommand)]
pub enum CallerKeyCommand {
    /// Make a new key in place of one, print it once, and let the old one run out
    Rotate {
        /// The old key's prefix, as `caller list` shows it
        prefix: String,
        /// Days for which the old key is still accepted; 0 for none
        #[arg(long, value_name = "DAYS", default_value = "7")]
        grace: u32,
        /// Where the configuration is.
        #[command(flatten)]
        configured: Configured,
    },
}

/// `caller certificate`.
#[derive(Debug, Subcommand)]
pub enum CertificateCommand {
    /// Let client certificates stand for a caller: one, all with its key, or all of its subject under an authority
    Add {
        /// The caller
        id: String,
        /// The certificate, in PEM or DER
        #[arg(long, value_name = "FILE", required_unless_present = "authority")]
        file: Option<PathBuf>,
        /// Every certificate with the same public key, so that it may be renewed
        #[arg(long, requires = "file")]
        same_key: bool,
        /// Every certificate under this authority that names the subject; it must stand among the client authorities of the configuration
        #[arg(long, value_name = "FILE", conflicts_with = "same_key")]
        authority: Option<PathBuf>,
        /// The subject, as `openssl x509 -noout -subject -nameopt RFC2253` writes it; that of --file when not given
        #[arg(
            long,
            value_name = "NAME",
            requires = "authority",
            conflicts_with = "file"
        )]
        subject: Option<String>,
        /// What it may be used for; all that suits the caller's kind when not given
        #[arg(long)]
        scope: Vec<String>,
        /// Where the configuration is.
        #[command(flatten)]
        configured: Configured,
    },
    /// List the client certificates of a caller
    List {
        /// The caller
        id: String,
        /// Where the configuration is.
        #[command(flatten)]
        configured: Configured,
    },
    /// Let client certificates stand for nobody any more
    Remove {
        /// The rule, as `caller certificate list` shows it
        rule: String,
        /// Where the configuration is.
        #[command(flatten)]
        configured: Configured,
    },
}

/// `caller limit`.
#[derive(Debug, Args)]
pub struct CallerLimit {
    /// The caller
    pub id: String,
    /// A purpose that it may name; `any` for all
    #[arg(long, value_name = "PURPOSE")]
    pub purpose: Vec<String>,
    /// A network that it may call from, like 10.20.0.0/16; `any` for all
    #[arg(long, value_name = "NETWORK")]
    pub from: Vec<String>,
    /// Requests a minute; `default` for those of its kind
    #[arg(long, value_name = "NUMBER")]
    pub per_minute: Option<String>,
    /// Requests a day; `default` for those of its kind
    #[arg(long, value_name = "NUMBER")]
    pub per_day: Option<String>,
    /// Where the configuration is.
    #[command(flatten)]
    pub configured: Configured,
}
