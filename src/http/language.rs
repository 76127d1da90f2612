//! In which language a reader is answered.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header;
use axum::http::request::Parts;

/// A language that everything here is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English.
    En,
    /// Simplified Chinese, the default: this is a service of a Chinese city.
    #[default]
    Zh,
}

/// Both, in the order in which a switch offers them.
pub const LANGUAGES: [Language; 2] = [Language::Zh, Language::En];

impl Language {
    /// The language for a request with this query and these headers.
    ///
    /// `?lang=zh` or `?lang=en` wins, then `Accept-Language` (RFC 9110 §12.5.4), then Chinese. An unknown
    /// `lang` counts as absent: a page in the wrong language is better than none.
    #[must_use]
    pub fn negotiate(query: Option<&str>, headers: &HeaderMap) -> Self {
        query
            .and_then(chosen)
            .or_else(|| accepted(headers))
            .unwrap_or_default()
    }

    /// Its tag (BCP 47), for `lang` attributes and `Content-Language`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// The value that chooses it in `?lang=`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// Its name in itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Zh => "中文",
        }
    }

    /// Of one text in two languages, the one in this language.
    #[must_use]
    pub const fn of<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::En => Self::Zh,
            Self::Zh => Self::En,
        }
    }

    /// The language of a tag such as `zh-Hans-CN`, by its primary subtag (RFC 5646 §2.2.1).
    fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or(tag);
        LANGUAGES
            .into_iter()
            .find(|language| language.code().eq_ignore_ascii_case(primary))
    }
}

/// What `lang=` in a query asks for; the first one counts.
fn chosen(query: &str) -> Option<Language> {
    let value = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("lang="))?;
    Language::of_tag(value)
}

/// The best of `Accept-Language`: highest weight, of equal weights the first.
fn accepted(headers: &HeaderMap) -> Option<Language> {
    let mut best: Option<(u16, Language)> = None;
    for line in headers.get_all(header::ACCEPT_LANGUAGE) {
        for range in line.to_str().unwrap_or_default().split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let language = match tag.trim() {
                "*" => Some(Language::default()),
                tag => Language::of_tag(tag),
            };
            let weight = weight(parameters);
            if let Some(language) = language
                && weight > best.map_or(0, |(weight, _)| weight)
            {
                best = Some((weight, language));
            }
        }
    }
    best.map(|(_, language)| language)
}

/// The weight of a range in thousandths (RFC 9110 §12.4.2); one that cannot be read counts as 0.
pub(in crate::http) fn weight(parameters: &str) -> u16 {
    let Some(value) = parameters
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix(['q', 'Q'])?.strip_prefix('='))
    else {
        return 1000;
    };
    let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let thousandths = format!("{fraction:0<3}");
    match (whole, fraction.len(), thousandths.parse::<u16>()) {
        ("0", 0..=3, Ok(thousandths)) => thousandths,
        ("1", 0..=3, Ok(0)) => 1000,
        _ => 0,
    }
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::negotiate(parts.uri.query(), &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn for_header(value: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ACCEPT_LANGUAGE,
            HeaderValue::from_str(value).unwrap(),
        );
        Language::negotiate(None, &headers)
    }

    #[test]
    fn the_heaviest_language_that_we_speak_wins() {
        assert_eq!(for_header("en-GB,en;q=0.9"), Language::En);
        assert_eq!(for_header("zh-Hans-CN, en;q=0.8"), Language::Zh);
        assert_eq!(for_header("zh;q=0.2, en;q=0.3"), Language::En);
        assert_eq!(for_header("fr, de;q=0.9, en;q=0.1"), Language::En);
        assert_eq!(for_header("en, zh"), Language::En);
        assert_eq!(for_header("EN_us"), Language::En);
    }

    #[test]
    fn what_is_refused_absent_or_unreadable_falls_back_to_chinese() {
        for value in [
            "",
            "fr",
            "*",
            "en;q=0",
            "en;q=0.000, zh;q=0.001",
            "en;q=2",
            "en;q=x",
            ";;,,",
        ] {
            assert_eq!(for_header(value), Language::Zh, "{value}");
        }
        assert_eq!(Language::negotiate(None, &HeaderMap::new()), Language::Zh);
    }

    #[test]
    fn the_switch_wins_over_the_header() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("zh"));
        assert_eq!(
            Language::negotiate(Some("uscc=1&lang=en"), &headers),
            Language::En
        );
        assert_eq!(Language::negotiate(Some("lang=xx"), &headers), Language::Zh);
        assert_eq!(
            Language::negotiate(Some("xlang=en"), &headers),
            Language::Zh
        );
    }

    #[test]
    fn weights_are_thousandths() {
        assert_eq!(weight(""), 1000);
        assert_eq!(weight("q=0.5"), 500);
        assert_eq!(weight(" q=1.000"), 1000);
        assert_eq!(weight("q=1.001"), 0);
        assert_eq!(weight("q=0.1234"), 0);
    }
}
