//! Addresses in certificates that evidence may be fetched from.
//!
//! They are only told here. Whether one may be asked is for others to say: whoever wrote a certificate
//! can write any address into it.

use crate::pki::general_name::GeneralName;

/// A scheme is short; what is longer is cut off.
const SCHEME_CHARACTERS: usize = 16;

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// Begins with `http://`, in any case; otherwise as it stood there.
    Http(String),
    /// Begins with `https://`, in any case; otherwise as it stood there.
    Https(String),
    /// One that is not fetched, such as `ldap`; in lower case, `?` if the text is not a URI at all.
    UnsupportedScheme(String),
}

impl Location {
    /// The address that a name is; none if it is of a form that is no address.
    #[must_use]
    pub fn of(name: &GeneralName) -> Option<Self> {
        match name {
            GeneralName::Uri(uri) => Some(Self::of_uri(uri)),
            GeneralName::Directory(_)
            | GeneralName::Dns(_)
            | GeneralName::EdiParty(_)
            | GeneralName::Email(_)
            | GeneralName::Ip(_)
            | GeneralName::Malformed { .. }
            | GeneralName::Other { .. }
            | GeneralName::RegisteredId(_)
            | GeneralName::X400(_) => None,
        }
    }

    /// Tells the scheme of a URI.
    #[must_use]
    pub fn of_uri(uri: &str) -> Self {
        let (scheme, rest) = uri.split_once(':').unwrap_or(("?", ""));
        let scheme = scheme.to_ascii_lowercase();
        match scheme.as_str() {
            "http" if rest.starts_with("//") => Self::Http(uri.to_owned()),
            "https" if rest.starts_with("//") => Self::Https(uri.to_owned()),
            _ => {
                let plain = scheme.chars().all(|c| c.is_ascii_alphanumeric());
                let shown = if plain { scheme.as_str() } else { "?" };
                Self::UnsupportedScheme(shown.chars().take(SCHEME_CHARACTERS).collect())
            }
        }
    }

    /// The URI, if it is of a scheme that is fetched.
    #[must_use]
    pub fn uri(&self) -> Option<&str> {
        match self {
            Self::Http(uri) | Self::Https(uri) => Some(uri),
            Self::UnsupportedScheme(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_told_apart() {
        let of = |text: &str| Location::of(&GeneralName::Uri(text.to_owned())).unwrap();
        assert_eq!(of("HTTP://a/b"), Location::Http("HTTP://a/b".to_owned()));
        assert_eq!(of("https://a").uri(), Some("https://a"));
        for (text, scheme) in [
            ("ldap://a/b", "ldap"),
            ("LDAPS://a", "ldaps"),
            ("http:a", "http"),
            ("file:///etc/passwd", "file"),
            ("no uri", "?"),
            ("a\nb://c", "?"),
            ("", "?"),
            (":", ""),
            ("abcdefghijklmnopqrstuvwxyz:", "abcdefghijklmnop"),
        ] {
            assert_eq!(of(text), Location::UnsupportedScheme(scheme.to_owned()));
            assert_eq!(of(text).uri(), None);
        }
        assert_eq!(Location::of(&GeneralName::Dns("a".to_owned())), None);
    }
}
