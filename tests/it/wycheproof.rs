//! Signature verification against Wycheproof: every case of every file, 100 %.
//!
//! JOSE files are for the tests of JOSE; no other file is left out. What Wycheproof calls `acceptable` is
//! decided by its flag ([`is_valid`]).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use yinxin::crypto::algorithm::ALGORITHMS;
use yinxin::crypto::algorithm::SignatureAlgorithm;
use yinxin::crypto::public_key::PublicKey;
use yinxin::crypto::verify::SignatureForm;
use yinxin::crypto::verify::verify_ml_dsa_with_context;
use yinxin::crypto::verify::verify_signature;
use yinxin::encoding::hex;
use yinxin::pki::der;
use yinxin::pki::oid::Oid;

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
    public_key_der: String,
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
    flags: Vec<String>,
    #[serde(default)]
    ctx: String,
    #[serde(default)]
    msg: String,
    #[serde(default)]
    sig: String,
    result: String,
}

/// Not computed here, each for a reason. The list is closed: a file that is neither here nor computed to
/// its last case fails the run.
const NOT_COMPUTED: &[(&str, &str)] = &[
    ("json_web_key_test.json", "JOSE: tests/it/jose_corpus.rs"),
    (
        "json_web_signature_test.json",
        "JOSE: tests/it/jose_corpus.rs",
    ),
];

/// The files whose cases are counted in the corpus's README, and how many they hold together.
const FILES: usize = 77;
const CASES: usize = 18_447;

impl Group {
    /// The algorithm of this group; `file` says which key of bytes it is about.
    fn algorithm(&self, file: &str) -> Option<(SignatureAlgorithm, SignatureForm)> {
        let sha = self.sha.as_deref().unwrap_or_default();
        match self.kind.as_str() {
            "EcdsaVerify" => Some((named("ECDSA", sha)?, SignatureForm::Der)),
            "EcdsaP1363Verify" => Some((named("ECDSA", sha)?, SignatureForm::Fixed)),
            "EddsaVerify" | "MlDsaVerify" => Some((of_file(file)?, SignatureForm::Der)),
            "RsassaPkcs1Verify" | "RsassaPkcs1Generate" => {
                Some((named("RSA-PKCS1", sha)?, SignatureForm::Der))
            }
            "RsassaPssVerify" | "RsassaPssWithParametersVerify" => {
                Some((self.pss(sha)?, SignatureForm::Der))
            }
            _ => None,
        }
    }

    /// By its parameters, as a certificate has them.
    fn pss(&self, sha: &str) -> Option<SignatureAlgorithm> {
        if sha.starts_with("SHAKE") {
            return named("RSA-PSS", sha);
        }
        let digest = |name: &str| {
            let oid = ALGORITHMS.iter().find(|row| row.digest.name() == name)?;
            let oid = Oid::parse(oid.digest.oid()).unwrap().to_der();
            Some(der::encode(0x30, &[oid, vec![5, 0]].concat()))
        };
        let mgf1 = Oid::parse("1.2.840.113549.1.1.8").unwrap().to_der();
        let mask = [mgf1, digest(self.mgf_sha.as_deref()?)?].concat();
        let salt = der::encode_unsigned(&[u8::try_from(self.s_len?).unwrap()]);
        let fields = [
            der::encode(0xa0, &digest(sha)?),
            der::encode(0xa1, &der::encode(0x30, &mask)),
            der::encode(0xa2, &salt),
        ];
        let parameters = der::encode(0x30, &fields.concat());
        SignatureAlgorithm::from_oid("1.2.840.113549.1.1.10", Some(&parameters))
    }
}

fn named(scheme: &str, digest: &str) -> Option<SignatureAlgorithm> {
    ALGORITHMS
        .iter()
        .find(|row| {
            // Those without an identifier are JOSE's, bound to a curve.
            row.oid.is_some() && row.name.starts_with(scheme) && row.digest.name() == digest
        })
        .map(|row| row.algorithm)
}

fn of_file(name: &str) -> Option<SignatureAlgorithm> {
    let by_start = [
        ("ed25519_", SignatureAlgorithm::Ed25519),
        ("ed448_", SignatureAlgorithm::Ed448),
        ("mldsa_44_", SignatureAlgorithm::MlDsa44),
        ("mldsa_65_", SignatureAlgorithm::MlDsa65),
        ("mldsa_87_", SignatureAlgorithm::MlDsa87),
    ];
    let found = by_start.iter().find(|(start, _)| name.starts_with(start));
    found.map(|(_, algorithm)| *algorithm)
}

/// Whether a verifier that computes whatever is well-formed must accept.
///
/// Of what is `acceptable`, `WeakHash` and `SmallPublicKey` are right signatures of algorithms and keys
/// that policy refuses; `MissingNull` is a digest's identifier that RFC 8017 §A.2.4 does not allow.
fn is_valid(case: &Case) -> bool {
    match case.result.as_str() {
        "valid" => true,
        "invalid" => false,
        "acceptable" => match case.flags.as_slice() {
            [flag] if flag == "WeakHash" || flag == "SmallPublicKey" => true,
            [flag] if flag == "MissingNull" => false,
            flags => panic!("unheard-of flags {flags:?}"),
        },
        other => panic!("unheard-of result {other}"),
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    accepted: usize,
    refused: usize,
}

#[test]
#[expect(clippy::print_stderr, reason = "the counts are what this test shows")]
fn every_case_is_judged_right() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("wycheproof");
    let expected = counts_of_readme(&fs::read_to_string(folder.join("README.md")).unwrap());
    let (mut files, mut cases) = (0, 0);
    let mut wrong = Vec::new();
    for (name, [tests, valid, acceptable, invalid]) in &expected {
        if NOT_COMPUTED.iter().any(|(listed, _)| listed == name) {
            continue;
        }
        let count = judge(&folder.join(name), &mut wrong);
        eprintln!("{name}: {count:?}");
        assert_eq!(count.accepted + count.refused, *tests, "{name}");
        assert!(count.accepted >= *valid, "{name}");
        assert!(count.refused >= *invalid, "{name}");
        assert_eq!(valid + acceptable + invalid, *tests, "{name}");
        (files, cases) = (files + 1, cases + tests);
    }
    eprintln!("together: {files} files, {cases} cases");
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
    let here = fs::read_dir(&folder).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().ends_with(".json")
    });
    assert_eq!(here.count(), expected.len(), "files without a count");
    assert_eq!((files, cases), (FILES, CASES));
}

/// `| file | type | tests | valid | acceptable | invalid | KiB |`
fn counts_of_readme(readme: &str) -> BTreeMap<String, [usize; 4]> {
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, name, _kind, counts @ .., _size, _] = cells.as_slice() else {
            panic!("another table: {line}");
        };
        let counts: Vec<usize> = counts.iter().map(|cell| cell.parse().unwrap()).collect();
        (
            name.trim_matches('`').to_owned(),
            counts.try_into().unwrap(),
        )
    })
    .collect()
}

fn judge(path: &Path, wrong: &mut Vec<String>) -> Count {
    let name = path.file_name().unwrap().to_string_lossy();
    let file: File = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut count = Count::default();
    for group in &file.test_groups {
        let (algorithm, form) = group.algorithm(&name).unwrap();
        // Keys of a wrong length are refused when they are read.
        let key = PublicKey::from_spki_der(&hex::decode(&group.public_key_der).unwrap());
        for case in &group.tests {
            let [context, message, signature] =
                [&case.ctx, &case.msg, &case.sig].map(|text| hex::decode(text).unwrap());
            let accepted = key.as_ref().is_ok_and(|key| {
                if context.is_empty() {
                    verify_signature(algorithm, key, &message, &signature, form).is_ok()
                } else {
                    verify_ml_dsa_with_context(key, &context, &message, &signature).is_ok()
                }
            });
            if accepted {
                count.accepted += 1;
            } else {
                count.refused += 1;
            }
            if accepted != is_valid(case) {
                let Case { tc_id, comment, .. } = case;
                wrong.push(format!("{name}: {tc_id} {comment}: accepted = {accepted}"));
            }
        }
    }
    count
}
