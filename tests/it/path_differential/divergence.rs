//! Where we and OpenSSL 3.5 differ, and why: the whole list. Any other disagreement is a finding.
//!
//! `src/validation/divergences.md` has each row for people.

use yinxin::clock::Timestamp;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::certificate::extension;
use yinxin::pki::der;
use yinxin::pki::name_constraints::NameConstraintError;
use yinxin::pki::path::PathError;

use crate::certificate_writer as writer;
use crate::path_differential::peers::Ours;
use crate::path_differential::peers::Theirs;
use crate::path_differential::recipe::Made;
use crate::path_differential::recipe::NOW;
use crate::path_differential::recipe::POLICY_A;
use crate::path_differential::recipe::Recipe;

/// Two answers that differ.
pub(crate) struct Disagreement {
    pub(crate) recipe: Recipe,
    pub(crate) ours: Ours,
    pub(crate) theirs: Theirs,
}

/// One explained way to differ.
pub(crate) struct Divergence {
    /// As it stands in the list for people.
    pub(crate) title: &'static str,
    pub(crate) explains: fn(&Disagreement) -> bool,
}

/// `X509_V_ERR_…`, from `openssl/x509_vfy.h`.
const UNSPECIFIED: i32 = 1;
const CERT_SIGNATURE_FAILURE: i32 = 7;
const CERT_NOT_YET_VALID: i32 = 9;
const CERT_HAS_EXPIRED: i32 = 10;
const DEPTH_ZERO_SELF_SIGNED_CERT: i32 = 18;
const SELF_SIGNED_CERT_IN_CHAIN: i32 = 19;
const UNABLE_TO_GET_ISSUER_CERT_LOCALLY: i32 = 20;
const UNHANDLED_CRITICAL_EXTENSION: i32 = 34;
const INVALID_POLICY_EXTENSION: i32 = 42;
const NO_EXPLICIT_POLICY: i32 = 43;
const PERMITTED_VIOLATION: i32 = 47;
const EXCLUDED_VIOLATION: i32 = 48;
const UNSUPPORTED_CONSTRAINT_TYPE: i32 = 51;
const UNSUPPORTED_CONSTRAINT_SYNTAX: i32 = 52;
const UNSUPPORTED_NAME_SYNTAX: i32 = 53;

/// The one that is found out by asking again.
pub(crate) const NO_ALTERNATIVES: &str = "OpenSSL refuses: it follows one path only";

/// The others, in the order of `divergences.md`.
pub(crate) const DIVERGENCES: &[Divergence] = &[
    Divergence {
        title: "we refuse: a certificate that is not read",
        explains: |found| found.any(Made::is_unread_for_a_reason),
    },
    Divergence {
        title: "we refuse: an anchor that is no CA by its basic constraints",
        explains: |found| {
            found.we_refuse(|error| matches!(error, PathError::NotACa { .. }))
                && found.any_anchor(|anchor| {
                    anchor.version() == 3 && anchor.basic_constraints().is_none()
                })
        },
    },
    Divergence {
        title: "we refuse: policy constraints of an anchor",
        explains: |found| {
            found.we_alone_refuse()
                && found.any_anchor(|anchor| anchor.policy_constraints().is_some())
        },
    },
    Divergence {
        title: "we refuse: a mapping of anyPolicy, whatever comes of it",
        explains: |found| found.we_alone_refuse() && found.any_read(maps_any_policy),
    },
    Divergence {
        title: "we refuse: a malformed name where names are constrained, or a malformed constraint",
        explains: |found| {
            found.we_refuse(|error| {
                matches!(
                    error,
                    PathError::NameConstraintsMalformed { .. }
                        | PathError::NameConstraints {
                            cause: NameConstraintError::MalformedName { .. },
                            ..
                        }
                )
            })
        },
    },
    Divergence {
        title: "we refuse: a self-issued end entity without the policy that is required of it",
        explains: |found| {
            found.we_refuse(|error| matches!(error, PathError::PolicyRequired))
                && found.end_entity_is_self_issued()
        },
    },
    Divergence {
        title: "OpenSSL refuses: the last second of a validity period",
        explains: |found| {
            found.they_refuse(&[CERT_HAS_EXPIRED])
                && found.any_read(|certificate| certificate.not_after() == now())
        },
    },
    Divergence {
        title: "OpenSSL refuses: an anchor outside its validity period",
        explains: |found| {
            found.they_refuse(&[CERT_NOT_YET_VALID, CERT_HAS_EXPIRED])
                && found
                    .any_anchor(|anchor| now() < anchor.not_before() || now() > anchor.not_after())
        },
    },
    Divergence {
        title: "OpenSSL refuses: an authority key identifier that does not match",
        explains: |found| {
            found.they_refuse(&[UNABLE_TO_GET_ISSUER_CERT_LOCALLY])
                && (found.any(Made::names_other_key)
                    || found.any_pair(|child, issuer| {
                        let (named, own) = (child.authority_key_id(), issuer.subject_key_id());
                        named.is_some() && own.is_some() && named != own
                    }))
        },
    },
    Divergence {
        title: "OpenSSL refuses: a path with two certificates of one name, taken for each other",
        explains: |found| {
            found.they_refuse(&[
                CERT_SIGNATURE_FAILURE,
                SELF_SIGNED_CERT_IN_CHAIN,
                UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            ]) && found.path_repeats_a_name()
        },
    },
    Divergence {
        title: "OpenSSL refuses: name constraints of a form that it does not know, critical or not",
        explains: |found| {
            found.they_refuse(&[
                UNSUPPORTED_CONSTRAINT_TYPE,
                UNSUPPORTED_CONSTRAINT_SYNTAX,
                UNSUPPORTED_NAME_SYNTAX,
            ])
        },
    },
    Divergence {
        title: "OpenSSL refuses: a critical key identifier",
        explains: |found| {
            found.they_refuse(&[UNHANDLED_CRITICAL_EXTENSION])
                && found.any_read(|certificate| {
                    certificate.is_extension_critical(writer::AUTHORITY_KEY_IDENTIFIER)
                        || certificate.is_extension_critical(writer::SUBJECT_KEY_IDENTIFIER)
                })
        },
    },
    Divergence {
        title: "OpenSSL refuses: an end entity of its issuer's name and key, taken for self-signed",
        explains: |found| {
            found.they_refuse(&[DEPTH_ZERO_SELF_SIGNED_CERT]) && found.end_entity_is_self_issued()
        },
    },
    Divergence {
        title: "OpenSSL refuses: an explicit policy, unless it was told which",
        explains: |found| found.they_refuse(&[NO_EXPLICIT_POLICY]),
    },
    Divergence {
        title: "OpenSSL refuses: a mapping of anyPolicy in the end entity's certificate",
        explains: |found| found.they_refuse(&[INVALID_POLICY_EXTENSION]),
    },
    Divergence {
        title: "OpenSSL refuses: a common name that looks like a domain name outside its constraints",
        explains: |found| {
            found.they_refuse(&[PERMITTED_VIOLATION, EXCLUDED_VIOLATION])
                && !found
                    .recipe
                    .end_entity
                    .has_alternative_name(writer::dns(""))
                && found.recipe.end_entity.subject_has(writer::COMMON_NAME)
        },
    },
    Divergence {
        title: "OpenSSL refuses: a mail address in a subject, outside its constraints, beside alternative names",
        explains: |found| {
            found.they_refuse(&[PERMITTED_VIOLATION, EXCLUDED_VIOLATION])
                && found.recipe.end_entity.subject_has(writer::EMAIL_ADDRESS)
                && found
                    .recipe
                    .end_entity
                    .extension(writer::SUBJECT_ALT_NAME)
                    .is_some()
        },
    },
    Divergence {
        title: "OpenSSL refuses: something without a say in the path, which it cannot read",
        explains: |found| {
            let unread = found.they_refuse(&[UNSPECIFIED, UNABLE_TO_GET_ISSUER_CERT_LOCALLY])
                || found.theirs == Theirs::DoesNotRead;
            unread && found.any(|made| made.is_mutated)
        },
    },
];

fn maps_any_policy(certificate: &Certificate) -> bool {
    let mappings = certificate.policy_mappings().unwrap_or_default();
    mappings
        .iter()
        .any(|(from, to)| from == extension::ANY_POLICY || to == extension::ANY_POLICY)
}

fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

impl Disagreement {
    fn all(&self) -> impl Iterator<Item = &Made> {
        let Recipe {
            anchors,
            intermediates,
            end_entity,
            ..
        } = &self.recipe;
        anchors.iter().chain(intermediates).chain([end_entity])
    }

    fn any(&self, rule: fn(&Made) -> bool) -> bool {
        self.all().any(rule)
    }

    fn any_read(&self, rule: fn(&Certificate) -> bool) -> bool {
        self.all()
            .filter_map(Made::read)
            .any(|certificate| rule(&certificate))
    }

    fn any_anchor(&self, rule: fn(&Certificate) -> bool) -> bool {
        let anchors = self.recipe.anchors.iter();
        anchors.filter_map(Made::read).any(|anchor| rule(&anchor))
    }

    fn they_refuse(&self, codes: &[i32]) -> bool {
        matches!(self.theirs, Theirs::Refuses { code, .. } if codes.contains(&code))
    }

    fn we_alone_refuse(&self) -> bool {
        matches!(self.ours, Ours::Refuses(_)) && self.theirs == Theirs::Accepts
    }

    fn end_entity_is_self_issued(&self) -> bool {
        let end_entity = self.recipe.end_entity.read();
        end_entity.is_some_and(|certificate| certificate.is_self_issued())
    }

    /// The path that we accept, the anchor last; empty if we accept none.
    fn path(&self) -> &[Certificate] {
        match &self.ours {
            Ours::Accepts(path) => path,
            Ours::DoesNotRead | Ours::Refuses(_) => &[],
        }
    }

    fn any_pair(&self, rule: fn(&Certificate, &Certificate) -> bool) -> bool {
        self.path().windows(2).any(|pair| rule(&pair[0], &pair[1]))
    }

    fn path_repeats_a_name(&self) -> bool {
        let path = self.path();
        (1..path.len()).any(|end| {
            let subject = path[end].subject();
            path[..end].iter().any(|one| one.subject().matches(subject))
        })
    }

    fn we_refuse(&self, rule: fn(&PathError) -> bool) -> bool {
        matches!(&self.ours, Ours::Refuses(error) if rule(error))
    }

    /// Both answers, on one line.
    pub(crate) fn head(&self) -> String {
        match &self.ours {
            Ours::Accepts(_) => format!("we accept, OpenSSL: {:?}", self.theirs),
            other @ (Ours::DoesNotRead | Ours::Refuses(_)) => {
                format!("we: {other:?}, OpenSSL: {:?}", self.theirs)
            }
        }
    }
}

impl Made {
    /// Versions 1 and 2 have no extensions (RFC 5280 §4.1.2.9), no policy stands twice in a certificate
    /// (§4.2.1.4), and of what changed bytes may make of one only the least is read.
    fn is_unread_for_a_reason(&self) -> bool {
        let twice = writer::certificate_policies(&[POLICY_A, POLICY_A]).value;
        let has_policy_twice = self
            .extension(writer::CERTIFICATE_POLICIES)
            .is_some_and(|policies| policies.value == twice);
        let has_reason = self.is_mutated || self.draft.version < 3 || has_policy_twice;
        self.read().is_none() && has_reason
    }

    fn extension(&self, oid: &str) -> Option<&writer::Extension> {
        self.draft
            .extensions
            .iter()
            .find(|extension| extension.oid == oid)
    }

    fn names_other_key(&self) -> bool {
        let expected = writer::authority_key_id(&[7; 20]).value;
        self.extension(writer::AUTHORITY_KEY_IDENTIFIER)
            .is_some_and(|extension| extension.value == expected)
    }

    fn subject_has(&self, attribute: &str) -> bool {
        self.read()
            .is_some_and(|certificate| certificate.subject().attribute(attribute).is_some())
    }

    /// Whether it has an alternative name of the same form as `like`.
    fn has_alternative_name(&self, like: Vec<u8>) -> bool {
        let Some(extension) = self.extension(writer::SUBJECT_ALT_NAME) else {
            return false;
        };
        let Ok(list) = der::single(&extension.value) else {
            return false;
        };
        let mut names = list.reader();
        std::iter::from_fn(|| names.read().ok()).any(|name| Some(&name.tag) == like.first())
    }
}

impl std::fmt::Display for Disagreement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.head())?;
        writeln!(
            f,
            "explicit {}, mapping inhibited {}, any inhibited {}",
            self.recipe.requires_explicit_policy,
            self.recipe.inhibits_mapping,
            self.recipe.inhibits_any_policy
        )?;
        let parts = [
            ("anchor", &self.recipe.anchors),
            ("intermediate", &self.recipe.intermediates),
            ("end entity", &vec![self.recipe.end_entity.clone()]),
        ];
        for (part, list) in parts {
            for made in list {
                let mutated = if made.is_mutated { " (mutated)" } else { "" };
                writeln!(
                    f,
                    "-- {part}{mutated}\n{}",
                    yinxin::encoding::base64::encode(&made.der)
                )?;
            }
        }
        Ok(())
    }
}
