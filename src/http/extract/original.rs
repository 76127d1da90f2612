//! Reads content that was signed apart from its signature: its bytes, or digests of it.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::encoding::base64;
use crate::encoding::hex;
use crate::http::extract::context::Place;
use crate::http::extract::form::shown_name;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::service::verify::Original;

/// Contents, and digests of them, that one request may bring.
const MAX_ORIGINALS: usize = 32;

/// Content that the document was signed apart from: all of it, or a digest. Several digests of one content bear
/// the same name.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct OriginalBody {
    /// Its bytes in standard base64.
    bytes: Option<String>,
    /// Its digest alone, in lower-case hex: the content stays with you.
    digest: Option<String>,
    /// The digest's algorithm, for example sha256 or sm3.
    digest_algorithm: Option<String>,
    /// Its file name.
    name: Option<String>,
    /// Its media type; not used.
    #[expect(dead_code, reason = "part of the interface, as of the document")]
    media_type: Option<String>,
}

/// The contents that `bodies`, members of `originals`, tell.
///
/// # Errors
/// A problem that names the member and what is wrong with it.
pub(in crate::http) fn read_originals(bodies: Vec<OriginalBody>) -> Result<Vec<Original>, Problem> {
    let mut read = Originals::default();
    for (place, body) in bodies.into_iter().enumerate() {
        let member = |name: &str| format!("originals[{place}].{name}");
        let name = body.name.as_deref().and_then(shown_name);
        match (body.bytes, body.digest) {
            (Some(bytes), None) => {
                if body.digest_algorithm.is_some() {
                    let what = "stands beside no digest";
                    return Err(Place::Body.refused(&member("digestAlgorithm"), what));
                }
                let bytes = decode_member(&bytes, &member("bytes"))?;
                read.add_bytes(name, bytes)?;
            }
            (None, Some(text)) => {
                let place = DigestPlace {
                    place: Place::Body,
                    digest: &member("digest"),
                    algorithm: &member("digestAlgorithm"),
                };
                let digest = place.read(&text, body.digest_algorithm.as_deref())?;
                read.add_digest(name, digest, &place)?;
            }
            (Some(_), Some(_)) => {
                let what = "stands beside the bytes: give one of the two";
                return Err(Place::Body.refused(&member("digest"), what));
            }
            (None, None) => {
                let what = "is missing, and so is a digest";
                return Err(Place::Body.refused(&member("bytes"), what));
            }
        }
    }
    Ok(read.0)
}

/// The digest of one content without a name, as a query or the fields of a form tell it.
///
/// # Errors
/// A problem that names the parameter and what is wrong with it.
pub(in crate::http) fn read_digest(
    place: Place,
    digest: Option<&str>,
    algorithm: Option<&str>,
) -> Result<Option<Original>, Problem> {
    let named = DigestPlace {
        place,
        digest: "digest",
        algorithm: "digestAlgorithm",
    };
    match digest {
        Some(text) => Ok(Some(Original::Digests {
            name: None,
            digests: vec![named.read(text, algorithm)?],
        })),
        None if algorithm.is_some() => {
            Err(place.refused(named.algorithm, "stands beside no digest"))
        }
        None => Ok(None),
    }
}

/// The bytes of a member in standard base64.
pub(in crate::http) fn decode_member(text: &str, member: &str) -> Result<Vec<u8>, Problem> {
    base64::decode(text, text.len()).map_err(|error| {
        Problem::new(ProblemType::MalformedBase64)
            .explained(error.to_string())
            .with("member", member)
    })
}

/// Contents as they come together.
#[derive(Debug, Default)]
pub(in crate::http) struct Originals(pub(in crate::http) Vec<Original>);

impl Originals {
    /// Adds content whose bytes came.
    pub(in crate::http) fn add_bytes(
        &mut self,
        name: Option<String>,
        bytes: Vec<u8>,
    ) -> Result<(), Problem> {
        self.0.push(Original::Bytes { name, bytes });
        self.check_count()
    }

    /// Adds a digest: to the content of that name, if there is one already.
    fn add_digest(
        &mut self,
        of: Option<String>,
        digest: Digest,
        place: &DigestPlace<'_>,
    ) -> Result<(), Problem> {
        let mut known = self.0.iter_mut().filter_map(|original| match original {
            Original::Digests { name, digests } if *name == of => Some(digests),
            Original::Digests { .. } | Original::Bytes { .. } => None,
        });
        match known.next() {
            Some(digests) => {
                let algorithm = digest.algorithm();
                if digests.iter().any(|one| one.algorithm() == algorithm) {
                    let what = format!("is the second by {algorithm} for one content");
                    return Err(place.place.refused(place.digest, &what));
                }
                digests.push(digest);
                Ok(())
            }
            None => {
                self.0.push(Original::Digests {
                    name: of,
                    digests: vec![digest],
                });
                self.check_count()
            }
        }
    }

    fn check_count(&self) -> Result<(), Problem> {
        if self.0.len() > MAX_ORIGINALS {
            let what = format!("has more than {MAX_ORIGINALS} members");
            return Err(Place::Body.refused("originals", &what));
        }
        Ok(())
    }
}

/// Where a digest and the name of its algorithm stand.
struct DigestPlace<'a> {
    place: Place,
    digest: &'a str,
    algorithm: &'a str,
}

impl DigestPlace<'_> {
    fn read(&self, text: &str, algorithm: Option<&str>) -> Result<Digest, Problem> {
        let Some(named) = algorithm else {
            let what = "is missing: name the digest's algorithm, for example sha256";
            return Err(self.place.refused(self.algorithm, what));
        };
        let Some(algorithm) = DigestAlgorithm::from_name(named) else {
            let what = "is not an algorithm that is known here; sha256, sha384, sha512, sm3 are";
            return Err(self.place.refused(self.algorithm, what));
        };
        let bytes = hex::decode(text)
            .map_err(|error| self.place.refused(self.digest, &error.to_string()))?;
        Digest::from_bytes(algorithm, &bytes).ok_or_else(|| {
            let expected = algorithm.output_bytes();
            let what = format!("has {} bytes, {algorithm} has {expected}", bytes.len());
            self.place.refused(self.digest, &what)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn read(bodies: &str) -> Result<Vec<Original>, Problem> {
        read_originals(serde_json::from_str(bodies).unwrap())
    }

    #[test]
    fn digests_of_one_name_are_of_one_content() {
        let sm3 = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
        let body = format!(
            r#"[{{"digest":"{SHA256}","digestAlgorithm":"SHA-256","name":"a"}},
                {{"digest":"{sm3}","digestAlgorithm":"sm3","name":"a"}},
                {{"digest":"{sm3}","digestAlgorithm":"sm3"}},{{"bytes":"YWJj","name":"b"}}]"#
        );
        let read = read(&body).unwrap();
        assert_eq!(read.len(), 3);
        assert!(matches!(&read[0], Original::Digests { digests, .. } if digests.len() == 2));
        assert!(
            matches!(&read[1], Original::Digests { name: None, digests } if digests.len() == 1)
        );
        assert!(matches!(&read[2], Original::Bytes { bytes, .. } if bytes == b"abc"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_member() {
        let short = &SHA256[2..];
        let odd = &SHA256[1..];
        let upper = SHA256.to_uppercase();
        for (body, member) in [
            (r#"{}"#.to_owned(), "originals[0].bytes"),
            (
                format!(r#"{{"bytes":"YWJj","digest":"{SHA256}","digestAlgorithm":"sha256"}}"#),
                "originals[0].digest",
            ),
            (
                r#"{"bytes":"YWJj","digestAlgorithm":"sha256"}"#.to_owned(),
                "originals[0].digestAlgorithm",
            ),
            (
                format!(r#"{{"digest":"{SHA256}"}}"#),
                "originals[0].digestAlgorithm",
            ),
            (
                format!(r#"{{"digest":"{SHA256}","digestAlgorithm":"md5"}}"#),
                "originals[0].digestAlgorithm",
            ),
            (
                format!(r#"{{"digest":"{short}","digestAlgorithm":"sha256"}}"#),
                "originals[0].digest",
            ),
            (
                format!(r#"{{"digest":"{odd}","digestAlgorithm":"sha256"}}"#),
                "originals[0].digest",
            ),
            (
                format!(r#"{{"digest":"{upper}","digestAlgorithm":"sha256"}}"#),
                "originals[0].digest",
            ),
        ] {
            let problem = read(&format!("[{body}]")).unwrap_err();
            assert_eq!(problem.kind(), ProblemType::InvalidBody, "{body}");
            assert_eq!(problem.member("member"), Some(&member.into()), "{body}");
        }
        let problem = read(r#"[{"bytes":"YWJj"},{"bytes":"*"}]"#).unwrap_err();
        assert_eq!(problem.kind(), ProblemType::MalformedBase64);
        let member = problem.member("member");
        assert_eq!(member, Some(&"originals[1].bytes".into()));
        let twice = format!(r#"{{"digest":"{SHA256}","digestAlgorithm":"sha256"}}"#);
        let problem = read(&format!("[{twice},{twice}]")).unwrap_err();
        let member = problem.member("member");
        assert_eq!(member, Some(&"originals[1].digest".into()));
        let many = vec![r#"{"bytes":"YWJj"}"#; MAX_ORIGINALS + 1].join(",");
        let problem = read(&format!("[{many}]")).unwrap_err();
        assert_eq!(problem.member("member"), Some(&"originals".into()));
    }

    #[test]
    fn a_digest_of_a_query_names_its_parameter() {
        let read = |digest, algorithm| read_digest(Place::Query, digest, algorithm);
        assert!(read(None, None).unwrap().is_none());
        assert!(read(Some(SHA256), Some("sha256")).unwrap().is_some());
        for (digest, algorithm, parameter) in [
            (None, Some("sha256"), "digestAlgorithm"),
            (Some(SHA256), None, "digestAlgorithm"),
            (Some("zz"), Some("sha256"), "digest"),
        ] {
            let problem = read(digest, algorithm).unwrap_err();
            assert_eq!(problem.kind(), ProblemType::InvalidQuery);
            assert_eq!(problem.member("parameter"), Some(&parameter.into()));
        }
    }
}
