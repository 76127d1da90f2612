//! Types of credential: configuration, not code.
//!
//! A kind is one JSON file: what it is called, which department owns it, for how long it is valid, which
//! claims it has with their labels in both languages, and the JSON Schema (2020-12) of the claims. From
//! it follows the SD-JWT VC type metadata that wallets read.

use crate::credential::sd_jwt_vc::registered::REGISTERED_CLAIMS;
use crate::registry::department::DepartmentId;
use jsonschema::Validator;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

const BUILTIN: [&str; 2] = [
    include_str!("kinds/business-registration.json"),
    include_str!("kinds/tax-registration.json"),
];

/// A type of credential.
#[derive(Clone, Debug)]
pub struct CredentialKind {
    /// Short name, lower-case words joined by hyphens.
    pub id: String,
    /// The type's URL, which stands in every credential of this kind (SD-JWT VC §3.2.2.1).
    pub vct: String,
    /// English name.
    pub name: String,
    /// Chinese name.
    pub name_zh: String,
    /// What it is for, in English.
    pub description: String,
    /// What it is for, in Chinese.
    pub description_zh: String,
    /// The only department that may issue it.
    pub owner: DepartmentId,
    /// Six digits of GB/T 2260.
    pub region: String,
    /// Days from issue to expiry.
    pub validity_days: u32,
    /// JSON Schema 2020-12 of the claims, all of them disclosed.
    pub schema: Value,
    /// Claims with their labels, in the order in which they are shown.
    pub claims: Vec<ClaimDescription>,
    /// Names of the members that are always visible.
    pub always_disclosed: Vec<String>,
    /// What may be withheld: `capital`, or `registrations[]` for each element of an array.
    pub selectively_disclosable: Vec<String>,
    validator: Arc<Validator>,
    /// The same schema, but nothing that may be withheld is required.
    presented: Arc<Validator>,
}

/// A claim, what it is called and whether it may be withheld.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimDescription {
    /// Where it stands: names of members, and `None` for every element of an array (SD-JWT VC, claim
    /// path).
    pub path: Vec<Option<String>>,
    /// Whether the holder may withhold it.
    pub disclosure: Disclosability,
    /// English label.
    pub label: String,
    /// Chinese label.
    pub label_zh: String,
}

/// Whether the holder may withhold a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disclosability {
    /// It is always visible.
    Always,
    /// It goes with the claim that it is part of.
    Part,
    /// The holder decides.
    Selective,
}

/// Why a kind was refused.
#[derive(Debug, thiserror::Error)]
pub enum KindError {
    /// Two kinds, or two claims of one kind, have one name.
    #[error("`{name}` is defined twice")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// Not JSON of the right shape.
    #[error("kind {position} is malformed")]
    Malformed {
        /// 1 is the first.
        position: usize,
        /// What is wrong and where.
        #[source]
        source: serde_json::Error,
    },
    /// A claim with the name of a claim that has a fixed meaning in JWT.
    #[error("`{name}` is a registered claim and cannot be a claim of kind `{kind}`")]
    Registered {
        /// The kind.
        kind: String,
        /// The name.
        name: String,
    },
    /// The schema does not compile.
    #[error("schema of kind `{kind}` is invalid: {problem}")]
    Schema {
        /// The kind.
        kind: String,
        /// What is wrong and where.
        problem: Box<jsonschema::ValidationError<'static>>,
    },
    /// Only members at the top, or all elements of an array at the top, can be withheld.
    #[error("claim {path} of kind `{kind}` cannot be selectively disclosable")]
    UnsupportedPath {
        /// The kind.
        kind: String,
        /// The claim.
        path: String,
    },
}

impl ClaimDescription {
    /// The path in short: `capital`, `capital.amount`, `registrations[]`.
    #[must_use]
    pub fn name(&self) -> String {
        let mut name = String::new();
        for step in &self.path {
            match step {
                Some(member) if name.is_empty() => name.push_str(member),
                Some(member) => {
                    name.push('.');
                    name.push_str(member);
                }
                None => name.push_str("[]"),
            }
        }
        name
    }

    fn type_metadata(&self) -> Value {
        json!({
            "path": self.path,
            "display": [
                {"locale": "en", "label": self.label},
                {"locale": "zh-CN", "label": self.label_zh},
            ],
            "sd": match self.disclosure {
                Disclosability::Always | Disclosability::Part => "never",
                Disclosability::Selective => "always",
            },
        })
    }
}

impl CredentialKind {
    /// Whether `claims`, all of them disclosed, have the form that the kind asks for.
    ///
    /// # Errors
    /// [`Departure`].
    pub fn check(&self, claims: &Value) -> Result<(), Departure> {
        depart(&self.validator, claims)
    }

    /// As [`CredentialKind::check`], for a presentation: what may be withheld may be missing.
    ///
    /// # Errors
    /// As [`CredentialKind::check`].
    pub fn check_presented(&self, claims: &Value) -> Result<(), Departure> {
        depart(&self.presented, claims)
    }

    /// How the holder may withhold the member `name`.
    #[must_use]
    pub fn split(&self, name: &str) -> Split {
        let selective = |suffix: &[Option<String>]| {
            self.claims.iter().any(|claim| {
                claim.disclosure == Disclosability::Selective
                    && claim.path.split_first().is_some_and(|(first, rest)| {
                        first.as_deref() == Some(name) && rest == suffix
                    })
            })
        };
        if selective(&[]) {
            Split::Whole
        } else if selective(&[None]) {
            Split::Elements
        } else {
            Split::Visible
        }
    }

    /// The SD-JWT VC type metadata document, served at [`CredentialKind::vct`].
    #[must_use]
    pub fn type_metadata(&self) -> Value {
        let claims: Vec<Value> = self
            .claims
            .iter()
            .map(ClaimDescription::type_metadata)
            .collect();
        json!({
            "vct": self.vct,
            "name": self.name,
            "description": self.description,
            "display": [
                {"locale": "en", "name": self.name, "description": self.description},
                {"locale": "zh-CN", "name": self.name_zh, "description": self.description_zh},
            ],
            "claims": claims,
        })
    }

    /// What of this kind a presentation withholds, by name: members that are absent from `disclosed`
    /// and may be withheld, and arrays of which `hidden` elements were withheld. An optional claim that
    /// the company never had cannot be told from one that is withheld.
    #[must_use]
    pub fn withheld(&self, disclosed: &Value, hidden: &[String]) -> Vec<String> {
        let top_level_hidden = hidden.iter().any(|path| path == "*");
        let is_withheld = |claim: &&ClaimDescription| {
            let [Some(member), rest @ ..] = claim.path.as_slice() else {
                return false;
            };
            match rest {
                [] => top_level_hidden && disclosed.get(member).is_none(),
                _ => hidden.iter().any(|path| {
                    path.strip_prefix(member.as_str())
                        .is_some_and(|index| index.starts_with('['))
                }),
            }
        };
        self.claims
            .iter()
            .filter(|claim| claim.disclosure == Disclosability::Selective)
            .filter(is_withheld)
            .map(ClaimDescription::name)
            .collect()
    }
}

/// Where claims depart from the schema of their kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`: {problem}")]
pub struct Departure {
    /// JSON Pointer (RFC 6901) into the claims; empty for the whole.
    pub path: String,
    /// What is wrong, without the value.
    pub problem: String,
}

fn depart(validator: &Validator, claims: &Value) -> Result<(), Departure> {
    // Most keep to it, which is found out for less than what is wrong.
    if validator.is_valid(claims) {
        return Ok(());
    }
    validator.validate(claims).map_err(|error| Departure {
        path: error.instance_path().to_string(),
        problem: error.masked().to_string(),
    })
}

/// How a member of the claims is made selectively disclosable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Each element of the array on its own; the array itself is visible.
    Elements,
    /// Not at all.
    Visible,
    /// As a whole.
    Whole,
}

/// The kinds that this service knows.
#[derive(Clone, Debug)]
pub struct KindSet {
    kinds: Vec<CredentialKind>,
}

impl KindSet {
    /// The kinds that come with the binary; their `vct` are URLs below `public_url`.
    ///
    /// # Errors
    /// [`KindError`] when an embedded file is wrong, which a test excludes.
    pub fn builtin(public_url: &str) -> Result<Self, KindError> {
        Self::parse(&BUILTIN, public_url)
    }

    /// Reads kinds from their JSON texts.
    ///
    /// # Errors
    /// [`KindError`]: unknown members, wrong shapes, a schema that does not compile, duplicates.
    pub fn parse(texts: &[&str], public_url: &str) -> Result<Self, KindError> {
        let mut kinds: Vec<CredentialKind> = Vec::with_capacity(texts.len());
        for (position, text) in (1..).zip(texts) {
            let raw: RawKind = serde_json::from_str(text)
                .map_err(|source| KindError::Malformed { position, source })?;
            let kind = raw.check(public_url)?;
            if kinds.iter().any(|other| other.vct == kind.vct) {
                return Err(KindError::Duplicate { name: kind.vct });
            }
            kinds.push(kind);
        }
        Ok(Self { kinds })
    }

    /// All kinds.
    #[must_use]
    pub fn all(&self) -> &[CredentialKind] {
        &self.kinds
    }

    /// The kind of that type URL.
    #[must_use]
    pub fn by_vct(&self, vct: &str) -> Option<&CredentialKind> {
        self.kinds.iter().find(|kind| kind.vct == vct)
    }

    /// The kind of that short name.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&CredentialKind> {
        self.kinds.iter().find(|kind| kind.id == id)
    }
}

/// The file of a kind.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawKind {
    id: String,
    version: u32,
    name: String,
    name_zh: String,
    description: String,
    description_zh: String,
    owner: DepartmentId,
    region: String,
    validity_days: u32,
    claims: Vec<ClaimDescription>,
    schema: Value,
}

impl RawKind {
    fn check(self, public_url: &str) -> Result<CredentialKind, KindError> {
        self.check_claims()?;
        let validator = self.compile(&self.schema)?;
        let presented = self.compile(&self.presented_schema())?;
        let names = |disclosure: Disclosability| -> Vec<String> {
            let of_this = self
                .claims
                .iter()
                .filter(|claim| claim.disclosure == disclosure);
            of_this.map(ClaimDescription::name).collect()
        };
        Ok(CredentialKind {
            vct: format!(
                "{}/vct/{}/v{}",
                public_url.trim_end_matches('/'),
                self.id,
                self.version
            ),
            always_disclosed: names(Disclosability::Always),
            selectively_disclosable: names(Disclosability::Selective),
            id: self.id,
            name: self.name,
            name_zh: self.name_zh,
            description: self.description,
            description_zh: self.description_zh,
            owner: self.owner,
            region: self.region,
            validity_days: self.validity_days,
            schema: self.schema,
            claims: self.claims,
            validator,
            presented,
        })
    }

    fn check_claims(&self) -> Result<(), KindError> {
        let mut seen = BTreeSet::new();
        for claim in &self.claims {
            let name = claim.name();
            let first = claim.path.first().and_then(Option::as_deref);
            let Some(member) = first else {
                return Err(self.unsupported(name));
            };
            if REGISTERED_CLAIMS.contains(&member) {
                return Err(KindError::Registered {
                    kind: self.id.clone(),
                    name: member.to_owned(),
                });
            }
            let supported = match claim.disclosure {
                Disclosability::Always => claim.path.len() == 1,
                Disclosability::Part => claim.path.len() > 1,
                Disclosability::Selective => {
                    matches!(claim.path.as_slice(), [Some(_)] | [Some(_), None])
                }
            };
            if !supported {
                return Err(self.unsupported(name));
            }
            if !seen.insert(name.clone()) {
                return Err(KindError::Duplicate { name });
            }
        }
        Ok(())
    }

    fn compile(&self, schema: &Value) -> Result<Arc<Validator>, KindError> {
        let compiled = jsonschema::draft202012::new(schema);
        compiled.map(Arc::new).map_err(|problem| KindError::Schema {
            kind: self.id.clone(),
            problem: Box::new(problem),
        })
    }

    fn presented_schema(&self) -> Value {
        let always = |name: &Value| {
            self.claims.iter().any(|claim| {
                claim.disclosure == Disclosability::Always
                    && claim.path.first().and_then(Option::as_deref) == name.as_str()
            })
        };
        let mut schema = self.schema.clone();
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(always);
        }
        schema
    }

    fn unsupported(&self, path: String) -> KindError {
        KindError::UnsupportedPath {
            kind: self.id.clone(),
            path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builtin() -> KindSet {
        KindSet::builtin("https://xinyong.example/").unwrap()
    }

    fn business() -> Value {
        serde_json::from_str(BUILTIN[0]).unwrap()
    }

    fn refused(kind: &Value) -> KindError {
        KindSet::parse(&[&kind.to_string()], "https://x.example").unwrap_err()
    }

    #[test]
    fn the_builtin_kinds_parse_and_are_found_by_type_and_name() {
        let kinds = builtin();
        let vct = "https://xinyong.example/vct/business-registration/v1";
        let kind = kinds.by_vct(vct).unwrap();
        assert_eq!(kind.owner, DepartmentId::MARKET_REGULATION);
        assert_eq!(
            kind.always_disclosed,
            ["name", "uscc", "state", "registrations"]
        );
        assert!(
            kind.selectively_disclosable
                .contains(&"registrations[]".to_owned())
        );
        assert_eq!(
            kinds.by_id("tax-registration").unwrap().owner,
            DepartmentId::STATE_TAX
        );
        assert!(
            kinds
                .by_vct("https://xinyong.example/vct/business-registration/v2")
                .is_none()
        );
    }

    #[test]
    fn every_member_of_a_schema_has_a_label_and_every_label_a_member() {
        for kind in builtin().all() {
            let labelled: BTreeSet<&str> = kind
                .claims
                .iter()
                .filter_map(|claim| claim.path.first()?.as_deref())
                .collect();
            let members: BTreeSet<&str> = kind.schema["properties"]
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect();
            assert_eq!(labelled, members, "{}", kind.id);
        }
    }

    #[test]
    fn type_metadata_has_labels_in_both_languages_and_says_what_may_be_withheld() {
        let metadata = builtin()
            .by_id("business-registration")
            .unwrap()
            .type_metadata();
        assert_eq!(
            metadata["vct"],
            "https://xinyong.example/vct/business-registration/v1"
        );
        assert_eq!(metadata["display"][1]["locale"], "zh-CN");
        assert_eq!(metadata["claims"][0]["sd"], "never");
        let elements = metadata["claims"].as_array().unwrap().iter();
        let registration = elements
            .into_iter()
            .find(|claim| claim["path"] == json!(["registrations", null]))
            .unwrap();
        assert_eq!(registration["sd"], "always");
        assert_eq!(registration["display"][1]["label"], "登记");
    }

    #[test]
    fn a_member_is_split_as_its_description_says() {
        let kinds = builtin();
        let kind = kinds.by_id("business-registration").unwrap();
        assert_eq!(kind.split("capital"), Split::Whole);
        assert_eq!(kind.split("registrations"), Split::Elements);
        assert_eq!(kind.split("name"), Split::Visible);
        assert_eq!(kind.split("amount"), Split::Visible);
    }

    #[test]
    fn withheld_names_what_is_hidden_and_nothing_else() {
        let kinds = builtin();
        let kind = kinds.by_id("business-registration").unwrap();
        let disclosed = json!({"name": "x", "address": "y"});
        assert!(kind.withheld(&disclosed, &[]).is_empty());
        let hidden = ["*".to_owned(), "registrations[0]".to_owned()];
        let withheld = kind.withheld(&disclosed, &hidden);
        assert!(withheld.contains(&"capital".to_owned()));
        assert!(withheld.contains(&"registrations[]".to_owned()));
        assert!(!withheld.contains(&"address".to_owned()));
    }

    #[test]
    fn unknown_members_are_refused() {
        let mut kind = business();
        kind["colour"] = json!("red");
        assert!(matches!(
            refused(&kind),
            KindError::Malformed { position: 1, .. }
        ));
        let mut kind = business();
        kind["claims"][0]["hidden"] = json!(true);
        assert!(matches!(
            refused(&kind),
            KindError::Malformed { position: 1, .. }
        ));
    }

    #[test]
    fn a_registered_claim_cannot_be_redefined() {
        let mut kind = business();
        kind["claims"][0]["path"] = json!(["exp"]);
        assert!(matches!(refused(&kind), KindError::Registered { name, .. } if name == "exp"));
    }

    #[test]
    fn duplicates_are_refused() {
        let mut kind = business();
        kind["claims"][1]["path"] = json!(["name"]);
        assert!(matches!(refused(&kind), KindError::Duplicate { name } if name == "name"));
        let twice = KindSet::parse(&[BUILTIN[0], BUILTIN[0]], "https://x.example");
        assert!(matches!(twice, Err(KindError::Duplicate { .. })));
    }

    #[test]
    fn only_what_issuing_can_split_may_be_selective() {
        let mut kind = business();
        kind["claims"][4]["disclosure"] = json!("selective");
        assert!(matches!(
            refused(&kind),
            KindError::UnsupportedPath { path, .. } if path == "capital.amount"
        ));
    }

    #[test]
    fn a_schema_that_does_not_compile_or_points_elsewhere_is_refused() {
        for schema in [
            json!({"type": "nonsense"}),
            json!({"$ref": "https://elsewhere.example/s"}),
        ] {
            let mut kind = business();
            kind["schema"] = schema;
            assert!(matches!(refused(&kind), KindError::Schema { .. }));
        }
    }

    #[test]
    fn a_departure_from_the_schema_is_named_without_its_value() {
        let kinds = builtin();
        let kind = kinds.by_id("tax-registration").unwrap();
        let claims = json!({
            "name": "x", "uscc": "91350100M000100Y43", "state": "active",
            "registration": {"number": "1", "registeredOn": "geheim", "state": "active"},
        });
        let departure = kind.check(&claims).unwrap_err();
        assert_eq!(departure.path, "/registration/registeredOn");
        assert!(!departure.to_string().contains("geheim"), "{departure}");
    }

    #[test]
    fn a_presentation_may_lack_what_may_be_withheld_and_nothing_else() {
        let kinds = builtin();
        let kind = kinds.by_id("tax-registration").unwrap();
        let mut claims = json!({"name": "x", "uscc": "91350100M000100Y43", "state": "active"});
        assert!(kind.check(&claims).is_err());
        assert_eq!(kind.check_presented(&claims), Ok(()));
        claims["extra"] = json!(1);
        assert!(kind.check_presented(&claims).is_err());
        assert!(kind.check_presented(&json!({"name": "x"})).is_err());
    }
}
