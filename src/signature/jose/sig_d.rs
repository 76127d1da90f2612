//! `sigD` (ETSI TS 119 182-1 §5.2.8): a signature that names the contents it is about.

use serde_json::Value;

use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::encoding::hex;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::Fault;
use crate::signature::jose::error::excerpt;
use crate::signature::jose::thumbprint::decode_digest;
use crate::signature::jose::thumbprint::digest_algorithm;

/// Contents that one signature may name.
const MAX_CONTENTS: usize = 256;

const HTTP_HEADERS: &str = "http://uri.etsi.org/19182/HttpHeaders";
const OBJECT_ID_BY_URI: &str = "http://uri.etsi.org/19182/ObjectIdByURI";
const OBJECT_ID_BY_URI_HASH: &str = "http://uri.etsi.org/19182/ObjectIdByURIHash";

/// How the contents are bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SigD {
    /// §5.2.8.3.2: the contents, one after the other, are the payload.
    ByUri(Vec<String>),
    /// §5.2.8.3.3: their digests stand here, and the payload is empty.
    ByUriHash {
        algorithm: DigestAlgorithm,
        named: Vec<(String, Digest)>,
    },
    /// §5.2.8.3.3 by an algorithm that we do not know.
    UnknownDigest,
    /// Something that is not processed, or malformed: the fault says which.
    Unprocessed,
}

impl SigD {
    /// Reads the member of a protected header.
    pub(super) fn read(value: &Value, faults: &mut Vec<Fault>) -> Self {
        let mut refuse = |fault: Fault| {
            faults.push(fault);
            Self::Unprocessed
        };
        let mechanism = value.get("mId").and_then(Value::as_str);
        let texts = |name| {
            let elements = value.get(name)?.as_array()?;
            let texts = elements.iter().map(|one| one.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<String>>>()
        };
        let Some(names) = texts("pars").filter(|names| !names.is_empty()) else {
            return refuse(Fault::broken(
                "sigD",
                "`pars` is not a non-empty array of strings",
            ));
        };
        if names.len() > MAX_CONTENTS {
            let detail = format!("names more than {MAX_CONTENTS} contents");
            return refuse(Fault::unprocessed("sigD", detail));
        }
        match mechanism {
            Some(OBJECT_ID_BY_URI) => Self::ByUri(names),
            Some(OBJECT_ID_BY_URI_HASH) => {
                let Some(name) = value.get("hashM").and_then(Value::as_str) else {
                    return refuse(Fault::broken("sigD", "`hashM` is not a string"));
                };
                let Some(digests) = texts("hashV").filter(|all| all.len() == names.len()) else {
                    let detail = "`hashV` has not one digest for each content";
                    return refuse(Fault::broken("sigD", detail));
                };
                let Some(algorithm) = digest_algorithm(name) else {
                    let detail = format!("unknown digest algorithm {}", excerpt(name));
                    faults.push(Fault::unprocessed("sigD", detail));
                    return Self::UnknownDigest;
                };
                let decoded = digests.iter().map(|text| decode_digest(algorithm, text));
                let Some(decoded) = decoded.collect::<Option<Vec<Digest>>>() else {
                    let detail =
                        format!("`hashV` holds something that is no digest of {algorithm}");
                    return refuse(Fault::broken("sigD", detail));
                };
                let named = names.into_iter().zip(decoded).collect();
                Self::ByUriHash { algorithm, named }
            }
            Some(HTTP_HEADERS) => {
                let detail = "what is signed are the headers of an HTTP message";
                refuse(Fault::unprocessed("sigD", detail))
            }
            Some(other) => {
                let detail = format!("unknown mechanism {}", excerpt(other));
                refuse(Fault::unprocessed("sigD", detail))
            }
            None => refuse(Fault::broken("sigD", "`mId` is not a string")),
        }
    }

    /// The contents that are named, in that order; none where one of them was not handed in.
    pub(super) fn contents<'a>(
        &self,
        detached: &'a [DetachedContent],
    ) -> Option<Vec<&'a DetachedContent>> {
        let names: Vec<&str> = match self {
            Self::ByUri(names) => names.iter().map(String::as_str).collect(),
            Self::ByUriHash { named, .. } => named.iter().map(|(name, _)| name.as_str()).collect(),
            Self::UnknownDigest | Self::Unprocessed => return None,
        };
        let of_name = |name: &&str| find(name, names.len(), detached);
        names.iter().map(of_name).collect()
    }
}

/// The content that `reference` means: of that very name; else of that last segment, where one alone has it; else
/// the only one, where it has no name and nothing else is asked for.
fn find<'a>(
    reference: &str,
    references: usize,
    detached: &'a [DetachedContent],
) -> Option<&'a DetachedContent> {
    let plain = unescaped(reference);
    let named = |content: &&DetachedContent| {
        let name = content.name.as_deref();
        name == Some(reference) || name == Some(&plain)
    };
    if let Some(content) = detached.iter().find(named) {
        return Some(content);
    }
    let wanted = last_segment(&plain);
    let mut similar = detached
        .iter()
        .filter(|content| content.name.as_deref().map(last_segment) == Some(wanted));
    match (similar.next(), similar.next()) {
        (Some(content), None) => return Some(content),
        (Some(_), Some(_)) => return None,
        (None, _) => {}
    }
    match detached {
        [only] if only.name.is_none() && references == 1 => Some(only),
        _ => None,
    }
}

/// A URI reference without its escapes (RFC 3986 §2.1), which names of files do not have; as it is where they are
/// none, or hide no UTF-8.
fn unescaped(reference: &str) -> String {
    let mut octets = Vec::with_capacity(reference.len());
    let mut rest = reference.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escaped = behind.split_at_checked(2).filter(|_| *first == b'%');
        let octet = escaped.and_then(|(digits, behind)| {
            let digits = std::str::from_utf8(digits).ok()?.to_ascii_lowercase();
            Some((hex::decode(&digits).ok()?.first().copied()?, behind))
        });
        let (octet, behind) = octet.unwrap_or((*first, behind));
        octets.push(octet);
        rest = behind;
    }
    String::from_utf8(octets).unwrap_or_else(|_not_text| reference.to_owned())
}

fn last_segment(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_references_are_undone() {
        for (reference, name) in [
            ("a%20b.txt", "a b.txt"),
            ("%E5%90%88%e5%90%8c.pdf", "合同.pdf"),
            ("100%", "100%"),
            ("100%zz", "100%zz"),
            ("%ff", "%ff"),
            ("", ""),
        ] {
            assert_eq!(unescaped(reference), name);
        }
    }
}
