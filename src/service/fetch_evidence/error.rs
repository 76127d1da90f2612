//! Why evidence could not be fetched.

use std::net::IpAddr;

use crate::clock::Timestamp;
use crate::service::fetch_evidence::describe::DescribeError;
use crate::validation::trust_store::UrlNotPermitted;

/// Why an attempt to fetch evidence failed. Nothing here repeats what a stranger sent.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The host resolves to an address that its CA's rules do not permit. One such address among others
    /// is enough: nobody publishes lists at a private address by mistake.
    #[error("the host resolves to {address}, which is not permitted for this CA")]
    AddressNotPermitted {
        /// The address.
        address: IpAddr,
    },
    /// The connection ended before the answer did.
    #[error("the connection broke off")]
    BrokenOff,
    /// No connection could be made.
    #[error("no connection could be made")]
    ConnectFailed,
    /// The answer is compressed, which was not asked for.
    #[error("the answer has a content encoding")]
    ContentEncoding,
    /// What arrived cannot be used.
    #[error(transparent)]
    Described(#[from] DescribeError),
    /// It says that it was issued in the future.
    #[error("it was issued at {this_update}, which lies in the future")]
    FromTheFuture {
        /// When it says it was issued.
        this_update: Timestamp,
    },
    /// Not what HTTP/1.1 (RFC 9112) allows.
    #[error("the answer is not HTTP")]
    Http,
    /// The name has no address.
    #[error("the host's name has no address")]
    NameNotFound,
    /// The CA's rules do not, or no longer, permit the address.
    #[error("the address is not permitted: {0}")]
    NotPermitted(#[from] UrlNotPermitted),
    /// What is stored is newer.
    #[error("it is older than what is stored")]
    Older,
    /// The answer points elsewhere, where we do not follow.
    #[error("the answer is a redirect ({status})")]
    Redirected {
        /// The HTTP status.
        status: u16,
    },
    /// Not the answer that was asked for.
    #[error("the answer has status {status}")]
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// It took longer than it may.
    #[error("it took too long")]
    TimedOut,
    /// TLS failed: an untrusted or wrong certificate, or no TLS at all.
    #[error("TLS failed")]
    Tls,
    /// More bytes than are read.
    #[error("the answer has more than {max_bytes} bytes")]
    TooLarge {
        /// How many are read.
        max_bytes: u64,
    },
    /// The CA is no longer known.
    #[error("there is no such CA any more")]
    UnknownCa,
    /// What is stored was signed by somebody known, this was not.
    #[error("nobody known signed it")]
    UnknownSigner,
    /// The work was cut off.
    #[error("the work was cut off")]
    CutOff,
}

impl FetchError {
    /// Its code, for the database, for logs and for counting.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AddressNotPermitted { .. } => "ADDRESS_NOT_PERMITTED",
            Self::BrokenOff => "BROKEN_OFF",
            Self::ConnectFailed => "CONNECT_FAILED",
            Self::ContentEncoding => "CONTENT_ENCODING",
            Self::CutOff => "CUT_OFF",
            Self::Described(error) => error.code(),
            Self::FromTheFuture { .. } => "FROM_THE_FUTURE",
            Self::Http => "NOT_HTTP",
            Self::NameNotFound => "NAME_NOT_FOUND",
            Self::NotPermitted(UrlNotPermitted::Host) => "HOST_NOT_PERMITTED",
            Self::NotPermitted(UrlNotPermitted::Port) => "PORT_NOT_PERMITTED",
            Self::Older => "OLDER_THAN_STORED",
            Self::Redirected { .. } => "REDIRECTED",
            Self::Status { .. } => "HTTP_STATUS",
            Self::TimedOut => "TIMED_OUT",
            Self::Tls => "TLS_FAILED",
            Self::TooLarge { .. } => "TOO_LARGE",
            Self::UnknownCa => "UNKNOWN_CA",
            Self::UnknownSigner => "UNKNOWN_SIGNER",
        }
    }

    /// Its code with the number or address that an operator needs with it.
    #[must_use]
    pub fn told(&self) -> String {
        let code = self.code();
        match self {
            Self::AddressNotPermitted { address } => format!("{code} {address}"),
            Self::Described(DescribeError::Refused { status }) => format!("{code} {status}"),
            Self::Redirected { status } | Self::Status { status } => format!("{code} {status}"),
            Self::BrokenOff
            | Self::ConnectFailed
            | Self::ContentEncoding
            | Self::CutOff
            | Self::Described(_)
            | Self::FromTheFuture { .. }
            | Self::Http
            | Self::NameNotFound
            | Self::NotPermitted(_)
            | Self::Older
            | Self::TimedOut
            | Self::Tls
            | Self::TooLarge { .. }
            | Self::UnknownCa
            | Self::UnknownSigner => code.to_owned(),
        }
    }
}
