//! TLS client certificates that stand for relying parties.

use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::evidence::audit::AuditEvent;
use crate::registry::caller_terms::CallerTerms;
use crate::registry::client_certificate::CertificateRule;
use crate::registry::client_certificate::ClientCertificateRecord;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyId;
use crate::store::audit;
use crate::store::callers::LAST_USED_WITHIN;
use crate::store::callers::read_party;
use crate::store::callers::read_scopes;
use crate::store::callers::read_terms;
use crate::store::callers::written_scopes;
use crate::store::error::StoreError;
use crate::store::error::is_duplicate;
use crate::store::pool::Pool;
use crate::store::row::Reader;

const ADD: &str = "INSERT INTO client_certificate (rule, relying_party_id, scopes, created_at) \
                   VALUES ($1, $2, $3, $4)";

const REMOVE: &str = "DELETE FROM client_certificate WHERE rule = $1";

const FIND: &str = "SELECT c.rule, c.scopes, c.created_at, c.last_used_at, \
    r.relying_party_id, r.kind, r.name, r.name_zh, r.department, \
    r.purposes, r.networks, r.requests_per_minute, r.requests_per_day \
    FROM client_certificate c JOIN relying_party r ON r.relying_party_id = c.relying_party_id WHERE c.rule = $1";

const LIST: &str = "SELECT rule, relying_party_id, scopes, created_at, last_used_at FROM client_certificate \
                    WHERE relying_party_id = $1 ORDER BY created_at, rule";

const TOUCH: &str = "UPDATE client_certificate SET last_used_at = $2 \
                     WHERE rule = $1 AND (last_used_at IS NULL OR last_used_at <= $3)";

/// TLS client certificates that stand for relying parties.
#[derive(Debug)]
pub struct ClientCertificates<'a> {
    pool: &'a Pool,
}

impl<'a> ClientCertificates<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }

    /// Registers a rule. `false`: it is registered already, for whomever.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when its owner is not a relying party that is there.
    pub async fn add(
        &self,
        record: &ClientCertificateRecord,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let mut write = self.pool.begin().await?;
        let added = sqlx::query(ADD)
            .bind(record.rule.to_string())
            .bind(record.caller.as_str())
            .bind(written_scopes(&record.scopes))
            .bind(record.created_at.as_micros())
            .execute(&mut *write)
            .await;
        match added {
            Ok(_) => {}
            Err(error) if is_duplicate(&error) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Removes a rule; its certificates stand for nobody from the next request on. `false`: there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn remove(
        &self,
        rule: &CertificateRule,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let mut write = self.pool.begin().await?;
        let removed = sqlx::query(REMOVE)
            .bind(rule.to_string())
            .execute(&mut *write)
            .await?
            .rows_affected();
        if removed == 0 {
            return Ok(false);
        }
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await?;
        Ok(true)
    }

    /// The rule, and whose it is.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn find(
        &self,
        rule: &CertificateRule,
    ) -> Result<Option<(ClientCertificateRecord, RelyingParty, CallerTerms)>, StoreError> {
        let row = sqlx::query(FIND)
            .bind(rule.to_string())
            .fetch_optional(self.pool.reader())
            .await?;
        row.as_ref()
            .map(|row| Ok((read(row)?, read_party(row)?, read_terms(row)?)))
            .transpose()
    }

    /// All rules of a relying party, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn of(
        &self,
        id: &RelyingPartyId,
    ) -> Result<Vec<ClientCertificateRecord>, StoreError> {
        let rows = sqlx::query(LIST)
            .bind(id.as_str())
            .fetch_all(self.pool.reader())
            .await?;
        rows.iter().map(read).collect()
    }

    /// Records that a certificate of the rule was used at `at`, unless it is known to within
    /// [`LAST_USED_WITHIN`].
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn touch(
        &self,
        record: &ClientCertificateRecord,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let before = at.minus(LAST_USED_WITHIN);
        if record.last_used_at.is_some_and(|last| last > before) {
            return Ok(());
        }
        let mut write = self.pool.begin().await?;
        sqlx::query(TOUCH)
            .bind(record.rule.to_string())
            .bind(at.as_micros())
            .bind(before.as_micros())
            .execute(&mut *write)
            .await?;
        write.commit().await
    }
}

fn read(row: &AnyRow) -> Result<ClientCertificateRecord, StoreError> {
    let row = Reader::new(row, "client_certificate", "rule")?;
    Ok(ClientCertificateRecord {
        rule: row.parsed("rule", |text| CertificateRule::parse(text).ok())?,
        caller: row.parsed("relying_party_id", |id| RelyingPartyId::parse(id).ok())?,
        scopes: row.parsed("scopes", read_scopes)?,
        created_at: row.time("created_at")?,
        last_used_at: row.time_or_null("last_used_at")?,
    })
}
