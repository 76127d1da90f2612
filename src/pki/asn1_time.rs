//! Times in certificates, CRLs and OCSP responses, in the one form that RFC 5280 gives each type.

use time::Date;
use time::Month;
use time::OffsetDateTime;

use crate::clock::Timestamp;
use crate::pki::der;
use crate::pki::der::Element;

/// The Julian day of 1970-01-01.
const UNIX_EPOCH_DAY: i64 = 2_440_588;

/// Reads `Time` (RFC 5280 §4.1.2.5, §5.1.2.4): `UTCTime` as `YYMMDDHHMMSSZ`, or `GeneralizedTime` as
/// [`generalized_time`]; none for any other form, or a date that does not exist.
///
/// `GeneralizedTime` before 2050 is let through, as NIST's PKITS 4.2.4 asks.
pub(crate) fn time(element: &Element<'_>) -> Option<Timestamp> {
    match (element.tag, element.content) {
        (der::UTC_TIME, [y1, y2, rest @ ..]) => {
            // RFC 5280 §4.1.2.5.1: 50 and above are of the twentieth century.
            let year = match two_digits(*y1, *y2)? {
                year @ 50.. => 1900 + i32::from(year),
                year => 2000 + i32::from(year),
            };
            within_year(year, rest)
        }
        _ => generalized_time(element),
    }
}

/// Writes `Time` (RFC 5280 §4.1.2.5; likewise RFC 5652 §11.3): whole seconds, `UTCTime` from 1950 through
/// 2049. None for a time that no calendar has.
pub(crate) fn encode_time(at: Timestamp) -> Option<Vec<u8>> {
    let moment = OffsetDateTime::from_unix_timestamp(at.as_unix_seconds()).ok()?;
    let year = moment.year();
    Some(match year {
        1950..2050 => {
            let text = format!("{:02}{}Z", year.rem_euclid(100), rest_of(moment));
            der::encode(der::UTC_TIME, text.as_bytes())
        }
        _ => {
            let text = format!("{year:04}{}Z", rest_of(moment));
            der::encode(der::GENERALIZED_TIME, text.as_bytes())
        }
    })
}

/// Writes `GeneralizedTime` as `YYYYMMDDhhmmss[.s...]Z` (RFC 3161 §2.4.2): to the microsecond, without trailing
/// zeros. None for a time that no calendar has.
pub(crate) fn encode_precise_time(at: Timestamp) -> Option<Vec<u8>> {
    let whole = Timestamp::from_unix_seconds(at.as_unix_seconds())?;
    let moment = OffsetDateTime::from_unix_timestamp(whole.as_unix_seconds()).ok()?;
    let micros = format!(".{:06}", at.since(whole).as_micros());
    let fraction = micros.trim_end_matches('0').trim_end_matches('.');
    let text = format!("{:04}{}{fraction}Z", moment.year(), rest_of(moment));
    Some(der::encode(der::GENERALIZED_TIME, text.as_bytes()))
}

/// `MMDDHHMMSS`.
fn rest_of(moment: OffsetDateTime) -> String {
    format!(
        "{:02}{:02}{:02}{:02}{:02}",
        u8::from(moment.month()),
        moment.day(),
        moment.hour(),
        moment.minute(),
        moment.second()
    )
}

/// Reads `GeneralizedTime` as `YYYYMMDDHHMMSSZ` (RFC 5280 §4.1.2.5.2, RFC 6960 §4.2.2.1).
pub(crate) fn generalized_time(element: &Element<'_>) -> Option<Timestamp> {
    match (element.tag, element.content) {
        (der::GENERALIZED_TIME, [y1, y2, y3, y4, rest @ ..]) => {
            let century = i32::from(two_digits(*y1, *y2)?);
            let year = century * 100 + i32::from(two_digits(*y3, *y4)?);
            within_year(year, rest)
        }
        _ => None,
    }
}

/// `MMDDHHMMSSZ`.
fn within_year(year: i32, rest: &[u8]) -> Option<Timestamp> {
    let [o1, o2, d1, d2, h1, h2, m1, m2, s1, s2, b'Z'] = rest else {
        return None;
    };
    let month = Month::try_from(two_digits(*o1, *o2)?).ok()?;
    let date = Date::from_calendar_date(year, month, two_digits(*d1, *d2)?).ok()?;
    let hour = two_digits(*h1, *h2).filter(|hour| *hour < 24)?;
    let minute = two_digits(*m1, *m2).filter(|minute| *minute < 60)?;
    let second = two_digits(*s1, *s2).filter(|second| *second < 60)?;
    let days = i64::from(date.to_julian_day()) - UNIX_EPOCH_DAY;
    let hours = days * 24 + i64::from(hour);
    let seconds = (hours * 60 + i64::from(minute)) * 60 + i64::from(second);
    Timestamp::from_unix_seconds(seconds)
}

fn two_digits(tens: u8, ones: u8) -> Option<u8> {
    let both = tens.is_ascii_digit() && ones.is_ascii_digit();
    both.then(|| (tens - b'0') * 10 + (ones - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_precise_time_has_no_zeros_at_its_end() {
        for (moment, text) in [
            ("2026-03-01T08:00:00Z", "20260301080000Z"),
            ("2026-03-01T08:00:00.5Z", "20260301080000.5Z"),
            ("2026-03-01T08:00:00.010203Z", "20260301080000.010203Z"),
            ("1969-12-31T23:59:59.25Z", "19691231235959.25Z"),
        ] {
            let written = encode_precise_time(Timestamp::parse(moment).unwrap()).unwrap();
            assert_eq!(
                written,
                der::encode(der::GENERALIZED_TIME, text.as_bytes()),
                "{moment}"
            );
        }
    }

    fn shown(tag: u8, text: &str, read: fn(&Element<'_>) -> Option<Timestamp>) -> Option<String> {
        let bytes = der::encode(tag, text.as_bytes());
        read(&der::single(&bytes).unwrap()).map(|time| time.to_string())
    }

    #[test]
    fn both_types_are_read() {
        for (tag, text, expected) in [
            (der::UTC_TIME, "491231235959Z", "2049-12-31T23:59:59Z"),
            (der::UTC_TIME, "500101000000Z", "1950-01-01T00:00:00Z"),
            (der::UTC_TIME, "000229000000Z", "2000-02-29T00:00:00Z"),
            (der::UTC_TIME, "700101000001Z", "1970-01-01T00:00:01Z"),
            (
                der::GENERALIZED_TIME,
                "99991231235959Z",
                "9999-12-31T23:59:59Z",
            ),
            (
                der::GENERALIZED_TIME,
                "19691231235959Z",
                "1969-12-31T23:59:59Z",
            ),
        ] {
            assert_eq!(shown(tag, text, time).as_deref(), Some(expected));
        }
        let text = "20261231235959Z";
        assert!(shown(der::GENERALIZED_TIME, text, generalized_time).is_some());
        assert_eq!(
            shown(der::UTC_TIME, "261231235959Z", generalized_time),
            None
        );
    }

    #[test]
    fn other_forms_are_refused() {
        for (tag, text) in [
            (der::UTC_TIME, ""),
            (der::UTC_TIME, "2612312359Z"),
            (der::UTC_TIME, "261231235959"),
            (der::UTC_TIME, "261231235959+0000"),
            (der::UTC_TIME, "261331235959Z"),
            (der::UTC_TIME, "260230000000Z"),
            (der::UTC_TIME, "261231240000Z"),
            (der::UTC_TIME, "261231236000Z"),
            (der::UTC_TIME, "261231235960Z"),
            (der::UTC_TIME, "26123123595aZ"),
            (der::UTC_TIME, "20261231235959Z"),
            (der::GENERALIZED_TIME, "20261231235959.5Z"),
            (der::GENERALIZED_TIME, "20261231235959"),
            (der::GENERALIZED_TIME, "261231235959Z"),
            (der::GENERALIZED_TIME, "00001231235959Z"),
            (der::UTF8_STRING, "261231235959Z"),
        ] {
            assert_eq!(shown(tag, text, time), None, "{text}");
        }
    }
}
