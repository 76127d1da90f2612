//! Mailboxes as certificates and callers write them (RFC 5321 §4.1.2).

use std::fmt;

use crate::pki::der;
use crate::pki::domain_name::DomainName;
use crate::pki::domain_name::DomainNameError;
use crate::pki::general_name::GeneralName;

/// The type of the otherName that holds a mailbox with Unicode in its local part (RFC 9598 §3).
pub const SMTP_UTF8_MAILBOX: &str = "1.3.6.1.5.5.7.8.9";

/// An e-mail address: `Local-part "@" ( Domain / address-literal )`, without a display name.
///
/// The local part is case-sensitive, the host is not (RFC 5280 §7.5). `"a"@b` and `a@b` are the same
/// mailbox (RFC 5321 §4.1.2), and equal here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mailbox {
    /// Without the quotes and backslashes that it may have been written with.
    local: String,
    host: MailHost,
}

/// Where a mailbox lies.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MailHost {
    /// A domain.
    Domain(DomainName),
    /// `[…]`: an address instead of a name, as it stands between the brackets, in lower case.
    Literal(String),
}

/// Which characters the local part may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalPart {
    /// ASCII, as in an `rfc822Name`.
    Ascii,
    /// Unicode beside ASCII (RFC 6531 §3.3), as in a `SmtpUTF8Mailbox` (RFC 9598 §3).
    Utf8,
}

/// Why a text is not a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailboxError {
    /// The part behind `@`.
    #[error("the host of a mailbox: {0}")]
    Host(#[from] DomainNameError),
    /// What stands between `[` and `]` is no address, or they do not close.
    #[error("the host of a mailbox is a malformed address")]
    Literal,
    /// The part before `@` is empty, or neither a dot-string nor a quoted string.
    #[error("the local part of a mailbox is malformed")]
    LocalPart,
    /// There is no `@`.
    #[error("a mailbox without `@`")]
    NoAt,
}

impl Mailbox {
    /// Reads a mailbox, all of `text`.
    ///
    /// # Errors
    /// [`MailboxError`] for anything else.
    pub fn parse(text: &str, characters: LocalPart) -> Result<Self, MailboxError> {
        let (local, host) = match text.strip_prefix('"') {
            Some(quoted) => read_quoted(quoted, characters)?,
            None => read_dot_string(text, characters)?,
        };
        let host = read_host(host)?;
        Ok(Self { local, host })
    }

    /// The mailbox that a name of a certificate is: an `rfc822Name`, or a `SmtpUTF8Mailbox` (RFC 9598 §3: a
    /// `UTF8String` whose host consists of A-labels). `None` if it is malformed, or another form of name.
    #[must_use]
    pub fn of(name: &GeneralName) -> Option<Self> {
        match name {
            GeneralName::Email(text) => Self::parse(text, LocalPart::Ascii).ok(),
            GeneralName::Other { type_id, value } if *type_id == SMTP_UTF8_MAILBOX => {
                let string = der::single(value).ok()?;
                let text = std::str::from_utf8(string.content).ok()?;
                let mailbox = Self::parse(text, LocalPart::Utf8).ok()?;
                (string.tag == der::UTF8_STRING).then_some(mailbox)
            }
            GeneralName::Directory(_)
            | GeneralName::Dns(_)
            | GeneralName::EdiParty(_)
            | GeneralName::Ip(_)
            | GeneralName::Malformed { .. }
            | GeneralName::Other { .. }
            | GeneralName::RegisteredId(_)
            | GeneralName::Uri(_)
            | GeneralName::X400(_) => None,
        }
    }

    /// Where it lies.
    #[must_use]
    pub const fn host(&self) -> &MailHost {
        &self.host
    }
}

impl fmt::Display for Mailbox {
    /// Safe to show; a local part that has to be quoted is shown without quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@", self.local.escape_debug())?;
        match &self.host {
            MailHost::Domain(domain) => write!(f, "{domain}"),
            MailHost::Literal(literal) => write!(f, "[{literal}]"),
        }
    }
}

/// `Quoted-string = DQUOTE *QcontentSMTP DQUOTE`, whose opening quote was read; gives the local part
/// without its quoting, and the host.
fn read_quoted(quoted: &str, characters: LocalPart) -> Result<(String, &str), MailboxError> {
    let mut local = String::new();
    let mut rest = quoted.chars();
    while let Some(character) = rest.next() {
        let taken = match character {
            '"' => {
                let host = rest.as_str().strip_prefix('@').ok_or(MailboxError::NoAt)?;
                return Ok((local, host));
            }
            '\\' => rest.next().filter(char::is_ascii),
            character => Some(character),
        };
        let taken = taken.filter(|c| is_printable(*c, characters));
        local.push(taken.ok_or(MailboxError::LocalPart)?);
    }
    Err(MailboxError::LocalPart)
}

/// `Dot-string = Atom *("." Atom)`, up to the first `@`; and the host.
fn read_dot_string(text: &str, characters: LocalPart) -> Result<(String, &str), MailboxError> {
    let (local, host) = text.split_once('@').ok_or(MailboxError::NoAt)?;
    let is_atom = |atom: &str| !atom.is_empty() && atom.chars().all(|c| is_atext(c, characters));
    if local.split('.').all(is_atom) {
        Ok((local.to_owned(), host))
    } else {
        Err(MailboxError::LocalPart)
    }
}

fn read_host(host: &str) -> Result<MailHost, MailboxError> {
    let Some(opened) = host.strip_prefix('[') else {
        return Ok(MailHost::Domain(DomainName::parse(host)?));
    };
    let literal = opened.strip_suffix(']').ok_or(MailboxError::Literal)?;
    // RFC 5321 §4.1.3: dcontent is printable ASCII but for `[`, `\` and `]`.
    let is_content = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'[' | b'\\' | b']');
    if literal.is_empty() || !literal.bytes().all(is_content) {
        return Err(MailboxError::Literal);
    }
    Ok(MailHost::Literal(literal.to_ascii_lowercase()))
}

/// RFC 5321 §4.1.2: `qtextSMTP` and what may follow a backslash are space and printable ASCII.
fn is_printable(character: char, characters: LocalPart) -> bool {
    matches!(character, ' '..='~') || is_unicode(character, characters)
}

/// RFC 5322 §3.2.3.
fn is_atext(character: char, characters: LocalPart) -> bool {
    character.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~".contains(character)
        || is_unicode(character, characters)
}

fn is_unicode(character: char, characters: LocalPart) -> bool {
    match characters {
        LocalPart::Ascii => false,
        LocalPart::Utf8 => !character.is_ascii() && !character.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Mailbox, MailboxError> {
        Mailbox::parse(text, LocalPart::Ascii)
    }

    #[test]
    fn the_local_part_has_case_and_the_host_has_none() {
        assert_eq!(parse("a@Example.com"), parse("a@example.COM"));
        assert_ne!(parse("a@example.com"), parse("A@example.com"));
        assert_ne!(parse("a@example.com"), parse("a@b.example.com"));
    }

    #[test]
    fn quoting_makes_no_difference() {
        assert_eq!(parse("\"a.b\"@c"), parse("a.b@c"));
        assert_eq!(parse("\"a\\b\"@c"), parse("ab@c"));
        let quoted = parse("\"a@b \\\" c\"@d").unwrap();
        assert_eq!(quoted.to_string(), "a@b \\\" c@d");
        assert_eq!(
            quoted.host(),
            &MailHost::Domain(DomainName::parse("d").unwrap())
        );
    }

    #[test]
    fn hosts_may_be_addresses() {
        let literal = parse("a@[IPv6:2001:DB8::1]").unwrap();
        assert_eq!(literal.to_string(), "a@[ipv6:2001:db8::1]");
    }

    #[test]
    fn a_local_part_may_be_odd() {
        for text in [
            "*@b",
            "**@b",
            "user*@b",
            "o'neil+tag@b",
            "a.b.c@b",
            "\"\"@b",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
        assert!(Mailbox::parse("老师@example.cn", LocalPart::Utf8).is_ok());
    }

    #[test]
    fn other_texts_are_no_mailboxes() {
        use MailboxError as E;
        for (text, error) in [
            ("", E::NoAt),
            ("example.com", E::NoAt),
            ("\"a\"b@c", E::NoAt),
            ("\"a\"", E::NoAt),
            ("@example.com", E::LocalPart),
            (".a@example.com", E::LocalPart),
            ("a.@example.com", E::LocalPart),
            ("a..b@example.com", E::LocalPart),
            ("a b@example.com", E::LocalPart),
            ("Name <a@example.com>", E::LocalPart),
            ("\"a@example.com", E::LocalPart),
            ("\"a\\", E::LocalPart),
            ("\"a\n\"@b", E::LocalPart),
            ("老师@example.cn", E::LocalPart),
            ("a@", E::Host(DomainNameError::Empty)),
            (
                "invalid@invalid@example.com",
                E::Host(DomainNameError::Character('@')),
            ),
            ("a@example.com.", E::Host(DomainNameError::EmptyLabel)),
            ("a@*.example.com", E::Host(DomainNameError::Character('*'))),
            ("a@192.0.2.1", E::Host(DomainNameError::NumericLastLabel)),
            ("a@[]", E::Literal),
            ("a@[192.0.2.1", E::Literal),
            ("a@[192.0.2.1]x", E::Literal),
            ("a@[a]b]", E::Literal),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
        for text in ["\u{85}@b", "a@例.cn"] {
            assert!(Mailbox::parse(text, LocalPart::Utf8).is_err(), "{text:?}");
        }
    }
}
