//! Signature verification against Wycheproof: every group whose algorithm we have, 100 %.
//!
//! JOSE files are for the tests of JOSE.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use yinxin::crypto::algorithm::ALGORITHMS;
use yinxin::crypto::algorithm::SignatureAlgorithm;
use yinxin::crypto::public_key::KeyAlgorithm;
use yinxin::crypto::public_key::PublicKey;
use yinxin::crypto::verify::SignatureForm;
use yinxin::crypto::verify::verify_signature;
use yinxin::encoding::hex;

use crate::corpora::corpora;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    #[serde(rename = "type")]
    kind: String,
    #[serde(alias = "keyDer")]
    public_key_der: Option<String>,
    sha: Option<String>,
    mgf_sha: Option<String>,
    s_len: Option<usize>,
    tests: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    tc_id: u32,
    comment: String,
    #[serde(default)]
    msg: String,
    #[serde(default)]
    sig: String,
    result: String,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    computed: usize,
    not_computed: usize,
}

impl Group {
    /// The algorithm of this group, if it is in our table.
    fn algorithm(&self) -> Option<(SignatureAlgorithm, SignatureForm)> {
        let sha = self.sha.as_deref().unwrap_or_default();
        match self.kind.as_str() {
            "EcdsaVerify" => Some((named("ECDSA", sha)?, SignatureForm::Der)),
            "EcdsaP1363Verify" => Some((named("ECDSA", sha)?, SignatureForm::Fixed)),
            "EddsaVerify" => Some((SignatureAlgorithm::Ed25519, SignatureForm::Fixed)),
            "RsassaPkcs1Verify" | "RsassaPkcs1Generate" => {
                Some((named("RSA-PKCS1", sha)?, SignatureForm::Der))
            }
            "RsassaPssVerify" => {
                let algorithm = named("RSA-PSS", sha)?;
                let fits = self.mgf_sha.as_deref() == Some(sha)
                    && self.s_len == Some(algorithm.digest().output_bytes());
                fits.then_some((algorithm, SignatureForm::Der))
            }
            _ => None,
        }
    }

    /// The key and how to verify with it, if we compute with both.
    fn verifier(&self) -> Option<(PublicKey, SignatureAlgorithm, SignatureForm)> {
        let (algorithm, form) = self.algorithm()?;
        let der = hex::decode(self.public_key_der.as_ref()?).unwrap();
        let key = PublicKey::from_spki_der(&der).unwrap();
        let unsupported = matches!(key.algorithm(), KeyAlgorithm::Unsupported { .. });
        (!unsupported).then_some((key, algorithm, form))
    }
}

fn named(scheme: &str, sha: &str) -> Option<SignatureAlgorithm> {
    ALGORITHMS
        .iter()
        .find(|row| {
            // Those without an identifier are JOSE's, bound to a curve.
            row.oid.is_some() && row.name.starts_with(scheme) && row.digest.name() == sha
        })
        .map(|row| row.algorithm)
}

/// Fewer than this means that something is no longer computed; more is progress, to be written here.
const MIN_COMPUTED: usize = 8_827;

#[test]
#[expect(clippy::print_stderr, reason = "the counts are what this test shows")]
fn every_case_whose_algorithm_we_have_is_judged_right() {
    let Some(corpora) = corpora() else { return };
    let mut total = Count::default();
    let mut wrong = Vec::new();
    for entry in fs::read_dir(corpora.join("wycheproof")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with("_test.json") || name.starts_with("json_web_") {
            continue;
        }
        let count = judge(&path, &mut wrong);
        eprintln!("{name}: {count:?}");
        total.computed += count.computed;
        total.not_computed += count.not_computed;
    }
    eprintln!("together: {total:?}");
    assert!(total.computed >= MIN_COMPUTED, "{total:?}");
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
}

fn judge(path: &Path, wrong: &mut Vec<String>) -> Count {
    let file: File = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut count = Count::default();
    for group in &file.test_groups {
        let Some((key, algorithm, form)) = group.verifier() else {
            count.not_computed += group.tests.len();
            continue;
        };
        count.computed += group.tests.len();
        for case in &group.tests {
            let message = hex::decode(&case.msg).unwrap();
            let signature = hex::decode(&case.sig).unwrap();
            let answer = verify_signature(algorithm, &key, &message, &signature, form);
            let right = match case.result.as_str() {
                "valid" => answer.is_ok(),
                "invalid" => answer.is_err(),
                "acceptable" => true,
                other => panic!("unheard-of result {other}"),
            };
            if !right {
                let Case { tc_id, comment, .. } = case;
                wrong.push(format!("{}: {tc_id} {comment}: {answer:?}", path.display()));
            }
        }
    }
    count
}
