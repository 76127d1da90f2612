//! Attempts to fetch: who may make the next one, and what came of it.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::store::error::StoreError;
use crate::store::evidence::Evidence;
use crate::store::evidence::EvidenceSource;
use crate::store::evidence::Signer;
use crate::store::evidence::SourceId;
use crate::store::row::Reader;

/// Of several who claim at once each row goes to one: PostgreSQL looks at the condition again once the
/// row is free, SQLite has one writer. `SKIP LOCKED` would only spare a wait for this one statement.
const CLAIM: &str = "UPDATE evidence_source SET attempt_at = $2 WHERE attempt_at <= $1 AND source_id IN \
    (SELECT source_id FROM evidence_source WHERE attempt_at <= $1 ORDER BY attempt_at, source_id LIMIT $3) \
    RETURNING source_id, ca, kind, url, certificate, issuer, failures";

/// Holds the source until the end of the transaction, which then decides about its evidence alone.
const SUCCEED: &str = "UPDATE evidence_source SET attempt_at = $2, failures = 0, failing_since = NULL, \
    last_error = NULL WHERE source_id = $1";

const HOLD: &str = "UPDATE evidence_source SET attempt_at = attempt_at WHERE source_id = $1";

const FAIL: &str = "UPDATE evidence_source SET attempt_at = $3, failures = failures + 1, last_error = $4, \
    failing_since = CASE WHEN failing_since IS NULL THEN $5 ELSE failing_since END \
    WHERE source_id = $1 AND attempt_at = $2";

const STORED: &str = "SELECT source_id, body_sha256, crl_number, signer_known, this_update, next_update \
    FROM evidence WHERE source_id = $1";

const REPLACE: &str = "INSERT INTO evidence \
    (source_id, body, body_sha256, crl_number, signer_known, this_update, next_update, fetched_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (source_id) DO UPDATE SET \
    body = excluded.body, body_sha256 = excluded.body_sha256, crl_number = excluded.crl_number, \
    signer_known = excluded.signer_known, this_update = excluded.this_update, \
    next_update = excluded.next_update, fetched_at = excluded.fetched_at";

/// A signer who was known once is not forgotten.
const CONFIRM: &str = "UPDATE evidence SET fetched_at = $2, \
    signer_known = CASE WHEN signer_known = 1 THEN 1 ELSE $3 END WHERE source_id = $1";

const BUMP: &str = "UPDATE evidence_version SET version = version + 1 WHERE only_row = 1";

/// Changes nothing: makes others who change the sources wait until the end of the transaction.
const HOLD_VERSION: &str = "UPDATE evidence_version SET version = version WHERE only_row = 1";

/// A source that is ours to fetch from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What, and from where.
    pub source: EvidenceSource,
    /// Until when it is ours.
    pub until: Timestamp,
    /// How often it has failed since the last success.
    pub failures: u32,
}

/// Evidence that was fetched and read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvidence {
    /// The bytes.
    pub body: Vec<u8>,
    /// Their digest.
    pub sha256: Sha256,
    /// The CRL number (RFC 5280 §5.2.3) in lower-case hexadecimal, two digits an octet, no octets of zero
    /// before it.
    pub crl_number: Option<String>,
    /// Whether who signed it is known.
    pub signer: Signer,
    /// When it was issued.
    pub this_update: Timestamp,
    /// When newer evidence is there at the latest, where it says so.
    pub next_update: Option<Timestamp>,
}

/// What became of fetched evidence.
///
/// Evidence whose signer is not known never takes the place of evidence whose signer is, until that is
/// past its end: most lists travel in the clear, where anybody may put another one of a later date in
/// their place. Otherwise the later `thisUpdate` decides, and with the same one the greater CRL number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// The source was forgotten meanwhile; nothing was written.
    Forgotten,
    /// What is stored is newer, and stays.
    Older,
    /// It is the newest now.
    Replaced,
    /// It was stored already.
    Unchanged,
    /// What is stored was signed by somebody known, and stays.
    UnknownSigner,
}

/// What the database says of the evidence that it has.
struct Held {
    sha256: Sha256,
    crl_number: Option<String>,
    signer: Signer,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
}

impl Evidence<'_> {
    /// Claims at most `limit` sources that are due at `now`, those that wait longest first. Until `until`
    /// nobody else gets them.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] when no claimed row parses.
    pub async fn claim(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Claim>, StoreError> {
        let mut write = self.pool.begin().await?;
        let rows = sqlx::query(CLAIM)
            .bind(now.as_micros())
            .bind(until.as_micros())
            .bind(i64::from(limit))
            .fetch_all(&mut *write)
            .await?;
        write.commit().await?;
        let (mut claims, mut broken) = (Vec::new(), None);
        for row in &rows {
            match read_claim(row, until) {
                Ok(claim) => claims.push(claim),
                Err(error) => broken = Some(error),
            }
        }
        match broken {
            // A row that does not parse keeps no other from being fetched; `list` tells of it.
            Some(error) if claims.is_empty() => Err(error),
            Some(_) | None => Ok(claims),
        }
    }

    /// Stores what was fetched, unless what is there is newer or better known; the next attempt is then
    /// at `next_attempt`, and the source has not failed.
    ///
    /// With [`Stored::Older`] and [`Stored::UnknownSigner`] nothing is written; the caller reports a
    /// failure.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn succeed(
        &self,
        claim: &Claim,
        new: &NewEvidence,
        next_attempt: Timestamp,
        now: Timestamp,
    ) -> Result<Stored, StoreError> {
        let id = claim.source.id();
        let mut write = self.pool.begin().await?;
        hold_version(&mut write).await?;
        let held = sqlx::query(HOLD)
            .bind(id.to_string())
            .execute(&mut *write)
            .await?;
        if held.rows_affected() == 0 {
            return Ok(Stored::Forgotten);
        }
        let stored = compare(held_evidence(&mut write, id).await?.as_ref(), new, now);
        match stored {
            Stored::Replaced => {
                replace(&mut write, id, new, now).await?;
                bump_version(&mut write).await?;
            }
            Stored::Unchanged => {
                sqlx::query(CONFIRM)
                    .bind(id.to_string())
                    .bind(now.as_micros())
                    .bind(new.signer.column())
                    .execute(&mut *write)
                    .await?;
            }
            Stored::Forgotten | Stored::Older | Stored::UnknownSigner => return Ok(stored),
        }
        sqlx::query(SUCCEED)
            .bind(id.to_string())
            .bind(next_attempt.as_micros())
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(stored)
    }

    /// Notes that an attempt failed, and when the next one is. What is stored stays. `false`: the claim
    /// had lapsed, and somebody else's attempt counts.
    ///
    /// `error` is a code with little behind it, never what a stranger sent.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn fail(
        &self,
        claim: &Claim,
        error: &str,
        next_attempt: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut write = self.pool.begin().await?;
        let noted = sqlx::query(FAIL)
            .bind(claim.source.id().to_string())
            .bind(claim.until.as_micros())
            .bind(next_attempt.as_micros())
            .bind(error)
            .bind(now.as_micros())
            .execute(&mut *write)
            .await?
            .rows_affected();
        write.commit().await?;
        Ok(noted == 1)
    }
}

fn read_claim(row: &AnyRow, until: Timestamp) -> Result<Claim, StoreError> {
    Ok(Claim {
        source: EvidenceSource::read(row)?,
        until,
        failures: Reader::new(row, "evidence_source", "source_id")?.number("failures")?,
    })
}

fn compare(held: Option<&Held>, new: &NewEvidence, now: Timestamp) -> Stored {
    let Some(held) = held else {
        return Stored::Replaced;
    };
    if held.sha256 == new.sha256 {
        return Stored::Unchanged;
    }
    match (held.signer, new.signer) {
        (Signer::Known, Signer::Unknown) => {
            let ended = held.next_update.is_some_and(|end| end < now);
            return if !ended {
                Stored::UnknownSigner
            } else if is_older(held, new) {
                Stored::Older
            } else {
                Stored::Replaced
            };
        }
        (Signer::Unknown, Signer::Known) => return Stored::Replaced,
        (Signer::Known, Signer::Known) | (Signer::Unknown, Signer::Unknown) => {}
    }
    if is_older(held, new) {
        Stored::Older
    } else {
        Stored::Replaced
    }
}

/// Whether `new` is older than what is held. A CA that lost count of its lists (RFC 5280 §5.2.3 has the
/// numbers only grow) is believed its times: a number would otherwise hold its place for ever.
fn is_older(held: &Held, new: &NewEvidence) -> bool {
    let number = |number: &Option<String>| {
        let digits = number.clone()?;
        Some((digits.len(), digits))
    };
    match new.this_update.cmp(&held.this_update) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Equal => match (number(&new.crl_number), number(&held.crl_number)) {
            (Some(new), Some(held)) => new < held,
            (None, _) | (_, None) => false,
        },
        std::cmp::Ordering::Greater => false,
    }
}

async fn held_evidence(
    connection: &mut AnyConnection,
    id: SourceId,
) -> Result<Option<Held>, StoreError> {
    let row = sqlx::query(STORED)
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let row = Reader::new(&row, "evidence", "source_id")?;
    Ok(Some(Held {
        sha256: Sha256(row.bytes("body_sha256")?),
        crl_number: row.text_or_null("crl_number")?,
        signer: Signer::read(&row)?,
        this_update: row.time("this_update")?,
        next_update: row.time_or_null("next_update")?,
    }))
}

async fn replace(
    connection: &mut AnyConnection,
    id: SourceId,
    new: &NewEvidence,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(REPLACE)
        .bind(id.to_string())
        .bind(new.body.as_slice())
        .bind(new.sha256.as_bytes().as_slice())
        .bind(new.crl_number.as_deref())
        .bind(new.signer.column())
        .bind(new.this_update.as_micros())
        .bind(new.next_update.map(Timestamp::as_micros))
        .bind(now.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that the stored evidence has changed.
pub(in crate::store) async fn bump_version(
    connection: &mut AnyConnection,
) -> Result<(), StoreError> {
    sqlx::query(BUMP).execute(connection).await?;
    Ok(())
}

/// Makes others who change the sources wait until the end of the transaction. Comes before a source is
/// changed, always, so that two transactions do not wait for each other.
pub(in crate::store) async fn hold_version(
    connection: &mut AnyConnection,
) -> Result<(), StoreError> {
    sqlx::query(HOLD_VERSION).execute(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::crypto::digest::sha256;

    fn at(hour: u64) -> Timestamp {
        Timestamp::UNIX_EPOCH.plus(Duration::from_secs(hour * 3600))
    }

    fn new(this_update: u64, number: Option<&str>, signer: Signer) -> NewEvidence {
        let body = format!("{this_update} {number:?}").into_bytes();
        NewEvidence {
            sha256: sha256(&body),
            body,
            crl_number: number.map(str::to_owned),
            signer,
            this_update: at(this_update),
            next_update: Some(at(this_update + 24)),
        }
    }

    fn held(new: &NewEvidence) -> Held {
        Held {
            sha256: new.sha256,
            crl_number: new.crl_number.clone(),
            signer: new.signer,
            this_update: new.this_update,
            next_update: new.next_update,
        }
    }

    #[test]
    fn an_older_list_never_replaces_a_newer_one() {
        use Signer::Known;
        let stored = new(10, Some("0100"), Known);
        for (this_update, number, outcome) in [
            (10, Some("0100"), Stored::Unchanged),
            (9, Some("0200"), Stored::Older),
            (9, None, Stored::Older),
            (10, Some("ff"), Stored::Older),
            (10, Some("0101"), Stored::Replaced),
            (10, None, Stored::Replaced),
            (11, Some("0101"), Stored::Replaced),
            (11, Some("01"), Stored::Replaced),
        ] {
            let new = new(this_update, number, Known);
            let compared = compare(Some(&held(&stored)), &new, at(11));
            assert_eq!(compared, outcome, "{this_update} {number:?}");
        }
        assert_eq!(compare(None, &stored, at(11)), Stored::Replaced);
    }

    #[test]
    fn a_known_signer_weighs_more_than_a_later_date() {
        use Signer::Known;
        use Signer::Unknown;
        let known = held(&new(10, None, Known));
        let compared = |held, new: &NewEvidence, hour| compare(Some(held), new, at(hour));
        let later = new(20, Some("7fffffffffffffff"), Unknown);
        assert_eq!(compared(&known, &later, 20), Stored::UnknownSigner);
        assert_eq!(
            compared(&known, &later, 34),
            Stored::UnknownSigner,
            "its last hour"
        );
        assert_eq!(compared(&known, &later, 35), Stored::Replaced, "it ended");
        assert_eq!(
            compared(&known, &new(9, None, Unknown), 35),
            Stored::Older,
            "ended, but later"
        );
        let unknown = held(&later);
        assert_eq!(
            compared(&unknown, &new(10, None, Known), 20),
            Stored::Replaced
        );
        assert_eq!(
            compared(&unknown, &new(10, None, Unknown), 20),
            Stored::Older
        );
    }
}
