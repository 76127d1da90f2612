//! `yinxin backup` and `yinxin restore`.

use std::path::Path;

use crate::cli::arguments::Backup;
use crate::cli::arguments::Restore;
use crate::cli::check_config::read_config;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::open::open_store;
use crate::cli::open::runtime;
use crate::cli::terminal::Terminal;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::config::database::Engine;
use crate::store::backup;
use crate::store::backup::BackupError;
use crate::store::backup::MAX_RESTORED_BYTES;
use crate::store::folder::DataFolder;
use crate::store::pool::Missing;

/// Runs `backup`. A server may run meanwhile: the archive shows the database at one moment.
///
/// # Errors
/// [`Exit::Usage`] for PostgreSQL, which has tools of its own for it.
pub(in crate::cli) fn backup(
    arguments: &Backup,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let config = read_config(&arguments.configured.config)?;
    let Engine::Sqlite { data_dir } = &config.database.engine else {
        return Err(CliError::new(
            Exit::Usage,
            "the database is PostgreSQL: this backs up data folders",
        )
        .hint(
            "back up the database with pg_dump, and keys, configuration and trust stores with it",
        ));
    };
    let folder = DataFolder::open(data_dir).or_exit(Exit::NoInput)?;
    let made = runtime()?.block_on(async {
        let store = open_store(&config.database, Missing::Refuse).await?;
        let made = backup::write(&store, &folder, &arguments.archive, SystemClock.now())
            .await
            .or_exit(Exit::Internal);
        store.close().await;
        made
    })?;
    terminal.line(format_args!(
        "{}: {} files, {} bytes before compression",
        arguments.archive.display(),
        made.files,
        made.bytes
    ))?;
    terminal.note(what_it_holds(&config.keys.passphrase_file, data_dir));
    Ok(Exit::Success)
}

/// What whoever finds the archive has found: everything in the data folder goes into it.
fn what_it_holds(passphrase_file: &Path, data_dir: &Path) -> &'static str {
    // A passphrase file that cannot be found is told as if it were inside.
    let inside = match (passphrase_file.canonicalize(), data_dir.canonicalize()) {
        (Ok(file), Ok(folder)) => file.starts_with(folder),
        _ => true,
    };
    if inside {
        "it holds the encrypted keys and their passphrase: guard it as you guard them, and better keep the passphrase \
         outside the data folder"
    } else {
        "it holds the encrypted keys, but not their passphrase: keep that as well, and elsewhere"
    }
}

/// Runs `restore`.
///
/// # Errors
/// [`Exit::Data`] for an archive that is not whole, [`Exit::NoInput`] when there is none, [`Exit::Usage`]
/// when the folder is not empty.
pub(in crate::cli) fn restore(
    arguments: &Restore,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let restoring = backup::restore(
        &arguments.archive,
        &arguments.data,
        MAX_RESTORED_BYTES,
        SystemClock.now(),
    );
    let restored = runtime()?
        .block_on(restoring)
        .map_err(|error| CliError::caused(exit_of(&error), &error))?;
    terminal.line(format_args!(
        "{}: {} files, each with the digest it was backed up with",
        arguments.data.display(),
        restored.files
    ))?;
    let config = arguments.data.join("yinxin.toml");
    terminal.note(format_args!(
        "`yinxin doctor --config {}` looks it over",
        config.display()
    ));
    Ok(Exit::Success)
}

/// How a restore that failed ends.
const fn exit_of(error: &BackupError) -> Exit {
    match error {
        BackupError::NotEmpty { .. } => Exit::Usage,
        BackupError::File(_) => Exit::NoInput,
        BackupError::Folder(_) | BackupError::Interrupted | BackupError::Store(_) => Exit::Internal,
        BackupError::Altered { .. }
        | BackupError::Archive(_)
        | BackupError::Changed { .. }
        | BackupError::Format
        | BackupError::Missing { .. }
        | BackupError::Name { .. }
        | BackupError::NotAFile { .. }
        | BackupError::TooLarge { .. }
        | BackupError::Unexpected { .. } => Exit::Data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_outside_the_data_folder_is_not_said_to_be_in_the_archive() {
        let outer = tempfile::tempdir().unwrap();
        let data = outer.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let (inside, outside) = (data.join("passphrase"), outer.path().join("passphrase"));
        for file in [&inside, &outside] {
            std::fs::write(file, "x").unwrap();
        }
        assert!(what_it_holds(&inside, &data).contains("and their passphrase"));
        assert!(what_it_holds(&outside, &data).contains("but not their passphrase"));
        let roundabout = data.join("../passphrase");
        assert!(what_it_holds(&roundabout, &data).contains("but not their passphrase"));
        assert!(what_it_holds(&data.join("gone"), &data).contains("and their passphrase"));
    }
}
