//! Name constraints (RFC 5280 §4.2.1.10): within which names a CA may certify.
//!
//! [`NameConstraints`] is the extension of one CA certificate. [`NameConstraintsState`] is what holds at a
//! place in a path, as the state variables `permitted_subtrees` and `excluded_subtrees` of RFC 5280
//! §6.1.2 (b) and (c): walking down from the anchor, each certificate is checked against what was added
//! above it (§6.1.3 (b), (c)), and then adds its own (§6.1.4 (g)). The intersection is not computed;
//! instead every list above has to permit a name.
//!
//! Who walks decides which certificates are checked: all but self-issued ones, and the last one always.
//!
//! Processed are directory names, domain names, mailboxes, URIs and addresses. For the other forms see
//! [`UnprocessedForm`]. The common name is not taken for a domain name: nobody here compares it with
//! one. A wildcard stands for all names that it could be matched with: a permitted subtree has to hold
//! them all, an excluded one none of them.

mod error;
mod parse;
mod subject;
mod subtree;
#[cfg(test)]
mod tests;

use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::domain_name::DomainPattern;
use crate::pki::general_name::GeneralName;
use crate::pki::general_name::NameForm;
use crate::pki::mailbox::Mailbox;
use crate::pki::mailbox::SMTP_UTF8_MAILBOX;
use crate::pki::name::DistinguishedName;
use crate::pki::name_constraints::subtree::AddressSubtree;
use crate::pki::name_constraints::subtree::DnsSubtree;
use crate::pki::name_constraints::subtree::EmailSubtree;
use crate::pki::name_constraints::subtree::Subtree;
use crate::pki::name_constraints::subtree::Subtrees;
use crate::pki::name_constraints::subtree::UriSubtree;

pub use crate::pki::name_constraints::error::ComparisonsExhausted;
pub use crate::pki::name_constraints::error::MalformedNameConstraints;
pub use crate::pki::name_constraints::error::NameConstraintError;
pub use crate::pki::name_constraints::subtree::UnprocessedForm;

/// What one certificate permits and excludes below it.
#[derive(Clone, Debug)]
pub struct NameConstraints {
    is_critical: bool,
    permitted: Subtrees,
    excluded: Subtrees,
}

/// The constraints of all certificates above a place in a path.
#[derive(Clone, Debug, Default)]
pub struct NameConstraintsState {
    levels: Vec<NameConstraints>,
}

/// How many comparisons of a name with a subtree may still be made; both are numbered by whoever made the
/// certificates, so their product is bounded here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparisons {
    maximum: u32,
    used: u32,
}

impl Comparisons {
    /// As many as rustls-webpki and Go allow to one search.
    pub const DEFAULT_MAXIMUM: u32 = 250_000;

    /// Allows `maximum` comparisons.
    #[must_use]
    pub const fn new(maximum: u32) -> Self {
        Self { maximum, used: 0 }
    }

    /// How many were made.
    #[must_use]
    pub const fn used(&self) -> u32 {
        self.used
    }

    const fn spend(&mut self) -> Result<(), ComparisonsExhausted> {
        if self.used >= self.maximum {
            let maximum = self.maximum;
            return Err(ComparisonsExhausted { maximum });
        }
        self.used += 1;
        Ok(())
    }
}

impl Default for Comparisons {
    fn default() -> Self {
        Self::new(Self::DEFAULT_MAXIMUM)
    }
}

impl NameConstraints {
    /// The name constraints of `certificate`; `None` if it has no such extension.
    ///
    /// # Errors
    /// [`MalformedNameConstraints`] if it has one that cannot be read.
    pub fn of(certificate: &Certificate) -> Result<Option<Self>, MalformedNameConstraints> {
        let Some(value) = certificate.extension_value(extension::NAME_CONSTRAINTS) else {
            return Ok(None);
        };
        let (permitted, excluded) = parse::read(value)?;
        Ok(Some(Self {
            is_critical: certificate.is_extension_critical(extension::NAME_CONSTRAINTS),
            permitted,
            excluded,
        }))
    }

    /// Whether a `dNSName` begins with a period, which RFC 5280 §4.2.1.10 has for other forms only.
    #[must_use]
    pub fn has_dns_with_leading_period(&self) -> bool {
        let mut dns = self.permitted.dns.iter().chain(&self.excluded.dns);
        dns.any(|subtree| matches!(subtree, DnsSubtree::Below(_)))
    }
}

impl NameConstraintsState {
    /// No constraints: RFC 5280 §6.1.1 (h), (i) with nothing excluded and everything permitted.
    #[must_use]
    pub const fn new() -> Self {
        Self { levels: Vec::new() }
    }

    /// RFC 5280 §6.1.4 (g): what is certified below has to keep to `constraints` as well.
    pub fn add(&mut self, constraints: NameConstraints) {
        self.levels.push(constraints);
    }

    /// RFC 5280 §6.1.3 (b), (c): whether all names of `certificate` keep to all constraints.
    ///
    /// # Errors
    /// [`NameConstraintError`] for the first name that does not;
    /// [`NameConstraintError::ComparisonsExhausted`] if that was not found out.
    pub fn check(
        &self,
        certificate: &Certificate,
        comparisons: &mut Comparisons,
    ) -> Result<(), NameConstraintError> {
        if self.levels.is_empty() {
            return Ok(());
        }
        for name in &subject::names(certificate)? {
            self.check_name(name, comparisons)?;
        }
        Ok(())
    }

    fn check_name(
        &self,
        name: &GeneralName,
        comparisons: &mut Comparisons,
    ) -> Result<(), NameConstraintError> {
        match name {
            GeneralName::Directory(directory) => {
                self.check_form::<DistinguishedName>(name, || Some(directory.clone()), comparisons)
            }
            GeneralName::Dns(text) => {
                self.check_form::<DnsSubtree>(name, || DomainPattern::parse(text).ok(), comparisons)
            }
            GeneralName::EdiParty(_) => {
                self.check_unprocessed(&UnprocessedForm::EdiParty, comparisons)
            }
            GeneralName::Email(_) => {
                self.check_form::<EmailSubtree>(name, || Mailbox::of(name), comparisons)
            }
            GeneralName::Ip(address) => {
                self.check_form::<AddressSubtree>(name, || Some(*address), comparisons)
            }
            GeneralName::Malformed { form, .. } => self.check_malformed(*form, name, comparisons),
            GeneralName::Other { type_id, .. } => {
                let form = UnprocessedForm::Other(type_id.clone());
                self.check_unprocessed(&form, comparisons)?;
                if *type_id != SMTP_UTF8_MAILBOX {
                    return Ok(());
                }
                // RFC 9598 §6: rfc822Name constraints apply to these mailboxes too.
                self.check_form::<EmailSubtree>(name, || Mailbox::of(name), comparisons)
            }
            GeneralName::RegisteredId(_) => {
                self.check_unprocessed(&UnprocessedForm::RegisteredId, comparisons)
            }
            GeneralName::Uri(text) => {
                self.check_form::<UriSubtree>(name, || subject::uri_host(text), comparisons)
            }
            GeneralName::X400(_) => self.check_unprocessed(&UnprocessedForm::X400, comparisons),
        }
    }

    /// Checks one name, which `read` makes comparable, against all subtrees of its form.
    fn check_form<S: Subtree>(
        &self,
        shown: &GeneralName,
        read: impl FnOnce() -> Option<S::Name>,
        comparisons: &mut Comparisons,
    ) -> Result<(), NameConstraintError> {
        if !self.constrains::<S>() {
            return Ok(());
        }
        let name = read().ok_or_else(|| NameConstraintError::MalformedName {
            name: shown.to_string(),
        })?;
        for level in &self.levels {
            for subtree in S::of(&level.excluded) {
                comparisons.spend()?;
                if subtree.touches(&name) {
                    return Err(NameConstraintError::Excluded {
                        name: shown.to_string(),
                        subtree: subtree.to_string(),
                    });
                }
            }
            let permitted = S::of(&level.permitted);
            let mut is_permitted = permitted.is_empty();
            for subtree in permitted {
                comparisons.spend()?;
                is_permitted = subtree.covers(&name);
                if is_permitted {
                    break;
                }
            }
            if !is_permitted {
                let name = shown.to_string();
                return Err(NameConstraintError::NotPermitted { name });
            }
        }
        Ok(())
    }

    fn constrains<S: Subtree>(&self) -> bool {
        let mut levels = self.levels.iter();
        levels
            .any(|level| !S::of(&level.permitted).is_empty() || !S::of(&level.excluded).is_empty())
    }

    /// A name that cannot be compared is refused where its form is constrained.
    fn check_malformed(
        &self,
        form: NameForm,
        name: &GeneralName,
        comparisons: &mut Comparisons,
    ) -> Result<(), NameConstraintError> {
        match form {
            NameForm::Dns => self.check_form::<DnsSubtree>(name, || None, comparisons),
            NameForm::Email => self.check_form::<EmailSubtree>(name, || None, comparisons),
            NameForm::Ip => self.check_form::<AddressSubtree>(name, || None, comparisons),
            NameForm::Uri => self.check_form::<UriSubtree>(name, || None, comparisons),
            // These are read to the end, or not at all.
            NameForm::Directory
            | NameForm::EdiParty
            | NameForm::Other
            | NameForm::RegisteredId
            | NameForm::X400 => Ok(()),
        }
    }

    fn check_unprocessed(
        &self,
        form: &UnprocessedForm,
        comparisons: &mut Comparisons,
    ) -> Result<(), NameConstraintError> {
        for level in self.levels.iter().filter(|level| level.is_critical) {
            let lists = [&level.permitted, &level.excluded];
            for constrained in lists.into_iter().flat_map(|list| &list.unprocessed) {
                comparisons.spend()?;
                if constrained == form {
                    let form = form.clone();
                    return Err(NameConstraintError::Unprocessed { form });
                }
            }
        }
        Ok(())
    }
}
