//! Whether a certificate bears the name that a caller asks for (RFC 9525 for domain names and addresses,
//! RFC 5280 §7.5 for mailboxes).
//!
//! Only subject alternative names count; RFC 9525 §2: "The Common Name RDN MUST NOT be used to identify a
//! service because it is not strongly typed". The one exception is a mailbox, which may stand in the
//! subject's `emailAddress` where there are no alternative names at all, as name constraints take it
//! (RFC 5280 §4.2.1.10).

use std::fmt;
use std::net::AddrParseError;
use std::net::IpAddr;

use crate::pki::certificate::Certificate;
use crate::pki::domain_name::DomainName;
use crate::pki::domain_name::DomainNameError;
use crate::pki::domain_name::DomainPattern;
use crate::pki::general_name::GeneralName;
use crate::pki::general_name::GeneralNamesError;
use crate::pki::general_name::NameForm;
use crate::pki::general_name::alternative_names_or_mail_addresses;
use crate::pki::mailbox::LocalPart;
use crate::pki::mailbox::Mailbox;
use crate::pki::mailbox::MailboxError;

/// A name that a caller expects the subject of a certificate to have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReferenceName {
    /// A host, compared label by label without regard to case (RFC 9525 §6.3).
    Dns(DomainName),
    /// A mailbox: the local part compared exactly, the host without regard to case.
    Email(Mailbox),
    /// An address, compared octet by octet (RFC 9525 §6.4).
    Ip(IpAddr),
}

/// Why a text is not a name that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceNameError {
    /// Neither four decimal numbers with dots between them nor an address of IP version 6.
    #[error("`{text}` is not an IP address")]
    Address {
        /// The beginning of the text.
        text: String,
        /// What is wrong with it.
        #[source]
        cause: AddrParseError,
    },
    /// Not a domain name. Internationalised ones have to be given as A-labels.
    #[error("`{text}` is not a host name: {cause}")]
    Domain {
        /// The beginning of the text.
        text: String,
        /// What is wrong with it.
        #[source]
        cause: DomainNameError,
    },
    /// Not a mailbox.
    #[error("`{text}` is not an e-mail address: {cause}")]
    Mailbox {
        /// The beginning of the text.
        text: String,
        /// What is wrong with it.
        #[source]
        cause: MailboxError,
    },
}

/// Why a certificate does not bear a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameMismatch {
    /// The subject alternative names cannot be read.
    #[error("malformed subject alternative names: {0}")]
    Malformed(#[from] GeneralNamesError),
    /// There are names of that form, and none is the one asked for.
    #[error("the certificate is not for {wanted}, but for {}{}", .found.join(", "), ellipsis(.found, *.count))]
    Other {
        /// The name asked for, with its form.
        wanted: String,
        /// The first few names of that form, as they stand.
        found: Vec<String>,
        /// How many there are.
        count: usize,
    },
    /// There is no name of that form at all.
    #[error("the certificate is not for {wanted}: it has no name of the form {form}")]
    NoneOfForm {
        /// The name asked for, with its form.
        wanted: String,
        /// The form that is lacking.
        form: NameForm,
    },
}

/// So many names are told in a [`NameMismatch`].
const MAX_TOLD: usize = 8;

const fn ellipsis(told: &[String], count: usize) -> &'static str {
    if told.len() < count { ", …" } else { "" }
}

impl ReferenceName {
    /// A host name; a dot at the end, which marks it as complete (RFC 1034 §3.1), is taken off.
    ///
    /// # Errors
    /// [`ReferenceNameError::Domain`] for anything else: wildcards and addresses are no host names.
    pub fn dns(text: &str) -> Result<Self, ReferenceNameError> {
        let relative = text.strip_suffix('.').unwrap_or(text);
        let name = DomainName::parse(relative);
        name.map(Self::Dns)
            .map_err(|cause| ReferenceNameError::Domain {
                text: beginning(text),
                cause,
            })
    }

    /// An address of IP version 4 or 6, in its usual text form (RFC 3986 §3.2.2, RFC 4291 §2.2).
    ///
    /// # Errors
    /// [`ReferenceNameError::Address`] for anything else.
    pub fn ip(text: &str) -> Result<Self, ReferenceNameError> {
        let address = text.parse();
        address
            .map(Self::Ip)
            .map_err(|cause| ReferenceNameError::Address {
                text: beginning(text),
                cause,
            })
    }

    /// A mailbox without a display name.
    ///
    /// # Errors
    /// [`ReferenceNameError::Mailbox`] for anything else.
    pub fn email(text: &str) -> Result<Self, ReferenceNameError> {
        let mailbox = Mailbox::parse(text, LocalPart::Utf8);
        mailbox
            .map(Self::Email)
            .map_err(|cause| ReferenceNameError::Mailbox {
                text: beginning(text),
                cause,
            })
    }

    /// Whether the subject of `certificate` has this name.
    ///
    /// Malformed names, and wildcards that stand for too much ([`DomainPattern`]), are nobody's name. A
    /// certificate that has one beside the name asked for is accepted.
    ///
    /// # Errors
    /// [`NameMismatch`] if it does not, with what it has instead.
    pub fn check(&self, certificate: &Certificate) -> Result<(), NameMismatch> {
        let names = alternative_names_or_mail_addresses(certificate)?;
        if names.iter().any(|name| self.is(name)) {
            return Ok(());
        }
        let found: Vec<&GeneralName> = names
            .iter()
            .filter(|name| name.form() == self.form())
            .collect();
        let wanted = self.to_string();
        if found.is_empty() {
            let form = self.form();
            return Err(NameMismatch::NoneOfForm { wanted, form });
        }
        Err(NameMismatch::Other {
            wanted,
            count: found.len(),
            found: found
                .into_iter()
                .take(MAX_TOLD)
                .map(GeneralName::to_string)
                .collect(),
        })
    }

    const fn form(&self) -> NameForm {
        match self {
            Self::Dns(_) => NameForm::Dns,
            Self::Email(_) => NameForm::Email,
            Self::Ip(_) => NameForm::Ip,
        }
    }

    fn is(&self, presented: &GeneralName) -> bool {
        match (self, presented) {
            (Self::Dns(wanted), GeneralName::Dns(text)) => {
                DomainPattern::parse(text).is_ok_and(|pattern| pattern.covers(wanted))
            }
            (Self::Email(wanted), presented) => {
                Mailbox::of(presented).is_some_and(|mailbox| mailbox == *wanted)
            }
            (Self::Ip(wanted), GeneralName::Ip(address)) => wanted == address,
            (Self::Dns(_) | Self::Ip(_), _) => false,
        }
    }
}

impl fmt::Display for ReferenceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.form())?;
        match self {
            Self::Dns(name) => write!(f, "{name}"),
            Self::Email(mailbox) => write!(f, "{mailbox}"),
            Self::Ip(address) => write!(f, "{address}"),
        }
    }
}

/// What is not read may be long and is not repeated in full.
fn beginning(text: &str) -> String {
    text.chars().take(64).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::certificate::extension;
    use crate::pki::certificate::fixtures::Parts;
    use crate::pki::certificate::fixtures::extension as write_extension;
    use crate::pki::certificate::fixtures::sequence;
    use crate::pki::der;
    use crate::pki::oid::Oid;

    fn text(number: u8, value: &[u8]) -> Vec<u8> {
        der::encode(der::context_primitive(number), value)
    }

    fn dns(value: &str) -> Vec<u8> {
        text(2, value.as_bytes())
    }

    fn bearing(names: &[Vec<u8>]) -> Certificate {
        let mut parts = Parts::good();
        let value = sequence(names);
        let names = write_extension(extension::SUBJECT_ALTERNATIVE_NAME, false, &value);
        parts.extensions = vec![names];
        Certificate::parse_der(&parts.der()).unwrap()
    }

    /// A certificate whose subject has one attribute, and no alternative names.
    fn with_subject(oid: &str, value: &str) -> Certificate {
        let mut parts = Parts::good();
        let value = der::encode(der::UTF8_STRING, value.as_bytes());
        let pair = sequence(&[Oid::parse(oid).unwrap().to_der(), value]);
        parts.subject = sequence(&[der::encode(der::SET, &pair)]);
        Certificate::parse_der(&parts.der()).unwrap()
    }

    #[test]
    fn domain_names_are_compared_label_by_label() {
        for (presented, wanted, expected) in [
            ("example.com", "example.com", true),
            ("EXAMPLE.com", "example.COM", true),
            ("example.com", "example.com.", true),
            ("localhost", "localhost", true),
            ("foo_bar.example.com", "foo_bar.example.com", true),
            ("*.example.com", "foo.example.com", true),
            ("xn--fiq.example", "XN--fiq.example", true),
            ("example.com", "example2.com", false),
            ("abc.example.com", "def.example.com", false),
            ("example.com", "abc.example.com", false),
            ("abc.example.com", "example.com", false),
            ("*.example.com", "example.com", false),
            ("*.example.com", "foo.bar.example.com", false),
            ("*.com", "example.com", false),
            ("*", "com", false),
            ("*", "example.com", false),
            ("ba*.example.com", "baz.example.com", false),
            ("foo.*.example.com", "foo.bar.example.com", false),
            (
                "xn--*-1b3c148a.example.com",
                "xn--bliss-1b3c148a.example.com",
                false,
            ),
            ("😜.example.com", "xn--628h.example.com", false),
            ("example.com.", "example.com", false),
            (".example.com", "example.com", false),
            ("example.com\0.evil.example", "example.com", false),
            ("http://example.com", "example.com", false),
        ] {
            let bearer = bearing(&[dns("other.example"), dns(presented)]);
            let checked = ReferenceName::dns(wanted).unwrap().check(&bearer);
            assert_eq!(checked.is_ok(), expected, "{presented} {wanted}");
        }
    }

    #[test]
    fn addresses_are_compared_by_octets() {
        let v6 = "2001:db8::1".parse::<std::net::Ipv6Addr>().unwrap();
        let bearer = bearing(&[
            text(7, &[192, 0, 2, 1]),
            text(7, &v6.octets()),
            text(7, &[10, 0, 0, 0, 255, 0, 0, 0]),
            dns("203.0.113.1"),
        ]);
        let is_borne = |address: &str| ReferenceName::ip(address).unwrap().check(&bearer).is_ok();
        assert!(is_borne("192.0.2.1"));
        assert!(is_borne("2001:DB8:0::1"));
        for other in [
            "192.0.2.2",
            "2001:db8::2",
            "10.0.0.0",
            "203.0.113.1",
            "::ffff:192.0.2.1",
        ] {
            assert!(!is_borne(other), "{other}");
        }
    }

    #[test]
    fn of_mailboxes_the_host_has_no_case() {
        let utf8 = der::encode(der::UTF8_STRING, "老师@example.com".as_bytes());
        let type_id = Oid::parse("1.3.6.1.5.5.7.8.9").unwrap().to_der();
        let value = der::encode(der::context_constructed(0), &utf8);
        let other_name = der::encode(der::context_constructed(0), &[type_id, value].concat());
        let bearer = bearing(&[
            text(1, b"Foo@Example.com"),
            text(1, b"*@b.example"),
            other_name,
        ]);
        let is_borne = |mailbox: &str| {
            ReferenceName::email(mailbox)
                .unwrap()
                .check(&bearer)
                .is_ok()
        };
        assert!(is_borne("Foo@example.COM"));
        assert!(is_borne("*@b.example"));
        assert!(is_borne("老师@Example.com"));
        assert!(!is_borne("foo@example.com"));
        assert!(!is_borne("a@b.example"));
        assert!(!is_borne("Foo@a.example.com"));
    }

    #[test]
    fn the_subject_names_no_host_but_may_name_a_mailbox() {
        let host = with_subject("2.5.4.3", "example.com");
        let wanted = ReferenceName::dns("example.com").unwrap();
        assert_eq!(
            wanted.check(&host).unwrap_err().to_string(),
            "the certificate is not for dNSName example.com: it has no name of the form dNSName"
        );
        let mailbox = with_subject("1.2.840.113549.1.9.1", "a@example.com");
        let wanted = ReferenceName::email("a@example.com").unwrap();
        assert_eq!(wanted.check(&mailbox), Ok(()));
        let mut parts = Parts::good();
        parts.subject = mailbox.subject().der().to_vec();
        let names = sequence(&[dns("example.com")]);
        let names = write_extension(extension::SUBJECT_ALTERNATIVE_NAME, false, &names);
        parts.extensions = vec![names];
        let both = Certificate::parse_der(&parts.der()).unwrap();
        assert!(wanted.check(&both).is_err());
    }

    #[test]
    fn a_mismatch_tells_what_was_found() {
        let names: Vec<Vec<u8>> = (0..10).map(|i| dns(&format!("a{i}.example"))).collect();
        let wanted = ReferenceName::dns("b.example").unwrap();
        let mismatch = wanted.check(&bearing(&names[..2])).unwrap_err();
        assert_eq!(
            mismatch.to_string(),
            "the certificate is not for dNSName b.example, but for dNSName a0.example, dNSName a1.example"
        );
        let mismatch = wanted.check(&bearing(&names)).unwrap_err().to_string();
        assert!(mismatch.ends_with("dNSName a7.example, …"), "{mismatch}");
    }

    #[test]
    fn other_texts_cannot_be_asked_for() {
        for text in [
            "",
            ".",
            "a..b",
            "*.example.com",
            "192.0.2.1",
            "例.cn",
            "example.com..",
            "a b",
        ] {
            let error = ReferenceName::dns(text).unwrap_err();
            assert!(matches!(error, ReferenceNameError::Domain { .. }), "{text}");
        }
        for text in [
            "",
            "192.0.2",
            "192.0.2.256",
            "192.0.02.1",
            "0xC0000201",
            "::g",
            "192.0.2.0/24",
        ] {
            assert!(ReferenceName::ip(text).is_err(), "{text}");
        }
        for text in ["", "example.com", "a@b@example.com", "A <a@example.com>"] {
            assert!(ReferenceName::email(text).is_err(), "{text}");
        }
        let error = ReferenceName::ip(&"\u{1b}".repeat(100))
            .unwrap_err()
            .to_string();
        assert!(error.len() < 500 && !error.contains('\u{1b}'), "{error}");
    }
}
