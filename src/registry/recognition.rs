//! Which relying party accepts which certificate authority, for what, and since when.
//!
//! A row lets one relying party rely on named anchors of one CA for one usage. What counts is permitted
//! by `ca.toml` ∩ recognised here ∩ in force; what no row says is not accepted. An anchor that is added
//! to a CA's folder stays inert until a row pins it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::registry::purpose::Purpose;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyId;
use crate::validation::profile::LapsedRow;
use crate::validation::profile::OnStale;
use crate::validation::profile::ProfileParts;
use crate::validation::profile::ProfileRow;
use crate::validation::profile::TrustProfile;
use crate::validation::standing::Grant;
use crate::validation::standing::KnownCa;
use crate::validation::standing::Lapse;
use crate::validation::standing::SaidNo;
use crate::validation::standing::Standing;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::Usage;

/// One relying party's recognition of one CA for one usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecognitionRow {
    /// Who recognises.
    pub caller: RelyingPartyId,
    /// Which CA.
    pub ca: CaId,
    /// For what.
    pub usage: Usage,
    /// Which of its anchors, by SHA-256 of the certificate. None listed: none recognised.
    pub anchors: Vec<Sha256>,
    /// In force from this time on.
    pub valid_from: Timestamp,
    /// Not in force from this time on; absent: until further notice.
    pub valid_until: Option<Timestamp>,
}

impl RecognitionRow {
    /// Whether the row is in force at `at`.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> bool {
        self.valid_from <= at && self.valid_until.is_none_or(|until| at < until)
    }

    /// Why it does not count at `at`; none if it does. A CA that is not believed yet is not recognised yet.
    fn lapse(&self, ca: &impl KnownCa, at: Timestamp) -> Option<Lapse> {
        let begins = ca
            .valid_from()
            .map_or(self.valid_from, |from| from.max(self.valid_from));
        match self.valid_until {
            Some(until) if until <= at => Some(Lapse::Ended(until)),
            _ if at < begins => Some(Lapse::NotBegun(begins)),
            _ => None,
        }
    }

    /// Those of its anchors that the CA has; none where `ca.toml` does not permit the usage.
    fn anchors_of<'a>(&'a self, ca: &'a impl KnownCa) -> impl Iterator<Item = &'a Sha256> {
        let is_permitted = ca.permits(&self.usage);
        self.anchors
            .iter()
            .filter(move |anchor| is_permitted && ca.has_anchor(anchor))
    }
}

/// How an anchor of `ca` stands for a usage at `at` by the rows of one relying party.
#[must_use]
pub fn standing_by<'a>(
    rows: impl IntoIterator<Item = &'a RecognitionRow>,
    ca: &impl KnownCa,
    (anchor, usage): (Sha256, &Usage),
    at: Timestamp,
) -> Standing {
    let in_force = rows.into_iter().filter(|row| {
        row.ca == *ca.id() && row.lapse(ca, at).is_none() && row.anchors_of(ca).next().is_some()
    });
    let grants = in_force.map(|row| Grant {
        anchors: &row.anchors,
        for_usage: row.usage == *usage,
    });
    Standing::of((ca, anchor), usage, grants)
}

/// Which of the rows of one relying party says no to an anchor of this `standing`.
#[must_use]
pub fn said_no_by<'a>(
    rows: impl IntoIterator<Item = &'a RecognitionRow>,
    ca: &impl KnownCa,
    (anchor, usage): (Sha256, &Usage),
    (standing, at): (Standing, Timestamp),
) -> SaidNo {
    let about = rows
        .into_iter()
        .filter(|row| row.ca == *ca.id() && row.usage == *usage && row.anchors.contains(&anchor));
    SaidNo::of(standing, about.filter_map(|row| row.lapse(ca, at)))
}

/// What `caller` accepts for `purpose` at `at`. `version` is that of the recognition table which `rows`
/// come from.
///
/// All usages that the caller recognises stay in the profile, not only those of the purpose, so that a
/// verdict can tell a CA that is not recognised from one that is recognised for something else.
#[must_use]
pub fn resolve<'a>(
    caller: &RelyingParty,
    purpose: &Purpose,
    rows: impl IntoIterator<Item = &'a RecognitionRow>,
    trust: &TrustSet,
    version: u64,
    at: Timestamp,
) -> TrustProfile {
    let own = rows.into_iter().filter(|row| row.caller == caller.id);
    let mut recognised = BTreeMap::<(CaId, Sha256), BTreeSet<Usage>>::new();
    let mut lapsed = Vec::new();
    for row in own {
        let Some(store) = trust.store(&row.ca) else {
            continue;
        };
        match row.lapse(store, at) {
            None => {
                for anchor in row.anchors_of(store) {
                    let usages = recognised.entry((row.ca.clone(), *anchor)).or_default();
                    usages.insert(row.usage.clone());
                }
            }
            Some(lapse) => lapsed.push(LapsedRow {
                ca: row.ca.clone(),
                usage: row.usage.clone(),
                anchors: row.anchors.clone(),
                lapse,
            }),
        }
    }
    let parts = ProfileParts {
        name: format!("{}/{}", caller.id, purpose.id),
        caller: caller.id.to_string(),
        purpose: purpose.id.to_owned(),
        version,
        rows: group(recognised),
        signer_usage: purpose.signer_usage(),
        issuer_usage: purpose.issuer_usage(),
        on_stale: OnStale::default(),
    };
    TrustProfile::build(parts, trust).with_lapsed(lapsed)
}

/// The rows of a table by whose they are, to answer for many relying parties without a profile for each.
#[derive(Debug)]
pub struct RowsByParty<'a>(HashMap<&'a RelyingPartyId, Vec<&'a RecognitionRow>>);

impl<'a> RowsByParty<'a> {
    /// Sorts the rows.
    #[must_use]
    pub fn new(rows: &'a [RecognitionRow]) -> Self {
        let mut of_party = HashMap::<&RelyingPartyId, Vec<&RecognitionRow>>::new();
        for row in rows {
            of_party.entry(&row.caller).or_default().push(row);
        }
        Self(of_party)
    }

    /// What one relying party accepts at `at`.
    #[must_use]
    pub fn of<'s>(
        &'s self,
        party: &RelyingPartyId,
        trust: &'s TrustSet,
        at: Timestamp,
    ) -> PartyRows<'s> {
        let rows = self.0.get(party).map(Vec::as_slice).unwrap_or_default();
        PartyRows { rows, trust, at }
    }
}

/// What one relying party accepts at a time, straight from its rows: what [`resolve`] gives says the same.
#[derive(Debug, Clone, Copy)]
pub struct PartyRows<'a> {
    rows: &'a [&'a RecognitionRow],
    trust: &'a TrustSet,
    at: Timestamp,
}

impl<'a> PartyRows<'a> {
    /// Its rows, in force or not.
    pub fn rows(&self) -> impl Iterator<Item = &'a RecognitionRow> + use<'a> {
        self.rows.iter().copied()
    }

    /// How an anchor stands with it for a usage.
    #[must_use]
    pub fn standing(&self, anchor: Sha256, usage: &Usage) -> Standing {
        let Some(store) = self.trust.owner(&anchor) else {
            return Standing::NotRecognised;
        };
        standing_by(self.rows(), store, (anchor, usage), self.at)
    }

    /// Which row says no to an anchor for a usage.
    #[must_use]
    pub fn said_no(&self, (anchor, usage): (Sha256, &Usage)) -> SaidNo {
        let standing = self.standing(anchor, usage);
        let Some(store) = self.trust.owner(&anchor) else {
            return SaidNo::NoRow;
        };
        said_no_by(self.rows(), store, (anchor, usage), (standing, self.at))
    }
}

/// One row for the anchors of a CA that are recognised for exactly the same usages. Anchors with
/// different usages must not share a row: each would be accepted for what only the other is.
fn group(recognised: BTreeMap<(CaId, Sha256), BTreeSet<Usage>>) -> Vec<ProfileRow> {
    let mut groups = BTreeMap::<(CaId, BTreeSet<Usage>), Vec<Sha256>>::new();
    for ((ca, anchor), usages) in recognised {
        groups.entry((ca, usages)).or_default().push(anchor);
    }
    groups
        .into_iter()
        .map(|((ca, usages), anchors)| ProfileRow {
            ca,
            anchors,
            usages,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::pki::certificate::parse_all;
    use crate::registry::purpose::PURPOSES;
    use crate::registry::relying_party::RelyingPartyKind;
    use crate::registry::text::Text;
    use crate::validation::trust_store::TrustStore;
    use crate::validation::trust_store::UsageRule;

    const CALLERS: [&str; 2] = ["bank-a", "bank-b"];
    const USAGES: [&str; 3] = ["banking", "registration", "tax"];
    type Pems = [&'static [u8]; 2];

    /// Real roots serve as anchors here; what they vouch for is invented.
    const STORES: [(&str, Pems, &[&str], i64); 3] = [
        (
            "bjca",
            [
                include_bytes!("../../trust-roots/bjca/bjca-global-root-ca1.pem"),
                include_bytes!("../../trust-roots/bjca/bjca-global-root-ca2.pem"),
            ],
            &["banking", "tax"],
            0,
        ),
        (
            "itruschina",
            [
                include_bytes!("../../trust-roots/itruschina/vtrus-root-ca.pem"),
                include_bytes!("../../trust-roots/itruschina/vtrus-ecc-root-ca.pem"),
            ],
            &["banking", "registration"],
            5,
        ),
        (
            "sheca",
            [
                include_bytes!("../../trust-roots/sheca/uca-global-g2-root.pem"),
                include_bytes!("../../trust-roots/sheca/uca-extended-validation-root.pem"),
            ],
            &[],
            0,
        ),
    ];

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    fn usage(name: &str) -> Usage {
        Usage::parse(name).unwrap()
    }

    static TRUST: LazyLock<TrustSet> = LazyLock::new(|| {
        let stores = STORES.map(|(id, pems, usages, from)| {
            let anchors = pems.iter().flat_map(|pem| parse_all(pem, 1).unwrap());
            let id = CaId::parse(id).unwrap();
            let mut store = TrustStore::of_anchors(id, anchors.collect(), usage("x"));
            store.usages = usages
                .iter()
                .map(|name| (usage(name), UsageRule::default()))
                .collect();
            store.valid_from = Some(at(from));
            store
        });
        TrustSet::new(stores.to_vec()).unwrap()
    });

    /// The digests of each store's files, found without the code under test.
    static OWNED: LazyLock<Vec<Vec<Sha256>>> = LazyLock::new(|| {
        let digest = |pem: &&[u8]| parse_all(pem, 1).unwrap()[0].sha256();
        STORES
            .iter()
            .map(|store| store.1.iter().map(digest).collect())
            .collect()
    });

    /// Every anchor of the test's stores, and one that none of them has.
    fn anchors() -> Vec<Sha256> {
        OWNED
            .iter()
            .flatten()
            .copied()
            .chain([Sha256([0xEE; 32])])
            .collect()
    }

    fn caller(id: &str) -> RelyingParty {
        let name = || Text::parse("Bank").unwrap();
        RelyingParty::new(
            RelyingPartyId::parse(id).unwrap(),
            RelyingPartyKind::Bank,
            name(),
            name(),
            None,
        )
        .unwrap()
    }

    prop_compose! {
        fn row()(
            caller in 0..CALLERS.len(), ca in 0usize..4, usage_index in 0..USAGES.len(),
            pinned in prop::collection::vec(0usize..7, 0..4), from in 0i64..10, length in prop::option::of(0i64..10),
        ) -> RecognitionRow {
            let ca = STORES.get(ca).map_or("unheard-of", |store| store.0);
            let known = anchors();
            RecognitionRow {
                caller: RelyingPartyId::parse(CALLERS[caller]).unwrap(),
                ca: CaId::parse(ca).unwrap(),
                usage: usage(USAGES[usage_index]),
                anchors: pinned.iter().map(|index| known[*index]).collect(),
                valid_from: at(from),
                valid_until: length.map(|length| at(from + length)),
            }
        }
    }

    /// The definition, word for word: somebody wrote a row that says so, and nothing forbids it.
    fn naively_accepted(
        (caller, ca, anchor, usage, time): (&str, &CaId, &Sha256, &Usage, i64),
        rows: &[RecognitionRow],
    ) -> bool {
        let written = rows.iter().any(|row| {
            row.caller.as_str() == caller
                && row.ca == *ca
                && row.usage == *usage
                && row.anchors.contains(anchor)
                && at(time) >= row.valid_from
                && !matches!(row.valid_until, Some(until) if at(time) >= until)
        });
        let permitted = STORES
            .iter()
            .zip(OWNED.iter())
            .any(|((id, _, usages, from), owned)| {
                *id == ca.as_str()
                    && owned.contains(anchor)
                    && usages.contains(&usage.as_str())
                    && time >= *from
            });
        written && permitted
    }

    fn profile(who: &str, rows: &[RecognitionRow], time: i64) -> TrustProfile {
        resolve(
            &caller(who),
            Purpose::default_purpose(),
            rows,
            &TRUST,
            7,
            at(time),
        )
    }

    /// Every question that can be asked of a profile.
    fn questions() -> Vec<(CaId, Sha256, Usage)> {
        let cas: Vec<CaId> = STORES
            .iter()
            .map(|store| store.0)
            .chain(["unheard-of"])
            .map(|id| CaId::parse(id).unwrap())
            .collect();
        let mut questions = Vec::new();
        for ca in &cas {
            for anchor in anchors() {
                for name in USAGES {
                    questions.push((ca.clone(), anchor, usage(name)));
                }
            }
        }
        questions
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn a_profile_accepts_what_the_definition_says(rows in prop::collection::vec(row(), 0..12), time in 0i64..20) {
            for who in CALLERS {
                let profile = profile(who, &rows, time);
                for (ca, anchor, usage) in questions() {
                    let expected = naively_accepted((who, &ca, &anchor, &usage, time), &rows);
                    prop_assert_eq!(profile.accepts(&ca, anchor, &usage), expected, "{} {} {}", who, ca, usage);
                }
            }
        }

        #[test]
        fn narrowing_never_adds(
            rows in prop::collection::vec(row(), 0..12), keep in prop::collection::vec(any::<bool>(), 12),
            shorten in 0i64..10, time in 0i64..20,
        ) {
            let narrower: Vec<RecognitionRow> = rows.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(row, _)| {
                let until = at(row.valid_from.as_unix_seconds() + shorten);
                let valid_until = Some(row.valid_until.map_or(until, |old| old.min(until)));
                let anchors = row.anchors.iter().skip(1).copied().collect();
                RecognitionRow { valid_until, anchors, ..row.clone() }
            }).collect();
            let (wide, narrow) =
                (profile("bank-a", &rows, time), profile("bank-a", &narrower, time));
            for (ca, anchor, usage) in questions() {
                if narrow.accepts(&ca, anchor, &usage) {
                    prop_assert!(wide.accepts(&ca, anchor, &usage));
                }
            }
        }

        #[test]
        fn the_order_of_rows_does_not_matter(rows in prop::collection::vec(row(), 0..12), time in 0i64..20) {
            let reversed: Vec<_> = rows.iter().rev().cloned().collect();
            prop_assert_eq!(profile("bank-a", &rows, time), profile("bank-a", &reversed, time));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn rows_and_the_profile_that_they_make_say_the_same(
            rows in prop::collection::vec(row(), 0..12), time in 0i64..20,
        ) {
            let table = RowsByParty::new(&rows);
            for who in CALLERS {
                let profile = profile(who, &rows, time);
                let id = RelyingPartyId::parse(who).unwrap();
                let own = table.of(&id, &TRUST, at(time));
                for (ca, anchor, usage) in questions() {
                    let Some(store) = TRUST.owner(&anchor).filter(|store| store.id == ca) else {
                        continue;
                    };
                    let standing = profile.standing((store, anchor), &usage);
                    prop_assert_eq!(own.standing(anchor, &usage), standing);
                    if standing != Standing::Accepted {
                        let said_no = profile.said_no(&ca, (anchor, &usage), standing);
                        prop_assert_eq!(own.said_no((anchor, &usage)), said_no);
                    }
                    let accepts = profile.accepts(&ca, anchor, &usage);
                    prop_assert_eq!(standing == Standing::Accepted, accepts);
                }
            }
        }

        #[test]
        fn a_narrowed_profile_accepts_nothing_more(
            rows in prop::collection::vec(row(), 0..12), time in 0i64..20, kept in 0usize..4,
        ) {
            let whole = profile("bank-a", &rows, time);
            let ca = STORES.get(kept).map_or("unheard-of", |store| store.0);
            let ca = CaId::parse(ca).unwrap();
            let is_inside = whole.rows_of(&ca).next().is_some();
            match whole.clone().narrowed([ca.clone()].into()) {
                Err(_) => prop_assert!(!is_inside),
                Ok(narrow) => for (asked, anchor, usage) in questions() {
                    let expected = asked == ca && whole.accepts(&asked, anchor, &usage);
                    prop_assert_eq!(narrow.accepts(&asked, anchor, &usage), expected);
                },
            }
        }
    }

    #[test]
    fn no_rows_accept_nothing() {
        let profile = profile("bank-a", &[], 10);
        assert!(profile.rows.is_empty());
        assert_eq!(
            (profile.name.as_str(), profile.version),
            ("bank-a/company-status", 7)
        );
    }

    #[test]
    fn anchors_with_different_usages_do_not_lend_each_other_theirs() {
        let known = anchors();
        let row = |name: &str, anchor| RecognitionRow {
            caller: RelyingPartyId::parse("bank-a").unwrap(),
            ca: CaId::parse("bjca").unwrap(),
            usage: usage(name),
            anchors: vec![anchor],
            valid_from: at(0),
            valid_until: None,
        };
        let rows = [row("banking", known[0]), row("tax", known[1])];
        let profile = profile("bank-a", &rows, 1);
        assert_eq!(profile.rows.len(), 2);
        let bjca = CaId::parse("bjca").unwrap();
        assert!(profile.accepts(&bjca, known[0], &usage("banking")));
        assert!(!profile.accepts(&bjca, known[1], &usage("banking")));
    }

    #[test]
    fn the_usages_of_the_purpose_are_those_of_the_profile() {
        for purpose in &PURPOSES {
            let profile = resolve(&caller("bank-a"), purpose, &[], &TRUST, 1, at(1));
            assert_eq!(profile.signer_usage, purpose.signer_usage());
            assert_eq!(profile.issuer_usage, purpose.issuer_usage());
        }
    }
}
