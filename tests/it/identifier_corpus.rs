//! Identifiers against `china/uscc.json`: real, generated and broken ones.

use std::fs;

use serde::Deserialize;
use yinxin::identifier::licence_id::LicenceId;
use yinxin::identifier::organisation_code::OrganisationCode;
use yinxin::identifier::registration_number::RegistrationNumber;
use yinxin::identifier::uscc::Uscc;
use yinxin::identifier::uscc::UsccError;

use crate::corpora::corpora;

/// The lists of the corpus. A list that is not named here fails the run: nobody looked at it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Corpus {
    #[serde(rename = "about")]
    _about: serde_json::Value,
    #[serde(rename = "algorithms")]
    _algorithms: serde_json::Value,
    uscc_real: Vec<RealCode>,
    uscc_standard_example: String,
    uscc_valid_generated: Vec<GeneratedCode>,
    uscc_invalid: Vec<InvalidCode>,
    org_code_valid: Vec<String>,
    org_code_invalid: Vec<String>,
    reg15_real: Vec<PublishedNumber>,
    reg15_published_but_check_fails: Vec<PublishedNumber>,
    reg15_valid_generated: Vec<String>,
    reg15_invalid: Vec<String>,
    licence_id_real: Vec<String>,
    licence_id_valid_generated: Vec<String>,
    licence_id_invalid: Vec<InvalidLicenceId>,
}

#[derive(Deserialize)]
struct RealCode {
    code: String,
    region: String,
    org_code: String,
}

#[derive(Deserialize)]
struct GeneratedCode {
    code: String,
    warn: Option<String>,
}

#[derive(Deserialize)]
struct InvalidCode {
    code: String,
    why: String,
    kind: String,
}

#[derive(Deserialize)]
struct PublishedNumber {
    code: String,
}

#[derive(Deserialize)]
struct InvalidLicenceId {
    id: String,
    why: String,
}

fn corpus() -> Option<Corpus> {
    let text = fs::read_to_string(corpora()?.join("china/uscc.json")).unwrap();
    let corpus: Corpus = serde_json::from_str(&text).unwrap();
    Some(corpus)
}

#[test]
fn real_usccs_are_accepted_and_taken_apart() {
    let Some(corpus) = corpus() else { return };
    assert!(!corpus.uscc_real.is_empty());
    for real in corpus.uscc_real {
        let code = Uscc::parse(&real.code).unwrap();
        assert_eq!(code.region(), real.region, "{code}");
        assert_eq!(code.organisation_code(), real.org_code, "{code}");
        assert_eq!(code.warnings(), [], "{code}");
    }
    Uscc::parse(&corpus.uscc_standard_example).unwrap();
}

#[test]
fn generated_usccs_are_accepted_with_their_warnings() {
    let Some(corpus) = corpus() else { return };
    assert!(!corpus.uscc_valid_generated.is_empty());
    for generated in corpus.uscc_valid_generated {
        let code = Uscc::parse(&generated.code).unwrap();
        let warns = generated.warn.as_deref() == Some("org_code_check");
        assert_eq!(!code.warnings().is_empty(), warns, "{code}");
    }
}

#[test]
fn broken_usccs_are_refused_for_the_right_reason() {
    let Some(corpus) = corpus() else { return };
    assert!(!corpus.uscc_invalid.is_empty());
    for case in corpus.uscc_invalid {
        let InvalidCode { code, why, kind } = case;
        let error = Uscc::parse(&code).expect_err(&why);
        if kind == "normalise" {
            let normalised = Uscc::from_input(&code).unwrap();
            assert_ne!(normalised.as_str(), code);
            continue;
        }
        let expected = match error {
            UsccError::Alphabet { .. } => "alphabet",
            UsccError::CheckCharacter { .. } => "check",
            UsccError::Class { .. } => "class",
            UsccError::Length { .. } => "length",
            UsccError::Region { .. } => "region",
        };
        assert_eq!(kind, expected, "{code}: {why}");
        assert_eq!(
            Uscc::from_input(&code),
            Err(error),
            "never repaired: {code}"
        );
    }
}

#[test]
fn organisation_codes_stand_and_fall_with_their_check_character() {
    let Some(corpus) = corpus() else { return };
    assert!(!corpus.org_code_valid.is_empty() && !corpus.org_code_invalid.is_empty());
    for code in corpus.org_code_valid {
        assert_eq!(OrganisationCode::parse(&code).unwrap().as_str(), code);
    }
    for code in corpus.org_code_invalid {
        assert!(OrganisationCode::parse(&code).is_err(), "{code}");
    }
}

#[test]
fn registration_numbers_warn_of_a_wrong_check_digit() {
    let Some(corpus) = corpus() else { return };
    let published = |numbers: Vec<PublishedNumber>| numbers.into_iter().map(|number| number.code);
    let right: Vec<String> = published(corpus.reg15_real)
        .chain(corpus.reg15_valid_generated)
        .collect();
    let wrong: Vec<String> = published(corpus.reg15_published_but_check_fails)
        .chain(corpus.reg15_invalid)
        .collect();
    assert!(!right.is_empty() && !wrong.is_empty());
    for code in right {
        assert_eq!(
            RegistrationNumber::parse(&code).unwrap().warnings(),
            [],
            "{code}"
        );
    }
    for code in wrong {
        assert_eq!(
            RegistrationNumber::parse(&code).unwrap().warnings().len(),
            1,
            "{code}"
        );
    }
}

#[test]
fn licence_ids_stand_and_fall_with_their_check_character() {
    let Some(corpus) = corpus() else { return };
    assert!(!corpus.licence_id_real.is_empty() && !corpus.licence_id_invalid.is_empty());
    for id in corpus
        .licence_id_real
        .into_iter()
        .chain(corpus.licence_id_valid_generated)
    {
        assert_eq!(LicenceId::parse(&id).unwrap().as_str(), id);
    }
    for case in corpus.licence_id_invalid {
        assert!(
            LicenceId::parse(&case.id).is_err(),
            "{}: {}",
            case.id,
            case.why
        );
    }
}
