//! Why name constraints cannot be read, and why a certificate does not keep to them.

use crate::pki::domain_name::DomainNameError;
use crate::pki::general_name::GeneralNameError;
use crate::pki::general_name::GeneralNamesError;
use crate::pki::general_name::NameForm;
use crate::pki::mailbox::MailboxError;
use crate::pki::name_constraints::subtree::UnprocessedForm;

use crate::pki::der::DerError;

/// Why the value of an extension is not name constraints (RFC 5280 §4.2.1.10). A CA certificate that has
/// one like that says nothing about what its subject may certify, so no path leads through it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedNameConstraints {
    /// An `iPAddress` of other than eight octets (IP version 4) or thirty-two (version 6).
    #[error("a subtree of addresses has {octets} octets instead of 8 or 32")]
    AddressLength {
        /// How many there are.
        octets: usize,
    },
    /// The encoding is not DER, or not the structure of RFC 5280 §4.2.1.10.
    #[error("malformed name constraints: {0}")]
    Der(#[from] DerError),
    /// "Within this profile, the minimum and maximum fields are not used with any name forms, thus, the
    /// minimum MUST be zero, and maximum MUST be absent."
    #[error("a subtree with a minimum or a maximum distance")]
    Distance,
    /// The base of a `dNSName` or `uniformResourceIdentifier` subtree is no domain name.
    #[error("malformed base of a {form} subtree: {cause}")]
    Domain {
        /// Which of the two.
        form: NameForm,
        /// What is wrong with it.
        #[source]
        cause: DomainNameError,
    },
    /// "Conforming CAs MUST NOT issue certificates where name constraints is an empty sequence. That is,
    /// either the permittedSubtrees field or the excludedSubtrees MUST be present", and each of them has
    /// at least one member.
    #[error("name constraints without a subtree")]
    Empty,
    /// The base of an `rfc822Name` subtree is neither a mailbox nor a host nor a domain.
    #[error("malformed base of an rfc822Name subtree: {0}")]
    Mailbox(#[from] MailboxError),
    /// The mask of an `iPAddress` subtree is not ones and then zeros, as in CIDR (RFC 4632).
    #[error("the mask of a subtree of addresses is not contiguous")]
    Mask,
    /// A base is no general name.
    #[error("the base of a subtree: {0}")]
    Name(#[from] GeneralNameError),
    /// The text of a base is not IA5.
    #[error("the base of a {form} subtree is not ASCII text")]
    Text {
        /// The form that it claims.
        form: NameForm,
    },
    /// More than are read.
    #[error("more than {maximum} subtrees in a list")]
    TooMany {
        /// The limit.
        maximum: usize,
    },
}

/// Why a certificate does not keep to the name constraints above it (RFC 5280 §6.1.3 (b), (c)).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameConstraintError {
    /// The comparisons were stopped; this says nothing about the certificate.
    #[error(transparent)]
    ComparisonsExhausted(#[from] ComparisonsExhausted),
    /// RFC 5280 §6.1.3 (c): a name lies in an excluded subtree, or is a wildcard that reaches into one.
    #[error("{name} is excluded by {subtree}")]
    Excluded {
        /// The name, with its form.
        name: String,
        /// The base of the subtree.
        subtree: String,
    },
    /// A name of a constrained form is malformed, so that nobody can say where it lies.
    #[error("{name} is malformed, and names of its form are constrained")]
    MalformedName {
        /// The name, with its form.
        name: String,
    },
    /// RFC 5280 §6.1.3 (b): a name lies in no permitted subtree, or is a wildcard that reaches out of them.
    #[error("{name} lies in no permitted subtree")]
    NotPermitted {
        /// The name, with its form.
        name: String,
    },
    /// The subject alternative names cannot be read.
    #[error("malformed subject alternative names: {0}")]
    SubjectNames(#[from] GeneralNamesError),
    /// A critical extension constrains a form that we do not process, and a name has it: RFC 5280
    /// §4.2.1.10, "the application MUST either process the constraint or reject the certificate."
    #[error("there is a name of the form {form}, on which a constraint is not supported")]
    Unprocessed {
        /// The form.
        form: UnprocessedForm,
    },
}

/// More comparisons of names with subtrees than were allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stopped after {maximum} comparisons with name constraints")]
pub struct ComparisonsExhausted {
    /// How many were allowed.
    pub maximum: u32,
}
