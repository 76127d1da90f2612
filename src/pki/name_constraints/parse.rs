//! Reading the extension (RFC 5280 §4.2.1.10).

use crate::pki::der;
use crate::pki::der::Reader;
use crate::pki::domain_name::DomainName;
use crate::pki::general_name::GeneralName;
use crate::pki::general_name::MAX_NAMES;
use crate::pki::general_name::NameForm;
use crate::pki::mailbox::LocalPart;
use crate::pki::mailbox::Mailbox;
use crate::pki::name_constraints::error::MalformedNameConstraints;
use crate::pki::name_constraints::subtree::AddressSubtree;
use crate::pki::name_constraints::subtree::DnsSubtree;
use crate::pki::name_constraints::subtree::EmailSubtree;
use crate::pki::name_constraints::subtree::Subtrees;
use crate::pki::name_constraints::subtree::UnprocessedForm;
use crate::pki::name_constraints::subtree::UriSubtree;

type Result<T> = std::result::Result<T, MalformedNameConstraints>;

/// `NameConstraints ::= SEQUENCE { permittedSubtrees [0] GeneralSubtrees OPTIONAL, excludedSubtrees [1]
/// GeneralSubtrees OPTIONAL }`: both lists.
pub(super) fn read(der: &[u8]) -> Result<(Subtrees, Subtrees)> {
    der::check(der)?;
    let mut outer = Reader::new(der);
    let mut fields = outer.expect(der::SEQUENCE)?.reader();
    outer.finish()?;
    let permitted = fields.optional(der::context_constructed(0))?;
    let excluded = fields.optional(der::context_constructed(1))?;
    fields.finish()?;
    if permitted.is_none() && excluded.is_none() {
        return Err(MalformedNameConstraints::Empty);
    }
    let read = |list: Option<der::Element<'_>>| {
        list.map_or(Ok(Subtrees::default()), |list| read_list(list.reader()))
    };
    Ok((read(permitted)?, read(excluded)?))
}

/// `GeneralSubtrees ::= SEQUENCE SIZE (1..MAX) OF GeneralSubtree`, its tag replaced.
fn read_list(mut list: Reader<'_>) -> Result<Subtrees> {
    if list.is_at_end() {
        return Err(MalformedNameConstraints::Empty);
    }
    let mut subtrees = Subtrees::default();
    let mut count = 0;
    while !list.is_at_end() {
        count += 1;
        if count > MAX_NAMES {
            return Err(MalformedNameConstraints::TooMany { maximum: MAX_NAMES });
        }
        read_subtree(list.expect(der::SEQUENCE)?.reader(), &mut subtrees)?;
    }
    Ok(subtrees)
}

/// `GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] BaseDistance DEFAULT 0, maximum [1]
/// BaseDistance OPTIONAL }`.
fn read_subtree(mut fields: Reader<'_>, subtrees: &mut Subtrees) -> Result<()> {
    let base = GeneralName::parse(fields.read()?)?;
    let minimum = fields.optional(der::context_primitive(0))?;
    let is_zero = minimum.is_none_or(|minimum| minimum.content == [0]);
    if !is_zero || fields.optional(der::context_primitive(1))?.is_some() {
        return Err(MalformedNameConstraints::Distance);
    }
    fields.finish()?;
    match base {
        GeneralName::Directory(name) => subtrees.directory.push(name),
        GeneralName::Dns(text) => subtrees.dns.push(dns(&text)?),
        GeneralName::Email(text) => subtrees.email.push(email(&text)?),
        GeneralName::Uri(text) => subtrees.uri.push(uri(&text)?),
        // As a name, an address with its mask is malformed, and one without is not.
        GeneralName::Malformed {
            form: NameForm::Ip,
            octets,
        } => subtrees.addresses.push(addresses(&octets)?),
        GeneralName::Ip(address) => {
            let octets = if address.is_ipv4() { 4 } else { 16 };
            return Err(MalformedNameConstraints::AddressLength { octets });
        }
        GeneralName::Malformed { form, .. } => return Err(MalformedNameConstraints::Text { form }),
        GeneralName::EdiParty(_) => subtrees.unprocessed.push(UnprocessedForm::EdiParty),
        GeneralName::Other { type_id, .. } => {
            subtrees.unprocessed.push(UnprocessedForm::Other(type_id));
        }
        GeneralName::RegisteredId(_) => subtrees.unprocessed.push(UnprocessedForm::RegisteredId),
        GeneralName::X400(_) => subtrees.unprocessed.push(UnprocessedForm::X400),
    }
    Ok(())
}

fn dns(text: &str) -> Result<DnsSubtree> {
    Ok(match text.strip_prefix('.') {
        _ if text.is_empty() => DnsSubtree::Everything,
        Some(base) => DnsSubtree::Below(domain(NameForm::Dns, base)?),
        None => DnsSubtree::Domain(domain(NameForm::Dns, text)?),
    })
}

fn email(text: &str) -> Result<EmailSubtree> {
    if text.contains('@') {
        let mailbox = Mailbox::parse(text, LocalPart::Ascii)?;
        return Ok(EmailSubtree::Mailbox(mailbox));
    }
    Ok(match text.strip_prefix('.') {
        _ if text.is_empty() => EmailSubtree::Everything,
        Some(base) => EmailSubtree::Below(domain(NameForm::Email, base)?),
        None => EmailSubtree::Host(domain(NameForm::Email, text)?),
    })
}

/// "The constraint MUST be specified as a fully qualified domain name": not as a URI, not as an address.
fn uri(text: &str) -> Result<UriSubtree> {
    Ok(match text.strip_prefix('.') {
        _ if text.is_empty() => UriSubtree::Everything,
        Some(base) => UriSubtree::Below(domain(NameForm::Uri, base)?),
        None => UriSubtree::Host(domain(NameForm::Uri, text)?),
    })
}

fn domain(form: NameForm, text: &str) -> Result<DomainName> {
    DomainName::parse(text).map_err(|cause| MalformedNameConstraints::Domain { form, cause })
}

/// "For IPv4 addresses, the iPAddress field of `GeneralName` MUST contain eight (8) octets, encoded in the
/// style of RFC 4632 (CIDR) to represent an address range." Thirty-two for version 6.
fn addresses(octets: &[u8]) -> Result<AddressSubtree> {
    let length = octets.len();
    let subtree = match length {
        8 => {
            let (network, mask) = halves::<4>(octets);
            let (network, mask) = (u32::from_be_bytes(network), u32::from_be_bytes(mask));
            let is_contiguous = mask.leading_ones() == mask.count_ones();
            is_contiguous.then_some(AddressSubtree::V4 { network, mask })
        }
        32 => {
            let (network, mask) = halves::<16>(octets);
            let (network, mask) = (u128::from_be_bytes(network), u128::from_be_bytes(mask));
            let is_contiguous = mask.leading_ones() == mask.count_ones();
            is_contiguous.then_some(AddressSubtree::V6 { network, mask })
        }
        octets => return Err(MalformedNameConstraints::AddressLength { octets }),
    };
    subtree.ok_or(MalformedNameConstraints::Mask)
}

/// The first and the next `N` octets; zeros where there are none, which the caller has excluded.
fn halves<const N: usize>(octets: &[u8]) -> ([u8; N], [u8; N]) {
    match octets.as_chunks::<N>() {
        ([first, second], []) => (*first, *second),
        _ => ([0; N], [0; N]),
    }
}
