//! What is fetched, and from where.

use std::fmt;

use sqlx::any::AnyRow;

use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::store::error::StoreError;
use crate::store::row::Reader;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::EvidenceUrl;

/// Kinds of evidence that are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceKind {
    /// A certificate revocation list (RFC 5280 §5).
    Crl,
    /// An answer about one certificate (RFC 6960).
    Ocsp,
}

impl EvidenceKind {
    /// Its name in the database and for operators.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crl => "crl",
            Self::Ocsp => "ocsp",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Crl, Self::Ocsp]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// What is asked for at an address. Certificates are in DER, and from paths that were validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// The list that is published there.
    Crl {
        /// The CA certificate whose key is expected to sign it, where known.
        issuer: Option<Vec<u8>>,
    },
    /// The status of one certificate.
    Ocsp {
        /// Whose.
        certificate: Vec<u8>,
        /// The certificate of the CA that issued it.
        issuer: Vec<u8>,
    },
}

/// A source's identifier: the SHA-256 of what it is fetched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub Sha256);

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether who signed evidence was known when it was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The key of a certificate that we had signed it.
    Known,
    /// It may be anybody's, until a path to the signer is found.
    Unknown,
}

impl Signer {
    pub(in crate::store) const fn column(self) -> i64 {
        match self {
            Self::Known => 1,
            Self::Unknown => 0,
        }
    }

    pub(in crate::store) fn read(row: &Reader<'_>) -> Result<Self, StoreError> {
        match row.number::<u8>("signer_known")? {
            0 => Ok(Self::Unknown),
            1 => Ok(Self::Known),
            _ => Err(row.inconsistent()),
        }
    }
}

/// One source of evidence of one CA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceSource {
    id: SourceId,
    ca: CaId,
    url: EvidenceUrl,
    sought: Sought,
}

impl EvidenceSource {
    /// The source of `sought` at `url` for a CA.
    #[must_use]
    pub fn new(ca: CaId, url: EvidenceUrl, sought: Sought) -> Self {
        let mut text = Vec::new();
        let (kind, about) = match &sought {
            Sought::Crl { .. } => (EvidenceKind::Crl, None),
            Sought::Ocsp {
                certificate,
                issuer,
            } => (EvidenceKind::Ocsp, Some((certificate, issuer))),
        };
        // Neither a CA's name nor a kind nor a URL holds a line break, and digests have one length.
        text.extend_from_slice(format!("{ca}\n{}\n{url}\n", kind.name()).as_bytes());
        if let Some((certificate, issuer)) = about {
            text.extend_from_slice(sha256(certificate).as_bytes());
            text.extend_from_slice(sha256(issuer).as_bytes());
        }
        Self {
            id: SourceId(sha256(&text)),
            ca,
            url,
            sought,
        }
    }

    /// Its identifier.
    #[must_use]
    pub const fn id(&self) -> SourceId {
        self.id
    }

    /// Whose evidence it is.
    #[must_use]
    pub const fn ca(&self) -> &CaId {
        &self.ca
    }

    /// Where it is fetched from.
    #[must_use]
    pub const fn url(&self) -> &EvidenceUrl {
        &self.url
    }

    /// What is asked for there.
    #[must_use]
    pub const fn sought(&self) -> &Sought {
        &self.sought
    }

    /// Which kind of evidence it is.
    #[must_use]
    pub const fn kind(&self) -> EvidenceKind {
        match self.sought {
            Sought::Crl { .. } => EvidenceKind::Crl,
            Sought::Ocsp { .. } => EvidenceKind::Ocsp,
        }
    }

    /// The certificate whose status is asked for, in DER.
    #[must_use]
    pub fn certificate(&self) -> Option<&[u8]> {
        match &self.sought {
            Sought::Crl { .. } => None,
            Sought::Ocsp { certificate, .. } => Some(certificate),
        }
    }

    /// The certificate of whoever issued that one, or is expected to sign the list, in DER.
    #[must_use]
    pub fn issuer(&self) -> Option<&[u8]> {
        match &self.sought {
            Sought::Crl { issuer } => issuer.as_deref(),
            Sought::Ocsp { issuer, .. } => Some(issuer),
        }
    }

    /// Reads a row with the columns `source_id, ca, kind, url, certificate, issuer`.
    pub(in crate::store) fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let row = Reader::new(row, "evidence_source", "source_id")?;
        let issuer = row.blob_or_null("issuer")?;
        let sought = match row.parsed("kind", EvidenceKind::from_name)? {
            EvidenceKind::Crl => Sought::Crl { issuer },
            EvidenceKind::Ocsp => Sought::Ocsp {
                certificate: row
                    .blob_or_null("certificate")?
                    .ok_or_else(|| row.inconsistent())?,
                issuer: issuer.ok_or_else(|| row.inconsistent())?,
            },
        };
        let ca = row.parsed("ca", |text| CaId::parse(text).ok())?;
        let url = row.parsed("url", |text| EvidenceUrl::parse(text).ok())?;
        let source = Self::new(ca, url, sought);
        if source.id.to_string() == row.id() {
            Ok(source)
        } else {
            Err(row.inconsistent())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_source_is_fetched_by_makes_its_identifier() {
        let source = |ca: &str, url: &str, sought: Sought| {
            let url = EvidenceUrl::parse(url).unwrap();
            EvidenceSource::new(CaId::parse(ca).unwrap(), url, sought).id()
        };
        let crl = |issuer: Option<&[u8]>| Sought::Crl {
            issuer: issuer.map(<[u8]>::to_vec),
        };
        let ocsp = |certificate: &[u8], issuer: &[u8]| Sought::Ocsp {
            certificate: certificate.to_vec(),
            issuer: issuer.to_vec(),
        };
        let first = source("gdca", "http://a.cn/", crl(None));
        assert_eq!(first, source("gdca", "HTTP://A.CN:80", crl(Some(b"x"))));
        let others = [
            source("cfca", "http://a.cn/", crl(None)),
            source("gdca", "https://a.cn/", crl(None)),
            source("gdca", "http://a.cn/", ocsp(b"a", b"b")),
            source("gdca", "http://a.cn/", ocsp(b"a", b"c")),
            source("gdca", "http://a.cn/", ocsp(b"b", b"a")),
        ];
        let mut all = others.to_vec();
        all.push(first);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), others.len() + 1);
    }
}
