//! Extensions that cannot be read.

use super::*;
use crate::pki::der::DerErrorKind;
use crate::pki::domain_name::DomainNameError;
use crate::pki::general_name::NameForm;
use crate::pki::mailbox::MailboxError;

#[test]
fn malformed_constraints_are_refused() {
    use MalformedNameConstraints as E;
    let a = || dns("a.example");
    let refused = |value: &[u8]| parse(value).unwrap_err();
    assert_eq!(refused(&sequence(&[])), E::Empty);
    assert_eq!(
        refused(&sequence(&[nested(0, &[]), nested(1, &[])])),
        E::Empty
    );
    assert_eq!(
        refused(&sequence(&[subtrees(0, &[a()]), nested(1, &[])])),
        E::Empty
    );
    let with = |fields: &[Vec<u8>]| {
        let subtree = sequence(&[&[a()], fields].concat());
        parse(&sequence(&[nested(0, &[subtree])]))
    };
    assert!(with(&[text(0, &[0])]).is_ok());
    assert_eq!(with(&[text(0, &[1])]).unwrap_err(), E::Distance);
    assert_eq!(with(&[text(1, &[0])]).unwrap_err(), E::Distance);
    assert_eq!(
        with(&[text(0, &[0]), text(1, &[0])]).unwrap_err(),
        E::Distance
    );
    let kind = |error| match error {
        E::Der(error) => error.kind,
        error => panic!("{error}"),
    };
    assert_eq!(
        kind(with(&[vec![0x05, 0x00]]).unwrap_err()),
        DerErrorKind::TrailingBytes
    );
    let good = value(&[a()], &[a()]);
    assert_eq!(
        kind(refused(&good[..good.len() - 1])),
        DerErrorKind::Truncated
    );
    assert_eq!(
        kind(refused(&[&good[..], &[0]].concat())),
        DerErrorKind::TrailingBytes
    );
    let swapped = sequence(&[subtrees(1, &[a()]), subtrees(0, &[a()])]);
    assert_eq!(kind(refused(&swapped)), DerErrorKind::TrailingBytes);
    assert_eq!(
        kind(refused(&sequence(&[nested(0, &[a()])]))),
        DerErrorKind::UnexpectedTag {
            expected: der::SEQUENCE,
            found: 0x82
        }
    );
    let no_name = sequence(&[nested(0, &[sequence(&[vec![0x05, 0x00]])])]);
    assert!(matches!(refused(&no_name), E::Name(_)));
}

#[test]
fn the_number_of_subtrees_is_bounded() {
    use crate::pki::general_name::MAX_NAMES;
    // As few bytes as can be: a certificate has 64 KiB.
    let read = |count: usize| parse(&value(&vec![text(2, b"a"); count], &[]));
    assert!(read(MAX_NAMES).is_ok());
    let maximum = MAX_NAMES;
    assert_eq!(
        read(MAX_NAMES + 1).unwrap_err(),
        MalformedNameConstraints::TooMany { maximum }
    );
}

#[test]
fn malformed_bases_are_refused() {
    use MalformedNameConstraints as E;
    let domain = |form, cause| E::Domain { form, cause };
    let long_mask = |octet: u8| [[octet; 16], [0xff; 16]].concat();
    for (base, error) in [
        (
            dns("*.example.com"),
            domain(NameForm::Dns, DomainNameError::Character('*')),
        ),
        (dns("."), domain(NameForm::Dns, DomainNameError::Empty)),
        (
            dns("..a"),
            domain(NameForm::Dns, DomainNameError::EmptyLabel),
        ),
        (
            uri("http://a.example"),
            domain(NameForm::Uri, DomainNameError::Character(':')),
        ),
        (
            uri("192.0.2.1"),
            domain(NameForm::Uri, DomainNameError::NumericLastLabel),
        ),
        (
            email("*.example.com"),
            domain(NameForm::Email, DomainNameError::Character('*')),
        ),
        (email("@example.com"), E::Mailbox(MailboxError::LocalPart)),
        (
            email("invalid@invalid@example.com"),
            E::Mailbox(MailboxError::Host(DomainNameError::Character('@'))),
        ),
        (
            text(2, &[0xff]),
            E::Text {
                form: NameForm::Dns,
            },
        ),
        (ip(&[127, 0, 0, 1]), E::AddressLength { octets: 4 }),
        (ip(&[0; 16]), E::AddressLength { octets: 16 }),
        (ip(&[0; 7]), E::AddressLength { octets: 7 }),
        (ip(&[0; 33]), E::AddressLength { octets: 33 }),
        (ip(&[10, 0, 0, 0, 255, 0, 255, 0]), E::Mask),
        (ip(&[10, 0, 0, 0, 0, 0, 0, 1]), E::Mask),
        (ip(&[&long_mask(0)[..16], &[0x7f; 16]].concat()), E::Mask),
    ] {
        let bases = std::slice::from_ref(&base);
        assert_eq!(parse(&value(bases, &[])).unwrap_err(), error, "{base:02x?}");
        assert_eq!(parse(&value(&[], bases)).unwrap_err(), error, "{base:02x?}");
    }
}
