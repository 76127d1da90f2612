//! The issuer register.

use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::evidence::audit::AuditEvent;
use crate::identifier::uscc::Uscc;
use crate::registry::department::DepartmentId;
use crate::registry::issuer::IssuerEntry;
use crate::registry::issuer::IssuerIdentity;
use crate::store::audit;
use crate::store::error::StoreError;
use crate::store::pool::Pool;
use crate::store::row::Reader;
use crate::validation::trust_store::CaId;

const UPSERT: &str = "INSERT INTO issuer (issuer_id, department, spki_sha256, ca, subject_uscc, iss, vct, regions, \
    valid_from, valid_until, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
    ON CONFLICT (issuer_id) DO UPDATE SET department = excluded.department, spki_sha256 = excluded.spki_sha256, \
    ca = excluded.ca, subject_uscc = excluded.subject_uscc, iss = excluded.iss, vct = excluded.vct, \
    regions = excluded.regions, valid_from = excluded.valid_from, valid_until = excluded.valid_until, \
    changed_at = excluded.changed_at";

const LIST: &str = "SELECT issuer_id, department, spki_sha256, ca, subject_uscc, iss, vct, regions, valid_from, \
                    valid_until FROM issuer ORDER BY issuer_id";

/// The issuer register.
#[derive(Debug)]
pub struct Issuers<'a> {
    pool: &'a Pool,
}

impl<'a> Issuers<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }

    /// Adds a line, or replaces the one of that id. Lines are ended by their date, never removed: what they
    /// authorised stays authorised for its time.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn upsert(&self, entry: &IssuerEntry, event: &AuditEvent) -> Result<(), StoreError> {
        let (spki, ca, uscc) = match &entry.identity {
            IssuerIdentity::CaAndSubject { ca, uscc } => (None, Some(ca), Some(uscc)),
            IssuerIdentity::Spki(spki) => (Some(spki), None, None),
        };
        let mut write = self.pool.begin().await?;
        sqlx::query(UPSERT)
            .bind(entry.id.as_str())
            .bind(entry.department.as_str())
            .bind(spki.map(|spki| spki.as_bytes().as_slice()))
            .bind(ca.map(CaId::as_str))
            .bind(uscc.map(Uscc::as_str))
            .bind(entry.iss.as_deref())
            .bind(entry.vct.as_str())
            .bind(entry.regions.join(" "))
            .bind(entry.valid_from.as_micros())
            .bind(entry.valid_until.map(Timestamp::as_micros))
            .bind(event.at.as_micros())
            .execute(&mut *write)
            .await?;
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await
    }

    /// All lines in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn list(&self) -> Result<Vec<IssuerEntry>, StoreError> {
        let rows = sqlx::query(LIST).fetch_all(self.pool.reader()).await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &AnyRow) -> Result<IssuerEntry, StoreError> {
    let row = Reader::new(row, "issuer", "issuer_id")?;
    let ca = row.parsed_or_null("ca", |id| CaId::parse(id).ok())?;
    let uscc = row.parsed_or_null("subject_uscc", |uscc| Uscc::parse(uscc).ok())?;
    let identity = match (row.bytes_or_null("spki_sha256")?, ca, uscc) {
        (Some(spki), None, None) => IssuerIdentity::Spki(Sha256(spki)),
        (None, Some(ca), Some(uscc)) => IssuerIdentity::CaAndSubject { ca, uscc },
        _ => return Err(row.inconsistent()),
    };
    let regions = row.text("regions")?;
    Ok(IssuerEntry {
        id: row.id().to_owned(),
        department: row.parsed("department", |id| DepartmentId::parse(id).ok())?,
        identity,
        iss: row.text_or_null("iss")?,
        vct: row.text("vct")?,
        regions: regions
            .split_ascii_whitespace()
            .map(ToOwned::to_owned)
            .collect(),
        valid_from: row.time("valid_from")?,
        valid_until: row.time_or_null("valid_until")?,
    })
}
