//! Signed answers, kept so that they can be given again.

mod retain;

use std::fmt;

use serde_json::Value;
use sqlx::AnyConnection;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::evidence::audit::AuditEvent;
use crate::evidence::receipt;
use crate::evidence::receipt::ReceiptClaims;
use crate::evidence::receipt::ReceiptError;
use crate::evidence::receipt::ReceiptKind;
use crate::identifier::opaque_id::ReceiptId;
use crate::identifier::uscc::Uscc;
use crate::registry::relying_party::RelyingPartyId;
use crate::store::audit;
use crate::store::companies;
use crate::store::error::StoreError;
use crate::store::keep::Kept;
use crate::store::keep::keep;
use crate::store::many_rows::ColumnValue;
use crate::store::many_rows::ManyRows;
use crate::store::many_rows::Statement;
use crate::store::many_rows::bind_all;
use crate::store::pool::Pool;
use crate::store::row::Reader;

pub(in crate::store) const INSERT: ManyRows = ManyRows {
    head: "INSERT INTO receipt (receipt_id, caller, kind, subject, issued_at, compact, facts) VALUES ",
    columns: 7,
    tail: "",
};

const LOAD: &str = "SELECT receipt_id, caller, kind, subject, issued_at, compact, claims, facts \
                    FROM receipt WHERE receipt_id = $1";

/// Of the only kind that is counted: the index holds no other.
const COUNT: &str = "SELECT count(*) FROM receipt WHERE subject = $1 AND caller = $2 AND issued_at >= $3 AND kind = 'match'";

const VERIFICATIONS: &str = "SELECT receipt_id, issued_at, facts FROM receipt WHERE caller = $1 AND issued_at >= $2 \
    AND issued_at <= $3 AND (issued_at < $3 OR receipt_id < $4) AND kind = 'verify' \
    ORDER BY issued_at DESC, receipt_id DESC LIMIT $5";

const COUNT_SINCE: &str = "SELECT count(*) FROM receipt WHERE caller = $1 AND issued_at >= $2";

/// Signed answers.
#[derive(Debug)]
pub struct Receipts<'a> {
    pool: &'a Pool,
}

/// How many receipts of facts that were matched a caller may have about one company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimit {
    /// Those since this time count.
    pub since: Timestamp,
    /// No more than these.
    pub at_most: u64,
}

/// A receipt as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReceipt {
    /// Its identifier.
    pub id: ReceiptId,
    /// To whom it was given.
    pub caller: RelyingPartyId,
    /// What was asked.
    pub kind: ReceiptKind,
    /// The company that was asked about, where it was one.
    pub subject: Option<Uscc>,
    /// When, in whole seconds.
    pub issued_at: Timestamp,
    /// What is left of it.
    pub form: ReceiptForm,
    /// What a replay needs beyond it.
    pub facts: Value,
}

/// What is left of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptForm {
    /// All: the compact JWS.
    Signed(String),
    /// What it said without operator and matter code, which were erased; the signed form held them.
    Erased(Box<ReceiptClaims>),
}

impl ReceiptForm {
    /// The compact JWS, if it is still there.
    #[must_use]
    pub fn signed(&self) -> Option<&str> {
        match self {
            Self::Signed(compact) => Some(compact),
            Self::Erased(_) => None,
        }
    }

    /// What the receipt says, as far as that was not erased.
    ///
    /// # Errors
    /// [`ReceiptError`] for what has not the form of a receipt.
    pub fn claims(&self) -> Result<ReceiptClaims, ReceiptError> {
        match self {
            Self::Signed(compact) => receipt::read(compact),
            Self::Erased(claims) => Ok(ReceiptClaims::clone(claims)),
        }
    }
}

/// What is kept of a verification to tell what would become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptVerification {
    /// The receipt's identifier.
    pub id: ReceiptId,
    /// When, in whole seconds.
    pub issued_at: Timestamp,
    /// What a replay needs, as JSON.
    pub facts: String,
}

impl<'a> Receipts<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }

    /// Keeps a receipt with its facts, in JSON, and what the audit trail says of it; `claims` are those of `compact`.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`] for a time outside the years 1 to 9999; [`StoreError::Refused`] when
    /// there is a receipt of that identifier.
    pub async fn insert(
        &self,
        claims: &ReceiptClaims,
        compact: &str,
        facts: &(impl fmt::Display + Sync + ?Sized),
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let receipt = Some(ReceiptRow::new(claims, compact, facts)?);
        let event = event.clone();
        keep(self.pool, Kept { receipt, event }).await
    }

    /// Keeps a receipt of facts that were matched, unless its caller has as many about the company as `limit` allows.
    /// `false`: it has, and nothing was kept.
    ///
    /// # Errors
    /// As [`Self::insert`]; [`StoreError::Unstorable`] for a receipt of another kind, or about no company.
    pub async fn insert_limited(
        &self,
        claims: &ReceiptClaims,
        compact: &str,
        facts: &(impl fmt::Display + Sync + ?Sized),
        (limit, event): (AttemptLimit, &AuditEvent),
    ) -> Result<bool, StoreError> {
        let subject = claims.sub.as_ref();
        let subject = subject.filter(|_| claims.kind == ReceiptKind::Match);
        let subject = subject.ok_or(StoreError::Unstorable)?;
        let mut write = self.pool.begin().await?;
        // Questions asked at once are counted one after the other.
        companies::hold(&mut write, subject).await?;
        let row = sqlx::query(COUNT)
            .bind(subject.as_str())
            .bind(claims.aud.as_str())
            .bind(limit.since.as_micros())
            .fetch_one(&mut *write)
            .await?;
        if read_count(&row)? >= limit.at_most {
            return Ok(false);
        }
        let row = ReceiptRow::new(claims, compact, facts)?;
        insert(&mut write, &[&row]).await?;
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await?;
        Ok(true)
    }

    /// How many receipts of whatever kind a caller got since a time.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count_since(
        &self,
        caller: &RelyingPartyId,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let counted = sqlx::query(COUNT_SINCE)
            .bind(caller.as_str())
            .bind(since.as_micros())
            .fetch_one(self.pool.reader())
            .await?;
        read_count(&counted)
    }

    /// At most `limit` verifications of a caller since a time, the newest first, from before `before` on.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn verifications(
        &self,
        caller: &RelyingPartyId,
        since: Timestamp,
        before: Option<&(Timestamp, ReceiptId)>,
        limit: u32,
    ) -> Result<Vec<KeptVerification>, StoreError> {
        let (until, id) = match before {
            Some((until, id)) => (until.as_micros(), id.as_str()),
            None => (i64::MAX, ""),
        };
        let rows = sqlx::query(VERIFICATIONS)
            .bind(caller.as_str())
            .bind(since.as_micros())
            .bind(until)
            .bind(id)
            .bind(i64::from(limit))
            .fetch_all(self.pool.reader())
            .await?;
        let read = |row: &AnyRow| {
            let row = Reader::new(row, "receipt", "receipt_id")?;
            Ok(KeptVerification {
                id: row.parsed("receipt_id", |id| ReceiptId::parse(id).ok())?,
                issued_at: row.time("issued_at")?,
                facts: row.text("facts")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// The receipt of that identifier.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn load(&self, id: &ReceiptId) -> Result<Option<StoredReceipt>, StoreError> {
        let row = sqlx::query(LOAD)
            .bind(id.as_str())
            .fetch_optional(self.pool.reader())
            .await?;
        row.as_ref().map(read).transpose()
    }
}

/// A row of `receipt`.
#[derive(Debug)]
pub(in crate::store) struct ReceiptRow {
    id: ReceiptId,
    caller: String,
    kind: ReceiptKind,
    subject: Option<Uscc>,
    issued_at: Timestamp,
    compact: String,
    facts: String,
}

impl ReceiptRow {
    fn new(
        claims: &ReceiptClaims,
        compact: &str,
        facts: &(impl fmt::Display + Sync + ?Sized),
    ) -> Result<Self, StoreError> {
        Ok(Self {
            id: claims.jti.clone(),
            caller: claims.aud.clone(),
            kind: claims.kind,
            subject: claims.sub.clone(),
            issued_at: Timestamp::from_unix_seconds(claims.iat).ok_or(StoreError::Unstorable)?,
            compact: compact.to_owned(),
            facts: facts.to_string(),
        })
    }

    fn bind<'q>(statement: Statement<'q>, row: &'q &Self) -> Statement<'q> {
        bind_all(statement, row.values())
    }

    /// In the order of [`INSERT`].
    pub(in crate::store) fn values(&self) -> [ColumnValue<'_>; INSERT.columns] {
        [
            ColumnValue::text(self.id.as_str()),
            ColumnValue::text(&self.caller),
            ColumnValue::text(kind_name(self.kind)),
            ColumnValue::Text(self.subject.as_ref().map(Uscc::as_str)),
            ColumnValue::number(self.issued_at.as_micros()),
            ColumnValue::text(&self.compact),
            ColumnValue::text(&self.facts),
        ]
    }
}

/// Inserts receipts inside a transaction.
pub(in crate::store) async fn insert(
    connection: &mut AnyConnection,
    rows: &[&ReceiptRow],
) -> Result<(), StoreError> {
    INSERT.insert(connection, rows, ReceiptRow::bind).await?;
    Ok(())
}

fn read_count(row: &AnyRow) -> Result<u64, StoreError> {
    u64::try_from(row.try_get::<i64, _>(0)?).map_err(|_negative| StoreError::Unstorable)
}

const KINDS: [ReceiptKind; 3] = [
    ReceiptKind::Confirm,
    ReceiptKind::Match,
    ReceiptKind::Verify,
];

const fn kind_name(kind: ReceiptKind) -> &'static str {
    match kind {
        ReceiptKind::Confirm => "confirm",
        ReceiptKind::Match => "match",
        ReceiptKind::Verify => "verify",
    }
}

fn read(row: &AnyRow) -> Result<StoredReceipt, StoreError> {
    let row = Reader::new(row, "receipt", "receipt_id")?;
    Ok(StoredReceipt {
        id: row.parsed("receipt_id", |id| ReceiptId::parse(id).ok())?,
        caller: row.parsed("caller", |id| RelyingPartyId::parse(id).ok())?,
        kind: row.parsed("kind", |name| {
            KINDS.into_iter().find(|kind| kind_name(*kind) == name)
        })?,
        subject: row.parsed_or_null("subject", |uscc| Uscc::parse(uscc).ok())?,
        issued_at: row.time("issued_at")?,
        form: match row.parsed_or_null("claims", |text| serde_json::from_str(text).ok())? {
            Some(claims) => ReceiptForm::Erased(Box::new(claims)),
            None => ReceiptForm::Signed(row.text("compact")?),
        },
        facts: row.parsed("facts", |facts| serde_json::from_str(facts).ok())?,
    })
}
