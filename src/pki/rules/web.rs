//! The Baseline Requirements for TLS server certificates (CA/Browser Forum), version 2, §7.1, as far as
//! they go beyond RFC 5280.

use crate::crypto::public_key::KeyAlgorithm;
use crate::pki::certificate::extension;
use crate::pki::der;
use crate::pki::der::Reader;
use crate::pki::domain_name::DomainPattern;
use crate::pki::general_name::GeneralName;
use crate::pki::general_name::subject_alternative_names;
use crate::pki::oid::Oid;
use crate::pki::rules::Place;
use crate::pki::rules::Subject;

/// §7.1.2.7.12: "If the subject field of the certificate is an empty SEQUENCE, this extension MUST be
/// marked critical […]. Otherwise, this extension MUST NOT be marked critical."
pub(super) fn alternative_names_critical(subject: &Subject<'_>) -> bool {
    let certificate = subject.certificate;
    subject.place == Place::EndEntity
        && !certificate.subject().is_empty()
        && certificate.is_extension_critical(extension::SUBJECT_ALTERNATIVE_NAME)
}

pub(super) fn alternative_names_missing(subject: &Subject<'_>) -> bool {
    subject.place == Place::EndEntity && !subject.has(extension::SUBJECT_ALTERNATIVE_NAME)
}

/// §7.1.2.1.3: "MUST be identical to the subjectKeyIdentifier field."
pub(super) fn authority_key_id_foreign(subject: &Subject<'_>) -> bool {
    let certificate = subject.certificate;
    let authority = certificate.authority_key_id();
    subject.place == Place::Anchor
        && certificate.is_self_issued()
        && authority.is_some()
        && authority != certificate.subject_key_id()
}

/// §7.1.2.1.3, §7.1.2.11.1: "keyIdentifier MUST be present."
pub(super) fn authority_key_id_incomplete(subject: &Subject<'_>) -> bool {
    subject.has(extension::AUTHORITY_KEY_IDENTIFIER)
        && subject.certificate.authority_key_id().is_none()
}

/// §7.1.2.1.3, §7.1.2.11.1: `authorityCertIssuer` and `authorityCertSerialNumber` "MUST NOT be present".
pub(super) fn authority_key_id_overfull(subject: &Subject<'_>) -> bool {
    let value = subject
        .certificate
        .extension_value(extension::AUTHORITY_KEY_IDENTIFIER);
    value.is_some_and(|value| has_more_than_key_id(value).unwrap_or(true))
}

/// `AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0], authorityCertIssuer [1],
/// authorityCertSerialNumber [2] }`, all of them optional.
fn has_more_than_key_id(value: &[u8]) -> Option<bool> {
    let mut fields = Reader::new(value).expect(der::SEQUENCE).ok()?.reader();
    fields.optional(der::context_primitive(0)).ok()?;
    Some(!fields.is_at_end())
}

pub(super) fn end_entity_is_ca(subject: &Subject<'_>) -> bool {
    subject.place == Place::EndEntity && subject.is_ca()
}

/// §6.1.5; an explicit curve (§7.1.3.1.2) is none of the three named ones.
pub(super) fn key_forbidden(subject: &Subject<'_>) -> bool {
    let algorithm = subject.certificate.public_key().algorithm();
    if let KeyAlgorithm::Rsa { bits } = algorithm {
        return bits < 2048 || !bits.is_multiple_of(8);
    }
    !matches!(
        algorithm,
        KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384 | KeyAlgorithm::EcP521
    )
}

pub(super) fn key_purpose_any(subject: &Subject<'_>) -> bool {
    subject.place == Place::EndEntity && has_purpose(subject, extension::ANY_EXTENDED_KEY_USAGE)
}

pub(super) fn key_purposes_critical(subject: &Subject<'_>) -> bool {
    subject.place == Place::EndEntity
        && subject
            .certificate
            .is_extension_critical(extension::EXTENDED_KEY_USAGE)
}

pub(super) fn key_purposes_missing(subject: &Subject<'_>) -> bool {
    subject.place == Place::EndEntity && !has_purpose(subject, extension::SERVER_AUTH)
}

pub(super) fn key_purposes_of_anchor(subject: &Subject<'_>) -> bool {
    subject.place == Place::Anchor && subject.has(extension::EXTENDED_KEY_USAGE)
}

fn has_purpose(subject: &Subject<'_>, oid: &Oid) -> bool {
    let purposes = subject.certificate.extended_key_usage().unwrap_or_default();
    purposes.iter().any(|purpose| purpose == oid)
}

pub(super) fn version(subject: &Subject<'_>) -> bool {
    subject.certificate.version() != 3
}

/// §3.2.2.6: "If the FQDN portion of any Wildcard Domain Name is "registry-controlled" or is a "public
/// suffix", CAs MUST refuse issuance". Of the public suffixes those of one label are known here; the
/// others would take the Public Suffix List, which changes weekly.
pub(super) fn wildcard_too_wide(subject: &Subject<'_>) -> bool {
    let names = subject_alternative_names(subject.certificate).unwrap_or_default();
    let mut patterns = names.iter().filter_map(dns_pattern);
    patterns.any(|pattern| match pattern {
        DomainPattern::Exact(_) => false,
        DomainPattern::Wildcard { parent } => parent.labels() == 1,
    })
}

fn dns_pattern(name: &GeneralName) -> Option<DomainPattern> {
    let text = name.as_dns()?;
    DomainPattern::parse(text).ok()
}
