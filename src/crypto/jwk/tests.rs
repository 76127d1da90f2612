use super::*;
use openssl::rsa::Rsa;
use serde_json::json;

/// RFC 7517 appendix A.1, the elliptic one.
fn ec() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    })
}

/// RFC 8037 appendix A.2.
fn ed25519() -> Value {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    json!({"kty": "OKP", "crv": "Ed25519", "x": x})
}

fn rsa(bits: u32) -> Value {
    let key = Rsa::generate(bits).unwrap();
    let text = |number: &openssl::bn::BigNumRef| base64url::encode(&number.to_vec());
    json!({"kty": "RSA", "n": text(key.n()), "e": text(key.e())})
}

fn with(mut key: Value, name: &str, value: Value) -> Value {
    key[name] = value;
    key
}

fn refusal(key: &Value) -> JwkError {
    Jwk::parse(key).unwrap_err()
}

#[test]
fn what_is_written_as_a_jwk_is_read_from_it() {
    for key in [ec(), ed25519(), rsa(2048)] {
        let read = PublicKey::from_jwk(&key).unwrap();
        assert_eq!(read.to_jwk().unwrap(), key);
        assert_eq!(
            PublicKey::from_spki_der(read.spki_der()).unwrap(),
            read,
            "{key}"
        );
    }
}

#[test]
fn secret_and_private_keys_are_refused() {
    let secret = json!({"kty": "oct", "k": "AAECAwQFBgcICQ"});
    assert_eq!(refusal(&secret), JwkError::Symmetric);
    assert_eq!(
        refusal(&with(ec(), "k", json!("AAAA"))),
        JwkError::Symmetric
    );
    for name in PRIVATE_MEMBERS {
        let key = with(ec(), name, json!("AAAA"));
        assert_eq!(refusal(&key), JwkError::Private(name));
    }
}

#[test]
fn a_key_is_only_for_what_it_says() {
    for allowed in [
        with(ec(), "use", json!("sig")),
        with(ec(), "key_ops", json!(["verify"])),
        with(ec(), "key_ops", json!(["sign", "verify"])),
        with(ec(), "alg", json!("ES256")),
    ] {
        assert!(Jwk::parse(&allowed).is_ok(), "{allowed}");
    }
    let encryption = with(ec(), "use", json!("enc"));
    assert_eq!(refusal(&encryption), JwkError::NotForSignatures("use"));
    for operations in [json!([]), json!(["sign"]), json!(["verify", "encrypt"])] {
        let key = with(ec(), "key_ops", operations);
        assert_eq!(refusal(&key), JwkError::NotForSignatures("key_ops"));
    }
    for operations in [json!("verify"), json!([1]), json!(["verify", "verify"])] {
        let key = with(ec(), "key_ops", operations);
        assert_eq!(refusal(&key), JwkError::Member("key_ops"));
    }
}

#[test]
fn alg_binds_the_key_and_has_to_fit_it() {
    let bound = Jwk::parse(&with(ec(), "alg", json!("ES256"))).unwrap();
    let algorithm = |name| SignatureAlgorithm::from_jose_name(name).unwrap();
    assert!(bound.permits(algorithm("ES256")));
    assert!(!bound.permits(algorithm("ES384")));
    assert!(Jwk::parse(&ec()).unwrap().permits(algorithm("ES384")));
    for name in ["ES384", "RS256", "EdDSA"] {
        let key = with(ec(), "alg", json!(name));
        assert!(
            matches!(refusal(&key), JwkError::AlgorithmMismatch { .. }),
            "{name}"
        );
    }
    for name in ["ES521", "HS256", "none", "RSA1_5"] {
        let key = with(ec(), "alg", json!(name));
        assert_eq!(refusal(&key), JwkError::UnknownAlgorithm, "{name}");
    }
}

#[test]
fn numbers_have_one_form() {
    let x = ec()["x"].as_str().unwrap().to_owned();
    let long = base64url::encode(&[&[0][..], &base64url::decode(&x, 32).unwrap()].concat());
    assert_eq!(
        refusal(&with(ec(), "x", json!(long))),
        JwkError::Number("x")
    );
    assert_eq!(
        refusal(&with(ec(), "y", json!(x))),
        JwkError::NotOnCurve,
        "x = y"
    );
    assert!(matches!(
        refusal(&with(ec(), "x", json!(format!("{x}=")))),
        JwkError::Encoding { name: "x", .. }
    ));
    let key = rsa(2048);
    assert_eq!(
        refusal(&with(key.clone(), "e", json!("AAEAAQ"))),
        JwkError::Number("e")
    );
    for exponent in ["AQ", "BA"] {
        let key = with(key.clone(), "e", json!(exponent));
        assert_eq!(refusal(&key), JwkError::Key(KeyError::RsaNumbers));
    }
    let long = base64url::encode(&[1, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(refusal(&with(key, "e", json!(long))), JwkError::Number("e"));
    assert!(matches!(refusal(&rsa(1024)), JwkError::ShortModulus { .. }));
    let short = with(ed25519(), "x", json!("AAAA"));
    assert!(matches!(refusal(&short), JwkError::Key(_)));
}

#[test]
fn a_modulus_that_can_be_factored_is_refused() {
    // A power of 65537 has the fingerprint, whatever its length.
    let mut number = openssl::bn::BigNum::from_u32(1).unwrap();
    while number.num_bits() < 2048 {
        number.mul_word(65_537).unwrap();
    }
    let key = with(rsa(2048), "n", json!(base64url::encode(&number.to_vec())));
    assert_eq!(refusal(&key), JwkError::Roca);
}

#[test]
fn what_is_missing_or_unknown_is_named() {
    for name in ["kty", "crv", "x", "y"] {
        let mut key = ec();
        key.as_object_mut().unwrap().remove(name);
        assert_eq!(refusal(&key), JwkError::Missing(name));
        let key = with(ec(), name, json!(1));
        assert_eq!(refusal(&key), JwkError::Member(name));
    }
    assert_eq!(refusal(&json!([])), JwkError::NotAnObject);
    assert_eq!(
        refusal(&with(ec(), "kty", json!("EC2"))),
        JwkError::UnknownKeyType
    );
    assert_eq!(
        refusal(&with(ec(), "crv", json!("P-224"))),
        JwkError::UnknownCurve
    );
    assert_eq!(
        refusal(&with(ed25519(), "crv", json!("X25519"))),
        JwkError::UnknownCurve
    );
}

#[test]
fn a_set_has_public_keys_of_different_names() {
    let (one, other) = (
        with(ec(), "kid", json!("1")),
        with(ed25519(), "kid", json!("2")),
    );
    let set = JwkSet::parse(&json!({"keys": [one, other, ec()]})).unwrap();
    assert_eq!(set.keys().len(), 3);
    assert_eq!(
        set.find("2").unwrap().key().algorithm(),
        KeyAlgorithm::Ed25519
    );
    assert!(set.find("3").is_none());
    let refusal = |keys: Value| JwkSet::parse(&json!({"keys": keys})).unwrap_err();
    let same = with(ed25519(), "kid", json!("1"));
    assert_eq!(refusal(json!([one, same])), JwkError::DuplicateKid);
    let secret = json!({"kty": "oct", "k": "AAAA", "kid": "3"});
    assert_eq!(refusal(json!([one, secret])), JwkError::Symmetric);
    let private = with(ec(), "d", json!("AAAA"));
    assert_eq!(refusal(json!([one, private])), JwkError::Private("d"));
    let many: Vec<Value> = (0..65).map(|_| ec()).collect();
    assert_eq!(
        refusal(Value::from(many)),
        JwkError::TooManyKeys { limit: 64 }
    );
    assert_eq!(
        JwkSet::parse(&json!({})).unwrap_err(),
        JwkError::Missing("keys")
    );
    assert_eq!(refusal(json!({})), JwkError::Member("keys"));
}
