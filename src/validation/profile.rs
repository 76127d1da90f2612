//! What one caller accepts for one purpose: the named, versioned set of CAs, anchors and usages.
//!
//! A profile is made by `registry::recognition` from permissions and recognition rows, or by
//! [`TrustProfile::everything`] for a command line without a caller. One without rows accepts nothing.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::encoding::json::canonical;
use crate::pki::trust_anchor::TrustAnchor;
use crate::validation::limits::Limits;
use crate::validation::report::PolicyRef;
use crate::validation::standing::Grant;
use crate::validation::standing::Lapse;
use crate::validation::standing::SaidNo;
use crate::validation::standing::Standing;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::TrustStore;
use crate::validation::trust_store::Usage;

/// One CA that the caller accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileRow {
    /// Which CA.
    pub ca: CaId,
    /// Which of its anchors, by their SHA-256; others of this CA are inert.
    pub anchors: Vec<Sha256>,
    /// For what.
    pub usages: BTreeSet<Usage>,
    /// Under which limits of the caller's own.
    pub limits: Limits,
}

impl ProfileRow {
    /// What of it the profile's digest covers. Limits stand in it where there are any, so that what is not limited
    /// has the digest that it always had.
    fn to_json(&self, trust: &TrustSet) -> Value {
        let mut json = json!({
            "ca": self.ca,
            "rules": trust.rules_digest(&self.ca),
            "anchors": self.anchors,
            "usages": self.usages,
        });
        if let (false, Some(members)) = (self.limits.is_empty(), json.as_object_mut()) {
            members.insert("limits".to_owned(), self.limits.to_json());
        }
        json
    }
}

/// A row that is not in force, kept to explain a refusal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LapsedRow {
    /// Which CA.
    pub ca: CaId,
    /// For what.
    pub usage: Usage,
    /// Which of its anchors; none where it refuses.
    pub anchors: Vec<Sha256>,
    /// Why it does not say yes.
    pub lapse: Lapse,
}

/// What becomes of evidence that is out of date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnStale {
    /// Nothing is decided until it is fresh: `TRY_LATER`.
    #[default]
    TryLater,
    /// It is used, with a warning.
    Warn,
}

impl OnStale {
    const fn as_str(self) -> &'static str {
        match self {
            Self::TryLater => "try-later",
            Self::Warn => "warn",
        }
    }
}

/// What makes a profile, before its digest.
#[derive(Debug, Clone)]
pub struct ProfileParts {
    /// Its name, for example `bank-x/account-opening`.
    pub name: String,
    /// Who asks.
    pub caller: String,
    /// What for.
    pub purpose: String,
    /// The version of the recognition table that it was made from.
    pub version: u64,
    /// What is accepted.
    pub rows: Vec<ProfileRow>,
    /// The usage that a signer's CA must have.
    pub signer_usage: Usage,
    /// The usage that a credential issuer's CA must have.
    pub issuer_usage: Usage,
    /// What becomes of stale evidence.
    pub on_stale: OnStale,
}

/// What one caller accepts for one purpose.
///
/// Made by [`TrustProfile::build`] only, so that `digest` always fits the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustProfile {
    /// Its name.
    pub name: String,
    /// Who asks.
    pub caller: String,
    /// What for.
    pub purpose: String,
    /// The version of the recognition table that it was made from.
    pub version: u64,
    /// SHA-256 over the canonical JSON of everything here and of the rules in each row's `ca.toml`.
    pub digest: Sha256,
    /// What is accepted, ordered by CA, one row a CA.
    pub rows: Vec<ProfileRow>,
    /// The usage that a signer's CA must have.
    pub signer_usage: Usage,
    /// The usage that a credential issuer's CA must have.
    pub issuer_usage: Usage,
    /// What becomes of stale evidence.
    pub on_stale: OnStale,
    /// Rows that give nothing, for they refuse or are not in force, and so are no part of the digest.
    pub lapsed: Vec<LapsedRow>,
    /// The CAs that the request narrowed it to; empty: it is the caller's whole one.
    pub narrowed_to: BTreeSet<CaId>,
}

/// A request would have widened its profile, or narrowed it to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NarrowingError {
    /// No CA is named.
    #[error("no certification authority is named")]
    Nothing,
    /// The profile does not hold the CA; whether anybody knows it is not said.
    #[error("`{ca}` is not among the certification authorities of the profile")]
    Outside {
        /// Which CA.
        ca: CaId,
        /// Those of the profile.
        of_profile: Vec<CaId>,
    },
}

impl TrustProfile {
    /// Orders the rows and computes the digest. Several rows of one CA that pin the same anchors are
    /// as good as one with all their usages; with different anchors they stay apart.
    #[must_use]
    pub fn build(parts: ProfileParts, trust: &TrustSet) -> Self {
        let mut rows = parts.rows;
        for row in &mut rows {
            row.anchors.sort_unstable();
            row.anchors.dedup();
        }
        let key = |row: &ProfileRow| (row.ca.clone(), row.anchors.clone(), row.limits.clone());
        rows.sort_by_cached_key(key);
        rows.dedup_by(|next, kept| {
            let same = key(next) == key(kept);
            if same {
                kept.usages.append(&mut next.usages);
            }
            same
        });
        let json = json!({
            "name": parts.name,
            "caller": parts.caller,
            "purpose": parts.purpose,
            "version": parts.version,
            "rows": rows.iter().map(|row| row.to_json(trust)).collect::<Vec<_>>(),
            "signerUsage": parts.signer_usage,
            "issuerUsage": parts.issuer_usage,
            "onStale": parts.on_stale.as_str(),
        });
        Self {
            digest: sha256(&canonical(&json)),
            name: parts.name,
            caller: parts.caller,
            purpose: parts.purpose,
            version: parts.version,
            rows,
            signer_usage: parts.signer_usage,
            issuer_usage: parts.issuer_usage,
            on_stale: parts.on_stale,
            lapsed: Vec::new(),
            narrowed_to: BTreeSet::new(),
        }
    }

    /// The same, able to say of a refusal that a row has ended or is yet to begin.
    #[must_use]
    pub fn with_lapsed(self, mut lapsed: Vec<LapsedRow>) -> Self {
        lapsed.sort_unstable();
        Self { lapsed, ..self }
    }

    /// What of it is left for these CAs alone. Its digest is one over the whole profile's and their ids.
    ///
    /// # Errors
    /// [`NarrowingError`] for a CA that is not in it: a request may narrow its profile, never widen it.
    pub fn narrowed(self, cas: BTreeSet<CaId>) -> Result<Self, NarrowingError> {
        if cas.is_empty() {
            return Err(NarrowingError::Nothing);
        }
        if let Some(outside) = cas.iter().find(|ca| self.rows_of(ca).next().is_none()) {
            let of_profile: BTreeSet<&CaId> = self.rows.iter().map(|row| &row.ca).collect();
            return Err(NarrowingError::Outside {
                ca: outside.clone(),
                of_profile: of_profile.into_iter().cloned().collect(),
            });
        }
        let json = json!({"profile": self.digest, "narrowedTo": cas});
        let mut narrowed = self;
        narrowed.digest = sha256(&canonical(&json));
        narrowed.rows.retain(|row| cas.contains(&row.ca));
        narrowed.lapsed.retain(|row| cas.contains(&row.ca));
        narrowed.narrowed_to = cas;
        Ok(narrowed)
    }

    /// Everything that the trust stores permit, for a command line without a caller.
    #[must_use]
    pub fn everything(trust: &TrustSet, usage: &Usage) -> Self {
        let rows = trust.stores().iter().map(|store| ProfileRow {
            ca: store.id.clone(),
            anchors: store.anchors.iter().map(TrustAnchor::id).collect(),
            usages: store.usages.keys().cloned().collect(),
            limits: Limits::default(),
        });
        let parts = ProfileParts {
            name: format!("everything/{usage}"),
            caller: "command-line".to_owned(),
            purpose: usage.to_string(),
            version: 0,
            rows: rows.collect(),
            signer_usage: usage.clone(),
            issuer_usage: usage.clone(),
            on_stale: OnStale::default(),
        };
        Self::build(parts, trust)
    }

    /// What it would be if, beside what it accepts, every CA were recognised for whatever it may vouch for: for
    /// `usage` alone, or for everything. Limits of its own rows stay.
    #[must_use]
    pub fn if_all_were_recognised(&self, usage: Option<&Usage>, trust: &TrustSet) -> Self {
        let granted = trust.stores().iter().map(|store| ProfileRow {
            ca: store.id.clone(),
            anchors: store.anchors.iter().map(TrustAnchor::id).collect(),
            usages: store
                .usages
                .keys()
                .filter(|permitted| usage.is_none_or(|usage| usage == *permitted))
                .cloned()
                .collect(),
            limits: Limits::default(),
        });
        let granted = granted.filter(|row| !row.usages.is_empty());
        let parts = ProfileParts {
            name: self.name.clone(),
            caller: self.caller.clone(),
            purpose: self.purpose.clone(),
            version: self.version,
            rows: self.rows.iter().cloned().chain(granted).collect(),
            signer_usage: self.signer_usage.clone(),
            issuer_usage: self.issuer_usage.clone(),
            on_stale: self.on_stale,
        };
        Self::build(parts, trust)
    }

    /// How a report and a receipt name it.
    #[must_use]
    pub fn policy_ref(&self) -> PolicyRef {
        PolicyRef {
            caller: self.caller.clone(),
            purpose: self.purpose.clone(),
            profile: self.name.clone(),
            version: self.version,
            digest: self.digest,
            narrowed_to: self.narrowed_to.iter().cloned().collect(),
        }
    }

    /// Whether it accepts `anchor` of `ca` for `usage`. The CA's own `ca.toml` has a say beside it.
    #[must_use]
    pub fn accepts(&self, ca: &CaId, anchor: Sha256, usage: &Usage) -> bool {
        self.rows_of(ca)
            .any(|row| row.usages.contains(usage) && row.anchors.contains(&anchor))
    }

    /// The limits under which it accepts `anchor` of `ca` for `usage`; all of them have to be kept.
    pub fn limits_of<'p>(
        &'p self,
        ca: &CaId,
        anchor: Sha256,
        usage: &Usage,
    ) -> impl Iterator<Item = &'p Limits> {
        let accepts = move |row: &&ProfileRow| {
            row.ca == *ca && row.usages.contains(usage) && row.anchors.contains(&anchor)
        };
        self.rows.iter().filter(accepts).map(|row| &row.limits)
    }

    /// How an anchor of the CA of `store` stands with the caller for `usage`.
    #[must_use]
    pub fn standing(&self, (store, anchor): (&TrustStore, Sha256), usage: &Usage) -> Standing {
        let grants = self.rows_of(&store.id).map(|row| Grant {
            anchors: &row.anchors,
            for_usage: row.usages.contains(usage),
        });
        Standing::of((store, anchor), usage, grants)
    }

    /// Which row says no to an anchor of this `standing`.
    #[must_use]
    pub fn said_no(
        &self,
        ca: &CaId,
        (anchor, usage): (Sha256, &Usage),
        standing: Standing,
    ) -> SaidNo {
        let is_left_out = !self.narrowed_to.is_empty() && !self.narrowed_to.contains(ca);
        if is_left_out && standing != Standing::NotPermitted {
            return SaidNo::Narrowing;
        }
        let rows = self.lapsed.iter();
        let rows = rows
            .filter(|row| row.ca == *ca && row.usage == *usage)
            .filter(|row| row.lapse == Lapse::Refused || row.anchors.contains(&anchor));
        SaidNo::of(standing, rows.map(|row| row.lapse))
    }

    /// Its rows of one CA.
    pub fn rows_of(&self, ca: &CaId) -> impl Iterator<Item = &ProfileRow> {
        self.rows.iter().filter(move |row| row.ca == *ca)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GDCA: &[u8] = include_bytes!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/trust-roots/gdca/gdca-trustauth-r5-root.pem"
    ));

    fn usage(name: &str) -> Usage {
        Usage::parse(name).unwrap()
    }

    fn gdca() -> CaId {
        CaId::parse("gdca").unwrap()
    }

    fn trust(ekus: &str) -> TrustSet {
        let ca_toml =
            format!("name = 'a'\nname-zh = 'b'\noperator = 'c'\n[usages.tax]\nekus = ['{ekus}']\n");
        let pems = [("root.pem".to_owned(), GDCA.to_vec())];
        TrustSet::new(vec![TrustStore::parse("gdca", &ca_toml, &pems).unwrap()]).unwrap()
    }

    fn row(anchors: &[u8], usages: &[&str]) -> ProfileRow {
        ProfileRow {
            ca: gdca(),
            anchors: anchors.iter().map(|byte| Sha256([*byte; 32])).collect(),
            usages: usages.iter().map(|name| usage(name)).collect(),
            limits: Limits::default(),
        }
    }

    fn parts(rows: Vec<ProfileRow>) -> ProfileParts {
        ProfileParts {
            name: "bank-x/account-opening".to_owned(),
            caller: "bank-x".to_owned(),
            purpose: "account-opening".to_owned(),
            version: 1,
            rows,
            signer_usage: usage("registration"),
            issuer_usage: usage("credential-issuing"),
            on_stale: OnStale::TryLater,
        }
    }

    #[test]
    fn without_rows_nothing_is_accepted() {
        let profile = TrustProfile::build(parts(Vec::new()), &trust("1.2"));
        assert!(!profile.accepts(&gdca(), Sha256([1; 32]), &usage("tax")));
    }

    #[test]
    fn anchor_and_usage_must_stand_in_one_row() {
        let rows = vec![row(&[1], &["tax"]), row(&[2], &["banking"])];
        let profile = TrustProfile::build(parts(rows), &trust("1.2"));
        let accepts = |byte, name| profile.accepts(&gdca(), Sha256([byte; 32]), &usage(name));
        assert!(accepts(1, "tax"));
        assert!(accepts(2, "banking"));
        assert!(!accepts(1, "banking"));
        assert!(!accepts(2, "tax"));
        assert!(!profile.accepts(
            &CaId::parse("other").unwrap(),
            Sha256([1; 32]),
            &usage("tax")
        ));
    }

    #[test]
    fn the_digest_covers_what_is_accepted_and_by_which_rules() {
        let digest = |parts, trust: &TrustSet| TrustProfile::build(parts, trust).digest;
        let (one, other) = (row(&[1, 2], &["tax"]), row(&[3], &["banking"]));
        let base = digest(parts(vec![one.clone(), other.clone()]), &trust("1.2"));
        let turned = vec![other.clone(), row(&[2, 1, 1], &["tax"])];
        assert_eq!(digest(parts(turned), &trust("1.2")), base);
        assert_ne!(digest(parts(vec![one.clone()]), &trust("1.2")), base);
        assert_ne!(
            digest(parts(vec![one.clone(), other.clone()]), &trust("1.3")),
            base
        );
        let newer = ProfileParts {
            version: 2,
            ..parts(vec![one, other])
        };
        assert_ne!(digest(newer, &trust("1.2")), base);
    }

    #[test]
    fn narrowing_keeps_less_and_changes_the_digest() {
        let rows = vec![row(&[1], &["tax"])];
        let whole = TrustProfile::build(parts(rows), &trust("1.2"));
        let narrowed = whole.clone().narrowed([gdca()].into()).unwrap();
        assert_eq!(narrowed.rows, whole.rows);
        assert_ne!(narrowed.digest, whole.digest);
        assert_eq!(narrowed.policy_ref().narrowed_to, [gdca()]);
        assert_eq!(
            whole.clone().narrowed(BTreeSet::new()),
            Err(NarrowingError::Nothing)
        );
        let other = CaId::parse("other").unwrap();
        let refused = whole.narrowed([gdca(), other.clone()].into());
        let of_profile = vec![gdca()];
        assert_eq!(
            refused,
            Err(NarrowingError::Outside {
                ca: other,
                of_profile
            })
        );
    }

    #[test]
    fn everything_is_what_the_stores_permit_and_no_more() {
        let trust = trust("1.2");
        let profile = TrustProfile::everything(&trust, &usage("tax"));
        let anchor = trust
            .stores()
            .first()
            .unwrap()
            .anchors
            .first()
            .unwrap()
            .id();
        assert!(profile.accepts(&gdca(), anchor, &usage("tax")));
        assert!(!profile.accepts(&gdca(), anchor, &usage("banking")));
        assert_eq!(profile.policy_ref().digest, profile.digest);
    }
}
