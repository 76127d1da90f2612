//! The configuration: one TOML file whose mistakes are all reported at once, with line and column.
//!
//! One file per section holds its fields' documentation, units, defaults and limits in one table, from
//! which both reading and [`reference()`] work. Secrets are named by file, never written here. Start at
//! [`Config::parse`].

pub mod audit;
pub mod credential;
pub mod database;
pub mod evidence;
pub mod field;
pub mod keys;
pub mod limits;
pub mod log;
pub mod mistake;
mod reader;
mod reference;
pub mod server;
pub mod trust;

use std::path::Path;

use crate::config::audit::Audit;
use crate::config::credential::Credential;
use crate::config::database::Database;
use crate::config::evidence::Evidence;
use crate::config::field::SectionDoc;
use crate::config::keys::Keys;
use crate::config::limits::Limits;
use crate::config::log::Log;
use crate::config::mistake::ConfigMistake;
use crate::config::reader::Document;
use crate::config::server::Server;
use crate::config::trust::Trust;

pub use reference::reference;

/// The largest file that is read, in bytes; a full one with every comment has less than a tenth.
pub const MAX_CONFIG_BYTES: usize = 256 * 1024;

/// The sections, in the order of the reference.
pub const SECTIONS: [&SectionDoc; 9] = [
    &server::SECTION,
    &database::SECTION,
    &keys::SECTION,
    &trust::SECTION,
    &log::SECTION,
    &credential::SECTION,
    &evidence::SECTION,
    &audit::SECTION,
    &limits::SECTION,
];

/// What `yinxin serve` and the other commands need to know of the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[database]`
    pub database: Database,
    /// `[keys]`
    pub keys: Keys,
    /// `[trust]`
    pub trust: Trust,
    /// `[log]`
    pub log: Log,
    /// `[credential]`
    pub credential: Credential,
    /// `[evidence]`
    pub evidence: Evidence,
    /// `[audit]`
    pub audit: Audit,
    /// `[limits]`
    pub limits: Limits,
}

impl Config {
    /// Reads a whole file. Relative paths in it are taken from the folder of `file_name`; no file is
    /// opened here.
    ///
    /// # Errors
    /// Every mistake in the file, in the order of its lines; mistakes of syntax hide the others.
    pub fn parse(text: &str, file_name: &Path) -> Result<Self, Vec<ConfigMistake>> {
        let mut document = Document::parse(text, file_name)?;
        let server = document.section(&server::SECTION, Server::read);
        let database = document.section(&database::SECTION, Database::read);
        let keys = document.section(&keys::SECTION, Keys::read);
        let trust = document.section(&trust::SECTION, Trust::read);
        let log = document.section(&log::SECTION, Log::read);
        let credential = document.section(&credential::SECTION, Credential::read);
        let evidence = document.section(&evidence::SECTION, Evidence::read);
        let audit = document.section(&audit::SECTION, Audit::read);
        let limits = document.section(&limits::SECTION, Limits::read);

        let complete = (|| {
            Some(Self {
                server: server?,
                database: database?,
                keys: keys?,
                trust: trust?,
                log: log?,
                credential: credential?,
                evidence: evidence?,
                audit: audit?,
                limits: limits?,
            })
        })();
        document.finish(complete)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINIMAL: &str = "[server]\npublic_url = \"https://yinxin.example.org\"\n\
                           [keys]\npassphrase_file = \"passphrase\"\n";

    fn mistakes(text: &str) -> Vec<String> {
        let mistakes = Config::parse(text, Path::new("/etc/yinxin/yinxin.toml")).unwrap_err();
        mistakes
            .iter()
            .map(|mistake| format!("{}:{} {}", mistake.line, mistake.column, mistake.key))
            .collect()
    }

    #[test]
    fn what_is_absent_takes_its_default() {
        let config = Config::parse(MINIMAL, Path::new("/etc/yinxin/yinxin.toml")).unwrap();
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:8440");
        assert_eq!(
            config.keys.passphrase_file,
            Path::new("/etc/yinxin/passphrase")
        );
        assert_eq!(config.keys.dir, Path::new("/etc/yinxin/keys"));
        assert_eq!(config.trust.roots_dir, None);
    }

    #[test]
    fn all_mistakes_are_told_at_once_in_the_order_of_lines() {
        let text = "[server]\n\
                    listen = \"nowhere\"\n\
                    publicurl = \"https://x.example\"\n\
                    max_body_bytes = -1\n\
                    [keys]\n\
                    dir = 7\n\
                    [lgo]\n\
                    level = \"info\"\n\
                    [log]\n\
                    format = \"xml\"\n\
                    level = \"loud\"\n\
                    [limits]\n\
                    public_requests_per_minute = 99999999\n";
        assert_eq!(
            mistakes(text),
            [
                "1:2 server.public_url",
                "2:10 server.listen",
                "3:1 server.publicurl",
                "4:18 server.max_body_bytes",
                "5:2 keys.passphrase_file",
                "6:7 keys.dir",
                "7:2 lgo",
                "10:10 log.format",
                "11:9 log.level",
                "13:30 limits.public_requests_per_minute",
            ]
        );
    }

    #[test]
    fn a_missing_section_is_told_where_it_could_stand() {
        assert_eq!(
            mistakes(""),
            ["1:1 server.public_url", "1:1 keys.passphrase_file"]
        );
    }

    #[test]
    fn a_section_that_is_no_table_and_a_key_outside_sections_are_told() {
        assert_eq!(
            mistakes("log = 1\nlisten = \"127.0.0.1:1\"\n"),
            [
                "1:1 server.public_url",
                "1:1 keys.passphrase_file",
                "1:1 log",
                "2:1 listen"
            ]
        );
        let text = format!("listen = \"127.0.0.1:1\"\n{MINIMAL}");
        let mistakes = Config::parse(&text, Path::new("yinxin.toml")).unwrap_err();
        let told = mistakes.first().unwrap().to_string();
        assert_eq!(
            told,
            "yinxin.toml:1:1: listen is not a section; put it under [server]"
        );
    }

    #[test]
    fn every_mistake_of_syntax_is_told() {
        let told = mistakes("[server\nlisten = \n[keys]\ndir = \"x\n");
        assert!(told.len() >= 2, "{told:?}");
        assert!(told.first().unwrap().starts_with("1:"), "{told:?}");
    }

    #[test]
    fn a_file_too_large_is_refused() {
        let text = "#".repeat(MAX_CONFIG_BYTES + 1);
        assert_eq!(mistakes(&text).len(), 1);
    }

    #[test]
    fn columns_count_characters() {
        let text = "log = { format = \"印信\", level = \"印信\" }\n".to_owned() + MINIMAL;
        assert_eq!(mistakes(&text), ["1:18 log.format", "1:32 log.level"]);
    }

    #[test]
    fn the_reference_is_a_valid_file_of_defaults() {
        let text = reference();
        let file = Path::new("/etc/yinxin/yinxin.toml");
        let documented = Config::parse(&text, file).unwrap();
        assert_eq!(documented, Config::parse(MINIMAL, file).unwrap());
    }

    #[test]
    fn every_field_is_documented_with_its_unit() {
        for section in SECTIONS {
            assert!(!section.doc.is_empty(), "{}", section.name);
            for field in section.fields {
                assert!(field.doc.ends_with('.'), "{}.{}", section.name, field.key);
                assert!(!field.unit.is_empty(), "{}.{}", section.name, field.key);
                assert!(
                    reference().contains(field.key),
                    "{}.{}",
                    section.name,
                    field.key
                );
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_its_mistakes_lie_inside_it(
            lines in prop::collection::vec(
                prop_oneof![
                    "\\[(server|log|keys|印)\\]",
                    "(listen|public_url|format|dir) = (\"[a-z:/.]{0,12}\"|-?[0-9]{1,3}|\\[\\]|true)",
                    "\\PC{0,20}",
                ],
                0..8,
            ),
        ) {
            let text = lines.join("\n");
            if let Err(mistakes) = Config::parse(&text, Path::new("yinxin.toml")) {
                prop_assert!(!mistakes.is_empty());
                for mistake in &mistakes {
                    let line = text.split('\n').nth(mistake.line - 1);
                    let columns = line.map(|line| line.chars().count() + 1);
                    prop_assert!(columns.is_some_and(|columns| mistake.column <= columns), "{mistake} in {text:?}");
                }
            }
        }
    }
}
