//! Relying parties and their API keys. Of a key, the visible prefix and a keyed digest are kept.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::evidence::audit::AuditEvent;
use crate::registry::caller_terms::CallerTerms;
use crate::registry::caller_terms::Networks;
use crate::registry::caller_terms::Purposes;
use crate::registry::department::DepartmentId;
use crate::registry::relying_party::ApiKeyRecord;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::relying_party::RelyingPartyKind;
use crate::registry::relying_party::Scope;
use crate::registry::text::Text;
use crate::store::audit;
use crate::store::error::StoreError;
use crate::store::error::is_duplicate;
use crate::store::pool::Pool;
use crate::store::row::Reader;

const UPSERT: &str = "INSERT INTO relying_party \
    (relying_party_id, kind, name, name_zh, department, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $6) \
    ON CONFLICT (relying_party_id) DO UPDATE SET kind = excluded.kind, name = excluded.name, \
    name_zh = excluded.name_zh, department = excluded.department, changed_at = excluded.changed_at";

const LIST: &str = "SELECT relying_party_id, kind, name, name_zh, department FROM relying_party \
                    ORDER BY relying_party_id";

const LOAD: &str = "SELECT relying_party_id, kind, name, name_zh, department FROM relying_party \
                    WHERE relying_party_id = $1";

const ADD_KEY: &str = "INSERT INTO api_key (prefix, tag, relying_party_id, scopes, created_at, expires_at) \
                       VALUES ($1, $2, $3, $4, $5, $6)";

/// `false`: unknown, or revoked already, in which case the earlier time stays.
const REVOKE_KEY: &str =
    "UPDATE api_key SET revoked_at = $2 WHERE prefix = $1 AND revoked_at IS NULL";

const TOUCH: &str = "UPDATE api_key SET last_used_at = $2 WHERE prefix = $1 AND (last_used_at IS NULL OR last_used_at <= $3)";

const FIND: &str = "SELECT k.prefix, k.tag, k.scopes, k.created_at, k.expires_at, k.revoked_at, k.last_used_at, \
    r.relying_party_id, r.kind, r.name, r.name_zh, r.department, \
    r.purposes, r.networks, r.requests_per_minute, r.requests_per_day \
    FROM api_key k JOIN relying_party r ON r.relying_party_id = k.relying_party_id WHERE k.prefix = $1";

const TERMS: &str = "SELECT relying_party_id, purposes, networks, requests_per_minute, requests_per_day \
                     FROM relying_party WHERE relying_party_id = $1";

const SET_TERMS: &str = "UPDATE relying_party SET purposes = $2, networks = $3, requests_per_minute = $4, \
                         requests_per_day = $5, changed_at = $6 WHERE relying_party_id = $1";

/// Only a key in force, and only ever sooner.
const LET_RUN_OUT: &str = "UPDATE api_key SET expires_at = $2 WHERE prefix = $1 AND revoked_at IS NULL \
                           AND (expires_at IS NULL OR expires_at > $3)";

const KEYS: &str = "SELECT prefix, tag, relying_party_id, scopes, created_at, expires_at, revoked_at, last_used_at \
                    FROM api_key WHERE relying_party_id = $1 ORDER BY created_at, prefix";

/// How exactly the last use of a key is known; writing it at every request would make reading a write.
pub const LAST_USED_WITHIN: Duration = Duration::from_secs(60);

/// What became of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotated {
    /// It was done.
    Done,
    /// The old key is unknown, revoked or expired; nothing was done.
    NotInForce,
    /// There is a key with the new one's prefix; nothing was done.
    PrefixTaken,
}

/// Relying parties and their API keys.
#[derive(Debug)]
pub struct Callers<'a> {
    pool: &'a Pool,
}

impl<'a> Callers<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }

    /// Adds a relying party, or lays its names, kind and department over those that are there.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn upsert_relying_party(
        &self,
        party: &RelyingParty,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let mut write = self.pool.begin().await?;
        sqlx::query(UPSERT)
            .bind(party.id.as_str())
            .bind(party.kind.id())
            .bind(party.name.as_str())
            .bind(party.name_zh.as_str())
            .bind(party.department.as_ref().map(DepartmentId::as_str))
            .bind(event.at.as_micros())
            .execute(&mut *write)
            .await?;
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await
    }

    /// All relying parties in the order of their ids. The built-in public is not among them.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn list(&self) -> Result<Vec<RelyingParty>, StoreError> {
        let rows = sqlx::query(LIST).fetch_all(self.pool.reader()).await?;
        rows.iter().map(read_party).collect()
    }

    /// The relying party of that id.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn load(&self, id: &RelyingPartyId) -> Result<Option<RelyingParty>, StoreError> {
        let row = sqlx::query(LOAD)
            .bind(id.as_str())
            .fetch_optional(self.pool.reader())
            .await?;
        row.as_ref().map(read_party).transpose()
    }

    /// What a relying party is held to.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn terms(&self, id: &RelyingPartyId) -> Result<Option<CallerTerms>, StoreError> {
        let row = sqlx::query(TERMS)
            .bind(id.as_str())
            .fetch_optional(self.pool.reader())
            .await?;
        row.as_ref().map(read_terms).transpose()
    }

    /// Holds a relying party to `terms` from the next request on. `false`: there is none of that id.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn set_terms(
        &self,
        id: &RelyingPartyId,
        terms: &CallerTerms,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let mut write = self.pool.begin().await?;
        let changed = sqlx::query(SET_TERMS)
            .bind(id.as_str())
            .bind(terms.purposes.ids().map(|ids| ids.join(" ")))
            .bind(terms.networks.texts().map(|texts| texts.join(" ")))
            .bind(terms.requests_per_minute.map(i64::from))
            .bind(terms.requests_per_day.map(i64::from))
            .bind(event.at.as_micros())
            .execute(&mut *write)
            .await?
            .rows_affected();
        if changed == 0 {
            return Ok(false);
        }
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Records `key` in place of the one with the prefix `old`, which runs out at `until`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn rotate_key(
        &self,
        (old, until): (&str, Timestamp),
        key: &ApiKeyRecord,
        events: &[AuditEvent],
    ) -> Result<Rotated, StoreError> {
        let mut write = self.pool.begin().await?;
        let running_out = sqlx::query(LET_RUN_OUT)
            .bind(old)
            .bind(until.as_micros())
            .bind(key.created_at.as_micros())
            .execute(&mut *write)
            .await?
            .rows_affected();
        if running_out == 0 {
            return Ok(Rotated::NotInForce);
        }
        match insert_key(&mut write, key).await {
            Ok(()) => {}
            Err(error) if is_duplicate(&error) => return Ok(Rotated::PrefixTaken),
            Err(error) => return Err(error.into()),
        }
        audit::append(&mut write, events).await?;
        write.commit().await?;
        Ok(Rotated::Done)
    }

    /// Records a key. `false`: there is one with this prefix; make another.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the key's owner is not a relying party that is there.
    pub async fn add_key(
        &self,
        key: &ApiKeyRecord,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let mut write = self.pool.begin().await?;
        match insert_key(&mut write, key).await {
            Ok(()) => {}
            Err(error) if is_duplicate(&error) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Withdraws a key from `event.at` on. `false`: there is none, or it was withdrawn already.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn revoke_key(&self, prefix: &str, event: &AuditEvent) -> Result<bool, StoreError> {
        let mut write = self.pool.begin().await?;
        let revoked = sqlx::query(REVOKE_KEY)
            .bind(prefix)
            .bind(event.at.as_micros())
            .execute(&mut *write)
            .await?
            .rows_affected();
        if revoked == 0 {
            return Ok(false);
        }
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await?;
        Ok(true)
    }

    /// The key with this visible part, whether or not it is in force, and whose it is.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn find_by_prefix(
        &self,
        prefix: &str,
    ) -> Result<Option<(ApiKeyRecord, RelyingParty, CallerTerms)>, StoreError> {
        let row = sqlx::query(FIND)
            .bind(prefix)
            .fetch_optional(self.pool.reader())
            .await?;
        row.as_ref()
            .map(|row| Ok((read_key(row)?, read_party(row)?, read_terms(row)?)))
            .transpose()
    }

    /// All keys of a relying party, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn keys_of(&self, id: &RelyingPartyId) -> Result<Vec<ApiKeyRecord>, StoreError> {
        let rows = sqlx::query(KEYS)
            .bind(id.as_str())
            .fetch_all(self.pool.reader())
            .await?;
        rows.iter().map(read_key).collect()
    }

    /// Records that a key was used at `at`, unless it is known to within [`LAST_USED_WITHIN`].
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn touch(&self, key: &ApiKeyRecord, at: Timestamp) -> Result<(), StoreError> {
        if !is_use_due(key, at) {
            return Ok(());
        }
        let mut write = self.pool.begin().await?;
        sqlx::query(TOUCH)
            .bind(key.prefix.as_str())
            .bind(at.as_micros())
            .bind(at.minus(LAST_USED_WITHIN).as_micros())
            .execute(&mut *write)
            .await?;
        write.commit().await
    }
}

/// Whether a use of `key` at `at` is to be recorded.
#[must_use]
pub fn is_use_due(key: &ApiKeyRecord, at: Timestamp) -> bool {
    key.last_used_at
        .is_none_or(|last| last <= at.minus(LAST_USED_WITHIN))
}

async fn insert_key(connection: &mut AnyConnection, key: &ApiKeyRecord) -> Result<(), sqlx::Error> {
    sqlx::query(ADD_KEY)
        .bind(key.prefix.as_str())
        .bind(key.tag.as_slice())
        .bind(key.caller.as_str())
        .bind(written_scopes(&key.scopes))
        .bind(key.created_at.as_micros())
        .bind(key.expires_at.map(Timestamp::as_micros))
        .execute(connection)
        .await?;
    Ok(())
}

pub(in crate::store) fn written_scopes(scopes: &BTreeSet<Scope>) -> String {
    let ids: Vec<&str> = scopes.iter().map(|scope| scope.id()).collect();
    ids.join(" ")
}

pub(in crate::store) fn read_scopes(text: &str) -> Option<BTreeSet<Scope>> {
    text.split_ascii_whitespace().map(Scope::from_id).collect()
}

pub(in crate::store) fn read_terms(row: &AnyRow) -> Result<CallerTerms, StoreError> {
    let row = Reader::new(row, "relying_party", "relying_party_id")?;
    let purposes = |ids: &str| Purposes::parse(ids.split_ascii_whitespace()).ok();
    let networks = |texts: &str| Networks::parse(texts.split_ascii_whitespace()).ok();
    Ok(CallerTerms {
        purposes: row
            .parsed_or_null("purposes", purposes)?
            .unwrap_or_default(),
        networks: row
            .parsed_or_null("networks", networks)?
            .unwrap_or_default(),
        requests_per_minute: row.number_or_null("requests_per_minute")?,
        requests_per_day: row.number_or_null("requests_per_day")?,
    })
}

pub(in crate::store) fn read_party(row: &AnyRow) -> Result<RelyingParty, StoreError> {
    let row = Reader::new(row, "relying_party", "relying_party_id")?;
    RelyingParty::new(
        row.parsed("relying_party_id", |id| RelyingPartyId::parse(id).ok())?,
        row.parsed("kind", RelyingPartyKind::from_id)?,
        row.parsed("name", |name| Text::parse(name).ok())?,
        row.parsed("name_zh", |name| Text::parse(name).ok())?,
        row.parsed_or_null("department", |id| DepartmentId::parse(id).ok())?,
    )
    .map_err(|_misfit| row.inconsistent())
}

fn read_key(row: &AnyRow) -> Result<ApiKeyRecord, StoreError> {
    let row = Reader::new(row, "api_key", "prefix")?;
    Ok(ApiKeyRecord {
        prefix: row.id().to_owned(),
        tag: row.bytes("tag")?,
        caller: row.parsed("relying_party_id", |id| RelyingPartyId::parse(id).ok())?,
        scopes: row.parsed("scopes", read_scopes)?,
        created_at: row.time("created_at")?,
        expires_at: row.time_or_null("expires_at")?,
        revoked_at: row.time_or_null("revoked_at")?,
        last_used_at: row.time_or_null("last_used_at")?,
    })
}
