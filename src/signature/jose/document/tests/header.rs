//! Algorithm, `crit`, certificates and times in the headers.

use serde_json::Value;
use serde_json::json;

use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::encoding::base64;
use crate::encoding::base64url;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::FaultWeight;
use crate::signature::facts::Integrity;
use crate::signature::jose::document::tests::made::Signer;
use crate::signature::jose::document::tests::made::encode;
use crate::signature::jose::document::tests::made::facts;
use crate::signature::jose::document::tests::made::irregular;
use crate::signature::jose::document::tests::made::serious;

#[test]
fn the_algorithm_is_a_signature_s_and_protected() {
    let signer = Signer::new();
    let with = |more: Value| facts(&signer.flattened(more));
    let known = with(json!({}));
    assert_eq!(
        known.algorithm.known,
        Some(SignatureAlgorithm::EcdsaP256Sha256)
    );
    for alg in ["none", "NONE", "HS256", "hs512", "HS256/64"] {
        let facts = with(json!({"alg": alg}));
        assert_eq!(facts.integrity, Integrity::AlgorithmUnknown, "{alg}");
        assert_eq!(serious(&facts), [(FaultWeight::Broken, "alg")], "{alg}");
        assert_eq!(facts.algorithm.name, alg);
    }
    let unknown = with(json!({"alg": "ES257"}));
    assert_eq!(unknown.integrity, Integrity::AlgorithmUnknown);
    assert!(serious(&unknown).is_empty());
    let other_key = with(json!({"alg": "RS256"}));
    assert!(matches!(other_key.integrity, Integrity::KeyMismatch { .. }));
    for missing in [json!({"alg": null}), json!({"alg": 1})] {
        let mut document = signer.flattened(missing);
        assert_eq!(serious(&facts(&document)), [(FaultWeight::Broken, "alg")]);
        document["header"] = json!({"kid": "1"});
        assert_eq!(facts(&document).integrity, Integrity::AlgorithmUnknown);
    }
    // Where nothing protects it, it does not count.
    let mut document = signer.flattened(json!({"alg": null}));
    document["header"] = json!({"alg": "ES256"});
    let facts = facts(&document);
    assert_eq!(facts.integrity, Integrity::AlgorithmUnknown);
    assert_eq!(serious(&facts), [(FaultWeight::Broken, "alg")]);
}

#[test]
fn a_member_stands_in_one_header() {
    let signer = Signer::new();
    let mut document = signer.flattened(json!({"kid": "1"}));
    document["header"] = json!({"other": "1"});
    assert!(serious(&facts(&document)).is_empty());
    document["header"] = json!({"kid": "1"});
    assert_eq!(
        serious(&facts(&document)),
        [(FaultWeight::Broken, "header")]
    );
}

#[test]
fn what_stands_unprotected_counts_for_nothing() {
    let signer = Signer::new();
    let mut document = signer.flattened(json!({"sigT": null}));
    document["header"] = json!({"sigT": "2026-01-02T03:04:05Z"});
    let facts = facts(&document);
    assert_eq!(facts.claimed_at, None);
    assert_eq!(irregular(&facts), ["header"]);
    assert_eq!(facts.format, "JWS");
    assert!(
        facts
            .attributes
            .iter()
            .any(|one| one.name == "sigT" && !one.signed)
    );
    assert!(
        facts
            .attributes
            .iter()
            .any(|one| one.name == "alg" && one.signed)
    );
}

#[test]
fn crit_lists_what_is_there_and_known() {
    let signer = Signer::new();
    let with = |crit: Value| {
        let more = json!({"crit": crit, "srCms": [], "own": 1, "kid": "1"});
        facts(&signer.flattened(more))
    };
    for crit in [json!(["sigT"]), json!(["sigT", "srCms"])] {
        let facts = with(crit);
        assert!(serious(&facts).is_empty(), "{:?}", facts.faults);
        assert_eq!(facts.integrity, Integrity::Intact);
    }
    for crit in [
        json!([]),
        json!("sigT"),
        json!(["sigT", "sigT"]),
        json!([["sigT"]]),
        json!(["sigD"]),
        json!(["etsiU"]),
        json!(["alg"]),
        json!(["kid"]),
    ] {
        let facts = with(crit.clone());
        assert_eq!(serious(&facts), [(FaultWeight::Broken, "crit")], "{crit}");
    }
    let facts_of_unknown = with(json!(["own"]));
    assert_eq!(
        serious(&facts_of_unknown),
        [(FaultWeight::Unprocessed, "crit")]
    );
    let mut document = signer.flattened(json!({"crit": ["own"]}));
    document["header"] = json!({"own": 1});
    assert_eq!(
        serious(&facts(&document)),
        [(FaultWeight::Unprocessed, "crit")]
    );
    let mut document = signer.flattened(json!({}));
    document["header"] = json!({"crit": ["sigT"]});
    assert_eq!(serious(&facts(&document)), [(FaultWeight::Broken, "crit")]);
}

#[test]
fn the_claimed_time_lies_between_nbf_and_exp() {
    let signer = Signer::new();
    let claimed = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
    let seconds = claimed.as_unix_seconds();
    let with = |more: Value| facts(&signer.flattened(more));
    for (more, place) in [
        (json!({"nbf": seconds, "exp": seconds + 1}), None),
        (json!({"nbf": seconds + 1}), Some("nbf")),
        (json!({"exp": seconds}), Some("exp")),
        (json!({"exp": "2026-01-02T03:04:06Z"}), None),
        (json!({"exp": "2026-01-02T03:04:05Z"}), Some("exp")),
    ] {
        let facts = with(more.clone());
        let found = serious(&facts);
        assert_eq!(found.first().map(|(_, place)| *place), place, "{more}");
    }
    assert_eq!(irregular(&with(json!({"nbf": "Fri Dec 06"}))), ["nbf"]);
    assert!(serious(&with(json!({"sigT": null, "exp": 0}))).is_empty());
}

#[test]
fn the_time_is_sig_t_or_iat() {
    let signer = Signer::new();
    let at = |more: Value| {
        let facts = facts(&signer.flattened(more));
        let told = irregular(&facts);
        let places: Vec<String> = told.iter().map(|one| (*one).to_owned()).collect();
        (
            facts.claimed_at.map(Timestamp::as_unix_seconds),
            places,
            facts.format,
        )
    };
    let baseline = "JAdES-BASELINE-B".to_owned();
    assert_eq!(
        at(json!({})),
        (Some(1_767_323_045), vec![], baseline.clone())
    );
    assert_eq!(
        at(json!({"sigT": null, "iat": 5})),
        (Some(5), vec![], baseline.clone())
    );
    assert_eq!(
        at(json!({"iat": 5})),
        (
            Some(1_767_323_045),
            vec!["iat".to_owned()],
            baseline.clone()
        )
    );
    assert_eq!(at(json!({"sigT": null})), (None, vec![], "JWS".to_owned()));
    assert_eq!(
        at(json!({"sigT": "yesterday"})),
        (None, vec!["sigT".to_owned()], baseline.clone())
    );
    assert_eq!(
        at(json!({"sigT": null, "iat": "5"})),
        (None, vec!["iat".to_owned()], baseline)
    );
}

#[test]
fn thumbprints_name_the_certificate_or_another() {
    let (signer, other) = (Signer::new(), Signer::new());
    let thumbprint = |algorithm, of: &Signer| {
        let digest = digest(algorithm, of.certificate.der());
        base64url::encode(digest.as_bytes())
    };
    let s256 = |of| json!(thumbprint(DigestAlgorithm::Sha256, of));
    let s512 = |of| json!({"digAlg": "S512", "digVal": thumbprint(DigestAlgorithm::Sha512, of)});
    let sha1 = |of| json!(thumbprint(DigestAlgorithm::Sha1, of));
    let (matches, differs) = (CertificateReference::Matches, CertificateReference::Differs);
    for (more, expected) in [
        (json!({}), matches),
        (json!({"x5t#S256": s256(&signer)}), matches),
        (json!({"x5t#S256": s256(&other)}), differs),
        (json!({"x5t#o": s512(&signer)}), matches),
        (json!({"x5t#o": s512(&other)}), differs),
        (json!({"sigX5ts": [s512(&signer), s512(&other)]}), matches),
        (json!({"sigX5ts": [s512(&other), s512(&signer)]}), differs),
        (json!({"x5t": sha1(&signer)}), matches),
        (json!({"x5t": sha1(&other)}), differs),
        (
            json!({"x5t#S256": s256(&signer), "x5t#o": s512(&other)}),
            differs,
        ),
    ] {
        let facts = facts(&signer.flattened(more.clone()));
        assert_eq!(facts.reference, expected, "{more}");
        assert_eq!(facts.integrity, Integrity::Intact, "{more}");
        assert!(serious(&facts).is_empty(), "{:?}", facts.faults);
    }
    for malformed in [
        json!({"x5t#S256": "AAAA"}),
        json!({"x5t#S256": 1}),
        json!({"x5t": "AAAA"}),
        json!({"x5t#o": {"digAlg": "S512"}}),
        json!({"sigX5ts": []}),
    ] {
        let facts = facts(&signer.flattened(malformed.clone()));
        assert_eq!(facts.reference, differs, "{malformed}");
        assert_eq!(serious(&facts).len(), 1, "{malformed}");
    }
    let unknown = json!({"x5t#o": {"digAlg": "MD5", "digVal": "AAAA"}});
    assert_eq!(
        serious(&facts(&signer.flattened(unknown))),
        [(FaultWeight::Unprocessed, "x5t#o")]
    );
}

#[test]
fn a_certificate_from_elsewhere_is_used_where_a_protected_thumbprint_names_it() {
    let (signer, other) = (Signer::new(), Signer::new());
    let thumbprint =
        base64url::encode(digest(DigestAlgorithm::Sha256, signer.certificate.der()).as_bytes());
    let x_vals = |signers: &[&Signer]| {
        let values = signers
            .iter()
            .map(|one| json!({"x509Cert": {"val": one.der_text()}}));
        let values: Vec<Value> = values.collect();
        json!({"etsiU": [encode(&json!({"xVals": values}))]})
    };
    let named = json!({"x5c": null, "x5t#S256": thumbprint});
    let mut document = signer.flattened(named.clone());
    document["header"] = x_vals(&[&other, &signer]);
    let found = facts(&document);
    assert_eq!(found.integrity, Integrity::Intact);
    assert_eq!(found.signer.as_ref(), Some(&signer.certificate));
    assert_eq!(found.certificates, [other.certificate.clone()]);
    assert_eq!(found.reference, CertificateReference::Matches);
    document["header"] = json!({"x5c": [signer.der_text()]});
    assert_eq!(facts(&document).integrity, Integrity::Intact);
    // Another certificate is nobody's; neither is one that nothing names.
    document["header"] = x_vals(&[&other]);
    assert_eq!(facts(&document).integrity, Integrity::NoCertificate);
    let mut unnamed = signer.flattened(json!({"x5c": null}));
    unnamed["header"] = x_vals(&[&signer]);
    let found = facts(&unnamed);
    assert_eq!(found.integrity, Integrity::NoCertificate);
    assert_eq!(found.reference, CertificateReference::Absent);
    unnamed["header"] = json!({"x5c": [signer.der_text()]});
    assert_eq!(facts(&unnamed).integrity, Integrity::NoCertificate);
    // SHA-1 names nothing.
    let sha1 = digest(DigestAlgorithm::Sha1, signer.certificate.der());
    let sha1 = base64url::encode(sha1.as_bytes());
    let mut document = signer.flattened(json!({"x5c": null, "x5t": sha1}));
    document["header"] = x_vals(&[&signer]);
    assert_eq!(facts(&document).integrity, Integrity::NoCertificate);
}

#[test]
fn a_signer_that_cannot_be_read_is_none() {
    let signer = Signer::new();
    for x5c in [
        json!(signer.der_text()),
        json!([]),
        json!([1]),
        json!(["!"]),
        json!([base64::encode(b"no certificate"), signer.der_text()]),
    ] {
        let mut document = signer.flattened(json!({"x5c": x5c}));
        let found = facts(&document);
        assert_eq!(found.integrity, Integrity::NoCertificate, "{x5c}");
        assert_eq!(serious(&found), [(FaultWeight::Broken, "x5c")], "{x5c}");
        // Nor is another taken for it.
        document["header"] =
            json!({"etsiU": [{"xVals": [{"x509Cert": {"val": signer.der_text()}}]}]});
        assert_eq!(facts(&document).integrity, Integrity::NoCertificate);
    }
}

#[test]
fn the_first_of_x5c_signed_and_the_others_come_along() {
    let (signer, other) = (Signer::new(), Signer::new());
    let chain = |one: &Signer, two: &Signer| json!({"x5c": [one.der_text(), two.der_text()]});
    let facts_of = |more| facts(&signer.flattened(more));
    let right = facts_of(chain(&signer, &other));
    assert_eq!(right.integrity, Integrity::Intact);
    assert_eq!(right.certificates, [other.certificate.clone()]);
    let wrong = facts_of(chain(&other, &signer));
    assert_eq!(wrong.integrity, Integrity::ValueWrong);
}

#[test]
fn no_key_is_taken_from_the_signer_s_word() {
    let signer = Signer::new();
    let jwk = signer.certificate.public_key().to_jwk().unwrap();
    for (name, value) in [
        ("jwk", jwk),
        ("jku", json!("https://signer.example/keys")),
        ("x5u", json!("https://signer.example/certificate")),
    ] {
        let mut more = json!({"x5c": null});
        more[name] = value.clone();
        let alone = facts(&signer.flattened(more));
        assert_eq!(alone.integrity, Integrity::NoCertificate, "{name}");
        assert_eq!(serious(&alone), [(FaultWeight::Unprocessed, name)]);
        let mut beside = json!({});
        beside[name] = value.clone();
        let beside = facts(&signer.flattened(beside));
        assert_eq!(beside.integrity, Integrity::Intact, "{name}");
        assert!(serious(&beside).is_empty());
        let mut unprotected = signer.flattened(json!({"x5c": null}));
        unprotected["header"] = json!({});
        unprotected["header"][name] = value;
        let unprotected = facts(&unprotected);
        assert_eq!(unprotected.integrity, Integrity::NoCertificate, "{name}");
    }
}

#[test]
fn compression_is_not_processed() {
    let facts = facts(&Signer::new().flattened(json!({"zip": "DEF"})));
    assert_eq!(serious(&facts), [(FaultWeight::Unprocessed, "zip")]);
}
