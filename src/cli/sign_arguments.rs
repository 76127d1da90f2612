//! The arguments of `sign`, `timestamp` and `extend`.

use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

use crate::crypto::digest::DigestAlgorithm;
use crate::pki::oid::Oid;
use crate::signature::pdf::write::request::Certification;
use crate::signature::pdf::write::request::Rectangle;

/// `sign`.
#[derive(Debug, Args)]
pub struct Sign {
    /// File to sign
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Private key (PEM, PKCS#8; RSA, ECDSA over P-256, P-384 or P-521, Ed25519, SM2)
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Certificate of the key and those of the CAs above it (PEM, DER or PKCS#7)
    #[arg(long, value_name = "FILE")]
    pub certificate: PathBuf,
    /// File whose first line is the passphrase of the key
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Form of the signature
    #[arg(long, value_enum, default_value_t = SignatureFormat::Cms)]
    pub format: SignatureFormat,
    /// Leave the content out: the signature goes with FILE, which may be of any size
    #[arg(long)]
    pub detached: bool,
    /// Sign with RSASSA-PSS; for RSA keys
    #[arg(long)]
    pub pss: bool,
    /// Address of a timestamp authority to have the signature timestamped by
    #[arg(long, value_name = "URL")]
    pub timestamp: Option<String>,
    /// What is about PDF.
    #[command(flatten)]
    pub pdf: PdfArguments,
    /// Where and how the result is written.
    #[command(flatten)]
    pub output: Output,
}

/// What `sign` is told about a PDF.
#[derive(Debug, Args)]
pub struct PdfArguments {
    /// Sign a PDF inside (PAdES B-B, with a timestamp B-T): what was signed in it before stays valid
    #[arg(long, conflicts_with = "detached")]
    pub pdf: bool,
    /// Empty signature field to sign, instead of a new one
    #[arg(long, value_name = "NAME", requires = "pdf", conflicts_with_all = ["page", "rectangle"])]
    pub field: Option<String>,
    /// Page of the new signature field
    #[arg(long, value_name = "N", requires = "pdf", default_value_t = 1)]
    pub page: usize,
    /// Show the signature on the page, here (points from the lower left corner)
    #[arg(long, value_name = "X,Y,WIDTH,HEIGHT", requires = "pdf", value_parser = parse_rectangle, allow_hyphen_values = true)]
    pub rectangle: Option<Rectangle>,
    /// Why it is signed
    #[arg(long, value_name = "TEXT", requires = "pdf")]
    pub reason: Option<String>,
    /// Where it is signed
    #[arg(long, value_name = "TEXT", requires = "pdf")]
    pub location: Option<String>,
    /// Certify the document: what may be done to it from now on
    #[arg(long, value_enum, value_name = "LEVEL", requires = "pdf")]
    pub certify: Option<CertifyArgument>,
}

/// `--certify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CertifyArgument {
    /// Nothing
    #[value(name = "1")]
    Nothing,
    /// Filling in forms, and signing
    #[value(name = "2")]
    Forms,
    /// Annotations as well
    #[value(name = "3")]
    Annotations,
}

impl From<CertifyArgument> for Certification {
    fn from(argument: CertifyArgument) -> Self {
        match argument {
            CertifyArgument::Nothing => Self::Nothing,
            CertifyArgument::Forms => Self::Forms,
            CertifyArgument::Annotations => Self::Annotations,
        }
    }
}

fn parse_rectangle(text: &str) -> Result<Rectangle, &'static str> {
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    let numbers: Option<[f64; 4]> = numbers.ok().and_then(|numbers| numbers.try_into().ok());
    numbers
        .and_then(Rectangle::new)
        .ok_or("four numbers are needed, with a width and a height of 1 or more: 50,50,200,60")
}

/// `extend`.
#[derive(Debug, Args)]
pub struct Extend {
    /// Signed PDF
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Trust anchor (PEM or DER); with one, no trust roots are read
    #[arg(long, value_name = "FILE")]
    pub anchor: Vec<PathBuf>,
    /// Intermediate certificates (PEM, DER or PKCS#7)
    #[arg(long, value_name = "FILE")]
    pub intermediate: Vec<PathBuf>,
    /// Certificate revocation list (PEM or DER) to take in
    #[arg(long, value_name = "FILE")]
    pub crl: Vec<PathBuf>,
    /// OCSP response (DER) to take in
    #[arg(long, value_name = "FILE")]
    pub ocsp: Vec<PathBuf>,
    /// Folder with trust stores, instead of those built in
    #[arg(long, value_name = "DIR")]
    pub trust_roots: Option<PathBuf>,
    /// Data folder whose trust stores and fetched evidence count
    #[arg(long, value_name = "DIR", conflicts_with_all = ["anchor", "trust_roots"])]
    pub data: Option<PathBuf>,
    /// Address of a timestamp authority to have the result timestamped by (PAdES B-LTA)
    #[arg(long, value_name = "URL")]
    pub tsa: Option<String>,
    /// Where and how the result is written.
    #[command(flatten)]
    pub output: Output,
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SignatureFormat {
    /// CMS (CAdES B-B, with a timestamp B-T)
    Cms,
    /// CMS of GM/T 0010, for SM2 keys
    Gm,
    /// JWS in compact form (JAdES B-B)
    Jws,
}

/// `timestamp`.
#[derive(Debug, Args)]
pub struct TimestampArguments {
    /// File to timestamp; only its digest is sent
    #[arg(
        value_name = "FILE",
        required_unless_present = "digest",
        conflicts_with = "digest"
    )]
    pub file: Option<PathBuf>,
    /// Digest to timestamp (hexadecimal), instead of a file
    #[arg(long, value_name = "HEX", requires = "out")]
    pub digest: Option<String>,
    /// Algorithm of the digest
    #[arg(long, value_enum, default_value_t = DigestArgument::Sha256)]
    pub digest_algorithm: DigestArgument,
    /// Timestamp a PDF inside, and all that was signed in it (document timestamp)
    #[arg(long, conflicts_with = "digest")]
    pub pdf: bool,
    /// Address of the timestamp authority
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8440/tsa")]
    pub tsa: String,
    /// Policy that the timestamp must be made under (OID)
    #[arg(long, value_name = "OID", value_parser = Oid::parse)]
    pub policy: Option<Oid>,
    /// Where and how the result is written.
    #[command(flatten)]
    pub output: Output,
}

/// `--digest-algorithm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DigestArgument {
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
    /// SM3
    Sm3,
}

impl From<DigestArgument> for DigestAlgorithm {
    fn from(argument: DigestArgument) -> Self {
        match argument {
            DigestArgument::Sha256 => Self::Sha256,
            DigestArgument::Sha384 => Self::Sha384,
            DigestArgument::Sha512 => Self::Sha512,
            DigestArgument::Sm3 => Self::Sm3,
        }
    }
}

/// A file that is written.
#[derive(Debug, Args)]
pub struct Output {
    /// File to write; when not given, FILE with .p7m, .p7s, .jws or .tst behind it, or of a PDF with
    /// .signed, .stamped or .extended before its ending
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Overwrite what is there
    #[arg(long)]
    pub force: bool,
}
