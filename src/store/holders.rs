//! What companies show to be let in: pick-up codes, challenges, sessions. Of each a keyed digest is kept, its tag.
//!
//! Letting in is one transaction: what was shown is used up or found in force, the session begins, the audit trail says
//! so. A code that is replaced at the same moment either lets in before, and the session ends with it, or not at all.

use sqlx::Any;
use sqlx::AnyConnection;
use sqlx::any::AnyArguments;
use sqlx::any::AnyRow;
use sqlx::query::Query;

use crate::clock::Timestamp;
use crate::evidence::audit::AuditEvent;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::registry::holder::CodeRecord;
use crate::registry::holder::Pass;
use crate::store::audit;
use crate::store::companies;
use crate::store::error::StoreError;
use crate::store::pool::Pool;
use crate::store::row::Reader;

const GIVE_CODE: &str = "INSERT INTO pick_up_code (tag, credential_id, created_at, expires_at) \
                         VALUES ($1, $2, $3, $4) ON CONFLICT (tag) DO NOTHING";

const FIND_CODE: &str = "SELECT p.credential_id, c.uscc, p.expires_at, p.replaced_at FROM pick_up_code p \
                         JOIN credential c ON c.credential_id = p.credential_id WHERE p.tag = $1";

/// Those of every credential of that type that the company has or had: any of them lets in.
const REPLACE_CODES: &str = "UPDATE pick_up_code SET replaced_at = $3 WHERE replaced_at IS NULL AND credential_id IN \
                             (SELECT credential_id FROM credential WHERE uscc = $1 AND vct = $2)";

/// Writing takes the row's lock, so that nobody replaces the code meanwhile.
const USE_CODE: &str = "UPDATE pick_up_code SET last_used_at = $2 \
                        WHERE tag = $1 AND replaced_at IS NULL AND expires_at > $2";

const ADD_CHALLENGE: &str =
    "INSERT INTO holder_challenge (tag, uscc, expires_at) VALUES ($1, $2, $3)";

const FIND_CHALLENGE: &str = "SELECT uscc, expires_at FROM holder_challenge WHERE tag = $1";

const USE_CHALLENGE: &str =
    "DELETE FROM holder_challenge WHERE tag = $1 AND uscc = $2 AND expires_at > $3";

const ADD_SESSION: &str = "INSERT INTO holder_session (tag, uscc, expires_at) VALUES ($1, $2, $3)";

const FIND_SESSION: &str = "SELECT uscc, expires_at FROM holder_session WHERE tag = $1";

const END_SESSION: &str = "DELETE FROM holder_session WHERE tag = $1";

const END_SESSIONS: &str = "DELETE FROM holder_session WHERE uscc = $1";

const FORGET_CODES: &str = "DELETE FROM pick_up_code WHERE expires_at <= $1";

const FORGET_CHALLENGES: &str = "DELETE FROM holder_challenge WHERE expires_at <= $1";

const FORGET_SESSIONS: &str = "DELETE FROM holder_session WHERE expires_at <= $1";

/// A pick-up code to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewCode {
    /// Its tag.
    pub tag: [u8; 32],
    /// From when it is given.
    pub created_at: Timestamp,
    /// From when it is not accepted any more.
    pub expires_at: Timestamp,
}

/// A session or a challenge to be recorded.
#[derive(Debug, Clone, Copy)]
pub struct NewPass<'a> {
    /// Its tag.
    pub tag: &'a [u8; 32],
    /// Whose it is, and until when.
    pub pass: &'a Pass,
}

/// What companies show to be let in.
#[derive(Debug)]
pub struct Holders<'a> {
    pool: &'a Pool,
}

impl<'a> Holders<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }

    /// The pick-up code of that tag, in force or not. `None`: there is none, or it expired a while ago.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn find_code(&self, tag: &[u8; 32]) -> Result<Option<CodeRecord>, StoreError> {
        let row = sqlx::query(FIND_CODE)
            .bind(tag.as_slice())
            .fetch_optional(self.pool.reader())
            .await?;
        row.as_ref().map(read_code).transpose()
    }

    /// Gives a code for a credential in the place of all that were given for the company's credentials of that type,
    /// and ends the company's sessions; gives how many codes were in force.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the credential is not there.
    pub async fn replace_codes(
        &self,
        (id, uscc, vct): (&CredentialId, &Uscc, &str),
        code: &NewCode,
        event: &AuditEvent,
    ) -> Result<u64, StoreError> {
        let mut write = self.pool.begin().await?;
        // Of two who replace at a time, the later one replaces the code of the earlier.
        companies::hold(&mut write, uscc).await?;
        let replaced = sqlx::query(REPLACE_CODES)
            .bind(uscc.as_str())
            .bind(vct)
            .bind(code.created_at.as_micros())
            .execute(&mut *write)
            .await?
            .rows_affected();
        sqlx::query(END_SESSIONS)
            .bind(uscc.as_str())
            .execute(&mut *write)
            .await?;
        give_code(&mut write, id, code).await?;
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await?;
        Ok(replaced)
    }

    /// Begins a session by a pick-up code, which stays. `false`: no code of that tag is in force at `event.at`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn admit_by_code(
        &self,
        code: &[u8; 32],
        session: NewPass<'_>,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let using = sqlx::query(USE_CODE)
            .bind(code.as_slice())
            .bind(event.at.as_micros());
        self.admit(using, session, event).await
    }

    /// Records a challenge.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the company is not there.
    pub async fn add_challenge(
        &self,
        challenge: NewPass<'_>,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let mut write = self.pool.begin().await?;
        add_pass(&mut write, ADD_CHALLENGE, challenge).await?;
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await
    }

    /// The challenge of that tag, in force or not. `None`: there is none, or it was answered.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn find_challenge(&self, tag: &[u8; 32]) -> Result<Option<Pass>, StoreError> {
        self.find_pass((FIND_CHALLENGE, "holder_challenge"), tag)
            .await
    }

    /// Begins a session by a challenge that was answered, and uses it up: of several who answer it at a time, one is
    /// let in. `false`: no challenge of that tag to that company is in force at `event.at`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn admit_by_challenge(
        &self,
        challenge: &[u8; 32],
        session: NewPass<'_>,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let using = sqlx::query(USE_CHALLENGE)
            .bind(challenge.as_slice())
            .bind(session.pass.uscc.as_str())
            .bind(event.at.as_micros());
        self.admit(using, session, event).await
    }

    /// Begins a session if `using` finds what lets in. `false`: it does not.
    async fn admit(
        &self,
        using: Query<'_, Any, AnyArguments>,
        session: NewPass<'_>,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let mut write = self.pool.begin().await?;
        let used = using.execute(&mut *write).await?.rows_affected();
        if used == 0 {
            return Ok(false);
        }
        add_pass(&mut write, ADD_SESSION, session).await?;
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await?;
        Ok(true)
    }

    /// The session of that tag, in force or not. `None`: there is none, or it ended a while ago.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn find_session(&self, tag: &[u8; 32]) -> Result<Option<Pass>, StoreError> {
        self.find_pass((FIND_SESSION, "holder_session"), tag).await
    }

    /// Ends the session of that tag. `false`: there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn end_session(
        &self,
        tag: &[u8; 32],
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let mut write = self.pool.begin().await?;
        let ending = sqlx::query(END_SESSION).bind(tag.as_slice());
        if ending.execute(&mut *write).await?.rows_affected() == 0 {
            return Ok(false);
        }
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Forgets what has expired by `now`; gives how much that was.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn forget_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut write = self.pool.begin().await?;
        let mut forgotten: u64 = 0;
        for statement in [FORGET_CODES, FORGET_CHALLENGES, FORGET_SESSIONS] {
            let deleted = sqlx::query(statement)
                .bind(now.as_micros())
                .execute(&mut *write)
                .await?;
            forgotten = forgotten.saturating_add(deleted.rows_affected());
        }
        write.commit().await?;
        Ok(forgotten)
    }

    async fn find_pass(
        &self,
        (statement, table): (&'static str, &'static str),
        tag: &[u8; 32],
    ) -> Result<Option<Pass>, StoreError> {
        let row = sqlx::query(statement)
            .bind(tag.as_slice())
            .fetch_optional(self.pool.reader())
            .await?;
        row.as_ref().map(|row| read_pass(row, table)).transpose()
    }
}

/// Records a code inside the transaction that puts its credential in force.
pub(in crate::store) async fn give_code(
    connection: &mut AnyConnection,
    id: &CredentialId,
    code: &NewCode,
) -> Result<(), StoreError> {
    sqlx::query(GIVE_CODE)
        .bind(code.tag.as_slice())
        .bind(id.as_str())
        .bind(code.created_at.as_micros())
        .bind(code.expires_at.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

async fn add_pass(
    connection: &mut AnyConnection,
    statement: &'static str,
    new: NewPass<'_>,
) -> Result<(), StoreError> {
    sqlx::query(statement)
        .bind(new.tag.as_slice())
        .bind(new.pass.uscc.as_str())
        .bind(new.pass.expires_at.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

fn read_code(row: &AnyRow) -> Result<CodeRecord, StoreError> {
    let row = Reader::new(row, "pick_up_code", "credential_id")?;
    Ok(CodeRecord {
        credential: row.parsed("credential_id", |id| CredentialId::parse(id).ok())?,
        uscc: row.parsed("uscc", |uscc| Uscc::parse(uscc).ok())?,
        expires_at: row.time("expires_at")?,
        replaced_at: row.time_or_null("replaced_at")?,
    })
}

fn read_pass(row: &AnyRow, table: &'static str) -> Result<Pass, StoreError> {
    let row = Reader::new(row, table, "uscc")?;
    Ok(Pass {
        uscc: row.parsed("uscc", |uscc| Uscc::parse(uscc).ok())?,
        expires_at: row.time("expires_at")?,
    })
}
