//! The text form of names: RFC 4514, made safe to show.

use std::fmt;

use crate::pki::der::Element;
use crate::pki::name::Attribute;
use crate::pki::name::DistinguishedName;
use crate::pki::name::attributes;
use crate::pki::name::text;
use crate::pki::oid::Oid;

/// The short name of an attribute type, by the contents octets of its identifier: RFC 4514 §3, RFC 4519, and
/// those that certificates of organisations carry. Everything else is shown by number.
const fn short_name(type_id: &[u8]) -> Option<&'static str> {
    Some(match type_id {
        // X.520, `2.5.4`.
        [0x55, 0x04, attribute] => match attribute {
            3 => "CN",
            4 => "SN",
            5 => "serialNumber",
            6 => "C",
            7 => "L",
            8 => "ST",
            9 => "STREET",
            10 => "O",
            11 => "OU",
            12 => "title",
            13 => "description",
            15 => "businessCategory",
            17 => "postalCode",
            42 => "givenName",
            46 => "dnQualifier",
            65 => "pseudonym",
            97 => "organizationIdentifier",
            _ => return None,
        },
        // RFC 4519, `0.9.2342.19200300.100.1`.
        [
            0x09,
            0x92,
            0x26,
            0x89,
            0x93,
            0xf2,
            0x2c,
            0x64,
            0x01,
            attribute,
        ] => match attribute {
            1 => "UID",
            25 => "DC",
            _ => return None,
        },
        // PKCS #9, `1.2.840.113549.1.9.1`.
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01] => "emailAddress",
        // CA/Browser Forum, `1.3.6.1.4.1.311.60.2.1`.
        [
            0x2b,
            0x06,
            0x01,
            0x04,
            0x01,
            0x82,
            0x37,
            0x3c,
            0x02,
            0x01,
            attribute,
        ] => match attribute {
            1 => "jurisdictionL",
            2 => "jurisdictionST",
            3 => "jurisdictionC",
            _ => return None,
        },
        _ => return None,
    })
}

impl fmt::Display for DistinguishedName {
    /// RFC 4514 §2.1: the last part comes first; `,` between parts, `+` between attributes of one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<Element<'_>> = self.parts().collect();
        for (i, part) in parts.iter().rev().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            for (j, attribute) in attributes(part).enumerate() {
                if j > 0 {
                    f.write_str("+")?;
                }
                write_attribute(f, &attribute)?;
            }
        }
        Ok(())
    }
}

/// RFC 4514 §2.3, §2.4: a type without a short name, and a value that is not text, show the encoding.
fn write_attribute(f: &mut fmt::Formatter<'_>, attribute: &Attribute<'_>) -> fmt::Result {
    let short_name = short_name(attribute.type_id);
    match (short_name, Oid::from_der_content(attribute.type_id)) {
        (Some(name), _) => f.write_str(name)?,
        (None, Ok(oid)) => write!(f, "{oid}")?,
        // It was checked before that this is an identifier.
        (None, Err(_)) => {}
    }
    f.write_str("=")?;
    match (attribute.text(), short_name) {
        (Some(text), Some(_)) => write_escaped(f, &text),
        (Some(_) | None, _) => {
            f.write_str("#")?;
            let octets = attribute.value.whole.iter();
            octets
                .copied()
                .try_for_each(|octet| write!(f, "{octet:02x}"))
        }
    }
}

/// RFC 4514 §2.4: special characters after a backslash; what cannot or should not be shown as
/// backslash and two hexadecimal digits for each octet of its UTF-8 form. All between them is written at once.
fn write_escaped(f: &mut fmt::Formatter<'_>, value: &str) -> fmt::Result {
    let between = |from: usize, to: usize| value.get(from..to).unwrap_or_default();
    let mut written = 0;
    for (at, c) in value.char_indices() {
        let end = at + c.len_utf8();
        let leading = at == 0 && matches!(c, ' ' | '#');
        let trailing = end == value.len() && c == ' ';
        let is_special = matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\');
        if leading || trailing || is_special {
            f.write_str(between(written, at))?;
            write!(f, "\\{c}")?;
            written = end;
        } else if text::is_hidden(c) {
            f.write_str(between(written, at))?;
            for octet in between(at, end).bytes() {
                write!(f, "\\{octet:02x}")?;
            }
            written = end;
        }
    }
    f.write_str(between(written, value.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::der;
    use crate::pki::name::tests::attribute;
    use crate::pki::name::tests::name;

    fn shown(value: &str) -> String {
        name(&[vec![attribute(
            "2.5.4.3",
            der::UTF8_STRING,
            value.as_bytes(),
        )]])
        .to_string()
    }

    #[test]
    fn the_most_specific_part_comes_first() {
        let subject = name(&[
            vec![attribute("2.5.4.6", der::PRINTABLE_STRING, b"CN")],
            vec![attribute("2.5.4.10", der::UTF8_STRING, "东莞市".as_bytes())],
            vec![
                attribute("2.5.4.3", der::UTF8_STRING, b"CA"),
                attribute("2.5.4.97", der::UTF8_STRING, b"NTRCN-91441900MAXX00015U"),
            ],
        ]);
        assert_eq!(
            subject.to_string(),
            "CN=CA+organizationIdentifier=NTRCN-91441900MAXX00015U,O=东莞市,C=CN"
        );
        assert_eq!(name(&[]).to_string(), "");
    }

    #[test]
    fn short_names_are_those_of_their_numbers() {
        for (number, expected) in [
            ("0.9.2342.19200300.100.1.1", "UID"),
            ("0.9.2342.19200300.100.1.25", "DC"),
            ("1.2.840.113549.1.9.1", "emailAddress"),
            ("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL"),
            ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST"),
            ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC"),
            ("2.5.4.3", "CN"),
            ("2.5.4.4", "SN"),
            ("2.5.4.5", "serialNumber"),
            ("2.5.4.6", "C"),
            ("2.5.4.7", "L"),
            ("2.5.4.8", "ST"),
            ("2.5.4.9", "STREET"),
            ("2.5.4.10", "O"),
            ("2.5.4.11", "OU"),
            ("2.5.4.12", "title"),
            ("2.5.4.13", "description"),
            ("2.5.4.15", "businessCategory"),
            ("2.5.4.17", "postalCode"),
            ("2.5.4.42", "givenName"),
            ("2.5.4.46", "dnQualifier"),
            ("2.5.4.65", "pseudonym"),
            ("2.5.4.97", "organizationIdentifier"),
        ] {
            let oid = Oid::parse(number).unwrap();
            assert_eq!(short_name(oid.as_der_content()), Some(expected));
        }
        for number in ["2.5.4.14", "0.9.2342.19200300.100.1.2", "1.2.3"] {
            let oid = Oid::parse(number).unwrap();
            assert_eq!(short_name(oid.as_der_content()), None);
        }
    }

    #[test]
    fn special_characters_are_escaped() {
        // The examples of RFC 4514 §4.
        assert_eq!(
            shown("James \"Jim\" Smith, III"),
            r#"CN=James \"Jim\" Smith\, III"#
        );
        assert_eq!(shown("Before\rAfter"), r"CN=Before\0dAfter");
        assert_eq!(shown(" a "), r"CN=\ a\ ");
        assert_eq!(shown(" "), r"CN=\ ");
        assert_eq!(shown("#a#"), r"CN=\#a#");
        assert_eq!(shown("a+b;c<d>e\\f"), r"CN=a\+b\;c\<d\>e\\f");
        assert_eq!(shown("a\0b"), r"CN=a\00b");
        assert_eq!(shown("东 莞,"), r"CN=东 莞\,");
        assert_eq!(shown(""), "CN=");
    }

    #[test]
    fn text_cannot_be_turned_around_or_hidden() {
        assert_eq!(shown("a\u{202e}b"), r"CN=a\e2\80\aeb");
        assert_eq!(shown("\u{feff}a\u{200b}"), r"CN=\ef\bb\bfa\e2\80\8b");
        assert_eq!(shown("a\u{2028}b"), r"CN=a\e2\80\a8b");
    }

    #[test]
    fn unknown_types_and_other_values_show_their_encoding() {
        let subject = name(&[vec![
            attribute("1.2.3", der::UTF8_STRING, b"a"),
            attribute("2.5.4.3", der::OCTET_STRING, b"a"),
        ]]);
        assert_eq!(subject.to_string(), "1.2.3=#0c0161+CN=#040161");
    }
}
