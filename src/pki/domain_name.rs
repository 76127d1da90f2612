//! Domain names as certificates and callers write them (RFC 1034 §3.5, RFC 1123 §2.1).
//!
//! One reading for everybody who compares: what is no [`DomainName`] here is equal to nothing, so no two
//! comparisons can disagree about an odd spelling. Internationalised names have to come as A-labels
//! (RFC 5280 §7.2).

use std::fmt;

/// RFC 1035 §2.3.4, without the octets that lengths take on the wire.
const MAX_CHARACTERS: usize = 253;
/// RFC 1035 §2.3.4.
const MAX_LABEL_CHARACTERS: usize = 63;

/// A domain name of at least one label, in lower case, without the dot of the root at its end.
///
/// Letters, digits, hyphens inside a label and underscores. The last label is not a number, since a
/// name that ends in one is an address of IP version 4 to many readers (RFC 1123 §2.1). `==` compares
/// without regard to case, since there is none left.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DomainName(String);

/// What a certificate may give as its domain name: one name, or all names directly below one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DomainPattern {
    /// This name alone.
    Exact(DomainName),
    /// `*.` and a name: every name of exactly one more label (RFC 9525 §6.3).
    Wildcard {
        /// What stands behind `*.`.
        parent: DomainName,
    },
}

/// Why a text is not a domain name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DomainNameError {
    /// Neither a letter nor a digit, hyphen or underscore of ASCII.
    #[error("`{}` cannot stand in a domain name", .0.escape_debug())]
    Character(char),
    /// Nothing at all.
    #[error("an empty domain name")]
    Empty,
    /// Two dots after each other, or one at the beginning or the end.
    #[error("a domain name with an empty label")]
    EmptyLabel,
    /// A label begins or ends with a hyphen (RFC 1123 §2.1).
    #[error("a label of a domain name begins or ends with a hyphen")]
    Hyphen,
    /// A label of more than 63 characters.
    #[error("a label of a domain name has more than {MAX_LABEL_CHARACTERS} characters")]
    LabelTooLong,
    /// The last label consists of digits: an address, if anything.
    #[error("the last label of a domain name is a number")]
    NumericLastLabel,
    /// More than 253 characters.
    #[error("a domain name has more than {MAX_CHARACTERS} characters")]
    TooLong,
    /// A `*` that is not the whole first label, or stands alone (RFC 9525 §6.3).
    #[error("a wildcard that is not the whole first label of a domain name")]
    Wildcard,
}

impl DomainName {
    /// Reads a name that has no dot at its end, as certificates write it.
    ///
    /// # Errors
    /// [`DomainNameError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, DomainNameError> {
        if text.is_empty() {
            return Err(DomainNameError::Empty);
        }
        if text.len() > MAX_CHARACTERS {
            return Err(DomainNameError::TooLong);
        }
        let mut last = "";
        for label in text.split('.') {
            check_label(label)?;
            last = label;
        }
        if last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DomainNameError::NumericLastLabel);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The name, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many labels it has.
    #[must_use]
    pub fn labels(&self) -> usize {
        self.0.split('.').count()
    }

    /// Whether an underscore stands in it, which the preferred name syntax of RFC 1034 §3.5 lacks.
    #[must_use]
    pub fn has_underscore(&self) -> bool {
        self.0.contains('_')
    }

    /// Whether it is `base` with one or more labels before it.
    #[must_use]
    pub fn is_below(&self, base: &Self) -> bool {
        self.0
            .strip_suffix(&base.0)
            .is_some_and(|front| front.ends_with('.'))
    }

    /// The name without its first label; none if it has but one.
    fn parent(&self) -> Option<&str> {
        self.0.split_once('.').map(|(_, parent)| parent)
    }

    /// Whether it is `base` with exactly one label before it.
    #[must_use]
    pub fn is_directly_below(&self, base: &Self) -> bool {
        self.parent() == Some(base.as_str())
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl DomainPattern {
    /// Reads a `dNSName` of a certificate.
    ///
    /// # Errors
    /// [`DomainNameError`] if it is neither a domain name nor `*.` and one.
    pub fn parse(text: &str) -> Result<Self, DomainNameError> {
        let wildcard = text.strip_prefix("*.");
        let domain = wildcard.unwrap_or(text);
        if domain.contains('*') {
            return Err(DomainNameError::Wildcard);
        }
        let name = DomainName::parse(domain)?;
        Ok(match wildcard {
            Some(_) => Self::Wildcard { parent: name },
            None => Self::Exact(name),
        })
    }

    /// Whether it stands for `name`. A wildcard right below a top-level domain stands for nothing: it
    /// would be every company of a country.
    #[must_use]
    pub fn covers(&self, name: &DomainName) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Wildcard { parent } => parent.labels() > 1 && name.is_directly_below(parent),
        }
    }

    /// The name, or what stands behind `*.`.
    #[must_use]
    pub const fn domain(&self) -> &DomainName {
        match self {
            Self::Exact(name) | Self::Wildcard { parent: name } => name,
        }
    }
}

fn check_label(label: &str) -> Result<(), DomainNameError> {
    if label.is_empty() {
        return Err(DomainNameError::EmptyLabel);
    }
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if let Some(character) = label.chars().find(|c| !allowed(c)) {
        return Err(DomainNameError::Character(character));
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err(DomainNameError::Hyphen);
    }
    if label.len() > MAX_LABEL_CHARACTERS {
        return Err(DomainNameError::LabelTooLong);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    #[test]
    fn names_lose_their_case() {
        for (text, read) in [
            ("example.com", "example.com"),
            ("EXAMPLE.Com", "example.com"),
            ("localhost", "localhost"),
            ("3com.com", "3com.com"),
            ("1.2.example", "1.2.example"),
            ("_dmarc.a_b.example", "_dmarc.a_b.example"),
            ("xn--fiqs8s", "xn--fiqs8s"),
            ("a--b.example", "a--b.example"),
        ] {
            assert_eq!(name(text).as_str(), read);
        }
        let label = "a".repeat(63);
        assert!(DomainName::parse(&label).is_ok());
        assert!(DomainName::parse(&[&label[..]; 4].join(".")[..253]).is_ok());
    }

    #[test]
    fn other_texts_are_no_names() {
        use DomainNameError as E;
        for (text, error) in [
            ("", E::Empty),
            (".", E::EmptyLabel),
            (".example.com", E::EmptyLabel),
            ("example..com", E::EmptyLabel),
            ("example.com.", E::EmptyLabel),
            ("exa mple.com", E::Character(' ')),
            ("example.com\0", E::Character('\0')),
            ("東莞.cn", E::Character('東')),
            ("*.example.com", E::Character('*')),
            ("a/b", E::Character('/')),
            ("a@b.example", E::Character('@')),
            ("-a.example", E::Hyphen),
            ("a-.example", E::Hyphen),
            ("192.0.2.1", E::NumericLastLabel),
            ("1", E::NumericLastLabel),
            ("a.1", E::NumericLastLabel),
            ("::1", E::Character(':')),
        ] {
            assert_eq!(DomainName::parse(text), Err(error), "{text}");
        }
        let long = "a".repeat(64);
        assert_eq!(DomainName::parse(&long), Err(E::LabelTooLong));
        let long = "a.".repeat(126) + "aa";
        assert_eq!(long.len(), 254);
        assert_eq!(DomainName::parse(&long), Err(E::TooLong));
    }

    #[test]
    fn a_wildcard_is_the_whole_first_label() {
        let wildcard = DomainPattern::parse("*.Example.com").unwrap();
        assert_eq!(wildcard.domain(), &name("example.com"));
        for text in [
            "*", "*.*", "*.*.com", "a.*.com", "a*.com", "*a.com", "**.com", "a.*",
        ] {
            assert_eq!(
                DomainPattern::parse(text),
                Err(DomainNameError::Wildcard),
                "{text}"
            );
        }
        assert_eq!(DomainPattern::parse("*."), Err(DomainNameError::Empty));
        assert_eq!(
            DomainPattern::parse("*.192.0.2.1"),
            Err(DomainNameError::NumericLastLabel)
        );
    }

    #[test]
    fn a_pattern_stands_for_the_names_of_one_more_label() {
        let covers =
            |pattern: &str, text: &str| DomainPattern::parse(pattern).unwrap().covers(&name(text));
        assert!(covers("a.example.com", "A.example.COM"));
        assert!(covers("*.example.com", "a.example.com"));
        for (pattern, text) in [
            ("a.example.com", "b.example.com"),
            ("a.example.com", "example.com"),
            ("*.example.com", "example.com"),
            ("*.example.com", "a.b.example.com"),
            ("*.example.com", "a.badexample.com"),
            ("*.com", "example.com"),
        ] {
            assert!(!covers(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn below_is_more_than_ending_alike() {
        let base = name("example.com");
        assert!(name("a.example.com").is_below(&base));
        assert!(name("a.b.example.com").is_below(&base));
        assert!(!name("a.b.example.com").is_directly_below(&base));
        assert!(!name("example.com").is_below(&base));
        assert!(!name("badexample.com").is_below(&base));
        assert!(!name("com").is_below(&base));
    }

    proptest! {
        #[test]
        fn what_is_read_is_read_the_same_again(text in "[-a-zA-Z0-9_.*]{0,12}") {
            if let Ok(read) = DomainName::parse(&text) {
                prop_assert_eq!(DomainName::parse(read.as_str()), Ok(read));
            }
        }
    }
}
