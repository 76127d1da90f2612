//! Reads a presentation: the issuer-signed JWT, the disclosures and what belongs to what (RFC 9901 §7.1).

use crate::credential::sd_jwt_vc::disclosed;
use crate::credential::sd_jwt_vc::disclosed::DisclosedClaims;
use crate::credential::sd_jwt_vc::disclosed::Waiting;
use crate::credential::sd_jwt_vc::disclosure;
use crate::credential::sd_jwt_vc::disclosure::Content;
use crate::credential::sd_jwt_vc::error::SdJwtError;
use crate::credential::sd_jwt_vc::registered::RegisteredClaims;
use crate::crypto::digest::DigestAlgorithm;
use crate::encoding::json;
use crate::encoding::json::JsonLimits;
use crate::signature::jose::compact::CompactJws;
use crate::signature::jose::error::excerpt;
use serde_json::Map;
use serde_json::Value;

/// `typ` of an SD-JWT VC; the second until November 2024 (SD-JWT VC §3.2.1).
const TYPES: [&str; 2] = ["dc+sd-jwt", "vc+sd-jwt"];
/// `typ` of a key binding JWT (RFC 9901 §4.3).
const KEY_BINDING_TYPE: &str = "kb+jwt";

/// How much of a presentation is read; the sender may be hostile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of the whole presentation.
    pub max_bytes: usize,
    /// How many disclosures.
    pub max_disclosures: usize,
    /// Levels of nesting, across disclosures.
    pub max_depth: usize,
    /// JSON values in the payload, and in each disclosure.
    pub max_values: usize,
}

impl Limits {
    /// Ours have a dozen disclosures and 10 KB.
    pub const DEFAULT: Self = Self {
        max_bytes: 1024 * 1024,
        max_disclosures: 1000,
        max_depth: 32,
        max_values: 20_000,
    };

    const fn json(&self) -> JsonLimits {
        JsonLimits {
            max_depth: self.max_depth,
            max_bytes: self.max_bytes,
            max_values: self.max_values,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A presentation of an SD-JWT VC.
///
/// To hold it is to know that each disclosure belongs to exactly one digest that the payload holds,
/// directly or through another disclosure, and that the claims with a fixed meaning have their form. The
/// signature is *not* verified.
#[derive(Clone, Debug)]
pub struct SdJwt {
    jws: CompactJws,
    disclosures: Vec<PresentedDisclosure>,
    key_binding: Option<CompactJws>,
    claims: DisclosedClaims,
    registered: RegisteredClaims,
}

/// A disclosure of a presentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedDisclosure {
    encoded: String,
    name: Option<String>,
    parent: Option<usize>,
}

impl PresentedDisclosure {
    /// The disclosure, as it stands in the presentation.
    #[must_use]
    pub fn encoded(&self) -> &str {
        &self.encoded
    }

    /// Name of the claim. `None`: an element of an array.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl SdJwt {
    /// Reads `text`, all of it: `<JWS>~<disclosure>~…~`, or the same with a key binding JWT at the end.
    /// The disclosures are counted before anything else is looked at.
    ///
    /// # Errors
    /// [`SdJwtError`] names the part and what is wrong with it.
    pub fn parse(text: &str, limits: Limits) -> Result<Self, SdJwtError> {
        let opened = Opened::open(text, limits, &TYPES)?;
        Ok(Self {
            registered: RegisteredClaims::read(&opened.claims.registered)?,
            jws: opened.jws,
            disclosures: opened.disclosures,
            key_binding: opened.key_binding,
            claims: opened.claims,
        })
    }

    /// The issuer-signed JWT. Its signature is not verified.
    #[must_use]
    pub const fn jws(&self) -> &CompactJws {
        &self.jws
    }

    /// The claims that are visible or disclosed, and where something is withheld.
    #[must_use]
    pub const fn disclose(&self) -> &DisclosedClaims {
        &self.claims
    }

    /// What the credential says of itself.
    #[must_use]
    pub const fn registered(&self) -> &RegisteredClaims {
        &self.registered
    }

    /// The disclosures, in the order of the presentation.
    #[must_use]
    pub fn disclosures(&self) -> &[PresentedDisclosure] {
        &self.disclosures
    }

    /// The key binding JWT, of which *nothing* is verified but its form. A verifier must not accept a
    /// presentation because of it.
    #[must_use]
    pub const fn key_binding(&self) -> Option<&CompactJws> {
        self.key_binding.as_ref()
    }

    /// The presentation in compact serialisation: the text that was read.
    #[must_use]
    pub fn to_compact(&self) -> String {
        let mut compact = self.present(|_| true);
        if let Some(key_binding) = &self.key_binding {
            compact.push_str(key_binding.as_str());
        }
        compact
    }

    /// A presentation with those disclosures that `keep` says yes to, without key binding. One whose
    /// enclosing disclosure goes, goes too: it would belong to nothing (RFC 9901 §7.2 step 2).
    #[must_use]
    pub fn present(&self, keep: impl FnMut(&PresentedDisclosure) -> bool) -> String {
        let kept: Vec<bool> = self.disclosures.iter().map(keep).collect();
        // No chain of parents is longer than the claims are deep.
        let stays = |index: usize| {
            let mut next = Some(index);
            while let Some(index) = next {
                if !kept.get(index).copied().unwrap_or(false) {
                    return false;
                }
                next = self.disclosures.get(index).and_then(|d| d.parent);
            }
            true
        };
        let mut compact = self.jws.as_str().to_owned();
        compact.push('~');
        for (index, disclosure) in self.disclosures.iter().enumerate() {
            if stays(index) {
                compact.push_str(&disclosure.encoded);
                compact.push('~');
            }
        }
        compact
    }
}

/// An SD-JWT of whatever type, with its disclosures in place.
pub(super) struct Opened {
    jws: CompactJws,
    pub(super) disclosures: Vec<PresentedDisclosure>,
    pub(super) key_binding: Option<CompactJws>,
    pub(super) claims: DisclosedClaims,
}

impl Opened {
    pub(super) fn open(text: &str, limits: Limits, types: &[&str]) -> Result<Self, SdJwtError> {
        let tildes = text.bytes().filter(|byte| *byte == b'~').count();
        let count = tildes.checked_sub(1).ok_or(SdJwtError::MissingTilde)?;
        if count > limits.max_disclosures {
            return Err(SdJwtError::TooManyDisclosures {
                found: count,
                limit: limits.max_disclosures,
            });
        }
        if text.len() > limits.max_bytes {
            return Err(SdJwtError::TooLong {
                limit: limits.max_bytes,
            });
        }
        let mut parts = text.split('~');
        let jws = CompactJws::parse(parts.next().unwrap_or_default()).map_err(SdJwtError::Jws)?;
        check_type(&jws, types)?;
        let mut payload = payload(&jws, limits)?;
        let algorithm = digest_algorithm(&mut payload)?;
        let encoded: Vec<&str> = parts.by_ref().take(count).collect();
        let key_binding = key_binding(parts.next().unwrap_or_default(), &payload)?;

        let mut waiting = Vec::with_capacity(count);
        let mut names = Vec::with_capacity(count);
        for (position, encoded) in (1..).zip(&encoded) {
            let content = disclosure::parse(encoded, position, limits.json())?;
            names.push(match &content {
                Content::Element(_) => None,
                Content::Member { name, .. } => Some(name.clone()),
            });
            waiting.push(Waiting {
                digest: disclosure::embedded_digest(algorithm, encoded),
                content,
            });
        }
        let expanded = disclosed::expand(payload, waiting, limits.max_depth)?;
        let disclosures = encoded.into_iter().zip(names).zip(expanded.parents);
        Ok(Self {
            jws,
            disclosures: disclosures
                .map(|((encoded, name), parent)| PresentedDisclosure {
                    encoded: encoded.to_owned(),
                    name,
                    parent,
                })
                .collect(),
            key_binding,
            claims: expanded.claims,
        })
    }
}

fn check_type(jws: &CompactJws, types: &[&str]) -> Result<(), SdJwtError> {
    match jws.typ() {
        Some(typ) if types.contains(&typ) => Ok(()),
        found => Err(SdJwtError::Type {
            found: found.map_or_else(|| "missing".to_owned(), excerpt),
        }),
    }
}

fn payload(jws: &CompactJws, limits: Limits) -> Result<Map<String, Value>, SdJwtError> {
    let parsed = json::parse(jws.payload(), limits.json()).map_err(SdJwtError::PayloadJson)?;
    if let Value::Object(payload) = parsed {
        Ok(payload)
    } else {
        Err(SdJwtError::PayloadNotObject)
    }
}

/// Takes `_sd_alg` out (RFC 9901 §4.1.1: at the top only, SHA-256 when absent).
fn digest_algorithm(payload: &mut Map<String, Value>) -> Result<DigestAlgorithm, SdJwtError> {
    let named = match payload.remove("_sd_alg") {
        None => return Ok(DigestAlgorithm::Sha256),
        Some(named) => named,
    };
    match named.as_str() {
        Some("sha-256") => Ok(DigestAlgorithm::Sha256),
        Some("sha-384") => Ok(DigestAlgorithm::Sha384),
        Some("sha-512") => Ok(DigestAlgorithm::Sha512),
        other => Err(SdJwtError::DigestAlgorithm {
            found: other.map_or_else(|| "no text".to_owned(), excerpt),
        }),
    }
}

fn key_binding(text: &str, payload: &Map<String, Value>) -> Result<Option<CompactJws>, SdJwtError> {
    if text.is_empty() {
        return Ok(None);
    }
    let key_binding = CompactJws::parse(text).map_err(SdJwtError::KeyBinding)?;
    if key_binding.typ() != Some(KEY_BINDING_TYPE) {
        return Err(SdJwtError::KeyBindingType {
            found: key_binding
                .typ()
                .map_or_else(|| "missing".to_owned(), excerpt),
        });
    }
    if !payload.contains_key("cnf") {
        return Err(SdJwtError::KeyBindingWithoutConfirmation);
    }
    Ok(Some(key_binding))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::sd_jwt_vc::disclosure::embedded_digest;
    use crate::encoding::base64url;
    use proptest::prelude::*;
    use serde_json::json;
    use std::time::Instant;

    fn encode(json: &str) -> String {
        base64url::encode(json.as_bytes())
    }

    fn digest(encoded: &str) -> String {
        embedded_digest(DigestAlgorithm::Sha256, encoded)
    }

    fn jwt(typ: &str, payload: &str) -> String {
        let header = json!({"alg": "ES256", "typ": typ}).to_string();
        format!("{}.{}.AAAA", encode(&header), encode(payload))
    }

    /// A credential with this payload, to which `vct` is added, and these disclosures.
    fn presentation(mut payload: Value, disclosures: &[&str]) -> String {
        payload["vct"] = json!("https://a.example/t");
        let mut text = jwt("dc+sd-jwt", &payload.to_string()) + "~";
        for disclosure in disclosures {
            text.push_str(disclosure);
            text.push('~');
        }
        text
    }

    fn parse(text: &str) -> Result<SdJwt, SdJwtError> {
        SdJwt::parse(text, Limits::DEFAULT)
    }

    fn refused(text: &str) -> SdJwtError {
        parse(text).unwrap_err()
    }

    #[test]
    fn reads_both_types_and_refuses_others() {
        for typ in ["dc+sd-jwt", "vc+sd-jwt"] {
            let credential = parse(&(jwt(typ, r#"{"vct":"t"}"#) + "~")).unwrap();
            assert_eq!(credential.registered().vct, "t");
        }
        for typ in [
            "JWT",
            "DC+SD-JWT",
            "statuslist+jwt",
            "verification-receipt+jwt",
            "",
        ] {
            let text = jwt(typ, r#"{"vct":"t"}"#) + "~";
            assert!(matches!(refused(&text), SdJwtError::Type { found } if found == typ));
        }
        let untyped = encode(r#"{"alg":"ES256"}"#) + ".e30.AAAA~";
        assert!(matches!(refused(&untyped), SdJwtError::Type { found } if found == "missing"));
    }

    #[test]
    fn headers_that_nobody_may_use_are_refused() {
        for header in [
            r#"{"alg":"none","typ":"dc+sd-jwt"}"#,
            r#"{"alg":"HS256","typ":"dc+sd-jwt"}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","crit":["x"],"x":1}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","jku":"https://attacker.example"}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","x5u":"https://attacker.example"}"#,
            r#"{"alg":"ES256","typ":"dc+sd-jwt","jwk":{}}"#,
        ] {
            let text = format!("{}.{}.AAAA~", encode(header), encode(r#"{"vct":"t"}"#));
            assert!(matches!(refused(&text), SdJwtError::Jws(_)), "{header}");
        }
    }

    #[test]
    fn without_a_tilde_it_is_no_sd_jwt() {
        let text = jwt("dc+sd-jwt", r#"{"vct":"t"}"#);
        assert!(matches!(refused(&text), SdJwtError::MissingTilde));
        assert!(matches!(refused(""), SdJwtError::MissingTilde));
        assert!(matches!(refused("~"), SdJwtError::Jws(_)));
    }

    #[test]
    fn a_hundred_thousand_disclosures_are_refused_by_count_alone() {
        let mut text = presentation(json!({}), &[]);
        text.push_str(&"!~".repeat(100_000));
        let started = Instant::now();
        assert!(matches!(
            refused(&text),
            SdJwtError::TooManyDisclosures {
                found: 100_000,
                limit: 1000
            }
        ));
        assert!(started.elapsed().as_millis() < 50);
    }

    #[test]
    fn a_thousand_disclosures_are_read_and_one_more_is_not() {
        let disclosures: Vec<String> = (0..1001)
            .map(|number| encode(&format!(r#"["salt","claim{number}",{number}]"#)))
            .collect();
        let digests: Vec<String> = disclosures.iter().map(|encoded| digest(encoded)).collect();
        let payload = json!({"_sd": digests});
        let borrowed: Vec<&str> = disclosures.iter().map(String::as_str).collect();
        let credential = parse(&presentation(payload.clone(), &borrowed[..1000])).unwrap();
        assert_eq!(credential.disclose().all().len(), 1001);
        assert_eq!(credential.disclose().withheld, ["*"]);
        assert!(matches!(
            refused(&presentation(payload, &borrowed)),
            SdJwtError::TooManyDisclosures { found: 1001, .. }
        ));
    }

    #[test]
    fn a_presentation_longer_than_the_limit_is_refused() {
        let text = presentation(json!({"x": "x".repeat(800_000)}), &[]);
        assert!(matches!(
            refused(&text),
            SdJwtError::TooLong { limit: 1_048_576 }
        ));
    }

    #[test]
    fn two_disclosures_of_one_digest_are_refused() {
        let name = encode(r#"["salt","name",1]"#);
        let payload = json!({"_sd": [digest(&name)]});
        assert!(parse(&presentation(payload.clone(), &[&name])).is_ok());
        assert!(matches!(
            refused(&presentation(payload, &[&name, &name])),
            SdJwtError::DuplicateDisclosure {
                position: 2,
                first: 1
            }
        ));
    }

    #[test]
    fn a_digest_that_stands_twice_is_refused_even_when_withheld() {
        let name = encode(r#"["salt","name",1]"#);
        for payload in [
            json!({"_sd": [digest(&name), digest(&name)]}),
            json!({"_sd": [digest(&name)], "a": {"_sd": [digest(&name)]}}),
            json!({"a": [{"...": digest(&name)}, {"...": digest(&name)}]}),
        ] {
            assert!(matches!(
                refused(&presentation(payload.clone(), &[])),
                SdJwtError::DuplicateDigest { .. }
            ));
            if payload["_sd"].is_array() {
                assert!(matches!(
                    refused(&presentation(payload, &[&name])),
                    SdJwtError::DuplicateDigest { .. }
                ));
            }
        }
    }

    #[test]
    fn an_unreferenced_disclosure_is_refused() {
        let name = encode(r#"["salt","name",1]"#);
        let other = encode(r#"["salt","other",1]"#);
        assert!(matches!(
            refused(&presentation(
                json!({"_sd": [digest(&name)]}),
                &[&name, &other]
            )),
            SdJwtError::Unreferenced { position: 2 }
        ));
    }

    #[test]
    fn duplicate_claims_are_refused_in_every_place() {
        let name = encode(r#"["salt","name",1]"#);
        let again = encode(r#"["tlas","name",2]"#);
        let visible = json!({"_sd": [digest(&name)], "name": "x"});
        assert!(matches!(
            refused(&presentation(visible, &[&name])),
            SdJwtError::ClaimExists { position: 1, name } if name == "name"
        ));
        let twice = json!({"_sd": [digest(&name), digest(&again)]});
        assert!(matches!(
            refused(&presentation(twice, &[&name, &again])),
            SdJwtError::ClaimExists { position: 2, .. }
        ));
        let text = jwt("dc+sd-jwt", r#"{"vct":"t","vct":"u"}"#) + "~";
        assert!(matches!(refused(&text), SdJwtError::PayloadJson(_)));
    }

    #[test]
    fn claims_that_decide_on_validity_are_never_disclosed() {
        for name in ["cnf", "exp", "iss", "nbf", "status", "vct#integrity"] {
            let hidden = encode(&json!(["salt", name, {}]).to_string());
            assert!(matches!(
                refused(&presentation(json!({"_sd": [digest(&hidden)]}), &[&hidden])),
                SdJwtError::NotDisclosable { position: 1, name: found } if found == name
            ));
        }
        // Further down these names have no fixed meaning.
        let nested = encode(r#"["salt","exp","2030"]"#);
        let payload = json!({"licence": {"_sd": [digest(&nested)]}});
        let credential = parse(&presentation(payload, &[&nested])).unwrap();
        assert_eq!(credential.disclose().all()["licence"]["exp"], "2030");
    }

    #[test]
    fn reserved_members_have_one_form() {
        let cases = [
            (json!({"_sd": "x"}), "_sd", ""),
            (json!({"_sd": [1]}), "_sd", ""),
            (json!({"a": {"_sd": {}}}), "_sd", "a"),
            (json!({"...": "x"}), "...", ""),
            (json!({"a": {"...": "x"}}), "...", "a"),
            (json!({"a": [{"...": "x", "b": 1}]}), "...", "a"),
            (json!({"a": [{"...": 1}]}), "...", "a"),
        ];
        for (payload, name, path) in cases {
            match refused(&presentation(payload.clone(), &[])) {
                SdJwtError::ReservedMember {
                    name: found,
                    path: at,
                } => {
                    assert_eq!((found, at.as_str()), (name, path), "{payload}");
                }
                other => panic!("{payload}: {other}"),
            }
        }
    }

    #[test]
    fn digest_algorithms_are_told_by_name() {
        let name = encode(r#"["salt","name",1]"#);
        for (named, algorithm) in [
            ("sha-256", DigestAlgorithm::Sha256),
            ("sha-384", DigestAlgorithm::Sha384),
            ("sha-512", DigestAlgorithm::Sha512),
        ] {
            let payload = json!({"_sd_alg": named, "_sd": [embedded_digest(algorithm, &name)]});
            let credential = parse(&presentation(payload, &[&name])).unwrap();
            assert_eq!(credential.disclose().all()["name"], 1);
            assert!(!credential.disclose().all().contains_key("_sd_alg"));
        }
        for named in [json!("md5"), json!("SHA-256"), json!(1), json!(null)] {
            assert!(matches!(
                refused(&presentation(json!({"_sd_alg": named}), &[])),
                SdJwtError::DigestAlgorithm { .. }
            ));
        }
    }

    #[test]
    fn deep_json_is_refused_in_payload_disclosure_and_across_disclosures() {
        let deep = "[".repeat(40) + &"]".repeat(40);
        let text = jwt("dc+sd-jwt", &format!(r#"{{"vct":"t","a":{deep}}}"#)) + "~";
        assert!(matches!(refused(&text), SdJwtError::PayloadJson(_)));
        let hidden = encode(&format!(r#"["salt","a",{deep}]"#));
        assert!(matches!(
            refused(&presentation(json!({"_sd": [digest(&hidden)]}), &[&hidden])),
            SdJwtError::DisclosureJson { position: 1, .. }
        ));
        // Each disclosure is shallow, but each holds the digest of the next.
        let mut chain = vec![encode(r#"["salt","a",1]"#)];
        for _ in 0..200 {
            let inner = json!(["salt", "a", {"_sd": [digest(chain.last().unwrap())]}]);
            chain.push(encode(&inner.to_string()));
        }
        let payload = json!({"_sd": [digest(chain.last().unwrap())]});
        let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
        assert!(matches!(
            refused(&presentation(payload, &chain)),
            SdJwtError::TooDeep { limit: 32 }
        ));
    }

    #[test]
    fn a_disclosure_cannot_refer_to_itself() {
        // Its digest cannot be known before it is written; a wrong one refers to nothing.
        let hidden = encode(r#"["salt","a",{"_sd":["AAAA"]}]"#);
        let payload = json!({"_sd": ["AAAA"]});
        assert!(matches!(
            refused(&presentation(payload, &[&hidden])),
            SdJwtError::Unreferenced { position: 1 }
        ));
    }

    #[test]
    fn trailing_bytes_and_truncation_are_refused() {
        let name = encode(r#"["salt","name",1]"#);
        let whole = presentation(json!({"_sd": [digest(&name)]}), &[&name]);
        assert!(parse(&whole).is_ok());
        for text in [
            format!("{whole}\n"),
            format!(" {whole}"),
            format!("{whole}x"),
        ] {
            assert!(parse(&text).is_err(), "{text:?}");
        }
        assert!(matches!(
            refused(&format!("{whole}~")),
            SdJwtError::DisclosureJson { position: 2, .. }
        ));
        let first = whole.find('~').unwrap();
        for length in 0..whole.len() {
            // Cut off right after the JWS and its tilde, it is a whole presentation without disclosures.
            assert_eq!(
                parse(&whole[..length]).is_ok(),
                length == first + 1,
                "{length}"
            );
        }
    }

    #[test]
    fn a_payload_is_an_object_of_strict_json() {
        for (payload, is_json) in [("[]", true), ("1", true), ("", false), ("{}x", false)] {
            let error = refused(&(jwt("dc+sd-jwt", payload) + "~"));
            let named = matches!(error, SdJwtError::PayloadNotObject);
            assert_eq!(named, is_json, "{error}");
        }
        assert!(matches!(
            refused(&(jwt("dc+sd-jwt", "{}") + "~")),
            SdJwtError::MissingClaim { name: "vct" }
        ));
    }

    #[test]
    fn key_binding_needs_a_bound_key_and_its_own_type() {
        let key_binding = jwt("kb+jwt", "{}");
        let bound = presentation(json!({"cnf": {"jwk": {}}}), &[]);
        let credential = parse(&(bound.clone() + &key_binding)).unwrap();
        assert!(credential.key_binding().is_some());
        assert_eq!(credential.to_compact(), bound.clone() + &key_binding);
        assert_eq!(credential.present(|_| true), bound);
        let unbound = presentation(json!({}), &[]);
        assert!(matches!(
            refused(&(unbound + &key_binding)),
            SdJwtError::KeyBindingWithoutConfirmation
        ));
        assert!(matches!(
            refused(&(bound.clone() + &jwt("dc+sd-jwt", "{}"))),
            SdJwtError::KeyBindingType { .. }
        ));
        assert!(matches!(refused(&(bound + "x")), SdJwtError::KeyBinding(_)));
    }

    #[test]
    fn a_child_goes_with_its_parent() {
        let child = encode(r#"["salt","child",1]"#);
        let parent = encode(&json!(["salt", "parent", {"_sd": [digest(&child)]}]).to_string());
        let payload = json!({"_sd": [digest(&parent)]});
        let credential = parse(&presentation(payload.clone(), &[&child, &parent])).unwrap();
        assert_eq!(credential.disclose().all()["parent"]["child"], 1);
        let without_parent = credential.present(|disclosure| disclosure.name() == Some("child"));
        assert_eq!(without_parent, presentation(payload.clone(), &[]));
        let without_child = credential.present(|disclosure| disclosure.name() == Some("parent"));
        assert_eq!(without_child, presentation(payload, &[&parent]));
    }

    #[test]
    fn messages_carry_no_control_characters() {
        let hidden = encode("[\"salt\",\"a\\u001b[31m\",1]");
        let payload = json!({"_sd": [digest(&hidden)], "a\u{1b}[31m": 1});
        let message = refused(&presentation(payload, &[&hidden])).to_string();
        assert!(!message.chars().any(char::is_control), "{message:?}");
    }

    proptest! {
        #[test]
        fn never_panics(text in "[A-Za-z0-9_.~=-]{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn never_panics_on_arbitrary_text(text in any::<String>()) {
            let _ = parse(&text);
        }

        #[test]
        fn never_panics_behind_a_sound_header(payload in any::<String>(), rest in "[A-Za-z0-9_.~-]{0,80}") {
            let _ = parse(&(jwt("dc+sd-jwt", &payload) + "~" + &rest));
        }
    }
}
