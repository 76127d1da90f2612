//! The schema, step by step: one row a migration, its two forms side by side.
//!
//! Forward only. A migration that was merged is never edited, since it ran somewhere: what it said is
//! compared by checksum. Expand first, move the code, contract a release later, so that the release
//! before still runs on the new schema.

use sqlx::SqlSafeStr;
use sqlx::migrate::Migration;
use sqlx::migrate::MigrationType;
use sqlx::migrate::Migrator;

use crate::store::pool::Engine;

/// One step for both engines.
struct Step {
    version: i64,
    what: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// Reads both forms of the migration; the file name begins with its number in four digits.
macro_rules! step {
    ($version:literal, $file:literal, $what:literal) => {
        Step {
            version: $version,
            what: $what,
            sqlite: include_str!(concat!("sqlite/", $file, "_", $what, ".sql")),
            postgres: include_str!(concat!("postgres/", $file, "_", $what, ".sql")),
        }
    };
}

const STEPS: &[Step] = &[
    step!(1, "0001", "meta"),
    step!(2, "0002", "callers"),
    step!(3, "0003", "companies"),
    step!(4, "0004", "credentials"),
    step!(5, "0005", "evidence"),
    step!(6, "0006", "evidence_sources"),
    step!(7, "0007", "audit_chain"),
    step!(8, "0008", "recognition"),
    step!(9, "0009", "caller_terms"),
    step!(10, "0010", "holders"),
    step!(11, "0011", "register_version"),
    step!(12, "0012", "unused_index"),
    step!(13, "0013", "attempts_index"),
    step!(14, "0014", "retention"),
    step!(15, "0015", "caller_day"),
];

/// The number of the last migration.
pub(in crate::store) fn latest() -> Option<i64> {
    STEPS.last().map(|step| step.version)
}

/// All migrations of one engine, ready to run.
pub(in crate::store) fn of(engine: Engine) -> Migrator {
    let migration = |step: &Step| {
        let statements = match engine {
            Engine::Postgres => step.postgres,
            Engine::Sqlite => step.sqlite,
        };
        let statements = statements.into_sql_str();
        Migration::new(
            step.version,
            step.what.into(),
            MigrationType::Simple,
            statements,
            false,
        )
    };
    let mut migrator = Migrator::with_migrations(STEPS.iter().map(migration).collect());
    // A schema that a newer release has expanded still serves this one.
    migrator.set_ignore_missing(true);
    migrator
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_go_up() {
        let versions: Vec<i64> = STEPS.iter().map(|step| step.version).collect();
        assert_eq!(versions.first(), Some(&1));
        assert!(versions.is_sorted_by(|one, next| one < next));
    }
}
