//! The arguments of `sign` and `timestamp`.

use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

use crate::crypto::digest::DigestAlgorithm;
use crate::pki::oid::Oid;

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
    /// File to write; FILE with .p7m, .p7s, .jws or .tst behind it when not given
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Overwrite what is there
    #[arg(long)]
    pub force: bool,
}
