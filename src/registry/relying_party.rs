//! Who asks: departments, banks, the operator and the public, and what each may do.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::registry::department::DepartmentId;
use crate::registry::slug::SlugError;
use crate::registry::slug::check_slug;
use crate::registry::text::Text;
use crate::secret::constant_time_eq;

/// The longest name of a relying party, in characters.
pub const MAX_PARTY_NAME_CHARACTERS: usize = 100;

/// A relying party's name in keys, receipts and tables, e.g. `bank-a`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelyingPartyId(String);

impl RelyingPartyId {
    /// Reads an id.
    ///
    /// # Errors
    /// [`SlugError`] when it is not lower-case words joined by hyphens.
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        check_slug(text)?;
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RelyingPartyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RelyingPartyId {
    type Error = SlugError;

    fn try_from(text: String) -> Result<Self, SlugError> {
        check_slug(&text)?;
        Ok(Self(text))
    }
}

impl From<RelyingPartyId> for String {
    fn from(id: RelyingPartyId) -> Self {
        id.0
    }
}

/// What sort of relying party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelyingPartyKind {
    /// A bank.
    Bank,
    /// A department of the city.
    Department,
    /// The service itself, where companies sign in to it with certificates of their own.
    Holder,
    /// Whoever runs this system.
    Operator,
    /// Anybody, without a key.
    Public,
}

impl RelyingPartyKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Bank,
        Self::Department,
        Self::Holder,
        Self::Operator,
        Self::Public,
    ];

    /// Its name in JSON, tables and on the command line.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::Department => "department",
            Self::Holder => "holder",
            Self::Operator => "operator",
            Self::Public => "public",
        }
    }

    /// The kind of that name. `None`: there is none.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }
}

/// An authenticated caller, or the public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// Its id.
    pub id: RelyingPartyId,
    /// What sort.
    pub kind: RelyingPartyKind,
    /// English name.
    pub name: Text<MAX_PARTY_NAME_CHARACTERS>,
    /// Chinese name.
    pub name_zh: Text<MAX_PARTY_NAME_CHARACTERS>,
    /// Which department it is; present exactly for [`RelyingPartyKind::Department`].
    pub department: Option<DepartmentId>,
}

/// Why there can be no such relying party.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelyingPartyError {
    /// A department must say which, and nobody else may.
    #[error("relying party `{id}` is of kind {}, which {}", kind.id(), if *missing { "must name its department" } else { "has no department" })]
    Department {
        /// Who.
        id: RelyingPartyId,
        /// Its kind.
        kind: RelyingPartyKind,
        /// Whether the department is missing, rather than one too many.
        missing: bool,
    },
    /// Reserved for the built-in one of that name, or of a kind that only a built-in one has.
    #[error("`{id}` is built in")]
    Reserved {
        /// The id.
        id: RelyingPartyId,
    },
}

/// The id of the built-in relying party that stands for anybody without a key.
const PUBLIC: &str = "public";
/// The id of the built-in relying party by whose recognition companies sign in with certificates of their own.
const HOLDER: &str = "holder";
/// The id of the built-in relying party in whose name the command line acts.
const OPERATOR: &str = "operator";

impl RelyingParty {
    /// A relying party whose parts fit together.
    ///
    /// # Errors
    /// [`RelyingPartyError`]: department and kind do not fit, or the id belongs to the built-in public.
    pub fn new(
        id: RelyingPartyId,
        kind: RelyingPartyKind,
        name: Text<MAX_PARTY_NAME_CHARACTERS>,
        name_zh: Text<MAX_PARTY_NAME_CHARACTERS>,
        department: Option<DepartmentId>,
    ) -> Result<Self, RelyingPartyError> {
        let public = (id.as_str() == PUBLIC) == (kind == RelyingPartyKind::Public);
        let holder = (id.as_str() == HOLDER) == (kind == RelyingPartyKind::Holder);
        let operator = id.as_str() != OPERATOR || kind == RelyingPartyKind::Operator;
        if !public || !holder || !operator {
            return Err(RelyingPartyError::Reserved { id });
        }
        if (kind == RelyingPartyKind::Department) != department.is_some() {
            let missing = department.is_none();
            return Err(RelyingPartyError::Department { id, kind, missing });
        }
        Ok(Self {
            id,
            kind,
            name,
            name_zh,
            department,
        })
    }

    /// The built-in relying party: anybody without a key.
    #[must_use]
    pub fn public() -> Self {
        Self::built_in(PUBLIC, RelyingPartyKind::Public, "The public", "公众")
    }

    /// The built-in relying party: this service, where companies sign in with certificates of their own. Its rows of
    /// the recognition table say under which CAs; no row, no CA.
    #[must_use]
    pub fn holder() -> Self {
        Self::built_in(
            HOLDER,
            RelyingPartyKind::Holder,
            "Company self-service",
            "企业自助",
        )
    }

    /// The built-in relying party in whose name the command line acts.
    #[must_use]
    pub fn operator() -> Self {
        Self::built_in(OPERATOR, RelyingPartyKind::Operator, "Operator", "运维方")
    }

    #[expect(clippy::expect_used, reason = "constant texts, each parsed by a test")]
    fn built_in(id: &str, kind: RelyingPartyKind, name: &str, name_zh: &str) -> Self {
        let text = |constant: &str| Text::parse(constant).expect("a constant name");
        Self {
            id: RelyingPartyId(id.to_owned()),
            kind,
            name: text(name),
            name_zh: text(name_zh),
            department: None,
        }
    }
}

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Manage callers and keys.
    Admin,
    /// Read the audit trail, and validate as of a past time.
    Audit,
    /// Look companies up and compare facts.
    Confirm,
    /// Issue credentials of the department's own types.
    Issue,
    /// Record facts and registrations.
    Register,
    /// Suspend, reinstate and revoke credentials of the department's own types.
    Status,
    /// Change who recognises which certificate authority.
    Trust,
    /// Have documents, credentials and certificates judged.
    Verify,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 8] = [
        Self::Admin,
        Self::Audit,
        Self::Confirm,
        Self::Issue,
        Self::Register,
        Self::Status,
        Self::Trust,
        Self::Verify,
    ];

    /// Its name in JSON, tables and on the command line.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Audit => "audit",
            Self::Confirm => "confirm",
            Self::Issue => "issue",
            Self::Register => "register",
            Self::Status => "status",
            Self::Trust => "trust",
            Self::Verify => "verify",
        }
    }

    /// The scope of that name. `None`: there is none.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.id() == id)
    }
}

/// What is kept of an API key: enough to recognise it, not to use it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeyRecord {
    /// The key's visible part, by which it is found and named in logs.
    pub prefix: String,
    /// The keyed digest of the whole key ([`crate::registry::api_key::tag`]).
    pub tag: [u8; 32],
    /// Whose key.
    pub caller: RelyingPartyId,
    /// What it may be used for.
    pub scopes: BTreeSet<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when it is not accepted any more; absent: never by itself.
    pub expires_at: Option<Timestamp>,
    /// Since when it is withdrawn.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, roughly.
    pub last_used_at: Option<Timestamp>,
}

/// Why a key is not accepted. The caller is told none of these apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// Past its time.
    #[error("the key expired at {expired_at}")]
    Expired {
        /// When.
        expired_at: Timestamp,
    },
    /// Withdrawn.
    #[error("the key was revoked at {revoked_at}")]
    Revoked {
        /// When.
        revoked_at: Timestamp,
    },
    /// No key has this visible part.
    #[error("no key has this prefix")]
    Unknown,
    /// The visible part is known, the rest is not that of the key.
    #[error("the key's secret part is wrong")]
    WrongSecret,
}

impl KeyRefusal {
    /// The refusal of a key whose prefix nobody has, after the comparison that a known one would cost.
    #[must_use]
    pub fn unknown(tag: &[u8; 32]) -> Self {
        // No HMAC is known to give this, and nothing comes of it if one does.
        let _ = std::hint::black_box(constant_time_eq(&[0; 32], tag));
        Self::Unknown
    }
}

impl ApiKeyRecord {
    /// Whether a key with this `tag` is the recorded one and accepted at `at`. The tag is compared in
    /// constant time, and first.
    ///
    /// # Errors
    /// [`KeyRefusal`], for the log.
    pub fn admit(&self, tag: &[u8; 32], at: Timestamp) -> Result<(), KeyRefusal> {
        if !constant_time_eq(&self.tag, tag) {
            return Err(KeyRefusal::WrongSecret);
        }
        if let Some(revoked_at) = self.revoked_at {
            return Err(KeyRefusal::Revoked { revoked_at });
        }
        match self.expires_at {
            Some(expired_at) if expired_at <= at => Err(KeyRefusal::Expired { expired_at }),
            _ => Ok(()),
        }
    }
}

impl std::fmt::Debug for ApiKeyRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKeyRecord")
            .field("prefix", &self.prefix)
            .field("caller", &self.caller)
            .field("scopes", &self.scopes)
            .field("expires_at", &self.expires_at)
            .field("revoked_at", &self.revoked_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(
        id: &str,
        kind: RelyingPartyKind,
        department: Option<&str>,
    ) -> Result<RelyingParty, RelyingPartyError> {
        RelyingParty::new(
            RelyingPartyId::parse(id).unwrap(),
            kind,
            Text::parse("Name").unwrap(),
            Text::parse("名").unwrap(),
            department.map(|department| DepartmentId::parse(department).unwrap()),
        )
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    fn record() -> ApiKeyRecord {
        ApiKeyRecord {
            prefix: "abcd2345".to_owned(),
            tag: [7; 32],
            caller: RelyingPartyId::parse("bank-a").unwrap(),
            scopes: BTreeSet::from([Scope::Verify]),
            created_at: at(0),
            expires_at: Some(at(100)),
            revoked_at: None,
            last_used_at: None,
        }
    }

    #[test]
    fn department_and_kind_must_fit() {
        assert!(party("bank-a", RelyingPartyKind::Bank, None).is_ok());
        assert!(party("tax", RelyingPartyKind::Department, Some("state-tax")).is_ok());
        let told = party("bank-a", RelyingPartyKind::Bank, Some("state-tax"))
            .unwrap_err()
            .to_string();
        assert_eq!(
            told,
            "relying party `bank-a` is of kind bank, which has no department"
        );
        let told = party("tax", RelyingPartyKind::Department, None)
            .unwrap_err()
            .to_string();
        assert_eq!(
            told,
            "relying party `tax` is of kind department, which must name its department"
        );
    }

    #[test]
    fn the_public_and_the_operator_are_built_in_and_nobody_else_is_them() {
        for built_in in [
            RelyingParty::public(),
            RelyingParty::holder(),
            RelyingParty::operator(),
        ] {
            assert_eq!(
                RelyingPartyId::parse(built_in.id.as_str()).as_ref(),
                Ok(&built_in.id)
            );
            assert!(party(built_in.id.as_str(), built_in.kind, None).is_ok());
            assert!(party(built_in.id.as_str(), RelyingPartyKind::Bank, None).is_err());
        }
        assert!(party("anybody", RelyingPartyKind::Public, None).is_err());
        assert!(party("anybody", RelyingPartyKind::Holder, None).is_err());
        assert!(party("night-shift", RelyingPartyKind::Operator, None).is_ok());
    }

    #[test]
    fn names_of_scopes_and_kinds_are_their_json_names() {
        for scope in Scope::ALL {
            assert_eq!(Scope::from_id(scope.id()), Some(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.id());
        }
        for kind in RelyingPartyKind::ALL {
            assert_eq!(RelyingPartyKind::from_id(kind.id()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.id());
        }
        assert_eq!(Scope::from_id("root"), None);
        assert_eq!(RelyingPartyKind::from_id(""), None);
    }

    #[test]
    fn a_key_is_admitted_until_it_expires_or_is_revoked() {
        assert_eq!(record().admit(&[7; 32], at(99)), Ok(()));
        assert_eq!(
            record().admit(&[8; 32], at(99)),
            Err(KeyRefusal::WrongSecret)
        );
        assert_eq!(
            record().admit(&[7; 32], at(100)),
            Err(KeyRefusal::Expired {
                expired_at: at(100)
            })
        );
        let revoked = ApiKeyRecord {
            revoked_at: Some(at(50)),
            ..record()
        };
        assert_eq!(
            revoked.admit(&[7; 32], at(40)),
            Err(KeyRefusal::Revoked { revoked_at: at(50) })
        );
        assert_eq!(
            revoked.admit(&[8; 32], at(40)),
            Err(KeyRefusal::WrongSecret)
        );
    }

    #[test]
    fn debug_does_not_show_the_tag() {
        assert!(!format!("{:?}", record()).contains("7, 7"));
    }
}
