//! TLS client certificates that stand for a caller: pinned, or issued under a named authority to a subject.

use std::collections::BTreeSet;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::pki::certificate::Certificate;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::relying_party::Scope;

/// A certificate whose private key the peer proved to hold, to us or to the proxy in front of us.
#[derive(Debug, Clone)]
pub struct PresentedCertificate {
    /// The certificate.
    pub certificate: Certificate,
    /// The configured authorities under which it was valid for client authentication when the connection
    /// was made.
    pub authorities: Vec<Sha256>,
}

/// Which certificates stand for a caller.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CertificateRule {
    /// This one alone, by its SHA-256 digest.
    Certificate(Sha256),
    /// Every one with this public key, by the SHA-256 digest of its `SubjectPublicKeyInfo`.
    PublicKey(Sha256),
    /// Every one that is valid under this authority, by its certificate's SHA-256 digest, and names this
    /// subject, exactly as we write names.
    Subject {
        /// The authority.
        authority: Sha256,
        /// The subject.
        subject: String,
    },
}

/// A text is not a [`CertificateRule`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not certificate:SHA256, public-key:SHA256 or subject:SHA256:NAME")]
pub struct CertificateRuleError;

/// What is kept of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificateRecord {
    /// Which certificates.
    pub rule: CertificateRule,
    /// Whose.
    pub caller: RelyingPartyId,
    /// What they may be used for.
    pub scopes: BTreeSet<Scope>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When one was last used, roughly.
    pub last_used_at: Option<Timestamp>,
}

impl CertificateRule {
    /// Reads a rule as [`std::fmt::Display`] writes it.
    ///
    /// # Errors
    /// [`CertificateRuleError`].
    pub fn parse(text: &str) -> Result<Self, CertificateRuleError> {
        let digest = |text: &str| Sha256::parse(text).map_err(|_malformed| CertificateRuleError);
        match text.split_once(':').ok_or(CertificateRuleError)? {
            ("certificate", rest) => Ok(Self::Certificate(digest(rest)?)),
            ("public-key", rest) => Ok(Self::PublicKey(digest(rest)?)),
            ("subject", rest) => {
                let (authority, subject) = rest.split_once(':').ok_or(CertificateRuleError)?;
                if subject.is_empty() {
                    return Err(CertificateRuleError);
                }
                Ok(Self::Subject {
                    authority: digest(authority)?,
                    subject: subject.to_owned(),
                })
            }
            _ => Err(CertificateRuleError),
        }
    }
}

impl std::fmt::Display for CertificateRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Certificate(digest) => write!(f, "certificate:{digest}"),
            Self::PublicKey(digest) => write!(f, "public-key:{digest}"),
            Self::Subject { authority, subject } => write!(f, "subject:{authority}:{subject}"),
        }
    }
}

impl PresentedCertificate {
    /// Every rule that it fits, the narrowest first.
    #[must_use]
    pub fn rules(&self) -> Vec<CertificateRule> {
        let mut rules = vec![
            CertificateRule::Certificate(self.certificate.sha256()),
            CertificateRule::PublicKey(self.certificate.public_key().sha256()),
        ];
        let subject = self.certificate.subject();
        if !subject.is_empty() {
            rules.extend(self.authorities.iter().map(|authority| {
                let (authority, subject) = (*authority, subject.to_string());
                CertificateRule::Subject { authority, subject }
            }));
        }
        rules
    }

    /// Whether it is within its validity period at `at`.
    #[must_use]
    pub fn is_current(&self, at: Timestamp) -> bool {
        self.certificate.not_before() <= at && at <= self.certificate.not_after()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_read_as_it_is_written() {
        let digest = Sha256([7; 32]);
        for rule in [
            CertificateRule::Certificate(digest),
            CertificateRule::PublicKey(digest),
            CertificateRule::Subject {
                authority: digest,
                subject: "CN=a:b,O=乙".to_owned(),
            },
        ] {
            assert_eq!(CertificateRule::parse(&rule.to_string()), Ok(rule));
        }
        for text in ["", "certificate", "certificate:00", "name:x"] {
            assert_eq!(
                CertificateRule::parse(text),
                Err(CertificateRuleError),
                "{text}"
            );
        }
        let nobody = format!("subject:{digest}:");
        assert_eq!(CertificateRule::parse(&nobody), Err(CertificateRuleError));
    }
}
