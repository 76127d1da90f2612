//! The shape of `ca.toml`, and its way into a [`TrustStore`].

mod evidence;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use crate::clock::Timestamp;
use crate::crypto::algorithm::ALGORITHMS;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::pki::oid::Oid;
use crate::pki::trust_anchor::TrustAnchor;
use crate::validation::trust_store::Licence;
use crate::validation::trust_store::RevocationMode;
use crate::validation::trust_store::TrustStore;
use crate::validation::trust_store::UsageRule;
use crate::validation::trust_store::ca_toml::evidence::EvidenceToml;
use crate::validation::trust_store::error::Location;
use crate::validation::trust_store::error::TrustStoreError;
use crate::validation::trust_store::name::CaId;
use crate::validation::trust_store::name::Usage;

type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CaToml {
    name: Text,
    name_zh: Text,
    operator: Text,
    operator_zh: Option<String>,
    licence_number: Option<String>,
    licence_valid_until: Option<Text>,
    #[serde(default)]
    demo: bool,
    valid_from: Option<Text>,
    distrust_after: Option<Text>,
    algorithms: Option<Vec<Text>>,
    #[serde(default)]
    identity_oids: Vec<Text>,
    #[serde(default)]
    hosts: Vec<Text>,
    addresses: Option<Vec<Text>>,
    maximum_age: Option<Text>,
    #[serde(default)]
    evidence: Vec<Text>,
    #[serde(default)]
    revocation: RevocationToml,
    #[serde(default)]
    usages: BTreeMap<Text, UsageToml>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct UsageToml {
    #[serde(default)]
    policies: Vec<Text>,
    #[serde(default)]
    ekus: Vec<Text>,
}

/// `revocation = "required"` or `revocation = { not-checked = "why" }`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
enum RevocationToml {
    #[default]
    Required,
    NotChecked(Text),
}

pub(super) fn parse(
    id: CaId,
    source: &str,
    anchors: Vec<TrustAnchor>,
) -> Result<TrustStore, TrustStoreError> {
    let reader = Reader {
        file: format!("{id}/ca.toml"),
        source,
    };
    let read: CaToml = toml::from_str(source).map_err(|error| TrustStoreError::Syntax {
        at: reader.at(error.span().map_or(0, |span| span.start)),
        source: Box::new(error),
    })?;
    let valid_until = reader.date("licence-valid-until", read.licence_valid_until, Day::End)?;
    Ok(TrustStore {
        id,
        name: reader.filled("name", read.name)?,
        name_zh: reader.filled("name-zh", read.name_zh)?,
        operator: reader.filled("operator", read.operator)?,
        operator_zh: read.operator_zh,
        licence: Licence {
            number: read.licence_number,
            valid_until,
        },
        demo: read.demo,
        usages: reader.usages(read.usages)?,
        algorithms: read
            .algorithms
            .map(|names| reader.algorithms(names))
            .transpose()?,
        valid_from: reader.date("valid-from", read.valid_from, Day::Start)?,
        distrust_after: reader.date("distrust-after", read.distrust_after, Day::End)?,
        identity_oids: reader.oids("identity-oids", read.identity_oids)?,
        evidence: reader.evidence(EvidenceToml {
            hosts: read.hosts,
            addresses: read.addresses,
            maximum_age: read.maximum_age,
            evidence: read.evidence,
        })?,
        revocation: reader.revocation(read.revocation)?,
        anchors,
    })
}

/// Which end of a day a bare date means; days are those of UTC.
#[derive(Clone, Copy)]
enum Day {
    Start,
    End,
}

/// One file, to say where in it a mistake is.
struct Reader<'a> {
    file: String,
    source: &'a str,
}

impl Reader<'_> {
    fn at(&self, offset: usize) -> Location {
        let before = self.source.as_bytes().iter().take(offset);
        Location {
            file: self.file.clone(),
            line: before
                .filter(|byte| **byte == b'\n')
                .count()
                .saturating_add(1),
        }
    }

    fn at_text(&self, text: &Text) -> Location {
        self.at(text.span().start)
    }

    fn filled(&self, field: &'static str, text: Text) -> Result<String, TrustStoreError> {
        if text.get_ref().trim().is_empty() {
            let at = self.at_text(&text);
            return Err(TrustStoreError::Empty { at, field });
        }
        Ok(text.into_inner())
    }

    fn date(
        &self,
        field: &'static str,
        text: Option<Text>,
        day: Day,
    ) -> Result<Option<Timestamp>, TrustStoreError> {
        let Some(text) = text else {
            return Ok(None);
        };
        let error = TrustStoreError::Date {
            at: self.at_text(&text),
            field,
        };
        let text = text.into_inner();
        if text.contains('T') {
            return Timestamp::parse(&text)
                .map(Some)
                .map_err(|_not_rfc3339| error);
        }
        let start = Timestamp::parse(&format!("{text}T00:00:00Z"));
        let start = start.map_err(|_not_a_date| error)?;
        Ok(Some(match day {
            Day::Start => start,
            Day::End => start.plus(Duration::from_secs(24 * 60 * 60 - 1)),
        }))
    }

    fn oids(&self, field: &'static str, texts: Vec<Text>) -> Result<Vec<Oid>, TrustStoreError> {
        let read = texts.into_iter().map(|text| {
            let at = self.at_text(&text);
            let text = text.into_inner();
            Oid::parse(&text).map_err(|_malformed| TrustStoreError::Oid { at, field, text })
        });
        read.collect()
    }

    fn algorithms(&self, names: Vec<Text>) -> Result<Vec<SignatureAlgorithm>, TrustStoreError> {
        let read = names.into_iter().map(|text| {
            let at = self.at_text(&text);
            let name = text.into_inner();
            let row = ALGORITHMS.iter().find(|row| row.name == name);
            row.map(|row| row.algorithm)
                .ok_or(TrustStoreError::UnknownAlgorithm { at, name })
        });
        read.collect()
    }

    fn revocation(&self, read: RevocationToml) -> Result<RevocationMode, TrustStoreError> {
        match read {
            RevocationToml::Required => Ok(RevocationMode::Required),
            RevocationToml::NotChecked(reason) => Ok(RevocationMode::NotChecked {
                reason: self.filled("not-checked", reason)?,
            }),
        }
    }

    fn usages(
        &self,
        read: BTreeMap<Text, UsageToml>,
    ) -> Result<BTreeMap<Usage, UsageRule>, TrustStoreError> {
        let rules = read.into_iter().map(|(name, rule)| {
            let at = self.at_text(&name);
            let usage = Usage::parse(name.get_ref()).map_err(|source| {
                let (at, name) = (at.clone(), name.get_ref().clone());
                TrustStoreError::UsageName { at, name, source }
            })?;
            let rule = UsageRule {
                policies: self.oids("policies", rule.policies)?,
                ekus: self.oids("ekus", rule.ekus)?,
            };
            if rule.policies.is_empty() && rule.ekus.is_empty() {
                return Err(TrustStoreError::UsageWithoutRule { at, usage });
            }
            Ok((usage, rule))
        });
        rules.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
name = "Example CA"
name-zh = "示例认证"
operator = "Example Ltd."
operator-zh = "示例有限公司"
licence-number = "ECP44010218001"
licence-valid-until = "2030-06-30"
valid-from = "2020-01-01"
distrust-after = "2029-12-31"
algorithms = ["ECDSA-SHA256", "Ed25519"]
identity-oids = ["1.2.156.10260.4.1.4", "2.5.4.97"]
hosts = ["crl.example.cn"]
revocation = { not-checked = "no CRL is published" }

[usages.tax]
policies = ["1.2.3.4"]

[usages.credential-issuing]
ekus = ["2.25.7", "1.3.6.1.5.5.7.3.4"]
"#;

    fn parse_text(text: &str) -> Result<TrustStore, TrustStoreError> {
        parse(CaId::parse("example").unwrap(), text, Vec::new())
    }

    fn error_with(line: &str) -> String {
        let field = format!("{} =", line.split(' ').next().unwrap());
        let kept = GOOD.lines().filter(|old| !old.starts_with(&field));
        let text = format!("{line}\n{}", kept.collect::<Vec<_>>().join("\n"));
        parse_text(&text).unwrap_err().to_string()
    }

    #[test]
    fn a_full_file_is_read() {
        let store = parse_text(GOOD).unwrap();
        assert_eq!(store.name_zh, "示例认证");
        assert!(!store.demo);
        let at = |text| Some(Timestamp::parse(text).unwrap());
        assert_eq!(store.valid_from, at("2020-01-01T00:00:00Z"));
        assert_eq!(store.distrust_after, at("2029-12-31T23:59:59Z"));
        assert_eq!(store.licence.valid_until, at("2030-06-30T23:59:59Z"));
        assert_eq!(
            store.algorithms,
            Some(vec![
                SignatureAlgorithm::EcdsaSha256,
                SignatureAlgorithm::Ed25519
            ])
        );
        assert_eq!(store.identity_oids.len(), 2);
        let names: Vec<&str> = store.usages.keys().map(Usage::as_str).collect();
        assert_eq!(names, ["credential-issuing", "tax"]);
        let reason = "no CRL is published".to_owned();
        assert_eq!(store.revocation, RevocationMode::NotChecked { reason });
    }

    #[test]
    fn what_is_not_said_is_the_cautious_choice() {
        let store = parse_text("name = 'a'\nname-zh = 'b'\noperator = 'c'\n").unwrap();
        assert!(store.usages.is_empty());
        assert!(store.identity_oids.is_empty());
        assert_eq!(store.revocation, RevocationMode::Required);
        assert_eq!(store.algorithms, None);
    }

    #[test]
    fn times_of_day_are_read_as_written() {
        let text = GOOD.replace("2020-01-01", "2020-01-01T08:00:00+08:00");
        let expected = Timestamp::parse("2020-01-01T00:00:00Z").unwrap();
        assert_eq!(parse_text(&text).unwrap().valid_from, Some(expected));
    }

    #[test]
    fn mistakes_name_file_line_and_remedy() {
        for (line, expected) in [
            (
                "valid-from = \"next year\"",
                "example/ca.toml, line 1: `valid-from` is not a date: write \"2026-01-31\" or \
                 \"2026-01-31T00:00:00Z\"",
            ),
            (
                "name = \" \"",
                "example/ca.toml, line 1: `name` is empty; fill it in",
            ),
            (
                "identity-oids = [\"1.2\", \"1.2.x\"]",
                "example/ca.toml, line 1: `1.2.x` in `identity-oids` is not an object identifier; write \
                 it like \"1.2.156.10260.4.1.4\"",
            ),
            (
                "revocation = { not-checked = \"\" }",
                "example/ca.toml, line 1: `not-checked` is empty; fill it in",
            ),
        ] {
            assert_eq!(error_with(line), expected);
        }
    }

    #[test]
    fn unknown_keys_kinds_and_names_are_refused() {
        let unknown = error_with("trusted = true");
        assert!(
            unknown.starts_with("example/ca.toml, line 1: unknown field `trusted`"),
            "{unknown}"
        );
        let kind = error_with("demo = \"no\"");
        assert!(
            kind.starts_with("example/ca.toml, line 1: invalid type"),
            "{kind}"
        );
        let mode = error_with("revocation = \"sometimes\"");
        assert!(
            mode.contains("line 1: unknown variant `sometimes`"),
            "{mode}"
        );
        let algorithm = error_with("algorithms = [\"ES257\"]");
        assert!(
            algorithm.contains("`ES257` is not a known signature algorithm"),
            "{algorithm}"
        );
        assert!(algorithm.contains("ECDSA-P256-SHA256"), "{algorithm}");
        let missing = parse_text("name = 'a'\n").unwrap_err().to_string();
        assert!(missing.contains("missing field `name-zh`"), "{missing}");
        let torn = parse_text("name = 'a'\nname-zh = \n")
            .unwrap_err()
            .to_string();
        assert!(torn.starts_with("example/ca.toml, line 2: "), "{torn}");
    }

    #[test]
    fn a_usage_says_what_its_certificates_carry() {
        let text = format!("{GOOD}\n[usages.banking]\npolicies = []\n");
        let error = parse_text(&text).unwrap_err().to_string();
        assert!(
            error.starts_with("example/ca.toml, line 21: usage `banking` names neither"),
            "{error}"
        );
        let text = format!("{GOOD}\n[usages.Bank]\nekus = [\"1.2\"]\n");
        let error = parse_text(&text).unwrap_err().to_string();
        assert!(
            error.contains("line 21: `Bank` is not usable as the name of a usage"),
            "{error}"
        );
        let text = format!("{GOOD}\n[usages.bank]\neku = [\"1.2\"]\n");
        let error = parse_text(&text).unwrap_err().to_string();
        assert!(error.contains("line 22: unknown field `eku`"), "{error}");
    }
}
