//! Every certificate of the corpora: read, or refused for the reason that is written here; and read alike
//! by a second reader, `x509-parser`, field by field.

mod reading;
mod samples;

use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use yinxin::pki::certificate::Certificate;

use crate::corpora::corpora;
use reading::read_by_them;
use reading::read_by_us;
use samples::Sample;
use samples::der_files;
use samples::limbo;
use samples::pem_files;

/// What a corpus has, and which of its certificates are refused for which reason.
struct Corpus {
    name: &'static str,
    samples: Vec<Sample>,
    expected: usize,
    refused: &'static [(&'static str, &'static str)],
}

const REFUSED_OF_SM2: &[(&str, &str)] = &[(
    "chains/bad-inner-outer-algorithm-differ-a.pem",
    "the signed and the outer signature algorithm differ",
)];

/// None of them in a case that is to succeed.
const REFUSED_OF_LIMBO: &[(&str, &str)] = &[
    (
        "FAILURE invalid::invalid-issuer-key",
        "malformed public key: public key is not well-formed DER",
    ),
    (
        "FAILURE pathological::nc-dos-1",
        "a certificate of 78086 bytes; at most 65536 are read",
    ),
    (
        "FAILURE rfc5280::eku::ee-eku-empty",
        "malformed extension 2.5.29.37",
    ),
    (
        "FAILURE rfc5280::san::malformed",
        "malformed extension 2.5.29.17",
    ),
    (
        "FAILURE rfc5280::duplicate-extensions",
        "extension 2.5.29.17 occurs twice",
    ),
    (
        "FAILURE rfc5280::mismatching-signature-algorithm",
        "the signed and the outer signature algorithm differ",
    ),
];

fn all(corpora: &Path) -> [Corpus; 4] {
    [
        Corpus {
            name: "china/roots",
            samples: pem_files(&corpora.join("china/roots")),
            expected: 119,
            refused: &[],
        },
        Corpus {
            name: "china/sm2",
            samples: pem_files(&corpora.join("china/sm2")),
            expected: 129,
            refused: REFUSED_OF_SM2,
        },
        Corpus {
            name: "pkits",
            samples: der_files(&corpora.join("pkits/certs")),
            expected: 405,
            refused: &[],
        },
        Corpus {
            name: "limbo",
            samples: limbo(&corpora.join("limbo/limbo.json")),
            expected: 1854,
            refused: REFUSED_OF_LIMBO,
        },
    ]
}

#[test]
fn every_certificate_is_read_or_refused_for_a_reason_that_is_written() {
    let Some(folder) = corpora() else { return };
    for corpus in all(&folder) {
        assert_eq!(corpus.samples.len(), corpus.expected, "{}", corpus.name);
        let refused: Vec<(&str, String)> = corpus
            .samples
            .iter()
            .filter_map(|sample| {
                let error = Certificate::parse_der(&sample.der).err()?;
                Some((sample.origin.as_str(), error.to_string()))
            })
            .collect();
        let expected: Vec<(&str, String)> = corpus
            .refused
            .iter()
            .map(|(origin, reason)| (*origin, (*reason).to_owned()))
            .collect();
        assert_eq!(refused, expected, "{}", corpus.name);
    }
}

#[test]
fn a_second_reader_reads_the_same() {
    let Some(folder) = corpora() else { return };
    let mut compared = 0;
    for sample in all(&folder).into_iter().flat_map(|corpus| corpus.samples) {
        let Ok(ours) = Certificate::parse_der(&sample.der) else {
            continue;
        };
        let (rest, theirs) = X509Certificate::from_der(&sample.der).unwrap();
        assert!(rest.is_empty());
        assert_eq!(
            read_by_us(&ours),
            read_by_them(&theirs),
            "{}",
            sample.origin
        );
        for theirs in theirs.extensions() {
            let oid = theirs.oid.to_id_string();
            let oid = oid.as_str();
            assert_eq!(
                ours.extension_value(oid),
                Some(theirs.value),
                "{}",
                sample.origin
            );
            assert_eq!(ours.is_extension_critical(oid), theirs.critical);
            let unhandled = ours
                .unhandled_critical()
                .iter()
                .any(|critical| *critical == oid);
            assert!(!unhandled || theirs.critical, "{}: {oid}", sample.origin);
        }
        compared += 1;
    }
    assert_eq!(compared, 2500);
}

#[test]
fn names_chain_as_pkits_has_them() {
    let Some(folder) = corpora() else { return };
    let samples = der_files(&folder.join("pkits/certs"));
    let find = |name: &str| {
        let file = format!("{name}.crt");
        let sample = samples.iter().find(|sample| sample.origin == file);
        Certificate::parse_der(&sample.unwrap().der).unwrap()
    };
    // PKITS 4.3.1 to 4.3.11, of which 4.3.1 and 4.3.2 do not chain.
    for (issuer, subject, chains) in [
        ("GoodCACert", "InvalidNameChainingTest1EE", false),
        (
            "NameOrderingCACert",
            "InvalidNameChainingOrderTest2EE",
            false,
        ),
        ("GoodCACert", "ValidNameChainingWhitespaceTest3EE", true),
        ("GoodCACert", "ValidNameChainingWhitespaceTest4EE", true),
        ("GoodCACert", "ValidNameChainingCapitalizationTest5EE", true),
        ("UIDCACert", "ValidNameUIDsTest6EE", true),
        (
            "RFC3280MandatoryAttributeTypesCACert",
            "ValidRFC3280MandatoryAttributeTypesTest7EE",
            true,
        ),
        (
            "RFC3280OptionalAttributeTypesCACert",
            "ValidRFC3280OptionalAttributeTypesTest8EE",
            true,
        ),
        (
            "UTF8StringEncodedNamesCACert",
            "ValidUTF8StringEncodedNamesTest9EE",
            true,
        ),
        (
            "RolloverfromPrintableStringtoUTF8StringCACert",
            "ValidRolloverfromPrintableStringtoUTF8StringTest10EE",
            true,
        ),
        (
            "UTF8StringCaseInsensitiveMatchCACert",
            "ValidUTF8StringCaseInsensitiveMatchTest11EE",
            true,
        ),
    ] {
        let (issuer, subject) = (find(issuer), find(subject));
        let (above, below) = (issuer.subject(), subject.issuer());
        assert_eq!(above.matches(below), chains, "{below}");
        assert_eq!(
            above.comparison_key() == below.comparison_key(),
            chains,
            "{below}"
        );
    }
    let negative = find("InvalidNegativeSerialNumberTest15EE");
    let positive = find("ValidNegativeSerialNumberTest14EE");
    assert_eq!(negative.serial().to_string(), "-01");
    assert_eq!(positive.serial().to_string(), "ff");
}

/// Every certificate of ordinary size, or none where there are no corpora.
static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let corpora = corpora().map(|folder| all(&folder));
    let samples = corpora
        .into_iter()
        .flatten()
        .flat_map(|corpus| corpus.samples);
    samples
        .map(|sample| sample.der)
        .filter(|der| der.len() < 3_000)
        .collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn whatever_we_read_the_second_reader_reads_the_same(
        sample in any::<prop::sample::Index>(),
        position in any::<prop::sample::Index>(),
        change in 1_u8..,
    ) {
        if SAMPLES.is_empty() {
            return Ok(());
        }
        let mut changed = sample.get(&SAMPLES).clone();
        let at = position.index(changed.len());
        changed[at] ^= change;
        if let Ok(ours) = Certificate::parse_der(&changed) {
            let theirs = X509Certificate::from_der(&changed);
            prop_assert!(theirs.is_ok(), "{theirs:?}");
            let (ours, theirs) = (read_by_us(&ours), read_by_them(&theirs.unwrap().1));
            // It overlooks bytes behind an address, which decides nothing.
            let is_address = |name: &str| ["responders", "issuers"].contains(&name);
            let rest = |reading: reading::Reading| -> reading::Reading {
                reading.into_iter().filter(|(name, _)| !is_address(name)).collect()
            };
            prop_assert_eq!(rest(ours), rest(theirs));
        }
    }
}
