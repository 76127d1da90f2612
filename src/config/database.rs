//! `[database]`: where everything is kept.

use std::path::PathBuf;

use axum::http::Uri;
use toml::de::DeValue;

use crate::config::field::Default;
use crate::config::field::Field;
use crate::config::field::SectionDoc;
use crate::config::mistake::ConfigProblem;
use crate::config::mistake::UrlFault;
use crate::config::reader::Refusal;
use crate::config::reader::Section;
use crate::config::reader::text;

/// `[database]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Which engine, and where.
    pub engine: Engine,
    /// The most connections held open at once.
    pub max_connections: u32,
}

/// Which engine, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL, shared by any number of nodes.
    Postgres {
        /// `postgres://user@host:port/database`, without password.
        url: String,
        /// The file that holds the password; absent: the server asks for none.
        password_file: Option<PathBuf>,
    },
    /// SQLite in a folder that one process owns.
    Sqlite {
        /// The folder.
        data_dir: PathBuf,
    },
}

const DATA_DIR: Field = Field {
    key: "data_dir",
    doc: "The folder of the embedded SQLite database. One process owns it at a time. Not together with url.",
    unit: "path",
    default: Default::Value("\"data\""),
};
const URL: Field = Field {
    key: "url",
    doc: "A PostgreSQL database, for more than one node. The password stands in password_file.",
    unit: "URL",
    default: Default::Absent {
        means: "the embedded SQLite database in data_dir is used",
        example: "\"postgres://yinxin@db.example.org:5432/yinxin\"",
    },
};
const PASSWORD_FILE: Field = Field {
    key: "password_file",
    doc: "The file whose first line is the password of the PostgreSQL user.",
    unit: "path",
    default: Default::Absent {
        means: "no password is sent",
        example: "\"database-password\"",
    },
};
const MAX_CONNECTIONS: Field = Field {
    key: "max_connections",
    doc: "The most connections that are held open at once.",
    unit: "connections",
    default: Default::Value("10"),
};

/// The section's documentation.
pub const SECTION: SectionDoc = SectionDoc {
    name: "database",
    doc: "Where everything is kept: a folder, or a PostgreSQL database.",
    fields: &[&DATA_DIR, &URL, &PASSWORD_FILE, &MAX_CONNECTIONS],
};

/// PostgreSQL itself allows 100 unless told otherwise.
const CONNECTION_LIMITS: std::ops::RangeInclusive<u64> = 1..=1_000;

impl Database {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        let max_connections = section.number(&MAX_CONNECTIONS, CONNECTION_LIMITS);
        let engine = read_engine(section);
        Some(Self {
            engine: engine?,
            max_connections: u32::try_from(max_connections?).ok()?,
        })
    }
}

fn read_engine(section: &mut Section<'_, '_>) -> Option<Engine> {
    let data_dir = section.path(&DATA_DIR);
    let url = section.optional(&URL, postgres_url);
    let password_file = section.optional_path(&PASSWORD_FILE);
    let (has_url, has_folder) = (section.has(&URL), section.has(&DATA_DIR));
    if has_url && has_folder {
        let problem = ConfigProblem::Conflict { other: "data_dir" };
        section.refuse(
            &URL,
            Refusal::new(problem, "keep url for PostgreSQL, or data_dir for SQLite"),
        );
    }
    if !has_url && section.has(&PASSWORD_FILE) {
        let hint = "SQLite has no password; set url as well, or remove this line";
        section.refuse(
            &PASSWORD_FILE,
            Refusal::new(ConfigProblem::Conflict { other: "data_dir" }, hint),
        );
    }
    Some(match url? {
        Some(url) => Engine::Postgres {
            url,
            password_file: password_file?,
        },
        None => Engine::Sqlite {
            data_dir: data_dir?,
        },
    })
}

fn postgres_url(value: &DeValue<'_>) -> Result<String, Refusal> {
    let found = text(value)?;
    let refused = |reason| {
        // The text may hold a password: only what stands before the user is repeated.
        let shown = found
            .split("//")
            .next()
            .unwrap_or("")
            .chars()
            .take(20)
            .collect::<String>();
        let problem = ConfigProblem::Url {
            found: format!("{shown}//…"),
            reason,
        };
        Refusal::new(
            problem,
            "write for example \"postgres://yinxin@db.example.org:5432/yinxin\"",
        )
    };
    let uri: Uri = found
        .parse()
        .ok()
        .ok_or_else(|| refused(UrlFault::NotAUrl))?;
    let authority = uri
        .authority()
        .filter(|authority| !authority.host().is_empty());
    let authority = authority.ok_or_else(|| refused(UrlFault::NotAUrl))?;
    if !matches!(uri.scheme_str(), Some("postgres" | "postgresql")) {
        return Err(refused(UrlFault::Scheme));
    }
    let user = authority.as_str().rsplit_once('@').map(|(user, _)| user);
    let in_query = uri
        .query()
        .is_some_and(|query| query.to_ascii_lowercase().contains("password"));
    if in_query || user.is_some_and(|user| user.contains(':')) {
        let hint = "remove it, and name the file that holds it in password_file";
        return Err(Refusal::new(ConfigProblem::PasswordInUrl, hint));
    }
    Ok(found.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    fn parse(database: &str) -> Result<Database, String> {
        let text = format!(
            "[server]\npublic_url=\"https://a.example\"\n[keys]\npassphrase_file=\"p\"\n[database]\n{database}"
        );
        Config::parse(&text, Path::new("/etc/yinxin.toml"))
            .map(|config| config.database)
            .map_err(|mistakes| {
                mistakes
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("\n")
            })
    }

    #[test]
    fn a_folder_is_the_default() {
        let database = parse("").unwrap();
        assert_eq!(
            database.engine,
            Engine::Sqlite {
                data_dir: PathBuf::from("/etc/data")
            }
        );
        assert_eq!(database.max_connections, 10);
        let database = parse("data_dir = \"/var/lib/yinxin\"").unwrap();
        assert_eq!(
            database.engine,
            Engine::Sqlite {
                data_dir: PathBuf::from("/var/lib/yinxin")
            }
        );
    }

    #[test]
    fn postgres_takes_its_password_from_a_file() {
        let database =
            parse("url = \"postgres://yinxin@db:5432/yinxin\"\npassword_file = \"pw\"").unwrap();
        let expected = Engine::Postgres {
            url: "postgres://yinxin@db:5432/yinxin".to_owned(),
            password_file: Some(PathBuf::from("/etc/pw")),
        };
        assert_eq!(database.engine, expected);
    }

    #[test]
    fn a_password_in_the_url_is_refused_and_not_repeated() {
        for url in [
            "postgres://yinxin:hunter2@db/yinxin",
            "postgres://db/yinxin?Password=hunter2",
            "pg://u:hunter2@db/",
        ] {
            let told = parse(&format!("url = \"{url}\"")).unwrap_err();
            assert!(!told.contains("hunter2"), "{told}");
        }
        assert!(
            parse("url = \"postgres://a:b@c/d\"")
                .unwrap_err()
                .contains("contains a password")
        );
    }

    #[test]
    fn contradictions_are_told() {
        let told = parse("url = \"postgres://db/yinxin\"\ndata_dir = \"x\"").unwrap_err();
        assert!(
            told.contains("6:7: database.url cannot stand beside `data_dir`"),
            "{told}"
        );
        let told = parse("password_file = \"pw\"").unwrap_err();
        assert!(
            told.contains("database.password_file cannot stand beside"),
            "{told}"
        );
        assert!(
            parse("url = \"mysql://db/yinxin\"")
                .unwrap_err()
                .contains("with another scheme")
        );
        assert!(
            parse("max_connections = 0")
                .unwrap_err()
                .contains("is 0, not from 1 to 1000")
        );
    }
}
