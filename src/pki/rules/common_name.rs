//! BR §7.1.4.3: the common name, where a server certificate still has one, "MUST contain exactly one entry
//! that is one of the values contained in the Certificate's subjectAltName extension", in the same
//! spelling.
//!
//! Only the spelling is looked at: a host or an address that does not occur among the alternative names at
//! all is left alone, because nobody takes the common name for a name of the subject any more (RFC 9525
//! §2), and public test suites expect such certificates to pass.

use std::net::IpAddr;

use crate::pki::general_name::GeneralName;
use crate::pki::general_name::subject_alternative_names;
use crate::pki::rules::Place;
use crate::pki::rules::Subject;

/// RFC 4519 §2.3.
const COMMON_NAME: &str = "2.5.4.3";

pub(super) fn misspelt(subject: &Subject<'_>) -> bool {
    if subject.place != Place::EndEntity {
        return false;
    }
    let names = subject_alternative_names(subject.certificate).unwrap_or_default();
    let mut texts = subject.certificate.subject().attribute_texts(COMMON_NAME);
    texts.any(|text| text.is_some_and(|text| is_misspelt(&text, &names)))
}

fn is_misspelt(text: &str, names: &[GeneralName]) -> bool {
    is_misspelt_address(text) || is_unicode_host(text) || is_in_other_case(text, names)
}

/// "If the value is an IPv4 address, then the value MUST be encoded as an `IPv4Address` as specified in RFC
/// 3986, Section 3.2.2. If the value is an IPv6 address, then the value MUST be encoded in the text
/// representation specified in RFC 5952, Section 4."
fn is_misspelt_address(text: &str) -> bool {
    match text.parse::<IpAddr>() {
        // Written with four decimal numbers, there is one way.
        Ok(IpAddr::V4(_)) => false,
        // The standard library writes the form of RFC 5952.
        Ok(IpAddr::V6(address)) => address.to_string() != text,
        Err(_) => is_loose_ipv4(text),
    }
}

/// The ways to write an address of IP version 4 that `inet_aton` reads and RFC 3986 does not: parts in
/// hexadecimal, leading zeros, fewer than four parts. A plain number is left alone.
fn is_loose_ipv4(text: &str) -> bool {
    let is_number = |part: &str| {
        let hexadecimal = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X"));
        match hexadecimal {
            Some(digits) => !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit()),
            None => !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()),
        }
    };
    let is_more_than_a_number = text.bytes().any(|byte| !byte.is_ascii_digit());
    is_more_than_a_number && text.split('.').count() <= 4 && text.split('.').all(is_number)
}

/// "If the value is a Fully-Qualified Domain Name or Wildcard Domain Name, then the value MUST be encoded
/// as a character-for-character copy of the dNSName entry value", which is ASCII.
fn is_unicode_host(text: &str) -> bool {
    let is_label = |label: &str| {
        let is_part_of_label = |c: char| c.is_alphanumeric() || c == '-';
        !label.is_empty() && label.chars().all(is_part_of_label)
    };
    !text.is_ascii() && text.contains('.') && text.split('.').all(is_label)
}

fn is_in_other_case(text: &str, names: &[GeneralName]) -> bool {
    let as_dns = names.iter().filter_map(GeneralName::as_dns);
    let mut spellings = as_dns
        .filter(|dns| dns.eq_ignore_ascii_case(text))
        .peekable();
    spellings.peek().is_some() && !spellings.any(|dns| dns == text)
}
