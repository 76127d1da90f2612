//! The arguments of every subcommand.

use std::path::PathBuf;

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;

use crate::cli::caller_arguments::CallerCommand;
use crate::cli::sign_arguments::Extend;
use crate::cli::sign_arguments::Sign;
use crate::cli::sign_arguments::TimestampArguments;
use crate::cli::trust_arguments::TrustCommand;
use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::pki::certificate::KeyUsageBit;
use crate::pki::oid::Oid;
use crate::pki::reference_name::ReferenceName;
use crate::validation::trust_store::CaId;

/// yinxin 印信: signed electronic registration credentials, and their verification against many CAs.
#[derive(Debug, Parser)]
#[command(
    name = "yinxin",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a data folder with a demonstration city and serve it on loopback
    Demo(Demo),
    /// Make a data folder: configuration, keys, a city CA, an empty database
    Init(Init),
    /// Serve
    Serve(Serve),
    /// Bring the database to the schema of this version
    Migrate(Configured),
    /// Look for what is wrong, and say what to do about it
    Doctor(Configured),
    /// Check a configuration file and show every mistake in it
    CheckConfig(Configured),
    /// Write a data folder to one archive
    Backup(Backup),
    /// Make a data folder from an archive
    Restore(Restore),
    /// Verify credentials, signed documents, timestamps and certificates
    Verify(Verify),
    /// Build and validate the certification path of a certificate
    Path(PathArguments),
    /// Sign a file with a key of one's own
    Sign(Sign),
    /// Have a file, or a digest alone, timestamped
    Timestamp(TimestampArguments),
    /// Put into a signed PDF what it needs to be judged later: certificates, revocation evidence, a timestamp
    Extend(Extend),
    /// Companies
    #[command(subcommand)]
    Company(CompanyCommand),
    /// Callers: departments, banks, and their API keys
    #[command(subcommand)]
    Caller(CallerCommand),
    /// Issue a credential
    Issue(Issue),
    /// Credentials that were issued
    #[command(subcommand)]
    Credential(CredentialCommand),
    /// Trust stores, and who recognises which CA
    #[command(subcommand)]
    Trust(TrustCommand),
    /// Evidence of revocation: lists and OCSP answers that are fetched
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// The audit trail: who asked and did what
    #[command(subcommand)]
    Audit(AuditCommand),
}

/// Where the configuration is.
#[derive(Debug, Args)]
pub struct Configured {
    /// Configuration file
    #[arg(long, value_name = "FILE", default_value = "yinxin.toml")]
    pub config: PathBuf,
}

/// `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Data folder, made when missing
    #[arg(long, value_name = "DIR", default_value = "yinxin-demo")]
    pub data: PathBuf,
    /// Loopback address to serve on; 127.0.0.1:8441, or what the data folder was made for
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<std::net::SocketAddr>,
    /// Make the data folder and stop
    #[arg(long)]
    pub no_serve: bool,
}

/// `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Data folder, made when missing; must be empty
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// English name of the city, for its CA's certificate
    #[arg(long, value_name = "NAME")]
    pub city: String,
    /// Chinese name of the city
    #[arg(long, value_name = "NAME")]
    pub city_zh: String,
    /// The city's unified social credit code (统一社会信用代码), named in the issuer's certificate
    #[arg(long, value_name = "USCC", value_parser = Uscc::from_input)]
    pub issuer_uscc: Uscc,
    /// Address under which the public reaches the service
    #[arg(long, value_name = "URL")]
    pub public_url: String,
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8440")]
    pub listen: std::net::SocketAddr,
    /// PostgreSQL database to use instead of SQLite in the data folder; empty, without a password
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// File that holds the password of the PostgreSQL user
    #[arg(long, value_name = "FILE", requires = "database_url")]
    pub database_password_file: Option<PathBuf>,
}

/// `serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where the configuration is.
    #[command(flatten)]
    pub configured: Configured,
    /// Wait for ever at a named place, so that a test can kill the process there
    #[arg(long, value_name = "NAME", hide = true)]
    pub pause_at: Option<String>,
}

/// `backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// Where the configuration is.
    #[command(flatten)]
    pub configured: Configured,
    /// Archive to write (.tar.gz); holds the encrypted keys, so guard it like them
    #[arg(value_name = "ARCHIVE")]
    pub archive: PathBuf,
}

/// `restore`.
#[derive(Debug, Args)]
pub struct Restore {
    /// Archive to read
    #[arg(value_name = "ARCHIVE")]
    pub archive: PathBuf,
    /// Data folder to make; must be empty or missing
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
}

/// What `verify` may rely on.
#[derive(Debug, Args)]
pub struct Trusting {
    /// Trust anchor (PEM or DER); with one, no trust roots are read
    #[arg(long, value_name = "FILE")]
    pub anchor: Vec<PathBuf>,
    /// Intermediate certificates (PEM, DER or PKCS#7)
    #[arg(long, value_name = "FILE")]
    pub intermediate: Vec<PathBuf>,
    /// Certificate revocation list (PEM or DER) to consider
    #[arg(long, value_name = "FILE")]
    pub crl: Vec<PathBuf>,
    /// OCSP response (DER) to consider
    #[arg(long, value_name = "FILE")]
    pub ocsp: Vec<PathBuf>,
    /// Folder with trust stores, instead of those built in
    #[arg(long, value_name = "DIR")]
    pub trust_roots: Option<PathBuf>,
    /// Do not ask whether certificates were revoked
    #[arg(long)]
    pub no_revocation: bool,
    /// Validate as of this time (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    pub at: Option<Timestamp>,
}

/// `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Files to verify, and folders with such files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Certificate of the signer (PEM, DER or PKCS#7): the file is a bare signature value over --content
    #[arg(long, value_name = "FILE", requires = "content")]
    pub signer: Option<PathBuf>,
    /// How the bare value was made, for example ECDSA-SHA256; by default what such keys usually do
    #[arg(long, value_name = "NAME", requires = "signer", value_parser = SignatureAlgorithm::from_name)]
    pub algorithm: Option<SignatureAlgorithm>,
    /// Content that was signed apart from its signature; NAME is what the signature calls it
    #[arg(long, value_name = "[NAME=]FILE")]
    pub content: Vec<String>,
    /// What to rely on.
    #[command(flatten)]
    pub trusting: Trusting,
    /// Data folder whose trust stores, recognition table, issuer register and states count
    #[arg(long, value_name = "DIR", conflicts_with = "anchor")]
    pub data: Option<PathBuf>,
    /// Judge as this caller, or caller/purpose, of the data folder
    #[arg(long, value_name = "NAME", requires = "data")]
    pub profile: Option<String>,
    /// Accept this CA alone of those that would count; may be given several times
    #[arg(long, value_name = "ID", value_parser = CaId::parse)]
    pub accept_ca: Vec<CaId>,
    /// Keys of receipts to rely on (a saved /.well-known/jwks.json): files that are receipts are judged by them
    #[arg(long, value_name = "FILE")]
    pub jwks: Option<PathBuf>,
    /// Status list token to rely on, as served at its address
    #[arg(long, value_name = "FILE")]
    pub status_list: Vec<PathBuf>,
    /// Print the report as one line of JSON a file
    #[arg(long)]
    pub json: bool,
}

/// `path`.
#[derive(Debug, Args)]
pub struct PathArguments {
    /// Certificate to validate (PEM, DER or PKCS#7); others in the same file are intermediates
    #[arg(value_name = "CERT")]
    pub certificate: PathBuf,
    /// Certificate policy that is accepted (OID); without one, any
    #[arg(long, value_name = "OID", value_parser = Oid::parse)]
    pub policy: Vec<Oid>,
    /// The path must be valid for a certificate policy that is accepted
    #[arg(long)]
    pub require_explicit_policy: bool,
    /// Certificate policies may not be mapped
    #[arg(long)]
    pub inhibit_policy_mapping: bool,
    /// anyPolicy stands for no policy
    #[arg(long)]
    pub inhibit_any_policy: bool,
    /// Most intermediate certificates in the path; self-issued ones do not count
    #[arg(long, value_name = "N")]
    pub max_path_length: Option<u32>,
    /// Rules of a certificate profile to apply as well
    #[arg(long, value_enum)]
    pub rules: Option<RulesArgument>,
    /// Extended key usage that end entity and issuers must permit (OID)
    #[arg(long, value_name = "OID", value_parser = Oid::parse)]
    pub eku: Vec<Oid>,
    /// Key usage that the end entity's key must have, by its name in RFC 5280
    #[arg(long, value_name = "NAME", value_parser = KeyUsageBit::parse)]
    pub key_usage: Vec<KeyUsageBit>,
    /// DNS name that the certificate must bear
    #[arg(long, value_name = "NAME", value_parser = ReferenceName::dns)]
    pub dns_name: Vec<ReferenceName>,
    /// IP address that the certificate must bear
    #[arg(long, value_name = "ADDRESS", value_parser = ReferenceName::ip)]
    pub ip_address: Vec<ReferenceName>,
    /// E-mail address that the certificate must bear
    #[arg(long, value_name = "ADDRESS", value_parser = ReferenceName::email)]
    pub email: Vec<ReferenceName>,
    /// What to rely on.
    #[command(flatten)]
    pub trusting: Trusting,
    /// Print the result as one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// `--rules`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RulesArgument {
    /// The certificate profile of RFC 5280 §4
    Rfc5280,
    /// That of the web (CA/Browser Forum) as well
    Webpki,
}

/// How a command reaches the data: itself, or through the server that holds the data folder.
#[derive(Debug, Args)]
pub struct Reached {
    /// Where the configuration is.
    #[command(flatten)]
    pub configured: Configured,
    /// Address of a running server to go through
    #[arg(long, value_name = "URL", requires = "key_file")]
    pub server: Option<String>,
    /// File that holds the API key for --server
    #[arg(long, value_name = "FILE", requires = "server")]
    pub key_file: Option<PathBuf>,
    /// Department in whose name to act, when not going through a server
    #[arg(long = "as", value_name = "CALLER")]
    pub acting_as: Option<String>,
}

/// `company`.
#[derive(Debug, Subcommand)]
pub enum CompanyCommand {
    /// Import companies from NDJSON, all or none
    Import {
        /// File to read
        file: PathBuf,
        /// How to reach the data.
        #[command(flatten)]
        reached: Reached,
    },
    /// Show a company
    Show {
        /// Unified social credit code
        #[arg(value_parser = Uscc::from_input)]
        uscc: Uscc,
        /// As we would have answered at this time
        #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
        as_of: Option<Timestamp>,
        /// How to reach the data.
        #[command(flatten)]
        reached: Reached,
    },
}

/// `issue`.
#[derive(Debug, Args)]
pub struct Issue {
    /// Unified social credit code of the company
    #[arg(value_parser = Uscc::from_input)]
    pub uscc: Uscc,
    /// Credential type
    #[arg(
        long = "type",
        value_name = "TYPE",
        default_value = "business-registration"
    )]
    pub kind: String,
    /// File to write the credential to; standard output when not given
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How to reach the data.
    #[command(flatten)]
    pub reached: Reached,
}

/// `credential`.
#[derive(Debug, Subcommand)]
pub enum CredentialCommand {
    /// Show a credential's state
    Show(OneCredential),
    /// Suspend a valid credential
    Suspend(ChangedCredential),
    /// Reinstate a suspended credential
    Reinstate(ChangedCredential),
    /// Revoke a credential for good
    Revoke(ChangedCredential),
    /// Make a new pick-up code for a credential's company; those before are void
    PickUpCode(OneCredential),
    /// Fetch a company's own credentials, with its pick-up code or its certificate
    PickUp(PickUp),
}

/// `credential pick-up`.
#[derive(Debug, Args)]
pub struct PickUp {
    /// Address of the server
    #[arg(long, value_name = "URL")]
    pub server: String,
    /// File whose first line is the pick-up code
    #[arg(long, value_name = "FILE", required_unless_present = "uscc", conflicts_with_all = ["uscc", "key", "certificate"])]
    pub code_file: Option<PathBuf>,
    /// Unified social credit code of the company, to sign in with its certificate
    #[arg(long, value_name = "USCC", value_parser = Uscc::from_input, requires_all = ["key", "certificate"])]
    pub uscc: Option<Uscc>,
    /// Private key of the company (PEM, PKCS#8; SM2 as well)
    #[arg(long, value_name = "FILE", requires = "uscc")]
    pub key: Option<PathBuf>,
    /// Certificate of the key and those of the CAs above it (PEM, DER or PKCS#7)
    #[arg(long, value_name = "FILE", requires = "uscc")]
    pub certificate: Option<PathBuf>,
    /// File whose first line is the passphrase of the key
    #[arg(long, value_name = "FILE", requires = "key")]
    pub passphrase_file: Option<PathBuf>,
    /// Folder to write the credentials to; files of the same names are replaced
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// A credential.
#[derive(Debug, Args)]
pub struct OneCredential {
    /// The credential's identifier
    // Identifiers are random: some begin with a hyphen.
    #[arg(value_parser = CredentialId::parse, allow_hyphen_values = true)]
    pub id: CredentialId,
    /// How to reach the data.
    #[command(flatten)]
    pub reached: Reached,
}

/// A credential and why it is changed.
#[derive(Debug, Args)]
pub struct ChangedCredential {
    /// The credential.
    #[command(flatten)]
    pub credential: OneCredential,
    /// Why; kept in the audit trail
    #[arg(long)]
    pub reason: String,
}

/// `evidence`.
#[derive(Debug, Subcommand)]
pub enum EvidenceCommand {
    /// Show where evidence comes from, how old it is, when it is fetched next and what went wrong
    List {
        /// Print JSON, one line a source
        #[arg(long)]
        json: bool,
        /// Where the configuration is.
        #[command(flatten)]
        configured: Configured,
    },
    /// Fetch now what is due or has failed, without a server
    Fetch {
        /// Fetch everything, due or not
        #[arg(long)]
        all: bool,
        /// Where the configuration is.
        #[command(flatten)]
        configured: Configured,
    },
}

/// `audit`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Tell whether anything was altered, removed, cut off or put back; exit code 1 if so
    Verify {
        /// Copies of signed heads that were kept elsewhere; that of the configuration if absent
        #[arg(long, value_name = "FILE")]
        anchor_file: Option<PathBuf>,
        /// Certificate (PEM) of a receipt key that signed heads before the present one
        #[arg(long, value_name = "FILE")]
        former_key: Vec<PathBuf>,
        /// Where the configuration is.
        #[command(flatten)]
        configured: Configured,
    },
    /// Write events as NDJSON, one line an event
    Export {
        /// Not those before, RFC 3339
        #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
        from: Option<Timestamp>,
        /// Not those at this time or later, RFC 3339
        #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
        to: Option<Timestamp>,
        /// Only those of this caller
        #[arg(long, value_name = "CALLER")]
        caller: Option<String>,
        /// Write to this new file instead of standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Where the configuration is.
        #[command(flatten)]
        configured: Configured,
    },
    /// Erase operator and matter code of events and stored receipts; the events and their chain stay
    Erase {
        /// Of events before this time, RFC 3339
        #[arg(long, value_name = "TIME", value_parser = Timestamp::parse, required_unless_present = "operator")]
        before: Option<Timestamp>,
        /// Of events in the name of this operator
        #[arg(long, value_name = "NAME", conflicts_with = "before")]
        operator: Option<String>,
        /// Where the configuration is.
        #[command(flatten)]
        configured: Configured,
    },
}
