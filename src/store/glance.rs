//! What a request has to know of the database before anything else: of PostgreSQL in one statement for all that ask at
//! once, of SQLite where it is asked.
//!
//! What hardly ever changes is kept in memory by whoever needs it, together with the version that it had: a
//! glance tells whether it still has that. Triggers count the versions up, so that a change is noticed whoever made
//! it. What is told is as it was after it was asked for, so that a change is in force from the next request on.

use std::sync::Arc;

use sqlx::Any;
use sqlx::AssertSqlSafe;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use sqlx::pool::PoolConnection;
use tokio::sync::Mutex;

use crate::clock::Timestamp;
use crate::identifier::opaque_id::CredentialId;
use crate::store::error::StoreError;
use crate::store::many_rows::place;
use crate::store::pool::Pool;
use crate::store::row::Reader;
use crate::validation::report::CredentialCondition;

pub(in crate::store) const GLANCE: &str = "SELECT 'only' AS id, r.version AS registers, \
    (SELECT coalesce(max(version), 0) FROM recognition_version) AS recognition FROM register_version r";

/// As [`GLANCE`], with some credentials. What was never issued is not there.
pub(in crate::store) const GLANCE_AT: &str = "SELECT 'only' AS id, r.version AS registers, \
    (SELECT coalesce(max(version), 0) FROM recognition_version) AS recognition, \
    c.credential_id, c.state, c.expires_at, c.compact FROM register_version r \
    LEFT JOIN credential c ON c.compact IS NOT NULL AND c.credential_id IN ";

/// Glances in one statement.
const AT_A_TIME: usize = 64;

/// What one glance tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// The version of the callers, their keys and terms, and the issuer register.
    pub registers: u64,
    /// The version of the recognition table.
    pub recognition: u64,
    /// The credential that was asked about, if it was issued.
    pub credential: Option<GlancedCredential>,
}

/// What is told of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlancedCredential {
    /// How it stands, but for its expiry.
    pub condition: CredentialCondition,
    /// When it expires by itself.
    pub expires_at: Timestamp,
    /// The credential.
    pub compact: String,
}

impl GlancedCredential {
    /// How it stands at `now`. A credential expires by the clock, not by being written to.
    #[must_use]
    pub fn condition_at(&self, now: Timestamp) -> CredentialCondition {
        let stands = matches!(
            self.condition,
            CredentialCondition::Suspended | CredentialCondition::Valid
        );
        if stands && self.expires_at <= now {
            CredentialCondition::Expired
        } else {
            self.condition
        }
    }
}

/// A glance at a credential, if one is named.
pub(in crate::store) async fn glance(
    pool: &Pool,
    credential: Option<CredentialId>,
) -> Result<Glance, StoreError> {
    if let Some(embedded) = pool.embedded() {
        return embedded.glance(credential.as_ref());
    }
    let owned = (pool.clone(), Held::default());
    let glancing = move |all: Vec<Option<CredentialId>>| {
        let (pool, held) = owned.clone();
        async move {
            let mut held = held.lock().await;
            match read_all(&pool, &mut held, &all).await {
                Ok(glances) => glances.into_iter().map(Ok).collect(),
                Err(error) => {
                    // Whatever is wrong with the connection, the next one need not have.
                    *held = None;
                    vec![Err(error); all.len()]
                }
            }
        }
    };
    let told = pool.glancing.put(credential, AT_A_TIME, glancing).await;
    told.unwrap_or(Err(StoreError::Unavailable))
}

/// A connection that is kept while glances follow on each other, and how many there were: to take one and give it
/// back costs as much as a glance.
type Held = Arc<Mutex<Option<(PoolConnection<Any>, u32)>>>;

/// After so many glances a connection is given back, since others may wait for one.
const GLANCES_A_CONNECTION: u32 = 64;

async fn read_all(
    pool: &Pool,
    held: &mut Option<(PoolConnection<Any>, u32)>,
    all: &[Option<CredentialId>],
) -> Result<Vec<Glance>, StoreError> {
    held.take_if(|(_, glances)| *glances >= GLANCES_A_CONNECTION);
    let (connection, glances) = match held {
        Some(held) => held,
        None => held.insert((pool.reader().acquire().await?, 0)),
    };
    *glances += 1;
    let named: Vec<&CredentialId> = all.iter().flatten().collect();
    let rows = match named.last() {
        None => sqlx::query(GLANCE).fetch_all(&mut **connection).await?,
        Some(last) => {
            // Filled up with the last one, so that there are only a few statements to be remembered.
            let places = named.len().next_power_of_two();
            let mut text = GLANCE_AT.to_owned();
            place(&mut text, 0, places);
            let mut statement = sqlx::query(AssertSqlSafe(text));
            for id in named.iter().chain(std::iter::repeat(last)).take(places) {
                statement = statement.bind(id.as_str());
            }
            statement.fetch_all(&mut **connection).await?
        }
    };
    let first = rows.first().ok_or(StoreError::Inconsistent {
        table: "register_version",
        id: "only".to_owned(),
    })?;
    let first = Reader::new(first, "register_version", "id")?;
    let (registers, recognition) = (first.number("registers")?, first.number("recognition")?);
    let glance = |asked: &Option<CredentialId>| {
        let credential = match asked {
            Some(id) => find(&rows, id)?,
            None => None,
        };
        Ok(Glance {
            registers,
            recognition,
            credential,
        })
    };
    all.iter().map(glance).collect()
}

fn find(rows: &[AnyRow], id: &CredentialId) -> Result<Option<GlancedCredential>, StoreError> {
    for row in rows {
        if row.try_get::<Option<&str>, _>("credential_id")? == Some(id.as_str()) {
            let row = Reader::new(row, "credential", "credential_id")?;
            return Ok(Some(GlancedCredential {
                condition: row.parsed("state", CredentialCondition::from_name)?,
                expires_at: row.time("expires_at")?,
                compact: row.text("compact")?,
            }));
        }
    }
    Ok(None)
}
