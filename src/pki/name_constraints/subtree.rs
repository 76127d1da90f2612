//! The subtrees of RFC 5280 §4.2.1.10, one type per form, and which names lie in them.

use std::fmt;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use crate::pki::domain_name::DomainName;
use crate::pki::domain_name::DomainPattern;
use crate::pki::general_name::NameForm;
use crate::pki::mailbox::MailHost;
use crate::pki::mailbox::Mailbox;
use crate::pki::name::DistinguishedName;
use crate::pki::oid::Oid;

/// A list of subtrees, by form.
#[derive(Clone, Debug, Default)]
pub(super) struct Subtrees {
    pub(super) addresses: Vec<AddressSubtree>,
    pub(super) directory: Vec<DistinguishedName>,
    pub(super) dns: Vec<DnsSubtree>,
    pub(super) email: Vec<EmailSubtree>,
    pub(super) unprocessed: Vec<UnprocessedForm>,
    pub(super) uri: Vec<UriSubtree>,
}

/// The names that a constraint permits or excludes.
pub(super) trait Subtree: fmt::Display + Sized {
    /// What is compared with it.
    type Name;

    /// The subtrees of this form.
    fn of(subtrees: &Subtrees) -> &[Self];

    /// Whether everything that `name` stands for lies in it.
    fn covers(&self, name: &Self::Name) -> bool;

    /// Whether anything that `name` stands for lies in it.
    fn touches(&self, name: &Self::Name) -> bool {
        self.covers(name)
    }
}

/// `iPAddress`: the addresses with the same bits under a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AddressSubtree {
    V4 { network: u32, mask: u32 },
    V6 { network: u128, mask: u128 },
}

/// `dNSName`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DnsSubtree {
    /// An empty name: all names lie below the root (CA/Browser Forum BR §7.1.2.5.2 uses it so).
    Everything,
    /// "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand side
    /// of the name satisfies the name constraint."
    Domain(DomainName),
    /// A name with a period before it, which RFC 5280 has for URIs and e-mail only but which is in use:
    /// what lies below the name, not the name itself.
    Below(DomainName),
}

/// `rfc822Name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EmailSubtree {
    /// An empty name: all mailboxes.
    Everything,
    /// "To indicate a particular mailbox, the constraint is the complete mail address."
    Mailbox(Mailbox),
    /// "To indicate all Internet mail addresses on a particular host, the constraint is specified as the
    /// host name."
    Host(DomainName),
    /// "To specify any address within a domain, the constraint is specified with a leading period": on
    /// hosts below the domain, not on the domain itself.
    Below(DomainName),
}

/// `uniformResourceIdentifier`: "the constraint applies to the host part of the name."
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum UriSubtree {
    /// An empty name: all hosts.
    Everything,
    /// "When the constraint does not begin with a period, it specifies a host."
    Host(DomainName),
    /// "When the constraint begins with a period, it MAY be expanded with one or more labels."
    Below(DomainName),
}

/// A form of names whose constraints are not processed: RFC 5280 §4.2.1.10 does not define them for three
/// of the four, and nobody uses the fourth.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UnprocessedForm {
    /// `ediPartyName`.
    EdiParty,
    /// `otherName` of one type. Each type is a form of its own: an instance of the class OTHER-NAME of
    /// ITU-T X.509.
    Other(Oid),
    /// `registeredID`.
    RegisteredId,
    /// `x400Address`.
    X400,
}

impl Subtree for DistinguishedName {
    type Name = Self;

    fn of(subtrees: &Subtrees) -> &[Self] {
        &subtrees.directory
    }

    fn covers(&self, name: &Self) -> bool {
        name.is_within(self)
    }
}

impl Subtree for AddressSubtree {
    type Name = IpAddr;

    fn of(subtrees: &Subtrees) -> &[Self] {
        &subtrees.addresses
    }

    fn covers(&self, name: &IpAddr) -> bool {
        match (self, name) {
            (Self::V4 { network, mask }, IpAddr::V4(address)) => {
                (address.to_bits() ^ network) & mask == 0
            }
            (Self::V6 { network, mask }, IpAddr::V6(address)) => {
                (address.to_bits() ^ network) & mask == 0
            }
            (Self::V4 { .. }, IpAddr::V6(_)) | (Self::V6 { .. }, IpAddr::V4(_)) => false,
        }
    }
}

impl Subtree for DnsSubtree {
    type Name = DomainPattern;

    fn of(subtrees: &Subtrees) -> &[Self] {
        &subtrees.dns
    }

    fn covers(&self, name: &DomainPattern) -> bool {
        match (self, name) {
            (Self::Everything, _) => true,
            (Self::Domain(base), pattern) => {
                // All that a wildcard stands for lies below its parent.
                pattern.domain() == base || pattern.domain().is_below(base)
            }
            (Self::Below(base), DomainPattern::Exact(name)) => name.is_below(base),
            (Self::Below(base), DomainPattern::Wildcard { parent }) => {
                parent == base || parent.is_below(base)
            }
        }
    }

    fn touches(&self, name: &DomainPattern) -> bool {
        let is_reached = match (self, name) {
            // `*.example.com` stands for `bar.example.com` too, but not for what is below that.
            (Self::Domain(base), DomainPattern::Wildcard { parent }) => {
                base.is_directly_below(parent)
            }
            (Self::Everything | Self::Domain(_) | Self::Below(_), _) => false,
        };
        is_reached || self.covers(name)
    }
}

impl Subtree for EmailSubtree {
    type Name = Mailbox;

    fn of(subtrees: &Subtrees) -> &[Self] {
        &subtrees.email
    }

    fn covers(&self, name: &Mailbox) -> bool {
        match (self, name.host()) {
            (Self::Everything, _) => true,
            (Self::Mailbox(mailbox), _) => mailbox == name,
            (Self::Host(host), MailHost::Domain(domain)) => domain == host,
            (Self::Below(base), MailHost::Domain(domain)) => domain.is_below(base),
            (Self::Host(_) | Self::Below(_), MailHost::Literal(_)) => false,
        }
    }

    fn touches(&self, name: &Mailbox) -> bool {
        // Which host has that address, and so whether it is an excluded one, cannot be known here.
        let may_be_reached = match (self, name.host()) {
            (Self::Host(_) | Self::Below(_), MailHost::Literal(_)) => true,
            (Self::Everything | Self::Mailbox(_) | Self::Host(_) | Self::Below(_), _) => false,
        };
        may_be_reached || self.covers(name)
    }
}

impl Subtree for UriSubtree {
    type Name = DomainName;

    fn of(subtrees: &Subtrees) -> &[Self] {
        &subtrees.uri
    }

    fn covers(&self, host: &DomainName) -> bool {
        match self {
            Self::Everything => true,
            Self::Host(name) => host == name,
            Self::Below(base) => host.is_below(base),
        }
    }
}

impl fmt::Display for AddressSubtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4 { network, mask } => {
                let network = Ipv4Addr::from_bits(network & mask);
                write!(f, "{} {network}/{}", NameForm::Ip, mask.leading_ones())
            }
            Self::V6 { network, mask } => {
                let network = Ipv6Addr::from_bits(network & mask);
                write!(f, "{} {network}/{}", NameForm::Ip, mask.leading_ones())
            }
        }
    }
}

impl fmt::Display for DnsSubtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", NameForm::Dns)?;
        match self {
            Self::Everything => f.write_str("(all)"),
            Self::Domain(base) => write!(f, "{base}"),
            Self::Below(base) => write!(f, ".{base}"),
        }
    }
}

impl fmt::Display for EmailSubtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", NameForm::Email)?;
        match self {
            Self::Everything => f.write_str("(all)"),
            Self::Mailbox(mailbox) => write!(f, "{mailbox}"),
            Self::Host(host) => write!(f, "{host}"),
            Self::Below(base) => write!(f, ".{base}"),
        }
    }
}

impl fmt::Display for UriSubtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", NameForm::Uri)?;
        match self {
            Self::Everything => f.write_str("(all)"),
            Self::Host(host) => write!(f, "{host}"),
            Self::Below(base) => write!(f, ".{base}"),
        }
    }
}

impl fmt::Display for UnprocessedForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EdiParty => write!(f, "{}", NameForm::EdiParty),
            Self::Other(type_id) => write!(f, "{} of type {type_id}", NameForm::Other),
            Self::RegisteredId => write!(f, "{}", NameForm::RegisteredId),
            Self::X400 => write!(f, "{}", NameForm::X400),
        }
    }
}
