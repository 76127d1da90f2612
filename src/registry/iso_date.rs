//! Calendar dates in JSON: `YYYY-MM-DD` (ISO 8601 extended form), for `#[serde(with = …)]`.

use serde::Deserialize;
use serde::Deserializer;
use serde::Serializer;
use time::Date;
use time::format_description::well_known::Iso8601;

/// Reads exactly `YYYY-MM-DD`, years 0001 to 9999. `None`: anything else.
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    let shaped = text.len() == "YYYY-MM-DD".len()
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let date = shaped
        .then(|| Date::parse(text, &Iso8601::DATE).ok())
        .flatten()?;
    (date.year() >= 1).then_some(date)
}

/// Writes `YYYY-MM-DD`.
///
/// # Errors
/// Whatever the serializer refuses.
pub fn serialize<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

/// Reads `YYYY-MM-DD`.
///
/// # Errors
/// Not a string of that form, or no such day.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_date(&text).ok_or_else(|| serde::de::Error::custom("expected a date YYYY-MM-DD"))
}

/// The same for a date that may be absent; use with `#[serde(default)]`.
pub mod optional {
    use serde::Deserialize;
    use serde::Deserializer;
    use serde::Serializer;
    use time::Date;

    /// Writes `YYYY-MM-DD` or null.
    ///
    /// # Errors
    /// Whatever the serializer refuses.
    pub fn serialize<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        match date {
            Some(date) => serializer.collect_str(date),
            None => serializer.serialize_none(),
        }
    }

    /// Reads `YYYY-MM-DD` or null.
    ///
    /// # Errors
    /// A string of another form, or no such day.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Date>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| {
                crate::registry::iso_date::parse_date(&text)
                    .ok_or_else(|| serde::de::Error::custom("expected a date YYYY-MM-DD"))
            })
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_extended_form_only() {
        assert_eq!(
            parse_date("2015-03-01")
                .map(|date| date.to_string())
                .as_deref(),
            Some("2015-03-01")
        );
        for bad in [
            "",
            "20150301",
            "2015-3-1",
            "2015-02-29",
            "0000-01-01",
            "2015-03-01T00:00:00Z",
            " 2015-03-01",
            "+2015-03-1",
        ] {
            assert_eq!(parse_date(bad), None, "{bad}");
        }
    }
}
