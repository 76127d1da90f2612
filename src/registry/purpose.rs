//! What a caller wants to do, and which usages that requires of the certificate authorities involved.

use crate::validation::trust_store::Usage;

/// A purpose, by which a caller chooses its trust profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purpose {
    /// Its id in requests, receipts and tables.
    pub id: &'static str,
    /// English name.
    pub name: &'static str,
    /// Chinese name.
    pub name_zh: &'static str,
    /// Whether companies are shown that they were looked at for it.
    pub shown: Shown,
    signer_usage: &'static str,
    issuer_usage: &'static str,
}

/// Whether companies are shown what is done for a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Whoever reads who looked at a company reads it.
    ToCompanies,
    /// It stands in the audit trail alone: who is investigated is not to know it.
    Sealed,
}

/// The usage of CAs that certify issuers of credentials.
const CREDENTIAL_ISSUING: &str = "credential-issuing";

const fn purpose(
    id: &'static str,
    name: &'static str,
    name_zh: &'static str,
    signer_usage: &'static str,
) -> Purpose {
    Purpose {
        id,
        name,
        name_zh,
        shown: Shown::ToCompanies,
        signer_usage,
        issuer_usage: CREDENTIAL_ISSUING,
    }
}

impl Purpose {
    const fn sealed(self) -> Self {
        Self {
            shown: Shown::Sealed,
            ..self
        }
    }
}

/// Every purpose. The first is taken where a caller names none.
pub const PURPOSES: [Purpose; 9] = [
    purpose(
        "company-status",
        "Look up what a company is",
        "企业状态查询",
        "registration",
    ),
    purpose(
        "account-opening",
        "Open a bank account",
        "银行开户",
        "banking",
    ),
    purpose("loan", "Grant a loan", "贷款", "banking"),
    purpose(
        "registration",
        "Register with a department",
        "登记注册",
        "registration",
    ),
    purpose("tax-filing", "File taxes", "纳税申报", "tax"),
    purpose(
        "customs-declaration",
        "Declare goods to customs",
        "海关申报",
        "customs",
    ),
    purpose(
        "social-security-filing",
        "File social security",
        "社保申报",
        "social-security",
    ),
    purpose(
        "sealed-document",
        "Accept a sealed document",
        "电子印章文件核验",
        "seal",
    ),
    purpose(
        "investigation",
        "Investigate by law",
        "依法调查",
        "registration",
    )
    .sealed(),
];

impl Purpose {
    /// The usage that the CA of a document's signer must have.
    #[must_use]
    pub fn signer_usage(&self) -> Usage {
        usage(self.signer_usage)
    }

    /// The usage that the CA of a credential's issuer must have.
    #[must_use]
    pub fn issuer_usage(&self) -> Usage {
        usage(self.issuer_usage)
    }

    /// The purpose of that id. `None`: there is none.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        PURPOSES.iter().find(|purpose| purpose.id == id)
    }

    /// The purpose where a caller names none.
    #[must_use]
    pub const fn default_purpose() -> &'static Self {
        let [first, ..] = &PURPOSES;
        first
    }
}

#[expect(
    clippy::expect_used,
    reason = "names of the table above, each parsed by a test"
)]
fn usage(name: &'static str) -> Usage {
    Usage::parse(name).expect("a usage of the table")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::registry::slug::check_slug;

    #[test]
    fn ids_are_distinct_and_well_formed() {
        let ids: BTreeSet<_> = PURPOSES.iter().map(|purpose| purpose.id).collect();
        assert_eq!(ids.len(), PURPOSES.len());
        for purpose in &PURPOSES {
            assert_eq!(check_slug(purpose.id), Ok(()));
            assert_eq!(purpose.signer_usage().as_str(), purpose.signer_usage);
            assert_eq!(purpose.issuer_usage().as_str(), purpose.issuer_usage);
            assert_eq!(Purpose::find(purpose.id), Some(purpose));
        }
    }

    #[test]
    fn investigations_alone_are_sealed() {
        let sealed = PURPOSES.iter().filter(|one| one.shown == Shown::Sealed);
        let sealed: Vec<_> = sealed.map(|purpose| purpose.id).collect();
        assert_eq!(sealed, ["investigation"]);
    }

    #[test]
    fn an_unknown_purpose_is_none() {
        assert_eq!(Purpose::find("gambling"), None);
        assert_eq!(Purpose::find(""), None);
        assert_eq!(Purpose::default_purpose().id, "company-status");
    }
}
