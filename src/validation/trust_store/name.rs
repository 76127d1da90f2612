//! Names of CAs and usages.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

/// Longest name in characters: names stand in receipts, whose size is bounded.
const MAX_LENGTH: usize = 32;

/// The text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 32 lower-case letters, digits and single hyphens between them")]
pub struct NameError;

/// Defines a checked name; the two kinds are never mistaken for each other.
macro_rules! kebab_name {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Reads 1 to 32 lower-case letters and digits with single hyphens between them.
            ///
            /// # Errors
            /// [`NameError`] for anything else.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                is_kebab(text).then(|| Self(text.to_owned())).ok_or(NameError)
            }

            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(D::Error::custom)
            }
        }
    };
}

kebab_name! {
    /// A CA, by the name of its folder under `trust-roots/`.
    CaId
}

kebab_name! {
    /// What a CA may vouch for: `registration`, `tax`, `banking`, `seal`, `credential-issuing` ….
    Usage
}

impl Usage {
    /// What a CA must be permitted for its timestamps to prove a time.
    #[must_use]
    pub fn timestamp() -> Self {
        Self("timestamp".to_owned())
    }
}

/// What usages are called; one that is not here is called by its id.
const USAGE_NAMES: &[(&str, &str, &str)] = &[
    ("banking", "banking", "银行业务"),
    ("credential-issuing", "issuing credentials", "签发电子凭证"),
    ("customs", "customs", "海关业务"),
    ("human-resources", "human resources", "人力资源业务"),
    ("registration", "company registration", "企业登记"),
    ("seal", "electronic seals", "电子印章"),
    ("social-security", "social security", "社会保险业务"),
    ("tax", "tax", "税务业务"),
    ("timestamp", "timestamps", "时间戳"),
];

/// The name of a usage in English and in Chinese.
#[must_use]
pub fn usage_names(usage: &Usage) -> (&str, &str) {
    let id = usage.as_str();
    let found = USAGE_NAMES.iter().find(|(known, ..)| *known == id);
    found.map_or((id, id), |(_, name, name_zh)| (*name, *name_zh))
}

fn is_kebab(text: &str) -> bool {
    text.len() <= MAX_LENGTH
        && text.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kebab_case() {
        for good in ["gdca", "credential-issuing", "a1-b2-c3", &"a".repeat(32)] {
            let id = CaId::parse(good).unwrap();
            assert_eq!(id.as_str(), good);
            let json = serde_json::to_string(&id).unwrap();
            assert_eq!(serde_json::from_str::<CaId>(&json).unwrap(), id);
        }
        for bad in [
            "",
            "-",
            "a-",
            "-a",
            "a--b",
            "A",
            "税",
            "a b",
            "a.b",
            "../x",
            &"a".repeat(33),
        ] {
            assert_eq!(Usage::parse(bad), Err(NameError), "{bad}");
        }
        assert!(serde_json::from_str::<Usage>("\"No\"").is_err());
    }
}
