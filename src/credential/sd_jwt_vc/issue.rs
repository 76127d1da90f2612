//! Makes an SD-JWT VC, in two steps: [`prepare`] fixes everything that will be signed, so that it can be
//! stored before the key is used, and [`sign()`] signs exactly that.

use crate::clock::Timestamp;
use crate::credential::claims::Claims;
use crate::credential::kind::CredentialKind;
use crate::credential::kind::Split;
use crate::credential::sd_jwt_vc::disclosure;
use crate::credential::sd_jwt_vc::error::IssueError;
use crate::credential::sd_jwt_vc::registered::REGISTERED_CLAIMS;
use crate::credential::status_list::StatusReference;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::random;
use crate::crypto::random::Random;
use crate::crypto::sign::SigningKey;
use crate::identifier::opaque_id::CredentialId;
use crate::pki::certificate::Certificate;
use crate::signature::jose::error::JoseError;
use crate::signature::jose::sign;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// What a credential is made of.
#[derive(Clone, Debug)]
pub struct IssueInput<'a> {
    /// Its id, which becomes `jti`.
    pub id: CredentialId,
    /// Its type.
    pub kind: &'a CredentialKind,
    /// What it says of the company.
    pub claims: Claims,
    /// `iss`: the issuer's URL, which its certificate names too.
    pub issuer: String,
    /// `iat`, cut to whole seconds.
    pub issued_at: Timestamp,
    /// `nbf`, where it is to begin later than it is issued.
    pub not_before: Option<Timestamp>,
    /// `exp`.
    pub expires_at: Timestamp,
    /// Where its status stands.
    pub status: StatusReference,
}

/// Everything that will be signed and handed out, before it is signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// The payload, with digests in the place of what may be withheld.
    pub payload: Value,
    /// The disclosures, encoded.
    pub disclosures: Vec<String>,
}

/// Fixes payload and disclosures. Salts have 128 bits (RFC 9901 §9.3); digests are sorted, so that their
/// order says nothing of the claims' (§4.2.4.1), those of array elements too; there are no decoys.
///
/// # Errors
/// [`IssueError`].
pub fn prepare(input: IssueInput<'_>, random: &dyn Random) -> Result<Prepared, IssueError> {
    let begins_at = input.not_before.unwrap_or(input.issued_at);
    if input.expires_at.as_unix_seconds() <= begins_at.as_unix_seconds() {
        return Err(IssueError::Expiry);
    }
    let mut hidden = Hidden {
        random,
        disclosures: Vec::new(),
    };
    let mut payload = registered(&input);
    let mut digests = Vec::new();
    for (name, value) in input.claims.into_map() {
        if REGISTERED_CLAIMS.contains(&name.as_str()) {
            return Err(IssueError::Claim { name });
        }
        match input.kind.split(&name) {
            Split::Visible => {
                payload.insert(name, value);
            }
            Split::Whole => digests.push(hidden.hide(Some(&name), value)?),
            Split::Elements => {
                let Value::Array(elements) = value else {
                    return Err(IssueError::NotAnArray { name });
                };
                let elements = hidden.hide_elements(elements)?;
                payload.insert(name, elements);
            }
        }
    }
    digests.sort_unstable();
    if !digests.is_empty() {
        payload.insert("_sd".to_owned(), digests.into());
    }
    Ok(Prepared {
        payload: Value::Object(payload),
        disclosures: hidden.disclosures,
    })
}

/// Signs what was prepared and appends the disclosures: `<JWS>~<disclosure>~…~`.
///
/// `x5c` begins with the certificate of `key`; the trust anchor is not among them, because whoever
/// verifies has it or must not take it from us.
///
/// # Errors
/// As [`sign::sign_compact`].
pub fn sign(
    prepared: &Prepared,
    key: &SigningKey,
    x5c: &[Certificate],
) -> Result<String, JoseError> {
    let mut compact = sign::sign_compact(key, sign::x5c(x5c).as_slice(), &prepared.payload)?;
    compact.push('~');
    for disclosure in &prepared.disclosures {
        compact.push_str(disclosure);
        compact.push('~');
    }
    Ok(compact)
}

fn registered(input: &IssueInput<'_>) -> Map<String, Value> {
    let mut payload = Map::new();
    let mut add = |name: &str, value: Value| payload.insert(name.to_owned(), value);
    add("_sd_alg", "sha-256".into());
    add("exp", input.expires_at.as_unix_seconds().into());
    add("iat", input.issued_at.as_unix_seconds().into());
    add("iss", input.issuer.as_str().into());
    add("jti", input.id.as_str().into());
    if let Some(not_before) = input.not_before {
        add("nbf", not_before.as_unix_seconds().into());
    }
    let StatusReference { index, uri } = &input.status;
    add("status", json!({"status_list": {"idx": index, "uri": uri}}));
    add("vct", input.kind.vct.as_str().into());
    payload
}

/// Gathers disclosures and gives the digests that take their place.
struct Hidden<'a> {
    random: &'a dyn Random,
    disclosures: Vec<String>,
}

impl Hidden<'_> {
    fn hide(&mut self, name: Option<&str>, value: Value) -> Result<String, IssueError> {
        let salt = random::array::<16>(self.random).map_err(IssueError::Random)?;
        let encoded = disclosure::write(&salt, name, value);
        let digest = disclosure::embedded_digest(DigestAlgorithm::Sha256, &encoded);
        self.disclosures.push(encoded);
        Ok(digest)
    }

    fn hide_elements(&mut self, elements: Vec<Value>) -> Result<Value, IssueError> {
        let digests: Result<Vec<String>, IssueError> = elements
            .into_iter()
            .map(|element| self.hide(None, element))
            .collect();
        let mut digests = digests?;
        digests.sort_unstable();
        let placeholders = digests.into_iter().map(|digest| json!({"...": digest}));
        Ok(placeholders.collect())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::credential::claims;
    use crate::credential::claims::tests::company;
    use crate::credential::claims::tests::kinds;
    use crate::credential::sd_jwt_vc::error::SdJwtError;
    use crate::credential::sd_jwt_vc::parse::Limits;
    use crate::credential::sd_jwt_vc::parse::SdJwt;
    use crate::crypto::key_purpose::KeyPurpose;
    use crate::crypto::random::SeededRandom;
    use proptest::prelude::*;
    use std::sync::OnceLock;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    /// A credential of the example company, valid from 2024-01-01 for a year.
    pub(crate) fn prepared(seed: u8) -> Prepared {
        let kinds = kinds();
        let kind = kinds.by_id("business-registration").unwrap();
        prepare(
            IssueInput {
                id: CredentialId::from_random([9; 16]),
                kind,
                claims: claims::from_company(&company(), kind).unwrap(),
                issuer: "https://yinxin.example".to_owned(),
                issued_at: at(1_704_067_200),
                not_before: None,
                expires_at: at(1_735_689_600),
                status: StatusReference {
                    index: 7,
                    uri: "https://yinxin.example/status/1".to_owned(),
                },
            },
            &SeededRandom::new([seed; 32]),
        )
        .unwrap()
    }

    fn key() -> &'static SigningKey {
        static KEY: OnceLock<SigningKey> = OnceLock::new();
        KEY.get_or_init(|| SigningKey::generate(KeyPurpose::Credential).unwrap().0)
    }

    /// The same, signed with a key without certificate.
    pub(crate) fn signed() -> &'static str {
        static SIGNED: OnceLock<String> = OnceLock::new();
        SIGNED.get_or_init(|| {
            let names = vec!["issuer.example".to_owned()];
            let certificate = rcgen::generate_simple_self_signed(names).unwrap().cert;
            let certificate = Certificate::parse_der(certificate.der()).unwrap();
            sign(&prepared(1), key(), &[certificate]).unwrap()
        })
    }

    fn parsed() -> SdJwt {
        SdJwt::parse(signed(), Limits::DEFAULT).unwrap()
    }

    #[test]
    fn what_is_issued_verifies_and_says_everything() {
        let credential = parsed();
        assert_eq!(credential.jws().verify(key().public_key()), Ok(()));
        assert_eq!(credential.jws().typ(), Some("dc+sd-jwt"));
        assert_eq!(credential.jws().alg(), "ES256");
        assert_eq!(credential.jws().x5c().len(), 1);
        assert_eq!(credential.to_compact(), signed());
        let kinds = kinds();
        let kind = kinds.by_id("business-registration").unwrap();
        let expected = claims::from_company(&company(), kind).unwrap();
        let mut subject = Value::clone(&credential.disclose().subject);
        let by_department = |value: &Value| value["department"].to_string();
        let registrations = subject["registrations"].as_array_mut().unwrap();
        registrations.sort_by_key(by_department);
        assert_eq!(subject.as_object(), Some(expected.as_map()));
        let registered = credential.registered();
        assert_eq!(registered.vct, kind.vct);
        assert_eq!(registered.expires_at, Some(at(1_735_689_600)));
        assert_eq!(registered.jti.as_deref(), Some("CQkJCQkJCQkJCQkJCQkJCQ"));
    }

    #[test]
    fn the_payload_shows_what_is_always_visible_and_hides_the_rest() {
        let prepared = prepared(1);
        let Value::Object(payload) = &prepared.payload else {
            unreachable!()
        };
        let names: Vec<&str> = payload.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "_sd",
                "_sd_alg",
                "exp",
                "iat",
                "iss",
                "jti",
                "name",
                "registrations",
                "state",
                "status",
                "uscc",
                "vct"
            ]
        );
        assert_eq!(payload["_sd"].as_array().unwrap().len(), 6);
        assert_eq!(payload["registrations"].as_array().unwrap().len(), 2);
        assert_eq!(prepared.disclosures.len(), 8);
        let text = prepared.payload.to_string();
        for hidden in ["示例人一", "示例路", "2130000", "粤税1", "customs", "C39"] {
            assert!(!text.contains(hidden), "{hidden}");
        }
    }

    #[test]
    fn digests_are_sorted_so_that_their_order_says_nothing() {
        for seed in 0..20 {
            let payload = prepared(seed).payload;
            let digests: Vec<String> = serde_json::from_value(payload["_sd"].clone()).unwrap();
            assert!(digests.is_sorted());
            let elements = payload["registrations"].as_array().unwrap();
            assert!(
                elements
                    .iter()
                    .map(|e| e["..."].as_str().unwrap())
                    .is_sorted()
            );
        }
    }

    #[test]
    fn salts_have_128_bits_and_never_repeat() {
        let mut salts = std::collections::BTreeSet::new();
        let disclosures = prepared(1).disclosures;
        for disclosure in &disclosures {
            let bytes = crate::encoding::base64url::decode(disclosure, 10_000).unwrap();
            let elements: Vec<Value> = serde_json::from_slice(&bytes).unwrap();
            let salt = elements[0].as_str().unwrap().to_owned();
            assert_eq!(
                crate::encoding::base64url::decode(&salt, 16).unwrap().len(),
                16
            );
            assert!(salts.insert(salt));
        }
        assert_eq!(prepared(1), prepared(1));
        assert_ne!(prepared(1), prepared(2));
    }

    #[test]
    fn a_credential_that_ends_before_it_begins_is_refused() {
        let kinds = kinds();
        let kind = kinds.by_id("business-registration").unwrap();
        let input = IssueInput {
            id: CredentialId::from_random([9; 16]),
            kind,
            claims: claims::from_company(&company(), kind).unwrap(),
            issuer: "https://yinxin.example".to_owned(),
            issued_at: at(100),
            not_before: Some(at(300)),
            expires_at: at(300),
            status: StatusReference {
                index: 0,
                uri: "u".to_owned(),
            },
        };
        let refused = prepare(input, &SeededRandom::new([1; 32]));
        assert!(matches!(refused, Err(IssueError::Expiry)));
    }

    #[test]
    fn a_key_for_something_else_signs_no_other_type() {
        let receipt_key = SigningKey::generate(KeyPurpose::Receipt).unwrap().0;
        let text = sign(&prepared(1), &receipt_key, &[]).unwrap();
        assert!(matches!(
            SdJwt::parse(&text, Limits::DEFAULT),
            Err(SdJwtError::Type { .. })
        ));
    }

    proptest! {
        #[test]
        fn withholding_any_subset_never_fails_nor_touches_what_is_visible(choice in any::<u8>()) {
            let whole = parsed();
            let mut index = 0;
            let text = whole.present(|_| {
                index += 1;
                choice & (1 << (index - 1)) != 0
            });
            let part = SdJwt::parse(&text, Limits::DEFAULT).unwrap();
            prop_assert_eq!(part.jws().verify(key().public_key()), Ok(()));
            prop_assert_eq!(part.registered(), whole.registered());
            for name in ["name", "uscc", "state", "iss", "iat", "exp", "vct", "status", "jti"] {
                prop_assert_eq!(&part.disclose().all()[name], &whole.disclose().all()[name]);
            }
            let shown = usize::try_from(choice.count_ones()).unwrap();
            prop_assert_eq!(part.disclosures().len(), shown);
            prop_assert_eq!(part.disclose().withheld.len(), 8 - shown);
            for (name, value) in part.disclose().subject.as_object().unwrap() {
                if name != "registrations" {
                    prop_assert_eq!(value, &whole.disclose().subject[name]);
                }
            }
        }

        #[test]
        fn any_flipped_character_of_a_disclosure_fails(at in 0_usize..10_000, with in "[A-Za-z0-9_-]") {
            let text = signed();
            let first = text.find('~').unwrap() + 1;
            let at = first + at % (text.len() - first);
            prop_assume!(text.as_bytes()[at] != b'~' && text[at..=at] != with);
            let altered = format!("{}{with}{}", &text[..at], &text[at + 1..]);
            prop_assert!(SdJwt::parse(&altered, Limits::DEFAULT).is_err());
        }

        #[test]
        fn any_flipped_character_of_the_jwt_fails(at in 0_usize..10_000, with in "[A-Za-z0-9_.~-]") {
            let text = signed();
            let at = at % (text.find('~').unwrap() + 1);
            prop_assume!(text[at..=at] != with);
            let altered = format!("{}{with}{}", &text[..at], &text[at + 1..]);
            if let Ok(credential) = SdJwt::parse(&altered, Limits::DEFAULT) {
                prop_assert!(credential.jws().verify(key().public_key()).is_err());
            }
        }
    }
}
