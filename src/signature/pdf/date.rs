//! Dates (ISO 32000-2 §7.9.4).

use crate::clock::Timestamp;
use crate::signature::pdf::object::Object;

/// The time that a date string says: `D:YYYYMMDDHHmmSSOHH'mm`, of which all but the year may be missing.
pub(super) fn date(value: Option<&Object>) -> Option<Timestamp> {
    let text = value?.as_string()?.text();
    let text = text.strip_prefix("D:")?;
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let zone = text.get(digits.len()..)?.replace('\'', "");
    let part = |from: usize, length: usize, default: &'static str| {
        let end = from.saturating_add(length);
        digits.get(from..end).unwrap_or(default).to_owned()
    };
    let year = digits.get(..4)?;
    let zone = match zone.split_at_checked(1) {
        Some((sign @ ("+" | "-"), offset)) if offset.is_ascii() => {
            let hours = offset.get(..2)?;
            format!("{sign}{hours}:{}", offset.get(2..4).unwrap_or("00"))
        }
        _ => "Z".to_owned(),
    };
    let [month, day] = [part(4, 2, "01"), part(6, 2, "01")];
    let [hour, minute, second] = [part(8, 2, "00"), part(10, 2, "00"), part(12, 2, "00")];
    let text = format!("{year}-{month}-{day}T{hour}:{minute}:{second}{zone}");
    Timestamp::parse(&text).ok()
}

/// `at` as a date string, in UTC.
pub(super) fn encode_date(at: Timestamp) -> String {
    let digits = at.to_string();
    let digits = digits.chars().filter(char::is_ascii_digit);
    format!("D:{}Z", digits.collect::<String>())
}

#[cfg(test)]
mod tests;
