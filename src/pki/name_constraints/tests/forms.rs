//! Which names of a form lie in which subtrees of it.

use super::*;

/// What becomes of `name` where `base` is permitted, and where it is excluded.
fn outcome(base: &Name, name: &Name) -> (Outcome, Outcome) {
    let names = std::slice::from_ref(name);
    let bases = std::slice::from_ref(base);
    let told = |state: &NameConstraintsState| match check(state, names) {
        Ok(()) => Outcome::Passes,
        Err(NameConstraintError::NotPermitted { .. } | NameConstraintError::Excluded { .. }) => {
            Outcome::Refused
        }
        Err(NameConstraintError::MalformedName { .. }) => Outcome::Malformed,
        Err(error) => panic!("{error}"),
    };
    (told(&state(&[(bases, &[])])), told(&state(&[(&[], bases)])))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Malformed,
    Passes,
    Refused,
}

const INSIDE: (Outcome, Outcome) = (Outcome::Passes, Outcome::Refused);
const OUTSIDE: (Outcome, Outcome) = (Outcome::Refused, Outcome::Passes);
/// Partly inside: neither permitted nor free of what is excluded.
const ACROSS: (Outcome, Outcome) = (Outcome::Refused, Outcome::Refused);
const UNREADABLE: (Outcome, Outcome) = (Outcome::Malformed, Outcome::Malformed);

#[test]
fn domain_names_lie_at_or_below_their_base() {
    for (base, name, expected) in [
        ("host.example.com", "host.example.com", INSIDE),
        ("HOST.example.com", "host.EXAMPLE.com", INSIDE),
        ("host.example.com", "www.host.example.com", INSIDE),
        ("host.example.com", "a.b.host.example.com", INSIDE),
        ("host.example.com", "a_b.host.example.com", INSIDE),
        ("host.example.com", "host1.example.com", OUTSIDE),
        ("host.example.com", "badhost.example.com", OUTSIDE),
        ("host.example.com", "example.com", OUTSIDE),
        ("", "example.com", INSIDE),
        ("", "*.example.com", INSIDE),
        (".example.com", "a.example.com", INSIDE),
        (".example.com", "a.b.example.com", INSIDE),
        (".example.com", "example.com", OUTSIDE),
        (".example.com", "badexample.com", OUTSIDE),
    ] {
        assert_eq!(outcome(&dns(base), &dns(name)), expected, "{base} {name}");
    }
}

#[test]
fn a_wildcard_is_all_that_it_stands_for() {
    for (base, expected) in [
        ("example.com", INSIDE),
        ("com", INSIDE),
        (".example.com", INSIDE),
        ("bar.example.com", ACROSS),
        ("foo.bar.example.com", OUTSIDE),
        (".bar.example.com", OUTSIDE),
        ("example.org", OUTSIDE),
        ("badexample.com", OUTSIDE),
    ] {
        assert_eq!(
            outcome(&dns(base), &dns("*.example.com")),
            expected,
            "{base}"
        );
    }
}

#[test]
fn malformed_domain_names_are_refused_where_domain_names_are_constrained() {
    for name in [
        ".example.com",
        "example.com.",
        "a..example.com",
        "*",
        "a*.example.com",
        "a.*.example.com",
        "*.*.example.com",
        "a b.example.com",
        "192.0.2.1",
        "",
        "http://example.com",
        "exämple.com",
    ] {
        assert_eq!(
            outcome(&dns("example.com"), &dns(name)),
            UNREADABLE,
            "{name}"
        );
        assert_eq!(outcome(&dns(""), &dns(name)), UNREADABLE, "{name}");
        let unconstrained = (Outcome::Passes, Outcome::Passes);
        assert_eq!(outcome(&email("a.example"), &dns(name)), unconstrained);
    }
}

#[test]
fn mailboxes_lie_on_a_host_or_below_a_domain() {
    for (base, name, expected) in [
        ("root@example.com", "root@example.com", INSIDE),
        ("root@example.com", "root@EXAMPLE.com", INSIDE),
        ("root@example.com", "\"root\"@example.com", INSIDE),
        ("root@example.com", "Root@example.com", OUTSIDE),
        ("root@example.com", "a@example.com", OUTSIDE),
        ("root@example.com", "root@a.example.com", OUTSIDE),
        ("*@example.com", "*@example.com", INSIDE),
        ("*@example.com", "user@example.com", OUTSIDE),
        ("example.com", "a@example.com", INSIDE),
        ("example.com", "\"a@b.c\"@Example.com", INSIDE),
        ("example.com", "a@mail.example.com", OUTSIDE),
        (".example.com", "a@mail.example.com", INSIDE),
        (".example.com", "a@b.mail.example.com", INSIDE),
        (".example.com", "a@example.com", OUTSIDE),
        ("", "a@example.com", INSIDE),
        ("", "a@[192.0.2.1]", INSIDE),
        ("a@[192.0.2.1]", "a@[192.0.2.1]", INSIDE),
        ("example.com", "a@[192.0.2.1]", ACROSS),
        (".example.com", "a@[192.0.2.1]", ACROSS),
        ("example.com", "invalid@address@example.com", UNREADABLE),
        ("example.com", "example.com", UNREADABLE),
        ("example.com", "@example.com", UNREADABLE),
        ("example.com", "", UNREADABLE),
        ("example.com", "a@example.com ", UNREADABLE),
        ("example.com", "é@example.com", UNREADABLE),
    ] {
        assert_eq!(
            outcome(&email(base), &email(name)),
            expected,
            "{base} {name}"
        );
    }
}

#[test]
fn internationalised_mailboxes_are_mailboxes() {
    let mailbox = |value: &str| {
        let text = der::encode(der::UTF8_STRING, value.as_bytes());
        other("1.3.6.1.5.5.7.8.9", &text)
    };
    let base = email("example.com");
    assert_eq!(outcome(&base, &mailbox("老师@example.com")), INSIDE);
    assert_eq!(outcome(&base, &mailbox("老师@example.org")), OUTSIDE);
    assert_eq!(outcome(&base, &mailbox("老师@例子.cn")), UNREADABLE);
    let wrong_type = other("1.3.6.1.5.5.7.8.9", &der::encode(der::IA5_STRING, b"a@b"));
    assert_eq!(outcome(&base, &wrong_type), UNREADABLE);
}

#[test]
fn of_a_uri_the_host_counts() {
    for (base, name, expected) in [
        ("host.example.com", "http://host.example.com", INSIDE),
        (
            "host.example.com",
            "HTTPS://u:p@HOST.example.com:8080/a?b#c",
            INSIDE,
        ),
        (
            "host.example.com",
            "http://host.example.com?a@b.example",
            INSIDE,
        ),
        ("host.example.com", "http://a.host.example.com/", OUTSIDE),
        (".example.com", "http://host.example.com/", INSIDE),
        (".example.com", "http://my.host.example.com/", INSIDE),
        (".example.com", "http://example.com/", OUTSIDE),
        ("", "http://example.com/", INSIDE),
        ("example.com", "http://192.0.2.1/", UNREADABLE),
        ("example.com", "http://[2001:db8::1]/", UNREADABLE),
        ("example.com", "urn:uuid:1", UNREADABLE),
        ("example.com", "mailto:a@example.com", UNREADABLE),
        ("example.com", "//example.com/", UNREADABLE),
        ("example.com", "1http://example.com/", UNREADABLE),
        ("example.com", "http:///", UNREADABLE),
        ("example.com", "http://example%2ecom/", UNREADABLE),
        (
            "example.com",
            "http://bad.example\\@example.com/",
            UNREADABLE,
        ),
        ("example.com", "http://example.com:80a/", UNREADABLE),
        ("example.com", "http://例.cn/", UNREADABLE),
    ] {
        assert_eq!(outcome(&uri(base), &uri(name)), expected, "{base} {name}");
    }
}

#[test]
fn addresses_lie_in_a_network() {
    let v4 = ip(&[192, 0, 2, 77, 255, 255, 255, 0]);
    let loopback = [&[0; 15][..], &[1]].concat();
    let v6 = ip(&[&loopback[..], &[0xff; 16]].concat());
    for (base, name, expected) in [
        (&v4, ip(&[192, 0, 2, 1]), INSIDE),
        (&v4, ip(&[192, 0, 3, 1]), OUTSIDE),
        (&v4, ip(&loopback), OUTSIDE),
        (&v6, ip(&loopback), INSIDE),
        (&v6, ip(&[0; 16]), OUTSIDE),
        (&v6, ip(&[0, 0, 0, 1]), OUTSIDE),
        (&ip(&[0; 8]), ip(&[192, 0, 2, 1]), INSIDE),
        (&ip(&[0; 32]), ip(&[192, 0, 2, 1]), OUTSIDE),
        (&v4, ip(&[192, 0, 2, 1, 0]), UNREADABLE),
        (&v4, ip(&[192, 0, 2, 0, 255, 255, 255, 0]), UNREADABLE),
        (&v4, ip(&[]), UNREADABLE),
    ] {
        assert_eq!(outcome(base, &name), expected, "{base:?} {name:?}");
    }
}

#[test]
fn directory_names_begin_with_their_base() {
    for (base, name, expected) in [
        (&["A", "B"][..], &["A", "B"][..], INSIDE),
        (&["A", "B"], &["a ", "B", "C"], INSIDE),
        (&["A", "B"], &["A"], OUTSIDE),
        (&["A", "B"], &["B", "A"], OUTSIDE),
        (&["A", "B"], &["A", "BC"], OUTSIDE),
        (&[], &["A"], INSIDE),
    ] {
        let bearer = certificate(distinguished_name(name), &[]);
        let base = directory(base);
        let bases = std::slice::from_ref(&base);
        let of_subject = |state: &NameConstraintsState| {
            let checked = state.check(&bearer, &mut Comparisons::default());
            checked.map_or(Outcome::Refused, |()| Outcome::Passes)
        };
        let subject = (
            of_subject(&state(&[(bases, &[])])),
            of_subject(&state(&[(&[], bases)])),
        );
        assert_eq!(subject, expected, "{base:?} {name:?}");
    }
}
