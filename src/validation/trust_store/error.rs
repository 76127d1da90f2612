//! What can be wrong with a trust-roots folder. Each message says where and what to do.

use std::fmt;

use crate::crypto::digest::Sha256;
use crate::pki::certificate::CertificateError;
use crate::validation::trust_store::address_range::AddressRangeError;
use crate::validation::trust_store::evidence_rules::UrlNotPermitted;
use crate::validation::trust_store::evidence_url::EvidenceUrlError;
use crate::validation::trust_store::name::CaId;
use crate::validation::trust_store::name::NameError;
use crate::validation::trust_store::name::Usage;

/// A place in a `ca.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file below `trust-roots/`, for example `gdca/ca.toml`.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, line {}", self.file, self.line)
    }
}

/// Why one CA's folder was refused.
#[derive(Debug, thiserror::Error)]
pub enum TrustStoreError {
    /// Something that is no range of addresses.
    #[error(
        "{at}: `{range}` is not a range of addresses: {source}; write it like \"10.20.0.0/16\" or \
         \"10.20.0.7/32\""
    )]
    AddressRange {
        /// Where.
        at: Location,
        /// What stands there.
        range: String,
        /// What is wrong with it.
        source: AddressRangeError,
    },
    /// Something that is no age.
    #[error(
        "{at}: `{text}` is not an age; write minutes, hours or days, at most 366 of them, like \"30m\", \
         \"24h\" or \"7d\""
    )]
    Age {
        /// Where.
        at: Location,
        /// What stands there.
        text: String,
    },
    /// A PEM file holds something else than certificates that we can read.
    #[error(
        "{file}: not a certificate that can be read; replace the file by the CA's own PEM: {source}"
    )]
    AnchorMalformed {
        /// Which file.
        file: String,
        /// What is wrong with it.
        source: Box<CertificateError>,
    },
    /// An anchor says of itself that it is no CA.
    #[error("{file}: `{subject}` is not a CA certificate; put the CA's root here instead")]
    AnchorNotACa {
        /// Which file.
        file: String,
        /// The certificate's subject.
        subject: String,
    },
    /// The same certificate twice in one folder.
    #[error("{file}: the same certificate is in {other} already; delete one of the two")]
    AnchorTwice {
        /// The later file.
        file: String,
        /// The earlier file.
        other: String,
    },
    /// A date that cannot be read.
    #[error("{at}: `{field}` is not a date: write \"2026-01-31\" or \"2026-01-31T00:00:00Z\"")]
    Date {
        /// Where.
        at: Location,
        /// Which field.
        field: &'static str,
    },
    /// A text that must not be empty.
    #[error("{at}: `{field}` is empty; fill it in")]
    Empty {
        /// Where.
        at: Location,
        /// Which field.
        field: &'static str,
    },
    /// Evidence at a place from which none of this CA may be fetched.
    #[error(
        "{at}: `{text}` in `evidence` must not be fetched: {source}; add it to `hosts`, or delete this entry"
    )]
    EvidenceNotPermitted {
        /// Where.
        at: Location,
        /// What stands there.
        text: String,
        /// What is not permitted about it.
        source: UrlNotPermitted,
    },
    /// Evidence at an address that cannot be fetched from.
    #[error(
        "{at}: `{text}` in `evidence` cannot be fetched: {source}; write it like \
         \"http://crl.example.cn/ca.crl\""
    )]
    EvidenceUrl {
        /// Where.
        at: Location,
        /// What stands there.
        text: String,
        /// What is wrong with it.
        source: EvidenceUrlError,
    },
    /// The folder has no usable name.
    #[error("folder `{name}`: not usable as the id of a CA: {source}; rename the folder")]
    FolderName {
        /// The folder's name.
        name: String,
        /// What a name is.
        source: NameError,
    },
    /// A host that is more or less than a host and a port.
    #[error(
        "{at}: `{host}` is not a host; write it like \"crl.example.cn\", with \":8080\" behind it for \
         another port than 80 and 443"
    )]
    Host {
        /// Where.
        at: Location,
        /// What stands there.
        host: String,
    },
    /// A folder without a PEM file.
    #[error("{ca}: no certificate beside ca.toml; add the CA's root as PEM, or delete the folder")]
    NoAnchor {
        /// Which CA.
        ca: CaId,
    },
    /// Something that is no object identifier.
    #[error(
        "{at}: `{text}` in `{field}` is not an object identifier; write it like \"1.2.156.10260.4.1.4\""
    )]
    Oid {
        /// Where.
        at: Location,
        /// Which field.
        field: &'static str,
        /// What stands there.
        text: String,
    },
    /// Not TOML, an unknown or missing key, or a value of the wrong kind.
    #[error("{at}: {}", source.message())]
    Syntax {
        /// Where.
        at: Location,
        /// What the reader says.
        source: Box<toml::de::Error>,
    },
    /// An algorithm that our table does not have.
    #[error(
        "{at}: `{name}` is not a known signature algorithm; known are {}",
        known_algorithms()
    )]
    UnknownAlgorithm {
        /// Where.
        at: Location,
        /// What stands there.
        name: String,
    },
    /// A usage whose name is none.
    #[error("{at}: `{name}` is not usable as the name of a usage: {source}")]
    UsageName {
        /// Where.
        at: Location,
        /// What stands there.
        name: String,
        /// What a name is.
        source: NameError,
    },
    /// A usage that any certificate of the CA would meet.
    #[error(
        "{at}: usage `{usage}` names neither policies nor ekus, so every certificate of this CA would do; \
         name what the right ones carry, or delete the usage"
    )]
    UsageWithoutRule {
        /// Where.
        at: Location,
        /// Which usage.
        usage: Usage,
    },
}

/// Why several CAs do not make a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustSetError {
    /// One certificate is the anchor of two CAs, so that nobody could say whose rules hold.
    #[error("the certificate {anchor} is in {first} and in {second}; delete it from one of them")]
    AnchorInTwoCas {
        /// The certificate.
        anchor: Sha256,
        /// One CA.
        first: CaId,
        /// The other.
        second: CaId,
    },
    /// Two CAs of one name.
    #[error("there are two CAs `{id}`; rename one of the folders")]
    CaTwice {
        /// The name.
        id: CaId,
    },
}

fn known_algorithms() -> String {
    let names = crate::crypto::algorithm::ALGORITHMS
        .iter()
        .map(|row| row.name);
    names.collect::<Vec<_>>().join(", ")
}
