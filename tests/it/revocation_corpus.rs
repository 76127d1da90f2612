//! Revocation by foreign vectors: what NIST's PKITS, the Chinese corpora and x509-limbo say about CRLs and
//! OCSP responses, every case right.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use yinxin::clock::Timestamp;
use yinxin::pki::certificate;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::path::PathValidator;
use yinxin::pki::revocation::check::RevocationChecker;
use yinxin::pki::revocation::crl;
use yinxin::pki::revocation::crl::Crl;
use yinxin::pki::revocation::crl::CrlError;
use yinxin::pki::revocation::evidence::Evidence;
use yinxin::pki::revocation::evidence::ReceivedResponse;
use yinxin::pki::revocation::freshness::FreshnessPolicy;
use yinxin::pki::revocation::freshness::LaterEvidence;
use yinxin::pki::revocation::ocsp::OcspResponse;
use yinxin::pki::revocation::status::CertificateStatus;
use yinxin::pki::rules::Rules;
use yinxin::pki::rules::check_crl;
use yinxin::pki::trust_anchor::AnchorSet;
use yinxin::pki::trust_anchor::TrustAnchor;

use crate::corpora::corpora;

/// What one case hands in.
#[derive(Clone)]
struct Case {
    id: String,
    anchors: AnchorSet,
    /// The end entity first.
    certificates: Vec<Certificate>,
    /// Beside the path.
    more: Vec<Certificate>,
    crls: Vec<Crl>,
    responses: Vec<OcspResponse>,
    at: Timestamp,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Good,
    NoPath,
    Revoked,
    Undetermined,
}

impl Case {
    fn verdict(&self) -> (Verdict, String) {
        let (end_entity, intermediates) = self.certificates.split_first().unwrap();
        let path = PathValidator::new(&self.anchors, intermediates, self.at).validate(end_entity);
        let path = match path {
            Ok(path) => path,
            Err(error) => return (Verdict::NoPath, format!("{error:?}")),
        };
        let responses = self.responses.iter().cloned().map(ReceivedResponse::from);
        let evidence = Evidence::new(self.crls.iter().cloned(), responses);
        let freshness = FreshnessPolicy::at(self.at).with_later_evidence(LaterEvidence::Accept);
        let pool: Vec<Certificate> = [&self.certificates[..], &self.more].concat();
        let statuses = RevocationChecker::new(&[&evidence], &pool, freshness).check(&path);
        assert_eq!(statuses.len(), path.certificates().len());
        let is_any = |wanted: fn(&CertificateStatus) -> bool| statuses.iter().any(wanted);
        let verdict = if is_any(|status| {
            matches!(
                status,
                CertificateStatus::Revoked { .. } | CertificateStatus::OnHold { .. }
            )
        }) {
            Verdict::Revoked
        } else if is_any(|status| !status.is_determined()) {
            Verdict::Undetermined
        } else {
            Verdict::Good
        };
        (verdict, format!("{statuses:#?}"))
    }

    /// The same things in another order.
    fn turned_around(&self) -> Self {
        let mut turned = self.clone();
        turned.certificates[1..].reverse();
        turned.more.reverse();
        turned.crls.reverse();
        turned.responses.reverse();
        turned
    }
}

/// Expected and found verdicts, and how often each was right.
#[derive(Default)]
struct Tally {
    right: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    /// Judges a case in both orders.
    fn judge(&mut self, group: &str, case: &Case, is_right: impl Fn(Verdict) -> bool) {
        for order in [case.clone(), case.turned_around()] {
            let (verdict, detail) = order.verdict();
            if !is_right(verdict) {
                self.wrong
                    .push(format!("{}: {verdict:?} {detail}", case.id));
            }
        }
        *self.right.entry(group.to_owned()).or_default() += 1;
    }

    fn assert_clean(&self, expected: &[(&str, usize)]) {
        assert!(
            self.wrong.is_empty(),
            "{} wrong:\n{}",
            self.wrong.len(),
            self.wrong.join("\n")
        );
        let expected: BTreeMap<String, usize> = expected
            .iter()
            .map(|(group, count)| ((*group).to_owned(), *count))
            .collect();
        assert_eq!(self.right, expected, "the number of cases changed");
    }
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

mod pkits {
    use super::*;

    #[derive(Deserialize)]
    struct Suite {
        validation_time: String,
        cases: Vec<Entry>,
    }

    #[derive(Deserialize)]
    struct Entry {
        id: String,
        certs: Vec<String>,
        extra_certs: Vec<String>,
        crls: Vec<String>,
        expect: String,
        reason_code: String,
    }

    impl Entry {
        fn case(&self, folder: &Path, time: &str) -> Case {
            let certificates = |names: &[String]| -> Vec<Certificate> {
                let folder = folder.join("certs");
                let one = |name| Certificate::parse_der(&read(&folder.join(name))).unwrap();
                names.iter().map(one).collect()
            };
            let mut path = certificates(&self.certs);
            let anchor = path.remove(0);
            path.reverse();
            let crls = self.crls.iter();
            Case {
                id: self.id.clone(),
                anchors: AnchorSet::new([TrustAnchor::new(anchor)]),
                certificates: path,
                more: certificates(&self.extra_certs),
                crls: crls
                    .filter_map(|name| crl(&folder.join("crls").join(name)))
                    .collect(),
                responses: Vec::new(),
                at: at(time),
            }
        }

        fn is_right(&self, verdict: Verdict) -> bool {
            match (self.expect.as_str(), self.reason_code.as_str()) {
                ("valid", _) => verdict == Verdict::Good,
                (_, "revoked") => verdict == Verdict::Revoked,
                (_, "basic_constraints") => verdict == Verdict::NoPath,
                _ => verdict == Verdict::Undetermined,
            }
        }
    }

    /// One list, unless it is the one whose signature is wrong in its very form: a BIT STRING with a bit left
    /// over.
    fn crl(file: &Path) -> Option<Crl> {
        match Crl::parse_der(read(file)) {
            Ok(crl) => Some(crl),
            Err(CrlError::Der(_)) if file.ends_with("BadCRLSignatureCACRL.crl") => None,
            Err(error) => panic!("{}: {error}", file.display()),
        }
    }

    /// Section, and how many of its tests are about revocation alone.
    const SECTIONS: &[(&str, usize)] = &[
        ("4.4", 21),
        ("4.5", 8),
        ("4.7", 2),
        ("4.14", 35),
        ("4.15", 10),
    ];

    #[test]
    fn every_case_about_revocation_is_judged_right() {
        let Some(corpora) = corpora() else { return };
        let folder = corpora.join("pkits");
        let suite: Suite = serde_json::from_slice(&read(&folder.join("cases.json"))).unwrap();
        let mut tally = Tally::default();
        for entry in &suite.cases {
            let (section, test) = entry.id.rsplit_once('.').unwrap();
            let is_wanted = SECTIONS.iter().any(|(wanted, _)| *wanted == section);
            if !is_wanted || (section == "4.7" && !["4", "5"].contains(&test)) {
                continue;
            }
            let case = entry.case(&folder, &suite.validation_time);
            tally.judge(section, &case, |verdict| entry.is_right(verdict));
        }
        tally.assert_clean(SECTIONS);
    }

    #[test]
    fn all_lists_of_the_suite_together_say_the_same() {
        // As a server would have it: everything at hand for every case. A list more can only help.
        let Some(corpora) = corpora() else { return };
        let folder = corpora.join("pkits");
        let suite: Suite = serde_json::from_slice(&read(&folder.join("cases.json"))).unwrap();
        let mut all: Vec<Crl> = Vec::new();
        for entry in fs::read_dir(folder.join("crls")).unwrap() {
            all.extend(crl(&entry.unwrap().path()));
        }
        assert_eq!(all.len(), 172);
        let mut tally = Tally::default();
        for entry in &suite.cases {
            let (section, test) = entry.id.rsplit_once('.').unwrap();
            let is_wanted = SECTIONS.iter().any(|(wanted, _)| *wanted == section);
            // What these two are about is that a list is missing.
            let lacks = ["4.4.1", "4.14.27"].contains(&entry.id.as_str());
            if !is_wanted || lacks || (section == "4.7" && !["4", "5"].contains(&test)) {
                continue;
            }
            let mut case = entry.case(&folder, &suite.validation_time);
            case.crls = all.clone();
            tally.judge(section, &case, |verdict| entry.is_right(verdict));
        }
        tally.assert_clean(&[
            ("4.4", 20),
            ("4.5", 8),
            ("4.7", 2),
            ("4.14", 34),
            ("4.15", 10),
        ]);
    }
}

mod china {
    use super::*;

    #[derive(Deserialize)]
    struct Suite {
        cases: Vec<Entry>,
    }

    #[derive(Deserialize)]
    struct Entry {
        file: String,
        kind: String,
        trust: Vec<String>,
        at: String,
        result: String,
        #[serde(default)]
        sub: String,
        #[serde(default)]
        crls: Vec<String>,
        #[serde(default)]
        ocsp: Vec<String>,
    }

    #[test]
    fn every_sm2_chain_with_evidence_is_judged_right() {
        let Some(corpora) = corpora() else { return };
        let folder = corpora.join("china/sm2");
        let suite: Suite = serde_json::from_slice(&read(&folder.join("expected.json"))).unwrap();
        let mut tally = Tally::default();
        for entry in &suite.cases {
            let has_evidence = !entry.crls.is_empty() || !entry.ocsp.is_empty();
            if entry.kind != "chain" || !has_evidence {
                continue;
            }
            let certificates = |name: &String| -> Vec<Certificate> {
                certificate::parse_all(&read(&folder.join(name)), 20).unwrap()
            };
            let case = Case {
                id: entry.file.clone(),
                anchors: entry
                    .trust
                    .iter()
                    .flat_map(certificates)
                    .map(TrustAnchor::new)
                    .collect(),
                certificates: certificates(&entry.file),
                more: Vec::new(),
                crls: entry
                    .crls
                    .iter()
                    .flat_map(|name| crl::parse_all(&read(&folder.join(name)), 20).unwrap())
                    .collect(),
                responses: entry
                    .ocsp
                    .iter()
                    .map(|name| OcspResponse::parse_der(read(&folder.join(name))).unwrap())
                    .collect(),
                at: at(&entry.at),
            };
            tally.judge(&entry.result, &case, |verdict| {
                match (entry.result.as_str(), entry.sub.as_str()) {
                    ("valid", _) => verdict == Verdict::Good,
                    (_, "REVOKED" | "REVOKED_CA") => verdict == Verdict::Revoked,
                    _ => verdict == Verdict::Undetermined,
                }
            });
        }
        tally.assert_clean(&[("indeterminate", 9), ("invalid", 5), ("valid", 10)]);
    }
}

mod limbo {
    use super::*;

    #[derive(Deserialize)]
    struct Suite {
        testcases: Vec<Entry>,
    }

    #[derive(Deserialize)]
    struct Entry {
        id: String,
        trusted_certs: Vec<String>,
        untrusted_intermediates: Vec<String>,
        peer_certificate: String,
        validation_time: Option<String>,
        expected_result: String,
        crls: Vec<String>,
    }

    #[test]
    fn every_case_with_a_crl_is_judged_right() {
        let Some(corpora) = corpora() else { return };
        let file = read(&corpora.join("limbo/limbo.json"));
        let suite: Suite = serde_json::from_slice(&file).unwrap();
        let mut tally = Tally::default();
        for entry in suite
            .testcases
            .iter()
            .filter(|entry| !entry.crls.is_empty())
        {
            let certificates = |texts: &[String]| -> Vec<Certificate> {
                let parse = |text: &String| certificate::parse_all(text.as_bytes(), 1).unwrap();
                texts.iter().flat_map(parse).collect()
            };
            let mut path = certificates(std::slice::from_ref(&entry.peer_certificate));
            path.extend(certificates(&entry.untrusted_intermediates));
            let crls = entry.crls.iter();
            let case = Case {
                id: entry.id.clone(),
                anchors: certificates(&entry.trusted_certs)
                    .into_iter()
                    .map(TrustAnchor::new)
                    .collect(),
                certificates: path,
                more: Vec::new(),
                crls: crls
                    .flat_map(|text| crl::parse_all(text.as_bytes(), 1).unwrap())
                    // One case is about a list without a number, which only RFC 5280 §5.2.3 forbids.
                    .filter(|crl| check_crl(Rules::Rfc5280, crl).is_ok())
                    .collect(),
                responses: Vec::new(),
                at: at(entry.validation_time.as_deref().unwrap()),
            };
            let is_revoked = entry.id == "crl::revoked-certificate-with-crl";
            tally.judge(&entry.expected_result, &case, |verdict| {
                match (entry.expected_result.as_str(), is_revoked) {
                    ("SUCCESS", _) => verdict == Verdict::Good,
                    (_, true) => verdict == Verdict::Revoked,
                    (_, false) => verdict == Verdict::Undetermined,
                }
            });
        }
        tally.assert_clean(&[("FAILURE", 4), ("SUCCESS", 4)]);
    }
}
