//! The demonstration's callers: two departments and two banks, each recognising other CAs, and an operator.

use crate::cli::demo::cas::BING;
use crate::cli::demo::cas::JIA;
use crate::cli::demo::cas::YI;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::found::CITY_CA;
use crate::cli::init::recognises_city;
use crate::cli::init::recognition_row;
use crate::clock::Timestamp;
use crate::registry::department::DepartmentId;
use crate::registry::purpose::PURPOSES;
use crate::registry::recognition::RecognitionRow;
use crate::registry::relying_party::MAX_PARTY_NAME_CHARACTERS;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::relying_party::RelyingPartyKind;
use crate::registry::text::Text;
use crate::secret::Secret;
use crate::service::app::App;
use crate::service::manage::scopes_of;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::Usage;

/// The department that issues the business registration.
pub(super) const ISSUING_DEPARTMENT: &str = "market-regulation";

/// A caller of the demonstration.
struct DemoCaller {
    id: &'static str,
    variable: &'static str,
    name: &'static str,
    name_zh: &'static str,
    kind: RelyingPartyKind,
    department: Option<DepartmentId>,
    /// CA and usage.
    recognises: &'static [(&'static str, &'static str)],
}

/// The matrix: who recognises which CA for what. Nobody recognises everything.
const CALLERS: [DemoCaller; 5] = [
    DemoCaller {
        id: ISSUING_DEPARTMENT,
        variable: "MARKET_REGULATION",
        name: "Market regulation (sample)",
        name_zh: "工商部门（示例）",
        kind: RelyingPartyKind::Department,
        department: Some(DepartmentId::MARKET_REGULATION),
        recognises: &[
            (CITY_CA, "credential-issuing"),
            (CITY_CA, "timestamp"),
            (JIA, "credential-issuing"),
            (JIA, "registration"),
            (YI, "registration"),
        ],
    },
    DemoCaller {
        id: "state-tax",
        variable: "STATE_TAX",
        name: "State tax (sample)",
        name_zh: "国税部门（示例）",
        kind: RelyingPartyKind::Department,
        department: Some(DepartmentId::STATE_TAX),
        recognises: &[(CITY_CA, "credential-issuing"), (JIA, "tax"), (BING, "tax")],
    },
    DemoCaller {
        id: "bank-jia",
        variable: "BANK_JIA",
        name: "Bank Jia (sample)",
        name_zh: "甲银行（示例）",
        kind: RelyingPartyKind::Bank,
        department: None,
        recognises: &[
            (CITY_CA, "credential-issuing"),
            (CITY_CA, "timestamp"),
            (JIA, "credential-issuing"),
            (YI, "banking"),
        ],
    },
    DemoCaller {
        id: "bank-yi",
        variable: "BANK_YI",
        name: "Bank Yi (sample)",
        name_zh: "乙银行（示例）",
        kind: RelyingPartyKind::Bank,
        department: None,
        recognises: &[(CITY_CA, "credential-issuing"), (BING, "banking")],
    },
    DemoCaller {
        id: "operator",
        variable: "OPERATOR",
        name: "Operator (sample)",
        name_zh: "运营方（示例）",
        kind: RelyingPartyKind::Operator,
        department: None,
        recognises: &[],
    },
];

/// An API key with how to call it in a shell.
pub(super) struct PrintedKey {
    pub(super) variable: &'static str,
    pub(super) who: String,
    pub(super) key: Secret<String>,
}

/// Adds the callers, what they and the public recognise, and a key each.
pub(super) async fn add(app: &App, since: Timestamp) -> Result<Vec<PrintedKey>, CliError> {
    let mut keys = Vec::new();
    let mut rows = vec![recognises_city(app, RelyingParty::public().id, since)?];
    rows.extend(recognised_for_sign_in(app, since)?);
    for caller in CALLERS {
        let kind = caller.kind;
        let id = RelyingPartyId::parse(caller.id).or_exit(Exit::Internal)?;
        let party = RelyingParty::new(
            id.clone(),
            kind,
            text(caller.name)?,
            text(caller.name_zh)?,
            caller.department.clone(),
        )
        .or_exit(Exit::Internal)?;
        app.add_caller(&party).await.or_exit(Exit::Internal)?;
        for recognised in caller.recognises {
            rows.push(row(app, id.clone(), *recognised, since)?);
        }
        let key = app
            .add_key(&id, scopes_of(kind), None)
            .await
            .or_exit(Exit::Internal)?;
        keys.push(PrintedKey {
            variable: caller.variable,
            who: format!("{} {}", caller.name, caller.name_zh),
            key,
        });
    }
    app.add_recognition(&rows).await.or_exit(Exit::Internal)?;
    Ok(keys)
}

/// Companies sign in with certificates of every demonstration CA, whatever they are for.
fn recognised_for_sign_in(app: &App, since: Timestamp) -> Result<Vec<RecognitionRow>, CliError> {
    let trust = app.trust();
    let demonstration = trust.stores().iter().filter(|store| store.demo);
    let mut rows = Vec::new();
    for store in demonstration {
        for usage in store.usages.keys() {
            if PURPOSES.iter().any(|one| one.signer_usage() == *usage) {
                let matter = (store.id.clone(), usage.clone());
                rows.push(recognition_row(
                    app,
                    RelyingParty::holder().id,
                    matter,
                    since,
                )?);
            }
        }
    }
    Ok(rows)
}

fn row(
    app: &App,
    caller: RelyingPartyId,
    (ca, usage): (&str, &str),
    since: Timestamp,
) -> Result<RecognitionRow, CliError> {
    let ca = CaId::parse(ca).or_exit(Exit::Internal)?;
    let usage = Usage::parse(usage).or_exit(Exit::Internal)?;
    recognition_row(app, caller, (ca, usage), since)
}

fn text(constant: &str) -> Result<Text<MAX_PARTY_NAME_CHARACTERS>, CliError> {
    Text::parse(constant).or_exit(Exit::Internal)
}
