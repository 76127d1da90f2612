//! General names (RFC 5280 §4.2.1.6): what subject alternative names, name constraints and CRL
//! distribution points are made of.
//!
//! Reading is strict about the encoding and keeps what is said. A value that its form does not allow
//! (text that is not IA5, an address of five octets) is [`GeneralName::Malformed`], not an error: a
//! certificate may bear such a name beside others, and who compares names of that form has to refuse it.

use std::fmt;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::der;
use crate::pki::der::DerError;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::name::DistinguishedName;
use crate::pki::name::NameError;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;

/// More names than this are not read from one list. A certificate of 64 KiB, the largest that is read,
/// has room for as many of fourteen characters; those in use have a few hundred at most.
pub const MAX_NAMES: usize = 4096;

/// PKCS #9 `emailAddress`.
const EMAIL_ADDRESS: &str = "1.2.840.113549.1.9.1";

const OTHER_NAME: u8 = der::context_constructed(0);
const RFC822_NAME: u8 = der::context_primitive(1);
const DNS_NAME: u8 = der::context_primitive(2);
const X400_ADDRESS: u8 = der::context_constructed(3);
const DIRECTORY_NAME: u8 = der::context_constructed(4);
const EDI_PARTY_NAME: u8 = der::context_constructed(5);
const UNIFORM_RESOURCE_IDENTIFIER: u8 = der::context_primitive(6);
const IP_ADDRESS: u8 = der::context_primitive(7);
const REGISTERED_ID: u8 = der::context_primitive(8);

/// One name, of whatever form (RFC 5280 §4.2.1.6).
///
/// `==` compares what stands there; [`Self::matches`] compares as RFC 5280 §7 says. `Display` is the form
/// and the value, safe to show: hidden and non-ASCII characters of text are escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GeneralName {
    /// `directoryName`.
    Directory(DistinguishedName),
    /// `dNSName`: any ASCII text, which need not be a domain name.
    Dns(String),
    /// `ediPartyName`: its whole encoding, which is not read.
    EdiParty(Vec<u8>),
    /// `rfc822Name`: any ASCII text, which need not be a mailbox.
    Email(String),
    /// `iPAddress`: an address of four or sixteen octets.
    Ip(IpAddr),
    /// A value that its form does not allow: text that is not ASCII, an address of another length.
    Malformed {
        /// The form that it claims: [`NameForm::Dns`], [`NameForm::Email`], [`NameForm::Ip`] or
        /// [`NameForm::Uri`].
        form: NameForm,
        /// The contents octets.
        octets: Vec<u8>,
    },
    /// `otherName`.
    Other {
        /// `type-id`, which says what `value` is.
        type_id: Oid,
        /// The whole encoding of the value.
        value: Vec<u8>,
    },
    /// `registeredID`.
    RegisteredId(Oid),
    /// `uniformResourceIdentifier`: any ASCII text, which need not be a URI.
    Uri(String),
    /// `x400Address`: its whole encoding, which is not read.
    X400(Vec<u8>),
}

/// The nine forms of a [`GeneralName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameForm {
    /// `directoryName`.
    Directory,
    /// `dNSName`.
    Dns,
    /// `ediPartyName`.
    EdiParty,
    /// `rfc822Name`.
    Email,
    /// `iPAddress`.
    Ip,
    /// `otherName`, of any type.
    Other,
    /// `registeredID`.
    RegisteredId,
    /// `uniformResourceIdentifier`.
    Uri,
    /// `x400Address`.
    X400,
}

/// Why bytes are not a [`GeneralName`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GeneralNameError {
    /// The encoding is not DER, or not the structure of RFC 5280 §4.2.1.6.
    #[error(transparent)]
    Der(#[from] DerError),
    /// The name inside a `directoryName`.
    #[error(transparent)]
    Name(#[from] NameError),
    /// An object identifier.
    #[error(transparent)]
    Oid(#[from] OidError),
    /// None of the nine forms.
    #[error("no form of a general name has tag 0x{tag:02x}")]
    UnknownForm {
        /// The identifier octet.
        tag: u8,
    },
}

/// Why bytes are not a list of general names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GeneralNamesError {
    /// Around the names, the encoding is not DER, or not a SEQUENCE.
    #[error("malformed list of names: {0}")]
    Der(#[from] DerError),
    /// `GeneralNames ::= SEQUENCE SIZE (1..MAX)` has at least one.
    #[error("an empty list of names")]
    Empty,
    /// One of the names.
    #[error("name {position} of a list: {cause}")]
    Malformed {
        /// Which one, counted from 1.
        position: usize,
        /// What is wrong with it.
        #[source]
        cause: GeneralNameError,
    },
    /// More than [`MAX_NAMES`].
    #[error("more than {maximum} names in a list")]
    TooMany {
        /// [`MAX_NAMES`].
        maximum: usize,
    },
}

impl GeneralName {
    /// Reads one name from an element whose encoding may be anything.
    ///
    /// # Errors
    /// [`GeneralNameError`] if it is not one of the nine forms, or not of the structure of its form.
    pub fn parse(element: Element<'_>) -> Result<Self, GeneralNameError> {
        Ok(match element.tag {
            OTHER_NAME => read_other_name(element)?,
            RFC822_NAME => text_or_malformed(NameForm::Email, element.content),
            DNS_NAME => text_or_malformed(NameForm::Dns, element.content),
            X400_ADDRESS => Self::X400(checked(element)?.to_vec()),
            DIRECTORY_NAME => Self::Directory(read_directory_name(element)?),
            EDI_PARTY_NAME => Self::EdiParty(checked(element)?.to_vec()),
            UNIFORM_RESOURCE_IDENTIFIER => text_or_malformed(NameForm::Uri, element.content),
            IP_ADDRESS => address_or_malformed(element.content),
            REGISTERED_ID => Self::RegisteredId(Oid::from_der_content(element.content)?),
            tag => return Err(GeneralNameError::UnknownForm { tag }),
        })
    }

    /// Which of the nine forms it has, or claims.
    #[must_use]
    pub const fn form(&self) -> NameForm {
        match self {
            Self::Directory(_) => NameForm::Directory,
            Self::Dns(_) => NameForm::Dns,
            Self::EdiParty(_) => NameForm::EdiParty,
            Self::Email(_) => NameForm::Email,
            Self::Ip(_) => NameForm::Ip,
            Self::Malformed { form, .. } => *form,
            Self::Other { .. } => NameForm::Other,
            Self::RegisteredId(_) => NameForm::RegisteredId,
            Self::Uri(_) => NameForm::Uri,
            Self::X400(_) => NameForm::X400,
        }
    }

    /// The text of a `dNSName`.
    #[must_use]
    pub fn as_dns(&self) -> Option<&str> {
        if let Self::Dns(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// Whether the two are the same name: directory names by RFC 5280 §7.1, domain names without regard
    /// to case (§7.2), of URIs the scheme and the authority (§7.4) and of mailboxes the host (§7.5)
    /// without regard to case; everything else octet by octet. A malformed name matches nothing.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Directory(one), Self::Directory(other)) => one.matches(other),
            (Self::Dns(one), Self::Dns(other)) => one.eq_ignore_ascii_case(other),
            (Self::Email(one), Self::Email(other)) => {
                same_but_for_case(split_mailbox(one), split_mailbox(other))
            }
            (Self::Uri(one), Self::Uri(other)) => {
                same_but_for_case(split_uri(one), split_uri(other))
            }
            (Self::Malformed { .. }, _) => false,
            (one, other) => one == other,
        }
    }
}

/// Reads a DER-encoded `GeneralNames`, all of `der`.
///
/// # Errors
/// [`GeneralNamesError`] if it is anything else.
pub fn parse_general_names(der: &[u8]) -> Result<Vec<GeneralName>, GeneralNamesError> {
    der::check(der)?;
    let mut outer = Reader::new(der);
    let list = outer.expect(der::SEQUENCE)?;
    outer.finish()?;
    read_general_names(list.reader())
}

/// Reads the names of a list whose outer tag was read already, as in the `[0] IMPLICIT GeneralNames` of a
/// CRL distribution point (RFC 5280 §4.2.1.13).
///
/// # Errors
/// As [`parse_general_names`].
pub fn read_general_names(mut list: Reader<'_>) -> Result<Vec<GeneralName>, GeneralNamesError> {
    let mut names = Vec::new();
    while !list.is_at_end() {
        if names.len() >= MAX_NAMES {
            return Err(GeneralNamesError::TooMany { maximum: MAX_NAMES });
        }
        let position = names.len() + 1;
        let name = list
            .read()
            .map_err(GeneralNameError::from)
            .and_then(GeneralName::parse)
            .map_err(|cause| GeneralNamesError::Malformed { position, cause })?;
        names.push(name);
    }
    if names.is_empty() {
        return Err(GeneralNamesError::Empty);
    }
    Ok(names)
}

/// The subject alternative names of `certificate` (RFC 5280 §4.2.1.6); none if it has no such extension.
///
/// # Errors
/// [`GeneralNamesError`] if the extension is there and malformed: then nobody can say which names the
/// subject has.
pub fn subject_alternative_names(
    certificate: &Certificate,
) -> Result<Vec<GeneralName>, GeneralNamesError> {
    certificate
        .extension_value(extension::SUBJECT_ALTERNATIVE_NAME)
        .map_or(Ok(Vec::new()), parse_general_names)
}

/// The subject alternative names; or, where there is no such extension, the mail addresses that the subject
/// gives as attributes `emailAddress` (RFC 2985 §5.2.1, RFC 5280 §4.1.2.6).
///
/// # Errors
/// As [`subject_alternative_names`].
pub fn alternative_names_or_mail_addresses(
    certificate: &Certificate,
) -> Result<Vec<GeneralName>, GeneralNamesError> {
    match certificate.extension_value(extension::SUBJECT_ALTERNATIVE_NAME) {
        Some(value) => parse_general_names(value),
        None => {
            let addresses = certificate.subject().attribute_texts(EMAIL_ADDRESS);
            let names = addresses.map(|text| {
                let text = text.unwrap_or_default();
                text_or_malformed(NameForm::Email, text.as_bytes())
            });
            Ok(names.collect())
        }
    }
}

/// `OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY DEFINED BY type-id }`, its
/// tag replaced.
fn read_other_name(element: Element<'_>) -> Result<GeneralName, GeneralNameError> {
    let mut fields = element.reader();
    let type_id = fields.expect(der::OBJECT_IDENTIFIER)?;
    let mut explicit = fields.expect(der::context_constructed(0))?.reader();
    fields.finish()?;
    let value = explicit.read()?;
    explicit.finish()?;
    Ok(GeneralName::Other {
        type_id: Oid::from_der_content(type_id.content)?,
        value: checked(value)?.to_vec(),
    })
}

/// `[4] EXPLICIT Name`: Name is a CHOICE, whose tag cannot be replaced.
fn read_directory_name(element: Element<'_>) -> Result<DistinguishedName, GeneralNameError> {
    let mut explicit = element.reader();
    let name = explicit.expect(der::SEQUENCE)?;
    explicit.finish()?;
    Ok(DistinguishedName::parse_der(name.whole)?)
}

/// What is kept unread is at least DER.
fn checked(element: Element<'_>) -> Result<&[u8], DerError> {
    der::check(element.whole)?;
    Ok(element.whole)
}

fn text_or_malformed(form: NameForm, octets: &[u8]) -> GeneralName {
    let ascii = octets
        .is_ascii()
        .then(|| std::str::from_utf8(octets).ok().map(str::to_owned))
        .flatten();
    match (form, ascii) {
        (NameForm::Dns, Some(text)) => GeneralName::Dns(text),
        (NameForm::Email, Some(text)) => GeneralName::Email(text),
        (NameForm::Uri, Some(text)) => GeneralName::Uri(text),
        (form, Some(_) | None) => malformed(form, octets),
    }
}

/// RFC 5280 §4.2.1.6: four octets (IP version 4) or sixteen (version 6).
fn address_or_malformed(octets: &[u8]) -> GeneralName {
    let address = <[u8; 4]>::try_from(octets)
        .map(|octets| IpAddr::V4(Ipv4Addr::from(octets)))
        .or_else(|_| <[u8; 16]>::try_from(octets).map(|octets| IpAddr::V6(Ipv6Addr::from(octets))));
    address.map_or_else(|_| malformed(NameForm::Ip, octets), GeneralName::Ip)
}

fn malformed(form: NameForm, octets: &[u8]) -> GeneralName {
    let octets = octets.to_vec();
    GeneralName::Malformed { form, octets }
}

/// The part of a mailbox that is compared exactly, and its host.
fn split_mailbox(mailbox: &str) -> (&str, &str) {
    mailbox.rsplit_once('@').unwrap_or((mailbox, ""))
}

/// The part of a URI that is compared exactly (path, query and fragment), and scheme with authority.
fn split_uri(uri: &str) -> (&str, &str) {
    let authority_at = uri.find("://").map_or(0, |colon| colon + 3);
    let after_scheme = uri.get(authority_at..).unwrap_or_default();
    let length = after_scheme
        .find(['/', '?', '#'])
        .unwrap_or(after_scheme.len());
    let (front, rest) = uri
        .split_at_checked(authority_at + length)
        .unwrap_or((uri, ""));
    (rest, front)
}

/// The first halves are compared exactly, the second ones without regard to case.
fn same_but_for_case(one: (&str, &str), other: (&str, &str)) -> bool {
    one.0 == other.0 && one.1.eq_ignore_ascii_case(other.1)
}

/// A domain name has no more (RFC 1035 §2.3.4); what is longer is cut off where it is shown.
const SHOWN_CHARACTERS: usize = 255;
const SHOWN_OCTETS: usize = 32;

const fn ellipsis(is_cut_off: bool) -> &'static str {
    if is_cut_off { "…" } else { "" }
}

impl fmt::Display for NameForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Directory => "directoryName",
            Self::Dns => "dNSName",
            Self::EdiParty => "ediPartyName",
            Self::Email => "rfc822Name",
            Self::Ip => "iPAddress",
            Self::Other => "otherName",
            Self::RegisteredId => "registeredID",
            Self::Uri => "uniformResourceIdentifier",
            Self::X400 => "x400Address",
        })
    }
}

impl fmt::Display for GeneralName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.form())?;
        match self {
            Self::Directory(name) => write!(f, "{name}"),
            Self::Dns(text) | Self::Email(text) | Self::Uri(text) => {
                let shown: String = text.chars().take(SHOWN_CHARACTERS).collect();
                write!(f, "{}", shown.escape_debug())?;
                f.write_str(ellipsis(text.len() > SHOWN_CHARACTERS))
            }
            Self::Ip(address) => write!(f, "{address}"),
            Self::Other { type_id, .. } => write!(f, "of type {type_id}"),
            Self::RegisteredId(oid) => write!(f, "{oid}"),
            Self::EdiParty(octets) | Self::X400(octets) | Self::Malformed { octets, .. } => {
                f.write_char('#')?;
                let mut shown = octets.iter().take(SHOWN_OCTETS);
                shown.try_for_each(|octet| write!(f, "{octet:02x}"))?;
                f.write_str(ellipsis(octets.len() > SHOWN_OCTETS))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pki::certificate::fixtures::Parts;
    use crate::pki::certificate::fixtures::common_name;
    use crate::pki::certificate::fixtures::extension as write_extension;
    use crate::pki::certificate::fixtures::sequence;
    use crate::pki::der::DerErrorKind;

    fn oid(text: &str) -> Vec<u8> {
        Oid::parse(text).unwrap().to_der()
    }

    /// `[number] IMPLICIT`.
    fn text(number: u8, value: &[u8]) -> Vec<u8> {
        der::encode(der::context_primitive(number), value)
    }

    fn nested(number: u8, members: &[Vec<u8>]) -> Vec<u8> {
        der::encode(der::context_constructed(number), &members.concat())
    }

    fn other_name(type_id: &str, value: &[u8]) -> Vec<u8> {
        nested(0, &[oid(type_id), nested(0, &[value.to_vec()])])
    }

    fn registered_id(text: &str) -> Vec<u8> {
        let whole = oid(text);
        der::encode(REGISTERED_ID, der::single(&whole).unwrap().content)
    }

    fn parse(name: &[u8]) -> Result<GeneralName, GeneralNameError> {
        GeneralName::parse(der::single(name).unwrap())
    }

    #[test]
    fn every_form_is_read() {
        let user_id = der::encode(der::UTF8_STRING, b"a@b");
        let directory = DistinguishedName::parse_der(&common_name("CA")).unwrap();
        let edi = nested(5, &[nested(1, std::slice::from_ref(&user_id))]);
        let x400 = nested(3, &[sequence(&[])]);
        for (bytes, expected, shown) in [
            (
                other_name("1.3.6.1.4.1.311.20.2.3", &user_id),
                GeneralName::Other {
                    type_id: Oid::parse("1.3.6.1.4.1.311.20.2.3").unwrap(),
                    value: user_id.clone(),
                },
                "otherName of type 1.3.6.1.4.1.311.20.2.3",
            ),
            (
                text(1, b"a@b"),
                GeneralName::Email("a@b".into()),
                "rfc822Name a@b",
            ),
            (
                text(2, b"a.b"),
                GeneralName::Dns("a.b".into()),
                "dNSName a.b",
            ),
            (text(2, b""), GeneralName::Dns(String::new()), "dNSName "),
            (
                x400.clone(),
                GeneralName::X400(x400),
                "x400Address #a3023000",
            ),
            (
                nested(4, &[common_name("CA")]),
                GeneralName::Directory(directory),
                "directoryName CN=CA",
            ),
            (
                edi.clone(),
                GeneralName::EdiParty(edi),
                "ediPartyName #a507a1050c03614062",
            ),
            (
                text(6, b"http://a/\n"),
                GeneralName::Uri("http://a/\n".into()),
                "uniformResourceIdentifier http://a/\\n",
            ),
            (
                text(7, &[192, 0, 2, 1]),
                GeneralName::Ip("192.0.2.1".parse().unwrap()),
                "iPAddress 192.0.2.1",
            ),
            (
                text(7, &[0; 16]),
                GeneralName::Ip("::".parse().unwrap()),
                "iPAddress ::",
            ),
            (
                registered_id("1.2.3"),
                GeneralName::RegisteredId(Oid::parse("1.2.3").unwrap()),
                "registeredID 1.2.3",
            ),
        ] {
            let name = parse(&bytes).unwrap();
            assert_eq!(name, expected);
            assert_eq!(name.to_string(), shown);
        }
    }

    #[test]
    fn values_that_do_not_fit_their_form_are_kept_apart() {
        for (bytes, form, octets, shown) in [
            (
                text(7, &[127, 0, 0, 1, 1]),
                NameForm::Ip,
                &[127, 0, 0, 1, 1][..],
                "iPAddress #7f00000101",
            ),
            (text(7, &[]), NameForm::Ip, &[], "iPAddress #"),
            (
                text(2, "é".as_bytes()),
                NameForm::Dns,
                "é".as_bytes(),
                "dNSName #c3a9",
            ),
            (text(1, &[0xff]), NameForm::Email, &[0xff], "rfc822Name #ff"),
            (
                text(6, &[0xff]),
                NameForm::Uri,
                &[0xff],
                "uniformResourceIdentifier #ff",
            ),
        ] {
            let name = parse(&bytes).unwrap();
            assert_eq!(name.form(), form);
            assert_eq!(name.to_string(), shown);
            let octets = octets.to_vec();
            assert_eq!(name, GeneralName::Malformed { form, octets });
        }
    }

    #[test]
    fn other_structures_are_refused() {
        let null = vec![0x05, 0x00];
        let utf8 = der::encode(der::UTF8_STRING, b"a");
        for bad in [
            nested(0, &[]),
            nested(0, &[oid("1.2.3")]),
            nested(0, &[oid("1.2.3"), utf8.clone()]),
            nested(0, &[oid("1.2.3"), nested(0, &[])]),
            nested(0, &[oid("1.2.3"), nested(0, &[utf8.clone(), null.clone()])]),
            nested(0, &[oid("1.2.3"), nested(0, &[utf8]), null.clone()]),
            nested(0, &[oid("1.2.3"), nested(0, &[vec![0x01, 0x01, 0x02]])]),
            nested(3, &[vec![0x02, 0x00]]),
            nested(4, &[]),
            nested(4, std::slice::from_ref(&null)),
            nested(4, &[common_name("CA"), null.clone()]),
            nested(4, &[sequence(std::slice::from_ref(&null))]),
            nested(5, &[vec![0x30, 0x05]]),
            text(8, &[]),
            text(8, &[0x80, 0x01]),
        ] {
            assert!(parse(&bad).is_err(), "{bad:02x?}");
        }
        for tag in [0x02, 0x16, 0x30, 0x80, 0x84, 0x89, 0xa1, 0xa2, 0xa6, 0xa9] {
            let error = parse(&der::encode(tag, &[])).unwrap_err();
            assert_eq!(error, GeneralNameError::UnknownForm { tag });
        }
    }

    #[test]
    fn lists_are_read_to_their_end() {
        let two = [text(2, b"a"), text(2, b"b")];
        let list = sequence(&two);
        assert_eq!(parse_general_names(&list).unwrap().len(), 2);
        let kind = |der: &[u8]| match parse_general_names(der).unwrap_err() {
            GeneralNamesError::Der(error) => error.kind,
            error => panic!("{error}"),
        };
        assert_eq!(kind(&list[..list.len() - 1]), DerErrorKind::Truncated);
        let trailing = [&list[..], &[0]].concat();
        assert_eq!(kind(&trailing), DerErrorKind::TrailingBytes);
        let cut_off_inside = sequence(&[text(2, b"a"), vec![0x82, 0x05, b'b']]);
        assert_eq!(kind(&cut_off_inside), DerErrorKind::Truncated);
        let untagged = der::encode(der::SET, &two.concat());
        assert!(matches!(
            kind(&untagged),
            DerErrorKind::UnexpectedTag { .. }
        ));

        let error = parse_general_names(&sequence(&[text(2, b"a"), vec![0x05, 0x00]])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "name 2 of a list: no form of a general name has tag 0x05"
        );
        let empty = parse_general_names(&sequence(&[]));
        assert_eq!(empty, Err(GeneralNamesError::Empty));
    }

    #[test]
    fn the_number_of_names_is_bounded() {
        let list = |count: usize| parse_general_names(&sequence(&vec![text(2, b"a"); count]));
        assert_eq!(list(MAX_NAMES).unwrap().len(), MAX_NAMES);
        let maximum = MAX_NAMES;
        assert_eq!(
            list(MAX_NAMES + 1),
            Err(GeneralNamesError::TooMany { maximum })
        );
    }

    #[test]
    fn a_certificate_has_alternative_names_or_none() {
        let certificate = |extensions: Vec<Vec<u8>>| {
            let mut parts = Parts::good();
            parts.extensions = extensions;
            Certificate::parse_der(&parts.der()).unwrap()
        };
        assert_eq!(subject_alternative_names(&certificate(vec![])), Ok(vec![]));
        let value = sequence(&[text(2, b"a.example")]);
        let names = write_extension(extension::SUBJECT_ALTERNATIVE_NAME, false, &value);
        assert_eq!(
            subject_alternative_names(&certificate(vec![names])),
            Ok(vec![GeneralName::Dns("a.example".into())])
        );
    }

    #[test]
    fn names_match_by_the_rules_of_their_form() {
        let directory = |name: &str| {
            GeneralName::Directory(DistinguishedName::parse_der(&common_name(name)).unwrap())
        };
        let dns = |name: &str| GeneralName::Dns(name.to_owned());
        let email = |name: &str| GeneralName::Email(name.to_owned());
        let uri = |name: &str| GeneralName::Uri(name.to_owned());
        for (one, other) in [
            (directory("CA"), directory(" ca ")),
            (dns("a.example"), dns("A.Example")),
            (email("a@b.example"), email("a@B.EXAMPLE")),
            (uri("http://a.example/b?c"), uri("HTTP://A.example/b?c")),
            (uri("ldap://a?b"), uri("LDAP://A?b")),
            (uri("urn"), uri("URN")),
        ] {
            assert!(one.matches(&other), "{one} {other}");
        }
        let malformed = parse(&text(2, &[0xff])).unwrap();
        for (one, other) in [
            (directory("CA"), directory("CB")),
            (dns("a.example"), dns("b.example")),
            (dns("a.example"), email("a.example")),
            (email("a@b.example"), email("A@b.example")),
            (uri("http://a.example/b"), uri("http://a.example/B")),
            (uri("http://a.example/b"), uri("http://a.example")),
            (malformed.clone(), malformed),
        ] {
            assert!(!one.matches(&other), "{one} {other}");
        }
    }

    #[test]
    fn what_is_shown_has_an_end_and_no_surprises() {
        let long = GeneralName::Dns("a".repeat(1000)).to_string();
        assert_eq!(
            long.chars().count(),
            "dNSName ".len() + SHOWN_CHARACTERS + 1
        );
        let long = GeneralName::X400(vec![0; 1000]).to_string();
        assert!(long.len() < 100 && long.ends_with('…'), "{long}");
        let control = GeneralName::Email("a\u{1b}[31m".to_owned()).to_string();
        assert_eq!(control, "rfc822Name a\\u{1b}[31m");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(tag in any::<u8>(), content in prop::collection::vec(any::<u8>(), 0..60)) {
            let mut list = der::encode(tag & 0xbf, &content);
            if let Ok(element) = der::single(&list) {
                let _ = GeneralName::parse(element).map(|name| name.to_string());
            }
            list = sequence(&[list]);
            let _ = parse_general_names(&list);
        }
    }
}
