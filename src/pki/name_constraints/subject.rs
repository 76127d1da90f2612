//! The names of a certificate that name constraints apply to (RFC 5280 §4.2.1.10).

use crate::pki::certificate::Certificate;
use crate::pki::domain_name::DomainName;
use crate::pki::general_name::GeneralName;
use crate::pki::general_name::GeneralNamesError;
use crate::pki::general_name::alternative_names_or_mail_addresses;

/// "Restrictions apply to the subject distinguished name and apply to subject alternative names."
///
/// The mail addresses in the subject count only where there are no alternative names: "When constraints
/// are imposed on the rfc822Name name form, but the certificate does not include a subject alternative
/// name, the rfc822Name constraint MUST be applied to the attribute of type emailAddress".
pub(super) fn names(certificate: &Certificate) -> Result<Vec<GeneralName>, GeneralNamesError> {
    let mut names = alternative_names_or_mail_addresses(certificate)?;
    let subject = certificate.subject();
    if !subject.is_empty() {
        names.push(GeneralName::Directory(subject.clone()));
    }
    Ok(names)
}

/// The host of a URI (RFC 3986 §3.2.2), which has to be a domain name: RFC 5280 §4.2.1.10 refuses a URI "that
/// does not include an authority component with a host name specified as a fully qualified domain name
/// (e.g., if the URI either does not include an authority component or includes an authority component
/// in which the host name is specified as an IP address)".
pub(super) fn uri_host(uri: &str) -> Option<DomainName> {
    let (scheme, rest) = uri.split_once("://")?;
    if !is_scheme(scheme) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, host_and_port) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (host, port) = host_and_port.split_once(':').unwrap_or((host_and_port, ""));
    let is_in_order =
        user.bytes().all(is_user_character) && port.bytes().all(|b| b.is_ascii_digit());
    is_in_order.then(|| DomainName::parse(host).ok()).flatten()
}

/// RFC 3986 §3.1.
fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// RFC 3986 §3.2.1; readers of URIs do not agree about the others, a backslash above all.
const fn is_user_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b':'
        )
}
