//! The examples of RFC 9901 §5 and §6, which use a `typ` and claims of their own.

use crate::credential::sd_jwt_vc::error::SdJwtError;
use crate::credential::sd_jwt_vc::parse::Limits;
use crate::credential::sd_jwt_vc::parse::Opened;
use crate::crypto::public_key::PublicKey;
use crate::encoding::base64url;
use crate::encoding::hex;
use crate::signature::jose::compact::CompactJws;
use serde_json::Value;
use serde_json::json;

/// §5.1, the issuer-signed JWT.
const ISSUER_SIGNED: &str = concat!(
    "eyJhbGciOiAiRVMyNTYiLCAidHlwIjogImV4YW1wbGUrc2Qtand0In0.eyJfc2QiOiBb",
    "IkNyUWU3UzVrcUJBSHQtbk1ZWGdjNmJkdDJTSDVhVFkxc1VfTS1QZ2tqUEkiLCAiSnpZ",
    "akg0c3ZsaUgwUjNQeUVNZmVadTZKdDY5dTVxZWhabzdGN0VQWWxTRSIsICJQb3JGYnBL",
    "dVZ1Nnh5bUphZ3ZrRnNGWEFiUm9jMkpHbEFVQTJCQTRvN2NJIiwgIlRHZjRvTGJnd2Q1",
    "SlFhSHlLVlFaVTlVZEdFMHc1cnREc3JaemZVYW9tTG8iLCAiWFFfM2tQS3QxWHlYN0tB",
    "TmtxVlI2eVoyVmE1TnJQSXZQWWJ5TXZSS0JNTSIsICJYekZyendzY002R242Q0pEYzZ2",
    "Vks4QmtNbmZHOHZPU0tmcFBJWmRBZmRFIiwgImdiT3NJNEVkcTJ4Mkt3LXc1d1BFemFr",
    "b2I5aFYxY1JEMEFUTjNvUUw5Sk0iLCAianN1OXlWdWx3UVFsaEZsTV8zSmx6TWFTRnpn",
    "bGhRRzBEcGZheVF3TFVLNCJdLCAiaXNzIjogImh0dHBzOi8vaXNzdWVyLmV4YW1wbGUu",
    "Y29tIiwgImlhdCI6IDE2ODMwMDAwMDAsICJleHAiOiAxODgzMDAwMDAwLCAic3ViIjog",
    "InVzZXJfNDIiLCAibmF0aW9uYWxpdGllcyI6IFt7Ii4uLiI6ICJwRm5kamtaX1ZDem15",
    "VGE2VWpsWm8zZGgta284YUlLUWM5RGxHemhhVllvIn0sIHsiLi4uIjogIjdDZjZKa1B1",
    "ZHJ5M2xjYndIZ2VaOGtoQXYxVTFPU2xlclAwVmtCSnJXWjAifV0sICJfc2RfYWxnIjog",
    "InNoYS0yNTYiLCAiY25mIjogeyJqd2siOiB7Imt0eSI6ICJFQyIsICJjcnYiOiAiUC0y",
    "NTYiLCAieCI6ICJUQ0FFUjE5WnZ1M09IRjRqNFc0dmZTVm9ISVAxSUxpbERsczd2Q2VH",
    "ZW1jIiwgInkiOiAiWnhqaVdXYlpNUUdIVldLVlE0aGJTSWlyc1ZmdWVjQ0U2dDRqVDlG",
    "MkhaUSJ9fX0.zjhXTlVnC9cFuDlL7JuR2TK7DCo0XtlMpbuNVNZJhWOkCPsRHn9oHNQk",
    "I02D6YziRYsapgbA_tV4-0LmAfA53Q",
);

/// §5.1, in the order of the text: eight members and two array elements.
const DISCLOSURES: [&str; 10] = [
    "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd",
    "WyJlbHVWNU9nM2dTTklJOEVZbnN4QV9BIiwgImZhbWlseV9uYW1lIiwgIkRvZSJd",
    "WyI2SWo3dE0tYTVpVlBHYm9TNXRtdlZBIiwgImVtYWlsIiwgImpvaG5kb2VAZXhhbXBsZS5jb20iXQ",
    "WyJlSThaV205UW5LUHBOUGVOZW5IZGhRIiwgInBob25lX251bWJlciIsICIrMS0yMDItNTU1LTAxMDEiXQ",
    "WyJRZ19PNjR6cUF4ZTQxMmExMDhpcm9BIiwgInBob25lX251bWJlcl92ZXJpZmllZCIsIHRydWVd",
    "WyJBSngtMDk1VlBycFR0TjRRTU9xUk9BIiwgImFkZHJlc3MiLCB7InN0cmVldF9hZGRyZXNzIjogIjEyMyBNYWluIFN0IiwgImxvY2FsaXR5IjogIkFueXRvd24iLCAicmVnaW9uIjogIkFueXN0YXRlIiwgImNvdW50cnkiOiAiVVMifV0",
    "WyJQYzMzSk0yTGNoY1VfbEhnZ3ZfdWZRIiwgImJpcnRoZGF0ZSIsICIxOTQwLTAxLTAxIl0",
    "WyJHMDJOU3JRZmpGWFE3SW8wOXN5YWpBIiwgInVwZGF0ZWRfYXQiLCAxNTcwMDAwMDAwXQ",
    "WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIlVTIl0",
    "WyJuUHVvUW5rUkZxM0JJZUFtN0FuWEZBIiwgIkRFIl0",
];

/// §5.2, the key binding JWT.
const KEY_BINDING: &str = concat!(
    "eyJhbGciOiAiRVMyNTYiLCA",
    "idHlwIjogImtiK2p3dCJ9.eyJub25jZSI6ICIxMjM0NTY3ODkwIiwgImF1ZCI6ICJodH",
    "RwczovL3ZlcmlmaWVyLmV4YW1wbGUub3JnIiwgImlhdCI6IDE3NDgzNjE5NDEsICJzZF",
    "9oYXNoIjogIjEtTGNmNkNpQm1QNzJKREZ1QkYwYnZhbFMtRnpJbFh5aUNrSlhwN3BKbW",
    "MifQ.4OCivqequv7GMn45GWWEBceEwvByv9wY61HvxbOKY0pOxyto9-HG2coh1D3frjl",
    "1AhF-vDnB1CD0SXL32P-toA",
);

const MEMBERS_OF_ADDRESS: [&str; 4] = [
    "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgInN0cmVldF9hZGRyZXNzIiwgIlNjaHVsc3RyLiAxMiJd",
    "WyJlbHVWNU9nM2dTTklJOEVZbnN4QV9BIiwgImxvY2FsaXR5IiwgIlNjaHVscGZvcnRhIl0",
    "WyI2SWo3dE0tYTVpVlBHYm9TNXRtdlZBIiwgInJlZ2lvbiIsICJTYWNoc2VuLUFuaGFsdCJd",
    "WyJlSThaV205UW5LUHBOUGVOZW5IZGhRIiwgImNvdW50cnkiLCAiREUiXQ",
];

/// §6.3: the disclosure of `address`, which holds the digests of its members.
const RECURSIVE_ADDRESS: &str = concat!(
    "WyJRZ19PNjR6cUF4ZTQxMmExMDhpcm9BIiwgImFkZHJlc3MiLCB7Il9zZCI6",
    "IFsiNnZoOWJxLXpTNEdLTV83R3BnZ1ZiWXp6dTZvT0dYcm1OVkdQSFA3NVVk",
    "MCIsICI5Z2pWdVh0ZEZST0NnUnJ0TmNHVVhtRjY1cmRlemlfNkVyX2o3Nmtt",
    "WXlNIiwgIktVUkRQaDRaQzE5LTN0aXotRGYzOVY4ZWlkeTFvVjNhM0gxRGEy",
    "TjBnODgiLCAiV045cjlkQ0JKOEhUQ3NTMmpLQVN4VGpFeVc1bTV4NjVfWl8y",
    "cm8yamZYTSJdfV0",
);

fn open(text: &str) -> Result<Opened, SdJwtError> {
    Opened::open(text, Limits::DEFAULT, &["example+sd-jwt"])
}

fn presentation(jwt: &str, disclosures: &[&str], key_binding: &str) -> String {
    let mut text = format!("{jwt}~");
    for disclosure in disclosures {
        text.push_str(disclosure);
        text.push('~');
    }
    text + key_binding
}

/// A JWT with the type of the examples and a signature that nobody looks at.
fn unsigned(payload: &Value) -> String {
    let header = base64url::encode(br#"{"alg":"ES256","typ":"example+sd-jwt"}"#);
    let payload = base64url::encode(payload.to_string().as_bytes());
    format!("{header}.{payload}.AAAA")
}

fn p256(x: &str, y: &str) -> PublicKey {
    let prefix = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
    let mut spki = hex::decode(prefix).unwrap();
    spki.extend(base64url::decode(x, 32).unwrap());
    spki.extend(base64url::decode(y, 32).unwrap());
    PublicKey::from_spki_der(&spki).unwrap()
}

#[test]
fn the_signatures_of_section_5_verify() {
    // Appendix A.5, the issuer's key; §5.1, the holder's key in `cnf`.
    let issuer = p256(
        "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
        "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
    );
    let holder = p256(
        "TCAER19Zvu3OHF4j4W4vfSVoHIP1ILilDls7vCeGemc",
        "ZxjiWWbZMQGHVWKVQ4hbSIirsVfuecCE6t4jT9F2HZQ",
    );
    let jws = CompactJws::parse(ISSUER_SIGNED).unwrap();
    assert_eq!(jws.verify(&issuer), Ok(()));
    assert!(jws.verify(&holder).is_err());
    let key_binding = CompactJws::parse(KEY_BINDING).unwrap();
    assert_eq!(key_binding.verify(&holder), Ok(()));
}

#[test]
fn everything_disclosed_is_the_input_of_section_5_1() {
    let opened = open(&presentation(ISSUER_SIGNED, &DISCLOSURES, "")).unwrap();
    let all = Value::Object(opened.claims.all());
    assert_eq!(all["given_name"], "John");
    assert_eq!(all["phone_number_verified"], true);
    assert_eq!(all["updated_at"], 1_570_000_000);
    assert_eq!(all["nationalities"], json!(["US", "DE"]));
    assert_eq!(all["address"]["locality"], "Anytown");
    assert!(opened.claims.withheld.is_empty());
}

#[test]
fn the_presentation_of_section_5_2_gives_the_payload_of_the_text() {
    let chosen = [
        DISCLOSURES[1],
        DISCLOSURES[5],
        DISCLOSURES[0],
        DISCLOSURES[8],
    ];
    let opened = open(&presentation(ISSUER_SIGNED, &chosen, KEY_BINDING)).unwrap();
    assert!(opened.key_binding.is_some());
    assert_eq!(
        Value::Object(opened.claims.all()),
        json!({
            "iss": "https://issuer.example.com",
            "iat": 1_683_000_000,
            "exp": 1_883_000_000,
            "sub": "user_42",
            "nationalities": ["US"],
            "cnf": {"jwk": {
                "kty": "EC",
                "crv": "P-256",
                "x": "TCAER19Zvu3OHF4j4W4vfSVoHIP1ILilDls7vCeGemc",
                "y": "ZxjiWWbZMQGHVWKVQ4hbSIirsVfuecCE6t4jT9F2HZQ"
            }},
            "family_name": "Doe",
            "address": {
                "street_address": "123 Main St",
                "locality": "Anytown",
                "region": "Anystate",
                "country": "US"
            },
            "given_name": "John"
        })
    );
    let hidden_members = opened.claims.withheld.iter().filter(|path| *path == "*");
    assert_eq!(hidden_members.count(), 5);
    assert!(
        opened
            .claims
            .withheld
            .contains(&"nationalities[1]".to_owned())
    );
}

#[test]
fn a_disclosure_of_the_other_kind_of_place_is_refused() {
    // `nationalities` would be an element, `given_name` a member: each digest in the other's place.
    let payload = json!({
        "_sd": ["pFndjkZ_VCzmyTa6UjlZo3dh-ko8aIKQc9DlGzhaVYo"],
        "a": [{"...": "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4"}],
    });
    let element = open(&presentation(&unsigned(&payload), &[DISCLOSURES[8]], ""));
    assert!(matches!(
        element.err().unwrap(),
        SdJwtError::WrongElements {
            position: 1,
            expected: 3
        }
    ));
    let member = open(&presentation(&unsigned(&payload), &[DISCLOSURES[0]], ""));
    assert!(matches!(
        member.err().unwrap(),
        SdJwtError::WrongElements {
            position: 1,
            expected: 2
        }
    ));
}

#[test]
fn section_6_2_discloses_members_of_an_object() {
    let payload = json!({
        "address": {
            "_sd": [
                "6vh9bq-zS4GKM_7GpggVbYzzu6oOGXrmNVGPHP75Ud0",
                "9gjVuXtdFROCgRrtNcGUXmF65rdezi_6Er_j76kmYyM",
                "KURDPh4ZC19-3tiz-Df39V8eidy1oV3a3H1Da2N0g88",
            ],
            "country": "DE",
        },
        "_sd_alg": "sha-256",
    });
    let opened = open(&presentation(
        &unsigned(&payload),
        &MEMBERS_OF_ADDRESS[1..3],
        "",
    ))
    .unwrap();
    assert_eq!(
        Value::Object(opened.claims.all()),
        json!({"address": {"locality": "Schulpforta", "region": "Sachsen-Anhalt", "country": "DE"}})
    );
    assert_eq!(opened.claims.withheld, ["address.*"]);
}

#[test]
fn section_6_3_discloses_recursively_in_any_order() {
    let payload = json!({"_sd": ["HvrKX6fPV0v9K_yCVFBiLFHsMaxcD_114Em6VT8x1lg"]});
    let jwt = unsigned(&payload);
    let mut disclosures = MEMBERS_OF_ADDRESS.to_vec();
    disclosures.push(RECURSIVE_ADDRESS);
    let opened = open(&presentation(&jwt, &disclosures, "")).unwrap();
    assert_eq!(
        Value::Object(opened.claims.all())["address"],
        json!({
            "street_address": "Schulstr. 12",
            "locality": "Schulpforta",
            "region": "Sachsen-Anhalt",
            "country": "DE"
        })
    );
    // Without the disclosure that holds their digests, the members belong to nothing.
    let orphans = open(&presentation(&jwt, &MEMBERS_OF_ADDRESS, ""));
    assert!(matches!(
        orphans.err().unwrap(),
        SdJwtError::Unreferenced { position: 1 }
    ));
    let alone = open(&presentation(&jwt, &[RECURSIVE_ADDRESS], "")).unwrap();
    assert_eq!(Value::Object(alone.claims.all()), json!({"address": {}}));
    assert_eq!(alone.claims.withheld, vec!["address.*"; 4]);
}
