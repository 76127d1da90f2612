//! What the command line says of itself, word by word.

use std::path::Path;

use clap::CommandFactory as _;
use insta::Settings;
use yinxin::cli::arguments::Arguments;
use yinxin::config::reference;

use crate::cli::binary::yinxin;

fn compare(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/cli");
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Every subcommand by the words that lead to it.
fn commands(command: &clap::Command, path: &[String]) -> Vec<Vec<String>> {
    let mut found = vec![path.to_vec()];
    for inner in command.get_subcommands() {
        let mut path = path.to_vec();
        path.push(inner.get_name().to_owned());
        found.extend(commands(inner, &path));
    }
    found
}

#[test]
fn the_help_of_every_command() {
    for mut path in commands(&Arguments::command(), &[]) {
        let name = path
            .iter()
            .fold("yinxin".to_owned(), |name, word| format!("{name}-{word}"));
        path.push("--help".to_owned());
        compare(&name, &yinxin(&path).ok());
    }
}

#[test]
fn the_reference_of_the_configuration() {
    compare("configuration-reference", &reference());
}

#[test]
fn a_complete_configuration_is_what_the_reference_shows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("yinxin.toml");
    std::fs::write(&path, reference()).unwrap();
    yinxin(["check-config", "--config", path.to_str().unwrap()]).ok();
}
