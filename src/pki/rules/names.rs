//! RFC 5280 §4.2.1.6: subject alternative names.

use crate::pki::certificate::extension;
use crate::pki::domain_name::DomainPattern;
use crate::pki::general_name::GeneralName;
use crate::pki::general_name::subject_alternative_names;
use crate::pki::mailbox::Mailbox;
use crate::pki::rules::Subject;

/// "If the subject field contains an empty sequence, then the issuing CA MUST include a subjectAltName
/// extension that is marked as critical."
pub(super) fn alternative_names_not_critical(subject: &Subject<'_>) -> bool {
    let certificate = subject.certificate;
    let is_critical = certificate.is_extension_critical(extension::SUBJECT_ALTERNATIVE_NAME);
    certificate.subject().is_empty() && !is_critical
}

pub(super) fn alternative_names_malformed(subject: &Subject<'_>) -> bool {
    let names = subject_alternative_names(subject.certificate);
    names.map_or(true, |names| names.iter().any(is_malformed))
}

/// Whether a name has another syntax than its form:
/// * `dNSName`: "the "preferred name syntax", as specified by Section 3.5 of RFC 1034 and as modified by
///   Section 2.1 of RFC 1123", which has no underscore; a wildcard is left to who reads it;
/// * `rfc822Name`: a mailbox of RFC 5321 (RFC 2821 then);
/// * `uniformResourceIdentifier`: "The name MUST NOT be a relative URI".
fn is_malformed(name: &GeneralName) -> bool {
    match name {
        GeneralName::Dns(text) => {
            DomainPattern::parse(text).map_or(true, |pattern| pattern.domain().has_underscore())
        }
        GeneralName::Email(_) => Mailbox::of(name).is_none(),
        GeneralName::Malformed { .. } => true,
        GeneralName::Uri(text) => !is_absolute(text),
        GeneralName::Directory(_)
        | GeneralName::EdiParty(_)
        | GeneralName::Ip(_)
        | GeneralName::Other { .. }
        | GeneralName::RegisteredId(_)
        | GeneralName::X400(_) => false,
    }
}

/// "The name MUST include both a scheme (e.g., "http" or "ftp") and a scheme-specific-part."
fn is_absolute(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, specific)| {
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        let is_specific =
            !specific.is_empty() && specific.bytes().all(|byte| byte.is_ascii_graphic());
        is_scheme && is_specific
    })
}
