//! Which relying party accepts which certificate authority, for what, and since when.
//!
//! A row lets one relying party, or by default every one of a kind, rely on named anchors of one CA for one usage,
//! perhaps under limits; or it refuses, so that one party is excepted from what holds for its kind. A party's own row
//! for the same CA and usage wins over the default while it is in force, whatever it says. What counts is permitted
//! by `ca.toml` ∩ recognised here ∩ in force; what no row says is not accepted. An anchor that is added to a CA's
//! folder stays inert until a row pins it.

pub mod change;
pub mod file;
pub mod form;
pub mod proposal;
pub mod table;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::fmt;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::registry::purpose::Purpose;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::relying_party::RelyingPartyKind;
use crate::validation::limits::Limits;
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

/// Whom a row speaks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recogniser {
    /// One relying party.
    One(RelyingPartyId),
    /// By default every relying party of a kind.
    Every(RelyingPartyKind),
}

/// What stands before a kind in the written form; no id of a relying party has a colon.
const EVERY: &str = "every:";

impl Recogniser {
    /// Reads the written form: `bank-a`, or `every:bank`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix(EVERY) {
            Some(kind) => RelyingPartyKind::from_id(kind).map(Self::Every),
            None => RelyingPartyId::parse(text).ok().map(Self::One),
        }
    }
}

impl fmt::Display for Recogniser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(id) => id.fmt(formatter),
            Self::Every(kind) => write!(formatter, "{EVERY}{}", kind.id()),
        }
    }
}

impl From<RelyingPartyId> for Recogniser {
    fn from(id: RelyingPartyId) -> Self {
        Self::One(id)
    }
}

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// The CA is recognised.
    Accept {
        /// By which of its anchors, by SHA-256 of the certificate, in order. None listed: none recognised.
        anchors: Vec<Sha256>,
        /// Under which limits.
        limits: Limits,
    },
    /// It is not, whatever holds for the kind.
    Refuse,
}

/// One relying party's recognition of one CA for one usage, or the default of a kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecognitionRow {
    /// Who recognises.
    pub caller: Recogniser,
    /// Which CA.
    pub ca: CaId,
    /// For what.
    pub usage: Usage,
    /// In force from this time on.
    pub valid_from: Timestamp,
    /// Not in force from this time on; absent: until further notice.
    pub valid_until: Option<Timestamp>,
    /// What it says.
    pub decision: Decision,
}

impl RecognitionRow {
    /// A row that accepts these anchors without limits, until further notice.
    #[must_use]
    pub fn accept(
        caller: impl Into<Recogniser>,
        (ca, usage): (CaId, Usage),
        anchors: Vec<Sha256>,
        valid_from: Timestamp,
    ) -> Self {
        let row = Self {
            caller: caller.into(),
            ca,
            usage,
            valid_from,
            valid_until: None,
            decision: Decision::Accept {
                anchors,
                limits: Limits::default(),
            },
        };
        row.normalised()
    }

    /// The same row as it is written: times in whole seconds, lists in order, so that what is written and read again is
    /// equal.
    #[must_use]
    pub fn normalised(mut self) -> Self {
        self.valid_from = whole_seconds(self.valid_from);
        self.valid_until = self.valid_until.map(whole_seconds);
        if let Decision::Accept { anchors, limits } = &mut self.decision {
            anchors.sort_unstable();
            anchors.dedup();
            *limits = std::mem::take(limits).normalised();
        }
        self
    }

    /// The anchors that it recognises; none where it refuses.
    #[must_use]
    pub fn anchors(&self) -> &[Sha256] {
        match &self.decision {
            Decision::Accept { anchors, .. } => anchors,
            Decision::Refuse => &[],
        }
    }

    /// Its limits; none where it refuses.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        static NONE: Limits = Limits::NONE;
        match &self.decision {
            Decision::Accept { limits, .. } => limits,
            Decision::Refuse => &NONE,
        }
    }

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

    /// Why it does not say yes to an anchor that it is about; none if it does, or is about others.
    fn says_no(&self, ca: &impl KnownCa, anchor: &Sha256, at: Timestamp) -> Option<Lapse> {
        match &self.decision {
            Decision::Accept { anchors, .. } if anchors.contains(anchor) => self.lapse(ca, at),
            Decision::Accept { .. } => None,
            Decision::Refuse => self.in_force(at).then_some(Lapse::Refused),
        }
    }

    /// Those of its anchors that the CA has; none where `ca.toml` does not permit the usage.
    fn anchors_of<'a>(&'a self, ca: &'a impl KnownCa) -> impl Iterator<Item = &'a Sha256> {
        let is_permitted = ca.permits(&self.usage);
        self.anchors()
            .iter()
            .filter(move |anchor| is_permitted && ca.has_anchor(anchor))
    }
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_unix_seconds(at.as_unix_seconds()).unwrap_or(at)
}

/// The rows that speak for `caller` at `at`, in force or not: its own, and those of its kind for each CA and usage of
/// which none of its own is in force.
#[must_use]
pub fn speaking_for<'r>(
    caller: &RelyingParty,
    rows: impl IntoIterator<Item = &'r RecognitionRow>,
    at: Timestamp,
) -> Vec<&'r RecognitionRow> {
    let (mut speaking, mut defaults) = (Vec::new(), Vec::new());
    for row in rows {
        match &row.caller {
            Recogniser::One(id) if *id == caller.id => speaking.push(row),
            Recogniser::Every(kind) if *kind == caller.kind => defaults.push(row),
            Recogniser::One(_) | Recogniser::Every(_) => {}
        }
    }
    if !defaults.is_empty() {
        let own = speaking.iter().filter(|row| row.in_force(at));
        let settled: BTreeSet<_> = own.map(|row| (&row.ca, &row.usage)).collect();
        defaults.retain(|row| !settled.contains(&(&row.ca, &row.usage)));
        speaking.append(&mut defaults);
    }
    speaking
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
        anchors: row.anchors(),
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
        .filter(|row| row.ca == *ca.id() && row.usage == *usage);
    SaidNo::of(
        standing,
        about.filter_map(|row| row.says_no(ca, &anchor, at)),
    )
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
    let mut recognised = BTreeMap::<(CaId, Sha256, Limits), BTreeSet<Usage>>::new();
    let mut lapsed = Vec::new();
    for row in speaking_for(caller, rows, at) {
        let Some(store) = trust.store(&row.ca) else {
            continue;
        };
        let lapse = match row.decision {
            Decision::Accept { .. } => row.lapse(store, at),
            Decision::Refuse if row.in_force(at) => Some(Lapse::Refused),
            // A refusal that is not in force says nothing.
            Decision::Refuse => continue,
        };
        match lapse {
            None => {
                for anchor in row.anchors_of(store) {
                    let of_anchor = (row.ca.clone(), *anchor, row.limits().clone().normalised());
                    let usages = recognised.entry(of_anchor).or_default();
                    usages.insert(row.usage.clone());
                }
            }
            Some(lapse) => lapsed.push(LapsedRow {
                ca: row.ca.clone(),
                usage: row.usage.clone(),
                anchors: row.anchors().to_vec(),
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

/// The rows of a table by whose they are and what CA they are about, to answer for many relying parties without a
/// profile for each.
#[derive(Debug)]
pub struct RowsByParty<'a>(HashMap<&'a Recogniser, OwnRows<'a>>);

/// The rows of one recogniser.
#[derive(Debug, Default)]
struct OwnRows<'a> {
    about: HashMap<&'a CaId, Vec<&'a RecognitionRow>>,
    /// CAs that are recognised under limits at some time; few or none.
    limited: BTreeSet<&'a CaId>,
}

impl<'a> RowsByParty<'a> {
    /// Sorts the rows.
    #[must_use]
    pub fn new(rows: &'a [RecognitionRow]) -> Self {
        let mut of_party = HashMap::<&Recogniser, OwnRows<'_>>::new();
        for row in rows {
            let own = of_party.entry(&row.caller).or_default();
            own.about.entry(&row.ca).or_default().push(row);
            if !row.limits().is_empty() {
                own.limited.insert(&row.ca);
            }
        }
        Self(of_party)
    }

    /// What one relying party accepts at `at`.
    #[must_use]
    pub fn of<'s>(
        &'s self,
        party: &'s RelyingParty,
        trust: &'s TrustSet,
        at: Timestamp,
    ) -> PartyRows<'s> {
        let recognisers = [
            Recogniser::One(party.id.clone()),
            Recogniser::Every(party.kind),
        ];
        PartyRows {
            party,
            own: recognisers.map(|recogniser| self.0.get(&recogniser)),
            trust,
            at,
        }
    }
}

/// A CA, a usage, anchors, and the limits under which they are recognised.
pub type Limited = (CaId, Usage, Vec<Sha256>, Limits);

/// What one relying party accepts at a time, straight from its rows: what [`resolve`] gives says the same.
#[derive(Debug, Clone)]
pub struct PartyRows<'a> {
    party: &'a RelyingParty,
    /// Its own rows, and those of its kind.
    own: [Option<&'a OwnRows<'a>>; 2],
    trust: &'a TrustSet,
    at: Timestamp,
}

impl<'a> PartyRows<'a> {
    /// All its rows and those of its kind, whether they speak for it now or not.
    pub fn rows(&self) -> impl Iterator<Item = &'a RecognitionRow> {
        let own = self.own.into_iter().flatten();
        own.flat_map(|own| own.about.values().flatten().copied())
    }

    /// The rows about one CA that speak for it, in force or not.
    fn about(&self, ca: &CaId) -> Vec<&'a RecognitionRow> {
        let own = self.own.into_iter().flatten();
        let rows = own.flat_map(|own| own.about.get(ca).into_iter().flatten().copied());
        speaking_for(self.party, rows, self.at)
    }

    /// The rows in force that recognise something under limits: who has the same ones is judged the same.
    #[must_use]
    pub fn limited(&self) -> BTreeSet<Limited> {
        let own = self.own.into_iter().flatten();
        let cas: BTreeSet<&CaId> = own.flat_map(|own| own.limited.iter().copied()).collect();
        let rows = cas.into_iter().flat_map(|ca| self.about(ca));
        let rows = rows.filter(|row| row.in_force(self.at) && !row.limits().is_empty());
        let limited = rows.map(|row| {
            let (ca, usage) = (row.ca.clone(), row.usage.clone());
            (ca, usage, row.anchors().to_vec(), row.limits().clone())
        });
        limited.collect()
    }

    /// How an anchor stands with it for a usage.
    #[must_use]
    pub fn standing(&self, anchor: Sha256, usage: &Usage) -> Standing {
        let Some(store) = self.trust.owner(&anchor) else {
            return Standing::NotRecognised;
        };
        standing_by(self.about(&store.id), store, (anchor, usage), self.at)
    }

    /// Which row says no to an anchor for a usage.
    #[must_use]
    pub fn said_no(&self, (anchor, usage): (Sha256, &Usage)) -> SaidNo {
        let Some(store) = self.trust.owner(&anchor) else {
            return SaidNo::NoRow;
        };
        let (rows, asked) = (self.about(&store.id), (anchor, usage));
        let standing = standing_by(rows.iter().copied(), store, asked, self.at);
        said_no_by(rows, store, asked, (standing, self.at))
    }
}

/// One row for the anchors of a CA that are recognised for exactly the same usages under the same limits. Anchors with
/// different usages must not share a row: each would be accepted for what only the other is.
fn group(recognised: BTreeMap<(CaId, Sha256, Limits), BTreeSet<Usage>>) -> Vec<ProfileRow> {
    let mut groups = BTreeMap::<(CaId, BTreeSet<Usage>, Limits), Vec<Sha256>>::new();
    for ((ca, anchor, limits), usages) in recognised {
        groups.entry((ca, usages, limits)).or_default().push(anchor);
    }
    groups
        .into_iter()
        .map(|((ca, usages, limits), anchors)| ProfileRow {
            ca,
            anchors,
            usages,
            limits,
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
    const RECOGNISERS: [&str; 4] = ["bank-a", "bank-b", "every:bank", "every:department"];
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
            caller in 0..RECOGNISERS.len(), ca in 0usize..4, usage_index in 0..USAGES.len(),
            refuse in prop::bool::weighted(0.2), minimum in prop::option::weighted(0.3, Just(3072)),
            pinned in prop::collection::vec(0usize..7, 0..4), from in 0i64..10, length in prop::option::of(0i64..10),
        ) -> RecognitionRow {
            let ca = STORES.get(ca).map_or("unheard-of", |store| store.0);
            let known = anchors();
            RecognitionRow {
                caller: Recogniser::parse(RECOGNISERS[caller]).unwrap(),
                ca: CaId::parse(ca).unwrap(),
                usage: usage(USAGES[usage_index]),
                valid_from: at(from),
                valid_until: length.map(|length| at(from + length)),
                decision: if refuse {
                    Decision::Refuse
                } else {
                    Decision::Accept {
                        anchors: pinned.iter().map(|index| known[*index]).collect(),
                        limits: Limits { minimum_key_bits: minimum, ..Limits::default() },
                    }
                },
            }
        }
    }

    /// The definition, word for word: what the caller's own rows say of the CA and the usage, and only where there
    /// are none, what those of its kind say; and nothing forbids it. The limits under which it is accepted.
    fn naively_accepted(
        (caller, ca, anchor, usage, time): (&str, &CaId, &Sha256, &Usage, i64),
        rows: &[RecognitionRow],
    ) -> BTreeSet<Limits> {
        let in_force_of = |whom: &str| -> Vec<&RecognitionRow> {
            rows.iter()
                .filter(|row| {
                    row.caller.to_string() == whom
                        && row.ca == *ca
                        && row.usage == *usage
                        && at(time) >= row.valid_from
                        && !matches!(row.valid_until, Some(until) if at(time) >= until)
                })
                .collect()
        };
        let own = in_force_of(caller);
        let counting = if own.is_empty() {
            in_force_of("every:bank")
        } else {
            own
        };
        let permitted = STORES
            .iter()
            .zip(OWNED.iter())
            .any(|((id, _, usages, from), owned)| {
                *id == ca.as_str()
                    && owned.contains(anchor)
                    && usages.contains(&usage.as_str())
                    && time >= *from
            });
        counting
            .into_iter()
            .filter_map(|row| match &row.decision {
                Decision::Accept { anchors, limits } if anchors.contains(anchor) => {
                    Some(limits.clone())
                }
                Decision::Accept { .. } | Decision::Refuse => None,
            })
            .filter(|_| permitted)
            .collect()
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
                    prop_assert_eq!(profile.accepts(&ca, anchor, &usage), !expected.is_empty(), "{} {} {}", who, ca, usage);
                    let limits: BTreeSet<Limits> = profile.limits_of(&ca, anchor, &usage).cloned().collect();
                    prop_assert_eq!(limits, expected, "{} {} {}", who, ca, usage);
                }
            }
        }

        // What a default excepts is not narrowed by taking the exception away: defaults are left out here.
        #[test]
        fn narrowing_never_adds(
            rows in prop::collection::vec(row(), 0..12), keep in prop::collection::vec(any::<bool>(), 12),
            shorten in 0i64..10, time in 0i64..20,
        ) {
            let rows: Vec<RecognitionRow> =
                rows.into_iter().filter(|row| matches!(row.caller, Recogniser::One(_))).collect();
            let narrower: Vec<RecognitionRow> = rows.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(row, _)| {
                let until = at(row.valid_from.as_unix_seconds() + shorten);
                let valid_until = Some(row.valid_until.map_or(until, |old| old.min(until)));
                let anchors = row.anchors().iter().skip(1).copied().collect();
                let limits = Limits::default();
                RecognitionRow { valid_until, decision: Decision::Accept { anchors, limits }, ..row.clone() }
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
        fn a_refusal_never_adds_and_settles_its_ca_and_usage(
            rows in prop::collection::vec(row(), 0..12), refused in row(), time in 0i64..20,
        ) {
            let refusal = RecognitionRow {
                caller: Recogniser::parse("bank-a").unwrap(), decision: Decision::Refuse, ..refused
            };
            let others = rows.iter().filter(|row| (&row.caller, &row.ca, &row.usage)
                != (&refusal.caller, &refusal.ca, &refusal.usage));
            let with: Vec<RecognitionRow> = others.cloned().chain([refusal.clone()]).collect();
            let (before, after) = (profile("bank-a", &rows, time), profile("bank-a", &with, time));
            for (ca, anchor, usage) in questions() {
                let settled = refusal.in_force(at(time)) && ca == refusal.ca && usage == refusal.usage;
                if settled {
                    prop_assert!(!after.accepts(&ca, anchor, &usage));
                    let Some(store) = TRUST.owner(&anchor).filter(|store| store.id == ca) else {
                        continue;
                    };
                    let standing = after.standing((store, anchor), &usage);
                    let expected = match standing {
                        Standing::NotPermitted => SaidNo::CaToml,
                        _ => SaidNo::Refused,
                    };
                    prop_assert_eq!(after.said_no(&ca, (anchor, &usage), standing), expected);
                } else if (&ca, &usage) != (&refusal.ca, &refusal.usage) {
                    prop_assert_eq!(after.accepts(&ca, anchor, &usage), before.accepts(&ca, anchor, &usage));
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
                let party = caller(who);
                let own = table.of(&party, &TRUST, at(time));
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
        let row = |name: &str, anchor| {
            let bank = RelyingPartyId::parse("bank-a").unwrap();
            let ca = CaId::parse("bjca").unwrap();
            RecognitionRow::accept(bank, (ca, usage(name)), vec![anchor], at(0))
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
