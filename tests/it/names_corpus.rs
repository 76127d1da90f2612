//! Names and profile rules against the corpora, without path validation: paths are built by name and
//! signature here, and only name constraints, names asked for and rules judge them.

use std::collections::BTreeSet;
use std::fs;

use lzma_rust2::XzReader;
use serde::Deserialize;
use yinxin::clock::Timestamp;
use yinxin::crypto::verify::VerifyError;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::certificate::IssuerSignatureError;
use yinxin::pki::certificate::parse_all;
use yinxin::pki::name_constraints::Comparisons;
use yinxin::pki::name_constraints::NameConstraints;
use yinxin::pki::name_constraints::NameConstraintsState;
use yinxin::pki::reference_name::ReferenceName;
use yinxin::pki::rules;
use yinxin::pki::rules::Rules;

use crate::corpora::corpora;

#[derive(Deserialize)]
struct Suite {
    testcases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    trusted_certs: Vec<String>,
    untrusted_intermediates: Vec<String>,
    peer_certificate: String,
    validation_time: Option<String>,
    expected_result: String,
    expected_peer_name: Option<PeerName>,
    expected_peer_names: Vec<PeerName>,
}

#[derive(Deserialize)]
struct PeerName {
    kind: String,
    value: String,
}

fn parse(pem: &str) -> Result<Certificate, String> {
    let mut read = parse_all(pem.as_bytes(), 1).map_err(|error| error.to_string())?;
    Ok(read.pop().unwrap())
}

impl Case {
    fn rules(&self) -> Rules {
        let web = ["webpki::", "online::", "bettertls::"];
        if web.iter().any(|prefix| self.id.starts_with(prefix)) {
            Rules::WebPki
        } else {
            Rules::Rfc5280
        }
    }

    fn is_to_be_accepted(&self) -> bool {
        self.expected_result == "SUCCESS"
    }

    /// Whether any path keeps to everything that is judged here; if not, why the last one does not.
    fn judge(&self) -> Result<(), String> {
        let end_entity = parse(&self.peer_certificate)?;
        let read = |pems: &[String]| -> Vec<Certificate> {
            pems.iter().filter_map(|pem| parse(pem).ok()).collect()
        };
        let at = self
            .validation_time
            .as_deref()
            .unwrap_or("2024-06-01T00:00:00Z");
        let at = Timestamp::parse(at).unwrap();
        for name in self
            .expected_peer_name
            .iter()
            .chain(&self.expected_peer_names)
        {
            let reference = match name.kind.as_str() {
                "DNS" => ReferenceName::dns(&name.value),
                "IP" => ReferenceName::ip(&name.value),
                kind => {
                    assert_eq!(kind, "RFC822");
                    ReferenceName::email(&name.value)
                }
            };
            reference
                .unwrap()
                .check(&end_entity)
                .map_err(|error| error.to_string())?;
        }
        let mut search = Search {
            anchors: &read(&self.trusted_certs),
            intermediates: &read(&self.untrusted_intermediates),
            steps: 0,
            refusal: "no path".to_owned(),
        };
        let rules = self.rules();
        let is_accepted = search.any(&mut vec![end_entity], &mut |path, anchor| {
            check_path(path, anchor, rules, at)
        });
        if is_accepted {
            Ok(())
        } else {
            Err(search.refusal)
        }
    }
}

/// The end entity comes first in `path`.
fn check_path(
    path: &[Certificate],
    anchor: &Certificate,
    rules: Rules,
    at: Timestamp,
) -> Result<(), String> {
    check_constraints(path, anchor)?;
    let path: Vec<&Certificate> = path.iter().collect();
    let violations = rules::check(rules, &path, anchor, at);
    match violations.as_slice() {
        [] => Ok(()),
        violations => Err(violations
            .iter()
            .map(|v| v.to_string())
            .collect::<Vec<_>>()
            .join("; ")),
    }
}

/// RFC 5280 §6.1 as far as it is about name constraints, the anchor's included.
fn check_constraints(path: &[Certificate], anchor: &Certificate) -> Result<(), String> {
    let mut state = NameConstraintsState::new();
    let mut comparisons = Comparisons::default();
    let add = |state: &mut NameConstraintsState, issuer: &Certificate| {
        let own = NameConstraints::of(issuer).map_err(|error| error.to_string())?;
        own.into_iter().for_each(|own| state.add(own));
        Ok::<(), String>(())
    };
    add(&mut state, anchor)?;
    for (i, certificate) in path.iter().enumerate().rev() {
        if i == 0 || !certificate.is_self_issued() {
            state
                .check(certificate, &mut comparisons)
                .map_err(|error| error.to_string())?;
        }
        if i > 0 {
            add(&mut state, certificate)?;
        }
    }
    Ok(())
}

/// Every path by name and signature, as far as a few hundred steps lead.
struct Search<'a> {
    anchors: &'a [Certificate],
    intermediates: &'a [Certificate],
    steps: usize,
    refusal: String,
}

type Judge<'a> = &'a mut dyn FnMut(&[Certificate], &Certificate) -> Result<(), String>;

impl Search<'_> {
    fn any(&mut self, path: &mut Vec<Certificate>, judge: Judge<'_>) -> bool {
        self.steps += 1;
        if self.steps > 300 || path.len() > 8 {
            return false;
        }
        let last = path.last().unwrap().clone();
        for anchor in self
            .anchors
            .iter()
            .filter(|anchor| is_issuer(anchor, &last))
        {
            match judge(path, anchor) {
                Ok(()) => return true,
                Err(refusal) => self.refusal = refusal,
            }
        }
        for issuer in self.intermediates {
            if path.contains(issuer) || !is_issuer(issuer, &last) {
                continue;
            }
            path.push(issuer.clone());
            let is_accepted = self.any(path, judge);
            path.pop();
            if is_accepted {
                return true;
            }
        }
        false
    }
}

/// A signature that is not computed counts as right: the rules say what they think of its key.
fn is_issuer(issuer: &Certificate, of: &Certificate) -> bool {
    of.issuer().matches(issuer.subject())
        && !matches!(
            of.verify_signature(issuer.public_key()),
            Err(IssuerSignatureError::Verify(VerifyError::BadSignature))
        )
}

/// Failures that something else decides: dates, path length, key usage and purpose, revocation. What is
/// asked of names and rules holds there.
const DECIDED_ELSEWHERE: &[&str] = &[
    "crl::crlnumber-critical",
    "crl::crlnumber-missing",
    "crl::issuer-missing-crlsign",
    "crl::revoked-certificate-with-crl",
    "pathlen::intermediate-pathlen-too-long",
    "pathlen::intermediate-violates-pathlen-0",
    "pathlen::max-chain-depth-0-exhausted",
    "pathlen::max-chain-depth-1-exhausted",
    "rfc5280::eku::ee-wrong-eku",
    "rfc5280::root-inconsistent-ca-extensions",
    "rfc5280::unknown-critical-extension-ee",
    "rfc5280::unknown-critical-extension-intermediate",
    "rfc5280::validity::expired-intermediate",
    "rfc5280::validity::expired-leaf",
];

/// Rules that are not insisted on; no peer does.
const NOT_INSISTED_ON: &[&str] = &[
    // A trusted certificate that somebody else signed, without an authority key identifier: as the anchor
    // of cve::cve-2024-0567, which is to be accepted.
    "rfc5280::aki::cross-signed-root-missing-aki",
    // 344 cases of BetterTLS have such a common name and are to be accepted by the same rules.
    "webpki::cn::not-in-san",
    "webpki::cn::punycode-not-in-san",
    // They take the Public Suffix List.
    "webpki::san::public-suffix-multi-label-wildcard-san",
    "webpki::san::public-suffix-private-namespace-wildcard-san",
];

#[test]
fn limbo_is_judged_right() {
    let Some(folder) = corpora() else { return };
    let text = fs::read(folder.join("limbo/limbo.json")).unwrap();
    let cases = serde_json::from_slice::<Suite>(&text).unwrap().testcases;
    assert_eq!(cases.len(), 289);
    let mut wrongly_refused = Vec::new();
    let mut accepted = BTreeSet::new();
    for case in &cases {
        match (case.judge(), case.is_to_be_accepted()) {
            (Ok(()), true) | (Err(_), false) => {}
            (Err(refusal), true) => wrongly_refused.push((&case.id, refusal)),
            (Ok(()), false) => {
                accepted.insert(case.id.as_str());
            }
        }
    }
    assert!(wrongly_refused.is_empty(), "{wrongly_refused:#?}");
    // Those of BetterTLS differ by dates, names and purposes of issuers.
    accepted.retain(|id| !id.starts_with("bettertls::pathbuilding::"));
    let listed = DECIDED_ELSEWHERE.iter().chain(NOT_INSISTED_ON).copied();
    assert_eq!(accepted, listed.collect());
}

#[test]
fn name_constraints_of_bettertls_are_judged_right() {
    let Some(folder) = corpora() else { return };
    let file = folder.join("limbo/limbo-bettertls-nameconstraints.json.xz");
    let reader = XzReader::new(fs::File::open(file).unwrap(), true);
    let text = std::io::read_to_string(reader).unwrap();
    let cases = serde_json::from_str::<Suite>(&text).unwrap().testcases;
    assert_eq!(cases.len(), 9491);
    let wrong: Vec<&str> = cases
        .iter()
        .filter(|case| case.judge().is_ok() != case.is_to_be_accepted())
        .map(|case| case.id.as_str())
        .collect();
    assert!(wrong.is_empty(), "{} wrong: {wrong:?}", wrong.len());
}

#[derive(Deserialize)]
struct Pkits {
    cases: Vec<PkitsCase>,
}

#[derive(Deserialize)]
struct PkitsCase {
    id: String,
    /// The anchor first.
    certs: Vec<String>,
    expect: String,
    reason: Option<String>,
}

/// NIST PKITS 4.13 whole; of the other sections, what is valid there breaks no name constraint.
#[test]
fn name_constraints_of_pkits_are_judged_right() {
    let Some(folder) = corpora() else { return };
    let folder = folder.join("pkits");
    let text = fs::read(folder.join("cases.json")).unwrap();
    let cases = serde_json::from_slice::<Pkits>(&text).unwrap().cases;
    let mut count = 0;
    for case in &cases {
        let is_about_names = case.id.starts_with("4.13.");
        count += usize::from(is_about_names);
        let is_valid = case.expect == "valid";
        if !is_valid && !is_about_names {
            continue;
        }
        let read = |name: &String| {
            let der = fs::read(folder.join("certs").join(name)).unwrap();
            Certificate::parse_der(&der)
        };
        let certificates: Result<Vec<Certificate>, _> = case.certs.iter().rev().map(read).collect();
        let Ok(mut path) = certificates else {
            // DSA parameters that are inherited: the key cannot be read.
            assert!(
                ["4.1.4", "4.1.5"].contains(&case.id.as_str()),
                "{}",
                case.id
            );
            continue;
        };
        let anchor = path.pop().unwrap();
        let outcome = check_constraints(&path, &anchor);
        assert_eq!(
            outcome.is_ok(),
            is_valid,
            "{} {:?}: {outcome:?}",
            case.id,
            case.reason
        );
    }
    assert_eq!(count, 38);
}
