//! Puts disclosures in the places that refer to them (RFC 9901 §7.1 steps 3 to 5).

use crate::credential::sd_jwt_vc::disclosure::Content;
use crate::credential::sd_jwt_vc::error::SdJwtError;
use crate::credential::sd_jwt_vc::registered::NEVER_DISCLOSABLE;
use crate::credential::sd_jwt_vc::registered::REGISTERED_CLAIMS;
use crate::signature::jose::error::excerpt;
use serde_json::Map;
use serde_json::Value;
use std::collections::HashMap;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;

/// The processed payload: every claim that is visible or was disclosed, and no `_sd`, `_sd_alg` or `...`.
#[derive(Clone, Debug, PartialEq)]
pub struct DisclosedClaims {
    /// Those with a fixed meaning.
    pub(super) registered: Map<String, Value>,
    /// What the credential says of its subject: all claims but those with a fixed meaning, an object. Reports share
    /// it.
    pub subject: Arc<Value>,
    /// Where something is withheld, once for each digest without a disclosure: `*` for a member at the
    /// top, `address.*` for one further down, `registrations[2]` for an element of an array. A digest
    /// may be a decoy (RFC 9901 §4.2.5): then nothing is behind it.
    pub withheld: Vec<String>,
}

impl DisclosedClaims {
    fn new(all: Map<String, Value>, withheld: Vec<String>) -> Self {
        let is_registered = |name: &str| REGISTERED_CLAIMS.contains(&name);
        let (registered, subject) = all.into_iter().partition(|(name, _)| is_registered(name));
        Self {
            registered,
            subject: Arc::new(Value::Object(subject)),
            withheld,
        }
    }

    /// All claims together, those with a fixed meaning included.
    #[must_use]
    pub fn all(&self) -> Map<String, Value> {
        let mut all = self.registered.clone();
        let subject = self.subject.as_object().into_iter().flatten();
        all.extend(subject.map(|(name, value)| (name.clone(), value.clone())));
        all
    }
}

/// A disclosure that waits for the digest that refers to it.
pub(super) struct Waiting {
    pub(super) digest: String,
    pub(super) content: Content,
}

/// What came of it.
pub(super) struct Expanded {
    pub(super) claims: DisclosedClaims,
    /// For each disclosure the one inside which its digest stands; `None`: in the payload.
    pub(super) parents: Vec<Option<usize>>,
}

/// Expands `payload`, from which `_sd_alg` is taken already.
pub(super) fn expand(
    payload: Map<String, Value>,
    waiting: Vec<Waiting>,
    max_depth: usize,
) -> Result<Expanded, SdJwtError> {
    let mut expansion = Expansion::new(waiting, max_depth)?;
    let all = expansion.object(payload, None)?;
    let parents: Result<Vec<_>, _> = (1..)
        .zip(expansion.parents)
        .map(|(position, parent)| parent.ok_or(SdJwtError::Unreferenced { position }))
        .collect();
    Ok(Expanded {
        claims: DisclosedClaims::new(all, expansion.withheld),
        parents: parents?,
    })
}

/// A step down from the payload.
enum Step {
    Member(String),
    Element(usize),
}

struct Expansion {
    by_digest: HashMap<String, usize>,
    contents: Vec<Option<Content>>,
    /// Outer `None`: nothing referred to it yet.
    parents: Vec<Option<Option<usize>>>,
    seen: HashSet<String>,
    withheld: Vec<String>,
    path: Vec<Step>,
    max_depth: usize,
}

impl Expansion {
    fn new(waiting: Vec<Waiting>, max_depth: usize) -> Result<Self, SdJwtError> {
        let mut by_digest = HashMap::with_capacity(waiting.len());
        let mut contents = Vec::with_capacity(waiting.len());
        for (index, disclosure) in waiting.into_iter().enumerate() {
            if let Some(first) = by_digest.insert(disclosure.digest, index) {
                return Err(SdJwtError::DuplicateDisclosure {
                    position: position(index),
                    first: position(first),
                });
            }
            contents.push(Some(disclosure.content));
        }
        Ok(Self {
            by_digest,
            parents: vec![None; contents.len()],
            contents,
            seen: HashSet::new(),
            withheld: Vec::new(),
            path: Vec::new(),
            max_depth,
        })
    }

    /// `parent` is the disclosure that `value` came with.
    fn value(&mut self, value: Value, parent: Option<usize>) -> Result<Value, SdJwtError> {
        match value {
            Value::Array(elements) => self.array(elements, parent).map(Value::Array),
            Value::Object(members) => self.object(members, parent).map(Value::Object),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(value),
        }
    }

    /// One level down; the limit counts containers across disclosures, because a disclosure may hold
    /// the digest of the next (RFC 9901 §4.2.6).
    fn child(
        &mut self,
        step: Step,
        value: Value,
        parent: Option<usize>,
    ) -> Result<Value, SdJwtError> {
        if self.path.len() >= self.max_depth {
            return Err(SdJwtError::TooDeep {
                limit: self.max_depth,
            });
        }
        self.path.push(step);
        let value = self.value(value, parent)?;
        self.path.pop();
        Ok(value)
    }

    fn object(
        &mut self,
        mut members: Map<String, Value>,
        parent: Option<usize>,
    ) -> Result<Map<String, Value>, SdJwtError> {
        let digests = members.remove("_sd");
        if members.contains_key("...") {
            return Err(self.reserved("..."));
        }
        let mut expanded = Map::new();
        for (name, value) in members {
            let value = if is_container(&value) {
                self.child(Step::Member(name.clone()), value, parent)?
            } else {
                value
            };
            expanded.insert(name, value);
        }
        let digests = match digests {
            None => Vec::new(),
            Some(Value::Array(digests)) => digests,
            Some(_) => return Err(self.reserved("_sd")),
        };
        for digest in digests {
            let Value::String(digest) = digest else {
                return Err(self.reserved("_sd"));
            };
            match self.take(digest, parent)? {
                None => self.withhold(".*"),
                Some((index, Content::Member { name, value })) => {
                    self.check_name(&name, index, &expanded)?;
                    let value = self.child(Step::Member(name.clone()), value, Some(index))?;
                    expanded.insert(name, value);
                }
                Some((index, Content::Element(_))) => {
                    return Err(SdJwtError::WrongElements {
                        position: position(index),
                        expected: 3,
                    });
                }
            }
        }
        Ok(expanded)
    }

    fn array(
        &mut self,
        elements: Vec<Value>,
        parent: Option<usize>,
    ) -> Result<Vec<Value>, SdJwtError> {
        let mut expanded = Vec::with_capacity(elements.len());
        for (index, element) in elements.into_iter().enumerate() {
            let Some(digest) = self.placeholder(&element)? else {
                let element = if is_container(&element) {
                    self.child(Step::Element(index), element, parent)?
                } else {
                    element
                };
                expanded.push(element);
                continue;
            };
            match self.take(digest, parent)? {
                None => {
                    self.path.push(Step::Element(index));
                    self.withhold("");
                    self.path.pop();
                }
                Some((found, Content::Element(value))) => {
                    expanded.push(self.child(Step::Element(index), value, Some(found))?);
                }
                Some((found, Content::Member { .. })) => {
                    return Err(SdJwtError::WrongElements {
                        position: position(found),
                        expected: 2,
                    });
                }
            }
        }
        Ok(expanded)
    }

    /// RFC 9901 §4.2.4.2: an object whose only member is `...`, a string.
    fn placeholder(&self, element: &Value) -> Result<Option<String>, SdJwtError> {
        let Value::Object(members) = element else {
            return Ok(None);
        };
        match members.get("...") {
            None => Ok(None),
            Some(Value::String(digest)) if members.len() == 1 => Ok(Some(digest.clone())),
            Some(_) => Err(self.reserved("...")),
        }
    }

    /// The disclosure that `digest` refers to, which then belongs to `parent`.
    fn take(
        &mut self,
        digest: String,
        parent: Option<usize>,
    ) -> Result<Option<(usize, Content)>, SdJwtError> {
        let index = self.by_digest.get(&digest).copied();
        if let Some(digest) = self.seen.replace(digest) {
            return Err(SdJwtError::DuplicateDigest {
                digest: excerpt(&digest),
            });
        }
        let Some(index) = index else {
            return Ok(None);
        };
        if let Some(slot) = self.parents.get_mut(index) {
            *slot = Some(parent);
        }
        let content = self.contents.get_mut(index).and_then(Option::take);
        Ok(content.map(|content| (index, content)))
    }

    fn check_name(
        &self,
        name: &str,
        index: usize,
        members: &Map<String, Value>,
    ) -> Result<(), SdJwtError> {
        if members.contains_key(name) {
            return Err(SdJwtError::ClaimExists {
                position: position(index),
                name: excerpt(name),
            });
        }
        if self.path.is_empty() && NEVER_DISCLOSABLE.contains(&name) {
            return Err(SdJwtError::NotDisclosable {
                position: position(index),
                name: excerpt(name),
            });
        }
        Ok(())
    }

    fn withhold(&mut self, suffix: &str) {
        let path = self.rendered_path();
        self.withheld.push(if path.is_empty() {
            suffix.trim_start_matches('.').to_owned()
        } else {
            path + suffix
        });
    }

    fn reserved(&self, name: &'static str) -> SdJwtError {
        SdJwtError::ReservedMember {
            name,
            path: excerpt(&self.rendered_path()),
        }
    }

    fn rendered_path(&self) -> String {
        let mut rendered = String::new();
        for step in &self.path {
            match step {
                Step::Member(name) if rendered.is_empty() => rendered.push_str(name),
                // Writing to a `String` does not fail.
                Step::Member(name) => drop(write!(rendered, ".{name}")),
                Step::Element(index) => drop(write!(rendered, "[{index}]")),
            }
        }
        rendered
    }
}

const fn is_container(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_))
}

const fn position(index: usize) -> usize {
    index.saturating_add(1)
}
