//! What the page shows in samples.

use crate::clock::Timestamp;
use crate::http::pages::page::Page;
use crate::http::pages::recognition::RecognitionPage;
use crate::pki::certificate::parse_all;
use crate::registry::recognition::RecognitionRow;
use crate::registry::recognition::change::Change;
use crate::registry::recognition::file;
use crate::registry::recognition::proposal::Act;
use crate::registry::recognition::proposal::Draft;
use crate::registry::recognition::proposal::Proposal;
use crate::registry::recognition::proposal::ProposalId;
use crate::registry::recognition::proposal::ProposalState;
use crate::registry::recognition::table::digest;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::relying_party::RelyingPartyKind;
use crate::registry::text::Text;
use crate::service::change_recognition::Version;
use crate::store::recognition::RecognitionTable;
use crate::store::recognition::VersionRecord;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::TrustStore;
use crate::validation::trust_store::Usage;
use crate::validation::trust_store::UsageRule;

/// Real roots of the web stand for CAs whose names are of the sample.
const STORES: [(&str, &str, &str, &[u8]); 3] = [
    (
        "city",
        "Example City CA",
        "示例市证书中心",
        include_bytes!("../../../../trust-roots/gdca/gdca-trustauth-r5-root.pem"),
    ),
    (
        "east",
        "East CA",
        "东部认证",
        include_bytes!("../../../../trust-roots/bjca/bjca-global-root-ca1.pem"),
    ),
    (
        "west",
        "West CA",
        "西部认证",
        include_bytes!("../../../../trust-roots/sheca/uca-global-g2-root.pem"),
    ),
];

const USAGES: [&str; 4] = ["banking", "credential-issuing", "registration", "tax"];

/// Who, which CA, what for, until when, and anything else of the row.
const ROWS: [(&str, &str, &str, &str, &str); 10] = [
    ("every = \"bank\"", "city", "credential-issuing", "", ""),
    (
        "every = \"bank\"",
        "east",
        "banking",
        "",
        "limits = { minimum-key-bits = 3072 }",
    ),
    (
        "every = \"department\"",
        "city",
        "credential-issuing",
        "",
        "",
    ),
    ("every = \"department\"", "east", "registration", "", ""),
    ("caller = \"bank-a\"", "west", "banking", "2026-06-20", ""),
    (
        "caller = \"bank-b\"",
        "east",
        "banking",
        "",
        "decision = \"refuse\"",
    ),
    ("caller = \"bank-b\"", "gone", "banking", "", ""),
    ("caller = \"state-tax\"", "west", "tax", "2028-01-01", ""),
    ("caller = \"state-tax\"", "east", "tax", "", ""),
    ("caller = \"public\"", "city", "credential-issuing", "", ""),
];

pub(super) fn sample(page: &Page) -> Option<RecognitionPage> {
    let at = Timestamp::parse("2026-06-01T02:03:04Z").ok()?;
    let trust = trust()?;
    let rows = rows(&trust)?;
    let parties = parties()?;
    let table = RecognitionTable { version: 8, rows };
    let (old, last) = table.rows.split_at(6);
    let removed = old.get(4).cloned().into_iter().collect();
    let versions = [
        version(
            8,
            "night-shift",
            Change {
                removed,
                added: last.to_vec(),
            },
            &table.rows,
        )?,
        version(7, "console", Change::adding(old), old)?,
    ];
    let act = |by: &str| {
        Some(Act {
            by: RelyingPartyId::parse(by).ok()?,
            at,
        })
    };
    let proposal = |number, state, row: Option<&RecognitionRow>| {
        let draft = Draft {
            change: Change::adding(std::slice::from_ref(row?)),
            base_version: 8,
            note: Text::parse("发改函〔2026〕12 号").ok(),
            proposed_by: act("day-shift")?.by,
            proposed_at: at,
            activate_at: None,
        };
        let id = ProposalId(number);
        Some(Proposal { id, draft, state })
    };
    let withdrawn = ProposalState::Withdrawn {
        approved: None,
        withdrawn: act("day-shift")?,
    };
    let proposals = [
        proposal(3, ProposalState::Proposed, last.first())?,
        proposal(2, withdrawn, last.last())?,
    ];
    let sample = RecognitionPage::new(page.clone(), &table, (&parties, &trust), at);
    Some(sample.with_history(&versions, &proposals))
}

fn trust() -> Option<TrustSet> {
    let stores = STORES.iter().map(|(id, name, name_zh, pem)| {
        let anchors = parse_all(pem, 1).ok()?;
        let mut store = TrustStore::of_anchors(CaId::parse(id).ok()?, anchors, usage("seal")?);
        (store.name, store.name_zh) = ((*name).to_owned(), (*name_zh).to_owned());
        let usages = USAGES
            .iter()
            .map(|name| Some((usage(name)?, UsageRule::default())));
        store.usages = usages.collect::<Option<_>>()?;
        Some(store)
    });
    TrustSet::new(stores.collect::<Option<_>>()?).ok()
}

fn usage(name: &str) -> Option<Usage> {
    Usage::parse(name).ok()
}

fn rows(trust: &TrustSet) -> Option<Vec<RecognitionRow>> {
    let texts = ROWS.iter().map(|(caller, ca, usage, until, more)| {
        let store = CaId::parse(ca).ok().and_then(|ca| trust.store(&ca));
        let anchors = store.into_iter().flat_map(|store| &store.anchors);
        let anchors: Vec<String> = anchors.map(|anchor| format!("\"{}\"", anchor.id())).collect();
        let anchors = match more.starts_with("decision") {
            true => String::new(),
            false => format!("anchors = [{}]\n", anchors.join(", ")),
        };
        let until = match until.is_empty() {
            true => String::new(),
            false => format!("valid-until = \"{until}T00:00:00Z\"\n"),
        };
        format!(
            "[[row]]\n{caller}\nca = \"{ca}\"\nusage = \"{usage}\"\n{anchors}{until}{more}\nvalid-from = \"2026-01-01T00:00:00Z\"\n"
        )
    });
    let read = file::parse(&texts.collect::<String>()).ok()?;
    Some(read.rows)
}

fn parties() -> Option<Vec<RelyingParty>> {
    let banks = [
        ("bank-a", "Bank A", "甲银行"),
        ("bank-b", "Bank B", "乙银行"),
    ];
    let mut parties = Vec::new();
    for (id, name, name_zh) in banks {
        let (name, name_zh) = (Text::parse(name).ok()?, Text::parse(name_zh).ok()?);
        let id = RelyingPartyId::parse(id).ok()?;
        let kind = RelyingPartyKind::Bank;
        parties.push(RelyingParty {
            id,
            kind,
            name,
            name_zh,
            department: None,
        });
    }
    parties.push(RelyingParty {
        id: RelyingPartyId::parse("state-tax").ok()?,
        kind: RelyingPartyKind::Department,
        name: Text::parse("State tax bureau").ok()?,
        name_zh: Text::parse("税务局").ok()?,
        department: None,
    });
    parties.push(RelyingParty::public());
    Some(parties)
}

fn version(number: u64, by: &str, change: Change, rows: &[RecognitionRow]) -> Option<Version> {
    let changed_at = Timestamp::parse("2026-05-20T06:00:00Z").ok()?;
    let record = VersionRecord {
        version: number,
        changed_at,
        changed_by: by.to_owned(),
        digest: Some(digest(rows)),
    };
    Some(Version { record, change })
}
