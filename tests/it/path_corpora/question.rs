//! What is asked of `yinxin path`.

use std::ffi::OsString;
use std::path::PathBuf;

/// One call of `yinxin path`, as DESIGN §8 has it.
#[derive(Clone, Debug, Default)]
pub(super) struct Question {
    /// Whose path is asked for; a file may hold intermediates behind it.
    pub(super) end_entity: PathBuf,
    pub(super) anchors: Vec<PathBuf>,
    pub(super) intermediates: Vec<PathBuf>,
    pub(super) crls: Vec<PathBuf>,
    pub(super) ocsp: Vec<PathBuf>,
    pub(super) revocation: Revocation,
    /// RFC 3339.
    pub(super) at: String,
    pub(super) rules: Option<&'static str>,
    /// The user-initial-policy-set (RFC 5280 §6.1.1 (c)); empty: any policy.
    pub(super) policies: Vec<String>,
    /// Options that stand alone.
    pub(super) flags: Vec<&'static str>,
    /// Extended key usages, key usages and names asked for: option and value.
    pub(super) asked: Vec<(&'static str, String)>,
    pub(super) max_path_length: Option<u32>,
}

/// Whether every certificate below the anchor needs a definite answer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Revocation {
    #[default]
    Checked,
    Unchecked,
}

impl Question {
    /// The command line, the program's name first.
    pub(super) fn to_arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = ["yinxin", "path"].map(OsString::from).to_vec();
        arguments.push(self.end_entity.clone().into());
        for (option, files) in [
            ("--anchor", &self.anchors),
            ("--intermediate", &self.intermediates),
            ("--crl", &self.crls),
            ("--ocsp", &self.ocsp),
        ] {
            for file in files {
                arguments.extend([OsString::from(option), file.clone().into()]);
            }
        }
        let mut option =
            |name: &str, value: &str| arguments.extend([name, value].map(OsString::from));
        for policy in &self.policies {
            option("--policy", policy);
        }
        for (name, value) in &self.asked {
            option(name, value);
        }
        if let Some(length) = self.max_path_length {
            option("--max-path-length", &length.to_string());
        }
        if let Some(rules) = self.rules {
            option("--rules", rules);
        }
        option("--at", &self.at);
        if matches!(self.revocation, Revocation::Unchecked) {
            arguments.push("--no-revocation".into());
        }
        arguments.extend(self.flags.iter().map(OsString::from));
        arguments.push("--json".into());
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_asked_is_on_the_command_line() {
        let question = Question {
            end_entity: "e.pem".into(),
            anchors: vec!["a.pem".into(), "b.pem".into()],
            intermediates: vec!["i.pem".into()],
            crls: vec!["c.crl".into()],
            ocsp: vec!["o.der".into()],
            revocation: Revocation::Unchecked,
            at: "2026-01-01T00:00:00Z".to_owned(),
            rules: Some("webpki"),
            policies: vec!["1.2".to_owned()],
            flags: vec!["--inhibit-any-policy"],
            asked: vec![("--dns-name", "example.com".to_owned())],
            max_path_length: Some(2),
        };
        let line: Vec<String> = question
            .to_arguments()
            .into_iter()
            .map(|argument| argument.into_string().unwrap())
            .collect();
        assert_eq!(
            line.join(" "),
            "yinxin path e.pem --anchor a.pem --anchor b.pem --intermediate i.pem --crl c.crl --ocsp o.der \
             --policy 1.2 --dns-name example.com --max-path-length 2 --rules webpki \
             --at 2026-01-01T00:00:00Z --no-revocation --inhibit-any-policy --json"
        );
    }
}
